"""Properties of the assembled korea network: what opening, closing and faster handling may do to costs, and may not.

Sums and least values of floating-point numbers never fall when one of their terms rises, and a way is always summed in
the same nesting; so all orders below hold to the bit, without a tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from landbridge import study as studies
from landbridge.conditions import book
from landbridge.conditions.openness import OpenBasis, build_world, closed_objects
from landbridge.network.model import Kind, Mode
from landbridge.routing import Metric, matrix
from landbridge.routing.cost import Edit, LinkCosts, link_costs
from landbridge.routing.scenario import Base, closed_between
from landbridge.routing.world import World, open_metric, shut
from landbridge.schema.demand import Cargo
from landbridge.schema.network import Crossing, Link, Terminal

Floats = NDArray[np.float64]
KOREA = studies.read("korea")
HELD = book.load(KOREA)
GATES = sorted(HELD.gates.gates)
CARGOES = ("coal", "machinery")  # bulk and boxes
CROSSINGS, LINKS, TERMINALS = ([r.id for r in KOREA.rows(model)] for model in (Crossing, Link, Terminal))
MET = sorted({*CROSSINGS, *LINKS, *TERMINALS})
SETS = st.frozensets(st.sampled_from(MET), max_size=40)
LINE = [c.id for c in KOREA.rows(Crossing) if {c.country_a, c.country_b} == {"PRK", "KOR"}]
FEW = settings(max_examples=15, deadline=None)


@pytest.fixture(scope="module")
def base(korea_world: World) -> Base:
    return Base(korea_world)


def costs(world: World, metric: Metric) -> Floats:
    """Least generalised cost between all zones, USD per tonne."""
    return matrix(metric, world.network.centroid, world.network.centroid, 2)


def by_land(world: World, metric: Metric) -> Metric:
    """The metric without the sea."""
    arcs = world.hierarchy.topology.arcs_of(np.flatnonzero(world.network.mode == Mode.SEA))
    return metric.with_changes(arcs, np.full(len(arcs), np.inf))


@pytest.fixture(scope="module")
def land(base: Base) -> Metric:
    return by_land(base.world, base.priced("machinery", {})[1])


@FEW
@given(closed=SETS, more=SETS, cargo=st.sampled_from(CARGOES))
@example(closed=frozenset(), more=frozenset(MET), cargo="machinery")
def test_closing_never_lowers_and_opening_never_raises_a_cost(
        base: Base, closed: frozenset[str], more: frozenset[str], cargo: str) -> None:
    world, metric = base.world, base.priced(cargo, {})[1]
    few = shut(world, metric, closed)
    many = shut(world, few, more - closed)
    opened = many.with_changes(*_reopened(world, metric, more - closed))
    before, after, again = (costs(world, m) for m in (few, many, opened))
    assert (after >= before).all()
    assert (again <= after).all()
    np.testing.assert_array_equal(again, before)  # what is opened again costs what it did


def _reopened(world: World, metric: Metric, ids: frozenset[str]) -> tuple[NDArray[np.int64], Floats]:
    arcs = world.hierarchy.topology.arcs_of(world.links(ids))
    return arcs, metric.cost[arcs]


def test_the_orders_are_of_something(base: Base) -> None:
    """Shutting the line or one border or port does change costs: the properties speak of more than equal numbers."""
    world, metric = base.world, base.priced("machinery", {})[1]
    every = costs(world, metric)
    for ids in (LINE, ["RU-CN-R4"], ["BUSAN"]):
        changed = costs(world, shut(world, metric, ids))
        assert (changed > every).any() and not (changed < every).any(), ids


@FEW
@given(ids=st.frozensets(st.sampled_from(sorted({*CROSSINGS, *TERMINALS})), min_size=1, max_size=60),
       factor=st.floats(0, 1), cargo=st.sampled_from(CARGOES))
@example(ids=frozenset(CROSSINGS), factor=0.0, cargo="machinery")
def test_a_shorter_stop_never_raises_a_cost(base: Base, ids: frozenset[str], factor: float, cargo: str) -> None:
    world = base.world
    edits = {i: Edit(dwell_h=factor * hours) for i, hours in _stops().items() if i in ids}
    slow = costs(world, base.priced(cargo, {})[1])
    fast = costs(world, open_metric(world, _priced(base, cargo, edits)))
    assert (fast <= slow).all()
    if factor == 0.0 and ids == set(CROSSINGS):
        assert (fast < slow).any()


def _stops() -> dict[str, float]:
    """Central hours of stop at each crossing and terminal."""
    return ({c.id: c.dwell_h_central for c in KOREA.rows(Crossing)}
            | {t.id: t.handling_h_central for t in KOREA.rows(Terminal)})


def _priced(base: Base, cargo: str, edits: Mapping[str, Edit]) -> LinkCosts:
    return link_costs(KOREA, base.world.network, base.cargoes[cargo], base.options, edits)


def test_between_any_two_zones_there_is_a_way_if_all_is_open_and_it_costs_nothing_to_stay(base: Base) -> None:
    for cargo in CARGOES:
        every = costs(base.world, base.priced(cargo, {})[1])
        assert np.isfinite(every).all() and (every >= 0).all()
        assert (np.diag(every) == 0).all()


@settings(max_examples=40, deadline=None)
@given(opened=st.one_of(st.frozensets(st.sampled_from(GATES), max_size=6),
                        st.frozensets(st.sampled_from(GATES), max_size=6).map(lambda s: frozenset(GATES) - s)),
       there=st.booleans(), cargo=st.sampled_from([c.id for c in KOREA.rows(Cargo)]))
@example(opened=frozenset(), there=True, cargo="machinery")
@example(opened=frozenset(GATES), there=True, cargo="machinery")
@example(opened=frozenset(GATES) - {"G-MDL-W-RAIL", "G-MDL-E-RAIL", "G-MDL-ROAD"}, there=True, cargo="machinery")
def test_no_land_way_over_the_line_unless_gates_open_one_of_its_crossings(
        base: Base, land: Metric, opened: frozenset[str], there: bool, cargo: str) -> None:
    world = base.world
    conditions = build_world(HELD, HELD.scenarios["observed-2018-06-01"], opened, territory="PRK")
    pair = ("KOR", "PRK") if there else ("PRK", "KOR")
    closed, _, _ = closed_objects(conditions, base.cargoes[cargo].hs, *pair, OpenBasis.AS_OPERATED)
    way = seoul_pyongyang(world, shut(world, land, closed))
    keys = {c: {b.gate for b in HELD.gates.bindings if c in b.objects} for c in LINE}
    opening = [c for c in LINE if keys[c] & opened and all(conditions.states[g].passable for g in keys[c])]
    if not opening:
        assert way == np.inf
    if opened == set(GATES):
        assert opening == LINE and np.isfinite(way)


def seoul_pyongyang(world: World, metric: Metric) -> float:
    """Least cost from Seoul to Pyongyang or back, whichever is less."""
    a, b = (world.network.centroid[[world.zones.index(z)]] for z in ("seoul", "pyongyang"))
    return float(min(matrix(metric, a, b)[0, 0], matrix(metric, b, a)[0, 0]))


@pytest.mark.parametrize("scenario", [s for s in HELD.scenarios if s.startswith("observed-")])
def test_no_observed_world_has_a_land_way_over_the_line(base: Base, land: Metric, scenario: str) -> None:
    zones = {z: base.world.zones.index(z) for z in ("seoul", "pyongyang")}
    for cargo, (o, d) in product(CARGOES, (("seoul", "pyongyang"), ("pyongyang", "seoul"))):
        closed, _ = closed_between(base, scenario, cargo, zones[o], zones[d])
        assert seoul_pyongyang(base.world, shut(base.world, land, closed)) == np.inf


def test_the_line_is_the_only_land_border_of_the_south(base: Base, land: Metric) -> None:
    """With its four crossings shut no zone outside South Korea is reached by land from Seoul."""
    world = base.world
    seoul = world.network.centroid[[world.zones.index("seoul")]]
    reached = np.isfinite(matrix(shut(world, land, LINE), seoul, world.network.centroid)[0])
    country = np.array(world.network.countries)[world.network.country[world.network.centroid]]
    assert set(country[reached]) == {"KOR"}
    assert np.isfinite(matrix(land, seoul, world.network.centroid)).sum() > reached.sum()
    assert all(o.kind is Kind.CROSSING for o in world.network.objects if o.id in LINE)
