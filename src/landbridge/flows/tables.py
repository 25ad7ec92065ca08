"""Result tables of the flows room, before and after: modal split, crossings, gateways, indicators, fit, what stays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from landbridge.flows import indicators
from landbridge.flows._types import F64, Bools
from landbridge.flows.calibration import Fit
from landbridge.flows.study_market import FreightResult, fit_table, main_mode
from landbridge.result import ResultTable
from landbridge.schema.demand import Cargo, CostParameter, Zone
from landbridge.schema.flows import Emission, Gateway, Market
from landbridge.study import Study
from landbridge.tables import country_name

MODES = ("rail", "road", "sea")
SOURCE = "landbridge freight equilibrium over the study's trade table"


def tables(study: Study, before: FreightResult, after: FreightResult, fit: Fit | None = None) -> dict[str,
                                                                                                      ResultTable]:
    """All tables by name; each row of a pair of scenarios has the columns before, after and difference."""
    found = [
        _modal_split(study, before, after), _gates(before, after), _gateways(study, before, after),
        _indicators(study, before, after),
        _not_carried(before, after), _gap(before, after),
        ResultTable("flow_fit", "Published flows and what the model gives", fit_table(study, before),
                    note="Shares marked calibration set the scale and the constant of the choice; the others are "
                         "checks only."),
    ]
    if fit is not None:
        found.append(ResultTable(
            "choice_fit", "Calibration of the choice", fit.table,
            note=f"Scale {fit.logit.scale:.3g} per unit of ln(cost); constant of boxes by rail "
                 f"{fit.constants[-1]:.3g}; "
                 f"root mean square error {fit.rms_log_odds:.2g} in log odds."))
    return {t.name: t for t in found}


def _cuts(study: Study, result: FreightResult) -> Iterator[tuple[str, Bools]]:
    """All trade, then each row of markets.csv: name and rows."""
    yield "all", result.rows_between((), ())
    for m in study.rows(Market):
        yield m.market, result.rows_between(m.one, m.other, both_ways=True)


def _modal_split(study: Study, before: FreightResult, after: FreightResult) -> ResultTable:
    """Tonnes, boxes and tonne-kilometres by the mode that carries most of the way."""
    rows = []
    for (name, rows_b), (_, rows_a) in zip(_cuts(study, before), _cuts(study, after), strict=True):
        split = {"before": _by_mode(study, before, rows_b), "after": _by_mode(study, after, rows_a)}
        for m, mode in enumerate(MODES):
            b, a = split["before"], split["after"]
            rows.append({
                "market": name, "mode": mode, "before_kt": b[m, 0], "after_kt": a[m, 0],
                "difference_kt": a[m, 0] - b[m, 0],
                "before_share": _share(b[:, 0], m), "after_share": _share(a[:, 0], m), "before_kteu": b[m, 1],
                "after_kteu": a[m, 1], "before_mt_km": b[m, 2], "after_mt_km": a[m, 2],
            })
    return ResultTable("modal_split", "Modal split", pd.DataFrame(rows), {"before_share": "share of tonnes"},
                       "A shipment counts for the mode that carries it farthest. Tonnes, boxes (containerisable "
                       "share at 12 t a "
                       "TEU) and million tonne-km a year.", (SOURCE,))


def _by_mode(study: Study, result: FreightResult, rows: Bools) -> F64:
    """kt, kTEU and million t-km by mode."""
    ways, flow = result.alternatives, np.where(rows, result.equilibrium.flow_t, 0.0)
    boxes = {c.id: c.containerisable_share for c in study.rows(Cargo)}
    share = np.array([boxes[c] for c in ways.cargoes])[ways.cargo[ways.group]]
    mode = main_mode(ways)
    t = np.bincount(mode, weights=flow, minlength=3)
    teu = np.bincount(mode, weights=flow * share, minlength=3) / study.config.cost.payload_t_per_teu
    return np.stack([t / 1e3, teu / 1e3, flow @ ways.mode_km / 1e6], axis=1)


def _share(values: F64, i: int) -> float:
    total = float(values.sum())
    return float(values[i]) / total if total > 0 else float("nan")


def _gates(before: FreightResult, after: FreightResult) -> ResultTable:
    """Every crossing, terminal and special link that carries something, with its load, queue and dwell."""
    frames = []
    for role, r in (("before", before), ("after", after)):
        e = r.equilibrium
        frames.append(pd.DataFrame({
            "id": [g.id for g in r.gates], f"{role}_kt": e.volume_t / 1e3,
            f"{role}_utilisation": e.utilisation,
            f"{role}_dwell_h": e.dwell_h}).set_index("id"))
    known = {g.id: g for r in (after, before) for g in r.gates}
    frame = frames[0].join(frames[1], how="outer")
    for role in ("before", "after"):
        frame[f"{role}_kt"] = frame[f"{role}_kt"].fillna(0.0)
        frame[f"{role}_utilisation"] = frame[f"{role}_utilisation"].fillna(0.0)
        frame[f"{role}_dwell_h"] = [d if np.isfinite(d) else known[i].dwell_h[1]
                                    for i, d in zip(frame.index, frame[f"{role}_dwell_h"], strict=True)]
    frame.insert(0, "name", [known[i].name for i in frame.index])
    frame.insert(1, "kind", [known[i].kind for i in frame.index])
    frame.insert(2, "countries",
                 [" - ".join(country_name(c) for c in dict.fromkeys(known[i].countries))
                  for i in frame.index])
    frame.insert(3, "capacity_kt", [known[i].capacity_t / 1e3 for i in frame.index])
    frame.insert(4, "base_dwell_h", [known[i].dwell_h[1] for i in frame.index])
    frame["difference_kt"] = frame["after_kt"] - frame["before_kt"]
    frame["evidence"] = [known[i].evidence.word for i in frame.index]
    frame = frame.sort_values("difference_kt", key=np.abs, ascending=False).reset_index()
    return ResultTable("gate_flows", "Crossings, terminals and special links: load, utilisation and dwell",
                       frame,
                       {"before_utilisation": "volume / capacity"},
                       "Volumes are the modelled trade only; where the capacity counts boxes, boxes only. Dwell "
                       "grows by the queue beyond the utilisation at which it was observed (Akçelik 1991).",
                       (SOURCE, "capacities: crossings, terminals and links of the study"))


def _gateways(study: Study, before: FreightResult, after: FreightResult) -> ResultTable:
    """What the corridor takes from each gateway of gateways.csv: tonnes through it before and after."""
    rows = []
    for gateway in study.rows(Gateway):
        row: dict[str, object] = {"gateway": gateway.gateway}
        for role, r in (("before", before), ("after", after)):
            row[f"{role}_kt"] = float(r.equilibrium.flow_t[r.alternatives.through(gateway.objects)].sum()) / 1e3
        row["difference_kt"] = row["after_kt"] - row["before_kt"]  # type: ignore[operator]
        rows.append(row)
    return ResultTable("gateway_shift", "What moves from gateway to gateway",
                       pd.DataFrame(rows, columns=["gateway", "before_kt", "after_kt", "difference_kt"]), {},
                       "kt a year; a shipment that passes two counts in both.", (SOURCE,))


def _indicators(study: Study, before: FreightResult, after: FreightResult) -> ResultTable:
    """Flow-weighted indicators by market, under their names in corridor monitoring."""
    rows: list[dict[str, object]] = []
    by_row = [_by_row(study, r) for r in (before, after)]
    for (market, rows_b), (_, rows_a) in zip(_cuts(study, before), _cuts(study, after), strict=True):
        b, a = _measures(before, by_row[0], rows_b), _measures(after, by_row[1], rows_a)
        rows.extend({"market": market, "indicator": name, "unit": unit, "before": b[name], "after": a[name],
                     "difference": a[name] - b[name]} for name, unit in UNITS.items())
    scopes = "; ".join(sorted({e.scope for e in study.rows(Emission)}))
    return ResultTable("flow_indicators", "Time, cost, reliability and emission of what moves",
                       pd.DataFrame(rows), {},
                       "Means over tonnes. TFI1 and TFI2 are per border crossed, TFI3 per 500 km and 20 t (CAREC). "
                       "Reliability: "
                       "dwell times as lognormal with low, central, high as P10, P50, P90, summed by Fenton and "
                       "Wilkinson. "
                       f"CO2e scope: {scopes or 'unknown'}.", (SOURCE,))


UNITS = {
    "TFI1": "h", "TFI2": "USD per 20 t", "TFI3": "USD per 500 km and 20 t", "SWD": "km/h", "SWOD": "km/h",
    "door-to-door mean": "h", "door-to-door P50": "h", "door-to-door P95": "h",
    "buffer index": "share of the mean",
    "door-to-door cost": "USD/t", "border share of time": "share", "border share of cost": "share",
    "detour ratio": "ratio",
    "CO2e": "kg/t",
}


def _by_row(study: Study, result: FreightResult) -> Mapping[str, F64]:
    """What the indicators are means of, by row."""
    p = result.alternatives.parts
    extra_h, mean_h, variance, central_h = _dwell(result)
    at_border = np.array([g.kind.endswith("crossing") for g in result.gates])
    border_h = p["border_h"] + p["gauge_h"] + result.passes @ (result.queue_h * at_border)
    total_h = p["time_h"] + extra_h
    fixed = total_h - central_h - extra_h
    p50, p95 = (indicators.percentile_h(fixed, mean_h, variance, q) for q in (50, 95))
    return {
        "km": p["km"], "usd": p["usd_per_t"], "total_h": total_h, "border_h": border_h,
        "border_usd": p["border_usd_per_t"] + p["gauge_usd_per_t"], "borders": _crossings(result),
        "moving_h": p["time_h"] - p["border_h"] - p["gauge_h"] - p["handling_h"],
        "mean_h": fixed + mean_h, "p50_h": p50, "p95_h": p95,
        "straight_km": _straight_km(study, result),
        "co2e_kg": indicators.co2e_kg_per_t(result.alternatives.mode_km, _grams(study)),
    }


def _measures(result: FreightResult, by_row: Mapping[str, F64], rows: Bools) -> Mapping[str, float]:
    t = np.where(rows, result.equilibrium.flow_t, 0.0)
    total = {name: float(values @ t) for name, values in by_row.items()}

    def over(top: str, bottom: str) -> float:
        return total[top] / total[bottom] if total[bottom] > 0 else float("nan")

    def weighted(name: str) -> float:
        return indicators.weighted(by_row[name], t)

    mean, late = weighted("mean_h"), weighted("p95_h")
    return {
        "TFI1": over("border_h", "borders"), "TFI2": 20 * over("border_usd", "borders"),
        "TFI3": 10_000 * over("usd", "km"), "SWD": over("km", "total_h"), "SWOD": over("km", "moving_h"),
        "door-to-door mean": mean, "door-to-door P50": weighted("p50_h"), "door-to-door P95": late,
        "buffer index": (late - mean) / mean, "door-to-door cost": weighted("usd"),
        "border share of time": over("border_h", "total_h"), "border share of cost": over("border_usd", "usd"),
        "detour ratio": over("km", "straight_km"), "CO2e": weighted("co2e_kg"),
    }


def _dwell(result: FreightResult) -> tuple[F64, F64, F64, F64]:
    """By row: hours of queue; mean and variance of the dwell times with their queues; and their central hours."""
    ways = result.alternatives
    low, central, high = (np.array([g.dwell_h[i] for g in result.gates]) for i in range(3))
    mean, variance = indicators.lognormal(low, central, high)
    uses = ways.uses[:, [ways.objects.index(g.id) for g in result.gates]]
    queue = result.passes @ result.queue_h
    return queue, uses @ mean + queue, uses @ variance, uses @ central


def _crossings(result: FreightResult) -> F64:
    """Borders crossed by each row."""
    columns = [result.alternatives.objects.index(g.id) for g in result.gates if g.kind.endswith("crossing")]
    return np.asarray(result.alternatives.uses[:, columns].sum(axis=1)).ravel()


def _straight_km(study: Study, result: FreightResult) -> F64:
    zones, ways = study.rows(Zone), result.alternatives
    lat, lon = np.array([z.lat_deg for z in zones]), np.array([z.lon_deg for z in zones])
    o, d = ways.origin, ways.destination
    return indicators.great_circle_km(lat[o], lon[o], lat[d], lon[d])[ways.group]


def _grams(study: Study) -> F64:
    """g CO2e per t-km of rail, road, sea; unknown where the study gives none."""
    figures = {p.id: p.central for p in study.rows(CostParameter)}
    by_mode = {e.mode.value: figures[e.parameter] for e in study.rows(Emission)}
    return np.array([by_mode.get(m, np.nan) for m in MODES])


def _not_carried(before: FreightResult, after: FreightResult) -> ResultTable:
    """Demand that stays at home, by countries and reason."""
    rows: list[dict[str, object]] = []
    for role, r in (("before", before), ("after", after)):
        ways, where = r.alternatives, np.array(r.countries)
        rows.extend({"role": role, "scenario": r.scenario, "cargo": ways.cargoes[ways.cargo[g]],
                     "from": country_name(where[ways.origin[g]]),
                     "to": country_name(where[ways.destination[g]]),
                     "kt": t / 1e3, "reason": reason} for g, t, reason in r.equilibrium.not_carried)
    columns = ["role", "scenario", "cargo", "from", "to", "kt", "reason"]
    keys = [c for c in columns if c != "kt"]
    frame = pd.DataFrame(rows, columns=columns).groupby(keys, as_index=False,
                                                        sort=False)["kt"].sum()
    return ResultTable("not_carried", "What is not carried, and why",
                       frame.sort_values("kt", ascending=False, ignore_index=True),
                       note="'no way': nothing open and lawful leads there; else the cap that leaves it behind. The "
                            "trade table is that of the base year, so what was traded then and is forbidden later "
                            "shows here.",
                       sources=(SOURCE,))


def _gap(*results: FreightResult) -> ResultTable:
    rows = [{"scenario": r.scenario, "iteration": i, "gap": gap, "converged": r.equilibrium.converged}
            for r in results for i, gap in enumerate(r.equilibrium.gap_history)]
    return ResultTable("flow_convergence", "How the flows converged", pd.DataFrame(rows),
                       note="Sum over gates of |volume - load| as a share of all tonnes.")


def closing(result: FreightResult, again: FreightResult, ids: Sequence[str]) -> pd.DataFrame:
    """Select-link: the pairs of countries that use some objects, and where their tonnes go when those close.

    `again` is the same study solved with the objects closed. Columns from, to, kt (through the objects
    before), lost_kt (not carried after), and by mode the change in kt of those pairs.
    """
    flow, through = result.equilibrium.flow_t, result.alternatives.through(ids)
    users = _by_pair(result, np.where(through, flow, 0.0))
    frame = pd.DataFrame({"kt": users[users > 0]}).sort_values("kt", ascending=False)
    carried = _by_pair(result, flow), _by_pair(again, again.equilibrium.flow_t)
    frame["lost_kt"] = [carried[0].get(i, 0.0) - carried[1].get(i, 0.0) for i in frame.index]
    for m, mode in enumerate(MODES):
        old = _by_pair(result, np.where(main_mode(result.alternatives) == m, flow, 0.0))
        new = _by_pair(again, np.where(main_mode(again.alternatives) == m, again.equilibrium.flow_t, 0.0))
        frame[f"{mode}_change_kt"] = [new.get(i, 0.0) - old.get(i, 0.0) for i in frame.index]
    return frame.reset_index()


def closing_table(result: FreightResult, again: FreightResult, ids: Sequence[str]) -> ResultTable:
    """Table `closing`: see `closing`, with countries by name."""
    frame = closing(result, again, ids)
    for column in ("from", "to"):
        frame[column] = [country_name(c) for c in frame[column]]
    return ResultTable("closing", f"Who uses {', '.join(ids)}, and where they turn when it closes", frame, {},
                       "kt a year through the objects now; lost: no longer carried; change by the mode that carries a "
                       "shipment farthest.", (SOURCE,))


def _by_pair(result: FreightResult, flow: F64) -> pd.Series:
    ways, where = result.alternatives, np.array(result.countries)
    frame = pd.DataFrame({"from": where[ways.origin[ways.group]], "to": where[ways.destination[ways.group]],
                          "kt": flow / 1e3})
    return frame.groupby(["from", "to"])["kt"].sum()
