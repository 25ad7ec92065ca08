"""Row models of the network tables: crossings, special links, terminals, gauges, line conditions, borders, states."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from landbridge.errors import Fault
from landbridge.tables import (
    Country,
    Evidence,
    Latitude,
    Longitude,
    Names,
    NonNegative,
    OptionalNonNegative,
    Positive,
    Row,
    Table,
    Text,
)

OptionalEvidence = Annotated[Evidence | None, BeforeValidator(lambda v: None if v in {"", "-"} else v)]
OptionalShare = Annotated[float | None, Field(ge=0, le=1), BeforeValidator(lambda v: None if v == "" else v)]
OptionalPositive = Annotated[float | None, Field(gt=0), BeforeValidator(lambda v: None if v == "" else v)]


def _gauges(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not value.isdigit() or not 500 <= int(value) <= 2000:
            raise ValueError(f"gauge '{value}' is not a width in mm between 500 and 2000")
    return values


def _points(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        lat, _, lon = value.partition(" ")
        try:
            good = -90 <= float(lat) <= 90 and -180 <= float(lon) <= 180
        except ValueError:
            good = False
        if not good:
            raise ValueError(f"'{value}' is not a latitude and a longitude in degrees")
    return values


def _modes(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        gauge = value.removeprefix("rail")
        if value not in {"sea", "road", "rail", "barge"} and not (value != gauge and gauge.isdigit()):
            raise ValueError(f"'{value}' is not sea, road, barge, rail or rail with its gauge (rail1520)")
    return values


Gauges = Annotated[Names, AfterValidator(_gauges)]
Points = Annotated[Names, AfterValidator(_points), Field(description="points on the way, 'lat lon; lat lon'")]
Modes = Annotated[Names, AfterValidator(_modes), Field(min_length=1)]


class LinkMode(StrEnum):
    """Mode of a link of a study table."""

    RAIL = "rail"
    ROAD = "road"
    SEA = "sea"


class LinkKind(StrEnum):
    """What a row of links.csv does to the graph."""

    NEW = "new"  # adds a link
    RESCALE = "rescale"  # the way between its ends has this freight length (the graph took a high-speed line)
    PATCH = "patch"  # names the way between its ends, with its speed and gauges; the length stays


class TerminalType(StrEnum):
    """What a terminal is."""

    PORT = "port"
    DRY_PORT = "dry_port"
    GAUGE_CHANGE = "gauge_change"


class PhysicalState(StrEnum):
    """State of a crossing, link or terminal on the ground. Unknown is never open."""

    OPEN = "open"
    RESTRICTED = "restricted"  # some cargo, some days, or far below its capacity
    CLOSED = "closed"
    PLANNED = "planned"  # proposed or under construction: nothing to pass on yet
    DESTROYED = "destroyed"
    UNKNOWN = "unknown"

    @property
    def passable(self) -> bool | None:
        """Whether cargo can pass; None where it is not known."""
        if self is PhysicalState.UNKNOWN:
            return None
        return self in {PhysicalState.OPEN, PhysicalState.RESTRICTED}


class Dwell(Row):
    """Hours at a border or terminal."""

    dwell_h_low: NonNegative
    dwell_h_central: Annotated[NonNegative, Field(description="hours from arrival to departure, all controls")]
    dwell_h_high: NonNegative

    @model_validator(mode="after")
    def _dwell_in_order(self) -> Dwell:
        _in_order("dwell_h", self.dwell_h_low, self.dwell_h_central, self.dwell_h_high)
        return self


class Crossing(Dwell):
    """A border-crossing point of one mode between two countries."""

    id: Text
    name: Text
    country_a: Country
    country_b: Country
    mode: LinkMode
    lat_deg: Latitude
    lon_deg: Longitude
    snap_km: Annotated[OptionalNonNegative, Field(description="reach of its own, where the graph draws a long road "
                                                  "as one straight line; blank for crossing_snap_km")] = None
    gauge_a_mm: Annotated[Gauges, Field(description="track gauges on the side of country_a")] = ()
    gauge_b_mm: Annotated[Gauges, Field(description="track gauges on the side of country_b")] = ()
    regime: Annotated[Text, Field(description="who may use it: international, bilateral, closed...")]
    fee_usd: Annotated[NonNegative, Field(description="charges per truck, or per 40-foot box or wagon by rail")]
    capacity: Annotated[OptionalNonNegative, Field(description="what can pass, in capacity_unit")] = None
    capacity_unit: str = ""
    source: Text
    evidence: Annotated[Evidence, Field(description="the weaker mark of state and capacity")]
    ev_source_seen: OptionalEvidence = None
    ev_state: OptionalEvidence = None
    ev_capacity: OptionalEvidence = None
    ev_coord: OptionalEvidence = None
    ev_dwell: OptionalEvidence = None
    ev_fee: OptionalEvidence = None
    coord_independent: Annotated[str, Field(description="yes: coordinate from a source; weak; no: from the graph")] = ""
    note: str = ""

    @model_validator(mode="after")
    def _two_countries(self) -> Crossing:
        if self.country_a == self.country_b:
            raise ValueError("country_a and country_b are the same")
        if self.mode is LinkMode.SEA:
            raise ValueError("a crossing is by rail or road; ports are terminals")
        if self.mode is LinkMode.RAIL and not (self.gauge_a_mm and self.gauge_b_mm):
            raise ValueError("a rail crossing needs gauge_a_mm and gauge_b_mm")
        return self


class Gauge(Row):
    """The track gauge of a country's railway. A line with a second gauge is a row of links.csv."""

    country: Country
    gauge_mm: Annotated[int, Field(ge=500, le=2000)]
    electrification: str = ""
    electrified_share: OptionalShare = None
    axle_load_t: str = ""
    source: Text
    evidence: Evidence
    ev_gauge: OptionalEvidence = None
    ev_electrification: OptionalEvidence = None
    ev_axle: OptionalEvidence = None
    note: str = ""


