"""The conditions stage of a run: tables of law and gates, and the indicators that follow from the record."""

from __future__ import annotations

import math
from datetime import date

from landbridge.conditions.book import calendar, load
from landbridge.conditions.council import body, power
from landbridge.conditions.tables import tables as conditions_tables
from landbridge.conditions.unlock import Group, Unlock
from landbridge.schema.config import CorridorSection
from landbridge.schema.demand import TradeSeries
from landbridge.schema.words import State
from landbridge.session import Session
from landbridge.stages import Found
from landbridge.unlocking import GateValue, holder_gain, unlock

GAIN = "gain_musd_per_year"


def politics_stage(session: Session, about: CorridorSection, value: GateValue, found: Found) -> Unlock | None:
    """Calendar, law, gates, unlock and council tables; values of the claims about them. None for a study without gates.
    """
    study = session.study
    held = load(study).gates
    table = unlock(session, value) if held.gates else None
    for t in conditions_tables(study, unlock=table):
        found.tables[t.name] = t
    before, after = study.config.report.before, study.config.report.after
    record = about.record or before
    if table:
        keys_values(table, after, found)
    if "UNSC" in held.holders:
        found.value("rus_council_banzhaf_share_pct", before,
                    100 * float(power(body(held.holders["UNSC"])).banzhaf_veto))
    found.value(
        "consent_prk_open_days_2017_09_2018_05_count",
        before,
        open_days(session, about.consent_gate, date(2017, 9, 1), date(2018, 5, 31)),
    )
    found.value("years_from_announcement_to_agreement", record, years_between(session, about, "announced", "agreed"))
    works = event_day(session, about, "works")
    found.value("first_works_year_tumen_bridge", record, works.year if works else math.inf)
    found.value(
        "first_road_or_pipeline_year",
        record,
        min(first_open_year(session, g) for g in (about.road_gate, about.pipeline_gate)),
    )
    found.value(
        "kor_energy_imports_from_rus_growth_pct",
        before,
        growth_pct(session, {("RUS", "KOR", "fuels")}, 2016, 2017),
    )
    found.value(
        "rus_kor_trade_growth_pct",
        before,
        growth_pct(session, {("RUS", "KOR", "total"), ("KOR", "RUS", "total")}, 2016, 2017),
    )
    return table


def keys_values(table: Unlock, after: str, found: Found) -> None:
    """Values of the claims about two holders of keys; NaN or none where a study does not have them."""
    whole = table.opened[GAIN] - table.closed[GAIN]
    if whole > 0:
        found.value("unlocked_by_rus_gates_pct", after, 100 * holder_gain(table, Group.ALONE, "RUS", GAIN) / whole)
        found.value(
            "unlocked_with_usa_gates_shut_pct",
            after,
            100 * holder_gain(table, Group.WITHOUT_HOLDER, "USA", GAIN) / whole,
        )
    rank = table.blocking_rank("USA", GAIN)
    if rank is not None:
        found.value("usa_gates_unlock_rank", after, rank[0])
        found.ranges["usa_gates_unlock_rank", after] = rank


def open_days(session: Session, gate: str, start: date, end: date) -> float:
    """Days between two days (both counted) on which a gate stood open; restricted does not count. NaN if unknown."""
    if gate not in load(session.study).gates.gates:
        return math.nan
    _, spans = calendar(session.study, start, end)
    return float(sum((s.end - s.start).days for s in spans if s.gate == gate and s.state is State.OPEN))


def first_open_year(session: Session, gate: str) -> float:
    """Year in which a gate first stood open or restricted from 2018 on; inf if it never did on the record."""
    _, spans = calendar(session.study, date(2018, 1, 1), load(session.study).horizon)
    years = [s.start.year for s in spans if s.gate == gate and s.state.passable]
    return float(min(years, default=math.inf))


def event_day(session: Session, about: CorridorSection, milestone: str) -> date | None:
    """Day of the event that study.toml names as a milestone; None if it names none."""
    wanted = about.milestones.get(milestone)
    return next((e.date for e in load(session.study).events if e.id == wanted), None)


def years_between(session: Session, about: CorridorSection, first: str, second: str) -> float:
    """Years from one milestone to another; NaN if either is not named."""
    a, b = event_day(session, about, first), event_day(session, about, second)
    return (b - a).days / 365.25 if a and b else math.nan


def growth_pct(session: Session, series: set[tuple[str, str, str]], start: int, end: int) -> float:
    """Growth of the summed series from one year to another, percent; NaN unless both years hold all of them."""
    rows = {(r.exporter, r.importer, r.cargo, r.year): r.value_musd for r in session.study.rows(TradeSeries)}
    sums = []
    for year in (start, end):
        values = [rows.get((*key, year)) for key in sorted(series)]
        if any(v is None for v in values):
            return math.nan
        sums.append(sum(v for v in values if v is not None))
    return 100 * (sums[1] / sums[0] - 1)
