"""The workbook of the appraisal: its formulas, evaluated here, give the values it shows and those of
landbridge."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.utils import column_index_from_string

from landbridge.appraisal.appraise import ALL, appraise
from landbridge.appraisal.cashflow import Account, Basis, ProjectCost, WorldPrices
from landbridge.appraisal.inputs import AnnualFlow, AppraisalInputs
from landbridge.appraisal.profitability import irr
from landbridge.appraisal.tables import tables
from landbridge.report.workbook import write_appraisal

USERS = AnnualFlow("users", Account.USERS, (("RUS", 0.25), ("KOR", 0.75)), (20.0, 30.0, 40.0), 2030, 2.0, (0.5,),
                   (Basis.ECONOMIC,))
FEE = AnnualFlow("fee", Account.TRANSIT_FEE, (("PRK", 1.0),), (5.0, 8.0, 12.0), 2030, paid_by="KOR")
LINE = ProjectCost("line", "Line", (80.0, 100.0, 150.0), (0.4, 0.6), (1.0, 2.0, 4.0), 40, 1.0,
                   (("PRK", 0.5), ("KOR", 0.5)), (("PRK", 1.0),))
STUDY = AppraisalInputs("before", "after", 2026, 2030, 2054, 2026, 2017, (LINE,), (USERS, FEE), WorldPrices(0.9),
                        {"RUS": 0.10, "PRK": 0.12, "KOR": 0.045}, draws=20)
CELL = r"\$?([A-Z]+)\$?(\d+)"
REFERENCE = re.compile(rf"(?:([a-z]+)!)?{CELL}(?::{CELL})?")


class Sheets:
    """A small evaluator of the formulas the workbook uses."""

    def __init__(self, path: Path) -> None:
        self.book = openpyxl.load_workbook(path)
        self.done: dict[tuple[str, int, int], Any] = {}

    def value(self, sheet: str, row: int, column: int) -> Any:
        key = (sheet, row, column)
        if key not in self.done:
            raw = self.book[sheet].cell(row, column).value
            self.done[key] = self.evaluate(sheet, raw[1:]) if isinstance(raw, str) and raw.startswith("=") else raw
        return self.done[key]

    def area(self, sheet: str, text: str) -> Any:
        found = REFERENCE.fullmatch(text)
        assert found
        name, c1, r1, c2, r2 = found.groups()
        name = name or sheet
        if c2 is None:
            return self.value(name, int(r1), column_index_from_string(c1))
        return np.array([self.value(name, r, c) for r in range(int(r1), int(r2) + 1)
                         for c in range(column_index_from_string(c1), column_index_from_string(c2) + 1)])

    def evaluate(self, sheet: str, formula: str) -> Any:
        python = re.sub(r"(?<![<>=])=(?!=)", "==", formula).replace("^", "**")
        python = re.sub(rf'"[^"]*"|(?:[a-z]+!)?{CELL}(?::{CELL})?',
                        lambda m: m[0] if m[0].startswith('"') else f"A({m[0]!r})", python)
        names: dict[str, Callable[..., Any]] = {
            "A": lambda text: self.area(sheet, text), "SUM": lambda x: float(np.sum(x)), "SUMIFS": sum_ifs,
            "SUMPRODUCT": lambda x, y: float(np.dot(x, y)), "IRR": lambda x: irr(x).rate,
            "IF": lambda test, yes, no: yes if test else no, "IFERROR": lambda x, other: other if x is None else x}
        python = re.sub(r'(?<![A-Z])IF\(', 'IF_(', python)
        if python.startswith("IF_("):  # the branch not taken may divide by zero
            test, yes, no = re.fullmatch(r"IF_\((.*?==0),(\".*?\"),(.*)\)", python).groups()  # type: ignore[union-attr]
            return eval(yes if eval(test, names) else no, names)
        return eval(python, names)


def sum_ifs(amounts: Any, *conditions: Any) -> float:
    keep = np.ones(len(amounts), bool)
    for where, wanted in zip(conditions[::2], conditions[1::2], strict=True):
        keep &= np.array([x == wanted for x in where])
    return float(amounts[keep].sum())


@pytest.mark.parametrize("study", [STUDY, replace(STUDY, flows=(USERS,)), replace(STUDY, party_rate={})])
def test_formulas_give_the_cached_values_and_those_of_landbridge(tmp_path: Path, study: AppraisalInputs) -> None:
    found = appraise(study)
    path = tmp_path / "appraisal.xlsx"
    write_appraisal(path, {t.name: t for t in tables(found)})
    live, cached = Sheets(path), openpyxl.load_workbook(path, data_only=True)
    formulas = 0
    for name in ("years", "indicators"):
        for row in live.book[name].iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and cell.value.startswith("="):
                    formulas += 1
                    shown = cached[name].cell(cell.row, cell.column).value
                    again = live.value(name, cell.row, cell.column)
                    assert again == shown if isinstance(shown, str) else again == pytest.approx(shown, abs=1e-6)
    assert formulas > 200
    sheet = cached["indicators"]
    for row in sheet.iter_rows(min_row=4, values_only=True):
        frame = found.indicators[found.indicators["party"] == row[0]]
        own = frame[np.isclose(frame["rate_pct"], row[1] * 100)].iloc[0]
        assert row[2] == pytest.approx(own["enpv_musd"], abs=1e-6)
        assert row[8] == pytest.approx(0.0, abs=1e-6)
        if row[0] == ALL:
            assert row[5] == pytest.approx(own["bcr"]) and row[6] * 100 == pytest.approx(own["eirr_pct"])


def test_ledger_sheet_holds_every_amount(tmp_path: Path) -> None:
    found = appraise(STUDY)
    path = tmp_path / "appraisal.xlsx"
    write_appraisal(path, {t.name: t for t in tables(found)})
    sheet = openpyxl.load_workbook(path, data_only=True)["ledger"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    assert len(rows) == len(found.ledger.frame())
    assert sum(r[5] for r in rows) == pytest.approx(found.ledger.frame()["value_musd"].sum())


def test_tables_carry_units_notes_and_names() -> None:
    made = {t.name: t for t in tables(appraise(STUDY))}
    assert all(t.note and t.title for t in made.values())
    assert made["appraisal_indicators"].units["enpv_musd"] == "million USD of 2017"
    assert made["appraisal_indicators"].frame["name"].iloc[0] == "All together"
    assert "probability" in made["appraisal_courses"].note
