"""The question: one shipment on one date, and how it stands to a territory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import iso3166

from landbridge.schema.words import Activity, ShipFact

GOODS = frozenset({Activity.TRADE, Activity.TRANSIT})
PARTNER = frozenset({Activity.TRANSIT, Activity.JOINT_VENTURE})


@dataclass(frozen=True)
class Shipment:
    """What is asked of the law.

    `states` are the States of the way in order, `territories` areas on it with rules of their own (MDL),
    `exit_port` a UN/LOCODE and `port_country` its State. `bound` are the parties whose national measures count; None
    means all that are concerned. `hs` blank means that goods are not named. United Nations measures always count.
    """

    on: date
    origin: str
    destination: str
    hs: str = ""
    activity: Activity = Activity.TRADE
    states: tuple[str, ...] = ()
    territories: frozenset[str] = frozenset()
    exit_port: str = ""
    port_country: str = ""
    bound: frozenset[str] | None = None
    contract: date | None = None
    used: bool = False
    approvals: tuple[str, ...] = ()
    flag: str = ""
    ship: frozenset[ShipFact] = frozenset()
    last_call: date | None = None
    as_of: date | None = None

    @property
    def concerned(self) -> frozenset[str]:
        """The States whose measures count: those named, or else origin, destination, way, port and flag."""
        if self.bound is not None:
            return self.bound - {"UN"}
        return frozenset({*self.partners, self.port_country, self.flag} - {""})

    @property
    def partners(self) -> frozenset[str]:
        """The States that take part; of a joint venture those of its way, for it carries cargo of any other."""
        if self.activity is Activity.JOINT_VENTURE and self.states:
            return frozenset(self.states)
        return frozenset({self.origin, self.destination, *self.states})

    @property
    def way_unstated(self) -> bool:
        """Whether neither a way nor a port says where the shipment passes."""
        return not self.states and not self.port_country


@dataclass(frozen=True)
class Stand:
    """How a shipment stands to a territory."""

    leaves: bool  # leaves it for elsewhere, whatever its origin
    enters: bool  # comes from elsewhere and is destined to it
    passes: bool  # neither origin nor destination, but passes it
    party: bool  # origin or destination
    called: bool  # its ship has called there on this voyage
    assumed: bool  # the way was not stated, so passing was assumed


def stand(shipment: Shipment, territory: str) -> Stand:
    """How the shipment stands to a territory.

    Transit and joint ventures of which neither way nor port is stated are read as passing the territory: what
    is unknown is never taken as free.

    >>> s = Shipment(date(2018, 6, 1), "RUS", "CHN", "2701", states=("RUS", "PRK"), port_country="PRK")
    >>> stand(s, "PRK").leaves, stand(s, "PRK").party
    (True, False)
    """
    if territory not in iso3166.countries_by_alpha3:  # an area, not a State
        inside = territory in shipment.territories
        return Stand(inside, inside, inside, inside, False, False)
    start, end = shipment.origin == territory, shipment.destination == territory
    called = shipment.port_country == territory
    inside = called or territory in shipment.states
    assumed = (shipment.activity in PARTNER and shipment.way_unstated and not start and not end)
    inside = inside or assumed
    called = called or (shipment.activity is Activity.VESSEL_CALL and start)
    return Stand(
        leaves=not end and (start or inside),
        enters=end and not start,
        passes=inside and not start and not end,
        party=start or end,
        called=called,
        assumed=assumed,
    )
