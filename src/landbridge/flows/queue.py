"""Dwell at a crossing or terminal as it fills up.

Three parts: the base dwell of the study (low, central, high), the wait for the gate to open, and the queue.

Gate open w of 24 hours, arrivals even over the day, service only while open: those who come in the closed h
= 24 - w hours wait, and the backlog drains at the rate of service less that of arrival (deterministic
queue), on average

    h² / 48 / (1 - ρ w / 24)   hours, with ρ = demand / capacity, held at ρ = 1 beyond it.

Queue from randomness and overload, the time-dependent function of Akçelik (1991, Travel time functions for
transport planning purposes, Australian Road Research 21(3)):

    T/4 [(ρ - 1) + sqrt((ρ - 1)² + 8 J ρ / (Q T))]   hours,

with period T in hours and capacity Q in units per hour; for small ρ it is J times the M/M/1 wait ρ / (Q (1 -
ρ)), for ρ above 1 it grows as T (ρ - 1) / 2, the mean wait when a queue builds up through the period. It is
finite for every ρ.

The dwell times of a study were observed at some utilisation; only the wait beyond that at `reference` is
added.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from landbridge.flows._types import F64


@dataclass(frozen=True)
class Facilities:
    """Crossings, ports, terminals and line sections with capacity; one entry each.

    `capacity_t` is tonnes per year (inf: no limit), `unit_t` tonnes per train, truck or ship, `open_h` hours
    a day, `base_h` the dwell at utilisation `reference` (one column of the study's low, central, high).
    """

    names: tuple[str, ...]
    base_h: F64
    capacity_t: F64
    unit_t: F64
    open_h: F64
    reference: F64
    period_h: float = 720.0  # a queue builds up over a month before traffic is sent elsewhere
    randomness: float = 1.0  # J; 1 is M/M/1, 0.5 is M/D/1

    def dwell_h(self, volume_t: F64) -> F64:
        """Hours at each facility at the given tonnes a year; the base where the volume is below the
        reference.

        >>> gate = Facilities(("gate",), *(np.array([x]) for x in (12.0, 876e3, 20.0, 24.0, 0.0)))
        >>> gate.dwell_h(np.array([876e3 * 1.5])).round(1)  # 12 + 720 / 2 * 0.5, and 0.6 for chance
        array([192.6])
        """
        return self.base_h + np.maximum(self._wait(self.utilisation(volume_t)) - self._wait(self.reference),
                                        0.0)

    def slope_h_per_t(self, volume_t: F64) -> F64:
        """Derivative of `dwell_h` by volume, hours per tonne a year (0 below the reference)."""
        rho = self.utilisation(volume_t)
        limited = np.isfinite(self.capacity_t)
        per = 1.0 / np.where(limited, self.capacity_t, 1.0)
        k = self._k()
        root = np.sqrt((rho - 1) ** 2 + k * rho)
        queue = self.period_h / 4 * (1 + (rho - 1 + k / 2) / np.maximum(root, 1e-300))
        share = self.open_h / 24
        window = np.where(rho < 1, (24 - self.open_h) ** 2 / 48 * share / _room(rho, share) ** 2, 0.0)
        rising = limited & (self._wait(rho) >= self._wait(self.reference))
        return np.where(rising, (queue + window) * per, 0.0)

    def utilisation(self, volume_t: F64) -> F64:
        """Volume over capacity; 0 where there is no limit."""
        return np.where(np.isfinite(self.capacity_t), volume_t / self.capacity_t, 0.0)

    def _k(self) -> F64:
        per_hour = np.where(np.isfinite(self.capacity_t), self.capacity_t, 1.0) / self.unit_t / 8760
        return 8 * self.randomness / (per_hour * self.period_h)

    def _wait(self, rho: F64) -> F64:
        """Wait for the gate and in the queue, hours; 0 where capacity has no limit."""
        queue = self.period_h / 4 * ((rho - 1) + np.sqrt((rho - 1) ** 2 + self._k() * rho))
        window = (24 - self.open_h) ** 2 / 48 / _room(np.minimum(rho, 1.0), self.open_h / 24)
        return np.where(np.isfinite(self.capacity_t), queue + window, 0.0)


def _room(rho: F64, share: F64) -> F64:
    """1 - ρ w / 24, or 1 where the gate never closes (there the window adds nothing)."""
    return np.where(share < 1, 1 - rho * share, 1.0)
