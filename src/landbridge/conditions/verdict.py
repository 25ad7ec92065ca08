"""The answer of the law for one shipment: a word, every measure that applied, and sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from landbridge.conditions.hs import Cover
from landbridge.conditions.shipment import Shipment
from landbridge.schema.conditions import Measure
from landbridge.schema.words import Activity, Basis, CapRule, CapScope, Effect
from landbridge.tables import Evidence, country_name

NOT_ADVICE = "This is not legal advice."


class Answer(StrEnum):
    """What the law says, from free to barred; the worst answer of several is the last of them in this order."""

    PERMITTED = "permitted"
    CONDITIONS = "permitted_with_conditions"
    CAPPED = "capped"
    APPROVAL = "approval_needed"
    DISPUTED = "disputed"
    UNKNOWN = "unknown"
    PROHIBITED = "prohibited"

    @property
    def severity(self) -> int:
        """Rank, 0 for permitted."""
        return _RANK[self]

    @property
    def words(self) -> str:
        """As it is read."""
        return self.value.replace("_", " ")

    @staticmethod
    def worst(answers: Iterable[Answer]) -> Answer:
        """The worst of some answers; permitted where there are none.

        >>> Answer.worst([Answer.UNKNOWN, Answer.PERMITTED]).value
        'unknown'
        """
        return max(answers, key=_RANK.__getitem__, default=Answer.PERMITTED)


_RANK = {a: i for i, a in enumerate(Answer)}


@dataclass(frozen=True)
class Finding:
    """One measure that applied: what it would answer alone, how much of the goods it covers, what lifted it."""

    measure: Measure
    cover: Cover
    answer: Answer
    lifted_by: tuple[str, ...]
    why: str  # wind-down, waiver, full cap: in words; blank where the measure speaks for itself

    @property
    def counts(self) -> Answer:
        """What it adds to the verdict: of a named part of a heading only the condition that the goods are not it."""
        if self.cover is Cover.NAMED_PART and self.answer.severity > Answer.CONDITIONS.severity:
            return Answer.CONDITIONS
        return self.answer

    def to_json(self) -> dict[str, Any]:
        """The finding as it is printed."""
        m = self.measure
        return {"id": m.id, "instrument": m.instrument, "provision": m.provision, "effect": m.effect.value,
                "source": m.source, "evidence": m.evidence.value, "evidence_word": m.evidence.word,
                "basis": m.hs_basis.value, "answer": self.answer.value, "covers": self.cover.name.lower(),
                "lifted_by": list(self.lifted_by), "text": m.text}


@dataclass(frozen=True)
class Verdict:
    """The answer for a shipment, with every measure that applied."""

    shipment: Shipment
    answer: Answer
    findings: tuple[Finding, ...]
    unread_lists: tuple[str, ...]  # measures whose list of goods is filled in by each State and is not in the tables
    remarks: tuple[str, ...]

    @property
    def lifted_by(self) -> tuple[str, ...]:
        """Ids of provisos, decisions, wind-downs and gates that lifted a measure."""
        return tuple(dict.fromkeys(by for f in self.findings for by in f.lifted_by))

    @property
    def evidence(self) -> Evidence:
        """The weakest mark among the measures that decided."""
        return Evidence.weakest([f.measure.evidence for f in deciding(self)] or [Evidence.PUBLISHED])

    @property
    def provisions(self) -> str:
        """The paragraphs that decide, in short; unchecked ones say so."""
        return "; ".join(dict.fromkeys(cite(f.measure) for f in deciding(self)))

    def to_json(self) -> dict[str, Any]:
        """The answer as it is printed by `landbridge verdict --json`."""
        return {"verdict": self.answer.value, "measures": [f.to_json() for f in self.findings],
                "lifted_by": list(self.lifted_by), "notes": notes(self)}


def cite(measure: Measure) -> str:
    """Instrument and paragraph, with the mark of rows that were not checked."""
    provision = f" para. {measure.provision}" if measure.provision not in {"", "-"} else ""
    mark = "" if measure.evidence in {Evidence.PUBLISHED, Evidence.DERIVED} else f" [{measure.evidence.word}]"
    return f"{measure.instrument}{provision}{mark}"


def deciding(verdict: Verdict) -> tuple[Finding, ...]:
    """The findings that give the verdict its word, with what lifted them; none where nothing stood in the way."""
    if verdict.answer is Answer.PERMITTED:
        return tuple(f for f in verdict.findings if f.lifted_by)
    return tuple(f for f in verdict.findings if f.counts is verdict.answer)


def notes(verdict: Verdict) -> list[str]:
    """The answer in sentences: the rule, what lifts it, what must be done, what was not read."""
    lines = [_sentence(verdict)]
    for f in verdict.findings:
        m = f.measure
        if f.why:
            lines.append(f"{cite(m)}: {f.why}")
        elif m.effect is Effect.CAP:
            lines.append(f"{cite(m)}: {cap_text(m)}")
        elif m.duty and m.effect in {Effect.CONDITION, Effect.APPROVE, Effect.PERMIT, Effect.EXEMPT, Effect.NOTIFY}:
            lines.append(f"{cite(m)}: to be met: {m.duty}.")
        elif m.effect in {Effect.INSPECT, Effect.DISCOURAGE, Effect.DESIGNATION_RISK}:
            lines.append(f"{cite(m)} does not forbid: {m.text}")
        if f.cover in {Cover.PART, Cover.NAMED_PART} and m.effect is not Effect.PERMIT:
            part = "named goods" if f.cover is Cover.NAMED_PART else "part"
            lines.append(f"{cite(m)} covers only {part} of HS {verdict.shipment.hs or 'goods'}: "
                         f"ask again with a narrower code for each consignment.")
        if m.hs_basis is Basis.DISPUTED:
            lines.append(f"{cite(m)}: the reading of the goods is disputed. {m.text}")
    if verdict.unread_lists:
        lines.append("Not checked, because each State or Committee fills in the list of goods itself: "
                     + "; ".join(verdict.unread_lists) + ".")
    lines.extend(verdict.remarks)
    if any(f.measure.evidence is Evidence.MEMORY for f in verdict.findings):
        lines.append("Rows marked unchecked were written from memory and must be held against the official text.")
    lines.append(NOT_ADVICE)
    return list(dict.fromkeys(lines))


def cap_text(measure: Measure, quantity: float | None = None) -> str:
    """A cap in words: how much, for whom, in what period; that its balance is not in the tables is said."""
    amount = measure.quantity if quantity is None else quantity
    words = f"{amount:,.0f} {measure.unit}" if amount is not None else "a quantity the measure does not print"
    if measure.quantity_alt is not None and quantity is None:
        lower = measure.cap_rule is CapRule.LOWER_OF
        join = ", whichever is lower," if lower else ", the same quantity counted otherwise,"
        words += f" or {measure.quantity_alt:,.0f} {measure.unit_alt}{join}"
    scope = "for all States together" if measure.cap_scope is CapScope.WORLD else "for each supplying State"
    return f"capped at {words} {scope}, {measure.period or 'without a period'}; how much is used is not known here."


def _sentence(verdict: Verdict) -> str:
    s = verdict.shipment
    goods = f"goods of HS {s.hs}" if s.hs else "goods not named"
    what = {Activity.TRADE: goods, Activity.TRANSIT: f"transit of {goods}",
            Activity.JOINT_VENTURE: f"a joint venture that handles {goods}",
            Activity.VESSEL_CALL: f"the port call of a ship with {goods}",
            Activity.LABOUR: "the employment of workers"}.get(s.activity, f"{s.activity.value.replace('_', ' ')}")
    port = f", leaving by {s.exit_port}" if s.exit_port else ""
    head = (f"On {s.on.isoformat()}, {what} of origin {country_name(s.origin)}, destined to "
            f"{country_name(s.destination)}{port}: {verdict.answer.words}.")
    deciders = deciding(verdict)
    if not deciders:
        return head + " No measure of the tables stands in the way."
    parts = []
    for f in deciders:
        lifted = f"; lifted by {', '.join(f.lifted_by)}" if f.lifted_by else ""
        named = "only for the goods it names: " if f.cover is Cover.NAMED_PART else ""
        parts.append(f"{cite(f.measure)}: {named}{f.measure.text.rstrip('.')}{lifted}.")
    return head + " " + " ".join(dict.fromkeys(parts))
