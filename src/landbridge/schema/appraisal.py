"""Row models of the appraisal tables: projects and who pays, discount rates, parameters, ownership."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Annotated, TypeVar, cast

from pydantic import BeforeValidator, Field, model_validator

from landbridge.errors import Fault
from landbridge.schema.conditions import ScenarioRow
from landbridge.schema.demand import Deflator, Id, OptionalYear, Party, Year
from landbridge.schema.names import Rows, dangling
from landbridge.schema.network import Crossing, Link, Terminal
from landbridge.tables import Country, Evidence, Names, NonNegative, OptionalNonNegative, Row, Share, Table, Text

R = TypeVar("R", bound=Row)
SUM_TOLERANCE = 1e-6


def _shares(value: object) -> object:
    if isinstance(value, str):
        return tuple(float(part) for part in value.split(";") if part.strip())
    return value


class Sector(StrEnum):
    """What is built."""

    RAIL = "rail"
    ROAD = "road"
    PORT = "port"
    GAS = "gas"


class ProjectState(StrEnum):
    """Whether its capital can still be saved."""

    SUNK = "sunk"
    UNDER_WAY = "under_way"
    PLANNED = "planned"
    IDEA = "idea"


class Project(Row):
    """Works that a scenario needs: cost, years of building, life, and the objects of the network they make
    usable."""

    id: Id
    name: Text
    sector: Sector
    objects: Annotated[Names, Field(description="crossings, links and terminals, by id; blank for gas")] = ()
    scenarios: Annotated[Names, Field(description="scenarios that need it; blank: in none, kept for the user")] = ()
    state: Annotated[ProjectState, Field(description="sunk capital is not counted again")]
    capex_musd_low: NonNegative
    capex_musd_central: Annotated[NonNegative, Field(description="million USD of price_year")]
    capex_musd_high: NonNegative
    phasing: Annotated[tuple[Share, ...], BeforeValidator(_shares), Field(
        min_length=1, description="shares of the capex in the years before opening, '0.3; 0.7'")]
    opex_musd_per_year_low: NonNegative
    opex_musd_per_year_central: Annotated[NonNegative, Field(description="maintenance and running, trains apart")]
    opex_musd_per_year_high: NonNegative
    life_years: Annotated[int, Field(ge=1, le=200)]
    nontraded_share: Annotated[Share, Field(description="labor, land and local materials in the capex")]
    price_year: Year
    source: Text
    evidence: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Project:
        if abs(sum(self.phasing) - 1) > SUM_TOLERANCE:
            raise ValueError(f"the shares of phasing sum to {sum(self.phasing):g}, not 1")
        _in_order("capex", self.capex_musd_low, self.capex_musd_central, self.capex_musd_high)
        _in_order("opex", self.opex_musd_per_year_low, self.opex_musd_per_year_central,
                  self.opex_musd_per_year_high)
        return self


class Role(StrEnum):
    """What a party does in a project."""

    PAYER = "payer"  # bears the capex
    OWNER = "owner"  # bears the opex, holds the residual value, earns from it


class ProjectShare(Row):
    """A party's share in paying for a project or in owning it."""

    project: Annotated[Id, Field(description="id of projects.csv")]
    role: Role
    party: Annotated[Country, Field(description="id of parties.csv")]
    share: Share
    source: Text
    year: Year
    evidence: Evidence


class PartyRate(Row):
    """The real discount rate a party uses for public works."""

    party: Annotated[Country, Field(description="id of parties.csv")]
    rate_pct_low: NonNegative
    rate_pct_central: Annotated[NonNegative, Field(description="% a year, real")]
    rate_pct_high: NonNegative
    source: Text
    year: Year
    evidence: Evidence

    @model_validator(mode="after")
    def _ordered(self) -> PartyRate:
        _in_order("the rate", self.rate_pct_low, self.rate_pct_central, self.rate_pct_high)
        return self


class Parameter(StrEnum):
    """What the appraisal must be told."""

    DISCOUNT_RATE_PCT = "discount_rate_pct"
    SCF = "scf"
    SERF = "serf"
    PERIOD_YEARS = "period_years"
    TRAFFIC_GROWTH_PCT = "traffic_growth_pct"
    TRAFFIC_FACTOR = "traffic_factor"
    FIRST_YEAR_SHARE = "first_year_share"
    SECOND_YEAR_SHARE = "second_year_share"
    OPERATOR_MARGIN = "operator_margin"
    CARBON_USD_PER_T = "carbon_usd_per_t"
    CARBON_GROWTH_PCT = "carbon_growth_pct"
    ACCIDENTS_ROAD = "accidents_road_usd_per_thousand_tkm"
    ACCIDENTS_RAIL = "accidents_rail_usd_per_thousand_tkm"
    ACCIDENTS_SEA = "accidents_sea_usd_per_thousand_tkm"
    WAIT_YEARS = "wait_years"


OPTIONAL = {Parameter.SCF, Parameter.SERF}  # one of the two


class AppraisalParameter(Row):
    """A convention of the appraisal: low, central, high."""

    id: Parameter
    unit: Text
    low: float
    central: float
    high: float
    price_year: OptionalYear = None
    source: Text
    year: Year
    evidence: Evidence
    note: str = ""

    @model_validator(mode="after")
    def _ordered(self) -> AppraisalParameter:
        _in_order(str(self.id), self.low, self.central, self.high)
        return self


class Ownership(Row):
    """A party's share in what an object of the network earns; objects not named belong to the country they
    lie in."""

    object: Annotated[Text, Field(description="crossing, link or terminal, by id")]
    party: Country
    share: Share
    source: Text
    year: Year
    evidence: Evidence


