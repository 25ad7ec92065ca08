"""One land mode of a network: clipped to the region, countries named, gaps joined, small pieces left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from landbridge.network._heal import Joins, heal, patches
from landbridge.network._packages import Graph
from landbridge.network._region import Region
from landbridge.network._timezones import TimeZones, countries_at
from landbridge.network.geometry import unit_km

Say = Callable[[str], None]

MIN_SHARE = 0.5  # a component stays if it holds this share of the nodes of one country and mode
BARRED_KM = 5.0  # nothing is joined within this distance of the line between North and South Korea
CHUNK = 100_000  # places between two words of progress


@dataclass(frozen=True)
class Land:
    """One land mode, clipped and healed: its graph, the country of each node, and what was joined."""

    graph: Graph
    country: NDArray[np.str_]
    origin: NDArray[np.uint8]  # 0 source, 1 joined by the rule, 2 named patch
    by_country: Mapping[str, int]  # joined by the rule
    by_patch: tuple[str, ...]


def land(graph: Graph, mode: str, region: Region, patch_file: Path, zones: TimeZones, say: Say) -> Land:
    """One land mode of a region; without a node there it is empty.

    Countries and gaps are looked at in the region and the margin around it, so the cut makes no false dead ends.
    """
    near = graph.part(region.contains(graph.lat, graph.lon, region.margin_km))
    graph, country = with_countries(near, mode, region.areas, zones, say)
    if not len(graph.lat):
        return Land(graph, country, np.zeros(0, np.uint8), {}, ())
    say(f"joining false gaps of {mode}")
    named, country = patches(patch_file, mode, graph, country, region)
    rule = heal(graph, mode, country, near_line(graph, country, zones))
    source_links = len(graph.u)
    graph = _joined(graph, rule, named)
    inside = region.contains(graph.lat, graph.lon)
    keep = staying(graph, country, inside)
    origin = np.repeat(np.array([0, 1, 2], np.uint8), [source_links, len(rule.u), len(named.u)])
    held = inside[rule.u] & inside[rule.v]
    counts = zip(*np.unique(country[rule.u[held]], return_counts=True), strict=True)
    return Land(graph.part(keep), country[keep], origin[keep[graph.u] & keep[graph.v]],
                {str(name): int(count) for name, count in counts}, named.patch)


def with_countries(
    graph: Graph, mode: str, areas: tuple[str, ...], zones: TimeZones, say: Say
) -> tuple[Graph, NDArray[np.str_]]:
    """The part in time zones of the areas, and the ISO-3 country of each node.

    A node on the high sea (long bridges, ferries) takes the country of the nearest node on land.
    """
    n = len(graph.lat)
    found: list[str] = []
    for start in range(0, n, CHUNK):
        say(f"countries of {mode}: {start:,} of {n:,} places")
        found += zones.names(graph.lat[start : start + CHUNK], graph.lon[start : start + CHUNK])
    names = np.array(found, np.str_)
    ashore = ~(np.char.startswith(names, "Etc/") | (names == ""))
    if not ashore.any():
        return graph.part(np.zeros(n, np.bool_)), np.zeros(0, np.str_)
    tree = cKDTree(unit_km(graph.lat[ashore], graph.lon[ashore]))
    names = names[ashore][tree.query(unit_km(graph.lat, graph.lon))[1]]
    keep = np.array([not areas or name.startswith(areas) for name in names.tolist()], np.bool_)
    return graph.part(keep), countries_at(zones, names[keep])


def near_line(graph: Graph, country: NDArray[np.str_], zones: TimeZones) -> NDArray[np.bool_]:
    """Nodes of the two Koreas within 5 km of the other one."""
    barred = np.zeros(len(graph.lat), np.bool_)
    squeeze = np.cos(np.radians(38.0))  # degrees of longitude as degrees of latitude
    for own, zone in (("KOR", "Asia/Pyongyang"), ("PRK", "Asia/Seoul")):
        mine = np.flatnonzero((country == own) & (graph.lat > 37.0) & (graph.lat < 39.5))
        if not len(mine):
            continue
        polygons = [shapely.Polygon(ring * [squeeze, 1.0]) for ring in zones.rings(zone)]
        other = shapely.union_all([shapely.make_valid(polygon) for polygon in polygons])
        distance_deg = shapely.distance(shapely.points(graph.lon[mine] * squeeze, graph.lat[mine]), other)
        barred[mine] = distance_deg * 111.2 < BARRED_KM
    return barred


def staying(graph: Graph, country: NDArray[np.str_], inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Nodes inside whose component, cut at the edge, holds half of a country's nodes there or leads over the edge."""
    n = len(graph.lat)
    links = inside[graph.u] & inside[graph.v]
    pairs = (graph.u[links], graph.v[links])
    _, label = connected_components(coo_array((np.ones(len(pairs[0])), pairs), shape=(n, n)), directed=False)
    keep = np.zeros(label.max() + 1, np.bool_)
    for name in np.unique(country[inside]):
        count = np.bincount(label[inside & (country == name)])
        keep[int(count.argmax())] |= count.max() >= MIN_SHARE * count.sum()
    over = inside[graph.u] != inside[graph.v]
    keep[label[graph.u[over]]] = True
    keep[label[graph.v[over]]] = True
    return np.asarray(keep[label] & inside)


def _joined(graph: Graph, rule: Joins, named: Joins) -> Graph:
    u, v = np.concatenate([graph.u, rule.u, named.u]), np.concatenate([graph.v, rule.v, named.v])
    km = np.concatenate([graph.km, rule.km, named.km])
    return Graph(graph.lat, graph.lon, u, v, km, np.full(len(u), ""))
