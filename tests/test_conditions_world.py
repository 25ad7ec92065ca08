"""Gates, scenarios, openness, unlock table, council, event evidence, faults and the report section."""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import sys
import time
from datetime import date
from fractions import Fraction
from itertools import combinations, pairwise, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge import cli_conditions, study
from landbridge.conditions import book, evidence, tables
from landbridge.conditions.council import Body, power
from landbridge.conditions.dyads import beside_gates, own_events
from landbridge.conditions.gates import status
from landbridge.conditions.openness import GroupRule, OpenBasis, build_world, closed_objects, openness_classes, world
from landbridge.conditions.regime import filter_likelihoods, filtered, skill
from landbridge.conditions.scenario import compile_scenarios
from landbridge.conditions.unlock import Keys, unlock_table
from landbridge.conditions.verdict import Answer
from landbridge.conditions.ways import way_state
from landbridge.errors import StudyFault
from landbridge.report.page import Figure
from landbridge.report.sections.conditions import section
from landbridge.schema.conditions import ScenarioRow
from landbridge.schema.demand import Cargo
from landbridge.schema.words import State

KOREA = study.read("korea")
HELD = book.load(KOREA)
CARGOS = {c.id: c.hs for c in KOREA.rows(Cargo)}
LAWFUL, OPEN, OPERATED = OpenBasis.LAWFUL_ONLY, OpenBasis.OPEN_ONLY, OpenBasis.AS_OPERATED


def shut(scenario: str, codes: list[str], origin: str, destination: str, basis: OpenBasis) -> frozenset[str]:
    return closed_objects(world(KOREA, scenario), codes, origin, destination, basis)[0]


def test_calendar_is_whole() -> None:
    events, spans = book.calendar(KOREA, date(2000, 1, 1), date(2026, 12, 31))
    ids = {e.id for e in events}
    assert len([e for e in events if not e.article]) >= 75
    assert {f"E{i}" for i in range(1, 16)} <= ids
    assert {s.gate for s in spans} == set(HELD.gates.gates)
    for gate in HELD.gates.gates:
        mine = [s for s in spans if s.gate == gate]
        assert mine[0].start == date(2000, 1, 1) and mine[-1].end == date(2027, 1, 1)
        assert all(a.end == b.start and a.state is not b.state for a, b in pairwise(mine))


def test_as_of_replay_hides_events_and_states() -> None:
    cut = date(2018, 6, 1)
    events, spans = book.calendar(KOREA, date(2000, 1, 1), date(2026, 12, 31), cut)
    assert max(e.known_from for e in events) <= cut
    assert all(s.state is State.UNKNOWN for s in spans if s.start > cut)
    for s in book.gates(KOREA, date(2019, 1, 1), cut):
        assert s.state is State.UNKNOWN and s.last_known is not None


def test_event_codes_never_set_a_gate() -> None:
    lavrov = next(e for e in HELD.events if e.article == "E5")
    assert lavrov.plover_type == "CONSULT" and not lavrov.sets
    setters = [e for e in HELD.events if e.sets]
    assert setters and all(e.kind.value not in {"statement"} for e in setters)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(HELD.gates.gates)), st.dates(date(2000, 1, 1), date(2026, 11, 1)),
       st.dates(date(2000, 1, 1), date(2026, 11, 1)))
def test_a_state_known_early_is_the_same_for_all_who_knew(gate: str, on: date, as_of: date) -> None:
    """Rows known after the as-of date change nothing: replay equals reading a table cut at that date."""
    cut = dataclasses.replace(HELD.gates, settings={
        g: tuple(s for s in kept if s.known_from <= as_of) for g, kept in HELD.gates.settings.items()})
    assert status(cut, gate, on, as_of).state is status(HELD.gates, gate, on, as_of).state


