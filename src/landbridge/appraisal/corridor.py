"""From what the other rooms found, and the study's own tables, to the inputs of an appraisal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from landbridge.appraisal.benefits import rule_of_half
from landbridge.appraisal.cashflow import Account, Basis, DomesticPrices, Numeraire, ProjectCost, WorldPrices
from landbridge.appraisal.inputs import AnnualFlow, AppraisalInputs, Triple
from landbridge.errors import Fault, StudyFault
from landbridge.schema.appraisal import (
    AppraisalParameter,
    Ownership,
    Parameter,
    PartyRate,
    Project,
    ProjectShare,
    ProjectState,
    Role,
)
from landbridge.schema.demand import CostParameter, Deflator, Party
from landbridge.study import Study
from landbridge.tables import Evidence

Floats = NDArray[np.float64]
WORLD = "WLD"
GRAMS = {"road": "co2_truck_artic", "rail": "co2_rail", "sea": "co2_sea_deep_container"}  # of cost_parameters.csv
ACCIDENTS = {"road": Parameter.ACCIDENTS_ROAD, "rail": Parameter.ACCIDENTS_RAIL, "sea": Parameter.ACCIDENTS_SEA}


@dataclass(frozen=True)
class GasResults:
    """A year of the gas line, million USD: low, central, high; the fee is not in the saving or the margin."""

    seller: str
    buyer: str
    transit: str
    buyer_saving_musd: Triple
    seller_margin_musd: Triple
    fee_musd: Triple


@dataclass(frozen=True)
class CorridorResults:
    """What routing, flows, trade and gas found for one scenario against another: a year at the traffic of
    `year`.

    Money is million USD of the study's price year. `user_benefit_musd` by party (see `users_by_party`);
    `revenue_change_musd` by object of ownership.csv or by country: tariffs, handling and fees taken in;
    `treasury_musd` by party: customs revenue; `tkm_before` and `tkm_after` by (party, mode) with mode road,
    rail or sea and party WLD on the high sea; `transit_mt` through traffic by party, million tonnes.
    """

    year: int
    user_benefit_musd: Mapping[str, float]
    revenue_change_musd: Mapping[str, float] = field(default_factory=dict)
    treasury_musd: Mapping[str, float] = field(default_factory=dict)
    tkm_before: Mapping[tuple[str, str], float] = field(default_factory=dict)
    tkm_after: Mapping[tuple[str, str], float] = field(default_factory=dict)
    transit_mt: Mapping[str, float] = field(default_factory=dict)
    gas: GasResults | None = None


def party_of(study: Study) -> dict[str, str]:
    """The party that stands for each trade area or country of the study.

    >>> from landbridge import study
    >>> party_of(study.read("korea"))["DEU"]
    'EU'
    """
    found = {p.id: p.id for p in study.rows(Party)}
    found |= {area: p.id for p in study.rows(Party) for area in p.areas}
    return found


def users_by_group(before_t: Floats, after_t: Floats, before_usd_per_t: Floats, after_usd_per_t: Floats,
                   origin: Sequence[str], destination: Sequence[str],
                   origin_share: float = 0.5) -> tuple[dict[str, float], float]:
    """Users' benefit a year by party, million USD, and the tonnes for which it is not known.

    One entry per group of shipments: tonnes, generalised cost (of all its ways together, such as the logsum of mode
    and route choice with queues and full links priced in), and the parties at its two ends. The rule of half is taken
    for each group, `origin_share` of it goes to the party of the origin and the rest to that of the destination.
    Groups that have cargo but no way in one of the two cases are left out and their mean tonnes counted.

    Costs of an empty network would let all cargo take a link whatever its capacity, and overstate the benefit.

    >>> import numpy as np
    >>> q, ends = np.array([100.0]), (["RUS"], ["KOR"])
    >>> users_by_group(q, q, np.array([60.0]), np.array([50.0]), *ends)
    ({'RUS': 0.0005, 'KOR': 0.0005}, 0.0)
    """
    surplus = rule_of_half(before_t, after_t, before_usd_per_t, after_usd_per_t)
    lost = ~np.isfinite(surplus)
    unknown = float(((before_t + after_t) / 2)[lost].sum())
    musd = np.where(lost, 0.0, surplus) / 1e6
    gain: dict[str, float] = {}
    for ends, share in ((origin, origin_share), (destination, 1 - origin_share)):
        names = np.array(ends)
        for party in dict.fromkeys(ends):
            gain[party] = gain.get(party, 0.0) + float(musd[names == party].sum()) * share
    return gain, unknown


def users_by_party(before_t: Sequence[Floats], after_t: Sequence[Floats], before_usd_per_t: Sequence[Floats],
                   after_usd_per_t: Sequence[Floats], parties: Sequence[str],
                   origin_share: float = 0.5) -> tuple[dict[str, float], float]:
    """The same from matrices (z, z), one per cargo, row = origin; `parties` names the party of each zone."""
    n = len(parties)
    origin, destination = np.repeat(parties, n).tolist(), np.tile(parties, n).tolist()
    gain: dict[str, float] = defaultdict(float)
    unknown = 0.0
    for q0, q1, c0, c1 in zip(before_t, after_t, before_usd_per_t, after_usd_per_t, strict=True):
        found, tonnes = users_by_group(q0.reshape(n * n), q1.reshape(n * n), c0.reshape(n * n), c1.reshape(n * n),
                                       origin, destination, origin_share)
        unknown += tonnes
        for party, musd in found.items():
            gain[party] += musd
    return dict(gain), unknown


def corridor_inputs(study: Study, results: CorridorResults, before: str, after: str, scenario_year: int,
                    opening_year: int | None = None, hazards: Mapping[str, float] | None = None) -> AppraisalInputs:
    """The inputs of the appraisal of scenario `after` against `before`.

    Works begin in `scenario_year`, to which values are discounted; the opening follows the longest works
    unless given. `hazards` are yearly probabilities of opening of the user's own, by name. StudyFault if the tables
    the appraisal needs are missing.
    """
    told = told_of(study)
    projects = tuple(_project(study, p) for p in study.rows(Project) if after in p.scenarios)
    years = max((len(p.phasing) for p in projects if not p.sunk), default=0)
    opening = opening_year or scenario_year + years
    period = round(told[Parameter.PERIOD_YEARS].central)
    rates = told[Parameter.DISCOUNT_RATE_PCT]
    return AppraisalInputs(
        before=before, after=after, first_year=min(scenario_year, opening - years), opening_year=opening,
        last_year=opening + period - 1, base_year=scenario_year, price_year=study.config.study.price_year,
        projects=projects, flows=tuple(_flows(study, results, told)), numeraire=_numeraire(told),
        party_rate={r.party: r.rate_pct_central / 100 for r in study.rows(PartyRate)},
        rates=(rates.central / 100, rates.low / 100, rates.high / 100),
        party_names={**{p.id: p.name for p in study.rows(Party)}, WORLD: "Rest of the world, high sea and climate"},
        transit_mt_per_year=results.transit_mt, seed=study.config.study.seed,
        wait_years=told[Parameter.WAIT_YEARS].central,
        evidence=_weakest(study, told, projects).word, hazards=hazards or {},
        rate_evidence={r.party: r.evidence.word for r in study.rows(PartyRate)},
        sources=("projects.csv, party_rates.csv and appraisal_parameters.csv of the study, with their sources",))


def _weakest(study: Study, told: Mapping[Parameter, AppraisalParameter],
             projects: Sequence[ProjectCost]) -> Evidence:
    used = {p.id for p in projects}
    return Evidence.weakest([*(p.evidence for p in study.rows(Project) if p.id in used),
                             *(s.evidence for s in study.rows(ProjectShare) if s.project in used),
                             *(r.evidence for r in study.rows(PartyRate)), *(p.evidence for p in told.values())])


def told_of(study: Study) -> dict[Parameter, AppraisalParameter]:
    """The parameters of the appraisal; StudyFault for a study without them or without projects."""
    told = {p.id: p for p in study.rows(AppraisalParameter)}
    if not told or not study.rows(Project):
        missing = "projects.csv" if told else "appraisal_parameters.csv"
        raise StudyFault([Fault(missing, "file", "missing or empty", "projects and parameters of the appraisal",
                                "start from a study that has them: landbridge new NAME")])
    return told


def _numeraire(told: Mapping[Parameter, AppraisalParameter]) -> Numeraire:
    if Parameter.SERF in told:
        return DomesticPrices(told[Parameter.SERF].central)
    return WorldPrices(told[Parameter.SCF].central)


def deflated(study: Study, musd: float, year: int) -> float:
    """An amount of some year in the study's price year, by deflators.csv (interpolated between its years)."""
    rows = sorted((d.year, d.usd_index) for d in study.rows(Deflator))
    if not rows:
        return musd
    known, index = zip(*rows, strict=True)
    at = np.exp(np.interp([year, study.config.study.price_year], known, np.log(index)))
    return float(musd * at[1] / at[0])


