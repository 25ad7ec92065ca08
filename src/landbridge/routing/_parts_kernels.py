"""Kernels that sum arc attributes along least-cost ways without unpacking each way."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from landbridge.routing._arrays import Climbs, Core, Flags, Floats, Ints, Longs, Rows, Shape
from landbridge.routing._lanes import LANES
from landbridge.routing._way_kernels import new_climbs, search, witness


class Sums(NamedTuple):
    """Attribute sums met so far: of slots (row known[slot] - 1 of `of_slot`), core nodes and ancestors of a source."""

    known: Ints
    of_slot: Floats
    used: Longs  # one number: rows of `of_slot` in use
    of_node: Floats
    node_turn: Ints  # number of the source for which `of_node` holds
    of_climb: Floats
    climb_turn: Ints


@njit(cache=True, nogil=True)
def _new_sums(kinds: int, shape: Shape, nodes: int, room: int) -> Sums:
    slots = 2 * shape.upper.size
    return Sums(
        np.zeros(slots, np.int32), np.empty((slots, kinds), np.float64), np.zeros(1, np.int64),
        np.empty((nodes, kinds), np.float64), np.full(nodes, -1, np.int32),
        np.empty((room, kinds), np.float64), np.full(room, -1, np.int32),
    )  # fmt: skip


@njit(cache=True, nogil=True)
def _slot_row(s: int, stack: Ints, sums: Sums, attributes: Floats, shape: Shape, cost: Floats, weight: Floats) -> int:
    """Row of `sums.of_slot` with the attributes along an open slot, computed where it is asked for the first time."""
    stack[0], top = s, 1
    while top > 0:
        slot = stack[top - 1]
        if sums.known[slot]:
            top -= 1
            continue
        a, b = witness(slot, shape, cost, weight)
        if b >= 0 and not (sums.known[a] and sums.known[b]):
            stack[top], stack[top + 1] = b, a
            top += 2
            continue
        row = sums.used[0]
        for i in range(attributes.shape[0]):
            if b < 0:
                sums.of_slot[row, i] = attributes[i, a]
            else:
                sums.of_slot[row, i] = sums.of_slot[sums.known[a] - 1, i] + sums.of_slot[sums.known[b] - 1, i]
        sums.used[0] = row + 1
        sums.known[slot] = row + 1
        top -= 1
    return int(sums.known[s]) - 1


@njit(cache=True, nogil=True)
def _climb_sums(
    goal: int, turn: int, via: Ints, todo: Ints, stack: Ints,
    sums: Sums, attributes: Floats, shape: Shape, cost: Floats, weight: Floats,
) -> None:  # fmt: skip
    """Make `sums.of_climb[goal]` hold the attributes from the source up to its ancestor of that depth."""
    count, i = 0, goal
    while sums.climb_turn[i] != turn:
        todo[count] = i
        count += 1
        i = shape.depth[shape.lower[via[i] >> 1]]
    while count > 0:
        count -= 1
        row = _slot_row(via[todo[count]], stack, sums, attributes, shape, cost, weight)
        for q in range(attributes.shape[0]):
            sums.of_climb[todo[count], q] = sums.of_climb[i, q] + sums.of_slot[row, q]
        i = todo[count]
        sums.climb_turn[i] = turn


@njit(cache=True, nogil=True)
def _node_sums(
    k: int, j: int, turn: int, todo: Ints, stack: Ints, core: Core, down: Rows, climbs: Climbs, over: Longs,
    sums: Sums, attributes: Floats, shape: Shape, cost: Floats, weight: Floats,
) -> None:  # fmt: skip
    """Make `sums.of_node[k]` hold the attributes from the source of lane j to core node k, which it reaches."""
    count = 0
    while sums.node_turn[k] != turn:
        if over[k, j] < 0:
            i = shape.depth[core.ranks[k]]
            _climb_sums(i, turn, climbs.via[j], todo[count:], stack, sums, attributes, shape, cost, weight)
            sums.of_node[k] = sums.of_climb[i]
            sums.node_turn[k] = turn
        else:
            todo[count] = k
            count += 1
            k = down.head[over[k, j]]
    while count > 0:
        count -= 1
        row = _slot_row(down.slot[over[todo[count], j]], stack, sums, attributes, shape, cost, weight)
        for q in range(attributes.shape[0]):
            sums.of_node[todo[count], q] = sums.of_node[k, q] + sums.of_slot[row, q]
        k = todo[count]
        sums.node_turn[k] = turn


@njit(cache=True, nogil=True)
def parts(
    sources: Ints, targets: Ints, wanted: Flags, order: Longs, core: Core, down: Rows, attributes: Floats, out: Floats,
    shape: Shape, cost: Floats, weight: Floats,
) -> None:  # fmt: skip
    """Fill out[:, s, t] for the sources (ranks) of `order` and the targets (core numbers) that are wanted for each."""
    climbs = new_climbs(shape)
    room = climbs.chain.shape[1]
    dist, over = np.empty((core.ranks.size, LANES), np.float64), np.empty((core.ranks.size, LANES), np.int64)
    sums = _new_sums(attributes.shape[0], shape, core.ranks.size, room)
    todo, stack = np.empty(2 * room, np.int32), np.empty(2 * room + 8, np.int32)
    for start in range(0, order.size, LANES):
        lanes = order[start : start + LANES]
        search(sources[lanes], shape, weight, core, down, climbs, dist, over)
        for j in range(lanes.size):
            s, turn = lanes[j], start + j
            sums.climb_turn[shape.depth[sources[s]]] = turn
            sums.of_climb[shape.depth[sources[s]]] = 0.0
            for t in range(targets.size):
                k = targets[t]
                if wanted[s, t] and dist[k, j] < np.inf:
                    _node_sums(
                        k, j, turn, todo, stack, core, down, climbs, over, sums, attributes, shape, cost, weight,
                    )  # fmt: skip
                    for q in range(attributes.shape[0]):
                        out[q, s, t] = sums.of_node[k, q]
