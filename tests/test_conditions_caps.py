"""Caps of the law in force on a day, as tonnes a year: hand-counted quantities, periods, gates, full and blank ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from landbridge import study
from landbridge.conditions import book
from landbridge.conditions.caps import LegalCap, legal_caps, period_days, yearly_limit
from landbridge.conditions.law import compile_law
from landbridge.conditions.openness import build_world, world
from landbridge.schema.conditions import CapBalance, Instrument, MassUnit, Measure
from landbridge.schema.demand import Cargo
from landbridge.schema.words import CapScope
from landbridge.tables import Evidence

KOREA = study.read("korea")
CARGOS = {c.id: c.hs for c in KOREA.rows(Cargo)}
UNITS = KOREA.rows(MassUnit)
COUNTRIES = ("PRK", "CHN", "RUS", "KOR")
MEASURES = {m.id: m for m in KOREA.rows(Measure)}


def caps(scenario: str, on: date | None = None) -> dict[str, LegalCap]:
    return {c.measure.id: c for c in legal_caps(world(KOREA, scenario, on), CARGOS, COUNTRIES, UNITS)}


def caps_under(measures: list[Measure], balances: tuple[CapBalance, ...] = ()) -> list[LegalCap]:
    """The caps of 1 June 2018 if these were all the measures."""
    held = book.load(KOREA)
    law = compile_law(KOREA.rows(Instrument), measures, balances)
    w = build_world(replace(held, law=law), held.scenarios["observed-2018-06-01"], frozenset(), territory="PRK")
    return list(legal_caps(w, CARGOS, COUNTRIES, UNITS))


@pytest.mark.parametrize(("period", "days"), [
    ("calendar year", 365), ("12 months from 22 December", 365), ("2016-11-30 to 2016-12-31", 32), ("", None),
    ("any 12 months; not more than in the 12 months before 2017-09-11", 365), ("until further notice", None)])
def test_length_of_a_period(period: str, days: float | None) -> None:
    assert period_days(period) == days


def test_two_counts_of_one_quantity_take_the_tonnes() -> None:
    m = MEASURES["un2397-4"]  # 4 million barrels or 525,000 t
    assert yearly_limit(m, None, UNITS).tonnes == 525_000
    assert yearly_limit(m, 3_000_000, UNITS).tonnes == 525_000 * 3 / 4  # a scenario changes the barrels


def test_barrels_by_the_density_row_of_the_goods() -> None:
    m = MEASURES["un2397-5"]
    found = yearly_limit(m, None, UNITS)
    row = next(u for u in UNITS if "2710" in u.hs)
    assert found.tonnes == pytest.approx(500_000 * row.t_per_unit_central)
    assert found.evidence is Evidence.DERIVED
    none = yearly_limit(m, None, [u for u in UNITS if "2710" not in u.hs])
    assert none.tonnes is None and "mass_units.csv" in none.reason


def test_a_short_period_is_a_rate_and_money_is_kept_apart() -> None:
    m = MEASURES["un2321-26"]  # 1,000,866 t or 53,495,894 USD in 32 days
    found = yearly_limit(m, None, UNITS)
    assert found.tonnes == pytest.approx(1_000_866 * 365 / 32)
    assert found.usd == pytest.approx(53_495_894 * 365 / 32)


def test_a_blank_quantity_is_unknown_until_a_scenario_gives_one() -> None:
    m = MEASURES["un2375-15"]
    assert yearly_limit(m, None, UNITS) == yearly_limit(m, None, ())
    assert yearly_limit(m, None, UNITS).tonnes is None and yearly_limit(m, None, UNITS).reason
    crude = next(u for u in UNITS if "2709" in u.hs)
    assert yearly_limit(m, 1000, UNITS).tonnes == pytest.approx(1000 * crude.t_per_unit_central)


def test_caps_of_the_day() -> None:
    assert set(caps("observed-2017")) == {"un2321-26y"}
    assert set(caps("observed-2018-06-01")) == {"un2397-4", "un2397-5", "chn-2018-4o"}
    crude, refined = caps("observed-2018-06-01")["un2397-4"], caps("observed-2018-06-01")["un2397-5"]
    assert crude.goods["oil", "RUS", "PRK"] == {"2709"}
    assert refined.goods["oil", "CHN", "PRK"] == {"2710", "2712", "2713"}
    assert all(d == "PRK" for _, _, d in refined.goods)  # deliveries to the territory only
    assert set(caps("observed-2018-06-01")["chn-2018-4o"].goods) == {("oil", "CHN", "PRK")}  # binds China alone


def test_a_gate_opened_by_a_scenario_lifts_its_caps() -> None:
    found = caps("article-2018")
    assert found["un2397-5"].lifted_by == ("G-UN-OIL",) and not found["un2397-5"].goods
    assert found["chn-2018-4o"].lifted_by == ("G-CHN-LAW",)


def test_scenario_edits_of_a_cap_count() -> None:
    moved, kept = caps("us-draft-2022")["un2397-5"], caps("observed-2018-06-01")["un2397-5"]
    assert moved.limit.tonnes == pytest.approx(kept.limit.tonnes * 375 / 500)
    assert "375,000" in moved.text


def test_each_state_has_its_own_part_of_a_cap_per_state() -> None:
    m = MEASURES["un2397-5"].model_copy(update={"cap_scope": CapScope.PER_STATE})
    found = caps_under([m])
    assert {c.partner for c in found} == {"CHN", "RUS", "KOR"}
    assert all({o for _, o, _ in c.goods} == {c.partner} for c in found)
    assert len({c.limit.tonnes for c in found}) == 1  # each the whole quantity


def test_a_full_cap_leaves_nothing() -> None:
    full = CapBalance(measure="un2397-5", period_from=date(2018, 1, 1), period_to=date(2019, 1, 1), full=True,
                      known_from=date(2018, 5, 1), source="test", evidence=Evidence.ESTIMATE)
    found = caps_under([MEASURES["un2397-5"]], (full,))
    assert [(c.full, c.limit.tonnes) for c in found] == [(True, 0.0)]


def test_what_is_not_yet_known_is_not_in_force() -> None:
    held = book.load(KOREA)
    w = build_world(held, held.scenarios["observed-2018-06-01"], frozenset(), as_of=date(2017, 12, 1), territory="PRK")
    found = {c.measure.id for c in legal_caps(w, CARGOS, COUNTRIES, UNITS)}
    assert "un2397-5" not in found and "un2375-14b" in found  # the two million barrels still stood for 2018
