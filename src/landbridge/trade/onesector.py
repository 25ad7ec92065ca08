"""One-sector trade equilibrium in changes with elastic supply: universal gravity.

Allen, Arkolakis and Takahashi (2020, Journal of Political Economy 128(2)); with psi = 0 it is the model of
Baier, Yotov and Zylkin (2019, Journal of International Economics 116). Importer n, exporter i:

    share'_ni = share_ni b_ni (p_i / P_n)^-theta,   b = exp(effect) = cost_hat^-theta
    Y_i = Y0_i p_i (p_i / P_i)^psi,   Y_i = sum_n share'_ni E_n

and E_n = Y_n + D_n (deficits additive, world output as numeraire) or E_n = Y_n E0_n / Y0_n
(multiplicative). World spending then differs from world output by one factor, `world_factor`, that also
scales the market clearing; it is 1 with additive deficits and 1 to five or six digits in practice.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landbridge.errors import Fault, NotConverged, StudyFault
from landbridge.trade._anderson import fixed_point
from landbridge.trade.baseline import frozen

F = NDArray[np.float64]


class Deficits(StrEnum):
    """What happens to trade deficits."""

    ADDITIVE = "additive"  # constant in money, world output as numeraire
    MULTIPLICATIVE = "multiplicative"  # constant part of output
    REMOVED = "removed"  # spending comes down or up to output (Dekle, Eaton and Kortum 2008)


@dataclass(frozen=True, eq=False)
class OneSectorResult:
    """Changes as factors [n] (1 = as before) and new flows [importer, exporter].

    `price_hat` producer (factory-gate) price, `cpi_hat` consumer price, `output_hat` value of output,
    `expenditure_hat` value of spending, `real_income_hat` = spending over consumer price (exact equivalent
    variation; with balanced or multiplicative deficits also real output). `home_share_gain` is real income
    by the formula (lambda_hat)^(-(1 + psi) / theta) of Arkolakis, Costinot and Rodriguez-Clare, equal to
    output_hat / cpi_hat; `identity` is the largest gap between the two, `adding_up` the largest market gap
    over world output.
    """

    price_hat: F
    cpi_hat: F
    output_hat: F
    expenditure_hat: F
    real_income_hat: F
    flows: F
    home_share_gain: F
    autarky_bound: F
    identity: float
    adding_up: float
    world_factor: float
    residual: float
    sweeps: int
    converged: bool
    reason: str

    @property
    def real_output_hat(self) -> F:
        """Value of output over the consumer price [n] (real GDP in the gravity literature)."""
        return self.output_hat / self.cpi_hat

    def require(self) -> OneSectorResult:
        """This result; NotConverged with the reason if there is no equilibrium."""
        if not self.converged:
            raise NotConverged(f"one-sector trade equilibrium: {self.reason}")
        return self


def solve(
    flows: ArrayLike,
    theta: float,
    psi: float = 0.0,
    *,
    effect: ArrayLike | None = None,
    cost_hat: ArrayLike | None = None,
    deficits: Deficits = Deficits.ADDITIVE,
    tolerance: float = 1e-12,
    max_sweeps: int = 5000,
    depth: int = 8,
    zero_cut_limit: float = 0.9,
) -> OneSectorResult:
    """The equilibrium after a change in trade costs.

    `flows[n, i]` what importer n buys from exporter i, home sales on the diagonal (> 0). Give either
    `effect[n, i]`, the partial effect on log trade (a gravity coefficient times its variable), or
    `cost_hat[n, i]`, the factor on the trade cost; one follows from the other by effect = -theta ln
    cost_hat. `theta` is the trade elasticity, `psi` the supply elasticity. StudyFault for unusable input
    and for a deep cost cut (below `zero_cut_limit`) on an observed zero, which exact hat algebra would
    leave at zero: see `landbridge.trade.levels`.

    Two equal countries that halve a 2-fold cost, theta 4: real income rises by ((1 + 1) / (1 + 2^-4))^(1/4).

    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0**-4], [2.0**-4, 1.0]])
    >>> solve(x, 4.0, cost_hat=[[1.0, 0.5], [0.5, 1.0]]).real_income_hat.round(6)
    array([1.171319, 1.171319])
    """
    flow, log_b = _checked(flows, theta, psi, effect, cost_hat, zero_cut_limit)
    model = _Model(flow, theta, psi, log_b, deficits)
    found = fixed_point(model.sweep, np.zeros(len(flow)), depth, tolerance, max_sweeps)
    return _result(model, found.x, found.residual, found.sweeps, found.reason)


def structural_flows(freeness: ArrayLike, output: ArrayLike, expenditure: ArrayLike) -> F:
    """Flows [importer, exporter] that a structural gravity model has at given trade costs (Anderson, van
    Wincoop 2003).

    `freeness[n, i]` = cost^-theta = exp(gravity effects), > 0 where trade is possible; `output[i]` and
    `expenditure[n]` the margins, with equal sums. Solves the multilateral resistances (proportional
    fitting, mixed by Anderson's method, because plain fitting creeps when a country is almost closed).
    NotConverged if the margins are not met: a country that is almost closed must have output close to its
    expenditure.

    >>> structural_flows([[1.0, 0.25], [0.25, 1.0]], [4.0, 4.0], [4.0, 4.0]).round(6)
    array([[3.2, 0.8],
           [0.8, 3.2]])
    """
    phi = np.array(freeness, dtype=np.float64)
    made, spent = np.array(output, dtype=np.float64), np.array(expenditure, dtype=np.float64)
    if abs(made.sum() / spent.sum() - 1.0) > 1e-9:
        fault = Fault("one-sector trade", "output, expenditure", "different sums", "equal sums", "rescale one of them")
        raise StudyFault([fault])

    def step(log_a: F) -> F:
        weight = np.exp(log_a)
        new: F = np.log(spent / (phi @ (made / (phi.T @ weight))))
        out: F = new - new[0] + log_a[0]
        return out

    found = fixed_point(step, np.log(spent), 10, 1e-13, 3000)
    weight = np.exp(found.x)
    flows: F = weight[:, None] * phi * (made / (phi.T @ weight))[None, :]
    off = float(np.abs(flows.sum(axis=1) / spent - 1.0).max())
    if not off < 1e-8:
        raise NotConverged(f"structural gravity: the margins are missed by {off:.1e} after {found.sweeps} sweeps")
    return flows


def _checked(
    flows: ArrayLike,
    theta: float,
    psi: float,
    effect: ArrayLike | None,
    cost_hat: ArrayLike | None,
    limit: float,
) -> tuple[F, F]:
    flow = np.array(flows, dtype=np.float64)
    faults: list[Fault] = []

    def fault(where: str, found: str, allowed: str, cure: str) -> None:
        faults.append(Fault("one-sector trade", where, found, allowed, cure))

    if flow.ndim != 2 or flow.shape[0] != flow.shape[1] or not np.isfinite(flow).all() or (flow < 0).any():
        fault("flows", f"shape {flow.shape}", "a square table of finite values ≥ 0", "flows[importer, exporter]")
        raise StudyFault(faults)
    if (np.diag(flow) <= 0).any():
        fault(
            "flows",
            f"no home sales in row {int(np.argmin(np.diag(flow)))}",
            "> 0 on the diagonal",
            "home sales are output less exports",
        )
    if not theta > 0 or not psi >= 0:
        fault("theta, psi", f"{theta}, {psi}", "theta > 0, psi ≥ 0", "give the elasticities as positive numbers")
    if effect is not None and cost_hat is not None:
        fault("effect, cost_hat", "both", "one of the two", "effect = -theta ln cost_hat")
    log_b = np.zeros_like(flow)
    if effect is not None:
        log_b = np.array(effect, dtype=np.float64)
    elif cost_hat is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            log_b = -theta * np.log(np.array(cost_hat, dtype=np.float64))
    if log_b.shape != flow.shape or not np.isfinite(log_b).all():
        fault(
            "effect, cost_hat",
            f"shape {log_b.shape} or a value not finite",
            f"{flow.shape}, finite",
            "a prohibition is a finite cost",
        )
    elif ((flow == 0) & (log_b > -theta * np.log(limit))).any():
        n, i = (int(v[0]) for v in np.nonzero((flow == 0) & (log_b > -theta * np.log(limit))))
        fault(
            f"importer {n}, exporter {i}",
            f"a cut to {np.exp(-log_b[n, i] / theta):.3g} of the cost on an observed zero",
            "cuts only where there is trade: exact hat keeps a zero at zero",
            "give such pairs a fitted trade level first: landbridge.trade.levels",
        )
    if faults:
        raise StudyFault(faults)
    return flow, log_b


class _Model:
    """The sweep over log producer prices."""

    def __init__(self, flow: F, theta: float, psi: float, log_b: F, deficits: Deficits) -> None:
        self.flow, self.theta, self.psi, self.deficits = flow, theta, psi, deficits
        self.output0, self.spending0 = flow.sum(axis=0), flow.sum(axis=1)
        self.offset = np.where(flow > 0, log_b, -np.inf).max(axis=1)
        pull = flow / self.spending0[:, None] * np.exp(log_b - self.offset[:, None])
        self.home = np.diag(pull).copy()
        self.foreign = pull - np.diag(self.home)  # kept apart: a closed country's trade is no difference of big sums
        self.world = self.output0.sum()

    def prices(self, log_p: F) -> tuple[F, F, F, F]:
        """ln P, supply, demand (new share = pull supply / demand) and its foreign part."""
        power = -self.theta * log_p
        top = power.max()
        supply = np.exp(power - top)
        abroad = self.foreign @ supply
        demand = np.maximum(abroad + self.home * supply, 1e-300)
        return -(np.log(demand) + self.offset + top) / self.theta, supply, demand, abroad

    def money(self, log_p: F, log_cpi: F) -> tuple[F, F, F]:
        """log p rescaled so that world output is constant, output, expenditure."""
        change = log_p + self.psi * (log_p - log_cpi)
        log_p = log_p - np.log((self.output0 * np.exp(change)).sum() / self.world)
        output = self.output0 * np.exp(change - np.log((self.output0 * np.exp(change)).sum() / self.world))
        if self.deficits is Deficits.ADDITIVE:
            return log_p, output, output + self.spending0 - self.output0
        if self.deficits is Deficits.REMOVED:
            return log_p, output, output
        return log_p, output, output * self.spending0 / self.output0

    def sweep(self, log_p: F) -> F:
        log_cpi, supply, demand, abroad = self.prices(log_p)
        log_p, output, spending = self.money(log_p, log_cpi)
        spending = np.maximum(spending * (self.world / spending.sum()), 1e-12 * self.world)
        exports = np.maximum(supply * (self.foreign.T @ (spending / demand)), 1e-300 * self.world)
        imports = np.maximum(spending * abroad / demand - (spending - output), 1e-300 * self.world)
        step = np.clip(np.log(exports / imports), -3.0, 3.0) / (1.0 + self.theta + self.psi)
        out: F = log_p + step
        return out


def _result(model: _Model, log_p: F, residual: float, sweeps: int, reason: str) -> OneSectorResult:
    log_cpi, supply, demand, _ = model.prices(log_p)
    shift = model.money(log_p, log_cpi)[0] - log_p
    log_p, log_cpi = log_p + shift, log_cpi + shift
    _, output, spending = model.money(log_p, log_cpi)
    share = (model.foreign + np.diag(model.home)) * supply / demand[:, None]
    flows = share * spending[:, None]
    output_hat, spending_hat = output / model.output0, spending / model.spending0
    new, old = np.diag(share), np.diag(model.flow) / model.spending0
    power = -(1.0 + model.psi) / model.theta
    own_b = np.log(model.home) + model.offset - np.log(old)
    gain = np.exp(power * (np.log(new / old) - own_b))
    real = output_hat / np.exp(log_cpi)
    factor = float(spending.sum() / model.world)
    adding = float(np.abs(flows.sum(axis=0) / factor - output).max() / model.world)
    if not reason and adding > 1e-7:
        reason = f"the markets do not clear: {adding:.1e} of world output"
    if not reason and (spending <= 0).any():
        reason = "a country's constant deficit is larger than its output: use multiplicative deficits"
    return OneSectorResult(
        frozen(np.exp(log_p)),
        frozen(np.exp(log_cpi)),
        frozen(output_hat),
        frozen(spending_hat),
        frozen(spending_hat / np.exp(log_cpi)),
        frozen(flows),
        frozen(gain),
        frozen(new**power),
        float(np.abs(np.log(real / gain)).max()),
        adding,
        factor,
        residual,
        sweeps,
        not reason,
        reason,
    )
