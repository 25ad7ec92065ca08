"""Door to door: time and cost against distance for the named ways (UNESCAP style), pairs, links of the corridor."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from landbridge.report.page import PALETTE, WORSE, Block, Figure, Section, TableBlock, Text
from landbridge.result import ResultTable

Tables = Mapping[str, ResultTable]
SAME_H, SAME_USD = 0.05, 0.005  # smaller changes of a way are none
QUEUE_DAYS = 0.05  # smaller changes by queues are not told


def section(tables: Tables) -> Section:
    """The section, from tables `named_ways`, `way_steps` and `door_to_door`, and `element_losses` where it is."""
    named, steps, pairs = (tables[n] for n in ("named_ways", "way_steps", "door_to_door"))
    by_way = {str(way): rows for way, rows in named.frame.groupby("way", sort=False)}
    lead = " ".join(_sentence(way, rows) for way, rows in by_way.items())
    same = [way for way, rows in by_way.items() if _unchanged(rows)]
    titles = scenario_titles(tables)
    figures = [
        _chart(steps, str(way), rows.assign(scenario=[titles.get(s, s) for s in rows["scenario"]]), column, label, unit)
        for way, rows in steps.frame.groupby("way", sort=False)
        if way not in same
        for column, label, unit in (
            ("time_h", "Time", "hours since departure"),
            ("cost_usd_per_t", "Cost", "USD per tonne"),
        )
    ]
    blocks: list[Block] = [
        Text(
            "A slope is a leg of the way; a vertical step is a border, a gauge change or a terminal. Method: "
            "time/cost-distance charts of UNESCAP (2004). Times of the charts are free flow: published dwell at "
            "borders and terminals, without queues.",
            kind="note",
        ),
        *figures,
    ]
    if same:
        blocks.append(Text(f"Not drawn, because before and after are the same way: {'; '.join(same)}."))
    blocks += [TableBlock(named), TableBlock(pairs, top=60)]
    if "ranked_ways" in tables:
        blocks.insert(-1, TableBlock(tables["ranked_ways"]))
    if "element_losses" in tables:
        blocks += [losses(tables["element_losses"]), TableBlock(tables["element_losses"])]
    return Section("ways", "Door to door", lead, blocks)


def scenario_titles(tables: Tables) -> dict[str, str]:
    """Titles of scenarios by id, from table `scenarios`; empty where the result has none."""
    if "scenarios" not in tables:
        return {}
    frame = tables["scenarios"].frame
    return dict(zip(frame["scenario"].astype(str), frame["title"].astype(str), strict=True))


def losses(table: ResultTable) -> Figure:
    """What is lost of the corridor's gain without each of its links, largest first."""
    frame = table.frame.iloc[::-1]
    unit = table.units.get("gain_lost_musd_per_year", "million USD a year")
    data = [round(float(v), 2) for v in frame["gain_lost_musd_per_year"]]
    option = {
        "tooltip": {"trigger": "item"},
        "grid": {"left": 10, "right": 60, "top": 60, "bottom": 40, "containLabel": True},
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": [str(e) for e in frame["element"]]},
        "series": [{"type": "bar", "data": data, "label": {"show": True, "position": "right", "formatter": "{c}"},
                    "itemStyle": {"color": WORSE}}],
    }
    alt = "; ".join(f"{r.element} {r.gain_lost_musd_per_year:.1f}" for r in table.frame.itertuples())
    return Figure("element-losses", table.title, f"{unit}, without queues", "; ".join(table.sources), option, alt,
                  120 + 28 * len(frame))


def _sides(rows: pd.DataFrame) -> tuple[Any, Any]:
    by = {r.role: r for r in rows.itertuples()}
    return by.get("before"), by.get("after")


def _unchanged(rows: pd.DataFrame) -> bool:
    """Whether a way takes the same time and money before and after, in free flow."""
    before, after = _sides(rows)
    if before is None or after is None or not max(before.time_h, after.time_h) < float("inf"):
        return False
    hours, usd = after.time_h - before.time_h, after.cost_usd_per_t - before.cost_usd_per_t
    return bool(abs(hours) < SAME_H and abs(usd) < SAME_USD)


def _sentence(way: str, rows: pd.DataFrame) -> str:
    before, after = _sides(rows)
    if after is None or before is None:
        return ""
    if not before.time_h < float("inf"):
        waits = _days_in_queues(after)
        late = f" ({waits:.1f} more in queues)" if waits > QUEUE_DAYS else ""
        return f"{way}: no way before, {after.time_h / 24:.1f} days{late} and {after.cost_usd_per_t:.0f} USD/t after."
    if not after.time_h < float("inf"):
        return f"{way}: no way after, {before.time_h / 24:.1f} days and {before.cost_usd_per_t:.0f} USD/t before."
    queues = _with_queues(before, after)
    if _unchanged(rows):
        where = " in free flow" if queues else ""
        return (
            f"{way}: nothing changes{where} ({before.time_h / 24:.1f} days, {before.cost_usd_per_t:.0f} USD/t){queues}."
        )
    days, usd = (after.time_h - before.time_h) / 24, after.cost_usd_per_t - before.cost_usd_per_t
    return (
        f"{way}: {days:+.1f} days on {before.time_h / 24:.1f} in free flow{queues}; {usd:+.0f} USD/t on "
        f"{before.cost_usd_per_t:.0f}."
    )


def _days_in_queues(row: Any) -> float:
    """Days of waiting beyond the published dwell; NaN where the flows say nothing."""
    return float(getattr(row, "queue_h", float("nan"))) / 24


def _with_queues(before: Any, after: Any) -> str:
    """The change of days with the queues of the flows, where these change it."""
    was, now = _days_in_queues(before), _days_in_queues(after)
    if not abs(now - was) > QUEUE_DAYS:
        return ""
    days = (after.time_h - before.time_h) / 24 + now - was
    return f"; {days:+.1f} on {before.time_h / 24 + was:.1f} with the queues of the flows"


def _chart(table: ResultTable, way: str, rows: pd.DataFrame, column: str, label: str, unit: str) -> Figure:
    series = []
    for role, part in rows.groupby("role", sort=False):
        points = [
            {"value": [round(r["km"], 1), round(r[column], 3)], "name": r["place"]} for r in part.to_dict("records")
        ]
        series.append(
            {
                "type": "line",
                "name": f"{role}: {part['scenario'].iloc[0]}",
                "data": points,
                "symbolSize": 6,
                "lineStyle": {"type": "solid" if role == "after" else "dashed", "width": 2.5},
                "color": PALETTE[0] if role == "after" else PALETTE[3],
            }
        )
    option = {
        "legend": {"top": 8, "right": 10},
        "tooltip": {"trigger": "item", "formatter": "{b}<br/>{c}"},
        "xAxis": {"type": "value", "name": "km", "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "value", "name": ""},
        "series": series,
    }
    last = rows.groupby("role", sort=False).last()
    alt = f"{label} along {way}: " + ", ".join(
        f"{r}: {v[column]:.0f} {unit} after {v['km']:.0f} km" for r, v in last.iterrows()
    )
    return Figure(
        f"tcd-{way.replace(' ', '-').replace(',', '')}-{column}",
        f"{label} against distance: {way}",
        unit,
        "; ".join(table.sources),
        option,
        alt,
        330,
    )
