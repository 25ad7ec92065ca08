"""Ways of two scenarios put together, so that a way that stays open is a choice in both.

The search keeps the best way of each chain. When a border opens, the new best way of a chain takes the place of the old
one, although the old one is still there; once the new crossing is full, shippers would be counted as worse off than
before. A change of scenario can only be valued over the same choice set (Small and Rosen 1981), less what is shut.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from landbridge.flows.alternatives import Alternatives, Closed

Bools = NDArray[np.bool_]
Longs = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)


def with_ways_of(ways: Alternatives, other: Alternatives, countries: tuple[str, ...], closed: Closed) -> Alternatives:
    """`ways` and, behind them, those ways of `other` that `closed` leaves open and that `ways` does not hold yet.

    Both must come from one skeleton with the same costs and cargoes; `countries` is by zone. Shipments without any way
    in `ways` stay without one. Raises ValueError where the two do not belong together.
    """
    if ways.cargoes != other.cargoes or ways.objects != other.objects or ways.edges.shape[1] != other.edges.shape[1]:
        raise ValueError("the ways come from different networks or cargoes")
    group = _same_group(ways, other)
    fresh = (group >= 0) & _open(other, countries, closed)
    key = np.random.default_rng(0).integers(1, 2**40, ways.edges.shape[1], dtype=np.int64)
    held = set(zip(ways.group.tolist(), _row_keys(ways.edges, key).tolist(), strict=True))
    keys = _row_keys(other.edges, key)
    for row in np.flatnonzero(fresh):
        fresh[row] = (int(group[row]), int(keys[row])) not in held
    rows = np.flatnonzero(fresh)
    order = np.argsort(np.concatenate([ways.group, group[rows]]), kind="stable")

    def joined(a: NDArray[T], b: NDArray[T]) -> NDArray[T]:
        return np.concatenate([a, b[rows]])[order]

    def stacked(a: sparse.csr_array, b: sparse.csr_array) -> sparse.csr_array:
        return sparse.csr_array(sparse.csr_array(sparse.vstack([a, b[rows]]))[order])

    return replace(
        ways,
        group=joined(ways.group, group.astype(np.int32)),
        chain=joined(ways.chain, other.chain),
        cost_usd_per_t=joined(ways.cost_usd_per_t, other.cost_usd_per_t),
        parts={name: joined(values, other.parts[name]) for name, values in ways.parts.items()},
        mode_km=joined(ways.mode_km, other.mode_km),
        edges=stacked(ways.edges, other.edges),
        uses=stacked(ways.uses, other.uses),
    )


def _same_group(ways: Alternatives, other: Alternatives) -> Longs:
    """For each row of `other` the group of `ways` with its cargo, origin and destination; -1 where there is none."""
    number = {
        key: g
        for g, key in enumerate(zip(ways.cargo.tolist(), ways.origin.tolist(), ways.destination.tolist(), strict=True))
    }
    theirs = zip(other.cargo.tolist(), other.origin.tolist(), other.destination.tolist(), strict=True)
    of_group = np.array([number.get(key, -1) for key in theirs], np.int64)
    return of_group[other.group]


def _open(ways: Alternatives, countries: tuple[str, ...], closed: Closed) -> Bools:
    """Rows that use nothing that is shut to their cargo between their countries."""
    number = {name: i for i, name in enumerate(ways.objects)}
    kinds: dict[frozenset[str], int] = {}
    of_group = np.array([
        kinds.setdefault(closed(ways.cargoes[c], countries[o], countries[d]), len(kinds))
        for c, o, d in zip(ways.cargo.tolist(), ways.origin.tolist(), ways.destination.tolist(), strict=True)
    ], np.int64)
    is_shut = np.zeros((len(kinds), len(number)), np.bool_)
    for ids, kind in kinds.items():
        is_shut[kind, [number[i] for i in ids if i in number]] = True
    row = np.repeat(np.arange(len(ways.group)), np.diff(ways.uses.indptr))
    met = is_shut[of_group[ways.group[row]], ways.uses.indices]
    out: Bools = np.bincount(row, weights=met, minlength=len(ways.group)) == 0
    return out


def _row_keys(edges: sparse.csr_array, key: Longs) -> Longs:
    """A number for each row that tells sets of edges apart."""
    total = np.concatenate([[0], np.cumsum(key[edges.indices])])
    sums: Longs = total[edges.indptr[1:]] - total[edges.indptr[:-1]]
    return sums
