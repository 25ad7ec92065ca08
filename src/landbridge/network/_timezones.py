"""The country of a place, by its time zone: polygons of timezonefinder-data, countries of tzdata's zone.tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources

import iso3166
import numpy as np
from numpy.typing import NDArray

from landbridge.errors import LandbridgeError, MissingExtra

Floats = NDArray[np.float64]
PACKAGES = ("timezonefinder", "timezonefinder-data", "tzdata", "iso3166")


@dataclass(frozen=True)
class TimeZones:
    """Time zones: names at places ('Etc/…' or '' on the high sea), outer rings of one (lon, lat), ISO-3 countries."""

    names: Callable[[Floats, Floats], list[str]]
    rings: Callable[[str], list[Floats]]
    countries: Mapping[str, str]


def time_zones() -> TimeZones:
    """The time zones of the world; MissingExtra where timezonefinder or tzdata is not installed."""
    try:
        from timezonefinder import TimezoneFinder
    except ImportError:
        raise MissingExtra("timezonefinder", "build") from None
    finder = TimezoneFinder(in_memory=True)

    def names(lat: Floats, lon: Floats) -> list[str]:
        return [finder.timezone_at(lng=x, lat=y) or "" for y, x in zip(lat.tolist(), lon.tolist(), strict=True)]

    def rings(zone: str) -> list[Floats]:
        return [np.array(polygon[0], np.float64) for polygon in finder.get_geometry(tz_name=zone, coords_as_pairs=True)]

    return TimeZones(names, rings, zone_countries())


def zone_countries() -> dict[str, str]:
    """ISO-3 country of every time zone, from zone.tab of tzdata; MissingExtra without tzdata."""
    try:
        text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    except ModuleNotFoundError:
        raise MissingExtra("tzdata", "build") from None
    countries = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            alpha2, _, zone = line.split("\t")[:3]
            countries[zone] = iso3166.countries_by_alpha2[alpha2].alpha3
    return countries


def countries_at(zones: TimeZones, names: NDArray[np.str_]) -> NDArray[np.str_]:
    """ISO-3 country of each time zone of a list; LandbridgeError names all zones that tzdata does not know."""
    strange = sorted(set(names.tolist()) - set(zones.countries))
    if strange:
        raise LandbridgeError(f"time zones with no country in zone.tab of tzdata: {', '.join(strange)}; "
                              "install a newer tzdata")
    return np.array([zones.countries[name] for name in names.tolist()], np.str_)
