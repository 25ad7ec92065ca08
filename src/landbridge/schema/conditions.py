"""Row models of the conditions tables: the dated law, the gates and who holds them, events, ways and scenarios.

Every row has two times: `valid_from`/`valid_to` in the world (half-open, blank end is open) and `known_from`, the day
from which one could know it. The words of measures are those of TARIC (measure, condition, legal base, validity).
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from landbridge.schema.names import in_order
from landbridge.schema.words import (
    Activity,
    Attribute,
    Basis,
    CapRule,
    CapScope,
    Direction,
    Effect,
    EventKind,
    GateKind,
    GoodsState,
    HolderKind,
    InstrumentKind,
    InstrumentStatus,
    ShipFact,
    State,
    Unstated,
)
from landbridge.tables import Country, Evidence, Names, OptionalDate, OptionalNonNegative, Positive, Row, Table, Text

HS_TOKEN = re.compile(r"ALL|NONE|list:[A-Za-z0-9_ -]+|\d{2,10}|\d{6,10}[A-Z]|\d{2}-\d{2}|\d{4}-\d{4}|\d{6}-\d{6}")


def _blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _hs_scope(tokens: tuple[str, ...]) -> tuple[str, ...]:
    for token in tokens:
        if not HS_TOKEN.fullmatch(token):
            raise ValueError(f"'{token}' is neither ALL, NONE, list:NAME, an HS code nor a range such as 72-83")
    if {"ALL", "NONE"} & set(tokens) and len(tokens) > 1:
        raise ValueError("ALL and NONE stand alone")
    return tokens


GateId = Annotated[str, Field(pattern=r"^G-[A-Z0-9-]+$")]
HsScope = Annotated[Names, AfterValidator(_hs_scope), Field(
    min_length=1, description="ALL goods, NONE (goods play no part), list:NAME filled in by each State, or HS codes; a "
    "code beyond six digits or with a letter is a named part of its heading")]
Day = date  # the name of a column of events.csv is `date`
OptionalInt = Annotated[int | None, Field(ge=0), BeforeValidator(_blank)]
Reliability = Annotated[str, Field(pattern="^[A-F][1-6]$", description="source A-F and content 1-6 (Admiralty code)")]


class Instrument(Row):
    """A legal act: who issued it, when, whom it binds."""

    id: Annotated[Text, Field(description="the citation, as printed beside a measure")]
    issuer: Annotated[Text, Field(description="UNSC, 1718, UNC, or the ISO-3 code of the State")]
    kind: InstrumentKind
    title: Text
    adopted: Annotated[date, Field(description="day of adoption, signature or notice")]
    in_force: date
    ends: OptionalDate = None
    binds: Annotated[Names, Field(min_length=1, description="ALL, ANY (reaches anyone) or ISO-3 codes")]
    status: InstrumentStatus
    known_from: date
    source: Text
    evidence: Evidence

    @property
    def is_un(self) -> bool:
        """Whether all UN members are bound and a Committee decision can lift it."""
        return self.issuer in {"UNSC", "1718"}


class Measure(Row):
    """One dated rule of an instrument, with its paragraph."""

    id: Text
    instrument: Text
    provision: Text
    effect: Effect
    activity: Activity
    direction: Direction
    territory: Annotated[Text, Field(description="ISO-3 code, or an area named by ways.csv such as MDL")]
    except_territory: str = ""
    addressee: Annotated[Text, Field(description="ALL (UN members), ANY (reaches anyone), or ISO-3 or group")]
    hs: HsScope
    hs_edition: Annotated[Text, Field(description="edition of the codes, - where there are none")]
    hs_basis: Basis
    goods: GoodsState = GoodsState.ANY
    origin_in: Annotated[Names, Field(description="applies only to goods originating here")] = ()
    origin_not: Annotated[Names, Field(description="applies only to goods not originating here")] = ()
    party_in: Annotated[Names, Field(description="a State that must take part (origin, destination or way)")] = ()
    exit_port: Annotated[str, Field(description="UN/LOCODE through which the goods must leave")] = ""
    ship: Annotated[ShipFact | None, BeforeValidator(_blank), Field(description="applies only to such a ship")] = None
    window_days: Annotated[OptionalInt, Field(description="how far back an earlier call counts")] = None
    quantity: OptionalNonNegative = None
    unit: str = ""
    quantity_alt: OptionalNonNegative = None
    unit_alt: str = ""
    cap_rule: Annotated[CapRule | None, BeforeValidator(_blank)] = None
    cap_scope: Annotated[CapScope | None, BeforeValidator(_blank)] = None
    period: str = ""
    valid_from: date
    valid_to: Annotated[OptionalDate, Field(description="first day it no longer holds")] = None
    known_from: date
    end_known_from: Annotated[OptionalDate, Field(description="day from which the end could be known")] = None
    winddown_to: Annotated[OptionalDate, Field(description="last day for what winds down")] = None
    winddown_contract_before: Annotated[OptionalDate, Field(
        description="only contracts older than this wind down; blank: whatever already runs")] = None
    contract_from: Annotated[OptionalDate, Field(description="spares contracts older than this")] = None
    contract_unstated: Annotated[Unstated, Field(description="what an unstated contract date means")] = Unstated.APPLIES
    overrides: Annotated[Names, Field(description="measures it lifts; UN for all of the United Nations")] = ()
    duty: Annotated[str, Field(description="what must be done for it to hold")] = ""
    waiver: Annotated[str, Field(description="whose case-by-case approval could lift it")] = ""
    text: Annotated[Text, Field(description="what it says, in our own words")]
    check: Annotated[Text, Field(description="what the second reader found")]
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _whole(self) -> Measure:
        if self.valid_to is not None and self.end_known_from is None:
            raise ValueError("an end needs end_known_from: the day from which it could be known")
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to is before valid_from")
        if self.effect is Effect.CAP and (self.cap_scope is None or not self.unit):
            raise ValueError("a cap needs cap_scope and unit (leave quantity blank where no figure is published)")
        if self.effect not in {Effect.PERMIT, Effect.EXEMPT} and self.overrides:
            raise ValueError("only permit and exempt may override")
        return self


class CapBalance(Row):
    """What is known of a cap's use in a period: a full cap is data, never a guess."""

    measure: Text
    period_from: date
    period_to: date
    used: OptionalNonNegative = None
    full: bool
    known_from: date
    source: Text
    evidence: Evidence


