"""Games with transferable utility: what each coalition can get, and how power is shared (Shapley, Banzhaf).

A game of n players is an array of 2^n values; entry m belongs to the coalition of the players whose bit is
set in m. Up to 12 players. See Peleg and Sudhölter (2007), Introduction to the Theory of Cooperative Games.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import factorial

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
MOST_PLAYERS = 12


@dataclass(frozen=True)
class Game:
    """Players and the value of every coalition, in one unit; the empty coalition has 0."""

    players: tuple[str, ...]
    values: Floats

    @property
    def n(self) -> int:
        """Number of players."""
        return len(self.players)

    @property
    def grand(self) -> float:
        """Value of all players together."""
        return float(self.values[-1])

    @cached_property
    def members(self) -> Floats:
        """Membership as an array (2^n, n) of 0 and 1."""
        return membership(self.n)

    def value(self, players: Sequence[str]) -> float:
        """Value of a coalition given by names; KeyError or ValueError for an unknown player."""
        return float(self.values[sum(1 << self.players.index(p) for p in set(players))])

    def names(self, mask: int) -> tuple[str, ...]:
        """Players of a coalition given by its mask."""
        return tuple(p for i, p in enumerate(self.players) if mask >> i & 1)


def membership(n: int) -> Floats:
    """Membership of the 2^n coalitions of n players: shape (2^n, n), 0 or 1."""
    return ((np.arange(2**n)[:, None] >> np.arange(n)) & 1).astype(np.float64)


def game(players: Sequence[str], values: ArrayLike) -> Game:
    """A game from its 2^n values; ValueError if there are not that many, one is not finite, or the first is
    not 0."""
    v = np.array(values, np.float64)
    if not 1 <= len(players) <= MOST_PLAYERS:
        raise ValueError(f"{len(players)} players: 1 to {MOST_PLAYERS} are possible")
    if len(set(players)) != len(players):
        raise ValueError("a player is named twice")
    if v.shape != (2 ** len(players),):
        raise ValueError(f"{v.size} values for {len(players)} players, {2 ** len(players)} are needed")
    if not np.all(np.isfinite(v)) or v[0] != 0:
        raise ValueError("values must be finite, and 0 for the empty coalition")
    v.setflags(write=False)
    return Game(tuple(players), v)


def game_of(players: Sequence[str], value: Callable[[frozenset[str]], float]) -> Game:
    """A game from a function of the set of players; values are counted from that of the empty set.

    >>> glove = game_of(("L", "R1", "R2"), lambda s: float("L" in s and len(s) > 1))
    >>> shapley(glove).round(6)
    array([0.666667, 0.166667, 0.166667])
    """
    if not 1 <= len(players) <= MOST_PLAYERS:
        raise ValueError(f"{len(players)} players: 1 to {MOST_PLAYERS} are possible")
    nothing = value(frozenset())
    n = len(players)
    rest = [
        value(frozenset(p for i, p in enumerate(players) if mask >> i & 1)) - nothing
        for mask in range(1, 2**n)
    ]
    return game(players, [0.0, *rest])


def game_from(players: Sequence[str], values: Mapping[str, float]) -> Game:
    """A game from values of named coalitions written 'A+B'; coalitions left out have 0."""
    v = np.zeros(2 ** len(players))
    for names, x in values.items():
        v[sum(1 << list(players).index(p.strip()) for p in names.split("+"))] = x
    return game(players, v)


def voting(quota: float, weights: Sequence[float], players: Sequence[str] | None = None) -> Game:
    """The simple game in which a coalition wins, with value 1, when its weights reach the quota."""
    names = players or [str(i + 1) for i in range(len(weights))]
    total = membership(len(weights)) @ np.asarray(weights, np.float64)
    return game(names, (total >= quota - 1e-9 * abs(quota)).astype(np.float64))


def additive(players: Sequence[str], needs: Sequence[tuple[Sequence[str], float]]) -> Game:
    """The game in which each thing of worth is had by every coalition that holds all the players it needs."""
    masks = np.arange(2 ** len(players))
    v = np.zeros(len(masks))
    for needed, worth in needs:
        mask = sum(1 << list(players).index(p) for p in set(needed))
        v += worth * ((masks & mask) == mask)
    return game(players, v)


def best_of(players: Sequence[str], options: Sequence[tuple[Sequence[str], float]]) -> Game:
    """The game in which a coalition takes the best of the options that need none but its members, or none at 0.

    For things of which only one is wanted, such as ways to bring the same gas to the same buyer.

    >>> line = best_of(("R", "K", "N"), [(("R", "K", "N"), 12.0), (("R", "K"), 6.0)])
    >>> shapley(line)
    array([5., 5., 2.])
    """
    masks = np.arange(2 ** len(players))
    v = np.zeros(len(masks))
    for needed, worth in options:
        mask = sum(1 << list(players).index(p) for p in set(needed))
        v = np.where((masks & mask) == mask, np.maximum(v, worth), v)
    return game(players, v)


def marginals(g: Game, i: int) -> tuple[NDArray[np.int64], Floats]:
    """Coalitions without player i and what the player adds to each."""
    masks = np.arange(2**g.n)
    without = masks[(masks >> i & 1) == 0]
    return without, g.values[without | (1 << i)] - g.values[without]


def shapley(g: Game) -> Floats:
    """Each player's mean contribution over all orders of joining (Shapley, 1953); the shares add to the value
    of all.

    >>> shapley(voting(51, [40, 30, 20, 10])) * 12
    array([5., 3., 3., 1.])
    """
    n = g.n
    size = g.members.sum(axis=1).astype(int)
    weight = np.array([factorial(k) * factorial(n - k - 1) / factorial(n) for k in range(n)])
    share = np.empty(n)
    for i in range(n):
        without, added = marginals(g, i)
        share[i] = weight[size[without]] @ added
    return share


def banzhaf(g: Game) -> Floats:
    """Each player's mean contribution over all coalitions of the others (Banzhaf, 1965), not normalised."""
    return np.array([marginals(g, i)[1].mean() for i in range(g.n)])


