"""Terminals and zones: tied to the main component of each mode in their country."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components, dijkstra

from landbridge.errors import Fault
from landbridge.network._draft import Draft
from landbridge.network._sea import join_piers
from landbridge.network.geometry import great_circle_km
from landbridge.network.model import Kind, Mode
from landbridge.schema.config import NetworkSection
from landbridge.schema.network import Gauge, Terminal

NO_MODE = 255
SECOND_LINE_KM = 8.0  # a rail line of its own this much further than the nearest is tied as well
ANOTHER_LINE_KM = 40.0  # farther than this along the network is another line
MOST_LINES = 3


class Place(Protocol):
    """A zone, as far as the network needs it."""

    @property
    def id(self) -> str:
        """Name of the zone."""

    @property
    def country(self) -> str:
        """ISO-3 code."""

    @property
    def lat_deg(self) -> float:
        """Latitude."""

    @property
    def lon_deg(self) -> float:
        """Longitude."""


class Anchors:
    """The nodes that terminals and zones may be tied to.

    The main component of a mode in a country is the one with most of its nodes there, when all crossings are open.
    """

    def __init__(self, draft: Draft, gauges: Sequence[Gauge], twins: Mapping[tuple[int, int], int]) -> None:
        self._draft = draft
        self._national = {r.country: r.gauge_mm for r in gauges}
        live = np.flatnonzero(draft.alive[: draft.m])
        shape = (draft.n, draft.n)
        graph = coo_array((np.ones(len(live), np.int8), (draft.u[live], draft.v[live])), shape=shape)
        label = connected_components(graph, directed=False)[1]
        rail = live[draft.carrier[live] == Mode.RAIL]
        self._rail = coo_array((draft.length[rail] + 1e-6, (draft.u[rail], draft.v[rail])), shape=shape).tocsr()
        used = np.zeros(draft.n, np.bool_)
        used[draft.u[live]] = used[draft.v[live]] = True
        self._twin_gauge = {twin: gauge for (_, gauge), twin in twins.items()}
        single = np.ones(draft.n, np.bool_)
        single[list(self._twin_gauge)] = False
        self._main: dict[tuple[int, int], NDArray[np.int64]] = {}
        nodes = np.flatnonzero(used & single & (draft.node_mode[: draft.n] <= Mode.SEA))
        key = draft.node_mode[nodes].astype(np.int64) * 10_000 + draft.country[nodes]
        order = np.argsort(key, kind="stable")
        bounds = np.flatnonzero(np.diff(key[order])) + 1
        for group in np.split(nodes[order], bounds) if len(nodes) else ():
            most = np.bincount(label[group]).argmax()
            place = int(draft.node_mode[group[0]]), int(draft.country[group[0]])
            self._main[place] = group[label[group] == most]

    def nearest(self, mode: Mode, country: str, lat: float, lon: float) -> tuple[int, float]:
        """Nearest node of the main component and its distance in km; (-1, inf) if the country has none."""
        nodes = self._main.get((int(mode), self._draft.country_of(country)), np.zeros(0, np.int64))
        return self._closest(nodes, lat, lon)

    def rail(self, country: str, lat: float, lon: float) -> list[tuple[int, int, float]]:
        """Gauge, nearest node and distance for every gauge laid in the country.

        Where several lines lie near, one node of each, as a high-speed line beside the old line often has no way
        over to it in the graph.
        """
        found = [(self._national.get(country, 0), node, gap) for node, gap in self._lines(country, lat, lon)]
        own = [t for t in self._twin_gauge if self._draft.country[t] == self._draft.country_of(country)]
        for gauge in sorted({self._twin_gauge[t] for t in own}):
            node, gap = self._closest(np.array([t for t in own if self._twin_gauge[t] == gauge], np.int64), lat, lon)
            found.append((gauge, node, gap))
        return found

    def _lines(self, country: str, lat: float, lon: float) -> list[tuple[int, float]]:
        nodes = self._main.get((int(Mode.RAIL), self._draft.country_of(country)), np.zeros(0, np.int64))
        gaps = great_circle_km(lat, lon, self._draft.lat[nodes], self._draft.lon[nodes])
        found: list[tuple[int, float]] = []
        free = gaps <= (gaps.min(initial=math.inf) + SECOND_LINE_KM)
        while free.any() and len(found) < MOST_LINES:
            k = int(np.where(free, gaps, math.inf).argmin())
            found.append((int(nodes[k]), float(gaps[k])))
            along = dijkstra(self._rail, directed=False, indices=int(nodes[k]), limit=ANOTHER_LINE_KM)
            free &= np.isinf(along[nodes])
        return found

    def _closest(self, nodes: NDArray[np.int64], lat: float, lon: float) -> tuple[int, float]:
        if not len(nodes):
            return -1, math.inf
        gaps = great_circle_km(lat, lon, self._draft.lat[nodes], self._draft.lon[nodes])
        return int(nodes[gaps.argmin()]), float(gaps.min())


def add_terminals(draft: Draft, anchors: Anchors, rows: Sequence[Terminal], config: NetworkSection,
                  land: Sequence[shapely.Polygon], faults: list[Fault]) -> dict[str, str]:
    """A node for each terminal, and half of its handling on the way from it to each of its modes.

    A port gets a pier, a node of its own at sea, joined to the sea lanes by `join_piers`. Returns what a row asks for
    and the graph has not (a gauge that is not laid in the country, a mode with no line within terminal_snap_km).
    """
    lacking: dict[str, list[str]] = {}
    piers: list[int] = []
    for row in rows:
        index = draft.add_object(row.id, row.name, Kind.TERMINAL, row.evidence)
        node = draft.add_node(row.lat_deg, row.lon_deg, draft.country_of(row.country), NO_MODE)
        ties = {mode: _ties(anchors, row, mode) for mode in row.modes}
        good = [(mode, *tie) for mode, found in ties.items() for tie in found if tie[1] <= _reach(mode, config)]
        if not good:
            best = min((gap for found in ties.values() for _, gap, _ in found), default=math.inf)
            faults.append(Fault("terminals.csv", f"id {row.id}", f"{best:.0f} km from the nearest line of its modes",
                                f"≤ {config.terminal_snap_km} km", "correct the place, or add the line to links.csv"))
            continue
        for mode, at, gap, gauge in good:
            _transfer(draft, row, node, at, gap, gauge, index, config, mode, piers)
        lost = [mode for mode in row.modes if mode not in {m for m, _, _, _ in good}]
        if lost:
            lacking[row.id] = lost
        nearest = [found[0][1] for mode, found in ties.items() if found and mode != "sea"]
        draft.settle_object(index, max((gap for gap in nearest if gap <= config.terminal_snap_km), default=0.0))
    join_piers(draft, land, piers)
    return {id: ", ".join(modes) for id, modes in lacking.items()}


def _reach(mode: str, config: NetworkSection) -> float:
    return math.inf if mode == "sea" else config.terminal_snap_km


def _ties(anchors: Anchors, row: Terminal, mode: str) -> list[tuple[int, float, int]]:
    """Nodes, distances and gauges for one mode of a terminal; empty where the graph has none."""
    if mode == "barge":
        return []
    if mode in {"sea", "road"}:
        place = (Mode.SEA, "") if mode == "sea" else (Mode.ROAD, row.country)
        node, gap = anchors.nearest(*place, row.lat_deg, row.lon_deg)
        return [(node, gap, 0)] if node >= 0 else []
    wanted = int(mode.removeprefix("rail") or 0)
    laid = anchors.rail(row.country, row.lat_deg, row.lon_deg)
    return [(node, gap, gauge) for gauge, node, gap in laid if wanted in {0, gauge}]


def _transfer(draft: Draft, row: Terminal, node: int, at: int, gap: float, gauge: int, index: int,
              config: NetworkSection, mode: str, piers: list[int]) -> None:
    carrier = Mode.SEA if mode == "sea" else Mode.ROAD if mode == "road" else Mode.RAIL
    if carrier is Mode.SEA:
        at, gap = draft.add_node(row.lat_deg, row.lon_deg, draft.country_of(""), int(Mode.SEA)), 0.0
        piers.append(at)
    k = draft.add_link(node, at, Mode.TRANSFER, carrier, gap * config.detour_factor, index)
    draft.gauge[k] = gauge
    draft.dwell[k] = (row.handling_h_low / 2, row.handling_h_central / 2, row.handling_h_high / 2)
    draft.usd_per_t[k] = row.handling_usd_per_t / 2
    draft.usd_per_teu[k] = math.nan if row.handling_usd_per_teu is None else row.handling_usd_per_teu / 2


def add_zones(draft: Draft, anchors: Anchors, zones: Sequence[Place], config: NetworkSection,
              faults: list[Fault]) -> list[int]:
    """A centroid for each zone, joined to road and rail (each gauge) of its country, straight times detour_factor."""
    centroids = []
    for zone in zones:
        centroid = draft.add_node(zone.lat_deg, zone.lon_deg, draft.country_of(zone.country), NO_MODE)
        centroids.append(centroid)
        road, gap = anchors.nearest(Mode.ROAD, zone.country, zone.lat_deg, zone.lon_deg)
        rails = anchors.rail(zone.country, zone.lat_deg, zone.lon_deg)
        limit = min((km for _, _, km in rails), default=0.0) + SECOND_LINE_KM  # a second gauge must be as near
        ties = [(Mode.ROAD, road, gap, 0)] + [(Mode.RAIL, n, km, g) for g, n, km in rails if km <= limit]
        near = [t for t in ties if t[2] <= config.zone_snap_km]
        if not near:
            faults.append(Fault("zones.csv", f"id {zone.id}", f"{min(t[2] for t in ties):.0f} km from road and rail of "
                                f"{zone.country}", f"≤ {config.zone_snap_km} km", "correct the place or the country"))
        for carrier, node, km, gauge in near:
            k = draft.add_link(centroid, node, Mode.CONNECTOR, carrier, km * config.detour_factor)
            draft.gauge[k] = gauge
    return centroids
