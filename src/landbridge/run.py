"""The stages in their order: from a study to a Result.

Each stage is a function of frozen inputs; this module passes their results on and turns them into tables. It computes
no model of its own.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landbridge import __version__, chain, economics, layers, stages, traffic
from landbridge.appraisal.corridor import told_of
from landbridge.claims import ClaimVerdict
from landbridge.conditions.unlock import Unlock
from landbridge.errors import Fault, StudyFault
from landbridge.flows import exchange
from landbridge.flows.doors import doors
from landbridge.network.doctor import doctor
from landbridge.network.doctor import tables as doctor_table
from landbridge.result import GeoLayer, Result, ResultTable
from landbridge.routing import Metric
from landbridge.routing.cost import LinkCosts
from landbridge.routing.scenario import Detail, closed_between, view
from landbridge.routing.ways import Way, best_way, zone_index
from landbridge.routing.ways import ranked_ways as ranked
from landbridge.routing.world import shut
from landbridge.schema.conditions import Gate
from landbridge.schema.config import CorridorSection
from landbridge.schema.demand import Cargo, Claim, Zone
from landbridge.schema.network import Crossing, Link, Passage, Terminal
from landbridge.session import Say, Session, quiet
from landbridge.study import Study
from landbridge.tables import country_name
from landbridge.unlocking import GateValue, unlock


def scenarios_of(study: Study) -> tuple[str, ...]:
    """Ids of the study's scenarios, in the order of scenarios.csv."""
    from landbridge.schema.conditions import ScenarioRow

    return tuple(dict.fromkeys(r.scenario for r in study.rows(ScenarioRow)))


def checked_scenarios(study: Study, names: Sequence[str]) -> tuple[str, ...]:
    """The scenarios asked for; StudyFault names all that the study does not have."""
    faults = _scenario_faults(study, names)
    if faults:
        raise StudyFault(faults)
    return tuple(names)


def _scenario_faults(study: Study, names: Sequence[str]) -> list[Fault]:
    known = scenarios_of(study)
    return [Fault("scenarios.csv", n, "no such scenario", ", ".join(known), "take one of these or add its rows")
            for n in names if n not in known]


def run(study: Study, scenarios: Sequence[str] = (), say: Say = quiet) -> Result:
    """Run all stages and return the Result; the scenarios of the report and of the claims are always among them."""
    start = time.perf_counter()
    wanted = checked_scenarios(study, scenarios)
    session = Session(study, say)
    about = study.config.report
    checked_scenarios(study, (about.before, about.after))
    tables: dict[str, ResultTable] = {}
    with ThreadPoolExecutor(1) as pool:  # what needs the network alone goes beside the models
        aside = pool.submit(of_network, session)
        for name in dict.fromkeys((*wanted, about.before, about.after)):
            session.view(name)
        ways = named_ways(session)
        found = chain.all_stages(session)
        findings, map_layers = aside.result()
    tables |= stages.way_tables(session, ways, found)
    tables |= found.tables
    tables |= {"findings": findings} | stages.source_tables(session)
    with session.stage("map layers"):
        map_layers |= layers.point_layers(session.world, crossing_texts(session, about.before, about.after))
        for side in layers.Side:
            scenario = about.before if side is layers.Side.BEFORE else about.after
            chosen = [(n, w) for n, s, w in ways if s == scenario and w is not None]
            map_layers |= layers.way_layers(session.world, side, chosen)
        if found.link_kt:
            map_layers |= layers.flow_layers(session.world, found.link_kt)
    seconds = time.perf_counter() - start
    say(f"done in {seconds:.1f} s")
    return Result(
        study.name,
        study.config.study.title,
        study.config.study.question,
        about.before,
        about.after,
        tables,
        map_layers,
        found.headline,
        manifest(session),
        round(seconds, 1),
    )


