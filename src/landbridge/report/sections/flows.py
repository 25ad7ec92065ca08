"""Flows: by which mode and gateway cargo goes, where it queues, what the corridor takes from whom, how well it fits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from landbridge.report.page import BETTER, PALETTE, SAME, WORSE, Block, Figure, Section, TableBlock, Text
from landbridge.result import ResultTable

MARKETS_SHOWN = 3  # all trade and the first markets of the study, in the table of indicators


def section(tables: Mapping[str, ResultTable]) -> Section:
    """The section, from tables `modal_split`, `gate_flows`, `gateway_shift`, `flow_indicators`, `flow_fit`,
    `not_carried`, `flow_convergence` and, where there are any, `choice_fit` and `legal_caps`."""
    split, gates, shift = (tables[n] for n in ("modal_split", "gate_flows", "gateway_shift"))
    measures = tables["flow_indicators"]
    markets = list(dict.fromkeys(measures.frame["market"]))[:MARKETS_SHOWN]
    shown = replace(measures, frame=measures.frame[measures.frame["market"].isin(markets)])
    blocks: list[Block] = [_shift_chart(shift), Text(_taken(shift.frame))] if len(shift.frame) else []
    blocks += [
        _split_chart(split), TableBlock(split, top=24), Text(_queues(gates.frame)), _queue_chart(gates),
        TableBlock(gates, top=25, infinite="not known"), TableBlock(shown),
    ]
    blocks += [TableBlock(tables["flow_fit"])] if len(tables["flow_fit"].frame) else []
    blocks += [TableBlock(tables["choice_fit"])] if "choice_fit" in tables else []
    if "legal_caps" in tables:
        blocks += [Text(_capped(tables["legal_caps"].frame)), TableBlock(tables["legal_caps"])]
    blocks += [TableBlock(tables["not_carried"], top=20),
               Text(_convergence(tables["flow_convergence"].frame), kind="note")]
    return Section("flows", "Flows, crossings and queues", _lead(split.frame, shift.frame), blocks)


def _lead(split: pd.DataFrame, shift: pd.DataFrame) -> str:
    """By which modes the first market goes, and which gateway gains or loses most."""
    market = next((m for m in split["market"] if m != "all"), "all")
    parts = [f"{r.mode} {r.before_share:.0%} before and {r.after_share:.0%} after"
             for r in split[split["market"] == market].itertuples() if r.before_kt + r.after_kt > 0]
    said = [f"{'All trade' if market == 'all' else 'Trade ' + market} goes by {', '.join(parts)}."] if parts else []
    if shift["difference_kt"].abs().max() > 0:
        most = shift.loc[shift["difference_kt"].abs().idxmax()]
        verb = "gains" if most["difference_kt"] > 0 else "loses"
        name = most["gateway"][:1].upper() + most["gateway"][1:]
        said.append(f"{name} {verb} most: {abs(most['difference_kt']):,.0f} kt a year.")
    return " ".join(said)


def _taken(shift: pd.DataFrame) -> str:
    lost = shift[shift["difference_kt"] < -0.5].sort_values("difference_kt")
    if lost.empty:
        return "No gateway loses cargo."
    named = [f"{r.gateway} {r.difference_kt:,.0f} kt ({r.difference_kt / r.before_kt:.1%})"
             for r in lost.itertuples()]
    return "What is taken from others: " + "; ".join(named) + "."


def _queues(gates: pd.DataFrame) -> str:
    over = gates[gates["after_utilisation"] > 1]
    fresh = over[over["before_utilisation"] <= 1].sort_values("after_utilisation", ascending=False)
    text = f"{len(over)} of {len(gates)} gates that carry cargo work beyond their stated capacity after, "
    text += f"{int((gates['before_utilisation'] > 1).sum())} before."
    if len(fresh):
        first = fresh.iloc[0]
        text += (f" New among them and fullest: {first['name']}, at {first['after_utilisation']:.1f} times its "
                 f"capacity, where "
                 f"dwell grows from {first['before_dwell_h']:.0f} to {first['after_dwell_h']:.0f} h.")
    return text


def _capped(frame: pd.DataFrame) -> str:
    held = frame[frame["left_behind_kt"] > 0]
    if held.empty:
        return "No cap of the law holds cargo back."
    parts = [f"{r.left_behind_kt:,.1f} of {r.wanted_kt:,.1f} kt under {r.provision} ({r.role})"
             for r in held.itertuples()]
    return "What caps of the law hold back: " + "; ".join(parts) + "."


def _convergence(frame: pd.DataFrame) -> str:
    ends = frame.groupby("scenario", sort=False).last()
    words = [f"{name}: gap {row['gap']:.1e} after {int(row['iteration'])} steps" + ("" if row["converged"]
                                                                                    else ", not converged")
             for name, row in ends.iterrows()]
    return "Equilibrium of flows and queues: " + "; ".join(words) + "."


def _shift_chart(table: ResultTable) -> Figure:
    frame = table.frame.sort_values("difference_kt")
    data = [{"value": round(float(d), 1),
             "itemStyle": {"color": BETTER if d > 0 else WORSE if d < 0 else SAME},
             "label": {"position": "left" if d < 0 else "right", "formatter": f"{d:+,.0f}"}}
            for d in frame["difference_kt"]]
    option = {
        "tooltip": {"trigger": "item"},
        "grid": {"left": 10, "right": 50, "top": 60, "bottom": 50, "containLabel": True},
        "xAxis": {"type": "value", "boundaryGap": ["20%", "4%"]},  # room for the numbers beside the bars
        "yAxis": {"type": "category", "data": frame["gateway"].tolist(), "axisLine": {"onZero": False}},
        "series": [{"type": "bar", "data": data, "label": {"show": True}}],
    }
    alt = "Change by gateway: " + ", ".join(f"{r.gateway} {r.difference_kt:+,.0f} kt"
                                            for r in frame.itertuples())
    return Figure("flow-shift", "What moves from gateway to gateway", "change, kt a year",
                  "; ".join(table.sources), option, alt, 420)


def _split_chart(table: ResultTable) -> Figure:
    frame = table.frame[(table.frame["before_kt"]
                         + table.frame["after_kt"]).groupby(table.frame["market"]).transform("sum") > 0]
    markets = list(dict.fromkeys(frame["market"]))
    series = []
    for m, mode in enumerate(("rail", "road", "sea")):
        rows = frame[frame["mode"] == mode].set_index("market").loc[markets]
        for role, opacity in (("before", 0.45), ("after", 1.0)):
            series.append({
                "type": "bar", "name": f"{mode}, {role}", "stack": role,
                "itemStyle": {"color": PALETTE[m], "opacity": opacity},
                "data": [round(100 * float(v), 2) for v in rows[f"{role}_share"]],
            })
    option = {
        "tooltip": {"trigger": "item"}, "legend": {"top": 30}, "xAxis": {"type": "value", "max": 100},
        "grid": {"left": 10, "right": 30, "top": 90, "bottom": 50, "containLabel": True},
        "yAxis": {"type": "category", "data": markets}, "series": series,
    }
    alt = "Share of tonnes by mode, before and after, by market: " + "; ".join(
        f"{r.market} {r.mode} {r.before_share:.0%} to {r.after_share:.0%}" for r in frame.itertuples())
    return Figure("modal-split", "Modal split before (pale) and after", "% of tonnes",
                  "; ".join(table.sources), option, alt, 460)


def _queue_chart(table: ResultTable) -> Figure:
    frame = table.frame[table.frame["capacity_kt"] < float("inf")]
    points = [{"name": n, "value": [round(float(u), 4), round(max(float(h), 0.1), 2)]} for n, u, h in zip(
        frame["name"], frame["after_utilisation"], frame["after_dwell_h"], strict=True)]
    option = {
        "tooltip": {"trigger": "item", "formatter": "{b}<br/>{c}"},
        "xAxis": {"type": "value", "name": "utilisation", "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "log", "name": ""},
        "series": [{"type": "scatter", "data": points, "symbolSize": 8}],
    }
    top = frame.nlargest(3, "after_utilisation")
    alt = "Dwell against utilisation after; fullest: " + ", ".join(
        f"{n} {u:.2f}" for n, u in zip(top["name"], top["after_utilisation"], strict=True))
    return Figure("queues", "Dwell against utilisation of crossings and terminals, after",
                  "hours (log) over volume / capacity",
                  "; ".join(table.sources), option, alt, 360)
