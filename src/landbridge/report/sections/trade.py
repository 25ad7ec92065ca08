"""Trade, prices and real income: who gains, why, and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from landbridge.report.page import BETTER, PALETTE, SAME, WORSE, Block, Figure, Section, TableBlock, Text, number
from landbridge.result import ResultTable
from landbridge.tables import country_name

Tables = Mapping[str, ResultTable]
MOST = 16  # economies in the ranked bars
NOTHING_PCT = 1e-6  # a change of real income below this is not drawn, %
CAUSES = {
    "transit_pct": "cheaper ways",
    "opening_pct": "opened borders",
    "fees_pct": "transit fees",
    "tax_pct": "cost of works",
}


def section(tables: Tables) -> Section:
    """The trade section, from the tables whose names start with `trade_`."""
    blocks: list[Block] = [
        Text(_pairs_sentence(tables)),
        gains(tables),
        waterfall(tables),
        TableBlock(tables["trade_parties"]),
        TableBlock(tables["trade_party_pairs"]),
    ]
    if opens(tables):
        blocks.append(regimes(tables))
    if len(tables["trade_closure"].frame):
        blocks.append(TableBlock(tables["trade_closure"], top=8))
    if tables["trade_pairs"].frame["time_cut_pct"].notna().any():
        blocks.append(cuts(tables))
    blocks += [
        heat(tables),
        TableBlock(tables["trade_gains"], top=12),
        TableBlock(tables["trade_pairs"], top=12),
        *([TableBlock(tables["trade_regimes"])] if opens(tables) else []),
        TableBlock(tables["trade_published"]),
        TableBlock(tables["trade_checks"]),
    ]
    return Section("trade", "Trade and real income", lead(tables), blocks)


def lead(tables: Tables) -> str:
    """Whether every party is better off and what that leaves out, each party with its gain and range."""
    frame = tables["trade_parties"].frame
    parts = [
        f"{country_name(r.party)} {_signed(r.gain_pct)} % ({_signed(r.gain_p5_pct)} to {_signed(r.gain_p95_pct)} %)"
        for r in frame.itertuples()
    ]
    losers = [country_name(str(p)) for p in frame.loc[~frame["better_off"].astype(bool), "party"]]
    head = f"not every party is better off: {', '.join(losers)} would lose" if losers else "every party is better off"
    absent = [c for c in ("tax_pct", "fees_pct") if c not in shown_causes(tables)]
    words = {"tax_pct": "works are paid for", "fees_pct": "transit fees are paid"}
    before = " and ".join(words[c] for c in absent)
    head = f"Before the {before}, {head}" if before else head[0].upper() + head[1:]
    return f"{head}. Change of real income, with the range of 9 in 10 draws: {'; '.join(parts)}."


def shown_causes(tables: Tables) -> dict[str, str]:
    """Columns of `trade_split` that are not zero for every economy, with their names in words."""
    frame = tables["trade_split"].frame
    found = {c: word for c, word in CAUSES.items() if float(frame[c].abs().max()) > NOTHING_PCT}
    return found or {"transit_pct": CAUSES["transit_pct"]}


def opens(tables: Tables) -> bool:
    """Whether a border opens, so that the gains hang on the regime it gets."""
    frame = tables["trade_regimes"].frame
    if not len(frame):
        return False
    gains = frame.filter(regex="^gain_").groupby(frame["floor"])
    return float((gains.max() - gains.min()).to_numpy().max()) > NOTHING_PCT


def _signed(value: float) -> str:
    return ("+" if value > 0 else "−" if value < 0 else "") + number(abs(float(value)), 2)


def _pairs_sentence(tables: Tables) -> str:
    frame = tables["trade_party_pairs"].frame
    cheap = frame[frame["cheaper"].astype(bool)]
    names = [f"{country_name(r.party_a)}–{country_name(r.party_b)}" for r in cheap.itertuples()]
    text = (
        f"{len(cheap)} of {len(frame)} pairs of parties trade more cheaply, by 0.01 % or more of the price of goods "
        "in a direction"
    )
    return f"{text}: {', '.join(names)}." if names else f"{text}."


def _sources(*made: ResultTable) -> str:
    return "; ".join(
        dict.fromkeys(s.split(",")[0] + (" 2022" if "OECD" in s else "") for t in made for s in t.sources[:1])
    )


def gains(tables: Tables) -> Figure:
    """Ranked bars of real income with the 5 to 95 % band of the draws; a gain that dwarfs the others has its
    own axis."""
    table = tables["trade_gains"]
    frame = table.frame.reindex(table.frame["gain_pct"].abs().sort_values(ascending=False).index).head(MOST)
    first = frame["gain_pct"].abs()
    alone = 1 if len(frame) > 2 and first.iloc[0] > 5 * first.iloc[1] else 0
    panels = [frame.iloc[:alone], frame.iloc[alone:].sort_values("gain_pct", ignore_index=True)]
    grids: list[dict[str, Any]] = []
    x_axes, y_axes, series, top = [], [], [], 75
    for panel in (p for p in panels if len(p)):
        k, height = len(grids), 30 + 24 * len(panel)
        grids.append({"left": 210, "right": 40, "top": top, "height": height})
        top += height + 45
        x_axes.append({"type": "value", "gridIndex": k, "splitNumber": 5})
        y_axes.append({"type": "category", "gridIndex": k, "data": [str(n) for n in panel["name"]]})
        series += _bars(panel, k)
    option = {"tooltip": {"trigger": "item"}, "grid": grids, "xAxis": x_axes, "yAxis": y_axes, "series": series}
    best, worst = table.frame.iloc[0], table.frame.iloc[-1]
    return Figure(
        "trade-gains",
        "Who gains: change of real income (largest changes; line: 5 to 95 % of draws)",
        "% of real income, exact equivalent variation" + ("; the first has an axis of its own" if alone else ""),
        _sources(table),
        option,
        f"Largest gain {best['name']} {best['gain_pct']:.3g} %, lowest {worst['name']} {worst['gain_pct']:.3g} %.",
        top + 30,
    )


def _bars(frame: pd.DataFrame, k: int) -> list[dict[str, Any]]:
    """Bars of one panel and a line over each for its band."""
    place = {"xAxisIndex": k, "yAxisIndex": k}
    bars = [
        {"value": round(float(v), 5), "itemStyle": {"color": BETTER if v > 0 else WORSE}} for v in frame["gain_pct"]
    ]
    band = zip(frame["gain_p5_pct"], frame["gain_p95_pct"], strict=True)
    line = {
        "type": "line",
        "name": "5 to 95 % of the draws",
        "silent": True,
        "z": 5,
        "symbol": "rect",
        "symbolSize": [2, 10],
        "lineStyle": {"color": "#333", "width": 2},
        "itemStyle": {"color": "#333"},
    }
    lines = [line | place | {"data": [[round(float(x), 5), i] for x in ends]} for i, ends in enumerate(band)]
    return [{"type": "bar", "name": "real income", "data": bars, "barWidth": "60%"} | place, *lines]


def waterfall(tables: Tables) -> Figure:
    """Gain by cause, a stack of steps for each party and their total; causes that are zero for all are left out."""
    table = tables["trade_split"]
    parties = [str(p) for p in tables["trade_parties"].frame["party"]]
    frame = table.frame.set_index("economy").loc[parties]
    causes = shown_causes(tables)
    absent = [word for c, word in CAUSES.items() if c not in causes]
    several = len(causes) > 1  # one cause alone is the total
    grids, x_axes, y_axes, series = [], [], [], []
    for k, code in enumerate(parties):
        steps = [float(frame.loc[code, c]) for c in causes]
        starts = [0.0, *np.cumsum(steps)[:-1].tolist()]
        if several:
            steps, starts = [*steps, float(frame.loc[code, "total_pct"])], [*starts, 0.0]
        column, row = k % 2, k // 2
        grids.append({"left": f"{7 + 48 * column}%", "width": "40%", "top": 90 + 190 * row, "height": 110})
        x_axes.append(
            {
                "type": "category",
                "gridIndex": k,
                "data": [*causes.values(), *(["all"] if several else [])],
                "name": country_name(code),
                "nameLocation": "middle",
                "nameGap": 28,
                "nameTextStyle": {"fontWeight": "bold"},
                "axisLabel": {"fontSize": 10, "interval": 0},
            }
        )
        y_axes.append({"type": "value", "gridIndex": k, "splitNumber": 3})
        boxes = [_box(a, a + s) for a, s in zip(starts, steps, strict=True)]
        series.append(
            {"type": "candlestick", "name": country_name(code), "xAxisIndex": k, "yAxisIndex": k, "data": boxes}
        )
    option = {"tooltip": {"trigger": "item"}, "grid": grids, "xAxis": x_axes, "yAxis": y_axes, "series": series}
    text = "; ".join(f"{country_name(c)} {frame.loc[c, 'total_pct']:.3g} %" for c in parties)
    return Figure(
        "trade-waterfall",
        "Why: the gain of each party, step by step",
        "% of real income; each party its own scale" + (f"; zero for all: {', '.join(absent)}" if absent else ""),
        _sources(table),
        option,
        f"Total by party: {text}.",
        150 + 190 * ((len(parties) + 1) // 2),
    )


def _box(start: float, end: float) -> dict[str, Any]:
    """A step of a waterfall: an open-close-low-high box without wicks."""
    color = BETTER if end > start else WORSE if end < start else SAME
    a, b = round(start, 6), round(end, 6)
    return {
        "value": [a, b, min(a, b), max(a, b)],
        "itemStyle": {"color": color, "color0": color, "borderColor": color, "borderColor0": color},
    }


def cuts(tables: Tables) -> Figure:
    """Time cut against trade-cost cut of every pair, with the published World Bank ranges as bands."""
    table, published = tables["trade_pairs"], tables["trade_published"]
    frame = table.frame.dropna(subset=["time_cut_pct", "trade_cost_cut_pct"])
    points = [
        {"name": f"{r.exporter} to {r.importer}", "value": [round(r.time_cut_pct, 3), round(r.trade_cost_cut_pct, 3)]}
        for r in frame.itertuples()
    ]
    areas, corner = _published(published.frame)
    option = {
        "tooltip": {"trigger": "item"},
        "legend": {"top": 44, "right": 10},
        "xAxis": {"type": "value", "name": "time cut, %", "nameLocation": "middle", "nameGap": 26},
        "yAxis": {"type": "value", "name": "trade cost cut, %"},
        "series": [
            {
                "type": "scatter",
                "name": "pairs of this study",
                "data": points,
                "symbolSize": 8,
                "itemStyle": {"color": PALETTE[0], "opacity": 0.7},
                "markArea": {
                    "silent": True,
                    "itemStyle": {"color": PALETTE[1], "opacity": 0.35},
                    "label": {"fontSize": 10},
                    "data": areas,
                },
            },
            {
                "type": "scatter",
                "name": "published, at most along a corridor",
                "data": corner,
                "symbol": "diamond",
                "symbolSize": 14,
                "itemStyle": {"color": PALETTE[1]},
            },
        ],
    }
    return Figure(
        "trade-cuts",
        "Time cut and cost cut, beside the World Bank's ranges for the Belt and Road",
        "% of door-to-door time; % of the ad valorem cost of time and freight",
        "; ".join(["this study", *(f"{s} ({y})" for s, y in published.frame[["source", "year"]].to_numpy()[:1])]),
        option,
        f"{len(points)} pairs; published ranges {len(areas)}.",
        430,
    )


def _published(frame: pd.DataFrame) -> tuple[list[Any], list[dict[str, Any]]]:
    """Published ranges of time and cost cuts as areas, and published single values as points."""
    areas: list[Any] = []
    points: list[dict[str, Any]] = []
    for what in dict.fromkeys(frame["what"]) if len(frame) else ():
        mine = frame[frame["what"] == what].set_index("quantity")
        if not {"time_cut", "cost_cut"} <= set(mine.index):
            continue
        low, high = ([float(mine.loc[q, c]) for q in ("time_cut", "cost_cut")] for c in ("low", "high"))
        if low == high:
            points.append({"name": what, "value": high})
        else:
            label = {"position": "insideTopRight" if len(areas) else "insideBottomLeft"}
            areas.append(
                [{"name": what, "label": label, "xAxis": low[0], "yAxis": low[1]}, {"xAxis": high[0], "yAxis": high[1]}]
            )
    return areas, points


def regimes(tables: Tables) -> Figure:
    """Gain of the closed economy by border regime, with the autarky bound of each."""
    table = tables["trade_regimes"]
    code = str(table.frame["closed_economy"].iloc[0])
    frame = table.frame.drop_duplicates("regime")
    gain, bound = f"gain_{code}_pct", "autarky_bound_pct"
    spread = (table.frame.groupby("regime")[gain].max() - table.frame.groupby("regime")[gain].min()).max()
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 44, "right": 10},
        "xAxis": {"type": "category", "data": [str(n) for n in frame["name"]]},
        "yAxis": {"type": "value"},
        "series": [
            {"type": "bar", "name": "gain", "data": [round(float(v), 4) for v in frame[gain]], "barWidth": "40%"},
            {
                "type": "scatter",
                "name": "all gains from trade (autarky bound)",
                "symbol": "rect",
                "symbolSize": [60, 3],
                "data": [round(float(v), 4) for v in frame[bound]],
                "itemStyle": {"color": PALETTE[7]},
            },
        ],
    }
    last = frame.iloc[-1]
    return Figure(
        "trade-regimes",
        f"{country_name(code)}: gain by the regime its opened borders get",
        f"% of real income; over the floors 1e-9 to 1e-5 the gain moves by {spread:.2g} % points",
        _sources(table),
        option,
        f"{last['name']}: {last[gain]:.3g} %, bound {last[bound]:.3g} %.",
        360,
    )


def heat(tables: Tables) -> Figure:
    """Gain of the party that gains most beside the closed economy, over elasticity and value of time."""
    table = tables["trade_sensitivity"]
    columns = [c for c in table.frame.columns if c.startswith("gain_")]
    closed = (
        f"gain_{tables['trade_regimes'].frame['closed_economy'].iloc[0]}_pct"
        if len(tables["trade_regimes"].frame)
        else ""
    )
    open_columns = [c for c in columns if c != closed] or columns
    column = max(open_columns, key=lambda c: float(table.frame[c].abs().max()))
    x, y = (list(dict.fromkeys(table.frame[c])) for c in ("theta_factor", "time_value_factor"))
    data = [
        [x.index(r["theta_factor"]), y.index(r["time_value_factor"]), round(float(r[column]), 4)]
        for _, r in table.frame.iterrows()
    ]
    values = [d[2] for d in data]
    name = country_name(column.removeprefix("gain_").removesuffix("_pct"))
    option = {
        "tooltip": {"trigger": "item"},
        "xAxis": {
            "type": "category",
            "data": [f"{v:g} x" for v in x],
            "name": "trade elasticity",
            "nameLocation": "middle",
            "nameGap": 26,
        },
        "yAxis": {"type": "category", "data": [f"{v:g} x" for v in y], "name": "value of time"},
        "visualMap": {
            "min": min(values),
            "max": max(values) if max(values) > min(values) else min(values) + 1e-9,
            "show": False,
            "inRange": {"color": ["#f7fbff", PALETTE[5], PALETTE[0]]},
        },
        "series": [{"type": "heatmap", "data": data, "label": {"show": True, "fontSize": 11}}],
    }
    return Figure(
        "trade-heat",
        f"{name}: gain over trade elasticity and value of time",
        "% of real income; factors on the central values",
        _sources(table),
        option,
        f"From {min(values):.3g} to {max(values):.3g} %.",
        360,
    )
