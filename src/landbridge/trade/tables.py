"""Tables of the trade stage for the report, the claims and the export."""

from __future__ import annotations

import numpy as np
import pandas as pd

from landbridge.result import GeoLayer, ResultTable
from landbridge.schema.trade import Quantity
from landbridge.trade.model import TradeResult
from landbridge.trade.pair_tables import MARK, pairs, party_pairs, table

UNITS = {Quantity.TRADE_FACTOR: "times", Quantity.TRADE_TO_GDP: "% of GDP"}  # of published results that are not in %


def tables(result: TradeResult) -> tuple[ResultTable, ...]:
    """All tables of a trade result: gains, split, parties, pairs, regimes, closure, sensitivity, published,
    checks.

    Gains are % of real income; money is million USD of the study's base year (the table's money divided by
    the GDP ratio of the anchor economy). Percentiles are those of the joint draws.
    """
    return (
        _gains(result),
        _split(result),
        _parties(result),
        party_pairs(result),
        pairs(result),
        _regimes(result),
        _closure(result),
        _sensitivity(result),
        _published(result),
        _checks(result),
    )


def indicator_values(result: TradeResult, builders: tuple[str, ...]) -> dict[str, float]:
    """Values for the claims: how many of the `builders` gain, the part of party pairs that trade more cheaply (%), and
    the real income gain of each party (%), with its 5 and 95 % points of the draws."""
    parties = _parties(result).frame.set_index("party")
    cheaper = party_pairs(result).frame["cheaper"].astype(float)
    found = {
        "parties_with_gain_count": float(parties.loc[[b for b in builders if b in parties.index], "better_off"].sum()),
        "party_pairs_with_lower_cost_pct": 100.0 * float(cheaper.mean()) if len(cheaper) else 0.0,
    }
    for code, row in parties.iterrows():
        for column, end in (("gain_pct", ""), ("gain_p5_pct", "_p5"), ("gain_p95_pct", "_p95")):
            found[f"real_income_gain_{str(code).lower()}_pct{end}"] = float(row[column])
    return found


def layer(result: TradeResult) -> GeoLayer:
    """Gains as points at the main city of each economy, for the map."""
    frame = _gains(result).frame[["economy", "name", "gain_pct", "gain_p5_pct", "gain_p95_pct", "gain_musd"]]
    places = [result.model.position[[result.model.countries.index(code)]] for code in frame["economy"]]
    return GeoLayer("trade_gains", "point", frame, tuple(places))


def _gains(result: TradeResult) -> ResultTable:
    model, hat = result.model, result.hat
    low, high = result.draws.band()
    frame = pd.DataFrame(
        {
            "economy": model.countries,
            "name": model.names,
            "gain_pct": 100 * (hat.real_income_hat - 1),
            "gain_p5_pct": 100 * low,
            "gain_p95_pct": 100 * high,
            "gain_musd": hat.equivalent_variation / model.money_scale,
            "first_order_pct": 100 * result.first_order.total,
            "real_wage_pct": 100 * (hat.real_wage_hat - 1),
            "autarky_bound_pct": 100 * (hat.identities.autarky_bound - 1),
            "income_musd": hat.baseline.income() / model.money_scale,
            "evidence": MARK,
        }
    )
    note = (
        f"Exact equivalent variation, 5 and 95 % of {len(result.draws.gains)} joint draws over trade elasticity, "
        "value of time and cost changes. first_order: terms of trade and volume of trade (Caliendo and Parro 2015) and "
        "the cost saved on the trade of before, in one step; right for small changes only. "
        "autarky_bound: gain over no trade at all after the change; no opening can bring more."
    )
    if result.draws.failed:
        note += f" {len(result.draws.failed)} draws found no equilibrium and are left out."
    return table(
        result,
        "trade_gains",
        "Change of real income by economy",
        frame.sort_values("gain_pct", ascending=False, ignore_index=True),
        note,
        {"gain_musd": "million USD of the base year"},
    )


