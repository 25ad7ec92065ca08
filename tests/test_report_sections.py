"""Sections of the page drawn from small tables: ways, claims, known answers, assumptions, sources."""

from __future__ import annotations

import math

import pandas as pd

from landbridge.report.html import block_html
from landbridge.report.page import Figure, TableBlock, Text
from landbridge.report.sections import study, ways
from landbridge.result import ResultTable

INF = float("inf")


def ways_tables(named: pd.DataFrame) -> dict[str, ResultTable]:
    steps = named.assign(km=1.0, place="a", leg="rail")[["way", "role", "scenario", "place", "leg", "km", "time_h",
                                                          "cost_usd_per_t"]]
    lost = pd.DataFrame({"element": ["bridge", "port"], "gain_lost_musd_per_year": [5.0, 1.0]})
    frames = {"named_ways": named, "way_steps": steps, "door_to_door": pd.DataFrame({"from": ["a"]}),
              "element_losses": lost,
              "scenarios": pd.DataFrame({"scenario": ["corridor"], "title": ["All is open"]})}
    return {n: ResultTable(n, n, f) for n, f in frames.items()}


def named_ways(queue_h: tuple[float, float] | None) -> pd.DataFrame:
    frame = pd.DataFrame({
        "way": ["a to b", "a to b", "c to d", "c to d"], "role": ["before", "after"] * 2,
        "scenario": ["observed", "corridor"] * 2, "time_h": [362.4, 228.0, 48.0, 48.0],
        "cost_usd_per_t": [189.0, 812.0, 30.0, 30.0]})
    return frame if queue_h is None else frame.assign(queue_h=[*queue_h, 0.0, math.nan])


def test_ways_tell_free_flow_and_queues() -> None:
    assert "a to b: -5.6 days on 15.1 in free flow; +623 USD/t on 189." in ways.section(
        ways_tables(named_ways(None))).lead
    queued = ways.section(ways_tables(named_ways((50.4, 326.4)))).lead
    assert "-5.6 days on 15.1 in free flow; +5.9 on 17.2 with the queues of the flows; +623 USD/t" in queued
    assert "c to d: nothing changes (2.0 days, 30 USD/t)." in queued
    assert "queues" not in ways.section(ways_tables(named_ways((24.0, 24.5)))).lead


def test_ways_draw_what_changes_and_the_links_of_the_corridor() -> None:
    made = ways.section(ways_tables(named_ways(None)))
    figures = [b for b in made.blocks if isinstance(b, Figure)]
    assert [f.id for f in figures] == ["tcd-a-to-b-time_h", "tcd-a-to-b-cost_usd_per_t", "element-losses"]
    assert "after: All is open" in figures[0].option_json()
    text = " ".join(b.body for b in made.blocks if isinstance(b, Text))
    assert "Not drawn" in text and "c to d" in text and "without queues" in text
    assert made.blocks[-1].table.name == "element_losses"  # type: ignore[union-attr]


def test_a_way_that_opens_or_shuts() -> None:
    opens = pd.DataFrame({"way": "a", "role": ["before", "after"], "scenario": ["x", "y"], "time_h": [INF, 24.0],
                          "cost_usd_per_t": [INF, 5.0], "queue_h": [math.nan, 12.0]})
    lead = ways.section(ways_tables(opens)).lead
    assert lead == "a: no way before, 1.0 days (0.5 more in queues) and 5 USD/t after."
    shuts = opens.assign(time_h=[24.0, INF], cost_usd_per_t=[5.0, INF])
    assert ways.section(ways_tables(shuts)).lead == "a: no way after, 1.0 days and 5 USD/t before."


def test_known_answers_count_only_what_was_tested() -> None:
    frame = pd.DataFrame({
        "id": ["K1", "K2", "K3", "K4", "K5"], "what": "x", "unit": "USD",
        "published": ["-200", "3 to 4", "1", "2", "9"],
        "model": [751.0, 3.5, 1.0, 2.0, math.nan],
        "outcome": ["outside", "within", "within", "within", "not computed"],
        "wrong_sign": [True, False, False, False, False],
        "use": ["check", "check", "calibration", "engine", "check"]})
    fit = pd.DataFrame({"id": ["OF1", "OF2"], "within": [False, True], "use": ["check", "calibration"]})
    made = study.known_answers({"known_answers": ResultTable("known_answers", "", frame),
                                "flow_fit": ResultTable("flow_fit", "", fit)})
    assert "Of 2 published values that nothing was set by, 1 are met" in made.lead and "1 are missed" in made.lead
    assert "1 that tariffs were set to meet, 1 formulas" in made.lead and "1 more rows are not computed" in made.lead
    text = " ".join(b.body for b in made.blocks if isinstance(b, Text))
    assert "With the wrong sign: K1 (x: published -200, model 751 USD)." in text
    assert "Of 1 counts of traffic that no parameter was set by, 0 are met" in text


def test_claims_are_told_in_words() -> None:
    frame = pd.DataFrame({"id": ["C10", "K1", "Y1"], "statement": ["A land way", "Gains", "A wish"],
                          "indicator": ["first_land_way_year", "gain_pct", ""], "value": [INF, 2.0, math.nan],
                          "unit": ["year", "%", ""], "scenario": ["corridor", "corridor", ""],
                          "verdict": ["supported", "contradicted", "not tested"], "rule": [">= 2018", "> 3", ""],
                          "low": [INF, 1.0, math.nan], "high": [INF, 2.5, math.nan], "reason": "", "headline": True})
    block = study.claims({"claims": ResultTable("claims", "", frame)}).blocks[-1]
    assert isinstance(block, TableBlock)
    shown = block_html(block, {"corridor": "All is open"})
    assert "at least 2018" in shown and "never" in shown and "All is open" in shown
    assert "1.00 to 2.50" in shown and "never to" not in shown and "unknown" not in shown
    assert "first_land_way_year" not in shown and "headline" not in shown


def test_leads_weigh_rows_and_sort_sources() -> None:
    counts = pd.DataFrame({"table": ["a", "a", "b"], "evidence": ["estimate", "published", "estimate"],
                           "rows": [5, 5, 10]})
    lead = study.assumptions({"assumptions": ResultTable("assumptions", "", counts)}).lead
    assert lead == "Of 20 rows of input tables that carry an evidence mark: 75% estimate (15), 25% published (5)."
    named = pd.DataFrame({"source": ["https://a.b", "Tsuji 2008", "own estimate"], "used_in": "x"})
    lead = study.sources({"sources": ResultTable("sources", "", named)}).lead
    assert "3 different texts: 1 give an address, 1 name a publication" in lead and "1 say" in lead
    found = pd.DataFrame({"severity": ["warning", "note", "note"]})
    assert "1 warning" in (doctor := study.findings({"findings": ResultTable("findings", "", found)}).lead)
    assert "2 notes" in doctor
