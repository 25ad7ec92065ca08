"""All-or-nothing loading: every flow on its least-cost way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _core_kernels as core_kernels
from landbridge.routing import _loading_kernels as kernels
from landbridge.routing._arrays import Floats
from landbridge.routing.matrices import ranks_of, shares_of
from landbridge.routing.metric import Metric, readonly


@dataclass(frozen=True)
class Loading:
    """Flow on each arc (m,), and the sum of the flows between pairs without an open way, in the unit of the flows."""

    arc_flow: Floats
    unserved: float


def load(metric: Metric, sources: ArrayLike, targets: ArrayLike, flows: ArrayLike) -> Loading:
    """Put flows (s, t) on the least-cost ways, those of `path`; any unit, at least 0.

    Flows are pushed along the search trees on shortcuts, and shortcuts are unpacked once for all flows, from the top
    down (Buchhold, Sanders and Wagner 2019, Real-Time Traffic Assignment Using Fast Queries in Customizable Contraction
    Hierarchies). The result is exact: what enters a node leaves it, but for sources and targets, and arc flows are the
    sums over the unpacked ways. Raises ValueError for a wrong shape and for a flow that is negative or not finite.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(3, [0, 1], [1, 2])), [3.0, 2.0, 3.0, 2.0])
    >>> load(metric, [0], [1, 2], [[10.0, 5.0]]).arc_flow.tolist()
    [15.0, 5.0, 0.0, 0.0]
    """
    h = metric.hierarchy
    s, t = ranks_of(h, sources), ranks_of(h, targets)
    flow = np.ascontiguousarray(flows, np.float64)
    if flow.shape != (len(s), len(t)):
        raise ValueError(f"flows of shape {(len(s), len(t))} are wanted, not {flow.shape}")
    if not (np.isfinite(flow) & (flow >= 0)).all():
        raise ValueError("a flow is negative or not finite")
    arc_flow, unserved = np.zeros(h.topology.m), 0.0
    if flow.size:
        core = core_kernels.core(h.parent, s[:0], t)
        down = core_kernels.restrict(h.shape, metric.weight, core, core_kernels.OF_TARGET, core_kernels.DOWN)
        slot_flow = np.zeros(2 * h.c)
        order = shares_of(s, threads=1)[0]
        unserved = kernels.load_slots(
            s, core.number[t], order, core, down, readonly(flow), slot_flow, h.shape, metric.weight
        )
        kernels.load_arcs(slot_flow, arc_flow, h.shape, metric.cost, metric.weight)
    return Loading(readonly(arc_flow), float(unserved))
