"""Caps of the law in the freight market, on shipments solved by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from freight_ways import COUNTRIES, KOREA, ways
from scipy import sparse

from landbridge.conditions.caps import legal_caps
from landbridge.conditions.openness import world
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.caps import BoundCaps, bind_caps, caps_table
from landbridge.flows.choice import Logit, Sets
from landbridge.flows.freight import Caps, Market, solve_freight
from landbridge.flows.queue import Facilities
from landbridge.flows.study_market import FreightResult, solve_study
from landbridge.schema.conditions import MassUnit, Measure, ScenarioRow
from landbridge.schema.demand import Cargo, Trade
from landbridge.schema.flows import Choice, HsShare
from landbridge.schema.words import Attribute
from landbridge.study import Study
from landbridge.tables import Evidence, Row

GIVE_UP = next(c.central for c in KOREA.rows(Choice) if c.parameter == "give_up_usd_per_t")
NONE = Facilities((), *(np.empty(0) for _ in range(5)))
DAY = "observed-2018-06-01"


OIL = ways([("oil", "CHN", "PRK", 60_000.0, (20.0, 25.0)), ("oil", "RUS", "PRK", 40_000.0, (30.0,)),
            ("oil", "KOR", "PRK", 500.0, (30.0,)), ("oil", "RUS", "CHN", 70_000.0, (30.0,))])


def with_rows(study: Study, *rows: Row) -> Study:
    """The study with some rows in the place of all of their kind."""
    tables = dict(study.tables)
    tables[type(rows[0])] = rows
    return replace(study, tables=tables)


def with_shares(china: float, russia: float = 1.0) -> Study:
    """The study with these parts of oil under the codes of refined products, and no crude."""
    return with_rows(KOREA, *(
        HsShare(exporter=e, importer="PRK", cargo="oil", hs=hs, share_low=x, share_central=x, share_high=x, year=2017,
                source="test", evidence=Evidence.ESTIMATE)
        for e, share in (("CHN", china), ("RUS", russia)) for hs, x in (("2709", 0.0), ("2710; 2712; 2713", share))))


def with_edit(study: Study, *edits: tuple[Attribute, str, str]) -> Study:
    """The study with the scenario `edited`: the world of 1 June 2018 with these edits."""
    head = next(r for r in study.rows(ScenarioRow) if r.scenario == DAY)
    rows = [head.model_copy(update={"scenario": "edited"})] + [
        head.model_copy(update={"scenario": "edited", "step": i, "attribute": a, "target": t, "value": v})
        for i, (a, t, v) in enumerate(edits, start=1)]
    return with_rows(study, *study.rows(ScenarioRow), *rows)


def bound(study: Study, alternatives: Alternatives, scenario: str = DAY) -> BoundCaps:
    legal = legal_caps(world(study, scenario), {c.id: c.hs for c in study.rows(Cargo)},
                       tuple(dict.fromkeys(COUNTRIES)), study.rows(MassUnit))
    return bind_caps(study, alternatives, COUNTRIES, legal)


def solved(study: Study, alternatives: Alternatives, scenario: str = DAY) -> tuple[FreightResult, BoundCaps]:
    caps = bound(study, alternatives, scenario)
    return solve_study(study, scenario, alternatives, caps=caps.market), caps


def test_the_cap_on_oil_carries_exactly_the_cap() -> None:
    """100,000 t of oil products are wanted, 500,000 barrels are allowed: all suppliers are cut in one proportion."""
    study = with_shares(1.0)
    result, caps = solved(study, OIL)
    limit = 500_000 * next(u.t_per_unit_central for u in study.rows(MassUnit) if "2710" in u.hs)
    e = result.equilibrium
    assert e.converged, e.reason
    assert caps.caps.limit_t.tolist() == [pytest.approx(limit)]
    assert e.flow_t[:3].sum() == pytest.approx(limit, rel=1e-9)
    assert e.flow_t[2] == pytest.approx(40_000 * limit / 100_000, rel=1e-9)
    assert e.flow_t[3:].tolist() == pytest.approx([500.0, 70_000.0])  # no share known; not to the territory
    left = {g: t for g, t, reason in e.not_carried if "un2397-5" in reason and "UNSCR 2397 para. 5" in reason}
    assert left == pytest.approx({0: 60_000 * (1 - limit / 100_000), 1: 40_000 * (1 - limit / 100_000)})
    assert e.price_usd_per_t.tolist() == [GIVE_UP]


def test_a_cap_does_not_sway_the_ways_of_a_captive_cargo() -> None:
    capped, _ = solved(with_shares(1.0), OIL)
    free = solve_study(KOREA, "free", OIL)
    assert capped.equilibrium.share == pytest.approx(free.equilibrium.share, rel=1e-12)
    assert capped.equilibrium.logsum_usd_per_t == pytest.approx(free.equilibrium.logsum_usd_per_t, rel=1e-12)


def test_only_the_part_under_the_codes_is_held_back() -> None:
    """Of 60,000 t from China half are oil products, all 40,000 t from Russia: 70,000 t under the cap."""
    result, caps = solved(with_shares(0.5), OIL)
    limit = float(caps.caps.limit_t[0])
    e, ratio = result.equilibrium, limit / 70_000
    assert e.flow_t[:2].sum() == pytest.approx(30_000 + 30_000 * ratio, rel=1e-9)
    assert e.flow_t[2] == pytest.approx(40_000 * ratio, rel=1e-9)


def test_a_scenario_that_moves_the_cap_moves_the_flows() -> None:
    study = with_edit(with_shares(1.0), (Attribute.CAP, "un2397-5", "50000"))
    before, _ = solved(study, OIL)
    after, caps = solved(study, OIL, "edited")
    assert after.equilibrium.flow_t[:3].sum() == pytest.approx(before.equilibrium.flow_t[:3].sum() / 10, rel=1e-9)
    raised, _ = solved(with_edit(with_shares(1.0), (Attribute.CAP, "un2397-5", "5000000")), OIL, "edited")
    assert raised.equilibrium.flow_t.sum() == pytest.approx(OIL.demand_t.sum(), rel=1e-12)
    assert raised.equilibrium.price_usd_per_t.tolist() == [0.0]
    assert "50,000 bbl" in caps.lines[1].legal.text


def test_a_gate_that_lifts_the_cap_carries_all() -> None:
    study = with_edit(with_shares(1.0), (Attribute.STATE, "G-UN-OIL", "open"))
    result, caps = solved(study, OIL, "edited")
    assert result.equilibrium.flow_t.sum() == pytest.approx(OIL.demand_t.sum(), rel=1e-12)
    assert not result.equilibrium.not_carried
    reasons = {x.legal.measure.id: x.reason for x in caps.lines}
    assert reasons["un2397-5"] == "lifted by G-UN-OIL"


def test_a_blank_quantity_and_an_unknown_part_are_listed_not_bound() -> None:
    caps = bound(with_shares(1.0), OIL)
    lines = {x.legal.measure.id: x for x in caps.lines}
    assert lines["chn-2018-4o"].limit_t is None and "no quantity" in lines["chn-2018-4o"].reason
    assert lines["un2397-5"].unknown_t == 500.0  # from South Korea: no row of hs_shares.csv
    unknown = bound(replace(KOREA, tables={**KOREA.tables, HsShare: ()}), OIL)
    assert unknown.caps.names == ()
    assert all(x.limit_t is None and x.reason for x in unknown.lines)
    assert unknown.lines[1].unknown_t == 100_500.0


def test_the_lower_of_tonnes_and_dollars_by_the_price_of_the_trade_table() -> None:
    """Coal of mid-2017: 7.5 Mt or 400,870,018 USD; at 83 USD a tonne the dollars are the lower."""
    coal = ways([("coal", "PRK", "CHN", 6_000_000.0, (20.0,)), ("coal", "RUS", "CHN", 1e6, (20.0,))])
    result, caps = solved(KOREA, coal, "observed-2017")
    row = next(t for t in KOREA.rows(Trade) if (t.exporter, t.importer, t.cargo) == ("PRK", "CHN", "coal"))
    limit = 400_870_018 / (row.value_musd * 1e3 / row.mass_kt)
    assert caps.caps.limit_t.tolist() == [pytest.approx(limit)]
    assert result.equilibrium.flow_t.tolist() == [pytest.approx(limit), 1e6]
    assert caps.lines[0].how == "all HS codes of coal"


def test_each_state_has_its_own_cap_where_the_law_says_so() -> None:
    from landbridge.schema.words import CapScope

    study = with_shares(1.0)
    rows = [m.model_copy(update={"cap_scope": CapScope.PER_STATE}) if m.id == "un2397-5" else m
            for m in study.rows(Measure)]
    result, caps = solved(with_rows(study, *rows), OIL)
    limit = float(caps.caps.limit_t[0])
    assert len(caps.caps.names) == 2 and all(n.endswith(("CHN)", "RUS)")) for n in caps.caps.names)
    assert result.equilibrium.flow_t[:2].sum() == pytest.approx(min(limit, 60_000))
    assert result.equilibrium.flow_t[2] == pytest.approx(min(limit, 40_000))


def test_caps_on_two_parts_of_one_cargo_hold_both() -> None:
    """100 t, half of it under each of two caps of 10 t: 20 t are carried, 80 t stay, 40 t for each cap."""
    market = Market(Sets.of(np.zeros(1, np.int32)), np.array([10.0]), sparse.csr_array((1, 0)),
                    sparse.csr_array(np.array([[0.5, 0.5]])), np.array([100.0]), np.array([1.0]))
    answer = solve_freight(market, NONE, Logit(0.1), Caps(("a", "b"), np.full(2, 10.0), np.full(2, 300.0)))
    assert answer.flow_t == pytest.approx([20.0]) and answer.price_usd_per_t.tolist() == [300.0, 300.0]
    assert answer.not_carried == ((0, pytest.approx(40.0), "a"), (0, pytest.approx(40.0), "b"))


def test_table_of_caps() -> None:
    result, caps = solved(with_shares(0.5), OIL)
    frame = caps_table([("before", result, caps)]).frame.set_index("measure")
    row = frame.loc["un2397-5"]
    assert row["wanted_kt"] == pytest.approx(70.0) and row["carried_kt"] == pytest.approx(row["limit_kt"])
    assert row["left_behind_kt"] == pytest.approx(70.0 - row["limit_kt"]) and row["price_usd_per_t"] == GIVE_UP
    assert not frame.loc["chn-2018-4o", "bound"] and "no quantity" in frame.loc["chn-2018-4o", "why_not"]
    assert row["evidence"] == Evidence.ESTIMATE.word
    assert caps_table([]).frame.empty
