"""The equations of a steady network and their derivatives, in the variables the solver uses.

u = p|p| / S at nodes (S the square of a reference pressure), m in kg/s on edges. A pipe is
    Φ(u1) - e^s Φ(u2) = K m|m| (e^s - 1)/s,   K = λ L R T / (D A² S),   s = 2 g Δh/(R T) · (p/Z)²/Φ,
with Φ = 2/S ∫ p/Z dp, the exact integral of the momentum equation for constant λ on a level pipe; on a slope s is
taken at the mean pressure of the pipe, second-order in its length. In u, fixed ratios and outlet pressures are
linear, and every equation goes on smoothly through u = 0, so that a step of Newton's method may pass through there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from landbridge.gas.friction import Friction, darcy
from landbridge.gas.network import Compressor, Control, ControlValve, GasNetwork, Pipe, Resistor
from landbridge.gas.properties import Gas

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GRAVITY = 9.80665


@dataclass(frozen=True)
class System:
    """A network as arrays: edge classes by index, constants, and the scale of pressure and flow."""

    gas: Gas
    equation: Friction
    tail: Ints
    head: Ints
    fixed: Floats  # u of fixed nodes, NaN elsewhere
    injection: Floats  # kg/s
    pipe: Ints  # edges that follow the pipe law, resistors too
    geometry: Floats  # L R T / (D A² S) of those edges
    diameter_m: Floats
    roughness_m: Floats
    given_friction: Floats  # NaN: by the equation
    efficiency: Floats
    lift: Floats  # 2 g Δh / (R T)
    ratio: Ints
    ratio_squared: Floats
    outlet: Ints
    outlet_u: Floats
    flow: Ints
    flow_kg_per_s: Floats
    drop: Ints
    drop_scaled: Floats  # of the square root of S
    drop_signed: NDArray[np.bool_]  # follows the direction of flow
    burning: Ints  # edges that burn fuel
    burn_efficiency: Floats
    pressure_scale_pa: float
    flow_scale: float

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.fixed)

    @property
    def m(self) -> int:
        """Number of edges."""
        return len(self.tail)


def build(network: GasNetwork, equation: Friction, controls: tuple[tuple[Control, float] | None, ...]) -> System:
    """Arrays of a network; `controls` holds what each station and valve holds now (None for other edges)."""
    index = network.node_index()
    nodes, edges, gas = network.nodes, network.edges, network.gas
    given = [n.pressure_bar for n in nodes if n.pressure_bar is not None]
    scale = max([*given, 1.0]) * 1e5
    tail = np.array([index[e.tail] for e in edges], dtype=np.int64)
    head = np.array([index[e.head] for e in edges], dtype=np.int64)
    height = np.array([n.elevation_m for n in nodes])
    pipe, rows = _pipe_rows(network)
    length, diameter = rows[:, 0], rows[:, 1]
    area = np.pi / 4.0 * diameter**2
    held = [(i, *c) for i, c in enumerate(controls) if c is not None]

    def kind(wanted: Control) -> tuple[Ints, Floats]:
        chosen = [(i, v) for i, c, v in held if c is wanted]
        return np.array([i for i, _ in chosen], dtype=np.int64), np.array([v for _, v in chosen])

    ratio, r = kind(Control.RATIO)
    free = [i for i, e in enumerate(edges) if controls[i] is None and i not in set(pipe.tolist())
            and not (isinstance(e, Resistor) and e.pressure_drop_bar)]
    losses = [i for i, e in enumerate(edges) if isinstance(e, Resistor) and e.pressure_drop_bar]
    outlet, p_out = kind(Control.OUTLET_PRESSURE)
    flow, m_held = kind(Control.FLOW)
    drop, dp = kind(Control.PRESSURE_DROP)
    loss_bar = np.array([e.pressure_drop_bar for e in edges if isinstance(e, Resistor) and e.pressure_drop_bar])
    injection = np.array([n.injection_kg_per_s for n in nodes], dtype=np.float64)
    burning = np.array([i for i, e in enumerate(edges) if isinstance(e, Compressor) and e.turbine_efficiency > 0],
                       dtype=np.int64)
    return System(
        gas, equation, tail, head,
        np.array([np.nan if n.pressure_bar is None else (n.pressure_bar * 1e5 / scale) ** 2 for n in nodes]),
        injection, pipe, length * gas.rt / (diameter * area**2 * scale**2), diameter, rows[:, 2], rows[:, 3],
        rows[:, 4], 2.0 * GRAVITY * (height[head[pipe]] - height[tail[pipe]]) / gas.rt,
        np.r_[ratio, np.array(free, dtype=np.int64)], np.r_[r**2, np.ones(len(free))],
        outlet, (p_out * 1e5 / scale) ** 2, flow, m_held,
        np.r_[drop, np.array(losses, dtype=np.int64)], np.r_[dp, loss_bar] * 1e5 / scale,
        np.r_[np.zeros(len(drop), dtype=bool), np.ones(len(losses), dtype=bool)],
        burning, np.array([edges[i].efficiency * edges[i].turbine_efficiency for i in burning]),
        scale, _flow_scale(injection, m_held, length * gas.rt / (diameter * area**2 * scale**2)),
    )


def _flow_scale(injection: Floats, held: Floats, geometry: Floats) -> float:
    """Largest given flow; where none is given, what the middle pipe carries for a tenth of the squared pressure."""
    given = max(float(np.abs(injection).max(initial=0.0)), float(np.abs(held).max(initial=0.0)))
    return given or (float(np.sqrt(0.1 / (0.01 * np.median(geometry)))) if len(geometry) else 1.0)


def _pipe_rows(network: GasNetwork) -> tuple[Ints, Floats]:
    """Edges under the pipe law: length, diameter, roughness, given Darcy factor, efficiency."""
    index, rows = [], []
    for i, e in enumerate(network.edges):
        if isinstance(e, Pipe):
            factor = np.nan if e.friction_factor is None else e.friction_factor
            rows.append((e.length_m, e.diameter_m, e.roughness_m, factor, e.efficiency))
            index.append(i)
        elif isinstance(e, Resistor) and e.drag > 0.0:
            rows.append((1.0, e.diameter_m, 0.0, e.drag * e.diameter_m, 1.0))
            index.append(i)
    return np.array(index, dtype=np.int64), np.array(rows, dtype=np.float64).reshape(-1, 5)


def controls_of(network: GasNetwork) -> tuple[tuple[Control, float] | None, ...]:
    """What every station and control valve is set to; None for the other edges."""
    return tuple((e.control, e.value) if isinstance(e, Compressor | ControlValve) else None for e in network.edges)


def friction_loss(system: System, m: Floats) -> tuple[Floats, Floats]:
    """λ(m) m|m| times the geometry of every pipe, and its derivative by m."""
    size = np.maximum(np.abs(m), 1e-9 * system.flow_scale)
    step = 1e-6 * size
    value, above = _lambda(system, size), _lambda(system, size + step)
    slope = 2.0 * value * size + (above - value) / step * size**2
    return system.geometry * value * m * np.abs(m), system.geometry * slope


def _lambda(system: System, size: Floats) -> Floats:
    reynolds = 4.0 * size / (np.pi * system.diameter_m * system.gas.viscosity_pa_s)
    if np.isnan(system.given_friction).any():
        factor = darcy(system.equation, reynolds, system.diameter_m, system.roughness_m)
        factor = np.where(np.isnan(system.given_friction), factor, system.given_friction)
    else:
        factor = system.given_friction
    return np.asarray(factor / system.efficiency**2, dtype=np.float64)


def potential(system: System, u: Floats) -> tuple[Floats, Floats, Floats]:
    """Φ(u), dΦ/du and the pressure in Pa, odd in u."""
    p = np.sqrt(np.abs(u)) * system.pressure_scale_pa
    inverse, twice = system.gas.potential(p)
    return np.sign(u) * twice / system.pressure_scale_pa**2, inverse, p


def slope_exponent(system: System, p: Floats) -> tuple[Floats, Floats]:
    """s of every pipe at its mean pressure, and ds/dp of either end over the scale of pressure."""
    if not system.lift.any():
        zero = np.zeros(len(system.pipe))
        return zero, zero
    mean = 0.5 * (p[system.tail[system.pipe]] + p[system.head[system.pipe]]) + 1.0

    def shape(x: Floats) -> Floats:
        inverse, twice = system.gas.potential(x)
        return np.asarray((x * inverse) ** 2 / twice, dtype=np.float64)

    h = 1e-4 * mean
    slope = (shape(mean + h) - shape(mean - h)) / (2.0 * h)
    return system.lift * shape(mean), system.lift * slope * 0.5


def fuel(system: System, u: Floats, m: Floats) -> tuple[Floats, Floats]:
    """Fuel burnt by every burning station in kg/s, and its derivative by the flow."""
    e = system.burning
    if not len(e):
        return np.zeros(0), np.zeros(0)
    work = specific_work(system.gas, np.sqrt(np.abs(u)) * system.pressure_scale_pa, system.tail[e], system.head[e])
    heating = system.gas.heating_value_mj_per_m3 * 1e6 / system.gas.base_density_kg_per_m3
    share = work / (system.burn_efficiency * heating)
    return share * np.maximum(m[e], 0.0), np.where(m[e] > 0.0, share, 0.0)


def specific_work(gas: Gas, p: Floats, tail: Ints, head: Ints) -> Floats:
    """Ideal adiabatic work of compression, J/kg: Z1 R T κ/(κ-1) (r^((κ-1)/κ) - 1); 0 where pressure falls."""
    k = gas.heat_ratio / (gas.heat_ratio - 1.0)
    r = np.maximum(p[head] / np.maximum(p[tail], 1.0), 1.0)
    return np.asarray(gas.z(p[tail] / 1e5) * gas.rt * k * (r ** (1.0 / k) - 1.0), dtype=np.float64)


def residual(system: System, u: Floats, m: Floats) -> Floats:
    """Node rows (balance over the flow scale, or u - fixed), then edge rows (in u)."""
    burnt, _ = fuel(system, u, m)
    out = _balance(system, m, burnt)
    at = np.isfinite(system.fixed)
    out[at] = (u - system.fixed)[at]
    phi, _, p = potential(system, u)
    t, h, e = system.tail, system.head, np.zeros(system.m)
    s, _ = slope_exponent(system, p)
    loss, _ = friction_loss(system, m[system.pipe])
    e[system.pipe] = phi[t[system.pipe]] - np.exp(s) * phi[h[system.pipe]] - loss * _stretch(s)
    e[system.ratio] = system.ratio_squared * u[t[system.ratio]] - u[h[system.ratio]]
    e[system.outlet] = u[h[system.outlet]] - system.outlet_u
    e[system.flow] = (m[system.flow] - system.flow_kg_per_s) / system.flow_scale
    root: Floats = np.sqrt(np.abs(u))
    e[system.drop] = root[t[system.drop]] - root[h[system.drop]] - system.drop_scaled * _direction(system, m)[0]
    return np.concatenate([out, e])


def _direction(system: System, m: Floats) -> tuple[Floats, Floats]:
    x, width = m[system.drop], 1e-3 * system.flow_scale
    size = np.sqrt(x**2 + width**2)
    return np.where(system.drop_signed, x / size, 1.0), np.where(system.drop_signed, width**2 / size**3, 0.0)


def _stretch(s: Floats) -> Floats:
    """(e^s - 1)/s, 1 at s = 0."""
    exact = np.expm1(s) / np.where(s == 0.0, 1.0, s)
    return np.where(np.abs(s) < 1e-12, 1.0, exact)


def _balance(system: System, m: Floats, burnt: Floats) -> Floats:
    """Outflow less inflow less injection at every node, over the flow scale."""
    out = -system.injection.copy()
    out += np.bincount(system.tail, m, system.n) - np.bincount(system.head, m, system.n)
    if len(burnt):
        out += np.bincount(system.tail[system.burning], burnt, system.n)
    return np.asarray(out / system.flow_scale, dtype=np.float64)


def jacobian(system: System, u: Floats, m: Floats, secant: bool) -> sp.csc_matrix:
    """Derivative of `residual` by (u, m/flow scale); with `secant` the chords of Picard's iteration instead."""
    n, t, h = system.n, system.tail, system.head
    phi, slope, p = potential(system, u)
    s, s_slope = slope_exponent(system, p)
    growth, stretch = np.exp(s), _stretch(s)
    floor = 1e-7 * system.flow_scale
    mp = m[system.pipe]
    if secant:
        size = np.maximum(np.abs(mp), 1e-3 * system.flow_scale)
        dm = friction_loss(system, size)[0] / size * stretch
        a, b = _chord(phi, u, slope, t[system.pipe]), -growth * _chord(phi, u, slope, h[system.pipe])
    else:
        loss, dm = friction_loss(system, np.where(np.abs(mp) < floor, floor, mp))
        dm = dm * stretch
        a, b = slope[t[system.pipe]], -growth * slope[h[system.pipe]]
        if s.any():
            bend = -(growth * phi[h[system.pipe]] + loss * _stretch_slope(s)) * s_slope
            du_p = system.pressure_scale_pa**2 / (2.0 * np.maximum(p, 1e3))
            a, b = a + bend * du_p[t[system.pipe]], b + bend * du_p[h[system.pipe]]
    rows, cols, vals = [], [], []

    def put(r: Ints, c: Ints, v: Floats) -> None:
        rows.append(r)
        cols.append(c)
        vals.append(np.broadcast_to(v, r.shape))

    one = np.ones(1)
    known = np.isfinite(system.fixed)
    at = np.flatnonzero(known)
    put(at, at, one)
    edge = np.arange(system.m)
    out_open, in_open = ~known[t], ~known[h]
    put(t[out_open], n + edge[out_open], one)
    put(h[in_open], n + edge[in_open], -one)
    burnt = system.burning[~known[t[system.burning]]]
    if len(burnt):
        put(t[burnt], n + burnt, fuel(system, u, m)[1][~known[t[system.burning]]])
    put(n + system.pipe, t[system.pipe], a)
    put(n + system.pipe, h[system.pipe], b)
    put(n + system.pipe, n + system.pipe, -dm * system.flow_scale)
    put(n + system.ratio, t[system.ratio], system.ratio_squared)
    put(n + system.ratio, h[system.ratio], -one)
    put(n + system.ratio, n + system.ratio, -1e-11 * one)  # loops of lossless edges: any split solves, take one
    put(n + system.outlet, h[system.outlet], one)
    put(n + system.flow, n + system.flow, one)
    root = 0.5 / np.sqrt(np.maximum(np.abs(u), 1e-6))
    put(n + system.drop, t[system.drop], root[t[system.drop]])
    put(n + system.drop, h[system.drop], -root[h[system.drop]])
    put(n + system.drop, n + system.drop, -system.drop_scaled * _direction(system, m)[1] * system.flow_scale)
    size_all = n + system.m
    return sp.csc_matrix((np.concatenate(vals), (np.concatenate(rows), np.concatenate(cols))), (size_all, size_all))


def _chord(phi: Floats, u: Floats, slope: Floats, at: Ints) -> Floats:
    small = np.abs(u[at]) < 1e-9
    return np.where(small, slope[at], phi[at] / np.where(small, 1.0, u[at]))


def _stretch_slope(s: Floats) -> Floats:
    """Derivative of (e^s - 1)/s."""
    safe = np.where(np.abs(s) < 1e-5, 1.0, s)
    exact = (np.exp(safe) * (safe - 1.0) + 1.0) / safe**2
    return np.where(np.abs(s) < 1e-5, 0.5 + s / 3.0, exact)
