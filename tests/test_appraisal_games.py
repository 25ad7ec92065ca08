"""Games: published answers, an independent package, certificates, closed forms."""

from __future__ import annotations

import coopgame
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.appraisal.bargaining import before_capital
from landbridge.appraisal.core import core, in_core, proves_empty
from landbridge.appraisal.games import (
    additive,
    banzhaf,
    game,
    game_from,
    game_of,
    merged,
    normalised,
    shapley,
    superadditive,
    veto_with_bypass,
    vetoes,
    voting,
)
from landbridge.appraisal.nucleolus import is_nucleolus, least_core, nucleolus
from landbridge.appraisal.power import coalition_table, power_table
from landbridge.conditions.council import Body, power

LEMAIRE = game_from(("1", "2", "3"), {"1": 46125, "2": 17437.5, "3": 5812.5, "1+2": 69187.5, "1+3": 53812.5,
                                      "2+3": 30750, "1+2+3": 90000})
GLOVE = game_from(("L", "R1", "R2"), {"L+R1": 1, "L+R2": 1, "L+R1+R2": 1})


def bankruptcy(estate: float, claims: tuple[float, ...]):  # type: ignore[no-untyped-def]
    total = sum(claims)
    names = [str(c) for c in claims]
    return game_of(names, lambda s: max(0.0, estate - (total - sum(float(c) for c in s))))


def test_lemaire() -> None:
    assert shapley(LEMAIRE) == pytest.approx([51750, 25875, 12375], abs=1e-9)
    found = nucleolus(LEMAIRE)
    assert found.allocation == pytest.approx([52687.5, 24468.75, 12843.75], abs=1e-8) and found.certified


@pytest.mark.parametrize(("estate", "answer"), [(100, [100 / 3] * 3), (200, [50, 75, 75]), (300, [50, 100, 150])])
def test_talmud(estate: float, answer: list[float]) -> None:
    found = nucleolus(bankruptcy(estate, (100, 200, 300)))
    assert found.allocation == pytest.approx(answer, abs=1e-9) and found.certified


def test_glove_airport_voting_veto_chain() -> None:
    assert shapley(GLOVE) == pytest.approx([2 / 3, 1 / 6, 1 / 6])
    assert nucleolus(GLOVE).allocation == pytest.approx([1, 0, 0], abs=1e-9)
    cost = game_of(("1", "2", "3"), lambda s: max((float(p) for p in s), default=0.0))
    assert shapley(cost) == pytest.approx([1 / 3, 5 / 6, 11 / 6])
    votes = voting(51, [40, 30, 20, 10])
    assert shapley(votes) == pytest.approx([5 / 12, 1 / 4, 1 / 4, 1 / 12])
    assert normalised(banzhaf(votes)) == pytest.approx([5 / 12, 3 / 12, 3 / 12, 1 / 12])
    chain = additive(("A", "B", "C", "D"), [(("A", "B", "C", "D"), 12.0)])
    assert shapley(chain) == pytest.approx([3] * 4) and nucleolus(chain).allocation == pytest.approx([3] * 4)
    assert core(chain).interval == pytest.approx(np.array([[0.0, 12.0]] * 4), abs=1e-9)
    assert vetoes(chain).all() and vetoes(votes).tolist() == [False] * 4


def test_nucleolus_is_not_the_prenucleolus() -> None:
    # the prenucleolus of this game, (3, 3, -4), gives the third player less than it has alone
    values = game(("1", "2", "3"), [0, 0, 0, 10, 0, 0, 0, 2])
    assert nucleolus(values).allocation == pytest.approx([1, 1, 0], abs=1e-9)


def test_supply_chain_is_additive() -> None:
    g = additive(("R", "U", "B", "P"), [(("R", "U"), 70.0), (("R", "B", "P"), 28.0)])
    assert shapley(g) == pytest.approx([35 + 28 / 3, 35, 28 / 3, 28 / 3])


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 1000), st.floats(0, 1))
def test_closed_form_with_one_outside_option(whole: float, part: float) -> None:
    bypass = whole * part
    g = game_from(("R", "K", "N"), {"R+K": bypass, "R+K+N": whole})
    closed = veto_with_bypass(whole, bypass)
    assert shapley(g) == pytest.approx(closed["shapley"], abs=1e-9 * whole)
    assert nucleolus(g).allocation == pytest.approx(closed["nucleolus"], abs=1e-8 * whole)
    assert core(g).interval == pytest.approx(closed["core"], abs=1e-7 * whole)


def test_four_hundred_random_games_equal_coopgame() -> None:
    rng = np.random.default_rng(20180601)
    empty = 0
    for k in range(400):
        n = int(rng.integers(3, 7))
        values = rng.integers(0, 10, 2**n).astype(float)
        values[0] = 0
        values[1 << np.arange(n)] = 0
        if k % 2:
            values[-1] = rng.integers(5, 60)
        g = game([str(i) for i in range(n)], values)
        other = coopgame.Game(list(values[1:]), order="binary")
        assert np.abs(shapley(g) - coopgame.shapley(other)).max() < 1e-9
        found = nucleolus(g)
        assert np.abs(found.allocation - coopgame.nucleolus(other)["allocation"]).max() < 1e-9
        assert found.certified
        least = least_core(g)
        assert least.gap < 1e-8
        if least.core_empty:
            empty += 1
            assert proves_empty(g, dict(least.weights))
        else:
            assert in_core(g, found.allocation)
    assert 50 < empty < 350  # both kinds are tried


