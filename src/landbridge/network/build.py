"""Make a network extract of a region from the packages of the registry: rail, road, sea lanes, countries."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import LandbridgeError
from landbridge.network import _heal, _packages, _timezones
from landbridge.network._land import BARRED_KM, MIN_SHARE, Land, land
from landbridge.network._packages import Graph, land_graph, sea_graph
from landbridge.network._region import EURASIA, WORLD, Region, region_of
from landbridge.network._timezones import TimeZones, time_zones
from landbridge.network.extract import digest_of
from landbridge.network.model import Mode

__all__ = ["EURASIA", "WORLD", "Built", "Region", "Sources", "build", "region_of", "sources"]

Say = Callable[[str], None]
DATA = Path(str(resources.files("landbridge") / "data"))
LICENSE = "LICENSE-ODbL.txt"


@dataclass(frozen=True)
class Sources:
    """What a network is made from: the two package files, the named patches, and the time zones."""

    wheel: Path
    sdist: Path
    patches: Path
    zones: TimeZones


@dataclass(frozen=True)
class Built:
    """A network extract that was written: its file and its manifest (packages, digests, rules, counts)."""

    path: Path
    manifest: dict[str, Any]


def sources(packages: Path | None = None, say: Say = lambda text: None) -> Sources:
    """The sources of a build: package files out of a folder, or fetched once into the user's cache.

    Raises MissingExtra without timezonefinder, LandbridgeError where a package file is missing, wrong or out of reach.
    """
    zones = time_zones()
    wheel, sdist = _packages.packages(packages, say)
    return Sources(wheel, sdist, DATA / "patches.csv", zones)


def build(region: Region, out: Path, given: Sources, say: Say = lambda text: None) -> Built:
    """Write NAME.npz, NAME.manifest.json and the licence into a folder; NAME is that of the region.

    The same sources give the same arrays. Sea lanes are those of the whole world in every region. Raises
    LandbridgeError where the region has neither rail nor road, or the folder cannot be written to.
    """
    modes = []
    for mode, module in (("rail", "world_railways"), ("road", "world_highways")):
        say(f"reading {mode} of the world")
        modes.append(land(land_graph(given.wheel, module), mode, region, given.patches, given.zones, say))
    rail, road = modes
    if not len(rail.graph.lat) + len(road.graph.lat):
        raise LandbridgeError(f"the region {region.name} has neither rail nor road: take a box with land in it")
    say("reading the sea lanes of the world")
    arrays = merged(rail, road, sea_graph(given.sdist))
    manifest = _manifest(region, arrays, rail, road, given)
    path = out / f"{region.name}.npz"
    say(f"writing {path}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
        text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
        path.with_name(f"{region.name}.manifest.json").write_text(text, encoding="utf-8")
        if out.resolve() != DATA.resolve():
            shutil.copyfile(DATA / LICENSE, out / LICENSE)
    except OSError as error:
        raise LandbridgeError(f"{out} cannot be written to: {error}") from error
    return Built(path, manifest)


def merged(rail: Land, road: Land, sea: Graph) -> dict[str, NDArray[Any]]:
    """The arrays of the extract: nodes in the order rail, road, sea, and their links."""
    graphs = (rail.graph, road.graph, sea)
    countries = np.unique(np.concatenate([rail.country, road.country, [""]]))
    passages = np.unique(np.concatenate([sea.passage, [""]]))
    sizes = [len(g.lat) for g in graphs]
    links = [len(g.u) for g in graphs]
    offsets = np.cumsum([0, *sizes[:-1]])
    modes = np.array([Mode.RAIL, Mode.ROAD, Mode.SEA], np.uint8)
    country = np.concatenate([rail.country, road.country, np.full(sizes[2], "")])
    passage = np.concatenate([np.full(links[0] + links[1], ""), sea.passage])
    return {
        "lat_1e5": np.round(np.concatenate([g.lat for g in graphs]) * 1e5).astype(np.int32),
        "lon_1e5": np.round(np.concatenate([g.lon for g in graphs]) * 1e5).astype(np.int32),
        "node_mode": np.repeat(modes, sizes),
        "country": np.searchsorted(countries, country).astype(np.int16),
        "countries": countries,
        "u": np.concatenate([g.u + o for g, o in zip(graphs, offsets, strict=True)]).astype(np.int32),
        "v": np.concatenate([g.v + o for g, o in zip(graphs, offsets, strict=True)]).astype(np.int32),
        "length_m": np.round(np.concatenate([g.km for g in graphs]) * 1000).astype(np.int32),
        "mode": np.repeat(modes, links),
        "origin": np.concatenate([rail.origin, road.origin, np.zeros(links[2], np.uint8)]),
        "passage": np.searchsorted(passages, passage).astype(np.uint8),
        "passages": passages,
    }


def _manifest(
    region: Region, arrays: dict[str, NDArray[Any]], rail: Land, road: Land, given: Sources
) -> dict[str, Any]:
    nodes = np.bincount(arrays["node_mode"], minlength=3).tolist()
    links = np.bincount(arrays["mode"], minlength=3).tolist()
    names = np.unique(arrays["countries"][arrays["country"]])
    inputs = (given.wheel, given.sdist, given.patches)
    joined = [{"by_rule": sum(mode.by_country.values()), "by_country": dict(mode.by_country),
               "by_patch": list(mode.by_patch)} for mode in (rail, road)]
    return {
        "made_by": "landbridge network build",
        "license": f"ODbL 1.0 (rail, road, country of nodes: OpenStreetMap contributors); see {LICENSE}",
        "packages": {name: _version(name) for name in _timezones.PACKAGES}
        | {pin.package: pin.version for pin in (_packages.LAND, _packages.SEA)},
        "inputs_sha256": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs},
        "region": asdict(region) | {"areas": list(region.areas)},
        "rules": {"heal_gap_km": _heal.END_GAP_KM, "heal_gap_to_a_passing_line_km": _heal.THROUGH_GAP_KM,
                  "heal_detour_factor": _heal.DETOUR, "heal_barred_km_from_line": BARRED_KM,
                  "patch_tolerance_km": _heal.PATCH_TOLERANCE_KM, "component_min_share_of_a_country": MIN_SHARE},
        "counts": {f"{mode}_{what}": count for what, counts in (("nodes", nodes), ("links", links))
                   for mode, count in zip(("rail", "road", "sea"), counts, strict=True)},
        "rail_joined": joined[0], "road_joined": joined[1], "countries": [str(c) for c in names if c],
        "arrays_sha256": digest_of(arrays),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
