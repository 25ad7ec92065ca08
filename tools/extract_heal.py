"""False breaks of the source graph: one rule for short gaps, and named patches."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from extract_sources import Graph, great_circle_km, unit_km

GAP_KM = 1.5
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


def heal(graph: Graph, country: NDArray[np.str_], barred: NDArray[np.bool_]) -> Joins:
    """Gaps between two dead ends of one country, at most 1.5 km wide, whose way round is over 20 times as long.

    `barred` nodes are never joined. Each dead end is joined once, to the nearest that fits.
    """
    n = len(graph.lat)
    degree = np.bincount(np.concatenate([graph.u, graph.v]), minlength=n)
    ends = np.flatnonzero((degree == 1) & ~barred)
    pairs = ends[cKDTree(unit_km(graph.lat[ends], graph.lon[ends])).query_pairs(GAP_KM, output_type="ndarray")]
    pairs = pairs[country[pairs[:, 0]] == country[pairs[:, 1]]]
    gap = great_circle_km(graph.lat[pairs[:, 0]], graph.lon[pairs[:, 0]], graph.lat[pairs[:, 1]], graph.lon[pairs[:, 1]])
    matrix = coo_array((graph.km + 1e-6, (graph.u, graph.v)), shape=(n, n)).tocsr()
    done: set[int] = set()
    found: list[tuple[int, int, float]] = []
    for k in np.argsort(gap, kind="stable"):
        a, b = (int(x) for x in pairs[k])
        if a in done or b in done:
            continue
        limit = max(DETOUR * gap[k], MIN_DETOUR_KM)
        if dijkstra(matrix, directed=False, indices=a, limit=limit)[b] > limit:
            found.append((a, b, float(gap[k])))
            done |= {a, b}
    u, v, km = (np.array(column) for column in zip(*found, strict=True)) if found else (np.zeros(0),) * 3
    return Joins(u.astype(np.int64), v.astype(np.int64), km.astype(np.float64), ("",) * len(found))


def patches(path: Path, mode: str, graph: Graph, country: NDArray[np.str_]) -> tuple[Joins, NDArray[np.str_]]:
    """The named patches of one mode, and the countries with the named corrections in.

    Every end is matched to the nearest node; SystemExit names all patches with no node within 150 m.
    """
    tree = cKDTree(unit_km(graph.lat, graph.lon))
    country = country.copy()
    rows, lost, found = list(csv.DictReader(path.open(encoding="utf-8"))), [], []
    for row in (r for r in rows if r["mode"] == mode):
        ends = [_node(tree, row["from_lat"], row["from_lon"])]
        if row["kind"] == "join":
            ends.append(_node(tree, row["to_lat"], row["to_lon"]))
        if None in ends:
            lost.append(row["id"])
        elif row["kind"] == "join":
            a, b = (int(e) for e in ends if e is not None)
            gap = float(great_circle_km(graph.lat[[a]], graph.lon[[a]], graph.lat[[b]], graph.lon[[b]])[0])
            found.append((a, b, float(row["length_km"] or gap), row["id"]))
        else:
            country[ends[0]] = row["country"]
    if lost:
        raise SystemExit(f"{path.name}: no {mode} node within {PATCH_TOLERANCE_KM * 1000:.0f} m of: {', '.join(lost)}; "
                         "the source has changed, look at the places anew")
    u, v, km, names = zip(*found, strict=True) if found else ((), (), (), ())
    return Joins(np.array(u, np.int64), np.array(v, np.int64), np.array(km, np.float64), tuple(names)), country


def _node(tree: cKDTree, lat: str, lon: str) -> int | None:
    gap, node = tree.query(unit_km(np.array([float(lat)]), np.array([float(lon)]))[0])
    return int(node) if gap <= PATCH_TOLERANCE_KM else None
