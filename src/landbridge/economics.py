"""The stages that put numbers on a change after the flows: trade, gas, appraisal and the games over keys."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from landbridge.appraisal.appraise import Appraisal, appraise, gaining, gaining_range
from landbridge.appraisal.corridor import corridor_inputs
from landbridge.appraisal.keys import gates_game, key_holders, keys_of
from landbridge.appraisal.known import known_values
from landbridge.appraisal.power import coalition_table, power_table
from landbridge.appraisal.rooms import corridor_results, gas_flows, gas_game, gas_hold_up
from landbridge.appraisal.tables import hold_up_table
from landbridge.appraisal.tables import tables as appraisal_tables
from landbridge.flows.doors import changes, doors
from landbridge.gas.costs import saving_on_best_other
from landbridge.gas.study import GasResult, run_gas
from landbridge.gas.tables import tables as gas_tables
from landbridge.routing.scenario import Detail, ScenarioView
from landbridge.schema.appraisal import Project, ProjectShare, Role
from landbridge.schema.config import CorridorSection
from landbridge.schema.demand import Cargo, Party, Zone, ZoneShare
from landbridge.schema.gas import GasRoute
from landbridge.session import Session
from landbridge.stages import Found
from landbridge.study import Study
from landbridge.trade import read as trade_read
from landbridge.trade.model import TradeOptions, TradeResult, TradeScenario, at_law, run_trade
from landbridge.trade.read import TradeModel
from landbridge.trade.sanctions import Prohibition
from landbridge.trade.tables import tables as trade_tables
from landbridge.trade.ways import prohibitions_of_cargo, ways_of_skims
from landbridge.traffic import Freight, base_scenario
from landbridge.unlocking import GateValue

Floats = NDArray[np.float64]


def trade_stage(session: Session, about: CorridorSection, before: str, after: str, freight: Freight,
                found: Found) -> TradeResult | None:
    """Trade, prices and real income by country; None where the study has no trade tables.

    Door-to-door costs are those of the freight equilibria, so that shippers' gain there and here is one and the same.
    """
    study = session.study
    if not trade_read.available(study):
        return None
    base, now, then = session.view(base_scenario(study), Detail.RIVAL), session.view(before), session.view(after)
    model = trade_read.read(study)
    session.say("trade: baseline under the law of the day")
    law = [prohibitions(session, about, model, v) for v in (base, now, then)]
    model = at_law(model, law[0], law[1])
    was, will = doors(freight.before), doors(freight.after)
    both = {c: changes(was[c], will[c]) for c in was}
    value = {c.id: c.value_usd_per_t_central for c in study.rows(Cargo)}
    ways, _ = ways_of_skims(model, zone_areas(session), {c: b[0] for c, b in both.items()},
                            {c: b[1] for c, b in both.items()}, value, session.demand.value_musd)
    opened = opened_pairs(session, model, now, then)
    session.say("trade: equilibrium, draws and regimes")
    result = run_trade(model, TradeScenario(ways, opened, prohibited_before=law[1], prohibited_after=law[2]),
                       TradeOptions(seed=study.config.study.seed, workers=1, closed=about.transit,
                                    parties=(*about.parties, about.rival)))
    for t in trade_tables(result):
        found.tables[t.name] = t
    return result


def zone_areas(session: Session) -> tuple[str, ...]:
    """The trade area of each zone, by zone_shares.csv."""
    area = {s.zone: s.area for s in session.study.rows(ZoneShare)}
    return tuple(area.get(z.id, z.country) for z in session.study.rows(Zone))


def prohibitions(
    session: Session, about: CorridorSection, model: TradeModel, view: ScenarioView
) -> tuple[Prohibition, ...]:
    """What the law forbids the transit state to trade with each area: the share of each cargo's HS codes that may not
    move. An area is judged by the country of its first zone."""
    openness = view.openness
    country = dict(zip(reversed(zone_areas(session)), reversed(session.demand.countries), strict=True))
    index = {c: i for i, c in enumerate(openness.countries)}
    own = index[about.transit]
    rows = []
    for area, code in sorted(country.items()):
        if code == about.transit:
            continue
        other = index[code]
        for exporter, importer, o, d in ((about.transit, area, own, other), (area, about.transit, other, own)):
            barred = zip(openness.cargos, (1.0 - openness.lawful_share[:, o, d]).tolist(), strict=True)
            rows += [(exporter, importer, cargo, x) for cargo, x in barred if x > 1e-9]
    return prohibitions_of_cargo(model, rows)


def opened_pairs(
    session: Session, model: TradeModel, before: ScenarioView, after: ScenarioView
) -> tuple[tuple[str, str], ...]:
    """Pairs of economies between which no cargo had a way and some has one after."""
    country = np.array(session.demand.countries)
    out = []
    for i, a in enumerate(model.countries):
        for b in model.countries[i + 1 :]:
            pick = np.ix_(country == a, country == b)
            if not pick[0].size or not pick[1].size:
                continue
            was, now = (any(np.isfinite(s.cost_usd_per_t[pick]).any() for s in v.skims.values())
                        for v in (before, after))
            if now and not was:
                out.append((a, b))
    return tuple(out)


def gas_stage(session: Session, after: str, found: Found) -> GasResult | None:
    """The pipeline: hydraulics, delivered cost, supply, interruption, law; None where the study has no gas tables."""
    study = session.study
    if not study.rows(GasRoute):
        return None
    result = run_gas(study, after)
    for t in gas_tables(result):
        found.tables[t.name] = t
    about = study.config.corridor
    rule = [f.by_rule_musd for f in result.fees if f.unit == "MUSD/year" and np.isfinite(f.by_rule_musd)]
    if rule:
        found.value("gas_transit_fee_musd_per_year", after, rule[0])
    through = frozenset(r.route.id for r in result.routes if about and r.route.transit_country == about.transit)
    saving = saving_on_best_other(study, result.routes, through)
    found.value("gas_land_route_saving_usd_per_1000m3", after, saving.central)
    if np.isfinite(saving.central):
        found.ranges["gas_land_route_saving_usd_per_1000m3", after] = (saving.low, saving.high)
    return result


def appraisal_stage(session: Session, before: str, after: str, freight: Freight, gas: GasResult | None,
                    found: Found, hazards: Mapping[str, float] | None = None) -> Appraisal:
    """The ledger by party and what follows from it."""
    study = session.study
    day = session.view(after).day
    about = study.config.corridor
    route = pipeline_route(gas, about) if gas else None
    with_gas = gas_flows(gas, route) if gas and route and appraises_gas(study, after) else None
    results, unknown = corridor_results(study, session.world.network, (freight.before, freight.after),
                                        freight.link_t, gas=with_gas)
    appraisal = appraise(corridor_inputs(study, results, before, after, day.year, hazards=hazards))
    for t in appraisal_tables(appraisal):
        found.tables[t.name] = t
    if about:
        pair = f"{before}; {after}"
        found.value("parties_with_gain_count", pair, len(gaining(appraisal, about.parties)))
        low, high = gaining_range(appraisal, about.parties)
        found.ranges["parties_with_gain_count", pair] = (float(low), float(high))
    if gas and route:
        found.tables["hold_up"] = hold_up_table(
            gas_hold_up(gas, route, builders(study)), "Hold-up on the land route of the pipeline",
            "million USD a year", {p.id: p.name for p in study.rows(Party)})
    session.say(f"appraisal: {unknown / 1e3:,.0f} kt a year have no way in one of the two and are left out")
    return appraisal


def has_projects(study: Study) -> bool:
    """Whether there are works to appraise."""
    return bool(study.rows(Project))


def appraises_gas(study: Study, after: str) -> bool:
    """Whether the pipeline's capital is among the projects of a scenario, so that its gains may be."""
    return any(p.sector == "gas" and after in p.scenarios for p in study.rows(Project))


