"""All states of a set of gates, against each state computed from scratch."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from landbridge.routing import Metric, Toggle, build, customise, few_to_many, from_links, matrix, sweep, walk

INF = np.inf


def world(seed: int) -> tuple[Metric, np.random.Generator]:
    rng = np.random.default_rng(seed)
    n, links = int(rng.integers(2, 40)), int(rng.integers(1, 90))
    topology = from_links(n, *rng.integers(0, n, (2, links)), rng.random(links) < 0.3, *rng.random((2, n)))
    return customise(build(topology), rng.integers(0, 9, topology.m).astype(float)), rng


def toggles_of(metric: Metric, rng: np.random.Generator, count: int) -> list[Toggle]:
    """Gates of one to four arcs, which may share arcs; some only make their arcs dearer."""
    m = metric.hierarchy.topology.m
    made = []
    for _ in range(count):
        arcs = rng.choice(m, min(m, int(rng.integers(1, 5))), replace=False)
        shut = np.array(INF) if rng.random() < 0.6 else rng.integers(0, 20, len(arcs)).astype(float)
        made.append(Toggle(arcs, rng.integers(0, 6, len(arcs)).astype(float), shut))
    return made


def costs_of(metric: Metric, toggles: list[Toggle], state: int) -> NDArray[np.float64]:
    """Arc costs of a state, by the plain rule: an arc costs the most that any of its gates asks."""
    cost = metric.cost.copy()
    held = np.unique(np.concatenate([t.arcs for t in toggles])) if toggles else np.empty(0, int)
    cost[held] = 0
    for i, t in enumerate(toggles):
        cost[t.arcs] = np.maximum(cost[t.arcs], t.open_cost if state >> i & 1 else t.shut_cost)
    return cost


@given(st.integers(0, 2**32 - 1), st.integers(0, 4))
@settings(max_examples=60, deadline=None)
def test_all_states_equal_those_from_scratch(seed: int, count: int) -> None:
    metric, rng = world(seed)
    toggles = toggles_of(metric, rng, count)
    topology = metric.hierarchy.topology
    sources, targets = rng.integers(0, topology.n, (2, 5))
    swept = sweep(metric, toggles, sources, targets)
    assert swept.shape == (2**count, 5, 5)
    seen = []
    for state, now in walk(metric, toggles):
        seen.append(state)
        cost = costs_of(metric, toggles, state)
        np.testing.assert_array_equal(now.cost, cost)
        np.testing.assert_array_equal(now.weight, customise(metric.hierarchy, cost).weight)
        np.testing.assert_array_equal(swept[state], few_to_many(topology, cost, sources, targets))
    assert sorted(seen) == list(range(2**count))
    assert all((a ^ b).bit_count() == 1 for a, b in pairwise(seen))


@pytest.mark.parametrize("few", [0, 1, 2, 3])
def test_large_toggles_are_walked_to_the_same_end(monkeypatch: pytest.MonkeyPatch, few: int) -> None:
    for seed in range(20):
        metric, rng = world(seed)
        toggles = toggles_of(metric, rng, 4)
        nodes = np.arange(metric.hierarchy.topology.n)
        swept = sweep(metric, toggles, nodes, nodes)
        with monkeypatch.context() as patch:
            patch.setitem(sweep.__globals__, "FEW_ARCS", few)
            np.testing.assert_array_equal(sweep(metric, toggles, nodes, nodes), swept)


def test_a_reduction_sees_each_state_once() -> None:
    metric, rng = world(11)
    toggles = toggles_of(metric, rng, 3)
    nodes = np.arange(min(4, metric.hierarchy.topology.n))
    states: list[int] = []

    def reduce(state: int, costs: NDArray[np.float64]) -> float:
        states.append(state)
        return float(np.minimum(costs, 100).sum())

    reduced = sweep(metric, toggles, nodes, nodes, reduce)
    assert sorted(states) == list(range(8))
    np.testing.assert_array_equal(reduced, np.minimum(sweep(metric, toggles, nodes, nodes), 100).sum(axis=(1, 2)))


def test_a_crossing_with_two_gates_needs_both() -> None:
    """0 - 1 is open only with both gates; hand-solved."""
    metric = customise(build(from_links(3, [0, 0, 2], [1, 2, 1])), [1.0, 4.0, 4.0, 1.0, 4.0, 4.0])
    both = [Toggle(np.array([0, 3]), np.array(1.0)), Toggle(np.array([0, 3]), np.array(2.0))]
    assert sweep(metric, both, [0], [1]).ravel().tolist() == [8.0, 8.0, 8.0, 2.0]
    assert matrix(metric, [0], [1]).item() == 1.0  # the metric itself is untouched


def test_wrong_toggles_are_refused() -> None:
    metric = customise(build(from_links(2, [0], [1])), [1.0, 1.0])
    with pytest.raises(ValueError, match="twice"):
        sweep(metric, [Toggle(np.array([0, 0]), np.array(1.0))], [0], [1])
    with pytest.raises(ValueError, match="outside"):
        sweep(metric, [Toggle(np.array([5]), np.array(1.0))], [0], [1])
    with pytest.raises(ValueError, match="negative"):
        sweep(metric, [Toggle(np.array([0]), np.array(-1.0))], [0], [1])
    with pytest.raises(ValueError, match="most"):
        sweep(metric, [Toggle(np.array([0]), np.array(1.0))] * 21, [0], [1])
