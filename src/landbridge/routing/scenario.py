"""A scenario as routing sees it: what each cargo's ways cost between which zones, under law, gates and edits."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions.book import load
from landbridge.conditions.openness import OpenBasis, Openness, closed_objects, openness_classes
from landbridge.conditions.openness import World as Conditions
from landbridge.conditions.openness import world as conditions_world
from landbridge.network.model import Mode
from landbridge.routing import Metric
from landbridge.routing.cost import CostOptions, Edit, LinkCosts, link_costs
from landbridge.routing.metric import change_in_place, readonly
from landbridge.routing.world import PARTS, Skim, World, arc_parts, km_in, open_metric, skim
from landbridge.schema.demand import Cargo, Form, Zone

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ScenarioView:
    """Skims of every cargo under one scenario; matrices (z, z), each pair under the class its countries fall in.

    `lawful` says per cargo whether the law lets at least half of the cargo's codes move; an unlawful pair has no
    way on the basis AS_OPERATED.
    """

    id: str
    title: str
    day: date
    openness: Openness
    conditions: Conditions
    costs: Mapping[str, LinkCosts]
    skims: Mapping[str, Skim]
    lawful: Mapping[str, NDArray[np.bool_]]

    def closed_for(self, cargo: str, origin: str, destination: str) -> frozenset[str]:
        """Objects shut for a cargo between two countries."""
        return self.openness.closed_for(cargo, origin, destination)

    @cached_property
    def cost(self) -> Mapping[str, Floats]:
        """Generalised cost by cargo, USD per tonne."""
        return {c: s.cost_usd_per_t for c, s in self.skims.items()}


class Base:
    """Metrics with everything open, customised once for each cargo and set of edits, shared by all scenarios."""

    def __init__(self, world: World, options: CostOptions | None = None) -> None:
        self.world = world
        self.options = options or CostOptions()
        self.cargoes = {c.id: c for c in world.study.rows(Cargo)}
        self._by_form: dict[tuple[Form, tuple[tuple[str, Edit], ...]], LinkCosts] = {}
        self._held: dict[tuple[str, tuple[tuple[str, Edit], ...]], tuple[LinkCosts, Metric]] = {}
        self._shut: dict[tuple[str, tuple[tuple[str, Edit], ...], bool], _Walker] = {}

    def priced(self, cargo: str, edits: Mapping[str, Edit]) -> tuple[LinkCosts, Metric]:
        """Link costs of a cargo and its metric with everything open."""
        key = (cargo, tuple(sorted(edits.items(), key=lambda e: e[0])))
        if key not in self._held:
            costs = self.of_form(self.cargoes[cargo], edits).of(self.world.study, self.cargoes[cargo], self.options)
            self._held[key] = (costs, open_metric(self.world, costs))
        return self._held[key]

    def of_form(self, cargo: Cargo, edits: Mapping[str, Edit]) -> LinkCosts:
        """Link costs of some cargo of the same form; all but the value of time is shared."""
        key = (cargo.form, tuple(sorted(edits.items(), key=lambda e: e[0])))
        if key not in self._by_form:
            self._by_form[key] = link_costs(self.world.study, self.world.network, cargo, self.options, edits)
        return self._by_form[key]

    def shut(self, cargo: str, edits: Mapping[str, Edit], closed: frozenset[str], by_land: bool = False) -> Metric:
        """The metric of a cargo with some objects shut, and the sea with them if `by_land`.

        It holds until the next call for the same cargo, edits and `by_land`: the sets of objects asked in one run are
        much alike, so one metric goes from set to set by shutting and opening what differs, a few links instead of all.
        Different cargoes may be asked on different threads.
        """
        key = (cargo, tuple(sorted(edits.items(), key=lambda e: e[0])), by_land)
        if key not in self._shut:
            start = self.priced(cargo, edits)[1]
            sea = self.world.hierarchy.topology.arcs_of(np.flatnonzero(self.world.network.mode == Mode.SEA))
            self._shut[key] = _Walker(self.world, start, sea if by_land else sea[:0])
        return self._shut[key].to(closed)


class _Walker:
    """A metric of its own that goes from one set of shut objects to the next, in place."""

    def __init__(self, world: World, start: Metric, always_shut: NDArray[np.int32]) -> None:
        self._world, self._open_cost = world, start.cost
        self._cost, self._weight = start.cost.copy(), start.weight.copy()
        if len(always_shut):
            change_in_place(start.hierarchy, self._cost, self._weight, always_shut, np.inf)
            self._open_cost = self._cost.copy()
        self._metric = Metric(start.hierarchy, readonly(self._cost), readonly(self._weight))
        self._closed: frozenset[str] = frozenset()

    def to(self, closed: frozenset[str]) -> Metric:
        """The metric with just these objects shut."""
        topology = self._world.hierarchy.topology
        shutting = topology.arcs_of(self._world.links(closed - self._closed))
        opening = topology.arcs_of(self._world.links(self._closed - closed))
        costs = np.concatenate([np.full(len(shutting), np.inf), self._open_cost[opening]])
        change_in_place(self._metric.hierarchy, self._cost, self._weight, np.concatenate([shutting, opening]), costs)
        self._closed = closed
        return self._metric


def edits_of(conditions: Conditions) -> dict[str, Edit]:
    """A scenario's changes of hours, money and speed, by object; the last one holds."""
    numbers: dict[str, Edit] = {}
    for edit in conditions.scenario.numbers_on():
        if edit.attribute.value in Edit.__dataclass_fields__:
            numbers[edit.target] = replace(numbers.get(edit.target, Edit()), **{edit.attribute.value: edit.number})
    return numbers


