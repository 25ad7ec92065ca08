"""Prohibitions as finite wedges, and what lifting them does where the road is not there.

A prohibited part of a sector's trade leaves (1 - share) of its potential, never less than `LEAST`: the
wedge is prohibitive but finite, so every scenario keeps an equilibrium, and lifting the prohibition is the
same step back.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from landbridge.errors import Fault, StudyFault
from landbridge.trade.baseline import F, frozen
from landbridge.trade.levels import Levels

LEAST = 1e-6  # of the potential trade that a full prohibition leaves


@dataclass(frozen=True)
class Prohibition:
    """A part of a sector's trade (share of value, 0 to 1) that exporter may not sell to importer; "*" is
    every one."""

    exporter: str
    importer: str
    sector: str
    share: float


def allowed_part(prohibitions: Iterable[Prohibition], countries: tuple[str, ...], sectors: tuple[str, ...]) -> F:
    """Part of potential trade that is lawful [s, n, i], between LEAST and 1; several prohibitions multiply.

    StudyFault for an unknown name or a share outside 0 to 1.

    >>> allowed_part([Prohibition("B", "A", "*", 0.25)], ("A", "B"), ("coal",))[0]
    array([[1.  , 0.75],
           [1.  , 1.  ]])
    """
    part = np.ones((len(sectors), len(countries), len(countries)))
    faults = []
    for p in prohibitions:
        for kind, name, known in (
            ("exporter", p.exporter, countries),
            ("importer", p.importer, countries),
            ("sector", p.sector, sectors),
        ):
            if name != "*" and name not in known:
                faults.append(Fault("prohibitions", kind, f"'{name}'", ", ".join(known), "use a name of the baseline"))
        if not 0 <= p.share <= 1:
            faults.append(
                Fault("prohibitions", "share", f"{p.share}", "0 to 1", "give the prohibited part of the value")
            )
        if faults:
            continue
        s = slice(None) if p.sector == "*" else sectors.index(p.sector)
        n = slice(None) if p.importer == "*" else countries.index(p.importer)
        i = slice(None) if p.exporter == "*" else countries.index(p.exporter)
        part[s, n, i] *= 1.0 - p.share
    if faults:
        raise StudyFault(faults)
    own = np.arange(len(countries))
    part[:, own, own] = 1.0
    return frozen(np.maximum(part, LEAST))


def prohibitive_cost(before: ArrayLike, after: ArrayLike, theta: ArrayLike) -> F:
    """Factor on trade costs [s, n, i] when the lawful part of trade goes from `before` to `after`.

    (after / before)^(-1/theta): finite for a full prohibition, and its own inverse when it is lifted.
    """
    ratio = np.asarray(after, dtype=np.float64) / np.asarray(before, dtype=np.float64)
    cost: F = ratio ** (-1.0 / np.asarray(theta, dtype=np.float64)[:, None, None])
    return cost


def target_trade(levels: Levels, factor: float, opened: ArrayLike, before: ArrayLike, after: ArrayLike) -> F:
    """Potential trade of the pairs of added economies after border and law have changed [s, n, i].

    Present potential = normal trade x factor of the border x lawful part x what else keeps the border
    closed. Where the border is `opened[n, i]` to a regime of `factor`, potential is factor x normal x
    lawful part, and never less than present trade with the present law's part replaced by the new one.
    Where it stays shut only the law changes: present x after / before, up to normal trade. An observed zero
    stays shut there: without a way and a border regime no trade follows from the law alone, whatever floor
    stands for the zero. Pairs outside `levels.normal` are 0.
    """
    present = levels.baseline.flows()
    old, new = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    lawful = np.where(levels.floored, present, present * new / old)
    ceiling = np.maximum(levels.normal * new, np.minimum(present, lawful))
    shut = np.minimum(lawful, ceiling)
    free = np.maximum(factor * levels.normal * new, shut)
    target = np.where(np.asarray(opened, dtype=bool)[None], free, shut)
    return np.where(levels.normal > 0, target, 0.0)
