"""Map layers of a run: the network as chains, crossings with their state, zones, ways before and after, flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landbridge.network.chains import apart, chains, thinned
from landbridge.network.model import Mode
from landbridge.result import GeoLayer
from landbridge.routing.ways import Way
from landbridge.routing.world import World
from landbridge.schema.demand import Zone
from landbridge.schema.network import Crossing

Floats = NDArray[np.float64]


class Side(StrEnum):
    """Which of the two compared scenarios a layer shows."""

    BEFORE = "before"
    AFTER = "after"


def network_layers(world: World) -> dict[str, GeoLayer]:
    """Rail, road and sea as lines between junctions, with their length in km."""
    network = world.network
    out = {}
    for mode in (Mode.RAIL, Mode.ROAD, Mode.SEA):
        nodes, sizes = chains(network, mode)
        first, last = np.cumsum(sizes) - sizes, np.cumsum(sizes) - 1
        step = np.abs(np.diff(network.lon_deg[nodes], append=0.0))
        step[last] = 0.0
        shown = np.maximum.reduceat(step, first) < 180  # none round the date line
        if mode is Mode.SEA:  # the lanes of the source; the study's own pieces join ports to them
            shown &= np.maximum.reduceat(nodes, first) < network.extract_nodes
        points = _coordinates(world, nodes[np.repeat(shown, sizes)])
        # within some 200 m, which is about the precision of the network itself
        lines = apart(*thinned(points, sizes[shown], 0.002))
        countries = [network.countries[c] for c in network.country[nodes[first[shown]]].tolist()]
        frame = pd.DataFrame({"mode": mode.name.lower(), "country": countries})
        name = f"network_{mode.name.lower()}"
        out[name] = GeoLayer(name, "line", frame, lines)
    return out


def point_layers(world: World, states: Mapping[str, str]) -> dict[str, GeoLayer]:
    """Crossings with their state on the day of the 'before' scenario, and zones."""
    crossings = world.study.rows(Crossing)
    frame = pd.DataFrame(
        [
            {
                "id": c.id,
                "name": c.name,
                "mode": c.mode.value,
                "state": states.get(c.id, "unknown").split(" ")[0],
                "state_text": states.get(c.id, "unknown"),
                "dwell": f"{c.dwell_h_low:g} / {c.dwell_h_central:g} / {c.dwell_h_high:g} h",
                "evidence": c.evidence.word,
                "source": c.source,
            }
            for c in crossings
        ]
    )
    zones = world.study.rows(Zone)
    zone_frame = pd.DataFrame(
        [{"id": z.id, "name": z.name, "country": z.country, "population_k": z.population_k} for z in zones]
    )
    places = tuple(np.array([[c.lon_deg, c.lat_deg]]) for c in crossings)
    cities = tuple(np.array([[z.lon_deg, z.lat_deg]]) for z in zones)
    return {
        "crossings": GeoLayer("crossings", "point", frame, places),
        "zones": GeoLayer("zones", "point", zone_frame, cities),
    }


def way_layers(world: World, side: Side, ways: Sequence[tuple[str, Way]]) -> dict[str, GeoLayer]:
    """One line for each leg of each named way."""
    rows, lines = [], []
    for name, way in ways:
        at = 0
        for part, mode in _runs(world, way.links):
            nodes = way.nodes[at : at + len(part) + 1]
            at += len(part)
            if mode not in {Mode.RAIL, Mode.ROAD, Mode.SEA, Mode.CONNECTOR}:
                continue
            text = f"{mode.name.lower()}; whole way {way.distance_km:,.0f} km, {way.time_h / 24:.1f} days, "
            rows.append(
                {"way": name, "label": f"{name} ({side.value})", "text": text + f"{way.cost_usd_per_t:.0f} USD/t"}
            )
            lines.append(_coordinates(world, nodes))
    frame = pd.DataFrame(rows, columns=["way", "label", "text"])
    return {f"ways_{side.value}": GeoLayer(f"ways_{side.value}", "line", frame, tuple(lines))}


def flow_layers(world: World, flows: Mapping[str, Floats], least_kt: float = 20.0) -> dict[str, GeoLayer]:
    """Flows of links in kilotonnes a year (before, after, difference), joined where neighbours carry the same."""
    return {f"flows_{side}": _flow_layer(world, f"flows_{side}", kt, least_kt) for side, kt in flows.items()}


def _flow_layer(world: World, name: str, kt: Floats, least_kt: float) -> GeoLayer:
    network = world.network
    rows, lines = [], []
    for mode in (Mode.RAIL, Mode.ROAD, Mode.SEA):
        links = np.flatnonzero((network.mode == mode) & (np.abs(kt) >= least_kt))
        value = np.round(kt[links], -1)
        for chain, amount in _joined(network.u[links], network.v[links], value):
            rows.append({"mode": mode.name.lower(), "kt": float(amount)})
            lines.append(_coordinates(world, chain))
    return GeoLayer(name, "line", pd.DataFrame(rows, columns=["mode", "kt"]), tuple(lines))


def _joined(u: NDArray[np.int32], v: NDArray[np.int32], value: Floats) -> Iterable[tuple[NDArray[np.int32], float]]:
    """Links end to end where exactly two with the same value meet."""
    touching: dict[int, list[int]] = {}
    for i in range(len(u)):
        for node in (int(u[i]), int(v[i])):
            touching.setdefault(node, []).append(i)
    used = np.zeros(len(u), bool)

    def onward(link: int, node: int) -> list[int]:
        nodes = []
        while True:
            nodes.append(node)
            beside = [k for k in touching[node] if k != link]
            if len(beside) != 1 or used[beside[0]] or value[beside[0]] != value[link]:
                return nodes
            link = beside[0]
            used[link] = True
            node = int(v[link]) if int(u[link]) == node else int(u[link])

    for i in range(len(u)):
        if not used[i]:
            used[i] = True
            back = onward(i, int(u[i]))
            yield np.array([*reversed(back), *onward(i, int(v[i]))], np.int32), float(value[i])


def _runs(world: World, links: NDArray[np.int32]) -> list[tuple[NDArray[np.int32], Mode]]:
    mode = world.network.mode[links]
    cuts = np.flatnonzero(np.diff(mode)) + 1
    return [(part, Mode(int(world.network.mode[part[0]]))) for part in np.split(links, cuts) if len(part)]


def _coordinates(world: World, nodes: NDArray[np.int32]) -> Floats:
    """Longitude and latitude of nodes."""
    return np.column_stack([world.network.lon_deg[nodes], world.network.lat_deg[nodes]])
