"""Exact hat algebra: closed forms, identities, invariances, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import NotConverged, StudyFault
from landbridge.trade.baseline import Baseline, calibrate
from landbridge.trade.hat import Options, Shock, solve
from landbridge.trade.welfare import first_order, iceberg_hat, split

from .trade_worlds import cut, random_world


def two_equal(cost: float, theta: float = 5.0) -> Baseline:
    flows = np.array([[[1.0, cost**-theta], [cost**-theta, 1.0]]])
    return calibrate(flows, np.zeros((2, 1, 1)), np.ones((2, 1)), [theta])


@pytest.mark.parametrize("cost", [1.2, 1.5, 2.0, 3.0])
@pytest.mark.parametrize("theta", [2.5, 5.0, 9.0])
def test_two_equal_countries_have_a_closed_form(cost: float, theta: float) -> None:
    world, own = two_equal(cost, theta), np.array([[[1.0, 0.0], [0.0, 1.0]]])
    home = 1 / (1 + cost**-theta)
    free = solve(world, Shock(cost_hat=np.where(own, 1.0, 1 / cost)))
    assert free.real_income_hat == pytest.approx(np.full(2, ((1 + cost**-theta) / 2) ** (-1 / theta)), abs=1e-8)
    shut = solve(world, Shock(cost_hat=np.where(own, 1.0, 1e9)))
    assert shut.converged
    assert shut.real_income_hat == pytest.approx(np.full(2, home ** (1 / theta)), abs=1e-8)
    assert free.identities.autarky_bound_before == pytest.approx(np.full(2, home ** (-1 / theta)), abs=1e-12)


def test_no_shock_changes_nothing() -> None:
    r = solve(random_world(6, 4))
    for hat in (r.wage_hat, r.price_hat, r.cpi_hat, r.real_income_hat, r.unit_cost_hat):
        assert np.abs(hat - 1).max() < 1e-9


@given(st.integers(0, 10_000), st.floats(0.6, 1.5), st.floats(0.0, 0.3))
@settings(max_examples=15, deadline=None)
def test_identities_hold_and_the_gain_stays_within_the_autarky_bound(seed: int, factor: float, duty: float) -> None:
    world = random_world(5, 3, seed)
    tariff = np.full(world.share.shape, duty)
    tariff[:, np.arange(5), np.arange(5)] = 0.0
    r = solve(world, Shock(cost_hat=cut(world, factor, seed, 0.6), tariff=tariff))
    assert r.converged
    assert r.identities.home_share < 1e-8
    assert r.identities.adding_up < 1e-9
    assert r.identities.trade_balance < 1e-7
    assert (r.real_wage_hat <= r.identities.autarky_bound * (1 + 1e-9)).all()
    spent = (r.baseline.final_share * r.income[:, None]).sum()
    assert spent == pytest.approx(r.income.sum())


def test_world_gain_of_a_tiny_cut_is_trade_times_the_cut() -> None:
    world = random_world(8, 5, 3)
    r = solve(world, Shock(cost_hat=cut(world, 1 - 1e-5, 3, 0.4)), Options(tolerance=1e-12))
    assert r.identities.world_gain / r.identities.envelope_before == pytest.approx(1.0, abs=2e-4)
    assert r.identities.world_gain / r.identities.envelope_mean == pytest.approx(1.0, abs=1e-5)


@given(st.integers(0, 10_000), st.floats(1e-3, 1e6))
@settings(max_examples=10, deadline=None)
def test_money_units_do_not_matter(seed: int, unit: float) -> None:
    world = random_world(4, 3, seed)
    scaled = Baseline(
        world.countries,
        world.sectors,
        world.share,
        world.io,
        world.va_share,
        world.final_share,
        unit * world.value_added,
        unit * world.deficit,
        world.tariff,
        unit * world.expenditure,
        world.theta,
    )
    shock = Shock(cost_hat=cut(world, 0.8, seed, 0.5))
    assert solve(scaled, shock).real_income_hat == pytest.approx(solve(world, shock).real_income_hat, rel=1e-9)


@given(st.integers(0, 10_000), st.permutations(list(range(5))))
@settings(max_examples=10, deadline=None)
def test_order_of_countries_does_not_matter(seed: int, order: list[int]) -> None:
    w = random_world(5, 3, seed)
    cost = cut(w, 0.8, seed, 0.5)
    pair = np.ix_(range(3), order, order)
    moved = Baseline(
        tuple(w.countries[i] for i in order),
        w.sectors,
        w.share[pair],
        w.io[order],
        w.va_share[order],
        w.final_share[order],
        w.value_added[order],
        w.deficit[order],
        w.tariff[pair],
        w.expenditure[order],
        w.theta,
    )
    there = solve(moved, Shock(cost_hat=cost[pair])).real_income_hat
    assert there == pytest.approx(solve(w, Shock(cost_hat=cost)).real_income_hat[order], rel=1e-8)


def test_splitting_a_country_in_two_changes_nobody() -> None:
    w = random_world(4, 3, 7)
    cost = cut(w, 0.7, 7, 0.6)
    row = [0, 1, 2, 3, 3]
    pair = np.ix_(range(3), row, row)
    half = np.array([1, 1, 1, 0.5, 0.5])
    halves = Baseline(
        (*w.countries, "c3b"),
        w.sectors,
        w.share[pair] * half,
        w.io[row],
        w.va_share[row],
        w.final_share[row],
        w.value_added[row] * half,
        w.deficit[row],
        w.tariff[pair],
        w.expenditure[row] * half[:, None],
        w.theta,
    )
    assert halves.gap() < 1e-8
    whole = solve(w, Shock(cost_hat=cost)).real_income_hat
    assert solve(halves, Shock(cost_hat=cost[pair])).real_income_hat == pytest.approx(whole[row], rel=1e-8)


def test_equal_countries_gain_equally() -> None:
    n = 4
    flows = np.ones((2, n, n)) + 5 * np.eye(n)
    w = calibrate(flows, np.full((n, 2, 2), 0.2), np.full((n, 2), 0.6), [3.0, 6.0])
    gain = solve(w, Shock(cost_hat=cut(w, 0.9))).real_income_hat
    assert gain == pytest.approx(np.full(n, gain[0]), rel=1e-9)
    assert gain[0] > 1


@pytest.mark.parametrize("zeros", [0.0, 0.6])
def test_five_closed_countries_converge_and_gain_by_opening(zeros: float) -> None:
    w = random_world(30, 12, 2, zeros=zeros, closed=5)
    n = len(w.countries)
    cost = np.ones((n, n))
    cost[:5, 5:] = cost[5:, :5] = 1 / 20
    cost[:5, :5] = 1 / 400
    cost[np.arange(n), np.arange(n)] = 1
    factors = np.where(w.share > 0, cost, 1.0)
    r = solve(w, Shock(cost_hat=factors))
    assert r.converged
    assert r.sweeps < 100
    assert (r.real_income_hat[:5] > 1.02).all()
    back = solve(r.rebased(), Shock(cost_hat=1 / factors))
    assert back.real_income_hat * r.real_income_hat == pytest.approx(np.ones(n), rel=1e-7)


def test_a_deep_cut_on_an_observed_zero_is_refused_and_names_levels() -> None:
    flows = np.array([[[10.0, 0.0], [1.0, 10.0]]])
    w = calibrate(flows, np.zeros((2, 1, 1)), np.ones((2, 1)), [4.0], countries=["KOR", "PRK"])
    with pytest.raises(StudyFault, match="levels") as error:
        solve(w, Shock(cost_hat=[[[1.0, 1e-6], [1.0, 1.0]]]))
    assert "from PRK to KOR" in str(error.value)
    mild = solve(w, Shock(cost_hat=[[[1.0, 0.95], [1.0, 1.0]]]))
    assert mild.zero_pairs_cut == 1


@given(st.integers(0, 1000), st.floats(-6, 6))
@settings(max_examples=15, deadline=None)
def test_no_scenario_yields_nan(seed: int, power: float) -> None:
    w = random_world(4, 3, seed, zeros=0.4)
    cost = np.where(w.share > 0, cut(w, 10.0**power, seed, 0.5), 1.0)
    r = solve(w, Shock(cost_hat=cost), Options(max_sweeps=400))
    for array in (r.real_income_hat, r.wage_hat, r.price_hat, r.share, r.expenditure, r.flows()):
        assert np.isfinite(array).all()
    assert r.converged or r.reason


def test_not_converged_is_said_and_raises_only_on_demand() -> None:
    w = random_world(6, 4)
    r = solve(w, Shock(cost_hat=cut(w, 0.5)), Options(max_sweeps=3))
    assert not r.converged
    assert "3 sweeps" in r.reason
    assert np.isfinite(r.real_income_hat).all()
    with pytest.raises(NotConverged, match="3 sweeps"):
        r.rebased()


def test_faults_of_a_shock_come_all_at_once() -> None:
    w = two_equal(1.5)
    with pytest.raises(StudyFault) as error:
        solve(w, Shock(cost_hat=[[[1.0, np.inf], [1.0, 1.0]]], transfer=[1.0, 1.0], deficit=[0.0]))
    assert {f.where for f in error.value.faults} == {"cost_hat", "transfer", "deficit"}
    with pytest.raises(StudyFault, match="share"):
        calibrate(np.full((1, 2, 2), np.nan), np.zeros((2, 1, 1)), np.ones((2, 1)), [4.0])


def test_a_transfer_helps_who_receives_it_and_a_tax_costs_its_amount() -> None:
    w = random_world(4, 3, 5)
    money = 0.01 * w.value_added[0]
    fee = solve(w, Shock(transfer=[money, -money, 0, 0]))
    assert fee.real_income_hat[0] > 1.009
    assert fee.real_income_hat[1] < 1
    tax = solve(w, Shock(tax=[0, 0, money, 0]))
    assert tax.equivalent_variation[2] == pytest.approx(-money, rel=1e-6)


def test_first_order_formula_agrees_for_small_changes_and_the_split_adds_up() -> None:
    w = random_world(5, 3, 9)
    tariff = np.full(w.share.shape, 0.1)
    tariff[:, np.arange(5), np.arange(5)] = 0
    start = solve(w, Shock(tariff=tariff)).rebased()
    r = solve(start, Shock(tariff=0.999 * tariff), Options(tolerance=1e-12))
    assert first_order(r).total == pytest.approx(r.real_income_hat - 1, abs=2e-8)
    opened, ways = cut(w, 0.7, 2, 0.3), cut(w, 0.97, 3, 0.5)
    fees, tax = np.array([0.01, -0.01, 0, 0, 0]), np.array([0, 0.02, 0, 0, 0])
    s = split(ways, opened, fees, tax, lambda shock: solve(w, shock))
    whole = solve(w, Shock(cost_hat=ways * opened, transfer=fees, tax=tax)).real_income_hat - 1
    assert s.transit + s.opening + s.fees + s.tax == pytest.approx(whole, abs=1e-12)
    assert s.tax[1] < 0


@pytest.mark.parametrize("part", ["ways", "tariff", "transfer", "all"])
def test_first_order_formula_is_the_slope_of_the_exact_gain(part: str) -> None:
    w = random_world(6, 3, 11)
    tariff = np.where(np.eye(6, dtype=bool), 0.0, 0.1) * np.ones((3, 1, 1))
    start = solve(w, Shock(tariff=tariff)).rebased()
    direction = np.log(cut(start, 0.8, 4, 0.5))
    money = 0.01 * start.value_added[0]
    fees, tax = np.array([money, -money, 0, 0, 0, 0]), np.array([0, 0, money, 0, 0, 0])
    off = []
    for step in (1e-2, 1e-3):
        cost = np.exp(step * direction) if part in {"ways", "all"} else None
        duty = (1 - step) * tariff if part in {"tariff", "all"} else None
        transfer, taxed = (step * fees, step * tax) if part in {"transfer", "all"} else (None, None)
        r = solve(start, Shock(cost_hat=cost, tariff=duty, transfer=transfer, tax=taxed), Options(tolerance=1e-13))
        formula, exact = first_order(r), r.real_income_hat - 1
        if cost is not None:
            assert iceberg_hat(r) == pytest.approx(cost, abs=1e-10)
        assert np.abs(exact).max() > 1e-4 * step
        off.append(np.abs(formula.total - exact).max() / np.abs(exact).max())
    assert off[0] < 0.05
    assert off[1] < 0.2 * off[0]  # the error falls with the step, so the slope is right


def test_theta_cap_is_applied_and_reported() -> None:
    w = random_world(4, 3, 1)
    r = solve(w, Shock(cost_hat=cut(w, 0.9)), Options(theta_cap=3.0))
    assert r.theta.max() == 3.0
    assert r.identities.home_share < 1e-8
