"""The sections of study.toml."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from landbridge.tables import NonNegative, Positive, Text


class Section(BaseModel):
    """Base of all sections: frozen, unknown keys are faults."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class StudySection(Section):
    """[study]: what it is about and how it is counted."""

    study_version: Annotated[int, Field(ge=1, le=1, description="version of the study format")]
    title: Text
    question: Text
    base_year: Annotated[int, Field(ge=1990, le=2100, description="year of the trade table")]
    price_year: Annotated[int, Field(ge=1990, le=2100, description="year of all money")]
    seed: int = 20180601
    as_of: date | None = None


class NetworkSection(Section):
    """[network]: which extract, and how study objects are tied to it."""

    extract: Text = "eurasia"
    zone_snap_km: Positive = 60.0
    terminal_snap_km: Positive = 60.0
    crossing_snap_km: Positive = 12.0
    crossing_missing_km: Positive = 60.0
    node_snap_km: Positive = 3.0
    detour_factor: Positive = 1.2


class CostSection(Section):
    """[cost]: conventions of generalised cost."""

    payload_t_per_teu: Positive = 12.0
    payload_t_per_truck: Positive = 20.0
    time_value_factor: NonNegative = 1.0
    border_dwell: Annotated[str, Field(pattern="^(low|central|high)$")] = "central"


class ReportSection(Section):
    """[report]: which ways are drawn and which pair of scenarios is compared."""

    before: Text
    after: Text
    law_date: date
    ways: tuple[tuple[Text, Text, Text], ...] = ()  # origin zone, destination zone, cargo


class Config(Section):
    """The whole study.toml."""

    study: StudySection
    network: NetworkSection = NetworkSection()
    cost: CostSection = CostSection()
    report: ReportSection
