"""Row models of the gas tables: routes and profiles, pipes, upstream, outlets, terminals, demand, prices, law."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, TypeVar, cast

from pydantic import Field, model_validator

from landbridge.errors import Fault
from landbridge.schema.conditions import Gate
from landbridge.schema.names import Rows, dangling
from landbridge.schema.words import Activity
from landbridge.tables import (
    Country,
    Evidence,
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

R = TypeVar("R", bound=Row)
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", description="lower-case name")]
Year = Annotated[int, Field(ge=1950, le=2100)]


class RouteKind(StrEnum):
    """How a route goes."""

    LAND = "land"
    SUBSEA = "subsea"
    MIXED = "mixed"


class Terrain(StrEnum):
    """Where a section lies."""

    LAND = "land"
    SEA = "sea"


class Sourced(Row):
    """Where a row comes from, of what year, how well known."""

    source: Text
    year: Year
    evidence: Evidence


class GasRoute(Sourced):
    """A way for the pipeline: its pipe, pressures, volume, the transit country with its fee, and its gates."""

    id: Id
    name: Text
    kind: RouteKind
    pipe: Id
    sea_pipe: Annotated[str, Field(description="pipe of the sections at sea, blank if none")] = ""
    volume_bcm_per_year: Annotated[Positive, Field(description="volume the economics are counted for")]
    inlet_bar: Positive
    max_pressure_bar: Annotated[Positive, Field(description="highest pressure the pipe may have")]
    delivery_bar: Positive
    transit_country: Annotated[str, Field(description="ISO-3, blank if none")] = ""
    fee_usd_per_kcm_100km: NonNegative = 0.0
    gates: Annotated[Names, Field(description="ids of gates.csv; the route needs all of them open")] = ()


class GasSection(Sourced):
    """A section of a route in one country."""

    route: Id
    seq: Annotated[int, Field(ge=1)]
    from_place: Text
    to_place: Text
    country: Country
    km: Positive
    terrain: Terrain


class GasElevation(Sourced):
    """A point of the elevation profile of a route; `border` names the two countries where one is crossed."""

    route: Id
    km: NonNegative
    elevation_m: Annotated[float, Field(ge=-12000, le=9000)]
    place: Text
    border: Annotated[str, Field(pattern="^([A-Z]{3}-[A-Z]{3})?$")] = ""


class GasPipe(Sourced):
    """A pipe on offer: inner diameter, roughness, cost per km."""

    id: Id
    name: Text
    inner_diameter_m: Annotated[float, Field(gt=0, le=3)]
    roughness_mm: Annotated[float, Field(gt=0, le=5)]
    terrain: Terrain
    capex_musd_per_km_low: Positive
    capex_musd_per_km_central: Positive
    capex_musd_per_km_high: Positive

    @model_validator(mode="after")
    def _ordered(self) -> GasPipe:
        if not self.capex_musd_per_km_low <= self.capex_musd_per_km_central <= self.capex_musd_per_km_high:
            raise ValueError("low, central and high cost are not in order")
        return self


class GasUpstream(Sourced):
    """A stage of the line that brings the gas to the start: what it carries and what of it is spoken for."""

    id: Id
    name: Text
    capacity_bcm_per_year: Positive
    capacity_high_bcm_per_year: Positive
    stations: OptionalNonNegative = None
    installed_mw: OptionalNonNegative = None
    length_km: Positive
    capex_musd: OptionalNonNegative = None
    committed_bcm_per_year: NonNegative
    in_place: bool
    note: str = ""


class GasOutlet(Sourced):
    """Another outlet for Russian gas of the east."""

    id: Id
    name: Text
    capacity_bcm_per_year: Positive
    price_usd_per_kcm: OptionalFloat = None
    price_year: OptionalFloat = None
    start_year: OptionalFloat = None
    note: str = ""


class OutletPrice(Row):
    """What China paid for Russian pipeline gas in a year."""

    year: Year
    usd_per_kcm: Positive
    what: Text
    source: Text
    evidence: Evidence


class LngTerminal(Sourced):
    """An LNG terminal: yearly capacity, tanks, and gates that shut it."""

    id: Id
    name: Text
    capacity_bcm_per_year: Positive
    storage_kl: NonNegative
    start_year: Year
    gates: Names = ()
    note: str = ""


class GasDemand(Row):
    """LNG imports of a year, million tonnes."""

    year: Year
    lng_import_mt: Positive
    source: Text
    evidence: Evidence


class GasMonth(Sourced):
    """Share of a month in the year's demand."""

    month: Annotated[int, Field(ge=1, le=12)]
    share: Share