class Detail(Enum):
    """How much of each way a view sums up."""

    COST = "generalised cost only"
    RIVAL = "and, for the pair that is said to go round, the kilometres in the rival country"
    FULL = "and hours, money, kilometres, border and terminal hours"


def view(
    base: Base,
    scenario: str,
    detail: Detail = Detail.FULL,
    basis: OpenBasis = OpenBasis.AS_OPERATED,
    cargo: str | None = None,
) -> ScenarioView:
    """Skims of all cargoes (or of one) under a scenario.

    Pairs of countries with the same set of closed objects share one metric, which is the open metric with those
    links closed; two cargoes are worked on at a time, with the same numbers.
    """
    world = base.world
    study = world.study
    about = study.config.corridor
    conditions = conditions_world(study, scenario, territory=about.transit if about else "")
    zones = study.rows(Zone)
    countries = tuple(dict.fromkeys(z.country for z in zones))
    chosen = [c for c in base.cargoes.values() if cargo in {None, c.id}]
    openness = openness_classes(conditions, {c.id: c.hs for c in chosen}, countries, basis)
    at = np.array([countries.index(z.country) for z in zones])
    edits = edits_of(conditions)
    rival = {"rival_km": km_in(world, about.rival)} if about and detail is not Detail.COST else {}
    names = (*rival, *(PARTS if detail is Detail.FULL else ()))
    asked = np.ones((len(at), len(at)), np.bool_)
    if about and detail is Detail.RIVAL:  # only the pair is said to go round
        a, b = (np.array([z.country == c for z in zones]) for c in about.trade_of)
        asked = a[:, None] & b | b[:, None] & a

    def of_form(cargo: Cargo) -> Floats:
        costs = base.of_form(cargo, edits)
        return arc_parts(world, [*rival.values(), *(getattr(costs, n) for n in names[len(rival):])])

    def one(k: int) -> tuple[LinkCosts, Skim]:
        priced, _ = base.priced(chosen[k].id, edits)
        summed = parts[chosen[k].form]
        classes = openness.class_of[k][np.ix_(at, at)]
        found = {}
        for i in np.unique(classes):
            rows, columns = (np.flatnonzero((classes == i).any(axis=axis)) for axis in (1, 0))
            closed = base.shut(chosen[k].id, edits, openness.closed[i])
            here = (asked & (classes == i))[np.ix_(rows, columns)]
            found[int(i)] = (rows, columns, skim(world, closed, priced, rows, columns, names, summed, here))
        return priced, _merged(found, classes)

    forms = {c.form: c for c in chosen}
    with ThreadPoolExecutor(2) as pool:
        parts = dict(zip(forms, pool.map(of_form, forms.values()), strict=True))
        done = list(pool.map(one, range(len(chosen))))
    lawful = {c.id: openness.lawful_share[k][np.ix_(at, at)] >= 0.5 for k, c in enumerate(chosen)}
    held = load(study).scenarios[scenario]
    return ScenarioView(scenario, held.title, conditions.on, openness, conditions,
                        {c.id: d[0] for c, d in zip(chosen, done, strict=True)},
                        {c.id: d[1] for c, d in zip(chosen, done, strict=True)}, lawful)


def _merged(
    found: Mapping[int, tuple[NDArray[np.int64], NDArray[np.int64], Skim]], classes: NDArray[np.int16]
) -> Skim:
    """One skim in which each pair of zones has the numbers of its class."""
    first = next(iter(found.values()))[2]
    cost = np.full(classes.shape, np.inf)
    parts = {name: np.full(classes.shape, np.inf) for name in first.parts}
    for i, (rows, columns, s) in found.items():
        block = np.ix_(rows, columns)
        here = classes[block] == i
        for whole, part in ((cost, s.cost_usd_per_t), *((parts[n], s.parts[n]) for n in parts)):
            filled = whole[block]
            filled[here] = part[here]
            whole[block] = filled
    for array in (cost, *parts.values()):
        array.setflags(write=False)
    return Skim(first.cargo, first.zones, cost, parts)


def closed_between(
    base: Base, scenario: str, cargo: str, origin: int, destination: int, basis: OpenBasis = OpenBasis.AS_OPERATED
) -> tuple[frozenset[str], dict[str, Edit]]:
    """Objects shut for one cargo between two zones under a scenario, and the scenario's edits."""
    study = base.world.study
    about = study.config.corridor
    conditions = conditions_world(study, scenario, territory=about.transit if about else "")
    zones = study.rows(Zone)
    pair = zones[origin].country, zones[destination].country
    closed, _, _ = closed_objects(conditions, base.cargoes[cargo].hs, *pair, basis)
    return closed, edits_of(conditions)