def _project(study: Study, row: Project) -> ProjectCost:
    def parts(role: Role) -> tuple[tuple[str, float], ...]:
        return tuple((s.party, s.share) for s in study.rows(ProjectShare) if s.project == row.id and s.role is role)

    def now(low: float, central: float, high: float) -> Triple:
        return tuple(deflated(study, x, row.price_year) for x in (low, central, high))  # type: ignore[return-value]

    return ProjectCost(
        row.id, row.name, now(row.capex_musd_low, row.capex_musd_central, row.capex_musd_high), row.phasing,
        now(row.opex_musd_per_year_low, row.opex_musd_per_year_central, row.opex_musd_per_year_high), row.life_years,
        row.nontraded_share, parts(Role.PAYER), parts(Role.OWNER), row.state is ProjectState.SUNK,
        Evidence.weakest([row.evidence, *(s.evidence for s in study.rows(ProjectShare) if s.project == row.id)]).word)


def _flows(study: Study, results: CorridorResults,
           told: Mapping[Parameter, AppraisalParameter]) -> Iterable[AnnualFlow]:
    ramp = (told[Parameter.FIRST_YEAR_SHARE].central, told[Parameter.SECOND_YEAR_SHARE].central)
    growth = told[Parameter.TRAFFIC_GROWTH_PCT].central
    factor = told[Parameter.TRAFFIC_FACTOR]

    def flow(item: str, account: Account, parties: tuple[tuple[str, float], ...], value: float,
             bases: tuple[Basis, ...], driver: str, width: Triple) -> AnnualFlow:
        low, central, high = (value * x for x in width)
        return AnnualFlow(item, account, parties, (low, central, high), results.year, growth, ramp, bases, driver)

    traffic = (factor.low, factor.central, factor.high)
    for party, musd in results.user_benefit_musd.items():
        yield flow("users", Account.USERS, ((party, 1.0),), musd, (Basis.ECONOMIC,), "traffic", traffic)
    for party, musd in results.treasury_musd.items():
        yield flow("customs", Account.TREASURY, ((party, 1.0),), musd, (Basis.FINANCIAL, Basis.ECONOMIC),
                   "traffic", traffic)
    margin = told[Parameter.OPERATOR_MARGIN]
    for party, musd in revenue_by_party(study, results.revenue_change_musd).items():
        yield flow("carriers, terminals and crossings", Account.OPERATOR, ((party, 1.0),), musd,
                   (Basis.FINANCIAL, Basis.ECONOMIC), "operator margin", (margin.low, margin.central, margin.high))
    yield from _externalities(study, results, told, ramp)
    if results.gas is not None:
        yield from _gas(results.gas, results.year)


