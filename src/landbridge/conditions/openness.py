"""Which objects of the network are shut to which cargo between which countries: the contract with routing.

Four questions must not be mixed: is it lawful, is it consented and operating, is it physically there, is it worth
using. A basis names which of the first three count; the fourth is routing's. What is not there is shut on every basis,
and unknown is shut as well. Law is asked of each place where cargo can leave the territory (ports and crossings), so
that a proviso bound to one port opens that port alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions import hs
from landbridge.conditions.book import Conditions, as_of_date, law_edits, load, openings, transit_state
from landbridge.conditions.gates import Binding, passes, status
from landbridge.conditions.law import LawEdits, judge, signature
from landbridge.conditions.scenario import Scenario
from landbridge.conditions.shipment import Shipment
from landbridge.conditions.verdict import Answer
from landbridge.schema.words import Activity, GateKind, State
from landbridge.study import Study

PASSED = frozenset({Answer.PERMITTED, Answer.CONDITIONS, Answer.CAPPED})


class OpenBasis(Enum):
    """What counts for a link to be open; what is not physically there is shut on every basis."""

    LAWFUL_ONLY = "law"
    OPEN_ONLY = "gates of consent and operation"
    AS_OPERATED = "law, consent, operation and commercial risk"


class GroupRule(Enum):
    """When a cargo group of many HS codes counts as lawful."""

    MOST = "at least half of its codes"
    WORST = "all of its codes"


_ALWAYS = frozenset({GateKind.PHYSICAL, GateKind.TECHNICAL})
_KINDS = {
    OpenBasis.LAWFUL_ONLY: _ALWAYS,
    OpenBasis.OPEN_ONLY: _ALWAYS | {GateKind.CONSENT, GateKind.SECURITY},
    OpenBasis.AS_OPERATED: frozenset(GateKind),
}


@dataclass(frozen=True)
class Exit:
    """A place where cargo can leave the territory: a port, or a crossing into a neighbour."""

    objects: tuple[str, ...]  # all objects that share the answer
    neighbour: str  # "" for a port
    locode: str  # "" for a crossing


@dataclass(frozen=True, eq=False)
class Memo:
    """What has been asked of the law already, shared by the worlds of the same conditions, day, as-of and territory."""

    standing: dict[tuple[object, ...], tuple[frozenset[str], Answer]] = field(default_factory=dict)
    gates: dict[tuple[object, ...], frozenset[str]] = field(default_factory=dict)  # that matter to a cargo and pair
    closed: dict[tuple[object, ...], tuple[frozenset[str], Answer, float]] = field(default_factory=dict)
    governing: dict[tuple[object, ...], tuple[Binding, ...]] = field(default_factory=dict)
    answers: dict[tuple[object, ...], Answer] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)  # HS codes the law cannot tell apart share a number
    signatures: dict[object, int] = field(default_factory=dict)
    countries: dict[str, object] = field(default_factory=dict)  # the same for countries


_MEMOS: WeakKeyDictionary[Conditions, dict[tuple[date, date, str], Memo]] = WeakKeyDictionary()


@dataclass(frozen=True, eq=False)
class World:
    """The conditions of a study as a scenario makes them on a day.

    `states` holds every gate, `absent` the objects nothing can pass whatever the law says.
    """

    held: Conditions
    scenario: Scenario
    on: date
    as_of: date
    states: Mapping[str, State]
    absent: frozenset[str]
    edits: LawEdits
    territory: str
    exits: tuple[Exit, ...]
    inside: frozenset[str]  # all objects that touch the territory
    named: frozenset[str]  # countries and ports that some rule or gate names
    memo: Memo = field(repr=False)


@dataclass(frozen=True)
class Openness:
    """Closed objects by cargo, origin and destination, grouped: one routing metric is enough for each class.

    `class_of[k, o, d]` is an index into `closed`; `answer` the Answer's severity; `lawful_share` the share of the
    cargo's HS codes that may move; axes are `cargos`, `countries`, `countries`.
    """

    cargos: tuple[str, ...]
    countries: tuple[str, ...]
    closed: tuple[frozenset[str], ...]
    class_of: NDArray[np.int16]
    answer: NDArray[np.int8]
    lawful_share: NDArray[np.float64]

    def closed_for(self, cargo: str, origin: str, destination: str) -> frozenset[str]:
        """The objects shut for one cargo and pair of countries."""
        at = (self.cargos.index(cargo), self.countries.index(origin), self.countries.index(destination))
        return self.closed[int(self.class_of[at])]


def world(
    study: Study, scenario: str, on: date | None = None, as_of: date | None = None, territory: str | None = None
) -> World:
    """The conditions under a scenario; the law is asked at the borders and ports of `territory`, by default the
    corridor's transit state.

    The record is seen on the scenario's own day, or, for an observed scenario, on `on` where it is given; the edits in
    effect are those up to `on`, by default all of them.
    """
    held = load(study)
    return build_world(held, held.scenarios[scenario], frozenset(), on, as_of_date(study, as_of),
                       territory=transit_state(study) if territory is None else territory)


def build_world(
    held: Conditions, scenario: Scenario, opened: frozenset[str], on: date | None = None, as_of: date | None = None,
    *, territory: str,
) -> World:
    """The conditions under a scenario with some more gates opened by hand, as the unlock table asks."""
    day = on if on is not None and scenario.observed else scenario.world_date
    known = as_of or held.horizon
    edited = {**scenario.states_on(on), **dict.fromkeys(opened, State.OPEN)}
    states = {g: edited.get(g) or status(held.gates, g, day, known).state for g in held.gates.gates}
    by_scenario = law_edits(held, scenario, on)
    edits = LawEdits(by_scenario.openings + openings(held, opened), by_scenario.caps)
    exits = _exits(held, territory)
    inside = frozenset(o for e in exits for o in e.objects)
    return World(held, scenario, day, known, states, _absent(held, edited, day, known), edits, territory, exits, inside,
                 _named(held, territory), _MEMOS.setdefault(held, {}).setdefault((day, known, territory), Memo()))


def _exits(held: Conditions, territory: str) -> tuple[Exit, ...]:
    by_neighbour: dict[str, list[str]] = {}
    for c in held.crossings:
        if territory in (c.country_a, c.country_b):
            by_neighbour.setdefault(c.country_b if c.country_a == territory else c.country_a, []).append(c.id)
    locode = {p.terminal: p.locode for p in held.ports}
    ports = tuple(Exit((t.id,), "", locode.get(t.id, "")) for t in held.terminals
                  if t.country == territory and "sea" in t.modes)
    return tuple(Exit(tuple(ids), n, "") for n, ids in by_neighbour.items()) + ports


def _absent(held: Conditions, edited: Mapping[str, State], day: date, known: date) -> frozenset[str]:
    """Objects that nothing can pass: closed on the record, unless the scenario opens them or their physical gate."""
    shut = set()
    for id, rows in held.object_states.items():
        now = [r for r in rows if r.from_date <= day and r.known_from <= known]
        if day > known or not now or now[-1].state.passable is not True:
            shut.add(id)
    for b in held.gates.bindings:
        state = edited.get(b.gate)
        if state is not None and state.passable and held.gates.gates[b.gate].kind in _ALWAYS:
            shut -= set(b.objects)
    for target, state in edited.items():
        if target not in held.gates.gates:
            (shut.discard if state.passable else shut.add)(target)
    return frozenset(shut)


def _governs(b: Binding, codes: Sequence[str], origin: str, destination: str) -> bool:
    return (
        (not b.origin_in or origin in b.origin_in) and origin not in b.origin_not
        and (not b.destination_in or destination in b.destination_in) and destination not in b.destination_not
        and any(hs.cover(b.scope, c) >= hs.Cover.PART for c in codes)
    )


def gate_closed(w: World, codes: Sequence[str], origin: str, destination: str, basis: OpenBasis) -> frozenset[str]:
    """Objects shut by gates that count on a basis; unknown is shut, and so is consent that is only restricted."""
    key = (tuple(codes), origin, destination, basis)
    governing, gates = w.memo.governing.get(key), w.held.gates
    if governing is None:
        kinds = _KINDS[basis]
        governing = w.memo.governing[key] = tuple(
            b for b in gates.bindings
            if b.objects and gates.gates[b.gate].kind in kinds and _governs(b, codes, origin, destination)
        )
    shut = (b for b in governing if not passes(gates.gates[b.gate].kind, w.states[b.gate]))
    return frozenset(o for b in shut for o in b.objects)


def law_closed(
    w: World, codes: Sequence[str], origin: str, destination: str, rule: GroupRule = GroupRule.MOST
) -> tuple[frozenset[str], Answer, float]:
    """Objects the law shuts to a cargo, the answer for the pair of countries, and the share of codes it lets pass.

    A pair that begins or ends in the territory is asked once; cargo in transit is asked at every exit. Where no exit
    is lawful the whole territory is shut. Where one is, the crossings from the origin's side stay open as entries.
    """
    asked = (tuple(codes), origin, destination, rule, tuple(w.edits.caps.items()))
    matter = w.memo.gates.get(asked)
    opened = frozenset(o.gate for o in w.edits.openings)
    found = None if matter is None else w.memo.closed.get((*asked, opened & matter))
    if found is None:
        found = _law_closed(w, codes, origin, destination, rule)
        matter = w.memo.gates[asked] = _gates_that_matter(w, codes, origin, destination)
        w.memo.closed[*asked, opened & matter] = found
    return found


def _gates_that_matter(w: World, codes: Sequence[str], origin: str, destination: str) -> frozenset[str]:
    """Gates that lift a measure which stands in the way of some question about a cargo and pair; all were asked."""
    pair = _like(w, origin), _like(w, destination)
    exits = (None,) if w.territory in (origin, destination) else w.exits
    keys: list[tuple[object, ...]] = [(-1, *pair, e.neighbour) for e in w.exits if e.neighbour]
    keys += [(n, *pair, _place(w, e)) for n in {_like_code(w, c) for c in codes} for e in exits]
    standing = frozenset[str]().union(*(w.memo.standing[k][0] for k in keys))
    return frozenset(o.gate for o in openings(w.held, frozenset(w.held.gates.gates))
                     if not standing.isdisjoint(o.measures) and o.holds(origin, destination))


def _law_closed(
    w: World, codes: Sequence[str], origin: str, destination: str, rule: GroupRule
) -> tuple[frozenset[str], Answer, float]:
    shut = {o for e in w.exits if e.neighbour and _crossing(w, e, origin, destination) not in PASSED for o in e.objects}
    if w.territory in (origin, destination):
        answer, share = _group(w, codes, origin, destination, None, rule)
        return (frozenset(shut) if answer in PASSED else w.inside | shut), answer, share
    answers = [(e, *_group(w, codes, origin, destination, e, rule)) for e in w.exits]
    lawful = [a for e, a, _ in answers if a in PASSED and not set(e.objects) <= shut]
    answer = min(lawful or [a for _, a, _ in answers], key=lambda a: a.severity, default=Answer.PERMITTED)
    share = max((s for _, _, s in answers), default=1.0)
    if not lawful:
        return w.inside | shut, answer, share
    shut.update(o for e, a, _ in answers if a not in PASSED and e.neighbour != origin for o in e.objects)
    return frozenset(shut), answer, share


def _crossing(w: World, e: Exit, origin: str, destination: str) -> Answer:
    """Whether the border itself may be crossed, whatever the cargo."""
    def question() -> Shipment:
        line = w.held.lines.get(frozenset({e.neighbour, w.territory}), frozenset())
        return Shipment(w.on, origin, destination, activity=Activity.CROSSING, territories=line, as_of=w.as_of,
                        states=(w.territory, e.neighbour))

    return _answer(w, (-1, _like(w, origin), _like(w, destination), e.neighbour), origin, destination, question)


def _answer(
    w: World, key: tuple[object, ...], origin: str, destination: str, question: Callable[[], Shipment]
) -> Answer:
    """The law's answer, asked once for each set of open gates that matters to it."""
    found = w.memo.standing.get(key)
    if found is None:
        base = judge(w.held.law, question())
        in_the_way = frozenset(f.measure.id for f in base.findings if f.answer is not Answer.PERMITTED)
        found = w.memo.standing[key] = (in_the_way, base.answer)
    standing, bare = found
    matter = frozenset(o.gate for o in w.edits.openings
                       if not standing.isdisjoint(o.measures) and o.holds(origin, destination)) if standing else ()
    if not matter:
        return bare
    full = (*key, matter, tuple(w.edits.caps.items()))
    answer = w.memo.answers.get(full)
    if answer is None:
        answer = w.memo.answers[full] = judge(w.held.law, question(), w.edits).answer
    return answer


