"""The supply model of the importing country: LNG through terminals, the pipeline, tanks, and gas that is not served."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from landbridge.gas.corridor import Parameters
from landbridge.gas.costs import Delivered, upstream
from landbridge.gas.supply import Arc, Candidate, Closure, Demand, Solver, Source, Storage, SupplyModel, SupplyResult
from landbridge.schema.gas import GasMonth, GasRoute, LngTerminal
from landbridge.study import Study

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """A supply case: which routes are there, what closes, and what came out of the model, in a year of months."""

    name: str
    routes: tuple[str, ...]
    closures: tuple[Closure, ...]
    result: SupplyResult
    model: SupplyModel


def yearly_demand_bcm(study: Study) -> float:
    """The year's demand in bcm, from LNG tonnes on their energy in pipeline gas."""
    p = Parameters.of(study).central
    return p["demand_year_mt"] * p["mmbtu_per_t"] / p["mmbtu_per_kcm"]


def model(study: Study, stacks: tuple[Delivered, ...], routes: tuple[str, ...], lng_usd_per_mmbtu: float | None = None,
          build: bool = False) -> SupplyModel:
    """Twelve months of supply with some routes in place (or on offer, with `build`).

    LNG comes under contract (take-or-pay) and from the spot market, dearer in winter, planned for what the routes leave
    plus a spare; terminals are arcs with their sendout; tanks are one store. Russian gas at the head of the routes is
    limited by the line upstream after its expansion. A route in place is an arc at its full transport cost; on offer, a
    candidate with its fixed cost and its running cost. Gates: ids of routes and terminals,
    and the gates of both tables.
    """
    p = Parameters.of(study).central
    share = np.array([m.share for m in sorted(study.rows(GasMonth), key=lambda m: m.month)])
    year = yearly_demand_bcm(study)
    rows = {r.id: r for r in study.rows(GasRoute)}
    planned = 0.0 if build else sum(rows[r].volume_bcm_per_year for r in routes)
    plan = max(year - planned, 0.0)
    price = (lng_usd_per_mmbtu or p["lng_usd_per_mmbtu"]) * p["mmbtu_per_kcm"]
    winter = np.array([p["spot_premium"] if m in (11, 12, 1, 2, 3) else 1.0 for m in range(1, 13)])
    contract = p["contract_share"] * plan
    sources = [
        Source("contract LNG", "market", np.full(12, contract / 12 * p["contract_flexibility"]), np.full(12, price), (),
               p["take_or_pay"] / p["contract_flexibility"]),
        Source("spot LNG", "market", _spot(p, plan * share, contract), price * winter),
    ]
    arcs = [Arc(t.id, "market", "grid", np.full(12, t.capacity_bcm_per_year / 12 * p["peak_factor_terminal"]),
                p["regas_usd_per_mmbtu"] * p["mmbtu_per_kcm"], 0.0, (t.id, *t.gates)) for t in study.rows(LngTerminal)]
    free = upstream(study).free_after_bcm / 12
    sources.append(Source("Russian gas", "head", np.full(12, free), np.full(12, p["inlet_price_usd_per_kcm"])))
    candidates = []
    for stack in stacks:
        route = rows[stack.route]
        if route.id not in routes:
            continue
        fixed = sum(i.central for i in stack.items if i.item in FIXED) if build else 0.0
        month = np.full(12, route.volume_bcm_per_year / 12)
        gas = stack.items[0].central
        arcs.append(Arc(f"pipeline {route.id}", "head", "grid", month, stack.central - fixed - gas, 0.0,
                        (route.id, *route.gates)))
        if build:
            candidates.append(Candidate(f"pipeline {route.id}", fixed * route.volume_bcm_per_year))
    kl = sum(t.storage_kl for t in study.rows(LngTerminal))
    tanks = kl * p["tanks_m3_per_kl"] / 1e6 * p["tank_use"]
    return SupplyModel(
        ("market", "head", "grid"), tuple(f"{m:02d}" for m in range(1, 13)), (2030,) * 12, tuple(sources), tuple(arcs),
        (Storage("tanks", "grid", tanks, tanks, tanks, 1.0),),
        (Demand("grid", year * share, p["voll_usd_per_kcm"]),), tuple(candidates))


def _spot(p: dict[str, float], plan: Floats, contract_bcm: float) -> Floats:
    """Spot LNG of every month: what the plan leaves to it when contracts run at their minimum, and the spare."""
    least = contract_bcm / 12 * p["take_or_pay"]
    return np.asarray(np.maximum(plan - least, 0.0) + p["lng_spare_bcm_per_year"] / 12, dtype=np.float64)


FIXED = ("head station", "pipe", "stations")


def cases(study: Study, stacks: tuple[Delivered, ...], open_routes: tuple[str, ...]) -> tuple[Case, ...]:
    """LNG alone; the cheapest way no gate bars; each route; and routes with a transit country cut off.

    In the cut the year's LNG was planned with the pipeline in it: that is what makes the cut hurt.
    """
    found = []

    def add(name: str, routes: tuple[str, ...], closures: tuple[Closure, ...] = ()) -> None:
        m = model(study, stacks, routes)
        found.append(Case(name, routes, closures, Solver(m).solve(closures), m))

    add("LNG alone", ())
    cheapest = min((s for s in stacks if s.route in open_routes), key=lambda s: s.central, default=None)
    add("cheapest way no gate bars", (cheapest.route,) if cheapest else ())
    for stack in stacks:
        add(f"with {stack.route}", (stack.route,))
    for stack in stacks:
        if _transit(study, stack.route):
            add(f"{stack.route} cut from January to March", (stack.route,), (Closure(stack.route, 0, 3),))
            add(f"{stack.route} cut all year", (stack.route,), (Closure(stack.route),))
    return tuple(found)


def _transit(study: Study, route: str) -> bool:
    return any(r.id == route and r.transit_country for r in study.rows(GasRoute))


@dataclass(frozen=True)
class BuildChoice:
    """What a planner would build at an LNG price, with what it saves a year against LNG alone."""

    lng_usd_per_mmbtu: float
    built: tuple[str, ...]
    cost_musd: float
    saving_musd: float


def build_choices(study: Study, stacks: tuple[Delivered, ...], prices: tuple[float, ...]) -> tuple[BuildChoice, ...]:
    """Build or not, by mixed-integer program, at several LNG prices (USD per MMBtu), all gates open."""
    found = []
    for price in prices:
        routes = tuple(s.route for s in stacks)
        with_all = Solver(model(study, stacks, routes, price, build=True)).solve()
        without = Solver(model(study, stacks, (), price)).solve()
        found.append(BuildChoice(price, with_all.built, with_all.cost_musd, without.cost_musd - with_all.cost_musd))
    return tuple(found)
