"""Kernel of the sweep: arcs opened in a matrix of least costs."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.routing._arrays import Floats, Longs


@njit(cache=True, nogil=True)
def insert(costs: Floats, head_row: Longs, tail_column: Longs, arc_cost: Floats) -> None:
    """Open arcs one after the other, in place: from p to the arc's tail, over it, and on from its head to q.

    A least-cost way uses a new arc at most once, so one pass for each arc is exact.
    """
    for a in range(arc_cost.size):
        onward = costs[head_row[a]]
        for p in range(costs.shape[0]):
            here = costs[p]
            at_head = here[tail_column[a]] + arc_cost[a]
            if at_head < np.inf:
                for q in range(costs.shape[1]):
                    d = at_head + onward[q]
                    here[q] = d if d < here[q] else here[q]
