"""Kernels of customisation: weights of all slots from the costs of the arcs, in full or after a few changes."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Bytes, Floats, Ints, Shape
from landbridge.routing._hierarchy_kernels import find_arc


@njit(cache=True, nogil=True)
def base_weight(s: int, shape: Shape, cost: Floats) -> float:
    """Least cost of the arcs of a slot; inf if it has none."""
    least = np.inf
    for i in range(shape.slot_first[s], shape.slot_first[s + 1]):
        least = min(least, cost[shape.slot_arc[i]])
    return least


@njit(cache=True, nogil=True)
def customise(shape: Shape, cost: Floats, weight: Floats) -> None:
    """Fill `weight`: base weights first, then every way x - v - y over a lower node v, from the lowest v upwards."""
    first, upper = shape.first, shape.upper
    for s in range(weight.size):
        weight[s] = base_weight(s, shape, cost)
    for v in range(first.size - 1):
        end = first[v + 1]
        for a in range(first[v], end - 1):
            to_x, from_x = weight[2 * a], weight[2 * a + 1]
            if to_x == np.inf and from_x == np.inf:
                continue
            e = first[upper[a]]
            for b in range(a + 1, end):
                y = upper[b]
                while upper[e] != y:
                    e += 1
                up = from_x + weight[2 * b]  # x -> v -> y
                if up < weight[2 * e]:
                    weight[2 * e] = up
                down = weight[2 * b + 1] + to_x  # y -> v -> x
                if down < weight[2 * e + 1]:
                    weight[2 * e + 1] = down


@njit(cache=True, nogil=True)
def _push(heap: Ints, size: int, queued: Bytes, e: int) -> int:
    """Put a chordal arc into the heap of arcs to recompute; returns the heap's size."""
    if queued[e]:
        return size
    queued[e] = 1
    i = size
    while i > 0:
        above = (i - 1) >> 1
        if heap[above] <= e:
            break
        heap[i] = heap[above]
        i = above
    heap[i] = e
    return size + 1


@njit(cache=True, nogil=True)
def _pop(heap: Ints, size: int, queued: Bytes) -> int:
    """Take the lowest chordal arc out of the heap; the heap shrinks by one."""
    lowest = heap[0]
    queued[lowest] = 0
    size -= 1
    last = heap[size]
    i = 0
    while True:
        child = 2 * i + 1
        if child >= size:
            break
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= last:
            break
        heap[i] = heap[child]
        i = child
    heap[i] = last
    return int(lowest)


@njit(cache=True, nogil=True)
def _recomputed(e: int, shape: Shape, cost: Floats, weight: Floats) -> tuple[float, float]:
    """Both weights of a chordal arc from its base arcs and its lower triangles."""
    up, down = base_weight(2 * e, shape, cost), base_weight(2 * e + 1, shape, cost)
    x, y, below, end = shape.lower[e], shape.upper[e], shape.below, shape.below_end
    i, i_stop = shape.below_first[x], shape.below_first[x + 1]
    j, j_stop = shape.below_first[y], shape.below_first[y + 1]
    while i < i_stop and j < j_stop:
        if end[i] < end[j]:
            i += 1
        elif end[i] > end[j]:
            j += 1
        else:
            a, b = below[i], below[j]
            up = min(up, weight[2 * a + 1] + weight[2 * b])
            down = min(down, weight[2 * b + 1] + weight[2 * a])
            i += 1
            j += 1
    return up, down


@njit(cache=True, nogil=True)
def update(seeds: Ints, shape: Shape, cost: Floats, weight: Floats, queued: Bytes, heap: Ints) -> int:
    """Recompute the slots that depend on the seed chordal arcs, lowest first; equal to `customise` to the bit.

    Arc numbers ascend with their lower end, so that all lower triangles of an arc are final when it is taken.
    `queued` is zero and `heap` has room for all chordal arcs. Returns how many chordal arcs changed.
    """
    first, upper = shape.first, shape.upper
    size, changed = 0, 0
    for e in seeds:
        size = _push(heap, size, queued, e)
    while size > 0:
        e = _pop(heap, size, queued)
        size -= 1
        up, down = _recomputed(e, shape, cost, weight)
        was_up, was_down = weight[2 * e], weight[2 * e + 1]
        if up == was_up and down == was_down:
            continue
        weight[2 * e], weight[2 * e + 1] = up, down
        changed += 1
        best_up, best_down = min(up, was_up), min(down, was_down)
        x, y = shape.lower[e], upper[e]
        for q in range(first[x], first[x + 1]):
            z = upper[q]
            if z == y:
                continue
            t = find_arc(min(y, z), max(y, z), first, upper)
            to_z, from_z = best_down + weight[2 * q], weight[2 * q + 1] + best_up  # y -> x -> z, z -> x -> y
            out, home = (2 * t, 2 * t + 1) if y < z else (2 * t + 1, 2 * t)
            # only where the old weight leaned on this triangle or the new one improves on it
            if (to_z <= weight[out] and to_z < np.inf) or (from_z <= weight[home] and from_z < np.inf):
                size = _push(heap, size, queued, t)
    return changed
