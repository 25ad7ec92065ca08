"""What each link costs a tonne of one cargo: hours, US dollars, and the two as one generalised cost.

Generalised cost = money + time value x hours (Ortuzar and Willumsen 2011, ch. 10), in USD per tonne, where the time
value is value density x loss per day / 24 (Hummels and Schaur 2013). Money: distance tariff, access at both ends,
terminal handling, crossing fee, gauge change. Every number comes from the study's tables.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from landbridge.network.model import Mode, Network
from landbridge.schema.demand import Cargo, CostParameter, Form, ModeSpeed, Tariff
from landbridge.study import Study

Floats = NDArray[np.float64]
R = TypeVar("R", ModeSpeed, Tariff)
CARRIERS = {"rail": Mode.RAIL, "road": Mode.ROAD, "sea": Mode.SEA}


class Level(IntEnum):
    """Which of the three values of a table holds."""

    LOW = 0
    CENTRAL = 1
    HIGH = 2


@dataclass(frozen=True)
class CostOptions:
    """Which of the low, central and high values hold, and which tariff set prices the distance."""

    tariff_set: str = "base2017"
    dwell: Level = Level.CENTRAL
    speed: Level = Level.CENTRAL
    tariff: Level = Level.CENTRAL
    time_value: Level = Level.CENTRAL


@dataclass(frozen=True)
class Edit:
    """A scenario's change of one object; None leaves it as it is.

    `tariff_factor` multiplies the distance tariff on the object's links; `handling_usd_per_t` replaces the charge of a
    terminal for all forms of cargo.
    """

    dwell_h: float | None = None
    fee_usd: float | None = None
    speed_km_h: float | None = None
    tariff_factor: float | None = None
    handling_usd_per_t: float | None = None


@dataclass(frozen=True)
class LinkCosts:
    """Cost of every link for one cargo, each array (m,).

    `border_h` and `border_usd_per_t` are the part spent at crossings without the gauge change, `gauge_h` and
    `gauge_usd_per_t` the gauge change, `handling_h` the hours in terminals and at the ends.
    """

    cargo: str
    time_value_usd_per_t_h: float
    km: Floats
    time_h: Floats
    usd_per_t: Floats
    border_h: Floats
    border_usd_per_t: Floats
    gauge_h: Floats
    gauge_usd_per_t: Floats
    handling_h: Floats

    def of(self, study: Study, cargo: Cargo, options: CostOptions) -> LinkCosts:
        """The costs of another cargo of the same form: only the value of an hour differs."""
        value = time_value_usd_per_t_h(cargo, options.time_value, study.config.cost.time_value_factor)
        return replace(self, cargo=cargo.id, time_value_usd_per_t_h=value)

    @property
    def generalised(self) -> Floats:
        """Money and time as one cost, USD per tonne, (m,)."""
        return self.usd_per_t + self.time_value_usd_per_t_h * self.time_h


def time_value_usd_per_t_h(cargo: Cargo, level: Level, factor: float = 1.0) -> float:
    """Value of an hour for a tonne of cargo: value density x % per day / 100 / 24, in USD per tonne and hour.

    >>> from landbridge import study
    >>> machinery = next(c for c in study.read("korea").rows(Cargo) if c.id == "machinery")
    >>> 1 < time_value_usd_per_t_h(machinery, Level.CENTRAL) < 20
    True
    """
    percent = (
        cargo.time_value_pct_per_day_low,
        cargo.time_value_pct_per_day_central,
        cargo.time_value_pct_per_day_high,
    )
    return factor * cargo.value_usd_per_t_central * percent[level] / 100 / 24


def link_costs(
    study: Study,
    network: Network,
    cargo: Cargo,
    options: CostOptions | None = None,
    edits: Mapping[str, Edit] | None = None,
) -> LinkCosts:
    """Hours and money of every link for one cargo under some options and a scenario's edits."""
    options = options or CostOptions()
    edits = edits or {}
    charges = _Charges(study, network, cargo.form, options)
    km = network.length_km
    mode, carrier, country = network.mode, network.carrier, network.country[network.u]
    line = mode <= Mode.SEA
    access = mode == Mode.CONNECTOR
    speed = network.speed_km_h[:, options.speed].copy()
    for id, edit in edits.items():
        if edit.speed_km_h is not None:
            speed[network.links_of(id)] = edit.speed_km_h
    speed = np.where(np.isnan(speed), charges.speed[carrier, country], speed)
    road_speed = charges.speed[Mode.ROAD, country]
    road_tariff = charges.tariff[Mode.ROAD, country]
    time = np.where(line, km / speed, 0.0) + np.where(
        access, km / road_speed + charges.access_h[carrier, country], 0.0
    )
    tariff = charges.tariff[carrier, country]
    for id, edit in edits.items():
        if edit.tariff_factor is not None:
            tariff[network.links_of(id)] *= edit.tariff_factor
    usd = np.where(line, km * tariff, 0.0)
    usd += np.where(access, km * road_tariff + charges.access_usd[carrier, country], 0.0)
    handling = np.where(access, charges.access_h[carrier, country], 0.0)
    dwell, fee = network.dwell_h[:, options.dwell].copy(), network.fee_usd.copy()
    per_t, per_teu = network.charge_usd_per_t.copy(), network.charge_usd_per_teu / study.config.cost.payload_t_per_teu
    for id, edit in edits.items():
        links = network.links_of(id)
        halves = np.where(mode[links] == Mode.TRANSFER, 0.5, 1.0)
        if edit.dwell_h is not None:
            dwell[links] = edit.dwell_h * halves
        if edit.fee_usd is not None:
            fee[links] = edit.fee_usd
        if edit.handling_usd_per_t is not None:
            per_t[links] = per_teu[links] = edit.handling_usd_per_t * halves
    by_box = (cargo.form is Form.CONTAINER) & ~np.isnan(per_teu)
    usd += np.where(by_box, per_teu, per_t)
    crossing, transfer = mode == Mode.CROSSING, mode == Mode.TRANSFER
    change = gauge_change(network)
    gauge_h = np.where(change, np.minimum(charges.gauge_h, dwell), 0.0)
    gauge_usd = np.where(change, charges.gauge_usd, 0.0)
    border_h = np.where(crossing, dwell - gauge_h, 0.0)
    load_t = np.where(carrier == Mode.RAIL, charges.rail_load_t, charges.truck_load_t)
    border_usd = np.where(crossing, fee / load_t, 0.0)
    handling += np.where(transfer, dwell, 0.0)
    time += dwell
    usd += border_usd + gauge_usd
    factor = study.config.cost.time_value_factor
    return LinkCosts(
        cargo.id,
        time_value_usd_per_t_h(cargo, options.time_value, factor),
        km,
        time,
        usd,
        border_h,
        border_usd,
        gauge_h,
        gauge_usd,
        handling,
    )


