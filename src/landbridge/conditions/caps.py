"""Caps of the law on a day: how many tonnes a year, for which goods, between which countries.

A cap of measures.csv is asked of the law like any other measure, so that provisos, decisions, gates a scenario opens,
addressees and dates count as they do in a verdict. A cap counts what a territory itself sells or buys; goods that only
pass it are no part of its quantity. What no table says (a quantity, the weight of a unit, the length of a period) is a
reason why a cap is not bound, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from landbridge.conditions import hs
from landbridge.conditions.law import Rule, in_force, judge
from landbridge.conditions.openness import World
from landbridge.conditions.shipment import GOODS, Shipment
from landbridge.conditions.verdict import Answer, cap_text
from landbridge.schema.conditions import MassUnit, Measure
from landbridge.schema.words import Activity, CapRule, CapScope, Effect
from landbridge.tables import Evidence

TONNES = {"t": 1.0, "kt": 1e3, "Mt": 1e6}
MONEY = "USD"
DAYS_A_YEAR = 365
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"\byear\b|\b(12|twelve) months\b")
Goods = Mapping[tuple[str, str, str], frozenset[str]]  # (cargo, origin, destination) -> HS codes


@dataclass(frozen=True)
class YearlyLimit:
    """What a cap leaves a year: the lower of tonnes and money where both are given; None where not stated.

    `reason` says why neither is known; `evidence` is the weakest mark of the rows used.
    """

    tonnes: float | None
    usd: float | None
    reason: str
    evidence: Evidence


@dataclass(frozen=True)
class LegalCap:
    """A cap in force.

    `goods` is what stands under it, by cargo and pair of countries; `partner` the one State it counts for where each
    has its own ("" where all share it); `lifted_by` the gates and provisos under which goods fall away from it.
    """

    measure: Measure
    partner: str
    goods: Goods
    lifted_by: tuple[str, ...]
    full: bool
    limit: YearlyLimit
    text: str


def period_days(period: str) -> float | None:
    """Days over which the quantity of a cap counts; None where the words do not say.

    >>> period_days("calendar year"), period_days("2017-10-01 to 2017-12-31"), period_days("while it lasts")
    (365, 92, None)
    """
    days = [date.fromisoformat(d) for d in _DAY.findall(period)]
    if _YEAR.search(period):
        return DAYS_A_YEAR
    return (days[1] - days[0]).days + 1 if len(days) == 2 and days[1] >= days[0] else None


def yearly_limit(measure: Measure, quantity: float | None, units: Sequence[MassUnit]) -> YearlyLimit:
    """The quantity of a cap as tonnes and dollars a year.

    `quantity` is what a scenario puts in the place of the measure's own (None: nothing), in the measure's unit. A
    period shorter than a year is taken as a rate. Of two counts of one quantity that in tonnes holds, in proportion
    where a scenario changes the first; of `lower_of` the lower.
    """
    amount = measure.quantity if quantity is None else quantity
    if amount is None:
        return YearlyLimit(None, None, "the measure prints no quantity", measure.evidence)
    days = period_days(measure.period)
    if days is None:
        return YearlyLimit(None, None, f"the length of its period ('{measure.period}') is not known", measure.evidence)
    other = measure.quantity_alt
    if other is not None and measure.cap_rule is CapRule.TWO_COUNTS and measure.quantity:
        other *= amount / measure.quantity
    counts = [(amount, measure.unit)] + ([(other, measure.unit_alt)] if other is not None else [])
    if measure.cap_rule is CapRule.TWO_COUNTS:
        counts = sorted(counts, key=lambda c: c[1] not in TONNES)[:1]
    marks, tonnes, usd = [measure.evidence], [], []
    for value, unit in counts:
        factor, mark = _tonnes(unit, measure, units)
        if unit == MONEY:
            usd.append(value * DAYS_A_YEAR / days)
        elif factor is not None:
            tonnes.append(value * factor * DAYS_A_YEAR / days)
            marks.append(mark)
    reason = "" if tonnes or usd else f"no row of mass_units.csv gives the weight of one {measure.unit} of its goods"
    return YearlyLimit(min(tonnes, default=None), min(usd, default=None), reason, Evidence.weakest(marks))


def _tonnes(unit: str, measure: Measure, units: Sequence[MassUnit]) -> tuple[float | None, Evidence]:
    """Tonnes of one unit of the measure's goods, from the row that covers them all; None where there is none."""
    if unit in TONNES:
        return TONNES[unit], measure.evidence
    codes = hs.parse(measure.hs).codes
    for row in units:
        if row.unit == unit and codes and hs.contains(hs.parse(row.hs), codes):
            return row.t_per_unit_central, row.evidence
    return None, measure.evidence


