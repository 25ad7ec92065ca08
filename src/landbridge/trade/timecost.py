"""From days and dollars to ad valorem trade costs, by country pair and sector.

Goods of value 1 that are `days` on the way and pay `usd` per tonne cost exp(v days) + usd / value at the door; v is
the value of time (Hummels and Schaur 2013), per day as a fraction of value: delay multiplies, freight money is added.
The factor on the trade cost of one way is what they cost after the change over what they cost before,

    (exp(v (days_before + days)) + (usd_before + usd_per_t) / value) / (exp(v days_before) + usd_before / value)

and with nothing known of the way before (both 0) exp(v days) + usd_per_t / value.

Aggregation: ways of one pair and cargo are averaged with their weights (base-year value of trade; equal
weights where all are 0), the factor first and then the mean, so a large saving on a little-used way stays
small. Sectors ship several cargoes: these are averaged with the same value weights summed by cargo. The
mean is arithmetic (Laspeyres), an upper bound of the cost and so a cautious gain, because in truth trade
moves to the ways that became cheap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landbridge.errors import Fault, StudyFault
from landbridge.trade.baseline import F, frozen

I = NDArray[np.int64]  # noqa: E741  index arrays
LOWEST = 0.05  # a factor below this is no transport saving but an error of units


@dataclass(frozen=True, eq=False)
class WayChanges:
    """Changes of door-to-door ways, one entry each: what the skims before and after give.

    `importer`, `exporter` index of the economy; `cargo` index; `days`, `usd_per_t` change (negative is a
    saving; transit fees apart, they are income of someone); `value_usd_per_t` of the cargo; `weight`
    base-year value of trade (any money unit); `days_before`, `usd_before` door to door, only for the
    percentages of the report (0: unknown). A way that opens (before inf) or closes (after inf) has days =
    -inf or inf.
    """

    importer: I
    exporter: I
    cargo: I
    days: F
    usd_per_t: F
    value_usd_per_t: F
    weight: F
    days_before: F
    usd_before: F

    def __post_init__(self) -> None:
        """Same length everywhere; StudyFault otherwise or where a value of a tonne is not positive."""
        for name in ("importer", "exporter", "cargo"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), dtype=np.int64))
        for name in ("days", "usd_per_t", "value_usd_per_t", "weight", "days_before", "usd_before"):
            object.__setattr__(self, name, frozen(getattr(self, name)))
        faults = []
        if len({len(getattr(self, n)) for n in self.__dataclass_fields__}) > 1:
            faults.append(
                Fault(
                    "trade cost changes",
                    "length",
                    "columns of different length",
                    "one entry for each way",
                    "give all nine columns",
                )
            )
        elif (self.value_usd_per_t <= 0).any() or (self.weight < 0).any():
            faults.append(
                Fault(
                    "trade cost changes",
                    "value_usd_per_t, weight",
                    "a value ≤ 0 or a weight < 0",
                    "value > 0, weight ≥ 0",
                    "take the values of cargo.csv",
                )
            )
        elif np.isnan(self.days).any() or np.isnan(self.usd_per_t).any():
            faults.append(
                Fault(
                    "trade cost changes",
                    "days, usd_per_t",
                    "not a number",
                    "numbers, inf where no way",
                    "a way that was never there has no change: leave it out",
                )
            )
        if faults:
            raise StudyFault(faults)


@dataclass(frozen=True, eq=False)
class CostChange:
    """Cost factors [s, n, i] of all ways that existed before and after, split into time and money (parts
    add up: cost - 1 = time + money), with the share of the pair's weight they cover, and pairs that opened
    or closed [n, i]."""

    cost: F
    time: F
    money: F
    covered: F
    opened: NDArray[np.bool_]
    closed: NDArray[np.bool_]


def ad_valorem(value_of_time: float, days: float, usd_per_t: float = 0.0, value_usd_per_t: float = 1.0) -> float:
    """Change of the trade cost as a fraction of value for one way of which nothing is known before (0.02 = 2 % dearer).

    >>> round(ad_valorem(0.008, -10.0), 4), round(ad_valorem(0.0, 0.0, -30.0, 1500.0), 4)
    (-0.0769, -0.02)
    """
    return float(np.exp(value_of_time * days) - 1.0 + usd_per_t / value_usd_per_t)


def aggregate(
    ways: WayChanges,
    time_value: ArrayLike,
    sector_cargo: ArrayLike,
    countries: int,
    time_factor: float = 1.0,
    money_factor: float = 1.0,
) -> CostChange:
    """Cost factors by country pair and sector, see the head of this module.

    `time_value[s]` per day, `sector_cargo[s, c]` True where the sector ships the cargo. `time_factor`,
    `money_factor` scale the changes (for draws). Pairs and sectors without ways keep factor 1. StudyFault
    if a factor falls below 0.05: then days or money stand in wrong units.

    >>> one = np.array([0])
    >>> w = WayChanges(one, one + 1, one, [-10.0], [0.0], [1000.0], [5.0], [0.0], [0.0])
    >>> aggregate(w, [0.008], [[True]], 2).cost[0].round(4)
    array([[1.    , 0.9231],
           [1.    , 1.    ]])
    """
    v = np.asarray(time_value, dtype=np.float64)
    ships = np.asarray(sector_cargo, dtype=bool)
    steady = np.isfinite(ways.days) & np.isfinite(ways.usd_per_t)
    shape = (len(v), countries, countries)
    time, money, weight = np.zeros((3, len(v), countries**2))
    covered = np.zeros((len(v), countries**2))
    place = ways.importer * countries + ways.exporter
    use = _weights(ways, place, steady)
    for s in range(len(v)):
        mine = ships[s, ways.cargo]
        on = mine & steady
        share = use[on]
        start = np.exp(v[s] * ways.days_before[on])
        base = start + ways.usd_before[on] / ways.value_usd_per_t[on]
        late = start * (np.exp(v[s] * time_factor * ways.days[on]) - 1.0) / base
        paid = money_factor * ways.usd_per_t[on] / ways.value_usd_per_t[on] / base
        for total, at, values in (
            (time, place[on], share * late),
            (money, place[on], share * paid),
            (weight, place[on], share),
            (covered, place[mine], use[mine]),
        ):
            total[s] = np.bincount(at, values, countries**2)
    safe = np.maximum(weight, 1e-300)
    time, money = (time / safe).reshape(shape), (money / safe).reshape(shape)
    cost = 1.0 + time + money
    _plausible(cost)
    opened, closed = np.zeros((2, countries, countries), dtype=bool)
    opened[ways.importer[ways.days == -np.inf], ways.exporter[ways.days == -np.inf]] = True
    closed[ways.importer[ways.days == np.inf], ways.exporter[ways.days == np.inf]] = True
    part = (weight / np.maximum(covered, 1e-300)).reshape(shape)
    return CostChange(frozen(cost), frozen(time), frozen(money), frozen(part), opened, closed)


def _plausible(cost: F) -> None:
    """StudyFault where a factor is too small to be a saving of transport."""
    if cost.min(initial=1.0) < LOWEST:
        s, n, i = np.unravel_index(int(cost.argmin()), cost.shape)
        where, cure = f"sector {s}, importer {n}, exporter {i}", "check the units: days, USD per tonne, value per tonne"
        raise StudyFault([Fault("trade cost changes", where, f"factor {cost.min():.3g}", f"≥ {LOWEST}", cure)])


def _weights(ways: WayChanges, place: NDArray[np.int64], steady: NDArray[np.bool_]) -> F:
    """Weights of the ways; equal ones within a pair whose weights are all 0."""
    sums = np.bincount(place[steady], ways.weight[steady], int(place.max(initial=0)) + 1)
    return np.where(sums[place] > 0, ways.weight, 1.0)
