"""The pool of paths of an equilibrium: flat arrays that grow, and are packed pair after pair."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from landbridge.flows import _equilibrium_kernels as kernels
from landbridge.flows._types import F64, I32, I64, PathArrays

A = TypeVar("A", bound=NDArray[Any])


class Pool:
    """Paths of all pairs; `count` holds links used, paths made, and active pairs. Private to the solver."""

    def __init__(self, pairs: int) -> None:
        self.paths = _room(pairs, 2 * pairs + 1024, 1 << 16)
        self.count: I64 = np.zeros(3, np.int64)

    def grow(self) -> None:
        """Twice the room."""
        p = self.paths
        self.paths = PathArrays(p.head_of, _double(p.after), _double(p.start), _double(p.length),
                                _double(p.flow),
                                _double(p.links))

    def compact(self) -> I32:
        """Drop empty paths and lay the others side by side, pair after pair; the pair of each path."""
        n_links, n_paths = kernels.pool_size(self.paths)
        new = _room(len(self.paths.head_of), n_paths + n_paths // 4 + 1024, n_links + n_links // 4 + 1024)
        pair = np.empty(n_paths, np.int32)
        kernels.copy_pool(self.paths, new, pair)
        self.paths = new
        self.count[0], self.count[1] = n_links, n_paths
        return pair

    def fill(self, pair: I32, flow: F64, length: I32, links: I32) -> None:
        """Take the given paths into an empty pool; `links` holds their links one path after the other."""
        n = len(pair)
        self.paths = _room(len(self.paths.head_of), n + 1024, len(links) + 1024)
        p = self.paths
        p.start[:n] = np.cumsum(length) - length
        p.length[:n], p.flow[:n], p.links[: len(links)] = length, flow, links
        for i in range(n):
            p.after[i] = p.head_of[pair[i]]
            p.head_of[pair[i]] = i
        self.count[:] = len(links), n, 0


def _room(pairs: int, paths: int, links: int) -> PathArrays:
    """Empty arrays for so many pairs, paths and links of paths."""
    return PathArrays(np.full(pairs, -1, np.int32), np.full(paths, -1, np.int32), np.zeros(paths, np.int64),
                      np.zeros(paths, np.int32), np.zeros(paths), np.zeros(links, np.int32))


def _double(a: A) -> A:
    return cast("A", np.concatenate([a, np.zeros_like(a)]))
