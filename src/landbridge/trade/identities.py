"""Identities every solution must meet; they are computed with every result and printed beside it.

- adding up: world sales equal world spending without tariff, wages paid equal labor's share of sales, and
  each country's exports + deficit equal its imports;
- real wage from home shares (Arkolakis, Costinot and Rodriguez-Clare 2012, with input-output links as in
  Caliendo and Parro 2015): ln(w/P) = -sum_s final_s [(I - io')^-1 (ln lambda_hat / theta + ln
  kappa_home)]_s, lambda the share bought at home;
- autarky bound: the same formula with lambda itself gives the gain over no trade at all. A closed country
  cannot gain more by opening than this bound in the opened world;
- world envelope: for a small iceberg cut, the sum of gains is the trade it falls on times the cut (exact at
  first order without tariffs, for the sum of equivalent variations at unchanged world income).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.trade.baseline import Baseline, frozen

F = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Identities:
    """How well the identities hold.

    `adding_up` largest market gap (part of world value added); `trade_balance` largest gap of exports +
    deficit - imports (part of the country's trade); `home_share` largest |ln real wage - formula| over
    countries; `autarky_bound[n]` gain in real wage over autarky after the change, `autarky_bound_before[n]`
    before it (factor); `world_gain` sum of I ln(real income), `envelope_before` and `envelope_mean` the
    trade (before; mean of before and after) times the cost cut, money of the baseline.
    """

    adding_up: float
    trade_balance: float
    home_share: float
    autarky_bound: F
    autarky_bound_before: F
    world_gain: float
    envelope_before: float
    envelope_mean: float


def autarky_gain(baseline: Baseline, theta: F, home_share: F) -> F:
    """Real wage over its autarky value, as a factor [n], from shares bought at home [n, s].

    >>> import numpy as np
    >>> from landbridge.trade.baseline import calibrate
    >>> b = calibrate(np.full((1, 2, 2), 5.0), np.zeros((2, 1, 1)), np.ones((2, 1)), [4.0])
    >>> autarky_gain(b, b.theta, np.full((2, 1), 0.5)).round(6)
    array([1.189207, 1.189207])
    """
    with np.errstate(divide="ignore"):
        logs = -np.log(home_share) / theta
    out: F = np.exp(_through_links(baseline, np.where(np.isfinite(logs), logs, 0.0)))
    return out


def _through_links(b: Baseline, logs: F) -> F:
    """sum_s final_ns [(I - io_n')^-1 logs_n]_s: a cost change of each sector's goods as it reaches final
    prices."""
    eye = np.eye(len(b.sectors))
    total = np.linalg.solve(eye - b.io.transpose(0, 2, 1), logs[:, :, None])[:, :, 0]
    out: F = (b.final_share * total).sum(axis=1)
    return out


def check(
    b: Baseline,
    theta: F,
    kappa: F,
    cost_hat: F,
    share: F,
    tariff: F,
    expenditure: F,
    output: F,
    deficit: F,
    wage: F,
    cpi: F,
    real_income: F,
    income: F,
) -> Identities:
    """Identities of a solution; arguments as in `hat.HatResult`, `kappa` with tariffs, `wage` and `cpi` as
    factors."""
    n = len(b.countries)
    own = np.arange(n)
    flows = share * expenditure.T[:, :, None] / (1.0 + tariff)
    before = b.flows()
    world = b.value_added.sum()
    imports, exports = flows.sum(axis=(0, 2)), flows.sum(axis=(0, 1))
    home = flows[:, own, own].sum(axis=0)
    wages = (b.va_share * output).sum(axis=1)
    spending = b.final_share * income[:, None] + np.einsum("nks,ns->nk", b.io, output)
    gaps = max(np.abs(wages - wage * b.value_added).max(), np.abs(spending - expenditure).max()) / world
    trade = np.maximum(0.5 * (imports + exports) - home, 1e-12 * world)
    old_home, new_home = b.share[:, own, own].T, share[:, own, own].T
    used = (old_home > 0) & (new_home > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(used, np.log(new_home / old_home) / theta, 0.0) + np.log(kappa[:, own, own]).T
    formula = _through_links(b, -change)
    whole = used.all(axis=1)
    off = np.abs(np.log(wage / cpi) - formula)[whole]
    cut = -np.log(cost_hat)
    return Identities(
        float(gaps),
        float((np.abs(exports + deficit - imports) / trade).max()),
        float(off.max(initial=0.0)),
        frozen(autarky_gain(b, theta, new_home)),
        frozen(autarky_gain(b, theta, old_home)),
        float((b.income() * np.log(np.maximum(real_income, 1e-300))).sum()),
        float((before * cut).sum()),
        float((0.5 * (before + flows) * cut).sum()),
    )
