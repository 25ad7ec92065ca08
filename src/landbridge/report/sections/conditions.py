"""The political conditions: gates over time, the law by cargo and crossing, what each gate unlocks, power of a vote."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pandas as pd

from landbridge.report import page
from landbridge.report.page import PALETTE, Block, Figure, Section, TableBlock, Text, number
from landbridge.report.words import heading
from landbridge.result import ResultTable
from landbridge.tables import country_name

NOT_ADVICE = "This is not legal advice."
STATE_COLOR = {s: page.STATE_COLOR[s]  # the states a gate can be in
               for s in ("open", "restricted", "closed", "removed", "does_not_exist", "unknown")}
ANSWERS = ("permitted", "permitted_with_conditions", "capped", "approval_needed", "disputed", "unknown", "prohibited")
LONG = {"width": 300, "overflow": "break", "lineHeight": 12, "fontSize": 11}  # labels that are titles
MONEY = "gain_musd_per_year"
ANSWER_COLOR = (PALETTE[0], PALETTE[5], PALETTE[2], PALETTE[1], PALETTE[4], PALETTE[6], PALETTE[3])


def section(tables: Mapping[str, ResultTable]) -> Section:
    """The section from the tables gate_calendar and gates and, where the study has them, law_grid, unlock, council,
    event_evidence and events."""
    blocks: list[Block] = [
        Text("Four questions are kept apart: is it lawful, is it consented to and operating, is it physically there, "
             "is it worth using. " + NOT_ADVICE, kind="warn"),
        _strip(tables["gate_calendar"]),
        TableBlock(tables["gates"], ("gate", "title", "holders", "state", "since", "detail", "evidence")),
    ]
    blocks += _law_blocks(tables["law_grid"]) if "law_grid" in tables else []
    blocks += [_unlock_figure(tables["unlock"]), _unlock_block(tables["unlock"])] if "unlock" in tables else []
    if "council" in tables:
        blocks.append(TableBlock(tables["council"], labels={
            "body": "decided by", "banzhaf": "Banzhaf index", "shapley_shubik": "Shapley-Shubik index",
            "necessary": "nothing is decided without it", "sufficient": "decides alone"}))
    blocks += _event_blocks(tables)
    blocks.append(Text("Rows marked unchecked were written from memory and must be held against the official text. "
                       + NOT_ADVICE, kind="note"))
    return Section("conditions", "Law and politics: who holds which key", _lead(tables), blocks)


def _law_blocks(law: ResultTable) -> list[Block]:
    pairs = replace(law, frame=law.frame.drop_duplicates(["from", "to", "how", "cargo", "verdict", "provisions"]))
    return [_law_figure(law), TableBlock(
        pairs, ("name", "from", "to", "cargo", "verdict", "hs", "provisions", "lifted_by", "lawful_share", "evidence"),
        {"hs": "worst HS code", "lawful_share": "share of codes lawful"})]


def _event_blocks(tables: Mapping[str, ResultTable]) -> list[Block]:
    titles = dict(tables["gates"].frame[["gate", "title"]].to_numpy())
    tone, found = tables.get("event_evidence"), list[Block]()
    if tone is not None:
        found.append(TableBlock(replace(tone, frame=tone.frame.assign(gate=tone.frame["gate"].replace(titles)))))
    if "events" in tables:
        found.append(TableBlock(_acts(tables["events"], titles),
                                ("date", "actors", "text", "plover", "sets", "reliability", "evidence"),
                                {"plover": "act (PLOVER)", "sets": "gate set by it"}))
    return found


def _lead(tables: Mapping[str, ResultTable]) -> str:
    gates, law = tables["gates"].frame, tables.get("law_grid")
    counts = gates["state"].value_counts()
    states = ", ".join(f"{counts[s]} {s.replace('_', ' ')}" for s in STATE_COLOR if s in counts)
    barred = "the study holds no law" if law is None else (
        f"{int((law.frame['verdict'] == 'prohibited').sum())} of {len(law.frame)} cases of cargo and crossing hold "
        "at least one prohibited heading")
    return (f"{len(gates)} {'gates' if len(gates) > 1 else 'gate'} on the study date: {states}; {barred}."
            f"{_stood_open(tables['gate_calendar'].frame)} {NOT_ADVICE}")


def _stood_open(calendar: pd.DataFrame) -> str:
    """For how many days each physical gate stood open on the record, in a sentence; nothing if none ever did."""
    spans = calendar[(calendar["kind"] == "physical") & (calendar["state"] == "open")]
    days: dict[str, int] = {}
    for r in spans.to_dict("records"):
        days[r["title"]] = days.get(r["title"], 0) + _days(r["from"], r["to"])
    if not days:
        return ""
    first = min(date.fromisoformat(d).year for d in calendar["from"])
    return f" Stood open since {first}: " + ", ".join(f"{t} for {n:,} days" for t, n in days.items()) + "."


def _days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _year(day: str) -> float:
    d = date.fromisoformat(day)
    return d.year + (d.timetuple().tm_yday - 1) / 365.25


def _strip(table: ResultTable) -> Figure:
    """Stacked bars: one row for each gate, one piece for each stretch of a state; the first piece is the offset."""
    frame = table.frame
    names = list(dict.fromkeys(frame["gate"]))
    titles = dict(zip(frame["gate"], frame["title"], strict=True))
    pieces = {g: frame[frame["gate"] == g].to_dict("records") for g in names}
    first = min(_year(r["from"]) for r in frame.to_dict("records"))
    last = max(_year(r["to"]) for r in frame.to_dict("records"))
    series: list[dict[str, object]] = [
        {"type": "bar", "stack": "t", "silent": True, "itemStyle": {"color": "transparent"}, "barWidth": "70%",
         "data": [_year(pieces[g][0]["from"]) for g in names]}]
    for k in range(max(len(p) for p in pieces.values())):
        data: list[object] = []
        for g in names:
            if k < len(pieces[g]):
                r = pieces[g][k]
                text = f"{r['from']} to {r['to']}: {r['detail']}"
                data.append({"value": _year(r["to"]) - _year(r["from"]), "name": text,
                             "itemStyle": {"color": STATE_COLOR[r["state"]]}})
            else:
                data.append(0)
        series.append({"type": "bar", "stack": "t", "data": data})
    series += [{"type": "bar", "stack": "t", "name": s.replace("_", " "), "data": [], "itemStyle": {"color": c}}
               for s, c in STATE_COLOR.items()]
    option = {
        "xAxis": [{"type": "value", "min": int(first), "max": math.ceil(last), "axisLabel": {"show": False}},
                  {"type": "category", "data": [str(y) for y in range(int(first), math.ceil(last))],
                   "position": "bottom", "axisTick": {"alignWithLabel": False}, "axisLabel": {"interval": 1}}],
        "yAxis": {"type": "category", "data": [titles[g] for g in names], "inverse": True, "axisLabel": LONG},
        "legend": {"top": 40, "data": [s.replace("_", " ") for s in STATE_COLOR]},
        "tooltip": {"formatter": "{b}"}, "series": series, "grid": {"left": 10, "right": 30, "top": 80, "bottom": 50,
                                                                   "containLabel": True},
    }
    return Figure("gate-calendar", "Gates of the corridor", "state by date", "Source: measures, gate states and events "
                  f"of the study, {int(first)}–{int(last)}; rows marked where unchecked", option,
                  f"State of {len(names)} gates from {int(first)} to {int(last)}", 120 + 26 * len(names))


def _law_figure(table: ResultTable) -> Figure:
    frame = table.frame
    columns = list(dict.fromkeys(_way(r) for r in frame.to_dict("records")))
    cargos = list(dict.fromkeys(frame["cargo"]))
    worst: dict[tuple[int, int], int] = {}
    for r in frame.to_dict("records"):
        at = (columns.index(_way(r)), cargos.index(r["cargo"]))
        worst[at] = max(worst.get(at, 0), ANSWERS.index(r["verdict"]))
    option = {
        "xAxis": {"type": "category", "data": columns, "axisLabel": {"rotate": 60, "fontSize": 10}},
        "yAxis": {"type": "category", "data": cargos, "inverse": True},
        "visualMap": {"type": "piecewise", "top": 40, "orient": "horizontal", "pieces": [
            {"value": i, "label": a.replace("_", " "), "color": c}
            for i, (a, c) in enumerate(zip(ANSWERS, ANSWER_COLOR, strict=True))]},
        "series": [{"type": "heatmap", "data": [[x, y, v] for (x, y), v in worst.items()],
                    "itemStyle": {"borderColor": "#fff", "borderWidth": 1}}],
        "grid": {"left": 10, "right": 20, "top": 80, "bottom": 40, "containLabel": True},
    }
    return Figure("law-grid", table.title, "worst answer over the HS codes of the cargo", "Source: measures.csv of the "
                  "study, with paragraph in the table below. " + NOT_ADVICE, option, table.title, 520)


def _way(row: Mapping[str, object]) -> str:
    port = f" by {row['name']}" if row["how"] == "foreign cargo in transit" else ""
    return f"{country_name(str(row['from']))} – {country_name(str(row['to']))}{port}"


def _acts(table: ResultTable, titles: Mapping[str, str]) -> ResultTable:
    """The events with words for codes: `COOPERATE:economic` as "cooperate, economic", `G-ROAD=open` by its title."""
    acts = [", ".join(str(p).split(":")).lower().replace("_", " ") for p in table.frame["plover"]]
    pairs = [[s.partition("=") for s in str(cell).split(", ") if s] for cell in table.frame["sets"]]
    sets = ["; ".join(f"{titles.get(g, g)}: {s.replace('_', ' ')}" for g, _, s in row) for row in pairs]
    return replace(table, frame=table.frame.assign(plover=acts, sets=sets))


def _main(frame: pd.DataFrame) -> str:
    """The outcome that is drawn: money where it is counted, else the first."""
    outcomes = [str(c).removeprefix("gain_") for c in frame.columns if str(c).startswith("gain_")]
    return MONEY if MONEY in outcomes else outcomes[0]


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that change anything: pairs last, within a group the largest loss first, then the largest gain."""
    columns = [c for c in frame.columns if str(c).startswith(("gain_", "loss_"))]
    moved = frame[(frame[columns] != 0).any(axis=1)]
    main = _main(frame)
    order = [g for g in dict.fromkeys(frame["group"]) if g != "pair"] + ["pair"]
    keys = pd.DataFrame({"group": moved["group"].map(order.index), "loss": moved[f"loss_{main}"],
                         "gain": -moved[f"gain_{main}"]})
    return moved.loc[keys.sort_values(["group", "loss", "gain"], kind="stable").index]


