"""The routes of a study as lines: profile, stations, capacity with its band, pressures at the borders."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from landbridge.gas import line as lines
from landbridge.gas.friction import Friction
from landbridge.gas.line import Line, Profile, Siting, StationCost
from landbridge.gas.properties import Gas, tabulated_gas
from landbridge.schema.gas import (
    GasElevation,
    GasParameter,
    GasPipe,
    GasRoute,
    GasSection,
    GasZ,
    Terrain,
)
from landbridge.study import Study
from landbridge.tables import Evidence

Floats = NDArray[np.float64]
CELL_KM = 10.0


@dataclass(frozen=True)
class Parameters:
    """Numbers of gas/parameters.csv: the low, central and high column by id."""

    low: dict[str, float]
    central: dict[str, float]
    high: dict[str, float]

    @staticmethod
    def of(study: Study) -> Parameters:
        """Those of a study."""
        rows = study.rows(GasParameter)
        return Parameters({r.id: r.low for r in rows}, {r.id: r.central for r in rows}, {r.id: r.high for r in rows})

    def ends(self) -> tuple[tuple[dict[str, float], str], ...]:
        """The three columns, each with its name."""
        return (self.low, "low"), (self.central, "central"), (self.high, "high")


@dataclass(frozen=True)
class BorderPoint:
    """Pressure where a route crosses a border; the band is the lowest and highest over friction equations."""

    border: str
    place: str
    km: float
    pressure_bar: float
    pressure_low_bar: float
    pressure_high_bar: float


@dataclass(frozen=True)
class RouteResult:
    """What a route carries and how: `band_bcm` is capacity by friction equation with the warnings of each."""

    route: GasRoute
    line: Line
    length_km: float
    km_by_country: dict[str, float]
    siting: Siting
    capacity_bcm: float
    band_bcm: dict[Friction, tuple[float, tuple[str, ...]]]
    profile: Profile
    band_profiles: dict[Friction, Profile]
    borders: tuple[BorderPoint, ...]
    head_power_mw: float
    evidence: Evidence


def gas_of(study: Study) -> Gas:
    """The gas of a study, from its table of Z."""
    rows = study.rows(GasZ)
    return tabulated_gas(np.array([r.pressure_bar for r in rows]), np.array([r.z for r in rows]), rows[0].temperature_k,
                         rows[0].molar_mass_g_per_mol / 1e3, rows[0].base_z)


def station_cost(p: dict[str, float], gas: Gas) -> StationCost:
    """Yearly cost of stations from the parameters."""
    yearly = annuity(p["discount_rate"], p["life_years"]) + p["opex_share"]
    return StationCost(p["station_fixed_musd"] * 1e6 * yearly, p["compressor_usd_per_kw"] * 1e3 * yearly,
                       p["inlet_price_usd_per_kcm"] / 1e3 / gas.base_density_kg_per_m3, p["installed_over_running"])


def annuity(rate: float, years: float) -> float:
    """Yearly payment for a loan of 1.

    >>> round(annuity(0.08, 30.0), 5)
    0.08883
    """
    return rate / (1.0 - float((1.0 + rate) ** -years))


def diameter_m(study: Study, route: GasRoute) -> tuple[float, float]:
    """Inner diameter and roughness (m) of the pipe of most of a route."""
    pipes = {p.id: p for p in study.rows(GasPipe)}
    sections = [s for s in study.rows(GasSection) if s.route == route.id]
    sea = sum(s.km for s in sections if s.terrain is Terrain.SEA)
    pipe = pipes[route.sea_pipe if route.sea_pipe and sea > 0.5 * sum(s.km for s in sections) else route.pipe]
    return pipe.inner_diameter_m, pipe.roughness_mm / 1e3


def line_of(study: Study, route: GasRoute) -> Line:
    """A route as a line with cells of 10 km at most; no stations at sea or within 30 km of either end."""
    p = Parameters.of(study).central
    points = [e for e in study.rows(GasElevation) if e.route == route.id]
    sections = sorted((s for s in study.rows(GasSection) if s.route == route.id), key=lambda s: s.seq)
    inner, rough = diameter_m(study, route)
    ends = np.cumsum([s.km for s in sections])
    raw = Line(gas_of(study), np.array([e.km for e in points], dtype=np.float64),
               np.array([e.elevation_m for e in points], dtype=np.float64), inner, route.inlet_bar,
               route.max_pressure_bar, route.delivery_bar, p["min_suction_bar"], p["max_ratio"], rough,
               max_velocity_m_per_s=p["velocity_limit_m_per_s"])
    fine = lines.refine(lines.with_points(raw, tuple(float(x) for x in ends[:-1])), CELL_KM)
    at = np.minimum(np.searchsorted(ends, fine.km - 1e-9), len(sections) - 1)
    ashore = np.array([sections[i].terrain is Terrain.LAND for i in at])
    inside = (fine.km > 30.0) & (fine.km < fine.km[-1] - 30.0)
    return replace(fine, station_ok=ashore & inside)


def route_result(study: Study, route: GasRoute) -> RouteResult:
    """Stations of least cost for the route's volume, capacity with those stations, the band, and the profile."""
    p = Parameters.of(study).central
    line = line_of(study, route)
    flow = line.gas.kg_per_s(route.volume_bcm_per_year)
    siting = lines.site(line, flow, station_cost(p, line.gas))
    places = siting.stations_km if siting.feasible else ()
    capacity = lines.capacity_kg_per_s(line, places)
    shown = flow if siting.feasible else capacity
    band = {e: (line.gas.bcm_per_year(m), w) for e, (m, w) in lines.band(line, places).items()}
    profiles = {e: lines.profile(x, places, shown) for e, x in lines.band_lines(line).items()}
    points = [e for e in study.rows(GasElevation) if e.route == route.id]
    sections = [s for s in study.rows(GasSection) if s.route == route.id]
    by_country: dict[str, float] = {}
    for s in sections:
        by_country[s.country] = by_country.get(s.country, 0.0) + s.km
    central = profiles[Friction.COLEBROOK]
    head = replace(line, max_pressure_bar=route.inlet_bar)
    return RouteResult(
        route, line, line.length_km, by_country, siting, line.gas.bcm_per_year(capacity), band, central, profiles,
        tuple(_border(e, profiles) for e in points if e.border),
        float(shown * lines.work_j_per_kg(head, np.array([p["arrival_bar"]]))[0] / 1e6),
        Evidence.weakest([route.evidence, *(s.evidence for s in sections), *(e.evidence for e in points)]),
    )


