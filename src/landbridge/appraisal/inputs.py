"""What an appraisal needs: projects, annual flows, parties with their rates, and how far the ledger
reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from landbridge.appraisal.benefits import yearly
from landbridge.appraisal.cashflow import (
    BOTH,
    Account,
    Basis,
    Entry,
    Ledger,
    Numeraire,
    ProjectCost,
    ledger,
    project_entries,
    shared,
    transfer,
)

Triple = tuple[float, float, float]  # low, central, high


@dataclass(frozen=True)
class AnnualFlow:
    """An amount that comes every year after opening, million USD: low, central, high, as of `of_year`.

    `parties` share it. Where `paid_by` names a party it is a transfer from that party to the others (its
    account must be a transfer); else it is a gain or a loss against the world outside. Flows with one
    `driver` move together when ranges are drawn. `ramp` are the shares of the full amount in the first years.
    """

    item: str
    account: Account
    parties: tuple[tuple[str, float], ...]
    musd_per_year: Triple
    of_year: int
    growth_pct: float = 0.0
    ramp: tuple[float, ...] = ()
    bases: tuple[Basis, ...] = BOTH
    driver: str = ""
    paid_by: str = ""


@dataclass(frozen=True)
class AppraisalInputs:
    """All that `appraise` reads.

    `after` is compared with `before`. Amounts are constant prices of `price_year`, discounted to `base_year`; the
    ledger reaches from `first_year` to `last_year`. `party_rate` holds each party's own real rate, `rates` those of the
    whole (fractions), the first of which is the one reported first. `transit_mt_per_year` is the through traffic of
    parties that could ask a fee, million tonnes. `border_year` is when the border opens if that is after the works are
    ready; `hazards` are the user's own yearly probabilities of opening, by name, or none. `evidence` is the word of
    the weakest mark among all inputs, `rate_evidence` those of the parties' rates.
    """

    before: str
    after: str
    first_year: int
    opening_year: int
    last_year: int
    base_year: int
    price_year: int
    projects: tuple[ProjectCost, ...]
    flows: tuple[AnnualFlow, ...]
    numeraire: Numeraire
    party_rate: Mapping[str, float]
    rates: tuple[float, ...] = (0.09, 0.06, 0.12)
    party_names: Mapping[str, str] = field(default_factory=dict)
    transit_mt_per_year: Mapping[str, float] = field(default_factory=dict)
    seed: int = 0
    draws: int = 500
    wait_years: float = 5.0
    border_year: int | None = None
    hazards: Mapping[str, float] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    evidence: str = "estimate"
    rate_evidence: Mapping[str, str] = field(default_factory=dict)

    @property
    def years(self) -> NDArray[np.int64]:
        """First to last year of the ledger."""
        return np.arange(self.first_year, self.last_year + 1, dtype=np.int64)

    @property
    def partners(self) -> tuple[str, ...]:
        """The parties that pay for or own the works, in the order of the projects."""
        return tuple(dict.fromkeys(p for work in self.projects for p, _ in (*work.payers, *work.owners)))

    def name(self, party: str) -> str:
        """A party as it is printed."""
        return self.party_names.get(party, party)


def flow_entries(flow: AnnualFlow, years: NDArray[np.int64], opening_year: int) -> tuple[Entry, ...]:
    """The yearly entries of a flow from the opening year on."""
    driver = flow.driver or flow.item
    rows = yearly(np.array(flow.musd_per_year), flow.of_year, years, opening_year, flow.growth_pct, flow.ramp)
    if not flow.paid_by:
        return tuple(shared(rows, flow.parties, flow.account, flow.bases, flow.item, driver))
    return tuple(e for party, share in flow.parties
                 for e in transfer(flow.paid_by, party, flow.account, flow.item, rows * share, driver))


def build_ledger(inputs: AppraisalInputs) -> Ledger:
    """The ledger of an appraisal: projects first, then flows, in the order given."""
    years, used = inputs.years, max(inputs.opening_year, inputs.border_year or inputs.opening_year)
    entries: list[Entry] = []
    for project in inputs.projects:
        entries += project_entries(project, years, inputs.opening_year, inputs.numeraire, used)
    for flow in inputs.flows:
        entries += flow_entries(flow, years, used)
    return ledger(entries, years, inputs.price_year)


def opened_in(inputs: AppraisalInputs, year: int) -> AppraisalInputs:
    """The same appraisal with another opening year; the works move with it, the last year by as much."""
    return replace(inputs, opening_year=year, last_year=inputs.last_year + year - inputs.opening_year)


def border_opened_in(inputs: AppraisalInputs, year: int) -> AppraisalInputs:
    """The works are built as planned and stand unused until the border opens in `year`; the last year moves as much."""
    return replace(inputs, border_year=year, last_year=inputs.last_year + year - inputs.opening_year)


def never_opened(inputs: AppraisalInputs) -> AppraisalInputs:
    """The works are done and nothing is ever used: capex alone, without benefits, opex and residual value."""
    idle = tuple(replace(p, opex_musd_per_year=(0.0, 0.0, 0.0), owners=()) for p in inputs.projects)
    return replace(inputs, projects=idle, flows=())
