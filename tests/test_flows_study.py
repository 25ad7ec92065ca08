"""Alternatives, facilities and flows of the bundled study."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from landbridge import demand as trade
from landbridge import study as studies
from landbridge.errors import StudyFault
from landbridge.flows.alternatives import Alternatives, find_alternatives
from landbridge.flows.link_flows import link_flows
from landbridge.flows.skeleton import Skeleton, build_skeleton
from landbridge.flows.study_market import (
    FreightResult,
    calibrated,
    fit_table,
    gates_of,
    logit_of,
    main_mode,
    solve_study,
)
from landbridge.flows.tables import closing, tables
from landbridge.routing import matrix
from landbridge.routing.cost import LinkCosts, link_costs
from landbridge.routing.world import World, open_metric, shut
from landbridge.schema.demand import Cargo
from landbridge.schema.flows import Nest
from landbridge.study import Study

SHUT = frozenset({"KP-KR-R1", "KP-KR-R2", "KP-KR-D1", "KP-KR-D2"})  # the demarcation line
CARGOES = ("machinery", "coal")


@pytest.fixture(scope="module")
def study() -> Study:
    return studies.read("korea")


@pytest.fixture(scope="module")
def world(korea_world: World) -> World:
    return korea_world


@pytest.fixture(scope="module")
def costs(study: Study, world: World) -> Mapping[str, LinkCosts]:
    return {c.id: link_costs(study, world.network, c) for c in study.rows(Cargo) if c.id in CARGOES}


@pytest.fixture(scope="module")
def skeleton(world: World) -> Skeleton:
    return build_skeleton(world)


def ways_of(study: Study, world: World, skeleton: Skeleton, costs: Mapping[str, LinkCosts],
            closed: frozenset[str]) -> Alternatives:
    d = trade.demand(study)
    mass = {c: d.mass_kt[c] for c in CARGOES}
    return find_alternatives(world, skeleton, costs, mass, d.countries, lambda *_: closed, study.rows(Nest))


@pytest.fixture(scope="module")
def ways(study: Study, world: World, skeleton: Skeleton, costs: Mapping[str, LinkCosts]) -> Alternatives:
    return ways_of(study, world, skeleton, costs, SHUT)


@pytest.fixture(scope="module")
def result(study: Study, ways: Alternatives) -> FreightResult:
    return solve_study(study, "line shut", ways)


def test_the_best_alternative_is_the_least_cost_way_of_the_network(
        world: World, costs: Mapping[str, LinkCosts], ways: Alternatives) -> None:
    best = np.full(len(ways.origin), np.inf)
    np.minimum.at(best, ways.group, ways.cost_usd_per_t)
    for k, cargo in enumerate(ways.cargoes):
        metric = shut(world, open_metric(world, costs[cargo]), SHUT)
        least = matrix(metric, world.network.centroid, world.network.centroid, 2)
        mine = ways.cargo == k
        ratio = best[mine] / least[ways.origin[mine], ways.destination[mine]]
        assert np.nanmin(ratio) >= 1 - 1e-9  # never better than the best
        assert np.nanmedian(ratio) == pytest.approx(1, abs=1e-9)
        assert np.nanpercentile(ratio, 99) < 1.01  # segments are those of the middle cargo of the form


def test_parts_of_a_way_add_up(ways: Alternatives) -> None:
    value = ways.time_value_usd_per_t_h[ways.group]
    assert ways.cost_usd_per_t == pytest.approx(ways.parts["usd_per_t"] + value * ways.parts["time_h"])
    assert (ways.mode_km.sum(axis=1) <= ways.parts["km"] + 1e-6).all()


def test_closed_objects_and_barred_modes_are_not_used(ways: Alternatives) -> None:
    assert not ways.through(tuple(SHUT)).any()
    for c, chain in enumerate(ways.chains):
        barred = [("rail", "road", "sea").index(m) for m in chain.without]
        assert ways.mode_km[ways.chain == c][:, barred].sum() == 0
        assert not ways.through(chain.closing)[ways.chain == c].any()


def test_flows_conserve_demand(ways: Alternatives, result: FreightResult) -> None:
    e = result.equilibrium
    assert e.converged, e.reason
    left = sum(t for _, t, _ in e.not_carried)
    assert e.flow_t.sum() + left == pytest.approx(ways.demand_t.sum(), rel=1e-9)
    by_group = np.bincount(ways.group, e.flow_t, len(ways.origin))
    assert (by_group <= ways.demand_t * (1 + 1e-9)).all()


def test_without_capacity_it_is_the_logit(study: Study, ways: Alternatives) -> None:
    free = solve_study(study, "free", ways, capacity={g.id: np.inf for g in gates_of(study)})
    assert free.equilibrium.gap < 1e-12
    assert free.equilibrium.cost_usd_per_t == pytest.approx(ways.cost_usd_per_t, rel=1e-12)


def test_opening_the_line_shows_in_the_tables(
        study: Study, world: World, skeleton: Skeleton, costs: Mapping[str, LinkCosts],
    result: FreightResult) -> None:
    opened = solve_study(study, "line open", ways_of(study, world, skeleton, costs, frozenset()))
    found = tables(study, result, opened)
    gates = found["gate_flows"].frame.set_index("id")
    assert gates.loc["KP-KR-R1", "before_kt"] == 0 < gates.loc["KP-KR-R1", "after_kt"]
    split = found["modal_split"].frame
    assert split[split["market"] == "all"]["before_share"].sum() == pytest.approx(1)
    measures = found["flow_indicators"].frame.set_index(["market", "indicator"])
    assert measures.loc[("all", "SWD"), "before"] < measures.loc[("all", "SWOD"), "before"]
    assert measures.loc[("all", "door-to-door P95"), "before"] > measures.loc[("all", "door-to-door P50"),
                                                                              "before"]
    users = closing(opened, result, ["KP-KR-R1"])
    assert users["kt"].sum() == pytest.approx(gates.loc["KP-KR-R1", "after_kt"], rel=1e-6)
    assert {"rail_change_kt", "sea_change_kt", "lost_kt"} <= set(users)


def test_link_flows_carry_the_tonne_kilometres_of_the_alternatives(
        world: World, skeleton: Skeleton, ways: Alternatives, result: FreightResult) -> None:
    flow = result.equilibrium.flow_t
    on_links, none = link_flows(world, skeleton, [(ways, flow), (ways, np.zeros_like(flow))])
    assert not none.any()
    assert on_links @ world.network.length_km == pytest.approx(flow @ ways.parts["km"], rel=1e-6)
    gate = world.links(["RU-CN-R4"])
    assert on_links[gate].max() == pytest.approx(flow[ways.through(["RU-CN-R4"])].sum(), rel=1e-9)


def test_observed_flows_and_calibration(study: Study, ways: Alternatives, result: FreightResult) -> None:
    logit, sets = logit_of(study, ways)
    fit = calibrated(study, ways, logit, sets)
    assert fit.converged and fit.table["within_range"].all()
    assert set(fit_table(study, result)["id"]) == {f"OF{i}" for i in range(1, 7)}
    assert set(np.unique(main_mode(ways))) <= {0, 1, 2}


def test_an_unknown_capacity_unit_is_a_fault(study: Study) -> None:
    from dataclasses import replace

    from landbridge.schema.flows import CapacityUnit

    kept = tuple(u for u in study.rows(CapacityUnit) if u.unit != "trains/day")
    with pytest.raises(StudyFault, match="'trains/day'"):
        gates_of(replace(study, tables={**study.tables, CapacityUnit: kept}))
