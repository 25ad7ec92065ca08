"""Compiling the kernels: once after an install or an upgrade, then they come from numba's cache."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from landbridge.routing import _order_kernels, _sweep_kernels
from landbridge.routing.hierarchy import build
from landbridge.routing.loading import load
from landbridge.routing.matrices import matrix
from landbridge.routing.metric import customise
from landbridge.routing.states import Toggle, sweep
from landbridge.routing.summing import parts
from landbridge.routing.topology import from_links
from landbridge.routing.unpacking import path


def is_compiled() -> bool:
    """Whether numba's cache holds the kernels for this place of install; stale ones count, and are made again.

    >>> isinstance(is_compiled(), bool)
    True
    """
    first, last = _order_kernels.dissect, _sweep_kernels.insert  # in the order of `warmup`
    folder = Path(str(first.stats.cache_path))
    names = (f"{kernel.py_func.__module__.split('.')[-1]}.{kernel.py_func.__name__}" for kernel in (first, last))
    return all(any(folder.glob(f"{name}-*.nbi")) for name in names)


def warmup(say: Callable[[str], None] | None = None) -> float:
    """Compile all kernels of the routing room, or load them from the cache; returns the seconds it took.

    Each step is told to `say`, or to the log of this module where there is none, if there is something to compile.
    """
    tell = say if say is not None else logging.getLogger(__name__).info
    start = time.perf_counter()
    if is_compiled():
        tell = _silent
    tell("compiling the routing kernels: once after an install, under a minute")
    topology = from_links(3, [0, 1, 0], [1, 2, 2])
    tell("  1 of 4: node order and hierarchy")
    hierarchy = build(topology)
    tell("  2 of 4: costs and changes of costs")
    metric = customise(hierarchy, np.ones(topology.m)).with_changes([0], [2.0])
    tell("  3 of 4: matrices and paths")
    matrix(metric, [0], [2])
    path(metric, 0, 2)
    tell("  4 of 4: parts, loading, sweeps")
    parts(metric, np.ones((1, topology.m)), [0], [2])
    load(metric, [0], [2], [[1.0]])
    sweep(metric, [Toggle(np.array([0], np.int32), np.array(1.0))], [0], [2])
    seconds = time.perf_counter() - start
    tell(f"  compiled in {seconds:.0f} s; kept for the next run")
    return seconds


def _silent(_text: str) -> None:
    pass
