"""Nucleolus and least core by linear programmes (HiGHS), with certificates.

The nucleolus (Schmeidler, 1969) makes the worst-off coalition as well off as possible, then the next, and so
on. Each step is a linear programme; the last point is solved again as a linear system of the binding
coalitions, so it is exact to rounding, and Kohlberg's balancedness (1971) proves it without trusting the
steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from landbridge.appraisal.games import Game
from landbridge.errors import NotConverged

Floats = NDArray[np.float64]
TIGHT = 1e-6  # dual weight above which a coalition binds; weights add to 1
SAME = 1e-8  # excesses nearer than this, relative to the largest value, are one level


@dataclass(frozen=True)
class Nucleolus:
    """The nucleolus, the excess of its worst-off coalitions (its first level), and its proof.

    `certified` says whether all level sets are balanced (Kohlberg); `levels` is how many were needed.
    """

    allocation: Floats
    largest_excess: float
    certified: bool
    levels: int


@dataclass(frozen=True)
class LeastCore:
    """The smallest excess that can be had, an allocation that has it, and weights that prove it.

    `weights` (coalition mask to weight, balanced: they cover every player once) satisfy
    sum w v(S) - v(N) = excess * sum w: no allocation does better. A positive excess proves the core empty
    (Bondareva, 1963; Shapley, 1967). `gap` is the difference of the two sides.
    """

    excess: float
    allocation: Floats
    weights: Mapping[int, float]
    gap: float

    @property
    def core_empty(self) -> bool:
        """Whether no allocation satisfies every coalition."""
        return self.excess > 1e-9 * max(1.0, float(np.abs(self.allocation).max()))


def least_core(g: Game) -> LeastCore:
    """The least core of a game of two or more players; NotConverged if the solver gives up.

    >>> from landbridge.appraisal.games import voting
    >>> round(least_core(voting(2, [1, 1, 1])).excess, 9)
    0.333333333
    """
    scale = float(np.abs(g.values).max()) or 1.0
    inner = np.arange(1, 2**g.n - 1)
    rows = g.members[inner]
    if not len(inner):
        return LeastCore(0.0, g.values[-1:].copy(), {}, 0.0)
    found = linprog(
        np.r_[np.zeros(g.n), 1.0],
        A_ub=np.c_[-rows, -np.ones(len(inner))],
        b_ub=-g.values[inner] / scale,
        A_eq=np.r_[np.ones(g.n), 0.0][None],
        b_eq=[g.grand / scale],
        bounds=(None, None),
        method="highs",
    )
    if found.status != 0:
        raise NotConverged(f"least core: {found.message}")
    dual = -found.ineqlin.marginals
    kept = np.flatnonzero(dual > 1e-10)
    cover = float((dual[kept] @ rows[kept]).mean())  # dual weights add to 1 and cover each player equally
    weights = {int(inner[k]): float(dual[k] / cover) for k in kept}
    total = sum(weights.values())
    bound = (sum(w * float(g.values[m]) for m, w in weights.items()) - g.grand) / total
    excess = float(found.x[-1] * scale)
    return LeastCore(excess, found.x[:-1] * scale, weights, abs(bound - excess))


def nucleolus(g: Game) -> Nucleolus:
    """The nucleolus; ValueError where the players' own values exceed that of all together (no imputation).

    >>> from landbridge.appraisal.games import game_from
    >>> glove = game_from(("L", "R1", "R2"), {"L+R1": 1, "L+R2": 1, "L+R1+R2": 1})
    >>> nucleolus(glove).allocation.round(9) + 0.0
    array([1., 0., 0.])
    """
    n, scale = g.n, float(np.abs(g.values).max()) or 1.0
    own = g.values[1 << np.arange(n)] / scale
    if own.sum() > g.grand / scale + 1e-9:
        raise ValueError("no imputation: alone the players get more than together")
    if n == 1:
        return Nucleolus(g.values[-1:].copy(), 0.0, True, 0)
    x, first = _sequence(g.values / scale, g.members, own)
    certified, levels = _kohlberg(x, g.values / scale, g.members, own)
    return Nucleolus(x * scale, first * scale, certified, levels)


def is_nucleolus(g: Game, allocation: Floats) -> bool:
    """Whether an allocation is the nucleolus, by Kohlberg's criterion alone: all its level sets are balanced.

    >>> from landbridge.appraisal.games import game_from, shapley
    >>> transit = game_from(("R", "K", "N"), {"R+K": 6, "R+K+N": 12})
    >>> is_nucleolus(transit, np.array([4.5, 4.5, 3.0])), is_nucleolus(transit, shapley(transit))
    (True, False)
    """
    scale = float(np.abs(g.values).max()) or 1.0
    own = g.values[1 << np.arange(g.n)] / scale
    return _kohlberg(np.asarray(allocation, np.float64) / scale, g.values / scale, g.members, own)[0]


@dataclass
class _Fixed:
    """Rows known to hold with equality: members @ x + excess of the stage = value (stage -1: no excess)."""

    rows: list[Floats]
    values: list[float]
    stage: list[int]

    def add(self, row: Floats, value: float, stage: int) -> None:
        self.rows.append(row)
        self.values.append(value)
        self.stage.append(stage)

    def span(self) -> Floats:
        """Orthonormal basis of the rows, as columns."""
        left, size, _ = np.linalg.svd(np.array(self.rows).T, full_matrices=False)
        return np.asarray(left[:, size > 1e-9 * size[0]], np.float64)

    def solved(self) -> Floats:
        """The point that satisfies all rows, by least squares over allocation and stage excesses."""
        n, stages = len(self.rows[0]), max(self.stage) + 1
        matrix = np.zeros((len(self.rows), n + stages))
        matrix[:, :n] = self.rows
        for k, stage in enumerate(self.stage):
            if stage >= 0:
                matrix[k, n + stage] = 1.0
        return np.asarray(np.linalg.lstsq(matrix, np.array(self.values), rcond=None)[0], np.float64)


def _sequence(values: Floats, members: Floats, own: Floats) -> tuple[Floats, float]:
    n = members.shape[1]
    coalition = np.arange(1, 2**n - 1)
    rows = members[coalition]
    active = np.ones(len(coalition), np.bool_)
    fixed = _Fixed([np.ones(n)], [float(values[-1])], [-1])
    level: list[float] = []
    for stage in range(n):
        equal = np.array([np.r_[row, 0.0] for row in fixed.rows])
        right = [v - (level[s] if s >= 0 else 0.0) for v, s in zip(fixed.values, fixed.stage, strict=True)]
        found = linprog(np.r_[np.zeros(n), 1.0], A_ub=np.c_[-rows[active], -np.ones(int(active.sum()))],
                        b_ub=-values[coalition[active]], A_eq=equal, b_eq=right,
                        bounds=[*((v, None) for v in own), (None, None)], method="highs")
        if found.status != 0:
            raise NotConverged(f"nucleolus, step {stage + 1}: {found.message}")
        level.append(float(found.x[-1]))
        for k in np.flatnonzero(active)[-found.ineqlin.marginals > TIGHT]:
            fixed.add(rows[k], float(values[coalition[k]]), stage)
        for i in np.flatnonzero(found.lower.marginals[:n] > TIGHT):
            fixed.add(np.eye(n)[i], float(own[i]), -1)
        basis = fixed.span()
        if basis.shape[1] == n:
            return fixed.solved()[:n], level[0]
        active &= np.abs(rows - (rows @ basis) @ basis.T).max(axis=1) > 1e-9
    raise NotConverged("nucleolus: the steps did not fix the allocation")


def _kohlberg(x: Floats, values: Floats, members: Floats, own: Floats) -> tuple[bool, int]:
    """Whether every level set of excesses is balanced; players held at their own value may add weight of
    their own."""
    n = members.shape[1]
    coalition = np.arange(1, 2**n - 1)
    excess = values[coalition] - members[coalition] @ x
    if abs(values[-1] - x.sum()) > 1e-9 or np.any(x < own - 1e-9):
        return False, 0
    order = np.argsort(-excess, kind="stable")
    ends = np.flatnonzero(np.diff(-excess[order]) > SAME) + 1
    at_own = np.eye(n)[np.abs(x - own) <= SAME]
    for count, end in enumerate([*ends, len(order)], start=1):
        rows = members[coalition[order[:end]]]
        if not _balanced(rows, at_own):
            return False, count
        if np.linalg.matrix_rank(rows) == n:  # from here on every larger set is balanced too
            return True, count
    return True, len(ends) + 1


def _balanced(rows: Floats, free: Floats) -> bool:
    """Whether positive weights on the rows, with weights of any size from 0 on the free rows, add to a
    constant."""
    n, m, f = rows.shape[1], len(rows), len(free)
    equal = np.zeros((n, m + f + 1))
    equal[:, :m] = rows.T
    if f:
        equal[:, m:m + f] = free.T
    equal[:, -1] = -1.0
    bounds = [(1.0, None)] * m + [(0.0, None)] * f + [(0.0, None)]
    found = linprog(np.r_[np.ones(m + f), 0.0], A_eq=equal, b_eq=np.zeros(n), bounds=bounds, method="highs")
    return bool(found.status == 0)
