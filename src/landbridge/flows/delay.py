"""Delay of links: the function of the U.S. Bureau of Public Roads (1964), with fixed parts for toll and distance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from landbridge.flows._types import F64, I32


@dataclass(frozen=True)
class Links:
    """Directed links 0..m-1 between nodes 0..nodes-1.

    Cost of a link at volume x is `base + coef * (x / capacity)**power`, with base = free time + fixed part
    and coef = b * free time. A closed link has base inf. Nodes below `first_thru` start and end ways but let
    none through.
    """

    nodes: int
    tail: I32
    head: I32
    base: F64
    coef: F64
    capacity: F64
    power: F64
    first_thru: int = 0

    @staticmethod
    def of(nodes: int, tail: Sequence[int] | I32, head: Sequence[int] | I32, free_time: Sequence[float] | F64,
           b: Sequence[float] | F64, capacity: Sequence[float] | F64, power: Sequence[float] | F64,
           fixed: Sequence[float] | F64 | float = 0.0, first_thru: int = 0) -> Links:
        """Links with BPR delay free_time * (1 + b * (x / capacity)**power) + fixed.

        Raises ValueError where lengths differ, a node is unknown, a number is negative or a delay has no
        capacity.

        >>> Links.of(2, [0], [1], [10.0], [0.15], [2000.0], [4.0]).cost(np.array([2000.0]))
        array([11.5])
        """
        t, k = np.asarray(free_time, np.float64), np.asarray(capacity, np.float64)
        beta, p = np.asarray(b, np.float64), np.asarray(power, np.float64)
        tail_, head_ = np.asarray(tail, np.int32), np.asarray(head, np.int32)
        if len({len(a) for a in (t, k, beta, p, tail_, head_)}) != 1:
            raise ValueError("links: all columns must have one length")
        if len(t) and (min(tail_.min(), head_.min()) < 0 or max(tail_.max(), head_.max()) >= nodes):
            raise ValueError(f"links: nodes must be 0..{nodes - 1}")
        base = t + np.asarray(fixed, np.float64)
        with np.errstate(invalid="ignore"):
            coef = np.where(np.isfinite(t), t * beta, 0.0)
        if not (base >= 0).all() or not (coef >= 0).all() or not (p >= 0).all():
            raise ValueError("links: free time, toll, b and power must be numbers and not negative")
        if not (k[(coef > 0) & (p > 0)] > 0).all():
            raise ValueError("links: a link whose time grows with volume needs a capacity above 0")
        return Links(nodes, tail_, head_, base, coef, np.where(k > 0, k, 1.0), p, first_thru)

    @property
    def m(self) -> int:
        """Number of links."""
        return len(self.tail)

    def cost(self, volume: F64) -> F64:
        """Cost of each link at the given volumes; inf where closed."""
        return self.base + self.coef * (volume / self.capacity) ** self.power

    def objective(self, volume: F64) -> float:
        """Beckmann's objective: sum over links of the integral of cost from 0 to the volume."""
        x = volume[volume > 0]
        base, coef, capacity, power = (a[volume > 0]
                                       for a in (self.base, self.coef, self.capacity, self.power))
        return float((base * x + coef * capacity * (x / capacity) ** (power + 1) / (power + 1)).sum())
