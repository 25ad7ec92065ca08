"""Deterministic user equilibrium: hand-solved networks, published answers, properties."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.flows import tntp
from landbridge.flows.delay import Links
from landbridge.flows.equilibrium import Demand, Equilibrium, Options, solve
from landbridge.flows.indicators import select_link

PUBLISHED = {  # Beckmann objective of the best known flows; weights of toll and distance
    "SiouxFalls": (4231335.287107441, 0.0, 0.0),
    "Anaheim": (1286032.1710960, 0.0, 0.0),
    "Chicago-Sketch": (17313018.7387477, 0.02, 0.04),
}


def demand(*rows: tuple[int, int, float]) -> Demand:
    origin, destination, volume = zip(*rows, strict=True) if rows else ((), (), ())
    return Demand(np.array(origin, np.int32), np.array(destination, np.int32), np.array(volume, np.float64))


def linear(nodes: int, *rows: tuple[int, int, float, float], first_thru: int = 0) -> Links:
    """Links with cost constant + slope * volume."""
    tail, head, constant, slope = zip(*rows, strict=True)
    free = np.array(slope)
    return Links.of(nodes, tail, head, free, np.where(free > 0, 1.0, 0.0), np.ones(len(free)),
                    np.ones(len(free)),
                    fixed=np.array(constant) - free)


def test_two_parallel_links() -> None:
    # 10 + x = 15 + x / 2 and x + y = 20 give x = 10, y = 10, cost 20
    answer = solve(linear(2, (0, 1, 10.0, 1.0), (0, 1, 15.0, 0.5)), demand((0, 1, 20.0)), Options(1e-12))
    assert answer.volume == pytest.approx([10.0, 10.0])
    assert answer.cost == pytest.approx([20.0, 20.0])
    assert answer.objective == pytest.approx(10 * 10 + 50 + 15 * 10 + 25)
    assert answer.converged and answer.reason == ""


def test_braess() -> None:
    """Braess 1968: six travellers; the new road raises everybody's time from 83 to 92."""
    roads = [(0, 1, 0.0, 10.0), (0, 2, 50.0, 1.0), (1, 3, 50.0, 1.0), (2, 3, 0.0, 10.0)]
    without = solve(linear(4, *roads), demand((0, 3, 6.0)), Options(1e-12))
    assert without.volume == pytest.approx([3, 3, 3, 3])
    assert without.total_cost == pytest.approx(6 * 83)
    with_road = solve(linear(4, *roads, (1, 2, 10.0, 1.0)), demand((0, 3, 6.0)), Options(1e-12))
    assert with_road.volume == pytest.approx([4, 2, 2, 4, 2])
    assert with_road.total_cost == pytest.approx(6 * 92)


def test_braess_select_link() -> None:
    roads = [(0, 1, 0.0, 10.0), (0, 2, 50.0, 1.0), (1, 3, 50.0, 1.0), (2, 3, 0.0, 10.0), (1, 2, 10.0, 1.0)]
    users = select_link(solve(linear(4, *roads), demand((0, 3, 6.0)), Options(1e-12)), 4)
    assert users["volume"].tolist() == pytest.approx([2.0])
    assert users["share_of_pair"].tolist() == pytest.approx([1 / 3])


def test_no_congestion_is_all_or_nothing() -> None:
    links = Links.of(3, [0, 1, 0], [1, 2, 2], [1.0, 1.0, 3.0], [0.0] * 3, [0.0] * 3, [4.0] * 3)
    answer = solve(links, demand((0, 2, 7.0), (0, 1, 1.0)))
    assert answer.volume.tolist() == [8.0, 7.0, 0.0]
    assert answer.relative_gap == 0.0 and answer.iterations == 1


def test_no_demand_no_flow() -> None:
    for trips in (demand(), demand((0, 1, 0.0))):
        answer = solve(linear(2, (0, 1, 1.0, 1.0)), trips)
        assert answer.volume.tolist() == [0.0] and answer.objective == 0.0 and answer.converged


