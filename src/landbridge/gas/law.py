"""What the law says about the pipeline: its gates in a scenario, and the questions of the study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from landbridge.conditions.ask import shipment
from landbridge.conditions.book import gates, load, verdict
from landbridge.conditions.gates import passes
from landbridge.errors import Fault, StudyFault
from landbridge.schema.gas import GasLawQuestion, GasRoute
from landbridge.study import Study


@dataclass(frozen=True)
class GateNow:
    """A gate of a route: its state in the scenario and whether gas may pass; unknown is no."""

    id: str
    title: str
    state: str
    passable: bool
    holders: tuple[str, ...]
    detail: str


@dataclass(frozen=True)
class LawAnswer:
    """The law's answer to one question about the pipeline."""

    id: str
    question: str
    answer: str
    provisions: str
    lifted_by: tuple[str, ...]
    notes: tuple[str, ...]
    evidence: str


def gates_now(study: Study, scenario: str = "") -> dict[str, GateNow]:
    """The gates the gas routes name, by id, in a scenario (the world of the report's law date without one).

    StudyFault for a scenario the study does not have.
    """
    held = load(study)
    if scenario and scenario not in held.scenarios:
        known = ", ".join(held.scenarios)
        raise StudyFault([Fault("question", "--scenario", f"'{scenario}'", known, "use one of these")])
    day = held.scenarios[scenario].world_date if scenario else study.config.report.law_date
    edits = held.scenarios[scenario].states_on(None) if scenario else {}
    wanted = {g for r in study.rows(GasRoute) for g in r.gates}
    found = {}
    for s in gates(study, day, day):
        if s.gate.id in wanted:
            state = edits.get(s.gate.id, s.state)
            detail = f"opened by the scenario {scenario}" if s.gate.id in edits else s.detail
            passable = passes(s.gate.kind, state) is True
            found[s.gate.id] = GateNow(s.gate.id, s.gate.title, state.value, passable, s.gate.holders,
                                       detail)
    return found


def questions(study: Study, scenario: str = "") -> tuple[LawAnswer, ...]:
    """The questions of gas/law_questions.csv, each with the verdict of the law on the scenario's date.

    Pipe steel, compressors, the joint venture, gas in transit (disputed), gas left in the DPRK.
    """
    held = load(study)
    day: date = held.scenarios[scenario].world_date if scenario else study.config.report.law_date
    if scenario:
        day = max([day, *(e.from_date for e in held.scenarios[scenario].edits)])
    found = []
    for q in study.rows(GasLawQuestion):
        asked = shipment(study, on=day.isoformat(), origin=q.origin, destination=q.destination, hs=q.hs,
                         way=q.way, activity=q.activity.value)
        v = verdict(study, asked, scenario)
        found.append(LawAnswer(q.id, q.question, v.answer.words, v.provisions, v.lifted_by,
                               tuple(v.to_json()["notes"]), v.evidence.word))
    return tuple(found)
