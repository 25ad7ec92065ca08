"""Kernels of ways: the search tree of a source, the witness of a slot, unpacking, parts and loading.

One rule breaks all ties, so that a way is the same wherever it is asked for: a slot stands for its first cheapest arc if
one is as cheap as the slot, else for the way over the lowest middle node; a node is reached by the climb if that is as
cheap, else over its first cheapest upward arc.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._core_kernels import LANES, _sweep_down


@njit(cache=True, nogil=True)
def climb(source, first, upper, weight, parent, depth, chain, dist, via):
    """Upward search from a rank; entry i of chain (rank), dist and via (slot, -1 for none) is its ancestor of depth i."""
    v = source
    while v >= 0:
        i = depth[v]
        chain[i], dist[i], via[i] = v, np.inf, -1
        v = parent[v]
    dist[depth[source]] = 0.0
    v = source
    while v >= 0:
        here = dist[depth[v]]
        if here < np.inf:
            for e in range(first[v], first[v + 1]):
                i = depth[upper[e]]
                if here + weight[2 * e] < dist[i]:
                    dist[i] = here + weight[2 * e]
                    via[i] = 2 * e
        v = parent[v]


@njit(cache=True, nogil=True)
def witness(s, lower, upper, below_first, below, slot_first, slot_arc, cost, weight):
    """(arc, -1) if the slot stands for one of its arcs, else the two slots of the way over the lowest middle node."""
    for i in range(slot_first[s], slot_first[s + 1]):
        if cost[slot_arc[i]] == weight[s]:
            return slot_arc[i], -1
    x, y = lower[s >> 1], upper[s >> 1]
    i, j = below_first[x], below_first[y]
    while True:  # an open slot has an arc or a triangle
        a, b = below[i], below[j]
        if lower[a] < lower[b]:
            i += 1
        elif lower[a] > lower[b]:
            j += 1
        else:
            if s & 1 == 0 and weight[2 * a + 1] + weight[2 * b] == weight[s]:
                return 2 * a + 1, 2 * b
            if s & 1 == 1 and weight[2 * b + 1] + weight[2 * a] == weight[s]:
                return 2 * b + 1, 2 * a
            i += 1
            j += 1


@njit(cache=True, nogil=True)
def unpack(slots, room, lower, upper, below_first, below, slot_first, slot_arc, cost, weight):
    """The arcs a sequence of slots stands for; `room` bounds the depth of the unpacking."""
    arcs, count = np.empty(64, np.int32), 0
    stack = np.empty(2 * room + 8, np.int32)
    for s in slots:
        stack[0], top = s, 1
        while top > 0:
            top -= 1
            a, b = witness(stack[top], lower, upper, below_first, below, slot_first, slot_arc, cost, weight)
            if b >= 0:
                stack[top], stack[top + 1] = b, a
                top += 2
            else:
                if count == arcs.size:
                    longer = np.empty(2 * count, np.int32)
                    longer[:count] = arcs
                    arcs = longer
                arcs[count] = a
                count += 1
    return arcs[:count].copy()


@njit(cache=True, nogil=True)
def way(source, target, first, upper, lower, weight, parent, depth):
    """Least cost and the slots of the way between two ranks, from the source on; inf and none if there is no way."""
    room = max(depth[source], depth[target]) + 1
    chain, up, via = np.empty(room, np.int32), np.empty(room, np.float64), np.empty(room, np.int32)
    climb(source, first, upper, weight, parent, depth, chain, up, via)
    goal, dist, back = np.empty(room, np.int32), np.empty(room, np.float64), np.empty(room, np.int32)
    v = target
    while v >= 0:
        goal[depth[v]] = v
        v = parent[v]
    for i in range(depth[target] + 1):
        v = goal[i]
        shared = i <= depth[source] and chain[i] == v
        dist[i], back[i] = up[i] if shared else np.inf, -1
        for e in range(first[v], first[v + 1]):
            d = dist[depth[upper[e]]] + weight[2 * e + 1]
            if d < dist[i]:
                dist[i] = d
                back[i] = 2 * e + 1
    slots, count = np.empty(2 * room, np.int32), 0
    i = depth[target]
    least = dist[i]
    if least == np.inf:
        return least, slots[:0]
    while back[i] >= 0:
        slots[count] = back[i]
        count += 1
        i = depth[upper[back[i] >> 1]]
    while via[i] >= 0:
        slots[count] = via[i]
        count += 1
        i = depth[lower[via[i] >> 1]]
    return least, slots[:count][::-1].copy()


@njit(cache=True, nogil=True)
def search(block, first, upper, weight, parent, depth, mark, number, row, head, length, chain, up, via, dist):
    """Climb from up to LANES source ranks and sweep down to all core nodes; one lane for each source."""
    dist[:] = np.inf
    for j in range(block.size):
        climb(block[j], first, upper, weight, parent, depth, chain[j], up[j], via[j])
        for i in range(depth[block[j]] + 1):
            if mark[chain[j, i]]:
                dist[number[chain[j, i]], j] = up[j, i]
    _sweep_down(row, head, length, dist)


@njit(cache=True, nogil=True)
def back(k, j, source_depth, ranks, depth, first, upper, row, head, length, chain, up, dist):
    """Slot over which lane j reaches core node k, and the node before it; (-1, -1) where the climb reaches it."""
    v, here = ranks[k], dist[k, j]
    i = depth[v]
    if i <= source_depth and chain[j, i] == v and up[j, i] == here:
        return -1, -1
    for i in range(row[k], row[k + 1]):
        if dist[head[i], j] + length[i] == here:
            above = ranks[head[i]]
            return 2 * (first[v] + np.searchsorted(upper[first[v] : first[v + 1]], above)) + 1, head[i]
    return -1, -1
