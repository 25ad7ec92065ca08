"""Ranges by seeded draws: one stream for every quantity and draw, the same on any number of workers."""

from __future__ import annotations

from collections.abc import Iterable
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from landbridge.appraisal.cashflow import CENTRAL, CENTS_PER_MUSD, HIGH, LOW, Ledger

Floats = NDArray[np.float64]


def unit_draws(seed: int, draws: range, name: str) -> Floats:
    """One number in [0, 1) for each draw of a named quantity; draw k is the same in whatever range it is
    asked for.

    >>> bool(unit_draws(1, range(10), "capex")[7] == unit_draws(1, range(7, 8), "capex")[0])
    True
    """
    key = crc32(name.encode())
    return np.array([np.random.default_rng([seed, k, key]).random() for k in draws], np.float64)


def between(u: Floats, low: Floats, central: Floats, high: Floats) -> Floats:
    """The quantile u of a quantity of which half the draws lie between low and central and half between
    central and high, evenly; u = 0 gives low, 0.5 central, 1 high. Arrays broadcast."""
    below = low + (central - low) * (2 * u)
    above = central + (high - central) * (2 * u - 1)
    return np.asarray(np.where(u < 0.5, below, above), np.float64)


def drawn_musd(book: Ledger, seed: int, draws: range, groups: Iterable[NDArray[np.bool_]]) -> list[Floats]:
    """Yearly sums of groups of lines in every draw: for each mask of lines an array (draws, years), million
    USD.

    Lines with one driver move together; drivers are independent of each other.
    """
    names = sorted(set(book.drivers))
    u = {name: unit_draws(seed, draws, name) for name in names}
    triple = book.cents.astype(np.float64) / CENTS_PER_MUSD
    of = {name: np.array([d == name for d in book.drivers]) for name in names}
    sums = []
    for mask in groups:
        total = np.zeros((len(draws), len(book.years)))
        for name in names:
            both = mask & of[name]
            if both.any():
                low, central, high = (triple[k][both].sum(axis=0) for k in (LOW, CENTRAL, HIGH))
                total += between(u[name][:, None], low, central, high)
        sums.append(total)
    return sums


def interval(values: Floats) -> tuple[float, float, float]:
    """P5, P50 and P95 of some draws.

    >>> import numpy as np
    >>> interval(np.arange(101.0))
    (5.0, 50.0, 95.0)
    """
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)
