"""Tonnes on every link of the network: the segments of the skeleton laid back on the lines they stand for."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from landbridge.flows._types import F64
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.skeleton import LINES, Skeleton, line_links, middle_cargo
from landbridge.routing import customise, load
from landbridge.routing.cost import link_costs
from landbridge.routing.world import World, arc_costs
from landbridge.schema.demand import Form


def link_flows(world: World, skeleton: Skeleton, ways: Alternatives, flow_t: F64) -> F64:
    """Tonnes a year on each link of the network, both directions together, (m,); for maps before, after, difference.

    `flow_t` is by alternative. Tonne-kilometres over the links equal those over the alternatives, but for ties between
    segments of one cost.
    """
    network, topology = world.network, world.hierarchy.topology
    on_edge = np.asarray(ways.edges.T @ flow_t)
    total = np.zeros(network.m)
    own = skeleton.link >= 0
    np.add.at(total, skeleton.link[own], on_edge[own])
    lines = line_links(world)
    for index, form in enumerate(Form):
        costs = link_costs(world.study, network, middle_cargo(world, form))
        for mode in LINES:
            used = np.flatnonzero((skeleton.form == index) & (skeleton.mode == mode) & (on_edge > 0))
            if not len(used):
                continue
            open_line = lines & (network.carrier == mode)
            metric = customise(world.hierarchy, arc_costs(world, np.where(open_line, costs.generalised, np.inf)))
            starts, row = np.unique(skeleton.tail[used], return_inverse=True)
            ends, column = np.unique(skeleton.head[used], return_inverse=True)
            flows = sparse.coo_array((on_edge[used], (row, column)), shape=(len(starts), len(ends))).toarray()
            loaded = load(metric, skeleton.place[starts], skeleton.place[ends], flows)
            total += np.bincount(topology.link, weights=loaded.arc_flow, minlength=network.m)
    return total
