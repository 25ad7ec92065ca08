"""Values of the corridor's indicators: pure functions of skims, demand, states and probes.

Names, units and formulas stand in `landbridge.indicators`; what an indicator is about ([corridor] in study.toml)
stands in the study. A value that cannot be computed is NaN (unknown) or inf (there is no way), never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from landbridge.demand import Demand
from landbridge.network.model import Mode
from landbridge.routing import Metric, customise, matrix, path
from landbridge.routing.scenario import Base, ScenarioView, edits_of
from landbridge.routing.world import World
from landbridge.schema.config import CorridorSection
from landbridge.schema.demand import Zone
from landbridge.schema.network import Crossing, Link, LinkMode

Floats = NDArray[np.float64]
Say = Callable[[str], None]
CHEAPER_PCT = 0.01  # a pair of parties trades more cheaply if a direction falls by this much


@dataclass(frozen=True)
class Value:
    """One indicator under one scenario (or one pair 'before; after')."""

    indicator: str
    scenario: str
    value: float


def share_through(view: ScenarioView, demand: Demand, about: CorridorSection, by_value: bool) -> float:
    """Share of the pair's tonnes (or value) whose least-cost way crosses the rival country, percent.

    Only shipments that have a way count; NaN if none has.
    """
    weights = demand.value_musd if by_value else demand.mass_kt
    total = through = 0.0
    for weight, crosses in _pair_rows(view, demand, about, weights):
        total += float(weight.sum())
        through += float(weight[crosses].sum())
    return 100 * through / total if total else float("nan")


def share_through_by_cargo(
    view: ScenarioView, demand: Demand, about: CorridorSection
) -> dict[str, tuple[float, float]]:
    """By cargo: tonnes (kt) of the pair with a way, and the percent of them that crosses the rival country."""
    out = {}
    for cargo in view.skims:
        one = {cargo: demand.mass_kt[cargo]}
        rows = list(_pair_rows(view, demand, about, one))
        total = sum(float(w.sum()) for w, _ in rows)
        through = sum(float(w[c].sum()) for w, c in rows)
        out[cargo] = (total, 100 * through / total if total else float("nan"))
    return out


def _pair_rows(
    view: ScenarioView, demand: Demand, about: CorridorSection, weights: Mapping[str, Floats]
) -> Iterable[tuple[Floats, NDArray[np.bool_]]]:
    a, b = (demand.of(c) for c in about.trade_of)
    for cargo, skim in view.skims.items():
        if cargo not in weights:
            continue
        for rows, columns in ((a, b), (b, a)):
            pick = np.ix_(rows, columns)
            reachable = np.isfinite(skim.cost_usd_per_t[pick])
            inside = np.where(reachable, skim["rival_km"][pick], 0.0) > 0.5
            yield weights[cargo][pick] * reachable, inside


def party_zones(demand: Demand, parties: Iterable[str]) -> NDArray[np.int64]:
    """Indices of the zones of some countries."""
    return np.flatnonzero(np.isin(np.array(demand.countries), list(parties)))


def party_costs(
    base: Base, view: ScenarioView, zones: NDArray[np.int64], also_closed: frozenset[str] = frozenset()
) -> dict[str, Floats]:
    """Generalised cost between some zones by cargo under a scenario, more objects shut if wanted, USD per tonne."""
    world, openness = base.world, view.openness
    nodes = world.network.centroid[zones]
    country = [z.country for z in world.study.rows(Zone)]
    at = np.array([openness.countries.index(country[z]) for z in zones])
    edits = edits_of(view.conditions)

    def one(k: int) -> Floats:
        classes = openness.class_of[k][np.ix_(at, at)]
        cost = np.full(classes.shape, np.inf)
        for i in np.unique(classes):
            metric = base.shut(openness.cargos[k], edits, openness.closed[i] | also_closed)
            cost = np.where(classes == i, matrix(metric, nodes, nodes), cost)
        return cost

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(openness.cargos, pool.map(one, range(len(openness.cargos))), strict=True))


def gain_musd(before: Mapping[str, Floats], after: Mapping[str, Floats], mass_kt: Mapping[str, Floats]) -> float:
    """Fall in generalised cost on base-year tonnes, million USD a year; all arrays (z, z) of the same zones.

    Pairs without a way before are left out: their gain has no base-year tonnes to count it on.
    """
    gain = 0.0
    for cargo, cost in after.items():
        both = np.isfinite(before[cargo]) & np.isfinite(cost)
        gain += float((mass_kt[cargo][both] * (before[cargo][both] - cost[both])).sum()) / 1e3
    return gain


def connected_pairs(cost: Floats, countries: Sequence[str]) -> int:
    """Ordered pairs of zones of different countries with an open way; `countries` is by zone."""
    country = np.array(countries)
    return int((np.isfinite(cost) & (country[:, None] != country[None, :])).sum())


def first_land_way_year(
    world: World, by_land: Callable[[frozenset[str]], Metric], closed_on: Callable[[date], frozenset[str]],
    about: CorridorSection,
) -> float:
    """First year with a first of a month on which cargo could go by land from a start to the end; inf if never.

    `by_land` gives the metric with the sea and some objects shut.
    """
    starts = [int(world.network.centroid[world.zones.index(z)]) for z in about.start]
    end = int(world.network.centroid[world.zones.index(about.end)])
    seen: dict[frozenset[str], bool] = {}
    for year in range(about.land_way_from, about.land_way_to + 1):
        for month in range(1, 13):
            closed = closed_on(date(year, month, 1))
            if closed not in seen:
                seen[closed] = bool(np.isfinite(matrix(by_land(closed), starts, [end])).any())
            if seen[closed]:
                return float(year)
    return float("inf")


def nearest_large_city_rank(world: World, about: CorridorSection, city: str) -> float:
    """Rank of a city among the large ones of its country by distance to the transit country's nearest zone."""
    zones = world.study.rows(Zone)
    border = [z for z in zones if z.country == about.transit]
    large = [z for z in zones if z.country == about.city_country and z.population_k >= about.city_min_k]
    away = sorted((min(_distance_km(z, b) for b in border), z.id) for z in large)
    ranks = {id: i for i, (_, id) in enumerate(away, start=1)}
    return float(ranks.get(city, np.nan))


