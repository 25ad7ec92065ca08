"""Kernels of the matrix: the core, which is the ancestors of sources and targets, and batched sweeps over it (RPHAST).

Delling, Goldberg and Werneck 2011, Faster Batched Shortest Paths in Road Networks; Dibbelt, Strasser and Wagner 2016.
Core nodes are numbered from the highest rank downwards, so that a head of an upward slot has a lower number.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Core, Flags, Floats, Ints, Longs, Rows, Shape
from landbridge.routing._lanes import LANES, relax_from_above, relax_upwards

OF_SOURCE, OF_TARGET = 1, 2  # bits of Core.mark
UP, DOWN = 0, 1


@njit(cache=True, nogil=True)
def core(parent: Ints, sources: Ints, targets: Ints) -> Core:
    """The core of some ranks."""
    mark = np.zeros(parent.size, np.uint8)
    count = 0
    for v in sources:
        while v >= 0 and mark[v] == 0:
            mark[v] = OF_SOURCE
            count += 1
            v = parent[v]
    for v in targets:
        while v >= 0 and mark[v] & OF_TARGET == 0:
            if mark[v] == 0:
                count += 1
            mark[v] |= OF_TARGET
            v = parent[v]
    ranks, number = np.empty(count, np.int32), np.empty(parent.size, np.int32)
    k = 0
    for v in range(parent.size - 1, -1, -1):
        if mark[v]:
            ranks[k] = v
            number[v] = k
            k += 1
    return Core(ranks, mark, number)


@njit(cache=True, nogil=True)
def restrict(shape: Shape, weight: Floats, core: Core, bit: int, direction: int) -> Rows:
    """Open slots of one direction above the core nodes that have the bit; no slots for the others."""
    first, upper = shape.first, shape.upper
    row, most = np.zeros(core.ranks.size + 1, np.int64), 0
    for v in core.ranks:
        most += first[v + 1] - first[v]
    head, slot, length = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float64)
    i = 0
    for k in range(core.ranks.size):
        v = core.ranks[k]
        if core.mark[v] & bit:
            for e in range(first[v], first[v + 1]):
                if weight[2 * e + direction] < np.inf:
                    head[i] = core.number[upper[e]]
                    slot[i] = 2 * e + direction
                    length[i] = weight[2 * e + direction]
                    i += 1
        row[k + 1] = i
    return Rows(row, head, slot, length)


@njit(cache=True, nogil=True)
def _climb(sources: Ints, core: Core, parent: Ints, seen: Flags, chain: Ints) -> int:
    """Core numbers of all ancestors of a few sources, the lowest rank (highest number) first; returns their count."""
    count = 0
    for k in sources:
        while not seen[k]:
            seen[k] = True
            chain[count] = k
            count += 1
            above = parent[core.ranks[k]]
            if above < 0:
                break
            k = core.number[above]
    chain[:count].sort()
    for i in range(count // 2):
        chain[i], chain[count - 1 - i] = chain[count - 1 - i], chain[i]
    for k in chain[:count]:
        seen[k] = False
    return count


@njit(cache=True, nogil=True)
def _sweep_up(chain: Ints, rows: Rows, dist: Floats) -> None:
    for k in chain:
        here = dist[k]
        reached = False
        for j in range(LANES):
            reached |= here[j] < np.inf
        if reached:
            relax_upwards(dist, np.int64(k), rows.head, rows.length, rows.first[k], rows.first[k + 1])


@njit(cache=True, nogil=True)
def _sweep_down(rows: Rows, dist: Floats) -> None:
    """Least costs of all core nodes from those of the climb, in place, highest rank first, LANES at a time."""
    for k in range(rows.first.size - 1):
        relax_from_above(dist, np.int64(k), rows.head, rows.length, rows.first[k], rows.first[k + 1])


@njit(cache=True, nogil=True)
def sweep(
    sources: Ints, targets: Ints, order: Longs, core: Core, parent: Ints, up: Rows, down: Rows, out: Floats
) -> None:
    """Rows `order` of the matrix: least costs from these sources (core numbers) to all targets."""
    dist = np.empty((core.ranks.size, LANES), np.float64)
    seen, chain = np.zeros(core.ranks.size, np.bool_), np.empty(core.ranks.size, np.int32)
    for start in range(0, order.size, LANES):
        lanes = order[start : start + LANES]
        dist[:] = np.inf
        count = _climb(sources[lanes], core, parent, seen, chain)
        for j in range(lanes.size):
            dist[sources[lanes[j]], j] = 0.0
        _sweep_up(chain[:count], up, dist)
        _sweep_down(down, dist)
        for j in range(lanes.size):
            for t in range(targets.size):
                out[lanes[j], t] = dist[targets[t], j]
