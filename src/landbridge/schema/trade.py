"""Row models of the trade tables: economies, sectors, economies added by the levels method, border
regimes."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, TypeVar, cast

from pydantic import Field, model_validator

from landbridge.errors import Fault
from landbridge.schema.demand import Cargo
from landbridge.schema.names import Rows, dangling
from landbridge.tables import Evidence, Latitude, Longitude, Names, NonNegative, Positive, Row, Table, Text

R = TypeVar("R", bound=Row)
Code = Annotated[str, Field(pattern=r"^[A-Z]{3}$", description="three capitals; ISO-3 for a country")]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="lower-case name")]
SectorOrAll = Annotated[str, Field(pattern=r"^(\*|[a-z0-9][a-z0-9_-]*)$", description="id of sectors.csv, * for all")]
Year = Annotated[int, Field(ge=1900, le=2100)]


class Economy(Row):
    """An economy of the trade model: a country, or a region of countries."""

    code: Code
    name: Text
    members: Annotated[
        Names, Field(description="its countries in the input-output table; blank if it is not there")
    ] = ()
    area: Annotated[str, Field(description="area of trade.csv whose transport costs it has, blank if none")] = ""
    center: Annotated[Text, Field(description="main city, from which distances are taken")]
    lat_deg: Latitude
    lon_deg: Longitude
    borders: Annotated[Names, Field(description="economies it has a land border with")] = ()
    source: Text
    evidence: Evidence


class Sector(Row):
    """A sector of the trade model: its industries, the cargo it ships, what a day costs, how trade reacts
    to cost."""

    id: Id
    name: Text
    icio: Annotated[Names, Field(min_length=1, description="industry codes of the input-output table")]
    cargoes: Annotated[Names, Field(description="ids of cargo.csv it ships; blank if nothing is shipped")] = ()
    time_value_pct_per_day_low: NonNegative
    time_value_pct_per_day_central: Annotated[NonNegative, Field(description="loss per day on the way, % of value")]
    time_value_pct_per_day_high: NonNegative
    theta_low: Positive
    theta_central: Annotated[Positive, Field(description="trade elasticity: % less trade for 1 % more cost")]
    theta_high: Positive
    source: Text
    year: Year
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> Sector:
        v = (self.time_value_pct_per_day_low, self.time_value_pct_per_day_central, self.time_value_pct_per_day_high)
        t = (self.theta_low, self.theta_central, self.theta_high)
        for name, values in (("time_value_pct_per_day", v), ("theta", t)):
            if list(values) != sorted(values):
                raise ValueError(f"{name}: low {values[0]}, central {values[1]}, high {values[2]} are not in order")
        return self


class AddedEconomy(Row):
    """An economy the input-output table lacks; its size is relative to an anchor economy in the same year."""

    code: Code
    anchor: Code
    gdp_musd: Positive
    anchor_gdp_musd: Annotated[Positive, Field(description="GDP of the anchor in the same year and source")]
    exports_musd: Annotated[NonNegative, Field(description="goods to the whole world")]
    imports_musd: Annotated[NonNegative, Field(description="goods from the whole world")]
    structure_of: Annotated[Code, Field(description="economy whose inputs, spending and openness it is given")]
    note: Text
    source: Text
    year: Year
    evidence: Evidence


class AddedTrade(Row):
    """Observed trade of an added economy; a row for a sector is a part of the row for all (*)."""

    exporter: Code
    importer: Code
    sector: SectorOrAll
    value_musd: NonNegative
    note: str = ""
    source: Text
    year: Year
    evidence: Evidence


class Regime(Row):
    """A border regime: how much freer or closer than the gravity fit a named pair of economies trades."""

    id: Id
    name: Text
    economy_a: Annotated[str, Field(pattern="^([A-Z]{3})?$", description="first of the pair, blank: as observed")] = ""
    economy_b: Annotated[str, Field(pattern="^([A-Z]{3})?$", description="second of the pair")] = ""
    note: Text
    source: Text
    year: Year
    evidence: Evidence


class Quantity(StrEnum):
    """What a published range is about."""

    TIME_CUT = "time_cut"
    COST_CUT = "cost_cut"
    GDP_GAIN = "gdp_gain"
    TRADE_FACTOR = "trade_factor"
    TRADE_TO_GDP = "trade_to_gdp"


class PublishedRange(Row):
    """A result of others that stands beside ours in the pictures; nothing is computed from it."""

    id: Id
    what: Text
    quantity: Quantity
    low_pct: Annotated[float, Field(description="%, or times where the quantity is a factor")]
    high_pct: float
    source: Text
    year: Year
    evidence: Evidence


def check(rows: Rows) -> list[Fault]:
    """Faults for every economy, sector or cargo named in a trade table that no table declares."""
    economies, sectors, added = _of(rows, Economy), _of(rows, Sector), _of(rows, AddedEconomy)
    trade, regimes, cargoes = _of(rows, AddedTrade), _of(rows, Regime), _of(rows, Cargo)
    codes, ids = [e.code for e in economies], [s.id for s in sectors]
    faults = _dangling_lists("trade/economies.csv", "borders", [e.borders for e in economies], codes)
    if cargoes:
        used = [s.cargoes for s in sectors]
        faults += _dangling_lists("trade/sectors.csv", "cargoes", used, [c.id for c in cargoes], "cargo.csv")
    columns = (
        ("trade/added_economies.csv", "code", [a.code for a in added]),
        ("trade/added_economies.csv", "anchor", [a.anchor for a in added]),
        ("trade/added_economies.csv", "structure_of", [a.structure_of for a in added]),
        ("trade/added_trade.csv", "exporter", [t.exporter for t in trade]),
        ("trade/added_trade.csv", "importer", [t.importer for t in trade]),
        ("trade/regimes.csv", "economy_a", [r.economy_a for r in regimes]),
        ("trade/regimes.csv", "economy_b", [r.economy_b for r in regimes]),
    )
    for file, column, names in columns:
        faults += dangling(file, column, names, codes, "trade/economies.csv")
    named = [t.sector if t.sector != "*" else "" for t in trade]
    return faults + dangling("trade/added_trade.csv", "sector", named, ids, "trade/sectors.csv")


def _of(rows: Rows, model: type[R]) -> tuple[R, ...]:
    return cast("tuple[R, ...]", rows.get(model, ()))


def _dangling_lists(
    file: str, column: str, used: Sequence[Names], known: Sequence[str], where: str = "trade/economies.csv"
) -> list[Fault]:
    first = [next((n for n in names if n not in set(known)), "") for names in used]
    return dangling(file, column, first, known, where)


TABLES: tuple[Table, ...] = (
    Table("trade/economies.csv", Economy, False, "economies of the trade model", ("code",)),
    Table("trade/sectors.csv", Sector, False, "sectors, value of time and trade elasticity", ("id",)),
    Table("trade/added_economies.csv", AddedEconomy, False, "economies the input-output table lacks", ("code",)),
    Table("trade/added_trade.csv", AddedTrade, False, "their observed trade", ("exporter", "importer", "sector")),
    Table("trade/regimes.csv", Regime, False, "border regimes by a pair that has them", ("id",)),
    Table("trade/published_ranges.csv", PublishedRange, False, "results of others, for comparison", ("id",)),
)
