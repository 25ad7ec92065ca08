"""The joint sweep of the multi-sector model; the equations stand at the head of `landbridge.trade.hat`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.trade.baseline import Baseline

F = NDArray[np.float64]
FLOOR = 1e-14  # smallest sector in a country's expenditure while iterating
NOTHING = 1e-300


@dataclass(frozen=True, eq=False)
class Market:
    """One sweep's trade: share'_sni = pull supply_si / demand_sn, and what follows from it."""

    log_price: F  # [n, s]
    supply: F  # [s, n]
    demand: F  # [s, n]
    sold: F  # [n, s] without tariff
    untaxed: F  # [n, s] part of expenditure that reaches producers
    exports: F  # [n]
    imports: F  # [n] without tariff


class Model:
    """Everything that stays constant over the sweeps, computed once.

    Offsets keep exponentials in range; home trade is kept apart from foreign trade, so that exports and
    imports of an almost closed country are sums of small numbers and not differences of large ones.
    """

    def __init__(self, b: Baseline, theta: F, cost_hat: F, tariff: F, deficit: F) -> None:
        self.b, self.theta, self.tariff, self.deficit = b, theta, tariff, deficit
        kappa = cost_hat * (1.0 + tariff) / (1.0 + b.tariff)
        with np.errstate(divide="ignore"):
            log_pull = np.log(b.share) - theta[:, None, None] * np.log(kappa)
        self.own = np.arange(len(b.countries))
        self.offset = log_pull.max(axis=2)
        self.foreign = np.exp(log_pull - self.offset[:, :, None])
        self.home = np.ascontiguousarray(self.foreign[:, self.own, self.own])
        self.foreign[:, self.own, self.own] = 0.0
        self.free = not tariff.any()
        self.net = self.foreign if self.free else self.foreign / (1.0 + tariff)
        self.home_net = self.home / (1.0 + tariff[:, self.own, self.own])
        self.io_t = np.ascontiguousarray(b.io.transpose(0, 2, 1))
        traded = b.expenditure.T * (1.0 - b.share[:, self.own, self.own]) + NOTHING
        self.step_size = 1.0 / (1.0 + (traded * theta[:, None]).sum(axis=0) / traded.sum(axis=0))
        self.world = b.value_added.sum()

    def pull(self) -> F:
        """share kappa^-theta of all pairs, up to a factor of the importer [s, n, i]."""
        pull: F = self.foreign.copy()
        pull[:, self.own, self.own] = self.home
        return pull

    def pack(self, log_wage: F, log_price: F, expenditure: F) -> F:
        """The state as one vector of logs."""
        floor = FLOOR * expenditure.sum(axis=1, keepdims=True)
        return np.concatenate([log_wage, log_price.ravel(), np.log(np.maximum(expenditure, floor)).ravel()])

    def unpack(self, x: F) -> tuple[F, F, F]:
        """ln w [n], ln P [n, s], expenditure [n, s]."""
        n, s = self.b.va_share.shape
        return x[:n], x[n : n + n * s].reshape(n, s), np.exp(x[n + n * s :]).reshape(n, s)

    def costs(self, log_wage: F, log_price: F) -> F:
        """ln c [n, s]."""
        links = np.matmul(self.io_t, log_price[:, :, None])[:, :, 0]
        cost: F = self.b.va_share * log_wage[:, None] + links
        return cost

    def market(self, log_cost: F, expenditure: F) -> Market:
        """Prices, sales and the trade balance at given unit costs and expenditure."""
        power = -self.theta[:, None] * log_cost.T
        top = power.max(axis=1, keepdims=True)
        supply = np.exp(power - top)
        at_home = self.home * supply
        abroad = np.matmul(self.foreign, supply[:, :, None])[:, :, 0]
        demand = np.maximum(at_home + abroad, NOTHING)
        log_price = (-(np.log(demand) + self.offset + top) / self.theta[:, None]).T
        ratio = expenditure.T / demand
        home_sales = self.home_net * supply * ratio
        exported = supply * np.matmul(ratio[:, None, :], self.net)[:, 0, :]
        bought = abroad if self.free else np.matmul(self.net, supply[:, :, None])[:, :, 0]
        untaxed = np.ones_like(log_price) if self.free else ((bought + self.home_net * supply) / demand).T
        return Market(
            log_price,
            supply,
            demand,
            (home_sales + exported).T,
            untaxed,
            exported.sum(axis=0),
            (ratio * bought).sum(axis=0),
        )

    def income(self, log_wage: F, expenditure: F, untaxed: F) -> F:
        """Wages, tariff revenue and deficit [n]."""
        revenue = ((1.0 - untaxed) * expenditure).sum(axis=1)
        income: F = np.exp(log_wage) * self.b.value_added + revenue + self.deficit
        return income

    def sweep(self, x: F) -> F:
        """One joint update of wages, prices and expenditure; the world's value added is the numeraire."""
        log_wage, log_price, expenditure = self.unpack(x)
        m = self.market(self.costs(log_wage, log_price), expenditure)
        spending = self.b.final_share * self.income(log_wage, expenditure, m.untaxed)[:, None]
        spending = np.maximum(spending + np.matmul(self.b.io, m.sold[:, :, None])[:, :, 0], 0.0)
        exports = np.maximum(m.exports, NOTHING * self.world)
        imports = np.maximum(m.imports - self.deficit, NOTHING * self.world)
        log_wage = log_wage + self.step_size * np.clip(np.log(exports / imports), -3.0, 3.0)
        log_wage = log_wage - np.log((np.exp(log_wage) * self.b.value_added).sum() / self.world)
        return self.pack(log_wage, m.log_price, spending)
