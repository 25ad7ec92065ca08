"""The stage of flows: how cargo goes before and after, and where it turns when something closes."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions.caps import legal_caps
from landbridge.conditions.openness import OpenBasis
from landbridge.flows import tables as flow_tables
from landbridge.flows.alternatives import Alternatives, find_alternatives
from landbridge.flows.calibration import Fit
from landbridge.flows.caps import BoundCaps, bind_caps, caps_table
from landbridge.flows.joint import with_ways_of
from landbridge.flows.link_flows import link_flows
from landbridge.flows.skeleton import Skeleton, build_skeleton
from landbridge.flows.study_market import FreightResult, calibrated_in_equilibrium, fit_table, solve_study
from landbridge.result import ResultTable
from landbridge.routing.cost import Edit
from landbridge.routing.scenario import Detail, ScenarioView, edits_of, view
from landbridge.schema.conditions import MassUnit, ScenarioRow
from landbridge.schema.demand import Cargo
from landbridge.schema.flows import Nest
from landbridge.schema.words import Attribute
from landbridge.session import Session
from landbridge.stages import Found
from landbridge.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Freight:
    """Freight equilibria of the two compared scenarios and the tonnes a year they put on every link."""

    before: FreightResult
    after: FreightResult
    link_t: tuple[Floats, Floats]


class _Ways:
    """Ways of all shipments under the scenarios of a run; scenarios that change no speed share a skeleton."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._skeletons: dict[tuple[tuple[str, Edit], ...], Skeleton] = {}

    def skeleton(self, v: ScenarioView) -> Skeleton:
        edits = tuple(sorted(edits_of(v.conditions).items()))
        if edits not in self._skeletons:
            self._skeletons[edits] = build_skeleton(self._session.world, dict(edits))
        return self._skeletons[edits]

    def under(self, v: ScenarioView, also_closed: frozenset[str] = frozenset()) -> Alternatives:
        demand = self._session.demand
        return find_alternatives(
            self._session.world, self.skeleton(v), v.costs, demand.mass_kt, demand.countries,
            lambda c, o, d: v.closed_for(c, o, d) | also_closed, self._session.study.rows(Nest))

    def bound(self, v: ScenarioView, ways: Alternatives) -> BoundCaps:
        """The caps of the law of a scenario's day, with its edits, on the ways of that scenario."""
        study, countries = self._session.study, self._session.demand.countries
        cargos = {c.id: c.hs for c in study.rows(Cargo)}
        legal = legal_caps(v.conditions, cargos, tuple(dict.fromkeys(countries)), study.rows(MassUnit))
        return bind_caps(study, ways, countries, legal)


def base_view(session: Session) -> ScenarioView:
    """The base year as its counts saw it: what is open, without what is open on paper only."""
    with session.stage("skims of the base year"):
        return view(session.base, base_scenario(session.study), Detail.COST, OpenBasis.OPEN_ONLY)


def _base(session: Session, found: _Ways, base: ScenarioView) -> tuple[Fit, FreightResult, BoundCaps]:
    """The choice fitted in the base year, the equilibrium of that year and its caps."""
    study = session.study
    session.say("flows: ways of all shipments")
    ways = found.under(base)
    bound = found.bound(base, ways)
    session.say("flows: choice and queues, fitted in the base year")
    return *calibrated_in_equilibrium(study, base.id, ways, rounds=3, caps=bound.market), bound


