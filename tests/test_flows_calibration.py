"""Calibration of the choice to published shares."""

from __future__ import annotations

import numpy as np
import pytest

from landbridge.flows.calibration import Observation, calibrate
from landbridge.flows.choice import Form, Logit, Sets, shares


def test_finds_the_parameters_that_made_the_shares() -> None:
    rng = np.random.default_rng(5)
    sets = Sets.of(np.repeat(np.arange(40), 3))
    cost, kind = rng.uniform(80, 160, 120), np.tile(np.arange(3), 40).astype(np.int32)
    demand, constants = rng.uniform(1, 10, 40), np.array([0.0, 0.7, -0.4])
    truth = Logit(6.0, Form.LOG)
    flow = demand[sets.group] * shares(cost, sets, truth, constants[kind]).share
    seen = []
    for g0 in range(0, 40, 4):  # the share of each kind in ten parts of the market
        part = (sets.group >= g0) & (sets.group < g0 + 4)
        for k in range(3):
            s = flow[part & (kind == k)].sum() / flow[part].sum()
            seen.append(Observation(f"{g0} {k}", part & (kind == k), part, s * 0.999, s, min(s * 1.001, 1.0)))
    fit = calibrate(cost, sets, Logit(2.0, Form.LOG), demand, kind, tuple(seen))
    assert fit.converged and fit.logit.scale == pytest.approx(6.0, rel=0.02)
    assert fit.constants == pytest.approx(constants, abs=0.02)
    assert fit.rms_log_odds < 0.02


def test_without_observations_the_start_stays() -> None:
    fit = calibrate(np.array([1.0, 2.0]), Sets.of(np.array([0, 0])), Logit(0.3), np.ones(1),
                    np.zeros(2, np.int32), ())
    assert fit.logit.scale == pytest.approx(0.3) and fit.table.empty


def test_an_observation_about_nothing_is_refused() -> None:
    nothing = Observation("x", np.array([True, False]), np.array([True, False]), 0.1, 0.2, 0.3)
    with pytest.raises(ValueError, match="no open alternative"):
        calibrate(np.array([np.inf, 2.0]), Sets.of(np.array([0, 0])), Logit(0.3), np.ones(1),
                  np.zeros(2, np.int32),
                  (nothing,))
