"""Polylines for drawing: links of one mode joined end to end between junctions, and thinned lines.

Many lines stand in one array of their points, end to end, beside an array of how many points each has.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numba import njit
from numpy.typing import NDArray

from landbridge.network.model import Mode, Network

Floats = NDArray[np.float64]
Sizes = NDArray[np.int64]


def chains(network: Network, mode: Mode) -> tuple[NDArray[np.int32], Sizes]:
    """Nodes of all chains of a mode and their sizes: maximal ways whose inner nodes have exactly two links of the mode.

    Each link of the mode is in exactly one chain.
    """
    links = np.flatnonzero((network.mode == mode) & (network.u != network.v))
    u, v = network.u[links], network.v[links]
    ends = np.concatenate([u, v])
    degree = np.bincount(ends, minlength=network.n)
    order = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[order], np.arange(network.n + 1))
    link_at = np.concatenate([np.arange(len(links))] * 2)[order]
    nodes, starts = _walk(u, v, degree, first, link_at)
    return nodes, np.diff(starts)


def end_to_end(lines: Sequence[Floats]) -> tuple[Floats, Sizes]:
    """Points (k, 2) of all lines in one array, and how many each line has."""
    return np.concatenate([np.empty((0, 2)), *lines]), np.fromiter(map(len, lines), np.int64, len(lines))


def apart(points: Floats, sizes: Sizes) -> tuple[Floats, ...]:
    """The lines one by one, as views of their points.

    >>> [line.tolist() for line in apart(np.array([[0.0, 1], [2, 3], [4, 5]]), np.array([2, 1]))]
    [[[0.0, 1.0], [2.0, 3.0]], [[4.0, 5.0]]]
    """
    ends = np.cumsum(sizes)
    return tuple(points[a:b] for a, b in zip((ends - sizes).tolist(), ends.tolist(), strict=True))


def thinned(points: Floats, sizes: Sizes, tolerance_deg: float, preserve_topology: bool = True) -> tuple[Floats, Sizes]:
    """Lines within a tolerance (Douglas and Peucker 1973), as points and sizes; most have two points and stay.

    >>> points, sizes = np.array([[0.0, 0], [1, 0], [0, 0], [1, 0.01], [2, 0]]), np.array([2, 3])
    >>> [a.tolist() for a in thinned(points, sizes, 0.1)]
    [[[0.0, 0.0], [1.0, 0.0], [0.0, 0.0], [2.0, 0.0]], [2, 2]]
    """
    bent = sizes > 2
    n = int(bent.sum())
    moves = np.repeat(bent, sizes)
    drawn = shapely.linestrings(points[moves], indices=np.repeat(np.arange(n), sizes[bent]))
    simple = shapely.simplify(drawn, tolerance_deg, preserve_topology=preserve_topology)
    thin, line = shapely.get_coordinates(simple, return_index=True)
    left = sizes.copy()
    left[bent] = np.bincount(line, minlength=n)
    moved = np.repeat(bent, left)
    out = np.empty((len(moved), 2))
    out[moved], out[~moved] = thin, points[~moves]
    return out, left


@njit(cache=True)
def _walk(
    u: NDArray[np.int32],
    v: NDArray[np.int32],
    degree: NDArray[np.int64],
    first: NDArray[np.int64],
    link_at: NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    m = u.size
    used = np.zeros(m, np.bool_)
    nodes = np.empty(2 * m + 2, np.int32)
    starts = np.zeros(m + 2, np.int64)
    k = 0
    chains_found = 0
    for round_number in range(2):  # first from junctions and ends, then the rings that are left
        for i in range(m):
            for side in range(2):
                start = u[i] if side == 0 else v[i]
                if used[i] or (round_number == 0 and degree[start] == 2):
                    continue
                node = start
                link = i
                nodes[k] = node
                k += 1
                while True:
                    used[link] = True
                    node = v[link] if u[link] == node else u[link]
                    nodes[k] = node
                    k += 1
                    if degree[node] != 2:
                        break
                    following = -1
                    for e in range(first[node], first[node + 1]):
                        if not used[link_at[e]]:
                            following = link_at[e]
                    if following < 0:
                        break
                    link = following
                chains_found += 1
                starts[chains_found] = k
    return nodes[:k].copy(), starts[: chains_found + 1].copy()
