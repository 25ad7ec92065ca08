"""Kernels of the node order: components, inertial flow (Dinic, unit capacities), separators, leaves."""

from __future__ import annotations

import numpy as np
from numba import njit

SOURCE, SINK, INNER = 1, 2, 0
DIRECTIONS = 4


@njit(cache=True)
def reverse_arcs(first, head):
    """For each arc of a symmetric adjacency, sorted by head within each node, the arc that runs back."""
    reverse = np.empty(head.size, np.int32)
    cursor = first[:-1].copy()
    for v in range(first.size - 1):  # tails ascend, so the arcs back into each node are met in their own order
        for arc in range(first[v], first[v + 1]):
            u = head[arc]
            reverse[arc] = cursor[u]
            cursor[u] += 1
    return reverse


@njit(cache=True)
def _components(first, head, part, nodes, low, high, queue, seen, starts):
    """Group nodes[low:high], which hold one part number, by connected component; returns how many there are."""
    found, filled = 0, 0
    for i in range(low, high):
        root = nodes[i]
        if seen[root]:
            continue
        starts[found] = low + filled
        found += 1
        seen[root] = True
        done = filled
        queue[filled] = root
        filled += 1
        while done < filled:
            v = queue[done]
            done += 1
            for arc in range(first[v], first[v + 1]):
                u = head[arc]
                if part[u] == part[root] and not seen[u]:
                    seen[u] = True
                    queue[filled] = u
                    filled += 1
    for i in range(high - low):
        nodes[low + i] = queue[i]
        seen[queue[i]] = False
    starts[found] = high
    return found


@njit(cache=True)
def _levels(first, head, part, flow, side, level, members, queue):
    """Breadth-first levels of the residual graph from all sources; True if a sink was reached."""
    tail, done = 0, 0
    for v in members:
        level[v] = -1
        if side[v] == SOURCE:
            level[v] = 0
            queue[tail] = v
            tail += 1
    sink_level = 1 << 30
    while done < tail:
        v = queue[done]
        done += 1
        if level[v] + 1 > sink_level:
            break
        for arc in range(first[v], first[v + 1]):
            u = head[arc]
            if flow[arc] < 1 and part[u] == part[v] and level[u] < 0:
                level[u] = level[v] + 1
                if side[u] == SINK:
                    sink_level = level[u]
                else:
                    queue[tail] = u
                    tail += 1
    return sink_level < 1 << 30


@njit(cache=True)
def _augment(first, head, reverse, part, flow, side, level, came, cursor, source):
    """Send units from one source along shortest residual ways until none is left; returns the units sent."""
    sent = 0
    v = source
    while True:
        if side[v] == SINK:
            sent += 1
            while v != source:
                arc = came[v]
                flow[arc] += 1
                flow[reverse[arc]] -= 1
                v = head[reverse[arc]]
            continue
        advanced = False
        while cursor[v] < first[v + 1]:
            arc = cursor[v]
            u = head[arc]
            if flow[arc] < 1 and part[u] == part[v] and level[u] == level[v] + 1:
                came[u] = arc
                v = u
                advanced = True
                break
            cursor[v] += 1
        if not advanced:
            if v == source:
                return sent
            v = head[reverse[came[v]]]
            cursor[v] += 1


@njit(cache=True)
def _cut(first, head, reverse, part, flow, side, level, came, cursor, members, ordered, ends, queue, limit):
    """Least cut between the first and the last `ends` of the ordered nodes; stops once it reaches `limit`."""
    for v in members:
        side[v] = INNER
        for arc in range(first[v], first[v + 1]):
            flow[arc] = 0
    for i in range(ends):
        side[ordered[i]] = SOURCE
        side[ordered[ordered.size - 1 - i]] = SINK
    size = 0
    while _levels(first, head, part, flow, side, level, members, queue):
        for v in members:
            cursor[v] = first[v]
        for i in range(ends):
            size += _augment(first, head, reverse, part, flow, side, level, came, cursor, ordered[i])
        if size >= limit:
            break
    return size


@njit(cache=True)
def _key(direction, lon, lat, members, key):
    for i in range(members.size):
        v = members[i]
        if direction == 0:
            key[i] = lon[v]
        elif direction == 1:
            key[i] = lat[v]
        elif direction == 2:
            key[i] = lon[v] + lat[v]
        else:
            key[i] = lon[v] - lat[v]


@njit(cache=True)
def _leaf(first, head, part, members, key, rank, top):
    """Rank a small part: nodes with many neighbours in it last; returns the next free rank below."""
    for i in range(members.size):
        v = members[i]
        key[i] = 0.0
        for arc in range(first[v], first[v + 1]):
            if part[head[arc]] == part[v]:
                key[i] -= 1.0
    by_degree = np.argsort(key[: members.size], kind="mergesort")
    for i in by_degree:
        top -= 1
        rank[members[i]] = top
        part[members[i]] = -1
    return top


