"""Kernels of the node order: components, inertial flow (Dinic, unit capacities), separators, leaves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from landbridge.routing._arrays import Flags, Floats, Ints, Longs

SOURCE, SINK, INNER = 1, 2, 0
DIRECTIONS = 4


class Graph(NamedTuple):
    """Symmetric adjacency without loops or parallels; heads ascend within each node, `reverse` is the arc back."""

    first: Longs
    head: Ints
    reverse: Ints


class Work(NamedTuple):
    """Working arrays, by node but for `flow`. `part` is the part a node is in, -1 once it has its rank."""

    part: Ints
    side: NDArray[np.int8]
    level: Ints  # hops from the sources in the residual graph, -1 where they cannot reach
    came: Longs
    cursor: Longs
    queue: Ints
    scratch: Ints
    key: Floats
    seen: Flags
    source_side: Flags
    flow: NDArray[np.int8]  # by arc: -1, 0 or 1


@njit(cache=True)
def reverse_arcs(first: Longs, head: Ints) -> Ints:
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
def _components(graph: Graph, work: Work, members: Ints, starts: Longs) -> int:
    """Group the members of one part by connected component; fills where each starts, returns how many there are."""
    part, seen, queue = work.part, work.seen, work.queue
    found, filled = 0, 0
    for i in range(members.size):
        root = members[i]
        if seen[root]:
            continue
        starts[found] = filled
        found += 1
        seen[root] = True
        done = filled
        queue[filled] = root
        filled += 1
        while done < filled:
            v = queue[done]
            done += 1
            for arc in range(graph.first[v], graph.first[v + 1]):
                u = graph.head[arc]
                if part[u] == part[root] and not seen[u]:
                    seen[u] = True
                    queue[filled] = u
                    filled += 1
    starts[found] = filled
    for i in range(filled):
        members[i] = queue[i]
        seen[queue[i]] = False
    return found


@njit(cache=True)
def _levels(graph: Graph, work: Work, members: Ints) -> bool:
    """Breadth-first levels of the residual graph from all sources; True if a sink was reached."""
    part, level, queue = work.part, work.level, work.queue
    filled, done = 0, 0
    for v in members:
        level[v] = -1
        if work.side[v] == SOURCE:
            level[v] = 0
            queue[filled] = v
            filled += 1
    sink_level = 1 << 30
    while done < filled:
        v = queue[done]
        done += 1
        if level[v] + 1 > sink_level:
            break
        for arc in range(graph.first[v], graph.first[v + 1]):
            u = graph.head[arc]
            if level[u] < 0 and part[u] == part[v] and work.flow[arc] < 1:
                level[u] = level[v] + 1
                if work.side[u] == SINK:
                    sink_level = level[u]
                else:
                    queue[filled] = u
                    filled += 1
    return sink_level < 1 << 30


@njit(cache=True)
def _augment(graph: Graph, work: Work, source: int) -> int:
    """Send units from one source along shortest residual ways until none is left; returns the units sent."""
    level, came, cursor, flow = work.level, work.came, work.cursor, work.flow
    sent = 0
    v = source
    while True:
        if work.side[v] == SINK:
            sent += 1
            while v != source:
                arc = came[v]
                flow[arc] += 1
                flow[graph.reverse[arc]] -= 1
                v = graph.head[graph.reverse[arc]]
            continue
        advanced = False
        while cursor[v] < graph.first[v + 1]:
            arc = cursor[v]
            u = graph.head[arc]
            if flow[arc] < 1 and work.part[u] == work.part[v] and level[u] == level[v] + 1:
                came[u] = arc
                v = u
                advanced = True
                break
            cursor[v] += 1
        if not advanced:
            if v == source:
                return sent
            v = graph.head[graph.reverse[came[v]]]
            cursor[v] += 1


@njit(cache=True)
def _cut(graph: Graph, work: Work, members: Ints, ordered: Ints, ends: int, limit: int) -> int:
    """Least cut between the first and the last `ends` of the ordered members; stops once it reaches `limit`."""
    for v in members:
        work.side[v] = INNER
        for arc in range(graph.first[v], graph.first[v + 1]):
            work.flow[arc] = 0
    for i in range(ends):
        work.side[ordered[i]] = SOURCE
        work.side[ordered[ordered.size - 1 - i]] = SINK
    size = 0
    while _levels(graph, work, members):
        for v in members:
            work.cursor[v] = graph.first[v]
        for i in range(ends):
            size += _augment(graph, work, ordered[i])
        if size >= limit:
            break
    return size


@njit(cache=True)
def _keys(direction: int, lon: Floats, lat: Floats, members: Ints, key: Floats) -> None:
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
def _take_side(graph: Graph, work: Work, members: Ints) -> None:
    """Mark the source side of a least cut: of the one nearest to the sources and the one nearest to the sinks, the
    one that divides more evenly. `level` is that of the last, vain search for a sink."""
    part, queue, seen = work.part, work.queue, work.seen
    near_sources = 0
    for v in members:
        near_sources += work.level[v] >= 0
    filled, done = 0, 0
    for v in members:
        if work.side[v] == SINK:
            seen[v] = True
            queue[filled] = v
            filled += 1
    while done < filled:
        v = queue[done]
        done += 1
        for arc in range(graph.first[v], graph.first[v + 1]):
            u = graph.head[arc]
            if part[u] == part[v] and not seen[u] and work.flow[graph.reverse[arc]] < 1:
                seen[u] = True
                queue[filled] = u
                filled += 1
    near_sinks = members.size - filled
    later = abs(2 * near_sinks - members.size) < abs(2 * near_sources - members.size)
    for v in members:
        work.source_side[v] = not seen[v] if later else work.level[v] >= 0
        seen[v] = False


@njit(cache=True)
def _halve(graph: Graph, work: Work, members: Ints, lon: Floats, lat: Floats, balance: float) -> None:
    """Mark the source side of the least cut of four directions."""
    ends = max(1, int(members.size * balance))
    least = 1 << 30
    for direction in range(DIRECTIONS):
        _keys(direction, lon, lat, members, work.key)
        ordered = members[np.argsort(work.key[: members.size], kind="mergesort")]
        size = _cut(graph, work, members, ordered, ends, least)
        if size < least:
            least = size
            _take_side(graph, work, members)


@njit(cache=True)
def _leaf(graph: Graph, work: Work, members: Ints, rank: Ints, top: int) -> int:
    """Rank a small part: nodes with many neighbours in it last; returns the next rank below, plus 1."""
    for i in range(members.size):
        v = members[i]
        work.key[i] = 0.0
        for arc in range(graph.first[v], graph.first[v + 1]):
            if work.part[graph.head[arc]] == work.part[v]:
                work.key[i] -= 1.0
    for i in np.argsort(work.key[: members.size], kind="mergesort"):
        top -= 1
        rank[members[i]] = top
    for v in members:
        work.part[v] = -1
    return top


@njit(cache=True)
def _on_cut(v: int, graph: Graph, work: Work) -> bool:
    for arc in range(graph.first[v], graph.first[v + 1]):
        u = graph.head[arc]
        if work.part[u] == work.part[v] and work.source_side[u] != work.source_side[v]:
            return True
    return False


@njit(cache=True)
def _separate(graph: Graph, work: Work, members: Ints, rank: Ints, top: int) -> tuple[int, int, int]:
    """Rank the ends of the cut links on the side that has fewer of them; the rest of `members` becomes two halves.

    Returns the next rank below, plus 1, the size of the first half, and that of both.
    """
    scratch = work.scratch
    balance = 0  # ends on the source side less those on the other
    for v in members:
        if _on_cut(v, graph, work):
            balance += 1 if work.source_side[v] else -1
    chosen = balance <= 0
    separator = 0
    for v in members:
        if work.source_side[v] == chosen and _on_cut(v, graph, work):
            scratch[separator] = v
            separator += 1
    for v in scratch[:separator]:
        top -= 1
        rank[v] = top
        work.part[v] = -1
    kept, other = 0, 0
    for v in members:
        if work.part[v] >= 0 and work.source_side[v]:
            members[kept] = v
            kept += 1
        elif work.part[v] >= 0:
            scratch[other] = v
            other += 1
    for i in range(other):
        members[kept + i] = scratch[i]
    return top, kept, kept + other


@njit(cache=True)
def _new_work(n: int, arcs: int) -> Work:
    return Work(
        np.zeros(n, np.int32), np.zeros(n, np.int8), np.empty(n, np.int32),
        np.empty(n, np.int64), np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int32),
        np.empty(n, np.float64), np.zeros(n, np.bool_), np.zeros(n, np.bool_), np.zeros(arcs, np.int8),
    )  # fmt: skip


@njit(cache=True)
def dissect(graph: Graph, lon: Floats, lat: Floats, leaf: int, balance: float) -> Ints:
    """Rank of each node by nested dissection; 0 is contracted first."""
    n = graph.first.size - 1
    work = _new_work(n, graph.head.size)
    rank, nodes = np.full(n, -1, np.int32), np.arange(n).astype(np.int32)
    starts = np.empty(n + 1, np.int64)
    todo_low, todo_high = np.empty(n + 2, np.int64), np.empty(n + 2, np.int64)  # parts not yet ordered: nodes[low:high]
    todo_low[0], todo_high[0], todo = 0, n, 1
    top, parts = n, 0
    while todo > 0:
        todo -= 1
        low = todo_low[todo]
        members = nodes[low : todo_high[todo]]
        pieces = _components(graph, work, members, starts)
        if pieces == 1 and members.size <= leaf:
            top = _leaf(graph, work, members, rank, top)
            continue
        if pieces == 1:
            _halve(graph, work, members, lon, lat, balance)
            top, middle, end = _separate(graph, work, members, rank, top)
            starts[0], starts[1], starts[2] = 0, middle, end
            pieces = 2
        for c in range(pieces):
            if starts[c + 1] > starts[c]:
                parts += 1
                for v in members[starts[c] : starts[c + 1]]:
                    work.part[v] = parts
                todo_low[todo], todo_high[todo] = low + starts[c], low + starts[c + 1]
                todo += 1
    return rank


@njit(cache=True)
def _hops(graph: Graph, start: int | np.int32, hops: Ints, queue: Ints) -> int:
    """Hop distances from a node within its component; returns how many nodes it has, the farthest last in `queue`."""
    hops[start] = 0
    queue[0] = start
    done, filled = 0, 1
    while done < filled:
        v = queue[done]
        done += 1
        for arc in range(graph.first[v], graph.first[v + 1]):
            u = graph.head[arc]
            if hops[u] < 0:
                hops[u] = hops[v] + 1
                queue[filled] = u
                filled += 1
    return filled


@njit(cache=True)
def place_by_hops(graph: Graph, missing: Flags, lon: Floats, lat: Floats) -> None:
    """Put every component with a missing coordinate on two axes of hop distances between far nodes, in place."""
    n = graph.first.size - 1
    here, there = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    queue, placed = np.empty(n, np.int32), np.zeros(n, np.bool_)
    for v in range(n):
        if not missing[v] or placed[v]:
            continue
        start = np.int32(v)
        for axis in (lon, lat):
            size = _hops(graph, start, here, queue)
            near = queue[size - 1]  # far from the start: one end of the axis
            for u in queue[:size]:
                here[u] = -1
            _hops(graph, near, here, queue)
            far = queue[size - 1]
            _hops(graph, far, there, queue)
            for u in queue[:size]:
                axis[u] = here[u] - there[u]
                placed[u] = True
                if abs(axis[u]) < abs(axis[start]):
                    start = u  # the second axis leaves from the middle of the first
            for u in queue[:size]:
                here[u] = -1
                there[u] = -1
