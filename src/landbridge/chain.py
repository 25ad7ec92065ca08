"""The chain of models after the skims: indicators, law and gates, flows, trade, gas, appraisal, claims, headline."""

from __future__ import annotations

import math
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pandas as pd

from landbridge import values
from landbridge.claims import claims_table, judge, worded
from landbridge.conditions.book import load
from landbridge.conditions.openness import OpenBasis, closed_objects
from landbridge.conditions.openness import world as conditions_world
from landbridge.conditions.unlock import TIE
from landbridge.economics import (
    appraisal_stage,
    engine_values,
    gas_stage,
    has_projects,
    power_stage,
    trade_stage,
)
from landbridge.politics import politics_stage
from landbridge.result import ResultTable
from landbridge.routing import Metric, matrix
from landbridge.routing.probes import probe_values
from landbridge.routing.scenario import Detail, ScenarioView
from landbridge.schema.config import CorridorSection
from landbridge.schema.demand import Claim, KnownAnswer, Zone
from landbridge.schema.probes import Probe
from landbridge.session import Session
from landbridge.stages import Found, known_answer_table, scenario_table
from landbridge.tables import country_name
from landbridge.traffic import base_scenario, base_view, flows_stage
from landbridge.unlocking import GateValue


def all_stages(session: Session) -> Found:
    """Everything between the skims and the report, for the study's 'before' and 'after'."""
    found = Found()
    study = session.study
    about = study.config.corridor
    before, after = study.config.report.before, study.config.report.after
    base = base_view(session)
    views_of_corridor(session, about)  # all skims are there before the branches start: metrics are not shared
    with ThreadPoolExecutor(2) as pool:
        forced = pool.submit(forced_ways, session)
        keys = pool.submit(keys_branch, session, about)
        with session.stage("flows"):
            freight = flows_stage(session, before, after, found, base)
        if about:
            with session.stage("trade and real income"):
                trade_stage(session, about, before, after, freight, found)
        with session.stage("gas"):
            gas = gas_stage(session, after, found)
        value, apart = keys.result()
        probed = forced.result()
    found = apart.joined(found)
    with session.stage("appraisal and games"):
        if has_projects(study):
            appraisal_stage(session, before, after, freight, gas, found)
        if about and value:
            power_stage(session, about, value, gas, found)
    known = {**{v.indicator: v.value for v in found.values}, **engine_values(session), **probed}
    if study.rows(KnownAnswer):
        found.tables["known_answers"] = known_answer_table(session, known)
    found.claims = judge(study.rows(Claim), found.values, found.ranges)
    if found.claims:
        found.tables["claims"] = claims_table(found.claims)
    found.tables["scenarios"] = scenario_table(study)
    found.headline = headline(session, found)
    return found


def views_of_corridor(session: Session, about: CorridorSection | None) -> None:
    """Skims of the scenarios that the corridor's indicators need."""
    report = session.study.config.report
    for scenario in (report.before, report.after):
        session.view(scenario)
    if about:
        for scenario in (base_scenario(session.study), about.road_alone):
            if scenario:
                session.view(scenario, Detail.RIVAL)


def forced_ways(session: Session) -> dict[str, float]:
    """Values of the ways through given points."""
    with session.stage("forced ways and known answers"):
        return probe_values(session.world, session.study.rows(Probe), lambda s, c: _closed_transit(session, s, c))


def keys_branch(session: Session, about: CorridorSection | None) -> tuple[GateValue | None, Found]:
    """Indicators of the corridor, law, gates and keys: what needs no flows and so goes beside them."""
    found = Found()
    if about is None:
        return None, found
    if sys.platform == "linux":  # there a thread has a priority of its own: flows and trade take longest and go first
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 8)
    with session.stage("indicators of the corridor"):
        corridor_stage(session, about, found)
    with session.stage("law, gates and keys"):
        value = GateValue(session, about)
        politics_stage(session, about, value, found)
    return value, found


def _closed_transit(session: Session, scenario: str, cargo: str) -> frozenset[str]:
    """What is shut to a cargo that starts at the corridor's start and passes through, under a scenario."""
    about = session.study.config.corridor
    if about is None:
        return frozenset()
    country = {z.id: z.country for z in session.study.rows(Zone)}
    conditions = conditions_world(session.study, scenario, territory=about.transit)
    pair = country[about.start[0]], country[about.end]
    closed, _, _ = closed_objects(conditions, session.base.cargoes[cargo].hs, *pair, OpenBasis.AS_OPERATED)
    return closed


