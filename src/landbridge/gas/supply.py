"""Least-cost gas supply over periods: who delivers, through which pipe or terminal, and who goes without.

Volumes are bcm in a period, prices USD per 1000 m3, so that volume times price is million USD. A linear program per
model, held in HiGHS (Huangfu and Hall 2018, doi 10.1007/s12532-017-0130-5), solved again warm when closures change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from landbridge.gas._lp import Assembly, Highs, assemble

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Source:
    """A field, contract or LNG terminal at a node: capacity (bcm a period) and price by period.

    `min_take_share` of the yearly `capacity_bcm` is paid for whether taken or not (take-or-pay); it lapses for periods
    in which one of the source's own `gates` is closed. `gates` are ids any of which shuts the source.
    """

    id: str
    node: str
    capacity_bcm: Floats
    price_usd_per_kcm: Floats
    gates: tuple[str, ...] = ()
    min_take_share: float = 0.0


@dataclass(frozen=True)
class Arc:
    """A pipeline from tail to head; `loss_share` of what enters is fuel; shut while any of its `gates` is closed."""

    id: str
    tail: str
    head: str
    capacity_bcm: Floats
    cost_usd_per_kcm: float
    loss_share: float = 0.0
    gates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Storage:
    """A store at a node, as full at the end as at the start; rates in bcm a period; cost per volume put in."""

    id: str
    node: str
    volume_bcm: float
    inject_bcm: float
    withdraw_bcm: float
    cost_usd_per_kcm: float
    loss_share: float = 0.0
    gates: tuple[str, ...] = ()


@dataclass(frozen=True)
class Demand:
    """What a node wants in each period, and the value of gas not served."""

    node: str
    volume_bcm: Floats
    value_of_lost_load_usd_per_kcm: float


@dataclass(frozen=True)
class Candidate:
    """An arc or source that has to be built before it carries anything, and its cost over the horizon."""

    id: str
    cost_musd: float


@dataclass(frozen=True)
class SupplyModel:
    """All of it; `year_of_period` groups periods for take-or-pay."""

    nodes: tuple[str, ...]
    periods: tuple[str, ...]
    year_of_period: tuple[int, ...]
    sources: tuple[Source, ...]
    arcs: tuple[Arc, ...]
    storages: tuple[Storage, ...]
    demands: tuple[Demand, ...]
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True)
class Closure:
    """A gate that is closed in periods `start` to `stop` - 1 (all periods by default)."""

    gate: str
    start: int = 0
    stop: int | None = None


@dataclass(frozen=True)
class SupplyResult:
    """Least-cost supply: volumes in bcm a period by object and period, prices USD per 1000 m3 by node and period.

    `gap` is the relative difference of primal and dual objective; `built` the candidates built.
    """

    cost_musd: float
    supplied_bcm: Floats
    flow_bcm: Floats
    stored_bcm: Floats
    unserved_bcm: Floats
    price_usd_per_kcm: Floats
    paid_not_taken_bcm: float
    gap: float
    built: tuple[str, ...]


@dataclass
class Solver:
    """A supply model held in HiGHS; `solve` may be called again with other closures and starts from the last basis.

    >>> month = np.ones(1)
    >>> lng = Source("lng", "hub", 5 * month, 400 * month, ("port",))
    >>> model = SupplyModel(("hub",), ("2030",), (2030,), (lng,), (), (), (Demand("hub", 3 * month, 2000.0),))
    >>> solver = Solver(model)
    >>> solver.solve().cost_musd, solver.solve([Closure("port")]).cost_musd
    (1200.0, 6000.0)
    """

    model: SupplyModel
    _assembly: Assembly = field(init=False, repr=False)
    _highs: Highs = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Assemble once."""
        self._assembly = assemble(self.model)
        self._highs = Highs(self._assembly)

    def cost_musd(self, closures: Sequence[Closure] = ()) -> float:
        """Least cost alone, the quick way for many states; NotConverged if HiGHS gives up."""
        self._set(closures)
        return self._highs.objective()

    def solve(self, closures: Sequence[Closure] = ()) -> SupplyResult:
        """Least-cost supply under closures; NotConverged if HiGHS gives up (the model is always feasible)."""
        self._set(closures)
        cost = self._highs.objective()
        x, row_dual, dual_cost = self._highs.solution()
        c, periods = self._assembly.columns, len(self.model.periods)
        built = tuple(k.id for k, y in zip(self.model.candidates, x[c.build], strict=True) if y > 0.5)
        gap = abs(dual_cost - cost) / max(1.0, abs(cost)) if not self.model.candidates else 0.0
        return SupplyResult(
            cost, _shape(x, c.source, periods), _shape(x, c.arc, periods), _shape(x, c.level, periods),
            _shape(x, c.unserved, periods), row_dual[: len(self.model.nodes) * periods].reshape(-1, periods),
            float(x[c.shortfall].sum()), gap, built,
        )

    def _set(self, closures: Sequence[Closure]) -> None:
        upper, take = closed_bounds(self._assembly, self.model, closures)
        self._highs.bounds(upper, take)


def _shape(x: Floats, at: slice, periods: int) -> Floats:
    found = x[at].reshape(-1, periods)
    found.setflags(write=False)
    return found


def closed_bounds(assembly: Assembly, model: SupplyModel, closures: Sequence[Closure]) -> tuple[Floats, Floats]:
    """Upper bounds of all columns and the take-or-pay minima, under closures."""
    upper, c, periods = assembly.upper.copy(), assembly.columns, len(model.periods)
    open_share = np.ones((len(model.sources), periods))
    for closure in closures:
        span = slice(closure.start, closure.stop)
        for i, source in enumerate(model.sources):
            if closure.gate in source.gates:
                upper[c.source].reshape(-1, periods)[i, span] = 0.0
                open_share[i, span] = 0.0
        for i, arc in enumerate(model.arcs):
            if closure.gate in arc.gates:
                upper[c.arc].reshape(-1, periods)[i, span] = 0.0
        for i, store in enumerate(model.storages):
            if closure.gate in store.gates:
                upper[c.inject].reshape(-1, periods)[i, span] = 0.0
                upper[c.withdraw].reshape(-1, periods)[i, span] = 0.0
    years = sorted(set(model.year_of_period))
    of_year = np.array([[y == p for p in model.year_of_period] for y in years], dtype=np.float64)
    take = [source.min_take_share * of_year @ (source.capacity_bcm * open_share[i])
            for i, source in enumerate(model.sources) if source.min_take_share > 0.0]
    return upper, np.concatenate(take) if take else np.zeros(0)


def states(model: SupplyModel, gates: Sequence[str]) -> tuple[Floats, Floats]:
    """Cost in million USD and unserved volume in bcm for every subset of closed gates, arrays of 2^k.

    Bit i of the index means that gate i is closed. Visited in Gray-code order, each from the basis of its neighbor.
    """
    solver = Solver(model)
    cost, unserved = np.empty(2 ** len(gates)), np.empty(2 ** len(gates))
    at = solver._assembly.columns.unserved
    for step in range(len(cost)):
        state = step ^ (step >> 1)
        cost[state] = solver.cost_musd([Closure(g) for i, g in enumerate(gates) if state >> i & 1])
        unserved[state] = solver._highs.solution()[0][at].sum()
    return cost, unserved

