"""Claims and the table of indicators."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import SimpleNamespace

import pytest

from landbridge import study
from landbridge.claims import Verdict, claims_table, judge
from landbridge.indicators import BY_NAME, INDICATORS, unit_of
from landbridge.politics import growth_pct
from landbridge.schema.demand import Claim, KnownAnswer

KOREA = study.read("korea")


@dataclass(frozen=True)
class Value:
    indicator: str
    scenario: str
    value: float


def claim(comparator: str = ">", threshold: float = 50.0, scenarios: str = "observed-2017") -> Claim:
    return Claim.model_validate({
        "id": "K5", "kind": "causal", "paragraph": "9", "statement": "Most trade crosses China",
        "indicator": "share_crossing_china_2017_pct", "scenarios": scenarios, "comparator": comparator,
        "threshold": threshold, "reason": "most is more than half", "headline": True, "source": "x", "evidence": "V"})


@pytest.mark.parametrize(("comparator", "value", "verdict"), [
    (">", 50.0, Verdict.CONTRADICTED), (">", 50.1, Verdict.SUPPORTED), (">=", 50.0, Verdict.SUPPORTED),
    ("<", 50.0, Verdict.CONTRADICTED), ("<=", 50.0, Verdict.SUPPORTED), ("==", 50.0, Verdict.SUPPORTED),
    ("==", 51.0, Verdict.CONTRADICTED), (">=", math.inf, Verdict.SUPPORTED), ("<=", math.inf, Verdict.CONTRADICTED),
    (">", math.nan, Verdict.UNDETERMINED)])
def test_every_rule(comparator: str, value: float, verdict: Verdict) -> None:
    found = judge([claim(comparator)], [Value("share_crossing_china_2017_pct", "observed-2017", value)])[0]
    assert found.verdict is verdict
    assert found.unit == "%" and found.rule == f"{comparator} 50"
    assert found.to_json()["verdict"] == verdict.value and found.id in found.text()


def test_nothing_is_claimed_that_was_not_computed() -> None:
    other = [Value("share_crossing_china_2017_pct", "corridor", 99.0)]
    found = judge([claim()], other)[0]
    assert found.verdict is Verdict.UNDETERMINED and "not computed for observed-2017" in found.reason
    assert found.indicator not in found.reason  # words, not the name of an indicator
    assert math.isnan(found.value)
    pair = claim(scenarios="observed-2017; bridge")
    assert judge([pair], [Value(pair.indicator, "observed-2017; bridge", 60.0)])[0].verdict is Verdict.SUPPORTED


def test_a_range_over_the_threshold_is_undetermined() -> None:
    value = [Value("share_crossing_china_2017_pct", "observed-2017", 60.0)]
    key = ("share_crossing_china_2017_pct", "observed-2017")
    assert judge([claim()], value, {key: (55.0, 70.0)})[0].verdict is Verdict.SUPPORTED
    alone = judge([claim()], value)[0]
    assert math.isnan(alone.low) and math.isnan(alone.high)  # no range was computed, so none is shown
    wide = judge([claim()], value, {key: (45.0, 70.0)})[0]
    assert (wide.low, wide.high) == (45.0, 70.0)
    assert wide.verdict is Verdict.UNDETERMINED and "both sides" in wide.reason and wide.value == 60.0


def test_indicators_are_unique_and_whole() -> None:
    assert len(BY_NAME) == len(INDICATORS)
    assert all(i.name == i.name.lower() and i.unit and i.formula and i.reference for i in INDICATORS)
    assert unit_of("unheard_of") == ""


def test_every_indicator_of_the_study_is_in_the_table_with_its_unit() -> None:
    claims, answers = KOREA.rows(Claim), KOREA.rows(KnownAnswer)
    assert {c.indicator for c in claims if c.indicator} <= BY_NAME.keys()
    assert {k.indicator for k in answers if k.indicator} <= BY_NAME.keys()
    assert {k.indicator: k.unit for k in answers if k.indicator and k.unit != unit_of(k.indicator)} == {}


def test_growth_is_that_of_the_last_full_year_and_other_base_years_are_told() -> None:
    session = SimpleNamespace(study=KOREA)
    claims = {c.id: c for c in KOREA.rows(Claim)}
    both = {("RUS", "KOR", "total"), ("KOR", "RUS", "total")}
    for id, series, expected in (("C12", {("RUS", "KOR", "fuels")}, 13.33), ("C14", both, 37.47)):
        growth = {y: growth_pct(session, series, y, 2017) for y in (2014, 2015, 2016)}  # type: ignore[arg-type]
        assert growth[2016] == pytest.approx(expected, abs=0.01)
        assert claims[id].scenarios[0] == "observed-2018-06-01"
        assert "from 2016 to 2017, the last full year before the day" in claims[id].reason
        assert f"from 2015 to 2017 it is {growth[2015]:.1f} %" in claims[id].reason
        assert f"from 2014 to 2017 {growth[2014]:.1f} %" in claims[id].reason


def test_all_claims_of_the_study_get_a_verdict_and_untested_ones_say_why() -> None:
    verdicts = judge(KOREA.rows(Claim), [])
    assert len(verdicts) == len(KOREA.rows(Claim))
    assert all(v.reason for v in verdicts)
    assert all((v.verdict is Verdict.UNDETERMINED) == bool(v.indicator) for v in verdicts)
    assert {v.verdict for v in verdicts} == {Verdict.UNDETERMINED, Verdict.NOT_TESTED}
    table = claims_table(verdicts)
    assert table.frame["indicator"].notna().sum() == sum(1 for c in KOREA.rows(Claim) if c.indicator)
    headline = {v.id for v in verdicts if v.headline}
    assert {"K12", "C13"} <= headline and table.frame["id"].iloc[0] in headline
    assert "tested" in table.note and "not tested" in next(v for v in verdicts if not v.indicator).text()
