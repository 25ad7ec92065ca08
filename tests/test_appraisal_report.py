"""The appraisal section of the report is drawn from result tables alone."""

from __future__ import annotations

import json

import pytest
from test_appraisal_workbook import STUDY

from landbridge.appraisal.appraise import appraise
from landbridge.appraisal.games import best_of, voting
from landbridge.appraisal.power import power_table
from landbridge.appraisal.tables import tables
from landbridge.report.html import block_html
from landbridge.report.page import Figure, TableBlock
from landbridge.report.sections.appraisal import party_by_account, power, section

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
    assert "without R 12.0 million USD are lost; R and K can each block all of it." in found.lead
    assert "Votes: without a 0 share are lost; nobody can block all of it." in found.lead
    figures = [b for b in found.blocks if isinstance(b, Figure)]
    names = [[s["name"] for s in json.loads(f.option_json())["series"]] for f in figures]
    assert names[0].count("core") == 3 and "core" not in names[1]
    assert all(block_html(b) for b in found.blocks)
