"""Forced ways: through given points, by given modes, within given countries; what they measure are indicators."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from landbridge.network.model import Kind, Mode
from landbridge.routing import customise, path
from landbridge.routing.cost import CostOptions, LinkCosts, link_costs
from landbridge.routing.world import World, arc_costs
from landbridge.schema.demand import Cargo
from landbridge.schema.probes import Against, Probe, Quantity

Bools = NDArray[np.bool_]
LINE = {"rail": Mode.RAIL, "road": Mode.ROAD, "sea": Mode.SEA}


def probe_values(
    world: World, probes: Sequence[Probe], closed: Callable[[str, str], frozenset[str]]
) -> dict[str, float]:
    """Value of every probe; NaN where a point is not in the network, inf where no such way is open.

    `closed(scenario, cargo)` gives the ids of the objects that are shut; it is not asked for 'all-open'.
    """
    cargoes = {c.id: c for c in world.study.rows(Cargo)}
    priced: dict[tuple[str, str], LinkCosts] = {}
    shut: dict[tuple[str, str], frozenset[str]] = {}
    for probe in probes:
        key = (probe.cargo, probe.tariff_set)
        if key not in priced:
            priced[key] = link_costs(world.study, world.network, cargoes[probe.cargo], CostOptions(probe.tariff_set))
        here = (probe.scenario, probe.cargo)
        if here not in shut:
            shut[here] = frozenset() if probe.scenario == "all-open" else closed(*here)
    ports = _near_ports(world)

    def measured(probe: Probe) -> float:
        costs = priced[probe.cargo, probe.tariff_set]
        return _measure(world, probe, costs, shut[probe.scenario, probe.cargo], ports)

    with ThreadPoolExecutor(2) as pool:
        plain = dict(zip((p.indicator for p in probes), pool.map(measured, probes), strict=True))
    return {p.indicator: _held_against(p, plain) for p in probes}


def _held_against(probe: Probe, plain: Mapping[str, float]) -> float:
    value = plain[probe.indicator]
    if probe.against is Against.NOTHING:
        return value
    other = plain.get(probe.other, np.nan)
    if probe.against is Against.LESS:
        return value - other
    return value / other if probe.against is Against.OVER else 100 * (value - other) / other


def _measure(world: World, probe: Probe, costs: LinkCosts, shut: frozenset[str], ports: Bools) -> float:
    nodes = [point_node(world, p) for p in probe.points]
    if any(n is None for n in nodes):
        return float("nan")
    total = 0.0
    for i, (a, b) in enumerate(pairwise(nodes)):
        modes = probe.modes[min(i, len(probe.modes) - 1)]
        allowed = np.where(_forbidden(world, modes, probe.within, ports), np.inf, costs.generalised)
        allowed[world.links(shut)] = np.inf
        assert a is not None
        assert b is not None
        found = path(customise(world.hierarchy, arc_costs(world, allowed)), a, b)
        if not len(found.arcs):
            return float("inf")
        links = world.hierarchy.topology.link[found.arcs]
        total += _read(world, probe.quantity, costs, links)
    return total


def _read(world: World, quantity: Quantity, costs: LinkCosts, links: NDArray[np.int32]) -> float:
    line = world.network.mode[links] <= Mode.SEA
    if quantity is Quantity.KM:
        return float(costs.km[links][line].sum())
    if quantity is Quantity.SAILING_HOURS:
        return float(costs.time_h[links][world.network.mode[links] == Mode.SEA].sum())
    if quantity in {Quantity.HOURS, Quantity.DAYS}:
        return float(costs.time_h[links].sum()) / (24 if quantity is Quantity.DAYS else 1)
    per_t = float(costs.usd_per_t[links].sum())
    payload = world.study.config.cost.payload_t_per_teu
    return per_t * {Quantity.USD_PER_TEU: payload, Quantity.USD_PER_FEU: 2 * payload}.get(quantity, 1.0)


def _forbidden(world: World, modes: str, within: Sequence[str], ports: Bools) -> Bools:
    """Links of other modes, and land links outside the countries; connectors, terminals and roads near ports stay."""
    network = world.network
    wanted = [LINE[m] for m in modes.split()]
    out: Bools = (network.mode <= Mode.SEA) & ~np.isin(network.mode, wanted)
    out |= np.isin(network.mode, [Mode.CONNECTOR, Mode.CROSSING]) & ~np.isin(network.carrier, wanted)
    if Mode.SEA in wanted and len(wanted) == 1:  # a port is reached from its zone by road
        out &= ~((network.mode == Mode.CONNECTOR) & (network.carrier == Mode.ROAD))
        out &= ~((network.mode == Mode.ROAD) & ports)
    if within:
        inside = np.isin(network.country, [network.countries.index(c) for c in within if c in network.countries])
        out |= (network.mode < Mode.SEA) & ~(inside[network.u] & inside[network.v])
    return out


def _near_ports(world: World) -> Bools:
    """Road links within some 40 km of a port, so that a zone reaches its port in a way that is else by sea."""
    from landbridge.schema.network import Terminal

    network = world.network
    near = np.zeros(network.n, bool)
    ports = [t for t in world.study.rows(Terminal) if "sea" in t.modes]
    for terminal in ports:
        box = np.flatnonzero(np.abs(network.lat_deg - terminal.lat_deg) < 0.4)
        away = (network.lon_deg[box] - terminal.lon_deg) * np.cos(np.radians(terminal.lat_deg))
        near[box] |= np.hypot(network.lat_deg[box] - terminal.lat_deg, away) * 111.2 < 40.0
    return near[network.u]


def point_node(world: World, name: str) -> int | None:
    """Node of a zone (its centroid) or terminal (the node its halves share); None where there is none."""
    network = world.network
    if name in network.zones:
        return int(network.centroid[network.zones.index(name)])
    if name not in world.links_by_object:
        return None
    index = network.object_index(name)
    if network.objects[index].kind is not Kind.TERMINAL:
        return None
    links = world.links_by_object[name]
    links = links[network.mode[links] == Mode.TRANSFER]
    ends, counts = np.unique(np.concatenate([network.u[links], network.v[links]]), return_counts=True)
    return int(ends[np.argmax(counts)]) if len(links) else None
