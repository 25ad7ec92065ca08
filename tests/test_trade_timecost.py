"""Days and dollars to ad valorem costs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import StudyFault
from landbridge.trade.timecost import WayChanges, ad_valorem, aggregate


def ways(rows: list[tuple[float, ...]], days_before: float = 0.0, usd_before: float = 0.0) -> WayChanges:
    """Rows of importer, exporter, cargo, days, usd_per_t, value, weight."""
    t = np.array(rows, dtype=float).reshape(-1, 7).T
    ones = np.ones(t.shape[1])
    return WayChanges(t[0], t[1], t[2], t[3], t[4], t[5], t[6], days_before * ones, usd_before * ones)


def test_one_way_by_hand() -> None:
    change = aggregate(ways([(0, 1, 0, -10, -30, 1500, 5)]), [0.008, 0.0], [[True], [True]], 2)
    assert change.cost[0, 0, 1] == pytest.approx(np.exp(-0.08) - 0.02)
    assert change.cost[1, 0, 1] == pytest.approx(0.98)
    assert change.cost[0, 0, 1] == pytest.approx(1 + ad_valorem(0.008, -10, -30, 1500))
    assert change.cost[0, 1, 0] == 1
    assert change.time + change.money + 1 == pytest.approx(change.cost)


def test_a_known_way_before_gives_the_ratio_of_costs_at_the_door() -> None:
    change = aggregate(ways([(0, 1, 0, -10, -60, 85, 5)], 30, 70), [0.01], [[True]], 2)
    assert change.cost[0, 0, 1] == pytest.approx((np.exp(0.2) + 10 / 85) / (np.exp(0.3) + 70 / 85))
    assert change.time + change.money + 1 == pytest.approx(change.cost)
    back = aggregate(ways([(0, 1, 0, 10, 60, 85, 5)], 20, 10), [0.01], [[True]], 2)
    assert back.cost[0, 0, 1] * change.cost[0, 0, 1] == pytest.approx(1)


def test_weights_of_ways_and_cargoes() -> None:
    rows = [(0, 1, 0, -10, 0, 1000, 3), (0, 1, 0, 0, 0, 1000, 1), (0, 1, 1, 0, -100, 1000, 4)]
    change = aggregate(ways(rows), [0.01, 0.01], [[True, False], [True, True]], 2)
    one = 1 + 0.75 * (np.exp(-0.1) - 1)
    assert change.cost[0, 0, 1] == pytest.approx(one)
    assert change.cost[1, 0, 1] == pytest.approx(0.5 * one + 0.5 * 0.9)
    even = aggregate(ways([(*r[:6], 0) for r in rows[:2]]), [0.01], [[True, True]], 2)
    assert even.cost[0, 0, 1] == pytest.approx(1 + 0.5 * (np.exp(-0.1) - 1))


def test_ways_that_open_or_close_are_told_and_not_averaged() -> None:
    rows = [(0, 1, 0, -np.inf, 0, 1000, 3), (0, 1, 0, -10, 0, 1000, 1), (1, 0, 0, np.inf, 0, 1000, 1)]
    change = aggregate(ways(rows), [0.01], [[True]], 2)
    assert change.opened[0, 1]
    assert change.closed[1, 0]
    assert change.cost[0, 0, 1] == pytest.approx(np.exp(-0.1))
    assert change.cost[0, 1, 0] == 1
    assert change.covered[0, 0, 1] == pytest.approx(0.25)


@given(st.floats(-60, 60), st.floats(0, 0.021), st.floats(0, 0.021))
@settings(max_examples=30, deadline=None)
def test_time_saved_is_worth_more_where_time_is_worth_more(days: float, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert abs(ad_valorem(low, days)) <= abs(ad_valorem(high, days)) + 1e-15
    assert (1 + ad_valorem(high, days)) * (1 + ad_valorem(high, -days)) == pytest.approx(1)


def test_no_ways_and_wrong_units() -> None:
    assert (aggregate(ways([]), [0.01], [[True]], 3).cost == 1).all()
    with pytest.raises(StudyFault, match="units"):
        aggregate(ways([(0, 1, 0, 0, -990, 1000, 1)]), [0.01], [[True]], 2)
    with pytest.raises(StudyFault, match="value"):
        ways([(0, 1, 0, 0, -10, 0, 1)])
    with pytest.raises(StudyFault, match="number"):
        ways([(0, 1, 0, np.nan, 0, 1000, 1)])
