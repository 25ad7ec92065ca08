"""Deterministic user equilibrium on a road-type network: every used way of an OD pair costs the same, none
costs less.

Path-based gradient projection with column generation: shortest trees find new paths, Newton steps on the
links two paths do not share move flow from the dearer to the cheaper (Jayakrishnan, Tsai, Prashker and
Rajadhyaksha 1994, Transportation Research Record 1443; Beckmann, McGuire and Winsten 1956 for the
objective).
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from landbridge.flows import _equilibrium_kernels as kernels
from landbridge.flows import _trees as trees
from landbridge.flows._pool import Pool
from landbridge.flows._types import F64, I32, I64, Delay, Loads, PairArrays
from landbridge.flows.delay import Links

INNER_SWEEPS = 40  # Gauss-Seidel passes at most between two rounds of column generation
INNER_RATIO = 0.05  # passes stop when the excess over the known paths is this share of the last full excess
STALL_ROUNDS = 30  # rounds without a better gap before giving up
BATCH_BYTES = 64 << 20  # trees held at once


@dataclass(frozen=True)
class Demand:
    """OD demand as three arrays of the same length: origin and destination node, volume per period."""

    origin: I32
    destination: I32
    volume: F64


@dataclass(frozen=True)
class Options:
    """When to stop, and on how many threads; the result is the same for any number of threads."""

    gap: float = 1e-10
    max_seconds: float = np.inf
    max_iterations: int = 1000
    threads: int = 1


@dataclass(frozen=True)
class Paths:
    """Used paths: path i belongs to the pair (origin, destination)[i], carries flow[i], uses
    links[first[i]:first[i+1]].
    """

    origin: I32
    destination: I32
    flow: F64
    first: I64
    links: I32


@dataclass(frozen=True)
class Equilibrium:
    """Link volumes and costs at the end, and how it came about.

    `relative_gap` is (total cost - cost at least-cost ways) / total cost; `gap_history` and
    `seconds_history` have one entry per round. `objective` is Beckmann's, sum over links of the integral of
    cost from 0 to the volume. `intrazonal` and `unreachable` are demand that never enters the network, in
    the unit of demand.
    """

    volume: F64
    cost: F64
    objective: float
    relative_gap: float
    gap_history: F64
    seconds_history: F64
    iterations: int
    seconds: float
    converged: bool
    reason: str
    paths: Paths
    intrazonal: float
    unreachable: float

    @cached_property
    def total_cost(self) -> float:
        """Sum of volume times cost over links (total system travel time where cost is time)."""
        used = self.volume > 0
        return float(self.volume[used] @ self.cost[used])


@dataclass(frozen=True)
class _State:
    """The problem in forward-star order with its present volumes (changed in place by the kernels)."""

    order: I64  # position in the forward star -> link as given
    first: I64
    head: I32
    tail: I32
    delay: Delay
    loads: Loads
    pairs: PairArrays
    first_thru: int

    @staticmethod
    def of(links: Links, demand: Demand) -> _State:
        """Forward star of the links; pairs with volume between different nodes, each once."""
        n = links.nodes
        order = np.argsort(links.tail, kind="stable")
        tail = links.tail[order].astype(np.int32)
        delay = Delay(links.base[order], links.coef[order], 1.0 / links.capacity[order], links.power[order])
        cost = delay.base + np.where(delay.power == 0.0, delay.coef, 0.0)
        keep = (demand.volume > 0) & (demand.origin != demand.destination)
        key, which = np.unique(demand.origin[keep].astype(np.int64) * n + demand.destination[keep],
                               return_inverse=True)
        volume = np.bincount(which, weights=demand.volume[keep], minlength=len(key)).astype(np.float64)
        origins, starts = np.unique(key // n, return_index=True)
        pairs = PairArrays(origins.astype(np.int32), np.append(starts, len(key)).astype(np.int64),
                           (key % n).astype(np.int32), volume)
        return _State(order, np.searchsorted(tail, np.arange(n + 1)).astype(np.int64),
                      links.head[order].astype(np.int32),
                      tail, delay, Loads(np.zeros(links.m), cost, np.zeros(links.m)), pairs, links.first_thru)

    @property
    def origin(self) -> I32:
        """Origin of each pair."""
        return np.repeat(self.pairs.origins, np.diff(self.pairs.first))

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return len(self.first) - 1


def solve(links: Links, demand: Demand, options: Options | None = None,
          start: Equilibrium | None = None) -> Equilibrium:
    """User equilibrium of `demand` on `links`; `start` is an earlier answer to set out from (same links in
    number).

    Not converged is part of the answer (`converged`, `reason`), not an error. Raises ValueError where arrays
    do not fit together or the demand has a negative or unknown volume.

    >>> links = Links.of(2, [0, 0], [1, 1], free_time=[10, 15], b=[0.2, 0.1], capacity=[2, 4], power=[1, 1])
    >>> trips = Demand(np.array([0], np.int32), np.array([1], np.int32), np.array([10.0]))
    >>> answer = solve(links, trips)
    >>> answer.volume.round(6), answer.converged
    (array([6.363636, 3.636364]), True)
    """
    options = options or Options()
    _check(links, demand, start)
    began = time.perf_counter()
    state = _State.of(links, demand)
    pool = Pool(len(state.pairs.volume))
    if start is not None:
        _take_over(start, links, state, pool)
    _first_load(state, pool)
    lost = pool.paths.head_of < 0
    run = _Run(state, pool, options, began)
    reason = run.to_the_end()
    volume, cost = np.empty(links.m), np.empty(links.m)
    volume[state.order], cost[state.order] = state.loads.x, state.loads.cost
    gaps, seconds = np.array(run.gaps), np.array(run.seconds)
    for array in (volume, cost, gaps, seconds):
        array.flags.writeable = False
    intrazonal = float(demand.volume[demand.origin == demand.destination].sum())
    return Equilibrium(volume, cost, links.objective(volume), run.gaps[-1], gaps, seconds, len(run.gaps),
                       time.perf_counter() - began, reason == "", reason, _paths(state, pool), intrazonal,
                       float(state.pairs.volume[lost].sum()))


class _Run:
    """One run of rounds: load, trees, new paths, gap, shifts."""

    def __init__(self, state: _State, pool: Pool, options: Options, began: float) -> None:
        self.state, self.pool, self.options, self.began = state, pool, options, began
        self.active = np.empty(len(state.pairs.volume), np.int32)
        self.mark = np.zeros(len(state.head), np.int64)
        self.stamp = 1
        self.gaps: list[float] = []
        self.seconds: list[float] = []

    def to_the_end(self) -> str:
        """Rounds until converged; the reason where not, '' where converged."""
        options, best, since = self.options, np.inf, 0
        while True:
            kernels.reload(self.state.loads, self.state.delay, self.pool.paths)
            excess, least, active = self._columns()
            gap = excess / (excess + least) if excess > 0 else 0.0
            self.gaps.append(gap)
            self.seconds.append(time.perf_counter() - self.began)
            since = 0 if gap < best * 0.99 else since + 1
            best = min(best, gap)
            if gap <= options.gap:
                return ""
            if not np.isfinite(gap):
                return "link costs grew beyond all bounds"
            if self._late():
                return f"{options.max_seconds:g} s passed at relative gap {gap:.3g}"
            if len(self.gaps) >= options.max_iterations:
                return f"{options.max_iterations} rounds passed at relative gap {gap:.3g}"
            if since >= STALL_ROUNDS:
                return f"relative gap {gap:.3g} has not become smaller in {STALL_ROUNDS} rounds"
            self.pool.compact()
            self._shift_flows(active, excess)

    def _columns(self) -> tuple[float, float, int]:
        """One round of trees and new paths: excess cost, least cost, number of pairs with more than one path."""
        state, pool, threads = self.state, self.pool, self.options.threads
        count = len(state.pairs.origins)
        batch = min(max(threads, BATCH_BYTES // (12 * max(state.nodes, 1))), count)
        totals = np.zeros(2)
        pool.count[2] = 0
        distances, intos = np.empty((batch, state.nodes)), np.empty((batch, state.nodes), np.int32)
        for i0 in range(0, count, max(batch, 1)):
            i1 = min(i0 + batch, count)
            _grow(state, i0, i1, distances, intos, threads)
            k = 0
            while k >= 0:
                k = kernels.new_paths(i0, i1, k, state.pairs, distances, intos, state.tail, state.loads.cost,
                                      totals,
                                      self.active, pool.count, pool.paths)
                if k >= 0:
                    pool.grow()
        return float(totals[0]), float(totals[1]), int(pool.count[2])

    def _shift_flows(self, active: int, excess: float) -> None:
        """Passes over the active pairs until the known paths are nearly in equilibrium."""
        state, paths = self.state, self.pool.paths
        for i in range(INNER_SWEEPS):
            self.stamp = kernels.sweep(self.active, active, state.loads, state.delay, self.mark, self.stamp,
                                       paths)
            if self._late():
                return
            if i % 4 == 3:
                rest = kernels.restricted_excess(self.active, active, state.loads.cost, paths)
                if rest < INNER_RATIO * excess:
                    return

    def _late(self) -> bool:
        return time.perf_counter() - self.began > self.options.max_seconds


def _grow(state: _State, i0: int, i1: int, distances: F64, intos: I32, threads: int) -> None:
    """Shortest trees of origins i0..i1-1, shared out over threads (each tree is grown by one of them alone)."""
    def part(begin: int) -> None:
        trees.grow_trees(state.pairs.origins[i0:i1], begin, threads, state.first, state.head,
                         state.loads.cost,
                         state.first_thru, distances, intos)

    if threads == 1:
        part(0)
        return
    with ThreadPoolExecutor(threads) as crew:
        list(crew.map(part, range(threads)))


def _first_load(state: _State, pool: Pool) -> None:
    """All pairs without a path go on their cheapest way, origin after origin, costs rising as the network fills."""
    n, pairs = state.nodes, state.pairs
    distance, into = np.empty(n), np.empty(n, np.int32)
    heap, place = np.empty(n + 1, np.int32), np.empty(n, np.int32)
    for origin, k, k1 in zip(pairs.origins, pairs.first[:-1], pairs.first[1:], strict=True):
        if (pool.paths.head_of[k:k1] >= 0).all():
            continue
        trees.grow_tree(origin, state.first, state.head, state.loads.cost, state.first_thru, distance, into,
                        heap, place)
        while k < k1:
            k = kernels.first_paths(k, k1, origin, pairs, distance, into, state.tail, state.loads,
                                    state.delay,
                                    pool.count, pool.paths)
            if k < k1:
                pool.grow()


def _take_over(start: Equilibrium, links: Links, state: _State, pool: Pool) -> None:
    """Paths of an earlier answer that are still open, with flows scaled to the demand of now."""
    old, n, volume = start.paths, links.nodes, state.pairs.volume
    if not len(old.flow) or not len(volume):
        return
    keys = state.origin.astype(np.int64) * n + state.pairs.destination
    key = old.origin.astype(np.int64) * n + old.destination
    where = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    closed = np.add.reduceat(~np.isfinite(links.base)[old.links], old.first[:-1]) > 0
    keep = np.flatnonzero(np.equal(key, keys[where]) & ~closed & (old.flow > 0))
    if not len(keep):
        return
    pair = where[keep]
    total = np.bincount(pair, weights=old.flow[keep], minlength=len(keys))
    position = np.empty(links.m, np.int32)
    position[state.order] = np.arange(links.m, dtype=np.int32)
    runs = np.concatenate([np.arange(a, b) for a,
                           b in zip(old.first[keep], old.first[keep + 1], strict=True)])
    pool.fill(pair.astype(np.int32), old.flow[keep] * volume[pair] / total[pair],
              np.diff(old.first)[keep].astype(np.int32), position[old.links[runs]])
    kernels.reload(state.loads, state.delay, pool.paths)


def _paths(state: _State, pool: Pool) -> Paths:
    pair = pool.compact()
    used, count = int(pool.count[0]), len(pair)
    first = np.append(pool.paths.start[:count], used).astype(np.int64)
    return Paths(state.origin[pair], state.pairs.destination[pair], pool.paths.flow[:count].copy(), first,
                 state.order.astype(np.int32)[pool.paths.links[:used]])


def _check(links: Links, demand: Demand, start: Equilibrium | None) -> None:
    if not len(demand.origin) == len(demand.destination) == len(demand.volume):
        raise ValueError("origin, destination and volume must have one length")
    if not np.isfinite(demand.volume).all() or (demand.volume < 0).any():
        raise ValueError("demand must be finite and not negative")
    for nodes in (demand.origin, demand.destination):
        if len(nodes) and (int(nodes.min()) < 0 or int(nodes.max()) >= links.nodes):
            raise ValueError(f"demand names a node outside 0..{links.nodes - 1}")
    if start is not None and len(start.volume) != links.m:
        raise ValueError(f"the start has {len(start.volume)} links, the network {links.m}")