def corridor_stage(session: Session, about: CorridorSection, found: Found) -> None:
    """Indicators that follow from skims, demand and states alone."""
    study, world, demand = session.study, session.world, session.demand
    report = study.config.report
    before, after = session.view(report.before), session.view(report.after)
    pair = f"{report.before}; {report.after}"
    rivalry(session, about, found)
    if about.elements:
        found.tables["element_losses"] = elements(session, about, found)
    land_way(session, about, found)
    base = base_scenario(study)
    found.value("nearest_large_city_rank_vladivostok", base, values.nearest_large_city_rank(world, about, about.city))
    found.value("neighbours_of_prk_count", base, values.neighbours(world, about.transit))
    closed = closed_for_anyone(before)
    roads = {c: values.open_road_crossings(world, about.transit, c, closed) for c in (about.trade_of[0], about.rival)}
    found.value("road_crossings_rus_prk_count", report.before, roads[about.trade_of[0]])
    found.value("road_crossings_chn_less_rus_count", report.before, roads[about.rival] - roads[about.trade_of[0]])
    share = values.border_share_of_time(after, demand, about, session.cargo)
    found.value("border_share_of_time_pct", report.after, share)
    for scenario in dict.fromkeys(s for s in (report.after, about.road_alone) if s):
        change = values.hub_cost_change(before, session.view(scenario, Detail.RIVAL), demand, about, session.cargo)
        found.value("obor_hub_cost_change_pct", f"{report.before}; {scenario}", change)
    share, _ = values.party_pairs_cheaper(before, after, demand, (*about.parties, about.rival))
    found.value("party_pairs_with_lower_cost_pct", pair, share)
    joined, both_gauges = values.length_in_service(session.base, before, after, about)
    found.value("corridor_length_in_service_pct", report.before, joined)
    found.ranges["corridor_length_in_service_pct", report.before] = (both_gauges, joined)


def closed_for_anyone(view: ScenarioView) -> frozenset[str]:
    """Objects that no cargo between any countries may use."""
    return frozenset.intersection(*view.openness.closed)


def rivalry(session: Session, about: CorridorSection, found: Found) -> None:
    """How much of the pair's trade goes through the rival country: by tonnes, by value, by cargo, with the bridge."""
    demand, year = session.demand, base_scenario(session.study)
    views = {s: session.view(s, Detail.RIVAL) for s in (year, about.road_alone) if s}
    shares = {s: values.share_through(v, demand, about, by_value=False) for s, v in views.items()}
    found.value("share_crossing_china_2017_pct", year, shares[year])
    found.value("share_crossing_china_2017_value_pct", year,
                values.share_through(views[year], demand, about, by_value=True))
    if about.road_alone:
        change = shares[about.road_alone] - shares[year]
        found.value("share_crossing_china_bridge_change_points", f"{year}; {about.road_alone}", change)
    rows = []
    for scenario, seen in views.items():
        for cargo, (kt, pct) in values.share_through_by_cargo(seen, demand, about).items():
            rows.append({"scenario": scenario, "cargo": cargo, "mass_kt": kt, "share_through_rival_pct": pct})
    found.tables["rivalry"] = ResultTable(
        "rivalry",
        f"Trade of {' and '.join(about.trade_of)}: share whose least-cost way crosses {about.rival}",
        pd.DataFrame(rows),
        {"mass_kt": "kt a year with an open way"},
        "Shipments without an open way (unlawful or shut) do not count.",
        ("trade.csv, zone_shares.csv of the study",),
    )


def elements(session: Session, about: CorridorSection, found: Found) -> ResultTable:
    """What is lost of the corridor's gain when each of its links is taken out in turn, and the rank of the road."""
    report = session.study.config.report
    zones = values.party_zones(session.demand, about.parties)
    mass = {c: m[np.ix_(zones, zones)] for c, m in session.demand.mass_kt.items()}
    countries = [session.demand.countries[z] for z in zones]
    before, after = (values.party_costs(session.base, session.view(s), zones) for s in (report.before, report.after))
    gain = values.gain_musd(before, after, mass)
    cargo = session.cargo
    pairs = values.connected_pairs(after[cargo], countries)
    rows = []
    for name, ids in about.elements.items():
        without = values.party_costs(session.base, session.view(report.after), zones, frozenset(ids))
        lost = gain - values.gain_musd(before, without, mass)
        rows.append(
            {
                "element": name,
                "gain_lost_musd_per_year": lost,
                "gain_lost_pct": 100 * lost / gain if gain else math.nan,
                "zone_pairs_lost": pairs - values.connected_pairs(without[cargo], countries),
            }
        )
    frame = pd.DataFrame(rows).sort_values("gain_lost_musd_per_year", ascending=False, kind="stable")
    frame = frame.reset_index(drop=True)
    losses = frame.set_index("element")["gain_lost_musd_per_year"]
    if about.road_element in losses.index:
        rank = 1 + int((losses > losses[about.road_element] + 1e-9).sum())
        found.value("corridor_loss_rank_road", report.after, rank)
    return ResultTable(
        "element_losses",
        "What the corridor loses without each of its links",
        frame,
        {"gain_lost_musd_per_year": f"million USD of {session.study.config.study.price_year} a year"},
        f"Whole gain on base-year tonnes between {', '.join(country_name(p) for p in about.parties)}: {gain:.1f} "
        "million USD a year in generalised cost, without queues; pairs with no way before are counted as pairs, not as "
        "money.",
        ("skims of this run", "trade.csv"),
    )


