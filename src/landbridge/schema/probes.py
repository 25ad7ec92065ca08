"""Row model of probes.csv: forced ways whose length, time or cost is an indicator."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from landbridge.tables import Names, Row, Table, Text


class Quantity(StrEnum):
    """What is read off a forced way."""

    KM = "km"
    HOURS = "h"
    DAYS = "days"
    SAILING_HOURS = "sailing_h"  # hours under way at sea, ports apart
    USD_PER_T = "usd_per_t"
    USD_PER_TEU = "usd_per_teu"
    USD_PER_FEU = "usd_per_feu"


class Against(StrEnum):
    """How a probe is held against another."""

    NOTHING = ""
    LESS = "less"  # this minus the other
    OVER = "over"  # this divided by the other
    LESS_PCT = "less_pct"  # (this minus the other) / the other x 100


class Probe(Row):
    """A way through given points by given modes, under a scenario, and what is measured on it."""

    indicator: Annotated[Text, Field(description="name of the indicator it gives")]
    points: Annotated[Names, Field(min_length=2, description="zones or terminals, in order")]
    modes: Annotated[Names, Field(min_length=1, description="modes of each leg, such as 'sea road'; one for all")]
    within: Annotated[Names, Field(description="countries the land legs may use, blank for all")] = ()
    cargo: Text
    scenario: Annotated[Text, Field(description="scenario whose closed borders hold, or 'all-open'")]
    tariff_set: Text
    quantity: Quantity
    against: Against = Against.NOTHING
    other: Annotated[str, Field(description="indicator it is held against")] = ""
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Probe:
        if len(self.modes) not in {1, len(self.points) - 1}:
            raise ValueError("modes has one entry, or one for each leg")
        if (self.against is Against.NOTHING) != (self.other == ""):
            raise ValueError("'against' and 'other' go together")
        return self


TABLES: tuple[Table, ...] = (Table("probes.csv", Probe, False, "forced ways that give indicators", ("indicator",)),)