class LineCost(Row):
    """A published cost of works, as a length at a cost per kilometer or as an amount."""

    id: Id
    group: Annotated[Sector, Field(description="rail or road: the groups are added up")]
    name: Text
    length_km: OptionalNonNegative = None
    cost_bn_krw_per_km: OptionalNonNegative = None
    work_share: Annotated[Share, Field(description="share of the full cost that the works need")] = 1.0
    amount_bn_krw: Annotated[OptionalNonNegative, Field(description="the amount where no length is published")] = None
    source: Text
    year: Year
    evidence: Evidence

    @model_validator(mode="after")
    def _one_way(self) -> LineCost:
        if (self.amount_bn_krw is None) == (self.length_km is None or self.cost_bn_krw_per_km is None):
            raise ValueError("give length and cost per km, or the amount, and not both")
        return self


def _in_order(what: str, low: float, central: float, high: float) -> None:
    if not low <= central <= high:
        raise ValueError(f"{what}: low {low:g}, central {central:g}, high {high:g} are not in order")


def _of(rows: Rows, model: type[R]) -> tuple[R, ...]:
    return cast("tuple[R, ...]", rows.get(model, ()))


def check(rows: Rows) -> list[Fault]:
    """Faults of the appraisal tables: dangling names, shares that miss one, SCF and SERF together."""
    return [*_names(rows), *_totals(rows), *_conventions(rows)]


def _names(rows: Rows) -> Iterator[Fault]:
    projects, shares = _of(rows, Project), _of(rows, ProjectShare)
    objects = [*(c.id for c in _of(rows, Crossing)), *(x.id for x in _of(rows, Link)),
               *(t.id for t in _of(rows, Terminal))]
    scenarios = [s.scenario for s in _of(rows, ScenarioRow)]
    parties = [p.id for p in _of(rows, Party)]
    for project in projects:
        where = f"project {project.id}, column "
        yield from _missing("projects.csv", where + "objects", project.objects, objects,
                            "crossings.csv, links.csv or terminals.csv")
        yield from _missing("projects.csv", where + "scenarios", project.scenarios, scenarios, "scenarios.csv")
    ids = [p.id for p in projects]
    yield from dangling("project_shares.csv", "project", [s.project for s in shares], ids, "projects.csv")
    yield from dangling("project_shares.csv", "party", [s.party for s in shares], parties, "parties.csv")
    yield from dangling("party_rates.csv", "party", [r.party for r in _of(rows, PartyRate)], parties, "parties.csv")
    owned = _of(rows, Ownership)
    yield from dangling("ownership.csv", "object", [o.object for o in owned], objects,
                        "crossings.csv, links.csv or terminals.csv")
    yield from dangling("ownership.csv", "party", [o.party for o in owned], parties, "parties.csv")


def _missing(file: str, where: str, used: Iterable[str], known: Iterable[str], declared: str) -> Iterator[Fault]:
    for name in sorted(set(used) - set(known)):
        yield Fault(file, where, f"'{name}' is not declared", f"a name from {declared}",
                    f"add it to {declared} or correct the name")


def _totals(rows: Rows) -> Iterator[Fault]:
    total: dict[tuple[str, str, str], float] = defaultdict(float)
    for project in _of(rows, Project):
        for role in Role:
            total["project_shares.csv", "project/role", f"{project.id}, {role}"] = 0.0
    for s in _of(rows, ProjectShare):
        total["project_shares.csv", "project/role", f"{s.project}, {s.role}"] += s.share
    for o in _of(rows, Ownership):
        total["ownership.csv", "object", o.object] += o.share
    for (file, what, name), value in total.items():
        if abs(value - 1) > SUM_TOLERANCE:
            yield Fault(file, f"{what} {name}", f"shares sum to {value:.6g}", "1", "correct the shares of the group")


def _conventions(rows: Rows) -> Iterator[Fault]:
    projects, given = _of(rows, Project), {p.id for p in _of(rows, AppraisalParameter)}
    if {Parameter.SCF, Parameter.SERF} <= given:
        yield Fault("appraisal_parameters.csv", "id scf, serf", "both conversion factors", "one of the two",
                    "keep scf (world prices) or serf (domestic prices): together they count the tax twice")
    if not projects:
        return
    wanted = [p for p in Parameter if p not in OPTIONAL and p not in given]
    if not given & OPTIONAL:
        wanted.append(Parameter.SCF)
    for parameter in wanted:
        yield Fault("appraisal_parameters.csv", f"id {parameter}", "missing", "one row for every parameter",
                    f"add a row '{parameter}'")
    years = sorted(d.year for d in _of(rows, Deflator))
    for project in projects if years else ():
        if not years[0] <= project.price_year <= years[-1]:
            yield Fault("projects.csv", f"project {project.id}, column price_year", str(project.price_year),
                        f"{years[0]} to {years[-1]}", "add the year to deflators.csv")


TABLES: tuple[Table, ...] = (
    Table("projects.csv", Project, False, "works that scenarios need, with cost and phasing", ("id",)),
    Table("project_shares.csv", ProjectShare, False, "who pays for and who owns each project",
          ("project", "role", "party")),
    Table("party_rates.csv", PartyRate, False, "discount rate of each party", ("party",)),
    Table("appraisal_parameters.csv", AppraisalParameter, False, "conventions of the appraisal", ("id",)),
    Table("line_costs.csv", LineCost, False, "published costs of works that known answers add up", ("id",)),
    Table("ownership.csv", Ownership, False, "who earns from crossings, links and terminals", ("object", "party")),
)
