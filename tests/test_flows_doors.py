"""Door to door as cargo goes: hours and money of the freight equilibrium handed to the trade room."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from freight_ways import COUNTRIES, KOREA, ways
from scipy import sparse

from landbridge.flows.doors import Doors, changes, doors, queue_of_way
from landbridge.flows.study_market import FreightResult, solve_study

CHINA, RUSSIA, NORTH = (COUNTRIES.index(c) for c in ("CHN", "RUS", "PRK"))


def solved(costs: tuple[float, ...], tonnes: float = 1_000.0) -> FreightResult:
    return solve_study(KOREA, "test", ways([("oil", "CHN", "PRK", tonnes, costs)]))


def test_one_way_is_its_own_door_to_door_cost() -> None:
    found = doors(solved((30.0,)))["oil"]
    assert found.cost_usd_per_t[CHINA, NORTH] == pytest.approx(30.0)
    assert (found.hours[CHINA, NORTH], found.usd_per_t[CHINA, NORTH]) == (1.0, 1.0)  # the parts of the ways made here
    assert np.isnan(found.cost_usd_per_t[RUSSIA, NORTH])  # nothing is shipped there


def test_changes_are_the_gain_of_shippers_as_money() -> None:
    before, after = doors(solved((30.0,)))["oil"], doors(solved((20.0, 25.0)))["oil"]
    (h0, m0), (h1, m1) = changes(before, after)
    gain = after.cost_usd_per_t[CHINA, NORTH] - 30.0
    assert gain < -10.0  # better than the better way alone
    assert m1[CHINA, NORTH] - m0[CHINA, NORTH] == pytest.approx(gain)
    assert (h1 == h0).all()
    assert m1[RUSSIA, NORTH] == m0[RUSSIA, NORTH] == 0.0


def test_a_way_that_shuts_or_opens_stays_infinite() -> None:
    open_ = Doors(*np.full((3, 1, 1), 5.0))
    shut = Doors(*np.full((3, 1, 1), np.inf))
    assert np.isinf(changes(open_, shut)[1]).all() and np.isfinite(changes(open_, shut)[0]).all()
    assert np.isinf(changes(shut, open_)[0]).all() and np.isfinite(changes(shut, open_)[1]).all()


def test_a_full_crossing_delays_the_door_and_boxes_alone_where_it_counts_boxes() -> None:
    alone = ways([("oil", "CHN", "PRK", 1_000.0, (30.0,))])
    through = replace(alone, uses=sparse.csr_array(np.ones((1, 1))))
    result = solve_study(KOREA, "test", through, capacity={"KP-CN-R1": 500.0})
    wait = float(result.queue_h[0])
    assert wait > 24.0
    assert doors(result)["oil"].hours[CHINA, NORTH] == pytest.approx(1.0 + wait)
    assert queue_of_way(result, ["KP-CN-R1", "elsewhere"], boxed=False) == wait
    boxes = replace(result, gates=tuple(replace(g, boxes_only=True) for g in result.gates))
    assert queue_of_way(boxes, ["KP-CN-R1"], boxed=False) == 0.0
    assert queue_of_way(boxes, ["KP-CN-R1"], boxed=True) == wait
