"""Stochastic equilibrium of freight: shippers choose by logit, crossings and terminals delay, the law caps.

Unknown are the volumes v of the facilities and the prices μ of the caps. Dwell follows from v (`queue`),
dwell and price make the cost of every alternative, cost makes the shares (`choice`), shares make the volumes
again:

    v = Aᵀ x(v, μ),    0 ≤ μ ≤ give-up price,  μ > 0 only where a cap binds.

The price of a cap is what a tonne would pay for a place under it (its Lagrange multiplier): shippers with
another way take that. At the give-up price what is still too much is not carried, in proportion, and the cap
is named as the reason. A price that all the open ways of a shipment share sways none of its choices. Solved
by a semismooth Newton method with a line search (Qi and Sun 1993), falling back on averaging where a step
fails; the fixed point is that of Daganzo and Sheffi (1977), and unique where each group has one time value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from landbridge.flows._types import F64, I32
from landbridge.flows.choice import Logit, Sets, Shares, share_slopes, shares
from landbridge.flows.queue import Facilities

NO_WAY = "no way"


@dataclass(frozen=True)
class Caps:
    """Hard limits on tonnes a year over sets of alternatives; `give_up_usd_per_t` is the price at which cargo stays."""

    names: tuple[str, ...]
    limit_t: F64
    give_up_usd_per_t: F64

    @staticmethod
    def none() -> Caps:
        """No caps."""
        return Caps((), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Market:
    """What is shipped and how it may go.

    Alternatives are rows: `sets` gives their group and nest, `cost_usd_per_t` their generalised cost with
    the base dwell in it (inf: closed), `passes` (rows by facilities) and `capped` (rows by caps) what they
    use; an entry of `capped` between 0 and 1 is the part of the cargo that the cap names, and parts named by
    different caps are taken to be different goods. By group: `demand_t` tonnes a year and `time_value_usd_per_t_h`.
    """

    sets: Sets
    cost_usd_per_t: F64
    passes: sparse.csr_array
    capped: sparse.csr_array
    demand_t: F64
    time_value_usd_per_t_h: F64
    constant: F64 | None = None
    path_size: F64 | None = None


@dataclass(frozen=True)
class FreightOptions:
    """When to stop: the gap is Σ|v - Aᵀx| / Σ v, and the same for the caps."""

    gap: float = 1e-10
    max_iterations: int = 200


@dataclass(frozen=True)
class FreightEquilibrium:
    """Flows by alternative and volumes by facility, in tonnes a year, and how good the answer is.

    `wanted_t` is what shippers would send, `flow_t` what is carried of it; they differ where a cap leaves
    cargo behind. `not_carried` holds (group, tonnes, reason); `price_usd_per_t` is by cap;
    `logsum_usd_per_t` is by group, the cost of one way as good as all it has (inf: none).
    """

    flow_t: F64
    wanted_t: F64
    share: F64
    cost_usd_per_t: F64
    volume_t: F64
    dwell_h: F64
    utilisation: F64
    price_usd_per_t: F64
    logsum_usd_per_t: F64
    not_carried: tuple[tuple[int, float, str], ...]
    gap: float
    gap_history: tuple[float, ...]
    converged: bool
    reason: str


@dataclass(frozen=True)
class _Point:
    """Everything at given volumes and prices."""

    v: F64
    price: F64
    cost: F64
    found: Shares
    wanted: F64
    load: F64
    under_cap: F64


class _Problem:
    """The fixed point as equations in (v, μ), for a given share of each alternative that is carried."""

    def __init__(self, market: Market, facilities: Facilities, caps: Caps, logit: Logit) -> None:
        self.market, self.facilities, self.caps, self.logit = market, facilities, caps, logit
        self.time_value = market.time_value_usd_per_t_h[market.sets.group]
        self.total = max(float(market.demand_t.sum()), 1e-300)
        self.step = np.ones(len(caps.names))
        priced = sparse.csr_array(sparse.diags_array(self.time_value) @ market.passes)
        self.swaying = _swaying(market)
        self.right = sparse.csr_array(sparse.hstack([priced, self.swaying]))
        self.carry(np.ones(len(market.cost_usd_per_t)))

    def carry(self, share: F64) -> None:
        """Let only a share of each alternative load the facilities."""
        self.carried = share
        loads = sparse.diags_array(share) @ self.market.passes
        self.left = sparse.csr_array(sparse.hstack([loads, self.market.capped]))

    def at(self, v: F64, price: F64) -> _Point:
        """Costs, shares and loads at volumes v and prices of caps."""
        m = self.market
        delay = m.passes @ (self.facilities.dwell_h(v) - self.facilities.base_h)
        cost = m.cost_usd_per_t + self.time_value * delay + self.swaying @ price
        found = shares(cost, m.sets, self.logit, m.constant, m.path_size)
        wanted = m.demand_t[m.sets.group] * found.share
        return _Point(v, price, cost, found, wanted, m.passes.T @ (wanted * self.carried),
                      m.capped.T @ wanted)

    def residual(self, p: _Point) -> F64:
        """Volumes less loads and prices less projected prices, each as a share of the whole."""
        aim = np.clip(p.price + self.step * (p.under_cap - self.caps.limit_t), 0, self.caps.give_up_usd_per_t)
        return np.concatenate([(p.v - p.load) / self.total, (p.price - aim) / self.step / self.total])

    def newton(self, p: _Point, residual: F64) -> F64:
        """The full Newton step from p."""
        m, nf = self.market, len(p.v)
        slopes = share_slopes(p.found, p.cost, m.sets, self.logit, m.demand_t, self.left, self.right)
        diagonal = np.arange(nf, nf + len(p.price))
        slopes[diagonal,
               diagonal] -= 1e-12 * self.total  # a captive cargo does not answer to price: keep it regular
        by_volume = self.facilities.slope_h_per_t(p.v)
        jacobian = np.concatenate([slopes[:, :nf] * by_volume, slopes[:, nf:]], axis=1)
        target = p.price + self.step * (p.under_cap - self.caps.limit_t)
        binding = (target > 0) & (target < self.caps.give_up_usd_per_t)
        matrix = -jacobian
        matrix[np.arange(nf), np.arange(nf)] += 1.0
        for i, c in enumerate(diagonal):
            if not binding[i]:
                matrix[c] = 0.0
                matrix[c, c] = 1.0 / self.step[i]
        return np.linalg.solve(matrix, -residual * self.total)

    def scale_prices(self, p: _Point) -> None:
        """Dollars by which one tonne too much under a cap raises its price: the answer of the market at the start."""
        if len(self.step):
            scale = self.logit.scale if self.logit.form.name == "LINEAR" else self.logit.scale / np.median(
                p.cost[np.isfinite(p.cost)])
            self.step = 1.0 / (scale * np.maximum(p.under_cap, 1e-9 * self.total))


def solve_freight(market: Market, facilities: Facilities, logit: Logit, caps: Caps | None = None,
                  options: FreightOptions | None = None, start_t: F64 | None = None) -> FreightEquilibrium:
    """Freight equilibrium; not converged is part of the answer. ValueError where arrays do not fit together.

    Without facilities and caps it is the logit itself; cargo without any way is not carried, with the reason
    `no way`. `start_t` are volumes of the facilities to start from, those of a like market, say.
    """
    caps = caps or Caps.none()
    options = options or FreightOptions()
    _check(market, facilities, caps)
    problem = _Problem(market, facilities, caps, logit)
    point = problem.at(np.zeros(len(facilities.names)), np.zeros(len(caps.names)))
    problem.scale_prices(point)
    point = problem.at(point.load if start_t is None else start_t, point.price)
    history: list[float] = []
    reason = ""
    for _ in range(20):  # each time, what caps leave behind no longer loads the facilities
        point, reason = _newton(problem, point, options, history)
        carried, _ = _ration(market, caps, point.wanted)
        if reason or np.allclose(carried, problem.carried, rtol=0, atol=1e-13):
            break
        problem.carry(carried)
        point = problem.at(point.v, point.price)
    return _answer(problem, point, history, reason)


def _newton(problem: _Problem, point: _Point, options: FreightOptions, history: list[float]) -> tuple[_Point,
                                                                                                      str]:
    """Newton steps with a line search to the gap asked for, and the reason where it is not reached."""
    for iteration in range(options.max_iterations):
        residual = problem.residual(point)
        gap = float(np.abs(residual).sum())
        history.append(gap)
        if gap <= options.gap:
            return point, ""
        step = problem.newton(point, residual)
        nf = len(point.v)
        length = 1.0
        for _ in range(12):
            trial = _moved(problem, point, length * step[:nf], length * step[nf:])
            if float(np.abs(problem.residual(trial)).sum()) < (1 - 1e-4 * length) * gap:
                break
            length /= 2
        else:  # averaging: a small step towards the loads is always one in the right direction
            share = 1.0 / (iteration + 2)
            excess = problem.step * (point.under_cap - problem.caps.limit_t)
            trial = _moved(problem, point, share * (point.load - point.v), share * excess)
        point = trial
    return point, f"{options.max_iterations} iterations passed at gap {history[-1]:.3g}"


def _moved(problem: _Problem, point: _Point, dv: F64, dprice: F64) -> _Point:
    price = np.clip(point.price + dprice, 0, problem.caps.give_up_usd_per_t)
    return problem.at(np.maximum(point.v + dv, 0.0), price)


def _swaying(market: Market) -> sparse.csr_array:
    """The caps' part of each alternative less what all open alternatives of its group have in common."""
    group, found = market.sets.group, market.capped.toarray()
    least = np.full((market.sets.groups, found.shape[1]), np.inf)
    is_open = np.isfinite(market.cost_usd_per_t)
    np.minimum.at(least, group[is_open], found[is_open])
    return sparse.csr_array(np.where(is_open[:, None], found - least[group], 0.0))


