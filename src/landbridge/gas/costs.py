"""What a thousand cubic meters cost at the end of a route, item by item, against LNG; and the transit fee."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from landbridge.gas.corridor import Parameters, RouteResult, annuity
from landbridge.schema.gas import GasPipe, GasPublished, GasSection, GasUpstream, Terrain
from landbridge.study import Study
from landbridge.tables import Evidence


@dataclass(frozen=True)
class CostItem:
    """One item of the delivered cost in USD per 1000 m3: all low, all central, all high parameters."""

    route: str
    item: str
    low: float
    central: float
    high: float


@dataclass(frozen=True)
class Delivered:
    """Delivered cost of a route: items, sums in USD per 1000 m3, capital, and the LNG price at which it breaks even."""

    route: str
    items: tuple[CostItem, ...]
    low: float
    central: float
    high: float
    capex_musd: tuple[float, float, float]
    break_even_lng_usd_per_mmbtu: tuple[float, float, float]
    fee_musd_per_year: float
    evidence: Evidence

    @property
    def transport(self) -> float:
        """Central cost without the gas itself."""
        return self.central - self.items[0].central


@dataclass(frozen=True)
class LngCost:
    """LNG in the grid in USD per 1000 m3 of pipeline gas: low, central, high."""

    low: float
    central: float
    high: float


@dataclass(frozen=True)
class UpstreamCheck:
    """What is left upstream for a route, bcm a year, now and after the expansion; its cost on the added volume."""

    free_now_bcm: float
    free_after_bcm: float
    expansion_musd: float
    expansion_bcm: float
    expansion_usd_per_kcm: float
    limits: str


def upstream(study: Study) -> UpstreamCheck:
    """Spare capacity of the line that brings the gas, and the capital of its expansion by stations."""
    p = Parameters.of(study).central
    stages = sorted(study.rows(GasUpstream), key=lambda u: u.capacity_bcm_per_year)
    now = [u for u in stages if u.in_place][-1]
    later = stages[-1]
    by_power = (later.installed_mw or 0.0) * p["compressor_usd_per_kw"] / 1e3
    capex = by_power if later.capex_musd is None else later.capex_musd
    added = later.capacity_bcm_per_year - now.capacity_bcm_per_year
    yearly = annuity(p["discount_rate"], p["life_years"]) + p["opex_share"]
    free = now.capacity_bcm_per_year - now.committed_bcm_per_year
    after = later.capacity_bcm_per_year - later.committed_bcm_per_year
    return UpstreamCheck(free, after, capex, added, capex * yearly / added,
                         f"{now.name}: {now.capacity_bcm_per_year:g} bcm, {now.committed_bcm_per_year:g} spoken for")


def delivered(study: Study, result: RouteResult) -> Delivered:
    """The delivered-cost stack of a route at its volume: gas, head station, pipe, stations, fuel, transit fee.

    The gas is priced at what China pays at the end of the same upstream line: that price pays for the upstream, whose
    expansion (see `upstream`) is therefore shown beside the stack and not added to it.
    """
    p = Parameters.of(study)
    stacks = [_stack(study, result, x, pipe_costs(study, end, end)) for x, end in p.ends()]
    items = tuple(CostItem(result.route.id, name, *(s[name] for s in stacks)) for name in stacks[1])
    low, central, high = (sum(s.values()) for s in stacks)
    even = tuple(s / x["mmbtu_per_kcm"] - x["regas_usd_per_mmbtu"]
                 for s, x in zip((low, central, high), (p.low, p.central, p.high), strict=True))
    capex = tuple(_capex(study, result, x, pipe_costs(study, end, end))["all"] for x, end in p.ends())
    pipes = [q.evidence for q in study.rows(GasPipe) if q.id in (result.route.pipe, result.route.sea_pipe)]
    return Delivered(result.route.id, items, low, central, high, (capex[0], capex[1], capex[2]),
                     (even[0], even[1], even[2]), _fee(result) * result.route.volume_bcm_per_year,
                     Evidence.weakest([result.evidence, *pipes]))


def lng_cost(study: Study) -> LngCost:
    """LNG delivered and regasified, on the energy of a thousand cubic meters of pipeline gas."""
    p = Parameters.of(study)
    values = [(x["lng_usd_per_mmbtu"] + x["regas_usd_per_mmbtu"]) * p.central["mmbtu_per_kcm"]
              for x in (p.low, p.central, p.high)]
    return LngCost(values[0], values[1], values[2])


@dataclass(frozen=True)
class Saving:
    """What the cheapest of some routes saves against the best other supply, USD per 1000 m3: low, central, high."""

    low: float
    central: float
    high: float


def saving_on_best_other(study: Study, results: Sequence[RouteResult], routes: frozenset[str]) -> Saving:
    """Delivered cost of the best supply that is not among `routes` (another route, or LNG), less the cheapest of them.

    What all routes share (gas at the head, discount rate, life, upkeep, stations) is at the same end for all of them;
    pipe on land, pipe under the sea and the price of LNG stand at either end, each by itself. Low and high are the
    least and the most of all these cases: they bound the difference, they are no interval of confidence. Transit fees
    keep their one value. NaN where no route is among `routes`.
    """
    lng = lng_cost(study)
    shared = Parameters.of(study).ends()

    def saving(p: dict[str, float], pipes: Mapping[str, float], other: float) -> float:
        cost = {r.route.id: sum(_stack(study, r, p, pipes).values()) for r in results}
        own = [c for r, c in cost.items() if r in routes]
        return min([other, *(c for r, c in cost.items() if r not in routes)]) - min(own, default=float("nan"))

    ends = ("low", "high")
    central = saving(shared[1][0], pipe_costs(study, "central", "central"), lng.central)
    cases = [central, *(saving(p, pipe_costs(study, land, sea), other) for p, _ in shared
                        for land, sea, other in product(ends, ends, (lng.low, lng.high)))]
    return Saving(min(cases), central, max(cases))


def pipe_costs(study: Study, land: str, sea: str) -> dict[str, float]:
    """Cost of every pipe on offer, million USD per km, with those on land and under the sea at one end (low, central,
    high) of their range each."""
    end = {Terrain.LAND: land, Terrain.SEA: sea}
    return {q.id: float(getattr(q, f"capex_musd_per_km_{end[q.terrain]}")) for q in study.rows(GasPipe)}


def _capex(study: Study, result: RouteResult, p: dict[str, float], pipes: Mapping[str, float]) -> dict[str, float]:
    """Capital in million USD: pipe, stations on the way, the station at the head, all."""
    pipe = 0.0
    for s in study.rows(GasSection):
        if s.route == result.route.id:
            at_sea = s.terrain is Terrain.SEA and result.route.sea_pipe
            pipe += s.km * pipes[result.route.sea_pipe if at_sea else result.route.pipe]
    per_mw = p["compressor_usd_per_kw"] / 1e3 * p["installed_over_running"]
    stations = sum(p["station_fixed_musd"] + mw * per_mw for mw in result.siting.power_mw)
    head = p["station_fixed_musd"] + result.head_power_mw * per_mw
    return {"pipe": pipe, "stations": stations, "head": head, "all": pipe + stations + head}


def _fee(result: RouteResult) -> float:
    """Transit fee in USD per 1000 m3: the rate over the km in the transit country."""
    route = result.route
    return route.fee_usd_per_kcm_100km * result.km_by_country.get(route.transit_country, 0.0) / 100.0


def _stack(study: Study, result: RouteResult, p: dict[str, float], pipes: Mapping[str, float]) -> dict[str, float]:
    volume = result.route.volume_bcm_per_year
    capex = _capex(study, result, p, pipes)
    yearly = annuity(p["discount_rate"], p["life_years"]) + p["opex_share"]
    gas = result.line.gas
    power = result.head_power_mw + sum(result.siting.power_mw)
    fuel_bcm = power / result.line.turbine_efficiency / gas.heating_value_mj_per_m3 * 365.0 * 86400.0 / 1e9
    return {
        "gas at the head": p["inlet_price_usd_per_kcm"],
        "head station": capex["head"] * yearly / volume,
        "pipe": capex["pipe"] * yearly / volume,
        "stations": capex["stations"] * yearly / volume,
        "fuel gas": fuel_bcm / volume * p["inlet_price_usd_per_kcm"],
        "transit fee": _fee(result),
    }


@dataclass(frozen=True)
class FeeCheck:
    """A published fee or length against the rule rate x km / 100 x volume; blanks are NaN."""

    id: str
    what: str
    published: float
    unit: str
    by_rule_musd: float
    implied_length_km: float
    implied_rate: float
    says: str
    source: str


def fee_checks(study: Study) -> tuple[FeeCheck, ...]:
    """Every published figure about the fee, and what it implies for the others; that they disagree is shown."""
    nan = float("nan")
    rows = study.rows(GasPublished)
    rule = next((r.fee_usd_per_kcm_100km for r in rows if r.fee_usd_per_kcm_100km is not None), None) or 2.0
    stated = [r.length_km for r in rows if r.length_km is not None]
    found = []
    for r in rows:
        volume, money = r.volume_bcm_per_year, r.unit == "MUSD/year"
        length = r.length_km if r.length_km is not None else nan
        by_rule = (r.fee_usd_per_kcm_100km or rule) * length / 100.0 * volume if volume else nan
        implied = r.value / volume / rule * 100.0 if money and volume else nan
        rate = r.value / volume / max(stated) * 100.0 if money and volume and stated else nan
        if money and r.length_km is not None:
            says = f"{rule:g} USD x {length:g} km / 100 x {volume:g} bcm = {by_rule:.1f} MUSD, {r.value:g} published"
        elif money:
            says = (f"at {rule:g} USD it would be {implied:.0f} km of transit, at {max(stated):g} km {rate:.2f} USD "
                    "per 1000 m3 and 100 km")
        elif r.unit == "km" and volume:
            says = f"this length gives {by_rule:.0f} MUSD a year at {rule:g} USD and {volume:g} bcm"
        else:
            says = "no fee follows from it alone"
        found.append(FeeCheck(r.id, r.what, r.value, r.unit, by_rule, implied, rate, says, r.source))
    return tuple(found)
