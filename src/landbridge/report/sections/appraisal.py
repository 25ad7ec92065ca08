"""Who gains, who pays, what the result hangs on, who holds the key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from landbridge.appraisal.power import BLOCKS
from landbridge.report.page import (
    BETTER,
    PALETTE,
    PARTY_COLOR,
    SAME,
    WORSE,
    Block,
    Figure,
    Section,
    TableBlock,
    Text,
    number,
)
from landbridge.report.words import cell_words
from landbridge.result import ResultTable

Tables = Mapping[str, ResultTable]
WORDS = {"capex": "works", "opex": "upkeep", "residual_value": "value left at the end", "user_benefit": "shippers",
         "operator_revenue": "carriers and terminals", "transit_fee": "transit fee", "treasury": "customs",
         "gas_supply": "gas", "co2e": "greenhouse gases", "safety": "accidents", "side_payment": "side payments"}

FACTORS = {"scf": "standard conversion factor", "serf": "shadow exchange rate factor"}


def section(tables: Tables) -> Section:
    """The appraisal section, from the tables whose names start with `appraisal_`, and `hold_up` where it
    is."""
    indicators = tables["appraisal_indicators"]
    blocks: list[Block] = [
        Text(indicators.note, kind="note"),
        gains(tables),
        TableBlock(party_by_account(tables)),
        sankey(tables),
        tornado(tables),
        TableBlock(
            readable(indicators),
            columns=(
                "name",
                "rate_pct",
                "enpv_musd",
                "enpv_p5_musd",
                "enpv_p95_musd",
                "fnpv_musd",
                "eirr_pct",
                "eirr_note",
                "bcr",
                "first_year_return_pct",
                "draws_above_zero_pct",
            ),
            labels={
                "name": "party",
                "rate_pct": "rate, %",
                "eirr_note": "rate of return: why none",
                "draws_above_zero_pct": "draws above 0, %",
            },
        ),
        TableBlock(tables["appraisal_payments"]),
        TableBlock(tables["appraisal_fees"]),
        TableBlock(tables["appraisal_timing"]),
        TableBlock(tables["appraisal_courses"]),
        TableBlock(tables["appraisal_hazards"]),
        TableBlock(tables["appraisal_projects"]), TableBlock(tables["appraisal_parties"]),
        TableBlock(settings(tables["appraisal_settings"])),
    ]
    if "hold_up" in tables:
        blocks.append(TableBlock(tables["hold_up"]))
    return Section("appraisal", "Who gains and who pays", lead(tables), blocks)


def settings(table: ResultTable) -> ResultTable:
    """The settings with the conversion factors in words."""
    return replace(table, frame=table.frame.assign(name=[FACTORS.get(str(n), n) for n in table.frame["name"]]))


def readable(table: ResultTable) -> ResultTable:
    """The indicators with words where there is no ratio or no rate of return."""
    frame = table.frame.copy()
    frame["bcr"] = ["no costs" if x == float("inf") else number(float(x)) for x in frame["bcr"]]
    frame["eirr_pct"] = [number(float(x)) if x == x else ("more than one" if n > 1 else "none")
                         for x, n in zip(frame["eirr_pct"], frame["eirr_roots"], strict=True)]
    frame["first_year_return_pct"] = [
        number(float(x)) if x == x else "no works" for x in frame["first_year_return_pct"]
    ]
    return replace(table, frame=frame)


def lead(tables: Tables) -> str:
    """The total with its range, who loses and why, the probability of opening at which it pays, and what is left out.
    """
    frame = tables["appraisal_indicators"].frame
    total = frame[frame["party"] == "all"].iloc[0]
    unit = tables["appraisal_indicators"].units["enpv_musd"]
    own = frame[frame["own_rate"]]
    losers = [str(n) for n in own.loc[own["enpv_musd"] < 0, "name"]]
    pays = tables["appraisal_timing"].frame["break_even_probability_pct"].iloc[0]
    low, mid, high = (_signed(float(total[c])) for c in ("enpv_p5_musd", "enpv_musd", "enpv_p95_musd"))
    text = f"At {total['rate_pct']:g} % the sum over all is {mid} {unit} (P5 to P95: {low} to {high}). "
    text += f"At their own rates {_list(losers)} would lose. " if losers else "At their own rates no party loses. "
    text += ("The works do not pay even if the border opens as planned. " if pays != pays else
             f"The works pay if the border opens with a probability above {pays:.0f} %. ")
    return "".join((text, later_words(tables), crowding_words(tables), gas_words(tables))).strip()


def later_words(tables: Tables) -> str:
    """The opening year that is worth most among those tried, where it is not the first."""
    table = tables["appraisal_timing"]
    first, best = table.frame.iloc[0], table.frame.loc[table.frame["enpv_if_open_musd"].idxmax()]
    if best["opening_year"] == first["opening_year"]:
        return ""
    late, early = (f"{_signed(float(r['enpv_if_open_musd']))} in {r['opening_year']:.0f}" for r in (best, first))
    return (f"With works and opening moved to a later year the sum is highest, of the years tried: {late}, against "
            f"{early}. ")


def crowding_words(tables: Tables) -> str:
    """Partners whose own shippers lose, each with its crossing, port or link where waits grow most."""
    table = tables["appraisal_accounts"]
    frame = table.frame[(table.frame["basis"] == "economic") & (table.frame["account"] == "user_benefit")]
    sums = frame.groupby("name", sort=False)["npv_musd"].sum()
    partners = set(tables["appraisal_parties"].frame.query("partner")["name"])
    unit = table.units["npv_musd"]
    return "".join(f"The shippers of {name} alone lose {number(-float(x))} {unit}{_crowded(tables, str(name))}. "
                   for name, x in sums.items() if x < 0 and name in partners)


def _crowded(tables: Tables, party: str) -> str:
    """The place of a party where added wait times tonnes is largest, as a clause; empty if none waits an hour more."""
    if "gate_flows" not in tables:
        return ""
    frame = tables["gate_flows"].frame
    own = frame[[party in str(c).split(" - ") for c in frame["countries"]]]
    more = (own["after_dwell_h"] - own["before_dwell_h"]) * own["after_kt"]
    worst = own.loc[more.idxmax()] if len(own) else None
    if worst is None or worst["after_dwell_h"] - worst["before_dwell_h"] < 1.0:
        return ""
    return (f": {worst['name']} carries {number(float(worst['after_kt']))} kt a year instead of "
            f"{number(float(worst['before_kt']))} on a capacity of {number(float(worst['capacity_kt']))} "
            f"({worst['evidence']}), and cargo stays there {number(float(worst['after_dwell_h']))} h instead of "
            f"{number(float(worst['before_dwell_h']))}")


def gas_words(tables: Tables) -> str:
    """That the pipeline is left out, where the study has one and the ledger none."""
    absent = "gas_supply" not in set(tables["appraisal_accounts"].frame["account"])
    return "The gas pipeline is not in these sums: its works belong to no project of this scenario. " if (
        absent and "gas_routes" in tables) else ""


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(value))


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def _sources(table: ResultTable, fallback: str = "landbridge, from the tables of the study") -> str:
    return "; ".join(table.sources) or fallback


def gains(tables: Tables) -> Figure:
    """Net present value of each party at its own rate, with the range of the draws as a line."""
    table = tables["appraisal_indicators"]
    frame = table.frame[table.frame["own_rate"]].iloc[::-1]
    names = [f"{n} ({r:g} %)" for n, r in zip(frame["name"], frame["rate_pct"], strict=True)]
    bars = [
        {"value": round(float(v), 1), "itemStyle": {"color": BETTER if v >= 0 else WORSE}}
        for v in frame["enpv_musd"]
    ]
    low, high = ([round(float(x), 1) for x in frame[c]] for c in ("enpv_p5_musd", "enpv_p95_musd"))
    option = {
        "tooltip": {"trigger": "item"}, "xAxis": {"type": "value", "splitNumber": 5},
        "yAxis": {"type": "category", "data": names},
        "series": [{"type": "bar", "name": "central", "data": bars, "barWidth": "55%"},
                   *_whiskers(low, high)]}
    best = frame.iloc[int(frame["enpv_musd"].to_numpy().argmax())]
    return Figure("appraisal-gains", "Net present value by party, each at its own rate; line: P5 to P95",
                  table.units["enpv_musd"], _sources(table), option,
                  f"Largest gain: {best['name']}, {best['enpv_musd']:.0f} {table.units['enpv_musd']}.",
                  140 + 44 * len(frame))


def _whiskers(low: list[float], high: list[float]) -> list[dict[str, Any]]:
    """One thin line per category from low to high, drawn as line series of two points (no functions in the
    option)."""
    return [{"type": "line", "data": [[a, k], [b, k]], "showSymbol": True, "symbol": "rect", "symbolSize": [2, 12],
             "lineStyle": {"color": "#333", "width": 2}, "itemStyle": {"color": "#333"}, "z": 5, "silent": True,
             "name": "P5 to P95"} for k, (a, b) in enumerate(zip(low, high, strict=True))]


def party_by_account(tables: Tables) -> ResultTable:
    """Present values laid out with a row per party and a column per account, and their sum."""
    table = tables["appraisal_accounts"]
    frame = table.frame[table.frame["basis"] == "economic"]
    wide = frame.pivot_table(index="name", columns="account", values="npv_musd", aggfunc="sum", sort=False).fillna(0.0)
    wide = wide[[a for a in WORDS if a in wide.columns]].rename(columns=WORDS)
    wide["all accounts"] = wide.sum(axis=1)
    wide.loc["All together"] = wide.sum(axis=0)
    shown = wide.reset_index().rename(columns={"name": "party"})
    shown.columns.name = None
    unit = table.units["npv_musd"]
    return ResultTable("appraisal_accounts", table.title, shown, dict.fromkeys(shown.columns[1:], unit), table.note,
                       table.sources)


def sankey(tables: Tables) -> Figure:
    """Where the money of the works comes from: party to project, present value of capex and upkeep."""
    table = tables["appraisal_accounts"]
    frame = table.frame[(table.frame["basis"] == "economic") & table.frame["account"].isin(["capex", "opex"])]
    sums = frame.groupby(["item", "name"], sort=False)["npv_musd"].sum()
    titles = project_titles(tables)
    links = [{"source": titles.get(item, item), "target": f"{party} pays", "value": round(-float(v), 1)}
             for (item, party), v in sums.items() if v < 0]
    amounts: dict[str, float] = {}
    for link in links:
        for end in (link["source"], link["target"]):
            amounts[end] = amounts.get(end, 0.0) + link["value"]
    nodes = [{"name": n, "label": {"formatter": f"{n}: {number(v)}"},
              "itemStyle": {"color": PARTY_COLOR.get(n.removesuffix(" pays"), SAME)}} for n, v in amounts.items()]
    option = {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "data": nodes,
                "links": links,
                "left": 10,
                "right": 190,
                "top": 60,
                "bottom": 40,
                "nodeAlign": "justify",
                "nodeGap": 16,
                "label": {"fontSize": 11},
                "lineStyle": {"color": "target", "opacity": 0.35},
            }
        ],
    }
    total = sum(float(x["value"]) for x in links)
    return Figure("appraisal-sankey", "From project to party: who bears works and upkeep", table.units["npv_musd"],
                  _sources(table), option, f"{len(titles)} projects, {total:.0f} {table.units['npv_musd']} in all.",
                  160 + 34 * len(titles))


def project_titles(tables: Tables) -> dict[str, str]:
    """Titles of the projects by id."""
    return dict(tables["appraisal_projects"].frame[["project", "name"]].itertuples(index=False, name=None))


def driver_words(driver: str, titles: Mapping[str, str]) -> str:
    """An uncertain quantity in words, a project by its title.

    >>> driver_words("bridge: capex", {"bridge": "Tumen road bridge"}), driver_words("traffic", {})
    ('Tumen road bridge: works', 'traffic')
    """
    item, colon, account = driver.partition(": ")
    return f"{titles[item]}: {WORDS.get(account, account)}" if colon and item in titles else driver


def tornado(tables: Tables, top: int = 12) -> Figure:
    """How far each uncertain quantity moves the total, widest first."""
    table = tables["appraisal_tornado"]
    frame = table.frame.head(top).iloc[::-1]
    centre = float(frame["enpv_musd"].iloc[0]) if len(frame) else 0.0
    drivers = [driver_words(str(d), project_titles(tables)) for d in frame["driver"]]

    def bars(column: str, name: str, color: str) -> dict[str, Any]:
        data = [round(float(v) - centre, 1) for v in frame[column]]
        return {"type": "bar", "name": name, "stack": "x", "data": data, "itemStyle": {"color": color}}

    option = {
        "legend": {"top": 8, "right": 10}, "tooltip": {"trigger": "item"},
        "xAxis": {"type": "value", "name": f"change from {number(centre)}", "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "category", "data": drivers, "axisLabel": {"fontSize": 11}},
        "series": [bars("enpv_at_low_musd", "at its low end", PALETTE[1]),
                   bars("enpv_at_high_musd", "at its high end", PALETTE[0])]}
    widest = drivers[-1] if drivers else "nothing"
    return Figure("appraisal-tornado", "What the total hangs on: change of net present value", table.units["enpv_musd"],
                  _sources(table), option, f"The widest bar is {widest}.", 150 + 26 * len(frame))


def power(tables: Tables) -> Section:
    """Who holds the key: one figure and table for every power table of the result (names start with
    `power_`)."""
    found = [t for name, t in tables.items() if name.startswith("power_") and "shapley" in t.frame]
    blocks: list[Block] = [
        Text(
            "Alone: what a player's keys unlock if nobody else turns one. Lost without: what all lose if the player "
            "stays out. The Shapley value is the mean of what a player adds over all orders of joining; the core is "
            "the range of shares that no group can better by leaving.",
            kind="note",
        )
    ]
    for t in found:
        blocks += [shares(t), TableBlock(t)]
    return Section("power", "Who holds the key", " ".join(_key_sentence(t) for t in found), blocks)


def _key_sentence(table: ResultTable) -> str:
    frame = table.frame
    unit = table.units.get("lost_without", "")
    whole = float(frame["shapley"].sum())
    blocking = frame[frame["veto"]]
    if len(blocking):
        share = "all" if blocking["lost_without"].min() >= whole * (1 - 1e-9) else f"{100 * BLOCKS:.0f} % or more"
        names = [_player(p) for p in blocking["player"]]
        said = f"{_list(names)} can {'each ' if len(names) > 1 else ''}block {share} of {number(whole)} {unit}."
    else:
        best = frame.loc[frame["lost_without"].idxmax()]
        said = f"nobody can block {100 * BLOCKS:.0f} % of {number(whole)} {unit}"
        said += f"; without {_player(best['player'])} {number(float(best['lost_without']))} are lost."
    return f"{table.title}: {said}"


def _player(code: object) -> str:
    return cell_words("player", str(code))


def shares(table: ResultTable) -> Figure:
    """Shapley value of each player as a bar, the nucleolus as a mark, the interval of the core as a line."""
    frame = table.frame.iloc[::-1]
    series: list[dict[str, Any]] = [
        {"type": "bar", "name": "Shapley value", "data": _rounded(frame["shapley"]), "barWidth": "50%",
         "itemStyle": {"color": PALETTE[0]}},
        {"type": "scatter", "name": "nucleolus", "symbol": "diamond", "symbolSize": 11, "z": 6,
         "data": [[v, k] for k, v in enumerate(_rounded(frame["nucleolus"]))], "itemStyle": {"color": PALETTE[1]}}]
    if frame["core_low"].notna().all():
        series += [dict(w, name="core") for w in _whiskers(_rounded(frame["core_low"]), _rounded(frame["core_high"]))]
    option = {"legend": {"top": 8, "right": 10, "data": ["Shapley value", "nucleolus"]}, "tooltip": {"trigger": "item"},
              "xAxis": {"type": "value"}, "yAxis": {"type": "category", "data": [_player(p) for p in frame["player"]]},
              "series": series}
    top = table.frame.loc[table.frame["shapley"].idxmax()]
    unit = table.units.get("shapley", "")
    return Figure(f"{table.name.replace('_', '-')}-shares", f"{table.title}; line: core", unit, _sources(table), option,
                  f"Largest Shapley value: {_player(top['player'])}, {top['shapley']:.4g}.",
                  140 + 40 * len(frame))


def _rounded(values: Iterable[float] | pd.Series) -> list[float]:
    return [round(float(v), 3) for v in values]