class Speed(Row):
    """Speed on a line."""

    speed_km_h_low: Positive
    speed_km_h_central: Annotated[Positive, Field(description="average of freight on the line, stops included")]
    speed_km_h_high: Positive

    @model_validator(mode="after")
    def _speed_in_order(self) -> Speed:
        _in_order("speed_km_h", self.speed_km_h_low, self.speed_km_h_central, self.speed_km_h_high)
        return self


class Link(Row):
    """A special link: planned or missing in the graph, or a line with its own freight length, gauge or speed."""

    id: Text
    name: Text
    kind: LinkKind
    mode: LinkMode
    from_name: Text
    from_country: Country
    from_lat_deg: Latitude
    from_lon_deg: Longitude
    to_name: Text
    to_country: Country
    to_lat_deg: Latitude
    to_lon_deg: Longitude
    via: Points = ()
    length_km: Positive
    gauge_mm: Annotated[Gauges, Field(description="track gauges of the line")] = ()
    dual_in: Annotated[Names, Field(description="countries where the line has all its gauges")] = ()
    speed_km_h_low: OptionalPositive = None
    speed_km_h_central: Annotated[OptionalPositive, Field(description="average of freight on the line, stops included; "
                                                          "blank for the default of mode and country")] = None
    speed_km_h_high: OptionalPositive = None
    capacity: OptionalNonNegative = None
    capacity_unit: str = ""
    tracks: str = ""
    capex_musd_low: OptionalNonNegative = None
    capex_musd_central: Annotated[OptionalNonNegative, Field(description="cost of building or renewal")] = None
    capex_musd_high: OptionalNonNegative = None
    price_years: str = ""
    source: Text
    evidence: Annotated[Evidence, Field(description="the weaker mark of source and length")]
    ev_source_seen: OptionalEvidence = None
    ev_length: OptionalEvidence = None
    ev_speed: OptionalEvidence = None
    ev_capacity: OptionalEvidence = None
    ev_capex: OptionalEvidence = None
    note: str = ""

    @model_validator(mode="after")
    def _speeds(self) -> Link:
        speeds = [s for s in (self.speed_km_h_low, self.speed_km_h_central, self.speed_km_h_high) if s is not None]
        if len(speeds) not in {0, 3}:
            raise ValueError("give all three speeds or none")
        if speeds:
            _in_order("speed_km_h", *speeds)
        return self

    @property
    def speeds(self) -> tuple[float, float, float] | None:
        """Low, central and high speed in km/h; None where the default of mode and country holds."""
        if self.speed_km_h_low is None or self.speed_km_h_central is None or self.speed_km_h_high is None:
            return None
        return self.speed_km_h_low, self.speed_km_h_central, self.speed_km_h_high


class Terminal(Row):
    """Where cargo changes mode or gauge: port, dry port, transhipment yard."""

    id: Text
    name: Text
    country: Country
    type: TerminalType
    lat_deg: Latitude
    lon_deg: Longitude
    modes: Annotated[Modes, Field(description="sea, road, rail1435, rail1520...")]
    handling_h_low: NonNegative
    handling_h_central: Annotated[NonNegative, Field(description="hours for a change of mode or gauge, with waiting")]
    handling_h_high: NonNegative
    handling_usd_per_t: NonNegative
    handling_usd_per_teu: OptionalNonNegative = None
    capacity: OptionalNonNegative = None
    capacity_unit: str = ""
    source: Text
    evidence: Annotated[Evidence, Field(description="mark of the capacity")]
    ev_source_seen: OptionalEvidence = None
    ev_coord: OptionalEvidence = None
    ev_handling_h: OptionalEvidence = None
    ev_capacity: OptionalEvidence = None
    ev_cost: OptionalEvidence = None
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> Terminal:
        _in_order("handling_h", self.handling_h_low, self.handling_h_central, self.handling_h_high)
        return self


