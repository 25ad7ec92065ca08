"""The freight market of a study: its tables made into alternatives, facilities, choice and queues, and solved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from landbridge.errors import Fault, StudyFault
from landbridge.flows._types import F64, I32, Bools
from landbridge.flows.alternatives import Alternatives
from landbridge.flows.calibration import Fit, Observation, calibrate
from landbridge.flows.choice import Form as CostForm
from landbridge.flows.choice import Logit, Sets
from landbridge.flows.freight import Caps, FreightEquilibrium, FreightOptions, Market, solve_freight
from landbridge.flows.queue import Facilities
from landbridge.schema.demand import Cargo, Form, Zone
from landbridge.schema.flows import CapacityUnit, Choice, ChoiceName, ObservedFlow, ObservedKind, ObservedUse
from landbridge.schema.network import Crossing, Link, Terminal
from landbridge.study import Study
from landbridge.tables import Evidence


@dataclass(frozen=True)
class Gate:
    """A crossing, special link or terminal with its capacity in tonnes a year (inf: none stated), and its dwell."""

    id: str
    name: str
    kind: str
    countries: tuple[str, ...]
    dwell_h: tuple[float, float, float]
    capacity_t: float
    boxes_only: bool
    unit_t: float
    open_h: float
    evidence: Evidence


@dataclass(frozen=True)
class FreightResult:
    """Flows of one scenario: the alternatives, the equilibrium over them, the gates in the order of its facilities.

    `passes` is rows by gates: 1 where the row waits in the gate's queue (a capacity in boxes holds up boxes only).
    """

    scenario: str
    alternatives: Alternatives
    equilibrium: FreightEquilibrium
    gates: tuple[Gate, ...]
    passes: sparse.csr_array
    logit: Logit
    constant: F64  # by row, in units of V
    countries: tuple[str, ...]  # by zone

    @property
    def queue_h(self) -> F64:
        """Hours in the queue of each gate, beyond its published dwell."""
        found: F64 = self.equilibrium.dwell_h - np.array([g.dwell_h[1] for g in self.gates])
        return found

    def rows_between(self, exporters: tuple[str, ...], importers: tuple[str, ...],
                     both_ways: bool = False) -> Bools:
        """Rows whose shipment goes from one of some countries to one of others; empty means any."""
        return between(self.alternatives, self.countries, exporters, importers, both_ways)


def parameters(study: Study) -> Mapping[ChoiceName, float]:
    """Central values of choice.csv; StudyFault naming those that are missing."""
    found = {row.parameter: row.central for row in study.rows(Choice)}
    missing = [name for name in ChoiceName if name not in found]
    if missing:
        raise StudyFault([Fault("choice.csv", f"parameter {name.value}", "missing", "a row of its own",
                                f"add the row {name.value}") for name in missing])
    return found


def gates_of(study: Study) -> tuple[Gate, ...]:
    """Crossings, special links and terminals with what their capacity means in tonnes; StudyFault for unknown units."""
    units = {(u.unit, u.mode): u for u in study.rows(CapacityUnit)}
    faults: list[Fault] = []
    gates: list[Gate] = []
    for crossing in study.rows(Crossing):
        dwell = (crossing.dwell_h_low, crossing.dwell_h_central, crossing.dwell_h_high)
        unit = _unit(units, crossing.capacity, crossing.capacity_unit, crossing.mode.value, "crossings.csv",
                     crossing.id, faults)
        gates.append(_gate(crossing.id, crossing.name, f"{crossing.mode.value} crossing",
                           (crossing.country_a, crossing.country_b), dwell, crossing.capacity, unit,
                           crossing.evidence))
    for terminal in study.rows(Terminal):
        dwell = (terminal.handling_h_low, terminal.handling_h_central, terminal.handling_h_high)
        unit = _unit(units, terminal.capacity, terminal.capacity_unit, "terminal", "terminals.csv",
                     terminal.id, faults)
        gates.append(_gate(terminal.id, terminal.name, terminal.type.value.replace("_", " "),
                           (terminal.country,), dwell,
                           terminal.capacity, unit, terminal.evidence))
    for link in study.rows(Link):
        unit = _unit(units, link.capacity, link.capacity_unit, link.mode.value, "links.csv", link.id, faults)
        gates.append(_gate(link.id, link.name, f"{link.mode.value} link",
                           (link.from_country, link.to_country),
                           (0.0, 0.0, 0.0), link.capacity, unit, link.evidence))
    if faults:
        raise StudyFault(faults)
    return tuple(gates)


def facilities_of(study: Study, gates: tuple[Gate, ...]) -> Facilities:
    """The gates as facilities with queues, by the study's queue parameters."""
    p = parameters(study)
    column = {name: np.array([getattr(g, name) for g in gates])
              for name in ("capacity_t", "unit_t", "open_h")}
    return Facilities(tuple(g.id for g in gates), np.array([g.dwell_h[1] for g in gates]),
                      column["capacity_t"],
                      column["unit_t"], column["open_h"], np.full(len(gates), p[ChoiceName.REFERENCE]),
                      p[ChoiceName.PERIOD], p[ChoiceName.RANDOMNESS])


