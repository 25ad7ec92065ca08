"""Kernels of the hierarchy: chordal fill along the elimination tree, arc map, lower neighbours."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Ints, Longs


@njit(cache=True)
def _upper_ends(rank: Ints, tail: Ints, head: Ints) -> tuple[Longs, Ints]:
    """For each rank the ranks of its higher neighbours, arc by arc, in compressed rows."""
    n = rank.size
    first = np.zeros(n + 1, np.int64)
    for a in range(tail.size):
        x, y = rank[tail[a]], rank[head[a]]
        if x != y:
            first[min(x, y) + 1] += 1
    for v in range(n):
        first[v + 1] += first[v]
    ends, cursor = np.empty(first[n], np.int32), first[:-1].copy()
    for a in range(tail.size):
        x, y = rank[tail[a]], rank[head[a]]
        if x != y:
            low = min(x, y)
            ends[cursor[low]] = max(x, y)
            cursor[low] += 1
    return first, ends


@njit(cache=True)
def fill(rank: Ints, tail: Ints, head: Ints) -> tuple[Longs, Ints, Ints]:
    """Upper neighbours of each rank after contraction, ascending, and the elimination tree.

    A node inherits the upper neighbours of its children in the tree, all but itself; that is the whole fill.
    """
    n = rank.size
    base_first, base_ends = _upper_ends(rank, tail, head)
    first, parent = np.zeros(n + 1, np.int64), np.full(n, -1, np.int32)
    ends = np.empty(max(16, 4 * tail.size), np.int32)
    eldest, sibling = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    mark = np.full(n, -1, np.int32)
    k = 0
    for v in range(n):
        need = base_first[v + 1] - base_first[v]
        child = eldest[v]
        while child >= 0:
            need += first[child + 1] - first[child]
            child = sibling[child]
        if k + need > ends.size:
            larger = np.empty(max(ends.size * 3 // 2, k + need), np.int32)
            larger[:k] = ends[:k]
            ends = larger
        start = k
        for u in base_ends[base_first[v] : base_first[v + 1]]:
            if mark[u] != v:
                mark[u] = v
                ends[k] = u
                k += 1
        child = eldest[v]
        while child >= 0:
            for u in ends[first[child] : first[child + 1]]:
                if u != v and mark[u] != v:
                    mark[u] = v
                    ends[k] = u
                    k += 1
            child = sibling[child]
        ends[start:k].sort()
        first[v + 1] = k
        if k > start:
            parent[v] = ends[start]
            sibling[v] = eldest[ends[start]]
            eldest[ends[start]] = v
    return first, ends[:k].copy(), parent


@njit(cache=True, nogil=True)
def find_arc(low: int, high: int, first: Longs, upper: Ints) -> int:
    """Chordal arc between two ranks, -1 if there is none."""
    left, right = first[low], first[low + 1]
    while left < right:
        middle = (left + right) >> 1
        if upper[middle] < high:
            left = middle + 1
        else:
            right = middle
    return int(left) if left < first[low + 1] and upper[left] == high else -1


@njit(cache=True)
def slots(rank: Ints, tail: Ints, head: Ints, first: Longs, upper: Ints) -> Ints:
    """Slot of each arc: twice its chordal arc, plus 1 where it runs downwards; -1 for a loop."""
    slot = np.empty(tail.size, np.int32)
    for a in range(tail.size):
        x, y = rank[tail[a]], rank[head[a]]
        if x == y:
            slot[a] = -1
            continue
        low, high = min(x, y), max(x, y)
        slot[a] = 2 * find_arc(low, high, first, upper) + (1 if x > y else 0)
    return slot


@njit(cache=True)
def slot_arcs(slot: Ints, count: int) -> tuple[Ints, Ints]:
    """The arcs of each slot in compressed rows, ascending in each."""
    first = np.zeros(count + 1, np.int32)
    for s in slot:
        if s >= 0:
            first[s + 1] += 1
    for s in range(count):
        first[s + 1] += first[s]
    cursor, arcs = first[:-1].copy(), np.empty(first[count], np.int32)
    for a in range(slot.size):
        s = slot[a]
        if s >= 0:
            arcs[cursor[s]] = a
            cursor[s] += 1
    return first, arcs


@njit(cache=True)
def lower_arcs(first: Longs, upper: Ints) -> tuple[Ints, Longs, Ints, Ints]:
    """Lower end of each chordal arc; for each node, in rows, the arcs to its lower neighbours and these, ascending."""
    n = first.size - 1
    lower, below_first = np.empty(upper.size, np.int32), np.zeros(n + 1, np.int64)
    for u in upper:
        below_first[u + 1] += 1
    for v in range(n):
        below_first[v + 1] += below_first[v]
    cursor, below, below_end = below_first[:-1].copy(), np.empty(upper.size, np.int32), np.empty(upper.size, np.int32)
    for v in range(n):
        for e in range(first[v], first[v + 1]):
            lower[e] = v
            below[cursor[upper[e]]] = e
            below_end[cursor[upper[e]]] = v
            cursor[upper[e]] += 1
    return lower, below_first, below, below_end


@njit(cache=True)
def depths(parent: Ints) -> Ints:
    """Number of ancestors of each node in the elimination tree; a root has 0."""
    depth = np.zeros(parent.size, np.int32)
    for v in range(parent.size - 1, -1, -1):
        if parent[v] >= 0:
            depth[v] = depth[parent[v]] + 1
    return depth
