"""Bundles of arrays that kernels take as one argument (numba reads named tuples)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]


class Shape(NamedTuple):
    """What a contracted topology looks like; the fields are those of `Hierarchy`."""

    first: Longs
    upper: Ints
    lower: Ints
    parent: Ints
    depth: Ints
    below_first: Longs
    below: Ints
    below_end: Ints
    slot_first: Ints
    slot_arc: Ints


class Core(NamedTuple):
    """The ancestors of sources and targets: ranks, descending; by rank, a mark (0 outside) and the place in `ranks`."""

    ranks: Ints
    mark: Bytes
    number: Ints


class Rows(NamedTuple):
    """Open slots of one direction above the core nodes: first[k]:first[k+1] belong to node k."""

    first: Longs
    head: Ints  # core number of the upper end
    slot: Ints
    length: Floats


class Climbs(NamedTuple):
    """Upward searches of some sources: row j, column i is the ancestor of depth i of source j."""

    chain: Ints  # its rank
    dist: Floats
    via: Ints  # slot over which it was reached, -1 at the source and where unreached
