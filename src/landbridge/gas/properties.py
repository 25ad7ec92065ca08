"""Natural gas as one temperature sees it: compressibility, density, viscosity, and the potential of pipe flow.

At a fixed temperature every equation of state is held as a polynomial of 1/Z in pressure. Density and the integral of
density over pressure (the potential in which pipe flow is linear in length) are then exact, for the laws that are
polynomials themselves (ideal, CNGA) and to 1e-9 for those that are fitted (Papay, GERG-2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import Fault, MissingExtra, StudyFault

Floats = NDArray[np.float64]

GAS_CONSTANT = 8.314462618  # J/(mol K), CODATA 2018
MOLAR_MASS_AIR = 0.0289647  # kg/mol
PSI_PA = 6894.757293
BASE_PRESSURE_PA = 101325.0
BASE_TEMPERATURE_K = 293.15  # the Russian standard cubic metre, GOST 2939: 20 °C and 101.325 kPa
SECONDS_PER_YEAR = 365.0 * 86400.0


class Eos(StrEnum):
    """Equations of state."""

    IDEAL = "ideal"
    SIMPLE_CNGA = "simple_cnga"
    FULL_CNGA = "full_cnga"
    PAPAY = "papay"
    GERG_2008 = "gerg_2008"
    TABULATED = "tabulated"  # a table of Z at one temperature


@dataclass(frozen=True)
class Gas:
    """A natural gas at one temperature.

    `inverse_z` holds the coefficients c of 1/Z(p) = c[0] + c[1] p + c[2] p² + …, with p in Pa, valid to
    `valid_to_bar`; above it Z stays what it is there. `viscosity_pa_s` is dynamic viscosity; `heat_ratio` is the ratio
    of specific heats used for compressor work; `heating_value_mj_per_m3` is the lower heating value per standard cubic
    metre; `base_z` is Z of that standard state.
    """

    eos: Eos
    temperature_k: float
    specific_gas_constant_j_per_kg_k: float
    inverse_z: tuple[float, ...]
    viscosity_pa_s: float
    heat_ratio: float = 1.3
    heating_value_mj_per_m3: float = 33.5
    valid_to_bar: float = np.inf
    base_z: float = 1.0

    @property
    def rt(self) -> float:
        """Specific gas constant times temperature, J/kg."""
        return self.specific_gas_constant_j_per_kg_k * self.temperature_k

    @property
    def specific_gravity(self) -> float:
        """Molar mass over that of air."""
        return GAS_CONSTANT / self.specific_gas_constant_j_per_kg_k / MOLAR_MASS_AIR

    @property
    def base_density_kg_per_m3(self) -> float:
        """Density at 20 °C and 101.325 kPa, the standard cubic metre that bcm count."""
        return BASE_PRESSURE_PA / (self.base_z * self.specific_gas_constant_j_per_kg_k * BASE_TEMPERATURE_K)

    def z(self, pressure_bar: float | Floats) -> Any:
        """Compressibility at a pressure, dimensionless, of the shape given.

        >>> float(methane_like(Eos.IDEAL, temperature_k=283.15).z(60.0))
        1.0
        """
        return 1.0 / polynomial(self.inverse_z, np.minimum(np.abs(pressure_bar), self.valid_to_bar) * 1e5)

    def potential(self, pressure_pa: Floats) -> tuple[Floats, Floats]:
        """1/Z and twice the integral of p/Z from 0 to p, in Pa²; for the ideal gas that is p²."""
        top = self.valid_to_bar * 1e5
        p = np.minimum(pressure_pa, top)
        inverse = polynomial(self.inverse_z, p)
        integral = p**2 * polynomial(tuple(2.0 * c / (k + 2) for k, c in enumerate(self.inverse_z)), p)
        return inverse, integral + inverse * (pressure_pa**2 - p**2)

    def density_kg_per_m3(self, pressure_bar: float | Floats) -> Any:
        """Density p / (Z R T) in kg/m3, of the shape given."""
        return np.asarray(pressure_bar) * 1e5 / (self.z(pressure_bar) * self.rt)

    def kg_per_s(self, bcm_per_year: float) -> float:
        """Mass flow of a yearly volume of standard cubic metres."""
        return bcm_per_year * 1e9 * self.base_density_kg_per_m3 / SECONDS_PER_YEAR

    def bcm_per_year(self, kg_per_s: float) -> float:
        """Yearly volume in billions of standard cubic metres of a mass flow.

        >>> gas = methane_like(Eos.PAPAY, temperature_k=283.15)
        >>> round(gas.bcm_per_year(gas.kg_per_s(10.0)), 9)
        10.0
        """
        return kg_per_s * SECONDS_PER_YEAR / self.base_density_kg_per_m3 / 1e9


def polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    """Value of c[0] + c[1] x + c[2] x² + … by Horner's rule."""
    value = coefficients[-1] + 0.0 * x
    for c in coefficients[-2::-1]:
        value = value * x + c
    return value


