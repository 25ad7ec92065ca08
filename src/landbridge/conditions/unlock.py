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
TIE = 0.01  # of the whole gain: smaller differences are no ranking


class Group(StrEnum):
    """What sort of set of gates a row is about."""

    SINGLE = "gate"
    PAIR = "pair"
    ALONE = "all gates a holder can open alone"
    HOLDER = "all gates a holder can stop"
    WITHOUT_HOLDER = "all gates but those a holder can stop"
    ALL = "all gates"


@dataclass(frozen=True)
class Keys:
    """The gates a holder can stop, and those of them it can open without anyone else."""

    stops: Sequence[str]
    opens: Sequence[str] = ()


@dataclass(frozen=True)
class UnlockRow:
    """One set of gates: what opening it alone adds to the closed world, and what the corridor loses if it is left as
    it was. `gain` and `loss` have the keys and units of the value's outcomes."""

    group: Group
    label: str
    gates: frozenset[str]
    gain: Mapping[str, float]
    loss: Mapping[str, float]


@dataclass(frozen=True)
class Unlock:
    """The unlock table with the outcomes of the closed world, of the corridor and of the world with all gates open."""

    closed: Outcomes
    corridor: Outcomes
    opened: Outcomes
    rows: tuple[UnlockRow, ...]

    def best(self, outcome: str) -> tuple[UnlockRow, ...]:
        """The single gates that unlock most of an outcome when opened alone; empty if none unlocks anything."""
        singles = [r for r in self.rows if r.group is Group.SINGLE]
        return _top(singles, lambda r: r.gain[outcome], self.opened[outcome] - self.closed[outcome])

    def worst_blockers(self, outcome: str) -> tuple[UnlockRow, ...]:
        """The single gates whose being left as they were costs the corridor most of an outcome."""
        return _top([r for r in self.rows if r.group is Group.SINGLE], lambda r: -r.loss[outcome], self.whole(outcome))

    def whole(self, outcome: str) -> float:
        """What the corridor adds to the closed world."""
        return self.corridor[outcome] - self.closed[outcome]

    def row(self, group: Group, label: str) -> UnlockRow | None:
        """The row of a group with a label; None if the table has none."""
        return next((r for r in self.rows if r.group is group and r.label == label), None)

    def without(self, holder: str) -> UnlockRow | None:
        """What opens while every gate a holder can stop stays as it is (K12)."""
        return self.row(Group.WITHOUT_HOLDER, holder)

    def blocking_rank(self, holder: str, outcome: str) -> tuple[int, int] | None:
        """First and last place of a holder by what the corridor loses when the gates it can stop are left (K11).

        Losses closer than `TIE` of the whole share their places, so the two differ; None if it holds no key.
        """
        lost = {r.label: -r.loss[outcome] for r in self.rows if r.group is Group.HOLDER}
        if holder not in lost:
            return None
        mine, near = lost.pop(holder), TIE * abs(self.whole(outcome))
        first = 1 + sum(x > mine + near for x in lost.values())
        return first, first + sum(abs(x - mine) <= near for x in lost.values())


def unlock_table(
    gates: Sequence[str],
    holders: Mapping[str, Keys],
    value: Value,
    left: Value | None = None,
    pairs: bool = True,
    pair_gates: Sequence[str] | None = None,
) -> Unlock:
    """The value of each gate, each pair and each holder's keys, opened alone and left as they were.

    `value` gives the outcomes of the closed world with some gates opened, `left` those of the corridor with some gates
    left as they were; without it the corridor is the world with all gates open. Every set is asked once. `pair_gates`
    are the gates whose pairs are asked, all unless given.

    >>> def land_way(opened: frozenset[str]) -> dict[str, float]:
    ...     return {"ways": float({"north", "south"} <= opened)}
    >>> table = unlock_table(["north", "south"], {"X": Keys(["south"])}, land_way)
    >>> [r.gain["ways"] for r in table.rows if r.group is Group.SINGLE], table.opened["ways"]
    ([0.0, 0.0], 1.0)
    >>> table.without("X").gain["ways"], [r.label for r in table.worst_blockers("ways")]
    (0.0, ['north', 'south'])
    """
    everything = frozenset(gates)
    asked = _once(value)
    remains = _once(left) if left else lambda kept: asked(everything - kept)
    sets: list[tuple[Group, str, Iterable[str]]] = [(Group.SINGLE, g, {g}) for g in gates]
    if pairs:
        sets += [(Group.PAIR, f"{a} + {b}", {a, b})
                 for a, b in combinations(gates if pair_gates is None else pair_gates, 2)]
    for holder, keys in holders.items():
        sets += [(Group.ALONE, holder, keys.opens), (Group.HOLDER, holder, keys.stops),
                 (Group.WITHOUT_HOLDER, holder, everything - frozenset(keys.stops))]
    sets.append((Group.ALL, "all", everything))
    chosen = [frozenset(gates) & everything for _, _, gates in sets]
    # like worlds one after the other: a value may be made from the one before
    closed, alone, opened = asked(frozenset()), [asked(c) for c in chosen], asked(everything)
    corridor, without = remains(frozenset()), [remains(c) for c in chosen]
    rows = tuple(
        UnlockRow(group, label, mine, {k: _change(closed[k], a[k]) for k in closed},
                  {k: _change(corridor[k], w[k]) for k in corridor})
        for (group, label, _), mine, a, w in zip(sets, chosen, alone, without, strict=True))
    return Unlock(closed, corridor, opened, rows)


def _once(value: Value) -> Value:
    known: dict[frozenset[str], Outcomes] = {}

    def asked(gates: frozenset[str]) -> Outcomes:
        if gates not in known:
            known[gates] = value(gates)
        return known[gates]

    return asked


def _change(before: float, after: float) -> float:
    """After minus before; no change where both are without end (unreachable stays unreachable)."""
    return 0.0 if before == after else after - before


def _top(rows: Sequence[UnlockRow], key: Callable[[UnlockRow], float], whole: float) -> tuple[UnlockRow, ...]:
    """The rows within a tie of the best, best first; none if nothing is above 0."""
    best = max((key(r) for r in rows), default=0.0)
    near = [r for r in rows if key(r) > 0 and key(r) >= best - TIE * abs(whole)]
    return tuple(sorted(near, key=lambda r: -key(r)))
