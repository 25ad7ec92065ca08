"""Polylines for drawing: links of one mode joined end to end between junctions."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numba import njit
from numpy.typing import NDArray

from landbridge.network.model import Mode, Network


def chains(network: Network, mode: Mode) -> tuple[NDArray[np.int32], ...]:
    """Node sequences of all chains of a mode: maximal ways whose inner nodes have exactly two links of the mode.

    Each link of the mode is in exactly one chain.
    """
    links = np.flatnonzero((network.mode == mode) & (network.u != network.v))
    u, v = network.u[links], network.v[links]
    degree = np.bincount(np.concatenate([u, v]), minlength=network.n)
    ends = np.concatenate([u, v])
    order = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[order], np.arange(network.n + 1))
    link_at = np.concatenate([np.arange(len(links))] * 2)[order]
    nodes, starts = _walk(u, v, degree, first, link_at)
    return tuple(nodes[a:b] for a, b in pairwise(starts.tolist()))


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
