"""Gates: what state each is in on a date, as far as one could know, and what it governs.

A gate whose binding names measures, and for which no table sets a state, follows from the law: closed while a
prohibition bound to it is in force and no bound proviso names it, restricted under caps, conditions and approvals.
Every other gate follows from gate_states.csv and from the events that set it. After the as-of date every state is
unknown, and unknown is never open. Consent that is only restricted is given case by case: regular cargo does not pass,
whoever holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from landbridge.conditions import hs
from landbridge.conditions.law import LawBook, in_force
from landbridge.schema.conditions import Event, Gate, GateBinding, GateState, Holder, Measure
from landbridge.schema.words import Basis, Effect, GateKind, State
from landbridge.tables import Evidence

_RESTRICT = {Effect.CAP, Effect.CONDITION, Effect.APPROVE, Effect.NOTIFY, Effect.DESIGNATION_RISK, Effect.DISCOURAGE}


def passes(kind: GateKind, state: State) -> bool | None:
    """Whether regular cargo passes a gate in a state; None where the state is unknown.

    Restricted lets it pass, except where consent is restricted: then every passage has to be asked for.

    >>> passes(GateKind.PHYSICAL, State.RESTRICTED), passes(GateKind.CONSENT, State.RESTRICTED)
    (True, False)
    """
    return False if kind is GateKind.CONSENT and state is State.RESTRICTED else state.passable


@dataclass(frozen=True)
class Setting:
    """A gate put into a state on a day, known from a day."""

    valid_from: date
    known_from: date
    state: State
    detail: str
    source: str
    evidence: Evidence


@dataclass(frozen=True)
class Binding:
    """What a gate governs: network objects and measures, for some goods and pairs of countries."""

    gate: str
    objects: tuple[str, ...]
    measures: frozenset[str]
    scope: hs.HsScope
    origin_in: frozenset[str]
    origin_not: frozenset[str]
    destination_in: frozenset[str]
    destination_not: frozenset[str]


@dataclass(frozen=True)
class GateStatus:
    """A gate on a date: its state, since when, why, and how well that is known."""

    gate: Gate
    state: State
    since: date | None
    detail: str
    source: str
    evidence: Evidence
    last_known: State | None = None  # where the date asked lies after the as-of date

    def to_json(self) -> dict[str, Any]:
        """The status as it is printed by `landbridge gates --json`."""
        return {
            "id": self.gate.id, "title": self.gate.title, "kind": self.gate.kind.value,
            "holders": list(self.gate.holders), "state": self.state.value,
            "passable": passes(self.gate.kind, self.state),
            "since": self.since.isoformat() if self.since else None, "detail": self.detail,
            "last_known": self.last_known.value if self.last_known else None,
            "source": self.source, "evidence": self.evidence.value, "evidence_word": self.evidence.word,
        }


@dataclass(frozen=True, eq=False)
class GateBook:
    """All gates of a study with their histories and bindings."""

    gates: Mapping[str, Gate]
    holders: Mapping[str, Holder]
    settings: Mapping[str, tuple[Setting, ...]]
    bindings: tuple[Binding, ...]
    law: LawBook

    def bound_measures(self, gate: str) -> tuple[Measure, ...]:
        """The measures bound to a gate, in the order of measures.csv."""
        ids = frozenset[str]().union(*(b.measures for b in self.bindings if b.gate == gate))
        return tuple(r.measure for r in self.law.rules if r.measure.id in ids)

    def held_by(self, state: str) -> tuple[str, ...]:
        """Ids of the gates that cannot open against the will of a State, alone or by its veto in a body."""
        return tuple(g.id for g in self.gates.values()
                     if any(state in self.holders[h].veto for h in g.holders if h in self.holders))

    def opened_by(self, state: str) -> tuple[str, ...]:
        """Ids of the gates that a State can open without any other: each holder decides by its vote alone."""
        def alone(h: Holder) -> bool:
            return set(h.veto) == {state} and h.votes_needed == 1

        return tuple(g.id for g in self.gates.values()
                     if g.holders and all(h in self.holders and alone(self.holders[h]) for h in g.holders))


def compile_gates(
    gates: Iterable[Gate], holders: Iterable[Holder], states: Iterable[GateState], events: Iterable[Event],
    bindings: Iterable[GateBinding], law: LawBook,
) -> GateBook:
    """The book of gates: states of the table and of events in one history each."""
    settings: dict[str, list[Setting]] = {}
    for s in states:
        settings.setdefault(s.gate, []).append(
            Setting(s.valid_from, s.known_from, s.state, s.detail, s.source, s.evidence))
    for e in events:
        for gate, state in e.settings:
            settings.setdefault(gate, []).append(
                Setting(e.date, e.known_from, state, e.text, e.source, e.evidence))
    history = {k: tuple(sorted(v, key=lambda s: (s.valid_from, s.known_from))) for k, v in settings.items()}
    bound = tuple(
        Binding(b.gate, b.objects, frozenset(b.measures), hs.parse(b.hs), frozenset(b.origin_in),
                frozenset(b.origin_not), frozenset(b.destination_in), frozenset(b.destination_not))
        for b in bindings)
    return GateBook({g.id: g for g in gates}, {h.id: h for h in holders}, history, bound, law)


def status(book: GateBook, gate: str, on: date, as_of: date) -> GateStatus:
    """The state of a gate on a date, as known on the as-of date; after the as-of date it is unknown."""
    row = book.gates[gate]
    if on > as_of:
        last = status(book, gate, as_of, as_of)
        return GateStatus(row, State.UNKNOWN, None, f"nothing after {as_of.isoformat()} is known; then it was "
                          f"{last.state.value.replace('_', ' ')}", last.source, last.evidence, last.state)
    if gate not in book.settings:
        return _legal_status(book, row, on, as_of)
    known = [s for s in book.settings[gate] if s.known_from <= as_of and s.valid_from <= on]
    if not known:
        why = "no row of the tables reaches so far back"
        return GateStatus(row, State.UNKNOWN, None, why, row.source, row.evidence)
    now = known[-1]
    since = now.valid_from
    for earlier in reversed(known[:-1]):
        if earlier.state is not now.state:
            break
        since = earlier.valid_from
    return GateStatus(row, now.state, since, now.detail, now.source, now.evidence)


def _legal_status(book: GateBook, gate: Gate, on: date, as_of: date) -> GateStatus:
    bound = book.bound_measures(gate.id)
    active = [m for m in bound if in_force(m, on, as_of)]
    state, deciding = legal_state(active)
    if not bound:
        why = "no state and no measure is bound to it"
        return GateStatus(gate, State.UNKNOWN, None, why, gate.source, gate.evidence)
    since: date | None = None
    for day in sorted({m.valid_from for m in bound} | {m.valid_to for m in bound if m.valid_to}, reverse=True):
        if day <= on:
            if legal_state([m for m in bound if in_force(m, day, as_of)])[0] is not state:
                break
            since = day
    cited = "; ".join(f"{m.instrument} {m.provision}".removesuffix(" -") for m in deciding)
    evidence = Evidence.weakest([m.evidence for m in deciding] or [gate.evidence])
    source = deciding[0].source if deciding else gate.source
    return GateStatus(gate, state, since, cited or "no bound measure in force", source, evidence)


def legal_state(active: Sequence[Measure]) -> tuple[State, tuple[Measure, ...]]:
    """What some measures in force make of a legal gate, and which of them decide."""
    lifted = frozenset[str]().union(*(m.overrides for m in active if m.effect is Effect.PERMIT))
    bans = [m for m in active if m.effect is Effect.PROHIBIT and m.id not in lifted]
    firm = tuple(m for m in bans if m.hs_basis is not Basis.DISPUTED)
    if firm:
        return State.CLOSED, firm
    open_questions = tuple(m for m in active if m.effect is Effect.UNCLEAR) + tuple(bans)
    if open_questions:
        return State.UNKNOWN, open_questions
    limits = tuple(m for m in active if m.effect in _RESTRICT or m.id in lifted or m.effect is Effect.PERMIT)
    return (State.RESTRICTED, limits) if limits else (State.OPEN, ())


@dataclass(frozen=True)
class Interval:
    """A gate in one state from a day to a day (half-open)."""

    gate: str
    state: State
    start: date
    end: date
    detail: str
    evidence: Evidence


def intervals(book: GateBook, gate: str, start: date, end: date, as_of: date) -> tuple[Interval, ...]:
    """The states of a gate between two days, one interval for each stretch of the same state."""
    days = {start}
    for s in book.settings.get(gate, ()):
        days.add(s.valid_from)
    if gate not in book.settings:
        for m in book.bound_measures(gate):
            days.update(d for d in (m.valid_from, m.valid_to) if d)
    day_after = date.fromordinal(as_of.toordinal() + 1)
    days.add(day_after)
    cuts = sorted(d for d in days if start <= d < end)
    found: list[Interval] = []
    for day, following in zip(cuts, [*cuts[1:], end], strict=True):
        now = status(book, gate, day, as_of)
        if found and found[-1].state is now.state:
            last = found.pop()
            found.append(Interval(gate, now.state, last.start, following, now.detail or last.detail, now.evidence))
        else:
            found.append(Interval(gate, now.state, day, following, now.detail, now.evidence))
    return tuple(found)
