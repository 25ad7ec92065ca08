"""Bands by joint draws over trade elasticity, value of time and the cost changes.

Each draw has its own random streams, keyed by (seed, draw, crc32 of the name), so it does not depend on
which worker takes it or on how many draws there are. A quantity of all sectors is drawn by one quantile of
its triangular distributions (low, central, high): errors of method move the sectors together, and
independent sector draws would average out to bands that are too narrow.
"""

from __future__ import annotations

import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landbridge.errors import NotConverged
from landbridge.trade.baseline import F, frozen

if TYPE_CHECKING:
    from landbridge.trade.hat import HatResult
    from landbridge.trade.model import Problem


@dataclass(frozen=True, eq=False)
class Draws:
    """Real income gains [draw, economy] as fractions, the drawn quantiles and factors, and draws without a
    solution.

    `theta_quantile`, `time_quantile` in 0..1, `cost_factor` on days and dollars [draw]; `failed` draw
    numbers.
    """

    gains: F
    theta_quantile: F
    time_quantile: F
    cost_factor: F
    failed: tuple[int, ...]

    def band(self, low_pct: float = 5.0, high_pct: float = 95.0) -> tuple[F, F]:
        """Percentiles of the gains by economy; nan for none only if there was no draw at all."""
        if len(self.gains) == 0:
            empty = np.full(self.gains.shape[1:], np.nan)
            return empty, empty
        return np.percentile(self.gains, low_pct, axis=0), np.percentile(self.gains, high_pct, axis=0)


def triangular(low: F, mode: F, high: F, quantile: float) -> F:
    """Value of triangular distributions at one quantile; the mode where low = high.

    >>> import numpy as np
    >>> triangular(np.array([0.0]), np.array([1.0]), np.array([2.0]), 0.125)
    array([0.5])
    """
    width = high - low
    rise = np.where(width > 0, (mode - low) / np.where(width > 0, width, 1.0), 0.5)
    left = low + np.sqrt(quantile * width * (mode - low))
    right = high - np.sqrt((1.0 - quantile) * width * (high - mode))
    out: F = np.where(width > 0, np.where(quantile < rise, left, right), mode)
    return out


def quantile(seed: int, draw: int, name: str) -> float:
    """A uniform number of one draw and one named quantity."""
    return float(np.random.default_rng([seed, draw, zlib.crc32(name.encode())]).random())


def draw_gains(problem: Problem, draws: int, seed: int, workers: int, spread: float,
               start: HatResult | None = None) -> Draws:
    """Solve the scenario for `draws` joint draws, each from `start`; the same numbers for any number of workers."""
    model = problem.model
    drawn = np.array(
        [[quantile(seed, d, f"trade.{name}") for name in ("theta", "time_value", "cost")] for d in range(draws)]
    ).reshape(-1, 3)
    ends = (np.array([1.0 - spread]), np.array([1.0]), np.array([1.0 + spread]))
    factor = np.array([triangular(*ends, q)[0] for q in drawn[:, 2]])

    def one(d: int) -> F | None:
        theta = triangular(model.theta.low, model.theta.central, model.theta.high, drawn[d, 0])
        value = triangular(model.time_value.low, model.time_value.central, model.time_value.high, drawn[d, 1])
        try:
            return problem.solve(theta, value, factor[d], factor[d], start).real_income_hat - 1.0
        except NotConverged:
            return None

    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        gains = list(pool.map(one, range(draws)))
    good = [g for g in gains if g is not None]
    shape = (len(good), len(model.countries))
    return Draws(
        frozen(np.array(good).reshape(shape)),
        frozen(drawn[:, 0]),
        frozen(drawn[:, 1]),
        frozen(factor),
        tuple(d for d, g in enumerate(gains) if g is None),
    )
