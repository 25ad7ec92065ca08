"""Payments that make every party gain, the fee each would accept, and hold-up before and after capital is
sunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from landbridge.appraisal.games import Game, game, shapley
from landbridge.appraisal.profitability import npv

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SidePayments:
    """Present values paid (negative) or received by party so that each ends with its reservation gain or
    more.

    Not possible where the gains of all together fall short of the reservations: `shortfall` says by how much.
    """

    payment: Mapping[str, float]
    after: Mapping[str, float]
    possible: bool
    shortfall: float


def least_payments(gain: Mapping[str, float], reservation: Mapping[str, float] | None = None) -> SidePayments:
    """The smallest payments that lift every party to its reservation gain (0 unless given).

    Those short of it receive exactly what they lack; the others pay in proportion to what they have above it.
    All gains must be present values at one discount rate.

    >>> least_payments({"RUS": 30.0, "PRK": -10.0, "KOR": 10.0}).payment
    {'RUS': -7.5, 'PRK': 10.0, 'KOR': -2.5}
    """
    floor = reservation or {}
    surplus = {p: x - floor.get(p, 0.0) for p, x in gain.items()}
    lack = -sum(s for s in surplus.values() if s < 0)
    spare = sum(s for s in surplus.values() if s > 0)
    if lack > spare:
        return SidePayments(dict.fromkeys(gain, 0.0), dict(gain), False, lack - spare)
    part = lack / spare if spare else 0.0
    payment = {p: -s if s < 0 else 0.0 - s * part for p, s in surplus.items()}
    return SidePayments(payment, {p: gain[p] + payment[p] for p in gain}, True, 0.0)


def equal_payments(gain: Mapping[str, float], reservation: Mapping[str, float] | None = None) -> SidePayments:
    """The payments that leave every party with the same surplus over its reservation gain (Nash, 1950, with
    equal weights and transferable utility)."""
    floor = reservation or {}
    spare = sum(gain.values()) - sum(floor.get(p, 0.0) for p in gain)
    if spare < 0:
        return SidePayments(dict.fromkeys(gain, 0.0), dict(gain), False, -spare)
    after = {p: floor.get(p, 0.0) + spare / len(gain) for p in gain}
    return SidePayments({p: after[p] - gain[p] for p in gain}, after, True, 0.0)


def break_even_fee(without_fee: ArrayLike, quantity: ArrayLike, rate: float, years: ArrayLike, base_year: int,
                   reservation: float = 0.0) -> float | None:
    """The fee per unit of quantity at which a party's present value equals its reservation; None without
    quantity.

    For the party that receives it this is the smallest fee it accepts, for the one that pays (quantity
    negative) the largest it bears. `without_fee` and reservation in one money unit, the fee in that unit per
    unit of quantity.

    >>> break_even_fee([-100.0, 0.0], [0.0, 11.0], 0.10, [0, 1], 0)
    10.0
    """
    base = float(npv(rate, quantity, years, base_year))
    if base == 0:
        return None
    return round((reservation - float(npv(rate, without_fee, years, base_year))) / base, 12)


def hold_up(players: Sequence[str], gross: ArrayLike, capex: Mapping[str, float]) -> pd.DataFrame:
    """What each party gets when it bargains before the capital is sunk and after, present values in one unit.

    `gross` are the coalition values without the cost of capital (2^n, masks as in `games`); `capex` what each
    party has to build so that a coalition with it works. Before: a coalition builds only if that pays, v(S) =
    max over T within S of gross(T) - capex(T). After: v(S) = gross(S), the capex being spent. Columns:
    ex_ante, capex, ex_post_gross, ex_post_net (after its own capex), rent_lost (ex_ante - ex_post_net, the
    appropriable quasi-rent of Klein, Crawford and Alchian, 1978), invests (ex_post_net >= 0: the
    participation constraint).
    """
    value = game(players, gross)
    cost = value.members @ np.array([capex.get(p, 0.0) for p in players])
    ante = shapley(before_capital(value, cost))
    post = shapley(value)
    own = np.array([capex.get(p, 0.0) for p in players])
    return pd.DataFrame(
        {
            "party": list(players),
            "ex_ante": ante,
            "capex": own,
            "ex_post_gross": post,
            "ex_post_net": post - own,
            "rent_lost": ante - (post - own),
            "invests": post - own >= -1e-9,
        }
    )


def before_capital(gross: Game, cost: Floats) -> Game:
    """The game before anything is built: each coalition builds the part of itself that pays best, or
    nothing."""
    best = np.maximum(gross.values - cost, 0.0)
    best[0] = 0.0
    for i in range(gross.n):  # monotone cover: a coalition can do what any part of it can
        has = (np.arange(len(best)) >> i & 1) == 1
        best[has] = np.maximum(best[has], best[np.flatnonzero(has) ^ (1 << i)])
    return game(gross.players, best)


def keeps_promise(fee_per_year: float, one_off_rent: float, rate: float, years_left: float) -> bool:
    """Whether a transit party is better off with the rest of its fees than with taking a rent once and losing
    them.

    The annuity of the fees is fee (1 - (1 + r)^-n) / r.
    """
    annuity = years_left if rate == 0 else (1 - (1 + rate) ** -years_left) / rate
    return fee_per_year * annuity >= one_off_rent
