"""The gas part of a study in one call: routes, costs, supply, interruption, law."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from landbridge.errors import Fault, StudyFault
from landbridge.gas import rok
from landbridge.gas.corridor import (
    CurvePoint,
    Parameters,
    RouteResult,
    SitingPoint,
    capacity_curve,
    route_result,
    sitings,
)
from landbridge.gas.costs import (
    Delivered,
    FeeCheck,
    LngCost,
    Saving,
    UpstreamCheck,
    delivered,
    fee_checks,
    lng_cost,
    saving_on_best_other,
    upstream,
)
from landbridge.gas.interruption import (
    CutOff,
    HydraulicNMinusOne,
    NMinusOne,
    Shortage,
    hydraulic_n_minus_one,
    mean_lost_bcm,
    n_minus_one,
    simulate,
    survival_days,
)
from landbridge.gas.law import GateNow, LawAnswer, gates_now, questions
from landbridge.gas.line import as_network
from landbridge.gas.rok import BuildChoice, Case
from landbridge.schema.gas import GasCutOff, GasRoute, LngTerminal
from landbridge.study import Study

VOLUMES_BCM = (10.0, 12.0, 15.0, 20.0, 30.0)
PATHS = 20000


@dataclass(frozen=True)
class CutOffResult:
    """A cut-off of the transit: expected loss by formula, and the simulation after what replaces it.

    `cost_musd` is the expected cost of gas not served over the life of the line, `cost_usd_per_kcm` the same on all gas
    the line is to carry.
    """

    id: str
    name: str
    cut: CutOff
    mean_lost_bcm: float
    gross: Shortage
    net: Shortage
    cost_musd: float
    cost_usd_per_kcm: float
    evidence: str


@dataclass(frozen=True)
class GasResult:
    """Everything the gas room found for a scenario; `open_routes` are those whose gates all stand open in it, `savings`
    what each route costs less than the best other supply."""

    scenario: str
    routes: tuple[RouteResult, ...]
    stacks: tuple[Delivered, ...]
    savings: tuple[Saving, ...]
    lng: LngCost
    upstream: UpstreamCheck
    curve: tuple[CurvePoint, ...]
    sitings: tuple[SitingPoint, ...]
    gates: dict[str, GateNow]
    open_routes: tuple[str, ...]
    cases: tuple[Case, ...]
    choices: tuple[BuildChoice, ...]
    n_minus_one: dict[str, NMinusOne]
    hydraulic: HydraulicNMinusOne | None
    cutoffs: tuple[CutOffResult, ...]
    tank_days: float
    fees: tuple[FeeCheck, ...]
    law: tuple[LawAnswer, ...]


@dataclass(frozen=True)
class YearMoney:
    """What a route moves between parties in a year, million USD: low, central, high (ordered), before any capital.

    The buyer saves LNG less the gas and its fuel; the seller earns the price at the head less field and expansion; the
    fee is neither in the saving nor in the margin. Capital and upkeep of the line are in none of them.
    """

    seller: str
    buyer: str
    transit: str
    buyer_saving_musd: tuple[float, float, float]
    seller_margin_musd: tuple[float, float, float]
    fee_musd: tuple[float, float, float]
    evidence: str


def year_money(study: Study, result: GasResult, route: str) -> YearMoney:
    """A year of one route as money between parties; KeyError for a route the study does not have.

    Low takes the least favorable end of every price (cheap LNG and dear gas for the buyer), high the most.
    """
    p = Parameters.of(study)
    own = {r.route.id: r for r in result.routes}[route]
    volume = own.route.volume_bcm_per_year
    lng, expansion = result.lng, result.upstream.expansion_usd_per_kcm
    fuel = next(i.central for s in result.stacks if s.route == route for i in s.items if i.item == "fuel gas")
    heads = [x["inlet_price_usd_per_kcm"] for x in (p.low, p.central, p.high)]
    field = [x["production_usd_per_kcm"] for x in (p.high, p.central, p.low)]
    saving = [(a - b - fuel) * volume for a, b in zip((lng.low, lng.central, lng.high), heads[::-1], strict=True)]
    margin = [(a - b - expansion) * volume for a, b in zip(heads, field, strict=True)]
    fee = next(s.fee_musd_per_year for s in result.stacks if s.route == route)
    names = list(own.km_by_country)
    return YearMoney(names[0], names[-1], own.route.transit_country, (saving[0], saving[1], saving[2]),
                     (margin[0], margin[1], margin[2]), (fee, fee, fee), own.evidence.word)


def run_gas(study: Study, scenario: str = "") -> GasResult:
    """The gas room's whole answer for a scenario of the study (the report's law date without one).

    Engineering, cost and law are answered for every route whether open or not; the supply mix of the scenario uses
    the cheapest route whose gates are all open, and unknown is not open. StudyFault for an unknown scenario or a study
    without gas tables.

    >>> from landbridge import study
    >>> result = run_gas(study.read("korea"))
    >>> result.open_routes, result.routes[0].siting.stations_km
    (('sea-sokcho', 'sea-samcheok', 'china'), ())
    """
    p = Parameters.of(study).central
    rows = study.rows(GasRoute)
    if not rows:
        raise StudyFault([Fault("gas/routes.csv", "file", "missing", "the ways of the pipeline", "add the gas tables")])
    gates = gates_now(study, scenario)
    routes = tuple(route_result(study, r) for r in rows)
    stacks = tuple(delivered(study, r) for r in routes)
    open_routes = tuple(r.id for r in rows if all(g in gates and gates[g].passable for g in r.gates))
    first = rows[0]
    prices = tuple(float(x) for x in np.arange(4.0, 17.0, 2.0))
    return GasResult(
        scenario, routes, stacks, tuple(saving_on_best_other(study, routes, frozenset({r.id})) for r in rows),
        lng_cost(study), upstream(study), capacity_curve(study, first),
        sitings(study, first, VOLUMES_BCM), gates, open_routes, rok.cases(study, stacks, open_routes),
        rok.build_choices(study, stacks, prices), _n_minus_one(study, routes), _hydraulic(study, routes[0]),
        tuple(_cut_off(study, c, first) for c in study.rows(GasCutOff)),
        _tank_days(study, first, p), fee_checks(study), questions(study, scenario),
    )


def _n_minus_one(study: Study, routes: tuple[RouteResult, ...]) -> dict[str, NMinusOne]:
    """The formula without a pipeline and with each route, million m3 a day."""
    p = Parameters.of(study).central
    daily = {t.id: t.capacity_bcm_per_year * 1e3 / 365.0 * p["peak_factor_terminal"] for t in study.rows(LngTerminal)}
    peak = rok.yearly_demand_bcm(study) * 1e3 / 365.0 * p["peak_day_over_mean"]
    found = {"LNG alone": n_minus_one(daily, peak)}
    for r in routes:
        with_pipe = {**daily, f"pipeline {r.route.id}": min(r.capacity_bcm, r.route.volume_bcm_per_year) * 1e3 / 365.0}
        found[f"with {r.route.id}"] = n_minus_one(with_pipe, peak)
    return found


def _hydraulic(study: Study, result: RouteResult) -> HydraulicNMinusOne | None:
    """The route at twice its volume with its least-cost stations: what is left of the flow when one station fails."""
    twice = 2.0 * result.route.volume_bcm_per_year
    siting = sitings(study, result.route, (twice,))[0].siting
    if not siting.feasible or not siting.stations_km:
        return None
    network = as_network(result.line, siting.stations_km, result.line.gas.kg_per_s(twice))
    return hydraulic_n_minus_one(network, tuple(f"station km {x:.3f}" for x in siting.stations_km))


def _cut_off(study: Study, row: GasCutOff, route: GasRoute) -> CutOffResult:
    p = Parameters.of(study).central
    cut = CutOff(route.volume_bcm_per_year, row.rate_per_year, row.mean_months / 12.0, row.spare_bcm_per_year,
                 row.buffer_bcm)
    years = p["life_years"]
    gross = simulate(CutOff(cut.volume_bcm_per_year, cut.rate_per_year, cut.mean_years), years, PATHS,
                     _rng(study, f"cut-off {row.id}"))
    net = simulate(cut, years, PATHS, _rng(study, f"cut-off {row.id}"))
    cost = net.mean_bcm * p["voll_usd_per_kcm"]
    return CutOffResult(row.id, row.name, cut, mean_lost_bcm(cut, years), gross, net, cost,
                        cost / (cut.volume_bcm_per_year * years), row.evidence.word)


def _rng(study: Study, name: str) -> np.random.Generator:
    return np.random.default_rng([study.config.study.seed, 0, zlib.crc32(name.encode())])


def _tank_days(study: Study, route: GasRoute, p: dict[str, float]) -> float:
    """Days the LNG tanks, full, cover the loss of the route."""
    stored = sum(t.storage_kl for t in study.rows(LngTerminal)) * p["tanks_m3_per_kl"] / 1e3 * p["tank_use"]
    sendout = sum(t.capacity_bcm_per_year for t in study.rows(LngTerminal)) * 1e3 / 365.0 * p["peak_factor_terminal"]
    return survival_days(route.volume_bcm_per_year * 1e3 / 365.0, stored, sendout)
