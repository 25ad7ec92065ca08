"""Indicators of the corridor on hand-made numbers."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from landbridge.demand import Demand
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.joint import with_ways_of
from landbridge.values import connected_pairs, gain_musd, party_zones

INF = np.inf


def test_gain_counts_base_year_tonnes_of_pairs_that_had_a_way() -> None:
    before = {"coal": np.array([[0.0, 50.0], [INF, 0.0]])}
    after = {"coal": np.array([[0.0, 40.0], [10.0, 0.0]])}
    mass = {"coal": np.array([[0.0, 200.0], [999.0, 0.0]])}
    assert gain_musd(before, after, mass) == pytest.approx(200 * 10 / 1e3)  # kt x USD/t = thousand USD; / 1e3 = million
    assert gain_musd(after, after, mass) == 0.0


def test_connected_pairs_are_ordered_and_between_countries() -> None:
    cost = np.array([[0.0, 1.0, INF], [1.0, 0.0, 5.0], [INF, INF, 0.0]])
    assert connected_pairs(cost, ["RUS", "RUS", "KOR"]) == 1
    assert connected_pairs(cost, ["RUS", "PRK", "KOR"]) == 3


def test_party_zones_keep_the_order_of_zones() -> None:
    empty: dict[str, np.ndarray] = {}
    demand = Demand(("a", "b", "c"), ("KOR", "CHN", "RUS"), empty, empty)
    assert party_zones(demand, ("RUS", "KOR")).tolist() == [0, 2]


def ways(group: list[int], cost: list[float], edges: list[list[int]], uses: list[list[int]]) -> Alternatives:
    n = len(group)
    one = np.zeros(1, np.int32)
    return Alternatives(
        ("coal",), (), ("LINE",), one, one, one + 1, np.array([100.0]), np.array([1.0]),
        np.array(group, np.int32), np.zeros(n, np.int32), np.array(cost), {"km": np.array(cost)}, np.zeros((n, 3)),
        sparse.csr_array(np.array(edges, float)), np.ones(2), sparse.csr_array(np.array(uses, float)),
    )


def test_a_way_that_stays_open_is_a_choice_in_both_scenarios() -> None:
    old = ways([0], [50.0], [[1, 0]], [[0]])
    new = ways([0], [40.0], [[0, 1]], [[1]])
    countries = ("RUS", "KOR")
    shut = frozenset({"LINE"})
    after = with_ways_of(new, old, countries, lambda *_: frozenset())
    assert sorted(after.cost_usd_per_t.tolist()) == [40.0, 50.0]
    before = with_ways_of(old, new, countries, lambda *_: shut)
    assert before.cost_usd_per_t.tolist() == [50.0]  # the new line is shut before
    again = with_ways_of(after, old, countries, lambda *_: frozenset())
    assert len(again.group) == 2  # a way that is held already is not taken twice