class LngPrice(Row):
    """LNG price of a year, USD per MMBtu delivered."""

    series: Text
    year: Year
    usd_per_mmbtu: Positive
    what: Text
    source: Text
    evidence: Evidence


class GasParameter(Sourced):
    """A number of the gas study with its range."""

    id: Id
    what: Text
    unit: Text
    low: float
    central: float
    high: float

    @model_validator(mode="after")
    def _ordered(self) -> GasParameter:
        if not self.low <= self.central <= self.high:
            raise ValueError("low, central and high are not in order")
        return self


class GasZ(Sourced):
    """Compressibility of the study's gas at a pressure, at the temperature of the ground."""

    pressure_bar: Positive
    temperature_k: Positive
    z: Positive
    molar_mass_g_per_mol: Positive
    base_z: Positive


class GasCutOff(Sourced):
    """How often and how long a transit is cut, and what replaces it."""

    id: Id
    name: Text
    rate_per_year: Positive
    mean_months: Positive
    spare_bcm_per_year: NonNegative
    buffer_bcm: NonNegative


class GasPublished(Sourced):
    """A published figure about the pipeline, with what it says of volume, fee and length."""

    id: Id
    what: Text
    value: Positive
    unit: Text
    volume_bcm_per_year: OptionalFloat = None
    fee_usd_per_kcm_100km: OptionalFloat = None
    length_km: OptionalFloat = None


class GasLawQuestion(Row):
    """A question put to the law about the pipeline; `way` as in `landbridge verdict`."""

    id: Id
    question: Text
    hs: Annotated[str, Field(pattern=r"^\d{2,10}$")]
    origin: Country
    destination: Country
    way: str = ""
    activity: Activity
    note: str = ""


PARAMETERS = (
    "discount_rate", "life_years", "opex_share", "compressor_usd_per_kw", "station_fixed_musd",
    "installed_over_running",
    "velocity_limit_m_per_s", "min_suction_bar", "max_ratio", "mmbtu_per_kcm", "mmbtu_per_t", "lng_usd_per_mmbtu",
    "regas_usd_per_mmbtu", "inlet_price_usd_per_kcm", "peak_day_over_mean", "peak_factor_terminal", "voll_usd_per_kcm",
    "spot_premium", "contract_share", "take_or_pay", "demand_year_mt", "tanks_m3_per_kl", "tank_use", "arrival_bar",
    "contract_flexibility", "lng_spare_bcm_per_year", "production_usd_per_kcm",
)


def _needed(rows: Rows) -> list[Fault]:
    """Faults for what a study with gas routes may not leave out."""
    if not _of(rows, GasRoute):
        return []
    models = (GasSection, GasElevation, GasPipe, GasUpstream, LngTerminal, GasMonth, GasParameter, GasZ)
    files = {t.model: t.file for t in TABLES}
    faults = [Fault(files[m], "file", "missing", "a table, since gas/routes.csv is there", "add it or drop the routes")
              for m in models if not rows.get(m)]
    ids = {p.id for p in _of(rows, GasParameter)}
    faults += [Fault("gas/parameters.csv", "column id", f"no row {p}", ", ".join(PARAMETERS), f"add the row {p}")
               for p in PARAMETERS if ids and p not in ids]
    if _of(rows, GasUpstream) and not any(u.in_place for u in _of(rows, GasUpstream)):
        faults.append(Fault("gas/upstream.csv", "column in_place", "no stage is in place", "one at least",
                            "mark it"))
    return faults


