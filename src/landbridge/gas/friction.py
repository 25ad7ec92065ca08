"""Friction of gas in pipes: the equations of the trade, each with the range it was made for.

All are given as the Darcy factor. The trade writes transmission factors F = 2/sqrt(Darcy) for the general flow equation
(Menon, Gas Pipeline Hydraulics, 2005, ch. 2; Mokhatab, Poe and Mak, Handbook of Natural Gas Transmission, ch. 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from landbridge.gas import _kernels


class Friction(StrEnum):
    """Friction equations."""

    COLEBROOK = "colebrook"
    AGA = "aga"
    WEYMOUTH = "weymouth"
    PANHANDLE_A = "panhandle_a"
    PANHANDLE_B = "panhandle_b"


CODES = {
    Friction.COLEBROOK: _kernels.COLEBROOK,
    Friction.AGA: _kernels.AGA,
    Friction.WEYMOUTH: _kernels.WEYMOUTH,
    Friction.PANHANDLE_A: _kernels.PANHANDLE_A,
    Friction.PANHANDLE_B: _kernels.PANHANDLE_B,
}


@dataclass(frozen=True)
class Validity:
    """Where an equation was fitted: Reynolds number and inner diameter, and in words."""

    reynolds_low: float
    reynolds_high: float
    diameter_low_m: float
    diameter_high_m: float
    words: str


VALIDITY = {
    Friction.COLEBROOK: Validity(4e3, 1e9, 0.0, np.inf, "turbulent flow, any size"),
    Friction.AGA: Validity(4e3, 1e9, 0.0, np.inf, "turbulent flow, any size; partly and fully turbulent"),
    Friction.WEYMOUTH: Validity(0.0, np.inf, 0.0, 0.3048, "short lines up to 12 inches; too much friction above"),
    Friction.PANHANDLE_A: Validity(5e6, 11e6, 0.1524, 0.6096, "6 to 24 inches; partly turbulent"),
    Friction.PANHANDLE_B: Validity(4e6, 40e6, 0.6096, np.inf, "24 inches and more; fully turbulent"),
}

# Weymouth and Panhandle are used with an efficiency of 0.85 to 0.95; 0.92 is the common choice (Menon 2005, ch. 2)
TRADE_EFFICIENCY = {
    Friction.COLEBROOK: 1.0,
    Friction.AGA: 1.0,
    Friction.WEYMOUTH: 0.92,
    Friction.PANHANDLE_A: 0.92,
    Friction.PANHANDLE_B: 0.92,
}


def darcy(equation: Friction, reynolds: Any, diameter_m: Any, roughness_m: Any) -> Any:
    """Darcy friction factor, dimensionless, broadcast over the arrays given.

    Colebrook (1939): 1/sqrt(f) = -2 log10(e/3.7D + 2.51/(Re sqrt f)), with f = 64/Re in laminar flow. AGA (Uhl et al.
    1965): the smaller of the fully turbulent F = 4 log10(3.7 D/e) and the smooth-pipe factor, drag factor 0.96.
    Weymouth (1912): F = 11.18 D^(1/6). Panhandle A: F = 6.872 Re^0.07305; B: F = 16.49 Re^0.01961 (D in inches).

    >>> round(float(darcy(Friction.COLEBROOK, 1e7, 1.18, 1.5e-5)), 5)
    0.00918
    """
    re, d, eps = np.broadcast_arrays(*(np.asarray(x, dtype=np.float64) for x in (reynolds, diameter_m, roughness_m)))
    flat = _kernels.darcy_many(CODES[equation], *(np.ascontiguousarray(x).ravel() for x in (re, d, eps)))
    return flat.reshape(re.shape)[()]


def warnings(equation: Friction, reynolds: float, diameter_m: float) -> tuple[str, ...]:
    """What speaks against using an equation here, in words; empty where it is in its range.

    >>> warnings(Friction.WEYMOUTH, 2e7, 1.18)
    ('weymouth: diameter 1.18 m is outside 0 to 0.305 m (short lines up to 12 inches; too much friction above)',)
    """
    v = VALIDITY[equation]
    found = []
    if not v.reynolds_low <= reynolds <= v.reynolds_high:
        found.append(f"{equation.value}: Reynolds number {reynolds:.2g} is outside {v.reynolds_low:.2g} to "
                     f"{v.reynolds_high:.2g} ({v.words})")
    if not v.diameter_low_m <= diameter_m <= v.diameter_high_m:
        found.append(f"{equation.value}: diameter {diameter_m:.3g} m is outside {v.diameter_low_m:.3g} to "
                     f"{v.diameter_high_m:.3g} m ({v.words})")
    return tuple(found)


# coefficient, exponent of Tb/Pb, of gravity, of the squared-pressure gradient, of diameter
_TEXTBOOK = {
    Friction.WEYMOUTH: (137.32958, 1.0, 1.0, 0.5, 2.667),
    Friction.PANHANDLE_A: (158.0205328706957, 1.0788, 0.8539, 0.5394, 2.6182),
    Friction.PANHANDLE_B: (152.8811634298055, 1.02, 0.961, 0.51, 2.53),
}


def textbook_flow_m3_per_s(
    equation: Friction, inlet_pa: float, outlet_pa: float, length_m: float, diameter_m: float, gravity: float,
    temperature_k: float, z: float = 1.0, efficiency: float = 0.92, base_temperature_k: float = 288.7,
    base_pressure_pa: float = 101325.0,
) -> float:
    """Volume flow at base conditions, m3/s, by the closed form of Weymouth, Panhandle A or B in SI units.

    Q = c E (Tb/Pb)^a [(p1² - p2²)/(L G^b T Z)]^n D^d (Mokhatab, Poe and Mak, ch. 11; GPSA Data Book, sec. 17).
    ValueError for an equation without a closed form.

    >>> round(textbook_flow_m3_per_s(Friction.PANHANDLE_B, 9e6, 2e6, 160e3, 0.34, 0.693, 277.15), 4)
    42.3537
    """
    if equation not in _TEXTBOOK:
        raise ValueError(f"{equation.value} has no closed form")
    c, a, b, n, d = _TEXTBOOK[equation]
    gradient = (inlet_pa**2 - outlet_pa**2) / (length_m * gravity**b * temperature_k * z)
    return float(c * efficiency * (base_temperature_k / base_pressure_pa) ** a * gradient**n * diameter_m**d)
