"""One long line: pressure along the km, what it carries, and where stations stand at least cost.

A line is cut into cells at the points of its elevation profile and at every `cell_km`; in each cell the pipe law of
`landbridge.gas._system` holds, so the line and the network solver agree to rounding. Stations lift the gas to the
line's maximum pressure (less friction, less power in total: Menon 2005, ch. 4); under that rule what a station costs
depends only on the station before it, and least-cost siting is a shortest path over cells.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from landbridge.gas import _march
from landbridge.gas._kernels import GRAVITY
from landbridge.gas.friction import TRADE_EFFICIENCY, Friction, darcy, warnings
from landbridge.gas.network import Compressor, Control, Edge, GasNetwork, Node, Pipe
from landbridge.gas.properties import Gas

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """A pipeline from its inlet to its end; `km` and `elevation_m` are its profile, `station_ok` where stations may be.

    Stations suck at `min_suction_bar` at least and lift by `max_ratio` at most to `max_pressure_bar`; the end asks for
    `delivery_bar`. `station_ok` holds for the cell that ends at each point of `km` (the first value is not used).
    """

    gas: Gas
    km: Floats
    elevation_m: Floats
    diameter_m: float
    inlet_bar: float
    max_pressure_bar: float
    delivery_bar: float
    min_suction_bar: float = 40.0
    max_ratio: float = 1.6
    roughness_m: float = 1.5e-5
    pipe_efficiency: float = 1.0
    efficiency: float = 0.8
    turbine_efficiency: float = 0.33
    max_velocity_m_per_s: float = 20.0
    equation: Friction = Friction.COLEBROOK
    station_ok: NDArray[np.bool_] | None = None

    @property
    def length_km(self) -> float:
        """Length of the line."""
        return float(self.km[-1] - self.km[0])

    @property
    def suction_bar(self) -> float:
        """Lowest pressure a station may meet."""
        return max(self.min_suction_bar, self.max_pressure_bar / self.max_ratio)


@dataclass(frozen=True)
class Profile:
    """Pressure along a line; a station's km stands twice, with the pressures before and behind it."""

    km: Floats
    elevation_m: Floats
    pressure_bar: Floats
    velocity_m_per_s: Floats
    flow_kg_per_s: Floats
    stations_km: tuple[float, ...]
    suction_bar: tuple[float, ...]
    power_mw: tuple[float, ...]
    fuel_kg_per_s: tuple[float, ...]
    feasible: bool
    reason: str
    broken: tuple[str, ...]


@dataclass(frozen=True)
class StationCost:
    """Yearly cost of a station: fixed, per installed MW (with spare units), and fuel at the price of gas."""

    fixed_usd_per_year: float
    usd_per_mw_year: float
    fuel_usd_per_kg: float
    installed_over_running: float = 1.5


@dataclass(frozen=True)
class Siting:
    """Stations of least yearly cost for one flow; `cost_by_count` has the least cost with each number (inf: none)."""

    feasible: bool
    reason: str
    stations_km: tuple[float, ...]
    power_mw: tuple[float, ...]
    cost_usd_per_year: float
    cost_by_count: tuple[float, ...]


def refine(line: Line, cell_km: float) -> Line:
    """The same line with cells of at most `cell_km`; elevation is linear between the points of the profile.

    >>> from landbridge.gas.properties import Eos, methane_like
    >>> gas = methane_like(Eos.IDEAL, 283.15)
    >>> line = Line(gas, np.array([0.0, 100.0]), np.zeros(2), 1.18, 98.0, 98.0, 50.0)
    >>> len(refine(line, 10.0).km)
    11
    """
    counts = np.maximum(1, np.ceil(np.diff(line.km) / cell_km - 1e-9)).astype(int)
    km = np.concatenate([np.linspace(a, b, n, endpoint=False)
                         for a, b, n in zip(line.km[:-1], line.km[1:], counts, strict=True)] + [line.km[-1:]])
    ok = None
    if line.station_ok is not None:
        ok = np.r_[False, np.repeat(line.station_ok[1:], counts)]
    return replace(line, km=km, elevation_m=np.interp(km, line.km, line.elevation_m), station_ok=ok)


def _cells(line: Line, kg_per_s: float) -> tuple[Floats, float, Floats, Floats]:
    """What the march needs: coefficients of 1/Z, their top, loss in Pa² and lift of every cell."""
    gas = line.gas
    area = np.pi / 4.0 * line.diameter_m**2
    reynolds = 4.0 * kg_per_s / (np.pi * line.diameter_m * gas.viscosity_pa_s)
    factor = float(darcy(line.equation, reynolds, line.diameter_m, line.roughness_m)) / line.pipe_efficiency**2
    loss = factor * np.diff(line.km) * 1e3 * gas.rt / (line.diameter_m * area**2) * kg_per_s**2
    lift = 2.0 * GRAVITY * np.diff(line.elevation_m) / gas.rt
    return np.array(gas.inverse_z), gas.valid_to_bar * 1e5, loss, lift


