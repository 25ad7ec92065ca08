"""Door to door: the table of pairs, and time and cost against distance for the named ways (UNESCAP style)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from landbridge.report.page import PALETTE, Figure, Section, TableBlock, Text
from landbridge.result import ResultTable


def section(tables: Mapping[str, ResultTable]) -> Section:
    """The section, from tables `named_ways`, `way_steps` and `door_to_door`."""
    named, steps, pairs = (tables[n] for n in ("named_ways", "way_steps", "door_to_door"))
    lead = " ".join(_sentence(way, rows) for way, rows in named.frame.groupby("way", sort=False))
    figures = [
        _chart(steps, str(way), rows, column, label, unit)
        for way, rows in steps.frame.groupby("way", sort=False)
        for column, label, unit in (
            ("time_h", "Time", "hours since departure"),
            ("cost_usd_per_t", "Cost", "USD per tonne"),
        )
    ]
    blocks = [
        Text(
            "A slope is a leg of the way; a vertical step is a border, a gauge change or a terminal. Method: "
            "time/cost-distance charts of UNESCAP (2004).",
            kind="note",
        ),
        *figures,
        TableBlock(named),
        TableBlock(tables["ranked_ways"]) if "ranked_ways" in tables else Text("", kind="note"),
        TableBlock(pairs, top=60),
    ]
    return Section("ways", "Door to door", lead, blocks)


def _sentence(way: object, rows: pd.DataFrame) -> str:
    by = {r.role: r for r in rows.itertuples()}
    before, after = by.get("before"), by.get("after")
    if after is None or before is None:
        return ""
    if not before.time_h < float("inf"):
        return f"{way}: no way before, {after.time_h / 24:.1f} days and {after.cost_usd_per_t:.0f} USD/t after."
    hours, usd = after.time_h - before.time_h, after.cost_usd_per_t - before.cost_usd_per_t
    if abs(hours) < 0.05 and abs(usd) < 0.005:
        return f"{way}: nothing changes ({before.time_h / 24:.1f} days, {before.cost_usd_per_t:.0f} USD/t)."
    return (
        f"{way}: {hours / 24:+.1f} days on {before.time_h / 24:.1f}, {usd:+.0f} USD/t on {before.cost_usd_per_t:.0f}."
    )


def _chart(table: ResultTable, way: str, rows: pd.DataFrame, column: str, label: str, unit: str) -> Figure:
    series = []
    for _k, (role, part) in enumerate(rows.groupby("role", sort=False)):
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
