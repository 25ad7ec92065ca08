"""The conditions of a study as tables of results: what the report and the workbook show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from landbridge.conditions.book import Conditions, calendar, gates, last_day, law_edits, load, transit_state
from landbridge.conditions.council import body, power
from landbridge.conditions.dyads import beside_gates, own_events
from landbridge.conditions.law import NO_EDITS, judge, signature
from landbridge.conditions.openness import world
from landbridge.conditions.shipment import Shipment
from landbridge.conditions.unlock import Group, Keys, Outcomes, Unlock, UnlockRow, unlock_table
from landbridge.conditions.verdict import NOT_ADVICE, Answer, Verdict
from landbridge.conditions.ways import way_value
from landbridge.errors import Fault, StudyFault
from landbridge.result import ResultTable
from landbridge.schema.demand import Cargo, Zone
from landbridge.schema.words import HolderKind
from landbridge.study import Study
from landbridge.tables import Evidence, country_name

FIRST_DAY = date(2000, 1, 1)
# outcomes of the unlock table that are put into sentences, the first for choice
OUTCOMES = {
    "gain_musd_per_year": "million USD a year", "land_pairs": "pairs of zones with a way by land",
    "open_way_cargos": "open ways, each counted for each cargo",
    "open_through_way_cargos": "open ways from one end of the corridor to the other, each counted for each cargo",
}


def tables(study: Study, on: date | None = None, as_of: date | None = None,
           unlock: Unlock | None = None) -> tuple[ResultTable, ...]:
    """The tables of the room for a study date: calendar, law, events, measures, unlock and council, as far as the study
    has gates, law and events.

    `unlock` is the unlock table by routing where it has been computed; else ways are counted by openness alone.
    """
    day, held = on or study.config.report.law_date, load(study)
    found: list[ResultTable] = []
    if held.gates.gates:
        found += [gate_calendar(study, as_of), gate_table(study, day, as_of)]
    if held.law.rules:
        found += [law_grid(study, day, as_of), law_history(study, as_of)]
    found += [event_table(study, as_of), measure_table(study)]
    if held.gates.gates:
        found.append(unlock_rows(study, unlock or unlock_by_ways(study, study.config.report.before)))
    found.append(council_table(study))
    if held.events:
        found.append(evidence_table(study, as_of or day))
    return tuple(t for t in found if len(t.frame))


def gate_calendar(study: Study, as_of: date | None = None) -> ResultTable:
    """Every gate from 2000 to the end of the record: one row for each stretch of a state."""
    _, spans = calendar(study, FIRST_DAY, last_day(study), as_of)
    held = load(study).gates.gates
    frame = pd.DataFrame([
        {"gate": i.gate, "title": held[i.gate].title, "kind": held[i.gate].kind.value,
         "holders": ", ".join(held[i.gate].holders), "state": i.state.value, "from": i.start.isoformat(),
         "to": i.end.isoformat(), "detail": i.detail, "evidence": i.evidence.word} for i in spans])
    return ResultTable("gate_calendar", "Gates of the corridor by date", frame, note="Intervals are half-open. "
                       "Legal gates follow from the measures in force. " + NOT_ADVICE)


def gate_table(study: Study, on: date, as_of: date | None = None) -> ResultTable:
    """Every gate on a day."""
    frame = pd.DataFrame([
        {"gate": s.gate.id, "title": s.gate.title, "kind": s.gate.kind.value, "holders": ", ".join(s.gate.holders),
         "state": s.state.value, "since": s.since.isoformat() if s.since else "", "detail": s.detail,
         "source": s.source, "evidence": s.evidence.word} for s in gates(study, on, as_of)])
    return ResultTable("gates", f"Gates on {on.isoformat()}", frame, note=NOT_ADVICE)


def event_table(study: Study, as_of: date | None = None) -> ResultTable:
    """The calendar of events as known on the as-of date."""
    events, _ = calendar(study, date.min, last_day(study), as_of)
    frame = pd.DataFrame([
        {"id": e.id, "date": e.date.isoformat(), "known_from": e.known_from.isoformat(), "actors": ", ".join(e.actors),
         "plover": ":".join(p for p in (e.plover_type, e.plover_mode) if p), "cameo": e.cameo,
         "intensity": e.intensity, "text": e.text, "sets": ", ".join(e.sets), "kind": e.kind.value,
         "reliability": e.reliability, "source": e.source, "evidence": e.evidence.word} for e in events])
    return ResultTable("events", "Calendar of events", frame, {"intensity": "Goldstein scale, -10 to 10"},
                       "An event sets a gate only where the column says so; its tone never does.")


def evidence_table(study: Study, as_of: date, events: pd.DataFrame | None = None) -> ResultTable:
    """Tone of events beside the gates two States hold together; by default from the study's own calendar."""
    held = load(study)
    found = beside_gates(held, own_events(held) if events is None else events, as_of)
    frame = pd.DataFrame([
        {"gate": e.gate, "dyad": "-".join(e.dyad), "state": e.state.value, "p_detente": e.detente,
         "last_event": e.last_event.isoformat() if e.last_event else "",
         "reported": e.reported.isoformat() if e.reported else "",
         "months": e.skill.months if e.skill else 0, "openings": e.skill.openings if e.skill else 0,
         "brier": e.skill.brier if e.skill else None, "brier_base_rate": e.skill.brier_base if e.skill else None,
         "skill": e.skill.verdict if e.skill else "no events", "evidence": Evidence.ESTIMATE.word} for e in found])
    return ResultTable("event_evidence", f"Tone of events beside the gates, as known on {as_of.isoformat()}", frame,
                       {"p_detente": "probability", "brier": "mean squared error"},
                       "Detente is not access: this never sets a gate and is off in the appraisal. The parameters "
                       "of the filter are chosen, not fitted.")


