"""A two-state filter of tone between two countries, and what it is worth against the base rate.

Hidden Markov chain with states tension and detente and normal observations, filtered and never smoothed (Hamilton 1989,
Econometrica 57): the probability at a month uses that month and earlier ones alone. Detente is not access: the filter
is printed beside a gate with its Brier score (Brier 1950, Monthly Weather Review 78) against the base rate, and with
fewer than ten openings on record it says that there are too few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ENOUGH_OPENINGS = 10
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Regime:
    """Parameters of the filter: chosen, not fitted. Tone on the Goldstein scale, persistence per month."""

    mean_tension: float = -5.0
    mean_detente: float = 3.5
    deviation: float = 3.0
    persistence: float = 0.9


def filtered(tone: Sequence[float] | Floats, regime: Regime | None = None) -> Floats:
    """P(detente) month by month; a month without events (NaN) moves toward the stationary half and half.

    >>> filtered([float("nan")]).tolist()
    [0.5]
    """
    r = regime or Regime()
    x = np.asarray(tone, dtype=np.float64)
    z = (x[:, None] - np.array([r.mean_tension, r.mean_detente])) / r.deviation
    log_likelihood = np.where(np.isnan(z), 0.0, -0.5 * z * z)
    return filter_likelihoods(np.exp(log_likelihood - log_likelihood.max(axis=1, keepdims=True)), r.persistence)


def filter_likelihoods(likelihood: Floats, persistence: float, start: Sequence[float] = (0.5, 0.5)) -> Floats:
    """P(second state) after each row of likelihoods (n, 2) for a symmetric chain; rows may be scaled freely.

    `start` is the distribution before the first transition.

    >>> filter_likelihoods(np.array([[1.0, 1.0]]), 0.9, (1.0, 0.0)).round(3).tolist()
    [0.1]
    """
    move = np.array([[persistence, 1 - persistence], [1 - persistence, persistence]])
    now = np.asarray(start, dtype=np.float64)
    found = np.empty(len(likelihood))
    for i, row in enumerate(likelihood):
        now = (now @ move) * row
        now /= now.sum()
        found[i] = now[1]
    return found


@dataclass(frozen=True)
class Skill:
    """What a forecast of "the gate is open this month" was worth.

    `verdict` says whether it may be shown as a probability: too few openings to say, no better than the base rate, or
    better than it. Brier scores are mean squared errors, 0 best and 1 worst.
    """

    months: int
    openings: int
    base_rate: float
    brier: float
    brier_base: float
    verdict: str


def skill(forecast: Sequence[float] | Floats, opened: Sequence[bool] | NDArray[np.bool_],
          base_rate: float | None = None) -> Skill:
    """The Brier score of a forecast against that of the base rate.

    `base_rate` is the share of open months in the record before the forecast; by default the rule of succession over
    the months scored, (openings + 1) / (months + 2). An opening is a month open after a month that was not.

    >>> s = skill([0.8] * 9, [False] * 9, base_rate=0.05)
    >>> round(s.brier, 4), round(s.brier_base, 4), s.verdict
    (0.64, 0.0025, 'too few openings to say')
    """
    p, y = np.asarray(forecast, dtype=np.float64), np.asarray(opened, dtype=bool)
    if len(p) != len(y) or not len(p):
        raise ValueError("forecast and record must have the same length, one month at least")
    openings = int(y[0]) + int(np.count_nonzero(y[1:] & ~y[:-1]))
    base = float(base_rate) if base_rate is not None else (int(y.sum()) + 1) / (len(y) + 2)
    brier, brier_base = float(np.mean((p - y) ** 2)), float(np.mean((base - y) ** 2))
    if openings < ENOUGH_OPENINGS:
        verdict = "too few openings to say"
    else:
        verdict = "better than the base rate" if brier < brier_base else "no better than the base rate"
    return Skill(len(p), openings, base, brier, brier_base, verdict)