def of_network(session: Session) -> tuple[ResultTable, dict[str, GeoLayer]]:
    """The doctor's findings and the map layers of the network."""
    with session.stage("network doctor"):
        findings = doctor_table(doctor(session.world.network, session.study))
    return findings, layers.network_layers(session.world)


def crossing_texts(session: Session, before: str, after: str) -> dict[str, str]:
    """State of each crossing before, in words, and whether any cargo may pass it after."""
    shut = chain.closed_for_anyone(session.view(after))
    return {i: f"{text}; after: {'shut to all cargo' if i in shut else 'open to some cargo or all'}"
            for i, text in stages.crossing_states(session, before).items()}


def named_ways(session: Session) -> list[tuple[str, str, Way | None]]:
    """The ways named in study.toml, before and after: (name, scenario, way or None where none is open)."""
    about = session.study.config.report
    title = {z.id: z.name for z in session.study.rows(Zone)}
    out = []
    for origin, destination, cargo in about.ways:
        for scenario in (about.before, about.after):
            way = one_way(session, origin, destination, cargo, scenario)
            name = f"{title.get(origin, origin)} to {title.get(destination, destination)}, {cargo}"
            out.append((name, scenario, way))
    return out


def one_way(session: Session, origin: str, destination: str, cargo: str, scenario: str) -> Way | None:
    """The least-cost way of a cargo between two zones under a scenario."""
    o, d = zone_index(session.study, origin), zone_index(session.study, destination)
    metric, costs = _asked(session, o, d, cargo, scenario)
    return best_way(session.world, metric, costs, o, d)


def checked_names(study: Study, scenarios: Sequence[str], cargo: str, zones: Sequence[str] = ()) -> list[int]:
    """Indices of the zones asked for, by id or name; StudyFault names every scenario, cargo and zone the study has not.

    Nothing is assembled for it, so a slip is told at once.
    """
    faults, found = _scenario_faults(study, scenarios), []
    cargoes = [c.id for c in study.rows(Cargo)]
    if cargo not in cargoes:
        faults.append(Fault("cargo.csv", cargo, "no such cargo", ", ".join(cargoes), "take one of these"))
    for name in zones:
        try:
            found.append(zone_index(study, name))
        except ValueError as error:
            faults.append(Fault("zones.csv", "id", str(error), "a zone of zones.csv", "correct the name"))
    if faults:
        raise StudyFault(faults)
    return found


def _asked(session: Session, o: int, d: int, cargo: str, scenario: str) -> tuple[Metric, LinkCosts]:
    closed, edits = closed_between(session.base, scenario, cargo, o, d)
    costs, metric = session.base.priced(cargo, edits)
    return shut(session.world, metric, closed), costs


@dataclass(frozen=True)
class Ranked:
    """The ranked ways of a pair, as the command line gives them."""

    origin: str
    destination: str
    cargo: str
    scenario: str
    ways: tuple[Way, ...]

    def to_json(self) -> dict[str, Any]:
        """The answer as one JSON document."""
        return {
            "from": self.origin,
            "to": self.destination,
            "cargo": self.cargo,
            "scenario": self.scenario,
            "options": [w.to_json() for w in self.ways],
        }

    def text(self) -> str:
        """The answer as text to read."""
        head = f"{self.origin} to {self.destination}, {self.cargo}, {self.scenario}"
        if not self.ways:
            return f"{head}: no way is open"
        lines = [head]
        for i, w in enumerate(self.ways, start=1):
            lines.append(
                f"\n{i}. {w.modes}: {w.distance_km:,.0f} km, {w.time_h:,.0f} h ({w.time_h / 24:.1f} days), "
                f"{w.cost_usd_per_t:,.1f} USD/t ({w.cost_usd_per_teu:,.0f} USD/TEU), "
                f"generalised {w.generalised_usd_per_t:,.1f} USD/t"
            )
            for leg in w.legs:
                place = leg.from_name if leg.from_name == leg.to_name else f"{leg.from_name} – {leg.to_name}"
                lines.append(
                    f"   {leg.mode:9}{place[:58]:60}{leg.distance_km:9,.0f} km {leg.time_h:8.1f} h "
                    f"{leg.cost_usd_per_t:9.2f} USD/t"
                )
        return "\n".join(lines)