def spread(line: Line, kg_per_s: float) -> Floats:
    """Pressure in bar at every point j of the line if the gas left point i at the maximum pressure, shape (n, n).

    Row 0 starts at the inlet pressure. Entries before the start are NaN; 0 where the gas does not get through.
    """
    start = np.full(len(line.km), line.max_pressure_bar * 1e5)
    start[0] = line.inlet_bar * 1e5
    c, top, loss, lift = _cells(line, kg_per_s)
    return np.asarray(_march.spread(c, top, start, loss, lift) / 1e5, dtype=np.float64)


def site(line: Line, kg_per_s: float, cost: StationCost, max_stations: int = 40) -> Siting:
    """Number and places of stations of least yearly cost for one flow, on the points of the line.

    Shortest path over (point, number of stations); Bellman's recursion, exact for stations that lift to the maximum
    pressure. Flow is that at the inlet (fuel taken on the way is small and errs to the safe side). Cost in USD a year.
    """
    pressure = spread(line, kg_per_s)
    n = len(line.km)
    allowed = np.ones(n, dtype=bool) if line.station_ok is None else line.station_ok.copy()
    allowed[[0, n - 1]] = False
    price = _station_price(line, kg_per_s, pressure, cost)
    price[:, ~allowed] = np.inf
    reach = np.where(pressure[:, n - 1] >= line.delivery_bar - 1e-9, 0.0, np.inf)
    best = np.full(n, np.inf)  # least cost with k stations, the last at i, the gas just behind it
    best[0] = 0.0
    total: list[float] = []
    back: list[NDArray[np.int64]] = []
    for _ in range(max_stations + 1):
        total.append(float((best + reach).min()))
        if len(back) and not np.isfinite(best).any():
            break
        through = best[:, None] + price
        back.append(through.argmin(axis=0))
        best = through.min(axis=0)
        if len(total) > 2 and np.isfinite(total[-1]) and total[-1] > total[-2] > total[-3]:
            break  # each further station only adds cost
    count = int(np.argmin(total))
    if not np.isfinite(total[count]):
        return Siting(False, "no number of stations brings the flow to the end at the delivery pressure", (), (),
                      np.inf, tuple(total))
    places = _trace(line, cost, pressure, price, reach, count)
    power = tuple(float(x) for x in _power(line, kg_per_s, pressure, [0, *places[:-1]], places)) if places else ()
    return Siting(True, "", tuple(float(line.km[i]) for i in places), power, total[count], tuple(total))


def _trace(line: Line, cost: StationCost, pressure: Floats, price: Floats, reach: Floats, count: int) -> list[int]:
    """Points of the stations on the least-cost way with `count` of them."""
    n = len(line.km)
    best = np.full(n, np.inf)
    best[0] = 0.0
    back = []
    for _ in range(count):
        through = best[:, None] + price
        back.append(through.argmin(axis=0))
        best = through.min(axis=0)
    at = int((best + reach).argmin())
    places = []
    for k in range(count - 1, -1, -1):
        places.append(at)
        at = int(back[k][at])
    return places[::-1]


def work_j_per_kg(line: Line, suction_bar: Floats) -> Floats:
    """Shaft work in J/kg from suction pressures (bar) to the maximum pressure, one stage, adiabatic."""
    gas = line.gas
    k = gas.heat_ratio / (gas.heat_ratio - 1.0)
    ratio = np.maximum(line.max_pressure_bar / np.maximum(suction_bar, 1e-3), 1.0)
    ideal = gas.z(suction_bar) * gas.rt * k * (ratio ** (1.0 / k) - 1.0)
    return np.asarray(ideal / line.efficiency, dtype=np.float64)


def _power(line: Line, kg_per_s: float, pressure: Floats, before: list[int], at: list[int]) -> Floats:
    return kg_per_s * work_j_per_kg(line, pressure[before, at]) / 1e6


def _station_price(line: Line, kg_per_s: float, pressure: Floats, cost: StationCost) -> Floats:
    """Yearly cost of a station at j if the one before stands at i; inf where suction would be too low or j <= i."""
    suction = np.where(np.isnan(pressure), 0.0, pressure)
    power = kg_per_s * work_j_per_kg(line, suction) / 1e6
    heating = line.gas.heating_value_mj_per_m3 / line.gas.base_density_kg_per_m3  # MJ/kg
    fuel = power / line.turbine_efficiency / heating if line.turbine_efficiency > 0 else 0.0 * power
    price = (cost.fixed_usd_per_year + cost.usd_per_mw_year * cost.installed_over_running * power
             + fuel * cost.fuel_usd_per_kg * 365.0 * 86400.0)
    price = np.where(suction >= line.suction_bar - 1e-9, price, np.inf)
    return np.where(np.triu(np.ones_like(price, dtype=bool), 1), price, np.inf)