def test_centroids_let_nothing_through() -> None:
    # the short way 0-1-2 passes zone 1; nodes below 3 are zones
    rows = ([0, 1, 0, 3], [1, 2, 3, 2], [1.0, 1.0, 5.0, 5.0], [0.0] * 4, [1.0] * 4, [4.0] * 4)
    trips = demand((0, 2, 1.0), (0, 1, 1.0))
    assert solve(Links.of(4, *rows), trips).volume.tolist() == [2.0, 1.0, 0.0, 0.0]
    assert solve(Links.of(4, *rows, first_thru=3), trips).volume.tolist() == [1.0, 0.0, 1.0, 1.0]


def test_closed_link_and_pair_without_a_way() -> None:
    links = Links.of(3, [0, 0], [1, 2], [1.0, np.inf], [1.0, 1.0], [1.0, 1.0], [4.0, 4.0])
    answer = solve(links, demand((0, 1, 2.0), (0, 2, 5.0), (1, 1, 3.0)))
    assert answer.volume.tolist() == [2.0, 0.0]
    assert answer.unreachable == 5.0 and answer.intrazonal == 3.0
    assert np.isinf(answer.cost[1]) and np.isfinite(answer.objective)


def test_power_0_is_a_constant_and_large_powers_converge() -> None:
    links = Links.of(2, [0, 0, 0], [1, 1, 1], [1.0, 2.0, 0.5], [1.0, 0.15, 1.0], [5.0, 8.0, 3.0],
                     [0.0, 16.83, 0.5])
    answer = solve(links, demand((0, 1, 30.0)), Options(1e-12))
    assert answer.converged
    used = answer.cost[answer.volume > 1e-9]
    assert used == pytest.approx(np.full(len(used), 2.0))
    assert links.cost(answer.volume) == pytest.approx(answer.cost)


def test_not_converged_is_a_value() -> None:
    links, trips = grid(5, np.random.default_rng(1))
    answer = solve(links, trips, Options(gap=1e-12, max_iterations=1))
    assert not answer.converged and "1 rounds passed" in answer.reason
    assert answer.relative_gap > 1e-12 and np.isfinite(answer.volume).all()


def grid(size: int, rng: np.random.Generator) -> tuple[Links, Demand]:
    """A square grid with random BPR links, some free, some of power 1, and random demand."""
    tail, head = [], []
    for i in range(size):
        for j in range(size):
            v = i * size + j
            for w in ([v + 1] if j < size - 1 else []) + ([v + size] if i < size - 1 else []):
                tail += [v, w]
                head += [w, v]
    m, n, pairs = len(tail), size * size, 2 * size
    links = Links.of(n, tail, head, rng.uniform(0, 10, m) * (rng.random(m) > 0.1),
                     rng.choice([0, 0.15, 1.0], m),
                     rng.uniform(20, 200, m), rng.choice([1.0, 2.3, 4.0], m), fixed=rng.uniform(0, 1, m))
    od = rng.integers(0, n, (pairs, 2)).astype(np.int32)
    return links, Demand(od[:, 0], od[:, 1], rng.uniform(0, 100, pairs))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 6))
