"""Textbook answers, the long line against the integrated momentum equation, siting against brute force."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from landbridge.errors import StudyFault
from landbridge.gas import line as lines
from landbridge.gas.friction import Friction, darcy, textbook_flow_m3_per_s, warnings
from landbridge.gas.hydraulics import solve
from landbridge.gas.line import Line, StationCost
from landbridge.gas.properties import (
    PSI_PA,
    Eos,
    cnga,
    gerg_z,
    methane_like,
    papay_gas,
    polynomial,
    tabulated_gas,
)

GAS = methane_like(Eos.PAPAY, 283.15, viscosity_pa_s=1.1e-5)
COMPOSITION = {"methane": 0.98, "ethane": 0.01, "nitrogen": 0.01}


def long_line(elevation: float = 0.0, diameter_m: float = 1.18) -> Line:
    km = np.linspace(0.0, 1100.0, 56)
    return lines.refine(Line(GAS, km, elevation * np.sin(km / 90.0), diameter_m, 98.0, 98.0, 50.0), 5.0)


@pytest.mark.parametrize(("equation", "published"), [
    (Friction.WEYMOUTH, 32.07729055913029), (Friction.PANHANDLE_A, 42.56082051195928),
    (Friction.PANHANDLE_B, 42.35366178004172)])
def test_mokhatab(equation: Friction, published: float) -> None:
    q = textbook_flow_m3_per_s(equation, 9e6, 2e6, 160e3, 0.34, 0.693, 277.15)
    assert q == pytest.approx(published, rel=1e-6)


def test_menon_example_15() -> None:
    """Panhandle A, 15.5 inches, 15 miles, 100 MMSCFD, 1000 psia in: 968.35 psia out in the book."""
    base_k, temperature = 288.7056, (80.0 + 459.67) / 1.8
    wanted = 100e6 * 0.3048**3 / 86400.0

    def missing(outlet_psi: float) -> float:
        mean = 2 / 3 * (1000.0 + outlet_psi - 1000.0 * outlet_psi / (1000.0 + outlet_psi))
        z = 1.0 / polynomial(cnga(temperature, 0.6), mean * PSI_PA)
        return textbook_flow_m3_per_s(Friction.PANHANDLE_A, 1000 * PSI_PA, outlet_psi * PSI_PA, 15 * 1609.344,
                                      15.5 * 0.0254, 0.6, temperature, z, 0.92, base_k, 14.7 * PSI_PA) - wanted

    assert brentq(missing, 900.0, 999.0) == pytest.approx(968.35, abs=0.3)


def test_friction_equations_and_their_ranges() -> None:
    re = np.array([1e4, 1e6, 4e7])
    implicit = darcy(Friction.COLEBROOK, re, 1.18, 1.5e-5)
    right = -2 * np.log10(1.5e-5 / 3.7 / 1.18 + 2.51 / (re * np.sqrt(implicit)))
    assert 1 / np.sqrt(implicit) == pytest.approx(right, rel=1e-12)
    assert darcy(Friction.COLEBROOK, 500.0, 1.0, 1e-5) == pytest.approx(64 / 500)
    fully = 4 * np.log10(3.7 * 1.18 / 1.5e-5)
    assert darcy(Friction.AGA, 1e9, 1.18, 1.5e-5) == pytest.approx(4 / fully**2)
    assert darcy(Friction.AGA, 1e5, 1.18, 1.5e-5) > darcy(Friction.AGA, 1e9, 1.18, 1.5e-5)
    assert warnings(Friction.COLEBROOK, 1e7, 1.18) == ()
    assert len(warnings(Friction.PANHANDLE_A, 4e7, 1.18)) == 2


def test_gases_agree_where_they_should() -> None:
    for law in (Eos.FULL_CNGA, Eos.PAPAY):
        assert methane_like(law, 283.15, 0.57).z(65.0) == pytest.approx(0.869, rel=0.03)
    assert methane_like(Eos.IDEAL, 283.15).z(65.0) == 1.0
    z = np.array([float(GAS.z(p)) for p in range(10, 200, 10)])
    table = tabulated_gas(np.arange(10.0, 200.0, 10.0), z, 283.15, 0.0174, 0.998)
    assert table.z(73.0) == pytest.approx(float(GAS.z(73.0)), rel=1e-5)
    assert papay_gas(283.15, 0.0174, (196.0, 46e5)).z(60.0) < 0.9
    p = np.linspace(1e5, 150e5, 40)
    _, twice = GAS.potential(p)
    grid = np.linspace(0.0, 1.0, 4001)
    by_sum = [np.trapezoid(2 * x * x * grid * polynomial(GAS.inverse_z, x * grid), grid) for x in p]
    assert twice == pytest.approx(np.array(by_sum), rel=1e-6)


def test_gerg_2008_published_point_and_line() -> None:
    pytest.importorskip("pyaga8", reason="GERG-2008 is the extra 'gerg'")
    gas = methane_like(Eos.GERG_2008, 283.15, viscosity_pa_s=1.1e-5, composition=COMPOSITION)
    key = tuple(sorted(COMPOSITION.items()))
    assert gas.z(98.0) == pytest.approx(gerg_z(98e5, 283.15, key), rel=1e-9)
    half = Line(gas, np.array([0.0, 550.0]), np.zeros(2), 1.18, 98.0, 98.0, 65.0)
    assert gas.bcm_per_year(lines.capacity_kg_per_s(half, ())) == pytest.approx(16.860, abs=0.01)
    with pytest.raises(StudyFault, match="composition"):
        methane_like(Eos.GERG_2008, 283.15)
    nist = tuple(sorted({
        "methane": 0.77824, "nitrogen": 0.02, "carbon_dioxide": 0.06, "ethane": 0.08, "propane": 0.03,
        "isobutane": 0.0015, "n_butane": 0.003, "isopentane": 0.0005, "n_pentane": 0.00165, "hexane": 0.00215,
        "heptane": 0.00088, "octane": 0.00024, "nonane": 0.00015, "decane": 0.00009, "hydrogen": 0.004,
        "oxygen": 0.005, "carbon_monoxide": 0.002, "water": 0.0001, "hydrogen_sulfide": 0.0025, "helium": 0.007,
        "argon": 0.001}.items()))
    assert gerg_z(50e6, 400.0, nist) == pytest.approx(1.174690666383717, rel=1e-10)


def ode_bar(line: Line, start_bar: float, from_km: float, to_km: float, kg_per_s: float) -> float:
    """The momentum equation dp/dx = -λ m²/(2 D A² ρ) - ρ g dh/dx, integrated."""
    area = np.pi / 4 * line.diameter_m**2
    re = 4 * kg_per_s / (np.pi * line.diameter_m * line.gas.viscosity_pa_s)
    friction = float(darcy(line.equation, re, line.diameter_m, line.roughness_m))
    at = from_km
    p = start_bar * 1e5
    for end in [*line.km[(line.km > from_km) & (line.km < to_km)], to_km]:
        rise = np.interp(end, line.km, line.elevation_m) - np.interp(at, line.km, line.elevation_m)
        slope = rise / (end - at) / 1e3

        def rhs(_: float, y: np.ndarray, slope: float = float(slope)) -> np.ndarray:
            rho = line.gas.density_kg_per_m3(y / 1e5)
            return np.asarray(-friction * kg_per_s**2 / (2 * line.diameter_m * area**2 * rho) - rho * 9.80665 * slope)

        p = float(solve_ivp(rhs, (0.0, (end - at) * 1e3), [p], rtol=1e-10, atol=1e-3).y[0, -1])
        at = float(end)
    return p / 1e5


@pytest.mark.parametrize(("bcm", "diameter", "elevation"), [(10.0, 1.18, 0.0), (10.0, 0.98, 0.0), (30.0, 1.18, 0.0),
                                                            (10.0, 0.98, 300.0)])
def test_1100_km_line_against_the_integrated_equation(bcm: float, diameter: float, elevation: float) -> None:
    line = replace(long_line(elevation, diameter), turbine_efficiency=0.0)
    flow = GAS.kg_per_s(bcm)
    stations = lines.fewest(line, flow)
    assert stations is not None
    state = solve(lines.as_network(line, stations, flow))
    assert state.converged
    by_line = lines.profile(line, stations, flow)
    start, p = 0.0, 98.0
    for i, stop in enumerate([*stations, 1100.0]):
        end = ode_bar(line, p, start, stop, flow)
        got = by_line.suction_bar[i] if i < len(stations) else by_line.pressure_bar[-1]
        assert got == pytest.approx(end, abs=0.01 if elevation else 1e-4)
        start, p = stop, 98.0
    assert state.pressure_bar[-1] == pytest.approx(by_line.pressure_bar[-1], abs=1e-6)


def test_line_and_network_agree_with_fuel_and_hills() -> None:
    line = long_line(250.0)
    flow = GAS.kg_per_s(20.0)
    stations = lines.fewest(line, flow)
    assert stations
    p = lines.profile(line, stations, flow)
    state = solve(lines.as_network(line, stations, float(p.flow_kg_per_s[-1])))
    assert state.injection_kg_per_s[0] == pytest.approx(flow, abs=0.01)
    assert state.pressure_bar[-1] == pytest.approx(p.pressure_bar[-1], abs=0.005)
    assert state.power_mw.sum() == pytest.approx(sum(p.power_mw), rel=1e-3)


def test_siting_is_the_cheapest_of_all() -> None:
    km = np.linspace(0.0, 1100.0, 12)
    line = Line(GAS, km, 200.0 * np.sin(km / 150.0), 1.18, 98.0, 98.0, 55.0)
    flow, cost = GAS.kg_per_s(20.0), StationCost(3e6, 5e5, 0.3)
    found = lines.site(line, flow, cost)
    pressure, n = lines.spread(line, flow), len(km)
    heating = GAS.heating_value_mj_per_m3 / GAS.base_density_kg_per_m3

    def total(places: tuple[int, ...]) -> float:
        at, value = 0, 0.0
        for j in places:
            if pressure[at, j] < line.suction_bar:
                return np.inf
            mw = flow * float(lines.work_j_per_kg(line, np.array([pressure[at, j]]))[0]) / 1e6
            value += 3e6 + 5e5 * 1.5 * mw + mw / 0.33 / heating * 0.3 * 365 * 86400
            at = j
        return value if pressure[at, n - 1] >= line.delivery_bar else np.inf

    best = min(total(c) for k in range(6) for c in itertools.combinations(range(1, n - 1), k))
    assert found.cost_usd_per_year == pytest.approx(best, rel=1e-9)


def test_capacity_grows_with_stations_and_width() -> None:
    line = long_line()
    by_count = [lines.capacity_kg_per_s(line, k, 1e-5) for k in range(5)]
    assert by_count == sorted(by_count)
    assert by_count[4] > 1.8 * by_count[0]
    assert lines.capacity_kg_per_s(replace(line, diameter_m=0.98), 0, 1e-5) < by_count[0]
    places = lines.fewest(line, by_count[2] * 0.999)
    assert places is not None
    assert len(places) == 2
    free = replace(line, turbine_efficiency=0.0)
    assert lines.carries(free, places, by_count[2] * 0.998)
    assert lines.capacity_kg_per_s(replace(line, inlet_bar=30.0, delivery_bar=60.0), ()) == 0.0


def test_band_over_equations_holds_the_central_value() -> None:
    found = lines.band(long_line(), ())
    values = [v for v, _ in found.values()]
    assert min(values) <= found[Friction.COLEBROOK][0] <= max(values)
    assert found[Friction.WEYMOUTH][1]
    assert max(values) / min(values) > 1.1


def test_profile_says_why_it_fails() -> None:
    line = long_line()
    assert "does not get beyond" in lines.profile(line, (), 800.0).reason
    assert "delivery" in lines.profile(line, (), 320.0).reason
    assert "suction" in lines.profile(line, (1000.0,), 300.0).reason
    assert any("velocity" in b for b in lines.profile(replace(line, max_velocity_m_per_s=2.0), (), 250.0).broken)
    with pytest.raises(ValueError, match="inner point"):
        lines.profile(line, (3.3,), 200.0)


def test_sakhalin_line_with_fourteen_stations_runs_on_350_to_550_mw() -> None:
    """1822 km of 1200 mm pipe, 14 stations at 130 km, 30 bcm a year; 1136 MW are installed."""
    km = np.linspace(0.0, 1820.0, 183)
    line = Line(GAS, km, np.zeros(183), 1.18, 98.0, 98.0, 50.0, min_suction_bar=40.0, max_ratio=2.0)
    stations = tuple(130.0 * i for i in range(1, 14))
    p = lines.profile(line, stations, GAS.kg_per_s(30.0))
    head = GAS.kg_per_s(30.0) * float(lines.work_j_per_kg(line, np.array([p.suction_bar[0]]))[0]) / 1e6
    assert p.feasible, p.reason
    assert 350.0 < sum(p.power_mw) + head < 550.0


@pytest.mark.shared
def test_known_answers_of_the_reference_data(shared: Path) -> None:
    held = json.loads((shared / "testdata" / "gas" / "known_answers.json").read_text())["hydraulics"]
    case = held["mokhatab_via_fluids_1.3.1"]
    q = textbook_flow_m3_per_s(Friction.PANHANDLE_B, 9e6, 2e6, 160e3, 0.34, 0.693, 277.15)
    assert q == pytest.approx(case["Q_m3_s"]["Panhandle_B"], rel=1e-6)
