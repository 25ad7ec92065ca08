"""Shortest trees on a forward star, compiled: Dijkstra with an indexed binary heap."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.flows._types import F64, I32, I64


@njit(cache=True, nogil=True)
def grow_tree(origin: int, first: I64, head: I32, cost: F64, first_thru: int,
              distance: F64, into: I32, heap: I32, place: I32) -> None:
    """Distances and last links from `origin`; nodes below `first_thru` may only start or end a path."""
    n = len(distance)
    for v in range(n):
        distance[v] = np.inf
        into[v] = -1
        place[v] = -1
    distance[origin] = 0.0
    heap[0] = origin
    place[origin] = 0
    size = 1
    while size > 0:
        v = heap[0]
        place[v] = -2
        size -= 1
        if size > 0:  # move the last one to the top and let it sink
            u = heap[size]
            i = 0
            du = distance[u]
            while True:
                j = 2 * i + 1
                if j >= size:
                    break
                if j + 1 < size and distance[heap[j + 1]] < distance[heap[j]]:
                    j += 1
                if distance[heap[j]] >= du:
                    break
                heap[i] = heap[j]
                place[heap[i]] = i
                i = j
            heap[i] = u
            place[u] = i
        if v < first_thru and v != origin:
            continue
        for a in range(first[v], first[v + 1]):
            w = head[a]
            d = distance[v] + cost[a]
            if d < distance[w]:
                distance[w] = d
                into[w] = a
                i = place[w]
                if i < 0:
                    i = size
                    size += 1
                while i > 0:
                    up = (i - 1) // 2
                    if distance[heap[up]] <= d:
                        break
                    heap[i] = heap[up]
                    place[heap[i]] = i
                    i = up
                heap[i] = w
                place[w] = i


@njit(cache=True, nogil=True)
def grow_trees(origins: I32, begin: int, step: int, first: I64, head: I32, cost: F64, first_thru: int,
               distances: F64, intos: I32) -> None:
    """Trees of origins begin, begin + step, … into the rows of `distances` and `intos`."""
    n = distances.shape[1]
    heap = np.empty(n + 1, np.int32)
    place = np.empty(n, np.int32)
    for i in range(begin, len(origins), step):
        grow_tree(origins[i], first, head, cost, first_thru, distances[i], intos[i], heap, place)
