"""What each key opens: the unlock table valued by routing, law and gates together.

The world of the 'before' scenario is asked again with sets of gates opened by hand, that of the 'after' scenario with
sets of gates left as they were; what is shut to which cargo then follows from the conditions room, what that costs from
the routing room.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions.book import load
from landbridge.conditions.openness import OpenBasis, build_world, closed_objects
from landbridge.conditions.openness import World as Conditions
from landbridge.conditions.scenario import Scenario
from landbridge.conditions.tables import holders_of
from landbridge.conditions.unlock import Group, Unlock, unlock_table
from landbridge.routing import matrix
from landbridge.schema.config import CorridorSection
from landbridge.session import Session

Floats = NDArray[np.float64]


class GateValue:
    """Value of a set of open gates, by routing: callable for `conditions.unlock`.

    Outcomes: `land_pairs` (ordered pairs of zones of different parties that the corridor's cargo can reach by land),
    `pairs` (by any mode), `tonnes_gaining_kt` (base-year tonnes between the parties whose way gets cheaper or opens)
    `gain_musd_per_year` (fall of generalised cost on base-year tonnes that had a way before) and
    `mean_cost_usd_per_t` (mean generalised cost of those tonnes).
    """

    def __init__(self, session: Session, about: CorridorSection) -> None:
        self._session = session
        self._about = about
        self._held = load(session.study)
        report = session.study.config.report
        self._scenario, self._after = (self._held.scenarios[s] for s in (report.before, report.after))
        country = np.array(session.demand.countries)
        self._zones = np.flatnonzero(np.isin(country, about.parties))
        self._country = country[self._zones]
        self._foreign = self._country[:, None] != self._country[None, :]
        self._costs: dict[tuple[str, frozenset[str], bool], Floats] = {}
        self._worlds: dict[tuple[Scenario, frozenset[str]], Conditions] = {}
        self._before = self._all_costs(self._world(self._scenario, frozenset()))

    def __call__(self, opened: frozenset[str]) -> Mapping[str, float]:
        """The outcomes of the 'before' scenario with some gates opened."""
        return self._outcomes(self._world(self._scenario, opened))

    def left(self, kept: frozenset[str]) -> Mapping[str, float]:
        """The outcomes of the 'after' scenario with some gates left as they were."""
        return self._outcomes(self._world(self._after.without(kept), frozenset()))

    def _outcomes(self, world: Conditions) -> Mapping[str, float]:
        cargo = self._session.cargo
        gain = tonnes = spent = moved = 0.0
        demand = self._session.demand
        for c, after in self._all_costs(world).items():
            before = self._before[c]
            mass = demand.mass_kt[c][np.ix_(self._zones, self._zones)]
            both = np.isfinite(before) & np.isfinite(after)
            saved = np.zeros_like(before)
            saved[both] = before[both] - after[both]
            gain += float((mass * saved).sum()) / 1e3
            spent += float((mass[both] * after[both]).sum())
            moved += float(mass[both].sum())
            tonnes += float(mass[(saved > 1e-6) | (np.isfinite(after) & ~np.isfinite(before))].sum())
        any_mode, by_land = self._cost(cargo, world), self._cost(cargo, world, land=True)
        return {
            "land_pairs": float((np.isfinite(by_land) & self._foreign).sum()),
            "pairs": float((np.isfinite(any_mode) & self._foreign).sum()),
            "tonnes_gaining_kt": round(tonnes, 6),
            "gain_musd_per_year": round(gain, 9),
            "mean_cost_usd_per_t": round(spent / moved, 9) if moved else float("nan"),
        }

    def cost(self, cargo: str, opened: frozenset[str]) -> Floats:
        """Generalised cost between the zones of the parties with some gates opened, USD per tonne."""
        return self._cost(cargo, self._world(self._scenario, opened))

    def _all_costs(self, world: Conditions) -> dict[str, Floats]:
        """By cargo, two cargoes at a time: each has a metric of its own."""
        cargoes = tuple(self._session.base.cargoes)
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(cargoes, pool.map(lambda c: self._cost(c, world), cargoes), strict=True))

    def _world(self, scenario: Scenario, opened: frozenset[str]) -> Conditions:
        key = scenario, opened
        if key not in self._worlds:
            self._worlds[key] = build_world(self._held, scenario, opened, territory=self._about.transit)
        return self._worlds[key]

    def _cost(self, cargo: str, world: Conditions, land: bool = False) -> Floats:
        out = np.full((len(self._zones), len(self._zones)), np.inf)
        codes = self._session.base.cargoes[cargo].hs
        for o in self._about.parties:
            for d in self._about.parties:
                closed, _, _ = closed_objects(world, codes, o, d, OpenBasis.AS_OPERATED)
                block = np.ix_(self._country == o, self._country == d)
                out[block] = self._matrix(cargo, closed, land)[block]
        return out

    def _matrix(self, cargo: str, closed: frozenset[str], land: bool) -> Floats:
        key = (cargo, closed, land)
        if key not in self._costs:
            nodes = self._session.world.network.centroid[self._zones]
            self._costs[key] = matrix(self._session.base.shut(cargo, {}, closed, land), nodes, nodes)
        return self._costs[key]


def unlock(session: Session, value: GateValue) -> Unlock:
    """The unlock table: every gate, each holder's keys, and each pair of the gates that the 'after' scenario opens."""
    held = load(session.study)
    report = session.study.config.report
    edited = held.scenarios[report.after].states_on()
    corridor = tuple(g for g in held.gates.gates if g in edited)
    return unlock_table(
        tuple(held.gates.gates), holders_of(held), value, value.left, pairs=True, pair_gates=corridor
    )


def holder_gain(table: Unlock, group: Group, holder: str, outcome: str) -> float:
    """What a group of gates of a holder, opened alone, adds to an outcome; NaN where the holder has no key."""
    row = table.row(group, holder)
    return float("nan") if row is None else float(row.gain[outcome])
