"""Build the shipped network extract: rail and road of Eurasia, the sea lanes of the world, a country for every node.

    python -m venv build && build/bin/pip install -r tools/requirements.txt
    build/bin/python tools/build_extract.py --packages build/packages

Writes src/landbridge/data/eurasia.npz and eurasia.manifest.json. The same packages give the same bytes of arrays.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from extract_heal import DETOUR, END_GAP_KM, PATCH_TOLERANCE_KM, THROUGH_GAP_KM, heal, patches
from extract_sources import (
    Graph,
    country_polygons,
    download,
    land_graph,
    sea_graph,
    time_zones,
    unit_km,
    zone_countries,
)
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "src" / "landbridge" / "data"
BOX = {"lat_min": 18.0, "lat_max": 78.0, "lon_min": -11.0, "lon_max": 180.0, "lon_max_beyond_180": -168.0}
AREAS = ("Asia/", "Europe/")  # time zones of Eurasia; Africa and the Atlantic islands stay out
MIN_SHARE = 0.5  # a component stays if it holds this share of the nodes of one country and mode
BARRED_KM = 5.0  # nothing is healed within this distance of the line between North and South Korea
RAIL, ROAD, SEA = 0, 1, 2


@dataclass(frozen=True)
class Land:
    """One land mode, clipped and healed: its graph, the country of each node, and what was joined."""

    graph: Graph
    country: NDArray[np.str_]
    origin: NDArray[np.uint8]  # 0 source, 1 joined by the rule, 2 named patch
    joined: dict[str, Any]


def main() -> None:
    """Build and write the extract."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", type=Path, required=True, help="folder for the downloaded packages")
    parser.add_argument("--out", type=Path, default=DATA)
    parser.add_argument("--patches", type=Path, default=HERE / "patches.csv")
    options = parser.parse_args()
    wheel, sdist = download(options.packages)
    rail = land(land_graph(wheel, "world_railways"), "rail", options.patches)
    road = land(land_graph(wheel, "world_highways"), "road", options.patches)
    arrays = merged(rail, road, sea_graph(sdist))
    write(options.out, arrays, rail, road, [wheel, sdist, options.patches])


def land(graph: Graph, mode: str, patch_file: Path) -> Land:
    """One land mode: clip to the box, name the countries, heal, patch, keep the components that matter."""
    inside = ((graph.lat >= BOX["lat_min"]) & (graph.lat <= BOX["lat_max"])
              & ((graph.lon >= BOX["lon_min"]) | (graph.lon <= BOX["lon_max_beyond_180"])))
    graph = subgraph(graph, inside)
    graph, country = in_eurasia(graph)
    named, country = patches(patch_file, mode, graph, country)
    rule = heal(graph, mode, country, near_line(graph, country))
    origin = np.repeat(np.array([0, 1, 2], np.uint8), [len(graph.u), len(rule.u), len(named.u)])
    graph = Graph(graph.lat, graph.lon, np.concatenate([graph.u, rule.u, named.u]),
                  np.concatenate([graph.v, rule.v, named.v]), np.concatenate([graph.km, rule.km, named.km]),
                  np.full(len(origin), ""))
    by_country = dict(zip(*np.unique(country[rule.u], return_counts=True), strict=True))
    joined = {"by_rule": len(rule.u), "by_country": {str(k): int(v) for k, v in by_country.items()},
              "by_patch": list(named.patch)}
    keep = main_components(graph, country)
    return Land(subgraph(graph, keep), country[keep], origin[keep[graph.u] & keep[graph.v]], joined)


def subgraph(graph: Graph, keep: NDArray[np.bool_]) -> Graph:
    """The graph on the kept nodes, in their order."""
    number = np.cumsum(keep) - 1
    links = keep[graph.u] & keep[graph.v]
    return Graph(graph.lat[keep], graph.lon[keep], number[graph.u[links]], number[graph.v[links]], graph.km[links],
                 graph.passage[links])


def in_eurasia(graph: Graph) -> tuple[Graph, NDArray[np.str_]]:
    """The part in time zones of Asia and Europe, and the ISO-3 country of each node.

    A node on the high sea (long bridges, ferries) takes the country of the nearest node on land.
    """
    zones = np.array(time_zones(graph.lat, graph.lon))
    known = zone_countries()
    at_sea = np.char.startswith(zones, "Etc/") | (zones == "")
    strange = sorted(set(zones[~at_sea]) - set(known))
    if strange:
        raise SystemExit(f"time zones with no country in zone.tab: {', '.join(strange)}")
    _, nearest = cKDTree(unit_km(graph.lat[~at_sea], graph.lon[~at_sea])).query(unit_km(graph.lat, graph.lon))
    zones = zones[~at_sea][nearest]
    keep = np.array([str(z).startswith(AREAS) for z in zones])
    return subgraph(graph, keep), np.array([known[str(z)] for z in zones[keep]])


