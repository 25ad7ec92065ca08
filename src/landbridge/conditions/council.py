"""Voting power in a body with vetoes, exactly: Banzhaf and Shapley-Shubik by counting coalitions.

A decision needs a number of votes and no refusal of a member with a veto (UN Charter, Article 27(3); abstention of a
permanent member is counted as consent by practice, which this yes-or-no game leaves out). Banzhaf (1965), Rutgers Law
Review 19; Shapley and Shubik (1954), American Political Science Review 48. Fractions, so sums are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial

from landbridge.schema.conditions import Holder


@dataclass(frozen=True)
class Body:
    """A body of `members` votes, `vetoes` of which must all agree, that decides with `votes_needed` votes."""

    title: str
    members: int
    vetoes: int
    votes_needed: int

    @property
    def others(self) -> int:
        """Members without a veto."""
        return self.members - self.vetoes


@dataclass(frozen=True)
class Power:
    """Power of one member with a veto and of one without; the indices sum to one over all members.

    `necessary`: nothing is decided without it. `sufficient`: it decides alone.
    """

    winning_coalitions: int
    banzhaf_veto: Fraction
    banzhaf_other: Fraction
    shapley_veto: Fraction
    shapley_other: Fraction
    veto_necessary: bool
    veto_sufficient: bool


def power(body: Body) -> Power:
    """Exact power in a body.

    >>> council = power(Body("Security Council", 15, 5, 9))
    >>> council.shapley_other, round(float(council.shapley_veto), 4), council.winning_coalitions
    (Fraction(4, 2145), 0.1963, 848)
    """
    swings_veto, swings_other, winning = 0, 0, 0
    shapley_veto, shapley_other = Fraction(0), Fraction(0)
    for vetoes, others, ways in _coalitions(body):
        if not _wins(body, vetoes, others):
            continue
        winning += ways
        size = vetoes + others
        weight = Fraction(factorial(size - 1) * factorial(body.members - size), factorial(body.members))
        if vetoes and not _wins(body, vetoes - 1, others):
            swings_veto += ways * vetoes
            shapley_veto += weight * ways * vetoes
        if others and not _wins(body, vetoes, others - 1):
            swings_other += ways * others
            shapley_other += weight * ways * others
    total = swings_veto + swings_other
    return Power(
        winning_coalitions=winning,
        banzhaf_veto=Fraction(swings_veto, total * max(body.vetoes, 1)),
        banzhaf_other=Fraction(swings_other, total * max(body.others, 1)),
        shapley_veto=shapley_veto / max(body.vetoes, 1),
        shapley_other=shapley_other / max(body.others, 1),
        veto_necessary=body.vetoes > 0,
        veto_sufficient=_wins(body, 1, 0) if body.vetoes else False,
    )


def body(holder: Holder) -> Body:
    """The body a holder of gates is; where decisions need all votes every member has a veto."""
    vetoes = holder.members if holder.votes_needed == holder.members else len(holder.veto)
    return Body(holder.title, holder.members, vetoes, holder.votes_needed)


def _wins(b: Body, vetoes: int, others: int) -> bool:
    return vetoes == b.vetoes and vetoes + others >= b.votes_needed


def _coalitions(b: Body) -> Iterator[tuple[int, int, int]]:
    """Members with and without a veto in a coalition, and how many coalitions are so made."""
    for vetoes in range(b.vetoes + 1):
        for others in range(b.others + 1):
            yield vetoes, others, comb(b.vetoes, vetoes) * comb(b.others, others)
