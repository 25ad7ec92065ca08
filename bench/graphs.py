"""The graphs of the routing benchmark: the world from scgraph-data, and the network of the bundled study."""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from landbridge.network.model import Network
from landbridge.routing import from_links

EARTH_RADIUS_KM = 6371.0088
TRANSFER_KM = 5.0  # a rail node is joined to the nearest road node within this distance


@dataclass(frozen=True)
class Graph:
    """Arcs with lengths; both directions are listed. `length_m` is a whole number of metres, at least 1.

    `inside` are the nodes of the largest strongly connected component; `gates` are the arcs of ten gates, if known.
    """

    name: str
    n: int
    tail: NDArray[np.int32]
    head: NDArray[np.int32]
    length_m: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    inside: NDArray[np.int64]
    zones: NDArray[np.int64]
    gates: list[NDArray[np.int64]] | None


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
        real = arcs[:, 0] != arcs[:, 1]
        cache.parent.mkdir(parents=True, exist_ok=True)
        with cache.open("wb") as file:
            np.savez(file, arcs=arcs[real], km=km[real], points=np.concatenate([rail, road]))
    with np.load(cache) as data:
        arcs, km, points = data["arcs"], data["km"], data["points"]
    n, metres = len(points), np.maximum(1, np.rint(1000 * km)).astype(np.int64)
    inside = largest_component(n, arcs[:, 0], arcs[:, 1])
    rng = np.random.default_rng(1)
    tail, head = arcs[:, 0].astype(np.int32), arcs[:, 1].astype(np.int32)
    zones = rng.choice(inside, 75, replace=False)
    return Graph("world", n, tail, head, metres, points[:, 1].copy(), points[:, 0].copy(), inside, zones, None)


def korea() -> Graph:
    """The network of the bundled study: the shipped extract with the study's own links, zones, and ten gates."""
    from landbridge.network.assemble import network_of
    from landbridge.network.model import Kind
    from landbridge.study import read as read_study

    network = network_of(read_study("korea"))
    topology = from_links(network.n, network.u, network.v, network.oneway, network.lon_deg, network.lat_deg)
    metres = np.maximum(1, np.rint(1000 * topology.arc_values(network.length_km))).astype(np.int64)
    crossings = [o.id for o in network.objects if o.kind is Kind.CROSSING]
    wanted = [id for id in crossings if {"PRK", "KOR"} & set(ends(network, id))]
    gates = [topology.arcs_of(network.links_of(id)).astype(np.int64) for id in (wanted + crossings)[:10]]
    inside = largest_component(network.n, topology.tail, topology.head)
    zones = network.centroid.astype(np.int64)
    lon, lat = network.lon_deg, network.lat_deg
    return Graph("extract", network.n, topology.tail, topology.head, metres, lon, lat, inside, zones, gates)


def ends(network: Network, id: str) -> list[str]:
    """Countries at the ends of a crossing."""
    link = int(network.links_of(id)[0])
    return [network.countries[network.country[v]] for v in (network.u[link], network.v[link])]


def largest_component(n: int, tail: NDArray[np.int32], head: NDArray[np.int32]) -> NDArray[np.int64]:
    """Nodes of the largest strongly connected component."""
    graph = csr_array((np.ones(len(tail), np.int8), (tail, head)), shape=(n, n))
    _, label = connected_components(graph, directed=True, connection="strong")
    return np.flatnonzero(label == np.bincount(label).argmax())
