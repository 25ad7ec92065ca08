"""The libraries the routing benchmark compares, behind one small face each.

A peer prepares a graph (timed from outside) and answers in metres.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable

import numpy as np
import pandas as pd
from graphs import Graph
from numpy.typing import NDArray

from landbridge.routing import Toggle, build, customise, from_arcs, load, matrix, order, path, sweep

Floats = NDArray[np.float64]
Nodes = NDArray[np.int64]
CLOSED = 2**31 - 1  # RoutingKit's infinity


class Landbridge:
    name = "landbridge"

    def order(self, graph: Graph) -> None:
        self.topology = from_arcs(graph.n, graph.tail, graph.head, graph.lon_deg, graph.lat_deg)
        self.rank = order(self.topology)

    def build(self, graph: Graph) -> None:
        self.hierarchy = build(self.topology, self.rank)

    def customise(self, length_m: Nodes) -> None:
        self.metric = customise(self.hierarchy, length_m)

    def matrix(self, sources: Nodes, targets: Nodes) -> Floats:
        return matrix(self.metric, sources, targets)

    def matrix_on_two_threads(self, sources: Nodes, targets: Nodes) -> Floats:
        return matrix(self.metric, sources, targets, threads=2)

    def path(self, source: int, target: int) -> float:
        return path(self.metric, source, target).cost

    def closure(self, arc: int, zones: Nodes) -> Floats:
        return matrix(self.metric.with_changes([arc], np.inf), zones, zones)

    def states(self, gates: list[Nodes], zones: Nodes) -> Floats:
        return sweep(self.metric, [Toggle(g, self.metric.cost[g]) for g in gates], zones, zones)

    def loading(self, zones: Nodes, flows: Floats) -> Floats:
        return load(self.metric, zones, zones, flows).arc_flow


class RoutingKit:
    name = "routingkit-cch"

    def order(self, graph: Graph) -> None:
        import routingkit_cch as rk

        self.rk, self.tail, self.head = rk, graph.tail.tolist(), graph.head.tolist()
        lat, lon = graph.lat_deg.tolist(), graph.lon_deg.tolist()
        self.rank = rk.compute_order_inertial(graph.n, self.tail, self.head, lat, lon)

    def build(self, graph: Graph) -> None:
        self.cch = self.rk.CCH(self.rank, self.tail, self.head, False)
        self.metric = self.rk.CCHMetric(self.cch, graph.length_m.tolist())
        self.updater = self.rk.CCHMetricPartialUpdater(self.cch)
        self.length = graph.length_m

    def customise(self, length_m: Nodes) -> None:
        self.length = length_m
        self.metric.reset(length_m.tolist())

    def customiser(self, length_m: Nodes) -> Callable[[], None]:
        """Customisation alone: the list the binding wants is made before the clock starts."""
        weights = length_m.tolist()
        return lambda: self.metric.reset(weights)

    def matrix(self, sources: Nodes, targets: Nodes) -> Floats:
        rows = self.rk.CCHOneToMany(self.metric, targets.tolist())
        return np.array([rows.distances_from(s) for s in sources.tolist()], np.float64)

    def path(self, source: int, target: int) -> float:
        result = self.rk.CCHQuery(self.metric).run(source, target)
        assert result.arc_path is not None
        return float(result.distance)

    def closure(self, arc: int, zones: Nodes) -> Floats:
        self.updater.apply(self.metric, {arc: CLOSED})
        closed = self.matrix(zones, zones)
        self.updater.apply(self.metric, {arc: int(self.length[arc])})
        return closed

    def some_states(self, gates: list[Nodes], zones: Nodes, steps: int) -> dict[int, Floats]:
        """The first states of the Gray code, one update and one matrix each."""
        self.updater.apply(self.metric, {int(a): CLOSED for g in gates for a in g})
        state, found = 0, {0: self.matrix(zones, zones)}
        for step in range(1, steps):
            gate = (step & -step).bit_length() - 1
            state ^= 1 << gate
            shut = not state >> gate & 1
            self.updater.apply(self.metric, {int(a): CLOSED if shut else int(self.length[a]) for a in gates[gate]})
            found[state] = self.matrix(zones, zones)
        self.updater.apply(self.metric, {int(a): int(self.length[a]) for g in gates for a in g})
        return found

    def some_loading(self, pairs: list[tuple[int, int]], arcs: int) -> Floats:
        query, flow = self.rk.CCHQuery(self.metric), np.zeros(arcs)
        for s, t in pairs:
            flow[query.run(s, t).arc_path] += 1
        return flow


class Scipy:
    name = "scipy"

    def build(self, graph: Graph) -> None:
        from scipy.sparse import csr_array

        self.graph = csr_array((graph.length_m.astype(float), (graph.tail, graph.head)), shape=(graph.n, graph.n))

    def matrix(self, sources: Nodes, targets: Nodes) -> Floats:
        from scipy.sparse.csgraph import dijkstra

        return np.vstack([dijkstra(self.graph, indices=s)[targets] for s in sources])

    def trees(self, sources: Nodes, targets: Nodes, flows: Floats, tail: Nodes) -> Floats:
        """Flow through each node, by predecessors: what a loading costs."""
        from scipy.sparse.csgraph import dijkstra

        through = np.zeros(self.graph.shape[0])
        for i, s in enumerate(sources):
            dist, before = dijkstra(self.graph, indices=s, return_predecessors=True)
            np.add.at(through, targets, flows[i])
            inner = np.flatnonzero(np.isfinite(dist))
            for v in inner[np.argsort(-dist[inner], kind="stable")]:
                if through[v] and before[v] >= 0:
                    through[before[v]] += through[v]
        return through


class Networkit:
    name = "networkit"

    def build(self, graph: Graph) -> None:
        import networkit as nk

        nk.setNumberOfThreads(1)
        self.nk = nk
        arcs = (graph.length_m.astype(np.float64), (graph.tail.astype(np.uint64), graph.head.astype(np.uint64)))
        self.graph = nk.GraphFromCoo(arcs, n=graph.n, weighted=True, directed=True)

    def matrix(self, sources: Nodes, targets: Nodes) -> Floats:
        rows = []
        for s in sources.tolist():
            search = self.nk.distance.Dijkstra(self.graph, s, storePaths=False)
            search.run()
            rows.append(np.asarray(search.getDistances())[targets])
        return np.vstack(rows)


class Aequilibrae:
    name = "AequilibraE"

    def build_for(self, graph: Graph, zones: Nodes) -> None:
        from aequilibrae.paths import Graph as AequilibraeGraph

        self.zones = zones
        self.graph = AequilibraeGraph()
        self.graph.network = pd.DataFrame({
            "link_id": np.arange(1, len(graph.tail) + 1), "a_node": graph.tail + 1, "b_node": graph.head + 1,
            "direction": 1, "distance": graph.length_m.astype(float),
        })  # fmt: skip
        self.graph.prepare_graph(np.unique(zones) + 1)
        self.graph.set_graph("distance")
        self.graph.set_skimming("distance")
        self.graph.set_blocked_centroid_flows(False)

    def matrix(self) -> Floats:
        from aequilibrae.paths import NetworkSkimming

        skims = NetworkSkimming(self.graph)
        skims.set_cores(1)
        with contextlib.redirect_stderr(io.StringIO()):  # its progress bar
            skims.execute()
        place = np.searchsorted(np.unique(self.zones), self.zones)
        values: Floats = np.asarray(skims.results.skims.distance)
        return values[np.ix_(place, place)]

    def close(self, arc: int) -> None:
        self.graph.exclude_links([arc + 1])