def _group(
    w: World, codes: Sequence[str], origin: str, destination: str, e: Exit | None, rule: GroupRule
) -> tuple[Answer, float]:
    alike = Counter(_like_code(w, c) for c in codes)
    first = {_like_code(w, c): c for c in reversed(codes)}
    answers = {n: _code_answer(w, c, origin, destination, e) for n, c in first.items()}
    passed = {n: a for n, a in answers.items() if a in PASSED}
    share = sum(alike[n] for n in passed) / len(codes) if codes else 1.0
    if rule is GroupRule.MOST and share >= 0.5:
        return Answer.worst(passed.values()), share
    return Answer.worst(answers.values()), share


def _code_answer(w: World, code: str, origin: str, destination: str, e: Exit | None) -> Answer:
    def question() -> Shipment:
        states = () if e is None else (w.territory, e.neighbour) if e.neighbour else (w.territory,)
        port = w.territory if e is not None and not e.neighbour else ""
        return Shipment(w.on, origin, destination, code, states=states, exit_port=e.locode if e else "",
                        port_country=port, as_of=w.as_of)

    key = (_like_code(w, code), _like(w, origin), _like(w, destination), _place(w, e))
    return _answer(w, key, origin, destination, question)


def _place(w: World, e: Exit | None) -> str | None:
    """What the law sees of an exit."""
    return None if e is None else e.neighbour or (e.locode if e.locode in w.named else "port")


