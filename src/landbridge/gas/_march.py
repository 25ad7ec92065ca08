"""Marching a pressure along the cells of a line; numba, one signature each."""

from __future__ import annotations

import math

import numba as nb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@nb.njit(cache=True)
def potential(c: Floats, top: float, p: float) -> tuple[float, float]:
    """1/Z and twice the integral of p/Z; see `Gas.potential`."""
    x = min(p, top)
    inverse = c[-1]
    twice = 2.0 * c[-1] / (c.size + 1)
    for k in range(c.size - 2, -1, -1):
        inverse = inverse * x + c[k]
        twice = twice * x + 2.0 * c[k] / (k + 2)
    return inverse, x * x * twice + inverse * (p * p - x * x)


@nb.njit(cache=True)
def _pressure(c: Floats, top: float, wanted: float, guess: float) -> float:
    """Pressure whose potential is `wanted`, by Newton's method; 0 where that is not above 0."""
    if wanted <= 0.0:
        return 0.0
    p = guess
    for _ in range(60):
        inverse, twice = potential(c, top, p)
        step = (twice - wanted) / (2.0 * p * inverse)
        p = max(p - step, 0.5 * p)
        if abs(step) <= 1e-12 * p:
            break
    return p


@nb.njit(cache=True)
def cell(c: Floats, top: float, p: float, loss: float, lift: float) -> float:
    """Pressure at the end of a cell, Pa; `loss` in Pa² on the level, `lift` 2 g Δh / (R T); 0 where nothing arrives."""
    if p <= 0.0:
        return 0.0
    _, start = potential(c, top, p)
    end = _pressure(c, top, start - loss, p)
    if lift == 0.0:
        return end
    for _ in range(6):
        mean = 0.5 * (p + end) + 1.0
        inverse, twice = potential(c, top, mean)
        s = lift * (mean * inverse) ** 2 / twice
        stretch = 1.0 if abs(s) < 1e-12 else -math.expm1(-s) / s
        before = end
        end = _pressure(c, top, start * math.exp(-s) - loss * stretch, p)
        if abs(end - before) <= 1e-11 * p:
            break
    return end


@nb.njit(cache=True)
def march(c: Floats, top: float, p: float, loss: Floats, lift: Floats) -> Floats:
    """Pressures at the ends of consecutive cells, Pa."""
    out = np.zeros(loss.size)
    for j in range(loss.size):
        p = cell(c, top, p, loss[j], lift[j])
        out[j] = p
    return out


@nb.njit(cache=True)
def spread(c: Floats, top: float, start: Floats, loss: Floats, lift: Floats) -> Floats:
    """Pressure at every point j for a start at every point i <= j, Pa; NaN before the start."""
    n = start.size
    out = np.full((n, n), np.nan)
    for i in range(n):
        p = start[i]
        out[i, i] = p
        for j in range(n - 1 - i):
            p = cell(c, top, p, loss[i + j], lift[i + j])
            out[i, i + j + 1] = p
            if p <= 0.0:
                out[i, i + j + 1 :] = 0.0
                break
    return out


@nb.njit(cache=True)
def farthest(
    c: Floats, top: float, p0: float, p_max: float, suction: float, delivery: float, allowed: NDArray[np.bool_],
    loss: Floats, lift: Floats,
) -> tuple[bool, NDArray[np.int64]]:
    """Points of stations set each as far on as it may be, and whether the gas arrives at the delivery pressure."""
    n = loss.size + 1
    places = np.zeros(n, dtype=np.int64)
    count, at, p = 0, 0, p0
    while True:
        last, j, x = -1, at, p
        while j < n - 1:
            x = cell(c, top, x, loss[j], lift[j])
            j += 1
            if x <= 0.0:
                break
            if j < n - 1 and x >= suction and allowed[j]:
                last = j
        if j == n - 1 and x >= delivery:
            return True, places[:count]
        if last < 0:
            return False, places[:count]
        places[count] = last
        count += 1
        at, p = last, p_max
