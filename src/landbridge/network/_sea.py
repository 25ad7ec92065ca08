"""Ports at sea: each is joined to the sea lanes and the ports it sees over open water."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landbridge.network._draft import Draft
from landbridge.network.geometry import great_circle_km, unit_km
from landbridge.network.model import Mode

LANES_KM = 400.0
PORTS_KM = 1200.0
HARBOUR_KM = 12.0  # this much of a line at a port is not tested: harbours lie in bays that the outline closes
LANE_KM = 3.0  # the same at a sea lane, for lanes drawn close along a coast


def join_piers(draft: Draft, land: Sequence[shapely.Polygon], piers: Sequence[int]) -> None:
    """Sea links from every pier: to the nearest lane in any case, and straight over open water where it can be seen.

    Lanes are seen within 400 km and other piers within 1200 km, by the outline of the extract. The lanes alone make
    short ways 10 to 20 % too long, as they run far out. Lengths are great circles.
    """
    ends = np.unique(np.concatenate([draft.u[: draft.m][draft.mode[: draft.m] == Mode.SEA],
                                     draft.v[: draft.m][draft.mode[: draft.m] == Mode.SEA]]))
    if not len(ends):
        return
    tree = cKDTree(unit_km(draft.lat[ends], draft.lon[ends]))
    pairs: list[tuple[int, int, float]] = []
    always: list[tuple[int, int]] = []
    for i, pier in enumerate(piers):
        point = unit_km(draft.lat[[pier]], draft.lon[[pier]])[0]
        always.append((pier, int(ends[tree.query(point)[1]])))
        pairs += [(pier, int(ends[k]), LANE_KM) for k in tree.query_ball_point(point, LANES_KM)]
        pairs += [(pier, other, HARBOUR_KM) for other in piers[i + 1 :] if draft.straight_km(pier, other) <= PORTS_KM]
    seen = {(a, b) for (a, b, _), clear in zip(pairs, open_water(draft, land, pairs), strict=True) if clear}
    for a, b in sorted(seen.union(always)):
        draft.add_link(a, b, Mode.SEA, Mode.SEA, draft.straight_km(a, b))


def open_water(draft: Draft, land: Sequence[shapely.Polygon],
               pairs: Sequence[tuple[int, int, float]]) -> NDArray[np.bool_]:
    """Whether the line between two nodes, less HARBOUR_KM at the first and the given km at the second, is free of land.

    Without an outline nothing is known to be free.
    """
    if not pairs or not land:
        return np.zeros(len(pairs), np.bool_)
    a, b = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    km = great_circle_km(draft.lat[a], draft.lon[a], draft.lat[b], draft.lon[b])
    first, last = HARBOUR_KM / np.maximum(km, 1e-9), 1 - np.array([p[2] for p in pairs]) / np.maximum(km, 1e-9)
    shift = (draft.lon[b] - draft.lon[a] + 180.0) % 360.0 - 180.0
    at = np.stack([first, last], axis=1)
    lat = draft.lat[a][:, None] + at * (draft.lat[b] - draft.lat[a])[:, None]
    lon = draft.lon[a][:, None] + at * shift[:, None]
    lines = shapely.linestrings(np.stack([lon, lat], axis=2))
    free = np.ones(len(pairs), np.bool_)
    bounds = shapely.bounds(lines)
    for polygon in land:
        west, south, east, north = polygon.bounds
        near = np.flatnonzero(free & (bounds[:, 0] <= east) & (bounds[:, 2] >= west) & (bounds[:, 1] <= north)
                              & (bounds[:, 3] >= south))
        if len(near):
            shapely.prepare(polygon)
            free[near] = ~shapely.intersects(polygon, lines[near])
    return free | (first >= last)
