"""Routing side by side, in one process: landbridge, routingkit-cch, scipy, networkit, AequilibraE.

    .venv-bench/bin/python bench/routing.py [--graph world|extract] [--without LIBRARY ...]

Prints ratios first, keeps every run as JSON in bench/results/, and writes the section "Routing" of docs/performance.md.
Every matrix of a peer is compared with ours before its time counts. What would take hours is measured on a part and
scaled, and marked "~".
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import graphs
import numpy as np
import peers
from table import write_section

from landbridge.routing import customise, warmup

HERE = Path(__file__).resolve().parent
CARGO = 10  # cost vectors of the gate sweep
PACKAGES = ("numpy", "numba", "scipy", "routingkit-cch", "networkit", "aequilibrae", "scgraph-data")


@dataclass(frozen=True)
class Clock:
    """Seconds of one piece of work."""

    wall: float
    cpu: float

    def __add__(self, other: Clock) -> Clock:
        return Clock(self.wall + other.wall, self.cpu + other.cpu)

    def __truediv__(self, parts: float) -> Clock:
        return Clock(self.wall / parts, self.cpu / parts)


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[Clock, Any]:
    """The quickest of some repeats by wall time, and the last answer."""
    clocks = []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        answer = work()
        clocks.append(Clock(time.perf_counter() - wall, time.process_time() - cpu))
    return min(clocks, key=lambda c: c.wall), answer


@dataclass
class Row:
    """One task of one library on one graph; `share` is the measured part of it, the rest is scaled.

    `seconds` is wall time, `cpu_s` the processor time of the same repeat: with other work on the machine the latter
    is the fairer.
    """

    graph: str
    task: str
    library: str
    seconds: float
    cpu_s: float
    share: float = 1.0


@dataclass
class Run:
    """All that one call of this program found."""

    rows: list[Row] = field(default_factory=list)
    memory_mb: list[dict[str, Any]] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)

    def add(self, graph: str, task: str, library: str, clock: Clock, share: float = 1.0) -> None:
        row = Row(graph, task, library, clock.wall / share, clock.cpu / share, share)
        self.rows.append(row)
        mark = "~" if share < 1 else " "
        print(f"{graph:8s} {task:34s} {library:16s} {mark}{row.seconds:12.4f} s, cpu {row.cpu_s:.4f} s", flush=True)

    def check(self, what: str, ours: np.ndarray, theirs: np.ndarray) -> None:
        """Refuse to compare times of different answers."""
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, err_msg=what)
        self.checks.append(what)


def resident_mb() -> float:
    """Memory of this process now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return float("nan")


def hierarchies(run: Run, graph: graphs.Graph, without: set[str]) -> list[Any]:
    """Order, contract and customise with the libraries that do so."""
    made: list[Any] = []
    for peer in (peers.Landbridge(), peers.RoutingKit()):
        if peer.name in without:
            continue
        before = resident_mb()
        run.add(graph.name, "order", peer.name, timed(lambda p=peer: p.order(graph))[0])
        run.add(graph.name, "contract", peer.name, timed(lambda p=peer: p.build(graph))[0])
        if isinstance(peer, peers.RoutingKit):
            work: Callable[[], Any] = peer.customiser(graph.length_m)
        else:
            work = lambda p=peer: p.customise(graph.length_m)  # noqa: E731
        run.add(graph.name, "customise", peer.name, timed(work, 5)[0])
        run.memory_mb.append({"graph": graph.name, "library": peer.name, "mb": round(resident_mb() - before)})
        made.append(peer)
    return made


def matrices(run: Run, graph: graphs.Graph, made: list[Any], without: set[str]) -> None:
    """200 x 200, 1000 x 1000, one way, one closure; all answers compared with ours."""
    rng = np.random.default_rng(7)
    few, many = rng.choice(graph.inside, 200, replace=False), rng.choice(graph.inside, 1000, replace=False)
    ours = made[0]
    busy = int(np.argmax(ours.loading(few, np.ones((200, 200)))))
    answers = {200: ours.matrix(few, few), 1000: ours.matrix(many, many)}
    shut = ours.closure(busy, few)
    for peer in made:
        for size, nodes in ((200, few), (1000, many)):
            seconds, found = timed(lambda p=peer, s=nodes: p.matrix(s, s), 5 if size == 200 else 3)
            run.add(graph.name, f"{size} x {size}", peer.name, seconds)
            run.check(f"{graph.name} {size} x {size} {peer.name}", answers[size], found)
        seconds, found = timed(lambda p=peer: p.closure(busy, few), 5)
        run.add(graph.name, "one closure + 200 x 200", peer.name, seconds)
        run.check(f"{graph.name} closure {peer.name}", shut, found)
        pairs = list(zip(many[:200].tolist(), many[200:400].tolist(), strict=True))
        seconds, found = timed(lambda p=peer, q=pairs: [p.path(s, t) for s, t in q], 3)
        run.add(graph.name, "one way", peer.name, seconds / len(pairs))
        run.check(f"{graph.name} ways {peer.name}", np.diag(answers[1000][:200, 200:400]), np.array(found))
    seconds, found = timed(lambda: ours.matrix_on_two_threads(many, many), 3)
    run.add(graph.name, "1000 x 1000, two threads", ours.name, seconds)
    assert np.array_equal(found, answers[1000])
    searchers(run, graph, few, many, answers[200], without)