def measure_table(study: Study) -> ResultTable:
    """Every measure with its paragraph, dates, source and mark."""
    frame = pd.DataFrame([
        {"id": m.id, "instrument": m.instrument, "provision": m.provision, "effect": m.effect.value,
         "activity": m.activity.value, "direction": m.direction.value, "addressee": m.addressee,
         "hs": "; ".join(m.hs), "hs_basis": m.hs_basis.value, "valid_from": m.valid_from.isoformat(),
         "valid_to": m.valid_to.isoformat() if m.valid_to else "", "text": m.text, "check": m.check,
         "source": m.source, "evidence": m.evidence.word} for m in (r.measure for r in load(study).law.rules)])
    return ResultTable("measures", "Measures by paragraph", frame, note="Unchecked rows were written from memory. "
                       + NOT_ADVICE)


def law_grid(study: Study, on: date, as_of: date | None = None, scenario: str = "") -> ResultTable:
    """Each cargo over each border and port of the transit state on a day: the worst answer over its HS codes."""
    held = load(study)
    cargos = study.rows(Cargo)
    rows = [
        {"crossing": id, "name": name, "from": origin, "to": destination, "how": how, "cargo": c.name,
         **_cell(verdicts(held, on, as_of, c.hs, origin, destination, states, port, scenario))}
        for id, name, origin, destination, states, port, how in _borders(study) for c in cargos
    ]
    return ResultTable("law_grid", f"The law by cargo and crossing on {on.isoformat()}", pd.DataFrame(rows),
                       {"lawful_share": "share of the cargo's HS codes"},
                       "The worst answer over the HS codes of a cargo, and the share of its codes that may move. "
                       + NOT_ADVICE)


def verdicts(held: Conditions, on: date, as_of: date | None, codes: Sequence[str], origin: str, destination: str,
             states: tuple[str, ...], port: str, scenario: str = "") -> tuple[tuple[Verdict, int], ...]:
    """The verdicts of a cargo's HS codes on one way, each with the number of codes that share it."""
    edits = law_edits(held, held.scenarios[scenario]) if scenario else NO_EDITS
    alike: dict[object, list[str]] = {}
    for code in codes:
        alike.setdefault(code if scenario else signature(held.law, on, as_of, code), []).append(code)
    country = next((p.country for p in held.ports if p.locode == port), "")
    ask = [(Shipment(on, origin, destination, group[0], states=states, exit_port=port,
                     port_country=country, as_of=as_of), len(group)) for group in alike.values()]
    return tuple((judge(held.law, s, edits), n) for s, n in ask)


