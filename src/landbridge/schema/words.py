"""The enumerations of the conditions tables: the words a cell may hold."""

from __future__ import annotations

from enum import StrEnum


class InstrumentKind(StrEnum):
    """What sort of legal act."""

    RESOLUTION = "unsc_resolution"
    DECISION = "committee_decision"
    NATIONAL = "national_measure"
    AGREEMENT = "bilateral_agreement"
    ARMISTICE = "armistice"


class InstrumentStatus(StrEnum):
    """Where a legal act stands."""

    IN_FORCE = "in_force"
    EXPIRED = "expired"
    DRAFT = "draft"
    VETOED = "vetoed"
    REPORTED = "reported"


class Effect(StrEnum):
    """What a measure does."""

    PROHIBIT = "prohibit"
    CAP = "cap"
    CONDITION = "condition"
    APPROVE = "approve"  # an approval is required
    NOTIFY = "notify"
    PERMIT = "permit"  # a proviso: lifts the measures it names
    EXEMPT = "exempt"  # a decision that lifts for what it covers, where it is named
    INSPECT = "inspect"
    DISCOURAGE = "discourage"
    DESIGNATION_RISK = "designation_risk"
    UNCLEAR = "unclear"  # the rule stands but whether it is applied is not known


class Activity(StrEnum):
    """What is being done."""

    TRADE = "trade"
    TRANSIT = "transit"
    CROSSING = "crossing"
    JOINT_VENTURE = "joint_venture"
    FINANCE = "finance"
    INSURANCE = "insurance"
    SERVICE = "service"
    VESSEL_CALL = "vessel_call"
    SHIP_TO_SHIP = "ship_to_ship"
    CHARTER = "charter"
    FLAG = "flag"
    LABOUR = "labour"
    PERSON_MOVEMENT = "person_movement"
    ANY = "any"


class Direction(StrEnum):
    """How the shipment stands to the territory of a measure."""

    FROM = "from"  # leaves the territory, whatever its origin
    TO = "to"  # destined to it
    THROUGH = "through"  # passes it, neither origin nor destination
    ANY = "any"  # origin or destination in it
    ANY_TRANSIT = "any_transit"  # origin or destination in it, or passing it
    WITH = "with"  # a partner, flag or project of it takes part
    ACROSS = "across"  # the way crosses it
    AFTER_CALL = "after_call"  # a ship that called there enters a port of the addressee
    CALL = "call"  # a ship of the addressee's flag calls there


class Basis(StrEnum):
    """Where the HS codes of a measure come from."""

    IN_TEXT = "in_text"
    COMMITTEE = "committee"
    NATIONAL_ANNEX = "national_annex"
    INDICATIVE = "indicative"
    DISPUTED = "disputed"
    NONE = "none"


class GoodsState(StrEnum):
    """Whether a measure is about new goods, used goods, or both."""

    ANY = "any"
    NEW = "new"
    USED = "used"


class ShipFact(StrEnum):
    """What is known against a ship."""

    DPRK_FLAG = "dprk_flag"
    DPRK_OWNED = "dprk_owned"
    DESIGNATED = "designated"
    REFUSED_INSPECTION = "refused_inspection"
    SUSPECT = "suspect"
    LISTED = "listed"


class CapRule(StrEnum):
    """How two quantities of a cap go together."""

    LOWER_OF = "lower_of"
    TWO_COUNTS = "two_counts"  # two ways of counting one quantity


class CapScope(StrEnum):
    """Who shares a cap."""

    WORLD = "world"
    PER_STATE = "per_state"


class Unstated(StrEnum):
    """What it means that a question does not say the date of the contract."""

    APPLIES = "applies"
    PASSES = "passes"


class HolderKind(StrEnum):
    """Who holds a key."""

    STATE = "state"
    COUNCIL = "council"
    COMMITTEE = "committee"
    COMMAND = "command"
    COMPANY = "company"


class GateKind(StrEnum):
    """What sort of condition a gate is."""

    LEGAL = "legal"
    CONSENT = "consent"
    PHYSICAL = "physical"
    SECURITY = "security"
    FINANCE = "finance"
    COMMERCIAL = "commercial"
    TECHNICAL = "technical"


class State(StrEnum):
    """State of a gate. Unknown is never open."""

    OPEN = "open"
    RESTRICTED = "restricted"  # case by case, capped, or with conditions
    CLOSED = "closed"
    REMOVED = "removed"
    ABSENT = "does_not_exist"
    UNKNOWN = "unknown"

    @property
    def passable(self) -> bool | None:
        """Whether cargo can pass; None where it is not known."""
        return None if self is State.UNKNOWN else self in {State.OPEN, State.RESTRICTED}


class EventKind(StrEnum):
    """What sort of evidence an event row is."""

    OFFICIAL_TEXT = "official_text"
    OPERATOR_NOTICE = "operator_notice"
    SATELLITE = "satellite"
    STATISTIC = "statistic"
    PRESS = "press"
    STATEMENT = "statement"
    BACKGROUND = "background"


class Attribute(StrEnum):
    """What a scenario edit changes."""

    BASE = "base"
    STATE = "state"
    DWELL = "dwell_h"
    FEE = "fee_usd"
    SPEED = "speed_km_h"
    CAPACITY = "capacity"
    TARIFF = "tariff_factor"
    HANDLING = "handling_usd_per_t"
    CAP = "cap_quantity"
