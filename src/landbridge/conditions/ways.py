"""Ways of ways.csv under a scenario: which cargo may pass which way, as law, consent and the ground have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from landbridge.conditions.openness import GroupRule, OpenBasis, World, build_world, closed_objects
from landbridge.conditions.scenario import Scenario
from landbridge.conditions.unlock import Value
from landbridge.conditions.verdict import Answer
from landbridge.schema.conditions import Way


@dataclass(frozen=True)
class WayState:
    """One cargo on one way, from its first State to its last: whether it can go, and what stops it."""

    way: str
    cargo: str
    open: bool
    answer: Answer
    shut: tuple[str, ...]


def ends(way: Way, beyond: str = "") -> tuple[str, str]:
    """First and last State of a way; a way that ends at a port is taken on to the State `beyond` by ship."""
    return way.states[0], (way.exit_port and beyond) or way.states[-1]


def way_state(w: World, way: Way, cargo: str, codes: Sequence[str], basis: OpenBasis,
              rule: GroupRule = GroupRule.MOST, beyond: str = "") -> WayState:
    """Whether a cargo can go the whole of a way on a basis, from a port on to the State `beyond`."""
    origin, destination = ends(way, beyond)
    shut, answer, _ = closed_objects(w, codes, origin, destination, basis, rule)
    stopped = tuple(o for o in way.objects if o in shut)
    return WayState(way.id, cargo, not stopped, answer, stopped)


def way_value(
    w: World, scenario: Scenario, cargos: Mapping[str, Sequence[str]], through: tuple[str, str] = ("", ""),
    beyond: str = "", basis: OpenBasis = OpenBasis.AS_OPERATED,
) -> Value:
    """A value for the unlock table that needs no routing: how many (way, cargo) can go, and how many of them lead
    `through` from the first State to the second by land; `beyond` is where ships from the ports of ways go."""

    def value(opened: frozenset[str]) -> dict[str, float]:
        now = build_world(w.held, scenario, opened, None, w.as_of, territory=w.territory)
        states = [way_state(now, way, cargo, codes, basis, beyond=beyond) for way in w.held.ways if way.objects
                  for cargo, codes in cargos.items()]
        whole = {way.id for way in w.held.ways if (way.states[0], way.states[-1]) == through}
        return {"open_way_cargos": float(sum(s.open for s in states)),
                "open_through_way_cargos": float(sum(s.open for s in states if s.way in whole))}

    return value
