"""A baseline in levels, so that a border without trade can be opened.

Exact hat algebra keeps an observed zero at zero. Here a pair's trade is compared with what a gravity fit
says an ordinary border would carry. Freeness of trade (Head and Ries 2001) between n and i in sector s is

    phi = sqrt(X_ni X_in / (X_nn X_ii)) = (d_ni d_in)^(-theta/2)

so it needs no prices. It is fitted by Poisson pseudo-maximum likelihood with an openness of each economy,
phi = exp(u_n + u_i + b ln km + c neighbors), exposure sqrt(X_nn X_ii). An economy that is closed, or
missing from the table, is given the openness of a named twin; so its *normal* trade with anyone is phi
sqrt(X_nn X_ii).

A scenario is an absolute target: normal trade times the factor of a reference border (trade of China and
Viet Nam over their own fit, say). The cost change is (target / present)^(-1/theta). It undoes the present
level, so what stands there for an observed zero, a floor of 1e-9 to 1e-5 of normal trade, does not matter;
`floors` in the run shows that it does not. The *closure wedge* is the same ratio as a tariff equivalent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landbridge.errors import Fault, NotConverged, StudyFault
from landbridge.trade import hat
from landbridge.trade.baseline import Baseline, calibrate, frozen

F = NDArray[np.float64]
B = NDArray[np.bool_]
FLOORS = (1e-9, 1e-7, 1e-5)


@dataclass(frozen=True, eq=False)
class Gravity:
    """The fit of freeness: `openness[s, n]`, effects of log distance and of a land border [s], fitted and
    observed trade [s, n, i] (geometric mean of both directions), and the share of deviance explained
    [s]."""

    openness: F
    distance: F
    neighbor: F
    fitted: F
    observed: F
    explained: F

    def factor(self, a: int, b: int, sectors: ArrayLike) -> float:
        """Observed over fitted trade of a pair, summed over some sectors (bool or index array)."""
        chosen = np.asarray(sectors)
        fitted = float(self.fitted[chosen, a, b].sum())
        return float(self.observed[chosen, a, b].sum()) / fitted if fitted > 0 else 0.0


@dataclass(frozen=True, eq=False)
class Added:
    """An economy to add (or a listed one to re-open): its size and what is known of its trade, in money of
    the flows.

    `exports[s, n]` and `imports[s, n]` observed by sector and partner (partners in the order of the table,
    then the added economies), `known[s, n, 2]` True where the export or import is observed, zeros included.
    `partner_totals` observed over all sectors, by (0 export or 1 import, partner): what is not known by
    sector is spread like normal trade. The same holds for `total_exports` and `total_imports` and the
    partners without any observation.
    """

    code: str
    twin: int
    value_added: float
    exports: F
    imports: F
    known: B
    total_exports: float
    total_imports: float
    partner_totals: Mapping[tuple[int, int], float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Levels:
    """A balanced baseline with the added economies, and what an ordinary border would carry.

    `normal[s, n, i]` normal trade (0 where not computed: pairs without an added economy); `floored[s, n,
    i]` True where an observed zero was replaced by `floor` times normal trade; `gravity` the fit of the
    economies of the table.
    """

    baseline: Baseline
    normal: F
    floored: B
    floor: float
    gravity: Gravity

    def wedge(self, n: int, i: int, theta: float, factor: float, sectors: ArrayLike) -> float:
        """Closure wedge of a pair against a border of `factor` times normal trade, as a tariff equivalent
        (0.5 = 50 %) at elasticity `theta`, both directions together; only a lower bound where the trade is
        a floor."""
        chosen = np.asarray(sectors)
        flows = self.baseline.flows()[chosen]
        now = np.sqrt(flows[:, n, i].sum() * flows[:, i, n].sum())
        there = factor * np.sqrt(self.normal[chosen, n, i].sum() * self.normal[chosen, i, n].sum())
        return float((there / max(now, 1e-300)) ** (1.0 / theta) - 1.0)


def fit_gravity(flows: ArrayLike, distance_km: ArrayLike, neighbors: ArrayLike) -> Gravity:
    """Fit freeness sector by sector (see the head of this module).

    `flows[s, n, i]` with home sales, `distance_km[n, i]` and `neighbors[n, i]` symmetric. NotConverged if a
    sector's fit does not settle.
    """
    x = np.array(flows, dtype=np.float64)
    own = np.arange(x.shape[1])
    home = x[:, own, own]
    observed = np.sqrt(x * x.transpose(0, 2, 1))
    exposure = np.sqrt(home[:, :, None] * home[:, None, :])
    a, b = np.triu_indices(x.shape[1], 1)
    design = np.zeros((len(a), x.shape[1] + 2))
    design[np.arange(len(a)), a] += 1.0
    design[np.arange(len(a)), b] += 1.0
    design[:, -2] = np.log(np.asarray(distance_km, dtype=np.float64)[a, b])
    design[:, -1] = np.asarray(neighbors, dtype=np.float64)[a, b]
    fits = [_poisson(design, observed[s, a, b], exposure[s, a, b]) for s in range(len(x))]
    coefficients = np.array([f[0] for f in fits])
    fitted = np.zeros_like(x)
    fitted[:, a, b] = exposure[:, a, b] * np.exp(coefficients @ design.T)
    fitted = fitted + fitted.transpose(0, 2, 1)
    return Gravity(
        frozen(np.exp(coefficients[:, :-2])),
        frozen(coefficients[:, -2]),
        frozen(coefficients[:, -1]),
        frozen(fitted),
        frozen(observed),
        frozen([f[1] for f in fits]),
    )


def _poisson(design: F, y: F, exposure: F) -> tuple[F, float]:
    """Poisson regression with exposure by Newton's method with step halving; (coefficients, deviance
    explained)."""
    use = exposure > 0
    x, y, exposure = design[use], y[use], exposure[use]
    if y.sum() <= 0:
        return np.r_[np.full(design.shape[1] - 2, -20.0), 0.0, 0.0], 0.0
    scale = y.sum()
    y, exposure = y / scale, exposure / scale
    beta = np.zeros(design.shape[1])
    beta[:-2] = 0.5 * np.log(y.sum() / exposure.sum())
    ridge = 1e-9 * np.eye(len(beta))  # keeps an economy without any trade in the sector finite

    def likelihood(beta: F) -> tuple[float, F]:
        mean = exposure * np.exp(np.clip(x @ beta, -50.0, 20.0))
        return float(y @ np.clip(x @ beta, -50.0, 20.0) - mean.sum()) - 0.5 * 1e-9 * float(beta @ beta), mean

    value, mean = likelihood(beta)
    for _ in range(200):
        step = np.linalg.solve((x * mean[:, None]).T @ x + ridge, x.T @ (y - mean) - 1e-9 * beta)
        length = 1.0
        while length > 1e-6:
            new_value, new_mean = likelihood(beta + length * step)
            if new_value >= value - 1e-14 * abs(value):
                break
            length /= 2.0
        beta, gain, value, mean = beta + length * step, new_value - value, new_value, new_mean
        if gain <= 1e-13 * abs(value):
            return beta, _explained(y, mean, exposure)
    raise NotConverged("gravity fit: the Poisson regression did not settle in 200 steps")


def _explained(y: F, mean: F, exposure: F) -> float:
    def deviance(m: F) -> float:
        with np.errstate(divide="ignore", invalid="ignore"):
            return float(2.0 * (np.where(y > 0, y * np.log(y / m), 0.0) - (y - m)).sum())

    return 1.0 - deviance(mean) / deviance(exposure * y.sum() / exposure.sum())


def cost_to_target(levels: Levels, theta: ArrayLike, target: ArrayLike, pairs: ArrayLike) -> F:
    """Factor on trade costs [s, n, i] that takes potential trade from its present level to `target[s, n, i]`.

    (target / present)^(-1/theta) where `pairs[s, n, i]` is True and there is present trade, else 1.
    """
    present = levels.baseline.flows()
    goal = np.asarray(target, dtype=np.float64)
    use = np.asarray(pairs, dtype=bool) & (goal > 0) & (present > 0)
    ratio = np.where(use, goal / np.where(use, present, 1.0), 1.0)
    cost: F = ratio ** (-1.0 / np.asarray(theta, dtype=np.float64)[:, None, None])
    return cost


def extend(
    flows: ArrayLike,
    io: ArrayLike,
    va_share: ArrayLike,
    theta: ArrayLike,
    added: tuple[Added, ...],
    distance_km: ArrayLike,
    neighbors: ArrayLike,
    goods: ArrayLike,
    countries: tuple[str, ...],
    sectors: tuple[str, ...],
    floor: float = 1e-7,
    gravity: Gravity | None = None,
) -> Levels:
    """The table with some economies added by the levels method, every economy's trade balanced.

    `flows[s, n, i]`, `io[n, k, s]`, `va_share[n, s]`, `theta[s]` of the table's N economies; `distance_km`,
    `neighbors` over N + the added ones, `goods[s]` sectors that cross borders here, `gravity` a fit to
    use again. Observed exports and
    imports of an added economy are scaled to their geometric mean, because a closed country with a deficit
    has no counterpart in the model. NotConverged if the balanced baseline cannot be found.
    """
    if not 0 < floor < 0.01:
        raise StudyFault([Fault("trade levels", "floor", f"{floor:g}", "between 0 and 0.01", "use 1e-9 to 1e-5")])
    table = np.array(flows, dtype=np.float64)
    use, n = np.asarray(goods, dtype=bool), table.shape[1]
    total = n + len(added)
    km, near = np.asarray(distance_km, dtype=np.float64), np.asarray(neighbors, dtype=np.float64)
    gravity = gravity or fit_gravity(table, km[:n, :n], near[:n, :n])
    twin = [*range(n), *(a.twin for a in added)]
    inputs, labor = np.asarray(io, dtype=np.float64)[twin], np.asarray(va_share, dtype=np.float64)[twin]
    alone = calibrate(table, io, va_share, theta)
    wide = np.zeros((len(table), total, total))
    wide[:, :n, :n] = table
    for k, a in enumerate(added, start=n):
        wide[:, k, k] = np.linalg.solve(np.eye(len(table)) - inputs[k], alone.final_share[a.twin] * a.value_added)
    normal = _normal(gravity, wide, twin, n, km, near, use)
    floored = np.zeros(wide.shape, dtype=bool)
    for k, a in enumerate(added, start=n):
        _fill(wide, floored, k, a, normal, floor, n)
    for k in range(n, total):
        abroad = np.maximum(wide[:, k, :].sum(axis=1) - wide[:, k, k], wide[:, :, k].sum(axis=1) - wide[:, k, k])
        sold = wide[:, k, k] - (wide[:, :, k].sum(axis=1) - wide[:, k, k])
        wide[:, k, k] = np.maximum(sold, 0.1 * abroad + 1e-9 * wide[:, k, k].sum())
    names = (*countries, *(a.code for a in added))
    raw = calibrate(wide, inputs, labor, theta, countries=names, sectors=sectors)
    balanced = hat.solve(raw, hat.Shock(deficit=np.zeros(total)), hat.Options(theta_cap=20.0)).rebased()
    normal = _normal(gravity, balanced.flows(), twin, n, km, near, use)
    return Levels(balanced, frozen(normal), floored, floor, gravity)


def _normal(gravity: Gravity, flows: F, twin: list[int], n: int, km: F, near: F, goods: B) -> F:
    """Normal trade of pairs with an added economy [s, n, i]; exports and imports of the added one balance.

    The direction follows the comparative advantage of both sides (root of exports over imports by sector;
    an added economy has its twin's).
    """
    total = flows.shape[1]
    own = np.arange(total)
    home = flows[:, own, own]
    table = flows[:, :n, :n]
    abroad = table * (1.0 - np.eye(n))
    with np.errstate(divide="ignore", invalid="ignore"):
        advantage = np.sqrt(abroad.sum(axis=1) / abroad.sum(axis=2))
    advantage = np.clip(np.nan_to_num(advantage, nan=1.0, posinf=5.0), 0.2, 5.0)[:, twin]
    openness = gravity.openness[:, twin]
    size = np.sqrt(home[:, :, None] * home[:, None, :]) * openness[:, :, None] * openness[:, None, :]
    km = np.where(np.eye(total, dtype=bool), 1.0, km)
    size = size * np.exp(gravity.distance[:, None, None] * np.log(km) + gravity.neighbor[:, None, None] * near)
    normal = size * advantage[:, None, :] / advantage[:, :, None]
    new = np.zeros((total, total), dtype=bool)
    new[n:, :] = new[:, n:] = True
    new[own, own] = False
    normal = np.where(new[None] & goods[:, None, None], normal, 0.0)
    for k in range(n, total):
        tilt = np.sqrt(normal[:, k, :].sum() / max(normal[:, :, k].sum(), 1e-300))
        normal[:, :, k] *= tilt
        normal[:, k, :] /= tilt
    return normal


def _fill(wide: F, floored: B, k: int, a: Added, normal: F, floor: float, n: int) -> None:
    """Write the trade of an added economy into `wide`: the known as observed, the rest by normal trade,
    floors."""
    partners = np.arange(wide.shape[1])
    sides = []
    for side, observed, total in ((0, a.exports, a.total_exports), (1, a.imports, a.total_imports)):
        usual = normal[:, :, k] if side == 0 else normal[:, k, :]
        trade, known = observed.copy(), a.known[:, :, side].copy()
        for (which, partner), value in a.partner_totals.items():
            if which == side:
                rest = np.where(known[:, partner], 0.0, usual[:, partner])
                left = max(value - observed[:, partner].sum(), 0.0)
                trade[:, partner] += rest * left / max(rest.sum(), 1e-300)
                known[:, partner] = True
        rest = np.where(known, 0.0, usual)
        trade += rest * max(total - trade.sum(), 0.0) / max(rest.sum(), 1e-300)
        sides.append((trade, usual))
    middle = np.sqrt(sides[0][0].sum() * sides[1][0].sum())
    write = (partners < n) | (partners > k)  # pairs of two added economies belong to the first
    for side, (trade, usual) in enumerate(sides):
        trade = trade * (middle / max(trade.sum(), 1e-300))
        zero = (trade <= 0) & (usual > 0)
        trade = np.where(zero, floor * usual, trade)
        target, mark = (wide[:, :, k], floored[:, :, k]) if side == 0 else (wide[:, k, :], floored[:, k, :])
        target[:, write] = trade[:, write]
        mark[:, write] = zero[:, write]
