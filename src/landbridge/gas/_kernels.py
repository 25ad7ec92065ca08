"""Compiled parts of the network solver: friction factors and the pipe rows with their derivatives."""

from __future__ import annotations

import math
from typing import Any

import numba as nb
import numpy as np
from numpy.typing import NDArray

from landbridge.gas._march import potential

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GRAVITY = 9.80665
INCH_M = 0.0254
COLEBROOK, AGA, WEYMOUTH, PANHANDLE_A, PANHANDLE_B = range(5)


@nb.njit(cache=True)
def darcy_one(code: int, re: float, diameter_m: float, roughness_m: float) -> Any:
    """Darcy factor by one equation; see `friction.darcy`."""
    re = max(re, 1e-3)
    if code == WEYMOUTH:
        return 4.0 / (11.18 * (diameter_m / INCH_M) ** (1.0 / 6.0)) ** 2
    if code == PANHANDLE_A:
        return 4.0 / (6.872 * max(re, 1e3) ** 0.07305) ** 2
    if code == PANHANDLE_B:
        return 4.0 / (16.49 * max(re, 1e3) ** 0.01961) ** 2
    share = min(max((re - 2000.0) / 2000.0, 0.0), 1.0)  # laminar below 2000, blended to turbulent at 4000
    relative = roughness_m / diameter_m
    if code == COLEBROOK:
        turbulent = max(re, 2300.0)
        x = -1.8 * math.log10((relative / 3.7) ** 1.11 + 6.9 / turbulent)
        for _ in range(3):  # Newton on 1/sqrt(f) from Haaland's start, at rounding after three steps
            inner = relative / 3.7 + 2.51 * x / turbulent
            g = x + 2.0 * math.log10(inner)
            x -= g / (1.0 + 2.0 / math.log(10.0) * (2.51 / turbulent) / inner)
        return (1.0 - share) * 64.0 / re + share / (x * x)
    turbulent = max(re, 4000.0)
    smooth = 4.0 * math.log10(turbulent / 1.4126 / 12.0)
    for _ in range(30):  # Prandtl's smooth-pipe law F = 4 log10(Re/F) - 0.6
        smooth = 4.0 * math.log10(turbulent / smooth) - 0.6
    factor = 4.0 * 0.96 * math.log10(turbulent / (1.4126 * smooth))
    if relative > 0.0:
        factor = min(factor, 4.0 * math.log10(3.7 / relative))
    return (1.0 - share) * 64.0 / re + share * 4.0 / (factor * factor)


@nb.njit(cache=True)
def darcy_many(code: int, re: Floats, diameter_m: Floats, roughness_m: Floats) -> Floats:
    """Darcy factors of arrays of one length."""
    out = np.empty(re.size)
    for i in range(re.size):
        out[i] = darcy_one(code, re[i], diameter_m[i], roughness_m[i])
    return out


@nb.njit(cache=True)
def _shape(c: Floats, top: float, p: float) -> float:
    """(p/Z)²/Φ at a pressure; 1 for the ideal gas."""
    inverse, twice = potential(c, top, p)
    return (p * inverse) ** 2 / twice


@nb.njit(cache=True)
def _loss(code: int, m: float, geometry: float, d: float, eps: float, given: float, viscosity: float) -> Any:
    factor = given if given > 0.0 else darcy_one(code, 4.0 * m / (math.pi * d * viscosity), d, eps)
    return geometry * factor * m * m


@nb.njit(cache=True)
def _end(c: Floats, top: float, scale: float, u: float, chord: bool) -> tuple[float, float, float]:
    """Φ, its derivative by u (or its chord through 0) and the pressure at one end of a pipe."""
    p = math.sqrt(abs(u)) * scale
    inverse, twice = potential(c, top, p)
    phi = math.copysign(twice / (scale * scale), u)
    return phi, (phi / u if chord and abs(u) > 1e-9 else inverse), p


@nb.njit(cache=True)
def pipe_rows(
    c: Floats, top: float, scale: float, viscosity: float, code: int, u: Floats, m: Floats, tail: Ints, head: Ints,
    geometry: Floats, d: Floats, eps: Floats, given: Floats, lift: Floats, least: float, mode: int,
) -> Floats:
    """Residual and derivatives by u at tail, u at head and m of every pipe, shape (4, pipes).

    `mode` 0: residual alone; 1: tangents; 2: chords of Picard's iteration. `least` is the flow below which the
    derivative is taken at `least`. Constant factors are in `geometry`; `given` is NaN where the equation holds.
    """
    out = np.zeros((4, tail.size))
    for k in range(tail.size):
        phi_1, slope_1, p_1 = _end(c, top, scale, u[tail[k]], mode == 2)
        phi_2, slope_2, p_2 = _end(c, top, scale, u[head[k]], mode == 2)
        s, bend = 0.0, 0.0
        if lift[k] != 0.0:
            mean = 0.5 * (p_1 + p_2) + 1.0
            s = lift[k] * _shape(c, top, mean)
            h = 1e-4 * mean
            bend = 0.5 * lift[k] * (_shape(c, top, mean + h) - _shape(c, top, mean - h)) / (2.0 * h)
        growth = math.exp(s)
        stretch = 1.0 if abs(s) < 1e-12 else math.expm1(s) / s
        size = abs(m[k])
        loss = _loss(code, max(size, 1e-12), geometry[k], d[k], eps[k], given[k], viscosity)
        out[0, k] = phi_1 - growth * phi_2 - math.copysign(loss, m[k]) * stretch
        if mode == 0:
            continue
        out[1, k], out[2, k] = slope_1, -growth * slope_2
        size = max(size, least)
        at = _loss(code, size, geometry[k], d[k], eps[k], given[k], viscosity)
        if mode == 2:
            out[3, k] = -at / size * stretch
            continue
        step = 1e-6 * size
        above = _loss(code, size + step, geometry[k], d[k], eps[k], given[k], viscosity)
        out[3, k] = -(above - at) / step * stretch
        if s != 0.0:
            turn = 0.5 + s / 3.0 if abs(s) < 1e-5 else (growth * (s - 1.0) + 1.0) / (s * s)
            by_p = -(growth * phi_2 + math.copysign(loss, m[k]) * turn) * bend
            out[1, k] += by_p * scale * scale / (2.0 * max(p_1, 1e3))
            out[2, k] += by_p * scale * scale / (2.0 * max(p_2, 1e3))
    return out