def methane_like(
    eos: Eos,
    temperature_k: float,
    specific_gravity: float = 0.6,
    viscosity_pa_s: float | None = None,
    composition: Mapping[str, float] | None = None,
    valid_to_bar: float = 200.0,
) -> Gas:
    """A natural gas of a given gravity (or composition, mole fractions by pyaga8's names) at one temperature.

    CNGA: 1/Z = 1 + 344400 p_g[psi] 10^(1.785 G) / T[°R]^3.825 (California Natural Gas Association, in Menon 2005,
    ch. 1), with `simple` coefficients for G 0.6 at 288.7 K (Srinivasan et al. 2023, doi 10.1109/TCNS.2022.3232524).
    Papay 1968 with pseudo-critical values of Standing 1977. GERG-2008: Kunz and Wagner 2012, through the package
    pyaga8 (extra `gerg`, MissingExtra without it). `viscosity_pa_s` defaults to Lee, Gonzalez and Eakin 1966 at 60 bar.

    >>> round(float(methane_like(Eos.PAPAY, 283.15).z(65.0)), 4)
    0.8387
    """
    mass = GAS_CONSTANT / (molar_mass(composition) if composition else specific_gravity * MOLAR_MASS_AIR)
    gravity = GAS_CONSTANT / mass / MOLAR_MASS_AIR
    coefficients = _inverse_z(eos, temperature_k, gravity, composition, valid_to_bar)
    top = valid_to_bar if len(coefficients) > 2 else np.inf
    base_z = _base_z(eos, gravity, composition)
    gas = Gas(eos, temperature_k, mass, coefficients, viscosity_pa_s or 1.1e-5, valid_to_bar=top, base_z=base_z)
    if viscosity_pa_s is not None:
        return gas
    return replace(gas, viscosity_pa_s=lee_viscosity_pa_s(temperature_k, gas.density_kg_per_m3(60.0), gravity))


def _inverse_z(
    eos: Eos, temperature_k: float, gravity: float, composition: Mapping[str, float] | None, valid_to_bar: float
) -> tuple[float, ...]:
    if eos is Eos.IDEAL:
        return (1.0,)
    if eos is Eos.SIMPLE_CNGA:
        return (1.00300865, 2.96848838e-8)
    if eos is Eos.FULL_CNGA:
        return cnga(temperature_k, gravity)
    if eos is Eos.PAPAY:
        return _fit(lambda p: papay_z(p, temperature_k, standing_critical(gravity)), valid_to_bar)
    if composition is None or eos is Eos.TABULATED:
        raise StudyFault([Fault("gas", "composition", "nothing", "mole fractions for GERG-2008",
                                "give the composition of the gas")])
    key = tuple(sorted(composition.items()))
    return _fit(lambda p: np.array([gerg_z(x, temperature_k, key) for x in p]), valid_to_bar)


def papay_gas(temperature_k: float, molar_mass_kg_per_mol: float, critical: tuple[float, float],
              viscosity_pa_s: float = 1.1e-5) -> Gas:
    """A gas by Papay's law with critical temperature (K) and pressure (Pa) given, as GasLib files give them."""
    coefficients = _fit(lambda p: papay_z(p, temperature_k, critical), 200.0)
    base_z = float(papay_z(np.array([BASE_PRESSURE_PA]), BASE_TEMPERATURE_K, critical)[0])
    return Gas(Eos.PAPAY, temperature_k, GAS_CONSTANT / molar_mass_kg_per_mol, coefficients, viscosity_pa_s,
               valid_to_bar=200.0, base_z=base_z)


def tabulated_gas(pressure_bar: Floats, z: Floats, temperature_k: float, molar_mass_kg_per_mol: float, base_z: float,
                  viscosity_pa_s: float | None = None) -> Gas:
    """A gas whose Z is read from a table at one temperature (bar, rising), fitted by a polynomial of 1/Z.

    Z is 1 at pressure 0. ValueError where the fit misses a point of the table by more than 1e-4.
    """
    top = float(pressure_bar[-1])
    x, y = np.r_[0.0, pressure_bar] / top, np.r_[1.0, 1.0 / z]
    series = np.polynomial.Polynomial.fit(x, y, min(12, len(x) - 1), domain=[0.0, 1.0], window=[0.0, 1.0])
    if np.abs(series(x) - y).max() > 1e-4:
        raise ValueError("the table of Z is too rough for a polynomial")
    coefficients = tuple(float(c / (top * 1e5) ** k) for k, c in enumerate(np.asarray(series.coef, dtype=np.float64)))
    gas = Gas(Eos.TABULATED, temperature_k, GAS_CONSTANT / molar_mass_kg_per_mol, coefficients,
              viscosity_pa_s or 1.1e-5, valid_to_bar=top, base_z=base_z)
    if viscosity_pa_s is not None:
        return gas
    gravity = molar_mass_kg_per_mol / MOLAR_MASS_AIR
    return replace(gas, viscosity_pa_s=lee_viscosity_pa_s(temperature_k, gas.density_kg_per_m3(60.0), gravity))