def ranked_ways(
    study: Study, origin: str, destination: str, cargo: str, scenario: str | None, count: int, say: Say = quiet
) -> Ranked:
    """The ranked ways between two zones for a cargo under a scenario (by default the study's 'before')."""
    chosen = scenario or study.config.report.before
    o, d = checked_names(study, (chosen,), cargo, (origin, destination))
    session = Session(study, say)
    metric, costs = _asked(session, o, d, cargo, chosen)
    say("looking for ways")
    found = ranked(session.world, metric, costs, o, d, count)
    return Ranked(session.world.zones[o], session.world.zones[d], cargo, chosen, found)


def compare(study: Study, before: str, after: str, cargo: str, say: Say = quiet) -> pd.DataFrame:
    """Door-to-door changes from one scenario to another for one cargo: the pairs of zones that change.

    Columns: from, to, time_h_before/after, cost_usd_per_t_before/after, generalised change in percent (NaN where a way
    opens or shuts), and what happened (opens, shuts, cheaper, dearer).
    """
    checked_names(study, (before, after), cargo)
    session = Session(study, say)
    a, b = (view(session.base, s, Detail.FULL, cargo=cargo) for s in (before, after))
    return stages.pair_changes(a, b, cargo)


def judged_claims(study: Study, say: Say = quiet) -> Sequence[ClaimVerdict]:
    """Every claim of the study with its verdict; StudyFault for a study without claims."""
    if not study.rows(Claim):
        raise StudyFault([Fault("claims.csv", "file", "missing or empty", "statements to be tested", "add the table")])
    return chain.all_stages(Session(study, say)).claims


def appraisal_tables(
    study: Study,
    before: str | None = None,
    scenario: str | None = None,
    hazards: Mapping[str, float] | None = None,
    say: Say = quiet,
) -> dict[str, ResultTable]:
    """Tables of the appraisal of a scenario (the study's 'after') against another (the study's 'before').

    `hazards` are yearly probabilities of opening of the user's own, by name. StudyFault for a study without projects or
    parameters of the appraisal.
    """
    told_of(study)
    about = study.config.report
    was, now = before or about.before, scenario or about.after
    checked_scenarios(study, (was, now))
    session, found = Session(study, say), stages.Found()
    freight = traffic.flows_stage(session, was, now, found, traffic.base_view(session))
    gas = economics.gas_stage(session, now, found)
    economics.appraisal_stage(session, was, now, freight, gas, found, hazards)
    return {n: t for n, t in found.tables.items() if n.startswith("appraisal_") or n == "hold_up"}


def flow_tables(study: Study, scenario: str | None = None, shut: Sequence[str] = (), say: Say = quiet
                ) -> tuple[Session, traffic.Closing]:
    """Flows of a scenario (the study's 'before'), and where they turn when some crossings, terminals or links close.

    StudyFault names a scenario or an object that the study does not have.
    """
    chosen = scenario or study.config.report.before
    checked_scenarios(study, (chosen,))
    known = {o.id for model in (Crossing, Link, Terminal, Passage)
             for o in cast("tuple[Crossing, ...]", study.rows(model))}
    wrong = [i for i in shut if i not in known]
    if wrong:
        raise StudyFault(Fault("crossings, links, terminals and passages.csv", i, "no such id",
                               "an id of one of these tables", "take one from there") for i in wrong)
    session = Session(study, say)
    return session, traffic.closing_stage(session, chosen, frozenset(shut))


