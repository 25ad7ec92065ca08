"""The way itself: from a source to a target over the arcs of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _way_kernels as kernels
from landbridge.routing._arrays import Ints
from landbridge.routing.matrices import ranks_of
from landbridge.routing.metric import Metric


@dataclass(frozen=True)
class Path:
    """A least-cost way: `cost` in the unit of the metric (inf if there is none) and its arcs and nodes in their order.

    `nodes` starts with the source and ends with the target; `arcs` is empty from a node to itself. Without a way both
    are empty.
    """

    cost: float
    arcs: Ints
    nodes: Ints


def path(metric: Metric, source: int, target: int) -> Path:
    """The least-cost way from one node to another.

    Of equally cheap ways always the same one is taken, whatever else is asked, by `paths`, `parts` and `load` as well.
    Only where arcs of cost 0 make a round trip may a way pass a node twice. Raises ValueError for a node that is not
    there.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(3, [0, 1, 0], [1, 2, 2])), [3.0, 2.0, 9.0, 3.0, 2.0, 9.0])
    >>> path(metric, 0, 2).arcs.tolist(), path(metric, 0, 2).cost
    ([0, 1], 5.0)
    """
    s, t = ranks_of(metric.hierarchy, [source, target])
    shape, topology = metric.hierarchy.shape, metric.hierarchy.topology
    cost, slots = kernels.way(s, t, shape, metric.weight)
    arcs = kernels.unpack(slots, shape, metric.cost, metric.weight)
    nodes = np.empty(0, np.int32)
    if cost < np.inf:
        nodes = np.concatenate([np.array([source], np.int32), topology.head[arcs]])
    return Path(float(cost), arcs, nodes)


def paths(metric: Metric, sources: ArrayLike, targets: ArrayLike) -> list[Path]:
    """The ways of pairs: from sources[i] to targets[i]. Raises ValueError where their numbers differ.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(2, [0], [1])), [3.0, 4.0])
    >>> [p.cost for p in paths(metric, [0, 1], [1, 0])]
    [3.0, 4.0]
    """
    pairs = zip(np.asarray(sources).tolist(), np.asarray(targets).tolist(), strict=True)
    return [path(metric, s, t) for s, t in pairs]