def test_scenarios_of_the_issue() -> None:
    wanted = {"observed-2017", "observed-2018-06-01", "observed-2026-11-01", "corridor", "bridge", "article-2018",
              "draft-2019-12-16", "russia-dprk-only", "us-draft-2022", "severed", "sanctions-lifted-no-road",
              "road-sanctions-kept"}
    assert wanted <= set(HELD.scenarios)
    assert all(s.observed == s.id.startswith("observed") for s in HELD.scenarios.values())


def test_edits_apply_in_order_and_by_date() -> None:
    def row(step: int, attribute: str, target: str, value: str, day: str) -> ScenarioRow:
        return ScenarioRow(scenario="x", step=step, attribute=attribute, target=target, value=value, from_date=day,
                           source="test", evidence="E")

    made = compile_scenarios([row(0, "base", "", "X", "2018-06-01"), row(2, "state", "G-ROAD", "closed", "2020-01-01"),
                              row(1, "state", "G-ROAD", "open", "2019-01-01")])["x"]
    assert made.states_on(date(2018, 12, 31)) == {}
    assert made.states_on(date(2019, 1, 1)) == {"G-ROAD": State.OPEN}
    assert made.states_on() == {"G-ROAD": State.CLOSED}
    with pytest.raises(ValueError, match="no state"):
        row(1, "state", "G-ROAD", "ajar", "2019-01-01")


def test_three_bases_are_three_answers() -> None:
    coal = ["2701"]
    assert "RAJIN" not in shut("observed-2018-06-01", coal, "RUS", "CHN", LAWFUL)  # lawful all along
    assert "RAJIN" not in shut("observed-2018-06-01", coal, "RUS", "CHN", OPEN)  # and open
    assert "RAJIN" in shut("observed-2018-06-01", coal, "RUS", "CHN", OPERATED)  # yet shippers stayed away
    assert "RAJIN" in shut("observed-2018-06-01", coal, "RUS", "KOR", LAWFUL)  # the ship rule of Seoul
    assert "KP-CN-R1" in shut("observed-2018-06-01", coal, "RUS", "CHN", LAWFUL)  # the proviso is for Rajin alone
    assert "KP-RU-R1" in shut("observed-2018-06-01", ["84"], "RUS", "CHN", LAWFUL)  # machinery may not leave
    assert "KP-RU-R1" not in shut("observed-2018-06-01", ["1001"], "RUS", "CHN", LAWFUL)
    assert "KP-RU-R1" in shut("observed-2018-06-01", ["84"], "RUS", "PRK", LAWFUL)


def test_what_is_not_there_is_shut_on_every_basis() -> None:
    for basis in OpenBasis:
        assert "KP-RU-D1" in shut("observed-2018-06-01", ["1001"], "RUS", "PRK", basis)
        assert "KP-RU-D1" in shut("observed-2026-11-01", ["1001"], "RUS", "PRK", basis)  # unknown is never open
        assert "KP-KR-R1" in shut("observed-2018-06-01", ["1001"], "KOR", "RUS", basis)
        assert "KP-RU-D1" not in shut("bridge", ["1001"], "RUS", "PRK", basis)


def test_an_area_lies_on_a_border_if_every_way_over_it_says_so() -> None:
    assert HELD.lines == {frozenset({"KOR", "PRK"}): frozenset({"MDL"})}  # Kaesong lies beside it


def test_corridor_opens_the_way_from_busan() -> None:
    w = world(KOREA, "corridor")
    ways = {x.id: x for x in HELD.ways}
    for way in ("busan-khasan-rail", "busan-khasan-road"):
        for cargo, codes in CARGOS.items():
            found = way_state(w, ways[way], cargo, codes, OPERATED)
            assert found.open, found
    kept = world(KOREA, "road-sanctions-kept")
    assert not way_state(kept, ways["busan-khasan-rail"], "machinery", CARGOS["machinery"], OPERATED).open
    assert way_state(kept, ways["busan-khasan-rail"], "machinery", CARGOS["machinery"], OPEN).open
    lifted = world(KOREA, "sanctions-lifted-no-road")
    assert not way_state(lifted, ways["busan-khasan-rail"], "machinery", CARGOS["machinery"], LAWFUL).open
    assert closed_objects(lifted, ["84"], "RUS", "PRK", LAWFUL)[1] is Answer.PERMITTED


