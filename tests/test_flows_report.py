"""The section of the report drawn from small tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from landbridge.report.page import Figure
from landbridge.report.sections.flows import section
from landbridge.result import ResultTable


def small_tables() -> dict[str, ResultTable]:
    split = pd.DataFrame([
        {"market": "South Korea - Russia", "mode": m, "before_kt": b, "after_kt": a, "difference_kt": a - b,
         "before_share": b / 100,
         "after_share": a / 100} for m, b,
        a in (("rail", 20.0, 60.0), ("road", 0.0, 10.0), ("sea", 80.0, 30.0))])
    gates = pd.DataFrame({
        "id": ["A", "B"], "name": ["Gate A", "Port B"], "capacity_kt": [100.0, np.inf],
        "before_kt": [10.0, 90.0],
        "before_utilisation": [0.1, 0.0], "before_dwell_h": [12.0, 48.0], "after_kt": [150.0, 40.0],
        "after_utilisation": [1.5, 0.0], "after_dwell_h": [200.0, 48.0], "difference_kt": [140.0, -50.0]})
    shift = pd.DataFrame({"gateway": ["Khasan", "Vladivostok"], "before_kt": [10.0, 90.0],
                          "after_kt": [150.0, 40.0],
                          "difference_kt": [140.0, -50.0]})
    measures = pd.DataFrame({"market": ["all"], "indicator": ["SWD"], "unit": ["km/h"], "before": [10.0],
                             "after": [12.0],
                             "difference": [2.0]})
    fit = pd.DataFrame({"id": ["OF1"], "published": [0.7], "model": [0.6], "within": [True]})
    left = pd.DataFrame({"cargo": ["coal"], "kt": [5.0], "reason": ["no way"]})
    gap = pd.DataFrame({"scenario": ["x", "x"], "iteration": [0, 1], "gap": [0.5, 1e-12],
                        "converged": [True, True]})
    frames = {"modal_split": split, "gate_flows": gates, "gateway_shift": shift, "flow_indicators": measures,
              "flow_fit": fit,
              "not_carried": left, "flow_convergence": gap}
    return {name: ResultTable(name, name, frame, sources=("test, 2017",)) for name, frame in frames.items()}


def test_lead_and_figures_are_made_from_the_numbers() -> None:
    made = section(small_tables())
    assert "rail 20% before and 60% after" in made.lead and "Khasan gains most: 140 kt" in made.lead
    text = " ".join(getattr(b, "body", "") for b in made.blocks)
    assert "Vladivostok -50 kt (-55.6%)" in text
    assert "1 of 2 gates" in text and "Gate A, at 1.5 times its capacity" in text and "from 12 to 200 h" in text
    figures = [b for b in made.blocks if isinstance(b, Figure)]
    assert len(figures) == 3
    for figure in figures:
        option = json.loads(figure.option_json())
        assert figure.alt and "2017" in option["title"][1]["text"]
    bars = json.loads(figures[0].option_json())["series"][0]["data"]
    assert [b["value"] for b in bars] == [-50.0, 140.0]
