"""The appraisal section of the report is drawn from result tables alone."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_appraisal_workbook import STUDY

from landbridge.appraisal.appraise import appraise
from landbridge.appraisal.games import best_of, voting
from landbridge.appraisal.power import power_table
from landbridge.appraisal.tables import tables
from landbridge.report.html import block_html
from landbridge.report.page import Figure, TableBlock
from landbridge.report.sections.appraisal import lead, party_by_account, power, section
from landbridge.result import ResultTable

TABLES = {t.name: t for t in tables(appraise(STUDY))}


def test_section_says_who_gains_with_a_range_and_draws_figures() -> None:
    found = section(TABLES)
    total = TABLES["appraisal_indicators"].frame.iloc[0]
    assert f"{abs(total['enpv_musd']):,.0f}" in found.lead and "P5 to P95" in found.lead
    assert "probability above" in found.lead
    figures = [b for b in found.blocks if isinstance(b, Figure)]
    assert {f.id for f in figures} == {"appraisal-gains", "appraisal-sankey", "appraisal-tornado"}
    for figure in figures:
        option = json.loads(figure.option_json())
        assert option["title"][0]["subtext"] == "million USD of 2017" and figure.source and figure.alt
    assert all(block_html(b) for b in found.blocks)


def test_lead_says_that_later_is_better_who_is_crowded_out_and_that_gas_is_left_out() -> None:
    accounts = TABLES["appraisal_accounts"]
    own = (accounts.frame["account"] == "user_benefit") & (accounts.frame["party"] == "KOR")
    loses = replace(accounts, frame=accounts.frame.assign(npv_musd=accounts.frame["npv_musd"].where(~own, -12.0)))
    timing = TABLES["appraisal_timing"]
    later = replace(timing, frame=timing.frame.assign(enpv_if_open_musd=np.arange(len(timing.frame)) - 4.0))
    columns = ["name", "countries", "capacity_kt", "before_kt", "before_dwell_h", "after_kt", "after_dwell_h",
               "evidence"]
    rows = [("Quay", "China", 10, 1, 1, 9, 900, "estimate"), ("Pier", "KOR", 10, 1, 8, 9, 8, "estimate"),
            ("Bridge", "China - KOR", 1460, 158, 8, 1935, 127, "estimate")]
    gates = pd.DataFrame(rows, columns=columns)
    more = {**TABLES, "appraisal_accounts": loses, "appraisal_timing": later,
            "gate_flows": ResultTable("gate_flows", "", gates), "gas_routes": ResultTable("gas_routes", "", gates)}
    said = lead(more)
    assert f"{len(timing.frame) - 5:+}.00 in {timing.frame['opening_year'].iloc[-1]}, against −4.00 in" in said
    assert "shippers of KOR alone lose 12.0 million USD of 2017: Bridge carries 1,935 kt a year instead of 158" in said
    assert "stays there 127 h instead of 8.00" in said and "gas pipeline is not in these sums" in said
    assert not any(x in lead(TABLES) for x in ("gas pipeline", "alone lose", "of the years tried"))


def test_fees_say_what_they_leave_out() -> None:
    note = TABLES["appraisal_fees"].note
    assert "Traffic is held fixed whatever the fee. All users together gain 30 million USD of 2017 a year" in note
    poor = replace(STUDY, flows=(replace(STUDY.flows[0], musd_per_year=(1.0, 1.0, 1.0)),))
    note = next(t.note for t in tables(appraise(poor)) if t.name == "appraisal_fees")
    assert "The ledger holds no transit fee." in note and "would need more than that" in note


def test_party_by_account_adds_up() -> None:
    wide = party_by_account(TABLES).frame.set_index("party")
    total = TABLES["appraisal_indicators"].frame.iloc[0]["enpv_musd"]
    assert wide.loc["All together", "all accounts"] == pytest.approx(total, abs=1e-6)
    assert wide.loc["All together", "transit fee"] == pytest.approx(0.0, abs=1e-6)
    drawn = next(b for b in section(TABLES).blocks if isinstance(b, TableBlock))
    assert drawn.table.name == "appraisal_accounts"


def test_sankey_carries_all_works_and_upkeep() -> None:
    figure = next(b for b in section(TABLES).blocks if isinstance(b, Figure) and b.id == "appraisal-sankey")
    links = json.loads(figure.option_json())["series"][0]["links"]
    accounts = TABLES["appraisal_accounts"].frame
    paid = accounts[(accounts["basis"] == "economic") & accounts["account"].isin(["capex", "opex"])]["npv_musd"].sum()
    assert sum(x["value"] for x in links) == pytest.approx(-paid, abs=0.5)


def test_power_section_names_those_who_can_block() -> None:
    line = power_table(best_of(("R", "K", "N"), [(("R", "K", "N"), 12.0), (("R", "K"), 6.0)]), "power_gas",
                       "Gas line", "million USD")
    empty = power_table(voting(2, [1, 1, 1], ("a", "b", "c")), "power_votes", "Votes", "share")
    found = power({"power_gas": line, "power_votes": empty})
    assert "Gas line: R and K can each block all of 12.0 million USD." in found.lead
    assert "Votes: nobody can block 99 % of 1.00 share; without a 0 are lost." in found.lead
    figures = [b for b in found.blocks if isinstance(b, Figure)]
    names = [[s["name"] for s in json.loads(f.option_json())["series"]] for f in figures]
    assert names[0].count("core") == 3 and "core" not in names[1]
    assert all(block_html(b) for b in found.blocks)