def test_corridor_keeps_sanctions_on_the_dprks_own_trade() -> None:
    w = world(KOREA, "corridor")
    assert closed_objects(w, ["84"], "RUS", "PRK", OPERATED)[1] is Answer.PROHIBITED
    assert closed_objects(w, ["61"], "PRK", "CHN", OPERATED)[1] is Answer.PROHIBITED
    assert closed_objects(w, ["7302"], "RUS", "PRK", OPERATED)[1] is Answer.PERMITTED  # rails for the works


def test_classes_agree_with_single_questions() -> None:
    countries = ["CHN", "DEU", "JPN", "KAZ", "KOR", "MNG", "POL", "PRK", "RUS"]
    for basis in OpenBasis:
        w = world(KOREA, "observed-2018-06-01")
        found = openness_classes(w, CARGOS, countries, basis)
        assert len(found.closed) < 12
        rng = np.random.default_rng(1)
        for k, o, d in zip(*(rng.integers(0, n, 40) for n in found.class_of.shape), strict=True):
            fresh = world(KOREA, "observed-2018-06-01")
            cargo = found.cargos[k]
            alone = closed_objects(fresh, CARGOS[cargo], countries[o], countries[d], basis)
            assert found.closed_for(cargo, countries[o], countries[d]) == alone[0]
            assert found.answer[k, o, d] == alone[1].severity
            assert found.lawful_share[k, o, d] == alone[2]


def test_a_shared_memo_changes_nothing() -> None:
    base = world(KOREA, "observed-2018-06-01")
    gates = sorted(HELD.gates.gates)
    for opened in (frozenset({"G-UN-TRANSIT"}), frozenset(gates), frozenset({"G-UNC", "G-UN-GOODS"})):
        shared = build_world(HELD, base.scenario, opened, territory="PRK")
        fresh = build_world(HELD, base.scenario, opened, territory="PRK")
        for codes in CARGOS.values():
            for pair in (("KOR", "RUS"), ("RUS", "PRK"), ("PRK", "CHN"), ("RUS", "CHN")):
                assert closed_objects(shared, codes, *pair, OPERATED) == closed_objects(fresh, codes, *pair, OPERATED)


@settings(max_examples=60, deadline=None)
@given(st.frozensets(st.sampled_from(sorted(HELD.gates.gates)), max_size=12), st.sampled_from(sorted(HELD.gates.gates)),
       st.sampled_from(sorted(CARGOS)), st.sampled_from(["KOR", "RUS", "PRK", "CHN"]),
       st.sampled_from(["KOR", "RUS", "PRK", "CHN"]))
def test_opening_a_gate_never_shuts_an_object(opened: frozenset[str], one: str, cargo: str, o: str, d: str) -> None:
    base = world(KOREA, "observed-2018-06-01")
    before, after = (build_world(HELD, base.scenario, s, territory="PRK") for s in (opened, opened | {one}))
    few = closed_objects(before, CARGOS[cargo], o, d, OPERATED, GroupRule.WORST)
    more = closed_objects(after, CARGOS[cargo], o, d, OPERATED,
                          GroupRule.WORST)
    assert more[0] <= few[0]


def test_unlock_table_of_the_study() -> None:
    table = tables.unlock_by_ways(KOREA, "observed-2018-06-01")
    through = "open_through_way_cargos"
    assert table.closed[through] == 0 and table.opened[through] > 0
    assert table.best(through) == ()  # no single gate opens the way from Busan
    assert "G-UNC" in {r.label for r in table.worst_blockers(through)}
    usa = table.without("USA")
    assert usa is not None and usa.gain[through] == 0  # K12: not surplus to requirements
    assert {"G-UNC", "G-US-2ND", "G-UN-TRANSIT"} <= set(HELD.gates.held_by("USA"))


