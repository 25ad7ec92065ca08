"""The levels method: gravity fit of freeness, closure wedge, opening a closed country, sanctions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import StudyFault
from landbridge.trade import hat
from landbridge.trade.levels import FLOORS, Added, Levels, cost_to_target, extend, fit_gravity
from landbridge.trade.sanctions import LEAST, Prohibition, allowed_part, prohibitive_cost, target_trade

N, S = 12, 3
THETA = np.array([3.0, 5.0, 8.0])


def world() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Flows that follow the gravity of freeness exactly, distances and land borders of N + 1 places."""
    rng = np.random.default_rng(4)
    place = rng.random((N + 1, 2)) * 5000
    km = np.linalg.norm(place[:, None] - place[None], axis=2) + 100
    near = km < 900
    home = np.exp(rng.normal(3, 1, (S, N)))
    openness = np.exp(rng.normal(0, 0.2, (S, N)))
    phi = openness[:, :, None] * openness[:, None, :] * 40 * km[:N, :N] ** -1.0 * np.where(near[:N, :N], 1.5, 1)
    flows = phi * np.sqrt(home[:, :, None] * home[:, None, :])
    flows[:, np.arange(N), np.arange(N)] = home
    return flows, km, near


def opened(floor: float) -> Levels:
    flows, km, near = world()
    io = np.full((N, S, S), 0.1)
    nothing = np.zeros((S, N + 1))
    known = np.ones((S, N + 1, 2), dtype=bool)
    observed = nothing.copy()
    observed[:, 1] = 0.05  # trades with country 1 only
    new = Added("NEW", 3, 20.0, observed, observed, known, 0.15, 0.15)
    names = tuple(f"C{i:02d}" for i in range(N))
    return extend(
        flows, io, 1 - io.sum(axis=1), THETA, (new,), km, near, np.ones(S, bool), names, ("a", "b", "c"), floor
    )


def test_the_fit_finds_the_law_the_flows_were_made_by() -> None:
    flows, km, near = world()
    fit = fit_gravity(flows, km[:N, :N], near[:N, :N])
    assert fit.distance == pytest.approx(np.full(S, -1.0), abs=1e-5)
    assert fit.neighbor == pytest.approx(np.full(S, np.log(1.5)), abs=1e-5)
    assert fit.explained == pytest.approx(np.ones(S), abs=1e-8)
    assert fit.factor(0, 5, np.ones(S, bool)) == pytest.approx(1.0)


def test_a_sector_without_trade_and_an_economy_without_trade_are_fitted() -> None:
    flows, km, near = world()
    flows[0] *= np.eye(N)
    flows[1, 2, :] *= np.eye(N)[2]
    flows[1, :, 2] *= np.eye(N)[2]
    fit = fit_gravity(flows, km[:N, :N], near[:N, :N])
    assert np.isfinite(fit.fitted).all()
    assert fit.fitted[0].max() < 1e-9 * flows[0].max()
    assert fit.fitted[1, 2].max() < 1e-3 * fit.fitted[1].max()


def test_opening_does_not_depend_on_the_floor_but_half_a_wedge_would() -> None:
    gains, halves, wedges = [], [], []
    for floor in FLOORS:
        at = opened(floor)
        closed = at.baseline.index("NEW")
        cost = cost_to_target(at, THETA, at.normal, at.normal > 0)
        result = hat.solve(at.baseline, hat.Shock(cost_hat=cost)).require()
        gains.append(result.real_income_hat[closed])
        assert 1 < result.real_income_hat[closed] <= result.identities.autarky_bound[closed]
        halves.append(hat.solve(at.baseline, hat.Shock(cost_hat=np.sqrt(cost))).require().real_income_hat[closed])
        wedges.append(at.wedge(closed, 5, 5.0, 1.0, np.ones(S, bool)))
    assert max(gains) - min(gains) < 1e-5
    assert max(halves) - min(halves) > 10 * (max(gains) - min(gains))
    assert wedges == sorted(wedges, reverse=True)  # only a lower bound: the smaller the floor the higher