def land_way(session: Session, about: CorridorSection, found: Found) -> None:
    """First year of an open land way, month by month over the record."""
    session.say("land way by month")
    country = {z.id: z.country for z in session.study.rows(Zone)}
    pair = country[about.start[0]], country[about.end]
    codes = session.base.cargoes[session.cargo].hs
    record = about.record or session.study.config.report.before

    def closed_on(day: date) -> frozenset[str]:
        conditions = conditions_world(session.study, record, day, territory=about.transit)
        return closed_objects(conditions, codes, *pair, OpenBasis.AS_OPERATED)[0]

    def by_land(closed: frozenset[str]) -> Metric:
        return session.base.shut(session.cargo, {}, closed, by_land=True)

    found.value("first_land_way_year", record, values.first_land_way_year(session.world, by_land, closed_on, about))


def land_pairs(session: Session, about: CorridorSection, scenario: str) -> int:
    """Pairs of zones of the start's and the end's country with an open way by land, for its cargo in transit."""
    country = {z.id: z.country for z in session.study.rows(Zone)}
    closed = _closed_transit(session, scenario, session.cargo)
    shut_by_land = session.base.shut(session.cargo, {}, closed, by_land=True)
    nodes = session.world.network.centroid
    start, end = (nodes[session.demand.of(country[z])] for z in (about.start[0], about.end))
    return int(np.isfinite(matrix(shut_by_land, start, end)).sum())


def headline(session: Session, found: Found) -> tuple[tuple[str, str, str], ...]:
    """The sentences of the first screen, made from the numbers: what opens, who gains, who holds the key, claims."""
    day = load(session.study).scenarios[session.study.config.report.before].world_date
    cards = [*opening_cards(session, found), *gain_cards(session, found), *key_cards(found, day), *check_cards(found)]
    counts = pd.Series([v.verdict.value for v in found.claims if v.indicator]).value_counts()
    if len(counts):
        cards.append(
            (
                f"{counts.get('supported', 0)} claims hold, {counts.get('contradicted', 0)} do not.",
                f"Each is tested by a computed number; {counts.get('undetermined', 0)} could not be decided.",
                "Claims",
            )
        )
    cards += [
        (
            f"{v.id} {v.verdict.value}.",
            f"{v.statement}: {measured(v.value, v.unit)} (wanted {v.rule}).",
            "Claims",
        )
        for v in found.claims
        if v.headline and v.indicator
    ]
    return tuple(cards)


def measured(value: float, unit: str) -> str:
    """A value with its unit as a sentence holds it.

    >>> measured(2.0, "parties"), measured(1.0, "rank"), measured(math.inf, "year"), measured(math.nan, "%")
    ('2 parties', 'rank 1', 'never', 'unknown')
    >>> measured(1.0, "parties")
    '1 party'
    """
    if unit == "year":
        return "never" if math.isinf(value) else worded(value)
    if not math.isfinite(value):
        return worded(value)
    one = {"parties": "party", "countries": "country", "crossings": "crossing", "days": "day", "years": "year"}
    noun = one.get(unit, unit) if value == 1 else unit
    return f"{unit} {worded(value)}" if unit == "rank" else f"{worded(value)} {noun}"


def signed(value: float, digits: int) -> str:
    """A change with its sign; what rounds to nothing has none.

    >>> signed(-0.04, 1), signed(0.25, 1)
    ('0.0', '+0.2')
    """
    text = f"{value:+.{digits}f}"
    return text if float(text) else text[1:]


def check_cards(found: Found) -> list[tuple[str, str, str]]:
    """How many published values that nothing was set by are met, which have the wrong sign, and counts of traffic."""
    if "known_answers" not in found.tables:
        return []
    frame = found.tables["known_answers"].frame
    tested = frame[(frame["use"] == "check") & (frame["outcome"] != "not computed")]
    met = int((tested["outcome"] == "within").sum())
    wrong = list(tested.loc[tested["wrong_sign"].astype(bool), "id"])
    words = f"{len(tested) - met} are missed{', ' + ' and '.join(wrong) + ' with the wrong sign' if wrong else ''}."
    if "flow_fit" in found.tables:
        counts = found.tables["flow_fit"].frame.query("use == 'check'")
        words += f" Of {len(counts)} counts of traffic {int(counts['within'].astype(bool).sum())} are met."
    return [(f"{met} of {len(tested)} published values are met.", f"Nothing was set by them; {words}", "Known answers")]


