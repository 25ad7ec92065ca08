"""The appraisal as a workbook with live formulas, so that an appraiser can follow and change every number.

Sheets: settings, parties, ledger (the rows), years (sums of the ledger by party and year), indicators (net
present value, benefit-cost ratio and rate of return as formulas over the years), check (formulas against
landbridge). Every formula is written with the value it has, so the file reads the same before it is
recalculated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from landbridge.result import ResultTable

LEDGER = ("party", "account", "basis", "item", "year", "value_musd", "low_musd", "high_musd")
KINDS = ("economic", "financial", "economic cost")  # blocks of the years sheet
FIRST_YEAR_COLUMN = 3
HEAD = 3  # rows above the first row of a block on the years sheet


@dataclass(frozen=True)
class _Plan:
    """Where everything stands: years across, one row per party and kind on the years sheet."""

    parties: tuple[str, ...]
    years: tuple[int, ...]
    base_year: int
    rate: float

    def row(self, party: str, kind: str) -> int:
        """Row of the years sheet, from 0; the total stands after the parties of its kind."""
        block = KINDS.index(kind) * (len(self.parties) + 2)
        return HEAD + block + (len(self.parties) if party == "all" else self.parties.index(party))

    def span(self, row: int) -> str:
        """The cells of a row of the years sheet, as a reference from another sheet."""
        last = xl_col_to_name(FIRST_YEAR_COLUMN + len(self.years) - 1)
        first = xl_col_to_name(FIRST_YEAR_COLUMN)
        return f"years!${first}${row + 1}:${last}${row + 1}"


def write_appraisal(path: Path, tables: Mapping[str, ResultTable]) -> None:
    """Write the workbook from the `appraisal_` tables of a run; KeyError if one of them is missing."""
    settings = dict(tables["appraisal_settings"].frame[["name", "value"]].itertuples(index=False, name=None))
    parties = tables["appraisal_parties"].frame
    book = tables["appraisal_ledger"].frame
    plan = _Plan(tuple(parties["party"]), tuple(range(int(settings["first_year"]), int(settings["last_year"]) + 1)),
                 int(settings["base_year"]), float(settings["rate_1"]))
    out = xlsxwriter.Workbook(str(path), {"in_memory": True, "nan_inf_to_errors": True})
    bold = out.add_format({"bold": True})
    money = out.add_format({"num_format": "#,##0.00"})
    _settings(out, tables["appraisal_settings"], parties, bold)
    _ledger(out, book, bold, money)
    sums = _years(out, book, plan, bold, money)
    _indicators(out, tables["appraisal_indicators"].frame, plan, sums, bold, money)
    out.close()


def _settings(out: xlsxwriter.Workbook, table: ResultTable, parties: pd.DataFrame,
              bold: xlsxwriter.format.Format) -> None:
    sheet = out.add_worksheet("settings")
    sheet.set_column(0, 1, 26)
    sheet.write(0, 0, "Change the rates here: every value on the other sheets follows.", bold)
    sheet.write(1, 0, table.note)
    sheet.write_row(3, 0, ["base_year", "rate of the whole (fraction)"], bold)
    values = dict(zip(table.frame["name"], table.frame["value"], strict=True))
    sheet.write_row(4, 0, [int(values["base_year"]), float(values["rate_1"])])
    sheet.write_row(6, 0, ["party", "rate (fraction)", "name"], bold)
    for k, (party, name, rate) in enumerate(zip(parties["party"], parties["name"], parties["rate_pct"], strict=True)):
        sheet.write_row(7 + k, 0, [party, rate / 100, name])
    start = 9 + len(parties)
    sheet.write_row(start, 0, ["assumption", "value", "unit"], bold)
    for k, row in enumerate(table.frame.itertuples(index=False, name=None)):
        sheet.write_row(start + 1 + k, 0, [str(x) for x in row])


def _ledger(out: xlsxwriter.Workbook, book: pd.DataFrame, bold: xlsxwriter.format.Format,
            money: xlsxwriter.format.Format) -> None:
    sheet = out.add_worksheet("ledger")
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 3, 22)
    sheet.set_column(5, 7, 14, money)
    sheet.write_row(0, 0, LEDGER, bold)
    for k, row in enumerate(book[list(LEDGER)].itertuples(index=False, name=None), start=1):
        sheet.write_row(k, 0, [x.item() if hasattr(x, "item") else x for x in row])
    sheet.autofilter(0, 0, len(book), len(LEDGER) - 1)


def _years(out: xlsxwriter.Workbook, book: pd.DataFrame, plan: _Plan, bold: xlsxwriter.format.Format,
           money: xlsxwriter.format.Format) -> dict[tuple[str, str], np.ndarray]:
    """Sums of the ledger by party and year, as formulas; the sums by (party, kind)."""
    sheet = out.add_worksheet("years")
    sheet.freeze_panes(HEAD, FIRST_YEAR_COLUMN)
    sheet.write(0, 0, "Sums of the ledger, million USD. Costs are capex and opex, as positive amounts.", bold)
    sheet.write_row(2, 0, ["party", "prices", "accounts"], bold)
    sheet.write_row(2, FIRST_YEAR_COLUMN, plan.years, bold)
    n = len(book) + 1
    sums: dict[tuple[str, str], np.ndarray] = {}
    for kind in KINDS:
        basis = kind.split()[0]
        for party in plan.parties:
            row = plan.row(party, kind)
            sheet.write_row(row, 0, [party, basis, "capex and opex" if kind.endswith("cost") else "all"])
            chosen = book[(book["party"] == party) & (book["basis"] == basis)]
            if kind.endswith("cost"):
                chosen = chosen[chosen["account"].isin(["capex", "opex"])]
            by_year = chosen.groupby("year")["value_musd"].sum().reindex(plan.years, fill_value=0.0).to_numpy()
            sums[party, kind] = -by_year if kind.endswith("cost") else by_year
            for k, value in enumerate(sums[party, kind]):
                column = FIRST_YEAR_COLUMN + k
                where = (f"ledger!$A$2:$A${n},$A{row + 1},ledger!$C$2:$C${n},$B{row + 1},"
                         f"ledger!$E$2:$E${n},{xl_col_to_name(column)}$3")
                amounts = f"ledger!$F$2:$F${n}"
                formula = f"=SUMIFS({amounts},{where})"
                if kind.endswith("cost"):
                    account = f"ledger!$B$2:$B${n}"
                    formula = (f'=-SUMIFS({amounts},{where},{account},"capex")'
                               f'-SUMIFS({amounts},{where},{account},"opex")')
                sheet.write_formula(row, column, formula, money, float(value))
        total = plan.row("all", kind)
        sheet.write_row(total, 0, ["all", basis, "sum of the parties"], bold)
        sums["all", kind] = np.sum([sums[p, kind] for p in plan.parties], axis=0)
        for k, value in enumerate(sums["all", kind]):
            column = FIRST_YEAR_COLUMN + k
            first = xl_rowcol_to_cell(plan.row(plan.parties[0], kind), column)
            last = xl_rowcol_to_cell(plan.row(plan.parties[-1], kind), column)
            sheet.write_formula(total, column, f"=SUM({first}:{last})", money, float(value))
    return sums


def _indicators(out: xlsxwriter.Workbook, frame: pd.DataFrame, plan: _Plan, sums: Mapping[tuple[str, str], np.ndarray],
                bold: xlsxwriter.format.Format, money: xlsxwriter.format.Format) -> None:
    """One row per party at its own rate and one for all: formulas beside the numbers of landbridge."""
    sheet = out.add_worksheet("indicators")
    sheet.set_column(0, 12, 16)
    sheet.write(0, 0, "Formulas over the years sheet; the columns to the right are landbridge's own numbers.", bold)
    sheet.write_row(2, 0, ["party", "rate", "ENPV", "FNPV", "PV of costs", "BCR", "EIRR", "landbridge ENPV",
                           "difference", "landbridge EIRR, %", "rate of return: why none"], bold)
    years = np.array(plan.years)
    at = f"years!${xl_col_to_name(FIRST_YEAR_COLUMN)}$3:${xl_col_to_name(FIRST_YEAR_COLUMN + len(years) - 1)}$3"
    for k, party in enumerate((*plan.parties, "all")):
        row = 3 + k
        rate_cell = "settings!$B$5" if party == "all" else f"settings!$B${8 + plan.parties.index(party)}"
        known = frame[(frame["party"] == party)]
        known = known.iloc[:1] if party == "all" else known[known["own_rate"] | (len(known) == 1)].iloc[:1]
        rate = float(known["rate_pct"].iloc[0]) / 100
        factor = (1 + rate) ** -(years - plan.base_year).astype(np.float64)
        value = {kind: float(sums[party, kind] @ factor) for kind in KINDS}

        def pv(kind: str, who: str = party, cell: str = f"B{row + 1}") -> str:
            return f"SUMPRODUCT({plan.span(plan.row(who, kind))},(1+{cell})^(settings!$A$5-{at}))"

        costs = value["economic cost"]
        ratio = (value["economic"] + costs) / costs if costs else 0.0
        returned = float(known["eirr_pct"].iloc[0])
        sheet.write(row, 0, party)
        sheet.write_formula(row, 1, f"={rate_cell}", None, rate)
        sheet.write_formula(row, 2, "=" + pv("economic"), money, value["economic"])
        sheet.write_formula(row, 3, "=" + pv("financial"), money, value["financial"])
        sheet.write_formula(row, 4, "=" + pv("economic cost"), money, costs)
        sheet.write_formula(row, 5, f'=IF(E{row + 1}=0,"no costs",(C{row + 1}+E{row + 1})/E{row + 1})', None,
                            ratio if costs else "no costs")
        if int(known["eirr_roots"].iloc[0]) > 1:  # a spreadsheet's IRR would give one of them and say nothing
            sheet.write(row, 6, "more than one")
        else:
            sheet.write_formula(row, 6, f'=IFERROR(IRR({plan.span(plan.row(party, "economic"))}),"none")', None,
                                "none" if np.isnan(returned) else returned / 100)
        sheet.write(row, 7, float(known["enpv_musd"].iloc[0]), money)
        sheet.write_formula(
            row, 8, f"=C{row + 1}-H{row + 1}", money, value["economic"] - float(known["enpv_musd"].iloc[0])
        )
        sheet.write(row, 9, "" if np.isnan(returned) else returned)
        sheet.write(row, 10, str(known["eirr_note"].iloc[0]))