def write_flows(session: Session, done: traffic.Closing, gmns: Path | None, omx: Path | None) -> list[Path]:
    """Write the network with its tonnes (GMNS) and the matrices from zone to zone (OMX); returns what was written."""
    study, written = session.study, []
    if gmns is not None:
        any_cargo = next(iter(session.view(done.result.scenario, Detail.COST).costs.values()))
        network, directed = exchange.gmns_of(session.world, any_cargo)
        exchange.write_gmns(gmns, network, done.link_t, directed)
        written.append(gmns)
    if omx is not None:
        matrices: dict[str, NDArray[np.float64]] = {}
        for cargo, d in doors(done.result).items():
            named = {"hours": d.hours, "usd_per_t": d.usd_per_t, "cost_usd_per_t": d.cost_usd_per_t}
            matrices |= {f"{cargo}_{name}": values for name, values in named.items()}
            matrices[f"{cargo}_kt"] = session.demand.mass_kt[cargo]
        exchange.write_omx(omx, matrices, [z.id for z in study.rows(Zone)])
        written.append(omx)
    return written


def power_tables(study: Study, say: Say = quiet) -> dict[str, ResultTable]:
    """Tables of the games over key holders and gas parties; StudyFault for a study without [corridor] or gates."""
    about = _about_keys(study)
    session, found = Session(study, say), stages.Found()
    gas = economics.gas_stage(session, study.config.report.after, found)
    say("value of every set of open gates")
    economics.power_stage(session, about, GateValue(session, about), gas, found)
    return {n: t for n, t in found.tables.items() if n.startswith("power_")}


def unlock_table(study: Study, say: Say = quiet) -> Unlock:
    """What each gate, pair of gates and holder's keys unlock, by routing, law and gates together.

    StudyFault for a study without [corridor] or gates.
    """
    about = _about_keys(study)
    session = Session(study, say)
    say("value of every set of open gates")
    return unlock(session, GateValue(session, about))


def _about_keys(study: Study) -> CorridorSection:
    about, faults = study.config.corridor, []
    if about is None:
        faults.append(Fault("study.toml", "corridor", "no such section", "[corridor]", "say what it is about"))
    if not study.rows(Gate):
        faults.append(Fault("gates.csv", "file", "missing or empty", "gates", "add gates.csv and holders.csv"))
    if faults or about is None:
        raise StudyFault(faults)
    return about


def diagnose(study: Study, say: Say = quiet) -> pd.DataFrame:
    """The network doctor's findings."""
    session = Session(study, say)
    return doctor_table(doctor(session.world.network, study)).frame


def views(study: Study) -> list[dict[str, Any]]:
    """Places the map can zoom to: the transit state, the end of the way, all zones."""
    zones, about = study.rows(Zone), study.config.corridor
    core = [z for z in zones if about and z.country == about.transit] or list(zones)
    end = [z for z in zones if about and z.id == about.end]

    def center(chosen: Sequence[Zone]) -> tuple[float, float]:
        lon, lat = (sum(v) / len(chosen) for v in zip(*((z.lon_deg, z.lat_deg) for z in chosen), strict=True))
        return round(lon, 3), round(lat, 3)

    found = [{"name": country_name(about.transit) if about else "study", "center": center(core), "zoom": 5.4}]
    found += [{"name": z.name, "center": center([z]), "zoom": 8.5} for z in end]
    return [*found, {"name": "all", "center": center(zones), "zoom": 2.4}]


def manifest(session: Session) -> Mapping[str, Any]:
    """What this result was made from: versions, digests, seed, configuration, seconds of each stage."""
    import numba
    import scipy

    return {
        "landbridge": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "pandas": pd.__version__,
        "numba": numba.__version__,
        "study": session.study.name,
        "network_digest": session.world.network.digest,
        "inputs_sha256": dict(sorted(session.study.digests.items())),
        "seed": session.study.config.study.seed,
        "config": session.study.config.model_dump(mode="json"),
        "views": views(session.study),
        "scenarios": sorted({scenario for scenario, _ in session.views}),
        "made_on": date.today().isoformat(),
        "seconds": session.seconds,
    }