def gauge_change(network: Network) -> NDArray[np.bool_]:
    """Links at whose crossing the gauge changes, (m,)."""
    changes: NDArray[np.bool_] = (
        (network.mode == Mode.CROSSING) & (network.carrier == Mode.RAIL) & (network.gauge_mm == 0)
    )
    return changes


class _Charges:
    """The study's money and speed tables as arrays over (carrier, country) and over objects."""

    def __init__(self, study: Study, network: Network, form: Form, options: CostOptions) -> None:
        size = (3, len(network.countries))
        self.speed, self.access_h, self.tariff, self.access_usd = (np.full(size, np.nan) for _ in range(4))
        for row in _general_first(study.rows(ModeSpeed), form):
            where = self._where(network, row.mode, row.country)
            self.speed[where] = (row.speed_km_h_low, row.speed_km_h_central, row.speed_km_h_high)[options.speed]
            self.access_h[where] = row.access_h_central
        tariffs = [t for t in study.rows(Tariff) if t.tariff_set == options.tariff_set]
        for tariff in _general_first(tariffs, form):
            where = self._where(network, tariff.mode, tariff.country)
            per_km = (
                tariff.tariff_usd_per_t_km_low,
                tariff.tariff_usd_per_t_km_central,
                tariff.tariff_usd_per_t_km_high,
            )
            self.tariff[where] = per_km[options.tariff]
            self.access_usd[where] = tariff.access_usd_per_t_central
        values = {p.id: (p.low, p.central, p.high)[options.dwell] for p in study.rows(CostParameter)}
        self.gauge_h = values.get("gauge_change_hours", 0.0)
        cost = study.config.cost
        # what one fee is for: a truck; by rail a 40-foot box, or a wagon of loose goods
        self.truck_load_t = cost.payload_t_per_truck
        loose = form is not Form.CONTAINER and "wagon_payload" in values
        self.rail_load_t = values["wagon_payload"] if loose else 2 * cost.payload_t_per_teu
        self.gauge_usd = values.get("gauge_change_cost", 0.0) / self.rail_load_t

    @staticmethod
    def _where(network: Network, mode: str, country: str) -> tuple[int, slice | list[int]]:
        if country == "*":
            return int(CARRIERS[mode]), slice(None)
        return int(CARRIERS[mode]), [network.countries.index(country)] if country in network.countries else []


def _general_first(rows: Sequence[R], form: Form) -> list[R]:
    """Rows that may hold for a form, the general ones first, so that the special ones overwrite them."""
    own = [r for r in rows if r.form is form]
    return sorted(own, key=lambda r: r.country != "*")
