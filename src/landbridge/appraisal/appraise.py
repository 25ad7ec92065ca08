"""The appraisal: indicators in total and by party, ranges, tornado, side payments, timing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landbridge.appraisal.bargaining import SidePayments, break_even_fee, least_payments
from landbridge.appraisal.cashflow import COSTS, HIGH, LOW, Account, Basis, Ledger, Line
from landbridge.appraisal.draws import drawn_musd, interval
from landbridge.appraisal.inputs import AppraisalInputs, border_opened_in, build_ledger, never_opened, opened_in
from landbridge.appraisal.profitability import (
    benefit_cost_ratio,
    first_year_rate_of_return,
    irr,
    npv,
    switching_value,
)
from landbridge.appraisal.timing import (
    Course,
    Waiting,
    best_courses,
    break_even_hazard,
    break_even_probability,
    expected_value,
    value_of_waiting,
)

Floats = NDArray[np.float64]
ALL = "all"


@dataclass(frozen=True)
class Appraisal:
    """What an appraisal found; money in million USD of the price year, present values of the base year.

    `indicators`: one row per party and for all, at one rate each; `enpv_draws` the ENPV of every draw at the
    party's own rate (key `all`: the first rate of the whole). `payments` are at the first rate of the whole.
    """

    inputs: AppraisalInputs
    ledger: Ledger
    indicators: pd.DataFrame
    accounts: pd.DataFrame
    tornado: pd.DataFrame
    enpv_draws: Mapping[str, Floats]
    payments: SidePayments
    fees: pd.DataFrame
    timing: pd.DataFrame
    courses: pd.DataFrame
    waiting: Waiting
    hazards: pd.DataFrame


def appraise(inputs: AppraisalInputs) -> Appraisal:
    """Appraise a scenario against another; see docs/appraisal.md for every formula.

    The same inputs give the same numbers to the last bit on any machine and worker count: ranges come from
    streams keyed by seed, draw and driver.
    """
    book = build_ledger(inputs)
    draws = _draws(inputs, book)
    rows = [_indicator_row(inputs, book, ALL, rate) for rate in inputs.rates]
    for party in book.parties:
        own = inputs.party_rate.get(party, inputs.rates[0])
        rows += [_indicator_row(inputs, book, party, rate) for rate in dict.fromkeys((own, inputs.rates[0]))]
    enpv = _enpv(inputs, book, draws)
    frame = _with_ranges(inputs, pd.DataFrame(rows), draws)
    partners = inputs.partners or book.parties
    gains = {p: float(npv(inputs.rates[0], _flow(book, p, Basis.ECONOMIC), book.years, inputs.base_year))
             for p in partners}
    timing, courses, waiting = _timing(inputs)
    return Appraisal(inputs, book, frame, account_table(inputs, book), tornado(inputs, book), enpv,
                     least_payments(gains), _fees(inputs, book), timing, courses, waiting, _hazards(inputs))


def _flow(book: Ledger, party: str, basis: Basis, accounts: frozenset[Account] | None = None) -> Floats:
    def keep(line: Line) -> bool:
        return (line.basis is basis and (party in (ALL, line.party))
                and (accounts is None or line.account in accounts))

    return book.total_musd(keep)


def _indicator_row(inputs: AppraisalInputs, book: Ledger, party: str, rate: float) -> dict[str, object]:
    years, base = book.years, inputs.base_year
    economic, financial = _flow(book, party, Basis.ECONOMIC), _flow(book, party, Basis.FINANCIAL)
    costs = -_flow(book, party, Basis.ECONOMIC, COSTS)
    capex = -_flow(book, party, Basis.ECONOMIC, frozenset({Account.CAPEX}))
    eirr, firr = irr(economic), irr(financial)
    return {
        "party": party,
        "rate_pct": rate * 100,
        "own_rate": party != ALL and rate == inputs.party_rate.get(party),
        "enpv_musd": float(npv(rate, economic, years, base)),
        "fnpv_musd": float(npv(rate, financial, years, base)),
        "eirr_roots": len(eirr.roots),
        "eirr_pct": _percent(eirr.rate),
        "eirr_note": eirr.why,
        "firr_pct": _percent(firr.rate),
        "firr_note": firr.why,
        "bcr": benefit_cost_ratio(economic + costs, costs, rate, years, base),
        "first_year_return_pct": _percent(
            first_year_rate_of_return(economic, capex, rate, years, inputs.opening_year)
        ),
    }


def _percent(rate: float | None) -> float:
    return float("nan") if rate is None else rate * 100


def _draws(inputs: AppraisalInputs, book: Ledger) -> dict[str, Floats]:
    """Yearly economic flows in every draw (draws, years), for all and for each party."""
    economic = np.array([line.basis is Basis.ECONOMIC for line in book.lines])
    of = {p: economic & np.array([line.party == p for line in book.lines]) for p in book.parties}
    found = drawn_musd(book, inputs.seed, range(inputs.draws), [economic, *of.values()])
    return dict(zip((ALL, *of), found, strict=True))


def _enpv(inputs: AppraisalInputs, book: Ledger, draws: Mapping[str, Floats]) -> dict[str, Floats]:
    rate = {p: inputs.party_rate.get(p, inputs.rates[0]) for p in draws}
    rate[ALL] = inputs.rates[0]
    return {p: npv(rate[p], flows, book.years, inputs.base_year) for p, flows in draws.items()}


def _with_ranges(inputs: AppraisalInputs, frame: pd.DataFrame, draws: Mapping[str, Floats]) -> pd.DataFrame:
    ranges = []
    for party, rate in zip(frame["party"], frame["rate_pct"] / 100, strict=True):
        values = npv(rate, draws[party], inputs.years, inputs.base_year)
        ranges.append((*interval(values), float((values > 0).mean() * 100)))
    columns = ["enpv_p5_musd", "enpv_p50_musd", "enpv_p95_musd", "draws_above_zero_pct"]
    return pd.concat([frame, pd.DataFrame(ranges, columns=columns)], axis=1)


def account_table(inputs: AppraisalInputs, book: Ledger) -> pd.DataFrame:
    """Present value by party, account, basis and item at the first rate of the whole, million USD: low,
    central and high of each line. The low of a cost is the smaller cost."""
    factor = (1 + inputs.rates[0]) ** -(book.years - inputs.base_year).astype(np.float64)
    value = book.cents / 1e8 @ factor
    frame = pd.DataFrame(
        {
            "party": [x.party for x in book.lines],
            "account": [x.account.value for x in book.lines],
            "basis": [x.basis.value for x in book.lines],
            "item": [x.item for x in book.lines],
            "low_musd": value[LOW],
            "npv_musd": value[1],
            "high_musd": value[HIGH],
        }
    )
    return frame.groupby(["party", "account", "basis", "item"], sort=False, as_index=False).sum()


def tornado(inputs: AppraisalInputs, book: Ledger) -> pd.DataFrame:
    """ENPV of the whole with one driver at its low and at its high end and all others central, widest first,
    and the change of the driver that brings the ENPV to zero."""
    rate, years, base = inputs.rates[0], book.years, inputs.base_year
    economic = np.array([line.basis is Basis.ECONOMIC for line in book.lines])
    by_line = np.array([[float(npv(rate, row, years, base)) for row in level] for level in book.cents / 1e8])
    total = float(by_line[1, economic].sum())
    rows = []
    for driver in dict.fromkeys(book.drivers):
        mask = economic & np.array([d == driver for d in book.drivers])
        low, central, high = by_line[:, mask].sum(axis=1)
        change = switching_value(total, float(central))
        if central or low or high:
            rows.append((driver, total - central + low, total, total - central + high,
                         float("nan") if change is None else change * 100))
    frame = pd.DataFrame(rows, columns=["driver", "enpv_at_low_musd", "enpv_musd", "enpv_at_high_musd",
                                        "switching_change_pct"])
    width = (frame["enpv_at_high_musd"] - frame["enpv_at_low_musd"]).abs()
    return frame.assign(width_musd=width).sort_values(
        "width_musd", ascending=False, kind="stable", ignore_index=True
    )


def _fees(inputs: AppraisalInputs, book: Ledger) -> pd.DataFrame:
    """The smallest yearly payment from opening on at which each party loses nothing, at its own rate."""
    open_years = (book.years >= inputs.opening_year).astype(np.float64)
    rows = []
    for party in inputs.partners or book.parties:
        rate = inputs.party_rate.get(party, inputs.rates[0])
        no_fee = _flow(book, party, Basis.ECONOMIC) - _flow(
            book, party, Basis.ECONOMIC, frozenset({Account.TRANSIT_FEE})
        )
        fee = break_even_fee(no_fee, open_years, rate, book.years, inputs.base_year)
        tonnes = inputs.transit_mt_per_year.get(party, 0.0)
        least = max(0.0, fee) if fee is not None else float("nan")
        rows.append((party, rate * 100, float(npv(rate, no_fee, book.years, inputs.base_year)), least,
                     least / tonnes if tonnes else float("nan")))
    return pd.DataFrame(
        rows,
        columns=[
            "party",
            "rate_pct",
            "enpv_without_fee_musd",
            "least_fee_musd_per_year",
            "least_fee_usd_per_t",
        ],
    )


def _total(inputs: AppraisalInputs) -> float:
    book = build_ledger(inputs)
    return float(npv(inputs.rates[0], _flow(book, ALL, Basis.ECONOMIC), book.years, inputs.base_year))


def _timing(inputs: AppraisalInputs) -> tuple[pd.DataFrame, pd.DataFrame, Waiting]:
    """ENPV by opening year with the break-even probability of each, and which course is best at which
    probability."""
    rate = inputs.rates[0]
    rows = []
    for delay in (0, 1, 2, 3, 5, 10):
        moved = opened_in(inputs, inputs.opening_year + delay)
        good, bad = _total(moved), _total(never_opened(moved))
        p = break_even_probability(good, bad)
        rows.append((moved.opening_year, good, bad, float("nan") if p is None else p * 100))
    timing = pd.DataFrame(rows, columns=["opening_year", "enpv_if_open_musd", "enpv_if_shut_musd",
                                         "break_even_probability_pct"])
    good, bad = rows[0][1], rows[0][2]
    later = (1 + rate) ** -inputs.wait_years
    first = _first_stage(inputs)
    options = [Course("build now", good, bad), Course(f"wait {inputs.wait_years:g} years", good * later, 0.0)]
    if first < 0:
        options.append(
            Course(
                "first stage now, the rest a year after the news", first + (good - first) / (1 + rate), first
            )
        )
    courses = pd.DataFrame([(a * 100, b * 100, name) for a, b, name in best_courses(options)],
                           columns=["probability_from_pct", "probability_to_pct", "best_course"])
    return timing, courses, value_of_waiting(good, bad, rate, inputs.wait_years)


def _hazards(inputs: AppraisalInputs, most_years: int = 40) -> pd.DataFrame:
    """What building now is worth on average for the user's yearly probabilities of opening, and the one at which it
    breaks even. The works are ready as planned and stand unused until the border opens."""
    rate = inputs.rates[0]
    by_delay = {k: _total(border_opened_in(inputs, inputs.opening_year + k)) for k in range(most_years + 1)}
    never = _total(never_opened(inputs))
    enough = break_even_hazard(by_delay, never)
    rows = [
        ("break-even", float("nan") if enough is None else enough * 100, 0.0 if enough else float("nan"), rate * 100)
    ]
    rows += [(name, h * 100, expected_value(by_delay, never, h), rate * 100) for name, h in inputs.hazards.items()]
    return pd.DataFrame(rows, columns=["case", "opening_probability_pct_per_year", "expected_enpv_musd", "rate_pct"])


def gaining(found: Appraisal, parties: tuple[str, ...]) -> tuple[str, ...]:
    """Those of some parties whose ENPV at their own rate is above zero, fees counted, side payments not."""
    frame = found.indicators[found.indicators["own_rate"]].set_index("party")["enpv_musd"]
    return tuple(p for p in parties if p in frame.index and frame[p] > 0)


def gaining_range(found: Appraisal, parties: tuple[str, ...]) -> tuple[float, float]:
    """P5 and P95, over the draws, of how many of some parties have an ENPV above zero at their own rate."""
    counts = np.sum([found.enpv_draws[p] > 0 for p in parties if p in found.enpv_draws], axis=0)
    low, high = np.quantile(counts, [0.05, 0.95], method="nearest")
    return float(low), float(high)


def _first_stage(inputs: AppraisalInputs) -> float:
    """Present value of the first year's capex of all works, economic, as a negative amount."""
    book = build_ledger(never_opened(inputs))
    flow = _flow(book, ALL, Basis.ECONOMIC)
    spent = np.flatnonzero(flow)
    if len(spent) < 2:
        return 0.0
    first = np.zeros_like(flow)
    first[spent[0]] = flow[spent[0]]
    return float(npv(inputs.rates[0], first, book.years, inputs.base_year))
