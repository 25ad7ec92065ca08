"""Node orders kept between runs: one small file for each topology, in the user's cache folder."""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import platformdirs

from landbridge.routing._arrays import Ints
from landbridge.routing.ordering import order
from landbridge.routing.topology import Topology


def digest(topology: Topology) -> str:
    """A name for a topology: SHA-256 of its nodes, arcs and coordinates, 64 hexadecimal digits.

    >>> from landbridge.routing import from_links
    >>> digest(from_links(2, [0], [1])) == digest(from_links(2, [1], [0]))
    False
    """
    total = hashlib.sha256(f"order 1, n {topology.n}".encode())
    for array in (topology.tail, topology.head, topology.lon, topology.lat):
        total.update(np.ascontiguousarray(array).tobytes())
    return total.hexdigest()


def kept_order(topology: Topology, folder: Path | None = None, say: Callable[[str], None] = lambda text: None) -> Ints:
    """The order of a topology out of a folder, or computed and put there; by default landbridge's in the user's cache.

    A file that cannot be read is computed anew and replaced; a folder that cannot be written to is told to `say` and
    does no harm.
    """
    where = folder if folder is not None else Path(platformdirs.user_cache_dir("landbridge")) / "orders"
    path = where / f"{digest(topology)}.npz"
    rank = _read(path, topology.n)
    if rank is not None:
        return rank
    say(f"ordering {topology.n:,} nodes, once for this network")
    rank = order(topology)
    try:
        where.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=where, suffix=".tmp", delete=False) as file:
            np.savez_compressed(file, rank=rank)
        Path(file.name).replace(path)
    except OSError as error:
        say(f"the order is not kept: {error}")
    return rank


def _read(path: Path, n: int) -> Ints | None:
    try:
        with np.load(path) as file:
            rank: Ints = file["rank"].astype(np.int32)
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile):
        return None
    if len(rank) != n or not np.array_equal(np.sort(rank), np.arange(n)):
        return None
    rank.setflags(write=False)
    return rank
