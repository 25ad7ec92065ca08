"""Which gate unlocks what: for single gates, pairs of gates and each holder's keys, by a value anyone may plug in.

The value of a set of open gates is a callback: routing gives connected pairs, tonnes that gain and mean cost; without
routing, `way_value` counts the lawful and operating ways of ways.csv. Nothing here knows what is being counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

Outcomes = Mapping[str, float]
Value = Callable[[frozenset[str]], Outcomes]


class Group(StrEnum):
    """What sort of set of gates a row is about."""

    SINGLE = "gate"
    PAIR = "pair"
    HOLDER = "all gates a holder can stop"
    WITHOUT_HOLDER = "all gates but those a holder can stop"
    ALL = "all gates"


@dataclass(frozen=True)
class UnlockRow:
    """One set of gates: what opening it alone adds to the closed world, and what shutting it alone takes from the
    open one. `gain` and `loss` have the keys and units of the value's outcomes."""

    group: Group
    label: str
    gates: frozenset[str]
    gain: Mapping[str, float]
    loss: Mapping[str, float]


@dataclass(frozen=True)
class Unlock:
    """The unlock table with the outcomes of the closed and the open world."""

    closed: Outcomes
    opened: Outcomes
    rows: tuple[UnlockRow, ...]

    def best(self, outcome: str) -> tuple[UnlockRow, ...]:
        """The single gates that unlock most of an outcome when opened alone (K11); empty if none unlocks anything."""
        return _top([r for r in self.rows if r.group is Group.SINGLE], lambda r: r.gain[outcome])

    def worst_blockers(self, outcome: str) -> tuple[UnlockRow, ...]:
        """The single gates that block most of an outcome when shut alone in the open world (K11)."""
        return _top([r for r in self.rows if r.group is Group.SINGLE], lambda r: -r.loss[outcome])

    def without(self, holder: str) -> UnlockRow | None:
        """What opens while every gate a holder can stop stays as it is (K12)."""
        return next((r for r in self.rows if r.group is Group.WITHOUT_HOLDER and r.label == holder), None)


def unlock_table(
    gates: Sequence[str],
    holders: Mapping[str, Iterable[str]],
    value: Value,
    pairs: bool = True,
    pair_gates: Sequence[str] | None = None,
) -> Unlock:
    """The value of opening each gate, each pair and each holder's set; every set is asked once.

    `pair_gates` are the gates whose pairs are asked, all unless given.

    >>> def land_way(opened: frozenset[str]) -> dict[str, float]:
    ...     return {"ways": float({"north", "south"} <= opened)}
    >>> table = unlock_table(["north", "south"], {"X": ["south"]}, land_way)
    >>> [r.gain["ways"] for r in table.rows if r.group is Group.SINGLE], table.opened["ways"]
    ([0.0, 0.0], 1.0)
    >>> table.without("X").gain["ways"], [r.label for r in table.worst_blockers("ways")]
    (0.0, ['north', 'south'])
    """
    known: dict[frozenset[str], Outcomes] = {}

    def asked(opened: frozenset[str]) -> Outcomes:
        if opened not in known:
            known[opened] = value(opened)
        return known[opened]

    everything = frozenset(gates)
    closed, opened = asked(frozenset()), asked(everything)

    def row(group: Group, label: str, chosen: frozenset[str]) -> UnlockRow:
        alone, without = asked(chosen), asked(everything - chosen)
        gain = {k: _change(closed[k], alone[k]) for k in closed}
        loss = {k: _change(opened[k], without[k]) for k in opened}
        return UnlockRow(group, label, chosen, gain, loss)

    rows = [row(Group.SINGLE, g, frozenset({g})) for g in gates]
    if pairs:
        rows += [row(Group.PAIR, f"{a} + {b}", frozenset({a, b}))
                 for a, b in combinations(gates if pair_gates is None else pair_gates, 2)]
    for holder, keys in holders.items():
        mine = frozenset(keys) & everything
        rows.append(row(Group.HOLDER, holder, mine))
        rows.append(row(Group.WITHOUT_HOLDER, holder, everything - mine))
    rows.append(row(Group.ALL, "all", everything))
    return Unlock(closed, opened, tuple(rows))


def _change(before: float, after: float) -> float:
    """After minus before; no change where both are without end (unreachable stays unreachable)."""
    return 0.0 if before == after else after - before


def _top(rows: Sequence[UnlockRow], key: Callable[[UnlockRow], float]) -> tuple[UnlockRow, ...]:
    best = max((key(r) for r in rows), default=0.0)
    return tuple(r for r in rows if key(r) == best) if best > 0 else ()
