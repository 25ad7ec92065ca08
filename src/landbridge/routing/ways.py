"""Ways from door to door: legs by mode, borders and terminals as steps, and the ranked alternatives of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landbridge.network.model import Mode
from landbridge.routing import Metric, customise, path
from landbridge.routing.cost import LinkCosts
from landbridge.routing.world import World
from landbridge.study import Study

LEG = {
    Mode.RAIL: "rail",
    Mode.ROAD: "road",
    Mode.SEA: "sea",
    Mode.TRANSFER: "terminal",
    Mode.CONNECTOR: "access",
    Mode.CROSSING: "border",
}
# what is left out when the alternatives of a pair are sought: nothing, or one or two of the modes
MASKS: tuple[tuple[Mode, ...], ...] = (
    (),
    (Mode.SEA,),
    (Mode.RAIL,),
    (Mode.ROAD,),
    (Mode.SEA, Mode.RAIL),
    (Mode.SEA, Mode.ROAD),
    (Mode.RAIL, Mode.ROAD),
)


@dataclass(frozen=True)
class Leg:
    """A stretch of one way in one mode, or the step at a border or terminal (no length, hours and money only)."""

    mode: str
    from_name: str
    to_name: str
    distance_km: float
    time_h: float
    cost_usd_per_t: float

    def to_json(self) -> dict[str, Any]:
        """The leg as the command line prints it."""
        return {
            "mode": self.mode,
            "from": self.from_name,
            "to": self.to_name,
            "distance_km": round(self.distance_km, 1),
            "time_h": round(self.time_h, 2),
            "cost_usd_per_t": round(self.cost_usd_per_t, 3),
        }


@dataclass(frozen=True)
class Way:
    """One way from door to door; money is `cost_usd_per_t`, money and time together `generalised_usd_per_t`."""

    distance_km: float
    time_h: float
    cost_usd_per_t: float
    cost_usd_per_teu: float
    generalised_usd_per_t: float
    crossings: tuple[str, ...]
    legs: tuple[Leg, ...]
    links: NDArray[np.int32]
    nodes: NDArray[np.int32]

    @property
    def modes(self) -> str:
        """The chain of line modes, such as road-rail-sea."""
        chain = [leg.mode for leg in self.legs if leg.mode in {"rail", "road", "sea"}]
        return "-".join(m for i, m in enumerate(chain) if i == 0 or chain[i - 1] != m) or "access"

    def to_json(self) -> dict[str, Any]:
        """The way as the command line prints it."""
        return {
            "distance_km": round(self.distance_km, 1),
            "time_h": round(self.time_h, 2),
            "cost_usd_per_t": round(self.cost_usd_per_t, 3),
            "cost_usd_per_teu": round(self.cost_usd_per_teu, 1),
            "generalised_usd_per_t": round(self.generalised_usd_per_t, 3),
            "modes": self.modes,
            "crossings": list(self.crossings),
            "legs": [leg.to_json() for leg in self.legs],
        }


def best_way(world: World, metric: Metric, costs: LinkCosts, origin: int, destination: int) -> Way | None:
    """The least-cost way between two zones (by index), or None where none is open."""
    centroid = world.network.centroid
    found = path(metric, int(centroid[origin]), int(centroid[destination]))
    if not len(found.arcs):
        return None
    return describe(world, costs, world.hierarchy.topology.link[found.arcs], found.nodes)


def ranked_ways(
    world: World, metric: Metric, costs: LinkCosts, origin: int, destination: int, count: int
) -> tuple[Way, ...]:
    """Different ways between two zones, cheapest first: the best of each choice of modes, then round each crossing.

    Alternatives come from leaving out modes, and from closing in turn each crossing that the best way uses; a way
    found twice is given once. Costs are generalised costs under what the metric leaves open.
    """
    base = metric.cost
    topology = world.hierarchy.topology
    mode = world.network.mode
    found: list[Way] = []

    def look(closed: NDArray[np.bool_]) -> None:
        shut_arcs = closed[topology.link]
        trial = customise(world.hierarchy, np.where(shut_arcs, np.inf, base)) if closed.any() else metric
        way = best_way(world, trial, costs, origin, destination)
        if way is not None and not any(np.array_equal(way.links, w.links) for w in found):
            found.append(way)

    for mask in MASKS:
        look(np.isin(mode, [int(m) for m in mask]))
    if found:
        best = min(found, key=lambda w: w.generalised_usd_per_t)
        for id in best.crossings[:6]:
            closed = np.zeros(world.network.m, bool)
            closed[world.links([id])] = True
            look(closed)
    return tuple(sorted(found, key=lambda w: w.generalised_usd_per_t)[:count])


def describe(world: World, costs: LinkCosts, links: NDArray[np.int32], nodes: NDArray[np.int32]) -> Way:
    """Legs, crossings and totals of a sequence of links and the nodes between them."""
    network = world.network
    kinds = [LEG[Mode(int(m))] for m in network.mode[links]]
    keys = [
        (k, int(network.object[e])) if k in {"border", "terminal"} else (k, -1)
        for k, e in zip(kinds, links, strict=True)
    ]
    cuts = [0, *(i + 1 for i, (a, b) in enumerate(pairwise(keys)) if a != b), len(links)]
    crossings: list[str] = []
    legs: list[Leg] = []
    for i, (a, b) in enumerate(pairwise(cuts)):
        part = links[a:b]
        kind, object_index = keys[a]
        if kind == "border" and object_index >= 0:
            crossings.append(network.objects[object_index].id)
        before, after = _place(world, keys, cuts, i, nodes), _place(world, keys, cuts, i + 1, nodes)
        if kind in {"border", "terminal"} and object_index >= 0:
            before = after = network.objects[object_index].name
        legs.append(
            Leg(
                kind,
                before,
                after,
                float(costs.km[part].sum()),
                float(costs.time_h[part].sum()),
                float(costs.usd_per_t[part].sum()),
            )
        )
    usd, hours = float(costs.usd_per_t[links].sum()), float(costs.time_h[links].sum())
    payload = world.study.config.cost.payload_t_per_teu
    return Way(
        float(costs.km[links].sum()),
        hours,
        usd,
        usd * payload,
        usd + costs.time_value_usd_per_t_h * hours,
        tuple(crossings),
        tuple(legs),
        links,
        nodes,
    )


def _place(
    world: World, keys: Sequence[tuple[str, int]], cuts: Sequence[int], i: int, nodes: NDArray[np.int32]
) -> str:
    """Name of the point between legs i-1 and i: the border or terminal beside it, else the nearest zone."""
    at = cuts[i]
    for side in (at - 1, at):
        if 0 <= side < len(keys) and keys[side][0] in {"border", "terminal"} and keys[side][1] >= 0:
            return world.network.objects[keys[side][1]].name
    network = world.network
    node = int(nodes[min(at, len(nodes) - 1)])
    lat, lon = network.lat_deg, network.lon_deg
    zones = network.centroid
    shrink = np.cos(np.radians(lat[node]))
    nearest = int(np.argmin((lat[zones] - lat[node]) ** 2 + ((lon[zones] - lon[node]) * shrink) ** 2))
    return world.network.zones[nearest]


def steps(way: Way) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Cumulated km, hours and USD per tonne along a way, for a time- or cost-distance chart (UNESCAP 2004).

    A leg is a sloped line; a border or terminal is a vertical step. Starts at (0, 0, 0).
    """
    km = np.concatenate([[0.0], np.cumsum([leg.distance_km for leg in way.legs])])
    hours = np.concatenate([[0.0], np.cumsum([leg.time_h for leg in way.legs])])
    usd = np.concatenate([[0.0], np.cumsum([leg.cost_usd_per_t for leg in way.legs])])
    return km, hours, usd


def zone_index(study: Study, name: str) -> int:
    """Index of a zone by id or name; ValueError lists the nearest names."""
    from difflib import get_close_matches

    from landbridge.schema.demand import Zone

    known = {z.id: i for i, z in enumerate(study.rows(Zone))}
    by_name = {z.name.lower(): i for i, z in enumerate(study.rows(Zone))}
    wanted = name.strip().lower()
    if wanted in known:
        return known[wanted]
    if wanted in by_name:
        return by_name[wanted]
    near = get_close_matches(wanted, [*known, *by_name], n=5, cutoff=0.4)
    raise ValueError(f"no zone '{name}'; did you mean: {', '.join(near) or ', '.join(known)}")
