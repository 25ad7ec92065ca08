"""A scenario as routing sees it: what each cargo's ways cost between which zones, under law, gates and edits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions.book import load
from landbridge.conditions.openness import OpenBasis, Openness, closed_objects, openness_classes
from landbridge.conditions.openness import World as Conditions
from landbridge.conditions.openness import world as conditions_world
from landbridge.routing import Metric
from landbridge.routing.cost import CostOptions, Edit, LinkCosts, link_costs
from landbridge.routing.world import Skim, World, km_in, open_metric, shut, skim
from landbridge.schema.demand import Cargo, Zone

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
        self._held: dict[tuple[str, tuple[tuple[str, Edit], ...]], tuple[LinkCosts, Metric]] = {}

    def priced(self, cargo: str, edits: Mapping[str, Edit]) -> tuple[LinkCosts, Metric]:
        """Link costs of a cargo and its metric with everything open."""
        key = (cargo, tuple(sorted(edits.items(), key=lambda e: e[0])))
        if key not in self._held:
            costs = link_costs(self.world.study, self.world.network, self.cargoes[cargo], self.options, edits)
            self._held[key] = (costs, open_metric(self.world, costs))
        return self._held[key]


def edits_of(conditions: Conditions) -> dict[str, Edit]:
    """A scenario's changes of hours, money and speed, by object; the last one holds."""
    numbers: dict[str, Edit] = {}
    for edit in conditions.scenario.numbers_on():
        if edit.attribute.value in Edit.__dataclass_fields__:
            numbers[edit.target] = replace(numbers.get(edit.target, Edit()), **{edit.attribute.value: edit.number})
    return numbers


def view(base: Base, scenario: str, basis: OpenBasis = OpenBasis.AS_OPERATED, cargo: str | None = None) -> ScenarioView:
    """Skims of all cargoes (or of one) under a scenario.

    Pairs of countries with the same set of closed objects share one metric, which is the open metric with those
    links closed.
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
    extra = {"rival_km": km_in(world, about.rival)} if about else {}
    costs, skims, lawful = {}, {}, {}
    for k, c in enumerate(chosen):
        priced, metric = base.priced(c.id, edits)
        classes = openness.class_of[k][np.ix_(at, at)]
        found = {i: skim(world, shut(world, metric, openness.closed[i]), priced, extra) for i in np.unique(classes)}
        costs[c.id], skims[c.id] = priced, _merged(found, classes)
        lawful[c.id] = openness.lawful_share[k][np.ix_(at, at)] >= 0.5
    held = load(study).scenarios[scenario]
    return ScenarioView(scenario, held.title, conditions.on, openness, conditions, costs, skims, lawful)


def _merged(found: Mapping[int, Skim], classes: NDArray[np.int16]) -> Skim:
    """One skim in which each pair of zones has the numbers of its class."""
    first = next(iter(found.values()))
    if len(found) == 1:
        return first
    cost = np.empty_like(first.cost_usd_per_t)
    parts = {name: np.empty_like(cost) for name in first.parts}
    for i, s in found.items():
        here = classes == i
        cost[here] = s.cost_usd_per_t[here]
        for name, values in parts.items():
            values[here] = s.parts[name][here]
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
