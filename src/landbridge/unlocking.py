"""What each key opens: the unlock table valued by routing, law and gates together.

The world of the 'before' scenario is asked again with sets of gates opened by hand; what is shut to which cargo then
follows from the conditions room, what that costs from the routing room.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from landbridge.conditions.book import load
from landbridge.conditions.openness import OpenBasis, build_world, closed_objects
from landbridge.conditions.openness import World as Conditions
from landbridge.conditions.openness import world as conditions_world
from landbridge.conditions.tables import holders_of
from landbridge.conditions.unlock import Group, Unlock, unlock_table
from landbridge.routing import matrix
from landbridge.schema.config import CorridorSection
from landbridge.session import Session

Floats = NDArray[np.float64]


class GateValue:
    """Value of a set of open gates, by routing: callable for `conditions.unlock`.

    Outcomes: `land_pairs` (ordered pairs of zones of different parties that machinery can reach by land),
    `pairs` (by any mode), `tonnes_gaining_kt` (base-year tonnes between the parties whose way gets cheaper or opens)
    `gain_musd_per_year` (fall of generalised cost on base-year tonnes that had a way before) and
    `mean_cost_usd_per_t` (mean generalised cost of those tonnes).
    """

    def __init__(self, session: Session, about: CorridorSection) -> None:
        self._session = session
        self._about = about
        self._held = load(session.study)
        self._scenario = self._held.scenarios[session.study.config.report.before]
        country = np.array(session.demand.countries)
        self._zones = np.flatnonzero(np.isin(country, about.parties))
        self._country = country[self._zones]
        self._foreign = self._country[:, None] != self._country[None, :]
        self._costs: dict[tuple[str, frozenset[str], bool], Floats] = {}
        self._worlds: dict[frozenset[str], Conditions] = {}
        self._before = self._all_costs(frozenset())

    def __call__(self, opened: frozenset[str]) -> Mapping[str, float]:
        """The outcomes with some gates opened."""
        cargo = "machinery" if "machinery" in self._session.base.cargoes else next(iter(self._session.base.cargoes))
        gain = tonnes = spent = moved = 0.0
        demand = self._session.demand
        for c, after in self._all_costs(opened).items():
            before = self._before[c]
            mass = demand.mass_kt[c][np.ix_(self._zones, self._zones)]
            both = np.isfinite(before) & np.isfinite(after)
            saved = np.zeros_like(before)
            saved[both] = before[both] - after[both]
            gain += float((mass * saved).sum()) / 1e3
            spent += float((mass[both] * after[both]).sum())
            moved += float(mass[both].sum())
            tonnes += float(mass[(saved > 1e-6) | (np.isfinite(after) & ~np.isfinite(before))].sum())
        any_mode, by_land = self._cost(cargo, opened), self._cost(cargo, opened, land=True)
        return {
            "land_pairs": float((np.isfinite(by_land) & self._foreign).sum()),
            "pairs": float((np.isfinite(any_mode) & self._foreign).sum()),
            "tonnes_gaining_kt": round(tonnes, 6),
            "gain_musd_per_year": round(gain, 9),
            "mean_cost_usd_per_t": round(spent / moved, 9) if moved else float("nan"),
        }

    def cost(self, cargo: str, opened: frozenset[str]) -> Floats:
        """Generalised cost between the zones of the parties with some gates opened, USD per tonne."""
        return self._cost(cargo, opened)

    def _all_costs(self, opened: frozenset[str]) -> dict[str, Floats]:
        """By cargo, two cargoes at a time: each has a metric of its own."""
        self._world(opened)
        cargoes = tuple(self._session.base.cargoes)
        with ThreadPoolExecutor(2) as pool:
            return dict(zip(cargoes, pool.map(lambda c: self._cost(c, opened), cargoes), strict=True))

    def _world(self, opened: frozenset[str]) -> Conditions:
        if opened not in self._worlds:
            self._worlds[opened] = build_world(self._held, self._scenario, opened, territory=self._about.transit)
        return self._worlds[opened]

    def _cost(self, cargo: str, opened: frozenset[str], land: bool = False) -> Floats:
        world = self._world(opened)
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


def unlock(session: Session, about: CorridorSection, value: GateValue) -> Unlock:
    """The unlock table: every gate, each holder's keys, and each pair of the gates that the 'after' scenario opens."""
    held = load(session.study)
    report = session.study.config.report
    world = conditions_world(session.study, report.before, territory=about.transit)
    edited = held.scenarios[report.after].states_on()
    corridor = tuple(g for g in held.gates.gates if g in edited)
    return unlock_table(tuple(held.gates.gates), holders_of(world), value, pairs=True, pair_gates=corridor)


def holder_gain(table: Unlock, group: Group, holder: str, outcome: str) -> float:
    """What a holder's keys alone, or all others without them, add to an outcome; NaN where the holder has no key."""
    row = next((r for r in table.rows if r.group is group and r.label == holder), None)
    return float("nan") if row is None else float(row.gain[outcome])
