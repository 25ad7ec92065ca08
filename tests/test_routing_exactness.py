"""Least costs, ways, parts and loadings against other methods, on random networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from landbridge.routing import (
    Metric,
    Topology,
    build,
    customise,
    few_to_many,
    from_arcs,
    from_links,
    load,
    matrix,
    parts,
    path,
    paths,
)

INF = np.inf


@dataclass(frozen=True)
class Case:
    """A random network, its costs and a generator for whatever else is drawn."""

    topology: Topology
    cost: NDArray[np.float64]
    rng: np.random.Generator

    @property
    def whole(self) -> bool:
        """Whether all costs are whole numbers, so that sums are exact."""
        finite = self.cost[np.isfinite(self.cost)]
        return bool((finite == np.rint(finite)).all())

    def metric(self) -> Metric:
        return customise(build(self.topology), self.cost)

    def nodes(self, size: int) -> NDArray[np.int64]:
        return self.rng.integers(0, self.topology.n, size)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Disconnected, one-way, parallel, looped; ties, zeros, closed arcs; coordinates whole, partly or not known."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, links = draw(st.integers(1, 45)), draw(st.integers(0, 110))
    u, v = rng.integers(0, n, (2, links))
    if draw(st.booleans()):  # near neighbours only: a long thin network, with unconnected pieces
        v = np.minimum(n - 1, u + rng.integers(0, 3, links))
    lon, lat = rng.random((2, n))
    lon[rng.random(n) < draw(st.sampled_from([0.0, 0.3, 1.0]))] = np.nan
    topology = from_links(n, u, v, rng.random(links) < draw(st.sampled_from([0.0, 0.5, 1.0])), lon, lat)
    kind = draw(st.sampled_from(["equal", "few", "real"]))
    cost = {
        "equal": np.ones(topology.m),
        "few": rng.integers(0, 4, topology.m).astype(float),
        "real": 10 ** rng.uniform(-3, 4.3, topology.m),
    }[kind]
    cost[rng.random(topology.m) < draw(st.sampled_from([0.0, 0.2]))] = INF
    return Case(topology, cost, rng)


def assert_equal(a: NDArray[np.float64], b: NDArray[np.float64], exactly: bool) -> None:
    if exactly:
        np.testing.assert_array_equal(a, b)
    else:
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=0)


@given(cases())
@settings(max_examples=150, deadline=None)
def test_matrix_equals_dijkstra_and_is_the_same_on_two_threads(case: Case) -> None:
    sources, targets, metric = case.nodes(19), case.nodes(7), case.metric()
    costs = matrix(metric, sources, targets)
    assert_equal(costs, few_to_many(case.topology, case.cost, sources, targets), exactly=case.whole)
    np.testing.assert_array_equal(costs, matrix(metric, sources, targets, threads=2))


@given(cases())
@settings(max_examples=60, deadline=None)
def test_paths_are_ways_of_the_stated_cost(case: Case) -> None:
    sources, targets, metric = case.nodes(12), case.nodes(12), case.metric()
    costs = np.diag(matrix(metric, sources, targets))
    for s, t, cost, way in zip(sources, targets, costs, paths(metric, sources, targets), strict=True):
        assert way.cost == cost
        if cost == INF:
            assert len(way.arcs) == len(way.nodes) == 0
            continue
        assert way.nodes[0] == s and way.nodes[-1] == t
        np.testing.assert_array_equal(case.topology.tail[way.arcs], way.nodes[:-1])
        np.testing.assert_array_equal(case.topology.head[way.arcs], way.nodes[1:])
        assert case.cost[way.arcs].sum() == pytest.approx(cost, rel=1e-12, abs=0)
        assert len(np.unique(way.nodes)) == len(way.nodes) or (case.cost == 0).any()


@given(cases())
@settings(max_examples=60, deadline=None)
def test_parts_and_loading_are_sums_over_the_arcs_of_paths(case: Case) -> None:
    sources, targets, metric = case.nodes(11), case.nodes(6), case.metric()
    attributes = np.vstack([case.rng.normal(size=(2, case.topology.m)), case.cost[None, :]])
    flows = case.rng.random((11, 6)) * (case.rng.random((11, 6)) < 0.8)
    sums, loaded = parts(metric, attributes, sources, targets), load(metric, sources, targets, flows)
    np.testing.assert_array_equal(sums, parts(metric, attributes, sources, targets, threads=2))
    wanted = case.rng.random((11, 6)) < 0.5
    some = parts(metric, attributes, sources, targets, wanted=wanted)
    np.testing.assert_array_equal(some, np.where(wanted, sums, INF))
    expected, unserved = np.zeros(case.topology.m), 0.0
    for i, s in enumerate(sources.tolist()):
        for j, t in enumerate(targets.tolist()):
            way = path(metric, s, t)
            if way.cost == INF:
                assert (sums[:, i, j] == INF).all()
                unserved += flows[i, j]
            else:
                np.testing.assert_allclose(sums[:, i, j], attributes[:, way.arcs].sum(axis=1), rtol=1e-11, atol=1e-11)
                np.add.at(expected, way.arcs, flows[i, j])
    np.testing.assert_allclose(loaded.arc_flow, expected, rtol=1e-11, atol=1e-12)
    assert loaded.unserved == pytest.approx(unserved)


@given(cases())
@settings(max_examples=60, deadline=None)
def test_loading_conserves_flow_at_every_node(case: Case) -> None:
    sources, targets, metric = case.nodes(9), case.nodes(9), case.metric()
    flows = case.rng.integers(0, 5, (9, 9)).astype(float)
    flow = load(metric, sources, targets, flows).arc_flow
    n, topology = case.topology.n, case.topology
    served = np.where(np.isfinite(matrix(metric, sources, targets)), flows, 0.0)
    out = np.bincount(topology.tail, flow, n) + np.bincount(targets, served.sum(axis=0), n)
    into = np.bincount(topology.head, flow, n) + np.bincount(sources, served.sum(axis=1), n)
    np.testing.assert_array_equal(out, into)
    assert (flow[case.cost == INF] == 0).all()


@given(cases(), st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_partial_customisation_equals_the_full_one_to_the_bit(case: Case, many: int) -> None:
    metric = case.metric()
    for _ in range(4 if case.topology.m else 0):
        arcs = case.rng.integers(0, case.topology.m, many)
        costs = np.where(case.rng.random(many) < 0.4, INF, case.rng.choice([0.0, 1.0, 0.1, 7.3, 5e3], many))
        metric = metric.with_changes(arcs, costs)
        full = customise(metric.hierarchy, metric.cost)
        np.testing.assert_array_equal(metric.weight.view(np.uint64), full.weight.view(np.uint64))


@given(cases())
@settings(max_examples=50, deadline=None)
def test_opening_never_raises_and_closing_never_lowers_a_cost(case: Case) -> None:
    if not case.topology.m:
        return
    metric, nodes = case.metric(), np.arange(case.topology.n)
    before = matrix(metric, nodes, nodes)
    arcs = case.rng.integers(0, case.topology.m, 3)
    assert (matrix(metric.with_changes(arcs, INF), nodes, nodes) >= before).all()
    assert (matrix(metric.with_changes(arcs, case.cost[arcs] / 2), nodes, nodes) <= before * (1 + 1e-12)).all()


def test_a_known_network() -> None:
    """Hand-solved: a square with a one-way diagonal, a parallel pair, and a node apart."""
    topology = from_arcs(5, [0, 1, 2, 3, 0, 0, 1], [1, 2, 3, 0, 2, 1, 1])
    metric = customise(build(topology), [4.0, 5.0, 1.0, 1.0, 8.5, 3.0, 0.0])
    assert matrix(metric, [0, 2, 4], [2, 1, 0, 4]).tolist() == [[8, 3, 0, INF], [0, 5, 2, INF], [INF, INF, INF, 0]]
    assert path(metric, 0, 2).arcs.tolist() == [5, 1]  # the cheaper of the parallel arcs
    assert path(metric.with_changes([5], INF), 0, 2).arcs.tolist() == [4]
    assert path(metric.with_changes([5, 4], INF), 0, 2).arcs.tolist() == [0, 1]


def test_the_first_of_equal_parallel_arcs_is_taken_until_it_is_dearer() -> None:
    metric = customise(build(from_arcs(2, [0, 0, 0], [1, 1, 1])), [2.0, 1.0, 1.0])
    assert path(metric, 0, 1).arcs.tolist() == [1]
    assert path(metric.with_changes([1], 1.5), 0, 1).arcs.tolist() == [2]
    assert path(metric.with_changes([0, 2], [0.5, INF]), 0, 1).arcs.tolist() == [0]


def test_small_differences_survive_long_ways() -> None:
    """A cent per tonne on a way of 20,000 USD/t made of a thousand links is seen: sums keep 64 bits."""
    links = 1000
    topology = from_links(links + 1, np.arange(links), np.arange(1, links + 1))
    cost = np.full(topology.m, 20.000123)
    metric = customise(build(topology), cost)
    gain = matrix(metric, [0], [links]) - matrix(metric.with_changes([500], cost[500] - 0.001), [0], [links])
    assert gain[0, 0] == pytest.approx(0.001, rel=1e-6)


@pytest.mark.parametrize("cost", [[-1.0, 1.0], [np.nan, 1.0], [1.0]])
def test_wrong_costs_are_refused(cost: list[float]) -> None:
    hierarchy = build(from_links(2, [0], [1]))
    with pytest.raises(ValueError, match="cost"):
        customise(hierarchy, cost)


def test_wrong_calls_are_refused() -> None:
    metric = customise(build(from_links(2, [0], [1])), [1.0, 1.0])
    with pytest.raises(ValueError, match="node"):
        matrix(metric, [0], [2])
    with pytest.raises(ValueError, match="arc"):
        metric.with_changes([2], 1.0)
    with pytest.raises(ValueError, match="negative"):
        load(metric, [0], [1], [[-1.0]])
    with pytest.raises(ValueError, match="finite"):
        parts(metric, [[INF, 1.0]], [0], [1])
    with pytest.raises(ValueError, match="outside"):
        from_arcs(2, [0], [2])


def test_arrays_of_results_are_read_only_and_metrics_do_not_share() -> None:
    metric = customise(build(from_links(2, [0], [1])), [1.0, 1.0])
    with pytest.raises(ValueError, match="read-only"):
        metric.weight[0] = 3.0
    changed = metric.with_changes([0], 9.0)
    assert (metric.cost.tolist(), changed.cost.tolist()) == ([1.0, 1.0], [9.0, 1.0])
