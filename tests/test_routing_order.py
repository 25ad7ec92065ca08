"""The node order and the hierarchy: permutations on anything, small fill where the network is plane."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from landbridge.routing import (
    Topology,
    build,
    customise,
    extend_order,
    few_to_many,
    from_links,
    kept_order,
    matrix,
    order,
    warmup,
)
from landbridge.routing.compiling import is_compiled


def grid(side: int, known: bool = True) -> Topology:
    nodes = np.arange(side * side).reshape(side, side)
    u = np.concatenate([nodes[:, :-1].ravel(), nodes[:-1].ravel()])
    v = np.concatenate([nodes[:, 1:].ravel(), nodes[1:].ravel()])
    y, x = np.divmod(np.arange(side * side, dtype=float), side)
    return from_links(side * side, u, v, lon=x if known else None, lat=y if known else None)


@given(st.integers(1, 60), st.integers(0, 150), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_an_order_is_a_permutation_and_repeats_itself(n: int, links: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    topology = from_links(n, *rng.integers(0, n, (2, links)), lon=rng.integers(0, 4, n), lat=rng.integers(0, 4, n))
    rank = order(topology)
    np.testing.assert_array_equal(np.sort(rank), np.arange(n))
    np.testing.assert_array_equal(rank, order(topology))


@pytest.mark.parametrize("known", [True, False])
def test_a_grid_fills_little(known: bool) -> None:
    """George 1973, Nested Dissection of a Regular Finite Element Mesh: 31/4 s^2 log2 s arcs on an s x s grid."""
    side = 64
    hierarchy = build(grid(side, known))
    assert hierarchy.c < 0.6 * 31 / 4 * side**2 * np.log2(side)
    assert hierarchy.depth.max() < 7 * side


def test_many_pieces_take_no_longer_than_one() -> None:
    """100,000 nodes without a link, and a star: neither recursion nor a loop over all pieces for each piece."""
    n = 100_000
    topology = from_links(n, np.zeros(50, int), np.arange(1, 51))
    assert build(topology).c == 50


def test_the_fill_is_that_of_gaussian_elimination() -> None:
    rng = np.random.default_rng(7)
    n = 40
    topology = from_links(n, *rng.integers(0, n, (2, 70)))
    hierarchy = build(topology)
    dense = np.eye(n, dtype=bool)
    rank = hierarchy.rank
    dense[rank[topology.tail], rank[topology.head]] = True
    dense |= dense.T
    for v in range(n):
        higher = np.flatnonzero(dense[v, v + 1 :]) + v + 1
        dense[np.ix_(higher, higher)] = True
    expected = [np.flatnonzero(dense[v, v + 1 :]) + v + 1 for v in range(n)]
    found = [hierarchy.upper[a:b] for a, b in zip(hierarchy.first[:-1], hierarchy.first[1:], strict=True)]
    for a, b in zip(expected, found, strict=True):
        np.testing.assert_array_equal(a, b)


def grown(base: Topology, rng: np.random.Generator) -> Topology:
    """The base with ten links split by a chain of two nodes, and eight zones tied to four nodes around them."""
    u, v = base.tail[~base.reverse].tolist(), base.head[~base.reverse].tolist()
    n = base.n
    for i in rng.choice(len(u), 10, replace=False).tolist():
        u += [n, n + 1]
        v += [n + 1, v[i]]
        v[i] = n
        n += 2
    for _ in range(8):
        u += [n] * 4
        corner = int(rng.integers(0, base.n - 31))
        v += [corner, corner + 1, corner + 30, corner + 31]
        n += 1
    return from_links(n, u, v)


def test_an_extended_order_costs_little_and_stays_exact() -> None:
    rng = np.random.default_rng(5)
    base = grid(30)
    rank = order(base)
    topology = grown(base, rng)
    extended = extend_order(rank, topology)
    nodes_by_rank = np.argsort(extended)
    np.testing.assert_array_equal(nodes_by_rank[nodes_by_rank < base.n], np.argsort(rank))
    hierarchy = build(topology, extended)
    cost: NDArray[np.float64] = rng.random(topology.m)
    nodes = np.arange(base.n, topology.n)
    expected = few_to_many(topology, cost, nodes, nodes)
    np.testing.assert_allclose(matrix(customise(hierarchy, cost), nodes, nodes), expected, rtol=1e-12)
    assert hierarchy.c < 1.2 * build(base, rank).c


def test_new_hubs_are_contracted_last() -> None:
    """Sixty ports, each with lanes to all others and one node of the grid: early, they would join sixty grid nodes."""
    base = grid(30)
    ports = np.arange(base.n, base.n + 60)
    a, b = np.triu_indices(60, 1)
    two_way = ~base.reverse
    u = np.concatenate([base.tail[two_way], ports, ports[a]])
    v = np.concatenate([base.head[two_way], np.arange(60) * 15, ports[b]])
    topology = from_links(base.n + 60, u, v)
    extended = extend_order(order(base), topology)
    np.testing.assert_array_equal(np.sort(extended), np.arange(topology.n))
    assert extended[ports].min() >= base.n
    assert build(topology, extended).depth.max() <= build(base).depth.max() + 60


def test_wrong_orders_are_refused() -> None:
    topology = from_links(3, [0, 1], [1, 2])
    for rank in ([0, 1], [0, 1, 1], [0, 1, 3]):
        with pytest.raises(ValueError, match="permutation"):
            build(topology, rank)
    with pytest.raises(ValueError, match="permutation"):
        extend_order([0, 0], topology)


def test_warming_up_says_what_it_does_only_where_there_is_something_to_do() -> None:
    warmup()
    assert is_compiled()
    said: list[str] = []
    assert warmup(said.append) < 20
    assert said == []


def test_an_order_is_kept_and_a_spoilt_one_is_made_anew(tmp_path: Path) -> None:
    said: list[str] = []
    topology = grid(12)
    first = kept_order(topology, tmp_path, said.append)
    again = kept_order(topology, tmp_path, said.append)
    np.testing.assert_array_equal(first, again)
    assert len(said) == 1
    (file,) = tmp_path.iterdir()
    file.write_bytes(b"PK nothing")
    np.testing.assert_array_equal(kept_order(topology, tmp_path, said.append), first)
    assert len(said) == 2
    assert [f.name for f in tmp_path.iterdir()] == [file.name]


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    said: list[str] = []
    np.testing.assert_array_equal(kept_order(grid(5), blocked / "orders", said.append), order(grid(5)))
    assert "not kept" in said[-1]
