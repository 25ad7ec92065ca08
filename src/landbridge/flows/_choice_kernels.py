"""Derivatives of shares summed over rows, compiled: products of short rows, nest by nest and group by group."""

from __future__ import annotations

import numpy as np
from numba import njit

from landbridge.flows._types import F64, I32, I64


@njit(cache=True, nogil=True)
def add_slopes(order: I64, cell: I32, group: I32, l_first: I32, l_column: I32, l_value: F64, r_first: I32,
               r_column: I32, r_value: F64, own: F64, within: F64, share: F64, nest_weight: F64,
               group_weight: F64, out: F64) -> None:
    """Add to `out` (left columns by right columns) the sums over rows, nests and groups of products left by right.

    `order` sorts rows by group and cell. A row adds own times its left and right; a nest nest_weight times the sums of
    its rows weighted by `within`; a group group_weight times the sums of its rows weighted by `share`.
    """
    width = max(out.shape)
    sums = np.zeros((4, width))  # left and right of the nest, left and right of the group
    columns = np.empty((4, width), np.int32)
    place = np.full((4, width), -1, np.int32)
    count = np.zeros(4, np.int64)
    for k in range(len(order)):
        i = order[k]
        for a in range(l_first[i], l_first[i + 1]):
            f = l_column[a]
            for b in range(r_first[i], r_first[i + 1]):
                out[f, r_column[b]] += own[i] * l_value[a] * r_value[b]
            _note(sums, columns, place, count, 0, f, within[i] * l_value[a])
            _note(sums, columns, place, count, 2, f, share[i] * l_value[a])
        for b in range(r_first[i], r_first[i + 1]):
            _note(sums, columns, place, count, 1, r_column[b], within[i] * r_value[b])
            _note(sums, columns, place, count, 3, r_column[b], share[i] * r_value[b])
        last = k + 1 == len(order)
        if last or cell[order[k + 1]] != cell[i]:
            _empty(sums, columns, place, count, 0, nest_weight[cell[i]], out)
        if last or group[order[k + 1]] != group[i]:
            _empty(sums, columns, place, count, 2, group_weight[group[i]], out)


@njit(inline="always")  # a call would count references of five arrays
def _note(sums: F64, columns: I32, place: I32, count: I64, side: int, column: int, value: float) -> None:
    """Add a value to the sum of a column."""
    at = place[side, column]
    if at < 0:
        at = count[side]
        place[side, column] = at
        columns[side, at] = column
        sums[side, at] = 0.0
        count[side] += 1
    sums[side, at] += value


@njit(inline="always")  # a call would count references of five arrays
def _empty(sums: F64, columns: I32, place: I32, count: I64, left: int, weight: float, out: F64) -> None:
    """Add weight times the product of left and right sums, and forget them."""
    right = left + 1
    for a in range(count[left]):
        for b in range(count[right]):
            out[columns[left, a], columns[right, b]] += weight * sums[left, a] * sums[right, b]
    for side in (left, right):
        for a in range(count[side]):
            place[side, columns[side, a]] = -1
        count[side] = 0
