"""Net present value, internal rates of return with their multiplicity, benefit-cost ratio, switching values.

Cash flows are yearly, in constant prices, discounted from the end of each year to `base_year` (Belli and
others, 2001, Economic Analysis of Investment Operations).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

Floats = NDArray[np.float64]
LOWEST_RATE = -0.99


def discount_factors(rate: float, years: ArrayLike, base_year: int) -> Floats:
    """(1 + rate)^-(year - base_year); `rate` is a fraction, 0.09 for 9 %."""
    if rate <= -1:
        raise ValueError("a discount rate must be above -100 %")
    return np.asarray((1 + rate) ** -(np.asarray(years, np.float64) - base_year), np.float64)


def npv(rate: float, values: ArrayLike, years: ArrayLike, base_year: int) -> Floats:
    """Present value in the base year of yearly values; the years are the last axis, the result has the unit
    of values.

    >>> round(float(npv(0.09, [-100.0] + [12.0] * 25, range(26), 0)), 4)
    17.871
    """
    return np.asarray(np.asarray(values, np.float64) @ discount_factors(rate, years, base_year), np.float64)


class Roots(StrEnum):
    """How many rates of return a cash flow has."""

    ONE = "one"
    NONE = "none"
    MANY = "more than one"


@dataclass(frozen=True)
class InternalRate:
    """The rates above -99 % at which the NPV is 0, in rising order, as fractions.

    `rate` is the one rate, or None with the reason in `why`: a cash flow that changes sign more than once may
    have several rates, and one that never changes sign has none.
    """

    roots: tuple[float, ...]
    count: Roots
    why: str

    @property
    def rate(self) -> float | None:
        """The rate of return if there is exactly one."""
        return self.roots[0] if self.count is Roots.ONE else None


def irr(values: ArrayLike) -> InternalRate:
    """All internal rates of return of yearly values (one a year, no gaps).

    The roots of the polynomial in the discount factor are isolated exactly (Vincent, Collins and Akritas:
    Descartes' rule of signs and bisection in whole numbers), so none is missed, and refined by Brent's
    method.

    >>> irr([-100.0, 110.0]).roots[0].__round__(6), irr([5.0, 5.0]).count.value
    (0.1, 'none')
    >>> [round(r, 6) for r in irr([-100.0, 230.0, -132.0]).roots]
    [0.1, 0.2]
    """
    cash = np.trim_zeros(np.asarray(values, np.float64))  # a shift in time moves no rate
    signs = np.sign(cash[np.nonzero(cash)])
    changes = int((signs[1:] != signs[:-1]).sum())
    if changes == 0:
        return InternalRate(
            (), Roots.NONE, "all amounts have one sign" if len(signs) else "all amounts are 0"
        )
    factor_max = 1 / (1 + LOWEST_RATE)
    cells = _isolated(cash, Fraction(factor_max).limit_denominator(1000))
    roots = tuple(sorted({_refined(cash, a, b) for a, b in cells}))
    if not roots:
        return InternalRate(
            (), Roots.NONE, "the amounts change sign, yet their present value is 0 at no rate"
        )
    if len(roots) == 1:
        return InternalRate(roots, Roots.ONE, "")
    return InternalRate(
        roots,
        Roots.MANY,
        f"the amounts change sign {changes} times and the present value is 0 at "
        f"{len(roots)} rates: use the NPV",
    )


def _refined(cash: Floats, low: float, high: float) -> float:
    def value(x: float) -> float:
        return float(np.polyval(cash[::-1], x))

    if low == high:
        return 1 / low - 1
    a, b = value(low), value(high)
    if a == 0 or b == 0 or (a > 0) == (b > 0):  # a root on the edge, or one that touches zero
        return 1 / (low if abs(a) < abs(b) else high) - 1
    return float(1 / brentq(value, low, high, xtol=1e-15, rtol=1e-14) - 1)


def _isolated(cash: Floats, top: Fraction) -> list[tuple[float, float]]:
    """Intervals of (0, top] that hold one root each of the polynomial with these coefficients (ascending)."""
    exact = [Fraction(repr(float(c))) for c in cash]  # the decimal as written: whole cents stay whole
    while exact and exact[-1] == 0:
        exact.pop()
    scaled = [c * top**k for k, c in enumerate(exact)]  # roots in (0, 1)
    common = lcm(*(c.denominator for c in scaled))
    whole = [int(c * common) for c in scaled]
    found: list[tuple[float, float]] = []
    stack = [(whole, Fraction(0), Fraction(1))]
    while stack:
        p, start, width = stack.pop()
        if sum(p) == 0:
            found.append((float((start + width) * top),) * 2)
        count = _variations(_shifted(p[::-1]))
        if count == 0:
            continue
        if count == 1 or width < Fraction(1, 2**48):  # at this width several sign changes are a repeated root
            found.append((float(start * top), float((start + width) * top)))
            continue
        n = len(p) - 1
        half = [c << (n - k) for k, c in enumerate(p)]
        right = _shifted(half)
        if right[0] == 0:
            found.append((float((start + width / 2) * top),) * 2)
        stack.append((half, start, width / 2))
        stack.append((right, start + width / 2, width / 2))
    positive = [(a, b) for a, b in found if b > 0]
    return [(a or b * 1e-9, b) for a, b in dict.fromkeys(positive)]


def _variations(p: list[int]) -> int:
    signs = [c > 0 for c in p if c]
    return sum(a != b for a, b in pairwise(signs))


def _shifted(p: list[int]) -> list[int]:
    """Coefficients of p(x + 1), ascending."""
    q = list(p)
    for i in range(len(q)):
        for j in range(len(q) - 2, i - 1, -1):
            q[j] += q[j + 1]
    return q


def benefit_cost_ratio(
    benefits: ArrayLike, costs: ArrayLike, rate: float, years: ArrayLike, base_year: int
) -> float:
    """PV of benefits over PV of costs, costs as positive amounts; inf where nothing is paid and something is
    gained, 0 where there is neither.

    >>> round(benefit_cost_ratio([0.0] + [12.0] * 25, [100.0] + [0.0] * 25, 0.09, range(26), 0), 5)
    1.17871
    """
    gained = float(npv(rate, benefits, years, base_year))
    paid = float(npv(rate, costs, years, base_year))
    if paid == 0:
        return float("inf") if gained > 0 else 0.0
    return gained / paid


def switching_value(npv_total: float, npv_item: float) -> float | None:
    """Change of one item, as a fraction of it, that brings the NPV to 0; None where the item has no effect.

    -0.25 says: the project breaks even when the item is a quarter smaller.

    >>> switching_value(20.0, -80.0)
    0.25
    """
    return None if npv_item == 0 else -npv_total / npv_item


def first_year_rate_of_return(net_benefit: ArrayLike, capex: ArrayLike, rate: float, years: ArrayLike,
                              opening_year: int) -> float | None:
    """Net benefit of the first full year over the capex compounded to that year; None without capex.

    Below the discount rate the opening should wait (Adler, 1987, Economic Appraisal of Transport Projects).

    >>> round(first_year_rate_of_return([0, 0, 12.0], [50.0, 50.0, 0], 0.10, range(2028, 2031), 2030), 5)
    0.1039
    """
    year = np.asarray(years)
    before = year < opening_year
    spent = float(npv(rate, np.asarray(capex, np.float64)[before], year[before], opening_year))
    if spent <= 0:
        return None
    return float(np.asarray(net_benefit, np.float64)[year == opening_year].sum()) / spent
