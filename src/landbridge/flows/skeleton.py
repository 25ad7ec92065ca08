"""The network drawn together to the places where cargo decides: doors, borders, terminals, gated links.

Between two such places a mode has one least-cost way, whatever gates open elsewhere; a segment is that way,
with its kilometres, hours and money. Crossings, transfers, connectors, passages and short special links stay
links of their own, so that they can be closed, delayed and counted. On this small graph the ways of every
cargo, scenario and chain of modes are found in milliseconds; it is the virtual network of freight models
(Jourquin and Beuthe 1996, Transportation Research C 4) made by the least-cost kernel instead of by hand.

A segment is the cheapest for the middle cargo of its form (bulk, general, container); within one mode and
between two borders the others go the same way but for rare ties of a dear short road with a cheap long one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit

from landbridge.flows._types import F64, I32, I64, Bools
from landbridge.network.model import Kind, Mode
from landbridge.routing import customise, parts
from landbridge.routing.cost import Edit, LinkCosts, link_costs
from landbridge.routing.world import World, arc_costs
from landbridge.schema.demand import Cargo, Form

LINES = (Mode.RAIL, Mode.ROAD, Mode.SEA)
SHORT_LINK = 10  # a special link of at most so many links can be gated by itself
STEP_PARTS = ("time_h", "usd_per_t", "border_h", "border_usd_per_t", "gauge_h", "gauge_usd_per_t",
              "handling_h")


@dataclass(frozen=True)
class Skeleton:
    """A directed graph over n places; edge arrays are sorted by tail (`first` is its forward star).

    `mode` is the mode of a segment or the kind of an own link; `object` the study object of an own link or
    -1; `link` the network link of an own link, -1 for a segment. `km` by edge; hours and money by form for
    segments (own links take theirs from the cargo's LinkCosts). `form` says which edges exist for a form:
    segments of that form and own links.
    """

    n: int
    place: I32  # network node of each place
    centroid: I32  # place of each zone
    first: I64
    tail: I32
    head: I32
    mode: I32
    object: I32
    link: I32
    form: I32  # index of the form a segment belongs to, -1 for own links
    km: F64
    time_h: F64
    usd_per_t: F64

    def costs(self, costs: LinkCosts, form: Form) -> dict[str, F64]:
        """Parts by edge for a cargo: hours, money, hours and money at borders; inf where the edge is not the form's."""
        own = self.link >= 0
        other = ~own & (self.form != list(Form).index(form))
        found: dict[str, F64] = {"km": self.km}
        for name in STEP_PARTS:
            values = np.zeros(len(self.tail))
            values[own] = getattr(costs, name)[self.link[own]]
            if name in ("time_h", "usd_per_t"):
                values[~own] = getattr(self, name)[~own]
                values[other] = np.inf
            found[name] = values
        return found


def build_skeleton(world: World, edits: Mapping[str, Edit] | None = None, threads: int = 2) -> Skeleton:
    """The skeleton of a world with every gate open; `edits` matter only where they change a speed.

    Needs one metric for each form and line mode, nine in all; the result serves all cargoes, scenarios and
    chains.
    """
    network = world.network
    own = _own_links(world)
    places = np.unique(np.concatenate([network.u[own], network.v[own], network.centroid])).astype(np.int32)
    number = np.full(network.n, -1, np.int32)
    number[places] = np.arange(len(places), dtype=np.int32)
    blocks = [_own_edges(world, own, number)]
    line = line_links(world)
    for index, form in enumerate(Form):
        costs = link_costs(world.study, network, middle_cargo(world, form), None, edits)
        blocks += [_segments(world, costs, line & (network.carrier == mode), places, mode, index, threads)
                   for mode in LINES]
    columns = [np.concatenate(c) for c in zip(*blocks, strict=True)]
    order = np.argsort(columns[0], kind="stable")
    tail, head, mode_, object_, link, form_, km, time_h, usd = (c[order] for c in columns)
    first = np.searchsorted(tail, np.arange(len(places) + 1)).astype(np.int64)
    return Skeleton(len(places), places, number[network.centroid], first, tail.astype(np.int32),
                    head.astype(np.int32),
                    mode_.astype(np.int32), object_.astype(np.int32), link.astype(np.int32),
                    form_.astype(np.int32),
                    km, time_h, usd)


def line_links(world: World) -> Bools:
    """Links that belong to segments: lines, and borders that are crossed anywhere."""
    mode = world.network.mode
    line: Bools = (mode <= Mode.SEA) | (mode == Mode.CROSSING)
    line[_own_links(world)] = False
    return line


def _own_links(world: World) -> I64:
    """Links that stay by themselves: connectors, transfers, and links of crossings, passages and short
    special links.
    """
    network = world.network
    keep: Bools = (network.mode == Mode.CONNECTOR) | (network.mode == Mode.TRANSFER)
    for entry in network.objects:
        links = world.links_by_object[entry.id]
        if entry.kind is Kind.BORDER or (entry.kind is Kind.LINK and len(links) > SHORT_LINK):
            continue
        keep[links] = True
    return np.flatnonzero(keep)


def _own_edges(world: World, own: I64, number: I32) -> tuple[F64 | I32 | I64, ...]:
    network = world.network
    both = own[~network.oneway[own]]
    link = np.concatenate([own, both])
    tail = number[np.concatenate([network.u[own], network.v[both]])]
    head = number[np.concatenate([network.v[own], network.u[both]])]
    empty = np.zeros(len(link))
    return (tail, head, network.mode[link].astype(np.int32), network.object[link], link.astype(np.int32),
            np.full(len(link), -1, np.int32), network.length_km[link], empty, empty)


def _segments(world: World, costs: LinkCosts, line: Bools, places: I32, mode: Mode, form: int,
              threads: int) -> tuple[F64 | I32 | I64, ...]:
    """Least-cost ways between the places that lie on the lines of one mode, those through a third place left out."""
    network = world.network
    on_line = np.zeros(network.n, np.bool_)
    on_line[network.u[line]] = on_line[network.v[line]] = True
    which = np.flatnonzero(on_line[places])
    nodes = places[which]
    metric = customise(world.hierarchy, arc_costs(world, np.where(line, costs.generalised, np.inf)))
    values = np.stack([arc_costs(world, v)
                       for v in (costs.generalised, costs.km, costs.time_h, costs.usd_per_t)])
    values[~np.isfinite(values)] = 0.0
    sums = parts(metric, values, nodes, nodes, threads)
    np.fill_diagonal(sums[0], np.inf)
    through = _dominated(sums[0])
    i, j = np.nonzero(np.isfinite(sums[0]) & ~through)
    edges = len(i)
    return (which[i], which[j], np.full(edges, int(mode), np.int32), np.full(edges, -1, np.int32),
            np.full(edges, -1, np.int32), np.full(edges, form, np.int32), sums[1][i, j], sums[2][i, j],
            sums[3][i, j])


@njit(cache=True)
def _dominated(cost: F64) -> Bools:
    """Pairs whose least-cost way passes a third place, at some distance from both."""
    n = len(cost)
    out = np.zeros((n, n), np.bool_)
    for i in range(n):
        for k in range(n):
            a = cost[i, k]
            if k == i or not np.isfinite(a) or a <= 0.0:
                continue
            for j in range(n):
                b = cost[k, j]
                if b > 0.0 and a + b <= cost[i, j] * (1 + 1e-12):
                    out[i, j] = True
        out[i, i] = False
    return out


def middle_cargo(world: World, form: Form) -> Cargo:
    """The cargo of a form whose time value lies in the middle; any cargo where the study has none of the form."""
    cargoes = [c for c in world.study.rows(Cargo) if c.form is form] or list(world.study.rows(Cargo))
    ranked = sorted(cargoes, key=lambda c: c.value_usd_per_t_central * c.time_value_pct_per_day_central)
    return ranked[len(ranked) // 2]
