"""What happens when a supply stops: the N-1 test, cut-offs that come and go, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import exp

import numpy as np
from numpy.typing import NDArray

from landbridge.gas.hydraulics import Options, solve
from landbridge.gas.network import Compressor, Edge, GasNetwork, ShortPipe

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NMinusOne:
    """The N-1 test in percent of the peak day, volumes in million m3 a day; `largest` is what is lost."""

    percent: float
    percent_with_demand_side: float
    largest: str
    largest_mcm_per_day: float
    passed: bool


def n_minus_one(
    capacity_mcm_per_day: Mapping[str, float], peak_mcm_per_day: float, demand_side_mcm_per_day: float = 0.0,
    largest: str | None = None,
) -> NMinusOne:
    """N-1 of Regulation (EU) 2017/1938, Annex II: (entry + production + storage + LNG - largest) / peak day.

    `capacity_mcm_per_day` holds the daily capacity of every entry point, field, store and terminal; the largest
    (or the one named) is lost. The demand-side variant divides by the peak less what market measures save. Passed at
    100 %. ValueError if nothing or no demand is given.

    >>> n_minus_one({"pipe": 30.0, "terminal": 50.0, "store": 40.0}, 80.0).percent
    87.5
    """
    if not capacity_mcm_per_day or peak_mcm_per_day <= 0.0:
        raise ValueError("N-1 needs at least one infrastructure and a peak day above 0")
    lost = largest or max(capacity_mcm_per_day, key=lambda k: capacity_mcm_per_day[k])
    left = sum(capacity_mcm_per_day.values()) - capacity_mcm_per_day[lost]
    percent = 100.0 * left / peak_mcm_per_day
    rest = peak_mcm_per_day - demand_side_mcm_per_day
    with_side = 100.0 * left / rest if rest > 0 else float("inf")
    return NMinusOne(percent, with_side, lost, capacity_mcm_per_day[lost], max(percent, with_side) >= 100.0)


@dataclass(frozen=True)
class HydraulicNMinusOne:
    """Share of demand the network still carries at its minimum pressures, by the edge that is lost."""

    served_share: dict[str, float]
    worst: str
    worst_share: float


def hydraulic_n_minus_one(
    network: GasNetwork, edges: tuple[str, ...], options: Options | None = None
) -> HydraulicNMinusOne:
    """The N-1 test by flow in pipes: for each edge lost, the largest share of all deliveries that keeps every minimum.

    The formula asks only for capacity at the entries; this asks whether the gas gets through. A lost station is passed
    by, a lost pipe is gone. Bisection on a common share of all deliveries to 1e-4; 0 where a delivery is cut off.
    """
    found = {name: _served(replace(network, edges=_without(network, name)), options) for name in edges}
    worst = min(found, key=lambda k: found[k])
    return HydraulicNMinusOne(found, worst, found[worst])


def _without(network: GasNetwork, name: str) -> tuple[Edge, ...]:
    """The edges left when one is lost; a lost station is passed by, anything else is gone."""
    left: list[Edge] = []
    for e in network.edges:
        if e.id != name:
            left.append(e)
        elif isinstance(e, Compressor):
            left.append(ShortPipe(e.id, e.tail, e.head))
    return tuple(left)


def _served(network: GasNetwork, options: Options | None) -> float:
    def works(share: float) -> bool:
        nodes = tuple(replace(n, injection_kg_per_s=n.injection_kg_per_s * (share if n.injection_kg_per_s < 0 else 1.0))
                      for n in network.nodes)
        state = solve(replace(network, nodes=nodes), options)
        return state.converged and not any("below" in limit.what for limit in state.limits)

    if works(1.0):
        return 1.0
    if not works(0.0):
        return 0.0
    low, high = 0.0, 1.0
    while high - low > 1e-4:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if works(middle) else (low, middle)
    return low


@dataclass(frozen=True)
class CutOff:
    """A supply that fails now and again: exponential times up (rate a year) and down (mean years); what replaces it.

    `spare_bcm_per_year` flows from elsewhere while it lasts; `buffer_bcm` stands ready at every event.
    """

    volume_bcm_per_year: float
    rate_per_year: float
    mean_years: float
    spare_bcm_per_year: float = 0.0
    buffer_bcm: float = 0.0


@dataclass(frozen=True)
class Shortage:
    """Gas not served over the horizon, bcm: mean, standard error, quantiles, expected shortfall, exceedance."""

    mean_bcm: float
    error_bcm: float
    p50_bcm: float
    p95_bcm: float
    es95_bcm: float
    longest_days_mean: float
    level_bcm: Floats
    exceedance: Floats
    paths: int


def mean_lost_bcm(cut: CutOff, years: float) -> float:
    """Expected volume lost over a horizon that starts up, before any replacement, bcm; closed form.

    Q [λ/(λ+μ) Y - λ/(λ+μ)² (1 - e^-(λ+μ)Y)] with λ the rate of failure and μ one over the mean length: the two-state
    Markov process (Ross, Introduction to Probability Models, ch. 6).

    >>> round(mean_lost_bcm(CutOff(10.0, 0.2, 0.25), 30.0), 3)
    14.172
    """
    up, down = cut.rate_per_year, 1.0 / cut.mean_years
    total = up + down
    return cut.volume_bcm_per_year * (up / total * years - up / total**2 * (1.0 - exp(-total * years)))


def simulate(cut: CutOff, years: float, paths: int, rng: np.random.Generator) -> Shortage:
    """Gas not served over many paths of the alternating renewal process, after spare supply and the buffer.

    Each event first uses the spare flow, then the buffer (full again for the next event). `exceedance[i]` is the
    share of paths above `level_bcm[i]`; ES95 the mean of the worst 5 %.
    """
    t = np.zeros(paths)
    unserved, longest = np.zeros(paths), np.zeros(paths)
    short = max(cut.volume_bcm_per_year - cut.spare_bcm_per_year, 0.0)
    while (t < years).any():
        start = t + rng.exponential(1.0 / cut.rate_per_year, paths)
        length = np.clip(np.minimum(rng.exponential(cut.mean_years, paths), years - start), 0.0, None)
        unserved += np.maximum(short * length - cut.buffer_bcm, 0.0)
        longest = np.maximum(longest, length)
        t = start + np.where(length > 0.0, length, 0.0)
    ordered = np.sort(unserved)
    tail = max(1, int(np.ceil(0.05 * paths)))
    level = np.linspace(0.0, float(ordered[-1]) or 1.0, 41)
    return Shortage(
        float(unserved.mean()), float(unserved.std(ddof=1) / np.sqrt(paths)), float(np.quantile(ordered, 0.5)),
        float(np.quantile(ordered, 0.95)), float(ordered[-tail:].mean()), float(longest.mean() * 365.0), level,
        1.0 - np.searchsorted(ordered, level, side="right") / paths, paths,
    )


def survival_days(shortfall_mcm_per_day: float, stored_mcm: float, withdrawal_mcm_per_day: float) -> float:
    """Days a store covers a shortfall in full: 0 if it cannot give enough a day, inf if nothing is short.

    >>> survival_days(20.0, 300.0, 25.0), survival_days(30.0, 300.0, 25.0)
    (15.0, 0.0)
    """
    if shortfall_mcm_per_day <= 0.0:
        return float("inf")
    return stored_mcm / shortfall_mcm_per_day if withdrawal_mcm_per_day >= shortfall_mcm_per_day else 0.0


def disruption_cost_musd(
    unserved_bcm: float, share: Mapping[str, float], value_of_lost_load_usd_per_kcm: Mapping[str, float]
) -> float:
    """Cost of gas not served, million USD: each sector's share of the cut times its value of lost load.

    `share` says how the cut falls on sectors (rationing in proportion to demand by default of the caller). ValueError
    if shares do not sum to 1.

    >>> disruption_cost_musd(0.5, {"power": 0.4, "homes": 0.6}, {"power": 500.0, "homes": 2000.0})
    700.0
    """
    if abs(sum(share.values()) - 1.0) > 1e-6:
        raise ValueError("sector shares must sum to 1")
    return unserved_bcm * sum(share[s] * value_of_lost_load_usd_per_kcm[s] for s in share)