def _like(w: World, country: str) -> object:
    """What the law sees of a country: itself where a rule names it, else the groups it belongs to."""
    found = w.memo.countries.get(country)
    if found is None:
        groups = tuple(g.group for g in w.held.law.groups if g.member == country and g.valid_from <= w.on
                       and (g.valid_to is None or w.on < g.valid_to))
        found = w.memo.countries[country] = country if country in w.named else groups
    return found


def _named(held: Conditions, territory: str) -> frozenset[str]:
    names = {territory}.union(*held.lines)
    for r in held.law.rules:
        m = r.measure
        names |= {m.addressee, m.exit_port, *m.origin_in, *m.origin_not, *m.party_in}
    for b in held.gates.bindings:
        names |= b.origin_in | b.origin_not | b.destination_in | b.destination_not
    return frozenset(names)


def _like_code(w: World, code: str) -> int:
    """What the law sees of a code: how far each rule in force and each gate covers it, as a number."""
    found = w.memo.codes.get(code)
    if found is None:
        gates = tuple(int(hs.cover(b.scope, code)) for b in w.held.gates.bindings)
        seen = (signature(w.held.law, w.on, w.as_of, code), gates, code if int(hs.Cover.PART) in gates else "")
        found = w.memo.codes[code] = w.memo.signatures.setdefault(seen, len(w.memo.signatures))
    return found