def _split(result: TradeResult) -> ResultTable:
    s = result.split
    frame = pd.DataFrame(
        {
            "economy": result.model.countries,
            "name": result.model.names,
            "transit_pct": 100 * s.transit,
            "opening_pct": 100 * s.opening,
            "fees_pct": 100 * s.fees,
            "tax_pct": 100 * s.tax,
            "total_pct": 100 * s.total,
            "evidence": MARK,
        }
    )
    return table(
        result,
        "trade_split",
        "Change of real income by cause",
        frame,
        "Transit: cheaper ways of pairs that trade already; opening: opened borders and changed law (each the "
        "mean of both orders); fees: transit fees; tax: cost of the works this year. The parts add up."
        + left_out(result),
    )


def left_out(result: TradeResult) -> str:
    """A sentence on the costs of the scenario that are not in its gains, empty where all are."""
    given = {"transit fees": result.scenario.fees_musd, "the cost of the works": result.scenario.tax_musd}
    absent = [word for word, money in given.items() if not any(money.values())]
    return f" Not in these gains: {' and '.join(absent)}." if absent else ""


def _parties(result: TradeResult) -> ResultTable:
    low, high = result.draws.band()
    rows: list[dict[str, object]] = []
    for code in result.options.parties:
        if code in result.model.countries:
            k = result.model.countries.index(code)
            gain = float(result.hat.real_income_hat[k] - 1)
            rows.append(
                {
                    "party": code,
                    "gain_pct": 100 * gain,
                    "gain_p5_pct": 100 * low[k],
                    "gain_p95_pct": 100 * high[k],
                    "better_off": gain > 0,
                    "better_off_share": float((result.draws.gains[:, k] > 0).mean())
                    if len(result.draws.gains)
                    else float(gain > 0),
                    "evidence": MARK,
                }
            )
    return table(
        result,
        "trade_parties",
        "Is every party better off?",
        rows,
        "better_off_share: part of the draws in which the party gains." + left_out(result),
        columns=("party", "gain_pct", "gain_p5_pct", "gain_p95_pct", "better_off", "better_off_share", "evidence"),
    )


def _regimes(result: TradeResult) -> ResultTable:
    rows: list[dict[str, object]] = []
    for r in result.by_regime:
        row: dict[str, object] = {
            "regime": r.regime.id,
            "name": r.regime.name,
            "factor": r.regime.factor,
            "floor": r.floor,
            "closed_economy": result.options.closed,
        }
        row |= {f"gain_{code}_pct": 100 * gain for code, gain in r.gains.items()}
        row |= {"autarky_bound_pct": 100 * r.bound, "exports_times": r.trade, "evidence": MARK}
        rows.append(row)
    return table(
        result,
        "trade_regimes",
        "The opened borders under every regime, at every floor",
        rows,
        "factor: trade of the regime's pair over its gravity fit; floor: part of normal trade put where none "
        "was observed, the gains must not depend on it.",
    )


def _closure(result: TradeResult) -> ResultTable:
    model = result.model
    rows: list[dict[str, object]] = []
    reference = next((r.factor for r in model.regimes if r.id == "reference"), None) or 1.0
    theta = 5.03
    if result.options.closed in model.countries:
        k = model.countries.index(result.options.closed)
        flows, normal = model.levels.baseline.flows(), model.levels.normal
        for n, code in enumerate(model.countries):
            if n == k:
                continue
            floored = bool(
                model.levels.floored[model.goods, k, n].all() or model.levels.floored[model.goods, n, k].all()
            )
            rows.append(
                {
                    "economy": result.options.closed,
                    "partner": code,
                    "trade_musd": (flows[model.goods, n, k].sum() + flows[model.goods, k, n].sum()) / model.money_scale,
                    "normal_musd": (normal[:, n, k].sum() + normal[:, k, n].sum()) / model.money_scale,
                    "wedge_pct": 100 * model.levels.wedge(n, k, theta, reference, model.goods),
                    "only_at_least": floored,
                    "evidence": MARK,
                }
            )
    return table(
        result,
        "trade_closure",
        "How closed the border is, as a tariff",
        rows,
        f"Head-Ries ratio to the reference border at elasticity {theta} (Head and Mayer 2014 median); where no "
        f"trade was observed only a lower bound, at a floor of {model.levels.floor:g} of normal trade. Observed "
        "exports and imports of added economies are scaled to balance.",
    )


