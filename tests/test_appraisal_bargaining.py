"""Side payments, least fees, hold-up, timing: hand-solved cases and properties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.appraisal.bargaining import (
    break_even_fee,
    equal_payments,
    hold_up,
    keeps_promise,
    least_payments,
)
from landbridge.appraisal.games import shapley
from landbridge.appraisal.keys import gates_game, key_holders, opened_gates
from landbridge.appraisal.profitability import npv
from landbridge.appraisal.timing import (
    Course,
    best_courses,
    break_even_hazard,
    break_even_probability,
    expected_value,
    opening_weights,
    value_of_stages,
    value_of_waiting,
)

GAINS = st.dictionaries(st.sampled_from(["RUS", "PRK", "KOR", "CHN", "JPN"]), st.floats(-1000, 1000), min_size=1)


@settings(max_examples=60, deadline=None)
@given(GAINS, st.floats(-50, 50))
def test_payments_cancel_and_lift_everyone(gain: dict[str, float], floor: float) -> None:
    reservation = dict.fromkeys(gain, floor)
    for found in (least_payments(gain, reservation), equal_payments(gain, reservation)):
        assert sum(found.payment.values()) == pytest.approx(0.0, abs=1e-6)
        if found.possible:
            assert all(x >= floor - 1e-6 for x in found.after.values())
        else:
            assert found.shortfall == pytest.approx(floor * len(gain) - sum(gain.values()), abs=1e-6)
    least, equal = least_payments(gain, reservation), equal_payments(gain, reservation)
    paid = [sum(abs(x) for x in f.payment.values()) for f in (least, equal)]
    assert paid[0] <= paid[1] + 1e-6


def test_least_fee_brings_the_present_value_to_the_reservation() -> None:
    years = np.arange(2030, 2041)
    flow = np.r_[-500.0, np.full(10, 20.0)]
    tonnes = np.r_[0.0, np.full(10, 3.0)]
    fee = break_even_fee(flow, tonnes, 0.09, years, 2030, reservation=5.0)
    assert fee is not None
    assert float(npv(0.09, flow + fee * tonnes, years, 2030)) == pytest.approx(5.0)
    assert break_even_fee(flow, np.zeros(11), 0.09, years, 2030) is None


def test_hold_up_by_hand() -> None:
    """A builds for 6 what is worth 10 only with B: before, both get 2; after, A's half of 10 does not pay its
    6."""
    frame = hold_up(("A", "B"), [0.0, 0.0, 0.0, 10.0], {"A": 6.0}).set_index("party")
    assert frame["ex_ante"].tolist() == [2.0, 2.0]
    assert frame["ex_post_net"].tolist() == [-1.0, 5.0]
    assert frame["rent_lost"].tolist() == [3.0, -3.0]
    assert frame["invests"].tolist() == [False, True]
    assert frame["rent_lost"].sum() == pytest.approx(0.0)  # what one loses the other gains


def test_promise_is_kept_while_the_fees_are_worth_more() -> None:
    assert keeps_promise(158.0, 1000.0, 0.09, 30.0)  # an annuity of 158 over 30 years at 9 % is 1,623
    assert not keeps_promise(158.0, 1700.0, 0.09, 30.0)
    assert keeps_promise(100.0, 1000.0, 0.0, 10.0) and not keeps_promise(100.0, 1000.1, 0.0, 10.0)


def test_break_even_probability_and_waiting() -> None:
    assert break_even_probability(300.0, -100.0) == 0.25
    assert break_even_probability(-1.0, -100.0) is None and break_even_probability(5.0, 1.0) == 0.0
    wait = value_of_waiting(300.0, -100.0, 0.09, 5.0)
    p, later = wait.now_above, 1.09**-5
    assert p is not None and wait.build_above == 0.25 and p > 0.25
    assert p * 300 - (1 - p) * 100 == pytest.approx(p * 300 * later)
    assert value_of_waiting(-1.0, -2.0, 0.09, 5.0).now_above is None


def test_best_course_is_the_upper_envelope() -> None:
    courses = [Course("all", 300.0, -100.0), Course("stage", 240.0, -20.0)]
    parts = best_courses(courses)
    assert [name for _, _, name in parts] == ["nothing", "stage", "all"]
    assert parts[0][0] == 0.0 and parts[-1][1] == 1.0
    assert parts[1][1] == pytest.approx(80 / 140)
    for low, high, name in parts:
        values = {**value_of_stages(courses, (low + high) / 2), "nothing": 0.0}
        assert values[name] == max(values.values())
    with pytest.raises(ValueError, match="between 0 and 1"):
        value_of_stages(courses, 1.5)


@settings(max_examples=30, deadline=None)
@given(st.floats(0.0, 1.0), st.integers(1, 30))
def test_hazard_weights_add_to_one(hazard: float, years: int) -> None:
    weights, never = opening_weights(hazard, years)
    assert weights.sum() + never == pytest.approx(1.0)


def test_expected_value_and_break_even_hazard() -> None:
    by_delay = {k: 100.0 * 1.09**-k for k in range(40)}
    assert expected_value(by_delay, -50.0, 1.0) == pytest.approx(100.0)
    assert expected_value(by_delay, -50.0, 0.0) == pytest.approx(-50.0)
    h = break_even_hazard(by_delay, -50.0)
    assert h is not None and expected_value(by_delay, -50.0, h) == pytest.approx(0.0, abs=1e-6)
    assert break_even_hazard({0: -1.0}, -50.0) is None
    with pytest.raises(ValueError, match="every delay"):
        expected_value({1: 2.0}, 0.0, 0.5)


def test_gates_open_when_all_their_holders_agree() -> None:
    gates = {"bridge": ("RUS", "PRK"), "law": ("UNSC",), "line": ("KOR", "PRK", "UNC")}
    bodies = {"UNSC": ("CHN", "RUS", "USA"), "UNC": ("USA",)}
    assert key_holders(gates, bodies) == ("CHN", "KOR", "PRK", "RUS", "USA")
    assert opened_gates(frozenset({"RUS", "PRK"}), gates, bodies) == {"bridge"}
    assert opened_gates(frozenset({"RUS", "CHN", "USA"}), gates, bodies) == {"law"}
    asked: list[frozenset[str]] = []

    def worth(opened: frozenset[str]) -> float:
        asked.append(opened)
        return 10.0 * (opened >= {"line", "law"}) + 2.0 * ("bridge" in opened)

    g = gates_game(key_holders(gates, bodies), gates, bodies, worth)
    assert g.grand == 12.0 and g.value(("RUS", "PRK")) == 2.0
    assert len(asked) == len(set(asked))  # each set of gates is valued once
    assert shapley(g) == pytest.approx([2, 2, 3, 3, 2])