def law_history(study: Study, as_of: date | None = None) -> ResultTable:
    """The law by cargo, pair of countries and date: one row for each stretch in which the answer is the same."""
    held = load(study)
    pairs = {(o, d, states, port): name for _, name, o, d, states, port, _ in _borders(study)}
    until = as_of or held.horizon
    rows: list[dict[str, object]] = []
    for (origin, destination, states, port), name in pairs.items():
        days = [d for d in held.law.dates_for(frozenset({origin, destination, *states})) if d <= until]
        for cargo in study.rows(Cargo):
            last: dict[str, object] = {}
            for day, following in zip(days, [*days[1:], None], strict=True):
                cell = _cell(verdicts(held, day, as_of, cargo.hs, origin, destination, states, port))
                end = following.isoformat() if following else ""
                if last and all(last[k] == cell[k] for k in ("verdict", "provisions")):
                    last["to"] = end
                    continue
                last = {"from_country": origin, "to_country": destination, "port": name if port else "",
                        "cargo": cargo.name, "from": day.isoformat(), "to": end, **cell}
                rows.append(last)
    return ResultTable("law_history", "The law by cargo, pair of countries and date", pd.DataFrame(rows),
                       {"lawful_share": "share of the cargo's HS codes"}, "Intervals are half-open. " + NOT_ADVICE)


def _borders(study: Study) -> list[tuple[str, str, str, str, tuple[str, ...], str, str]]:
    """Every crossing and port of the transit state as: id, name, origin, destination, States, port, how."""
    held, territory = load(study), transit_state(study)
    found: list[tuple[str, str, str, str, tuple[str, ...], str, str]] = []
    for c in held.crossings:
        if territory in (c.country_a, c.country_b):
            other = c.country_b if c.country_a == territory else c.country_a
            pair = tuple(sorted((other, territory)))
            found.append((c.id, c.name, other, territory, pair, "", "into the territory"))
            found.append((c.id, c.name, territory, other, pair, "", "out of the territory"))
    for p in held.ports:
        if p.country == territory:
            for origin, to in _by_port(study):
                how = "out of the territory" if origin == territory else "foreign cargo in transit"
                found.append((p.terminal or p.locode, p.name, origin, to, (origin, territory), p.locode, how))
    return found


def _by_port(study: Study) -> list[tuple[str, str]]:
    """From where to where cargo is asked about at the ports of the transit state: from the first of the other parties
    to the rest of them, and to the rival country, which also ships to itself and buys from the transit state."""
    about = study.config.corridor
    if about is None:
        return []
    first, *rest = [p for p in about.parties if p != about.transit]
    others = [(first, to) for to in (about.rival, *rest)]
    return [*others, (about.rival, about.rival), (about.transit, about.rival)]


def _cell(found: Sequence[tuple[Verdict, int]]) -> dict[str, object]:
    worst = max((v for v, _ in found), key=lambda v: v.answer.severity)
    passed = sum(n for v, n in found if v.answer.severity <= Answer.CAPPED.severity)
    return {"verdict": worst.answer.value, "hs": worst.shipment.hs, "provisions": worst.provisions,
            "lifted_by": ", ".join(worst.lifted_by), "lawful_share": passed / sum(n for _, n in found),
            "evidence": Evidence.weakest(v.evidence for v, _ in found).word}


def holders_of(held: Conditions) -> dict[str, Keys]:
    """For each State that holds a key, the gates it can stop alone or by a veto, and those it can open alone."""
    states = {v for h in held.gates.holders.values() for v in h.veto}
    return {s: Keys(held.gates.held_by(s), held.gates.opened_by(s)) for s in sorted(states)}


def unlock_by_ways(study: Study, scenario: str, pairs: bool = False) -> Unlock:
    """The unlock table counted in ways of ways.csv that cargo can lawfully and actually go: gains over a scenario,
    losses from the 'after' scenario of the study. StudyFault for a study without ways."""
    w, about = world(study, scenario), study.config.corridor
    if not w.held.ways:
        raise StudyFault([Fault("ways.csv", "file", "missing or empty", "a CSV file", "add it, or count by routing")])
    after = w.held.scenarios[study.config.report.after]
    cargos = {c.id: c.hs for c in study.rows(Cargo)}
    country = {z.id: z.country for z in study.rows(Zone)}
    through = (country[about.start[0]], country[about.end]) if about else ("", "")
    beyond = about.rival if about else ""

    def left(kept: frozenset[str]) -> Outcomes:
        return way_value(w, after.without(kept), cargos, through, beyond)(frozenset())

    value = way_value(w, w.scenario, cargos, through, beyond)
    return unlock_table(tuple(w.held.gates.gates), holders_of(w.held), value, left, pairs)


