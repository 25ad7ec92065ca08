"""False breaks of the source graph: one rule for short gaps, and named patches."""

from __future__ import annotations

import csv
import heapq
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.spatial import cKDTree

from landbridge.errors import LandbridgeError
from landbridge.network._packages import Graph
from landbridge.network._region import Region
from landbridge.network.geometry import great_circle_km, unit_km

END_GAP_KM = {"rail": 1.5, "road": 0.5}  # between two dead ends
THROUGH_GAP_KM = 0.2  # between a dead end and a line that passes: coordinates are round to 0.1 km
DETOUR = 20.0
MIN_DETOUR_KM = 5.0  # a detour shorter than this is a yard, not a break
PATCH_TOLERANCE_KM = 0.15


@dataclass(frozen=True)
class Joins:
    """Links to add: end nodes, length in km, and the patch that says so ('' for the rule)."""

    u: NDArray[np.int64]
    v: NDArray[np.int64]
    km: NDArray[np.float64]
    patch: tuple[str, ...]


def heal(graph: Graph, mode: str, country: NDArray[np.str_], barred: NDArray[np.bool_]) -> Joins:
    """Gaps at dead ends inside one country whose way round is over 20 times as long.

    Between two dead ends a gap may be 1.5 km wide by rail and 0.5 km by road, between a dead end and a line that
    passes 0.2 km. `barred` nodes are never joined. Each dead end is joined once, to the nearest that fits.
    """
    n = len(graph.lat)
    degree = np.bincount(np.concatenate([graph.u, graph.v]), minlength=n)
    a, b = _pairs(graph, np.flatnonzero((degree == 1) & ~barred), END_GAP_KM[mode])
    gap = great_circle_km(graph.lat[a], graph.lon[a], graph.lat[b], graph.lon[b])
    fits = (a != b) & (country[a] == country[b]) & ~barred[b] & ((degree[b] == 1) | (gap <= THROUGH_GAP_KM))
    a, b, gap = a[fits], b[fits], gap[fits]
    matrix = coo_array((np.tile(graph.km, 2), (np.concatenate([graph.u, graph.v]), np.concatenate([graph.v, graph.u]))),
                       shape=(n, n)).tocsr()
    done: set[int] = set()
    found: list[tuple[int, int, float]] = []
    for k in np.lexsort((b, a, gap)):
        i, j = int(a[k]), int(b[k])
        if i in done or j in done:
            continue
        limit = max(DETOUR * gap[k], MIN_DETOUR_KM)
        if not _within(matrix, i, j, limit):
            found.append((i, j, max(float(gap[k]), 0.01)))
            done |= {e for e in (i, j) if degree[e] == 1}
    u, v, km = (np.array(column) for column in zip(*found, strict=True)) if found else (np.zeros(0),) * 3
    return Joins(u.astype(np.int64), v.astype(np.int64), km.astype(np.float64), ("",) * len(found))


def _pairs(graph: Graph, ends: NDArray[np.int64], reach_km: float) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Dead ends and the nodes in their reach, themselves among them."""
    if not len(ends):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    tree = cKDTree(unit_km(graph.lat, graph.lon))
    near = tree.query_ball_point(unit_km(graph.lat[ends], graph.lon[ends]), reach_km)
    return np.repeat(ends, [len(k) for k in near]), np.concatenate([np.array(k, np.int64) for k in near])


def _within(matrix: csr_array, start: int, goal: int, limit_km: float) -> bool:
    """Whether the goal is reached from the start within a distance; looks at no more of the graph than that."""
    best = {start: 0.0}
    queue = [(0.0, start)]
    while queue:
        km, node = heapq.heappop(queue)
        if node == goal:
            return True
        if km > best[node]:
            continue
        row = slice(matrix.indptr[node], matrix.indptr[node + 1])
        for following, step in zip(matrix.indices[row].tolist(), matrix.data[row].tolist(), strict=True):
            if km + step <= min(limit_km, best.get(following, math.inf) - 1e-9):
                best[following] = km + step
                heapq.heappush(queue, (km + step, following))
    return False


def patches(
    path: Path, mode: str, graph: Graph, country: NDArray[np.str_], region: Region
) -> tuple[Joins, NDArray[np.str_]]:
    """The named patches of one mode with all ends in the region, and the countries with the named corrections in.

    Every end is matched to the nearest node; LandbridgeError names all patches with no node within 150 m.
    """
    tree = cKDTree(unit_km(graph.lat, graph.lon))
    country = country.copy()
    lost: list[str] = []
    found: list[tuple[int, int, float, str]] = []
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        sides = ("from", "to") if row["kind"] == "join" else ("from",)
        lat, lon = (np.array([float(row[f"{side}_{axis}"]) for side in sides]) for axis in ("lat", "lon"))
        if row["mode"] != mode or not region.contains(lat, lon).all():
            continue
        gap, ends = tree.query(unit_km(lat, lon))
        if gap.max() > PATCH_TOLERANCE_KM:
            lost.append(row["id"])
        elif row["kind"] == "join":
            a, b = ends.tolist()
            straight = float(great_circle_km(graph.lat[a], graph.lon[a], graph.lat[b], graph.lon[b]))
            found.append((a, b, float(row["length_km"] or straight), row["id"]))
        else:
            country[ends[0]] = row["country"]
    if lost:
        raise LandbridgeError(f"{path.name}: no {mode} node within {PATCH_TOLERANCE_KM * 1000:.0f} m of: "
                              f"{', '.join(lost)}; the source has changed, look at the places anew")
    u, v, km, names = zip(*found, strict=True) if found else ((), (), (), ())
    return Joins(np.array(u, np.int64), np.array(v, np.int64), np.array(km, np.float64), tuple(names)), country
