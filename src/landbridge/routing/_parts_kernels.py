"""Kernels that sum arc attributes along least-cost ways without unpacking each way."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._core_kernels import LANES
from landbridge.routing._way_kernels import back, search, witness


@njit(cache=True, nogil=True)
def _sum_of_slot(s, known, rows, stack, attributes, sums, lower, upper, below_first, below, slot_first, slot_arc, cost, weight):
    """Row of `sums` with the attributes of a slot, computed once; `known[s]` is the row plus 1. Returns rows used too."""
    stack[0], top = s, 1
    while top > 0:
        s = stack[top - 1]
        if known[s]:
            top -= 1
            continue
        a, b = witness(s, lower, upper, below_first, below, slot_first, slot_arc, cost, weight)
        if b >= 0 and not (known[a] and known[b]):
            stack[top], stack[top + 1] = a, b
            top += 2
            continue
        for i in range(sums.shape[1]):
            sums[rows, i] = attributes[i, a] if b < 0 else sums[known[a] - 1, i] + sums[known[b] - 1, i]
        rows += 1
        known[s] = rows
        top -= 1
    return known[s] - 1, rows


@njit(cache=True, nogil=True)
def parts(
    sources, targets, order, ranks, mark, number, row, head, length, attributes, out,
    first, upper, lower, parent, depth, below_first, below, slot_first, slot_arc, cost, weight,
):  # fmt: skip
    """Columns out[:, s, t] for the sources of `order` (ranks) and all targets (core numbers)."""
    kinds, room = attributes.shape[0], depth.max() + 1
    chain, via = np.empty((LANES, room), np.int32), np.empty((LANES, room), np.int32)
    up, dist = np.empty((LANES, room), np.float64), np.empty((ranks.size, LANES), np.float64)
    known, sums, rows = np.zeros(2 * upper.size, np.int32), np.empty((2 * upper.size, kinds), np.float64), 0
    stack, todo, todo_slot = np.empty(2 * room + 8, np.int32), np.empty(room + 1, np.int32), np.empty(room + 1, np.int32)
    at_node, stamp = np.empty((ranks.size, kinds), np.float64), np.full(ranks.size, -1, np.int64)
    on_climb, climbed = np.empty((room, kinds), np.float64), np.full(room, -1, np.int64)
    for start in range(0, order.size, LANES):
        lanes = order[start : start + LANES]
        search(sources[lanes], first, upper, weight, parent, depth, mark, number, row, head, length, chain, up, via, dist)
        for j in range(lanes.size):
            s, now = lanes[j], start + j
            climbed[depth[sources[s]]] = now
            on_climb[depth[sources[s]]] = 0.0
            for t in range(targets.size):
                k = targets[t]
                if dist[k, j] == np.inf:
                    continue
                count = 0
                while stamp[k] != now:
                    slot, before = back(k, j, depth[sources[s]], ranks, depth, first, upper, row, head, length, chain, up, dist)
                    if slot < 0:
                        break
                    todo[count], todo_slot[count] = k, slot
                    count += 1
                    k = before
                if stamp[k] != now:
                    rows = _sum_of_climb(
                        depth[ranks[k]], now, climbed, on_climb, via[j], known, rows, stack, attributes, sums, depth,
                        lower, upper, below_first, below, slot_first, slot_arc, cost, weight,
                    )  # fmt: skip
                    at_node[k] = on_climb[depth[ranks[k]]]
                    stamp[k] = now
                while count > 0:
                    count -= 1
                    r, rows = _sum_of_slot(
                        todo_slot[count], known, rows, stack, attributes, sums,
                        lower, upper, below_first, below, slot_first, slot_arc, cost, weight,
                    )  # fmt: skip
                    for i in range(kinds):
                        at_node[todo[count], i] = at_node[k, i] + sums[r, i]
                    k = todo[count]
                    stamp[k] = now
                for i in range(kinds):
                    out[i, s, t] = at_node[k, i]


@njit(cache=True, nogil=True)
def _sum_of_climb(
    goal, now, climbed, on_climb, via, known, rows, stack, attributes, sums, depth,
    lower, upper, below_first, below, slot_first, slot_arc, cost, weight,
):  # fmt: skip
    """Fill on_climb[goal], the attributes from the source up to its ancestor of that depth; returns the rows used."""
    i = goal
    while climbed[i] != now:
        i = depth[lower[via[i] >> 1]]
    # the ancestors between, from the lowest: walk again and stop one step later each time would be slow, so mark the way
    path, count = np.empty(goal + 1 if goal > i else i - goal + 1, np.int32), 0
    d = goal
    while d != i:
        path[count] = d
        count += 1
        d = depth[lower[via[d] >> 1]]
    while count > 0:
        count -= 1
        d = path[count]
        r, rows = _sum_of_slot(
            via[d], known, rows, stack, attributes, sums, lower, upper, below_first, below, slot_first, slot_arc, cost, weight
        )
        below_d = depth[lower[via[d] >> 1]]
        for q in range(sums.shape[1]):
            on_climb[d, q] = on_climb[below_d, q] + sums[r, q]
        climbed[d] = now
    return rows
