"""Indicators of the flows room, under the names the field uses; pure functions of arrays and frames."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landbridge.flows._types import F64
from landbridge.flows.equilibrium import Equilibrium


def select_link(answer: Equilibrium, link: int) -> pd.DataFrame:
    """Select-link analysis: the OD pairs that use a link, with their volume on it and its share of the
    pair's demand.

    Columns origin, destination, volume (unit of the demand), share_of_pair; greatest volume first. Path
    flows of a user equilibrium are not unique, link volumes are: the pairs sum to the link's volume in every
    case.
    """
    paths = answer.paths
    uses = np.zeros(len(paths.flow), np.bool_)
    uses[np.repeat(np.arange(len(paths.flow)), np.diff(paths.first))[paths.links == link]] = True
    frame = pd.DataFrame({"origin": paths.origin, "destination": paths.destination, "pair_volume": paths.flow,
                          "volume": np.where(uses, paths.flow, 0.0)})
    summed = frame.groupby(["origin", "destination"], as_index=False).sum()
    summed = summed[summed["volume"] > 0].sort_values("volume", ascending=False, ignore_index=True)
    summed["share_of_pair"] = summed["volume"] / summed["pair_volume"]
    return summed.drop(columns="pair_volume")


Z10_90 = 2.5631031310892007  # standard normal quantiles of 0.9 less that of 0.1
Z = {50: 0.0, 80: 0.8416212335729143, 90: 1.2815515655446004, 95: 1.6448536269514722}


def tfi3_usd(usd_per_t: F64, km: F64) -> F64:
    """TFI3 of CAREC's corridor monitoring: cost of 20 t over 500 km, USD.

    >>> float(tfi3_usd(np.array([94.5]), np.array([1000.0]))[0])
    945.0
    """
    return usd_per_t * 20.0 * 500.0 / km


def swd_km_per_h(km: F64, total_h: F64) -> F64:
    """SWD, speed with delay (TFI4): distance over all hours."""
    return km / total_h


def swod_km_per_h(km: F64, moving_h: F64) -> F64:
    """SWOD, speed without delay: distance over the hours in motion."""
    return km / moving_h


def lognormal(low: F64, central: F64, high: F64) -> tuple[F64, F64]:
    """Mean and variance of the lognormal with P50 `central` and the spread of P10 `low` to P90 `high`.

    σ = ln(high / low) / 2.563; where low is 0 the time is taken as fixed.

    >>> mean, variance = lognormal(np.array([10.0]), np.array([20.0]), np.array([40.0]))
    >>> mean.round(2), np.sqrt(variance).round(2)
    (array([23.15]), array([13.5]))
    """
    spread = np.where((low > 0) & (high > low),
                      np.log(np.maximum(high, 1e-12) / np.where(low > 0, low, 1.0)), 0.0)
    sigma2 = (spread / Z10_90) ** 2
    mean = central * np.exp(sigma2 / 2)
    return mean, mean**2 * np.expm1(sigma2)


def percentile_h(fixed_h: F64, mean_h: F64, variance_h2: F64, percent: int) -> F64:
    """Percentile of fixed hours and a sum of independent lognormal dwell times, by Fenton and Wilkinson.

    The sum is taken as the lognormal with its mean and variance (Fenton 1960, IRE Transactions on
    Communications Systems 8); within a few per cent of simulation for dwell times of this kind. `percent` is
    50, 80, 90 or 95.

    >>> percentile_h(np.array([10.0]), np.array([23.15]), np.array([13.51**2]), 50).round(1)
    array([30.])
    """
    positive = mean_h > 0
    mean = np.where(positive, mean_h, 1.0)
    sigma2 = np.log1p(variance_h2 / mean**2)
    quantile = np.exp(np.log(mean) - sigma2 / 2 + Z[percent] * np.sqrt(sigma2))
    return fixed_h + np.where(positive, quantile, 0.0)


def buffer_index(mean_h: F64, p95_h: F64) -> F64:
    """Buffer-time index: the share of the mean that must be added to arrive in time 19 times of 20."""
    return (p95_h - mean_h) / mean_h


def great_circle_km(lat_a: F64, lon_a: F64, lat_b: F64, lon_b: F64) -> F64:
    """Distance over the sphere, km (radius 6371 km), by the haversine formula; degrees in."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    found: F64 = 12742.0 * np.arcsin(np.sqrt(h))
    return found


def co2e_kg_per_t(mode_km: F64, grams_per_t_km: F64) -> F64:
    """Emission of a tonne over its way, kg CO2e; columns of `mode_km` and the factors are rail, road, sea."""
    return mode_km @ grams_per_t_km / 1e3


def weighted(values: F64, weights: F64) -> float:
    """Mean weighted by tonnes; NaN (unknown) where there are none."""
    total = float(weights.sum())
    return float(values @ weights) / total if total > 0 else float("nan")
