"""Tables of country pairs: trade before and after, cuts of time and cost."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landbridge.result import ResultTable
from landbridge.tables import Evidence
from landbridge.trade.baseline import F
from landbridge.trade.model import TradeResult

MARK = Evidence.ESTIMATE.word
CHEAPER_PCT = 0.01  # a pair trades more cheaply if a direction falls by this much


def table(
    result: TradeResult,
    name: str,
    title: str,
    rows: list[dict[str, object]] | pd.DataFrame,
    note: str = "",
    units: dict[str, str] | None = None,
    columns: tuple[str, ...] = (),
) -> ResultTable:
    """A ResultTable with the sources of the model."""
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows, columns=list(columns) or None)
    return ResultTable(name, title, frame, units or {}, note, result.model.sources)


def _flows(result: TradeResult) -> tuple[F, F, F, F]:
    """Goods trade before and after, mean cost factor by trade after [n, i], and the same of the ways
    alone."""
    goods = result.model.goods
    before, after = result.hat.baseline.flows()[goods], result.hat.flows()[goods]
    total = np.maximum(after.sum(axis=0), 1e-300)
    mean = (after * result.cost[goods]).sum(axis=0) / total
    ways = (after * result.change.cost[goods]).sum(axis=0) / total
    return before.sum(axis=0) / result.model.money_scale, after.sum(axis=0) / result.model.money_scale, mean, ways


def party_pairs(result: TradeResult) -> ResultTable:
    """Which pairs of parties trade more cheaply, both directions."""
    _, _, cost, _ = _flows(result)
    codes = [c for c in result.options.parties if c in result.model.countries]
    place = [result.model.countries.index(c) for c in codes]
    rows: list[dict[str, object]] = []
    for a, n in enumerate(place):
        for b, i in enumerate(place[a + 1 :], start=a + 1):
            there, back = 100 * (cost[i, n] - 1), 100 * (cost[n, i] - 1)
            rows.append(
                {
                    "party_a": codes[a],
                    "party_b": codes[b],
                    "cost_change_a_to_b_pct": there,
                    "cost_change_b_to_a_pct": back,
                    "cheaper": bool(min(there, back) < -CHEAPER_PCT),
                    "evidence": MARK,
                }
            )
    return table(
        result,
        "trade_party_pairs",
        "Which pairs of parties trade more cheaply?",
        rows,
        f"Mean change of the trade cost over goods, weighted by trade after the change; cheaper: by {CHEAPER_PCT} % "
        "or more in one direction.",
        columns=("party_a", "party_b", "cost_change_a_to_b_pct", "cost_change_b_to_a_pct", "cheaper", "evidence"),
    )


def pairs(result: TradeResult) -> ResultTable:
    """Every pair with a change of cost: trade before and after, and how far time and cost were cut."""
    model = result.model
    before, after, cost, ways = _flows(result)
    time_cut, cost_cut = _cuts(result)
    rows: list[dict[str, object]] = []
    for n, i in zip(*np.nonzero(np.abs(cost - 1) > 1e-9), strict=True):
        rows.append(
            {
                "exporter": model.countries[i],
                "importer": model.countries[n],
                "before_musd": before[n, i],
                "after_musd": after[n, i],
                "cost_change_pct": 100 * (cost[n, i] - 1),
                "ways_change_pct": 100 * (ways[n, i] - 1),
                "time_cut_pct": time_cut[n, i],
                "trade_cost_cut_pct": cost_cut[n, i],
                "evidence": MARK,
            }
        )
    return table(
        result,
        "trade_pairs",
        "Trade of the pairs whose cost changes",
        rows,
        "Goods. cost_change: all causes, ways_change: cheaper ways alone, in % of the goods' price; "
        "trade_cost_cut: in % of the ad valorem cost of time and freight before.",
        {"before_musd": "million USD", "after_musd": "million USD"},
        (
            "exporter",
            "importer",
            "before_musd",
            "after_musd",
            "cost_change_pct",
            "ways_change_pct",
            "time_cut_pct",
            "trade_cost_cut_pct",
            "evidence",
        ),
    )


def _cuts(result: TradeResult) -> tuple[F, F]:
    """Cut of door-to-door time and of the ad valorem cost of time and freight [n, i], %, nan where
    unknown."""
    ways, model = result.scenario.ways, result.model
    shape = (len(model.countries),) * 2
    sums = np.zeros((4, *shape))
    known = np.isfinite(ways.days) & np.isfinite(ways.usd_per_t) & (ways.days_before > 0)
    use = np.where(ways.weight > 0, ways.weight, 1e-12)[known]
    at = (ways.importer[known], ways.exporter[known])
    # mean value of time of the sectors that ship the cargo
    v = (model.sector_cargo * model.time_value.central[:, None]).sum(axis=0) / np.maximum(
        model.sector_cargo.sum(axis=0), 1
    )
    rate = v[ways.cargo[known]]
    days, change = ways.days_before[known], ways.days[known]
    money = ways.usd_before[known] / ways.value_usd_per_t[known]
    cost = np.exp(rate * days) - 1 + money
    after = np.exp(rate * (days + change)) - 1 + money + ways.usd_per_t[known] / ways.value_usd_per_t[known]
    for k, value in enumerate((days, -change, cost, cost - after)):
        np.add.at(sums[k], at, use * value)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 100 * sums[1] / sums[0], 100 * sums[3] / sums[2]