def builders(study: Study) -> dict[str, float]:
    """Which party pays which share of the pipeline's capital, by project_shares.csv."""
    pipelines = {p.id for p in study.rows(Project) if p.sector == "gas"}
    return {s.party: s.share for s in study.rows(ProjectShare) if s.project in pipelines and s.role is Role.PAYER}


def pipeline_route(gas: GasResult, about: CorridorSection | None) -> str | None:
    """The first route through the transit state."""
    return next((r.route.id for r in gas.routes if about and r.route.transit_country == about.transit), None)


def power_stage(
    session: Session, about: CorridorSection, value: GateValue, gas: GasResult | None, found: Found
) -> None:
    """Games over those who hold the keys (valued by routing) and over the parties of the gas routes."""
    unit = "million USD a year"
    gates, bodies = keys_of(session.study)
    if gates:
        game = gates_game(key_holders(gates, bodies), gates, bodies, lambda s: value(s)["gain_musd_per_year"])
        found.tables["power_keys"] = power_table(
            game, "power_keys", "Those who hold the keys: who can open or block what", unit,
            ("gates.csv, holders.csv; value by routing",))
    if gas is not None:
        routes = gas_game(gas)
        found.tables["power_gas"] = power_table(routes, "power_gas", "The parties of the gas routes", unit)
        land = pipeline_route(gas, about)
        if land:
            only = gas_game(gas, (land,))
            found.tables["power_gas_land"] = power_table(
                only, "power_gas_land", "The same if the land route were the only one", unit)
        found.tables["power_gas_coalitions"] = coalition_table(routes, "power_gas_coalitions",
                                                               "What each coalition saves against LNG", unit)


def engine_values(session: Session) -> Mapping[str, float]:
    """Known answers that follow from the study's own tables."""
    return known_values(session.study)


