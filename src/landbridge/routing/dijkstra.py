"""Least costs by scipy's Dijkstra: the way for a handful of sources, and the oracle of the tests."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from landbridge.routing._arrays import Floats
from landbridge.routing.metric import checked_costs
from landbridge.routing.topology import Topology

FEW = 10  # up to about this many sources a search needs less time than an order


def few_to_many(topology: Topology, cost: ArrayLike, sources: ArrayLike, targets: ArrayLike) -> Floats:
    """Least costs (s, t) without any preparation, inf where no open way leads; meant for up to about `FEW` sources.

    `cost` (m) is as for `customise`. Raises ValueError for a negative cost or NaN.

    >>> from landbridge.routing import from_links
    >>> few_to_many(from_links(2, [0, 0], [1, 1]), [3.0, 0.0, 3.0, 4.0], [0, 1], [0, 1]).tolist()
    [[0.0, 0.0], [3.0, 0.0]]
    """
    costs = checked_costs(cost, topology.m)
    start, goal = np.asarray(sources, np.int64).reshape(-1), np.asarray(targets, np.int64).reshape(-1)
    if not (len(start) and len(goal)):
        return np.empty((len(start), len(goal)))
    graph = _cheapest(topology, costs)
    unique, row = np.unique(start, return_inverse=True)
    reached: Floats = dijkstra(graph, indices=unique)
    return np.ascontiguousarray(reached[row][:, goal])


def _cheapest(topology: Topology, cost: Floats) -> csr_array:
    """The open arcs as a sparse matrix, of parallel arcs the cheapest; stored zeros are arcs to scipy."""
    open_ = np.isfinite(cost)
    tail, head, value = topology.tail[open_], topology.head[open_], cost[open_]
    order = np.lexsort((value, head, tail))
    tail, head, value = tail[order], head[order], value[order]
    keep = np.ones(len(tail), bool)
    keep[1:] = (tail[1:] != tail[:-1]) | (head[1:] != head[:-1])
    first = np.concatenate([[0], np.cumsum(np.bincount(tail[keep], minlength=topology.n))])
    return csr_array((value[keep], head[keep], first), shape=(topology.n, topology.n))
