"""Kernels of all-or-nothing loading: flows pushed along the search trees, then down from shortcuts to arcs."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Core, Floats, Ints, Longs, Rows, Shape
from landbridge.routing._lanes import LANES
from landbridge.routing._way_kernels import new_climbs, search, witness


@njit(cache=True, nogil=True)
def load_slots(
    sources: Ints, targets: Ints, order: Longs, core: Core, down: Rows, flow: Floats, slot_flow: Floats,
    shape: Shape, weight: Floats,
) -> float:  # fmt: skip
    """Add the flow (s, t) of all pairs to the slots of their ways; returns the flow of pairs without a way."""
    climbs = new_climbs(shape)
    room = climbs.chain.shape[1]
    dist, over = np.empty((core.ranks.size, LANES), np.float64), np.empty((core.ranks.size, LANES), np.int64)
    at_node, on_climb = np.zeros((core.ranks.size, LANES), np.float64), np.zeros((LANES, room), np.float64)
    unserved = 0.0
    for start in range(0, order.size, LANES):
        lanes = order[start : start + LANES]
        search(sources[lanes], shape, weight, core, down, climbs, dist, over)
        for t in range(targets.size):
            for j in range(lanes.size):
                if dist[targets[t], j] < np.inf:
                    at_node[targets[t], j] += flow[lanes[j], t]
                else:
                    unserved += flow[lanes[j], t]
        for k in range(core.ranks.size - 1, -1, -1):  # lowest rank first: what comes after is higher
            for j in range(lanes.size):
                passing, i = at_node[k, j], over[k, j]
                if passing > 0:
                    at_node[k, j] = 0.0
                    if i < 0:
                        on_climb[j, shape.depth[core.ranks[k]]] += passing
                    else:
                        slot_flow[down.slot[i]] += passing
                        at_node[down.head[i], j] += passing
        for j in range(lanes.size):
            goal = shape.depth[sources[lanes[j]]]
            for i in range(goal):  # highest first, down to the source
                if on_climb[j, i] > 0:
                    slot = climbs.via[j, i]
                    slot_flow[slot] += on_climb[j, i]
                    on_climb[j, shape.depth[shape.lower[slot >> 1]]] += on_climb[j, i]
            on_climb[j, : goal + 1] = 0.0
    return unserved


@njit(cache=True, nogil=True)
def load_arcs(slot_flow: Floats, arc_flow: Floats, shape: Shape, cost: Floats, weight: Floats) -> None:
    """Hand the flow of each slot, highest first, to the arc or to the two lower slots it stands for."""
    for s in range(slot_flow.size - 1, -1, -1):
        if slot_flow[s] > 0:
            a, b = witness(s, shape, cost, weight)
            if b < 0:
                arc_flow[a] += slot_flow[s]
            else:
                slot_flow[a] += slot_flow[s]
                slot_flow[b] += slot_flow[s]