def test_unlock_pairs_by_hand() -> None:
    def value(opened: frozenset[str]) -> dict[str, float]:
        return {"pairs": 2.0 * ({"a", "b"} <= opened) + ("c" in opened)}

    table = unlock_table(["a", "b", "c"], {"X": Keys(["a"]), "Y": Keys(["b", "c"])}, value)
    gain = {r.label: r.gain["pairs"] for r in table.rows if r.group.name in {"SINGLE", "PAIR"}}
    assert gain == {"a": 0, "b": 0, "c": 1, "a + b": 2, "a + c": 1, "b + c": 1}
    assert [r.label for r in table.best("pairs")] == ["c"]
    assert {r.label for r in table.worst_blockers("pairs")} == {"a", "b"}
    without = table.without("X")
    assert without is not None and without.gain["pairs"] == 1


def brute(b: Body) -> tuple[Fraction, Fraction, Fraction, Fraction]:
    members = range(b.members)

    def wins(c: set[int]) -> bool:
        return all(v in c for v in range(b.vetoes)) and len(c) >= b.votes_needed

    swings = [sum(wins({*c, i}) and not wins(set(c)) for n in members for c in combinations(
        [m for m in members if m != i], n)) for i in members]
    first = dict.fromkeys(members, 0)
    orders = list(permutations(members))
    for order in orders:
        seen: set[int] = set()
        for m in order:
            seen.add(m)
            if wins(seen):
                first[m] += 1
                break
    last = b.members - 1
    return (Fraction(swings[0], sum(swings)), Fraction(swings[last], sum(swings)),
            Fraction(first[0], len(orders)), Fraction(first[last], len(orders)))


@pytest.mark.parametrize(("members", "vetoes", "needed"), [(5, 2, 3), (6, 1, 4), (6, 3, 3), (4, 4, 4)])
def test_power_equals_counting_everything(members: int, vetoes: int, needed: int) -> None:
    p = power(Body("b", members, vetoes, needed))
    banzhaf, banzhaf_last, shapley, shapley_last = brute(Body("b", members, vetoes, needed))
    assert (p.banzhaf_veto, p.shapley_veto) == (banzhaf, shapley)
    if members > vetoes:
        assert (p.banzhaf_other, p.shapley_other) == (banzhaf_last, shapley_last)


def test_security_council_published() -> None:
    """Shapley-Shubik 0.1963 and 0.001865; Banzhaf 0.1669 and 0.0165 (standard textbook values)."""
    p = power(Body("UN Security Council", 15, 5, 9))
    assert p.shapley_veto == Fraction(421, 2145) and p.shapley_other == Fraction(4, 2145)
    assert p.banzhaf_veto == Fraction(106, 635) and p.banzhaf_other == Fraction(21, 1270)
    assert 5 * p.banzhaf_veto + 10 * p.banzhaf_other == 1
    assert p.veto_necessary and not p.veto_sufficient  # K2


def test_filter_known_answers() -> None:
    assert filtered([float("nan")] * 3).tolist() == [0.5, 0.5, 0.5]
    flat = np.ones((1, 2))
    assert filter_likelihoods(flat, 0.9, (0.0, 1.0))[0] == pytest.approx(0.9)
    rng = np.random.default_rng(3)
    likelihood = rng.random((24, 2)) + 0.01
    scaled = likelihood * rng.random((24, 1))
    np.testing.assert_allclose(filter_likelihoods(likelihood, 0.9), filter_likelihoods(scaled, 0.9))
    np.testing.assert_allclose(filtered([3.0, 5, -8, -9])[:2], filtered([3.0, 5]))  # filtered, not smoothed


