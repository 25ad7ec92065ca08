"""Compiled parts of the deterministic equilibrium: path pool, column generation, Newton shifts between paths.

Links are in forward-star order. Link cost is `base + coef * (x * per_capacity)**power`, `slope` is its
derivative. The paths of OD pair k are a linked list that starts at `head_of[k]` and goes on with `after[p]`;
the links of path p are `links[start[p]:start[p] + length[p]]`, from the origin on, so that summing their
costs gives bit for bit the distance the tree holds.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.flows._types import F64, I32, I64, Delay, Loads, PairArrays, PathArrays


@njit(cache=True, nogil=True)
def cost_of(p: int, cost: F64, paths: PathArrays) -> float:
    """Cost of path p, summed from the origin on."""
    total = 0.0
    for q in range(paths.start[p], paths.start[p] + paths.length[p]):
        total += cost[paths.links[q]]
    return total


@njit(cache=True, nogil=True)
def cost_and_slope(a: int, x: float, delay: Delay) -> tuple[float, float]:
    """Cost of link a at volume x and its derivative."""
    k = delay.coef[a]
    p = delay.power[a]
    if k == 0.0 or p == 0.0:
        return delay.base[a] + k, 0.0
    q = delay.per_capacity[a]
    r = x * q
    if p == 4.0:
        z = r * r * r
    elif p == 1.0:
        z = 1.0
    else:
        z = max(r, 1e-12) ** (p - 1.0)  # below power 1 the slope at 0 is infinite: keep it finite
    return delay.base[a] + k * z * r, k * p * z * q


@njit(cache=True, nogil=True)
def reload(loads: Loads, delay: Delay, paths: PathArrays) -> None:
    """Volumes, costs and slopes from the path flows."""
    loads.x[:] = 0.0
    for k in range(len(paths.head_of)):
        p = paths.head_of[k]
        while p >= 0:
            for q in range(paths.start[p], paths.start[p] + paths.length[p]):
                loads.x[paths.links[q]] += paths.flow[p]
            p = paths.after[p]
    for a in range(len(loads.x)):
        loads.cost[a], loads.slope[a] = cost_and_slope(a, loads.x[a], delay)


@njit(cache=True, nogil=True)
def _add_path(k: int, origin: int, destination: int, into: I32, tail: I32, count: I64,
              paths: PathArrays) -> bool:
    """Put the tree's path in front of pair k's list, with flow 0; False where the pool has no room."""
    hops = 0
    v = destination
    while v != origin:
        v = tail[into[v]]
        hops += 1
    if count[0] + hops > len(paths.links) or count[1] + 1 > len(paths.start):
        return False
    p = count[1]
    paths.start[p] = count[0]
    paths.length[p] = hops
    paths.flow[p] = 0.0
    paths.after[p] = paths.head_of[k]
    paths.head_of[k] = p
    q = count[0] + hops
    v = destination
    while v != origin:
        q -= 1
        paths.links[q] = into[v]
        v = tail[into[v]]
    count[0] += hops
    count[1] += 1
    return True


@njit(cache=True, nogil=True)
def first_paths(k0: int, k1: int, origin: int, pairs: PairArrays, distance: F64, into: I32, tail: I32,
                loads: Loads, delay: Delay, count: I64, paths: PathArrays) -> int:
    """Load pairs k0..k1-1 of one origin on its tree, update costs; the first pair not done for want of room."""
    for k in range(k0, k1):
        destination = pairs.destination[k]
        if paths.head_of[k] >= 0 or not np.isfinite(distance[destination]):
            continue
        if not _add_path(k, origin, destination, into, tail, count, paths):
            return k
        p = paths.head_of[k]
        paths.flow[p] = pairs.volume[k]
        for q in range(paths.start[p], paths.start[p] + paths.length[p]):
            loads.x[paths.links[q]] += pairs.volume[k]
    for a in range(len(loads.x)):
        if loads.x[a] > 0.0:
            loads.cost[a], loads.slope[a] = cost_and_slope(a, loads.x[a], delay)
    return k1


@njit(cache=True, nogil=True)
def new_paths(i0: int, i1: int, k_from: int, pairs: PairArrays, distances: F64, intos: I32, tail: I32,
              cost: F64,
              totals: F64, active: I32, count: I64, paths: PathArrays) -> int:
    """Column generation for origins i0..i1-1: add each tree path cheaper than all paths of its pair.

    `totals` gathers the excess cost sum f (c - c_min) and the least cost sum; `count[2]` counts the active
    pairs, those with two paths or more. Returns the pair at which room ran out, or -1.
    """
    for i in range(i0, i1):
        row = i - i0
        for k in range(max(k_from, pairs.first[i]), pairs.first[i + 1]):
            p = paths.head_of[k]
            if p < 0:
                continue
            shortest = distances[row, pairs.destination[k]]
            best = np.inf
            excess = 0.0
            while p >= 0:
                z = cost_of(p, cost, paths)
                best = min(best, z)
                excess += paths.flow[p] * max(z - shortest, 0.0)
                p = paths.after[p]
            if shortest < best - 1e-14 * best and not _add_path(
                    k, pairs.origins[i], pairs.destination[k], intos[row], tail, count, paths):
                return k
            totals[0] += excess
            totals[1] += shortest * pairs.volume[k]
            if paths.after[paths.head_of[k]] >= 0:
                active[count[2]] = k
                count[2] += 1
    return -1


@njit(cache=True, nogil=True)
def _newton_move(p: int, best: int, mark: I64, stamp: int, loads: Loads, paths: PathArrays) -> float:
    """Flow to move from path p to `best`, within what each carries; links both use get the mark stamp + 1."""
    difference = 0.0
    curvature = 0.0
    for q in range(paths.start[p], paths.start[p] + paths.length[p]):
        a = paths.links[q]
        if mark[a] == stamp:
            mark[a] = stamp + 1
        else:
            difference += loads.cost[a]
            curvature += loads.slope[a]
    for q in range(paths.start[best], paths.start[best] + paths.length[best]):
        a = paths.links[q]
        if mark[a] == stamp:
            difference -= loads.cost[a]
            curvature += loads.slope[a]
    if difference > 0.0:
        return paths.flow[p] if curvature * paths.flow[p] <= difference else difference / curvature
    if difference < 0.0:
        return -paths.flow[best] if curvature * paths.flow[best] <= -difference else difference / curvature
    return 0.0


@njit(cache=True, nogil=True)
def _move_flow(p: int, best: int, move: float, mark: I64, stamp: int, loads: Loads, delay: Delay,
               paths: PathArrays) -> None:
    """Move flow from p to `best` on the links they do not share; shared links get the mark `stamp` back."""
    paths.flow[p] = max(paths.flow[p] - move, 0.0)
    paths.flow[best] = max(paths.flow[best] + move, 0.0)
    if move != 0.0:
        for q in range(paths.start[best], paths.start[best] + paths.length[best]):
            a = paths.links[q]
            if mark[a] == stamp:
                loads.x[a] = max(loads.x[a] + move, 0.0)
                loads.cost[a], loads.slope[a] = cost_and_slope(a, loads.x[a], delay)
    for q in range(paths.start[p], paths.start[p] + paths.length[p]):
        a = paths.links[q]
        if mark[a] == stamp + 1:
            mark[a] = stamp
        elif move != 0.0:
            loads.x[a] = max(loads.x[a] - move, 0.0)
            loads.cost[a], loads.slope[a] = cost_and_slope(a, loads.x[a], delay)


@njit(cache=True, nogil=True)
def _shift(k: int, loads: Loads, delay: Delay, mark: I64, stamp: int, paths: PathArrays) -> None:
    """Newton shifts between the cheapest path of pair k and each other one; paths left empty leave the list."""
    best = -1
    least = np.inf
    p = paths.head_of[k]
    while p >= 0:
        z = cost_of(p, loads.cost, paths)
        if z < least:
            least = z
            best = p
        p = paths.after[p]
    for q in range(paths.start[best], paths.start[best] + paths.length[best]):
        mark[paths.links[q]] = stamp
    before = -1
    p = paths.head_of[k]
    while p >= 0:
        following = paths.after[p]
        if p != best:
            move = _newton_move(p, best, mark, stamp, loads, paths)
            _move_flow(p, best, move, mark, stamp, loads, delay, paths)
        if p != best and paths.flow[p] <= 0.0:
            if before < 0:
                paths.head_of[k] = following
            else:
                paths.after[before] = following
        else:
            before = p
        p = following


@njit(cache=True, nogil=True)
def sweep(active: I32, count: int, loads: Loads, delay: Delay, mark: I64, stamp: int,
          paths: PathArrays) -> int:
    """One Gauss-Seidel pass of shifts over the active pairs; the next free stamp."""
    for i in range(count):
        k = active[i]
        if paths.after[paths.head_of[k]] >= 0:
            _shift(k, loads, delay, mark, stamp, paths)
            stamp += 2
    return stamp


@njit(cache=True, nogil=True)
def restricted_excess(active: I32, count: int, cost: F64, paths: PathArrays) -> float:
    """Excess cost over the cheapest path known, summed over the active pairs."""
    total = 0.0
    for i in range(count):
        best = np.inf
        p = paths.head_of[active[i]]
        spent = 0.0
        volume = 0.0
        while p >= 0:
            z = cost_of(p, cost, paths)
            best = min(best, z)
            spent += z * paths.flow[p]
            volume += paths.flow[p]
            p = paths.after[p]
        total += spent - best * volume
    return total


@njit(cache=True, nogil=True)
def pool_size(paths: PathArrays) -> tuple[int, int]:
    """Links and paths alive in the pool."""
    n_links = 0
    n_paths = 0
    for k in range(len(paths.head_of)):
        p = paths.head_of[k]
        while p >= 0:
            n_links += paths.length[p]
            n_paths += 1
            p = paths.after[p]
    return n_links, n_paths


@njit(cache=True, nogil=True)
def copy_pool(old: PathArrays, new: PathArrays, pair: I32) -> None:
    """Copy the paths alive side by side, pair after pair; `pair[p]` is the OD pair of path p of the copy."""
    used = 0
    count = 0
    for k in range(len(old.head_of)):
        p = old.head_of[k]
        last = -1
        while p >= 0:
            new.start[count] = used
            new.length[count] = old.length[p]
            new.flow[count] = old.flow[p]
            new.after[count] = -1
            pair[count] = k
            for q in range(old.length[p]):
                new.links[used + q] = old.links[old.start[p] + q]
            used += old.length[p]
            if last < 0:
                new.head_of[k] = count
            else:
                new.after[last] = count
            last = count
            count += 1
            p = old.after[p]