def check(rows: Rows) -> list[Fault]:
    """Faults for names the gas tables use and no table declares, and for profiles that do not fit their sections."""
    faults = _needed(rows)
    if faults:
        return faults
    routes, gates = _of(rows, GasRoute), [g.id for g in _of(rows, Gate)]
    ids = [r.id for r in routes]
    faults += dangling("gas/routes.csv", "pipe", [r.pipe for r in routes], [p.id for p in _of(rows, GasPipe)],
                      "gas/pipes.csv")
    faults += dangling("gas/routes.csv", "sea_pipe", [r.sea_pipe for r in routes], [p.id for p in _of(rows, GasPipe)],
                       "gas/pipes.csv")
    if gates:
        for row in routes:
            faults += [f for g in row.gates for f in dangling("gas/routes.csv", "gates", [g], gates, "gates.csv")]
    sections, points = _of(rows, GasSection), _of(rows, GasElevation)
    faults += dangling("gas/sections.csv", "route", [s.route for s in sections], ids, "gas/routes.csv")
    faults += dangling("gas/elevation.csv", "route", [p.route for p in points], ids, "gas/routes.csv")
    for route in routes:
        length = sum(s.km for s in sections if s.route == route.id)
        km = [p.km for p in points if p.route == route.id]
        if not km or km != sorted(km) or km[0] != 0 or abs(km[-1] - length) > 0.5:
            faults.append(Fault("gas/elevation.csv", f"route {route.id}", f"km {km[:1]} to {km[-1:]}",
                                f"rising from 0 to {length:g}, the sum of its sections", "correct the km"))
    months = _of(rows, GasMonth)
    if months and abs(sum(m.share for m in months) - 1.0) > 1e-6:
        faults.append(Fault("gas/demand_months.csv", "column share", f"sum {sum(m.share for m in months):.4f}",
                            "12 shares that sum to 1", "correct the shares"))
    return faults


def _of(rows: Rows, model: type[R]) -> tuple[R, ...]:
    return cast("tuple[R, ...]", rows.get(model, ()))


TABLES: tuple[Table, ...] = (
    Table("gas/routes.csv", GasRoute, False, "ways for the gas pipeline", ("id",)),
    Table("gas/sections.csv", GasSection, False, "sections of the ways by country", ("route", "seq")),
    Table("gas/elevation.csv", GasElevation, False, "elevation and borders along the ways", ("route", "km")),
    Table("gas/pipes.csv", GasPipe, False, "pipes on offer with their cost", ("id",)),
    Table("gas/upstream.csv", GasUpstream, False, "stages of the line that brings the gas", ("id",)),
    Table("gas/outlets.csv", GasOutlet, False, "other outlets for the same gas", ("id",)),
    Table("gas/outlet_prices.csv", OutletPrice, False, "what China pays for Russian gas", ("year",)),
    Table("gas/terminals.csv", LngTerminal, False, "LNG terminals", ("id",)),
    Table("gas/demand.csv", GasDemand, False, "LNG imports by year", ("year",)),
    Table("gas/demand_months.csv", GasMonth, False, "shape of demand over the year", ("month",)),
    Table("gas/lng_prices.csv", LngPrice, False, "LNG prices by series and year", ("series", "year")),
    Table("gas/parameters.csv", GasParameter, False, "numbers of the gas study with ranges", ("id",)),
    Table("gas/z.csv", GasZ, False, "compressibility of the gas", ("pressure_bar",)),
    Table("gas/cutoffs.csv", GasCutOff, False, "how often and how long a transit is cut", ("id",)),
    Table("gas/published.csv", GasPublished, False, "published figures about the pipeline", ("id",)),
    Table("gas/law_questions.csv", GasLawQuestion, False, "questions to the law about the pipeline", ("id",)),
)
