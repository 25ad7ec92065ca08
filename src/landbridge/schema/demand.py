"""Row models of the demand tables: zones, cargo, trade, charges and speeds, parties, claims, answers."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated

import iso3166
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from landbridge.schema.names import in_order
from landbridge.tables import (
    SPECIAL_AREAS,
    Country,
    Evidence,
    Latitude,
    Longitude,
    Names,
    NonNegative,
    OptionalFloat,
    OptionalNonNegative,
    Positive,
    Row,
    Share,
    Table,
    Text,
)


def _blank(value: object) -> object:
    return value or None


Year = Annotated[int, Field(ge=1900, le=2100)]
OptionalYear = Annotated[int | None, Field(ge=1900, le=2100), BeforeValidator(_blank)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="lower-case name")]


def _country_or_any(code: str) -> str:
    if code != "*" and code not in iso3166.countries_by_alpha3 and code not in SPECIAL_AREAS:
        raise ValueError("unknown country")
    return code


def _hs_codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if not re.fullmatch(r"\d{2}|\d{4}|\d{6}", code):
            raise ValueError(f"HS code '{code}' is not 2, 4 or 6 digits")
    return codes


AnyCountry = Annotated[str, AfterValidator(_country_or_any)]  # "*": every country without its own row
HsCodes = Annotated[Names, AfterValidator(_hs_codes), Field(min_length=1, description="chapters, headings")]


class Form(StrEnum):
    """How cargo is carried, and so which tariff and which speed hold for it."""

    CONTAINER = "container"
    BULK = "bulk"
    GENERAL = "general"


class Carrier(StrEnum):
    """A mode that carries cargo over the network."""

    RAIL = "rail"
    ROAD = "road"
    SEA = "sea"


class Zone(Row):
    """Where cargo starts and ends: a city that stands for the towns nearer to it than to any other zone."""

    id: Id
    name: Annotated[Text, Field(description="name of the main city")]
    country: Country
    region: Annotated[Text, Field(description="province or part of the country it stands for")]
    lat_deg: Latitude
    lon_deg: Longitude
    population_k: Annotated[Positive, Field(description="people in the city, thousand")]
    catchment_k: Annotated[Positive, Field(description="people in the towns it stands for, thousand")]
    ports: Annotated[Names, Field(description="terminals near at hand, for the reader; ways find their own")] = ()
    source: Text
    year: Year
    evidence: Evidence


class Cargo(Row):
    """A commodity group: what a tonne is worth, what a day of delay costs, and how it is carried."""

    id: Id
    name: Text
    hs: HsCodes
    form: Annotated[Form, Field(description="how it mostly goes: sets tariff and speed")]
    value_usd_per_t_low: Positive
    value_usd_per_t_central: Annotated[Positive, Field(description="value density, price year of the study")]
    value_usd_per_t_high: Positive
    time_value_pct_per_day_low: NonNegative
    time_value_pct_per_day_central: Annotated[NonNegative, Field(description="loss per day, % of value")]
    time_value_pct_per_day_high: NonNegative
    containerisable_share: Annotated[Share, Field(description="share of the tonnes that can go in boxes")]
    source: Text
    year: Year
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> Cargo:
        in_order(self, "value_usd_per_t")
        in_order(self, "time_value_pct_per_day")
        return self


class Trade(Row):
    """Trade of one year by country pair and cargo, in money and tonnes."""

    exporter: Country
    importer: Country
    cargo: Annotated[Id, Field(description="id of cargo.csv")]
    via: Annotated[str, Field(description="terminal it is reported to have passed, blank if not known")] = ""
    value_musd: Annotated[NonNegative, Field(description="million USD of the base year")]
    mass_kt: Annotated[NonNegative, Field(description="thousand tonnes")]
    network_share: Annotated[Share, Field(description="part on road, rail, sea; the rest goes by pipe")]
    source: Text
    year: Year
    evidence: Annotated[Evidence, Field(description="the weaker of the two marks that follow")]
    value_evidence: Evidence
    mass_evidence: Evidence
    method: Annotated[Text, Field(description="how value and mass were found")]

    @model_validator(mode="after")
    def _weakest(self) -> Trade:
        weakest = Evidence.weakest([self.value_evidence, self.mass_evidence])
        if self.evidence is not weakest:
            raise ValueError(f"evidence must be the weaker mark, {weakest.value}")
        return self


class Direction(StrEnum):
    """Whether a share splits what the area exports or what it imports."""

    EXPORT = "export"
    IMPORT = "import"
    BOTH = "both"


class ZoneShare(Row):
    """The part of an area's trade that starts or ends in one zone."""

    area: Annotated[Country, Field(description="exporter or importer of trade.csv")]
    partner: Annotated[AnyCountry, Field(description="the other side of the trade, * for all")]
    cargo: Annotated[str, Field(description="id of cargo.csv, * for all")]
    direction: Direction
    zone: Id
    share: Share
    source: Text
    year: Year
    evidence: Evidence


