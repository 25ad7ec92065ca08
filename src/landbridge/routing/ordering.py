"""The order in which a hierarchy contracts the nodes: nested dissection by inertial flow.

The order depends on the topology alone, so it is computed once for each network and kept with it. Small separators
found by a minimum cut between the outermost quarters of the nodes, in four directions of the plane, get the highest
ranks (Schild and Sommer 2015, On Balanced Separators in Road Networks; Dibbelt, Strasser and Wagner 2016,
Customizable Contraction Hierarchies).
"""

from __future__ import annotations

import heapq

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from landbridge.routing import _order_kernels as kernels
from landbridge.routing._arrays import Floats, Ints
from landbridge.routing.topology import Topology

LEAF = 8  # parts of at most this many nodes are ordered by degree
HUB = 4  # new nodes with more neighbours than this, after those with fewer are gone, are contracted last
BALANCE = 0.25  # share of the nodes tied to either end of the cut


def order(topology: Topology) -> Ints:
    """Rank of each node, int32 (n,): 0 is contracted first, n - 1 last. Any topology has one, connected or not.

    Where coordinates are missing, hop distances to far nodes take their place.

    >>> from landbridge.routing.topology import from_links
    >>> sorted(order(from_links(4, [0, 1, 2], [1, 2, 3])).tolist())
    [0, 1, 2, 3]
    """
    adjacency = _adjacency(topology)
    first, head = adjacency.indptr.astype(np.int64), adjacency.indices.astype(np.int32)
    graph = kernels.Graph(first, head, kernels.reverse_arcs(first, head))
    rank: Ints = kernels.dissect(graph, *_coordinates(topology, graph), LEAF, BALANCE)
    rank.setflags(write=False)
    return rank


def extend_order(rank: ArrayLike, topology: Topology) -> Ints:
    """Rank of all nodes of a network that grew out of one with known ranks, int32 (n,).

    `rank` belongs to nodes 0..len(rank)-1; the nodes after them are new: they split a link, or are zones and
    terminals. They are contracted before all known ones, least remaining degree first, while that is at most 4; what is
    then left are hubs, such as ports with lanes to many others, which come last of all, for contracted early they would
    join all their neighbours with each other. So the known order stays about as good as it was, if the parts that new
    nodes join were ordered together. Raises ValueError where `rank` is not a permutation.

    >>> from landbridge.routing.topology import from_links
    >>> extend_order([0, 1], from_links(3, [0, 1], [2, 2])).tolist()
    [1, 2, 0]
    """
    known = np.asarray(rank, np.int32)
    n_old, n_new = len(known), topology.n - len(known)
    if n_new < 0 or not np.array_equal(np.sort(known), np.arange(n_old)):
        raise ValueError(f"the known ranks are no permutation of {n_old} nodes of the topology's {topology.n}")
    neighbours: dict[int, set[int]] = {v: set() for v in range(n_old, topology.n)}
    touches = (topology.tail != topology.head) & (np.maximum(topology.tail, topology.head) >= n_old)
    for u, v in zip(topology.tail[touches].tolist(), topology.head[touches].tolist(), strict=True):
        for a, b in ((u, v), (v, u)):
            if a >= n_old:
                neighbours[a].add(b)
    queue = [(len(others), v) for v, others in neighbours.items()]
    heapq.heapify(queue)
    early: list[int] = []
    while queue and queue[0][0] <= HUB:
        degree, v = heapq.heappop(queue)
        if v not in neighbours or degree != len(neighbours[v]):
            continue
        early.append(v)
        others = neighbours.pop(v)
        for u in others:
            if u in neighbours:
                neighbours[u] = (neighbours[u] | others) - {u, v}
                heapq.heappush(queue, (len(neighbours[u]), u))
    hubs = sorted(neighbours, key=lambda v: (len(neighbours[v]), v))
    whole = np.empty(topology.n, np.int32)
    whole[early] = np.arange(len(early))
    whole[:n_old] = known + len(early)
    whole[hubs] = np.arange(topology.n - len(hubs), topology.n)
    whole.setflags(write=False)
    return whole


def _adjacency(topology: Topology) -> csr_array:
    """Symmetric adjacency without loops, heads sorted within each node."""
    real = topology.tail != topology.head
    u, v = topology.tail[real], topology.head[real]
    ones = np.ones(2 * len(u), np.int8)
    matrix = csr_array((ones, (np.concatenate([u, v]), np.concatenate([v, u]))), shape=(topology.n, topology.n))
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def _coordinates(topology: Topology, graph: kernels.Graph) -> tuple[Floats, Floats]:
    """The topology's coordinates; where any is missing in a component, hop distances stand for that component."""
    missing = ~(np.isfinite(topology.lon) & np.isfinite(topology.lat))
    lon, lat = topology.lon.copy(), topology.lat.copy()
    if missing.any():
        kernels.place_by_hops(graph, missing, lon, lat)
    return lon, lat
