"""What the conditions tables must agree on among themselves and with the network tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeVar, cast

from landbridge.errors import Fault
from landbridge.schema.conditions import (
    CapBalance,
    Event,
    Gate,
    GateBinding,
    GateState,
    Holder,
    Instrument,
    Measure,
    Port,
    ScenarioRow,
    Way,
)
from landbridge.schema.names import Rows, dangling
from landbridge.schema.network import Crossing, DatedState, Link, OpenBorder, Passage, Terminal
from landbridge.schema.words import Attribute, Effect, GateKind
from landbridge.tables import Row

R = TypeVar("R", bound=Row)


def check(rows: Rows) -> list[Fault]:
    """Faults between the conditions tables: dangling names, gates without a state, edited records."""
    return [*_law(rows), *_gates(rows), *_places(rows), *_scenarios(rows)]


def _get(rows: Rows, model: type[R]) -> tuple[R, ...]:
    return cast("tuple[R, ...]", rows.get(model, ()))


def _many(file: str, column: str, used: Iterable[Sequence[str]], known: Iterable[str], where: str) -> list[Fault]:
    """Faults for names in list cells; row numbers count from the header as row 1."""
    names = set(known)
    return [
        Fault(file, f"row {i}, column {column}", f"'{name}' is not declared", f"a name from {where}",
              f"add it to {where} or correct the name")
        for i, cell in enumerate(used, start=2) for name in cell if name not in names
    ]


def _law(rows: Rows) -> list[Fault]:
    measures, instruments = _get(rows, Measure), _get(rows, Instrument)
    ids = [m.id for m in measures]
    found = dangling("measures.csv", "instrument", [m.instrument for m in measures], [i.id for i in instruments],
                     "instruments.csv")
    found += _many("measures.csv", "overrides", [m.overrides for m in measures], [*ids, "UN"], "measures.csv")
    found += dangling("cap_balances.csv", "measure", [b.measure for b in _get(rows, CapBalance)],
                      [m.id for m in measures if m.effect is Effect.CAP], "the caps of measures.csv")
    adopted = {i.id: i.known_from for i in instruments}
    found += [
        Fault("measures.csv", f"row {i}, column known_from", f"{m.known_from} is before {m.instrument} was known",
              f"{adopted[m.instrument]} or later", "correct one of the dates")
        for i, m in enumerate(measures, start=2)
        if m.instrument in adopted and m.known_from < adopted[m.instrument]
    ]
    return found


def _gates(rows: Rows) -> list[Fault]:
    gates, bindings, events = _get(rows, Gate), _get(rows, GateBinding), _get(rows, Event)
    states = _get(rows, GateState)
    ids = [g.id for g in gates]
    found = _many("gates.csv", "holders", [g.holders for g in gates], [h.id for h in _get(rows, Holder)], "holders.csv")
    found += dangling("gate_states.csv", "gate", [s.gate for s in states], ids, "gates.csv")
    found += dangling("gate_bindings.csv", "gate", [b.gate for b in bindings], ids, "gates.csv")
    found += _many("gate_bindings.csv", "measures", [b.measures for b in bindings],
                   [m.id for m in _get(rows, Measure)], "measures.csv")
    found += _many("events.csv", "sets", [[g for g, _ in e.settings] for e in events], ids, "gates.csv")
    lawful = {b.gate for b in bindings if b.measures}
    dated = {s.gate for s in states} | {g for e in events for g, _ in e.settings}
    found += [
        Fault("gates.csv", f"row {i}, column id", f"'{g.id}' has no state",
              "rows in gate_states.csv, events that set it, or measures bound to it",
              "give it a state (unknown is one) or bind measures to it")
        for i, g in enumerate(gates, start=2) if g.id not in lawful | dated
    ]
    found += [
        Fault("gates.csv", f"row {i}, column id", f"'{g.id}' is legal and has a dated state",
              "a legal gate follows from the measures bound to it", "remove the state, or change the kind")
        for i, g in enumerate(gates, start=2) if g.kind is GateKind.LEGAL and g.id in dated
    ]
    twice = Counter([(s.gate, s.valid_from, s.known_from) for s in states]
                    + [(g, e.date, e.known_from) for e in events for g, _ in e.settings])
    found += [
        Fault("events.csv", f"gate {gate} on {day}", "set twice on one day", "one state for each gate and day",
              "keep the state in one table only")
        for (gate, day, _), n in twice.items() if n > 1
    ]
    return found


def _objects(rows: Rows) -> list[str]:
    """Ids of all network objects; empty where the study has no network tables."""
    models: tuple[type[Row], ...] = (Crossing, Link, Terminal, OpenBorder, Passage)
    return [str(getattr(r, "id")) for m in models for r in rows.get(m, ())]  # noqa: B009 - Row itself has no id


def _places(rows: Rows) -> list[Fault]:
    objects, ways = _objects(rows), _get(rows, Way)
    if not objects:
        return []
    where = "crossings, links or terminals"
    found = _many("ways.csv", "objects", [w.objects for w in ways], objects, where)
    found += _many("gate_bindings.csv", "objects", [b.objects for b in _get(rows, GateBinding)], objects, where)
    found += dangling("ports.csv", "terminal", [p.terminal for p in _get(rows, Port)],
                      [t.id for t in _get(rows, Terminal)], "terminals.csv")
    found += dangling("ways.csv", "exit_port", [w.exit_port for w in ways], [p.locode for p in _get(rows, Port)],
                      "ports.csv")
    return found


def _scenarios(rows: Rows) -> list[Fault]:
    table = _get(rows, ScenarioRow)
    gates, measures = {g.id for g in _get(rows, Gate)}, {m.id for m in _get(rows, Measure)}
    objects = set(_objects(rows)) | {s.object for s in _get(rows, DatedState)}
    heads = {r.scenario for r in table if r.attribute is Attribute.BASE}
    found = []
    for i, r in enumerate(table, start=2):
        where = f"row {i}, column "
        if r.scenario not in heads:
            found.append(Fault("scenarios.csv", where + "scenario", f"'{r.scenario}' has no base row",
                               "a row with step 0 that gives its day", "add the base row"))
        if r.attribute is Attribute.BASE:
            continue
        if r.scenario.startswith("observed"):
            found.append(Fault("scenarios.csv", where + "scenario", f"'{r.scenario}' has an edit",
                               "observed scenarios are the record and are read-only", "give the scenario another name"))
        known = measures if r.attribute is Attribute.CAP else (gates | objects)
        if known and r.target not in known and r.attribute in {Attribute.STATE, Attribute.CAP}:
            found.append(Fault("scenarios.csv", where + "target", f"'{r.target}' is not declared",
                               "a gate, a network object, or for a cap a measure", "correct the name"))
    return found
