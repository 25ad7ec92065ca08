"""Indicators of the flows room against published identities and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from landbridge.flows import indicators as ind


def array(*values: float) -> np.ndarray:
    return np.array(values)


def test_speeds_of_corridor_monitoring_2022() -> None:
    """CAREC CPMM 2022, road: 500 km at SWOD 42.0 and SWD 23.4 leave 9.46 h stopped; TFI1 is 9.9 h."""
    moving, total = 500 / 42.0, 500 / 23.4
    assert ind.swod_km_per_h(array(500.0), array(moving))[0] == pytest.approx(42.0)
    assert ind.swd_km_per_h(array(500.0), array(total))[0] == pytest.approx(23.4)
    assert total - moving == pytest.approx(9.46, abs=0.01)
    assert total - moving == pytest.approx(9.9, rel=0.05)


def test_tfi3_is_usd_per_500_km_and_20_t() -> None:
    assert ind.tfi3_usd(array(0.0945 * 1200), array(1200.0))[0] == pytest.approx(945.0)


def test_sum_of_dwell_times_against_simulation() -> None:
    rng = np.random.default_rng(7)
    low, central, high = array(6.0, 24.0, 2.0), array(12.0, 48.0, 8.0), array(24.0, 96.0, 48.0)
    mean, variance = ind.lognormal(low, central, high)
    sigma = np.log(high / low) / ind.Z10_90
    drawn = np.exp(np.log(central) + sigma * rng.standard_normal((400_000, 3))).sum(axis=1)
    assert mean.sum() == pytest.approx(drawn.mean(), rel=0.01)
    for percent in (50, 95):
        found = ind.percentile_h(array(100.0), array(mean.sum()), array(variance.sum()), percent)[0]
        assert found == pytest.approx(100 + np.percentile(drawn, percent), rel=0.05)


def test_a_fixed_dwell_has_no_spread() -> None:
    mean, variance = ind.lognormal(array(0.0, 5.0), array(3.0, 5.0), array(3.0, 5.0))
    assert mean.tolist() == [3.0, 5.0] and variance.tolist() == [0.0, 0.0]
    assert ind.percentile_h(array(10.0), array(0.0), array(0.0), 95).tolist() == [10.0]
    assert ind.buffer_index(array(20.0), array(25.0))[0] == 0.25


def test_great_circle_and_emission() -> None:
    assert ind.great_circle_km(array(0.0), array(0.0), array(0.0),
                               array(90.0))[0] == pytest.approx(6371 * np.pi / 2)
    assert ind.co2e_kg_per_t(array(1000.0, 100.0, 0.0)[None],
                             array(22.0, 103.0, 12.0))[0] == pytest.approx(32.3)
    assert np.isnan(ind.weighted(array(1.0), array(0.0)))