class MassUnit(Row):
    """What one unit of a cap weighs, for some goods: barrels of crude and of refined products differ."""

    unit: Annotated[Text, Field(description="as in the column unit of measures.csv")]
    hs: HsScope
    t_per_unit_low: Positive
    t_per_unit_central: Annotated[Positive, Field(description="tonnes of one unit")]
    t_per_unit_high: Positive
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> MassUnit:
        in_order(self, "t_per_unit")
        return self


class Holder(Row):
    """Who holds a key: a State, or a body whose members must agree."""

    id: Text
    title: Text
    kind: HolderKind
    members: Annotated[int, Field(ge=1, description="votes in the body, 1 for a State")]
    votes_needed: Annotated[int, Field(ge=1, description="votes for a decision")]
    veto: Annotated[Names, Field(description="States whose refusal is enough to stop a decision")]
    source: Text
    evidence: Evidence


class GroupMember(Row):
    """A State in a group that makes its own law, such as the European Union."""

    group: Country
    member: Country
    valid_from: date
    valid_to: OptionalDate = None
    source: Text


class Gate(Row):
    """A condition that opens or shuts links or cargo, and who holds the key.

    A legal gate's state follows from the measures bound to it; any other gate's from gate_states.csv and from
    events that set it.
    """

    id: GateId
    title: Text
    kind: GateKind
    holders: Annotated[Names, Field(min_length=1, description="all of them must agree; ids of holders.csv")]
    what: Text
    note: str = ""
    source: Text
    evidence: Evidence


class GateState(Row):
    """A state of a gate that no event of events.csv sets."""

    gate: GateId
    valid_from: date
    known_from: date
    state: State
    detail: Text
    source: Text
    evidence: Evidence


class GateBinding(Row):
    """What a gate governs: network objects, or measures that fall away while it stands open in a scenario."""

    gate: GateId
    objects: Annotated[Names, Field(description="crossings, links and terminals, by id")] = ()
    measures: Annotated[Names, Field(description="ids of measures.csv")] = ()
    hs: HsScope
    origin_in: Names = ()
    origin_not: Names = ()
    destination_in: Names = ()
    destination_not: Names = ()
    note: str = ""


