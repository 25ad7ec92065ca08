"""Scale and constants of the choice fitted to published shares, with the fit shown.

Few shares are published for this kind of corridor, fewer than parameters, so each parameter has a prior: the
fit minimises Σ ((logit(model) - logit(published)) / spread)² + Σ ((parameter - start) / prior spread)², the
mode of the posterior under normal errors on the logit scale. `spread` is a quarter of the distance from
logit(low) to logit(high).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.optimize import least_squares
from scipy.special import logit as log_odds

from landbridge.flows._types import F64, I32, Bools
from landbridge.flows.choice import Logit, Sets, shares

EDGE = 1e-6  # a share of 0 or 1 is taken as this far from it


@dataclass(frozen=True)
class Observation:
    """A published share: tonnes of the alternatives in `part` over tonnes of those in `whole` (masks over rows)."""

    name: str
    part: Bools
    whole: Bools
    low: float
    central: float
    high: float


@dataclass(frozen=True)
class Fit:
    """The fitted parameters and how well they fit; `constants` is by kind of alternative, in units of V."""

    logit: Logit
    constants: F64
    table: pd.DataFrame
    rms_log_odds: float
    converged: bool


def calibrate(cost: F64, sets: Sets, start: Logit, demand_t: F64, kind: I32,
              observations: tuple[Observation, ...],
              scale_prior_spread: float = 1.0, constant_prior_spread: float = 1.0) -> Fit:
    """Scale of the logit and one constant per kind of alternative (kind 0 has none), fitted to published
    shares.

    `kind` numbers the alternatives (by mode, say); priors are on ln(scale) around the start and on the
    constants around 0. The table has one row per observation: published low, central, high, the model before
    and after, and the residual in log odds. Raises ValueError for an observation whose `whole` is empty.

    >>> sets, cost = Sets.of(np.array([0, 0])), np.array([10.0, 20.0])
    >>> first, both = np.array([True, False]), np.array([True, True])
    >>> seen = (Observation("by rail", first, both, 0.85, 0.88, 0.91),)
    >>> fit = calibrate(cost, sets, Logit(0.1), np.array([1.0]), np.zeros(2, np.int32), seen)
    >>> round(fit.logit.scale, 1)  # logit(0.88) = 0.2 * 10
    0.2
    """
    for o in observations:
        open_t = (demand_t[sets.group] * np.isfinite(cost))[o.whole].sum()
        if open_t <= 0 or not 0 <= o.low <= o.central <= o.high <= 1:
            raise ValueError(f"observation {o.name}: its whole has no open alternative, "
                             "or low <= central <= high fails")
    kinds = int(kind.max(initial=0)) + 1
    spread = np.array([max((_odds(o.high) - _odds(o.low)) / 4, 0.05) for o in observations])
    target = np.array([_odds(o.central) for o in observations])

    seen = np.zeros(sets.groups, np.bool_)  # the groups of which something was observed; the others say nothing
    for o in observations:
        seen[sets.group[o.whole]] = True
    rows = np.flatnonzero(seen[sets.group])
    few = Sets.of(sets.group[rows], sets.nest[rows], sets.groups)
    parts = [(o.part[rows], o.whole[rows]) for o in observations]

    def model(parameters: F64) -> F64:
        logit = replace(start, scale=start.scale * float(np.exp(parameters[0])))
        constants = np.concatenate([[0.0], parameters[1:]])
        flow = demand_t[few.group] * shares(cost[rows], few, logit, constants[kind[rows]]).share
        return np.array([flow[part].sum() / max(flow[whole].sum(), 1e-300) for part, whole in parts])

    def residuals(parameters: F64) -> F64:
        prior = np.concatenate([parameters[:1] / scale_prior_spread, parameters[1:] / constant_prior_spread])
        return np.concatenate([(_odds(model(parameters)) - target) / spread, prior])

    begin = np.zeros(kinds)
    found = least_squares(residuals, begin, bounds=(-6.0, 6.0), xtol=1e-12, ftol=1e-12)
    before, after = model(begin), model(found.x)
    off = _odds(after) - target
    table = pd.DataFrame({
        "observation": [o.name for o in observations], "published_low": [o.low for o in observations],
        "published": [o.central for o in observations], "published_high": [o.high for o in observations],
        "model_before": before, "model": after, "residual_log_odds": off,
        "within_range": [o.low <= a <= o.high for o, a in zip(observations, after, strict=True)],
    })
    rms = float(np.sqrt(np.mean(off**2))) if len(off) else 0.0
    return Fit(replace(start, scale=start.scale * float(np.exp(found.x[0]))),
               np.concatenate([[0.0], found.x[1:]]),
               table, rms, bool(found.success))


def _odds(share: F64 | float) -> F64:
    return np.asarray(log_odds(np.clip(share, EDGE, 1 - EDGE)))
