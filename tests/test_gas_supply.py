"""The supply program against an independent second model, duality, closures, storage, building; and interruption."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from landbridge.gas import interruption
from landbridge.gas.friction import Friction
from landbridge.gas.hydraulics import Options
from landbridge.gas.interruption import CutOff, mean_lost_bcm, n_minus_one, simulate, survival_days
from landbridge.gas.network import Compressor, Control, GasNetwork, Node, Pipe
from landbridge.gas.properties import Eos, methane_like
from landbridge.gas.supply import (
    Arc,
    Candidate,
    Closure,
    Demand,
    Solver,
    Source,
    Storage,
    SupplyModel,
    states,
)


def random_model(seed: int, nodes: int = 5, periods: int = 6) -> SupplyModel:
    rng = np.random.default_rng(seed)
    names = tuple(f"n{i}" for i in range(nodes))
    sources = tuple(Source(f"s{i}", names[int(rng.integers(nodes))], rng.uniform(0, 8, periods),
                           rng.uniform(100, 500, periods), (f"g{i}",), float(rng.choice([0.0, 0.6])))
                    for i in range(nodes))
    pairs = [(a, b) for a in range(nodes) for b in range(nodes) if a != b and rng.random() < 0.4]
    arcs = tuple(Arc(f"a{i}", names[a], names[b], rng.uniform(0, 5, periods), float(rng.uniform(1, 30)),
                     float(rng.uniform(0, 0.05)), (f"h{i}",)) for i, (a, b) in enumerate(pairs))
    stores = (Storage("store", names[0], 6.0, 2.0, 3.0, 5.0, 0.02),)
    demands = tuple(Demand(n, rng.uniform(0, 6, periods), 2000.0) for n in names)
    years = tuple(2030 + i // 3 for i in range(periods))
    return SupplyModel(names, tuple(str(i) for i in range(periods)), years, sources, arcs, stores, demands)


def second_model(model: SupplyModel) -> float:
    """The same program written out row by row, one variable at a time, and solved by scipy."""
    t_all = range(len(model.periods))
    cost: list[float] = []
    upper: list[float | None] = []
    balance: dict[tuple[str, int], list[tuple[int, float]]] = {(n, t): [] for n in model.nodes for t in t_all}
    level_rows: list[list[tuple[int, float]]] = []
    take_rows: list[tuple[list[int], float]] = []

    def variable(price: float, top: float | None) -> int:
        cost.append(price)
        upper.append(top)
        return len(cost) - 1

    for s in model.sources:
        own = [variable(float(s.price_usd_per_kcm[t]), float(s.capacity_bcm[t])) for t in t_all]
        for t in t_all:
            balance[s.node, t].append((own[t], 1.0))
        for year in sorted(set(model.year_of_period)) if s.min_take_share else ():
            at = [t for t in t_all if model.year_of_period[t] == year]
            missed = variable(float(np.mean(s.price_usd_per_kcm)), None)
            take_rows.append(([own[t] for t in at] + [missed],
                              s.min_take_share * float(sum(s.capacity_bcm[t] for t in at))))
    for a, t in itertools.product(model.arcs, t_all):
        x = variable(a.cost_usd_per_kcm, float(a.capacity_bcm[t]))
        balance[a.tail, t].append((x, -1.0))
        balance[a.head, t].append((x, 1.0 - a.loss_share))
    for d, t in itertools.product(model.demands, t_all):
        balance[d.node, t].append((variable(d.value_of_lost_load_usd_per_kcm, float(d.volume_bcm[t])), 1.0))
    for store in model.storages:
        put = [variable(store.cost_usd_per_kcm, store.inject_bcm) for _ in t_all]
        take = [variable(0.0, store.withdraw_bcm) for _ in t_all]
        held = [variable(0.0, store.volume_bcm) for _ in t_all]
        for t in t_all:
            balance[store.node, t] += [(put[t], -1.0), (take[t], 1.0)]
            level_rows.append([(held[t], 1.0), (held[t - 1], -1.0), (put[t], store.loss_share - 1.0), (take[t], 1.0)])
    wanted = {(d.node, t): float(d.volume_bcm[t]) for d in model.demands for t in t_all}
    equal = [*balance.values(), *level_rows]
    right = [wanted.get(k, 0.0) for k in balance] + [0.0] * len(level_rows)
    a_eq = sp.lil_matrix((len(equal), len(cost)))
    for r, row in enumerate(equal):
        for c, v in row:
            a_eq[r, c] += v
    a_ub = sp.lil_matrix((max(len(take_rows), 1), len(cost)))
    b_ub = np.zeros(max(len(take_rows), 1))
    for r, (cols, least) in enumerate(take_rows):
        a_ub[r, cols] = -1.0
        b_ub[r] = -least
    done = linprog(cost, a_ub.tocsr(), b_ub, a_eq.tocsr(), right, [(0.0, u) for u in upper], method="highs")
    assert done.status == 0
    return float(done.fun)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_equals_an_independent_second_model(seed: int) -> None:
    model = random_model(seed)
    found = Solver(model).solve()
    assert found.cost_musd == pytest.approx(second_model(model), rel=1e-7)
    assert found.gap < 1e-9  # strong duality


def test_equals_linopy() -> None:
    linopy = pytest.importorskip("linopy", reason="linopy is a peer of the bench; the second model above is always run")
    import pandas as pd

    model = random_model(7)
    m = linopy.Model()
    t = pd.RangeIndex(len(model.periods), name="t")
    injections: dict[str, list[object]] = {n: [] for n in model.nodes}
    objective: list[object] = []
    for s in model.sources:
        x = m.add_variables(0, pd.Series(s.capacity_bcm, t), name=s.id)
        injections[s.node].append(1.0 * x)
        objective.append((x * pd.Series(s.price_usd_per_kcm, t)).sum())
        for year in sorted(set(model.year_of_period)) if s.min_take_share else ():
            at = [i for i in t if model.year_of_period[i] == year]
            missed = m.add_variables(0, np.inf, name=f"{s.id} {year}")
            m.add_constraints(x.isel(t=at).sum() + missed >= s.min_take_share * s.capacity_bcm[at].sum())
            objective.append(missed * float(np.mean(s.price_usd_per_kcm)))
    for a in model.arcs:
        x = m.add_variables(0, pd.Series(a.capacity_bcm, t), name=a.id)
        injections[a.tail].append(-1.0 * x)
        injections[a.head].append((1.0 - a.loss_share) * x)
        objective.append((a.cost_usd_per_kcm * x).sum())
    for d in model.demands:
        x = m.add_variables(0, pd.Series(d.volume_bcm, t), name=f"u {d.node}")
        injections[d.node].append(1.0 * x)
        objective.append((d.value_of_lost_load_usd_per_kcm * x).sum())
    for k in model.storages:
        put = m.add_variables(0, k.inject_bcm, coords=[t], name="put")
        take = m.add_variables(0, k.withdraw_bcm, coords=[t], name="take")
        held = m.add_variables(0, k.volume_bcm, coords=[t], name="held")
        injections[k.node] += [-1.0 * put, 1.0 * take]
        m.add_constraints(held - held.roll(t=1) - (1 - k.loss_share) * put + take == 0)
        objective.append((k.cost_usd_per_kcm * put).sum())
    for d in model.demands:
        m.add_constraints(sum(injections[d.node][1:], injections[d.node][0]) == pd.Series(d.volume_bcm, t))
    m.add_objective(sum(objective[1:], objective[0]))
    m.solve(solver_name="highs", io_api="direct")
    assert Solver(model).solve().cost_musd == pytest.approx(float(m.objective.value), rel=1e-7)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 30))
def test_closing_an_arc_never_lowers_cost_and_warm_equals_cold(seed: int, which: int) -> None:
    model = random_model(seed)
    solver = Solver(model)
    before = solver.cost_musd()
    closure = Closure(model.arcs[which % len(model.arcs)].gates[0], 1, 4)
    after = solver.cost_musd([closure])
    assert after >= before - 1e-6 * abs(before)
    assert after == pytest.approx(Solver(model).cost_musd([closure]), rel=1e-9)
    assert solver.cost_musd() == pytest.approx(before, rel=1e-9)


def test_price_is_capped_by_the_value_of_lost_load() -> None:
    found = Solver(random_model(3)).solve()
    assert found.price_usd_per_kcm.max() <= 2000.0 + 1e-6
    assert found.unserved_bcm.sum() > 0


def test_storage_by_hand() -> None:
    """Cheap summer, dear winter: 3 bcm wanted in winter, the store moves 2 at a loss of 10 %."""
    price = np.array([100.0, 400.0])
    model = SupplyModel(("n",), ("s", "w"), (1, 1), (Source("f", "n", np.array([9.0, 9.0]), price),), (),
                        (Storage("k", "n", 2.0, 5.0, 5.0, 10.0, 0.1),), (Demand("n", np.array([0.0, 3.0]), 5000.0),))
    found = Solver(model).solve()
    assert found.cost_musd == pytest.approx(2.0 / 0.9 * 110.0 + 400.0)
    assert found.price_usd_per_kcm[0] == pytest.approx([100.0, 400.0])


def test_take_or_pay_lapses_when_the_source_is_shut() -> None:
    month = np.ones(2)
    dear = Source("contract", "n", 5 * month, 300 * month, ("gate",), 0.8)
    cheap = Source("spot", "n", 9 * month, 100 * month)
    model = SupplyModel(("n",), ("1", "2"), (1, 1), (dear, cheap), (), (), (Demand("n", 2 * month, 1000.0),))
    solver = Solver(model)
    # 8 bcm are due; 4 are taken, 4 paid for and left
    assert solver.solve().paid_not_taken_bcm == pytest.approx(4.0)
    assert solver.solve([Closure("gate")]).cost_musd == pytest.approx(400.0)
    assert solver.solve([Closure("gate", 0, 1)]).cost_musd == pytest.approx(2 * 100.0 + 4 * 300.0)


def test_building_equals_brute_force() -> None:
    rng = np.random.default_rng(2)
    base = random_model(11)
    costs = rng.uniform(200, 4000, 6)
    candidates = tuple(Candidate(a.id, float(c)) for a, c in zip(base.arcs, costs, strict=False))
    model = SupplyModel(base.nodes, base.periods, base.year_of_period, base.sources, base.arcs, base.storages,
                        base.demands, candidates)
    found = Solver(model).solve()
    plain = Solver(base)
    best = min(
        plain.cost_musd([Closure(a.gates[0]) for a, k in zip(base.arcs, keep, strict=False) if not k])
        + sum(c.cost_musd for c, k in zip(candidates, keep, strict=True) if k)
        for keep in itertools.product([0, 1], repeat=len(candidates)))
    assert found.cost_musd == pytest.approx(best, rel=1e-6)


def test_states_equal_single_solves_and_are_quick() -> None:
    model = random_model(5)
    gates = [a.gates[0] for a in model.arcs[:3]] + [s.gates[0] for s in model.sources[1:4]]
    started = time.perf_counter()
    cost, unserved = states(model, gates)
    assert time.perf_counter() - started < 10.0
    assert len(cost) == 64
    for state in (0, 5, 33, 63):
        single = Solver(model).solve([Closure(g) for i, g in enumerate(gates) if state >> i & 1])
        assert cost[state] == pytest.approx(single.cost_musd, rel=1e-9)
        assert unserved[state] == pytest.approx(single.unserved_bcm.sum(), abs=1e-6)


def test_n_minus_one_by_hand() -> None:
    """30 + 50 + 40 entries, the 50 lost, peak 80: 87.5 %; 12 saved on the demand side: 102.9 %."""
    capacity = {"pipe": 30.0, "terminal": 50.0, "store": 40.0}
    found = n_minus_one(capacity, 80.0, 12.0)
    assert (found.percent, found.largest, found.passed) == (87.5, "terminal", True)
    assert found.percent_with_demand_side == pytest.approx(70.0 / 68.0 * 100.0)
    assert n_minus_one(capacity, 80.0, largest="pipe").percent == pytest.approx(112.5)
    assert n_minus_one({**capacity, "new": 10.0}, 80.0).percent > found.percent
    with pytest.raises(ValueError, match="peak day"):
        n_minus_one(capacity, 0.0)


def test_hydraulic_n_minus_one() -> None:
    gas = methane_like(Eos.PAPAY, 283.15)
    nodes = (Node("in", 70.0), Node("k"), Node("m"), Node("out", injection_kg_per_s=-150.0, min_pressure_bar=40.0))
    edges = (Pipe("a", "in", "k", 80e3, 0.8), Compressor("c", "k", "m", Control.OUTLET_PRESSURE, 70.0),
             Pipe("b", "m", "out", 80e3, 0.8), Pipe("d", "m", "out", 80e3, 0.5))
    found = interruption.hydraulic_n_minus_one(GasNetwork(nodes, edges, gas), ("a", "b", "c", "d"),
                                               Options(Friction.COLEBROOK))
    assert found.served_share["a"] == 0.0
    assert found.worst == "a"
    assert found.served_share["b"] < found.served_share["d"] <= 1.0


def test_renewal_formula_and_simulation() -> None:
    cut = CutOff(10.0, 0.2, 0.25)
    exact = mean_lost_bcm(cut, 30.0)
    assert exact == pytest.approx(14.172, abs=5e-4)
    drawn = simulate(cut, 30.0, 20000, np.random.default_rng(1))
    assert abs(drawn.mean_bcm - exact) < 3.0 * drawn.error_bcm
    assert drawn.es95_bcm >= drawn.p95_bcm >= drawn.mean_bcm
    assert (np.diff(drawn.exceedance) <= 0).all()
    again = simulate(cut, 30.0, 20000, np.random.default_rng(1))
    assert again.mean_bcm == drawn.mean_bcm


def test_buffer_and_spare_only_help() -> None:
    def mean(spare: float, buffer: float) -> float:
        return simulate(CutOff(10.0, 0.2, 0.25, spare, buffer), 30.0, 4000, np.random.default_rng(3)).mean_bcm

    assert mean(0, 0) > mean(0, 0.5) > mean(4, 0.5)
    assert mean(10, 0) == 0.0


def test_days_and_cost_of_a_shortage() -> None:
    assert survival_days(0.0, 10.0, 1.0) == float("inf")
    assert survival_days(20.0, 300.0, 10.0) == 0.0
    with pytest.raises(ValueError, match="sum to 1"):
        interruption.disruption_cost_musd(1.0, {"homes": 0.5}, {"homes": 1.0})
