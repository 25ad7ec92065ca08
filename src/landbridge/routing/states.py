"""All states of a set of gates: 2^k worlds, each gate open or shut.

A state is a number whose bit i tells whether toggle i is open. `sweep` gives matrices of all states; `walk` gives a
metric for each state, for whatever else is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _sweep_kernels as kernels
from landbridge.routing._arrays import Floats, Ints, Longs
from landbridge.routing.matrices import matrix, ranks_of
from landbridge.routing.metric import Metric, change_in_place, readonly

MOST_TOGGLES = 20
FEW_ARCS = 40  # toggles of more arcs are walked, the others swept on a matrix between their ends


@dataclass(frozen=True)
class Toggle:
    """Arcs that one gate opens and shuts, with their costs in both states (one for all, or one for each arc).

    An arc held by several toggles costs the highest of what they ask, so that it is open only if all are open.
    """

    arcs: Ints
    open_cost: Floats
    shut_cost: Floats = field(default_factory=lambda: np.array(np.inf))

    def __post_init__(self) -> None:
        """Bring everything to one value for each arc."""
        arcs = np.asarray(self.arcs, np.int32).reshape(-1)
        object.__setattr__(self, "arcs", arcs)
        for name in ("open_cost", "shut_cost"):
            object.__setattr__(self, name, np.broadcast_to(np.asarray(getattr(self, name), np.float64), arcs.shape))


def walk(metric: Metric, toggles: Sequence[Toggle]) -> Iterator[tuple[int, Metric]]:
    """Every state with its metric, in Gray-code order: a step changes one gate and customises partially.

    The first state is 0, all shut. Each metric equals a full customisation to the bit, and holds until the next step;
    use `Metric.with_changes` for one to keep. Raises ValueError for more than 20 toggles or a wrong arc or cost.

    >>> from landbridge.routing import build, customise, from_links, matrix
    >>> metric = customise(build(from_links(2, [0, 0], [1, 1])), [3.0, 1.0, 3.0, 1.0])
    >>> [(state, float(matrix(m, [0], [1])[0, 0])) for state, m in walk(metric, [Toggle([1, 3], 1.0)])]
    [(0, 3.0), (1, 1.0)]
    """
    arcs, holders = _arcs(metric, toggles)
    cost, weight = metric.cost.copy(), metric.weight.copy()
    now = Metric(metric.hierarchy, readonly(cost), readonly(weight))
    change_in_place(metric.hierarchy, cost, weight, arcs, _costs(arcs, toggles, 0))
    yield 0, now
    state = 0
    for step in range(1, 2 ** len(toggles)):
        flipped = (step & -step).bit_length() - 1
        state ^= 1 << flipped
        touched = holders[flipped]
        change_in_place(metric.hierarchy, cost, weight, arcs[touched], _costs(arcs, toggles, state)[touched])
        yield state, now


def sweep(
    metric: Metric,
    toggles: Sequence[Toggle],
    sources: ArrayLike,
    targets: ArrayLike,
    reduce: Callable[[int, Floats], ArrayLike] | None = None,
    threads: int = 1,
) -> Floats:
    """Least costs in all states, (2^k, s, t) by state; or what `reduce(state, matrix)` makes of each, (2^k, ...).

    The matrix handed to `reduce` is its own to keep. Toggled arcs are shut once and the least costs between
    sources, targets and the ends of those arcs are taken from the hierarchy; from there on a state differs from a
    smaller one by d(s, t) = min(d(s, t), d(s, u) + cost + d(v, t)) for each arc u - v that opens. So the time of a
    state depends on zones and gates, not on the network. Toggles of more than 40 arcs, such as a whole railway, are
    walked instead, as by `walk`. Equal to customising each state from scratch but for the
    order of addition (1e-12 of the value). Raises ValueError as `walk` does.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(2, [0, 0], [1, 1])), [3.0, 1.0, 3.0, 1.0])
    >>> sweep(metric, [Toggle([1, 3], 1.0)], [0], [1]).tolist()
    [[[3.0]], [[1.0]]]
    """
    make = reduce if reduce is not None else _itself
    results: list[ArrayLike] = [0.0] * 2 ** len(toggles)
    _arcs(metric, toggles)
    ranks_of(metric.hierarchy, sources), ranks_of(metric.hierarchy, targets)
    large, small = _split(toggles)
    for outer, now in walk(metric, [toggles[i] for i in large]):
        tree = _Tree.plant(now, [toggles[i] for i in small], sources, targets, threads)
        for inner, costs in tree.leaves():
            state = _spread(outer, large) | _spread(inner, small)
            results[state] = make(state, costs)
    return np.array(results, np.float64)


def _itself(_state: int, costs: Floats) -> Floats:
    return costs


def _split(toggles: Sequence[Toggle]) -> tuple[list[int], list[int]]:
    """Indices of the toggles to walk and of those to sweep; toggles that share an arc stay together."""
    large = [i for i, t in enumerate(toggles) if len(t.arcs) > FEW_ARCS]
    small = [i for i in range(len(toggles)) if i not in large]
    while True:
        walked = np.concatenate([np.empty(0, np.int32), *(toggles[i].arcs for i in large)])
        tied = [i for i in small if np.isin(toggles[i].arcs, walked).any()]
        if not tied:
            return large, small
        large, small = large + tied, [i for i in small if i not in tied]


def _spread(state: int, indices: Sequence[int]) -> int:
    """The state of some toggles as a state of all: bit j becomes bit indices[j]."""
    return sum((state >> j & 1) << i for j, i in enumerate(indices))


def _arcs(metric: Metric, toggles: Sequence[Toggle]) -> tuple[Ints, list[Longs]]:
    """All toggled arcs, each once, and for each toggle the positions of its arcs among them."""
    if len(toggles) > MOST_TOGGLES:
        raise ValueError(f"{len(toggles)} toggles: 2^{len(toggles)} states are too many; {MOST_TOGGLES} are the most")
    arcs = np.unique(np.concatenate([np.empty(0, np.int32), *(t.arcs for t in toggles)]))
    if arcs.size and (arcs[0] < 0 or arcs[-1] >= metric.hierarchy.topology.m):
        raise ValueError(f"a toggled arc is outside 0..{metric.hierarchy.topology.m - 1}")
    for toggle in toggles:
        if len(np.unique(toggle.arcs)) < len(toggle.arcs):
            raise ValueError("a toggle names an arc twice")
        if not ((toggle.open_cost >= 0).all() and (toggle.shut_cost >= 0).all()):
            raise ValueError("a cost of a toggle is negative or not a number")
    return arcs, [np.searchsorted(arcs, t.arcs) for t in toggles]


def _costs(arcs: Ints, toggles: Sequence[Toggle], state: int) -> Floats:
    """Cost of each toggled arc in a state."""
    cost = np.zeros(len(arcs))
    for i, toggle in enumerate(toggles):
        at = np.searchsorted(arcs, toggle.arcs)
        cost[at] = np.maximum(cost[at], toggle.open_cost if state >> i & 1 else toggle.shut_cost)
    return cost


@dataclass(frozen=True)
class _Decision:
    """One depth of the tree: a toggle, and the arcs whose cost is known once it and those before it are decided."""

    toggle: int
    holders: tuple[tuple[int, Longs, Floats, Floats], ...]  # toggle, positions among the arcs, open and shut costs
    head_row: Longs
    tail_column: Longs
    rows: int  # rows and columns of the matrix that are still of use
    columns: int

    def arc_costs(self, state: int) -> Floats:
        """Costs of the arcs of this depth."""
        cost = np.zeros(len(self.head_row))
        for toggle, at, open_cost, shut_cost in self.holders:
            cost[at] = np.maximum(cost[at], open_cost if state >> toggle & 1 else shut_cost)
        return cost


@dataclass(frozen=True)
class _Tree:
    """The binary tree of decisions, and the matrix between all ends with every toggled arc shut.

    Toggles with the most arcs are decided first, where there are few branches. Rows of the matrix stand for sources and
    heads of toggled arcs, columns for targets and tails; those needed longest stand first, so that the matrix of a
    deeper decision is a corner of the one above.
    """

    decisions: tuple[_Decision, ...]
    source_row: Longs
    target_column: Longs
    closed: Floats

    @staticmethod
    def plant(metric: Metric, toggles: Sequence[Toggle], sources: ArrayLike, targets: ArrayLike, threads: int) -> _Tree:
        """The tree for some sources and targets."""
        topology = metric.hierarchy.topology
        arcs, holders = _arcs(metric, toggles)
        turn = np.argsort([-len(t.arcs) for t in toggles], kind="stable")
        depth = np.zeros(len(arcs), np.int64)  # at which the last holder of an arc is decided
        for d, toggle in enumerate(turn):
            depth[holders[toggle]] = d
        settled = [arcs[depth == d] for d in range(len(toggles))]
        starts, row, rows = _line_up(topology.n, sources, [topology.head[a] for a in settled])
        stops, column, columns = _line_up(topology.n, targets, [topology.tail[a] for a in settled])
        decisions = []
        for d, which in enumerate(settled):
            held = []
            for i, toggle in enumerate(toggles):
                here = np.isin(toggle.arcs, which)
                if here.any():
                    at = np.searchsorted(which, toggle.arcs[here])
                    held.append((i, at, toggle.open_cost[here], toggle.shut_cost[here]))
            heads, tails = row[topology.head[which]], column[topology.tail[which]]
            decisions.append(_Decision(int(turn[d]), tuple(held), heads, tails, rows[d], columns[d]))
        closed = matrix(metric.with_changes(arcs, np.inf), starts, stops, threads)
        return _Tree(tuple(decisions), row[np.asarray(sources)], column[np.asarray(targets)], closed)

    def leaves(self, depth: int = 0, state: int = 0, costs: Floats | None = None) -> Iterator[tuple[int, Floats]]:
        """Every state with its matrix (s, t)."""
        above = self.closed if costs is None else costs
        if depth == len(self.decisions):
            yield state, above[np.ix_(self.source_row, self.target_column)]
            return
        decision = self.decisions[depth]
        for bit in (0, 1):
            decided = state | bit << decision.toggle
            below = above[: decision.rows, : decision.columns].copy()
            kernels.insert(below, decision.head_row, decision.tail_column, decision.arc_costs(decided))
            yield from self.leaves(depth + 1, decided, below)


def _line_up(n: int, ends: ArrayLike, arc_ends: Sequence[Ints]) -> tuple[Ints, Longs, list[int]]:
    """Nodes in the order of their need: `ends`, then the arc ends of the deepest decision up to those of the first.

    Returns the nodes, the place of each by node, and for each decision how many nodes it and those below it need.
    """
    place = np.full(n, -1, np.int64)
    nodes, counts = np.empty(0, np.int32), []
    groups: list[Ints | Longs] = [np.asarray(ends, np.int64).reshape(-1), *reversed(arc_ends)]
    for group in groups:
        new = np.unique(group[place[group] < 0]).astype(np.int32)
        place[new] = len(nodes) + np.arange(len(new))
        nodes = np.concatenate([nodes, new])
        counts.append(len(nodes))
    return nodes, place, counts[:0:-1]
