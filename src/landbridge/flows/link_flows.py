"""Tonnes on every link of the network: the segments of the skeleton laid back on the lines they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from scipy import sparse

from landbridge.flows._types import F64, I64
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.skeleton import LINES, Skeleton, line_links, middle_cargo
from landbridge.network.model import Mode
from landbridge.routing import Metric, customise, load
from landbridge.routing.cost import link_costs
from landbridge.routing.world import World, arc_costs
from landbridge.schema.demand import Form


def link_flows(world: World, skeleton: Skeleton, loads: Sequence[tuple[Alternatives, F64]]) -> tuple[F64, ...]:
    """Tonnes a year on each link of the network, both directions together, (m,), of each of some flows.

    A load is alternatives of the skeleton with a flow for each. Tonne-kilometres over the links equal those over the
    alternatives, but for ties between segments of one cost. Each segment's metric is made once for all loads.
    """
    network = world.network
    on_edge = [np.asarray(ways.edges.T @ flow_t) for ways, flow_t in loads]
    own = skeleton.link >= 0
    totals: list[F64] = [np.bincount(skeleton.link[own], f[own], network.m).astype(np.float64) for f in on_edge]
    lines = line_links(world)
    costs = [link_costs(world.study, network, middle_cargo(world, form)).generalised for form in Form]

    def of_segments(part: tuple[int, Mode]) -> list[F64]:
        form, mode = part
        which = np.flatnonzero((skeleton.form == form) & (skeleton.mode == mode))
        used = [which[f[which] > 0] for f in on_edge]
        if not any(len(u) for u in used):
            return []
        open_line = lines & (network.carrier == mode)
        metric = customise(world.hierarchy, arc_costs(world, np.where(open_line, costs[form], np.inf)))
        return [_loaded(world, skeleton, metric, u, f[u]) for u, f in zip(used, on_edge, strict=True)]

    parts = [(form, mode) for form in range(len(Form)) for mode in LINES]
    with ThreadPoolExecutor(2) as pool:
        for found in pool.map(of_segments, parts):
            totals = [t + f for t, f in zip(totals, found, strict=True)] if found else totals
    return tuple(totals)


def _loaded(world: World, skeleton: Skeleton, metric: Metric, edges: I64, flow_t: F64) -> F64:
    """Tonnes on each link of some segments."""
    m = world.network.m
    if not len(edges):
        return np.zeros(m)
    starts, row = np.unique(skeleton.tail[edges], return_inverse=True)
    ends, column = np.unique(skeleton.head[edges], return_inverse=True)
    flows = sparse.coo_array((flow_t, (row, column)), shape=(len(starts), len(ends))).toarray()
    arc_flow = load(metric, skeleton.place[starts], skeleton.place[ends], flows).arc_flow
    return np.bincount(world.hierarchy.topology.link, weights=arc_flow, minlength=m).astype(np.float64)