class LineCondition(Speed):
    """State and speed of a line of one country; without places it holds for the country's whole network of the mode."""

    id: Text
    corridor: str = ""
    mode: LinkMode
    country: Country
    section: Text
    from_name: str = ""
    from_lat_deg: Annotated[Latitude | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    from_lon_deg: Annotated[Longitude | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    to_name: str = ""
    to_lat_deg: Annotated[Latitude | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    to_lon_deg: Annotated[Longitude | None, BeforeValidator(lambda v: None if v == "" else v)] = None
    via: Points = ()
    length_km: Annotated[Positive, Field(description="published length; the graph keeps its own")]
    condition: str = ""
    load_limit: str = ""
    iri: str = ""
    survey: Annotated[str, Field(description="when it was looked at")] = ""
    source: Text
    evidence: Annotated[Evidence, Field(description="the weakest mark of length, speed and source")]
    ev_source_seen: OptionalEvidence = None
    ev_length: OptionalEvidence = None
    ev_speed: OptionalEvidence = None
    note: str = ""

    @property
    def whole_network(self) -> bool:
        """Whether it holds for the whole network of the country."""
        return self.from_lat_deg is None

    @model_validator(mode="after")
    def _both_ends(self) -> LineCondition:
        places = (self.from_lat_deg, self.from_lon_deg, self.to_lat_deg, self.to_lon_deg)
        if any(p is None for p in places) != all(p is None for p in places):
            raise ValueError("give both ends with latitude and longitude, or none for the whole network")
        return self


class OpenBorder(Dwell):
    """A pair of countries between which freight passes on any line; each such link gets a border of its own."""

    id: Text
    country_a: Country
    country_b: Country
    modes: Annotated[Modes, Field(description="rail; road")]
    regime: Text
    fee_usd: Annotated[NonNegative, Field(description="charges per truck, or per 40-foot box or wagon by rail")]
    source: Text
    evidence: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _two_countries(self) -> OpenBorder:
        if self.country_a == self.country_b:
            raise ValueError("country_a and country_b are the same")
        return self


class Passage(Dwell):
    """A strait or canal of the sea network that may be shut."""

    id: Annotated[Text, Field(description="tag of the sea links: suez, malacca, northwest...")]
    name: Text
    charge_usd_per_t: NonNegative = 0.0
    charge_usd_per_teu: NonNegative = 0.0
    source: Text
    evidence: Evidence
    note: str = ""


class DatedState(Row):
    """From a date on, and as far as was known from another date on, an object is in a state; the newest row holds."""

    object: Annotated[Text, Field(description="id of a crossing, link, terminal, open border or passage")]
    from_date: date
    known_from: Annotated[date, Field(description="when this could be known; a row is not used before it")]
    state: PhysicalState
    text: Annotated[Text, Field(description="what happened, in our own words")]
    source: Text
    evidence: Evidence


TABLES: tuple[Table, ...] = (
    Table("crossings.csv", Crossing, True, "border-crossing points", ("id",)),
    Table("gauges.csv", Gauge, True, "track gauge of each country", ("country",)),
    Table("links.csv", Link, False, "special links: new, rescaled or named lines", ("id",)),
    Table("terminals.csv", Terminal, False, "ports, dry ports, gauge-change yards", ("id",)),
    Table("line_conditions.csv", LineCondition, False, "condition and speed of lines", ("id",)),
    Table("open_borders.csv", OpenBorder, False, "pairs of countries crossed on any line", ("id",)),
    Table("passages.csv", Passage, False, "straits and canals", ("id",)),
    Table("states.csv", DatedState, False, "dated states of crossings, links, terminals, borders, passages",
          ("object", "from_date", "known_from")),
)


def check(rows: Mapping[type[Row], tuple[Row, ...]]) -> list[Fault]:
    """Faults for ids used by two tables, and for states of objects that no table declares."""
    faults: list[Fault] = []
    declared: dict[str, str] = {}
    for model in (Crossing, Link, Terminal, OpenBorder, Passage):
        file = next(t.file for t in TABLES if t.model is model)
        for row in rows.get(model, ()):
            name = str(getattr(row, "id"))  # noqa: B009 - Row itself has no id
            if declared.setdefault(name, file) != file:
                faults.append(Fault(file, f"id {name}", f"also an id of {declared[name]}", "one meaning for one id",
                                    "rename one of them"))
    for number, row in enumerate(rows.get(DatedState, ()), start=2):
        if isinstance(row, DatedState) and row.object not in declared:
            faults.append(Fault("states.csv", f"row {number}, column object", f"'{row.object}' is not declared",
                                "an id of crossings, links, terminals, open_borders or passages",
                                "add the object or correct the name"))
    return faults


def _in_order(what: str, low: float, central: float, high: float) -> None:
    if not low <= central <= high:
        raise ValueError(f"{what}: low {low}, central {central}, high {high} are not in order")
