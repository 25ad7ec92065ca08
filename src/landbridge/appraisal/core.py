"""The core: which divisions no coalition can better, what each player may get in it, and proofs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from landbridge.appraisal.games import Game
from landbridge.appraisal.nucleolus import LeastCore, least_core
from landbridge.errors import NotConverged

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Core:
    """The least and the most each player gets in the core, shape (n, 2); None where the core is empty.

    `least` carries the proof: an allocation where there is a core, balanced weights where there is none.
    """

    interval: Floats | None
    least: LeastCore

    @property
    def empty(self) -> bool:
        """Whether no allocation satisfies every coalition."""
        return self.interval is None


def core(g: Game) -> Core:
    """The core's interval for each player, in the unit of the game; NotConverged if the solver gives up.

    >>> from landbridge.appraisal.games import game_from
    >>> transit = game_from(("R", "K", "N"), {"R+K": 6, "R+K+N": 12})
    >>> core(transit).interval.round(9)
    array([[ 0., 12.],
           [ 0., 12.],
           [ 0.,  6.]])
    """
    least = least_core(g)
    if least.core_empty:
        return Core(None, least)
    scale = float(np.abs(g.values).max()) or 1.0
    inner = np.arange(1, 2**g.n - 1)
    slack = max(least.excess, 0.0) / scale  # rounding of the first programme must not empty the second
    ends = np.empty((g.n, 2))
    for i in range(g.n):
        for side, sign in ((0, 1.0), (1, -1.0)):
            cost = np.zeros(g.n)
            cost[i] = sign
            found = linprog(
                cost,
                A_ub=-g.members[inner],
                b_ub=slack - g.values[inner] / scale,
                A_eq=np.ones((1, g.n)),
                b_eq=[g.grand / scale],
                bounds=(None, None),
                method="highs",
            )
            if found.status != 0:
                raise NotConverged(f"core: {found.message}")
            ends[i, side] = sign * found.fun * scale
    ends[np.abs(ends) < 1e-9 * scale] = 0.0
    return Core(ends, least)


def in_core(g: Game, allocation: Floats) -> bool:
    """Whether an allocation gives every coalition at least its value and divides the value of all."""
    tolerance = 1e-8 * max(1.0, float(np.abs(g.values).max()))
    return bool(
        abs(allocation.sum() - g.grand) <= tolerance
        and np.all(g.members @ allocation >= g.values - tolerance)
    )


def proves_empty(g: Game, weights: dict[int, float]) -> bool:
    """Whether weights on coalitions are balanced and worth more than the value of all, so that the core is
    empty."""
    cover = np.zeros(g.n)
    worth = 0.0
    for mask, weight in weights.items():
        if weight < 0:
            return False
        cover += weight * g.members[mask]
        worth += weight * float(g.values[mask])
    return bool(np.allclose(cover, 1.0, atol=1e-7) and worth > g.grand + 1e-9 * max(1.0, abs(g.grand)))
