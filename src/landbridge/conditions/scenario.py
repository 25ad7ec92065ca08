"""Scenarios: ordered edits over the world as it stood on a day. Observed worlds have no edits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from landbridge.schema.conditions import ScenarioRow
from landbridge.schema.words import Attribute, State


@dataclass(frozen=True)
class Edit:
    """One change: an attribute of a gate, a network object or a measure, from a day on."""

    attribute: Attribute
    target: str
    value: str
    from_date: date
    note: str

    @property
    def number(self) -> float:
        """The value of an edit that is not a state."""
        return float(self.value)

    @property
    def state(self) -> State:
        """The value of a state edit."""
        return State(self.value)


@dataclass(frozen=True)
class Scenario:
    """A named list of edits over the world of `world_date`; nothing later than that day is taken from the record."""

    id: str
    title: str
    world_date: date
    edits: tuple[Edit, ...]
    note: str

    @property
    def observed(self) -> bool:
        """Whether it is the record itself, read-only."""
        return not self.edits

    def edits_on(self, on: date | None = None) -> tuple[Edit, ...]:
        """The edits in effect on a day, in their order; all of them where no day is given."""
        return tuple(e for e in self.edits if on is None or e.from_date <= on)

    def states_on(self, on: date | None = None) -> dict[str, State]:
        """State edits in effect, by target; the last edit of a target holds."""
        return {e.target: e.state for e in self.edits_on(on) if e.attribute is Attribute.STATE}

    def without(self, targets: frozenset[str]) -> Scenario:
        """The scenario with the edits of some targets left out: they stay as they were on its day."""
        return replace(self, edits=tuple(e for e in self.edits if e.target not in targets))

    def numbers_on(self, on: date | None = None) -> tuple[Edit, ...]:
        """Edits of dwell, fee, speed, capacity, tariff and the like in effect, in their order."""
        return tuple(e for e in self.edits_on(on) if e.attribute is not Attribute.STATE)


def compile_scenarios(rows: Iterable[ScenarioRow]) -> dict[str, Scenario]:
    """Scenarios by id, in the order of the table."""
    heads: dict[str, ScenarioRow] = {}
    edits: dict[str, list[tuple[int, Edit]]] = {}
    for row in rows:
        if row.attribute is Attribute.BASE:
            heads[row.scenario] = row
        else:
            edits.setdefault(row.scenario, []).append(
                (row.step, Edit(row.attribute, row.target, row.value, row.from_date, row.note)))
    return {
        id: Scenario(id, head.value, head.from_date,
                     tuple(e for _, e in sorted(edits.get(id, []), key=lambda pair: pair[0])), head.note)
        for id, head in heads.items()
    }
