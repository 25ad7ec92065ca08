"""The conditions of a study, compiled once: law, gates, events, ways and scenarios."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from landbridge.conditions.gates import GateBook, GateStatus, Interval, compile_gates, intervals, passes, status
from landbridge.conditions.law import NO_EDITS, LawBook, LawEdits, Opening, compile_law, judge
from landbridge.conditions.scenario import Scenario, compile_scenarios
from landbridge.conditions.shipment import Shipment
from landbridge.conditions.verdict import Answer, Verdict
from landbridge.schema import conditions as rows
from landbridge.schema.network import Crossing, DatedState, Link, Terminal
from landbridge.schema.words import Attribute
from landbridge.study import Study
from landbridge.tables import Row

R = TypeVar("R", bound=Row)


@dataclass(frozen=True, eq=False)
class Conditions:
    """Everything the law and politics of a study say, ready to be asked.

    `horizon` is the last day anything in the tables could be known: the as-of date where none is given. `lines` are the
    areas that lie on the border of two neighbouring States, by pair: every way of ways.csv over that border names them.
    """

    law: LawBook
    gates: GateBook
    events: tuple[rows.Event, ...]
    ways: tuple[rows.Way, ...]
    ports: tuple[rows.Port, ...]
    scenarios: Mapping[str, Scenario]
    crossings: tuple[Crossing, ...]
    links: tuple[Link, ...]
    terminals: tuple[Terminal, ...]
    object_states: Mapping[str, tuple[DatedState, ...]]
    horizon: date
    lines: Mapping[frozenset[str], frozenset[str]]


_LOADED: dict[int, tuple[Study, Conditions]] = {}


def load(study: Study) -> Conditions:
    """The compiled conditions of a study; the same object for the same study."""
    held = _LOADED.get(id(study))
    if held is not None and held[0] is study:
        return held[1]
    if len(_LOADED) >= 8:
        _LOADED.clear()
    found = compile_conditions(study.tables)
    _LOADED[id(study)] = (study, found)
    return found


def compile_conditions(tables: Mapping[type[Row], tuple[Row, ...]]) -> Conditions:
    """The conditions of some tables, by row model."""

    def get(model: type[R]) -> tuple[R, ...]:
        return tuple(r for r in tables.get(model, ()) if isinstance(r, model))

    law = compile_law(get(rows.Instrument), get(rows.Measure), get(rows.CapBalance), get(rows.GroupMember))
    events = tuple(sorted(get(rows.Event), key=lambda e: (e.date, e.id)))
    gates = compile_gates(get(rows.Gate), get(rows.Holder), get(rows.GateState), events, get(rows.GateBinding), law)
    states: dict[str, list[DatedState]] = {}
    for s in get(DatedState):
        states.setdefault(s.object, []).append(s)
    known = [e.known_from for e in events] + [r.measure.known_from for r in law.rules]
    known += [s.known_from for kept in gates.settings.values() for s in kept]
    known += [s.known_from for kept in states.values() for s in kept]
    return Conditions(
        law=law, gates=gates, events=events, ways=get(rows.Way), ports=get(rows.Port),
        scenarios=compile_scenarios(get(rows.ScenarioRow)), crossings=get(Crossing), links=get(Link),
        terminals=get(Terminal), horizon=max(known, default=date.max),
        object_states={k: tuple(sorted(v, key=lambda s: (s.from_date, s.known_from))) for k, v in states.items()},
        lines=areas_between(get(rows.Way)),
    )


def areas_between(ways: tuple[rows.Way, ...]) -> dict[frozenset[str], frozenset[str]]:
    """The areas on the border of each pair of neighbouring States: those that every way over that border names."""
    found: dict[frozenset[str], frozenset[str]] = {}
    for way in ways:
        for pair in (frozenset(p) for p in pairwise(way.states)):
            found[pair] = found.get(pair, frozenset(way.territories)) & frozenset(way.territories)
    return {pair: areas for pair, areas in found.items() if areas}


def transit_state(study: Study) -> str:
    """The State whose borders and ports the law is asked about: the corridor's transit state, blank without one."""
    about = study.config.corridor
    return about.transit if about else ""


def as_of_date(study: Study, as_of: date | None = None) -> date:
    """The as-of date: as given, else that of study.toml, else the last day anything in the tables was known."""
    return as_of or study.config.study.as_of or load(study).horizon


def last_day(study: Study) -> date:
    """The last day of the year in which the record ends."""
    return date(as_of_date(study).year, 12, 31)


def verdict(study: Study, shipment: Shipment, scenario: str = "") -> Verdict:
    """The answer of the law for a shipment, with every measure that applied; edits of the scenario count if named.

    >>> from landbridge import study
    >>> from landbridge.conditions.ask import shipment
    >>> korea = study.read("korea")
    >>> coal = shipment(korea, on="2018-06-01", hs="2701", origin="PRK", destination="CHN")
    >>> verdict(korea, coal).answer.value
    'prohibited'
    """
    held = load(study)
    edits = law_edits(held, held.scenarios[scenario], shipment.on) if scenario else NO_EDITS
    return judge(held.law, shipment, edits)


def way_verdict(
    study: Study, shipments: tuple[Shipment, ...], scenario: str = ""
) -> tuple[Answer, tuple[Verdict, ...]]:
    """The worst answer over the links of a way, with the verdict of each."""
    each = tuple(verdict(study, s, scenario) for s in shipments)
    return Answer.worst(v.answer for v in each), each


def gates(study: Study, on: date, as_of: date | None = None) -> tuple[GateStatus, ...]:
    """The state of every gate on a date, as known on the as-of date (by default all that the tables know).

    >>> from landbridge import study
    >>> found = {s.gate.id: s.state.value for s in gates(study.read("korea"), date(2018, 6, 1))}
    >>> found["G-RK"], found["G-ROAD"]
    ('open', 'does_not_exist')
    """
    held = load(study)
    known = as_of_date(study, as_of)
    return tuple(status(held.gates, g, on, known) for g in held.gates.gates)


def calendar(
    study: Study, start: date, end: date, as_of: date | None = None
) -> tuple[tuple[rows.Event, ...], tuple[Interval, ...]]:
    """Events between two days (both counted) and the states of every gate between them, as known as of a date."""
    held = load(study)
    known = as_of_date(study, as_of)
    events = tuple(e for e in held.events if start <= e.date <= end and e.known_from <= known)
    after = date.fromordinal(end.toordinal() + 1)
    return events, tuple(i for g in held.gates.gates for i in intervals(held.gates, g, start, after, known))


def law_edits(held: Conditions, scenario: Scenario, on: date | None = None) -> LawEdits:
    """What a scenario changes in the law on a day: gates it opens and caps it moves."""
    states = {g: s for g, s in scenario.states_on(on).items() if g in held.gates.gates}
    opened = {g for g, s in states.items() if passes(held.gates.gates[g].kind, s)}
    caps = {e.target: e.number for e in scenario.edits_on(on) if e.attribute is Attribute.CAP}
    return LawEdits(openings(held, frozenset(opened)), caps)


def openings(held: Conditions, opened: frozenset[str]) -> tuple[Opening, ...]:
    """The measures that fall away while some gates stand open."""
    return tuple(
        Opening(b.gate, b.measures, b.scope, b.origin_in, b.origin_not, b.destination_in, b.destination_not)
        for b in held.gates.bindings if b.gate in opened and b.measures
    )
