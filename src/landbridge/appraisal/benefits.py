"""Yearly amounts from quantities: rule of half, growth, emissions, safety, transit fees."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def rule_of_half(
    before_t: ArrayLike,
    after_t: ArrayLike,
    before_usd_per_t: ArrayLike,
    after_usd_per_t: ArrayLike,
    choke_usd_per_t: float | None = None,
) -> Floats:
    """Change of consumer surplus, USD: (c0 - c1)(q0 + q1)/2, elementwise over any shape.

    `before` and `after` are generalised costs. Where there is no way (inf) and no cargo the surplus is 0;
    where a way opens or shuts and cargo is carried, `choke_usd_per_t` (the cost at which demand ends) stands
    for inf, and without it the surplus is inf or -inf: not known. Williams (1977); Department for Transport,
    TAG unit A1.3.

    >>> float(rule_of_half(100.0, 120.0, 50.0, 40.0))
    1100.0
    """
    q0, q1, c0, c1 = np.broadcast_arrays(*(np.asarray(a, np.float64) for a in
                                           (before_t, after_t, before_usd_per_t, after_usd_per_t)))
    if choke_usd_per_t is not None:
        c0, c1 = np.minimum(c0, choke_usd_per_t), np.minimum(c1, choke_usd_per_t)
    quantity = (q0 + q1) / 2
    with np.errstate(invalid="ignore"):
        surplus = (c0 - c1) * quantity
    both_shut = np.isinf(c0) & np.isinf(c1)
    return np.asarray(np.where(both_shut | (quantity == 0), 0.0, surplus), np.float64)


def yearly(
    value: ArrayLike,
    of_year: int,
    years: NDArray[np.int64],
    opening_year: int,
    growth_pct: float = 0.0,
    ramp: tuple[float, ...] = (),
) -> Floats:
    """An annual amount given for one year as a row of yearly amounts: 0 before opening, growing from
    `of_year`.

    `ramp` are shares of the full amount in the first years after opening. The last axis is the years.

    >>> import numpy as np
    >>> yearly(100.0, 2030, np.arange(2029, 2033), 2030, 10.0, (0.5,)).round(6)
    array([  0.,  50., 110., 121.])
    """
    factor = (1 + growth_pct / 100) ** (years - of_year).astype(np.float64)
    factor[years < opening_year] = 0.0
    for k, share in enumerate(ramp):
        factor[years == opening_year + k] *= share
    return np.asarray(np.asarray(value, np.float64)[..., None] * factor, np.float64)


def co2e_musd(
    before_tkm: ArrayLike, after_tkm: ArrayLike, grams_per_tkm: ArrayLike, usd_per_t: float
) -> float:
    """Value of the well-to-wheel emissions saved, million USD a year; arrays hold one value per mode.

    >>> round(co2e_musd([1e9, 0.0], [0.0, 1e9], [103, 22], 40.0), 3)
    3.24
    """
    saved_t = (
        (np.asarray(before_tkm, np.float64) - np.asarray(after_tkm, np.float64))
        * np.asarray(grams_per_tkm)
        / 1e6
    )
    return float(saved_t.sum() * usd_per_t / 1e6)


def safety_musd(before_tkm: ArrayLike, after_tkm: ArrayLike, usd_per_thousand_tkm: ArrayLike) -> float:
    """Value of the accidents saved, million USD a year; arrays hold one value per mode."""
    saved = (np.asarray(before_tkm, np.float64) - np.asarray(after_tkm, np.float64)) * np.asarray(
        usd_per_thousand_tkm
    )
    return float(saved.sum() / 1e9)


def transit_fee_musd(usd_per_thousand_m3_100km: float, volume_bcm: float, length_km: float) -> float:
    """A year's fee for gas in transit, million USD.

    >>> round(transit_fee_musd(2.0, 10.2, 775), 1)
    158.1
    """
    return usd_per_thousand_m3_100km * volume_bcm * length_km / 100


def capex_by_length(length_km: ArrayLike, per_km: float, work_share: float = 1.0) -> Floats:
    """Cost of lines by length, in the unit of `per_km`: length x unit cost x the share of the work to be
    done."""
    return np.asarray(np.asarray(length_km, np.float64) * per_km * work_share, np.float64)