def _ration(market: Market, caps: Caps, wanted: F64) -> tuple[F64, list[F64]]:
    """Share of each alternative that is carried, and the tonnes each cap leaves behind of it.

    What goes over a cap stays behind in proportion, of the part of the cargo that the cap names.
    """
    carried = np.ones(len(wanted))
    behind = []
    for c, limit in enumerate(caps.limit_t):
        under = np.minimum(market.capped[:, [c]].toarray()[:, 0], carried)
        through = float(wanted @ under)
        over = 1 - limit / through if through > limit * (1 + 1e-9) else 0.0
        behind.append(wanted * under * over)
        carried = carried - under * over
    return carried, behind


def _answer(problem: _Problem, p: _Point, history: list[float], reason: str) -> FreightEquilibrium:
    market, facilities, caps = problem.market, problem.facilities, problem.caps
    group = market.sets.group
    flow = p.wanted * problem.carried
    left: list[tuple[int, float, str]] = []
    reachable = np.bincount(group, weights=p.found.share, minlength=market.sets.groups) > 0.5
    left.extend((int(g), float(market.demand_t[g]), NO_WAY)
                for g in np.flatnonzero(~reachable & (market.demand_t > 0)))
    for name, tonnes in zip(caps.names, _ration(market, caps, p.wanted)[1], strict=True):
        by_group = np.bincount(group, weights=tonnes, minlength=market.sets.groups)
        left.extend((int(g), float(by_group[g]), name) for g in np.flatnonzero(by_group > 0))
    volume = market.passes.T @ flow
    return FreightEquilibrium(
        flow, p.wanted, p.found.share, p.cost, volume, facilities.dwell_h(p.v),
        facilities.utilisation(volume), p.price,
        p.found.logsum_cost(problem.logit), tuple(left), history[-1], tuple(history), reason == "", reason)


