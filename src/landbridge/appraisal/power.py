"""Power over a game: one row per player with every solution side by side, and what each holder's keys
unlock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd

from landbridge.appraisal.core import core, in_core
from landbridge.appraisal.games import Floats, Game, banzhaf, game_of, normalised, shapley, superadditive
from landbridge.appraisal.nucleolus import nucleolus
from landbridge.result import ResultTable

Evaluator = Callable[[frozenset[str]], float]
BLOCKS = 0.99  # of the whole: a player without whom as much is lost can block it


def holders_game(holders: Sequence[str], value: Evaluator) -> Game:
    """The game over those who hold keys: `value(S)` is the benefit when exactly the keys of S are turned.

    Values count from what is there when nobody turns a key. The evaluator is asked once for each set.
    """
    return game_of(tuple(holders), value)


def power_table(g: Game, name: str, title: str, unit: str, sources: tuple[str, ...] = (),
                names: Mapping[str, str] | None = None) -> ResultTable:
    """Shares of each player, in the unit of the game; `names` are the players as they are printed.

    Columns: alone (turning only this player's keys), lost_without (what all lose if this player stays out),
    Shapley and its share, Banzhaf and its share, nucleolus, core interval, veto (at least `BLOCKS` of the whole is
    lost without the player). The note says whether the core is empty and whether the certificates hold. Unknown
    values (no imputation, empty core) are left blank; what rounding leaves of nothing is 0.
    """
    sh, bz = shapley(g), banzhaf(g)
    bits = 1 << np.arange(g.n)
    full = 2**g.n - 1
    notes = []
    found = core(g)
    low, high = (found.interval.T if found.interval is not None else np.full((2, g.n), np.nan))
    if found.empty:
        few = ", ".join("+".join((names or {}).get(p, p) for p in g.names(m)) for m in sorted(found.least.weights))
        notes.append(f"The core is empty: the coalitions {few} together claim more than there is "
                     f"(least excess {found.least.excess:.4g} {unit}).")
    else:
        notes.append(
            "The core is not empty." + ("" if in_core(g, sh) else " The Shapley value lies outside it.")
        )
    try:
        nuc = nucleolus(g)
        allocation = nuc.allocation
        notes.append(
            "The nucleolus is certified (Kohlberg)." if nuc.certified else "The nucleolus is not certified."
        )
    except ValueError as error:
        allocation = np.full(g.n, np.nan)
        notes.append(f"No nucleolus: {error}.")
    if not superadditive(g):
        notes.append("Some coalitions lose by joining, so the division of the whole says less.")
    lost = g.grand - g.values[full ^ bits]
    notes.append(f"Veto: {BLOCKS:.0%} or more of the whole is lost without the player.".replace("%", " %"))
    frame = pd.DataFrame(
        {
            "player": [(names or {}).get(p, p) for p in g.players],
            "alone": g.values[bits],
            "lost_without": lost,
            "shapley": sh,
            "shapley_share": normalised(sh),
            "banzhaf": bz,
            "banzhaf_share": normalised(bz),
            "nucleolus": _clean(allocation, g),
            "core_low": _clean(low, g),
            "core_high": _clean(high, g),
            "veto": lost >= max(BLOCKS * g.grand, np.finfo(float).tiny),
        }
    )
    units = dict.fromkeys(
        ("alone", "lost_without", "shapley", "banzhaf", "nucleolus", "core_low", "core_high"), unit
    )
    return ResultTable(name, title, frame, units, " ".join(notes), sources)


def _clean(shares: Floats, g: Game) -> Floats:
    """Shares with 0 where rounding left less than a billionth of the game's largest value."""
    return np.where(np.abs(shares) < 1e-9 * np.abs(g.values).max(), 0.0, shares)


def coalition_table(g: Game, name: str, title: str, unit: str) -> ResultTable:
    """Every coalition with its value, largest first, so that a reader can check the game."""
    order = np.argsort(-g.values, kind="stable")
    frame = pd.DataFrame({"coalition": [" + ".join(g.names(int(m))) or "nobody" for m in order],
                          "players": g.members[order].sum(axis=1).astype(int), "value": g.values[order]})
    return ResultTable(name, title, frame, {"value": unit})
