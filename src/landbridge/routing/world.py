"""The assembled network made ready for least-cost questions: hierarchy, zones, and what is shut for whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from landbridge.network.assemble import network_of
from landbridge.network.extract import load
from landbridge.network.model import Mode, Network
from landbridge.routing import Hierarchy, Metric, build, customise, extend_order, from_links, matrix, parts
from landbridge.routing.cost import LinkCosts
from landbridge.routing.keeping import kept_order
from landbridge.study import Study

Floats = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """A study's network with its hierarchy; `links_by_object` are the links of each study object."""

    study: Study
    network: Network
    hierarchy: Hierarchy
    links_by_object: Mapping[str, NDArray[np.int32]]

    @property
    def zones(self) -> tuple[str, ...]:
        """Zone ids in the order of all matrices."""
        return self.network.zones

    def links(self, ids: Iterable[str]) -> NDArray[np.int32]:
        """Links of some study objects; ids the network does not hold are passed over."""
        found = [self.links_by_object[i] for i in sorted(ids) if i in self.links_by_object]
        return np.concatenate(found) if found else np.zeros(0, np.int32)


@dataclass(frozen=True)
class Skim:
    """Least-cost ways of one cargo between zones; every array is (z, z), row = origin, inf where no way is open.

    `cost_usd_per_t` is the generalised cost that the ways minimise; the other arrays are sums along those ways.
    """

    cargo: str
    zones: tuple[str, ...]
    cost_usd_per_t: Floats
    parts: Mapping[str, Floats]

    def __getitem__(self, part: str) -> Floats:
        """One part, such as time_h, usd_per_t, km, border_h."""
        return self.parts[part]


PARTS = ("time_h", "usd_per_t", "km", "border_h", "border_usd_per_t", "gauge_h", "handling_h")  # of LinkCosts


@cache
def _shipped_order(extract_digest: str) -> NDArray[np.int32] | None:
    """The order that is shipped for an extract, if there is one."""
    for path in sorted(Path(str(resources.files("landbridge") / "data")).glob("*.order.npz")):
        with np.load(path) as file:
            if str(file["extract"]) == extract_digest:
                rank: NDArray[np.int32] = file["rank"]
                return rank
    return None


def build_world(study: Study, say: Say = lambda text: None) -> World:
    """Assemble the study's network and its hierarchy; StudyFault where study and network do not fit."""
    say("assembling the network")
    network = network_of(study)
    topology = from_links(network.n, network.u, network.v, network.oneway, network.lon_deg, network.lat_deg)
    shipped = _shipped_order(load(study.config.network.extract, study.folder).digest)
    rank = kept_order(topology, say=say) if shipped is None else extend_order(shipped, topology)
    say(f"hierarchy over {network.n:,} nodes and {network.m:,} links")
    hierarchy = build(topology, rank)
    order = np.argsort(network.object, kind="stable").astype(np.int32)
    bounds = np.searchsorted(network.object[order], np.arange(len(network.objects) + 1))
    by_object = {o.id: order[a:b] for o, a, b in zip(network.objects, bounds[:-1], bounds[1:], strict=True)}
    return World(study, network, hierarchy, by_object)


def arc_costs(world: World, link_values: Floats) -> Floats:
    """Values of links as values of arcs, closed against the direction of one-way links."""
    return world.hierarchy.topology.arc_values(link_values)


def open_metric(world: World, costs: LinkCosts) -> Metric:
    """The metric of a cargo with everything open."""
    return customise(world.hierarchy, arc_costs(world, costs.generalised))


def shut(world: World, metric: Metric, ids: Iterable[str]) -> Metric:
    """The metric with the links of some study objects closed."""
    links = world.links(ids)
    if not len(links):
        return metric
    arcs = world.hierarchy.topology.arcs_of(links)
    return metric.with_changes(arcs, np.full(len(arcs), np.inf))


def arc_parts(world: World, values: Sequence[Floats]) -> Floats:
    """Values of links (m,) that are to be summed along ways, as values of arcs (k, arcs); 0 where not finite."""
    out = np.empty((len(values), world.hierarchy.topology.m))
    for row, value in zip(out, values, strict=True):
        row[:] = arc_costs(world, np.where(np.isfinite(value), value, 0.0))
    return out


def skim(
    world: World,
    metric: Metric,
    costs: LinkCosts,
    origins: NDArray[np.int64],
    destinations: NDArray[np.int64],
    names: Sequence[str],
    summed: Floats,
    wanted: NDArray[np.bool_],
) -> Skim:
    """Skim between some zones (by index); `summed` (k, arcs) are the values of `arc_parts` in the order of `names`.

    Rows and columns of the arrays are the zones asked for, in the order given; sums are made for the pairs `wanted`.
    """
    sources, targets = world.network.centroid[origins], world.network.centroid[destinations]
    cost = matrix(metric, sources, targets)
    if not len(names):
        return Skim(costs.cargo, world.zones, cost, {})
    if not wanted.any():
        return Skim(costs.cargo, world.zones, cost, {n: np.full(cost.shape, np.inf) for n in names})
    sums = parts(metric, summed, sources, targets, wanted=wanted)
    return Skim(costs.cargo, world.zones, cost, dict(zip(names, sums, strict=True)))


def km_in(world: World, country: str) -> Floats:
    """Land kilometres of each link that lie in a country, (m,): summed along a way they say whether it goes there."""
    network = world.network
    if country not in network.countries:
        return np.zeros(network.m)
    land = (network.mode == Mode.RAIL) | (network.mode == Mode.ROAD)
    return np.where(land & (network.country[network.u] == network.countries.index(country)), network.length_km, 0.0)