class Event(Row):
    """A dated happening with actors and source; it may set a gate, or nothing. Event codes never set one."""

    id: Text
    date: Day
    date_end: OptionalDate = None
    known_from: Day
    actors: Annotated[Names, Field(description="ISO-3 plus role, such as RUSGOV")]
    plover_type: str = ""
    plover_mode: str = ""
    cameo: Annotated[str, Field(pattern=r"^\d{0,4}$", description="CAMEO code as text: leading zeros count")] = ""
    intensity: Annotated[float | None, BeforeValidator(_blank), Field(
        ge=-10, le=10, description="tone on the Goldstein scale, -10 to 10; not access")] = None
    text: Annotated[Text, Field(description="what happened, in our own words")]
    sets: Annotated[Names, Field(description="GATE=state, or blank")] = ()
    kind: EventKind
    reliability: Reliability
    article: Annotated[str, Field(description="id of the article's own event, blank for others")] = ""
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _sets(self) -> Event:
        allowed = {s.value for s in State}
        for item in self.sets:
            gate, _, state = item.partition("=")
            if not re.fullmatch(r"G-[A-Z0-9-]+", gate) or state not in allowed:
                raise ValueError(f"'{item}' is not GATE=state with a state of: {', '.join(sorted(allowed))}")
        if self.known_from < self.date:
            raise ValueError("known_from is before the event")
        return self

    @property
    def settings(self) -> tuple[tuple[str, State], ...]:
        """The gates it sets, with the state of each."""
        return tuple((g, State(s)) for g, _, s in (item.partition("=") for item in self.sets))


class Way(Row):
    """A named way for `--way`: the States it passes in order, and the objects it uses."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    aliases: Names = ()
    title: Text
    states: Annotated[Names, Field(min_length=1, description="ISO-3 in the order of the way")]
    territories: Annotated[Names, Field(description="areas with rules of their own, such as MDL; one that every way "
                                        "between two neighbouring States names lies on their border")] = ()
    objects: Names = ()
    exit_port: Annotated[str, Field(description="UN/LOCODE where it ends at the sea, blank for a land way")] = ""


class Port(Row):
    """A port by UN/LOCODE, and the terminal of the network it is."""

    locode: Annotated[str, Field(pattern="^[A-Z]{5}$")]
    country: Country
    name: Text
    terminal: str = ""
    source: Text
    evidence: Evidence


class ScenarioRow(Row):
    """One edit of a scenario; step 0 names it and the day on which the world is seen."""

    scenario: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    step: Annotated[int, Field(ge=0)]
    attribute: Attribute
    target: Annotated[str, Field(description="gate, network object or measure, blank for the base row")] = ""
    value: Annotated[str, Field(description="state word or number; for the base row the title")]
    from_date: Annotated[date, Field(description="day the edit takes effect; for the base row the day of the world")]
    note: str = ""
    source: Text
    evidence: Evidence

    @model_validator(mode="after")
    def _whole(self) -> ScenarioRow:
        if (self.step == 0) != (self.attribute is Attribute.BASE):
            raise ValueError("step 0 and only step 0 is the base row")
        if self.attribute is Attribute.STATE and self.value not in {s.value for s in State}:
            raise ValueError(f"'{self.value}' is no state; allowed: {', '.join(s.value for s in State)}")
        if self.attribute not in {Attribute.STATE, Attribute.BASE}:
            try:
                float(self.value)
            except ValueError:
                raise ValueError(f"'{self.value}' is not a number") from None
        return self


TABLES: tuple[Table, ...] = (
    Table("instruments.csv", Instrument, False, "legal acts", ("id",)),
    Table("measures.csv", Measure, False, "dated rules of the legal acts, by paragraph", ("id",)),
    Table("cap_balances.csv", CapBalance, False, "what is known of the use of caps", ("measure", "period_from")),
    Table("mass_units.csv", MassUnit, False, "what the units of caps weigh", ("unit", "hs")),
    Table("holders.csv", Holder, False, "who holds the keys of the gates", ("id",)),
    Table("groups.csv", GroupMember, False, "States in groups with their own law", ("group", "member")),
    Table("gates.csv", Gate, False, "conditions that open or shut links and cargo", ("id",)),
    Table("gate_states.csv", GateState, False, "states of gates that no event sets", ("gate", "valid_from")),
    Table("gate_bindings.csv", GateBinding, False, "what each gate governs"),
    Table("events.csv", Event, False, "the calendar of events and evidence", ("id",)),
    Table("ways.csv", Way, False, "named ways for questions of law", ("id",)),
    Table("ports.csv", Port, False, "ports by UN/LOCODE", ("locode",)),
    Table("scenarios.csv", ScenarioRow, True, "ordered edits of the world", ("scenario", "step")),
)
