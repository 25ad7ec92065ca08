"""Indicators of the corridor on hand-made numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy import sparse

from landbridge.demand import Demand
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.joint import with_ways_of
from landbridge.routing.scenario import Base, Detail, ScenarioView, view
from landbridge.routing.world import World
from landbridge.values import (
    connected_pairs,
    direction_change_pct,
    gain_musd,
    joined_links,
    length_in_service,
    party_pairs_cheaper,
    party_zones,
)

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


def test_a_stretch_counts_where_an_open_border_joins_it() -> None:
    border = np.array([False, True, False, True, False])
    cases = (([], [0, 1, 2, 3, 4]), ([1], [2, 3, 4]), ([1, 3], []), ([2], [0, 1, 3, 4]), ([0, 4], [1, 2, 3]))
    for shut, joined in cases:
        at = np.isin(np.arange(5), shut)
        assert np.flatnonzero(joined_links(border, at)).tolist() == joined


def test_length_of_the_corridor_in_service(korea_world: World) -> None:
    base, about = Base(korea_world), korea_world.study.config.corridor
    assert about is not None
    before, after = (view(base, s, Detail.COST, cargo="food") for s in ("observed-2018-06-01", "corridor"))
    joined, both_gauges = length_in_service(base, before, after, about)
    assert joined == pytest.approx(66.0, abs=1.0)  # Khasan to the line between the Koreas, not Busan to it
    assert both_gauges == pytest.approx(100 * 54 / 1433, abs=0.2)  # Khasan-Rajin, 54 km
    assert length_in_service(base, after, after, about)[0] == pytest.approx(100.0)
    shut = view(base, "observed-2018-06-01", Detail.COST, cargo="coal")  # no coal to Korea over that border
    assert length_in_service(base, shut, after, about) == (0.0, 0.0)


def test_party_zones_keep_the_order_of_zones() -> None:
    empty: dict[str, np.ndarray] = {}
    demand = Demand(("a", "b", "c"), ("KOR", "CHN", "RUS"), empty, empty)
    assert party_zones(demand, ("RUS", "KOR")).tolist() == [0, 2]


def three(mass: list[list[float]]) -> Demand:
    return Demand(("a", "b", "c"), ("RUS", "KOR", "CHN"), {"coal": np.array(mass)}, {})


def seen(cost: list[list[float]]) -> ScenarioView:
    return cast(ScenarioView, SimpleNamespace(skims={"coal": SimpleNamespace(cost_usd_per_t=np.array(cost))}))


def test_a_pair_is_cheaper_by_the_mean_over_its_tonnes_in_either_direction() -> None:
    before, after = [[0.0, 50.0, 9.0], [50.0, 0.0, 9.0], [9.0, INF, 0.0]], [[0.0, 50.0, 9.0], [40.0, 0.0, 9.0],
                                                                           [8.9995, INF, 0.0]]
    demand = three([[0.0, 5.0, 1.0], [2.0, 0.0, 1.0], [1.0, 1.0, 0.0]])
    change = {(a, b): direction_change_pct({"coal": np.array(before)}, {"coal": np.array(after)}, demand, a, b)
              for a in demand.countries for b in demand.countries if a != b}
    assert change["KOR", "RUS"] == pytest.approx(-20.0)
    assert change["RUS", "KOR"] == 0.0
    assert np.isnan(change["CHN", "KOR"])
    # KOR to RUS alone is cheaper by 0.01 % or more; CHN to RUS falls by 0.0056 % only
    assert party_pairs_cheaper(seen(before), seen(after), demand, demand.countries) == (pytest.approx(100 / 3), 3)


def test_tonnes_weigh_the_cells_of_a_pair_and_a_first_way_counts() -> None:
    mass = {"coal": np.array([[0.0, 99.0, 1.0], [0] * 3, [0] * 3])}
    demand = Demand(("a", "b", "c"), ("RUS", "KOR", "KOR"), mass, {})
    before, after = ({"coal": np.array([[0.0, 10.0, x], [y, 0.0, 0.0], [INF, 0.0, 0.0]])}
                     for x, y in ((20.0, INF), (10.0, 7.0)))
    assert direction_change_pct(before, after, demand, "RUS", "KOR") == pytest.approx(100 * (1000 / 1010 - 1))
    assert direction_change_pct(before, after, demand, "KOR", "RUS") == -INF
    assert direction_change_pct(after, before, demand, "KOR", "RUS") == INF


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