def legal_caps(world: World, cargos: Mapping[str, Sequence[str]], countries: Sequence[str],
               units: Sequence[MassUnit]) -> tuple[LegalCap, ...]:
    """Caps of the law in force in a world, known on its as-of date, on cargoes (id to HS codes) between countries.

    A cap without any goods among these is left out, unless a gate or proviso took them from it.

    >>> from landbridge import study
    >>> from landbridge.conditions.openness import world
    >>> from landbridge.schema.demand import Cargo
    >>> korea = study.read("korea")
    >>> cargos = {c.id: c.hs for c in korea.rows(Cargo)}
    >>> caps = legal_caps(world(korea, "observed-2018-06-01"), cargos, ("PRK", "CHN", "RUS"), korea.rows(MassUnit))
    >>> {c.measure.id: c.limit.tonnes for c in caps}["un2397-4"]
    525000.0
    """
    found: list[LegalCap] = []
    for rule in world.held.law.rules:
        m = rule.measure
        if m.effect is not Effect.CAP or m.activity not in GOODS | {Activity.ANY}:
            continue
        if not in_force(m, world.on, world.as_of):
            continue
        goods, lifted, full = _goods(world, rule, cargos, countries)
        if not goods and not lifted:
            continue
        quantity = world.edits.caps.get(m.id)
        limit = yearly_limit(m, quantity, units)
        if full:
            limit = YearlyLimit(0.0, None, "", limit.evidence)
        found += [LegalCap(m, partner, part, lifted, full, limit, cap_text(m, quantity))
                  for partner, part in _parts(m, goods)]
    return tuple(found)


def _goods(world: World, rule: Rule, cargos: Mapping[str, Sequence[str]], countries: Sequence[str]
           ) -> tuple[dict[tuple[str, str, str], frozenset[str]], tuple[str, ...], bool]:
    """What stands under a cap, by what some of it is lifted, and whether it is recorded as full."""
    goods: dict[tuple[str, str, str], frozenset[str]] = {}
    lifted: dict[str, None] = {}
    full = False
    m = rule.measure
    for cargo, codes in cargos.items():
        parts = {g for c in codes if hs.cover(rule.scope, c) for g in hs.shared(rule.scope, c)}
        for origin, destination in _pairs(m.territory, countries):
            under = set()
            for code in sorted(parts):
                asked = Shipment(world.on, origin, destination, code, as_of=world.as_of)
                for f in judge(world.held.law, asked, world.edits).findings:
                    if f.measure is m and f.lifted_by:
                        lifted.update(dict.fromkeys(f.lifted_by))
                    elif f.measure is m and f.counts in {Answer.CAPPED, Answer.PROHIBITED}:
                        under.add(code)
                        full |= f.counts is Answer.PROHIBITED
            if under:
                goods[cargo, origin, destination] = frozenset(under)
    return goods, tuple(lifted), full


def _pairs(territory: str, countries: Sequence[str]) -> Iterator[tuple[str, str]]:
    others = [c for c in dict.fromkeys(countries) if c != territory]
    yield from ((territory, c) for c in others)
    yield from ((c, territory) for c in others)


def _parts(m: Measure, goods: Goods) -> Iterator[tuple[str, Goods]]:
    """All goods together for a cap of the world; those of each partner where every State has its own."""
    if m.cap_scope is not CapScope.PER_STATE:
        yield "", goods
        return
    partners = sorted({c for _, o, d in goods for c in (o, d) if c != m.territory})
    for partner in partners:
        yield partner, {k: v for k, v in goods.items() if partner in k[1:]}
    if not partners:
        yield "", goods
