"""Distances on the sphere and the nearest point of a straight piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG 1980
KM_PER_DEGREE = float(np.pi / 180 * EARTH_RADIUS_KM)

Floats = NDArray[np.float64]


def great_circle_km(
    lat_a_deg: Floats | float, lon_a_deg: Floats | float, lat_b_deg: Floats | float, lon_b_deg: Floats | float
) -> Floats:
    """Great-circle distance in km by the haversine formula; arguments broadcast.

    >>> round(float(great_circle_km(35.10, 129.04, 43.11, 131.88)))
    924
    """
    a, b = np.radians(lat_a_deg), np.radians(lat_b_deg)
    half_lon = np.radians(np.asarray(lon_b_deg) - np.asarray(lon_a_deg)) / 2
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(half_lon) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.clip(h, 0, 1))), np.float64)


def unit_km(lat_deg: Floats, lon_deg: Floats) -> Floats:
    """Points on the sphere, shape (n, 3), km from the centre; chords between near points are their distance."""
    a, b = np.radians(lat_deg), np.radians(lon_deg)
    return EARTH_RADIUS_KM * np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def nearest_on_segments(
    lat_deg: float, lon_deg: float, lat_u: Floats, lon_u: Floats, lat_v: Floats, lon_v: Floats
) -> tuple[Floats, Floats]:
    """Distance in km from a point to straight pieces u-v, and where on the piece it is nearest (0 at u, 1 at v).

    Computed in the plane that touches the sphere at the point's latitude: good to 1 % within some hundred km.
    """
    x_scale = KM_PER_DEGREE * np.cos(np.radians(lat_deg))
    ux, uy = (_wrap(lon_u - lon_deg) * x_scale, (lat_u - lat_deg) * KM_PER_DEGREE)
    dx, dy = (_wrap(lon_v - lon_u) * x_scale, (lat_v - lat_u) * KM_PER_DEGREE)
    square = dx * dx + dy * dy
    share = np.clip(-(ux * dx + uy * dy) / np.where(square > 0, square, 1.0), 0.0, 1.0)
    return np.hypot(ux + share * dx, uy + share * dy), share


def _wrap(degrees: Floats) -> Floats:
    return np.asarray((degrees + 180.0) % 360.0 - 180.0)
