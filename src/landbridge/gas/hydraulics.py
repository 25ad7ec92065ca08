"""Steady isothermal flow in a gas network from a cold start: Picard steps, then Newton with a line search.

Plain Newton diverges on networks with many stations (GasLib-135 among them). The iteration here starts with damped
Picard steps (every |m| frozen), goes over to Newton's method with a line search on the sum of squared residuals, and
returns to Picard where the search finds no way down. A state that is not converged is returned with its reason, the
worst residual and where it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg as sla
from numpy.typing import NDArray
from scipy.linalg import solve_banded
from scipy.sparse.csgraph import reverse_cuthill_mckee

from landbridge.gas import _controls, _system
from landbridge.gas._system import System
from landbridge.gas.friction import Friction
from landbridge.gas.network import Compressor, GasNetwork, Pipe

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Options:
    """How to solve. `tolerance` is on scaled residuals (squared pressure and flow over the network's scales)."""

    equation: Friction = Friction.COLEBROOK
    tolerance: float = 1e-11
    max_iterations: int = 300
    picard_steps: int = 3
    respect_limits: bool = True


@dataclass(frozen=True)
class LimitBroken:
    """A limit that the solution does not keep."""

    where: str
    what: str
    value: float
    allowed: float

    def __str__(self) -> str:
        """The limit as a sentence."""
        return f"{self.where}: {self.what} {self.value:.4g}, allowed {self.allowed:.4g}"


@dataclass(frozen=True)
class HydraulicState:
    """Pressures and flows of a network, in its order of nodes and edges.

    `residual` is the largest scaled residual and `worst` where it stands. `power_mw` is shaft power and
    `fuel_kg_per_s` fuel of compressors, 0 elsewhere; `velocity_m_per_s` is the fastest in each pipe, 0 elsewhere.
    `injection_kg_per_s` is what each node takes in, found for nodes of given pressure. `modes` says what stations
    and valves hold in the end: their setting, "at maximum ratio", "bypass", or "".
    """

    converged: bool
    reason: str
    iterations: int
    residual: float
    worst: str
    pressure_bar: Floats
    flow_kg_per_s: Floats
    injection_kg_per_s: Floats
    density_kg_per_m3: Floats
    velocity_m_per_s: Floats
    power_mw: Floats
    fuel_kg_per_s: Floats
    modes: tuple[str, ...]
    limits: tuple[LimitBroken, ...]


def solve(network: GasNetwork, options: Options | None = None, start: HydraulicState | None = None) -> HydraulicState:
    """Steady state of a network; arrays in the network's order, units in the names.

    Stations and valves that hold an outlet pressure are kept within their limits (`respect_limits`): at most
    `max_ratio`, never lowering (stations) or raising (valves) pressure, and passed by where a part of the network would
    have no pressure of its own; the state says which did so. Pressure,
    velocity, power and flow limits that are broken are listed, not enforced. Equations: `landbridge.gas._system`;
    method: Srinivasan, Sundar, Gyrya and Zlotnik 2023, doi 10.1109/TCNS.2022.3232524, for the problem, and damped
    Newton (Nocedal and Wright 2006, ch. 11) for the globalisation.

    >>> from landbridge.gas.network import Node, Pipe
    >>> from landbridge.gas.properties import Eos, methane_like
    >>> line = GasNetwork((Node("a", 98.0), Node("b", injection_kg_per_s=-220.0)),
    ...                   (Pipe("a-b", "a", "b", 500e3, 1.18),), methane_like(Eos.PAPAY, 283.15))
    >>> state = solve(line)
    >>> state.converged, round(float(state.pressure_bar[1]), 1)
    (True, 89.3)
    """
    chosen = options or Options()
    fault = _controls.islands(network)
    if fault:
        return _unsolved(network, fault)
    x: tuple[Floats, Floats] | None = None
    used = 0
    controls = _system.controls_of(network)
    modes = [c[0].value if c else "" for c in controls]
    if chosen.respect_limits:
        controls = _controls.relieved(network, controls, modes)
    for _ in range(12):
        system = _system.build(network, chosen.equation, controls)
        if x is None and start is not None and np.isfinite(start.pressure_bar).all():
            x = ((start.pressure_bar * 1e5 / system.pressure_scale_pa) ** 2, start.flow_kg_per_s.copy())
        u, m, count, reason = _iterate(system, chosen, x)
        used += count
        if reason or not chosen.respect_limits:
            break
        changed = _controls.saturated(network, system, u, controls, modes)
        if changed is None:
            break
        controls, x = changed, (u, m)
    return _state(network, system, u, m, used, reason, tuple(modes))


def _iterate(system: System, options: Options, x: tuple[Floats, Floats] | None) -> tuple[Floats, Floats, int, str]:
    """u, m, number of linear solves, and the reason if it did not converge."""
    n = system.n
    level = np.sqrt(np.nanmean(system.fixed)) if np.isfinite(system.fixed).any() else 1.0
    u, m = x if x is not None else (np.where(np.isfinite(system.fixed), system.fixed, level**2),
                                    np.full(system.m, 0.5 * system.flow_scale))
    picard = options.picard_steps if x is None else 0
    f = _system.residual(system, u, m)
    best, stuck, count = float(f @ f), 0, 0
    factor = _Factor(system)
    while count < options.max_iterations:
        if np.abs(f).max() <= options.tolerance:
            return u, m, count, ""
        secant = picard > 0
        try:
            step = factor.step(system, u, m, f, secant)
        except RuntimeError:
            return u, m, count, "the equations are singular: a part of the network has flows or pressures left free"
        count += 1
        if secant:
            picard -= 1
            u, m = u + step[:n], m + 0.5 * step[n:] * system.flow_scale
            f = _system.residual(system, u, m)
            best = float(f @ f)
            continue
        u_next, m_next, f_next, merit = _search(system, u, m, f, step, best)
        if merit < best * (1.0 - 1e-12):
            u, m, f = u_next, m_next, f_next
            best = merit
            continue
        if np.abs(f).max() <= max(1e3 * options.tolerance, 1e-9):
            return u, m, count, ""  # at the limit of rounding
        stuck += 1
        if stuck > 4:
            break
        picard = 30 * stuck
    return u, m, count, f"no step lowers the residual after {count} iterations"


class _Factor:
    """Solves with the Jacobian of one system: banded where a reordering makes it narrow (lines), else sparse LU."""

    WIDEST = 24

    def __init__(self, system: System) -> None:
        where = _system.pattern(system)
        graph = sp.csr_matrix((np.ones(len(where.rows)), (where.rows, where.cols)), (where.size, where.size))
        order = reverse_cuthill_mckee(graph + graph.T, symmetric_mode=True)
        place = np.empty(where.size, dtype=np.int64)
        place[order] = np.arange(where.size)
        rows, cols = place[where.rows], place[where.cols]
        self._where, self._order = where, order
        self._below, self._above = int((rows - cols).max()), int((cols - rows).max())
        self._banded = max(self._below, self._above) <= self.WIDEST
        self._flat = (self._above + rows - cols) * where.size + cols

    def step(self, system: System, u: Floats, m: Floats, f: Floats, secant: bool) -> Floats:
        """The step that the linear model of the residual asks for; RuntimeError where it is singular."""
        values, size = _system.entries(system, u, m, secant), self._where.size
        if self._banded:
            band = np.bincount(self._flat, values, (self._below + self._above + 1) * size).reshape(-1, size)
            x = np.empty(size)
            try:
                x[self._order] = solve_banded((self._below, self._above), band, -f[self._order], overwrite_ab=True,
                                              overwrite_b=True, check_finite=False)
            except np.linalg.LinAlgError as error:
                raise RuntimeError("singular") from error
        else:
            where = self._where
            matrix = sp.csc_matrix((values, (where.rows, where.cols)), (size, size))
            x = sla.splu(matrix, permc_spec="COLAMD").solve(-f)
        if not np.isfinite(x).all():
            raise RuntimeError("singular")
        return x


def _search(
    system: System, u: Floats, m: Floats, f: Floats, step: Floats, merit: float
) -> tuple[Floats, Floats, Floats, float]:
    """Backtracking on the sum of squares; the last point tried is returned where none is lower."""
    n, size = system.n, 1.0
    for _ in range(25):
        u_next, m_next = u + size * step[:n], m + size * step[n:] * system.flow_scale
        f_next = _system.residual(system, u_next, m_next)
        value = float(f_next @ f_next)
        if value < merit * (1.0 - 1e-4 * size):
            return u_next, m_next, f_next, value
        size *= 0.5
    return u_next, m_next, f_next, np.inf


def _unsolved(network: GasNetwork, reason: str) -> HydraulicState:
    n, m = len(network.nodes), len(network.edges)
    return HydraulicState(False, reason, 0, np.inf, reason, np.full(n, np.inf), np.full(m, np.inf), np.full(n, np.inf),
                          np.full(n, np.inf), np.zeros(m), np.zeros(m), np.zeros(m), ("",) * m, ())


def _state(
    network: GasNetwork, system: System, u: Floats, m: Floats, used: int, reason: str, modes: tuple[str, ...]
) -> HydraulicState:
    f = _system.residual(system, u, m)
    at = int(np.abs(f).argmax())
    worst = f"node {network.nodes[at].id}" if at < system.n else f"edge {network.edges[at - system.n].id}"
    p = np.sqrt(np.abs(u)) * system.pressure_scale_pa
    low = int(u.argmin())
    if not reason and u[low] <= 0.0:
        reason = (f"no physical solution: the pressure would fall below zero at node {network.nodes[low].id}; "
                  "the flows asked for are more than the network carries")
    burnt = np.zeros(system.m)
    burnt[system.burning] = _system.fuel(system, u, m)[0]
    out = np.bincount(system.tail, m, system.n) - np.bincount(system.head, m, system.n) + np.bincount(
        system.tail, burnt, system.n)
    density = network.gas.density_kg_per_m3(p / 1e5)
    state = HydraulicState(
        not reason, reason, used, float(np.abs(f[at])), worst, np.sign(u) * p / 1e5, m,
        np.where(np.isfinite(system.fixed), out, system.injection), density,
        _velocity(network, system, density, m), _power(network, system, p, m), burnt, modes, (),
    )
    for array in (state.pressure_bar, state.flow_kg_per_s, state.injection_kg_per_s, state.density_kg_per_m3):
        array.setflags(write=False)
    return replace(state, limits=_limits(network, state))


def _velocity(network: GasNetwork, system: System, density: Floats, m: Floats) -> Floats:
    diameter = np.array([e.diameter_m if isinstance(e, Pipe) else np.inf for e in network.edges])
    thin = np.maximum(np.minimum(density[system.tail], density[system.head]), 1e-9)
    return np.asarray(np.abs(m) / (thin * np.pi / 4.0 * diameter**2), dtype=np.float64)


def _power(network: GasNetwork, system: System, p: Floats, m: Floats) -> Floats:
    at = np.array([i for i, e in enumerate(network.edges) if isinstance(e, Compressor)], dtype=np.int64)
    power = np.zeros(system.m)
    if len(at):
        work = _system.specific_work(network.gas, p, system.tail[at], system.head[at])
        efficiency = np.array([e.efficiency for e in network.edges if isinstance(e, Compressor)])
        power[at] = np.maximum(m[at], 0.0) * work / efficiency / 1e6
    return power


def _limits(network: GasNetwork, state: HydraulicState) -> tuple[LimitBroken, ...]:
    found = []
    for i, node in enumerate(network.nodes):
        p = float(state.pressure_bar[i])
        if p > node.max_pressure_bar * (1 + 1e-9):
            found.append(LimitBroken(node.id, "pressure, bar", p, node.max_pressure_bar))
        if p < node.min_pressure_bar * (1 - 1e-9):
            found.append(LimitBroken(node.id, "pressure below its minimum, bar", p, node.min_pressure_bar))
    index = network.node_index()
    for i, e in enumerate(network.edges):
        flow = float(state.flow_kg_per_s[i])
        if isinstance(e, Pipe) and state.velocity_m_per_s[i] > e.max_velocity_m_per_s:
            found.append(LimitBroken(e.id, "velocity, m/s", float(state.velocity_m_per_s[i]), e.max_velocity_m_per_s))
        if not isinstance(e, Compressor):
            continue
        ratio = float(state.pressure_bar[index[e.head]] / max(state.pressure_bar[index[e.tail]], 1e-9))
        if ratio > e.max_ratio * (1 + 1e-9):
            found.append(LimitBroken(e.id, "pressure ratio", ratio, e.max_ratio))
        if state.power_mw[i] > e.max_power_mw:
            found.append(LimitBroken(e.id, "power, MW", float(state.power_mw[i]), e.max_power_mw))
        if flow > e.max_flow_kg_per_s:
            found.append(LimitBroken(e.id, "flow, kg/s", flow, e.max_flow_kg_per_s))
        if flow < -1e-6 and ratio > 1.0 + 1e-9:
            found.append(LimitBroken(e.id, "flow backwards through the station, kg/s", flow, 0.0))
    return tuple(found)