class ModeSpeed(Row):
    """How fast a form of cargo goes by a mode in a country, and the hours to get on or off the mode."""

    mode: Carrier
    country: AnyCountry
    form: Form
    speed_km_h_low: Positive
    speed_km_h_central: Annotated[Positive, Field(description="average of the whole day, stops included")]
    speed_km_h_high: Positive
    access_h_low: NonNegative
    access_h_central: Annotated[NonNegative, Field(description="at each end: collecting, loading, waiting")]
    access_h_high: NonNegative
    parameters: Annotated[Names, Field(description="rows of cost_parameters.csv it follows from")] = ()
    source: Text
    year: Year
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> ModeSpeed:
        in_order(self, "speed_km_h")
        in_order(self, "access_h")
        return self


class Tariff(Row):
    """What a mode charges in a country for a form of cargo, in one tariff set (one price year)."""

    tariff_set: Id
    mode: Carrier
    country: AnyCountry
    form: Form
    tariff_usd_per_t_km_low: NonNegative
    tariff_usd_per_t_km_central: Annotated[NonNegative, Field(description="distance charge")]
    tariff_usd_per_t_km_high: NonNegative
    access_usd_per_t_low: NonNegative
    access_usd_per_t_central: Annotated[NonNegative, Field(description="at each end, terminals apart")]
    access_usd_per_t_high: NonNegative
    price_year: Year
    parameters: Annotated[Names, Field(description="rows of cost_parameters.csv it follows from")] = ()
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> Tariff:
        in_order(self, "tariff_usd_per_t_km")
        in_order(self, "access_usd_per_t")
        return self


class CostParameter(Row):
    """A cost, time or emission figure as its source gives it."""

    id: Id
    group: Text
    unit: Text
    price_period: Annotated[Text, Field(description="years of the figure as given, n/a if none")]
    price_year: Annotated[OptionalYear, Field(description="middle of the period, blank if none")] = None
    low: NonNegative
    central: NonNegative
    high: NonNegative
    evidence: Evidence
    source: Text

    @model_validator(mode="after")
    def _ordered(self) -> CostParameter:
        in_order(self, "")
        return self


class Deflator(Row):
    """Price level of the US dollar by year."""

    year: Year
    usd_index: Annotated[Positive, Field(description="1 in the price year of the study")]
    source: Text
    evidence: Evidence


class Party(Row):
    """Who gains or pays."""

    id: Country
    name: Text
    role: Text
    areas: Annotated[Names, Field(description="trade areas it stands for, blank for none")] = ()
    color: Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]
    source: Text


class Kind(StrEnum):
    """What sort of statement a claim is."""

    SYSTEM = "system"
    PROJECT = "project"
    INSTITUTION = "institution"
    ACTOR = "actor"
    EVENT = "event"
    CLAIM = "claim"
    CAUSAL = "causal"
    NOTE = "note"


class Comparator(StrEnum):
    """How an indicator supports a claim."""

    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="
    EQUAL = "=="


class Claim(Row):
    """A statement, in our words, and the indicator and rule that support or contradict it."""

    id: Annotated[str, Field(pattern="^[YAECK][0-9]+[a-z]?$")]
    kind: Kind
    paragraph: Annotated[str, Field(description="paragraph of the text, - where it is not in one")]
    statement: Annotated[Text, Field(description="paraphrase in our own words")]
    indicator: Annotated[str, Field(description="indicator that tests it, blank where not tested")] = ""
    scenarios: Annotated[Names, Field(description="scenario, or before and after")] = ()
    comparator: Annotated[Comparator | None, BeforeValidator(_blank)] = None
    threshold: OptionalFloat = None
    reason: Annotated[str, Field(description="why this rule, or why it is not tested")]
    headline: bool = False
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _whole(self) -> Claim:
        rule = (self.comparator is not None, self.threshold is not None)
        given = {bool(self.indicator), bool(self.scenarios), *rule}
        if len(given) > 1:
            raise ValueError("a tested claim needs indicator, scenarios, comparator and threshold together")
        return self


