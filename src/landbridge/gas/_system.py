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

from landbridge.gas import _kernels
from landbridge.gas.friction import CODES, Friction
from landbridge.gas.network import Compressor, Control, ControlValve, GasNetwork, Pipe, Resistor
from landbridge.gas.properties import Gas

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
GRAVITY = _kernels.GRAVITY
NOTHING: Floats = np.zeros(0)
VALUE, TANGENT, CHORD = range(3)
SPLIT = -1e-11  # on the own flow of lossless edges and outlet pressures: those side by side share the flow


@dataclass(frozen=True)
class System:
    """A network as arrays: edge classes by index, constants, and the scale of pressure and flow."""

    gas: Gas
    equation: Friction
    tail: Ints
    head: Ints
    fixed: Floats  # u of fixed nodes, NaN elsewhere
    injection: Floats  # kg/s
    known: NDArray[np.bool_]  # nodes of given pressure
    coefficients: Floats  # of 1/Z
    pipe: Ints  # edges that follow the pipe law, resistors too
    pipe_tail: Ints
    pipe_head: Ints
    geometry: Floats  # L R T / (D A² S) of those edges
    diameter_m: Floats
    roughness_m: Floats
    given_friction: Floats  # NaN: by the equation
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
    length, diameter = rows[:, 0].copy(), rows[:, 1].copy()
    area = np.pi / 4.0 * diameter**2
    held = [(i, *c) for i, c in enumerate(controls) if c is not None]

    def kind(wanted: Control) -> tuple[Ints, Floats]:
        chosen = [(i, v) for i, c, v in held if c is wanted]
        return np.array([i for i, _ in chosen], dtype=np.int64), np.array([v for _, v in chosen])

    ratio, r = kind(Control.RATIO)
    as_pipe = set(pipe.tolist())
    free = [i for i, e in enumerate(edges) if controls[i] is None and i not in as_pipe
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
        injection, np.array([n.pressure_bar is not None for n in nodes]), np.array(gas.inverse_z), pipe, tail[pipe],
        head[pipe], length * gas.rt / (diameter * area**2 * scale**2 * rows[:, 4] ** 2), diameter, rows[:, 2].copy(),
        rows[:, 3].copy(), 2.0 * GRAVITY * (height[head[pipe]] - height[tail[pipe]]) / gas.rt,
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


def pipe_rows(system: System, u: Floats, m: Floats, mode: int) -> Floats:
    """Residual and derivatives of the pipe rows; see the kernel."""
    least = (1e-3 if mode == CHORD else 1e-7) * system.flow_scale
    return _kernels.pipe_rows(
        system.coefficients, system.gas.valid_to_bar * 1e5, system.pressure_scale_pa, system.gas.viscosity_pa_s,
        CODES[system.equation], u, m[system.pipe], system.pipe_tail, system.pipe_head, system.geometry,
        system.diameter_m, system.roughness_m, system.given_friction, system.lift, least, mode)


def residual(system: System, u: Floats, m: Floats) -> Floats:
    """Node rows (balance over the flow scale, or u - fixed), then edge rows (in u)."""
    n, t, h = system.n, system.tail, system.head
    f = np.empty(n + system.m)
    f[:n] = _balance(system, m, fuel(system, u, m)[0] if len(system.burning) else NOTHING)
    f[:n][system.known] = u[system.known] - system.fixed[system.known]
    e = f[n:]
    e[system.pipe] = pipe_rows(system, u, m, VALUE)[0]
    if len(system.ratio):
        e[system.ratio] = system.ratio_squared * u[t[system.ratio]] - u[h[system.ratio]]
    if len(system.outlet):
        e[system.outlet] = u[h[system.outlet]] - system.outlet_u
    if len(system.flow):
        e[system.flow] = (m[system.flow] - system.flow_kg_per_s) / system.flow_scale
    if len(system.drop):
        root = np.sqrt(np.abs(u))
        e[system.drop] = root[t[system.drop]] - root[h[system.drop]] - system.drop_scaled * _direction(system, m)[0]
    return f


def _direction(system: System, m: Floats) -> tuple[Floats, Floats]:
    x, width = m[system.drop], 1e-3 * system.flow_scale
    size = np.sqrt(x**2 + width**2)
    return np.where(system.drop_signed, x / size, 1.0), np.where(system.drop_signed, width**2 / size**3, 0.0)


def _balance(system: System, m: Floats, burnt: Floats) -> Floats:
    """Outflow less inflow less injection at every node, over the flow scale."""
    out = np.bincount(system.tail, m, system.n) - np.bincount(system.head, m, system.n) - system.injection
    if len(burnt):
        out += np.bincount(system.tail[system.burning], burnt, system.n)
    return np.asarray(out / system.flow_scale, dtype=np.float64)


@dataclass(frozen=True)
class Pattern:
    """Where the entries of the Jacobian stand; the order is that of `entries`."""

    rows: Ints
    cols: Ints
    size: int


def pattern(system: System) -> Pattern:
    """Rows and columns of every entry, once per system."""
    n, t, h, edge = system.n, system.tail, system.head, n_range(system.n, system.m)
    free = ~system.known
    out_open, in_open = np.flatnonzero(free[t]), np.flatnonzero(free[h])
    at = np.flatnonzero(system.known)
    burnt = system.burning[free[t[system.burning]]]
    p, r, o, w, d = system.pipe, system.ratio, system.outlet, system.flow, system.drop
    rows = np.concatenate([at, t[out_open], h[in_open], t[burnt], *[edge[p]] * 3, *[edge[r]] * 3,
                           *[edge[o]] * 2, edge[w], *[edge[d]] * 3])
    cols = np.concatenate([at, edge[out_open], edge[in_open], edge[burnt], t[p], h[p], edge[p], t[r], h[r], edge[r],
                           h[o], edge[o], edge[w], t[d], h[d], edge[d]])
    return Pattern(rows, cols, n + system.m)


def n_range(n: int, m: int) -> Ints:
    """Row and column of every edge."""
    return np.arange(n, n + m, dtype=np.int64)


def entries(system: System, u: Floats, m: Floats, secant: bool) -> Floats:
    """Values of the derivative of `residual` by (u, m/flow scale); with `secant` the chords of Picard's iteration."""
    t, h, free = system.tail, system.head, ~system.known
    rows = pipe_rows(system, u, m, CHORD if secant else TANGENT)
    burning = free[t[system.burning]]
    r, o, d = len(system.ratio), len(system.outlet), len(system.drop)
    parts = [np.ones(int(system.known.sum())), np.ones(int(free[t].sum())), -np.ones(int(free[h].sum())),
             fuel(system, u, m)[1][burning] if len(system.burning) else NOTHING,
             rows[1], rows[2], rows[3] * system.flow_scale,
             system.ratio_squared, -np.ones(r), np.full(r, SPLIT), np.ones(o), np.full(o, SPLIT),
             np.ones(len(system.flow))]
    if d:
        root = 0.5 / np.sqrt(np.maximum(np.abs(u), 1e-6))
        parts += [root[t[system.drop]], -root[h[system.drop]],
                  -system.drop_scaled * _direction(system, m)[1] * system.flow_scale]
    return np.concatenate(parts)


def jacobian(system: System, u: Floats, m: Floats, secant: bool) -> sp.csc_matrix:
    """Derivative of `residual` by (u, m/flow scale) as a sparse matrix."""
    where = pattern(system)
    return sp.csc_matrix((entries(system, u, m, secant), (where.rows, where.cols)), (where.size, where.size))
