"""The supply model as a sparse linear program, and its holder in HiGHS.

Columns by block, each object by period: source, arc, inject, withdraw, level, unserved, then take-or-pay shortfall by
source and year, then build decisions. Rows: node balances (supply = demand), storage levels, take-or-pay, build links.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import highspy
import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from landbridge.errors import NotConverged

if TYPE_CHECKING:
    from landbridge.gas.supply import SupplyModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Columns:
    """Where each block of columns stands."""

    source: slice
    arc: slice
    inject: slice
    withdraw: slice
    level: slice
    unserved: slice
    shortfall: slice
    build: slice
    total: int


@dataclass(frozen=True)
class Assembly:
    """min cost·x, row_low <= A x <= row_high, 0 <= x <= upper; `take_rows` are the take-or-pay rows."""

    columns: Columns
    matrix: sp.csc_matrix
    cost: Floats
    upper: Floats
    row_low: Floats
    row_high: Floats
    take_rows: slice


def _columns(model: SupplyModel) -> Columns:
    t = len(model.periods)
    years = len(set(model.year_of_period))
    contracts = sum(s.min_take_share > 0.0 for s in model.sources)
    sizes = [len(model.sources) * t, len(model.arcs) * t, *[len(model.storages) * t] * 3, len(model.demands) * t,
             contracts * years, len(model.candidates)]
    ends = np.cumsum([0, *sizes]).tolist()
    blocks = [slice(a, b) for a, b in pairwise(ends)]
    source, arc, inject, withdraw, level, unserved, shortfall, build = blocks
    return Columns(source, arc, inject, withdraw, level, unserved, shortfall, build, ends[-1])


class _Triplets:
    """Row, column, value lists that grow by whole blocks."""

    def __init__(self) -> None:
        self.rows: list[Ints] = []
        self.cols: list[Ints] = []
        self.values: list[Floats] = []

    def put(self, rows: Ints, cols: Ints, values: Floats | float) -> None:
        self.rows.append(rows.ravel())
        self.cols.append(cols.ravel())
        self.values.append(np.broadcast_to(np.asarray(values, dtype=np.float64), rows.shape).ravel())

    def matrix(self, shape: tuple[int, int]) -> sp.csc_matrix:
        parts = [np.concatenate(x) if x else np.zeros(0) for x in (self.values, self.rows, self.cols)]
        return sp.csc_matrix((parts[0], (parts[1].astype(np.int64), parts[2].astype(np.int64))), shape)


def assemble(model: SupplyModel) -> Assembly:
    """The linear program of a supply model, without closures."""
    t, c = len(model.periods), _columns(model)
    node = {name: i for i, name in enumerate(model.nodes)}
    span = np.arange(t)
    a = _Triplets()

    def rows_of(names: list[str]) -> Ints:
        return np.array([node[x] for x in names], dtype=np.int64)[:, None] * t + span[None, :]

    def cols_of(block: slice) -> Ints:
        return np.arange(block.start, block.stop).reshape(-1, t)

    def share(values: list[float]) -> Floats:
        return np.repeat(np.array(values, dtype=np.float64)[:, None], t, axis=1)

    if model.sources:
        a.put(rows_of([s.node for s in model.sources]), cols_of(c.source), 1.0)
    if model.arcs:
        a.put(rows_of([x.tail for x in model.arcs]), cols_of(c.arc), -1.0)
        a.put(rows_of([x.head for x in model.arcs]), cols_of(c.arc), share([1.0 - x.loss_share for x in model.arcs]))
    if model.demands:
        a.put(rows_of([d.node for d in model.demands]), cols_of(c.unserved), 1.0)
    balance = len(model.nodes) * t
    levels = len(model.storages) * t
    if model.storages:
        at = rows_of([s.node for s in model.storages])
        a.put(at, cols_of(c.inject), -1.0)
        a.put(at, cols_of(c.withdraw), 1.0)
        own = balance + np.arange(levels).reshape(-1, t)
        a.put(own, cols_of(c.level), 1.0)
        a.put(own, np.roll(cols_of(c.level), 1, axis=1), -1.0)  # cyclic: the first period follows the last
        a.put(own, cols_of(c.inject), -share([1.0 - s.loss_share for s in model.storages]))
        a.put(own, cols_of(c.withdraw), 1.0)
    take_rows = _take_or_pay(model, a, c, balance + levels)
    links = _links(model, a, c, take_rows.stop)
    total_rows = take_rows.stop + links
    low, high = np.zeros(total_rows), np.zeros(total_rows)
    for d in model.demands:
        low[node[d.node] * t : (node[d.node] + 1) * t] += d.volume_bcm
    high[:balance] = low[:balance]
    high[take_rows] = np.inf
    low[take_rows.stop :] = -np.inf
    cost, upper = _cost_and_upper(model, c)
    return Assembly(c, a.matrix((total_rows, c.total)), cost, upper, low, high, take_rows)


def _take_or_pay(model: SupplyModel, a: _Triplets, c: Columns, first: int) -> slice:
    """Taken plus shortfall is at least the minimum, by contract and year."""
    t, years = len(model.periods), sorted(set(model.year_of_period))
    row = first
    for i, source in enumerate(model.sources):
        if source.min_take_share <= 0.0:
            continue
        for y in years:
            at = np.flatnonzero(np.array(model.year_of_period) == y)
            a.put(np.full(len(at), row), c.source.start + i * t + at, 1.0)
            a.put(np.array([row]), np.array([c.shortfall.start + row - first]), 1.0)
            row += 1
    return slice(first, row)


def _links(model: SupplyModel, a: _Triplets, c: Columns, first: int) -> int:
    """Volume of a candidate is at most its capacity times its build decision."""
    t, row = len(model.periods), first
    arcs = {x.id: (c.arc.start + i * t, x.capacity_bcm) for i, x in enumerate(model.arcs)}
    sources = {x.id: (c.source.start + i * t, x.capacity_bcm) for i, x in enumerate(model.sources)}
    for k, candidate in enumerate(model.candidates):
        start, capacity = arcs[candidate.id] if candidate.id in arcs else sources[candidate.id]
        own = row + np.arange(t)
        a.put(own, start + np.arange(t), 1.0)
        a.put(own, np.full(t, c.build.start + k), -capacity)
        row += t
    return row - first


def _cost_and_upper(model: SupplyModel, c: Columns) -> tuple[Floats, Floats]:
    t, cost, upper = len(model.periods), np.zeros(c.total), np.full(c.total, np.inf)
    years = len(set(model.year_of_period))
    for block, values, bounds in (
        (c.source, [s.price_usd_per_kcm for s in model.sources], [s.capacity_bcm for s in model.sources]),
        (c.arc, [np.full(t, x.cost_usd_per_kcm) for x in model.arcs], [x.capacity_bcm for x in model.arcs]),
        (c.inject, [np.full(t, s.cost_usd_per_kcm) for s in model.storages],
         [np.full(t, s.inject_bcm) for s in model.storages]),
        (c.withdraw, [np.zeros(t) for _ in model.storages], [np.full(t, s.withdraw_bcm) for s in model.storages]),
        (c.level, [np.zeros(t) for _ in model.storages], [np.full(t, s.volume_bcm) for s in model.storages]),
        (c.unserved, [np.full(t, d.value_of_lost_load_usd_per_kcm) for d in model.demands],
         [d.volume_bcm for d in model.demands]),
    ):
        if values:
            cost[block], upper[block] = np.concatenate(values), np.concatenate(bounds)
    prices = [float(np.mean(s.price_usd_per_kcm)) for s in model.sources if s.min_take_share > 0.0]
    cost[c.shortfall] = np.repeat(prices, years)
    cost[c.build] = [k.cost_musd for k in model.candidates]
    upper[c.build] = 1.0
    return cost, upper


def _new() -> Any:
    """A silent HiGHS. Its constructor prints a banner past every option, which would stand inside our JSON."""
    solver: Any = highspy.Highs
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        made = solver()
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
    made.setOptionValue("output_flag", False)
    return made


class Highs:
    """An assembled program inside HiGHS; bounds may change, the basis stays."""

    def __init__(self, assembly: Assembly) -> None:
        self._a = assembly
        self._h: Any = _new()
        self._h.setOptionValue("threads", 1)
        self._h.setOptionValue("mip_rel_gap", 1e-9)
        lp = highspy.HighsLp()
        matrix = assembly.matrix
        lp.num_col_, lp.num_row_ = matrix.shape[1], matrix.shape[0]
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = assembly.cost, np.zeros(matrix.shape[1]), assembly.upper
        lp.row_lower_, lp.row_upper_ = assembly.row_low, assembly.row_high
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix.indptr, matrix.indices, matrix.data
        if assembly.columns.build.stop > assembly.columns.build.start:
            kinds = np.full(matrix.shape[1], highspy.HighsVarType.kContinuous, dtype=object)
            kinds[assembly.columns.build] = highspy.HighsVarType.kInteger
            lp.integrality_ = list(kinds)
        self._h.passModel(lp)
        self._upper = assembly.upper.copy()
        self._low = assembly.row_low.copy()

    def bounds(self, upper: Floats, take: Floats) -> None:
        """Set upper bounds of columns and take-or-pay minima; only those that differ are sent."""
        changed = np.flatnonzero(upper != self._upper).astype(np.int32)
        if len(changed):
            self._h.changeColsBounds(len(changed), changed, np.zeros(len(changed)), upper[changed])
            self._upper = upper
        low = self._low.copy()
        low[self._a.take_rows] = take
        for row in np.flatnonzero(low != self._low):
            self._h.changeRowBounds(int(row), float(low[row]), float(self._a.row_high[row]))
        self._low = low

    def objective(self) -> float:
        """Solve and return the least cost; NotConverged with HiGHS's own words otherwise."""
        self._h.run()
        status = self._h.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise NotConverged(f"the supply model: HiGHS says {self._h.modelStatusToString(status)}")
        return float(self._h.getInfo().objective_function_value)

    def solution(self) -> tuple[Floats, Floats, float]:
        """Columns, row duals, and the dual objective."""
        s = self._h.getSolution()
        x, y, d = np.array(s.col_value), np.array(s.row_dual), np.array(s.col_dual)
        row = np.where(y > 0, self._low, self._a.row_high)
        column = np.where(d > 0, 0.0, self._upper)
        dual = float(np.where(y != 0, y * np.where(np.isfinite(row), row, 0.0), 0.0).sum()
                     + np.where(d != 0, d * np.where(np.isfinite(column), column, 0.0), 0.0).sum())
        return x, y, dual
