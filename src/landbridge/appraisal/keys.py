"""Who can open what: the gates a set of States can open, and the game over those who hold the keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from landbridge.appraisal.games import Game, game_of
from landbridge.schema.conditions import Gate, Holder
from landbridge.study import Study


def keys_of(study: Study) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Holders of every gate, and for every holder the States whose refusal stops it (a State stops itself).

    >>> from landbridge import study
    >>> gates, bodies = keys_of(study.read("korea"))
    >>> gates["G-ROAD"], bodies["UNC"]
    (('RUS', 'PRK'), ('USA',))
    """
    gates = {g.id: g.holders for g in study.rows(Gate)}
    bodies = {h.id: h.veto or (h.id,) for h in study.rows(Holder)}
    return gates, bodies


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
