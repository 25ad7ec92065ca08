"""The political conditions: gates over time, the law by cargo and crossing, what each gate unlocks, power of a vote."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import pandas as pd

from landbridge.report.page import PALETTE, Block, Figure, Section, TableBlock, Text
from landbridge.result import ResultTable

NOT_ADVICE = "This is not legal advice."
STATE_COLOR = {
    "open": PALETTE[0], "restricted": PALETTE[5], "closed": PALETTE[3], "removed": PALETTE[7],
    "does_not_exist": "#bbbbbb", "unknown": PALETTE[6],
}
ANSWERS = ("permitted", "permitted_with_conditions", "capped", "approval_needed", "disputed", "unknown", "prohibited")
ANSWER_COLOR = (PALETTE[0], PALETTE[5], PALETTE[2], PALETTE[1], PALETTE[4], PALETTE[6], PALETTE[3])


def section(tables: Mapping[str, ResultTable]) -> Section:
    """The section from the tables gate_calendar, gates, law_grid, unlock, council, event_evidence, events."""
    calendar, law, unlock = tables["gate_calendar"], tables["law_grid"], tables["unlock"]
    pairs = replace(law, frame=law.frame.drop_duplicates(["from", "to", "how", "cargo", "verdict", "provisions"]))
    blocks: list[Block] = [
        Text("Four questions are kept apart: is it lawful, is it consented to and operating, is it physically there, "
             "is it worth using. " + NOT_ADVICE, kind="warn"),
        _strip(calendar),
        TableBlock(tables["gates"], ("gate", "title", "holders", "state", "since", "detail", "evidence")),
        _law_figure(law),
        TableBlock(pairs, ("name", "from", "to", "cargo", "verdict", "hs", "provisions", "lifted_by", "lawful_share",
                           "evidence"), {"hs": "worst HS code", "lawful_share": "share of codes lawful"}),
        _unlock_figure(unlock),
        TableBlock(unlock, _unlock_columns(unlock.frame)),
        TableBlock(tables["council"]),
        TableBlock(tables["event_evidence"]),
        TableBlock(tables["events"], ("date", "actors", "text", "plover", "sets", "reliability", "evidence")),
        Text("Rows marked unchecked were written from memory and must be held against the official text. " + NOT_ADVICE,
             kind="note"),
    ]
    return Section("conditions", "Law and politics: who holds which key", _lead(tables), blocks)


def _lead(tables: Mapping[str, ResultTable]) -> str:
    gates, law = tables["gates"].frame, tables["law_grid"].frame
    counts = gates["state"].value_counts()
    shut = int(counts.drop(labels=["open", "restricted"], errors="ignore").sum())
    barred = int((law["verdict"] == "prohibited").sum())
    mdl = tables["gate_calendar"].frame.query("gate == 'G-MDL-W-RAIL' and state == 'open'")
    spans = [_days(r["from"], r["to"]) for r in mdl.to_dict("records")]
    ran = f" Freight crossed the western line on {sum(spans)} days in all these years." if spans else ""
    return (f"Of {len(gates)} gates {shut} are not open on the study date; {barred} of {len(law)} cases of cargo and "
            f"crossing hold at least one prohibited heading.{ran} {NOT_ADVICE}")


def _days(start: str, end: str) -> int:
    return (date.fromisoformat(end) - date.fromisoformat(start)).days


def _year(day: str) -> float:
    d = date.fromisoformat(day)
    return d.year + (d.timetuple().tm_yday - 1) / 365.25


def _strip(table: ResultTable) -> Figure:
    """Stacked bars: one row for each gate, one piece for each stretch of a state; the first piece is the offset."""
    frame = table.frame
    names = list(dict.fromkeys(frame["gate"]))
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
        "yAxis": {"type": "category", "data": names, "inverse": True},
        "legend": {"top": 40, "data": [s.replace("_", " ") for s in STATE_COLOR]},
        "tooltip": {"formatter": "{b}"}, "series": series, "grid": {"left": 10, "right": 30, "top": 80, "bottom": 50,
                                                                   "containLabel": True},
    }
    return Figure("gate-calendar", "Gates of the corridor", "state by date", "Source: measures, gate states and events "
                  f"of the study, {int(first)}–{int(last)}; rows marked where unchecked", option,
                  f"State of {len(names)} gates from {int(first)} to {int(last)}", 120 + 24 * len(names))


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
    return f"{row['from']}–{row['to']}{port}"


def _unlock_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    return ("group", "opened", "title", *(str(c) for c in frame.columns if str(c).startswith(("gain_", "loss_"))))


def _unlock_figure(table: ResultTable) -> Figure:
    """Gain of each gate opened alone and loss of each shut alone in the open world, for the first outcome."""
    frame = table.frame[table.frame["group"] == "gate"]
    outcome = next(str(c) for c in frame.columns if str(c).startswith("gain_")).removeprefix("gain_")
    gates: Sequence[str] = list(frame["opened"])
    option = {
        "xAxis": {"type": "value", "name": outcome.replace("_", " "), "nameLocation": "middle", "nameGap": 28},
        "yAxis": {"type": "category", "data": gates, "inverse": True},
        "legend": {"top": 40},
        "series": [
            {"type": "bar", "name": "opened alone", "data": list(frame[f"gain_{outcome}"]),
             "itemStyle": {"color": PALETTE[0]}},
            {"type": "bar", "name": "shut alone in the open world", "data": list(frame[f"loss_{outcome}"]),
             "itemStyle": {"color": PALETTE[3]}}],
        "grid": {"left": 10, "right": 30, "top": 80, "bottom": 70, "containLabel": True},
    }
    source = "Source: gates and measures of the study"
    return Figure("unlock", "What each gate unlocks and blocks", outcome.replace("_", " "), source, option,
                  "Gain and loss by gate", 140 + 24 * len(gates))
