"""The world graph of the benchmark: rail and road of scgraph-data, read as text, joined by transfer arcs."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

EARTH_RADIUS_KM = 6371.0088
TRANSFER_KM = 5.0  # a rail node is joined to the nearest road node within this distance


@dataclass(frozen=True)
class Graph:
    """Arcs with lengths; both directions are listed. `length_m` is a whole number of metres, at least 1."""

    n: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]


def read(module: str) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Coordinates (n, 2: lat, lon), arcs (m, 2) and lengths in km of one module of scgraph-data, read as text."""
    spec = importlib.util.find_spec("scgraph_data")
    if spec is None or spec.origin is None:
        raise SystemExit("scgraph-data is not installed: pip install --no-deps scgraph-data==2.0.0")
    text = (Path(spec.origin).parent / f"{module}.py").read_text()
    graph_at, nodes_at = text.index("\ngraph=") + 7, text.index("\nnodes=")
    end = text.index("\nworld_", nodes_at)
    adjacency = json.loads(re.sub(r"(\d+):", r'"\1":', text[graph_at:nodes_at]))
    coordinates = np.array(json.loads(text[nodes_at + 7 : end]), np.float64)
    arcs = np.array([(i, int(j)) for i, row in enumerate(adjacency) for j in row], np.int64)
    km = np.array([w for row in adjacency for w in row.values()], np.float64)
    return coordinates, arcs, km


def unit_sphere(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points (n, 3) in km from the centre of the earth."""
    lat, lon = np.radians(coordinates).T
    return EARTH_RADIUS_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def world(cache: Path) -> Graph:
    """Rail, road and transfers of the world; kept as an npz file because reading the text takes seconds."""
    if not cache.exists():
        rail, rail_arcs, rail_km = read("world_railways")
        road, road_arcs, road_km = read("world_highways")
        gap, nearest = cKDTree(unit_sphere(road)).query(unit_sphere(rail))
        near = np.flatnonzero(gap < TRANSFER_KM)
        pairs = np.column_stack([near, nearest[near] + len(rail)])
        arcs = np.concatenate([rail_arcs, road_arcs + len(rail), pairs, pairs[:, ::-1]])
        km = np.concatenate([rail_km, road_km, gap[near], gap[near]])
        length_m = np.maximum(1, np.rint(1000 * km)).astype(np.int64)
        points = np.concatenate([rail, road])
        cache.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache, arcs=arcs.astype(np.int32), length_m=length_m, points=points)
    with np.load(cache) as data:
        arcs, length_m, points = data["arcs"], data["length_m"], data["points"]
    return Graph(len(points), arcs[:, 0].copy(), arcs[:, 1].copy(), length_m, points[:, 1].copy(), points[:, 0].copy())
