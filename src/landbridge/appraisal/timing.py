"""When to build while nobody knows when the border opens: thresholds instead of invented probabilities.

All values are present values at the time of the decision. A probability or hazard rate is used only where the
user gives one; otherwise the answer is the probability at which two courses are worth the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def break_even_probability(if_open: float, if_shut: float) -> float | None:
    """Probability of opening above which building is worth more than not building: p W + (1 - p) L = 0.

    0 where it pays even shut, None where it does not pay even open.

    >>> break_even_probability(300.0, -100.0)
    0.25
    """
    if if_open <= 0:
        return None if if_shut <= 0 else 0.0
    if if_shut >= 0:
        return 0.0
    return -if_shut / (if_open - if_shut)


@dataclass(frozen=True)
class Waiting:
    """Building now against waiting until it is known whether the border opens.

    `build_above`: above this probability building now has a positive value. `now_above`: above it building
    now is worth more than waiting; between the two waiting is better although building would pay. None: at no
    probability.
    """

    build_above: float | None
    now_above: float | None
    wait_value_share: float


def value_of_waiting(if_open: float, if_shut: float, rate: float, wait_years: float) -> Waiting:
    """Thresholds for waiting `wait_years` for the news and then building only if it is good.

    Waiting is worth p W (1 + r)^-k, building now p W + (1 - p) L; equal at p = -L / (W (1 - d) - L) (Dixit
    and Pindyck, 1994, chapter 2).

    >>> value_of_waiting(300.0, -100.0, 0.0, 5.0).now_above
    1.0
    """
    later = (1 + rate) ** -wait_years
    build = break_even_probability(if_open, if_shut)
    if build is None:
        return Waiting(None, None, later)
    if if_shut >= 0:
        return Waiting(build, 0.0, later)
    return Waiting(build, -if_shut / (if_open * (1 - later) - if_shut), later)


@dataclass(frozen=True)
class Course:
    """One way of building in stages: its name, its value if the border opens, and if it stays shut."""

    name: str
    if_open: float
    if_shut: float


def best_courses(courses: Sequence[Course]) -> list[tuple[float, float, str]]:
    """Which course is worth most at which probability of opening: (from, to, name), from 0 to 1.

    'nothing' (value 0) is always a course. The upper envelope of the lines p W + (1 - p) L.

    >>> best_courses([Course("all at once", 300, -100), Course("stage 1, then the rest", 240, -20)])[0]
    (0.0, 0.07692307692307693, 'nothing')
    """
    options = [Course("nothing", 0.0, 0.0), *courses]
    cuts = {0.0, 1.0}
    for a in options:
        for b in options:
            slope = (a.if_open - a.if_shut) - (b.if_open - b.if_shut)
            if slope:
                p = (b.if_shut - a.if_shut) / slope
                if 0 < p < 1:
                    cuts.add(p)
    edges = sorted(cuts)
    found: list[tuple[float, float, str]] = []
    for low, high in pairwise(edges):
        p = (low + high) / 2
        best = max(options, key=lambda c: p * c.if_open + (1 - p) * c.if_shut)
        if found and found[-1][2] == best.name:
            found[-1] = (found[-1][0], high, best.name)
        else:
            found.append((low, high, best.name))
    return found


def value_of_stages(courses: Sequence[Course], probability: float) -> dict[str, float]:
    """Expected value of each course at a probability the user gives."""
    if not 0 <= probability <= 1:
        raise ValueError("a probability lies between 0 and 1")
    return {c.name: probability * c.if_open + (1 - probability) * c.if_shut for c in courses}


def opening_weights(hazard_per_year: float, years: int) -> tuple[Floats, float]:
    """Probability of opening in each of the next years at a constant yearly hazard, and of not opening by
    then.

    >>> weights, never = opening_weights(0.5, 2)
    >>> weights, never
    (array([0.5 , 0.25]), 0.25)
    """
    if not 0 <= hazard_per_year <= 1:
        raise ValueError("a yearly hazard lies between 0 and 1")
    stay = (1 - hazard_per_year) ** np.arange(years)
    return np.asarray(hazard_per_year * stay, np.float64), float((1 - hazard_per_year) ** years)


def expected_value(by_delay: Mapping[int, float], if_never: float, hazard_per_year: float) -> float:
    """Expected present value when the border opens after k years with the given hazard; `by_delay` holds k =
    0, 1, …

    ValueError unless the delays are 0, 1, 2, … without a gap.
    """
    delays = sorted(by_delay)
    if delays != list(range(len(delays))):
        raise ValueError("values are needed for every delay from 0 on")
    weights, never = opening_weights(hazard_per_year, len(delays))
    return float(weights @ np.array([by_delay[k] for k in delays]) + never * if_never)


def break_even_hazard(by_delay: Mapping[int, float], if_never: float) -> float | None:
    """The yearly hazard of opening above which the expected present value is positive; None if none is
    enough.

    The expected value rises with the hazard where earlier openings are worth more; it is found by bisection.
    """
    if expected_value(by_delay, if_never, 1.0) <= 0:
        return None
    low, high = 0.0, 1.0
    if expected_value(by_delay, if_never, low) > 0:
        return 0.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if expected_value(by_delay, if_never, middle) > 0 else (middle, high)
    return high
