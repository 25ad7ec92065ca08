"""The pipeline page: pressure along the way, cost against LNG, stations, cut-offs, and the law."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from landbridge.report.page import PALETTE, Block, Figure, Section, TableBlock, Text, number
from landbridge.result import ResultTable

Tables = Mapping[str, ResultTable]
_SOURCE = "this study; tables gas/*.csv with their sources; "
WORDS = {"colebrook": "Colebrook", "aga": "AGA", "weymouth": "Weymouth", "panhandle_a": "Panhandle A",
         "panhandle_b": "Panhandle B"}


def section(tables: Tables) -> Section:
    """The gas section, from the tables whose names start with `gas_`."""
    routes = tables["gas_routes"].frame
    first = str(routes.iloc[0]["route"])
    blocks: list[Block] = [
        Text("Lengths, elevations and costs of these routes are largely estimates; each row of the tables says so. "
             "The band is the spread over five friction equations in use; it matters more than the gas law.",
             kind="note"),
        stack(tables),
        Text(line_words(tables)),
        profile(tables, first),
        curve(tables),
        exceedance(tables),
        TableBlock(tables["gas_routes"], columns=(
            "name", "length_km", "capacity_bcm", "capacity_low_bcm", "capacity_high_bcm", "stations", "delivery_bar",
            "capex_musd", "delivered_usd_per_kcm", "break_even_lng_usd_per_mmbtu", "fee_musd_per_year", "barred_by",
            "evidence")),
        TableBlock(tables["gas_borders"]),
        TableBlock(tables["gas_station_counts"]),
        Text(law_words(tables), kind="lead"),
        TableBlock(tables["gas_law"], columns=("question", "answer", "provisions", "lifted_by", "evidence")),
        TableBlock(tables["gas_gates"], columns=("gate", "title", "state", "holders", "detail")),
        TableBlock(tables["gas_supply_mix"]),
        Text(build_words(tables)),
        TableBlock(tables["gas_build"]),
        TableBlock(tables["gas_n_minus_1"]),
        TableBlock(tables["gas_cutoffs"], columns=("name", "rate_per_year", "mean_months", "lost_bcm", "unserved_bcm",
                                                   "p95_bcm", "es95_bcm", "cost_musd", "cost_usd_per_kcm",
                                                   "saving_left_usd_per_kcm", "evidence")),
        TableBlock(tables["gas_upstream"]),
        Text(fee_words(tables)),
        TableBlock(tables["gas_fee"],
                   columns=("what", "published", "unit", "by_rule_musd", "implied_length_km", "says")),
    ]
    return Section("gas", "The gas pipeline", lead(tables), blocks)


def lead(tables: Tables) -> str:
    """The cheapest way against LNG, then the first route, what bars it, and what is left when the transit is cut."""
    routes = tables["gas_routes"].frame
    row, best = routes.iloc[0], routes.sort_values("delivered_usd_per_kcm", kind="stable").iloc[0]
    lng = tables["gas_cost_stack"].frame.set_index("route").loc["LNG"]
    price = f"{number(float(lng['usd_per_kcm']))}; {_span(lng['low_usd_per_kcm'], lng['high_usd_per_kcm'])}"
    text = (f"The cheapest way for the gas is {lower_first(str(best['name']))}: {_cost(best)} USD per 1000 m3, "
            f"{_gap(best)} LNG ({price}), as long as LNG costs more than "
            f"{number(float(best['break_even_lng_usd_per_mmbtu']), 2)} USD per MMBtu; {_barred(best)}. ")
    if best["route"] != row["route"]:
        more, low, high = (-float(row[f"saving_on_best_other_{end}usd_per_kcm"]) for end in ("", "high_", "low_"))
        text += (f"{row['name']} it costs {_cost(row)}: {number(more)} more than that way ({_span(low, high)} more "
                 "than the best other supply, with what they share at the same end) and "
                 f"{_gap(row)} LNG; {_barred(row)}. ")
    text += cut_words(tables)
    return text + "All these costs are estimates, with the range from all parameters low to all parameters high."


def _span(low: float, high: float) -> str:
    return " to ".join(f"{'−' if x < 0 else ''}{number(abs(float(x)))}" for x in (low, high))


def _cost(row: pd.Series[Any]) -> str:
    span = _span(row["delivered_low_usd_per_kcm"], row["delivered_high_usd_per_kcm"])
    return f"{number(float(row['delivered_usd_per_kcm']))} ({span})"


def _gap(row: pd.Series[Any]) -> str:
    gap = float(row["saving_on_lng_usd_per_kcm"])
    return f"{number(abs(gap))} {'less' if gap > 0 else 'more'} than"


def _barred(row: pd.Series[Any]) -> str:
    gates = str(row["barred_by"]).replace("; ", ", ")
    return f"gates that bar it: {gates}" if gates else "no gate bars it"


def cut_words(tables: Tables) -> str:
    """What the first route still saves against LNG after the gas not served when the transit is cut."""
    row, frame = tables["gas_routes"].frame.iloc[0], tables["gas_cutoffs"].frame
    if not len(frame):
        return ""
    saving = float(row["saving_on_lng_usd_per_kcm"])
    parts = []
    for c in frame.to_dict("records"):
        cost, left = float(c["cost_usd_per_kcm"]), float(c["saving_left_usd_per_kcm"])
        rest = f"{number(left)} left" if left > 0 else f"{number(-left)} more than it saves"
        parts.append(f"{lower_first(str(c['name']))} {number(cost)}, {rest}")
    return (f"{row['name']} it saves {number(saving)} USD against LNG; of that, gas not served while the transit is "
            f"cut takes (estimated rates): {'; '.join(parts)}. ")


def lower_first(text: str) -> str:
    """A name inside a sentence."""
    return text[:1].lower() + text[1:]


def build_words(tables: Tables) -> str:
    """From which LNG price on the least-cost plan builds, and which ways it builds."""
    frame = tables["gas_build"].frame
    built = frame[frame["built"] != "none"]
    tried = f"{frame['lng_usd_per_mmbtu'].min():g} to {frame['lng_usd_per_mmbtu'].max():g} USD per MMBtu"
    if not len(built):
        return f"With all gates open the least-cost plan builds no way at any LNG price tried ({tried})."
    ways = dict.fromkeys(w for row in built["built"] for w in str(row).split("; "))
    never = [str(n) for n in tables["gas_routes"].frame["name"] if n not in ways]
    text = (f"With all gates open the least-cost plan builds from an LNG price of "
            f"{built['lng_usd_per_mmbtu'].min():g} USD per MMBtu (prices tried: {tried}): "
            f"{', '.join(lower_first(w) for w in ways)}.")
    return text + (f" Never built: {', '.join(lower_first(n) for n in never)}." if never else "")


def line_words(tables: Tables) -> str:
    """What the line of the first route carries, with the band over friction equations, and its stations."""
    row = tables["gas_routes"].frame.iloc[0]
    stations = int(row["stations"])
    return (f"{row['name']} the line carries {number(float(row['capacity_low_bcm']))} to "
            f"{number(float(row['capacity_high_bcm']))} bcm a year, by friction equation, with {stations or 'no'} "
            f"station{'' if stations == 1 else 's'} on the way.")


def law_words(tables: Tables) -> str:
    """The answers of the law in one sentence, those barred first."""
    frame = tables["gas_law"].frame
    groups = [f"{word}: {'; '.join(q[0].lower() + q[1:] for q in part['question'])}"
              for word, part in frame.groupby("answer", sort=False)]
    return "The law, " + ". ".join(groups) + ". This is not legal advice."


def fee_words(tables: Tables) -> str:
    """What the published figures about the fee say about each other."""
    frame = tables["gas_fee"].frame
    parts = [f"{r.what} ({number(float(r.published))} {r.unit}): {r.says}" for r in frame.itertuples()
             if "no fee follows" not in r.says]
    return "The published figures about the transit fee do not agree. " + "; ".join(parts) + "."


def stack(tables: Tables) -> Figure:
    """Delivered cost by route and item against LNG, with the range of the whole."""
    frame = tables["gas_cost_stack"].frame
    names = dict(zip(tables["gas_routes"].frame["route"], tables["gas_routes"].frame["name"], strict=True))
    order = [*names, "LNG"]
    items = list(dict.fromkeys(frame["item"]))
    series: list[dict[str, Any]] = []
    for i, item in enumerate(items):
        part = frame[frame["item"] == item].set_index("route")["usd_per_kcm"]
        series.append({"name": item, "type": "bar", "stack": "cost", "itemStyle": {"color": PALETTE[i % 8]},
                       "data": [float(part.get(r, 0.0)) for r in order]})
    low, high = (frame.groupby("route")[c].sum() for c in ("low_usd_per_kcm", "high_usd_per_kcm"))
    series.append({"name": "low to high", "type": "scatter", "symbol": "diamond", "symbolSize": 8,
                   "itemStyle": {"color": "#000000"},
                   "data": [[float(v), i] for i, r in enumerate(order) for v in (low[r], high[r])]})
    labels = [names.get(r, "LNG") for r in order]
    option = {"tooltip": {"trigger": "axis"}, "legend": {"top": 40, "type": "scroll"},
              "grid": {"left": 20, "right": 30, "top": 90, "bottom": 60, "containLabel": True},
              "xAxis": {"type": "value", "name": "USD per 1000 m3", "nameLocation": "middle", "nameGap": 26},
              "yAxis": {"type": "category", "data": labels, "inverse": True,
                        "axisLabel": {"width": 200, "overflow": "break", "lineHeight": 15}}, "series": series}
    return Figure("gas-stack", "What a thousand cubic meters cost the buyer, by route and item",
                  "USD per 1000 m3, central values; diamonds: all parameters low, all high",
                  _SOURCE + "gas at what China pays in 2025, LNG at the mean of 2014-23", option,
                  "Stacked bars of delivered cost by route beside LNG", 420)


def profile(tables: Tables, route: str) -> Figure:
    """Pressure along the km with the band over equations, elevation, borders and stations."""
    frame = tables["gas_profile"].frame
    own = frame[frame["route"] == route]
    borders = tables["gas_borders"].frame
    marks = [{"xAxis": float(b.km), "label": {"formatter": f"{b.border} {b.pressure_bar:.0f} bar"}}
             for b in borders[borders["route"] == route].itertuples()]
    stations = tables["gas_stations"].frame
    marks += [{"xAxis": float(s.km), "label": {"formatter": f"{s.power_mw:.0f} MW", "position": "insideEndBottom"}}
              for s in stations[stations["route"] == route].itertuples()]
    series: list[dict[str, Any]] = []
    for i, (equation, part) in enumerate(own.groupby("equation", sort=False)):
        line: dict[str, Any] = {
            "name": WORDS[str(equation)], "type": "line", "showSymbol": False,
            "lineStyle": {"width": 3 if equation == "colebrook" else 1.2}, "itemStyle": {"color": PALETTE[i % 8]},
            "data": [[float(k), round(float(p), 3)] for k, p in zip(part["km"], part["pressure_bar"], strict=True)]}
        if equation == "colebrook":
            line["markLine"] = {"symbol": "none", "lineStyle": {"type": "dashed", "color": "#555"}, "data": marks}
        series.append(line)
    ground = own[own["equation"] == "colebrook"]
    series.append({"name": "elevation", "type": "line", "yAxisIndex": 1, "showSymbol": False,
                   "areaStyle": {"opacity": 0.25}, "lineStyle": {"width": 1}, "itemStyle": {"color": "#999999"},
                   "data": [[float(k), round(float(e), 1)]
                            for k, e in zip(ground["km"], ground["elevation_m"], strict=True)]})
    row = tables["gas_routes"].frame.set_index("route").loc[route]
    top = max(2000.0, 3.0 * float(ground["elevation_m"].max()))
    option = {"tooltip": {"trigger": "axis"}, "legend": {"top": 40, "type": "scroll"},
              "grid": {"left": 60, "right": 70, "top": 100, "bottom": 70},
              "xAxis": {"type": "value", "name": "km from the start", "nameLocation": "middle", "nameGap": 26,
                        "max": float(ground["km"].max())},
              "yAxis": [{"type": "value", "name": "bar", "nameLocation": "middle", "nameGap": 40, "scale": True},
                        {"type": "value", "name": "m above the sea", "nameLocation": "middle", "nameGap": 48,
                         "max": top, "splitLine": {"show": False}}],
              "series": series}
    return Figure("gas-profile", f"Pressure along the line at {number(float(row['volume_bcm']))} bcm a year: "
                  f"{lower_first(str(row['name']))}",
                  "bar and m, dashed: borders and stations; five friction equations; inner diameter "
                  f"{float(row['inner_diameter_m']):.2f} m",
                  _SOURCE + "elevation read off the map (estimate), 2026", option,
                  "Pressure falls along the line; borders and stations are marked; the ground below", 420)


def curve(tables: Tables) -> Figure:
    """Capacity against the number of stations, one line per diameter."""
    table = tables["gas_capacity_curve"]
    series = [{"name": f"{float(d):.2f} m", "type": "line", "itemStyle": {"color": PALETTE[i % 8]},
               "data": [[int(n), round(float(c), 3)] for n, c in zip(p["stations"], p["capacity_bcm"], strict=True)]}
              for i, (d, p) in enumerate(table.frame.groupby("inner_diameter_m"))]
    option = {"tooltip": {"trigger": "axis"}, "legend": {"top": 40},
              "xAxis": {"type": "value", "name": "compressor stations on the way, each at its best place",
                        "nameLocation": "middle", "nameGap": 26, "minInterval": 1},
              "yAxis": {"type": "value", "name": "bcm a year"}, "series": series}
    return Figure("gas-curve", table.title, "bcm a year by inner diameter, Colebrook", _SOURCE + "2026", option,
                  "Capacity rises with stations and with diameter")


def exceedance(tables: Tables) -> Figure:
    """Chance of more than so much gas not served, by cut-off case."""
    frame, cases = tables["gas_exceedance"].frame, tables["gas_cutoffs"].frame
    names = dict(zip(cases["case"], cases["name"], strict=True))
    series = [{"name": names[str(c)], "type": "line", "showSymbol": False, "itemStyle": {"color": PALETTE[i % 8]},
               "data": _points(part)} for i, (c, part) in enumerate(frame.groupby("case", sort=False))]
    option = {"tooltip": {"trigger": "axis"}, "legend": {"top": 40},
              "xAxis": {"type": "value", "name": "bcm not served over the life of the line", "nameLocation": "middle",
                        "nameGap": 26},
              "yAxis": {"type": "value", "name": "chance of more", "max": 1}, "series": series}
    return Figure("gas-exceedance", "How much gas a transit cut off now and then would cost",
                  "chance of more than so many bcm, after spare LNG and tanks",
                  _SOURCE + "20,000 draws of a renewal process; rates estimated, 2026", option,
                  "Exceedance curves of unserved gas by cut-off case")


def _points(part: pd.DataFrame) -> list[list[float]]:
    return [[round(float(x), 4), round(float(y), 5)]
            for x, y in zip(part["level_bcm"], part["probability"], strict=True)]
