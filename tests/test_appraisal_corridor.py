"""From results of other rooms and the study's tables to the inputs of the appraisal."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge import study
from landbridge.appraisal.appraise import ALL, appraise
from landbridge.appraisal.cashflow import Account, Basis, WorldPrices
from landbridge.appraisal.corridor import (
    CorridorResults,
    GasResults,
    corridor_inputs,
    deflated,
    party_of,
    revenue_by_party,
    users_by_group,
    users_by_party,
)
from landbridge.appraisal.keys import key_holders, keys_of

KOREA = study.read("korea")
BEFORE, AFTER = "observed-2018-06-01", "corridor"
RESULTS = CorridorResults(
    2017, {"RUS": 40.0, "KOR": 200.0, "CHN": 20.0}, {"KHASAN_RAJIN": 10.0, "KOR": 30.0}, {"PRK": 5.0},
    {("RUS", "rail"): 1e9, ("WLD", "sea"): 2e10, ("CHN", "road"): 1e9}, {("RUS", "rail"): 6e9, ("WLD", "sea"): 1e10},
    {"PRK": 4.0}, GasResults("RUS", "KOR", "PRK", (300.0, 700.0, 1200.0), (100.0, 300.0, 500.0), (100.0, 158.0, 195.0)))
INPUTS = corridor_inputs(KOREA, RESULTS, BEFORE, AFTER, 2018)
FOUND = appraise(INPUTS)


def year_sum(account: Account, party: str, year: int, basis: Basis = Basis.ECONOMIC) -> float:
    flow = FOUND.ledger.total_musd(lambda x: x.account is account and x.party == party and x.basis is basis)
    return float(flow[year - INPUTS.first_year])


def test_opening_follows_the_longest_works_and_the_period_the_table() -> None:
    works = [p for p in INPUTS.projects if not p.sunk]
    assert INPUTS.first_year == 2018 and INPUTS.opening_year == 2018 + max(len(p.phasing) for p in works)
    assert INPUTS.last_year - INPUTS.opening_year + 1 == 25
    assert INPUTS.rates == (0.09, 0.06, 0.12) and INPUTS.party_rate["KOR"] == 0.045
    assert isinstance(INPUTS.numeraire, WorldPrices) and INPUTS.partners == ("RUS", "PRK", "KOR")
    assert "gas-line" not in {p.id for p in INPUTS.projects} and "pyongra-repair" in {p.id for p in INPUTS.projects}


def test_flows_by_hand() -> None:
    opening = INPUTS.opening_year
    grown = 1.025 ** (opening - 2017)
    assert year_sum(Account.USERS, "KOR", opening) == pytest.approx(200 * grown * 0.4, abs=1e-6)
    assert year_sum(Account.USERS, "KOR", opening + 5) == pytest.approx(200 * grown * 1.025**5, abs=1e-6)
    assert year_sum(Account.OPERATOR, "RUS", opening + 5) == pytest.approx(0.7 * 10 * 0.2 * grown * 1.025**5, abs=1e-6)
    assert year_sum(Account.TRANSIT_FEE, "PRK", opening) == 158.0 == -year_sum(Account.TRANSIT_FEE, "RUS", opening)
    assert year_sum(Account.USERS, "KOR", opening, Basis.FINANCIAL) == 0.0
    saved_t = (-5e9 * 22 + 1e10 * 12 + 1e9 * 103) / 1e6
    value = saved_t * deflated(KOREA, 36.3, 2016) * 1.02 / 1e6
    first = value * (1.025 * 1.02) ** (opening + 5 - 2017)
    assert year_sum(Account.CO2, "WLD", opening + 5) == pytest.approx(first, rel=1e-6)
    assert year_sum(Account.SAFETY, "CHN", opening) > 0 > year_sum(Account.SAFETY, "RUS", opening)


def test_money_is_brought_to_the_price_year() -> None:
    assert deflated(KOREA, 100.0, 2017) == pytest.approx(100.0)
    assert deflated(KOREA, 100.0, 2012) > 100 > deflated(KOREA, 100.0, 2024)
    bridge = next(p for p in INPUTS.projects if p.id == "tumen-road-bridge")
    assert 70 < bridge.capex_musd[1] < 80  # 100 million USD of 2025


def test_all_tonnes_of_benefit_are_divided_between_the_two_ends() -> None:
    q, c0, c1 = np.full((2, 2), 100.0), np.full((2, 2), 60.0), np.full((2, 2), 50.0)
    gain, unknown = users_by_party([q], [q], [c0], [c1], ["RUS", "KOR"])
    assert gain == pytest.approx({"RUS": 0.002, "KOR": 0.002}) and unknown == 0.0
    c0[0, 1] = np.inf
    gain, unknown = users_by_party([q], [q], [c0], [c1], ["RUS", "KOR"])
    assert sum(gain.values()) == pytest.approx(0.003) and unknown == 100.0


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(1, 500), st.floats(1, 500)), min_size=1,
                max_size=20), st.floats(0, 1))
def test_users_by_group_adds_up(rows: list[tuple[float, float, float, float]], share: float) -> None:
    q0, q1, c0, c1 = np.array(rows).T
    ends = (["RUS", "KOR", "CHN"] * 7)[:len(rows)], (["KOR", "PRK"] * 10)[:len(rows)]
    gain, _ = users_by_group(q0, q1, c0, c1, *ends, share)
    assert sum(gain.values()) == pytest.approx(float(((c0 - c1) * (q0 + q1)).sum()) / 2e6, abs=1e-6)
    back, _ = users_by_group(q1, q0, c1, c0, *ends, share)
    assert {p: -x for p, x in back.items()} == pytest.approx(gain, abs=1e-9)


def test_revenue_goes_to_owners_and_unknown_names_are_refused() -> None:
    assert revenue_by_party(KOREA, {"KHASAN_RAJIN": 10.0, "DEU": 5.0}) == pytest.approx(
        {"RUS": 7.0, "PRK": 3.0, "EU": 5.0})
    with pytest.raises(ValueError, match="neither in ownership"):
        revenue_by_party(KOREA, {"KHASAN": 10.0})
    assert party_of(KOREA)["ROE"] == "EU"


def test_parties_add_up_on_the_study() -> None:
    at_nine = FOUND.indicators[np.isclose(FOUND.indicators["rate_pct"], 9.0)].set_index("party")["enpv_musd"]
    assert at_nine.drop(ALL).sum() == pytest.approx(at_nine[ALL], abs=1e-5)


def test_key_holders_of_the_study() -> None:
    gates, bodies = keys_of(KOREA)
    assert {"RUS", "PRK", "KOR", "USA", "CHN"} <= set(key_holders(gates, bodies)) and len(
        key_holders(gates, bodies)
    ) <= 12
