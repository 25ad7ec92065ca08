"""The whole appraisal: hand-solved study, algebra of parties, rates and draws."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from landbridge.appraisal.appraise import ALL, appraise, gaining, gaining_range
from landbridge.appraisal.cashflow import Account, Basis, ProjectCost, WorldPrices
from landbridge.appraisal.draws import between, unit_draws
from landbridge.appraisal.inputs import AnnualFlow, AppraisalInputs, build_ledger, opened_in
from landbridge.appraisal.profitability import npv

USERS = AnnualFlow("users", Account.USERS, (("RUS", 0.25), ("KOR", 0.75)), (20.0, 30.0, 40.0), 2030, 2.0, (0.5,),
                   (Basis.ECONOMIC,))
FEE = AnnualFlow("fee", Account.TRANSIT_FEE, (("PRK", 1.0),), (5.0, 8.0, 12.0), 2030, paid_by="KOR")
LINE = ProjectCost("line", "Line", (80.0, 100.0, 150.0), (0.4, 0.6), (1.0, 2.0, 4.0), 40, 1.0,
                   (("PRK", 0.5), ("KOR", 0.5)), (("PRK", 1.0),))
STUDY = AppraisalInputs("before", "after", 2026, 2030, 2054, 2026, 2017, (LINE,), (USERS, FEE), WorldPrices(0.9),
                        {"RUS": 0.10, "PRK": 0.12, "KOR": 0.045}, seed=7, draws=200,
                        transit_mt_per_year={"PRK": 2.0})


def row(found, party: str, rate: float):  # type: ignore[no-untyped-def]
    frame = found.indicators
    return frame[(frame["party"] == party) & np.isclose(frame["rate_pct"], rate)].iloc[0]


FOUND = appraise(STUDY)


def test_total_by_hand() -> None:
    years = np.arange(2026, 2055)
    users = np.where(years >= 2030, 30 * 1.02 ** (years - 2030.0), 0)
    users[4] *= 0.5
    capex = np.zeros(29)
    capex[2:4] = -36, -54
    opex = np.where(years >= 2030, -2 * 0.9, 0)
    residual = np.zeros(29)
    residual[-1] = 90 * (1 - 25 / 40)
    flow = users + capex + opex + residual
    total = row(FOUND, ALL, 9)
    assert total["enpv_musd"] == pytest.approx(float(npv(0.09, flow, years, 2026)), abs=1e-6)
    assert float(npv(total["eirr_pct"] / 100, flow, years, 2026)) == pytest.approx(0.0, abs=1e-6)
    assert total["bcr"] == pytest.approx(float(npv(0.09, users + residual, years, 2026))
                                         / -float(npv(0.09, capex + opex, years, 2026)), abs=1e-6)
    assert total["first_year_return_pct"] == pytest.approx(100 * (15 - 1.8) / (36 * 1.09**2 + 54 * 1.09), abs=1e-6)
    assert {9.0, 6.0, 12.0} == set(FOUND.indicators[FOUND.indicators["party"] == ALL]["rate_pct"])


def test_parties_add_up_and_use_their_own_rate() -> None:
    at_nine = [row(FOUND, p, 9)["enpv_musd"] for p in ("RUS", "PRK", "KOR")]
    assert sum(at_nine) == pytest.approx(row(FOUND, ALL, 9)["enpv_musd"], abs=1e-6)
    assert row(FOUND, "KOR", 4.5)["own_rate"] and not row(FOUND, "KOR", 9)["own_rate"]
    assert row(FOUND, "KOR", 4.5)["enpv_musd"] > row(FOUND, "KOR", 9)["enpv_musd"]
    assert np.isnan(row(FOUND, "RUS", 10)["eirr_pct"]) and "one sign" in row(FOUND, "RUS", 10)["eirr_note"]


def test_splitting_a_party_changes_nothing_in_total() -> None:
    flows = (replace(USERS, parties=(("RUS", 0.25), ("KOR-S", 0.5), ("KOR-N", 0.25))), FEE)
    other = appraise(replace(STUDY, flows=flows))
    assert row(other, ALL, 9)["enpv_musd"] == pytest.approx(row(FOUND, ALL, 9)["enpv_musd"], abs=1e-9)
    joint = sum(row(other, p, 9)["enpv_musd"] for p in ("KOR", "KOR-S", "KOR-N"))
    assert joint == pytest.approx(row(FOUND, "KOR", 9)["enpv_musd"], abs=1e-9)
    assert other.enpv_draws[ALL] == pytest.approx(FOUND.enpv_draws[ALL], abs=1e-6)


def test_shifting_the_base_year_scales_every_value() -> None:
    moved = appraise(replace(STUDY, base_year=2020))
    for party in (ALL, "RUS", "PRK", "KOR"):
        assert row(moved, party, 9)["enpv_musd"] == pytest.approx(row(FOUND, party, 9)["enpv_musd"] / 1.09**6)
    assert row(moved, ALL, 9)["eirr_pct"] == row(FOUND, ALL, 9)["eirr_pct"]
    assert row(moved, ALL, 9)["bcr"] == pytest.approx(row(FOUND, ALL, 9)["bcr"])


def test_fees_move_money_between_parties_only() -> None:
    without = appraise(replace(STUDY, flows=(USERS,)))
    assert row(without, ALL, 9)["enpv_musd"] == pytest.approx(row(FOUND, ALL, 9)["enpv_musd"], abs=1e-9)
    assert row(without, "PRK", 12)["enpv_musd"] < row(FOUND, "PRK", 12)["enpv_musd"]
    fee = FOUND.fees.set_index("party").loc["PRK"]
    level = replace(FEE, musd_per_year=(fee["least_fee_musd_per_year"],) * 3)
    assert row(appraise(replace(STUDY, flows=(USERS, level))), "PRK", 12)["enpv_musd"] == pytest.approx(0, abs=1e-6)
    assert fee["least_fee_usd_per_t"] == pytest.approx(fee["least_fee_musd_per_year"] / 2)
    assert FOUND.payments.possible and all(x >= -1e-9 for x in FOUND.payments.after.values())


def test_draws_do_not_depend_on_how_they_are_cut() -> None:
    assert np.array_equal(unit_draws(7, range(50), "users"),
                          np.concatenate([unit_draws(7, range(a, a + 10), "users") for a in range(0, 50, 10)]))
    again = appraise(STUDY)
    assert all(np.array_equal(again.enpv_draws[p], FOUND.enpv_draws[p]) for p in FOUND.enpv_draws)
    assert again.indicators.equals(FOUND.indicators)
    more = appraise(replace(STUDY, draws=300))
    assert np.array_equal(more.enpv_draws[ALL][:200], FOUND.enpv_draws[ALL])


def test_ranges_hold_the_central_value_and_the_ends() -> None:
    total = row(FOUND, ALL, 9)
    assert total["enpv_p5_musd"] < total["enpv_musd"] < total["enpv_p95_musd"]
    assert 0 <= total["draws_above_zero_pct"] <= 100
    u = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    low, central, high = np.array([1.0]), np.array([2.0]), np.array([6.0])
    assert between(u, low, central, high).tolist() == [1.0, 1.5, 2.0, 4.0, 6.0]


def test_tornado_and_switching_values() -> None:
    frame = FOUND.tornado.set_index("driver")
    assert "fee" not in frame.index  # a transfer moves nothing in total
    assert list(FOUND.tornado["width_musd"]) == sorted(FOUND.tornado["width_musd"], reverse=True)
    change = frame.loc["users", "switching_change_pct"] / 100
    scaled = replace(USERS, musd_per_year=tuple(x * (1 + change) for x in USERS.musd_per_year))  # type: ignore[arg-type]
    zero = appraise(replace(STUDY, flows=(scaled, FEE)))
    assert row(zero, ALL, 9)["enpv_musd"] == pytest.approx(0.0, abs=1e-5)


def test_timing_moves_the_works_with_the_opening() -> None:
    later = build_ledger(opened_in(STUDY, 2035))
    assert later.years[-1] == 2059
    first = FOUND.timing.iloc[0]
    p = first["break_even_probability_pct"] / 100
    assert p * first["enpv_if_open_musd"] + (1 - p) * first["enpv_if_shut_musd"] == pytest.approx(0.0, abs=1e-6)
    capex = -36 / 1.09**2 - 54 / 1.09**3
    assert first["enpv_if_shut_musd"] == pytest.approx(capex, abs=1e-6)
    assert FOUND.courses["probability_from_pct"].iloc[0] == 0.0
    assert FOUND.courses["probability_to_pct"].iloc[-1] == 100.0
    assert FOUND.waiting.now_above is not None and FOUND.waiting.build_above == pytest.approx(p)


def test_financial_accounts_leave_users_out() -> None:
    book = FOUND.ledger
    cash = book.total_musd(lambda x: x.basis is Basis.FINANCIAL and x.account is Account.USERS)
    assert not cash.any()
    assert row(FOUND, "PRK", 9)["fnpv_musd"] != row(FOUND, "PRK", 9)["enpv_musd"]


def test_only_partners_pay_each_other_and_gains_are_counted() -> None:
    assert set(FOUND.payments.payment) == {"PRK", "KOR"} == set(FOUND.fees["party"])
    positive = {p for p, r in STUDY.party_rate.items() if row(FOUND, p, r * 100)["enpv_musd"] > 0}
    assert set(gaining(FOUND, ("RUS", "PRK", "KOR", "USA"))) == positive and "RUS" in positive
    low, high = gaining_range(FOUND, ("RUS", "PRK", "KOR"))
    assert low <= len(positive) <= high and {low, high} <= {0.0, 1.0, 2.0, 3.0}


def test_building_now_at_a_yearly_probability_of_opening() -> None:
    found = appraise(replace(STUDY, hazards={"mine": 0.3})).hazards.set_index("case")
    enough = found.loc["break-even", "opening_probability_pct_per_year"]
    again = appraise(replace(STUDY, hazards={"edge": enough / 100, "sure": 1.0})).hazards.set_index("case")
    assert again.loc["edge", "expected_enpv_musd"] == pytest.approx(0.0, abs=1e-4)
    assert again.loc["sure", "expected_enpv_musd"] == pytest.approx(row(FOUND, ALL, 9)["enpv_musd"], abs=1e-6)
    assert list(FOUND.hazards["case"]) == ["break-even"]  # no probability of its own
    assert 0 < enough < 100 and found.loc["mine", "expected_enpv_musd"] > 0
