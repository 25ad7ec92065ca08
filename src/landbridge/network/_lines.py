"""Special links and line conditions: new links, and ways of the graph that have a name, a length or a speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from landbridge.errors import Fault
from landbridge.network._draft import Draft
from landbridge.network.geometry import great_circle_km, unit_km
from landbridge.network.model import Kind, Mode
from landbridge.schema.config import NetworkSection
from landbridge.schema.network import LineCondition, Link, LinkKind, LinkMode

MODES = {LinkMode.RAIL: Mode.RAIL, LinkMode.ROAD: Mode.ROAD, LinkMode.SEA: Mode.SEA}
SAME_PLACE_KM = 0.3  # ends of two new links as near as this are one node
Point = tuple[float, float, str]  # latitude, longitude, country or "" for any


class Ways:
    """Shortest ways over the live links of one mode inside some countries; lengths are those of the moment."""

    def __init__(self, draft: Draft, mode: Mode, countries: Sequence[str]) -> None:
        self._draft = draft
        inside = np.isin(draft.country, [draft.country_of(c) for c in countries])
        links = draft.links_where(mode)
        self._links = links[inside[draft.u[links]] & inside[draft.v[links]]]
        self.nodes, local = np.unique(np.concatenate([draft.u[self._links], draft.v[self._links]]), return_inverse=True)
        self._u, self._v = local[: len(self._links)], local[len(self._links) :]
        self._tree = cKDTree(unit_km(draft.lat[self.nodes], draft.lon[self.nodes])) if len(self.nodes) else None

    def nearest(self, point: Point) -> tuple[int, float]:
        """Local number of the nearest node (of the country named, if any) and its distance in km."""
        draft, nodes = self._draft, self.nodes
        if self._tree is None:
            return -1, math.inf
        if not point[2]:
            gap, node = self._tree.query(unit_km(np.array([point[0]]), np.array([point[1]]))[0])
            return int(node), float(gap)
        own = np.flatnonzero(draft.country[nodes] == draft.country_of(point[2]))
        if not len(own):
            return -1, math.inf
        gaps = great_circle_km(point[0], point[1], draft.lat[nodes[own]], draft.lon[nodes[own]])
        return int(own[gaps.argmin()]), float(gaps.min())

    def way(self, ends: Sequence[int]) -> tuple[NDArray[np.int64], float]:
        """Links of the shortest way through local nodes in turn, and its km; inf if there is none."""
        n = len(self.nodes)
        km = self._draft.length[self._links] + 1e-9
        low, high = np.minimum(self._u, self._v), np.maximum(self._u, self._v)
        order = np.lexsort((km, high, low))
        first = np.ones(len(order), np.bool_)
        first[1:] = (low[order][1:] != low[order][:-1]) | (high[order][1:] != high[order][:-1])
        kept = order[first]  # of parallel links the shortest
        graph = csr_array((km[kept], (low[kept], high[kept])), shape=(n, n))
        found: list[int] = []
        total = 0.0
        keys = low[kept].astype(np.int64) * n + high[kept]
        for a, b in pairwise(ends):
            distance, before = dijkstra(graph, directed=False, indices=a, return_predecessors=True)
            if not np.isfinite(distance[b]):
                return np.zeros(0, np.int64), math.inf
            node = b
            while node != a:
                previous = int(before[node])
                key = min(node, previous) * n + max(node, previous)
                found.append(int(self._links[kept[np.searchsorted(keys, key)]]))
                node = previous
            total += float(distance[b])
        return np.unique(np.array(found, np.int64)), total


class Lines:
    """Puts the rows of links.csv and line_conditions.csv into the draft; what does not fit becomes a fault."""

    def __init__(self, draft: Draft, config: NetworkSection, faults: list[Fault]) -> None:
        self._draft, self._config, self._faults = draft, config, faults
        self._ways: dict[tuple[Mode, tuple[str, ...]], Ways] = {}
        self._made: dict[Mode, list[int]] = {}

    def add(self, links: Sequence[Link]) -> None:
        """New links in file order, then the ways that are rescaled or named."""
        for row in links:
            self._draft.add_object(row.id, row.name, Kind.LINK, row.evidence)
        for row in links:
            if row.kind is LinkKind.NEW:
                self._new(row)
        self._ways.clear()
        for row in links:
            if row.kind is not LinkKind.NEW:
                self._named(row)

    def _new(self, row: Link) -> None:
        draft, mode = self._draft, MODES[row.mode]
        points = [(row.from_lat_deg, row.from_lon_deg, row.from_country), *via_points(row.via),
                  (row.to_lat_deg, row.to_lon_deg, row.to_country)]
        start, snap_a = self._end(mode, points[0])
        end, snap_b = self._end(mode, points[-1])
        if min(snap_a, snap_b) > self._config.node_snap_km:
            self._faults.append(Fault("links.csv", f"id {row.id}", f"neither end is near the {row.mode} network "
                                      f"({min(snap_a, snap_b):.1f} km)", f"≤ {self._config.node_snap_km} km at one end",
                                      "correct the coordinates, or add the link that joins it to the network first"))
            return
        inner = [self._inner(mode, p, row.from_country) for p in points[1:-1]]
        nodes = [start, *inner, end]
        pieces = [draft.straight_km(a, b) for a, b in pairwise(nodes)]
        scale = row.length_km / sum(pieces) if sum(pieces) > 0 else 1.0
        index = draft.object_of(row.id)
        for a, b, km in zip(nodes[:-1], nodes[1:], pieces, strict=True):
            k = draft.add_link(a, b, mode, mode, km * scale if sum(pieces) > 0 else row.length_km, index)
            draft.speed[k] = row.speeds or np.nan
            self._gauges(row, k)
        draft.settle_object(index, max(s if s <= self._config.node_snap_km else 0.0 for s in (snap_a, snap_b)),
                            published_km=row.length_km)

    def _end(self, mode: Mode, point: Point) -> tuple[int, float]:
        """An existing node of the mode and country within reach, or a new one; and how far the network was."""
        draft = self._draft
        key = (mode, (point[2],))
        if key not in self._ways:
            self._ways[key] = Ways(draft, mode, [point[2]])
        made = [i for i in self._made.get(mode, []) if draft.country[i] == draft.country_of(point[2])]
        if made:
            gaps = great_circle_km(point[0], point[1], draft.lat[made], draft.lon[made])
            if gaps.min() <= SAME_PLACE_KM:
                return made[int(gaps.argmin())], 0.0
        local, gap = self._ways[key].nearest(point)
        if gap <= self._config.node_snap_km:
            return int(self._ways[key].nodes[local]), gap
        return self._inner(mode, point, point[2]), gap

    def _inner(self, mode: Mode, point: Point, country: str) -> int:
        node = self._draft.add_node(point[0], point[1], self._draft.country_of(country), int(mode))
        self._made.setdefault(mode, []).append(node)
        return node

    def _named(self, row: Link) -> None:
        points = [(row.from_lat_deg, row.from_lon_deg, row.from_country), *via_points(row.via),
                  (row.to_lat_deg, row.to_lon_deg, row.to_country)]
        countries = tuple(sorted({row.from_country, row.to_country}))
        links, km, snap = self._way("links.csv", row.id, MODES[row.mode], countries, points)
        if not len(links):
            return
        draft, index = self._draft, self._draft.object_of(row.id)
        if row.kind is LinkKind.RESCALE:
            draft.length[links] *= row.length_km / km
        free = links[draft.object[links] < 0]
        draft.object[free] = index
        if row.speeds is not None:
            draft.speed[links] = row.speeds
        for k in links.tolist():
            self._gauges(row, k)
        draft.settle_object(index, snap, km, row.length_km)

    def _gauges(self, row: Link, k: int) -> None:
        """Several gauges hold in the countries of `dual_in`; a single one where no row before gave any."""
        if row.dual_in or (len(row.gauge_mm) == 1 and self._draft.tracks_at[k] < 0):
            tracks = (tuple(int(g) for g in row.gauge_mm), row.dual_in)
            if tracks not in self._draft.tracks:
                self._draft.tracks.append(tracks)
            self._draft.tracks_at[k] = self._draft.tracks.index(tracks)

    def _way(self, file: str, id: str, mode: Mode, countries: tuple[str, ...],
             points: Sequence[Point]) -> tuple[NDArray[np.int64], float, float]:
        ways = self._ways.setdefault((mode, countries), Ways(self._draft, mode, countries))
        near = [ways.nearest(p) for p in points]
        snap = max(gap for _, gap in near)
        allowed = self._config.crossing_snap_km
        if snap > allowed:
            self._faults.append(Fault(file, f"id {id}", f"an end or point on the way is {snap:.1f} km from the network",
                                      f"≤ {allowed} km", "correct the coordinates"))
            return np.zeros(0, np.int64), math.inf, snap
        links, km = ways.way([node for node, _ in near])
        if not len(links):
            self._faults.append(Fault(file, f"id {id}", "no way in the graph between its ends",
                                      f"a way inside {', '.join(countries)}",
                                      "correct the ends, or add it as a new link"))
        return links, km, snap

    def conditions(self, rows: Sequence[LineCondition]) -> None:
        """Speeds of the lines with ends, in file order: a later row goes before an earlier one."""
        for row in rows:
            if row.from_lat_deg is None or row.from_lon_deg is None or row.to_lat_deg is None or row.to_lon_deg is None:
                continue
            points = [(row.from_lat_deg, row.from_lon_deg, row.country), *via_points(row.via),
                      (row.to_lat_deg, row.to_lon_deg, row.country)]
            links, _, _ = self._way("line_conditions.csv", row.id, MODES[row.mode], (row.country,), points)
            self._draft.speed[links] = (row.speed_km_h_low, row.speed_km_h_central, row.speed_km_h_high)


def whole_networks(draft: Draft, rows: Sequence[LineCondition]) -> None:
    """Speeds of the rows without ends, for all links of mode and country that have none yet."""
    for row in (r for r in rows if r.whole_network):
        links, country = draft.links_where(MODES[row.mode]), draft.country_of(row.country)
        bare = ((draft.country[draft.u[links]] == country) & (draft.country[draft.v[links]] == country)
                & np.isnan(draft.speed[links, 1]))
        draft.speed[links[bare]] = (row.speed_km_h_low, row.speed_km_h_central, row.speed_km_h_high)


def via_points(values: Sequence[str]) -> list[Point]:
    """Points on the way as the tables write them."""
    return [(float(lat), float(lon), "") for lat, lon in (v.split() for v in values)]