def opening_cards(session: Session, found: Found) -> list[tuple[str, str, str]]:
    """What opens: land pairs, and the link without which most is lost."""
    report, about = session.study.config.report, session.study.config.corridor
    if about is None:
        return []
    was, now = (land_pairs(session, about, s) for s in (report.before, report.after))
    was_called, now_called = (load(session.study).scenarios[s].title for s in (report.before, report.after))
    start, end = (next(z for z in session.study.rows(Zone) if z.id == i) for i in (about.start[0], about.end))
    cards = [
        (
            f"A land way opens for {now - was} pairs of cities." if now > was else "No land way opens.",
            f"{now} pairs of cities of {country_name(start.country)} and {country_name(end.country)} can trade by land "
            f"under \"{now_called}\", {was} under \"{was_called}\".",
            "Door to door",
        )
    ]
    table = found.tables.get("element_losses")
    if table is not None and len(table.frame):
        top = table.frame.iloc[0]
        cards.append(
            (
                f"Most is lost without: {top['element']}.",
                f"The corridor then loses {top['gain_lost_pct']:.0f} % of its gain on today's tonnes.",
                "Door to door",
            )
        )
    return cards


def gain_cards(session: Session, found: Found) -> list[tuple[str, str, str]]:
    """Who gains how much, with ranges: appraisal and real income by party."""
    cards = []
    table = found.tables.get("appraisal_indicators")
    if table is not None:
        own = table.frame[table.frame["own_rate"].astype(bool)]
        parts = [
            f"{name} {signed(mid / 1e3, 1)} ({signed(low / 1e3, 1)} to {signed(high / 1e3, 1)})"
            for name, mid, low, high in own[["name", "enpv_musd", "enpv_p5_musd", "enpv_p95_musd"]].to_numpy()
            if max(abs(low), abs(high)) >= 50.0  # what rounds to nothing is left to the table
        ]
        whole = table.frame[table.frame["party"] == "all"].iloc[0]
        mid, low, high = (signed(whole[c] / 1e3, 1) for c in ("enpv_musd", "enpv_p5_musd", "enpv_p95_musd"))
        cards.append(
            (
                f"The works {'pay' if whole['enpv_musd'] > 0 else 'do not pay'} at {whole['rate_pct']:.0f} %.",
                f"Net present value {mid} bn USD ({low} to {high}); each party at its own rate, bn USD: "
                f"{', '.join(parts)}.",
                "Appraisal",
            )
        )
    trade = found.tables.get("trade_parties")
    if trade is not None:
        parts = [
            f"{country_name(r['party'])} {signed(r['gain_pct'], 3)} % ({signed(r['gain_p5_pct'], 3)} to "
            f"{signed(r['gain_p95_pct'], 3)})"
            if max(abs(r["gain_p5_pct"]), abs(r["gain_p95_pct"])) >= 5e-4
            else f"{country_name(r['party'])} less than 0.001 %"
            for r in trade.frame.to_dict("records")
        ]
        top = trade.frame.sort_values("gain_pct", ascending=False, kind="stable").iloc[0]
        cards.append((f"{country_name(top['party'])} gains most real income.", ", ".join(parts) + ".", "Trade"))
    return cards


def key_cards(found: Found, left_on: date) -> list[tuple[str, str, str]]:
    """Who holds the key, from the unlock table: the gates that block most (losses that hardly differ are a tie), left
    as they were on a day, and the best gate opened alone."""
    table = found.tables.get("unlock")
    if table is None:
        return []
    single = table.frame[table.frame["group"] == "gate"]
    whole = -table.frame.loc[table.frame["group"] == "all gates", "loss_gain_musd_per_year"].iloc[0]
    lost = -single["loss_gain_musd_per_year"]
    worst = list(single.loc[(lost > 0) & (lost >= lost.max() - TIE * whole), "title"])
    best = single.loc[single["gain_gain_musd_per_year"].idxmax()]
    adds = best["gain_gain_musd_per_year"]
    alone = f"{best['title']} adds most, {adds:.1f}" if adds > 0 else "no gate adds anything"
    if not worst:
        return [("No single gate blocks.", f"Opened alone, {alone} (million USD a year).", "Law and gates")]
    return [
        (
            f"{' and '.join(worst)} {'each block' if len(worst) > 1 else 'blocks'} most.",
            f"Left as it was on {left_on.day} {left_on:%B %Y}, {'any of them' if len(worst) > 1 else 'it'} takes "
            f"{lost.max():.0f} of the {whole:.0f} million USD a year that the corridor saves on today's tonnes. Opened "
            f"alone, {alone}.",
            "Law and gates",
        )
    ]
