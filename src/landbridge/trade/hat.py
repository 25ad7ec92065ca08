"""Trade, prices and real income after a change in trade costs: exact hat algebra with many sectors.

The model is Caliendo and Parro (2015, Review of Economic Studies 82(1)): Eaton-Kortum (or Armington) trade
in each sector, input-output links, tariffs whose revenue is spent, trade deficits. In changes, with
importer n, exporter i:

    ln c_ns = va_ns ln w_n + sum_k io_nks ln P_nk              unit cost
    P_ns    = (sum_i share_sni (kappa_sni c_is)^-theta_s)^(-1/theta_s)
    share'  = share (kappa c_i / P_n)^-theta,   kappa = cost_hat (1 + tariff') / (1 + tariff)
    X_nk    = sum_s io_nks Y_ns + final_nk I_n,  Y_is = sum_n share'_sni X_ns / (1 + tariff'_sni)
    I_n     = w_n L_n + tariff revenue + deficit + transfer

solved in one joint sweep over wages, prices and expenditure. Wages step by the trade balance, ln w +=
ln(exports / (imports - deficit)) / (1 + theta of what is traded), which keeps working when a country is
almost closed; sweeps are mixed by Anderson's method. Nothing of size (N S)^2 is formed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landbridge.errors import Fault, NotConverged, StudyFault
from landbridge.trade._anderson import fixed_point
from landbridge.trade._sweep import Model
from landbridge.trade.baseline import Baseline, frozen
from landbridge.trade.identities import Identities, check

F = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Shock:
    """What changes. None keeps the baseline.

    `cost_hat[s, n, i]` factor on the iceberg trade cost (1 = no change, finite, > 0); `tariff[s, n, i]` new
    ad valorem tariff; `deficit[n]` new deficit and `transfer[n]` income received from abroad (fees; < 0
    paid), both summing to 0 over the world, in money of the baseline with world value added as numeraire;
    `tax[n]` taken from households and spent on goods they do not consume (building the road).
    """

    cost_hat: ArrayLike | None = None
    tariff: ArrayLike | None = None
    deficit: ArrayLike | None = None
    transfer: ArrayLike | None = None
    tax: ArrayLike | None = None


@dataclass(frozen=True)
class Options:
    """How the equilibrium is computed.

    `theta_cap`: trade elasticities above it are cut to it (petroleum estimates of 50 to 65 make tiny cost
    changes flip all trade); none is cut by default, the bundled study uses 20. `zero_cut_limit`: on a pair
    with no observed trade a cost factor below it (or a tariff cut that halves the price) is refused,
    because exact hat keeps the zero.
    """

    tolerance: float = 1e-10
    max_sweeps: int = 1500
    depth: int = 10
    theta_cap: float = float("inf")
    zero_cut_limit: float = 0.9


@dataclass(frozen=True, eq=False)
class HatResult:
    """The new equilibrium in changes (factor, 1 = as before) and levels, and how good it is.

    Axis order as in Baseline. `real_income_hat[n]` is the exact equivalent variation: income after tax over
    the price of final spending; times baseline income it is money. If `converged` is False, `reason` says
    why and the arrays are the best point found (finite); `require()` raises NotConverged then.
    """

    baseline: Baseline
    theta: F
    wage_hat: F  # [n]
    unit_cost_hat: F  # [n, s]
    price_hat: F  # [n, s]
    cpi_hat: F  # [n]
    share: F  # [s, n, i]
    tariff: F  # [s, n, i]
    deficit: F  # [n] with transfers
    expenditure: F  # [n, s]
    output: F  # [n, s]
    income: F  # [n] before tax
    real_income_hat: F  # [n]
    residual: float
    sweeps: int
    converged: bool
    reason: str
    zero_pairs_cut: int
    identities: Identities

    @property
    def real_wage_hat(self) -> F:
        """Change of the wage in goods [n]."""
        return self.wage_hat / self.cpi_hat

    @property
    def equivalent_variation(self) -> F:
        """Exact gain in money of the baseline [n]."""
        return self.baseline.income() * (self.real_income_hat - 1.0)

    def flows(self) -> F:
        """Trade values without tariff after the change [sector, importer, exporter]."""
        return self.share * self.expenditure.T[:, :, None] / (1.0 + self.tariff)

    def require(self) -> HatResult:
        """This result; NotConverged with the reason if there is no equilibrium."""
        if not self.converged:
            raise NotConverged(f"trade equilibrium: {self.reason}")
        return self

    def rebased(self) -> Baseline:
        """The new equilibrium as the baseline of a next change; it is an exact equilibrium of the model."""
        b = self.require().baseline
        return replace(
            b,
            share=self.share,
            value_added=b.value_added * self.wage_hat,
            deficit=self.deficit,
            tariff=self.tariff,
            expenditure=self.expenditure,
        )


def solve(
    baseline: Baseline,
    shock: Shock | None = None,
    options: Options | None = None,
    start: HatResult | None = None,
) -> HatResult:
    """The equilibrium after a change; see the head of this module for the equations.

    `start` is an earlier result of the same baseline to begin from. Raises StudyFault for a shock that
    cannot be used (wrong shape, not finite, transfers that do not sum to 0) and for a deep cost cut on a
    pair that does not trade: exact hat algebra would keep it at zero, `landbridge.trade.levels` can open
    it.

    >>> import numpy as np
    >>> from landbridge.trade.baseline import calibrate
    >>> b = calibrate(np.full((1, 2, 2), 5.0), np.zeros((2, 1, 1)), np.ones((2, 1)), [4.0])
    >>> cut = np.array([[[1.0, 0.9], [0.9, 1.0]]])
    >>> solve(b, Shock(cost_hat=cut)).real_income_hat.round(6)
    array([1.059916, 1.059916])
    """
    shock, options = shock or Shock(), options or Options()
    cost_hat, tariff, deficit, tax, zero_cuts = _checked(baseline, shock, options)
    theta = np.minimum(baseline.theta, options.theta_cap)
    model = Model(baseline, theta, cost_hat, tariff, deficit)
    n, s = len(baseline.countries), len(baseline.sectors)
    first = (
        model.pack(np.zeros(n), np.zeros((n, s)), baseline.expenditure)
        if start is None
        else model.pack(np.log(start.wage_hat), np.log(start.price_hat), start.expenditure)
    )
    found = fixed_point(model.sweep, first, options.depth, options.tolerance, options.max_sweeps)
    return _result(model, found.x, cost_hat, tax, found.residual, found.sweeps, found.reason, zero_cuts)


def _checked(b: Baseline, shock: Shock, options: Options) -> tuple[F, F, F, F, int]:
    n = len(b.countries)
    one = np.ones_like(b.share)
    given = (
        ("cost_hat", shock.cost_hat, one),
        ("tariff", shock.tariff, b.tariff),
        ("deficit", shock.deficit, b.deficit),
        ("transfer", shock.transfer, np.zeros(n)),
        ("tax", shock.tax, np.zeros(n)),
    )
    faults: list[Fault] = []
    arrays: list[F] = []
    for name, value, default in given:
        array = default if value is None else np.array(value, dtype=np.float64)
        if array.shape != default.shape:
            faults.append(Fault("trade shock", name, f"shape {array.shape}", f"{default.shape}", "see Shock"))
        elif not np.isfinite(array).all():
            faults.append(
                Fault(
                    "trade shock",
                    name,
                    "a value that is not finite",
                    "finite numbers",
                    "a prohibition is a finite wedge: landbridge.trade.sanctions.prohibitive_cost",
                )
            )
        elif name == "cost_hat" and (array <= 0).any():
            faults.append(Fault("trade shock", name, f"{array.min():g}", "> 0", "give the factor, not the change"))
        elif name in {"deficit", "transfer"} and abs(array.sum()) > 1e-6 * b.value_added.sum():
            faults.append(
                Fault(
                    "trade shock",
                    name,
                    f"sum {array.sum():g}",
                    "a sum of 0 over the world",
                    "what one country receives another pays",
                )
            )
        arrays.append(array)
    if faults:
        raise StudyFault(faults)
    cost_hat, tariff, deficit, transfer, tax = arrays
    cuts = _cuts_on_zeros(b, cost_hat, tariff, options, faults)
    if faults:
        raise StudyFault(faults)
    return cost_hat, tariff, deficit + transfer, tax, cuts


def _cuts_on_zeros(b: Baseline, cost_hat: F, tariff: F, options: Options, faults: list[Fault]) -> int:
    """Cuts on pairs without trade, where the importer buys at all: counted if small, faults if deep."""
    price = cost_hat * (1.0 + tariff) / (1.0 + b.tariff)
    idle = (b.share <= 0) & (b.expenditure.T[:, :, None] > 0)
    deep = idle & ((cost_hat < options.zero_cut_limit) | (price < 0.5))
    if deep.any():
        k, m, i = (int(v[0]) for v in np.nonzero(deep))
        faults.append(
            Fault(
                "trade shock",
                f"cost_hat, {b.sectors[k]} from {b.countries[i]} to {b.countries[m]}",
                f"a cut to {price[k, m, i]:.3g} of the cost on an observed zero ({int(deep.sum())} such cells)",
                f"cuts only where there is trade (or above {options.zero_cut_limit:g}): exact hat keeps a zero at zero",
                "give such pairs a fitted trade level first: landbridge.trade.levels",
            )
        )
    return int((idle & (price < 1.0)).sum())


def _result(
    model: Model, x: F, cost_hat: F, tax: F, residual: float, sweeps: int, reason: str, zero_cuts: int
) -> HatResult:
    b = model.b
    log_wage, log_price, expenditure = model.unpack(x)
    expenditure = np.where((b.expenditure > 0) | (expenditure > 1e-13 * expenditure.max()), expenditure, 0.0)
    log_cost = model.costs(log_wage, log_price)
    m = model.market(log_cost, expenditure)
    log_price = m.log_price
    income = model.income(log_wage, expenditure, m.untaxed)
    cpi = np.exp((b.final_share * log_price).sum(axis=1))
    share = model.pull() * m.supply[:, None, :] / m.demand[:, :, None]
    output = m.sold
    real_income = (income - tax) / b.income() / cpi
    identities = check(
        b,
        model.theta,
        cost_hat * (1 + model.tariff) / (1 + b.tariff),
        cost_hat,
        share,
        model.tariff,
        expenditure,
        output,
        model.deficit,
        np.exp(log_wage),
        cpi,
        real_income,
        income,
    )
    if not reason and identities.adding_up > 1e-5:
        reason = f"the markets do not clear: {identities.adding_up:.1e} of the world's value added"
    return HatResult(
        b,
        frozen(model.theta),
        frozen(np.exp(log_wage)),
        frozen(np.exp(log_cost)),
        frozen(np.exp(log_price)),
        frozen(cpi),
        frozen(share),
        frozen(model.tariff),
        frozen(model.deficit),
        frozen(expenditure),
        frozen(output),
        frozen(income),
        frozen(real_income),
        residual,
        sweeps,
        not reason,
        reason,
        zero_cuts,
        identities,
    )
