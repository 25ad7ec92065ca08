"""Alternatives of every shipment: the best way of each chain of modes and round each competing gateway.

A chain is a row of nests.csv: the best way without some modes or without some places. Found on the skeleton
for every cargo under what is open to it; a way found twice is kept once, under the first chain that has it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numba import njit
from scipy import sparse

from landbridge.flows._trees import grow_trees
from landbridge.flows._types import F64, I32, I64, Bools
from landbridge.flows.choice import Sets, path_size
from landbridge.flows.skeleton import STEP_PARTS, Skeleton
from landbridge.network.model import Mode
from landbridge.routing.cost import LinkCosts
from landbridge.routing.world import World
from landbridge.schema.demand import Cargo
from landbridge.schema.flows import Nest

CARRIER = {"rail": Mode.RAIL, "road": Mode.ROAD, "sea": Mode.SEA}
WAY_PARTS = ("km", *STEP_PARTS)
# objects closed to a cargo between an origin country and a destination country
Closed = Callable[[str, str, str], frozenset[str]]


@dataclass(frozen=True)
class Alternatives:
    """All ways as rows, and the shipments (groups) they serve.

    By group: `cargo` (index into `cargoes`), `origin` and `destination` zone, `demand_t` a year. By row:
    `group`, `chain` (index into `chains`), `cost_usd_per_t` generalised, `parts` (hours, money, km along the
    way), `mode_km` (rows, 3) for rail, road, sea, and `edges`, a matrix of rows by skeleton edges (of
    `edge_km`). `uses` is rows by network objects.
    """

    cargoes: tuple[str, ...]
    chains: tuple[Nest, ...]
    objects: tuple[str, ...]
    cargo: I32
    origin: I32
    destination: I32
    demand_t: F64
    time_value_usd_per_t_h: F64
    group: I32
    chain: I32
    cost_usd_per_t: F64
    parts: Mapping[str, F64]
    mode_km: F64
    edges: sparse.csr_array
    edge_km: F64
    uses: sparse.csr_array

    @cached_property
    def path_size(self) -> F64:
        """Path size of each row among those of its shipment."""
        return path_size(Sets.of(self.group, None, len(self.origin)), self.edges, self.edge_km)

    def through(self, ids: Sequence[str]) -> Bools:
        """Rows whose way uses one of some objects."""
        columns = [self.objects.index(i) for i in ids if i in self.objects]
        found: Bools = np.asarray(self.uses[:, columns].sum(axis=1)).ravel() > 0
        return found


def find_alternatives(world: World, skeleton: Skeleton, costs: Mapping[str, LinkCosts],
                      mass_kt: Mapping[str, F64],
                      countries: Sequence[str], closed: Closed, chains: Sequence[Nest],
                      few_share: float = 0.001) -> Alternatives:
    """Ways for all demand `mass_kt` (zones by zones, by cargo) under what `closed` shuts; `countries` is by
    zone.

    The smallest shipments, `few_share` of the tonnes of a cargo, get the one best way. A shipment without
    any way has no row. Raises KeyError for a cargo without costs.
    """
    cargoes = {c.id: c for c in world.study.rows(Cargo)}
    search = _Search(world, skeleton, tuple(chains))

    def block(name: str) -> _Block:
        return search.of_cargo(cargoes[name], costs[name], mass_kt[name], countries, closed, few_share)

    with ThreadPoolExecutor(2) as pool:
        blocks = list(pool.map(block, mass_kt))
    return _joined(search, tuple(mass_kt), blocks)


@dataclass(frozen=True)
class _Block:
    """Groups and rows of one cargo; `group` of rows counts from 0."""

    origin: I32
    destination: I32
    demand_t: F64
    time_value: float
    group: I32
    chain: I32
    cost: F64
    parts: F64  # (parts, rows)
    edges: sparse.csr_array


class _Search:
    """Trees on the skeleton for each cargo, class of openness and chain."""

    def __init__(self, world: World, skeleton: Skeleton, chains: tuple[Nest, ...]) -> None:
        self.world, self.skeleton, self.chains = world, skeleton, chains
        self.ids = tuple(o.id for o in world.network.objects)
        number = {name: i for i, name in enumerate(self.ids)}
        s = skeleton
        carrier = np.where(s.link >= 0, world.network.carrier[s.link], s.mode)
        self.barred = []
        for chain in chains:
            modes = [int(CARRIER[m]) for m in chain.without]
            places = [number[i] for i in chain.closing if i in number]
            self.barred.append((np.isin(carrier, modes) & (s.mode != Mode.TRANSFER)) | np.isin(s.object,
                                                                                               places))
        self.key = np.random.default_rng(0).integers(1, 2**62, len(s.tail), dtype=np.int64)

    def shut(self, ids: frozenset[str]) -> Bools:
        """Edges of some objects."""
        places = [i for i, name in enumerate(self.ids) if name in ids]
        return np.isin(self.skeleton.object, places)

    def of_cargo(self, cargo: Cargo, costs: LinkCosts, mass_kt: F64, countries: Sequence[str], closed: Closed,
                 few_share: float) -> _Block:
        """All ways of one cargo."""
        s = self.skeleton
        values = s.costs(costs, cargo.form)
        price = values["usd_per_t"] + costs.time_value_usd_per_t_h * values["time_h"]
        mass = mass_kt.copy()
        np.fill_diagonal(mass, 0.0)
        origin, destination = (a.astype(np.int32) for a in np.nonzero(mass > 0))
        demand = mass[origin, destination] * 1e3
        rank = np.argsort(-demand)
        few = np.zeros(len(demand), np.bool_)
        few[rank] = np.cumsum(demand[rank]) > (1 - few_share) * demand.sum()
        sets: dict[frozenset[str], list[int]] = {}
        by_pair: dict[tuple[str, str], frozenset[str]] = {}
        for g, (o, d) in enumerate(zip(origin.tolist(), destination.tolist(), strict=True)):
            pair = countries[o], countries[d]
            if pair not in by_pair:
                by_pair[pair] = closed(cargo.id, *pair)
            sets.setdefault(by_pair[pair], []).append(g)
        found: list[tuple[I32, int, I64, I32, I32]] = []
        for ids, groups in sets.items():
            of_class = np.array(groups, np.int64)
            usual = np.where(self.shut(ids), np.inf, price)
            first = len(found)
            for c, barred in enumerate(self.barred):
                which = of_class
                if c > 0:  # the first chain serves all; others only where it goes through what they bar
                    free = not self.barred[0].any()
                    which = _through(found[first], barred).astype(np.int64) if free else of_class
                    which = which[~few[which]]
                if len(which):
                    found.append(self._ways(which, c, np.where(barred, np.inf, usual), origin, destination))
        return self._block(cargo, costs, values, origin, destination, demand, found)

    def _ways(self, which: I64, chain: int, price: F64, origin: I32, destination: I32
              ) -> tuple[I32, int, I64, I32, I32]:
        """Groups that have a way in a chain, and the key, number of edges and edges of each."""
        s = self.skeleton
        starts, row = np.unique(origin[which], return_inverse=True)
        distances = np.empty((len(starts), s.n))
        intos = np.empty((len(starts), s.n), np.int32)
        grow_trees(s.centroid[starts], 0, 1, s.first, s.head, price, 0, distances, intos)
        ends = s.centroid[destination[which]]
        reached = np.isfinite(distances[row, ends])
        row, ends, groups = row[reached], ends[reached], which[reached]
        hops, keys = _measure(row, ends, s.centroid[starts], intos, s.tail, self.key)
        edges = _collect(row, ends, s.centroid[starts], intos, s.tail, hops)
        return groups.astype(np.int32), chain, keys, hops, edges

    def _block(self, cargo: Cargo, costs: LinkCosts, values: Mapping[str, F64], origin: I32, destination: I32,
               demand: F64, found: list[tuple[I32, int, I64, I32, I32]]) -> _Block:
        """Rows sorted by group and chain, each way of a group once."""
        group = np.concatenate([f[0] for f in found]) if found else np.zeros(0, np.int32)
        chain = np.concatenate([np.full(len(f[0]), f[1], np.int32) for f in found]) if found else group
        key = np.concatenate([f[2] for f in found]) if found else np.zeros(0, np.int64)
        hops = np.concatenate([f[3] for f in found]) if found else group
        edges = np.concatenate([f[4] for f in found]) if found else group
        start = np.concatenate([[0], np.cumsum(hops)]).astype(np.int64)
        matrix = sparse.csr_array((np.ones(len(edges)), edges, start),
                                  shape=(len(group), len(self.skeleton.tail)))
        order = np.lexsort((chain, key, group))
        g, k = group[order], key[order]
        first = np.ones(len(order), np.bool_)
        first[1:] = (g[1:] != g[:-1]) | (k[1:] != k[:-1])
        keep = order[first]
        keep = keep[np.lexsort((chain[keep], group[keep]))]
        kept = matrix[keep]
        table = np.stack([np.where(np.isfinite(values[name]), values[name], 0.0) for name in WAY_PARTS])
        sums = np.asarray((kept @ table.T).T)
        usd, hours = sums[WAY_PARTS.index("usd_per_t")], sums[WAY_PARTS.index("time_h")]
        cost = usd + costs.time_value_usd_per_t_h * hours
        return _Block(origin, destination, demand, costs.time_value_usd_per_t_h, group[keep], chain[keep],
                      cost, sums,
                      kept)


def _through(ways: tuple[I32, int, I64, I32, I32], barred: Bools) -> I32:
    """Groups whose way uses a barred edge; that of the others stays the best without it."""
    groups, _, _, hops, edges = ways
    if not len(groups):
        return groups
    return groups[np.add.reduceat(barred[edges].astype(np.int32), np.cumsum(hops) - hops) > 0]


def _joined(search: _Search, cargoes: tuple[str, ...], blocks: list[_Block]) -> Alternatives:
    s = search.skeleton
    sizes = [len(b.origin) for b in blocks]
    shifts = np.cumsum([0, *sizes])
    edges = sparse.csr_array(sparse.vstack([b.edges for b in blocks]))
    mode_km = np.stack([np.where(s.mode == int(m), s.km, 0.0) for m in (Mode.RAIL, Mode.ROAD, Mode.SEA)],
                       axis=1)
    has = np.flatnonzero(s.object >= 0)
    of_object = sparse.csr_array((np.ones(len(has)), (has, s.object[has])),
                                 shape=(len(s.tail), len(search.ids)))
    uses = sparse.csr_array(edges @ of_object)
    uses.data[:] = 1.0
    parts = np.concatenate([b.parts for b in blocks], axis=1)
    return Alternatives(
        cargoes, search.chains, search.ids,
        np.repeat(np.arange(len(blocks), dtype=np.int32), sizes),
        np.concatenate([b.origin for b in blocks]), np.concatenate([b.destination for b in blocks]),
        np.concatenate([b.demand_t for b in blocks]), np.repeat([b.time_value for b in blocks], sizes),
        np.concatenate([b.group + shift for b,
                        shift in zip(blocks, shifts[:-1], strict=True)]).astype(np.int32),
        np.concatenate([b.chain for b in blocks]), np.concatenate([b.cost for b in blocks]),
        dict(zip(WAY_PARTS, parts, strict=True)), np.asarray(edges @ mode_km), edges, s.km, uses)


@njit(cache=True, nogil=True)
def _measure(row: I64, end: I32, start: I32, intos: I32, tail: I32, key: I64) -> tuple[I32, I64]:
    """Number of edges of each way and a number that tells ways apart, the sum of the keys of its edges."""
    hops = np.zeros(len(row), np.int32)
    keys = np.zeros(len(row), np.int64)
    for i in range(len(row)):
        v = end[i]
        while v != start[row[i]]:
            a = intos[row[i], v]
            hops[i] += 1
            keys[i] += key[a]
            v = tail[a]
    return hops, keys


@njit(cache=True, nogil=True)
def _collect(row: I64, end: I32, start: I32, intos: I32, tail: I32, hops: I32) -> I32:
    """Edges of all ways, one after the other, each from its origin on."""
    out = np.empty(hops.sum(), np.int32)
    done = 0
    for i in range(len(row)):
        done += hops[i]
        at = done
        v = end[i]
        while v != start[row[i]]:
            a = intos[row[i], v]
            at -= 1
            out[at] = a
            v = tail[a]
    return out