def closed_objects(
    w: World, codes: Sequence[str], origin: str, destination: str, basis: OpenBasis,
    rule: GroupRule = GroupRule.MOST,
) -> tuple[frozenset[str], Answer, float]:
    """Ids of crossings, links and terminals shut to a cargo between two countries, the law's answer for the pair,
    and the share of the cargo's HS codes that may move.

    >>> from landbridge import study
    >>> w = world(study.read("korea"), "observed-2018-06-01")
    >>> shut, answer, share = closed_objects(w, ["2701"], "RUS", "CHN", OpenBasis.LAWFUL_ONLY)
    >>> "RAJIN" in shut, "CHONGJIN" in shut, answer.value
    (False, True, 'permitted_with_conditions')
    """
    by_law, answer, share = law_closed(w, codes, origin, destination, rule)
    shut = w.absent | gate_closed(w, codes, origin, destination, basis)
    return (shut if basis is OpenBasis.OPEN_ONLY else shut | by_law), answer, share


def openness_classes(
    w: World, cargos: Mapping[str, Sequence[str]], countries: Sequence[str], basis: OpenBasis,
    rule: GroupRule = GroupRule.MOST,
) -> Openness:
    """Closed objects for every cargo (id to HS codes) and pair of countries, grouped into the distinct sets."""
    n = len(countries)
    shape = (len(cargos), n, n)
    class_of = np.zeros(shape, dtype=np.int16)
    answer = np.zeros(shape, dtype=np.int8)
    share = np.ones(shape)
    sets: dict[frozenset[str], int] = {}
    like = [_like(w, c) for c in countries]
    for k, codes in enumerate(cargos.values()):
        done: dict[tuple[object, object], tuple[int, int, float]] = {}
        for o, origin in enumerate(countries):
            for d, destination in enumerate(countries):
                pair = (like[o], like[d])
                if pair not in done:
                    shut, said, part = closed_objects(w, codes, origin, destination, basis, rule)
                    done[pair] = (sets.setdefault(shut, len(sets)), said.severity, part)
                class_of[k, o, d], answer[k, o, d], share[k, o, d] = done[pair]
    for a in (class_of, answer, share):
        a.flags.writeable = False
    return Openness(tuple(cargos), tuple(countries), tuple(sets), class_of, answer, share)
