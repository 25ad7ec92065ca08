"""The ledger: who pays and who receives what in which year, in whole cents.

Amounts are kept as integer cents, so the sum over parties equals the total in every account and year exactly
and in any order of adding. Every amount has a low, a central and a high value and a driver: lines with one
driver move together when ranges are drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Cents = NDArray[np.int64]
CENTS_PER_MUSD = 100_000_000
LOW, CENTRAL, HIGH = 0, 1, 2


class Account(StrEnum):
    """What an amount is for."""

    CAPEX = "capex"
    OPEX = "opex"
    RESIDUAL = "residual_value"
    USERS = "user_benefit"
    OPERATOR = "operator_revenue"
    TRANSIT_FEE = "transit_fee"
    TREASURY = "treasury"
    GAS = "gas_supply"
    CO2 = "co2e"
    SAFETY = "safety"
    SIDE_PAYMENT = "side_payment"


class Basis(StrEnum):
    """Market prices and cash (financial), or resource costs of the economy and what is not paid for
    (economic)."""

    FINANCIAL = "financial"
    ECONOMIC = "economic"


TRANSFERS = frozenset({Account.TRANSIT_FEE, Account.SIDE_PAYMENT})
COSTS = frozenset({Account.CAPEX, Account.OPEX})
BOTH = (Basis.FINANCIAL, Basis.ECONOMIC)


@dataclass(frozen=True)
class Line:
    """One line of the ledger: whose money, for what, in which prices, and the project or flow it comes
    from."""

    party: str
    account: Account
    basis: Basis
    item: str


@dataclass(frozen=True)
class Entry:
    """Amounts of one line before they enter the ledger: shape (3, years) in million USD, low, central, high.

    Gains are positive and costs negative. `driver` names the uncertain quantity behind the amounts.
    """

    line: Line
    driver: str
    musd: Floats


@dataclass(frozen=True)
class Ledger:
    """All amounts of one appraisal; `cents` has shape (3, lines, years): low, central, high."""

    lines: tuple[Line, ...]
    drivers: tuple[str, ...]
    years: NDArray[np.int64]
    cents: Cents
    price_year: int
    currency: str = "USD"

    @property
    def parties(self) -> tuple[str, ...]:
        """The parties in the order in which they first appear."""
        return tuple(dict.fromkeys(line.party for line in self.lines))

    def total_musd(self, keep: Callable[[Line], bool], level: int = CENTRAL) -> Floats:
        """Yearly sum of the lines for which `keep` is true, million USD; exact to the cent."""
        mask = np.fromiter((keep(line) for line in self.lines), np.bool_, len(self.lines))
        return np.asarray(self.cents[level][mask].sum(axis=0) / CENTS_PER_MUSD, np.float64)

    def frame(self) -> pd.DataFrame:
        """The rows of the ledger: party, account, basis, item, year, value_musd with low and high, currency,
        price year. Years without an amount are left out."""
        shown = np.argwhere(np.any(self.cents != 0, axis=0))
        line, year = shown[:, 0], shown[:, 1]
        table = {
            name: [str(getattr(self.lines[i], name)) for i in line]
            for name in ("party", "account", "basis", "item")
        }
        amounts = self.cents[:, line, year] / CENTS_PER_MUSD
        return pd.DataFrame({**table, "year": self.years[year], "value_musd": amounts[CENTRAL],
                             "low_musd": amounts[LOW], "high_musd": amounts[HIGH],
                             "driver": [self.drivers[i] for i in line],
                             "currency": self.currency, "price_year": self.price_year})


def ledger(entries: Iterable[Entry], years: NDArray[np.int64], price_year: int) -> Ledger:
    """The ledger of some entries; ValueError if transfers between parties do not cancel or a shape is wrong.

    >>> import numpy as np
    >>> years = np.arange(2030, 2032)
    >>> fee = transfer("KOR", "PRK", Account.TRANSIT_FEE, "gas line", np.full((3, 2), 158.1))
    >>> book = ledger(fee, years, 2017)
    >>> book.total_musd(lambda line: line.party == "PRK" and line.basis is Basis.FINANCIAL)
    array([158.1, 158.1])
    >>> book.total_musd(lambda line: line.basis is Basis.FINANCIAL)
    array([0., 0.])
    """
    given = tuple(entries)
    for e in given:
        if e.musd.shape != (3, len(years)):
            raise ValueError(f"{e.line.item}: amounts have shape {e.musd.shape}, not (3, {len(years)})")
        if not np.all(np.isfinite(e.musd)):
            raise ValueError(f"{e.line.item}, {e.line.account}: an amount is not a finite number")
    cents = (
        np.array([to_cents(e.musd) for e in given], np.int64)
        .reshape(len(given), 3, len(years))
        .swapaxes(0, 1)
        .copy()
    )
    years = np.array(years, np.int64)
    cents.setflags(write=False)
    years.setflags(write=False)
    book = Ledger(tuple(e.line for e in given), tuple(e.driver for e in given), years, cents, price_year)
    _check_transfers(book)
    return book


def joined(books: Sequence[Ledger]) -> Ledger:
    """Several ledgers of the same years, currency and price year as one; ValueError if they differ."""
    first = books[0]
    for b in books[1:]:
        if (b.price_year, b.currency) != (first.price_year, first.currency) or not np.array_equal(
            b.years, first.years
        ):
            raise ValueError("ledgers of different years, currency or price year cannot be added")
    cents = np.concatenate([b.cents for b in books], axis=1)
    cents.setflags(write=False)
    return Ledger(tuple(line for b in books for line in b.lines), tuple(d for b in books for d in b.drivers),
                  first.years, cents, first.price_year, first.currency)


def _check_transfers(book: Ledger) -> None:
    for account in TRANSFERS:
        for basis in Basis:
            mask = [line.account is account and line.basis is basis for line in book.lines]
            if np.any(book.cents[:, mask].sum(axis=1)):
                raise ValueError(f"{account} ({basis}): what is paid is not what is received")


def to_cents(musd: Floats) -> Cents:
    """Million USD as whole cents."""
    return np.rint(np.asarray(musd, np.float64) * CENTS_PER_MUSD).astype(np.int64)


def split(musd: Floats, shares: Sequence[float]) -> Floats:
    """Amounts divided by shares so that the parts add up to the whole to the cent; shape (shares, *amounts).

    The last cents go to the largest remainders (Hamilton's method). ValueError unless the shares add to 1.

    >>> import numpy as np
    >>> split(np.array([0.00000100]), [1 / 3, 1 / 3, 1 / 3]).sum() == 0.000001
    np.True_
    """
    part = np.asarray(shares, np.float64)
    if part.min(initial=0.0) < 0 or abs(part.sum() - 1) > 1e-9:
        raise ValueError(f"shares {tuple(shares)} are not parts of 1")
    whole = to_cents(musd)
    exact = part.reshape(-1, *[1] * whole.ndim) * np.abs(whole)
    down = np.floor(exact).astype(np.int64)
    left = np.abs(whole) - down.sum(axis=0)
    rank = np.argsort(np.argsort(-(exact - down), axis=0, kind="stable"), axis=0, kind="stable")
    down += rank < left
    return np.asarray(np.sign(whole) * down / CENTS_PER_MUSD, np.float64)


@dataclass(frozen=True)
class WorldPrices:
    """World-price numeraire: non-traded items are brought to world prices by the standard conversion factor
    (SCF)."""

    scf: float

    def factor(self, nontraded_share: float) -> float:
        """Economic over financial value of an item."""
        return 1 - nontraded_share * (1 - self.scf)


@dataclass(frozen=True)
class DomesticPrices:
    """Domestic-price numeraire: traded items are raised by the shadow exchange rate factor (SERF)."""

    serf: float

    def factor(self, nontraded_share: float) -> float:
        """Economic over financial value of an item."""
        return 1 + (1 - nontraded_share) * (self.serf - 1)


# one or the other: ADB (2017), Guidelines for the Economic Analysis of Projects, on the choice of numeraire
Numeraire = WorldPrices | DomesticPrices


@dataclass(frozen=True)
class ProjectCost:
    """What a project costs and who bears it.

    `capex_musd` and `opex_musd_per_year` are (low, central, high); `phasing` are the shares of the years
    before opening, the last one ending the year before; `payers` bear capex, `owners` bear opex and hold the
    residual value. A sunk project has no capex that a decision could still save. `evidence` is the word of its
    weakest mark.
    """

    id: str
    name: str
    capex_musd: tuple[float, float, float]
    phasing: tuple[float, ...]
    opex_musd_per_year: tuple[float, float, float]
    life_years: int
    nontraded_share: float
    payers: tuple[tuple[str, float], ...]
    owners: tuple[tuple[str, float], ...]
    sunk: bool = False
    evidence: str = ""


def project_entries(
    project: ProjectCost,
    years: NDArray[np.int64],
    opening_year: int,
    numeraire: Numeraire,
    in_use_from: int | None = None,
) -> tuple[Entry, ...]:
    """Capex, opex and residual value of a project by party, in financial and economic prices.

    The works are ready in `opening_year`; upkeep is paid from `in_use_from` on (the same year unless given). The
    residual value is what straight-line depreciation leaves at the end of the last year. ValueError if
    the works would start before the first year.
    """
    start = opening_year - len(project.phasing)
    if start < int(years[0]) and not project.sunk:
        raise ValueError(f"{project.id}: works start in {start}, the ledger in {int(years[0])}")
    capex = np.zeros((3, len(years)))
    opex = np.zeros((3, len(years)))
    residual = np.zeros((3, len(years)))
    triple = np.array(project.capex_musd)
    if not project.sunk:
        for k, share in enumerate(project.phasing):
            capex[:, start + k - int(years[0])] = -triple * share
        left = max(0.0, 1 - (int(years[-1]) - opening_year + 1) / project.life_years)
        residual[:, -1] = triple * left
    opex[:, years >= (in_use_from or opening_year)] = -np.array(project.opex_musd_per_year)[:, None]
    pays, holds = project.payers, project.owners
    found: list[Entry] = []
    for account, amounts, parties in ((Account.CAPEX, capex, pays), (Account.OPEX, opex, holds),
                                      (Account.RESIDUAL, residual, holds)):
        driver = f"{project.id}: {'opex' if account is Account.OPEX else 'capex'}"
        for basis in BOTH:
            factor = numeraire.factor(project.nontraded_share) if basis is Basis.ECONOMIC else 1.0
            found += shared(amounts * factor, parties, account, (basis,), project.id, driver)
    return tuple(found)


def shared(
    musd: Floats,
    parties: Sequence[tuple[str, float]],
    account: Account,
    bases: Sequence[Basis],
    item: str,
    driver: str,
) -> list[Entry]:
    """Entries of an amount (3, years) divided between parties to the cent; nothing where all amounts are
    zero."""
    if not parties or not np.any(musd):
        return []
    parts = split(musd, [share for _, share in parties])
    return [Entry(Line(party, account, basis, item), driver, part)
            for (party, _), part in zip(parties, parts, strict=True) for basis in bases]


def transfer(
    payer: str, receiver: str, account: Account, item: str, musd: Floats, driver: str = ""
) -> tuple[Entry, ...]:
    """A payment (3, years) from one party to another: four lines that cancel in both bases."""
    if account not in TRANSFERS:
        raise ValueError(f"{account} is not a transfer between parties")
    return tuple(Entry(Line(party, account, basis, item), driver or item, sign * np.asarray(musd, np.float64))
                 for party, sign in ((payer, -1.0), (receiver, 1.0)) for basis in BOTH)