def normalised(power: Floats) -> Floats:
    """Shares of 1; zeros where all is zero."""
    total = power.sum()
    return power / total if total else np.zeros_like(power)


def vetoes(g: Game) -> NDArray[np.bool_]:
    """Players without whom no coalition gets anything, while with them some does."""
    tolerance = 1e-9 * max(1.0, float(np.abs(g.values).max()))
    if np.abs(g.values).max() <= tolerance:
        return np.zeros(g.n, np.bool_)
    return np.array([bool(np.all(np.abs(g.values[g.members[:, i] == 0]) <= tolerance)) for i in range(g.n)])


def superadditive(g: Game) -> bool:
    """Whether two coalitions without common members never lose by joining."""
    tolerance = 1e-9 * max(1.0, float(np.abs(g.values).max()))
    for a in range(1, 2**g.n):
        rest = np.arange(1, 2**g.n)
        rest = rest[(rest & a) == 0]
        if np.any(g.values[a | rest] < g.values[a] + g.values[rest] - tolerance):
            return False
    return True


def merged(g: Game, pair: tuple[str, str], name: str) -> Game:
    """The game in which two players act as one."""
    others = [p for p in g.players if p not in pair]
    players = [*others, name]

    def value(s: frozenset[str]) -> float:
        named = [*(s - {name}), *(pair if name in s else ())]
        return g.value(named)

    return game_of(players, value)


def veto_with_bypass(whole: float, bypass: float) -> dict[str, Floats]:
    """Closed form for two ends R and K of a line with one transit party N: v(RNK) = whole, v(RK) = bypass.

    In the order R, K, N: Shapley values, nucleolus, and the core interval of N from 0 to whole - bypass (last
    row of `core`). ValueError unless 0 <= bypass <= whole.

    >>> veto_with_bypass(12.0, 6.0)["shapley"]
    array([5., 5., 2.])
    """
    if not 0 <= bypass <= whole:
        raise ValueError("the bypass must be worth something between 0 and the whole")
    transit = (whole - bypass) / 3
    nucleolus_n = (whole - bypass) / 2 if bypass >= whole / 3 else whole / 3
    ends = (whole - nucleolus_n) / 2
    return {"shapley": np.array([bypass / 2 + transit, bypass / 2 + transit, transit]),
            "nucleolus": np.array([ends, ends, nucleolus_n]),
            "core": np.array([[0.0, whole], [0.0, whole], [0.0, whole - bypass]])}
