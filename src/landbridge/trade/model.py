"""The trade stage: cheaper ways, opened borders, law, fees and taxes in; trade, prices and real income
out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import Fault, StudyFault
from landbridge.trade import hat, levels, sanctions, timecost, uncertainty, welfare
from landbridge.trade.baseline import F, frozen
from landbridge.trade.read import RegimeFactor, TradeModel
from landbridge.trade.sanctions import Prohibition
from landbridge.trade.timecost import WayChanges


@dataclass(frozen=True, eq=False)
class TradeScenario:
    """What changes between the two scenarios that are compared.

    `ways` changes of door-to-door ways; `opened` pairs of economies (either order) whose border gets the
    regime `regime` (id of regimes.csv); prohibitions before and after; `fees_musd` transit fees received (<
    0 paid) and `tax_musd` cost of the works this year, by economy, million USD of the study's base year.
    Fees must not be in the `usd_per_t` of the ways: they are income, not melted goods.
    """

    ways: WayChanges
    opened: tuple[tuple[str, str], ...] = ()
    regime: str = "reference"
    prohibited_before: tuple[Prohibition, ...] = ()
    prohibited_after: tuple[Prohibition, ...] = ()
    fees_musd: Mapping[str, float] = field(default_factory=dict)
    tax_musd: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class TradeOptions:
    """Draws and their seed, workers, who is reported on, and the spread of the cost changes in the draws (±
    part)."""

    draws: int = 200
    seed: int = 20180601
    workers: int = 1
    parties: tuple[str, ...] = ()
    closed: str = ""  # the economy whose opening is shown by regime; blank or not in the model: none
    cost_spread: float = 0.25
    grid: tuple[float, ...] = (0.5, 0.75, 1.0, 1.5, 2.0)


@dataclass(frozen=True)
class RegimeGain:
    """The scenario under one border regime at one floor for the observed zeros.

    `gains` fractions of income by economy code, the closed one first; `bound` its gain over no trade at all
    (no opening can bring more); `trade` its exports over those before.
    """

    regime: RegimeFactor
    floor: float
    gains: Mapping[str, float]
    bound: float
    trade: float


@dataclass(frozen=True, eq=False)
class TradeResult:
    """Everything the trade stage found; `tables.tables(result)` turns it into tables.

    `cost` factors on trade costs of all causes, `transit` those of the ways alone, `hat` the exact
    solution, `split` by cause, `draws` gains by draw, `by_regime` gains by border regime and floor,
    `grid[t, v, n]` gains over factors on elasticity and value of time, `silent` cells with a cost change
    but no trade to change.
    """

    model: TradeModel
    scenario: TradeScenario
    options: TradeOptions
    change: timecost.CostChange
    cost: F
    hat: hat.HatResult
    first_order: welfare.FirstOrder
    split: welfare.Split
    draws: uncertainty.Draws
    by_regime: tuple[RegimeGain, ...]
    grid: F
    silent: int


def run_trade(model: TradeModel, scenario: TradeScenario, options: TradeOptions | None = None) -> TradeResult:
    """Solve the scenario: exact equilibrium, first-order formula, split by cause, draws, regimes and
    floors, grid.

    Cost changes on pairs that do not trade (and are not opened by the levels method) are set aside and
    counted in `silent`. Raises StudyFault for unknown names and NotConverged where an equilibrium is
    missing.
    """
    options = options or TradeOptions()
    problem = Problem.of(model, scenario)
    central = problem.solve(model.theta.central, model.time_value.central)
    change = problem.change(model.time_value.central)
    transit, silent = problem.transit(change)
    opening = problem.opening(model.theta.central)
    base = model.levels.baseline
    zero = np.zeros(len(base.countries))
    parts = welfare.split(
        transit,
        opening,
        problem.transfer if problem.transfer.any() else zero,
        problem.tax,
        lambda shock: hat.solve(base, shock),
    )
    draws = uncertainty.draw_gains(problem, options.draws, options.seed, options.workers, options.cost_spread,
                                   central)
    return TradeResult(
        model,
        scenario,
        options,
        change,
        frozen(transit * opening),
        central,
        welfare.first_order(central),
        parts,
        draws,
        _regimes(problem, options),
        _grid(problem, options),
        silent,
    )


def at_law(model: TradeModel, base: Sequence[Prohibition], now: Sequence[Prohibition]) -> TradeModel:
    """The model as it stands under the law `now`, where the base-year data were made under the law `base`.

    Solves the step from one law to the other and takes the result as the new baseline, at every floor;
    scenarios on the returned model give `now` as their prohibitions before.
    """
    b = model.levels.baseline
    before, after = (sanctions.allowed_part(p, b.countries, b.sectors) for p in (base, now))
    cost = sanctions.prohibitive_cost(before, after, b.theta)

    def step(at: levels.Levels) -> levels.Levels:
        idle = (at.baseline.share <= 0) | at.floored
        result = hat.solve(at.baseline, hat.Shock(cost_hat=np.where(idle, 1.0, cost)))
        return replace(at, baseline=result.rebased())

    floors = tuple(step(at) for at in model.floors)
    return replace(model, levels=floors[model.floors.index(model.levels)], floors=floors)


@dataclass(frozen=True, eq=False)
class Problem:
    """A scenario on a model as arrays, ready to be solved for other elasticities, time values, costs and
    floors."""

    model: TradeModel
    levels: levels.Levels
    ways: WayChanges
    opened: NDArray[np.bool_]
    factor: float
    lawful_before: F
    lawful_after: F
    transfer: F
    tax: F

    @staticmethod
    def of(model: TradeModel, scenario: TradeScenario) -> Problem:
        """Names to positions, money of the study's year to money of the table; StudyFault for what does not
        fit."""
        base = model.levels.baseline
        factors = {r.id: r.factor for r in model.regimes}
        if scenario.regime not in factors:
            raise StudyFault(
                [
                    Fault(
                        "trade scenario",
                        "regime",
                        f"'{scenario.regime}'",
                        ", ".join(factors) or "none",
                        "use an id of trade/regimes.csv",
                    )
                ]
            )
        opened = np.zeros((len(base.countries),) * 2, dtype=bool)
        for a, b in scenario.opened:
            n, i = base.index(a), base.index(b)
            opened[n, i] = opened[i, n] = True
        factor = factors[scenario.regime]
        if factor is None:
            opened[:] = False
        money = []
        for given in (scenario.fees_musd, scenario.tax_musd):
            column = np.zeros(len(base.countries))
            for code, value in given.items():
                column[base.index(code)] += value * model.money_scale
            money.append(frozen(column))
        lawful = [
            sanctions.allowed_part(p, base.countries, base.sectors)
            for p in (scenario.prohibited_before, scenario.prohibited_after)
        ]
        return Problem(
            model, model.levels, scenario.ways, opened, factor or 0.0, lawful[0], lawful[1], money[0], money[1]
        )

    def change(self, time_value: F, time_factor: float = 1.0, money_factor: float = 1.0) -> timecost.CostChange:
        """Ad valorem changes of the ways."""
        return timecost.aggregate(
            self.ways, time_value, self.model.sector_cargo, len(self.model.countries), time_factor, money_factor
        )

    def transit(self, change: timecost.CostChange) -> tuple[F, int]:
        """Cost factors of the ways where there is trade to move, and the number of cells without."""
        idle = (self.levels.baseline.share <= 0) & (change.cost != 1.0)
        return np.where(idle, 1.0, change.cost), int(idle.sum())

    def opening(self, theta: F) -> F:
        """Cost factors of opened borders and changed law, pairs of added economies and all others."""
        target = sanctions.target_trade(self.levels, self.factor, self.opened, self.lawful_before, self.lawful_after)
        added = levels.cost_to_target(self.levels, theta, target, self.levels.normal > 0)
        law = sanctions.prohibitive_cost(self.lawful_before, self.lawful_after, theta)
        idle = self.levels.baseline.share <= 0
        return np.where(self.levels.normal > 0, added, np.where(idle, 1.0, law))

    def solve(
        self,
        theta: F,
        time_value: F,
        time_factor: float = 1.0,
        money_factor: float = 1.0,
        start: hat.HatResult | None = None,
    ) -> hat.HatResult:
        """The exact equilibrium; NotConverged with the reason if there is none."""
        base = self.levels.baseline.with_theta(theta)
        cost = self.transit(self.change(time_value, time_factor, money_factor))[0] * self.opening(theta)
        shock = hat.Shock(cost_hat=cost, transfer=self.transfer, tax=self.tax)
        return hat.solve(base, shock, start=start).require()


def _regimes(problem: Problem, options: TradeOptions) -> tuple[RegimeGain, ...]:
    """The scenario under every border regime, at every floor for the observed zeros."""
    model, out = problem.model, []
    codes = [c for c in (options.closed, *options.parties) if c in model.countries]
    if options.closed not in model.countries:
        return ()
    places = [model.countries.index(c) for c in dict.fromkeys(codes)]
    k = places[0]
    for regime in model.regimes:
        for at in model.floors:
            opened = problem.opened if regime.factor is not None else np.zeros_like(problem.opened)
            case = replace(problem, levels=at, factor=regime.factor or 0.0, opened=opened)
            r = case.solve(model.theta.central, model.time_value.central)
            before, after = at.baseline.flows(), r.flows()
            exports = [f[:, :, k].sum() - f[:, k, k].sum() for f in (before, after)]
            out.append(
                RegimeGain(
                    regime,
                    at.floor,
                    {model.countries[p]: float(r.real_income_hat[p] - 1.0) for p in places},
                    float(r.identities.autarky_bound[k] - 1.0),
                    float(exports[1] / exports[0]),
                )
            )
    return tuple(out)


def _grid(problem: Problem, options: TradeOptions) -> F:
    """Gains over factors on all elasticities and all values of time [elasticity, value of time, economy]."""
    model = problem.model
    gains = [
        [
            problem.solve(model.theta.central * t, model.time_value.central * v).real_income_hat - 1.0
            for v in options.grid
        ]
        for t in options.grid
    ]
    return frozen(gains)