def _distance_km(a: Zone, b: Zone) -> float:
    lat1, lon1, lat2, lon2 = (np.radians(x) for x in (a.lat_deg, a.lon_deg, b.lat_deg, b.lon_deg))
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return float(2 * 6371.0088 * np.arcsin(np.sqrt(h)))


def border_share_of_time(view: ScenarioView, demand: Demand, about: CorridorSection, cargo: str) -> float:
    """Gauge change, customs and border waits as percent of door-to-door time, mean over the starts and the hubs."""
    skim = view.skims[cargo]
    zones = list(demand.zones)
    pick = np.ix_([zones.index(z) for z in about.start], [zones.index(z) for z in about.hubs])
    reachable = np.isfinite(skim["time_h"][pick])
    if not reachable.any():
        return float("nan")
    border = (skim["border_h"] + skim["gauge_h"])[pick][reachable].sum()
    return float(100 * border / skim["time_h"][pick][reachable].sum())


def hub_cost_change(
    before: ScenarioView, after: ScenarioView, demand: Demand, about: CorridorSection, cargo: str
) -> float:
    """Change of the mean generalised cost from the start country's zones to the hubs, percent."""
    zones = list(demand.zones)
    country = demand.countries[zones.index(about.start[0])]
    pick = np.ix_(demand.of(country), np.array([zones.index(z) for z in about.hubs], np.int64))
    a, b = before.skims[cargo].cost_usd_per_t[pick], after.skims[cargo].cost_usd_per_t[pick]
    both = np.isfinite(a) & np.isfinite(b)
    return float(100 * (b[both].mean() / a[both].mean() - 1)) if both.any() else float("nan")


def neighbours(world: World, country: str) -> int:
    """Countries that share a land border with one, by the crossings of the study."""
    rows = world.study.rows(Crossing)
    return len(
        {
            c.country_b if c.country_a == country else c.country_a
            for c in rows
            if country in {c.country_a, c.country_b}
        }
    )


def open_road_crossings(world: World, a: str, b: str, closed: frozenset[str]) -> int:
    """Road crossings between two countries that are open."""
    rows = world.study.rows(Crossing)
    return sum({c.country_a, c.country_b} == {a, b} and c.mode is LinkMode.ROAD and c.id not in closed for c in rows)


