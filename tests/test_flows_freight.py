"""Choice, queue and the freight equilibrium: hand-solved cases and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import brentq

from landbridge.flows.choice import Form, Logit, Sets, path_size, share_slopes, shares
from landbridge.flows.freight import Caps, Market, incidence, no_incidence, solve_freight
from landbridge.flows.queue import Facilities

NONE = Facilities((), *(np.empty(0) for _ in range(5)))


def gate(capacity_t: float, base_h: float = 10.0, open_h: float = 24.0, reference: float = 0.0) -> Facilities:
    columns = (np.array([x]) for x in (base_h, capacity_t, 1000.0, open_h, reference))
    return Facilities(("gate",), *columns)


def market(costs: list[float], demand_t: float = 100.0, passes: list[int] | None = None,
           capped: list[int] | None = None,
           time_value: float = 1.0) -> Market:
    """One group; `passes` and `capped` are the rows that use the facility and the cap."""
    n = len(costs)
    use = no_incidence(n, 0) if passes is None else incidence(np.array(passes), np.zeros(len(passes), int),
                                                              (n, 1))
    cap = no_incidence(n, 0) if capped is None else incidence(np.array(capped), np.zeros(len(capped), int),
                                                              (n, 1))
    return Market(Sets.of(np.zeros(n, np.int32)), np.array(costs), use, cap, np.array([demand_t]),
                  np.array([time_value]))


# --- choice


def test_logit_of_two() -> None:
    found = shares(np.array([100.0, 120.0]), Sets.of(np.array([0, 0])), Logit(0.05))
    assert found.share == pytest.approx([1 / (1 + np.exp(-1.0)), 1 / (1 + np.exp(1.0))])
    assert found.logsum[0] == pytest.approx(-np.log(np.exp(-5) + np.exp(-6)))


def test_logit_of_ratios() -> None:
    logit = Logit(2.0, Form.LOG)
    found = shares(np.array([100.0, 200.0]), Sets.of(np.array([0, 0])), logit)
    assert found.share == pytest.approx([0.8, 0.2])  # (1/2)^2 against 1
    assert found.logsum_cost(logit)[0] == pytest.approx((100.0**-2 + 200.0**-2) ** (-1 / 2))


def test_nested_logit_red_bus_blue_bus() -> None:
    """Two equal buses in one nest: with λ near 0 they count as one, with λ = 1 as two."""
    sets = Sets.of(np.array([0, 0, 0]), np.array([0, 1, 1]))
    cost = np.array([1.0, 1.0, 1.0])
    assert shares(cost, sets,
                  Logit(1.0, dissimilarity=(1.0, 1e-6))).share == pytest.approx([0.5, 0.25, 0.25], abs=1e-5)
    assert shares(cost, sets, Logit(1.0)).share == pytest.approx([1 / 3] * 3)


def test_unavailable_is_never_chosen() -> None:
    found = shares(np.array([np.inf, 5.0, np.inf]), Sets.of(np.array([0, 0, 1])), Logit(1.0))
    assert found.share.tolist() == [0.0, 1.0, 0.0]
    assert found.logsum.tolist() == [5.0, np.inf]


def test_no_overflow() -> None:
    found = shares(np.array([1e6, 1e6 + 1]), Sets.of(np.array([0, 0])), Logit(10.0))
    assert found.share.sum() == pytest.approx(1.0) and found.share[0] > 0.9999


def test_path_size() -> None:
    way = sparse.csr_array(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]))
    assert path_size(Sets.of(np.array([0, 0, 0])), way, np.ones(3)) == pytest.approx([0.5, 0.5, 1.0])
    sets = Sets.of(np.array([0, 0, 0]))
    found = shares(np.ones(3), sets, Logit(1.0), path_size=path_size(sets, way, np.ones(3)))
    assert found.share == pytest.approx([0.25, 0.25, 0.5])


@pytest.mark.parametrize("logit",
                         [Logit(0.1), Logit(0.1, dissimilarity=(0.5, 0.7)), Logit(3.0, Form.LOG, (0.4,))])
def test_slopes_of_shares_are_the_derivative(logit: Logit) -> None:
    rng = np.random.default_rng(3)
    sets = Sets.of(np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 1, 1, 0, 1]))
    cost, weight = rng.uniform(10, 40, 6), np.array([3.0, 5.0])
    left, right = sparse.csr_array(rng.random((6, 2))), sparse.csr_array(rng.random((6, 3)))

    def load(price: np.ndarray) -> np.ndarray:
        return left.T @ (weight[sets.group] * shares(cost + right @ price, sets, logit).share)

    slope = share_slopes(shares(cost, sets, logit), cost, sets, logit, weight, left, right)
    eps = 1e-6
    for j in range(3):
        e = np.eye(3)[j] * eps
        assert slope[:, j] == pytest.approx((load(e) - load(-e)) / (2 * eps), rel=1e-5, abs=1e-8)


# --- queue


def test_queue_below_capacity_is_mm1() -> None:
    """At ρ = 0.5 and 1 unit an hour the M/M/1 wait is 1 h; a long period gives the steady state."""
    rate = 8760 * 1000.0
    facility = Facilities(("g",), *(np.array([x]) for x in (0.0, rate, 1000.0, 24.0, 0.0)), period_h=1e6)
    assert facility.dwell_h(np.array([0.5 * rate]))[0] == pytest.approx(1.0, rel=1e-4)


def test_queue_above_capacity_grows_with_the_period() -> None:
    """150 arrive where 100 can pass: after T the last waits T/2, the mean is T/4."""
    assert gate(876e6).dwell_h(np.array([1.5 * 876e6]))[0] == pytest.approx(10 + 720 / 4, abs=0.1)


def test_queue_of_a_gate_open_by_day() -> None:
    """Half the arrivals wait for a gate open 12 of 24 hours, 6 h in the mean: 3 h; the backlog doubles it at ρ = 1."""
    facility = gate(876e9, open_h=12.0)
    wait = facility._wait(np.array([0.0])), facility._wait(np.array([0.5]))
    assert wait[0][0] == pytest.approx(3.0, abs=1e-2)
    assert wait[1][0] == pytest.approx(4.0, abs=1e-2)


def test_dwell_is_the_published_one_at_the_reference() -> None:
    facility = gate(1e6, reference=0.6)
    assert facility.dwell_h(np.array([0.0, 0.6e6, 0.9e6])[:1])[0] == 10.0
    assert facility.dwell_h(np.array([0.6e6]))[0] == 10.0 < facility.dwell_h(np.array([0.9e6]))[0]
    assert gate(np.inf).dwell_h(np.array([1e12]))[0] == 10.0


@pytest.mark.parametrize("rho", [0.3, 0.8, 0.99, 1.3, 4.0])
def test_slope_of_dwell(rho: float) -> None:
    facility = gate(1e6, open_h=10.0, reference=0.2)
    v, eps = np.array([rho * 1e6]), 1.0
    numeric = (facility.dwell_h(v + eps) - facility.dwell_h(v - eps)) / (2 * eps)
    assert facility.slope_h_per_t(v) == pytest.approx(numeric, rel=1e-5)


# --- equilibrium


def test_without_capacity_it_is_the_logit() -> None:
    m = market([10.0, 12.0, 15.0])
    answer = solve_freight(m, NONE, Logit(0.4))
    assert (answer.flow_t == 100.0 * shares(m.cost_usd_per_t, m.sets, Logit(0.4)).share).all()
    assert answer.converged and answer.gap == 0.0


def test_no_demand_no_flow() -> None:
    answer = solve_freight(market([10.0, 12.0], 0.0, [0]), gate(100.0), Logit(1.0))
    assert answer.flow_t.tolist() == [0.0, 0.0] and answer.volume_t.tolist() == [0.0] and answer.converged


def test_no_way_is_not_carried() -> None:
    answer = solve_freight(market([np.inf, np.inf]), NONE, Logit(1.0))
    assert answer.not_carried == ((0, 100.0, "no way"),) and answer.flow_t.sum() == 0
    assert np.isinf(answer.logsum_usd_per_t[0])


def test_queue_sends_cargo_round() -> None:
    """One equation in one unknown, solved apart: v = q / (1 + exp(-θ (c2 - c1 - vot * delay(v))))."""
    facility, m = gate(1e6), market([100.0, 140.0], 2e6, [0], time_value=0.5)
    answer = solve_freight(m, facility, Logit(0.1))

    def excess(v: float) -> float:
        delay = facility.dwell_h(np.array([v]))[0] - 10.0
        return v - 2e6 / (1 + np.exp(-0.1 * (40.0 - 0.5 * delay)))

    assert answer.converged and answer.gap <= 1e-10
    assert answer.volume_t[0] == pytest.approx(brentq(excess, 0, 2e6, xtol=1e-6), rel=1e-8)
    assert answer.volume_t[0] > 1e6 * 0.9 and answer.flow_t.sum() == pytest.approx(2e6, rel=1e-12)
    assert answer.utilisation[0] == pytest.approx(answer.volume_t[0] / 1e6)


def test_cap_with_another_way() -> None:
    """The cap's price makes the capped way's share the cap: 0.1 (110 - 100 - μ) = ln(30 / 70)."""
    m = market([100.0, 110.0], 100.0, capped=[0])
    answer = solve_freight(m, NONE, Logit(0.1), Caps(("law",), np.array([30.0]), np.array([500.0])))
    assert answer.flow_t == pytest.approx([30.0, 70.0], rel=1e-8)
    assert answer.price_usd_per_t[0] == pytest.approx(10 + 10 * np.log(7 / 3), rel=1e-7)
    assert answer.not_carried == ()


def test_cap_without_another_way() -> None:
    m = market([100.0], 100.0, capped=[0])
    answer = solve_freight(m, NONE, Logit(0.1), Caps(("law",), np.array([30.0]), np.array([500.0])))
    assert answer.flow_t == pytest.approx([30.0])
    assert [(g, r) for g, _, r in answer.not_carried] == [(0, "law")]
    assert answer.not_carried[0][1] == pytest.approx(70.0)
    assert answer.converged and answer.price_usd_per_t[0] == 500.0


def test_cap_that_does_not_bind_changes_nothing() -> None:
    m = market([100.0, 110.0], 100.0, capped=[0])
    free = solve_freight(market([100.0, 110.0]), NONE, Logit(0.1))
    answer = solve_freight(m, NONE, Logit(0.1), Caps(("law",), np.array([90.0]), np.array([500.0])))
    assert (answer.flow_t == free.flow_t).all() and answer.price_usd_per_t[0] == 0.0


def test_cap_of_zero_closes() -> None:
    m = market([100.0, 101.0], 100.0, capped=[0])
    answer = solve_freight(m, NONE, Logit(0.1), Caps(("law",), np.array([0.0]), np.array([300.0])))
    assert answer.flow_t[0] == pytest.approx(0.0, abs=1e-9)
    assert answer.flow_t.sum() + sum(t for _, t, _ in answer.not_carried) == pytest.approx(100.0, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_random_markets_converge_and_conserve(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups, rows, nf, nc = int(rng.integers(1, 30)), int(rng.integers(30, 120)), int(rng.integers(1, 8)), 2
    group = np.sort(np.concatenate([np.arange(groups), rng.integers(0, groups, rows)])).astype(np.int32)
    rows = len(group)
    sets = Sets.of(group, rng.integers(0, 3, rows), groups)
    cost = rng.uniform(20, 300, rows)
    cost[rng.random(rows) < 0.05] = np.inf
    demand = 10 ** rng.uniform(1, 6, groups)
    passes = incidence(np.repeat(np.arange(rows), 2), rng.integers(0, nf, 2 * rows), (rows, nf))
    capped = sparse.csr_array((rng.random((rows, nc)) < 0.1).astype(float))
    capacity = demand.sum() * 10 ** rng.uniform(-1.5, 0.5, nf)
    facilities = Facilities(tuple(f"f{i}" for i in range(nf)), rng.uniform(1, 50, nf), capacity,
                            np.full(nf, 1000.0),
                            rng.uniform(6, 24, nf), rng.uniform(0, 0.8, nf))
    caps = Caps(("a", "b"), demand.sum() * rng.uniform(0, 0.1, nc), np.full(nc, 400.0))
    m = Market(sets, cost, passes, capped, demand, 10 ** rng.uniform(-2, 0.5, groups))
    answer = solve_freight(m, facilities, Logit(0.03, dissimilarity=(0.6, 0.8)), caps)
    assert answer.converged, (answer.reason, answer.gap_history[-5:])
    behind = sum(t for _, t, _ in answer.not_carried)
    assert answer.flow_t.sum() + behind == pytest.approx(demand.sum(), rel=1e-9)
    assert answer.volume_t == pytest.approx(passes.T @ answer.flow_t, rel=1e-9)
    assert (capped.T @ answer.flow_t <= caps.limit_t * (1 + 1e-6) + 1e-6 * demand.sum()).all()
    assert (answer.flow_t >= 0).all()
