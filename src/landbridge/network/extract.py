"""Network extracts, shipped or made by the user: rail, road and the sea lanes of the world, as read-only arrays."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landbridge.errors import Fault, StudyFault

DATA = Path(str(resources.files("landbridge") / "data"))
ARRAYS = ("lat_1e5", "lon_1e5", "node_mode", "country", "countries", "u", "v", "length_m", "mode", "origin", "passage",
          "passages")  # of an extract file


@dataclass(frozen=True, eq=False)
class Extract:
    """Nodes in the order rail, road, sea, and undirected links between nodes of one mode.

    `country` holds indices into `countries` (ISO-3; "" is the high sea). `origin` is 0 for links of the source,
    1 for gaps joined by the rule, 2 for named patches. `passage` is an index into `passages` ("" for open water).
    """

    lat_deg: NDArray[np.float64]
    lon_deg: NDArray[np.float64]
    node_mode: NDArray[np.uint8]
    country: NDArray[np.int16]
    countries: tuple[str, ...]
    u: NDArray[np.int32]
    v: NDArray[np.int32]
    length_km: NDArray[np.float64]
    mode: NDArray[np.uint8]
    origin: NDArray[np.uint8]
    passage: NDArray[np.uint8]
    passages: tuple[str, ...]
    digest: str
    land: tuple[shapely.Polygon, ...] = ()  # outline, to see where water is open; never to decide on borders

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.lat_deg)

    @property
    def m(self) -> int:
        """Number of links."""
        return len(self.u)


def make(
    lat_deg: NDArray[np.float64],
    lon_deg: NDArray[np.float64],
    node_mode: NDArray[np.uint8],
    country: NDArray[np.int16],
    countries: tuple[str, ...],
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    length_km: NDArray[np.float64],
    passage: NDArray[np.uint8] | None = None,
    passages: tuple[str, ...] = ("",),
    origin: NDArray[np.uint8] | None = None,
    digest: str = "",
    land: tuple[shapely.Polygon, ...] = (),
) -> Extract:
    """An extract from plain arrays (copied and made read-only); without `digest` it is computed from the arrays.

    >>> import numpy as np
    >>> line = make(np.array([50.0, 51.0]), np.array([10.0, 10.0]), np.zeros(2, np.uint8), np.zeros(2, np.int16),
    ...             ("DEU",), np.array([0], np.int32), np.array([1], np.int32), np.array([112.0]))
    >>> line.n, line.m, len(line.digest)
    (2, 1, 64)
    """
    arrays: dict[str, NDArray[Any]] = {
        "lat_deg": np.array(lat_deg, np.float64), "lon_deg": np.array(lon_deg, np.float64),
        "node_mode": np.array(node_mode, np.uint8), "country": np.array(country, np.int16),
        "u": np.array(u, np.int32), "v": np.array(v, np.int32), "length_km": np.array(length_km, np.float64),
        "mode": np.array(node_mode, np.uint8)[np.asarray(u)],
        "origin": np.zeros(len(u), np.uint8) if origin is None else np.array(origin, np.uint8),
        "passage": np.zeros(len(u), np.uint8) if passage is None else np.array(passage, np.uint8),
    }
    if not digest:
        total = hashlib.sha256("\n".join((*countries, "", *passages)).encode())
        for name in sorted(arrays):
            total.update(arrays[name].tobytes())
        digest = total.hexdigest()
    for array in arrays.values():
        array.flags.writeable = False
    return Extract(countries=countries, passages=passages, digest=digest, land=land, **arrays)


def load(name: str = "eurasia", folder: Path | None = None) -> Extract:
    """The extract of that name from the package data, or of a file that `landbridge network build` made.

    A name that ends in .npz is a path, relative to `folder` (the study's) or absolute. Read once in a process as long
    as the file is the same. StudyFault if there is none or it is no extract.

    >>> e = load()
    >>> e.n > 500_000, "PRK" in e.countries, "suez" in e.passages
    (True, True, True)
    """
    if not name.endswith(".npz"):
        path = DATA / f"{name}.npz"
        if not path.exists():
            known = ", ".join(sorted(p.stem for p in DATA.glob("*.npz") if not p.stem.endswith(".order")))
            raise _fault(f"no extract '{name}'", known, "name one of these, or the path of an .npz file that "
                         "'landbridge network build' made")
        return _read(path, str(manifest(name)["arrays_sha256"]), 0)
    path = ((folder or Path()) / name).resolve()
    if not path.is_file():
        raise _fault(f"no file '{path}'", "an .npz file, relative to the study's folder or absolute",
                     "correct the path, or make the file with 'landbridge network build'")
    return _read(path, "", path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _read(path: Path, digest: str, stamp: int) -> Extract:
    """One extract file; without `digest` it is computed. `stamp` makes a changed file another one."""
    try:
        with np.load(path, allow_pickle=False) as file:
            data = {key: file[key] for key in ARRAYS}
        lat_deg, lon_deg, length_km = data["lat_1e5"] / 1e5, data["lon_1e5"] / 1e5, data["length_m"] / 1000.0
        return make(lat_deg, lon_deg, data["node_mode"], data["country"], tuple(data["countries"].tolist()), data["u"],
                    data["v"], length_km, data["passage"], tuple(data["passages"].tolist()), data["origin"],
                    digest or digest_of(data), outline())
    except (OSError, KeyError, ValueError, EOFError, TypeError, IndexError, zipfile.BadZipFile) as error:
        raise _fault(f"{path} is no network extract ({error})", "an .npz file made by 'landbridge network build'",
                     "make it again") from error


def digest_of(arrays: Mapping[str, NDArray[Any]]) -> str:
    """SHA-256 over names and bytes of all arrays of an extract file, in the order of names."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        data = "\n".join(array.tolist()).encode() if array.dtype.kind == "U" else array.tobytes()
        total.update(name.encode() + data)
    return total.hexdigest()


def _fault(found: str, allowed: str, cure: str) -> StudyFault:
    return StudyFault([Fault("study.toml", "key network.extract", found, allowed, cure)])


@cache
def outline() -> tuple[shapely.Polygon, ...]:
    """Land of Natural Earth 1:10m in the box 12 W to 180 E, 0 to 78 N, one polygon for each piece; for drawing."""
    text = (resources.files("landbridge") / "data" / "outline.json").read_text(encoding="utf-8")
    return tuple(shapely.Polygon(part[0], part[1:]) for feature in json.loads(text)["features"]
                 for part in feature["geometry"]["coordinates"])


def manifest(name: str = "eurasia") -> dict[str, Any]:
    """What the extract was made from: packages, digests of the inputs, rules, counts."""
    text = (resources.files("landbridge") / "data" / f"{name}.manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


