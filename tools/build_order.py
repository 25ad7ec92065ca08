"""Compute the node order of the shipped extract and store it beside it.

Run after tools/build_extract.py:  python tools/build_order.py
The order depends on the topology only (nested dissection on the coordinates); `landbridge` extends it to the nodes a
study adds. Rail, road and sea are joined by a study, not by the extract, so they are ordered as if every rail and sea
node were tied to the nearest road node: cuts then run through all modes at the same place. It derives from the extract,
so the same ODbL notice holds for it.
"""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from landbridge.network.extract import Extract, load
from landbridge.network.model import Mode
from landbridge.routing import build, from_links, order

EARTH_RADIUS_KM = 6371.0088
RAIL_TIE_KM, SEA_TIE_KM = 5.0, 50.0


def ties(extract: Extract) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a rail or sea node and the nearest road node, if that is near."""
    lat, lon = np.radians(extract.lat_deg), np.radians(extract.lon_deg)
    points = EARTH_RADIUS_KM * np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
    road, other = np.flatnonzero(extract.node_mode == Mode.ROAD), np.flatnonzero(extract.node_mode != Mode.ROAD)
    gap_km, nearest = cKDTree(points[road]).query(points[other])
    near = gap_km < np.where(extract.node_mode[other] == Mode.RAIL, RAIL_TIE_KM, SEA_TIE_KM)
    return other[near], road[nearest[near]]


def main() -> None:
    """Write data/eurasia.order.npz: the rank of every node and the digest of the extract it belongs to."""
    extract = load()
    lon, lat = extract.lon_deg, extract.lat_deg
    topology = from_links(extract.n, extract.u, extract.v, lon=lon, lat=lat)
    a, b = ties(extract)
    tied = from_links(extract.n, np.concatenate([extract.u, a]), np.concatenate([extract.v, b]), lon=lon, lat=lat)
    start = time.perf_counter()
    rank = order(tied)
    print(f"order of {topology.n} nodes in {time.perf_counter() - start:.1f} s")
    print(f"{build(topology, rank).c} chordal arcs")
    path = Path(str(resources.files("landbridge") / "data" / "eurasia.order.npz"))
    np.savez_compressed(path, rank=rank.astype(np.int32), extract=np.array(extract.digest))
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