def test_wardrop_and_conservation(seed: int, size: int) -> None:
    """Used paths of a pair cost the same, none less; path flows sum to demand, link volumes to path flows."""
    links, trips = grid(size, np.random.default_rng(seed))
    answer = solve(links, trips, Options(1e-11))
    assert answer.converged, answer.reason
    inside = trips.volume[trips.origin == trips.destination].sum()
    assert answer.paths.flow.sum() + inside == pytest.approx(trips.volume.sum(), rel=1e-9)
    volume = np.zeros(links.m)
    np.add.at(volume, answer.paths.links, np.repeat(answer.paths.flow, np.diff(answer.paths.first)))
    assert volume == pytest.approx(answer.volume, abs=1e-9)
    balance = np.bincount(links.head, volume, links.nodes) - np.bincount(links.tail, volume, links.nodes)
    wanted = (np.bincount(trips.destination, trips.volume, links.nodes)
              - np.bincount(trips.origin, trips.volume, links.nodes))
    assert balance == pytest.approx(wanted, abs=1e-7)
    cost = np.add.reduceat(answer.cost[answer.paths.links],
                           answer.paths.first[:-1]) if len(volume) else np.empty(0)
    best: dict[tuple[int, int], float] = {}
    pairs = list(zip(answer.paths.origin.tolist(), answer.paths.destination.tolist(), strict=True))
    for pair, c in zip(pairs, cost, strict=True):
        best[pair] = min(best.get(pair, np.inf), c)
    excess = sum(f * (c - best[p]) for f, c, p in zip(answer.paths.flow, cost, pairs, strict=True))
    assert excess <= 1e-10 * answer.total_cost + 1e-12


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_two_threads_and_warm_start_give_the_same(seed: int) -> None:
    links, trips = grid(5, np.random.default_rng(seed))
    one, two = solve(links, trips, Options(1e-10)), solve(links, trips, Options(1e-10, threads=2))
    assert (one.volume == two.volume).all()
    more = Demand(trips.origin, trips.destination, trips.volume * 1.1)
    cold, warm = solve(links, more, Options(1e-12)), solve(links, more, Options(1e-12), start=one)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-10)
    again = solve(links, trips, Options(1e-10), start=one)
    assert again.iterations == 1 and again.objective == pytest.approx(one.objective, rel=1e-12)


def test_warm_start_drops_paths_that_closed() -> None:
    rows = ([0, 0], [1, 1])
    before = solve(Links.of(2, *rows, [1.0, 1.0], [1.0, 1.0], [5.0, 5.0], [4.0, 4.0]), demand((0, 1, 10.0)))
    closed = Links.of(2, *rows, [np.inf, 1.0], [1.0, 1.0], [5.0, 5.0], [4.0, 4.0])
    assert solve(closed, demand((0, 1, 10.0)), start=before).volume.tolist() == [0.0, 10.0]


@pytest.mark.parametrize("arrays, trips", [
    (([0], [5], [1.0], [0.0], [1.0], [1.0]), demand((0, 1, 1.0))),  # unknown node
    (([0], [1], [-1.0], [0.0], [1.0], [1.0]), demand((0, 1, 1.0))),  # negative time
    (([0], [1], [1.0], [0.15], [0.0], [4.0]), demand((0, 1, 1.0))),  # delay without capacity
    (([0], [1], [1.0], [0.15], [1.0], [4.0]), demand((0, 1, -1.0))),  # negative demand
    (([0], [1], [1.0], [0.15], [1.0], [4.0]), demand((0, 7, 1.0))),  # demand to nowhere
])
def test_wrong_arrays_are_refused(arrays: tuple[list[float], ...], trips: Demand) -> None:
    with pytest.raises(ValueError):
        solve(Links.of(2, *arrays), trips)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_objective(name: str, shared: Path) -> None:
    objective, toll, distance = PUBLISHED[name]
    answer = published(shared, name, toll, distance)
    assert answer.converged and answer.relative_gap <= 1e-12
    assert answer.objective == pytest.approx(objective, rel=1e-9)


def published(shared: Path, name: str, toll: float, distance: float) -> Equilibrium:
    folder, stem = shared / "testdata" / "tntp" / name, name.replace("-", "")
    network = tntp.read_network(folder / f"{stem}_net.tntp")
    trips = tntp.read_trips(folder / f"{stem}_trips.tntp", network.zones)
    return solve(network.links(toll, distance), trips.demand, Options(1e-12))


def test_published_flows_of_anaheim(shared: Path) -> None:
    answer = published(shared, "Anaheim", 0.0, 0.0)
    best = np.loadtxt(shared / "testdata/tntp/Anaheim/Anaheim_flow.tntp", skiprows=1)
    assert answer.volume == pytest.approx(best[:, 2], rel=1e-5, abs=1e-2)