def _border(point: GasElevation, profiles: dict[Friction, Profile]) -> BorderPoint:
    at = [float(np.interp(point.km, x.km, x.pressure_bar)) if point.km <= x.km[-1] else float("nan")
          for x in profiles.values()]
    central = profiles[Friction.COLEBROOK]
    reached = [v for v in at if np.isfinite(v)] or [float("nan")]
    return BorderPoint(point.border, point.place, point.km,
                       float(np.interp(point.km, central.km, central.pressure_bar)), min(reached), max(reached))


@dataclass(frozen=True)
class CurvePoint:
    """Capacity of a pipe with a number of stations at their best places."""

    pipe: str
    inner_diameter_m: float
    stations: int
    capacity_bcm: float


def capacity_curve(study: Study, route: GasRoute, most: int = 8) -> tuple[CurvePoint, ...]:
    """Capacity of a route against the number of stations, for every pipe on offer on land, bcm a year."""
    line = line_of(study, route)
    found = []
    for pipe in study.rows(GasPipe):
        if pipe.terrain is Terrain.LAND:
            own = replace(line, diameter_m=pipe.inner_diameter_m, roughness_m=pipe.roughness_mm / 1e3)
            found += [CurvePoint(pipe.id, pipe.inner_diameter_m, n,
                                 line.gas.bcm_per_year(lines.capacity_kg_per_s(own, n, 1e-5))) for n in range(most + 1)]
    return tuple(found)


@dataclass(frozen=True)
class SitingPoint:
    """Least-cost stations of a route for a volume."""

    volume_bcm: float
    siting: Siting


def sitings(study: Study, route: GasRoute, volumes_bcm: tuple[float, ...]) -> tuple[SitingPoint, ...]:
    """Least-cost stations of a route for several volumes."""
    line, p = line_of(study, route), Parameters.of(study).central
    cost = station_cost(p, line.gas)
    return tuple(SitingPoint(v, lines.site(line, line.gas.kg_per_s(v), cost)) for v in volumes_bcm)
