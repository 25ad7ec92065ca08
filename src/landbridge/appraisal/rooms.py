"""Results of the freight and gas rooms as numbers the appraisal and the games understand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from landbridge.appraisal.bargaining import hold_up
from landbridge.appraisal.corridor import WORLD, CorridorResults, GasResults, party_of, users_by_group
from landbridge.appraisal.games import Game, best_of
from landbridge.flows.study_market import FreightResult
from landbridge.gas.study import GasResult
from landbridge.network.model import Mode, Network
from landbridge.schema.demand import Tariff
from landbridge.schema.network import Crossing
from landbridge.study import Study

Floats = NDArray[np.float64]
MODES = {Mode.RAIL: "rail", Mode.ROAD: "road", Mode.SEA: "sea"}
BUILT = ("head station", "pipe", "stations")  # items of the delivered-cost stack that pay for capital and upkeep


def users_of_freight(study: Study, before: FreightResult, after: FreightResult) -> tuple[dict[str, float], float]:
    """Users' benefit a year by party, million USD, from the logsums of mode and route choice with queues and caps.

    Shipments are matched by cargo, origin and destination; also returned: tonnes without a way in one of the two.
    The ways of each side must contain those of the other that stay open: if the search for ways drops an old way once
    a new one is found, a queue on the new one counts as a loss although the old one remains.
    """
    sides = [_groups(r) for r in (before, after)]
    keys = [*sides[0], *(k for k in sides[1] if k not in sides[0])]
    none = (0.0, float("inf"))
    q, c = (np.array([[side.get(k, none)[i] for k in keys] for side in sides]) for i in (0, 1))
    q = np.where(np.isinf(c), q[::-1], q)  # a shipment without a way is still wanted
    area = party_of(study)
    origin = [area.get(before.countries[o], WORLD) for _, o, _ in keys]
    destination = [area.get(before.countries[d], WORLD) for _, _, d in keys]
    return users_by_group(q[0], q[1], c[0], c[1], origin, destination)


def _groups(result: FreightResult) -> dict[tuple[str, int, int], tuple[float, float]]:
    ways = result.alternatives
    return {(ways.cargoes[k], int(o), int(d)): (float(t), float(c)) for k, o, d, t, c in zip(
        ways.cargo, ways.origin, ways.destination, ways.demand_t, result.equilibrium.logsum_usd_per_t, strict=True)}


def through_mt(study: Study, result: FreightResult) -> dict[str, float]:
    """Through traffic by party, million tonnes a year: what crosses its border and neither starts nor ends there."""
    ways, area = result.alternatives, party_of(study)
    party = np.array([area.get(c, WORLD) for c in result.countries])
    start, end = party[ways.origin][ways.group], party[ways.destination][ways.group]
    touching: dict[str, list[str]] = defaultdict(list)
    for c in study.rows(Crossing):
        for p in {area.get(c.country_a, WORLD), area.get(c.country_b, WORLD)}:
            touching[p].append(c.id)
    found = {}
    for p, ids in touching.items():
        tonnes = float(result.equilibrium.flow_t[ways.through(ids) & (start != p) & (end != p)].sum())
        if p != WORLD and tonnes:
            found[p] = tonnes / 1e6
    return found


def corridor_results(study: Study, network: Network, freight: tuple[FreightResult, FreightResult],
                     link_t: tuple[Floats, Floats], treasury_musd: Mapping[str, float] | None = None,
                     gas: GasResults | None = None) -> tuple[CorridorResults, float]:
    """What the appraisal needs of two scenarios, before and after: freight equilibria and tonnes a year on every link.

    Also returned: tonnes whose users' benefit is not known because they have no way in one of the two.
    """
    users, unknown = users_of_freight(study, *freight)
    before, after = (tkm_by_party(study, network, x) for x in link_t)
    return CorridorResults(
        study.config.study.base_year,
        users,
        revenue_of_tkm(study, before, after),
        treasury_musd or {},
        before,
        after,
        through_mt(study, freight[1]),
        gas,
    ), unknown


def tkm_by_party(study: Study, network: Network, link_t: Floats) -> dict[tuple[str, str], float]:
    """Tonne-km a year by party and mode (road, rail, sea) from tonnes on every link; the high sea is WLD.

    A link counts where its first node lies. Terminals, crossings and connectors have no mode of their own.
    """
    area = party_of(study)
    found: dict[tuple[str, str], float] = defaultdict(float)
    country = network.country[network.u]
    for mode, name in MODES.items():
        for i in np.unique(country):
            here = (network.mode == int(mode)) & (country == i)
            tkm = float((network.length_km[here] * link_t[here]).sum())
            if tkm:
                party = WORLD if mode is Mode.SEA else area.get(network.countries[int(i)], WORLD)
                found[party, name] += tkm
    return dict(found)


def revenue_of_tkm(study: Study, before: Mapping[tuple[str, str], float], after: Mapping[tuple[str, str], float],
                   tariff_set: str = "base2017") -> dict[str, float]:
    """Change of carriers' revenue on land by party, million USD a year: tonne-km x the mean charge of the party's forms
    of cargo, or of the row for all countries. Carriers on the high sea are left out: their flag is not known."""
    charge: dict[tuple[str, str], list[float]] = defaultdict(list)
    for t in study.rows(Tariff):
        if t.tariff_set == tariff_set:
            charge[t.country, t.mode.value].append(t.tariff_usd_per_t_km_central)
    found: dict[str, float] = defaultdict(float)
    for party, mode in dict.fromkeys([*before, *after]):
        if party != WORLD and mode != "sea":
            rate = charge.get((party, mode)) or charge["*", mode]
            change = after.get((party, mode), 0.0) - before.get((party, mode), 0.0)
            found[party] += change * float(np.mean(rate)) / 1e6
    return dict(found)


def gas_game(result: GasResult, routes: Collection[str] | None = None) -> Game:
    """The yearly game over the parties of the gas routes, million USD: what a coalition saves against LNG by the best
    route that needs none but its members, capital included and the transit fee (a transfer) not.

    `routes` are the ids of the routes that are possible, all unless given.
    """
    options = []
    for stack, route in zip(result.stacks, result.routes, strict=True):
        if routes is not None and stack.route not in routes:
            continue
        volume = route.route.volume_bcm_per_year
        saving = (result.lng.central - stack.central) * volume + stack.fee_musd_per_year
        options.append((_needed(result, route.route.id), max(saving, 0.0)))
    players = tuple(dict.fromkeys(p for needs, _ in options for p in needs))
    return best_of(players, options)


def _needed(result: GasResult, route: str) -> tuple[str, ...]:
    found = next(r for r in result.routes if r.route.id == route)
    countries = list(found.km_by_country)
    ends = (countries[0], countries[-1])
    transit = found.route.transit_country
    return (*ends, transit) if transit and transit not in ends else ends


def gas_flows(result: GasResult, route: str, seller_share: float = 0.5) -> GasResults:
    """A year of a route for the ledger, million USD: what gas and fuel cost less than LNG, before capital and upkeep
    (those are the project's), divided between seller and buyer by `seller_share`; and the transit fee."""
    stack = next(s for s in result.stacks if s.route == route)
    line = next(r for r in result.routes if r.route.id == route)
    needs = _needed(result, route)
    running = [i for i in stack.items if i.item not in (*BUILT, "transit fee")]
    volume = line.route.volume_bcm_per_year
    low, central, high = (sum(c) for c in zip(*((i.low, i.central, i.high) for i in running), strict=True))
    gain = [
        (a - b) * volume for a, b in ((result.lng.low, high), (result.lng.central, central), (result.lng.high, low))
    ]
    fee = stack.fee_musd_per_year
    part = [(g * seller_share, g * (1 - seller_share)) for g in gain]
    return GasResults(needs[0], needs[1], line.route.transit_country or WORLD,
                      (part[0][1], part[1][1], part[2][1]), (part[0][0], part[1][0], part[2][0]), (fee, fee, fee))


def gas_hold_up(result: GasResult, route: str, shares: Mapping[str, float]) -> pd.DataFrame:
    """Hold-up on a route before and after its capital is sunk, million USD a year (see `bargaining.hold_up`).

    `shares` says which party builds how much of it.
    """
    stack = next(s for s in result.stacks if s.route == route)
    line = next(r for r in result.routes if r.route.id == route)
    volume = line.route.volume_bcm_per_year
    built = sum(i.central for i in stack.items if i.item in BUILT) * volume
    gross = (result.lng.central - stack.central) * volume + stack.fee_musd_per_year + built
    needs = _needed(result, route)
    whole = best_of(needs, [(needs, max(gross, 0.0))])
    return hold_up(needs, whole.values, {p: built * shares.get(p, 0.0) for p in needs})