def fewest(line: Line, kg_per_s: float) -> tuple[float, ...] | None:
    """Places (km) of the fewest stations that carry a flow, each as far on as it may be; None if no number does."""
    allowed = np.ones(len(line.km), dtype=bool) if line.station_ok is None else line.station_ok
    arrives, places = _march.farthest(
        *_cells(line, kg_per_s)[:2], line.inlet_bar * 1e5, line.max_pressure_bar * 1e5, line.suction_bar * 1e5 - 1e-4,
        line.delivery_bar * 1e5 - 1e-4, allowed, *_cells(line, kg_per_s)[2:])
    return tuple(float(line.km[i]) for i in places) if arrives else None


def carries(line: Line, stations_km: tuple[float, ...], kg_per_s: float) -> bool:
    """Whether a line with given stations brings a flow to its end within all pressures."""
    return profile(line, stations_km, kg_per_s).feasible


def capacity_kg_per_s(line: Line, stations_km: tuple[float, ...] | int, tolerance: float = 1e-7) -> float:
    """The largest flow of a line with given stations, or with the best places for a given number of them, kg/s.

    Bisection on the flow; 0 where even a trickle does not arrive. ValueError for stations outside the line.

    >>> from landbridge.gas.properties import Eos, methane_like
    >>> gas = methane_like(Eos.PAPAY, 283.15, viscosity_pa_s=1.1e-5)
    >>> half = Line(gas, np.array([0.0, 550.0]), np.zeros(2), 1.18, 98.0, 98.0, 65.0)
    >>> round(gas.bcm_per_year(capacity_kg_per_s(half, ())), 1)
    16.6
    """
    def works(m: float) -> bool:
        if isinstance(stations_km, int):
            places = fewest(line, m)
            return places is not None and len(places) <= stations_km
        return carries(line, stations_km, m)

    if not works(1e-3):
        return 0.0
    low, high = 1e-3, 100.0
    while works(high):
        low, high = high, 2.0 * high
    while high - low > tolerance * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    return low


def band(line: Line, stations_km: tuple[float, ...] | int) -> dict[Friction, tuple[float, tuple[str, ...]]]:
    """Capacity in kg/s by friction equation, each with the warnings about its range; the choice matters more than Z.

    The empirical equations stand with the pipeline efficiency of the trade (`friction.TRADE_EFFICIENCY`).
    """
    found = {}
    for equation, chosen in band_lines(line).items():
        m = capacity_kg_per_s(chosen, stations_km, 1e-5)
        reynolds = 4.0 * m / (np.pi * line.diameter_m * line.gas.viscosity_pa_s)
        found[equation] = (m, warnings(equation, reynolds, line.diameter_m))
    return found


def band_lines(line: Line) -> dict[Friction, Line]:
    """The line under every friction equation, with the pipeline efficiency the trade uses with it."""
    return {e: replace(line, equation=e, pipe_efficiency=line.pipe_efficiency * TRADE_EFFICIENCY[e]) for e in Friction}