def _base_z(eos: Eos, gravity: float, composition: Mapping[str, float] | None) -> float:
    """Z at 20 °C and 101.325 kPa; CNGA has Z 1 at the atmosphere."""
    if eos is Eos.PAPAY:
        return float(papay_z(np.array([BASE_PRESSURE_PA]), BASE_TEMPERATURE_K, standing_critical(gravity))[0])
    if eos is Eos.GERG_2008 and composition is not None:
        return gerg_z(BASE_PRESSURE_PA, BASE_TEMPERATURE_K, tuple(sorted(composition.items())))
    return 1.0


def cnga(temperature_k: float, gravity: float, atmosphere_pa: float = BASE_PRESSURE_PA,
         psi_pa: float = PSI_PA) -> tuple[float, float]:
    """Coefficients of 1/Z = b1 + b2 p (p absolute, Pa) of the CNGA law, which is written for gauge pressure.

    Published solvers differ in the sign of the atmosphere (gauge = absolute - atmosphere here); give `atmosphere_pa`
    with the other sign to follow them.
    """
    a = 344400.0 * 10.0 ** (1.785 * gravity) / (1.8 * temperature_k) ** 3.825 / psi_pa
    return 1.0 - a * atmosphere_pa, a


def standing_critical(gravity: float) -> tuple[float, float]:
    """Pseudo-critical temperature (K) and pressure (Pa) of a natural gas by its gravity (Standing 1977)."""
    return (168.0 + 325.0 * gravity - 12.5 * gravity**2) / 1.8, (677.0 + 15.0 * gravity - 37.5 * gravity**2) * PSI_PA


def papay_z(pressure_pa: Floats, temperature_k: float, critical: tuple[float, float]) -> Floats:
    """Compressibility by Papay (1968) with critical temperature (K) and pressure (Pa).

    Z = 1 - 3.52 Pr e^(-2.26 Tr) + 0.274 Pr² e^(-1.878 Tr).
    """
    pr, tr = pressure_pa / critical[1], temperature_k / critical[0]
    return np.asarray(1.0 - 3.52 * pr * np.exp(-2.26 * tr) + 0.274 * pr**2 * np.exp(-1.878 * tr), dtype=np.float64)


def _fit(z_of: Callable[[Floats], Floats], to_bar: float) -> tuple[float, ...]:
    """Polynomial of 1/Z in p from Chebyshev points on 0 … `to_bar`; the smallest degree that fits to 1e-9."""
    top = to_bar * 1e5
    x = np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    y = 1.0 / np.asarray(z_of(0.5 * (x + 1.0) * top), dtype=np.float64)
    for degree in range(2, 25):
        series = np.polynomial.chebyshev.Chebyshev.fit(0.5 * (x + 1.0), y, degree, domain=[0.0, 1.0])
        if np.abs(series(0.5 * (x + 1.0)) - y).max() < 1e-9:
            break
    power = series.convert(kind=np.polynomial.Polynomial, domain=[-1, 1], window=[-1, 1]).coef
    return tuple(float(c / top**k) for k, c in enumerate(np.asarray(power, dtype=np.float64)))


def lee_viscosity_pa_s(temperature_k: float, density_kg_per_m3: float, gravity: float) -> float:
    """Dynamic viscosity in Pa s by Lee, Gonzalez and Eakin (1966), good to 3 % for natural gas at 1–550 bar.

    >>> round(lee_viscosity_pa_s(283.15, 48.0, 0.57) * 1e5, 2)
    1.22
    """
    mass = gravity * MOLAR_MASS_AIR * 1e3
    rankine = 1.8 * temperature_k
    k = (9.4 + 0.02 * mass) * rankine**1.5 / (209.0 + 19.0 * mass + rankine)
    x = 3.5 + 986.0 / rankine + 0.01 * mass
    return float(1e-7 * k * np.exp(x * (density_kg_per_m3 / 1000.0) ** (2.4 - 0.2 * x)))


@cache
def _composition(fractions: tuple[tuple[str, float], ...]) -> Any:
    try:
        import pyaga8
    except ImportError as error:
        raise MissingExtra("pyaga8", "gerg") from error
    mixture = pyaga8.Composition()
    known = [name for name in dir(mixture) if not name.startswith("_")]
    for name, fraction in fractions:
        if name not in known:
            raise StudyFault([Fault("gas", "composition", name, ", ".join(known), "use one of these names")])
        setattr(mixture, name, fraction)
    return mixture


def molar_mass(composition: Mapping[str, float]) -> float:
    """Molar mass in kg/mol of mole fractions by pyaga8's component names; MissingExtra without pyaga8."""
    import pyaga8

    state = pyaga8.Gerg2008()
    state.set_composition(_composition(tuple(sorted(composition.items()))))
    state.calc_molar_mass()
    return float(state.mm) / 1000.0


def gerg_z(pressure_pa: float, temperature_k: float, composition: tuple[tuple[str, float], ...]) -> float:
    """Compressibility by GERG-2008 (Kunz and Wagner 2012); MissingExtra without pyaga8."""
    mixture = _composition(composition)
    import pyaga8

    state = pyaga8.Gerg2008()
    state.set_composition(mixture)
    state.pressure, state.temperature = max(pressure_pa, 1.0) / 1000.0, temperature_k
    state.calc_density(0)
    state.calc_properties()
    return float(state.z)
