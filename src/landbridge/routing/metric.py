"""Customisation: a hierarchy given costs. One metric for each cargo and openness; closing a link is a small change."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _customise_kernels as kernels
from landbridge.routing._arrays import Floats, Ints
from landbridge.routing.hierarchy import Hierarchy

FULL_SHARE = 0.02  # with more changed chordal arcs than this share, customising afresh is quicker


@dataclass(frozen=True)
class Metric:
    """A hierarchy with costs; read-only.

    `cost` (m) is the cost of each arc, in any unit, at least 0, inf where the arc is closed. `weight` (2c) is the least
    cost over each slot: over its own arcs and all ways between its ends over lower nodes.

    Costs and sums are 64-bit floats. A least cost is the sum of its arcs' costs in the order in which shortcuts nest,
    so it agrees with any other exact method to 1e-12 of its value, mostly far better; whole numbers whose sums stay
    below 2^53 add up exactly. Costs of 0 and equal ways are allowed.
    """

    hierarchy: Hierarchy
    cost: Floats
    weight: Floats

    def with_changes(self, arcs: ArrayLike, costs: ArrayLike) -> Metric:
        """The metric after some arcs got other costs (inf closes one, a number opens it); equal to
        `customise(hierarchy, changed costs)` to the bit, and quicker by orders of magnitude for a few arcs.

        Raises ValueError for a negative cost, NaN, or an arc that is not there.

        >>> from landbridge.routing import build, customise, from_links, matrix
        >>> metric = customise(build(from_links(2, [0], [1])), [3.0, 3.0])
        >>> matrix(metric.with_changes([0], [float("inf")]), [0], [1])
        array([[inf]])
        """
        cost, weight = self.cost.copy(), self.weight.copy()
        change_in_place(self.hierarchy, cost, weight, arcs, costs)
        return _frozen(self.hierarchy, cost, weight)


def customise(hierarchy: Hierarchy, cost: ArrayLike) -> Metric:
    """The metric of a cost for each arc, (m,), same unit for all, inf for closed.

    Raises ValueError for a negative cost or NaN, naming the first such arc.

    >>> from landbridge.routing import build, from_links
    >>> customise(build(from_links(2, [0, 0], [1, 1]), rank=[0, 1]), [3.0, 2.0, 4.0, 5.0]).weight.tolist()
    [2.0, 4.0]
    """
    arc_cost = checked_costs(cost, hierarchy.topology.m)
    weight = np.empty(2 * hierarchy.c)
    kernels.customise(hierarchy.shape, readonly(arc_cost), weight)
    return _frozen(hierarchy, arc_cost, weight)


def checked_costs(cost: ArrayLike, size: int) -> Floats:
    """A copy of `size` costs as floats, -0.0 turned into 0.0; ValueError for a wrong number, NaN or a negative cost."""
    costs = np.asarray(cost, np.float64) + 0.0
    if costs.shape != (size,):
        raise ValueError(f"{size} costs are wanted, one for each arc, not shape {costs.shape}")
    wrong = ~(costs >= 0)
    if wrong.any():
        at = int(np.argmax(wrong))
        raise ValueError(f"cost {costs[at]} of arc {at}: costs are at least 0, inf for a closed arc")
    return costs


def change_in_place(hierarchy: Hierarchy, cost: Floats, weight: Floats, arcs: ArrayLike, costs: ArrayLike) -> int:
    """Change costs and weights of a metric in place; returns how many chordal arcs were touched.

    The last value counts where an arc is named twice. Same errors as `Metric.with_changes`.
    """
    which = np.asarray(arcs, np.int64).reshape(-1)
    if which.size and (which.min() < 0 or which.max() >= hierarchy.topology.m):
        raise ValueError(f"an arc is outside 0..{hierarchy.topology.m - 1}")
    values = checked_costs(np.broadcast_to(np.asarray(costs, np.float64), which.shape), which.size)
    before = cost[which]
    cost[which] = values
    changed = which[before != cost[which]]
    slots = hierarchy.slot[changed]
    seeds: Ints = np.unique(slots[slots >= 0] >> 1).astype(np.int32)
    if seeds.size > FULL_SHARE * hierarchy.c + 64:
        kernels.customise(hierarchy.shape, readonly(cost), weight)
        return hierarchy.c
    queued, heap = np.zeros(hierarchy.c, np.uint8), np.empty(hierarchy.c, np.int32)
    return int(kernels.update(seeds, hierarchy.shape, readonly(cost), weight, queued, heap))


def readonly(array: Floats) -> Floats:
    """A view that cannot be written to; kernels are compiled for such views only."""
    view = array.view()
    view.setflags(write=False)
    return view


def _frozen(hierarchy: Hierarchy, cost: Floats, weight: Floats) -> Metric:
    return Metric(hierarchy, readonly(cost), readonly(weight))