def _unlock_block(table: ResultTable) -> TableBlock:
    """The unlock table without the rows that change nothing; `gain_…` is read as added, `loss_…` as left."""
    outcomes = [str(c).removeprefix("gain_") for c in table.frame.columns if str(c).startswith("gain_")]
    names = {o: heading(o)[0].removeprefix("gain") or "saving" for o in outcomes}
    labels = {f"gain_{o}": f"opened alone: {n}" for o, n in names.items()}
    labels |= {f"loss_{o}": f"left as it was: {n}" for o, n in names.items()}
    note = f"{table.note} Sets of gates that change nothing are left out here."
    return TableBlock(replace(table, frame=_sorted(table.frame), note=note), ("group", "title", *labels),
                      {"group": "which gates", "title": "gate or holder", **labels})


def _unlock_figure(table: ResultTable) -> Figure:
    """Gain of each gate opened alone and loss of each left as it was, of those that change anything."""
    outcome = _main(table.frame)
    gain, loss = f"gain_{outcome}", f"loss_{outcome}"
    frame = _sorted(table.frame[table.frame["group"] == "gate"])
    frame = frame[(frame[gain] != 0) | (frame[loss] != 0)]
    unit = heading(outcome)[1] or outcome.replace("_", " ")
    option = {
        "xAxis": {"type": "value", "name": unit, "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "category", "data": list(frame["title"]), "inverse": True, "axisLabel": LONG},
        "legend": {"top": 40}, "tooltip": {"trigger": "item"},
        "series": [
            {"type": "bar", "name": name, "data": [round(float(v), 3) for v in frame[column]],
             "itemStyle": {"color": color}}
            for name, column, color in (("opened alone", gain, PALETTE[0]), ("left as it was", loss, PALETTE[3]))],
        "grid": {"left": 10, "right": 30, "top": 80, "bottom": 70, "containLabel": True},
    }
    alt = (f"{frame['title'].iloc[0]} blocks most: {number(-float(frame[loss].iloc[0]))} {unit}." if len(frame) else
           "No gate changes anything.")
    return Figure("unlock", "What each gate unlocks and blocks", f"{unit}; gates that change nothing are left out",
                  "Source: gates and measures of the study", option, alt, 150 + 40 * len(frame))