def unlock_rows(study: Study, table: Unlock) -> ResultTable:
    """The unlock table: gain when opened alone, loss to the corridor when left as it was."""
    held = load(study).gates
    report = study.config.report
    titles = {id: s.title for id, s in load(study).scenarios.items()}
    meaning = (f"Gain: what a set of gates adds when it alone is opened; before: {titles[report.before]}. Loss: what "
               f"is lost when it is left as it was then; after: {titles[report.after]}.")
    frame = pd.DataFrame([
        {"group": r.group.value, "opened": r.label, "title": _title(held.gates, r), "gates": len(r.gates),
         **{f"gain_{k}": v for k, v in r.gain.items()}, **{f"loss_{k}": v for k, v in r.loss.items()}}
        for r in table.rows])
    main = next((o for o in OUTCOMES if o in table.closed), None)
    read = unlock_readings(table, main, {g.id: g.title for g in held.gates.values()}) if main else []
    return ResultTable("unlock", "What each gate unlocks and blocks", frame, note=" ".join([meaning, *read]))


def _title(held: Mapping[str, object], row: UnlockRow) -> str:
    if row.group in {Group.SINGLE, Group.PAIR}:
        return "; ".join(str(getattr(held[g], "title", g)) for g in sorted(row.gates))
    return row.label if row.group is Group.ALL else country_name(row.label)


def unlock_findings(table: Unlock, titles: Mapping[str, str] | None = None) -> list[str]:
    """The readings of the unlock table for each outcome that can be worded, money first; `titles` name the gates."""
    return [line for outcome in OUTCOMES if outcome in table.closed
            for line in unlock_readings(table, outcome, titles or {})]


def unlock_readings(table: Unlock, outcome: str, titles: Mapping[str, str]) -> list[str]:
    """Which gate unlocks and which blocks most of an outcome, what each State blocks and unlocks by itself (K11), what
    opens without the United States (K12)."""
    words = OUTCOMES[outcome]
    whole = table.whole(outcome)
    best, block = table.best(outcome), table.worst_blockers(outcome)
    lines = [f"Opened alone, {_names(best, titles)} adds most: {_amount(best[0].gain[outcome])} {words}." if best else
             f"No single gate opened alone adds anything: {words}."]
    if block:
        lines.append(f"Left as it was, {_names(block, titles)} costs most: {_amount(-block[0].loss[outcome])} of "
                     f"{_amount(whole)} {words}.")
    states = [r for r in table.rows if r.group is Group.HOLDER and r.loss[outcome] < 0]
    if states:
        states.sort(key=lambda r: r.loss[outcome])
        alone = {r.label: r.gain[outcome] for r in table.rows if r.group is Group.ALONE}
        parts = [f"{country_name(r.label)} {_amount(-r.loss[outcome])} ({_amount(alone[r.label])})" for r in states]
        lines.append(f"Lost if all gates a State can stop are left as they were, and in brackets added by those it can "
                     f"open alone, {words}: {', '.join(parts)}.")
    usa = table.without("USA")
    if usa is not None:
        lines.append(f"With every gate the United States can stop left as it was, all others together add "
                     f"{_amount(usa.gain[outcome])} of the {_amount(table.opened[outcome] - table.closed[outcome])} "
                     f"{words} of all gates.")
    return lines


def _names(rows: Sequence[UnlockRow], titles: Mapping[str, str]) -> str:
    return " or ".join(titles.get(r.label, r.label) for r in rows)


def _amount(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == 0 else f"{value:.3g}"


def council_table(study: Study) -> ResultTable:
    """Voting power in the bodies that hold gates, exactly (K2: necessary, not sufficient)."""
    rows = []
    for h in load(study).gates.holders.values():
        if h.kind not in {HolderKind.COUNCIL, HolderKind.COMMITTEE}:
            continue
        b = body(h)
        p = power(b)
        for who, n, banzhaf, shapley in (("member with a veto", b.vetoes, p.banzhaf_veto, p.shapley_veto),
                                         ("member without", b.others, p.banzhaf_other, p.shapley_other)):
            if n:
                rows.append({"body": h.title, "member": who, "members": n, "banzhaf": float(banzhaf),
                             "shapley_shubik": float(shapley),
                             "necessary": who == "member with a veto" and p.veto_necessary,
                             "sufficient": who == "member with a veto" and p.veto_sufficient,
                             "source": h.source, "evidence": h.evidence.word})
    units = {"banzhaf": "share", "shapley_shubik": "share"}
    note = "Normalised Banzhaf and Shapley-Shubik indices of one member; abstention of a permanent member is left out."
    return ResultTable("council", "Power of a vote", pd.DataFrame(rows), units, note)
