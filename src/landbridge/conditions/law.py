"""The dated law as a compiled book of rules, and the verdict of one shipment.

Order of the reading: a measure applies if it is known on the as-of date, valid on the date asked, addressed to a
bound party, and matches activity, direction, goods, origin and ship. A proviso or a decision lifts only measures it
names; a decision of the Committee lifts United Nations measures alone; a wind-down spares contracts that are old
enough until its last day. The worst of what is left is the verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from landbridge.conditions import hs
from landbridge.conditions.hs import Cover, HsScope
from landbridge.conditions.shipment import GOODS, Shipment, Stand, stand
from landbridge.conditions.verdict import Answer, Finding, Verdict, cap_text, cite
from landbridge.schema.conditions import CapBalance, GroupMember, Instrument, Measure
from landbridge.schema.words import Activity, Basis, Direction, Effect, GoodsState, Unstated
from landbridge.tables import country_name


@dataclass(frozen=True, slots=True)
class Rule:
    """A measure made ready for matching."""

    measure: Measure
    scope: HsScope
    un: bool
    overrides: frozenset[str]


@dataclass(frozen=True)
class Opening:
    """Measures that fall away while a gate stands open in a scenario, for the goods and pairs it governs."""

    gate: str
    measures: frozenset[str]
    scope: HsScope
    origin_in: frozenset[str] = frozenset()
    origin_not: frozenset[str] = frozenset()
    destination_in: frozenset[str] = frozenset()
    destination_not: frozenset[str] = frozenset()

    def holds(self, origin: str, destination: str) -> bool:
        """Whether the gate governs the pair of countries."""
        return ((not self.origin_in or origin in self.origin_in) and origin not in self.origin_not
                and (not self.destination_in or destination in self.destination_in)
                and destination not in self.destination_not)


@dataclass(frozen=True)
class LawEdits:
    """What a scenario changes in the law: gates it opens and caps it moves (measure id to quantity)."""

    openings: tuple[Opening, ...] = ()
    caps: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


NO_EDITS = LawEdits()


@dataclass(frozen=True, eq=False)
class LawBook:
    """All measures of a study, ready to be asked."""

    rules: tuple[Rule, ...]
    by_id: Mapping[str, Rule]
    balances: Mapping[str, tuple[CapBalance, ...]]
    groups: tuple[GroupMember, ...]

    @property
    def dates(self) -> tuple[date, ...]:
        """Days on which the law changes: between two of them every answer is the same."""
        return self.dates_for(frozenset(r.measure.addressee for r in self.rules))

    def dates_for(self, parties: frozenset[str]) -> tuple[date, ...]:
        """Days on which the law changes for some parties; United Nations measures always count."""
        days: set[date] = set()
        for rule in self.rules:
            m = rule.measure
            if not rule.un and m.addressee not in parties | {"ANY"}:
                continue
            days.update(d for d in (m.valid_from, m.valid_to) if d is not None)
            if m.winddown_to is not None:
                days.add(date.fromordinal(m.winddown_to.toordinal() + 1))
        return tuple(sorted(days))


def compile_law(instruments: Iterable[Instrument], measures: Iterable[Measure],
                balances: Iterable[CapBalance] = (), groups: Iterable[GroupMember] = ()) -> LawBook:
    """The book of rules of some instruments and measures."""
    un = {i.id for i in instruments if i.is_un}
    rules = tuple(Rule(m, hs.parse(m.hs), m.instrument in un, frozenset(m.overrides)) for m in measures)
    by_measure: dict[str, list[CapBalance]] = {}
    for b in balances:
        by_measure.setdefault(b.measure, []).append(b)
    return LawBook(rules, {r.measure.id: r for r in rules}, {k: tuple(v) for k, v in by_measure.items()},
                   tuple(groups))


def in_force(measure: Measure, on: date, as_of: date | None) -> bool:
    """Whether a measure is valid on a date, as far as one could know on the as-of date (half-open)."""
    if measure.valid_from > on or (as_of is not None and measure.known_from > as_of):
        return False
    if measure.valid_to is None or on < measure.valid_to:
        return True
    return as_of is not None and measure.end_known_from is not None and measure.end_known_from > as_of


@lru_cache(maxsize=20_000)
def _active(book: LawBook, on: date, as_of: date | None, activity: Activity) -> tuple[Rule, ...]:
    kinds = {activity, Activity.ANY}
    if activity in GOODS:
        kinds |= {Activity.TRADE, Activity.TRANSIT, Activity.CROSSING, Activity.VESSEL_CALL}
    elif activity in {Activity.LABOUR, Activity.PERSON_MOVEMENT}:
        kinds.add(Activity.CROSSING)
    asked = (r for r in book.rules if r.measure.activity in kinds and r.measure.effect is not Effect.EXEMPT)
    return tuple(r for r in asked if in_force(r.measure, on, as_of))


@lru_cache(maxsize=100_000)
def _candidates(
    book: LawBook, on: date, as_of: date | None, activity: Activity, code: str, parties: frozenset[str], ship: bool
) -> tuple[tuple[Rule, Cover], ...]:
    """Rules in force, addressed to the parties, that cover some of the goods or whose list nobody has filled in."""
    addressed = (r for r in _active(book, on, as_of, activity) if _addressed(r.measure, parties)
                 and (ship or r.measure.ship is None))
    covered = ((r, hs.cover(r.scope, code)) for r in addressed)
    return tuple((r, c) for r, c in covered if c is not Cover.NOTHING or r.scope.lists)


def _addressed(m: Measure, parties: frozenset[str]) -> bool:
    if m.addressee == "ANY":
        return bool(parties)
    return m.addressee == "ALL" or m.addressee in parties


@lru_cache(maxsize=50_000)
def signature(book: LawBook, on: date, as_of: date | None, code: str) -> tuple[object, ...]:
    """What the law in force sees of an HS code: codes of one signature have the same answer on every way."""
    found = tuple((i, int(hs.cover(r.scope, code))) for i, r in enumerate(book.rules)
                  if r.scope.codes and in_force(r.measure, on, as_of))
    covers = tuple(pair for pair in found if pair[1])
    return (*covers, code) if any(c == Cover.PART for _, c in covers) else covers


@lru_cache(maxsize=20_000)
def _parties(book: LawBook, states: frozenset[str], on: date) -> frozenset[str]:
    """The States with the groups they belong to on a date."""
    groups = {g.group for g in book.groups if g.member in states and g.valid_from <= on
              and (g.valid_to is None or on < g.valid_to)}
    return states | groups


def judge(book: LawBook, shipment: Shipment, edits: LawEdits = NO_EDITS) -> Verdict:
    """The verdict for a shipment.

    Every measure that matched is in the answer, lifted or not; adding a prohibition never makes it better,
    because lifting works by name only.
    """
    parties = _parties(book, shipment.concerned, shipment.on)
    stands: dict[str, Stand] = {}
    matched: list[tuple[Rule, Cover]] = []
    unread: list[str] = []
    asked = (shipment.on, shipment.as_of, shipment.activity, shipment.hs, parties, bool(shipment.ship))
    for rule, covered in _candidates(book, *asked):
        if not _concerns(rule.measure, shipment, stands, book):
            continue
        if rule.scope.lists and covered < Cover.WHOLE:
            unread.append(f"{cite(rule.measure)} ({', '.join(rule.scope.lists)})")
        if covered is not Cover.NOTHING:
            matched.append((rule, covered))
    grants, remarks = _grants(book, shipment, stands)
    case = _Case(book, shipment, edits, tuple(r for r, _ in matched), tuple(grants))
    findings = tuple(_finding(case, rule, covered) for rule, covered in matched)
    findings += tuple(Finding(g.measure, Cover.WHOLE, Answer.CONDITIONS, (), "") for g in grants
                      if any(g.measure.id in f.lifted_by for f in findings))
    answer = Answer.worst(f.counts for f in findings)
    assumed = [country_name(t) for t, s in stands.items() if s.assumed]
    if assumed:
        remarks.append(f"Neither a way nor a port was stated: it was read as passing {' and '.join(assumed)}.")
    if shipment.as_of is not None and shipment.on > shipment.as_of:
        remarks.append(f"The date asked lies after the as-of date {shipment.as_of}: this is the law as known then, if "
                       "nothing changed since.")
    return Verdict(shipment, answer, findings, tuple(dict.fromkeys(unread)), tuple(remarks))


@dataclass(frozen=True, slots=True)
class _Case:
    """What a finding needs beside its rule."""

    book: LawBook
    shipment: Shipment
    edits: LawEdits
    matched: tuple[Rule, ...]
    grants: tuple[Rule, ...]


def _concerns(m: Measure, s: Shipment, stands: dict[str, Stand], book: LawBook) -> bool:
    here = stands.get(m.territory)
    if here is None:
        here = stands[m.territory] = stand(s, m.territory)
    if not _direction(m, s, here, book):
        return False
    if m.except_territory and m.except_territory in s.territories:
        return False
    if (m.origin_in and s.origin not in m.origin_in) or s.origin in m.origin_not:
        return False
    if m.party_in and not s.partners & set(m.party_in):
        return False
    if m.exit_port and m.exit_port != s.exit_port:
        return False
    if (m.goods is GoodsState.NEW and s.used) or (m.goods is GoodsState.USED and not s.used):
        return False
    if m.contract_from is not None:
        old = s.contract is not None and s.contract < m.contract_from
        if old or (s.contract is None and m.contract_unstated is Unstated.PASSES):
            return False
    return True


def _direction(m: Measure, s: Shipment, here: Stand, book: LawBook) -> bool:
    if m.ship is not None:
        return m.ship in s.ship
    match m.direction:
        case Direction.FROM:
            return here.leaves
        case Direction.TO:
            return here.enters
        case Direction.THROUGH | Direction.ACROSS:
            return here.passes
        case Direction.ANY:
            return here.party
        case Direction.ANY_TRANSIT | Direction.WITH:
            return here.party or here.passes
        case Direction.CALL:
            return s.flag == m.addressee and (here.called or here.party)
        case Direction.AFTER_CALL:
            if m.addressee not in _parties(book, frozenset({s.destination}), s.on):
                return False
            since = (s.on - s.last_call).days if s.last_call is not None else None
            recent = since is not None and since >= 0 and (m.window_days is None or since <= m.window_days)
            return here.called or recent
    return False


def _finding(case: _Case, rule: Rule, covered: Cover) -> Finding:
    m, s = rule.measure, case.shipment
    if m.effect is Effect.PERMIT:
        used = any(other.measure.id in rule.overrides for other in case.matched)
        return Finding(m, covered, Answer.CONDITIONS if used and m.duty else Answer.PERMITTED, (), "")
    answer = _answer(m, case.book, s)
    if answer is Answer.PERMITTED:
        return Finding(m, covered, answer, (), "")
    lifted = _lifted(case, rule, answer, covered)
    if lifted is not None:
        return lifted
    if m.winddown_to is not None and s.on <= m.winddown_to:
        last, limit = m.winddown_to.isoformat(), m.winddown_contract_before
        if limit is None or (s.contract is not None and s.contract < limit):
            return Finding(m, covered, Answer.CONDITIONS, (f"{m.id} (wind-down)",),
                           f"winding down; the last day is {last}.")
        return Finding(m, covered, answer, (), f"contracts older than {limit.isoformat()} wind down until {last}; no "
                       "such contract was stated.")
    if m.effect is Effect.CAP and answer is Answer.PROHIBITED:
        return Finding(m, covered, answer, (), "the cap is recorded as full.")
    if m.id in case.edits.caps:
        return Finding(m, covered, answer, (), "changed by the scenario: " + cap_text(m, case.edits.caps[m.id]))
    return Finding(m, covered, answer, (), "")


def _lifted(case: _Case, rule: Rule, answer: Answer, covered: Cover) -> Finding | None:
    """The finding where a gate, a proviso or a decision lifts the measure for all of its goods."""
    m, s = rule.measure, case.shipment
    goods = hs.shared(rule.scope, s.hs)
    gates = tuple(o.gate for o in case.edits.openings
                  if m.id in o.measures and o.holds(s.origin, s.destination) and hs.contains(o.scope, goods))
    if gates:
        return Finding(m, covered, Answer.PERMITTED, gates, "falls away in this scenario: the gate stands open.")
    provisos = tuple(p.measure for p in case.matched if p.measure.effect is Effect.PERMIT
                     and m.id in p.overrides and hs.contains(p.scope, goods))
    if provisos:
        free = not any(p.duty for p in provisos)
        return Finding(m, covered, Answer.PERMITTED if free else Answer.CONDITIONS,
                       tuple(p.id for p in provisos), "")
    named = tuple(g.measure.id for g in case.grants
                  if (rule.un and "UN" in g.overrides) or m.id in g.overrides)
    if named:
        return Finding(m, covered, Answer.CONDITIONS, named, "lifted for what the decision covers.")
    asked = any(g.measure.addressee == m.addressee for g in case.grants)
    if asked and m.waiver and not rule.un and answer is Answer.PROHIBITED:
        return Finding(m, covered, Answer.APPROVAL, (), "the decision of the Committee does not lift national law: "
                       f"the approval of {m.waiver} is still needed.")
    return None


def _answer(m: Measure, book: LawBook, s: Shipment) -> Answer:
    match m.effect:
        case Effect.PROHIBIT:
            return Answer.DISPUTED if m.hs_basis is Basis.DISPUTED else Answer.PROHIBITED
        case Effect.CAP:
            rows = (b for b in book.balances.get(m.id, ()) if b.period_from <= s.on < b.period_to)
            full = any(b.full and (s.as_of is None or b.known_from <= s.as_of) for b in rows)
            return Answer.PROHIBITED if full else Answer.CAPPED
        case Effect.CONDITION | Effect.NOTIFY:
            return Answer.CONDITIONS
        case Effect.APPROVE:
            return Answer.APPROVAL
        case Effect.UNCLEAR:
            return Answer.UNKNOWN
    return Answer.PERMITTED


def _grants(book: LawBook, s: Shipment, stands: dict[str, Stand]) -> tuple[list[Rule], list[str]]:
    """The decisions named in the question that hold for it, and why the others do not."""
    held: list[Rule] = []
    remarks: list[str] = []
    for name in s.approvals:
        rule = book.by_id[name]
        m = rule.measure
        here = stands.setdefault(m.territory, stand(s, m.territory))
        if not in_force(m, s.on, s.as_of):
            remarks.append(f"{name} does not hold on {s.on.isoformat()}.")
        elif m.addressee not in {"ALL", s.origin, s.destination, *s.states}:
            remarks.append(f"{name} was given to {m.addressee}, which takes no part.")
        elif not _direction(m, s, here, book):
            remarks.append(f"{name} covers another direction.")
        elif hs.cover(rule.scope, s.hs) is not Cover.WHOLE:
            remarks.append(f"{name} does not cover these goods.")
        else:
            held.append(rule)
    return held, remarks

