"""One-sector universal gravity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import NotConverged, StudyFault
from landbridge.trade.onesector import Deficits, solve, structural_flows


def gravity_flows(n: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(0, 1, n))
    flows = 0.05 * np.outer(size, size) * np.exp(rng.normal(0, 0.7, (n, n)))
    flows[np.arange(n), np.arange(n)] = size * size.sum() * 0.3
    return flows


@pytest.mark.parametrize("psi", [0.0, 1.24])
def test_two_equal_countries(psi: float) -> None:
    theta, cost = 5.0, 1.8
    flows = np.array([[1.0, cost**-theta], [cost**-theta, 1.0]])
    r = solve(flows, theta, psi, cost_hat=[[1.0, 1 / cost], [1 / cost, 1.0]])
    want = ((1 + cost**-theta) / 2) ** (-(1 + psi) / theta)
    assert r.real_income_hat == pytest.approx([want, want], abs=1e-8)
    shut = solve(flows, theta, psi, cost_hat=[[1.0, 1e6], [1e6, 1.0]])
    assert shut.real_income_hat == pytest.approx(np.full(2, (1 + cost**-theta) ** (-(1 + psi) / theta)), abs=1e-8)


@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.24]), st.sampled_from(list(Deficits)))
@settings(max_examples=20, deadline=None)
def test_identities(seed: int, psi: float, deficits: Deficits) -> None:
    flows = gravity_flows(8, seed)
    effect = np.random.default_rng(seed).uniform(-0.3, 0.5, (8, 8))
    r = solve(flows, 4.0, psi, effect=effect, deficits=deficits).require()
    assert r.identity < 1e-9
    assert r.adding_up < 1e-9
    if deficits is Deficits.ADDITIVE:
        assert r.world_factor == pytest.approx(1.0, abs=1e-12)
    assert (r.real_output_hat <= r.autarky_bound + 1e-9).all() or effect.diagonal().max() > 0


def test_effect_and_cost_are_the_same_shock_and_scale_and_order_do_not_matter() -> None:
    flows = gravity_flows(6, 4)
    cost = np.random.default_rng(1).uniform(0.8, 1.1, (6, 6))
    one = solve(flows, 4.0, cost_hat=cost)
    two = solve(1e6 * flows, 4.0, effect=-4.0 * np.log(cost))
    assert two.real_income_hat == pytest.approx(one.real_income_hat, rel=1e-9)
    order = [3, 1, 5, 0, 2, 4]
    moved = solve(flows[np.ix_(order, order)], 4.0, cost_hat=cost[np.ix_(order, order)])
    assert moved.real_income_hat == pytest.approx(one.real_income_hat[order], rel=1e-9)


def test_a_closed_balanced_country_gains_by_opening_up_to_its_autarky_bound() -> None:
    flows = gravity_flows(30, 2)
    own = np.arange(30)
    flows = (flows + flows.T) / 2
    gains = []
    for closure in (10.0, 1e3, 1e6):
        effect = np.zeros((30, 30))
        effect[0, 1:] = effect[1:, 0] = -np.log(closure)
        closed = solve(flows, 5.0, effect=effect).require()
        back = solve(closed.flows, 5.0, effect=-effect).require()
        assert back.real_income_hat == pytest.approx(1 / closed.real_income_hat, rel=1e-8)
        gains.append(back.real_income_hat[0])
    bound = (flows[0, own[0]] / flows[0].sum()) ** (-1 / 5.0)
    assert 1 < gains[0] < gains[1] < gains[2] <= bound * (1 + 1e-9)
    assert gains[2] == pytest.approx(bound, rel=1e-5)


def test_removing_deficits_balances_every_country() -> None:
    flows = gravity_flows(7, 3)
    r = solve(flows, 4.0, deficits=Deficits.REMOVED).require()
    assert r.flows.sum(axis=0) == pytest.approx(r.flows.sum(axis=1), rel=1e-9)
    deficit = flows.sum(axis=1) - flows.sum(axis=0)
    assert r.price_hat[np.argmax(deficit / flows.sum(axis=0))] < 1  # who lived on others must sell more


def test_structural_flows_meet_their_margins_even_if_a_country_is_almost_closed() -> None:
    rng = np.random.default_rng(3)
    freeness = np.exp(rng.normal(-3, 1, (9, 9)))
    freeness[np.arange(9), np.arange(9)] = 1.0
    freeness[0, 1:] *= 1e-5
    freeness[1:, 0] *= 1e-5
    made = np.exp(rng.normal(2, 1, 9))
    flows = structural_flows(freeness, made, made)
    assert flows.sum(axis=0) == pytest.approx(made, rel=1e-8)
    assert flows.sum(axis=1) == pytest.approx(made, rel=1e-8)
    odd = flows * flows.T / np.outer(np.diag(flows), np.diag(flows))
    assert odd == pytest.approx(freeness * freeness.T, rel=1e-8)
    with pytest.raises(StudyFault, match="sums"):
        structural_flows(freeness, made, 2 * made)


def test_refusals_and_reasons() -> None:
    flows = gravity_flows(3, 1)
    zero = flows.copy()
    zero[0, 1] = 0.0
    cost = np.ones((3, 3))
    cost[0, 1] = 1e-6
    with pytest.raises(StudyFault, match="levels"):
        solve(zero, 4.0, cost_hat=cost)
    with pytest.raises(StudyFault, match="one of the two"):
        solve(flows, 4.0, effect=cost, cost_hat=cost)
    with pytest.raises(StudyFault, match="home sales"):
        solve(flows - np.diag(np.diag(flows)), 4.0)
    with pytest.raises(StudyFault, match="finite"):
        solve(flows, 4.0, cost_hat=np.full((3, 3), np.inf))
    stopped = solve(flows, 4.0, effect=cost, max_sweeps=1)
    assert not stopped.converged
    assert np.isfinite(stopped.real_income_hat).all()
    with pytest.raises(NotConverged):
        stopped.require()