def _check(market: Market, facilities: Facilities, caps: Caps) -> None:
    rows, groups = len(market.cost_usd_per_t), market.sets.groups
    if len(market.sets.group) != rows or market.passes.shape != (rows, len(facilities.names)):
        raise ValueError("alternatives: group, cost and facilities must have one row each")
    if market.capped.shape != (rows, len(caps.names)):
        raise ValueError("alternatives: caps must have one row each")
    if len(market.demand_t) != groups or len(market.time_value_usd_per_t_h) != groups:
        raise ValueError("demand and time value must have one entry for each group")
    if not np.isfinite(market.demand_t).all() or (market.demand_t < 0).any():
        raise ValueError("demand must be finite and not negative")
    if not (np.isfinite(caps.give_up_usd_per_t).all() and (caps.limit_t >= 0).all()):
        raise ValueError("caps need a limit of 0 or more and a finite give-up price")


def no_incidence(rows: int, columns: int) -> sparse.csr_array:
    """Alternatives that use nothing of so many facilities or caps."""
    return sparse.csr_array((rows, columns))


def incidence(rows: I32, columns: I32, shape: tuple[int, int]) -> sparse.csr_array:
    """Incidence matrix with 1 for each (row, column) given, once however often it is named."""
    matrix = sparse.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)
    matrix.data[:] = 1.0
    return matrix
