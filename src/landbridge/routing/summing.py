"""What the least-cost ways are made of: time, money, distance, hours at borders along each."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from landbridge.routing import _core_kernels as core_kernels
from landbridge.routing import _parts_kernels as kernels
from landbridge.routing._arrays import Floats, Longs
from landbridge.routing.matrices import ranks_of, run, shares_of
from landbridge.routing.metric import Metric, readonly


def parts(metric: Metric, attributes: ArrayLike, sources: ArrayLike, targets: ArrayLike, threads: int = 1,
          wanted: ArrayLike | None = None) -> Floats:
    """Sums of arc attributes along the least-cost ways, (k, s, t); inf where no open way leads or none is wanted.

    `attributes` (k, m) holds k values for each arc, each in its own unit and of any sign; the ways are those of
    `path`. Each shortcut is summed once for all ways that use it, so a thousand ways cost little more than one. Sums
    agree with those over the arcs of `path` but for the order of addition. `wanted` (s, t) says which pairs to sum for,
    all unless given. Raises ValueError for wrong shapes and for
    values that are not finite on an open arc.

    >>> from landbridge.routing import build, customise, from_links
    >>> metric = customise(build(from_links(3, [0, 1], [1, 2])), [3.0, 2.0, 3.0, 2.0])
    >>> parts(metric, [[10.0, 20.0, 10.0, 20.0]], [0], [1, 2]).tolist()
    [[[10.0, 30.0]]]
    """
    h = metric.hierarchy
    values = np.ascontiguousarray(attributes, np.float64)
    if values.ndim != 2 or values.shape[1] != h.topology.m:
        raise ValueError(f"attributes of shape (k, {h.topology.m}) are wanted, not {values.shape}")
    if any(not np.isfinite(row).all() and not np.isfinite(row[np.isfinite(metric.cost)]).all() for row in values):
        raise ValueError("an attribute of an open arc is not finite")
    s, t = ranks_of(h, sources), ranks_of(h, targets)
    out = np.full((len(values), len(s), len(t)), np.inf)
    asked = np.ones(out.shape[1:], np.bool_) if wanted is None else np.ascontiguousarray(wanted, np.bool_)
    if asked.shape != out.shape[1:]:
        raise ValueError(f"wanted pairs of shape {out.shape[1:]} are expected, not {asked.shape}")
    if not out.size:
        return out
    core = core_kernels.core(h.parent, s[:0], t)
    down = core_kernels.restrict(h.shape, metric.weight, core, core_kernels.OF_TARGET, core_kernels.DOWN)

    def work(order: Longs) -> None:
        kernels.parts(
            s, core.number[t], asked, order, core, down, readonly(values), out, h.shape, metric.cost, metric.weight
        )

    run(work, shares_of(s, threads))
    return out
