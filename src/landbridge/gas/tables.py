"""The gas result as tables for the report and the files; nothing is computed here but units and words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from landbridge.gas.study import GasResult
from landbridge.result import ResultTable

_SOURCES = ("tables gas/*.csv of the study, each row with its source",)


def tables(result: GasResult) -> tuple[ResultTable, ...]:
    """Every table of the gas room, names starting with `gas_`."""
    return (
        _routes(result), _profile(result), _borders(result), _stations(result), _volumes(result), _curve(result),
        _band(result), _stack(result), _upstream(result), _mix(result), _choices(result), _security(result),
        _cutoffs(result), _exceedance(result), _fees(result), _law(result), _gates(result),
    )


def lower_first(text: str) -> str:
    """A name inside a sentence.

    >>> lower_first("By land through the DPRK")
    'by land through the DPRK'
    """
    return text[:1].lower() + text[1:]


def _table(name: str, title: str, rows: list[dict[str, Any]], note: str = "", **units: str) -> ResultTable:
    return ResultTable(name, title, pd.DataFrame(rows), units, note, _SOURCES)


def _routes(r: GasResult) -> ResultTable:
    rows = []
    for x, s, saving in zip(r.routes, r.stacks, r.savings, strict=True):
        band = [b for b, _ in x.band_bcm.values()]
        gates = [r.gates[g] for g in x.route.gates if g in r.gates]
        rows.append({
            "route": x.route.id, "name": x.route.name, "length_km": x.length_km,
            "km_transit": x.km_by_country.get(x.route.transit_country, 0.0), "inner_diameter_m": x.line.diameter_m,
            "volume_bcm": x.route.volume_bcm_per_year, "capacity_bcm": x.capacity_bcm, "capacity_low_bcm": min(band),
            "capacity_high_bcm": max(band), "stations": len(x.siting.stations_km), "head_power_mw": x.head_power_mw,
            "delivery_bar": float(x.profile.pressure_bar[-1]), "capex_low_musd": s.capex_musd[0],
            "capex_musd": s.capex_musd[1], "capex_high_musd": s.capex_musd[2], "transport_usd_per_kcm": s.transport,
            "delivered_usd_per_kcm": s.central, "delivered_low_usd_per_kcm": s.low,
            "delivered_high_usd_per_kcm": s.high,
            "saving_on_lng_usd_per_kcm": r.lng.central - s.central,
            "saving_on_best_other_usd_per_kcm": saving.central,
            "saving_on_best_other_low_usd_per_kcm": saving.low, "saving_on_best_other_high_usd_per_kcm": saving.high,
            "break_even_lng_usd_per_mmbtu": s.break_even_lng_usd_per_mmbtu[1], "fee_musd_per_year": s.fee_musd_per_year,
            "open": x.route.id in r.open_routes,
            "barred_by": "; ".join(f"{g.title} ({g.state.replace('_', ' ')})" for g in gates if not g.passable),
            "reason": x.siting.reason or "; ".join(x.profile.broken), "evidence": s.evidence.word,
        })
    return _table("gas_routes", "Routes of the gas pipeline", rows,
                  "capacity with the stations of least cost; low and high over five friction equations; "
                  "a route is open if no gate bars it, none of them is built; the saving on the best other supply "
                  "(another route or LNG) takes what the routes share at the same end for all")


def _profile(r: GasResult) -> ResultTable:
    rows: list[dict[str, Any]] = []
    for x in r.routes:
        for equation, p in x.band_profiles.items():
            rows += [{"route": x.route.id, "equation": equation.value, "km": float(k), "elevation_m": float(e),
                      "pressure_bar": float(b), "velocity_m_per_s": float(v)}
                     for k, e, b, v in zip(p.km, p.elevation_m, p.pressure_bar, p.velocity_m_per_s, strict=True)]
    return _table("gas_profile", "Pressure along the routes by friction equation", rows,
                  "at the route's volume; Weymouth and Panhandle with pipeline efficiency 0.92")


def _borders(r: GasResult) -> ResultTable:
    rows = [{"route": x.route.id, "border": b.border, "place": b.place, "km": b.km, "pressure_bar": b.pressure_bar,
             "pressure_low_bar": b.pressure_low_bar, "pressure_high_bar": b.pressure_high_bar}
            for x in r.routes for b in x.borders]
    return _table("gas_borders", "Pressure at the borders", rows)


def _stations(r: GasResult) -> ResultTable:
    rows = [{"route": x.route.id, "station": "head", "km": 0.0, "power_mw": x.head_power_mw} for x in r.routes]
    rows += [{"route": x.route.id, "station": f"{i}", "km": k, "power_mw": mw} for x in r.routes
             for i, (k, mw) in enumerate(zip(x.siting.stations_km, x.siting.power_mw, strict=True), start=1)]
    return _table("gas_stations", "Compressor stations of least cost at the route's volume", rows)


def _volumes(r: GasResult) -> ResultTable:
    rows = [{"route": r.routes[0].route.id, "volume_bcm": v.volume_bcm, "feasible": v.siting.feasible,
             "stations": len(v.siting.stations_km), "running_mw": sum(v.siting.power_mw),
             "cost_musd_per_year": v.siting.cost_usd_per_year / 1e6,
             "km": "; ".join(f"{k:.0f}" for k in v.siting.stations_km)} for v in r.sitings]
    return _table("gas_station_counts", "Stations of least cost by volume", rows)


def _curve(r: GasResult) -> ResultTable:
    rows = [{"pipe": c.pipe, "inner_diameter_m": c.inner_diameter_m, "stations": c.stations,
             "capacity_bcm": c.capacity_bcm} for c in r.curve]
    return _table("gas_capacity_curve", f"Capacity and number of stations: {lower_first(r.routes[0].route.name)}", rows)


def _band(r: GasResult) -> ResultTable:
    rows = [{"route": x.route.id, "equation": e.value, "capacity_bcm": b, "warnings": "; ".join(w)}
            for x in r.routes for e, (b, w) in x.band_bcm.items()]
    return _table("gas_capacity_band", "Capacity by friction equation", rows)


def _stack(r: GasResult) -> ResultTable:
    rows = [{"route": s.route, "item": i.item, "low_usd_per_kcm": i.low, "usd_per_kcm": i.central,
             "high_usd_per_kcm": i.high, "evidence": s.evidence.word} for s in r.stacks for i in s.items]
    rows.append({"route": "LNG", "item": "LNG and regasification", "low_usd_per_kcm": r.lng.low,
                 "usd_per_kcm": r.lng.central, "high_usd_per_kcm": r.lng.high, "evidence": "estimate"})
    return _table("gas_cost_stack", "Delivered cost by item, against LNG", rows,
                  "low and high take all parameters at their low or high end; gas at the head is what China pays")


def _upstream(r: GasResult) -> ResultTable:
    u = r.upstream
    return _table("gas_upstream", "What the line upstream leaves for the route", [
        {"free_now_bcm": u.free_now_bcm, "free_after_expansion_bcm": u.free_after_bcm,
         "expansion_musd": u.expansion_musd,
         "expansion_bcm": u.expansion_bcm, "expansion_usd_per_kcm": u.expansion_usd_per_kcm, "now": u.limits}],
        "the expansion is part of the price at the head, which is that paid at the end of the same line")


def _mix(r: GasResult) -> ResultTable:
    rows = []
    for c in r.cases:
        x, pipes = c.result, [(a, v) for a, v in zip(c.model.arcs, c.result.flow_bcm, strict=True)
                              if a.id.startswith("pipeline ")]
        lng = {s.id: float(v.sum()) for s, v in zip(c.model.sources, x.supplied_bcm, strict=True)}
        grid = x.price_usd_per_kcm[c.model.nodes.index("grid")]
        rows.append({"case": c.name, "contract_lng_bcm": lng["contract LNG"], "spot_lng_bcm": lng["spot LNG"],
                     "pipeline_bcm": sum(float(v.sum()) for _, v in pipes), "unserved_bcm": float(x.unserved_bcm.sum()),
                     "cost_musd": x.cost_musd, "winter_price_usd_per_kcm": float(grid[0]),
                     "summer_price_usd_per_kcm": float(grid[6])})
    return _table("gas_supply_mix", "Supply of a year by case", rows,
                  "least cost over twelve months; prices are the dual values of the balance")


def _choices(r: GasResult) -> ResultTable:
    names = {f"pipeline {x.route.id}": x.route.name for x in r.routes}
    rows = [{"lng_usd_per_mmbtu": c.lng_usd_per_mmbtu, "built": "; ".join(names[b] for b in c.built) or "none",
             "cost_musd": c.cost_musd, "saving_musd": c.saving_musd} for c in r.choices]
    return _table("gas_build", "What would be built at an LNG price, all gates open", rows)


def _security(r: GasResult) -> ResultTable:
    rows = [{"case": k, "n_minus_1_percent": v.percent, "lost": v.largest, "passed": v.passed}
            for k, v in r.n_minus_one.items()]
    if r.hydraulic is not None:
        worst = r.hydraulic.worst_share
        rows.append({"case": f"{r.routes[0].route.id} at twice its volume, by hydraulics",
                     "n_minus_1_percent": 100.0 * worst, "lost": r.hydraulic.worst, "passed": worst >= 1.0})
    return _table("gas_n_minus_1", "N-1 of Regulation (EU) 2017/1938 and by hydraulics", rows,
                  f"full tanks alone cover the loss of the land route for {r.tank_days:.0f} days")


def _cutoffs(r: GasResult) -> ResultTable:
    rows = [{"case": c.id, "name": c.name, "rate_per_year": c.cut.rate_per_year, "mean_months": c.cut.mean_years * 12.0,
             "lost_bcm": c.mean_lost_bcm, "lost_simulated_bcm": c.gross.mean_bcm, "error_bcm": c.gross.error_bcm,
             "unserved_bcm": c.net.mean_bcm, "p95_bcm": c.net.p95_bcm, "es95_bcm": c.net.es95_bcm,
             "longest_days": c.net.longest_days_mean, "cost_musd": c.cost_musd, "cost_usd_per_kcm": c.cost_usd_per_kcm,
             "saving_left_usd_per_kcm": r.lng.central - r.stacks[0].central - c.cost_usd_per_kcm,
             "evidence": c.evidence}
            for c in r.cutoffs]
    return _table("gas_cutoffs", "Cut-offs of the transit over the life of the line", rows,
                  "lost: before replacement, closed form; unserved: after spare LNG and the buffer; cost: unserved gas "
                  "at its value, and the same on all gas the line is to carry; saving left: what the first route costs "
                  "less than LNG, less that cost")


def _exceedance(r: GasResult) -> ResultTable:
    rows = [{"case": c.id, "level_bcm": float(a), "probability": float(b)} for c in r.cutoffs
            for a, b in zip(c.net.level_bcm, c.net.exceedance, strict=True)]
    return _table("gas_exceedance", "Chance that more than so much gas is not served", rows)


def _fees(r: GasResult) -> ResultTable:
    rows = [{"id": f.id, "what": f.what, "published": f.published, "unit": f.unit, "by_rule_musd": f.by_rule_musd,
             "implied_length_km": f.implied_length_km, "implied_rate_usd": f.implied_rate, "says": f.says,
             "source": f.source} for f in r.fees]
    return _table("gas_fee", "Published figures about the transit fee, and what each implies", rows,
                  "the published figures do not agree with each other; the rule is rate x km / 100 x volume")


def _law(r: GasResult) -> ResultTable:
    rows = [{"id": a.id, "question": a.question, "answer": a.answer, "provisions": a.provisions,
             "lifted_by": "; ".join(a.lifted_by), "notes": " ".join(a.notes), "evidence": a.evidence} for a in r.law]
    return _table("gas_law", "The law of the pipeline", rows, "This is not legal advice.")


def _gates(r: GasResult) -> ResultTable:
    rows = [{"gate": g.id, "title": g.title, "state": g.state.replace("_", " "), "passable": g.passable,
             "holders": "; ".join(g.holders), "detail": g.detail} for g in r.gates.values()]
    return _table("gas_gates", "Gates of the land route", rows, "unknown is not open")


def as_json(result: GasResult) -> dict[str, Any]:
    """The result as one document: every table as records, unknown as null."""
    found: dict[str, Any] = {"scenario": result.scenario}
    for t in tables(result):
        if t.name not in ("gas_profile", "gas_exceedance"):
            found[t.name] = t.frame.replace({np.nan: None}).to_dict("records")
    return found
