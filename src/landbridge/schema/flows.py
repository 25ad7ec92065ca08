"""Row models of the flows tables: choice parameters, nests, what capacity units mean, emissions, observed flows."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, cast

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from landbridge.errors import Fault
from landbridge.schema.conditions import HsScope
from landbridge.schema.demand import Cargo, Carrier, CostParameter
from landbridge.schema.names import Rows, dangling, in_order
from landbridge.schema.network import Crossing, Link, Passage, Terminal
from landbridge.tables import Country, Evidence, Names, NonNegative, Positive, Row, Table, Text

CARRIERS = frozenset(c.value for c in Carrier)


def _modes(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if value not in CARRIERS:
            raise ValueError(f"'{value}' is not a mode: rail, road or sea")
    return values


class ChoiceName(StrEnum):
    """Parameters of the choice between ways and of the queues."""

    SCALE = "scale"  # per unit of ln(generalised cost)
    PATH_SIZE = "path_size_weight"
    SCALE_SPREAD = "scale_prior_spread"
    CONSTANT_SPREAD = "constant_prior_spread"
    REFERENCE = "reference_utilisation"  # at which the dwell times of the study were seen
    PERIOD = "queue_period_h"
    RANDOMNESS = "queue_randomness"
    GIVE_UP = "give_up_usd_per_t"
    WAITING = "waiting_usd_per_t_h"  # truck, wagon, crew standing in the queue, beside the time value of the cargo


class Choice(Row):
    """A parameter of the choice, or of the queue at a full crossing."""

    parameter: ChoiceName
    low: NonNegative
    central: NonNegative
    high: NonNegative
    unit: Text
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> Choice:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"low {self.low}, central {self.central}, high {self.high} are not in order")
        return self


class Nest(Row):
    """A chain is the best way without some modes or some places; chains of one nest are close substitutes."""

    chain: Text
    without: Annotated[Names, AfterValidator(_modes), Field(description="modes the chain may not use")] = ()
    closing: Annotated[Names, Field(description="crossings, links or terminals it may not use")] = ()
    nest: Text
    dissimilarity: Annotated[float,
                             Field(gt=0, le=1,
                                   description="1: no closer than any other; near 0: the same way")]
    source: Text
    evidence: Evidence


class CapacityUnit(Row):
    """What one unit of capacity carries, and how long the gate is open; for crossings, links and terminals."""

    unit: Text
    mode: Annotated[Text, Field(pattern="^(rail|road|terminal)$")]
    t_per_year_low: NonNegative
    t_per_year_central: Annotated[NonNegative, Field(description="tonnes a year of one unit of capacity")]
    t_per_year_high: NonNegative
    unit_t: Annotated[Positive,
                      Field(description="tonnes served at once: a train, a truck, a block of boxes")]
    open_h: Annotated[float, Field(gt=0, le=24, description="hours a day")]
    how: Annotated[Text, Field(description="the arithmetic")]
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> CapacityUnit:
        if not self.t_per_year_low <= self.t_per_year_central <= self.t_per_year_high:
            raise ValueError("t_per_year: low, central, high are not in order")
        return self


class Emission(Row):
    """Which figure of cost_parameters.csv counts as the emission of a mode, and what it includes."""

    mode: Carrier
    parameter: Annotated[Text, Field(description="id of cost_parameters.csv, in g CO2e per tonne-km")]
    scope: Annotated[Text, Field(description="what is counted")]
    source: Text
    evidence: Evidence


class ObservedKind(StrEnum):
    """What was observed."""

    SHARE = "share"  # of the tonnes of the selection
    VALUE_SHARE = "share_of_value"
    TONNES = "kt"


class ObservedUse(StrEnum):
    """Whether the figure sets a parameter or only checks it."""

    CALIBRATION = "calibration"
    CHECK = "check"


class ObservedFlow(Row):
    """A published flow or share that the model is held against."""

    id: Text
    what: Text
    kind: ObservedKind
    exporters: Annotated[tuple[Country, ...], BeforeValidator(lambda v: _listed(v))] = ()
    importers: Annotated[tuple[Country, ...], BeforeValidator(lambda v: _listed(v))] = ()
    both_ways: bool = False
    cargoes: Names = ()
    through: Annotated[Names,
                       Field(description="crossings, links or terminals, one of which the way uses")] = ()
    with_mode: Annotated[str,
                         Field(pattern="^(|rail|road|sea)$",
                               description="mode that carries most of the way")] = ""
    low: NonNegative
    central: NonNegative
    high: NonNegative
    year: Annotated[int, Field(ge=1900, le=2100)]
    use: ObservedUse
    source: Text
    evidence: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> ObservedFlow:
        if not self.low <= self.central <= self.high:
            raise ValueError(f"low {self.low}, central {self.central}, high {self.high} are not in order")
        if self.kind is not ObservedKind.TONNES and self.high > 1:
            raise ValueError("a share is between 0 and 1")
        if not self.through and not self.with_mode:
            raise ValueError("give through or with_mode: which part of the flow was observed")
        return self


class HsShare(Row):
    """Which part of a cargo's tonnes between two countries falls under some HS codes: a cap may name only these."""

    exporter: Annotated[str, Field(description="ISO-3 code; blank for any that has no row of its own")] = ""
    importer: Annotated[str, Field(description="ISO-3 code; blank for any that has no row of its own")] = ""
    cargo: Text
    hs: Annotated[HsScope, Field(min_length=1, description="HS codes; rows of one pair and cargo do not overlap")]
    share_low: Annotated[float, Field(ge=0, le=1)]
    share_central: Annotated[float, Field(ge=0, le=1, description="of the tonnes by road, rail and sea")]
    share_high: Annotated[float, Field(ge=0, le=1)]
    year: Annotated[int, Field(ge=1900, le=2100)]
    source: Text
    evidence: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> HsShare:
        in_order(self, "share")
        return self