def test_skill_against_the_base_rate() -> None:
    few = skill([0.8] * 9, [False] * 9, base_rate=0.05)
    assert (few.brier, few.brier_base) == (pytest.approx(0.64), pytest.approx(0.0025))
    assert few.verdict == "too few openings to say"
    record = [i % 2 == 0 for i in range(24)]
    assert skill([0.9 if y else 0.1 for y in record], record).verdict == "better than the base rate"
    assert skill([0.1 if y else 0.9 for y in record], record).verdict == "no better than the base rate"


def test_tone_stands_beside_gates_and_sets_none() -> None:
    as_of = date(2018, 12, 31)
    found = {e.gate: e for e in beside_gates(HELD, own_events(HELD), as_of)}
    rail = found["G-MDL-W-RAIL"]
    assert rail.dyad == ("KOR", "PRK") and rail.skill is not None and rail.detente is not None
    assert rail.detente > 0.8 and rail.state is State.CLOSED  # detente is not access
    assert rail.skill.openings == 1 and rail.skill.verdict == "too few openings to say"
    assert rail.skill.brier > rail.skill.brier_base
    assert rail.last_event is not None and rail.last_event <= as_of
    early = {e.gate: e for e in beside_gates(HELD, own_events(HELD), date(1999, 1, 1))}
    assert early["G-RK"].detente is None


def test_event_files_are_read(tmp_path: Path) -> None:
    gdelt = dict.fromkeys(evidence.GDELT, "")
    base = gdelt | {"SQLDATE": "20180531", "Actor1CountryCode": "RUS", "Actor2CountryCode": "PRK", "EventCode": "042",
                    "GoldsteinScale": "1.9", "IsRootEvent": "1", "DATEADDED": "20180601120000", "GLOBALEVENTID": "1"}
    rows = [base, base | {"GLOBALEVENTID": "2"}, base | {"IsRootEvent": "0", "EventCode": "010"}]
    path = tmp_path / "20180601.export.CSV"
    path.write_text("\n".join("\t".join(r.values()) for r in rows) + "\n", encoding="utf-8")
    found = evidence.read(path, evidence.Format.GDELT)
    assert len(found) == 1 and found["code"][0] == "042"
    assert found["known_from"][0] == pd.Timestamp("2018-06-01") > found["event_date"][0]

    icews = dict.fromkeys(evidence.ICEWS, "") | {
        "Event ID": "7", "Event Date": "2018-05-31", "Source Country": "Russian Federation",
        "Target Country": "North Korea", "CAMEO Code": "042", "Intensity": "1.9"}
    path = tmp_path / "events.2018.tab"
    path.write_text("\t".join(icews) + "\n" + ("\t".join(icews.values()) + "\n") * 2, encoding="utf-8")
    found = evidence.read(path, evidence.Format.ICEWS)
    assert found[["actor", "recipient", "code"]].values.tolist() == [["RUS", "PRK", "042"]]

    polecat = {"Event ID": "a", "Event Date": "2018-05-31", "Publication Date": "2018-06-02", "Event Type": "CONSULT",
               "Event Mode": "visit", "Event Intensity": "4", "Actor Country": "RUS", "Recipient Country": "PRK"}
    path = tmp_path / "ngecEvents.txt"
    path.write_text("\t".join(polecat) + "\n" + "\t".join(polecat.values()) + "\n", encoding="utf-8")
    found = evidence.read(path, evidence.Format.POLECAT)
    assert found["code"].tolist() == ["CONSULT:visit"]
    assert evidence.monthly(found, ("PRK", "RUS"), pd.Timestamp("2018-06-01")).empty  # not yet published
    assert evidence.monthly(found, ("PRK", "RUS")).tolist() == [4.0]
    with pytest.raises(StudyFault, match="61 columns"):
        evidence.read(path, evidence.Format.GDELT)
    with pytest.raises(StudyFault, match="CAMEO Code"):
        evidence.read(path, evidence.Format.ICEWS)


