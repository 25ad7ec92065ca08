"""Which part of the world a network is made for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.errors import LandbridgeError
from landbridge.network.geometry import KM_PER_DEGREE

MARGIN_KM = 35.0  # gaps are joined by looking at ways of up to 30 km: within this of an edge the network is not yet cut


@dataclass(frozen=True)
class Region:
    """A box in degrees (west may be larger than east: it then runs over 180 degrees) and the time zones that count.

    `areas` are beginnings of time-zone names, () for all. Around the box `margin_km` are looked at, and cut at the end.
    """

    name: str
    south: float
    west: float
    north: float
    east: float
    areas: tuple[str, ...] = ()
    margin_km: float = 0.0

    def contains(self, lat: NDArray[np.float64], lon: NDArray[np.float64], margin_km: float = 0.0) -> NDArray[np.bool_]:
        """Which points lie in the box, or within `margin_km` of it."""
        pad = margin_km / KM_PER_DEGREE
        south, north = self.south - pad, self.north + pad
        widest = np.cos(np.radians(min(max(abs(south), abs(north)), 89.0)))
        west, width = self.west - pad / widest, (self.east - self.west) % 360 or 360.0
        inside = (lat >= south) & (lat <= north) & ((lon - west) % 360 <= width + 2 * pad / widest)
        return np.asarray(inside, np.bool_)


WORLD = Region("world", -90.0, -180.0, 90.0, 180.0)
EURASIA = Region("eurasia", 18.0, -11.0, 78.0, -168.0, ("Asia/", "Europe/"))  # without Africa, the Atlantic islands


def region_of(text: str) -> Region:
    """The region a user names: world, eurasia, or the corners LAT,LON,LAT,LON (south, west, north, east).

    Raises LandbridgeError where the text is none of these or the box is empty or not on the globe.

    >>> region_of("33,124,43,132").name
    'box_33_124_43_132'
    """
    named = {region.name: region for region in (WORLD, EURASIA)}
    if text.strip().lower() in named:
        return named[text.strip().lower()]
    allowed = "world, eurasia or LAT,LON,LAT,LON (south, west, north, east; degrees), such as 33,124,43,132"
    try:
        south, west, north, east = (float(part) for part in text.split(","))
    except ValueError:
        raise LandbridgeError(f"no region '{text}': {allowed}") from None
    if not (-90 <= south < north <= 90 and -180 <= west <= 180 and -180 <= east <= 180 and west != east):
        raise LandbridgeError(f"the box '{text}' is empty or not on the globe: {allowed}; "
                              "a box over 180 degrees has a west larger than its east")
    name = "box_" + "_".join(f"{value:g}" for value in (south, west, north, east))
    return Region(name, south, west, north, east, (), MARGIN_KM)
