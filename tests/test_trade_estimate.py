"""Gravity estimation through the optional package."""

from __future__ import annotations

import importlib.util

import numpy as np
import pandas as pd
import pytest

from landbridge.errors import MissingExtra, StudyFault
from landbridge.trade.estimate import gravity


def frame() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = [(i, j) for i in range(12) for j in range(12) if i != j]
    data = pd.DataFrame(rows, columns=["exporter", "importer"])
    data["log_km"] = rng.normal(8, 1, len(data))
    a, b = rng.normal(0, 1, 12), rng.normal(0, 1, 12)
    data["trade"] = np.exp(3 + a[data["exporter"]] + b[data["importer"]] - 0.8 * data["log_km"])
    return data


def test_without_the_package_it_says_how_to_get_it_and_with_it_the_law_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if importlib.util.find_spec("pyfixest") is None:
        with pytest.raises(MissingExtra, match=r"landbridge\[estimate\]"):
            gravity(frame(), "trade", ["log_km"], ["exporter", "importer"])
        return
    found = gravity(frame(), "trade", ["log_km"], ["exporter", "importer"])
    assert found.coefficients["log_km"] == pytest.approx(-0.8, abs=1e-5)
    assert found.observations == 132


def test_missing_columns_are_a_fault() -> None:
    with pytest.raises(StudyFault, match="no column dist"):
        gravity(frame(), "trade", ["dist"], ["exporter"])
