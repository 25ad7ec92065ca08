"""Kernels of ways: the search tree of a source, the witness of a slot, unpacking.

One rule breaks all ties, so that a way is the same wherever it is asked for: a slot stands for its first cheapest arc
if one is as cheap as the slot, else for the way over the lowest middle node; a node is reached by the climb if that is
as cheap, else over its first cheapest downward slot.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Climbs, Core, Floats, Ints, Longs, Rows, Shape
from landbridge.routing._lanes import LANES, relax_from_above_tracked


@njit(cache=True, nogil=True)
def climb(source: int, j: int, shape: Shape, weight: Floats, climbs: Climbs) -> None:
    """Upward search from a rank into row j of `climbs`."""
    first, upper, depth = shape.first, shape.upper, shape.depth
    chain, dist, via = climbs.chain[j], climbs.dist[j], climbs.via[j]
    v = source
    while v >= 0:
        i = depth[v]
        chain[i], dist[i], via[i] = v, np.inf, -1
        v = shape.parent[v]
    dist[depth[source]] = 0.0
    for i in range(depth[source], -1, -1):
        here = dist[i]
        if here < np.inf:
            for e in range(first[chain[i]], first[chain[i] + 1]):
                d = here + weight[2 * e]
                above = depth[upper[e]]
                if d < dist[above]:
                    dist[above] = d
                    via[above] = 2 * e


@njit(cache=True, nogil=True)
def witness(s: int, shape: Shape, cost: Floats, weight: Floats) -> tuple[int, int]:
    """(arc, -1) if an open slot stands for one of its arcs, else the two slots of the way over the lowest node."""
    for i in range(shape.slot_first[s], shape.slot_first[s + 1]):
        if cost[shape.slot_arc[i]] == weight[s]:
            return shape.slot_arc[i], -1
    x, y, below, end = shape.lower[s >> 1], shape.upper[s >> 1], shape.below, shape.below_end
    i, i_stop = shape.below_first[x], shape.below_first[x + 1]
    j, j_stop = shape.below_first[y], shape.below_first[y + 1]
    if s & 1:  # the slot runs from y to x: take the way from its tail
        i, i_stop, j, j_stop = j, j_stop, i, i_stop
    while i < i_stop and j < j_stop:
        if end[i] < end[j]:
            i += 1
        elif end[i] > end[j]:
            j += 1
        else:
            a, b = 2 * below[i] + 1, 2 * below[j]
            if weight[a] + weight[b] == weight[s]:
                return a, b
            i += 1
            j += 1
    return -1, -1  # not reached for an open slot


@njit(cache=True, nogil=True)
def unpack(slots: Ints, shape: Shape, cost: Floats, weight: Floats) -> Ints:
    """The arcs a sequence of open slots stands for."""
    arcs, count = np.empty(64, np.int32), 0
    stack = np.empty(64, np.int32)
    for s in slots:
        stack[0], top = s, 1
        while top > 0:
            if top + 2 > stack.size:
                stack = np.append(stack, np.empty_like(stack))
            if count == arcs.size:
                arcs = np.append(arcs, np.empty_like(arcs))
            a, b = witness(stack[top - 1], shape, cost, weight)
            if b >= 0:
                stack[top - 1], stack[top] = b, a
                top += 1
            else:
                arcs[count] = a
                count += 1
                top -= 1
    return arcs[:count].copy()


@njit(cache=True, nogil=True)
def way(source: int, target: int, shape: Shape, weight: Floats) -> tuple[float, Ints]:
    """Least cost and the slots of the way between two ranks, from the source on; inf and none if there is no way."""
    first, upper, lower, depth = shape.first, shape.upper, shape.lower, shape.depth
    room = max(depth[source], depth[target]) + 1
    climbs = Climbs(np.empty((1, room), np.int32), np.empty((1, room), np.float64), np.empty((1, room), np.int32))
    climb(source, 0, shape, weight, climbs)
    goal, dist, over = np.empty(room, np.int32), np.empty(room, np.float64), np.full(room, -1, np.int32)
    v = target
    while v >= 0:
        goal[depth[v]] = v
        v = shape.parent[v]
    for i in range(depth[target] + 1):
        shared = i <= depth[source] and climbs.chain[0, i] == goal[i]
        dist[i] = climbs.dist[0, i] if shared else np.inf
        for e in range(first[goal[i]], first[goal[i] + 1]):
            d = dist[depth[upper[e]]] + weight[2 * e + 1]
            if d < dist[i]:
                dist[i] = d
                over[i] = 2 * e + 1
    slots, count = np.empty(2 * room, np.int32), 0
    i = depth[target]
    least = dist[i]
    if least == np.inf:
        return least, slots[:0].copy()
    while over[i] >= 0:
        slots[count] = over[i]
        count += 1
        i = depth[upper[over[i] >> 1]]
    while climbs.via[0, i] >= 0:
        slots[count] = climbs.via[0, i]
        count += 1
        i = depth[lower[climbs.via[0, i] >> 1]]
    return least, slots[:count][::-1].copy()


@njit(cache=True, nogil=True)
def new_climbs(shape: Shape) -> Climbs:
    """Room for the climbs of one sweep."""
    size = (LANES, np.max(shape.depth) + 1)
    return Climbs(np.empty(size, np.int32), np.empty(size, np.float64), np.empty(size, np.int32))


@njit(cache=True, nogil=True)
def _sweep_down(rows: Rows, dist: Floats, over: Longs) -> None:
    """As `sweep_down` of the matrix; `over` gets the row entry by which a node was reached, -1 where by the climb."""
    for k in range(rows.first.size - 1):
        relax_from_above_tracked(dist, over, np.int64(k), rows.head, rows.length, rows.first[k], rows.first[k + 1])


@njit(cache=True, nogil=True)
def search(
    block: Ints, shape: Shape, weight: Floats, core: Core, down: Rows, climbs: Climbs, dist: Floats, over: Longs
) -> None:
    """Climb from up to LANES source ranks and sweep down to all core nodes; one lane for each source."""
    dist[:] = np.inf
    for j in range(block.size):
        climb(block[j], j, shape, weight, climbs)
        for i in range(shape.depth[block[j]] + 1):
            v = climbs.chain[j, i]
            if core.mark[v]:
                dist[core.number[v], j] = climbs.dist[j, i]
    _sweep_down(down, dist, over)