def logit_of(study: Study, ways: Alternatives) -> tuple[Logit, Sets]:
    """The choice of the study before calibration, and the alternatives as its sets."""
    p = parameters(study)
    nests = list(dict.fromkeys(c.nest for c in ways.chains))
    dissimilarity = tuple(min(c.dissimilarity for c in ways.chains if c.nest == n) for n in nests)
    of_chain = np.array([nests.index(c.nest) for c in ways.chains], np.int32)
    logit = Logit(p[ChoiceName.SCALE], CostForm.LOG, dissimilarity, p[ChoiceName.PATH_SIZE])
    return logit, Sets.of(ways.group, of_chain[ways.chain], len(ways.origin))


def market_of(study: Study, ways: Alternatives, sets: Sets, gates: tuple[Gate, ...], constants: F64,
              caps: tuple[Caps, sparse.csr_array] | None = None) -> Market:
    """Alternatives and demand as a market: what they pass, their overlap, the caps they are under.

    A capacity in boxes binds containers only: the coal berths of a port are not in its figure. An hour in a
    queue costs the time value of the cargo and the truck or wagon that stands with it.
    """
    number = {gate.id: i for i, gate in enumerate(gates)}
    gate_of = np.array([number.get(name, -1) for name in ways.objects], np.int32)
    row = np.repeat(np.arange(len(ways.group)), np.diff(ways.uses.indptr))
    gate = gate_of[ways.uses.indices]
    boxes_only = np.array([g.boxes_only for g in gates], np.bool_)
    held = np.flatnonzero(gate >= 0)
    held = held[~boxes_only[gate[held]] | _boxed(study, ways)[row[held]]]
    passes = sparse.csr_array((ways.uses.data[held], (row[held], gate[held])), shape=(len(ways.group), len(gates)))
    capped = caps[1] if caps is not None else sparse.csr_array((len(ways.group), 0))
    waiting = parameters(study)[ChoiceName.WAITING]
    return Market(sets, ways.cost_usd_per_t, passes, capped, ways.demand_t,
                  ways.time_value_usd_per_t_h + waiting,
                  constants[kinds(study, ways)], ways.path_size)


def kinds(study: Study, ways: Alternatives) -> I32:
    """Kind of each row, which has a constant of its own: 1 for boxes that go mostly by rail, 0 for all else.

    What keeps boxes off the railway although time and money speak for it (reliability, frequency, minimum
    lots) is in no table; the constant stands for it and is fitted to the published share.
    """
    found: I32 = (_boxed(study, ways) & (main_mode(ways) == 0)).astype(np.int32)
    return found


def _boxed(study: Study, ways: Alternatives) -> Bools:
    forms = {c.id: c.form for c in study.rows(Cargo)}
    found: Bools = np.array([forms[c] is Form.CONTAINER for c in ways.cargoes])[ways.cargo[ways.group]]
    return found


