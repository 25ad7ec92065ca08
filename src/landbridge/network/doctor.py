"""The network doctor: looks at an assembled network and says what a user should mend or know before a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, dijkstra

from landbridge.network.geometry import great_circle_km
from landbridge.network.model import Kind, Mode, Network
from landbridge.result import ResultTable
from landbridge.schema.network import Crossing
from landbridge.study import Study


class Severity(StrEnum):
    """How much a finding matters."""

    FAULT = "fault"  # results for the object are wrong until it is mended
    WARNING = "warning"  # look at it
    NOTE = "note"  # good to know


@dataclass(frozen=True)
class Finding:
    """One thing found: which check, at what, a measured value with its unit, and what to do."""

    severity: Severity
    check: str
    object: str
    what: str
    value: float
    unit: str
    cure: str


@dataclass(frozen=True)
class Limits:
    """From where on the doctor speaks up."""

    connector_km: float = 25.0
    crossing_snap_km: float = 5.0
    terminal_snap_km: float = 10.0
    slowest_km_h: float = 3.0
    fastest_land_km_h: float = 130.0
    fastest_sea_km_h: float = 60.0
    detour: float = 2.5
    neighbours: int = 4
    line_length_share: float = 0.1
    island_nodes: int = 100
    same_place_km: float = 0.5


def doctor(network: Network, study: Study, limits: Limits | None = None) -> tuple[Finding, ...]:
    """All findings on the network of a study, the gravest first."""
    return examine(network, study.rows(Crossing), limits or Limits())


def examine(network: Network, crossings: Sequence[Crossing], limits: Limits) -> tuple[Finding, ...]:
    """All findings on a network, the gravest first; the order is the same for the same network."""
    found = [
        *_loose_zones(network, limits), *_zero_time(network), *_speeds(network, limits), *_islands(network, limits),
        *_detours(network, limits), *_far_objects(network, limits), *_lines(network, limits),
        *_duplicates(network, limits), *_gauges(network, crossings), *_cut(network), *_notes(network),
    ]
    rank = list(Severity)
    return tuple(sorted(found, key=lambda f: (rank.index(f.severity), f.check, f.object)))


def tables(findings: Iterable[Finding]) -> ResultTable:
    """The findings as one table."""
    columns = ["severity", "check", "object", "what", "value", "unit", "cure"]
    frame = pd.DataFrame([{**asdict(f), "severity": f.severity.value} for f in findings], columns=columns)
    return ResultTable("findings", "What the network doctor found", frame, units={"value": "as in the column unit"},
                       note="fault: mend before use; warning: look at it; note: good to know")


def _loose_zones(network: Network, limits: Limits) -> list[Finding]:
    found = []
    ties = np.flatnonzero(network.mode == Mode.CONNECTOR)
    for zone, centroid in zip(network.zones, network.centroid.tolist(), strict=True):
        own = ties[(network.u[ties] == centroid) | (network.v[ties] == centroid)]
        if not len(own):
            found.append(Finding(Severity.FAULT, "loose zone", zone, "not tied to road or rail", 0, "links",
                                 "correct the place or the country of the zone"))
        for mode in (Mode.RAIL, Mode.ROAD):
            km = network.length_km[own[network.carrier[own] == mode]]
            name = mode.name.lower()
            if len(own) and not len(km):
                found.append(Finding(Severity.NOTE, "loose zone", zone, f"no {name} in reach", 0, "links",
                                     f"nothing if the place has no {name}; else add the line to links.csv"))
            elif len(km) and km.min() > limits.connector_km:
                found.append(Finding(Severity.WARNING, "loose zone", zone, f"{name} is far", round(float(km.min()), 1),
                                     "km", "move the zone to its station or junction, or add the missing line"))
    return found


def _zero_time(network: Network) -> list[Finding]:
    land = network.mode <= Mode.SEA
    zero = np.flatnonzero(land & (network.length_km <= 0) & (network.u != network.v))
    if not len(zero):
        return []
    k = int(zero[0])
    where = f"{network.lat_deg[network.u[k]]:.3f}, {network.lon_deg[network.u[k]]:.3f}"
    return [Finding(Severity.NOTE, "zero-time link", "all", f"links of length 0, the first at {where}", len(zero),
                    "links", "harmless where two nodes are one place; else give the link its length")]


def _speeds(network: Network, limits: Limits) -> list[Finding]:
    found = []
    speed = network.speed_km_h
    top = np.where(network.carrier == Mode.SEA, limits.fastest_sea_km_h, limits.fastest_land_km_h)
    bad = (speed[:, 1] < limits.slowest_km_h) | (speed[:, 2] > top) | (speed[:, 0] > speed[:, 1])
    for index in np.unique(network.object[bad]).tolist():
        links = np.flatnonzero(bad & (network.object == index))
        name = network.objects[index].id if index >= 0 else "without object"
        found.append(Finding(Severity.WARNING, "implausible speed", name,
                             f"{len(links)} links, central speed of the first",
                             round(float(speed[links[0], 1]), 1), "km/h", "correct the speeds of its row"))
    return found


def _graph(network: Network, links: NDArray[np.bool_]) -> csr_array:
    k = np.flatnonzero(links)
    low, high = np.minimum(network.u[k], network.v[k]), np.maximum(network.u[k], network.v[k])
    order = np.lexsort((network.length_km[k], high, low))
    first = np.ones(len(order), np.bool_)
    first[1:] = (np.diff(low[order]) != 0) | (np.diff(high[order]) != 0)
    k, low, high = k[order][first], low[order][first], high[order][first]
    return coo_array((network.length_km[k] + 1e-6, (low, high)), shape=(network.n, network.n)).tocsr()


def _islands(network: Network, limits: Limits) -> list[Finding]:
    """Pieces that hold together only among themselves when every crossing is open."""
    graph = _graph(network, np.ones(network.m, np.bool_))
    label = connected_components(graph, directed=False)[1]
    size = np.bincount(label)
    main = np.bincount(label[network.centroid]).argmax() if len(network.centroid) else size.argmax()
    found = [
        Finding(Severity.FAULT, "island", zone, "cannot be reached from most zones even with all borders open",
                int(size[label[c]]), "nodes", "add the missing line to links.csv, or a terminal by the sea")
        for zone, c in zip(network.zones, network.centroid.tolist(), strict=True) if label[c] != main
    ]
    for piece in np.flatnonzero(size >= limits.island_nodes).tolist():
        if piece == main:
            continue
        nodes = np.flatnonzero(label == piece)
        country = network.countries[int(np.bincount(network.country[nodes]).argmax())]
        found.append(Finding(Severity.NOTE, "island", f"{country} at {network.lat_deg[nodes[0]]:.2f}, "
                             f"{network.lon_deg[nodes[0]]:.2f}", "a piece of the network that no way leads to",
                             int(size[piece]), "nodes",
                             "nothing if no zone needs it; else add the crossing or the line"))
    single = [o.id for i, o in enumerate(network.objects) if o.kind is not Kind.PASSAGE
              and not np.isin(label[network.u[network.object == i]], main).any() and (network.object == i).any()]
    found += [Finding(Severity.WARNING, "island", id, "no way leads to it even with all borders open", 0, "links",
                      "add the line that joins it to the network") for id in single]
    return found


def _detours(network: Network, limits: Limits) -> list[Finding]:
    """Zones whose nearest neighbours by the great circle are far by one land mode, with all borders open."""
    lat, lon = network.lat_deg[network.centroid], network.lon_deg[network.centroid]
    straight = great_circle_km(lat[:, None], lon[:, None], lat[None, :], lon[None, :])
    found = []
    seen: set[tuple[Mode, int, int]] = set()
    for mode in (Mode.RAIL, Mode.ROAD):
        graph = _graph(network, (network.carrier == mode) & (network.mode != Mode.TRANSFER))
        label = connected_components(graph, directed=False)[1][network.centroid]
        for i, centroid in enumerate(network.centroid.tolist()):
            others = np.flatnonzero((label == label[i]) & (np.arange(len(label)) != i))
            near = others[np.argsort(straight[i, others], kind="stable")[: limits.neighbours]]
            near = near[straight[i, near] > limits.connector_km]
            if not len(near):
                continue
            reach = limits.detour * float(straight[i, near].max()) * 1.5
            way = dijkstra(graph, directed=False, indices=centroid, limit=reach)[network.centroid[near]]
            for j, km in zip(near.tolist(), way.tolist(), strict=True):
                if km > limits.detour * straight[i, j] and (mode, j, i) not in seen:
                    seen.add((mode, i, j))
                    over = min(km, reach) / straight[i, j]
                    more = "at least " if np.isinf(km) else ""
                    found.append(Finding(
                        Severity.WARNING, "detour", f"{network.zones[i]}–{network.zones[j]}",
                        f"by {mode.name.lower()} {more}this many times the straight {straight[i, j]:.0f} km",
                        round(over, 2), "times", "a mountain or a bay, or a line missing in the graph: see links.csv"))
    return found


def _far_objects(network: Network, limits: Limits) -> list[Finding]:
    allowed = {Kind.CROSSING: limits.crossing_snap_km, Kind.TERMINAL: limits.terminal_snap_km}
    return [
        Finding(Severity.WARNING, f"far {o.kind.value}", o.id, f"{o.name} is far from the graph", round(o.snap_km, 1),
                "km", "correct the place; where the graph lacks the line, the straight link is an estimate")
        for o in network.objects if o.snap_km > allowed.get(o.kind, np.inf)
    ]


def _lines(network: Network, limits: Limits) -> list[Finding]:
    found = []
    for o in network.objects:
        share = o.graph_km / o.published_km - 1
        if o.kind is Kind.LINK and abs(share) > limits.line_length_share:
            found.append(Finding(Severity.NOTE, "line length", o.id, f"graph {o.graph_km:.0f} km, published "
                                 f"{o.published_km:.0f} km", round(100 * share, 1), "%", "rows of kind rescale take "
                                 "the published length; else check ends and points on the way"))
    return found


def _duplicates(network: Network, limits: Limits) -> list[Finding]:
    """Crossings of one mode, or terminals, that stand at one place."""
    first = np.full(len(network.objects), -1, np.int64)
    links = np.flatnonzero((network.object >= 0) & (network.mode >= Mode.TRANSFER))[::-1]
    first[network.object[links]] = links
    found = []
    for kind in (Kind.CROSSING, Kind.TERMINAL):
        own = [i for i, o in enumerate(network.objects) if o.kind is kind and first[i] >= 0]
        place = network.u[first[own]]
        carrier = network.carrier[first[own]] if kind is Kind.CROSSING else np.zeros(len(own))
        for a in range(len(own)):
            km = great_circle_km(network.lat_deg[place[a]], network.lon_deg[place[a]], network.lat_deg[place[a + 1 :]],
                                 network.lon_deg[place[a + 1 :]])
            for b in np.flatnonzero((km < limits.same_place_km) & (carrier[a + 1 :] == carrier[a])).tolist():
                pair = f"{network.objects[own[a]].id}, {network.objects[own[a + 1 + b]].id}"
                found.append(Finding(Severity.WARNING, "duplicate", pair, f"two {kind.value}s at one place",
                                     round(float(km[b]), 2), "km", "remove one, or move it to its own place"))
    return found


def _gauges(network: Network, crossings: Sequence[Crossing]) -> list[Finding]:
    found = []
    bare = (network.mode == Mode.RAIL) & (network.gauge_mm == 0)
    for country in np.unique(network.country[network.u[bare]]).tolist():
        count = int((network.country[network.u[bare]] == country).sum())
        found.append(Finding(Severity.WARNING, "gauge", network.countries[country], "rail with no gauge", count,
                             "links", "add the country to gauges.csv"))
    laid: dict[str, set[int]] = {}
    rail = network.mode == Mode.RAIL
    for pair in np.unique(np.column_stack([network.country[network.u[rail]], network.gauge_mm[rail]]), axis=0).tolist():
        laid.setdefault(network.countries[pair[0]], set()).add(pair[1])
    for row in crossings:
        for side, gauges in ((row.country_a, row.gauge_a_mm), (row.country_b, row.gauge_b_mm)):
            strange = sorted({int(g) for g in gauges} - laid.get(side, set()))
            if strange:
                found.append(Finding(Severity.WARNING, "gauge", row.id, f"its gauge is not laid in {side}", strange[0],
                                     "mm", "correct the gauge, or give a line of links.csv both gauges"))
    return found


def _cut(network: Network) -> list[Finding]:
    return [Finding(Severity.NOTE, "cut at border", f"{c.country_a}–{c.country_b}",
                    f"{c.mode.name.lower()} links with no crossing and no open border", c.links, "links",
                    "nothing, or add a crossing or an open border")
            for c in network.cut]


def _notes(network: Network) -> list[Finding]:
    return [Finding(Severity.NOTE, "left out", about, text, 0, "-", "nothing, or add the line to links.csv")
            for about, text in sorted(network.notes.items())]
