"""Who sends how much to whom: the trade table split to zones, as matrices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.schema.demand import Cargo, Trade, Zone, ZoneShare
from landbridge.schema.split import zone_flows
from landbridge.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """Yearly demand between zones of the base year; arrays (z, z), row = origin, by cargo.

    `mass_kt` is what goes by road, rail and sea; what goes by pipe is left out of it, but not of `value_musd`.
    """

    zones: tuple[str, ...]
    countries: tuple[str, ...]  # country of each zone
    mass_kt: Mapping[str, Floats]
    value_musd: Mapping[str, Floats]

    def of(self, country: str) -> NDArray[np.int64]:
        """Indices of a country's zones."""
        return np.flatnonzero(np.array(self.countries) == country)


def demand(study: Study) -> Demand:
    """The trade table split to zones by zone_shares.csv, see `schema.split.zone_flows`.

    >>> from landbridge import study
    >>> round(sum(m.sum() for m in demand(study.read("korea")).mass_kt.values()) / 1e3) > 100
    True
    """
    zones = study.rows(Zone)
    number = {z.id: i for i, z in enumerate(zones)}
    cargoes = [c.id for c in study.rows(Cargo)]
    mass = {c: np.zeros((len(zones), len(zones))) for c in cargoes}
    value = {c: np.zeros((len(zones), len(zones))) for c in cargoes}
    for flow in zone_flows(study.rows(Trade), study.rows(ZoneShare)):
        pair = number[flow.origin], number[flow.destination]
        mass[flow.cargo][pair] += flow.mass_kt
        value[flow.cargo][pair] += flow.value_musd
    for array in (*mass.values(), *value.values()):
        array.setflags(write=False)
    return Demand(tuple(number), tuple(z.country for z in zones), mass, value)