def party_pairs_cheaper(
    before: ScenarioView, after: ScenarioView, demand: Demand, parties: Iterable[str]
) -> tuple[float, int]:
    """Share of party pairs (percent) with a lower mean generalised cost after, and the number of pairs compared.

    A pair is cheaper if the mean of one direction falls by CHEAPER_PCT or more (the trade tables ask the same of the
    price of the goods), or if it had no way before and has one after; a pair without a way in both is not cheaper.
    """
    was, now = ({c: s.cost_usd_per_t for c, s in v.skims.items()} for v in (before, after))
    pairs = list(combinations(parties, 2))
    cheaper = sum(any(direction_change_pct(was, now, demand, *ends) <= -CHEAPER_PCT for ends in ((a, b), (b, a)))
                  for a, b in pairs)
    return (100 * cheaper / len(pairs) if pairs else float("nan")), len(pairs)


def direction_change_pct(
    before: Mapping[str, Floats], after: Mapping[str, Floats], demand: Demand, origin: str, destination: str
) -> float:
    """Change of the mean generalised cost per tonne from one country to another, percent; arrays (z, z) by cargo.

    Mean over base-year tonnes with a way in both (over all cells alike where there are no such tonnes). -inf if a
    direction without any way gets one, inf if it loses its last; NaN if it has none in both.
    """
    pick = np.ix_(demand.of(origin), demand.of(destination))
    x, y, t = (np.concatenate([np.ravel(m[c][pick]) for c in after]) for m in (before, after, demand.mass_kt))
    was, now = np.isfinite(x), np.isfinite(y)
    both = was & now
    if not both.any():
        return float(np.nan if was.any() == now.any() else -np.inf if now.any() else np.inf)
    weight = t[both] if t[both].any() else np.ones(int(both.sum()))
    return float(100 * ((weight * y[both]).sum() / (weight * x[both]).sum() - 1))


def length_in_service(
    base: Base, before: ScenarioView, after: ScenarioView, about: CorridorSection
) -> tuple[float, float]:
    """Percent of the corridor's railway in service before: that joined across an open border (see `joined_links`), and
    the part of it with two gauges, on which trains of both sides run.

    The railway is the least-cost way by rail from the first start to the end as it stands after; a place is open if any
    cargo between the countries of the two ends may use it. NaN if there is no such way.
    """
    world = base.world
    network, links = world.network, rail_line(base, after, about)
    km = np.where(network.mode[links] == Mode.RAIL, network.length_km[links], 0.0)
    border = network.mode[links] == Mode.CROSSING
    a, b = _ends(world, about)
    closed = frozenset.intersection(*(before.closed_for(c, *pair) for c in before.skims for pair in ((a, b), (b, a))))
    joined = joined_links(border, np.isin(links, world.links(closed)))
    double = world.links(r.id for r in world.study.rows(Link) if len(r.gauge_mm) > 1)
    whole = float(km.sum())
    if not whole:
        return float("nan"), float("nan")
    return 100 * float(km[joined].sum()) / whole, 100 * float(km[joined & np.isin(links, double)].sum()) / whole


def rail_line(base: Base, view: ScenarioView, about: CorridorSection) -> NDArray[np.int32]:
    """Links of the least-cost way by rail from the first start of the corridor to its end, empty if there is none."""
    world = base.world
    costs, metric = base.priced(next(iter(view.skims)), edits_of(view.conditions))
    topology = world.hierarchy.topology
    closed = view.closed_for(costs.cargo, *_ends(world, about))
    other = np.isin(world.network.mode, (Mode.ROAD, Mode.SEA))
    other[world.links(closed)] = True
    by_rail = customise(world.hierarchy, np.where(other[topology.link], np.inf, metric.cost))
    start, end = (int(world.network.centroid[world.zones.index(z)]) for z in (about.start[0], about.end))
    links: NDArray[np.int32] = topology.link[path(by_rail, start, end).arcs]
    return links


def _ends(world: World, about: CorridorSection) -> tuple[str, str]:
    """Countries of the first start and of the end of the corridor."""
    country = {z.id: z.country for z in world.study.rows(Zone)}
    return country[about.start[0]], country[about.end]


def joined_links(border: NDArray[np.bool_], shut: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Links of a line, in their order, that lie in a stretch joined across an open border.

    Shut links cut the line into stretches; one that reaches no open border is a national railway and does not count.

    >>> joined_links(np.array([0, 1, 0, 1, 0]) > 0, np.array([0, 1, 0, 0, 0]) > 0).astype(int)
    array([0, 0, 1, 1, 1])
    """
    stretch = np.cumsum(shut)
    return np.asarray(np.isin(stretch, stretch[border & ~shut]) & ~shut)