def _sensitivity(result: TradeResult) -> ResultTable:
    rows: list[dict[str, object]] = []
    for t, theta in enumerate(result.options.grid):
        for v, value in enumerate(result.options.grid):
            row: dict[str, object] = {"theta_factor": theta, "time_value_factor": value}
            row |= {
                f"gain_{c}_pct": 100 * result.grid[t, v, result.model.countries.index(c)]
                for c in result.options.parties
                if c in result.model.countries
            }
            rows.append(row | {"evidence": MARK})
    return table(
        result,
        "trade_sensitivity",
        "Gains over trade elasticity and value of time",
        rows,
        "Factors on the central values of all sectors.",
    )


def _published(result: TradeResult) -> ResultTable:
    rows: list[dict[str, object]] = [
        {
            "id": p.id,
            "what": p.what,
            "quantity": p.quantity.value,
            "low": p.low_pct,
            "high": p.high_pct,
            "unit": UNITS.get(p.quantity, "%"),
            "source": p.source,
            "year": p.year,
            "evidence": p.evidence.word,
        }
        for p in result.model.published
    ]
    return ResultTable(
        "trade_published",
        "Results of others, for comparison",
        pd.DataFrame(rows),
        {},
        "Nothing is computed from these.",
        tuple(dict.fromkeys(p.source for p in result.model.published)),
    )


def _checks(result: TradeResult) -> ResultTable:
    h, i = result.hat, result.hat.identities
    floors: dict[str, list[float]] = {}
    for r in result.by_regime:
        floors.setdefault(r.regime.id, []).append(100 * r.gains[result.options.closed])
    spread = max((max(v) - min(v) for v in floors.values()), default=0.0)
    rows: list[dict[str, object]] = [
        {"check": "residual of the equilibrium", "value": h.residual, "allowed": 1e-9},
        {"check": "baseline is an equilibrium", "value": h.baseline.gap(), "allowed": 1e-6},
        {"check": "markets clear, part of world value added", "value": i.adding_up, "allowed": 1e-8},
        {"check": "trade balances, part of a country's trade", "value": i.trade_balance, "allowed": 1e-6},
        {"check": "real wage by the home-share formula, largest gap", "value": i.home_share, "allowed": 1e-8},
        {
            "check": "gain within the autarky bound, largest excess",
            "value": float(np.maximum(h.real_wage_hat - i.autarky_bound, 0).max()),
            "allowed": 1e-9,
        },
        {"check": "gain of the closed economy over the floors, spread in % points", "value": spread, "allowed": 0.01},
        {"check": "draws without an equilibrium", "value": float(len(result.draws.failed)), "allowed": 0.0},
    ]
    for row in rows:
        row["holds"] = bool(float(str(row["value"])) <= float(str(row["allowed"])))
    rows.append(
        {
            "check": "sum of gains, million USD",
            "value": i.world_gain / result.model.money_scale,
            "allowed": None,
            "holds": None,
        }
    )
    for when, value in (("before", i.envelope_before), ("mean of before and after", i.envelope_mean)):
        name = f"trade times cost cut, {when}, million USD"
        rows.append({"check": name, "value": value / result.model.money_scale, "allowed": None, "holds": None})
    rows.append(
        {
            "check": "cells with a cost change but no trade to move",
            "value": result.silent,
            "allowed": None,
            "holds": None,
        }
    )
    return table(
        result,
        "trade_checks",
        "Checks of the trade solution",
        rows,
        "The sum of gains equals trade times cost cut for small changes only.",
    )