def near_line(graph: Graph, country: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Nodes of the two Koreas within 5 km of the other one."""
    barred = np.zeros(len(graph.lat), np.bool_)
    squeeze = np.cos(np.radians(38.0))  # degrees of longitude as degrees of latitude
    for own, zone in (("KOR", "Asia/Pyongyang"), ("PRK", "Asia/Seoul")):
        rings = [shapely.Polygon(ring * [squeeze, 1.0]) for ring in country_polygons(zone)]
        other = shapely.union_all([shapely.make_valid(ring) for ring in rings])
        mine = np.flatnonzero((country == own) & (graph.lat > 37.0) & (graph.lat < 39.5))
        distance_deg = shapely.distance(shapely.points(graph.lon[mine] * squeeze, graph.lat[mine]), other)
        barred[mine] = distance_deg * 111.2 < BARRED_KM
    return barred


def main_components(graph: Graph, country: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Nodes of the components that hold at least half of some country's nodes."""
    n = len(graph.lat)
    _, label = connected_components(coo_array((graph.km + 1.0, (graph.u, graph.v)), shape=(n, n)), directed=False)
    keep = np.zeros(label.max() + 1, np.bool_)
    for name in np.unique(country):
        count = np.bincount(label[country == name])
        keep[int(count.argmax())] |= count.max() >= MIN_SHARE * count.sum()
    return np.asarray(keep[label])


def merged(rail: Land, road: Land, sea: Graph) -> dict[str, NDArray[Any]]:
    """The arrays of the extract: nodes in the order rail, road, sea, and their links."""
    graphs = (rail.graph, road.graph, sea)
    countries = np.unique(np.concatenate([rail.country, road.country, [""]]))
    passages = np.unique(sea.passage)
    sizes = [len(g.lat) for g in graphs]
    offsets = np.cumsum([0, *sizes[:-1]])
    country = np.concatenate([rail.country, road.country, np.full(sizes[2], "")])
    return {
        "lat_1e5": np.round(np.concatenate([g.lat for g in graphs]) * 1e5).astype(np.int32),
        "lon_1e5": np.round(np.concatenate([g.lon for g in graphs]) * 1e5).astype(np.int32),
        "node_mode": np.repeat(np.array([RAIL, ROAD, SEA], np.uint8), sizes),
        "country": np.searchsorted(countries, country).astype(np.int16),
        "countries": countries,
        "u": np.concatenate([g.u + o for g, o in zip(graphs, offsets, strict=True)]).astype(np.int32),
        "v": np.concatenate([g.v + o for g, o in zip(graphs, offsets, strict=True)]).astype(np.int32),
        "length_m": np.round(np.concatenate([g.km for g in graphs]) * 1000).astype(np.int32),
        "mode": np.repeat(np.array([RAIL, ROAD, SEA], np.uint8), [len(g.u) for g in graphs]),
        "origin": np.concatenate([rail.origin, road.origin, np.zeros(len(sea.u), np.uint8)]),
        "passage": np.searchsorted(passages, np.concatenate([np.full(len(rail.graph.u) + len(road.graph.u), ""),
                                                             sea.passage])).astype(np.uint8),
        "passages": passages,
    }


def write(folder: Path, arrays: dict[str, NDArray[Any]], rail: Land, road: Land, inputs: list[Path]) -> None:
    """Write the arrays and the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / "eurasia.npz", allow_pickle=False, **arrays)
    names = np.unique(arrays["countries"][arrays["country"]])
    manifest = {
        "made_by": "tools/build_extract.py",
        "license": "ODbL 1.0 (rail, road, country of nodes: OpenStreetMap contributors); see LICENSE-ODbL.txt",
        "packages": {p: version(p) for p in ("timezonefinder", "timezonefinder-data", "tzdata", "iso3166")}
        | {"scgraph-data": "2.0.0", "searoute": "1.6.0"},
        "inputs_sha256": {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in inputs},
        "rules": {"box_degrees": BOX, "time_zones": list(AREAS), "heal_gap_km": END_GAP_KM,
                  "heal_gap_to_a_passing_line_km": THROUGH_GAP_KM, "heal_detour_factor": DETOUR,
                  "heal_barred_km_from_line": BARRED_KM, "patch_tolerance_km": PATCH_TOLERANCE_KM,
                  "component_min_share_of_a_country": MIN_SHARE},
        "counts": {"rail_nodes": len(rail.graph.lat), "rail_links": len(rail.graph.u),
                   "road_nodes": len(road.graph.lat), "road_links": len(road.graph.u),
                   "sea_nodes": int((arrays["node_mode"] == SEA).sum()),
                   "sea_links": int((arrays["mode"] == SEA).sum())},
        "rail_joined": rail.joined, "road_joined": road.joined, "countries": [str(c) for c in names if c],
        "arrays_sha256": digest(arrays),
    }
    text = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    (folder / "eurasia.manifest.json").write_text(text, encoding="utf-8")
    print(json.dumps(manifest["counts"]), (folder / "eurasia.npz").stat().st_size / 1e6, "MB")


def digest(arrays: dict[str, NDArray[Any]]) -> str:
    """SHA-256 over names and bytes of all arrays, in the order of names."""
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = arrays[name]
        data = "\n".join(array.tolist()).encode() if array.dtype.kind == "U" else array.tobytes()
        total.update(name.encode() + data)
    return total.hexdigest()


if __name__ == "__main__":
    main()
