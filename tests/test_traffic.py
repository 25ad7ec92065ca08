"""The stage of flows: what is shown of one scenario and of two."""

from __future__ import annotations

import pandas as pd
from freight_ways import KOREA, ways

from landbridge.flows.study_market import solve_study
from landbridge.result import ResultTable
from landbridge.traffic import Closing


def test_one_scenario_has_no_after() -> None:
    both = ResultTable("modal_split", "t", pd.DataFrame({"market": ["a"], "before_kt": [1.0], "after_kt": [2.0],
                                                         "difference_kt": [1.0]}))
    measures = ResultTable("flow_indicators", "t", pd.DataFrame({"indicator": ["TFI1"], "before": [1.0], "after": [2.0],
                                                                 "difference": [1.0]}))
    left = ResultTable("not_carried", "t", pd.DataFrame({"role": ["before", "after"], "kt": [3.0, 4.0]}))
    users = ResultTable("closing", "t", pd.DataFrame({"from": ["a"], "kt": [1.0]}))
    tables = {"modal_split": both, "gate_flows": both, "flow_indicators": measures, "not_carried": left,
              "closing": users}
    result = solve_study(KOREA, "test", ways([("oil", "CHN", "PRK", 1.0, (30.0,))]))
    done = Closing(result, result.equilibrium.flow_t, tables)
    split, _, shown, stays = done.shown(both=False)
    assert list(split.frame) == ["market", "kt"] and list(shown.frame) == ["indicator", "value"]
    assert stays.frame.to_dict("records") == [{"kt": 3.0}]
    assert done.shown(both=True)[0] is users  # who uses what closes stands first
