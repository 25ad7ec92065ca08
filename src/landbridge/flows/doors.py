"""Door to door as cargo really goes: mean hours and money over the ways it chooses, queues and all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from landbridge.flows._types import F64
from landbridge.flows.study_market import FreightResult


@dataclass(frozen=True)
class Doors:
    """Of one cargo, from zone to zone (z, z); inf where no way is open, NaN where nothing is shipped.

    `hours` and `usd_per_t` are means over the ways taken, waits in queues counted; `cost_usd_per_t` is the cost of one
    way as good as all there are (the logsum), whose fall is what shippers gain (Small and Rosen 1981).
    """

    hours: F64
    usd_per_t: F64
    cost_usd_per_t: F64


def doors(result: FreightResult) -> Mapping[str, Doors]:
    """Door-to-door hours and money of a freight equilibrium, by cargo."""
    ways, e = result.alternatives, result.equilibrium
    queue = result.passes @ result.queue_h
    groups, zones = len(ways.origin), len(result.countries)
    hours, usd = (np.bincount(ways.group, e.share * x, groups) for x in
                  (ways.parts["time_h"] + queue, ways.parts["usd_per_t"]))
    none = ~np.isfinite(e.logsum_usd_per_t)
    found = {}
    for k, cargo in enumerate(ways.cargoes):
        mine = ways.cargo == k
        at = ways.origin[mine], ways.destination[mine]
        hours_, usd_, cost = np.full((3, zones, zones), np.nan)
        hours_[at], usd_[at] = np.where(none, np.inf, hours)[mine], np.where(none, np.inf, usd)[mine]
        cost[at] = e.logsum_usd_per_t[mine]
        found[cargo] = Doors(hours_, usd_, cost)
    return found


def queue_of_way(result: FreightResult, ids: Iterable[str], boxed: bool) -> float:
    """Hours in the queues of some crossings and terminals; a capacity in boxes holds up boxes only."""
    passed = frozenset(ids)
    return float(sum(h for g, h in zip(result.gates, result.queue_h.tolist(), strict=True)
                     if g.id in passed and (boxed or not g.boxes_only)))


def changes(before: Doors, after: Doors) -> tuple[tuple[F64, F64], tuple[F64, F64]]:
    """Hours and money before and after that differ by what shippers gain, all of it as money, USD per tonne.

    Hours saved are in it at the time value by which the shippers chose; hours themselves stay those of before, so that
    no other time value can turn a gain into a loss. Where nothing is shipped nothing is known to change: 0 in both.
    """
    both = np.isfinite(before.cost_usd_per_t) & np.isfinite(after.cost_usd_per_t)
    with np.errstate(invalid="ignore"):
        later = before.usd_per_t + after.cost_usd_per_t - before.cost_usd_per_t
    was = before.hours, before.usd_per_t
    now = np.where(both, before.hours, after.hours), np.where(both, later, after.usd_per_t)
    return _known(*was), _known(*now)


def _known(hours: F64, money: F64) -> tuple[F64, F64]:
    return np.nan_to_num(hours, nan=0.0, posinf=np.inf), np.nan_to_num(money, nan=0.0, posinf=np.inf)
