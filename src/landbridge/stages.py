"""What each stage hands to the report: tables, indicator values, claims, headline sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landbridge.conditions.book import load
from landbridge.flows.doors import doors, queue_of_way
from landbridge.flows.study_market import FreightResult
from landbridge.result import ResultTable
from landbridge.routing.scenario import ScenarioView
from landbridge.routing.ways import Way, steps
from landbridge.routing.world import World
from landbridge.schema.demand import Form, Zone
from landbridge.study import Study
from landbridge.tables import Evidence, Row, country_name

if TYPE_CHECKING:
    from landbridge.session import Session

Floats = NDArray[np.float64]
OSM = "network © OpenStreetMap contributors (ODbL)"
WAY, COST = ("way", "role", "scenario"), ("cost_usd_per_t", "cost_usd_per_teu")  # columns of the named ways


def way_tables(
    session: Session, ways: Sequence[tuple[str, str, Way | None]], found: Found
) -> dict[str, ResultTable]:
    """Tables of the named ways (totals and steps) and of all pairs between the parties and the hubs, with the queues of
    the flows."""
    about = session.study.config.report
    role = {about.before: "before", about.after: "after"}
    title = {z.id: z.name for z in session.study.rows(Zone)}
    totals, points = [], []
    for i, (name, scenario, way) in enumerate(ways):
        row: dict[str, Any] = {"way": name, "role": role[scenario], "scenario": scenario}
        boxed = session.base.cargoes[about.ways[i // 2][2]].form is Form.CONTAINER
        if way is None:
            inf = float("inf")
            totals.append(
                {
                    **row,
                    "modes": "none open",
                    "distance_km": inf,
                    "time_h": inf,
                    "queue_h": float("nan"),
                    "cost_usd_per_t": inf,
                    "cost_usd_per_teu": inf,
                    "crossings": "",
                }
            )
            continue
        totals.append(
            {
                **row,
                "modes": way.modes,
                "distance_km": way.distance_km,
                "time_h": way.time_h,
                "queue_h": queue_of_way(found.flows[scenario], objects_of(session.world, way), boxed),
                "cost_usd_per_t": way.cost_usd_per_t,
                "cost_usd_per_teu": way.cost_usd_per_teu,
                "crossings": "; ".join(way.crossings),
            }
        )
        km, hours, usd = steps(way)
        names = [title.get(n, n) for n in (way.legs[0].from_name, *(leg.to_name for leg in way.legs))]
        kinds = ["start", *(leg.mode for leg in way.legs)]
        points += [
            {**row, "place": p, "leg": k, "km": a, "time_h": b, "cost_usd_per_t": c}
            for p, k, a, b, c in zip(names, kinds, km, hours, usd, strict=True)
        ]
    price = f"USD of {session.study.config.study.price_year}"
    sources = ("tariffs.csv, modes.csv, crossings.csv, terminals.csv of the study", OSM)
    return {
        "named_ways": ResultTable(
            "named_ways",
            "The named ways, door to door",
            pd.DataFrame(totals, columns=[*WAY, "modes", "distance_km", "time_h", "queue_h", *COST, "crossings"]),
            {"cost_usd_per_t": price, "cost_usd_per_teu": price},
            "Money without the value of time; the way taken minimises both together without queues. queue_h: hours of "
            "waiting at its crossings and terminals beyond their published dwell, in the equilibrium of the flows.",
            sources,
        ),
        "way_steps": ResultTable(
            "way_steps",
            "Cumulated time and cost along the named ways",
            pd.DataFrame(points, columns=[*WAY, "place", "leg", "km", "time_h", COST[0]]),
            {"cost_usd_per_t": price},
            "",
            sources,
        ),
        "door_to_door": door_to_door(session, found),
    }


def objects_of(world: World, way: Way) -> list[str]:
    """Crossings, terminals and special links that a way passes."""
    at = world.network.object[way.links]
    return [world.network.objects[i].id for i in np.unique(at[at >= 0])]


def door_to_door(session: Session, found: Found) -> ResultTable:
    """All pairs of zones of different parties, for the cargoes of the named ways: before, after, what changes.

    The study's main cargo if it names no way.
    """
    study = session.study
    about, corridor = study.config.report, study.config.corridor
    a, b = session.view(about.before), session.view(about.after)
    with_queues = [doors(r) for r in found.flows.values()]
    frames = []
    for cargo in dict.fromkeys(c for _, _, c in about.ways) or [session.cargo]:
        frame = pair_changes(a, b, cargo)
        frame.insert(0, "cargo", cargo)
        was, now = (d[cargo].cost_usd_per_t for d in with_queues)
        frame.insert(5, "change_with_queues_pct", queued_change(session.study, was, now, frame))
        frames.append(frame)
    frame = pd.concat(frames, ignore_index=True)
    if corridor:
        country = {z.id: z.country for z in study.rows(Zone)}
        keep = {z for z, c in country.items() if c in corridor.parties} | set(corridor.hubs)
        frame = frame[frame["from"].isin(keep) & frame["to"].isin(keep)].reset_index(drop=True)
    return ResultTable(
        "door_to_door",
        f"Pairs that change: {about.after} against {about.before}",
        frame,
        {},
        "Largest change of generalised cost first; pairs that open have no 'before'. Hours, money and change_pct are "
        "those of the least-cost way without queues; change_with_queues_pct is that of all ways taken together with "
        "their queues, where the trade table has tonnes.",
        (OSM,),
    )


def queued_change(study: Study, was: Floats, now: Floats, frame: pd.DataFrame) -> Floats:
    """Change of a cost from zone to zone (z, z) at the pairs of a frame, percent; NaN where nothing is shipped."""
    number = {z.id: i for i, z in enumerate(study.rows(Zone))}
    at = frame["from"].map(number).to_numpy(np.int64), frame["to"].map(number).to_numpy(np.int64)
    with np.errstate(invalid="ignore"):
        change: Floats = 100 * (now[at] / was[at] - 1)
    return np.where(np.isfinite(change), change, np.nan)


def pair_changes(a: ScenarioView, b: ScenarioView, cargo: str) -> pd.DataFrame:
    """The pairs of zones whose way changes from one scenario to another, for one cargo."""
    x, y = a.skims[cargo], b.skims[cargo]
    cost_a, cost_b = x.cost_usd_per_t, y.cost_usd_per_t
    reach_a, reach_b = np.isfinite(cost_a), np.isfinite(cost_b)
    with np.errstate(invalid="ignore"):
        change = np.where(reach_a & reach_b, 100 * (cost_b - cost_a) / np.where(cost_a > 0, cost_a, np.inf), np.nan)
        moved = (reach_a != reach_b) | (np.abs(np.nan_to_num(change)) > 0.01)
    o, d = np.nonzero(moved)
    what = np.select([~reach_a[o, d], ~reach_b[o, d], change[o, d] < 0], ["opens", "shuts", "cheaper"], "dearer")
    zones = np.array(x.zones)
    frame = pd.DataFrame(
        {
            "from": zones[o],
            "to": zones[d],
            "what": what,
            "change_pct": change[o, d],
            "time_h_before": x["time_h"][o, d],
            "time_h_after": y["time_h"][o, d],
            "cost_usd_per_t_before": x["usd_per_t"][o, d],
            "cost_usd_per_t_after": y["usd_per_t"][o, d],
            "km_before": x["km"][o, d],
            "km_after": y["km"][o, d],
        }
    )
    order = frame["change_pct"].abs().fillna(np.inf).to_numpy()
    return frame.iloc[np.lexsort((frame["to"], frame["from"], -order))].reset_index(drop=True)


def crossing_states(session: Session, scenario: str) -> dict[str, str]:
    """State of each crossing under a scenario, in words: the record on its day, or what shuts it."""
    view = session.view(scenario)
    held = view.conditions.held
    out = {}
    for id, rows in held.object_states.items():
        now = [r for r in rows if r.from_date <= view.day and r.known_from <= view.conditions.as_of]
        out[id] = f"{now[-1].state.value} ({now[-1].from_date}: {now[-1].text})" if now else "unknown"
    return out


def scenario_table(study: Study) -> ResultTable:
    """The scenarios of the study with their titles and days."""
    frame = pd.DataFrame([{"scenario": s.id, "title": s.title, "day": s.world_date.isoformat()}
                          for s in load(study).scenarios.values()])
    return ResultTable("scenarios", "Scenarios", frame, sources=("scenarios.csv",))


def source_tables(session: Session) -> dict[str, ResultTable]:
    """How well the inputs are known (by table and mark), and every source named in them."""
    counts: list[dict[str, Any]] = []
    named: dict[str, set[str]] = {}
    for model, rows in session.study.tables.items():
        if "evidence" not in model.model_fields:
            continue
        file = file_of(model)
        marks = [str(getattr(r, "evidence")) for r in rows]  # noqa: B009 - Row has no such field, its models do
        counts += [
            {
                "table": file,
                "evidence": Evidence(mark).word,
                "rows": marks.count(mark),
                "share_pct": 100 * marks.count(mark) / len(marks),
            }
            for mark in "VDME"
            if marks.count(mark)
        ]
        for row in rows:
            named.setdefault(str(getattr(row, "source", "")), set()).add(file)
    sources = pd.DataFrame([{"source": s, "used_in": "; ".join(sorted(t))} for s, t in sorted(named.items()) if s])
    config = session.study.config
    defaults = [
        f"{section}.{key} = {value}"
        for section in ("network", "cost")
        for key, value in getattr(config, section).model_dump().items()
        if key not in getattr(config, section).model_fields_set
    ]
    note = "Defaults filled in: " + ("; ".join(defaults) or "none") + "."
    return {
        "assumptions": ResultTable("assumptions", "Evidence of the input tables", pd.DataFrame(counts), {}, note),
        "sources": ResultTable(
            "sources",
            "Sources and where they are used",
            sources,
            {},
            "Network © OpenStreetMap contributors, ODbL 1.0; sea lanes Eurostat searoute, "
            "Apache-2.0; populations GeoNames, CC BY 4.0; outline Natural Earth, public domain; map MapLibre GL "
            "5.24 (BSD-3); charts Apache ECharts 5.6 (Apache-2.0).",
        ),
    }


def file_of(model: type[Row]) -> str:
    """The CSV a row model is read from."""
    from landbridge.study import TABLES

    return next((t.file for t in TABLES if t.model is model), model.__name__)


def known_answer_table(session: Session, values: Mapping[str, float]) -> ResultTable:
    """Published values beside the model's, each with its tolerance and outcome.

    `off` is how far the model lies from the nearest end of the published range, in the unit of the row: 0 within it.
    `wrong_sign` marks a model value on the other side of zero from the whole published range.
    """
    from landbridge.schema.demand import KnownAnswer

    rows = []
    for k in session.study.rows(KnownAnswer):
        value = values.get(k.indicator, float("nan")) if k.indicator else float("nan")
        outcome = "not computed" if np.isnan(value) else "within" if k.holds(value) else "outside"
        one = k.published_low == k.published_high
        published = f"{k.published_low:g}" if one else f"{k.published_low:g} to {k.published_high:g}"
        tolerance = f"{k.tolerance_pct:g} %" if k.tolerance_pct is not None else f"{k.tolerance_abs:g} {k.unit}"
        rows.append(
            {
                "id": k.id,
                "what": k.what,
                "published": published,
                "model": value,
                "unit": k.unit,
                "off": value - min(max(value, k.published_low), k.published_high),
                "wrong_sign": k.published_low * value < 0 and k.published_high * value < 0,
                "tolerance": tolerance,
                "outcome": outcome,
                "use": k.use.value,
                "evidence": k.evidence.word,
                "source": k.source,
            }
        )
    order = {"outside": 0, "within": 1, "not computed": 2}
    frame = pd.DataFrame(rows)
    if len(frame):
        frame = frame.sort_values(["outcome", "id"], key=lambda c: c.map(order) if c.name == "outcome" else c)
    return ResultTable(
        "known_answers",
        "Published against model",
        frame.reset_index(drop=True),
        {"off": "in the unit of the row"},
        "off: from the nearest end of the published range. use: check = nothing was set by it; calibration = a tariff "
        "set was made to meet it; input = a figure of the tables; engine = a formula. Misses are shown, not tuned "
        "away.",
    )


@dataclass
class Found:
    """What the stages found so far: tables, indicator values, claims, headline, flows, and those of links for the map.
    """

    tables: dict[str, ResultTable] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    claims: list[Any] = field(default_factory=list)
    headline: tuple[tuple[str, str, str], ...] = ()
    link_kt: dict[str, Floats] = field(default_factory=dict)
    flows: dict[str, FreightResult] = field(default_factory=dict)  # by scenario, the earlier one first
    ranges: dict[tuple[str, str], tuple[float, float]] = field(default_factory=dict)

    def joined(self, later: Found) -> Found:
        """What was found in two branches, this one's first; a table, value or range of the same name is the later's."""
        return replace(later, tables=self.tables | later.tables, values=[*self.values, *later.values],
                       ranges=self.ranges | later.ranges)

    def value(self, indicator: str, scenario: str, value: float) -> None:
        """Keep one indicator value."""
        from landbridge.values import Value

        self.values.append(Value(indicator, scenario, float(value)))


def names(countries: Sequence[str]) -> str:
    """Countries as a reader writes them."""
    return ", ".join(country_name(c) for c in countries)