def searchers(
    run: Run, graph: graphs.Graph, few: np.ndarray, many: np.ndarray, answer: np.ndarray, without: set[str]
) -> None:
    """Libraries that search from each source anew: measured on a few sources, scaled to all."""
    for peer, sources in ((peers.Scipy(), 8), (peers.Networkit(), 4)):
        if peer.name in without:
            continue
        peer.build(graph)
        seconds, found = timed(lambda p=peer, k=sources: p.matrix(few[:k], few))
        run.check(f"{graph.name} {peer.name}", answer[:sources], found)
        run.add(graph.name, "200 x 200", peer.name, seconds, sources / 200)
        run.add(graph.name, "1000 x 1000", peer.name, seconds, sources / 1000)
        run.add(graph.name, "one closure + 200 x 200", peer.name, seconds, sources / 200)
        if isinstance(peer, peers.Scipy):
            seconds, _ = timed(lambda p=peer: p.trees(many[:2], many, np.ones((2, 1000)), graph.tail))
            run.add(graph.name, "1,000,000 flows loaded", peer.name, seconds, 2 / 1000)
    if "AequilibraE" not in without:
        before, peer = resident_mb(), peers.Aequilibrae()
        run.add(graph.name, "contract", peer.name, timed(lambda: peer.build_for(graph, few))[0])
        seconds, found = timed(peer.matrix)
        run.add(graph.name, "200 x 200", peer.name, seconds)
        run.memory_mb.append({"graph": graph.name, "library": peer.name, "mb": round(resident_mb() - before)})
        run.check(f"{graph.name} {peer.name}", answer, found)
        closing, _ = timed(lambda: peer.close(0))
        run.add(graph.name, "one closure + 200 x 200", peer.name, closing + seconds)


def gates(run: Run, graph: graphs.Graph, made: list[Any]) -> None:
    """1,024 states x zones x cargo; a sample of states computed from scratch, by us and by the peer."""
    ours, rng = made[0], np.random.default_rng(11)
    arcs = graph.gates
    if arcs is None:  # the most used arcs, both ways
        flow = ours.loading(graph.zones, np.ones((len(graph.zones), len(graph.zones))))
        arcs = [np.array([a]) for a in np.argsort(-flow, kind="stable")[:40:4]]
    vectors = [np.maximum(1, np.rint(graph.length_m * f)) for f in rng.uniform(0.5, 2, CARGO)]

    def all_states() -> list[np.ndarray]:
        swept = []
        for vector in vectors:
            ours.customise(vector)
            swept.append(ours.states(arcs, graph.zones))
        return swept

    seconds, swept = timed(all_states)
    task = f"1,024 states x {CARGO} cargo groups"
    run.add(graph.name, task, ours.name, seconds)
    for c, state in ((0, 0), (3, 341), (6, 682), (9, 1023), (5, 511)):
        cost = vectors[c].astype(float)
        for i, gate in enumerate(arcs):
            cost[gate] = cost[gate] if state >> i & 1 else np.inf
        ours.metric = customise(ours.hierarchy, cost)
        run.check(f"{graph.name} state {state} of cargo {c}", swept[c][state], ours.matrix(graph.zones, graph.zones))
    for peer in made[1:]:
        peer.customise(vectors[0].astype(np.int64))
        seconds, found = timed(lambda p=peer: p.some_states(arcs, graph.zones, 16))
        for state, costs in found.items():
            run.check(f"{graph.name} state {state} {peer.name}", swept[0][state], costs)
        run.add(graph.name, task, peer.name, seconds, 16 / 1024 / CARGO)
        peer.customise(graph.length_m)
    ours.customise(graph.length_m)


def loadings(run: Run, graph: graphs.Graph, made: list[Any]) -> None:
    """All-or-nothing of a million pairs; vehicle-kilometres against flows times distances."""
    rng = np.random.default_rng(5)
    nodes, flows = rng.choice(graph.inside, 1000, replace=False), rng.random((1000, 1000))
    ours = made[0]
    seconds, flow = timed(lambda: ours.loading(nodes, flows), 2)
    run.add(graph.name, "1,000,000 flows loaded", ours.name, seconds)
    total, expected = flow @ graph.length_m, (flows * ours.matrix(nodes, nodes)).sum()
    run.check(f"{graph.name} flow x distance", np.array(expected), np.array(total))
    for peer in made[1:]:
        pairs = list(zip(rng.choice(nodes, 2000).tolist(), rng.choice(nodes, 2000).tolist(), strict=True))
        seconds, _ = timed(lambda p=peer, q=pairs: p.some_loading(q, len(graph.tail)))
        run.add(graph.name, "1,000,000 flows loaded", peer.name, seconds, 2000 / 1e6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--graph", choices=["world", "extract"], action="append")
    parser.add_argument("--without", action="append", default=[])
    options = parser.parse_args()
    warmup(print)
    run, started, load = Run(), datetime.now(UTC), os.getloadavg()[0]
    for name in options.graph or ["world", "extract"]:
        graph = graphs.world(HERE / "results" / "world.tmp") if name == "world" else graphs.korea()
        print(f"{name}: {graph.n:,} nodes, {len(graph.tail):,} arcs, {len(graph.zones)} zones", flush=True)
        made = hierarchies(run, graph, set(options.without))
        matrices(run, graph, made, set(options.without))
        gates(run, graph, made)
        loadings(run, graph, made)
    record = {
        "date": started.isoformat(timespec="seconds"),
        "machine": f"{processor()}, {os.cpu_count()} cores, load {load:.1f} at the start",
        "python": platform.python_version(),
        "packages": {p: version(p) for p in PACKAGES},
        "rows": [asdict(r) for r in run.rows],
        "memory_mb": run.memory_mb,
        "checks": run.checks,
    }
    (HERE / "results").mkdir(exist_ok=True)
    name = f"routing-{started:%Y%m%d-%H%M%S}.json"
    (HERE / "results" / name).write_text(json.dumps(record, indent=1) + "\n")
    print(write_section(record, HERE.parent / "docs" / "performance.md"))


def processor() -> str:
    """What the processor calls itself."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


if __name__ == "__main__":
    main()
