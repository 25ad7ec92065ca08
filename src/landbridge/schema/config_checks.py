"""What study.toml names must stand in the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

from landbridge.errors import Fault
from landbridge.schema.conditions import Event, Gate, ScenarioRow
from landbridge.schema.config import Config, CorridorSection, ReportSection
from landbridge.schema.demand import Cargo, Zone
from landbridge.schema.names import Rows, missing, of
from landbridge.schema.network import Crossing, Link, Terminal


def check(config: Config, rows: Rows) -> list[Fault]:
    """Faults of the names that [report] and [corridor] use: scenarios, zones, cargoes, objects, gates, events."""
    found = [*_report(config.report, rows)]
    return [*found, *_corridor(config.corridor, rows)] if config.corridor else found


def _report(report: ReportSection, rows: Rows) -> Iterator[Fault]:
    scenarios, zones = [s.scenario for s in of(rows, ScenarioRow)], [z.id for z in of(rows, Zone)]
    yield from _missing("report.before", [report.before], scenarios, "scenarios.csv")
    yield from _missing("report.after", [report.after], scenarios, "scenarios.csv")
    for number, (origin, destination, what) in enumerate(report.ways, start=1):
        where = f"report.ways, way {number}"
        yield from _missing(where, [origin, destination], zones, "zones.csv")
        yield from _missing(where, [what], [c.id for c in of(rows, Cargo)], "cargo.csv")


def _corridor(about: CorridorSection, rows: Rows) -> Iterator[Fault]:
    zones = of(rows, Zone)
    scenarios, gates = [s.scenario for s in of(rows, ScenarioRow)], [g.id for g in of(rows, Gate)]
    objects = [o.id for model in (Crossing, Link, Terminal)
               for o in cast("tuple[Crossing, ...]", of(rows, model))]
    for key, names in (("start", about.start), ("end", (about.end,)), ("hubs", about.hubs), ("city", (about.city,))):
        yield from _missing(f"corridor.{key}", names, [z.id for z in zones], "zones.csv")
    countries = (*about.parties, about.transit, *about.trade_of, about.rival)
    yield from _missing("corridor, countries", dict.fromkeys(countries), [z.country for z in zones], "zones.csv")
    yield from _missing("corridor.cargo", [about.cargo], [c.id for c in of(rows, Cargo)], "cargo.csv")
    for key in ("base", "record", "road_alone"):
        yield from _missing(f"corridor.{key}", [getattr(about, key)], scenarios, "scenarios.csv")
    for key in ("road_gate", "pipeline_gate", "consent_gate"):
        yield from _missing(f"corridor.{key}", [getattr(about, key)], gates, "gates.csv")
    events = [e.id for e in of(rows, Event)]
    yield from _missing("corridor.milestones", about.milestones.values(), events, "events.csv")
    yield from _missing("corridor.road_element", [about.road_element], list(about.elements), "[corridor.elements]")
    for name, ids in about.elements.items():
        yield from _missing(f"corridor.elements, {name}", ids, objects, "crossings, links or terminals.csv")


def _missing(where: str, used: Iterable[str], known: Iterable[str], table: str) -> Iterator[Fault]:
    """Faults for names that a table does not declare; a blank name is none."""
    yield from missing("study.toml", f"key {where}", [name for name in used if name], known, table)