def revenue_by_party(study: Study, revenue_musd: Mapping[str, float]) -> dict[str, float]:
    """Revenue of objects and countries divided between the parties that own them; unknown names are a
    ValueError."""
    owners: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for o in study.rows(Ownership):
        owners[o.object].append((o.party, o.share))
    countries = party_of(study)
    found: dict[str, float] = defaultdict(float)
    for name, musd in revenue_musd.items():
        if name not in owners and name not in countries:
            raise ValueError(f"'{name}' is neither in ownership.csv nor the area of a party")
        for party, share in owners.get(name) or [(countries[name], 1.0)]:
            found[party] += musd * share
    return dict(found)


def _externalities(study: Study, results: CorridorResults, told: Mapping[Parameter, AppraisalParameter],
                   ramp: tuple[float, ...]) -> Iterable[AnnualFlow]:
    keys = [*results.tkm_before, *(k for k in results.tkm_after if k not in results.tkm_before)]
    saved = {k: results.tkm_before.get(k, 0.0) - results.tkm_after.get(k, 0.0) for k in keys}
    growth = told[Parameter.TRAFFIC_GROWTH_PCT].central
    grams = {p.id: p for p in study.rows(CostParameter)}
    carbon = told[Parameter.CARBON_USD_PER_T]
    rise = told[Parameter.CARBON_GROWTH_PCT].central
    lapse = results.year - (carbon.price_year or results.year)
    tonnes = {m: sum(x for (_, mode), x in saved.items() if mode == m) * grams[g].central / 1e6
              for m, g in GRAMS.items() if g in grams}
    price = [deflated(study, x, carbon.price_year or results.year) * (1 + rise / 100) ** lapse
             for x in (carbon.low, carbon.central, carbon.high)]
    low, central, high = (sum(tonnes.values()) * x / 1e6 for x in price)
    both = ((1 + growth / 100) * (1 + rise / 100) - 1) * 100
    yield AnnualFlow("greenhouse gases", Account.CO2, ((WORLD, 1.0),), (low, central, high), results.year, both, ramp,
                     (Basis.ECONOMIC,), "carbon value")
    for (party, mode), tkm in saved.items():
        row = told[ACCIDENTS[mode]]
        low, central, high = (deflated(study, x, row.price_year or results.year) * tkm / 1e9
                              for x in (row.low, row.central, row.high))
        yield AnnualFlow(f"accidents, {mode}", Account.SAFETY, ((party, 1.0),), (low, central, high), results.year,
                         growth, ramp, (Basis.ECONOMIC,), f"accidents, {mode}")


def _gas(gas: GasResults, year: int) -> Iterable[AnnualFlow]:
    both = (Basis.FINANCIAL, Basis.ECONOMIC)
    yield AnnualFlow("gas line", Account.GAS, ((gas.buyer, 1.0),), gas.buyer_saving_musd, year, bases=both,
                     driver="gas saving of the buyer")
    yield AnnualFlow("gas line", Account.GAS, ((gas.seller, 1.0),), gas.seller_margin_musd, year, bases=both,
                     driver="gas margin of the seller")
    yield AnnualFlow("gas line", Account.TRANSIT_FEE, ((gas.transit, 1.0),), gas.fee_musd, year,
                     driver="gas transit fee", paid_by=gas.seller)