class Market(Row):
    """A part of the trade that is reported by itself: between some countries and others, both ways."""

    market: Text
    one: Names = ()
    other: Annotated[Names, Field(description="ISO-3 codes; blank: any country")] = ()


class Gateway(Row):
    """Crossings, terminals or passages whose load is reported together."""

    gateway: Text
    objects: Annotated[Names, Field(min_length=1, description="ids of crossings, links, terminals or passages.csv")]


def _listed(value: object) -> object:
    return tuple(p.strip() for p in value.split(";") if p.strip()) if isinstance(value, str) else value


TABLES: tuple[Table, ...] = (
    Table("choice.csv", Choice, False, "choice between ways, queues", ("parameter",)),
    Table("nests.csv", Nest, False, "chains of modes and their nests", ("chain",)),
    Table("capacity_units.csv", CapacityUnit, False, "what capacity units carry", ("unit", "mode")),
    Table("co2.csv", Emission, False, "emissions by mode", ("mode",)),
    Table("hs_shares.csv", HsShare, False, "part of a cargo that falls under some HS codes",
          ("exporter", "importer", "cargo", "hs")),
    Table("markets.csv", Market, False, "parts of the trade reported by themselves", ("market",)),
    Table("gateways.csv", Gateway, False, "gateways whose load is reported", ("gateway",)),
    Table("observed_flows.csv", ObservedFlow, False, "published flows and shares", ("id",)),
)


def check(rows: Rows) -> Iterator[Fault]:
    """Faults for names of the flows tables that no other table declares."""
    parameters = {p.id for p in cast("tuple[CostParameter, ...]", rows.get(CostParameter, ()))}
    for row in cast("tuple[Emission, ...]", rows.get(Emission, ())):
        if row.parameter not in parameters:
            yield Fault("co2.csv", f"mode {row.mode.value}, column parameter",
                        f"'{row.parameter}' is not declared",
                        "an id of cost_parameters.csv", "add it there or correct the name")
    cargoes = {c.id for c in cast("tuple[Cargo, ...]", rows.get(Cargo, ()))}
    objects = {o.id for model in (Crossing, Link, Terminal)
               for o in cast("tuple[Crossing, ...]", rows.get(model, ()))}
    passages = {p.id for p in cast("tuple[Passage, ...]", rows.get(Passage, ()))}
    parts = cast("tuple[HsShare, ...]", rows.get(HsShare, ()))
    yield from dangling("hs_shares.csv", "cargo", [p.cargo for p in parts], sorted(cargoes), "cargo.csv")
    for chain in cast("tuple[Nest, ...]", rows.get(Nest, ())):
        for name in chain.closing:
            if name not in objects:
                yield Fault("nests.csv", f"chain {chain.chain}, column closing", f"'{name}' is not declared",
                            "an id of crossings, links or terminals.csv", "add it there or correct the name")
    for gateway in cast("tuple[Gateway, ...]", rows.get(Gateway, ())):
        for name in gateway.objects:
            if name not in passages | objects:
                yield Fault("gateways.csv", f"gateway {gateway.gateway}, column objects", f"'{name}' is not declared",
                            "an id of crossings, links, terminals or passages.csv", "add it there or correct the name")
    for seen in cast("tuple[ObservedFlow, ...]", rows.get(ObservedFlow, ())):
        for column, names, known, file in (("cargoes", seen.cargoes, cargoes, "cargo.csv"),
                                           ("through", seen.through, objects,
                                            "crossings, links or terminals.csv")):
            for name in names:
                if name not in known:
                    yield Fault("observed_flows.csv", f"id {seen.id}, column {column}",
                                f"'{name}' is not declared",
                                f"an id of {file}", "add it there or correct the name")