@pytest.mark.parametrize(("file", "old", "new", "found"), [
    ("measures.csv", "un2371-8x,UNSCR 2371", "un2371-8x,UNSCR 2731", "'UNSCR 2731' is not declared"),
    ("measures.csv", ",list:luxury,", ",,", "hs"),
    ("measures.csv", ",from,PRK,,ALL,2607; 78,", ",from,PRK,,ALL,2607 - 78,", "neither ALL, NONE"),
    ("gate_bindings.csv", "G-RK,KP-RU-R1", "G-RK,KP-RU-R9", "'KP-RU-R9' is not declared"),
    ("events.csv", "G-RK=closed", "G-RK=ajar", "GATE=state"),
    ("scenarios.csv", "bridge,1,state,G-ROAD", "observed-2017,1,state,G-ROAD", "read-only"),
    ("gates.csv", "G-ROAD,physical", "G-ROUD,physical", "'G-ROUD' has no state"),
])
def test_a_table_with_a_fault_is_refused(tmp_path: Path, file: str, old: str, new: str, found: str) -> None:
    folder = tmp_path / "korea"
    shutil.copytree(KOREA.folder, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(StudyFault) as error:
        study.read(str(folder))
    mine = [f for f in error.value.faults if f.file == file]
    assert any(found in f"{f.found} {f.allowed} {f.where}" for f in mine), error.value
    assert all(f.where and f.cure for f in mine)


def test_commands_from_outside() -> None:
    base = [sys.executable, "-m", "landbridge.cli_conditions"]
    done = subprocess.run(
        [*base, "unlock", "korea", "--by", "ways", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["rows"] and found["findings"] and "not legal advice" in found["notes"][0]
    runner = CliRunner()
    done2 = runner.invoke(cli_conditions.calendar, ["korea", "--from", "2018-01-01", "--to", "2018-12-31", "--json"])
    events = json.loads(done2.output)["events"]
    assert any(e["article"] == "E5" for e in events)
    assert all("2018" in e["date"] for e in events)
    for args in (["korea", "--on", "2018-06-01"], ["korea", "--on", "2018-06-01", "--as-of", "2010-01-01"]):
        assert "not legal advice" in runner.invoke(cli_conditions.gates, args).output


def test_section_is_drawn_from_tables() -> None:
    made = {t.name: t for t in tables.tables(KOREA)}
    page = section(made)
    assert "not legal advice" in page.lead
    figures = [b for b in page.blocks if isinstance(b, Figure)]
    assert len(figures) == 3
    for f in figures:
        option = json.loads(f.option_json())
        assert option["title"][0]["text"] and "Source" in option["title"][1]["text"]
    grid = made["law_grid"].frame
    crossings = {c.id for c in HELD.crossings if "PRK" in (c.country_a, c.country_b)}
    assert crossings <= set(grid["crossing"])
    assert set(grid["cargo"]) == {c.name for c in KOREA.rows(Cargo)}
    assert "unchecked" in set(made["measures"].frame["evidence"])
    barred = grid[grid["verdict"] == "prohibited"]
    assert (barred["provisions"] != "").all()


def test_the_law_over_all_dates_in_five_seconds() -> None:
    start = time.process_time()
    frame = tables.law_history(KOREA).frame
    assert time.process_time() - start < 5
    coal = frame.query("from_country == 'PRK' and to_country == 'RUS' and cargo == 'Coal'")
    assert coal["verdict"].tolist()[-1] == "prohibited" and "2017-08-05" in set(coal["from"])


def test_scenario_caps_are_seen_in_the_verdict() -> None:
    done = CliRunner().invoke(cli_conditions.verdict, [
        "korea", "--on", "2022-07-01", "--hs", "2709", "--origin", "CHN", "--destination", "PRK",
        "--scenario", "us-draft-2022", "--json"], catch_exceptions=False)
    assert any("3,000,000 bbl" in n for n in json.loads(done.output)["notes"])
