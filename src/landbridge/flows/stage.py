"""The flows stage of a run: from the views of scenarios to tables before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from landbridge.demand import Demand
from landbridge.flows.alternatives import Alternatives, find_alternatives
from landbridge.flows.calibration import Fit
from landbridge.flows.skeleton import Skeleton, build_skeleton
from landbridge.flows.study_market import FreightResult, calibrated_in_equilibrium, solve_study
from landbridge.flows.tables import tables
from landbridge.result import ResultTable
from landbridge.routing.scenario import ScenarioView
from landbridge.routing.world import World
from landbridge.schema.flows import Nest


@dataclass(frozen=True)
class Flows:
    """Flows of the base year and of the two scenarios compared, the fit of the choice, and the tables of the report."""

    fit: Fit
    base: FreightResult
    before: FreightResult
    after: FreightResult
    tables: dict[str, ResultTable]


def ways_of(world: World, skeleton: Skeleton, demand: Demand, view: ScenarioView) -> Alternatives:
    """Alternatives of every shipment under a scenario: its costs (with its edits) and what it closes to whom."""
    return find_alternatives(world, skeleton, view.costs, demand.mass_kt, demand.countries, view.closed_for,
                             world.study.rows(Nest))


def freight_flows(world: World, demand: Demand, base: ScenarioView, before: ScenarioView, after: ScenarioView,
                  say: Callable[[str], None] = lambda text: None) -> Flows:
    """The whole stage: the choice is fitted in the base year's equilibrium and held for the scenarios.

    Speeds that a scenario edits count on links that stay by themselves only, see `skeleton`.
    """
    study = world.study
    say("flows: drawing the network together")
    skeleton = build_skeleton(world)
    say("flows: alternatives and calibration in the base year")
    fit, base_result = calibrated_in_equilibrium(study, base.id, ways_of(world, skeleton, demand, base))
    solved: dict[str, FreightResult] = {base.id: base_result}
    for view in (before, after):
        if view.id not in solved:
            say(f"flows: {view.id}")
            solved[view.id] = solve_study(study, view.id, ways_of(world, skeleton, demand, view), fit)
    found = tables(study, solved[before.id], solved[after.id], fit)
    return Flows(fit, base_result, solved[before.id], solved[after.id], found)