def test_opened_trade_comes_to_the_potential_of_the_target() -> None:
    at = opened(1e-7)
    k = at.baseline.index("NEW")
    cost = cost_to_target(at, THETA, at.normal, at.normal > 0)
    pull = at.baseline.flows() * cost ** -THETA[:, None, None]
    assert pull[:, k, :k] == pytest.approx(at.normal[:, k, :k], rel=1e-9)
    assert at.normal[:, :, k].sum() == pytest.approx(at.normal[:, k, :].sum())
    assert at.baseline.gap() < 1e-8
    flows = at.baseline.flows()
    assert flows[:, :k, k].sum() == pytest.approx(flows[:, k, :k].sum(), rel=1e-6)  # balanced


def test_law_and_road_are_two_scenarios_with_two_answers() -> None:
    at = opened(1e-7)
    k = at.baseline.index("NEW")
    names, sectors = at.baseline.countries, at.baseline.sectors
    ban = allowed_part([Prohibition("NEW", "*", "*", 0.8), Prohibition("*", "NEW", "*", 0.8)], names, sectors)
    free = np.ones_like(ban)
    roads = np.zeros((N + 1, N + 1), dtype=bool)
    roads[k, :] = roads[:, k] = True
    shut = np.zeros_like(roads)

    def gain(way: np.ndarray, after: np.ndarray) -> float:
        target = target_trade(at, 1.0, way, ban, after)
        cost = cost_to_target(at, THETA, target, at.normal > 0)
        return float(hat.solve(at.baseline, hat.Shock(cost_hat=cost)).require().real_income_hat[k] - 1)

    nothing, law, road, both = gain(shut, ban), gain(shut, free), gain(roads, ban), gain(roads, free)
    assert nothing == pytest.approx(0.0, abs=1e-9)
    assert 0 < law < road < both


def test_a_ban_is_finite_and_lifting_it_leads_back() -> None:
    at = opened(1e-7)
    names, sectors = at.baseline.countries, at.baseline.sectors
    full = allowed_part([Prohibition("C01", "C02", "b", 1.0)], names, sectors)
    assert full.min() == LEAST
    cost = prohibitive_cost(np.ones_like(full), full, THETA)
    assert np.isfinite(cost).all()
    banned = hat.solve(at.baseline, hat.Shock(cost_hat=cost)).require()
    assert banned.flows()[1, 2, 1] < 1e-4 * at.baseline.flows()[1, 2, 1]
    lifted = hat.solve(banned.rebased(), hat.Shock(cost_hat=prohibitive_cost(full, np.ones_like(full), THETA)))
    assert lifted.flows() == pytest.approx(at.baseline.flows(), rel=1e-6)


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=20, deadline=None)
def test_prohibitions_multiply(a: float, b: float) -> None:
    part = allowed_part(
        [Prohibition("X", "Y", "*", a), Prohibition("X", "*", "coal", b)], ("X", "Y", "Z"), ("coal", "ore")
    )
    assert part[0, 1, 0] == pytest.approx(max((1 - a) * (1 - b), LEAST))
    assert part[0, 2, 0] == pytest.approx(max(1 - b, LEAST))
    assert part[1, 1, 0] == pytest.approx(max(1 - a, LEAST))
    assert part[:, 0, 1].min() == 1


def test_faults() -> None:
    with pytest.raises(StudyFault) as error:
        allowed_part([Prohibition("Q", "Y", "*", 2.0)], ("X", "Y"), ("coal",))
    assert {f.where for f in error.value.faults} == {"exporter", "share"}
    with pytest.raises(StudyFault, match="floor"):
        opened(0.5)
    at = opened(1e-7)
    assert replace(at, floor=1e-9).baseline.index("NEW") == N
    with pytest.raises(StudyFault, match="no economy"):
        at.baseline.index("ZZZ")
