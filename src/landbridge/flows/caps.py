"""Caps of the law bound to the freight market: which tonnes of which shipments stand under which cap.

A cap names HS codes, a shipment is a cargo of many. Where the cap names all codes of the cargo, all its tonnes stand
under it; else hs_shares.csv says which part does, and where it does not, these tonnes are not bound and are shown so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from landbridge.conditions import hs
from landbridge.conditions.caps import Goods, LegalCap, YearlyLimit
from landbridge.conditions.verdict import cite
from landbridge.flows._types import F64
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.freight import Caps
from landbridge.flows.study_market import FreightResult, parameters
from landbridge.result import ResultTable
from landbridge.schema.demand import Cargo, Trade
from landbridge.schema.flows import ChoiceName, HsShare
from landbridge.study import Study
from landbridge.tables import Evidence, country_name


@dataclass(frozen=True)
class CapLine:
    """One cap as it stands in a scenario: bound (`limit_t` a year) or not, and why not.

    `demand_t` are the tonnes a year under it by road, rail and sea, `unknown_t` those of cargoes of which the part
    under it is not known, and `how` how the part was found.
    """

    name: str
    legal: LegalCap
    limit_t: float | None
    demand_t: float
    unknown_t: float
    reason: str
    how: str
    evidence: Evidence


@dataclass(frozen=True)
class BoundCaps:
    """Caps as the freight equilibrium takes them, the `lines` that have a limit in their order; and all lines."""

    caps: Caps
    capped: sparse.csr_array
    lines: tuple[CapLine, ...]

    @property
    def market(self) -> tuple[Caps, sparse.csr_array]:
        """As `solve_study` takes them."""
        return self.caps, self.capped


def bind_caps(study: Study, ways: Alternatives, countries: Sequence[str], legal: Iterable[LegalCap]) -> BoundCaps:
    """The caps of the law on the ways of a scenario; `countries` is by zone.

    The price at which cargo stays behind is `give_up_usd_per_t` of choice.csv.
    """
    lines: list[CapLine] = []
    columns: list[F64] = []
    where = np.array(countries)
    pairs = list(zip(np.array(ways.cargoes)[ways.cargo].tolist(), where[ways.origin].tolist(),
                     where[ways.destination].tolist(), strict=True))
    for cap in legal:
        parts, notes, mark = _parts(study, cap)
        share = np.array([parts.get(p, 0.0) if p in cap.goods else 0.0 for p in pairs])
        open_part = np.array([p in cap.goods and p not in parts for p in pairs])
        limit, why, price_mark = _limit_t(study, cap.limit, cap.goods)
        under, unknown = float(share @ ways.demand_t), float(ways.demand_t[open_part].sum())
        reason = _why_idle(cap, why, under, unknown)
        mark = Evidence.weakest([cap.limit.evidence, mark, price_mark])
        name = f"{cite(cap.measure)} ({cap.measure.id}{', ' + cap.partner if cap.partner else ''})"
        lines.append(CapLine(name, cap, None if reason else limit, under, unknown, reason, notes, mark))
        if not reason:
            columns.append(share[ways.group])
    held = [x for x in lines if x.limit_t is not None]
    give_up = parameters(study)[ChoiceName.GIVE_UP]
    caps = Caps(tuple(x.name for x in held), np.array([x.limit_t for x in held], dtype=np.float64),
                np.full(len(held), give_up))
    capped = sparse.csr_array(np.stack(columns, axis=1)) if columns else sparse.csr_array((len(ways.group), 0))
    return BoundCaps(caps, capped, tuple(lines))


def _why_idle(cap: LegalCap, no_limit: str, under_t: float, unknown_t: float) -> str:
    """Why a cap binds nothing; blank where it does."""
    if not cap.goods:
        return "lifted by " + ", ".join(cap.lifted_by)
    if no_limit or under_t > 0:
        return no_limit
    if unknown_t > 0:
        return "nothing is known to stand under it; of some cargo no table says what part does (hs_shares.csv)"
    return "no tonnes of the trade table that go by road, rail or sea stand under it"


def _limit_t(study: Study, limit: YearlyLimit, goods: Goods) -> tuple[float | None, str, Evidence]:
    """Tonnes a year, why there are none, and the mark of the price where money is made into tonnes."""
    if limit.usd is None:
        return limit.tonnes, limit.reason, limit.evidence
    pairs = {(c, o, d) for c, o, d in goods}
    rows = [t for t in study.rows(Trade) if (t.cargo, t.exporter, t.importer) in pairs and t.mass_kt > 0]
    value, mass = sum(t.value_musd for t in rows), sum(t.mass_kt for t in rows)
    if not value:
        why = "" if limit.tonnes is not None else "no trade between these countries gives a price for its dollars"
        return limit.tonnes, why, limit.evidence
    by_price = limit.usd / (value * 1e3 / mass)
    tonnes = by_price if limit.tonnes is None else min(by_price, limit.tonnes)
    return tonnes, "", Evidence.weakest(t.evidence for t in rows)


def _parts(study: Study, cap: LegalCap) -> tuple[Mapping[tuple[str, str, str], float], str, Evidence]:
    """Share of each cargo and pair under a cap where it is known, in words how, and the weakest mark."""
    codes = {c.id: frozenset(c.hs) for c in study.rows(Cargo)}
    rows: dict[tuple[str, str, str], list[HsShare]] = {}
    for row in study.rows(HsShare):
        rows.setdefault((row.cargo, row.exporter, row.importer), []).append(row)
    parts: dict[tuple[str, str, str], float] = {}
    notes: dict[str, None] = {}
    marks = [cap.measure.evidence]
    for (cargo, origin, destination), goods in cap.goods.items():
        if goods >= codes[cargo]:
            parts[cargo, origin, destination] = 1.0
            notes[f"all HS codes of {cargo}"] = None
            continue
        told = next((rows[k] for k in _keys(cargo, origin, destination) if k in rows), [])
        inside = [r for r in told if hs.contains(_scope(goods), frozenset(r.hs))]
        if all(any(hs.contains(hs.parse(r.hs), frozenset({g})) for r in inside) for g in goods):
            share = parts[cargo, origin, destination] = min(1.0, sum(r.share_central for r in inside))
            notes[f"{share:.0%} of {cargo} from {country_name(origin)} to {country_name(destination)}"] = None
            marks += [r.evidence for r in inside]
    return parts, "; ".join(notes), Evidence.weakest(marks)


def _scope(codes: frozenset[str]) -> hs.HsScope:
    return hs.parse(sorted(codes))


def _keys(cargo: str, origin: str, destination: str) -> Iterator[tuple[str, str, str]]:
    """Rows of the pair itself before those of any exporter or importer."""
    yield cargo, origin, destination
    yield cargo, origin, ""
    yield cargo, "", destination
    yield cargo, "", ""


def caps_table(solved: Sequence[tuple[str, FreightResult, BoundCaps]]) -> ResultTable:
    """Table `legal_caps`: each cap of each scenario (role, result, caps), what it holds back and what a place under it
    is worth, or why it is not bound.
    """
    rows: list[dict[str, object]] = []
    for role, result, bound in solved:
        e = result.equilibrium
        wanted = dict(zip(bound.caps.names, np.asarray(bound.capped.T @ e.wanted_t).tolist(), strict=True))
        price = dict(zip(bound.caps.names, e.price_usd_per_t.tolist(), strict=True))
        left: dict[str, float] = {}
        for _, tonnes, reason in e.not_carried:
            left[reason] = left.get(reason, 0.0) + tonnes
        for line in bound.lines:
            held = line.limit_t is not None
            behind = left.get(line.name, 0.0)
            under = wanted.get(line.name, line.demand_t)
            rows.append({
                "role": role, "scenario": result.scenario, "measure": line.legal.measure.id, "provision": line.name,
                "quantity": line.legal.text, "limit_kt": line.limit_t / 1e3 if line.limit_t is not None else np.nan,
                "wanted_kt": under / 1e3, "carried_kt": (under - behind) / 1e3, "left_behind_kt": behind / 1e3,
                "price_usd_per_t": price[line.name] if held else np.nan, "not_known_kt": line.unknown_t / 1e3,
                "bound": held, "why_not": line.reason, "part_under_it": line.how,
                "evidence": line.evidence.word, "source": line.legal.measure.source,
            })
    columns = ["role", "scenario", "measure", "provision", "quantity", "limit_kt", "wanted_kt", "carried_kt",
               "left_behind_kt", "price_usd_per_t", "not_known_kt", "bound", "why_not", "part_under_it", "evidence",
               "source"]
    return ResultTable(
        "legal_caps", "Caps of the law and what they hold back", pd.DataFrame(rows, columns=columns), {},
        "kt a year under each cap in force on the day of the scenario: wanted, carried, left behind. The price is "
        "what a tonne would pay for a place under the cap; it ends at give_up_usd_per_t of choice.csv, where cargo "
        "stays. "
        "not_known_kt: tonnes of cargoes of which no table says what part is under the cap; they are not held back. "
        "Goods that only pass the territory and goods that go by pipe are not counted.",
        ("measures.csv, mass_units.csv, hs_shares.csv; landbridge freight equilibrium",))
