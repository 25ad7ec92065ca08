"""Compute the node order of the shipped extract and store it beside it.

Run after tools/build_extract.py:  python tools/build_order.py
The order depends on the topology only (nested dissection on the coordinates); `landbridge` extends it to the nodes a
study adds. It derives from the extract, so the same ODbL notice holds for it.
"""

from __future__ import annotations

import time
from importlib import resources
from pathlib import Path

import numpy as np

from landbridge.network.extract import load
from landbridge.routing import build, from_links, order


def main() -> None:
    """Write data/eurasia.order.npz: the rank of every node and the digest of the extract it belongs to."""
    extract = load()
    topology = from_links(extract.n, extract.u, extract.v, lon=extract.lon_deg, lat=extract.lat_deg)
    start = time.perf_counter()
    rank = order(topology)
    print(f"order of {topology.n} nodes in {time.perf_counter() - start:.1f} s")
    print(f"{build(topology, rank).c} chordal arcs")
    path = Path(str(resources.files("landbridge") / "data" / "eurasia.order.npz"))
    np.savez_compressed(path, rank=rank.astype(np.int32), extract=np.array(extract.digest))
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