def test_twelve_players() -> None:
    rng = np.random.default_rng(12)
    weights = rng.random(12)
    values = np.array([sum(weights[i] for i in range(12) if s >> i & 1) ** 2 for s in range(2**12)])
    g = game([str(i) for i in range(12)], values)
    other = coopgame.Game(list(values[1:]), order="binary")
    found = nucleolus(g)
    assert np.abs(found.allocation - coopgame.nucleolus(other)["allocation"]).max() < 1e-9 and found.certified
    assert shapley(g).sum() == pytest.approx(g.grand)
    with pytest.raises(ValueError, match="1 to 12"):
        game([str(i) for i in range(13)], np.zeros(2**13))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=15, max_size=15))
def test_axioms(values: list[int]) -> None:
    v = np.array([0, *values], float)
    names = ("A", "B", "C", "D")
    g = game(names, v)
    assert shapley(g).sum() == pytest.approx(g.grand)
    swapped = game(("B", "A", "C", "D"), v[[(m & ~3) | (m & 1) << 1 | (m >> 1 & 1) for m in range(16)]])
    assert shapley(swapped)[[1, 0, 2, 3]] == pytest.approx(shapley(g))
    both = game(names, v + np.arange(16))
    assert shapley(both) == pytest.approx(shapley(g) + shapley(game(names, np.arange(16))))
    dummy = game((*names, "Z"), np.concatenate([v, v]))
    assert shapley(dummy)[-1] == pytest.approx(0.0) and shapley(dummy)[:4] == pytest.approx(shapley(g))


def test_merging_players_and_wrong_games() -> None:
    together = merged(voting(51, [40, 30, 20, 10], ("a", "b", "c", "d")), ("c", "d"), "cd")
    assert shapley(together) == pytest.approx([1 / 3] * 3)
    with pytest.raises(ValueError, match="0 for the empty coalition"):
        game(("A",), [1.0, 2.0])
    with pytest.raises(ValueError, match="4 are needed"):
        game(("A", "B"), [0.0, 1.0])
    with pytest.raises(ValueError, match="twice"):
        game(("A", "A"), [0.0, 1.0, 1.0, 1.0])
    with pytest.raises(ValueError, match="no imputation"):
        nucleolus(game(("A", "B"), [0.0, 2.0, 2.0, 1.0]))
    assert not superadditive(game(("A", "B"), [0.0, 2.0, 2.0, 1.0])) and superadditive(GLOVE)


def test_capital_before_it_is_sunk() -> None:
    gross = game_from(("A", "B"), {"A": 2, "A+B": 10})
    assert before_capital(gross, np.array([0.0, 3.0, 4.0, 7.0])).values.tolist() == [0.0, 0.0, 0.0, 3.0]


def test_power_in_a_council_agrees_with_the_game_of_its_members() -> None:
    exact = power(Body("council", 6, 2, 4))  # two vetoes, four others, four votes
    names = ("v", "w", "a", "b", "c", "d")
    g = game_of(names, lambda s: float({"v", "w"} <= s and len(s) >= 4))
    assert shapley(g)[[0, 2]] == pytest.approx([float(exact.shapley_veto), float(exact.shapley_other)])
    shares = normalised(banzhaf(g))
    assert shares[[0, 2]] == pytest.approx([float(exact.banzhaf_veto), float(exact.banzhaf_other)])


def test_power_table_says_what_is_proved() -> None:
    table = power_table(GLOVE, "power", "Power", "million USD")
    assert table.frame["veto"].tolist() == [True, False, False]
    assert table.frame["lost_without"].tolist() == [1.0, 0.0, 0.0]
    assert "certified" in table.note and "Shapley value lies outside" in table.note
    empty = power_table(voting(2, [1, 1, 1]), "power", "Power", "-")
    assert "core is empty" in empty.note and empty.frame["core_low"].isna().all()
    assert coalition_table(GLOVE, "c", "c", "-").frame.iloc[0]["value"] == 1.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=11, max_size=11), st.integers(0, 3), st.integers(1, 3), st.floats(0.05, 5))
def test_the_certificate_refuses_every_other_allocation(values: list[int], player: int, step: int, move: float) -> None:
    v = np.zeros(16)
    v[[m for m in range(16) if m.bit_count() > 1]] = values
    g = game(("A", "B", "C", "D"), v)
    found = nucleolus(g).allocation
    assert is_nucleolus(g, found)
    other = found.copy()
    other[player] += move
    other[(player + step) % 4] -= move
    assert not is_nucleolus(g, other)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=11, max_size=11))
def test_ends_of_the_core_are_reached_and_not_passed(values: list[int]) -> None:
    v = np.zeros(16)
    v[[m for m in range(16) if m.bit_count() > 1]] = values
    v[15] = max(v)
    g = game(("A", "B", "C", "D"), v)
    found = core(g)
    if found.interval is None:
        assert proves_empty(g, dict(found.least.weights))
        return
    assert in_core(g, found.least.allocation) and in_core(g, nucleolus(g).allocation)
    assert (found.interval[:, 0] <= found.interval[:, 1] + 1e-7).all()
    upper = g.grand - g.values[15 ^ (1 << np.arange(4))]  # nobody gets more than it adds to the others
    assert (found.interval[:, 1] <= upper + 1e-6).all()