class Use(StrEnum):
    """What a known answer is good for."""

    CHECK = "check"  # nothing in the study was set by it
    CALIBRATION = "calibration"  # a table of the study was set by it, so agreement proves arithmetic only
    INPUT = "input"  # the figure itself is an input table
    ENGINE = "engine"  # a formula of the package, no data of the study


class KnownAnswer(Row):
    """A published value the model is held against."""

    id: Annotated[str, Field(pattern="^K[0-9]+[a-z]?$")]
    what: Text
    indicator: Annotated[str, Field(description="indicator to compare, blank where none is planned")] = ""
    unit: Text
    published_low: float
    published_high: float
    tolerance_pct: Annotated[OptionalNonNegative, Field(description="allowed outside the range, %")] = None
    tolerance_abs: Annotated[OptionalNonNegative, Field(description="the same, in the unit")] = None
    tariff_set: Annotated[str, Field(description="tariff set to price with, blank if no money is in it")] = ""
    price_year: OptionalYear = None
    use: Use
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> KnownAnswer:
        if self.published_low > self.published_high:
            raise ValueError("published_low is above published_high")
        if self.tolerance_pct is None and self.tolerance_abs is None:
            raise ValueError("give tolerance_pct or tolerance_abs")
        return self

    def holds(self, value: float) -> bool:
        """Whether a model value lies in the published range, widened by the tolerance."""
        pct, absolute = self.tolerance_pct or 0.0, self.tolerance_abs or 0.0
        below = self.published_low - abs(self.published_low) * pct / 100 - absolute
        above = self.published_high + abs(self.published_high) * pct / 100 + absolute
        return below <= value <= above


class TradeSeries(Row):
    """Trade over the years, for claims about growth; never used by the model of the base year."""

    exporter: Country
    importer: Country
    cargo: Annotated[str, Field(description="id of cargo.csv, 'gas', 'fuels' (HS 27), 'total' one way, or 'two-way'")]
    year: Year
    value_musd: Annotated[NonNegative, Field(description="million USD of the year")]
    source: Text
    evidence: Evidence
    note: str = ""


class ObservedVolume(Row):
    """Counted traffic at crossings or ports, to hold the computed flows against."""

    what: Text
    targets: Annotated[Names, Field(description="crossings or terminals that carry it together, blank for a line")] = ()
    cargo: Annotated[str, Field(description="id of cargo.csv, * for all")]
    year: Year
    value: NonNegative
    unit: Annotated[str, Field(pattern="^(kt|TEU|%)$", description="kt or TEU a year, or %")]
    scope: Annotated[Text, Field(description="what is counted in it")]
    source: Text
    evidence: Evidence
    note: str = ""


TABLES: tuple[Table, ...] = (
    Table("zones.csv", Zone, True, "where cargo starts and ends", ("id",)),
    Table("cargo.csv", Cargo, True, "commodity groups", ("id",)),
    Table("trade.csv", Trade, True, "trade by country pair and cargo",
          ("exporter", "importer", "cargo", "via")),
    Table("zone_shares.csv", ZoneShare, True, "split of an area's trade to its zones",
          ("area", "partner", "cargo", "direction", "zone")),
    Table("modes.csv", ModeSpeed, True, "speed and access time by mode", ("mode", "country", "form")),
    Table("tariffs.csv", Tariff, True, "charges by mode and tariff set",
          ("tariff_set", "mode", "country", "form")),
    Table("cost_parameters.csv", CostParameter, True, "cost figures as published", ("id",)),
    Table("deflators.csv", Deflator, False, "price level by year", ("year",)),
    Table("parties.csv", Party, True, "who gains or pays", ("id",)),
    Table("trade_series.csv", TradeSeries, False, "trade over the years",
          ("exporter", "importer", "cargo", "year")),
    Table("observed_volumes.csv", ObservedVolume, False, "counted traffic by crossing and port", ("what", "year")),
    Table("claims.csv", Claim, False, "statements to be tested", ("id",)),
    Table("known_answers.csv", KnownAnswer, False, "published values to be met", ("id",)),
)
