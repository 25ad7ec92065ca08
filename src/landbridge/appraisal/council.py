"""Voting power in a council with vetoes, in closed form, and which gates a set of holders can open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, factorial

from landbridge.appraisal.games import Game, game_of


@dataclass(frozen=True)
class CouncilPower:
    """Power of one member with a veto and of one without: Banzhaf shares and Shapley values, all of 1."""

    veto_banzhaf_share: float
    other_banzhaf_share: float
    veto_shapley: float
    other_shapley: float


def council_power(members: int, needed: int, vetoes: int) -> CouncilPower:
    """Power in a council that decides with `needed` votes of `members` and no veto among `vetoes` members.

    >>> p = council_power(15, 9, 5)
    >>> round(p.veto_banzhaf_share * 100, 2), round(p.veto_shapley * 100, 2)
    (16.69, 19.63)
    """
    if not 0 <= vetoes <= members or not 0 < needed <= members:
        raise ValueError("a council needs 0 <= vetoes <= members and 0 < needed <= members")
    others = members - vetoes
    least = max(needed - vetoes, 0)
    veto_swings = sum(comb(others, k) for k in range(least, others + 1))
    other_swings = comb(others - 1, least - 1) if least >= 1 else 0
    total = vetoes * veto_swings + others * other_swings
    # an ordinary member decides when all vetoes and exactly least - 1 of the others stand before it
    before = vetoes + least - 1
    orders = factorial(before) * factorial(members - before - 1) if least >= 1 else 0
    other_shapley = comb(others - 1, least - 1) * orders / factorial(members) if least >= 1 else 0.0
    veto_shapley = (1 - others * other_shapley) / vetoes if vetoes else 0.0
    return CouncilPower(veto_swings / total, other_swings / total, veto_shapley, other_shapley)


def opened_gates(states: frozenset[str], gates: Mapping[str, Sequence[str]],
                 bodies: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Gates that a set of States can open: all holders must be among them; a body agrees when all States with
    a veto in it are (the votes it needs beyond those are taken as given)."""

    def agrees(holder: str) -> bool:
        return set(bodies.get(holder, (holder,))) <= states

    return frozenset(g for g, holders in gates.items() if all(agrees(h) for h in holders))


def key_holders(gates: Mapping[str, Sequence[str]], bodies: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The States that hold a key of any of the gates, themselves or by a veto in a body."""
    return tuple(sorted({s for holders in gates.values() for h in holders for s in bodies.get(h, (h,))}))


def gates_game(players: Sequence[str], gates: Mapping[str, Sequence[str]], bodies: Mapping[str, Sequence[str]],
               value: Callable[[frozenset[str]], float]) -> Game:
    """The game over States in which a coalition has the benefit of the gates it can open; see `opened_gates`.

    `value` is asked once for each distinct set of gates. All gates not opened stay as they are.
    """
    known: dict[frozenset[str], float] = {}

    def worth(states: frozenset[str]) -> float:
        opened = opened_gates(states, gates, bodies)
        if opened not in known:
            known[opened] = value(opened)
        return known[opened]

    return game_of(players, worth)
