"""Terminals and zones: tied to the main component of each mode in their country."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landbridge.errors import Fault
from landbridge.network._draft import Draft
from landbridge.network._sea import join_piers
from landbridge.network.geometry import great_circle_km
from landbridge.network.model import Kind, Mode
from landbridge.schema.config import NetworkSection
from landbridge.schema.network import Gauge, Terminal

NO_MODE = 255


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
        graph = coo_array((np.ones(len(live), np.int8), (draft.u[live], draft.v[live])), shape=(draft.n, draft.n))
        label = connected_components(graph, directed=False)[1]
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
        for group in np.split(nodes[order], bounds):
            most = np.bincount(label[group]).argmax()
            place = int(draft.node_mode[group[0]]), int(draft.country[group[0]])
            self._main[place] = group[label[group] == most]

    def nearest(self, mode: Mode, country: str, lat: float, lon: float) -> tuple[int, float]:
        """Nearest node of the main component and its distance in km; (-1, inf) if the country has none."""
        nodes = self._main.get((int(mode), self._draft.country_of(country)), np.zeros(0, np.int64))
        return self._closest(nodes, lat, lon)

    def rail(self, country: str, lat: float, lon: float) -> list[tuple[int, int, float]]:
        """Gauge, nearest node and distance for every gauge laid in the country."""
        found = []
        node, gap = self.nearest(Mode.RAIL, country, lat, lon)
        if node >= 0:
            found.append((self._national.get(country, 0), node, gap))
        own = [t for t in self._twin_gauge if self._draft.country[t] == self._draft.country_of(country)]
        for gauge in sorted({self._twin_gauge[t] for t in own}):
            node, gap = self._closest(np.array([t for t in own if self._twin_gauge[t] == gauge], np.int64), lat, lon)
            found.append((gauge, node, gap))
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
        tied = [(m, *_tie(draft, anchors, row, m)) for m in row.modes if m != "barge"]
        good = [(mode, at, gap, gauge) for mode, at, gap, gauge in tied if gap <= _reach(mode, config)]
        if not good:
            best = min((gap for _, _, gap, _ in tied), default=math.inf)
            faults.append(Fault("terminals.csv", f"id {row.id}", f"{best:.0f} km from the nearest line of its modes",
                                f"≤ {config.terminal_snap_km} km", "correct the place, or add the line to links.csv"))
            continue
        for mode, at, gap, gauge in good:
            _transfer(draft, row, node, at, gap, gauge, index, config, mode, piers)
        lost = [mode for mode, _, gap, _ in tied if gap > _reach(mode, config)] + [m for m in row.modes if m == "barge"]
        if lost:
            lacking[row.id] = lost
        ashore = [gap for mode, _, gap, _ in good if mode != "sea"]
        draft.settle_object(index, max(ashore, default=0.0))
    join_piers(draft, land, piers)
    return {id: ", ".join(modes) for id, modes in lacking.items()}


def _reach(mode: str, config: NetworkSection) -> float:
    return math.inf if mode == "sea" else config.terminal_snap_km


def _tie(draft: Draft, anchors: Anchors, row: Terminal, mode: str) -> tuple[int, float, int]:
    """Node, distance and gauge for one mode of a terminal; the distance is inf where there is none."""
    if mode == "sea":
        node, gap = anchors.nearest(Mode.SEA, "", row.lat_deg, row.lon_deg)
        return node, gap, 0
    if mode == "road":
        node, gap = anchors.nearest(Mode.ROAD, row.country, row.lat_deg, row.lon_deg)
        return node, gap, 0
    wanted = int(mode.removeprefix("rail") or 0)
    laid = anchors.rail(row.country, row.lat_deg, row.lon_deg)
    for gauge, node, gap in laid:
        if wanted in {0, gauge}:
            return node, gap, gauge
    return -1, math.inf, wanted


def _transfer(draft: Draft, row: Terminal, node: int, at: int, gap: float, gauge: int, index: int,
              config: NetworkSection, mode: str, piers: list[int]) -> None:
    carrier = Mode.SEA if mode == "sea" else Mode.ROAD if mode == "road" else Mode.RAIL
    if carrier is Mode.SEA:
        at, gap = draft.add_node(row.lat_deg, row.lon_deg, draft.country_of(row.country), int(Mode.SEA)), 0.0
        piers.append(at)
    k = draft.add_link(node, at, Mode.TRANSFER, carrier, gap * config.detour_factor, index)
    draft.gauge[k] = gauge
    draft.dwell[k] = (row.handling_h_low / 2, row.handling_h_central / 2, row.handling_h_high / 2)
    draft.usd_per_t[k] = row.handling_usd_per_t / 2
    draft.usd_per_teu[k] = math.nan if row.handling_usd_per_teu is None else row.handling_usd_per_teu / 2


def add_zones(draft: Draft, anchors: Anchors, zones: Sequence[Place], config: NetworkSection,
              faults: list[Fault]) -> list[int]:
    """A centroid for each zone, joined to road and to rail (each gauge) of its country, straight times detour_factor."""
    centroids = []
    for zone in zones:
        centroid = draft.add_node(zone.lat_deg, zone.lon_deg, draft.country_of(zone.country), NO_MODE)
        centroids.append(centroid)
        road, gap = anchors.nearest(Mode.ROAD, zone.country, zone.lat_deg, zone.lon_deg)
        rails = anchors.rail(zone.country, zone.lat_deg, zone.lon_deg)
        limit = min((r[2] for r in rails), default=0.0) + config.node_snap_km  # a second gauge must be as near
        ties = [(Mode.ROAD, road, gap, 0)] + [(Mode.RAIL, n, km, g) for g, n, km in rails if km <= limit]
        near = [t for t in ties if t[2] <= config.zone_snap_km]
        if not near:
            faults.append(Fault("zones.csv", f"id {zone.id}", f"{min(t[2] for t in ties):.0f} km from road and rail of "
                                f"{zone.country}", f"≤ {config.zone_snap_km} km", "correct the place or the country"))
        for carrier, node, km, gauge in near:
            k = draft.add_link(centroid, node, Mode.CONNECTOR, carrier, km * config.detour_factor)
            draft.gauge[k] = gauge
    return centroids