def profile(line: Line, stations_km: tuple[float, ...], kg_per_s: float) -> Profile:
    """Pressure, velocity and flow along a line with stations that lift to the maximum pressure and burn fuel.

    Where the gas does not get through the profile ends, `feasible` is False and `reason` says where. Limits of
    suction, ratio, delivery and velocity that are broken make it infeasible or are listed in `broken` (velocity).
    """
    points = _station_points(line, stations_km)
    km, height, p_bar, flow = [line.km[0]], [line.elevation_m[0]], [line.inlet_bar], [kg_per_s]
    suction, power, fuel = [], [], []
    reason, m = "", kg_per_s
    heating = line.gas.heating_value_mj_per_m3 * 1e6 / line.gas.base_density_kg_per_m3
    c, top, loss, lift = _cells(line, m)
    for cell in range(len(line.km) - 1):
        p = float(_march.cell(c, top, p_bar[-1] * 1e5, loss[cell], lift[cell])) / 1e5
        if p <= 0.0:
            reason = f"the gas does not get beyond km {line.km[cell]:.0f}"
            break
        km.append(line.km[cell + 1])
        height.append(line.elevation_m[cell + 1])
        p_bar.append(p)
        flow.append(m)
        if cell + 1 in points:
            suction.append(p)
            if p < line.suction_bar - 1e-7 and not reason:
                reason = f"suction {p:.1f} bar at km {line.km[cell + 1]:.0f} is below {line.suction_bar:.1f} bar"
            work = float(work_j_per_kg(line, np.array([p]))[0])
            share = work / (line.turbine_efficiency * heating) if line.turbine_efficiency > 0 else 0.0
            fuel.append(m * share / (1.0 + share))  # taken before the machine
            m -= fuel[-1]
            power.append(m * work / 1e6)
            c, top, loss, lift = _cells(line, m)
            km.append(line.km[cell + 1])
            height.append(line.elevation_m[cell + 1])
            p_bar.append(max(p, line.max_pressure_bar))
            flow.append(m)
    if not reason and p_bar[-1] < line.delivery_bar - 1e-7:
        reason = f"delivery at {p_bar[-1]:.1f} bar, {line.delivery_bar:.1f} bar is asked for"
    pressure, mass = np.array(p_bar), np.array(flow)
    speed = mass / (line.gas.density_kg_per_m3(pressure) * np.pi / 4.0 * line.diameter_m**2)
    broken = []
    if speed.max() > line.max_velocity_m_per_s:
        broken.append(f"velocity {speed.max():.1f} m/s at km {km[int(speed.argmax())]:.0f}, allowed "
                      f"{line.max_velocity_m_per_s:.1f}")
    allowed = allowed_bar(line, np.array(height))
    worst = int((pressure - allowed).argmax())
    if pressure[worst] > allowed[worst] + 1e-6:
        broken.append(f"pressure {pressure[worst]:.1f} bar at km {km[worst]:.0f}, allowed {allowed[worst]:.1f}")
    return Profile(np.array(km), np.array(height), pressure, speed, mass, tuple(stations_km), tuple(suction),
                   tuple(power), tuple(fuel), not reason, reason, tuple(broken))


def allowed_bar(line: Line, elevation_m: Floats) -> Floats:
    """Highest pressure inside the pipe, bar: the line's maximum, and under the sea the water's pressure on top."""
    return line.max_pressure_bar + 1025.0 * GRAVITY / 1e5 * np.maximum(-elevation_m, 0.0)


def _station_points(line: Line, stations_km: tuple[float, ...]) -> set[int]:
    points = set()
    for x in stations_km:
        at = int(np.abs(line.km - x).argmin())
        if abs(line.km[at] - x) > 1e-6 or at in (0, len(line.km) - 1):
            raise ValueError(f"station at km {x} is not an inner point of the line")
        points.add(at)
    return points


def with_points(line: Line, km: tuple[float, ...]) -> Line:
    """The same line with further points at the km given."""
    x = np.unique(np.r_[line.km, np.array(km)])
    ok = None
    if line.station_ok is not None:
        ok = line.station_ok[np.minimum(np.searchsorted(line.km, x), len(line.km) - 1)]
    return replace(line, km=x, elevation_m=np.interp(x, line.km, line.elevation_m), station_ok=ok)


def as_network(line: Line, stations_km: tuple[float, ...], kg_per_s: float) -> GasNetwork:
    """The line as a network: inlet pressure given, `kg_per_s` taken out at the end, stations lifting to the maximum.

    With fuel burnt on the way the inlet takes in more than arrives. Nodes are `km X`, ` in` and ` out` at stations.
    """
    points = _station_points(line, stations_km)
    last, top = len(line.km) - 1, allowed_bar(line, line.elevation_m) + 1e-6
    nodes = [Node(f"km {line.km[0]:.3f}", line.inlet_bar, elevation_m=float(line.elevation_m[0]))]
    edges: list[Edge] = []
    at = nodes[0].id
    for j in range(1, last + 1):
        name, height = f"km {line.km[j]:.3f}", float(line.elevation_m[j])
        taken = -kg_per_s if j == last else 0.0
        nodes.append(Node(f"{name} in" if j in points else name, None, taken, height,
                          line.delivery_bar if j == last else 0.0, float(top[j])))
        edges.append(Pipe(f"{at} - {name}", at, nodes[-1].id, float(line.km[j] - line.km[j - 1]) * 1e3, line.diameter_m,
                          line.roughness_m, efficiency=line.pipe_efficiency,
                          max_velocity_m_per_s=line.max_velocity_m_per_s))
        at = nodes[-1].id
        if j in points:
            nodes.append(Node(f"{name} out", None, 0.0, height, 0.0, line.max_pressure_bar + 1e-6))
            edges.append(Compressor(f"station {name}", at, nodes[-1].id, Control.OUTLET_PRESSURE, line.max_pressure_bar,
                                    line.max_ratio, efficiency=line.efficiency,
                                    turbine_efficiency=line.turbine_efficiency))
            at = nodes[-1].id
    return GasNetwork(tuple(nodes), tuple(edges), line.gas, "line")
