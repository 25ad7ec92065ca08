"""Array types of the flows room, and the bundles of arrays its kernels take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I32 = NDArray[np.int32]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Delay(NamedTuple):
    """Delay of each link: base + coef * (x * per_capacity)**power."""

    base: F64
    coef: F64
    per_capacity: F64
    power: F64


class Loads(NamedTuple):
    """Volume of each link, its cost, and the derivative of the cost; changed in place."""

    x: F64
    cost: F64
    slope: F64


class PathArrays(NamedTuple):
    """Paths as flat arrays; see `_equilibrium_kernels`."""

    head_of: I32
    after: I32
    start: I64
    length: I32
    flow: F64
    links: I32


class PairArrays(NamedTuple):
    """OD pairs sorted by origin: those of origins[i] are first[i]:first[i + 1]."""

    origins: I32
    first: I64
    destination: I32
    volume: F64
