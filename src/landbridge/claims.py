"""Claims: a statement, the indicator that tests it, and whether the computed value supports it."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import pandas as pd

from landbridge.indicators import evidence_of, unit_of
from landbridge.result import ResultTable
from landbridge.schema.demand import Claim, Comparator


class Verdict(StrEnum):
    """What a value says about a statement. Undetermined is a verdict: nothing is claimed that was not
    computed."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNDETERMINED = "undetermined"
    NOT_TESTED = "not tested"


class IndicatorValue(Protocol):
    """One indicator under one scenario, or under a pair written 'before; after'.

    NaN is unknown; inf is no way or never, and is compared like any number.
    """

    @property
    def indicator(self) -> str:
        """Name of the indicator."""

    @property
    def scenario(self) -> str:
        """Scenario, or 'before; after'."""

    @property
    def value(self) -> float:
        """The value, in the indicator's unit."""


@dataclass(frozen=True)
class ClaimVerdict:
    """A claim with the number that tested it; `low` and `high` are the range of the value, NaN where none was
    computed."""

    id: str
    statement: str
    indicator: str
    value: float
    unit: str
    scenario: str
    verdict: Verdict
    rule: str
    reason: str
    headline: bool
    low: float = math.nan
    high: float = math.nan

    def to_json(self) -> dict[str, object]:
        """The verdict as plain data; unknown values become None where it is written as JSON."""
        return {"id": self.id, "statement": self.statement, "indicator": self.indicator or None, "value": self.value,
                "unit": self.unit, "scenario": self.scenario, "verdict": self.verdict.value, "rule": self.rule,
                "low": self.low, "high": self.high, "evidence": evidence_of(self.indicator), "reason": self.reason,
                "headline": self.headline}

    def text(self) -> str:
        """One line for reading."""
        if not self.indicator:
            return f"{self.id:<4} {self.verdict:<13} {self.statement} (not tested: {self.reason})"
        return (
            f"{self.id:<4} {self.verdict:<13} {self.statement} [{self.indicator} {worded(self.value)} {self.unit}, "
            f"wanted {self.rule}; {self.scenario}]"
        )


COMPARE: Mapping[Comparator, Callable[[float, float], bool]] = {
    Comparator.GREATER: operator.gt, Comparator.AT_LEAST: operator.ge, Comparator.LESS: operator.lt,
    Comparator.AT_MOST: operator.le, Comparator.EQUAL: operator.eq,
}


def worded(value: float) -> str:
    """A value as it is read: unknown, never (or no way), or four digits.

    >>> worded(float("nan")), worded(float("inf")), worded(12.0)
    ('unknown', 'never or no way', '12')
    """
    if math.isnan(value):
        return "unknown"
    if math.isinf(value):
        return "never or no way"
    if value == round(value) and abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}"


def judge(claims: Sequence[Claim], values: Iterable[IndicatorValue],
          ranges: Mapping[tuple[str, str], tuple[float, float]] | None = None) -> list[ClaimVerdict]:
    """A verdict for every claim, in the order of the table.

    A claim is supported or contradicted by the value of its indicator under its scenario (a pair is written
    'before; after'). It stays undetermined where it has no indicator, the value was not computed or is
    unknown, or the range of the value, given in `ranges` by (indicator, scenario), lies on both sides of the
    threshold.
    """
    known = {(v.indicator, v.scenario): v.value for v in values}
    spans = ranges or {}
    return [_judged(c, known, spans) for c in claims]


def _judged(claim: Claim, known: Mapping[tuple[str, str], float],
            spans: Mapping[tuple[str, str], tuple[float, float]]) -> ClaimVerdict:
    scenario = "; ".join(claim.scenarios)

    def found(verdict: Verdict, reason: str, value: float = math.nan, low: float = math.nan,
              high: float = math.nan) -> ClaimVerdict:
        rule = "" if claim.comparator is None else f"{claim.comparator.value} {claim.threshold:g}"
        return ClaimVerdict(
            claim.id,
            claim.statement,
            claim.indicator,
            value,
            unit_of(claim.indicator),
            scenario,
            verdict,
            rule,
            reason,
            claim.headline,
            low,
            high,
        )

    if claim.comparator is None or claim.threshold is None:
        return found(Verdict.NOT_TESTED, claim.reason)
    key = (claim.indicator, scenario)
    if key not in known:
        return found(Verdict.UNDETERMINED, f"not computed for {scenario}; {claim.reason}")
    value = known[key]
    if math.isnan(value):
        return found(Verdict.UNDETERMINED, f"unknown for {scenario}; {claim.reason}")
    holds = COMPARE[claim.comparator]
    low, high = spans.get(key, (math.nan, math.nan))
    answers = {holds(x, claim.threshold) for x in (low, value, high) if not math.isnan(x)}
    if len(answers) == 2:
        return found(Verdict.UNDETERMINED, f"the range {worded(low)} to {worded(high)} lies on both sides of the "
                                           f"threshold; {claim.reason}", value, low, high)
    verdict = Verdict.SUPPORTED if holds(value, claim.threshold) else Verdict.CONTRADICTED
    return found(verdict, claim.reason, value, low, high)


def claims_table(verdicts: Sequence[ClaimVerdict]) -> ResultTable:
    """The verdicts as a table: tested ones first, headline claims before the others."""
    ordered = sorted(verdicts, key=lambda v: (not v.indicator, not v.headline))
    frame = pd.DataFrame([v.to_json() for v in ordered])
    tested = [v for v in verdicts if v.indicator]
    count = {verdict: sum(v.verdict is verdict for v in tested) for verdict in Verdict}
    note = (f"{len(tested)} of {len(verdicts)} statements are tested: {count[Verdict.SUPPORTED]} supported, "
            f"{count[Verdict.CONTRADICTED]} contradicted, {count[Verdict.UNDETERMINED]} undetermined.")
    return ResultTable("claims", "Statements and what the numbers say", frame, {}, note, ("claims.csv of the study",))
