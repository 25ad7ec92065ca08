"""The sections of study.toml."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from landbridge.tables import Country, NonNegative, Positive, Text


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

    extract: Annotated[Text, Field(description="eurasia, or the path of an .npz made by network build")] = "eurasia"
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


class CorridorSection(Section):
    """[corridor]: what the indicators of the corridor are about."""

    parties: Annotated[tuple[Country, ...], Field(min_length=2, description="who must take part")]
    transit: Annotated[Country, Field(description="the state the corridor goes through")]
    trade_of: Annotated[tuple[Country, Country], Field(description="pair whose trade is said to go round")]
    rival: Annotated[Country, Field(description="the country it is said to go through")]
    start: Annotated[tuple[Text, ...], Field(min_length=1, description="zones where the land way starts")]
    end: Annotated[Text, Field(description="zone where it ends")]
    cargo: Annotated[str, Field(description="cargo of its door-to-door indicators; blank: the first of cargo.csv")] = ""
    base: Annotated[str, Field(description="scenario of the base year; blank: the observed one of that year")] = ""
    record: Annotated[str, Field(description="scenario whose record is read to the end; blank: [report] before")] = ""
    road_alone: Annotated[str, Field(description="scenario in which only its road opens; blank: none")] = ""
    hubs: Annotated[tuple[Text, ...], Field(description="zones that stand for the wider network it joins")] = ()
    elements: Annotated[dict[str, tuple[Text, ...]], Field(description="links of the corridor, taken out in turn")] = {}
    road_element: Annotated[str, Field(description="the element that is said to be the key")] = ""
    milestones: Annotated[dict[str, Text], Field(description="announced, agreed, works: ids of events.csv")] = {}
    road_gate: Annotated[str, Field(description="gate of the road")] = ""
    pipeline_gate: Annotated[str, Field(description="gate of the pipeline")] = ""
    consent_gate: Annotated[str, Field(description="gate of the transit state's consent")] = ""
    city_country: Annotated[Country | None, Field(description="country whose nearest large city is asked for")] = None
    city: Annotated[str, Field(description="zone whose rank among the large cities by distance is asked for")] = ""
    city_min_k: Positive = 500.0
    land_way_from: int = 1990
    land_way_to: int = 2026


class Config(Section):
    """The whole study.toml."""

    study: StudySection
    network: NetworkSection = NetworkSection()
    cost: CostSection = CostSection()
    report: ReportSection
    corridor: CorridorSection | None = None
