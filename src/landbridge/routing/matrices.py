"""Least costs from many sources to many targets at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _core_kernels as kernels
from landbridge.routing._arrays import Floats, Ints, Longs
from landbridge.routing._lanes import LANES
from landbridge.routing.hierarchy import Hierarchy
from landbridge.routing.metric import Metric


def matrix(metric: Metric, sources: ArrayLike, targets: ArrayLike, threads: int = 1) -> Floats:
    """Least costs (s, t), in the unit of the metric's costs; inf where no open way leads.

    Sources and targets are node numbers, repeated or not. The numbers are the same for any number of threads.
    Raises ValueError for a node that is not there.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(3, [0, 1], [1, 2])), [3.0, 2.0, 3.0, 2.0])
    >>> matrix(metric, [0, 2], [0, 1, 2])
    array([[0., 3., 5.],
           [5., 2., 0.]])
    """
    h = metric.hierarchy
    s, t = ranks_of(h, sources), ranks_of(h, targets)
    out = np.full((len(s), len(t)), np.inf)
    if not out.size:
        return out
    core = kernels.core(h.parent, s, t)
    up = kernels.restrict(h.shape, metric.weight, core, kernels.OF_SOURCE, kernels.UP)
    down = kernels.restrict(h.shape, metric.weight, core, kernels.OF_TARGET, kernels.DOWN)
    shares = shares_of(s, threads)

    def work(order: Longs) -> None:
        kernels.sweep(core.number[s], core.number[t], order, core, h.parent, up, down, out)

    run(work, shares)
    return out


def ranks_of(hierarchy: Hierarchy, nodes: ArrayLike) -> Ints:
    """Ranks of some nodes; ValueError for a node that is not there."""
    which = np.asarray(nodes, np.int64).reshape(-1)
    if which.size and (which.min() < 0 or which.max() >= hierarchy.topology.n):
        raise ValueError(f"a node is outside 0..{hierarchy.topology.n - 1}")
    return hierarchy.rank[which]


def shares_of(sources: Ints, threads: int) -> list[Longs]:
    """Positions of the sources, neighbours in rank together, in one share for each thread; none is split in a sweep."""
    if threads < 1:
        raise ValueError(f"{threads} threads: at least 1 is wanted")
    by_rank = np.argsort(sources, kind="stable")  # sources of one sweep share most of their ancestors
    sweeps = -(-len(sources) // LANES)
    edges = np.linspace(0, sweeps, min(threads, sweeps) + 1).astype(int) * LANES
    return [by_rank[a:b] for a, b in pairwise(edges.tolist())]


def run(work: Callable[[Longs], None], shares: list[Longs]) -> None:
    """Do the work for all shares, each on a thread of its own."""
    if len(shares) == 1:
        work(shares[0])
        return
    with ThreadPoolExecutor(len(shares)) as pool:
        list(pool.map(work, shares))