def between(ways: Alternatives, countries: tuple[str, ...], exporters: tuple[str, ...],
            importers: tuple[str, ...],
            both_ways: bool = False) -> Bools:
    """Rows whose shipment goes from one of some countries to one of others; an empty list means any."""
    def one_way(a: tuple[str, ...], b: tuple[str, ...]) -> Bools:
        starts, ends = (np.array([not names or c in names for c in countries], np.bool_) for names in (a, b))
        found: Bools = starts[ways.origin] & ends[ways.destination]
        return found

    by_group = one_way(exporters, importers) | (one_way(importers, exporters) if both_ways else False)
    return by_group[ways.group]


def calibrated(study: Study, ways: Alternatives, logit: Logit, sets: Sets) -> Fit:
    """Scale and constants (by `kinds`) fitted to the shares of observed_flows.csv marked for calibration, at
    costs without queues.
    """
    p = parameters(study)
    countries = tuple(z.country for z in study.rows(Zone))
    seen = []
    for row in study.rows(ObservedFlow):
        if row.kind is ObservedKind.SHARE and row.use is ObservedUse.CALIBRATION:
            part, whole = observed_rows(row, ways, countries)
            if (ways.demand_t[ways.group][whole]).sum() > 0:
                seen.append(Observation(row.what, part, whole, row.low, row.central, row.high))
    return calibrate(ways.cost_usd_per_t, sets, logit, ways.demand_t, kinds(study, ways), tuple(seen),
                     p[ChoiceName.SCALE_SPREAD], p[ChoiceName.CONSTANT_SPREAD])


def observed_rows(row: ObservedFlow, ways: Alternatives, countries: tuple[str, ...]) -> tuple[Bools, Bools]:
    """Rows that are counted in an observed flow, and the rows it is a share of."""
    whole = between(ways, countries, row.exporters, row.importers, row.both_ways)
    if row.cargoes:
        whole &= np.isin(np.array(ways.cargoes)[ways.cargo[ways.group]], row.cargoes)
    part = whole.copy()
    if row.through:
        part &= ways.through(row.through)
    if row.with_mode:
        part &= main_mode(ways) == ("rail", "road", "sea").index(row.with_mode)
    return part, whole


def main_mode(ways: Alternatives) -> I32:
    """Mode with most kilometres of each row: 0 rail, 1 road, 2 sea."""
    found: I32 = np.argmax(ways.mode_km, axis=1).astype(np.int32)
    return found


def solve_study(study: Study, scenario: str, ways: Alternatives, fit: Fit | None = None,
                caps: tuple[Caps, sparse.csr_array] | None = None,
                capacity: Mapping[str, float] | None = None,
                options: FreightOptions | None = None, like: FreightResult | None = None) -> FreightResult:
    """Flows of a scenario; `fit` from `calibrated` (else the study's start), `capacity` overrides tonnes a
    year by id. The search starts from the volumes of `like`, which saves time and changes nothing else.
    """
    logit, sets = logit_of(study, ways)
    gates = tuple(replace(g, capacity_t=(capacity or {}).get(g.id, g.capacity_t)) for g in gates_of(study))
    of_kind = np.zeros(2)
    if fit is not None:
        of_kind[: len(fit.constants)] = fit.constants
    of_row = of_kind[kinds(study, ways)]
    market = market_of(study, ways, sets, gates, of_kind, caps)
    used = np.asarray(market.passes.sum(axis=0)).ravel() > 0
    gates = tuple(g for g, u in zip(gates, used, strict=True) if u)
    market = replace(market, passes=sparse.csr_array(market.passes[:, np.flatnonzero(used)]))
    chosen = fit.logit if fit is not None else logit
    known = {g.id: v for g, v in zip(like.gates, like.equilibrium.volume_t.tolist(), strict=True)} if like else {}
    start = np.array([known.get(g.id, 0.0) for g in gates]) if like else None
    answer = solve_freight(market, facilities_of(study, gates), chosen, caps[0] if caps else None,
                           options or FreightOptions(), start)
    return FreightResult(scenario, ways, answer, gates, market.passes, chosen, of_row,
                         tuple(z.country for z in study.rows(Zone)))