@njit(cache=True)
def _separate(first, head, part, nodes, low, high, source_side, rank, top, scratch):
    """Rank the ends of the cut links on the side that has fewer of them; the rest stays in two halves.

    Returns the next free rank below, and where the second half starts and ends in `nodes`.
    """
    count = np.zeros(2, np.int64)
    for i in range(low, high):
        v = nodes[i]
        for arc in range(first[v], first[v + 1]):
            u = head[arc]
            if part[u] == part[v] and source_side[u] != source_side[v]:
                count[1 if source_side[v] else 0] += 1
                break
    chosen = count[1] <= count[0]
    separator = 0
    for i in range(low, high):
        v = nodes[i]
        if source_side[v] == chosen:
            for arc in range(first[v], first[v + 1]):
                u = head[arc]
                if part[u] == part[v] and source_side[u] != chosen:
                    scratch[separator] = v
                    separator += 1
                    break
    for i in range(separator):
        top -= 1
        rank[scratch[i]] = top
        part[scratch[i]] = -1
    kept, other = low, 0
    for i in range(low, high):
        v = nodes[i]
        if part[v] == -1:
            continue
        if source_side[v]:
            nodes[kept] = v
            kept += 1
        else:
            scratch[other] = v
            other += 1
    for i in range(other):
        nodes[kept + i] = scratch[i]
    return top, kept, kept + other


@njit(cache=True)
def dissect(first, head, reverse, lon, lat, leaf, balance):
    """Rank of each node by nested dissection; 0 is contracted first. Adjacency is symmetric and without loops."""
    n = first.size - 1
    rank = np.full(n, -1, np.int32)
    nodes = np.arange(n).astype(np.int32)
    part = np.zeros(n, np.int32)
    flow = np.zeros(head.size, np.int8)
    side, seen, source_side = np.zeros(n, np.int8), np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    level, came, cursor = np.empty(n, np.int32), np.empty(n, np.int64), np.empty(n, np.int64)
    queue, scratch, starts = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n + 1, np.int64)
    key = np.empty(n, np.float64)
    todo_low, todo_high = np.empty(n + 2, np.int64), np.empty(n + 2, np.int64)
    todo_low[0], todo_high[0], todo = 0, n, 1
    top, parts = n, 0
    while todo > 0:
        todo -= 1
        low, high = todo_low[todo], todo_high[todo]
        found = _components(first, head, part, nodes, low, high, queue, seen, starts)
        if found > 1:
            for c in range(found):
                parts += 1
                todo_low[todo], todo_high[todo] = starts[c], starts[c + 1]
                todo += 1
                for i in range(starts[c], starts[c + 1]):
                    part[nodes[i]] = parts
            continue
        members = nodes[low:high]
        if members.size <= leaf:
            top = _leaf(first, head, part, members, key, rank, top)
            continue
        ends = max(1, int(members.size * balance))
        least = 1 << 30
        for direction in range(DIRECTIONS):
            _key(direction, lon, lat, members, key)
            ordered = members[np.argsort(key[: members.size], kind="mergesort")]
            size = _cut(first, head, reverse, part, flow, side, level, came, cursor, members, ordered, ends, queue, least)
            if size < least:
                least = size
                for v in members:
                    source_side[v] = level[v] >= 0
        top, middle, end = _separate(first, head, part, nodes, low, high, source_side, rank, top, scratch)
        for a, b in ((low, middle), (middle, end)):
            if b > a:
                parts += 1
                todo_low[todo], todo_high[todo] = a, b
                todo += 1
                for i in range(a, b):
                    part[nodes[i]] = parts
    return rank


@njit(cache=True)
def _hops(first, head, start, hops, queue):
    """Hop distances from a node within its component; returns how many nodes it has, the farthest last in `queue`."""
    hops[start] = 0
    queue[0] = start
    done, filled = 0, 1
    while done < filled:
        v = queue[done]
        done += 1
        for arc in range(first[v], first[v + 1]):
            u = head[arc]
            if hops[u] < 0:
                hops[u] = hops[v] + 1
                queue[filled] = u
                filled += 1
    return filled


@njit(cache=True)
def place_by_hops(first, head, missing, lon, lat):
    """Put every component with a missing coordinate on two axes of hop distances between far nodes, in place."""
    n = first.size - 1
    here, there = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    queue, placed = np.empty(n, np.int32), np.zeros(n, np.bool_)
    for v in range(n):
        if not missing[v] or placed[v]:
            continue
        start = np.int32(v)
        for axis in (lon, lat):
            size = _hops(first, head, start, here, queue)
            near = queue[size - 1]  # far from the start: one end of the axis
            for u in queue[:size]:
                here[u] = -1
            _hops(first, head, near, here, queue)
            far = queue[size - 1]
            _hops(first, head, far, there, queue)
            for u in queue[:size]:
                axis[u] = here[u] - there[u]
                placed[u] = True
                if abs(axis[u]) < abs(axis[start]):
                    start = u  # the second axis leaves from the middle of the first
            for u in queue[:size]:
                here[u] = -1
                there[u] = -1