def flows_stage(session: Session, before: str, after: str, found: Found, base: ScenarioView) -> Freight:
    """How cargo chooses its way before and after, with queues and capacities; flows of links for the map."""
    study, countries = session.study, session.demand.countries
    search = _Ways(session)
    fit, base_result, base_caps = _base(session, search, base)
    views = [session.view(s) for s in (before, after)]
    ways = [search.under(v) for v in views]
    skeletons = [search.skeleton(v) for v in views]
    if skeletons[0] is skeletons[1]:  # a way that stays open is a choice in both
        ways = [with_ways_of(ways[i], ways[1 - i], countries, views[i].closed_for) for i in (0, 1)]
    bound = [search.bound(v, w) for v, w in zip(views, ways, strict=True)]

    def solved(i: int) -> FreightResult:
        return solve_study(study, views[i].id, ways[i], fit, bound[i].market, like=base_result)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(solved, (0, 1))
    session.say("flows: loading the links")
    loads = [(w, r.equilibrium.flow_t) for w, r in zip(ways, (first, second), strict=True)]
    if skeletons[0] is skeletons[1]:
        was, now = link_flows(session.world, skeletons[0], loads)
    else:
        was, now = (link_flows(session.world, k, [x])[0] for k, x in zip(skeletons, loads, strict=True))
    found.flows = {before: first, after: second}
    found.tables |= flow_tables.tables(study, first, second, fit)
    found.tables["legal_caps"] = caps_table(
        list(zip(("base year", "before", "after"), (base_result, first, second), (base_caps, *bound), strict=True)))
    found.tables["flow_fit"] = replace(found.tables["flow_fit"], frame=fit_table(study, base_result))
    found.link_kt = {"before": was / 1e3, "after": now / 1e3, "difference": (now - was) / 1e3}
    return Freight(first, second, (was, now))


@dataclass(frozen=True)
class Closing:
    """Flows of one scenario, the tonnes a year on every link, and the tables that tell about some objects.

    `tables`: modal_split, gate_flows, flow_indicators, not_carried with the scenario as before and the same with the
    objects shut as after (the same twice where none is named), and `closing` where some are.
    """

    result: FreightResult
    link_t: Floats
    tables: Mapping[str, ResultTable]


    def shown(self, both: bool) -> list[ResultTable]:
        """The tables a reader wants first; without anything shut (`both` False) the columns of one scenario only."""
        names = [*(["closing"] if both else []), "modal_split", "gate_flows", "flow_indicators", "not_carried"]
        return [self.tables[n] if both else _one_side(self.tables[n]) for n in names]


def _one_side(table: ResultTable) -> ResultTable:
    frame = table.frame
    if "role" in frame:
        frame = frame[frame["role"] == "before"].drop(columns="role").reset_index(drop=True)
    kept = [c for c in frame.columns if not c.startswith(("after", "difference"))]
    names = {c: c.removeprefix("before_") if c != "before" else "value" for c in kept}
    return replace(table, frame=frame[kept].rename(columns=names))


def closing_stage(session: Session, scenario: str, shut: frozenset[str] = frozenset()) -> Closing:
    """Flows of a scenario; with `shut` also who uses these crossings, terminals or links and where they turn when all
    of them close."""
    study, countries = session.study, session.demand.countries
    search = _Ways(session)
    fit, base, _ = _base(session, search, base_view(session))
    v = session.view(scenario, Detail.COST)
    ways = search.under(v)
    again = ways
    if shut:
        fewer = search.under(v, shut)
        again = with_ways_of(fewer, ways, countries, lambda c, o, d: v.closed_for(c, o, d) | shut)
        ways = with_ways_of(ways, fewer, countries, v.closed_for)
    session.say("flows: choice and queues")
    result = solve_study(study, scenario, ways, fit, search.bound(v, ways).market, like=base)
    after = solve_study(study, scenario, again, fit, search.bound(v, again).market, like=result) if shut else result
    tables = flow_tables.tables(study, result, after, fit)
    tables["flow_fit"] = replace(tables["flow_fit"], frame=fit_table(study, base))
    if shut:
        tables["closing"] = flow_tables.closing_table(result, after, sorted(shut))
    session.say("flows: loading the links")
    (link_t,) = link_flows(session.world, search.skeleton(v), [(ways, result.equilibrium.flow_t)])
    return Closing(result, link_t, tables)


def base_scenario(study: Study) -> str:
    """The corridor's base; else the observed scenario whose day lies in the base year of the trade table; else the
    report's 'before'."""
    if study.config.corridor and study.config.corridor.base:
        return study.config.corridor.base
    rows = [r for r in study.rows(ScenarioRow) if r.attribute is Attribute.BASE]
    edited = {r.scenario for r in study.rows(ScenarioRow)} - {
        r.scenario for r in rows if all(x.step == 0 for x in study.rows(ScenarioRow) if x.scenario == r.scenario)
    }
    year = study.config.study.base_year
    return next((r.scenario for r in rows if r.from_date.year == year and r.scenario not in edited),
                study.config.report.before)
