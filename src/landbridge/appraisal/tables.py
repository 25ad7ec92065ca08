"""An appraisal as result tables; the report and the workbook are made from these alone."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from landbridge.appraisal.appraise import ALL, Appraisal
from landbridge.appraisal.cashflow import Account, DomesticPrices, ProjectCost
from landbridge.appraisal.inputs import AppraisalInputs
from landbridge.result import ResultTable

EVERYONE = "All together"


def tables(found: Appraisal) -> tuple[ResultTable, ...]:
    """All tables of an appraisal, names starting with `appraisal_`; the weakest evidence stands in every note."""
    i = found.inputs
    money = f"million USD of {i.price_year}"
    compared = f"{i.after} against {i.before}"
    note = f"{compared}; present values of {i.base_year} in {money}; weakest input: {i.evidence}."

    def table(name: str, title: str, frame: pd.DataFrame, more: str = "") -> ResultTable:
        units = {c: money for c in frame.columns if "musd" in c}
        return ResultTable(f"appraisal_{name}", title, frame, units, f"{note} {more}".strip(), i.sources)

    first = f"{i.rates[0] * 100:g} %"
    return (
        table("settings", "What the appraisal assumes", settings(i)),
        table("parties", "Discount rate of each party", _parties(found)),
        table("projects", "Works of the scenario", _projects(i.projects), "Sunk capital is shown and not counted."),
        table(
            "indicators",
            "Present value, rates of return and ratios, in total and by party",
            _named(found.indicators, i),
            f"Ranges are P5, P50 and P95 of {i.draws} draws (seed {i.seed}); a blank rate of return means there is "
            "none or more than one, and the note beside it says why.",
        ),
        table(
            "accounts",
            f"Present value by party and account at {first}",
            _named(found.accounts, i),
            "The low of a cost is the smaller cost.",
        ),
        table(
            "tornado",
            f"What the result hangs on: net present value at {first} when one quantity moves",
            found.tornado,
            "Switching change: by how many percent the quantity must change for the value to be 0.",
        ),
        table(
            "payments",
            f"Least payments between the partners that leave none with a loss, at {first}",
            _payments(found),
            ""
            if found.payments.possible
            else f"Not possible: all together lack {found.payments.shortfall:,.0f} {money}.",
        ),
        table(
            "fees",
            "Smallest yearly fee at which each partner loses nothing, at its own rate",
            _named(found.fees, i),
            "Paid from the opening on; per tonne of through traffic where that is known. " + fee_words(found),
        ),
        table(
            "timing",
            f"Value by opening year at {first}, and the probability of opening at which it pays",
            found.timing,
            "If shut: the works are done and never used. No probability is assumed.",
        ),
        table("courses", "Which course is worth most at which probability of opening", found.courses, _waiting(found)),
        table(
            "hazards",
            f"Building now at a yearly probability of opening, at {first}",
            found.hazards,
            "The works stand unused until the border opens; the probability is the user's, none is assumed. The first "
            "row is the probability at which building now is worth nothing.",
        ),
        table(
            "ledger",
            "The ledger: every amount by party, account, basis, project or flow, and year",
            found.ledger.frame(),
        ),
    )


def settings(i: AppraisalInputs) -> pd.DataFrame:
    """The assumptions of an appraisal as name, value, unit."""
    domestic = isinstance(i.numeraire, DomesticPrices)
    factor = i.numeraire.serf if isinstance(i.numeraire, DomesticPrices) else i.numeraire.scf
    rows = [("before", i.before, "scenario"), ("after", i.after, "scenario"), ("first_year", i.first_year, "year"),
            ("opening_year", i.opening_year, "year"), ("last_year", i.last_year, "year"),
            ("base_year", i.base_year, "year"), ("price_year", i.price_year, "year"),
            *((f"rate_{k}", rate, "fraction a year") for k, rate in enumerate(i.rates, start=1)),
            ("serf" if domestic else "scf", factor, "factor"), ("wait_years", i.wait_years, "years"),
            ("draws", i.draws, "draws"), ("seed", i.seed, "")]
    return pd.DataFrame([(n, str(v), u) for n, v, u in rows], columns=["name", "value", "unit"])


def _parties(found: Appraisal) -> pd.DataFrame:
    i = found.inputs
    return pd.DataFrame([(p, i.name(p), i.party_rate.get(p, i.rates[0]) * 100, p in i.partners,
                          i.rate_evidence.get(p, "the rate of the whole"))
                         for p in found.ledger.parties], columns=["party", "name", "rate_pct", "partner", "evidence"])


def _projects(projects: tuple[ProjectCost, ...]) -> pd.DataFrame:
    def parts(shares: tuple[tuple[str, float], ...]) -> str:
        return ", ".join(f"{party} {share * 100:g} %" for party, share in shares)

    rows = [(p.id, p.name, *p.capex_musd, *p.opex_musd_per_year, len(p.phasing), p.life_years, parts(p.payers),
             parts(p.owners), p.sunk, p.evidence) for p in projects]
    return pd.DataFrame(
        rows,
        columns=[
            "project",
            "name",
            "capex_low_musd",
            "capex_musd",
            "capex_high_musd",
            "opex_low_musd_per_year",
            "opex_musd_per_year",
            "opex_high_musd_per_year",
            "years_of_works",
            "life_years",
            "payers",
            "owners",
            "sunk",
            "evidence",
        ],
    )


def fee_words(found: Appraisal) -> str:
    """What the least fees leave out, and who would need more than all users together gain in a year."""
    i = found.inputs
    users = [f for f in i.flows if f.account is Account.USERS]
    text = "Traffic is held fixed whatever the fee."
    if all(f.account is not Account.TRANSIT_FEE for f in i.flows):
        text = "The ledger holds no transit fee. " + text
    if not users:
        return text
    gain = sum(f.musd_per_year[1] for f in users)
    text += (f" All users together gain {gain:,.0f} million USD of {i.price_year} a year at the traffic of "
             f"{users[0].of_year}")
    more = [i.name(p) for p, fee in zip(found.fees["party"], found.fees["least_fee_musd_per_year"], strict=True)
            if fee > gain]
    return text + (f"; {' and '.join(more)} would need more than that." if more else ".")


def _named(frame: pd.DataFrame, i: AppraisalInputs) -> pd.DataFrame:
    names = [EVERYONE if p == ALL else i.name(p) for p in frame["party"]]
    shown = frame.copy()
    shown.insert(1, "name", names)
    return shown


def _payments(found: Appraisal) -> pd.DataFrame:
    p = found.payments
    rows = [(party, found.inputs.name(party), p.after[party] - p.payment[party], p.payment[party], p.after[party])
            for party in p.payment]
    return pd.DataFrame(rows, columns=["party", "name", "gain_musd", "payment_musd", "after_musd"])


def _waiting(found: Appraisal) -> str:
    now = found.waiting.now_above
    if now is None:
        return "Building does not pay at any probability of opening."
    return (f"Building now beats waiting {found.inputs.wait_years:g} years for the news only above a probability of "
            f"opening of {now * 100:.0f} %.")


def hold_up_table(frame: pd.DataFrame, title: str, unit: str, names: Mapping[str, str]) -> ResultTable:
    """The result of `bargaining.hold_up` as the table `hold_up`."""
    shown = frame.assign(party=[names.get(p, p) for p in frame["party"]])
    units = {c: unit for c in frame.columns if c not in {"party", "invests"}}
    refusing = [str(p) for p, invests in zip(shown["party"], shown["invests"], strict=True) if not invests]
    note = (
        "Shapley values before anything is built and after the capital is sunk; rent lost is what a party loses when "
        "the others bargain again. "
    )
    note += (f"Without a promise {', '.join(refusing)} would not invest." if refusing else
             "All would invest even without a promise.")
    return ResultTable("hold_up", title, shown, units, note)
