"""Ledger, profitability and benefits: published answers, hand-solved cases, algebra."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.appraisal.benefits import capex_by_length, rule_of_half, transit_fee_musd
from landbridge.appraisal.cashflow import (
    BOTH,
    Account,
    Basis,
    DomesticPrices,
    Entry,
    Line,
    ProjectCost,
    WorldPrices,
    joined,
    ledger,
    project_entries,
    shared,
    split,
    to_cents,
    transfer,
)
from landbridge.appraisal.profitability import (
    Roots,
    benefit_cost_ratio,
    first_year_rate_of_return,
    irr,
    npv,
    switching_value,
)

ANNUITY = [-100.0] + [12.0] * 25
RAIL = ProjectCost("rail", "Railway", (80.0, 100.0, 150.0), (0.3, 0.7), (1.0, 2.0, 4.0), 40, 0.6,
                   (("RUS", 1 / 3), ("PRK", 1 / 3), ("KOR", 1 / 3)), (("PRK", 1.0),))
YEARS = np.arange(2028, 2041)


def test_k13_capital_cost_of_the_inter_korean_lines() -> None:
    lines = capex_by_length([412.0, 781.0], 35.5, 0.9) / 1000
    assert lines.round(3) == pytest.approx([13.163, 24.953], abs=1e-12)
    assert round(lines.sum(), 3) == 38.116
    assert round(lines.sum() + 5.540, 3) == 43.656


def test_k14_transit_fee() -> None:
    assert transit_fee_musd(2.0, 10.2, 775.0) == pytest.approx(158.0, rel=0.02)


def test_k16_closed_form_annuity() -> None:
    years = range(26)
    assert round(float(npv(0.09, ANNUITY, years, 0)), 4) == 17.8710
    assert round(float(npv(0.12, ANNUITY, years, 0)), 4) == -5.8823
    assert round(float(npv(0.06, ANNUITY, years, 0)), 4) == 53.4003
    rate = irr(ANNUITY).rate
    assert rate is not None and round(rate * 100, 4) == 11.1451
    assert round(benefit_cost_ratio([0.0, *ANNUITY[1:]], [100.0] + [0.0] * 25, 0.09, years, 0), 5) == 1.17871


def test_k17_sample_bypass_of_transport_cba() -> None:
    flows = pd.read_csv(Path(__file__).parent / "data" / "transport_cba_bypass.csv", index_col="year")
    costs = -flows.filter(like="cost_").sum(axis=1).to_numpy()
    benefits = flows.filter(like="benefit_").sum(axis=1).to_numpy()
    years = flows.index.to_numpy()
    assert round(float(npv(0.05, benefits - costs, years, 2020)) / 1e6, 3) == 3.336
    rate = irr(benefits - costs).rate
    assert rate is not None and round(rate * 100, 2) == 5.62
    assert round(benefit_cost_ratio(benefits, costs, 0.05, years, 2020), 3) == 1.076


def test_rates_of_return_may_be_none_one_or_many() -> None:
    assert irr([1.0, 2.0]).count is Roots.NONE and irr([0.0, 0.0]).count is Roots.NONE
    assert irr([10.0, -30.0, 25.0]).count is Roots.NONE  # signs change twice and there is no real root
    many = irr([-1000.0, 3600.0, -4310.0, 1716.0])  # rates of 10, 20 and 30 %
    assert many.count is Roots.MANY and many.rate is None
    assert many.roots == pytest.approx([0.1, 0.2, 0.3], abs=1e-9)
    touching = irr([1.0, -2.2, 1.21])  # (1 - 1.1 x)^2
    assert touching.roots == pytest.approx([0.1], abs=1e-6)
    assert irr([0.0, 0.0, -1.0, 2.0]).rate == pytest.approx(1.0, abs=1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-100, 100).map(lambda x: round(x, 2)), min_size=2, max_size=25))
def test_every_reported_rate_is_a_root_and_none_is_missed(values: list[float]) -> None:
    found = irr(values)
    scale = max(abs(v) for v in values) + 1e-9
    for r in found.roots:
        x = 1 / (1 + r)
        weight = sum(abs(v) * x**k for k, v in enumerate(values)) + scale
        assert abs(sum(v * x**k for k, v in enumerate(values))) < 1e-6 * weight
    grid = npv(0.0, np.array(values)[None] * np.array([1 / (1 + r) for r in np.linspace(-0.5, 3, 200)])[:, None]
               ** np.arange(len(values)), range(len(values)), 0)
    crossings = int((np.sign(grid[1:]) * np.sign(grid[:-1]) < 0).sum())
    assert len(found.roots) >= crossings


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-10**12, 10**12), min_size=1, max_size=6),
       st.lists(st.integers(1, 1000), min_size=1, max_size=7))
def test_split_adds_up_to_the_cent_and_is_fair(cents: list[int], weights: list[int]) -> None:
    shares = np.array(weights) / sum(weights)
    amounts = np.array(cents) / 1e8
    parts = to_cents(split(amounts, list(shares)))
    assert (parts.sum(axis=0) == np.array(cents)).all()
    assert np.all(np.abs(parts - shares[:, None] * np.array(cents)) <= 1 + 1e-3)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(-1e4, 1e4), min_size=12, max_size=12), st.lists(st.integers(1, 9), min_size=2, max_size=5))
def test_sum_over_parties_is_the_total_in_every_account_and_year(amounts: list[float], weights: list[int]) -> None:
    years = np.arange(2030, 2034)
    musd = np.sort(np.array(amounts).reshape(3, 4), axis=0)
    parties = [(f"P{i}", w / sum(weights)) for i, w in enumerate(weights)]
    book = ledger(shared(musd, parties, Account.USERS, BOTH, "x", "x"), years, 2017)
    total = np.sum([to_cents(book.total_musd(lambda x, p=p: x.party == p and x.basis is Basis.ECONOMIC))
                    for p, _ in parties], axis=0)
    assert (total == to_cents(musd[1])).all()


def test_project_by_hand() -> None:
    book = ledger(project_entries(RAIL, YEARS, 2030, WorldPrices(0.9)), YEARS, 2017)

    def of(account: Account, basis: Basis) -> list[float]:
        return list(book.total_musd(lambda x: x.account is account and x.basis is basis))

    assert of(Account.CAPEX, Basis.FINANCIAL)[:3] == [-30.0, -70.0, 0.0]
    assert of(Account.CAPEX, Basis.ECONOMIC)[:3] == pytest.approx([-28.2, -65.8, 0.0])  # x (1 - 0.6 x 0.1)
    assert of(Account.OPEX, Basis.FINANCIAL)[1:3] == [0.0, -2.0]
    assert of(Account.RESIDUAL, Basis.FINANCIAL)[-1] == pytest.approx(100 * (1 - 11 / 40))
    korea = book.total_musd(lambda x: x.party == "KOR" and x.basis is Basis.FINANCIAL)
    assert korea[0] == pytest.approx(-10.0) and korea[2] == 0.0
    with pytest.raises(ValueError, match="works start in 2026"):
        project_entries(RAIL, YEARS, 2028, WorldPrices(0.9))
    assert not any(e.line.account is Account.CAPEX
                   for e in project_entries(replace(RAIL, sunk=True), YEARS, 2028, WorldPrices(0.9)))


def test_conversion_is_by_one_numeraire() -> None:
    assert WorldPrices(0.9).factor(1.0) == pytest.approx(0.9) and WorldPrices(0.9).factor(0.0) == 1.0
    assert DomesticPrices(1.1).factor(0.0) == pytest.approx(1.1) and DomesticPrices(1.1).factor(1.0) == 1.0
    # with SERF = 1 / SCF both numeraires rank projects alike: the factors differ by the same constant
    ratio = [WorldPrices(0.8).factor(s) / DomesticPrices(1.25).factor(s) for s in (0.0, 0.3, 1.0)]
    assert ratio == pytest.approx([0.8, 0.8, 0.8])


def test_transfers_must_cancel() -> None:
    fee = transfer("KOR", "PRK", Account.TRANSIT_FEE, "gas", np.ones((3, len(YEARS))))
    assert ledger(fee, YEARS, 2017).total_musd(lambda x: x.basis is Basis.ECONOMIC).tolist() == [0.0] * len(YEARS)
    with pytest.raises(ValueError, match="what is paid is not what is received"):
        ledger(fee[:1], YEARS, 2017)
    with pytest.raises(ValueError, match="not a transfer"):
        transfer("KOR", "PRK", Account.CAPEX, "gas", np.ones((3, len(YEARS))))


def test_ledger_refuses_what_it_cannot_add() -> None:
    line = Line("RUS", Account.USERS, Basis.ECONOMIC, "x")
    with pytest.raises(ValueError, match="shape"):
        ledger([Entry(line, "x", np.ones((3, 2)))], YEARS, 2017)
    with pytest.raises(ValueError, match="not a finite number"):
        ledger([Entry(line, "x", np.full((3, len(YEARS)), np.inf))], YEARS, 2017)
    a = ledger([Entry(line, "x", np.ones((3, len(YEARS))))], YEARS, 2017)
    with pytest.raises(ValueError, match="cannot be added"):
        joined([a, replace(a, price_year=2025)])
    assert joined([a, a]).total_musd(lambda _: True)[0] == 2.0
    with pytest.raises(ValueError, match="not parts of 1"):
        split(np.ones(2), [0.5, 0.4])
    assert not a.cents.flags.writeable


def test_ledger_frame_has_a_row_for_every_amount() -> None:
    frame = ledger(project_entries(RAIL, YEARS, 2030, WorldPrices(0.9)), YEARS, 2017).frame()
    assert set(frame["currency"]) == {"USD"} and set(frame["price_year"]) == {2017}
    works = frame[(frame["account"] == "capex") & (frame["basis"] == "financial")]
    assert works.groupby("year")["value_musd"].sum().to_dict() == {2028: -30.0, 2029: -70.0}
    assert (works["low_musd"] >= works["value_musd"]).all() and (works["value_musd"] >= works["high_musd"]).all()


def test_rule_of_half_by_hand_and_without_a_way() -> None:
    gain = rule_of_half([100.0, 0.0, 5.0], [120.0, 0.0, 5.0], [50.0, np.inf, np.inf], [40.0, 10.0, np.inf])
    assert gain.tolist() == [1100.0, 0.0, 0.0]
    assert np.isinf(rule_of_half(0.0, 10.0, np.inf, 40.0))
    assert float(rule_of_half(0.0, 10.0, np.inf, 40.0, choke_usd_per_t=60.0)) == 100.0


def test_switching_value_and_first_year_return() -> None:
    assert switching_value(17.871, -100.0) == pytest.approx(0.17871) and switching_value(1.0, 0.0) is None
    first = first_year_rate_of_return([0, 0, 12.0], [50.0, 50.0, 0.0], 0.1, range(2028, 2031), 2030)
    assert first == pytest.approx(12 / (50 * 1.21 + 50 * 1.1))
    assert first_year_rate_of_return([0, 1.0], [0.0, 0.0], 0.1, [0, 1], 1) is None


RATE = st.floats(0.01, 0.3)
FLOW = st.lists(st.floats(-1000, 1000), min_size=3, max_size=30)


@settings(max_examples=40, deadline=None)
@given(FLOW, RATE, st.integers(-20, 20))
def test_shifting_the_base_year_scales_the_npv(values: list[float], rate: float, shift: int) -> None:
    years = np.arange(2020, 2020 + len(values))
    moved = float(npv(rate, values, years, 2020 + shift))
    assert moved == pytest.approx(float(npv(rate, values, years, 2020)) * (1 + rate) ** shift, rel=1e-9, abs=1e-6)
    assert irr(values).roots == irr(values).roots


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1, 100), min_size=1, max_size=4), st.lists(st.floats(0, 100), min_size=1, max_size=20), RATE)
def test_doubling_the_discount_rate(works: list[float], gains: list[float], rate: float) -> None:
    flow = [-w for w in works] + gains
    years = np.arange(len(flow))
    once, twice = (npv(r, flow, years, 0) for r in (rate, 2 * rate))
    again = sum(v / ((1 + rate) ** k * ((1 + 2 * rate) / (1 + rate)) ** k) for k, v in enumerate(flow))
    assert float(twice) == pytest.approx(again, rel=1e-9, abs=1e-9)
    found = irr(flow)
    if found.rate is not None:  # works first, gains after: the NPV falls in the rate and is 0 at the one root
        assert (float(once) > 1e-7) <= (found.rate > rate - 1e-9)
        assert (float(twice) > 1e-7) <= (found.rate > 2 * rate - 1e-9)