FIT_COLUMNS = ["id", "what", "unit", "year", "published_low", "published", "published_high", "model", "within", "use",
               "evidence", "source"]


def fit_table(study: Study, result: FreightResult) -> pd.DataFrame:
    """Published flows and shares beside the model's: kt, or share of tonnes; `within` says whether the model
    is inside.
    """
    rows = []
    flow = result.equilibrium.flow_t
    ways = result.alternatives
    worth = {c.id: c.value_usd_per_t_central for c in study.rows(Cargo)}
    value = np.array([worth[c] for c in ways.cargoes])[ways.cargo[ways.group]]
    for seen in study.rows(ObservedFlow):
        part, whole = observed_rows(seen, ways, result.countries)
        amount = flow * value if seen.kind is ObservedKind.VALUE_SHARE else flow
        through, total = float(amount[part].sum()), float(amount[whole].sum())
        is_share = seen.kind is not ObservedKind.TONNES
        model = through / total if is_share and total > 0 else np.nan if is_share else through / 1e3
        unit = {ObservedKind.SHARE: "share of tonnes",
                ObservedKind.VALUE_SHARE: "share of value"}.get(seen.kind)
        rows.append({
            "id": seen.id, "what": seen.what, "unit": unit or "kt/year", "year": seen.year,
            "published_low": seen.low, "published": seen.central, "published_high": seen.high, "model": model,
            "within": bool(seen.low <= model <= seen.high), "use": seen.use.value,
            "evidence": seen.evidence.word,
            "source": seen.source,
        })
    return pd.DataFrame(rows, columns=FIT_COLUMNS)


def _unit(units: Mapping[tuple[str, str], CapacityUnit], capacity: float | None, name: str, mode: str,
          file: str, id: str,
          faults: list[Fault]) -> CapacityUnit | None:
    """The unit of a capacity; words behind the unit (a year, 'claimed') are comments."""
    if capacity is None:
        return None
    found = [u for (unit, m),
             u in units.items() if m == mode and (name == unit or name.startswith(unit + " "))]
    if not found:
        known = ", ".join(sorted(unit for unit, m in units if m == mode))
        faults.append(Fault(file, f"id {id}, column capacity_unit", f"'{name}'", known,
                            "use one of these or add the unit to capacity_units.csv"))
        return None
    return max(found, key=lambda u: len(u.unit))


def _gate(id: str, name: str, kind: str, countries: tuple[str, ...], dwell: tuple[float, float, float],
          capacity: float | None, unit: CapacityUnit | None, evidence: Evidence) -> Gate:
    if capacity is None or unit is None or capacity * unit.t_per_year_central <= 0:
        return Gate(id, name, kind, countries, dwell, np.inf, False, 1.0, 24.0, evidence)
    weakest = Evidence.weakest([evidence, unit.evidence])
    return Gate(id, name, kind, countries, dwell, capacity * unit.t_per_year_central, "TEU" in unit.unit,
                unit.unit_t,
                unit.open_h, weakest)


def calibrated_in_equilibrium(study: Study, scenario: str, ways: Alternatives, rounds: int = 4,
                              capacity: Mapping[str, float] | None = None,
                              caps: tuple[Caps, sparse.csr_array] | None = None) -> tuple[Fit, FreightResult]:
    """The choice fitted at the costs of its own equilibrium, queues included, and that equilibrium.

    Fit and equilibrium take turns; `rounds` turns bring the shares of the bundled study to about a hundredth.
    """
    logit, sets = logit_of(study, ways)
    fit = calibrated(study, ways, logit, sets)
    result = solve_study(study, scenario, ways, fit, caps, capacity)
    for _ in range(rounds - 1):
        fit = calibrated(study, replace(ways, cost_usd_per_t=result.equilibrium.cost_usd_per_t), logit, sets)
        result = solve_study(study, scenario, ways, fit, caps, capacity, like=result)
    return fit, result
