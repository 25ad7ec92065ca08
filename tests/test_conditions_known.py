"""Known answers through the commands, and properties of the law that hold for every shipment."""

from __future__ import annotations

import csv
import dataclasses
import json
import shlex
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge import cli_conditions, study
from landbridge.conditions import book
from landbridge.conditions.ask import shipment
from landbridge.conditions.law import LawBook, compile_law, judge
from landbridge.conditions.shipment import Shipment
from landbridge.conditions.verdict import Answer
from landbridge.errors import StudyFault
from landbridge.schema.conditions import Instrument, Measure
from landbridge.schema.words import Activity, Effect
from landbridge.tables import Evidence

DATA = Path(__file__).parent / "data"
VERDICTS = list(csv.DictReader((DATA / "known_verdicts.csv").read_text(encoding="utf-8").splitlines()))
GATES = list(csv.DictReader((DATA / "known_gates.csv").read_text(encoding="utf-8").splitlines()))


def ask(*args: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli_conditions.verdict, ["korea", *args, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


@pytest.mark.parametrize("row", VERDICTS, ids=[r["case"] for r in VERDICTS])
def test_known_verdict(row: dict[str, str]) -> None:
    found = ask(*shlex.split(row["args"]))
    ids = [m["id"] for m in found["measures"]]
    notes = " ".join(found["notes"])
    assert found["verdict"] == row["verdict"], (ids, notes)
    assert not row["contains"] or row["contains"] in ids
    assert not row["lifted_by"] or row["lifted_by"] in found["lifted_by"]
    assert row["note"].replace(",", "") in notes.replace(",", "")
    assert "not legal advice" in notes


def test_from_outside_the_process() -> None:
    base = [sys.executable, "-m", "landbridge.cli_conditions", "verdict", "korea"]
    row = VERDICTS[0]
    done = subprocess.run([*base, *shlex.split(row["args"]), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert json.loads(done.stdout)["verdict"] == row["verdict"]
    wrong = subprocess.run([*base, "--on", "2018-13-01", "--hs", "27x", "--origin", "RUX", "--destination", "CHN",
                            "--way", "khasan-rajim", "--approval", "un-x"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1
    assert all(option in wrong.stderr for option in ("--on", "--hs", "--origin", "--way", "--approval"))
    assert "did you mean 'khasan-rajin'" in wrong.stderr


@pytest.mark.parametrize("row", GATES, ids=[f"{r['gate']}-{r['on']}-{r['as_of']}" for r in GATES])
def test_known_gate(row: dict[str, str]) -> None:
    args = ["korea", "--on", row["on"], "--json"] + (["--as-of", row["as_of"]] if row["as_of"] else [])
    found = json.loads(CliRunner().invoke(cli_conditions.gates, args, catch_exceptions=False).output)
    assert {g["id"]: g["state"] for g in found["gates"]}[row["gate"]] == row["state"]


KOREA = study.read("korea")
HELD = book.load(KOREA)
LAW = HELD.law
CODES = sorted({c[:n] for r in LAW.rules for c in r.scope.codes for n in (2, 4, 6, 8)} | {"1001", "1006", "940360"})
WAYS = ["", *[w.id for w in HELD.ways]]
days = st.dates(date(2006, 1, 1), date(2026, 10, 1))
countries = st.sampled_from(["RUS", "PRK", "KOR", "CHN", "JPN", "USA", "DEU", "MNG", "SGP", "AUS"])


@st.composite
def shipments(draw: st.DrawFn) -> Shipment:
    asked = shipment(KOREA, on=draw(days).isoformat(), hs=draw(st.sampled_from(CODES)), origin=draw(countries),
                     destination=draw(countries), way=draw(st.sampled_from(WAYS)),
                     activity=draw(st.sampled_from(["trade", "transit", "joint_venture", "labour", "vessel_call"])),
                     contract=draw(st.sampled_from(["", "2016-01-01", "2017-07-15", "2017-12-01"])),
                     used=draw(st.booleans()))
    return dataclasses.replace(asked, approvals=draw(st.sampled_from([(), ("un-x-20181225",), ("un-exempt",)])))


def with_measures(*more: Measure, drop: frozenset[str] = frozenset()) -> LawBook:
    kept = [r.measure for r in LAW.rules if r.measure.id not in drop]
    return compile_law(KOREA.rows(Instrument), [*kept, *more], (), LAW.groups)


def ban(**over: Any) -> Measure:
    row = {"id": "ban", "instrument": "UNSCR 2397", "provision": "1", "effect": "prohibit", "activity": "any",
           "direction": "any_transit", "territory": "PRK", "addressee": "ALL", "hs": "ALL", "hs_edition": "-",
           "hs_basis": "none", "valid_from": date(2006, 1, 1), "known_from": date(2006, 1, 1), "text": "all",
           "check": "test", "source": "test", "evidence": Evidence.ESTIMATE} | over
    return Measure.model_validate(row)


NARROW = [with_measures(ban(hs=hs, direction=d)) for hs in ("27", "72-89", "ALL")
          for d in ("from", "to", "any_transit")]


@settings(max_examples=150, deadline=None)
@given(shipments(), st.sampled_from(NARROW))
def test_adding_a_prohibition_never_helps(s: Shipment, stricter: LawBook) -> None:
    assert judge(stricter, s).answer.severity >= judge(LAW, s).answer.severity


@settings(max_examples=200, deadline=None)
@given(shipments())
def test_a_proviso_lifts_only_what_it_names(s: Shipment) -> None:
    for f in judge(LAW, s).findings:
        for by in f.lifted_by:
            if by.endswith("(wind-down)"):
                assert by.startswith(f.measure.id)
                continue
            lifter = LAW.by_id[by].measure
            assert f.measure.id in lifter.overrides or ("UN" in lifter.overrides and LAW.by_id[f.measure.id].un)


@settings(max_examples=200, deadline=None)
@given(shipments(), st.integers(2, 5))
def test_widening_the_code_never_loses_a_measure(s: Shipment, digits: int) -> None:
    wide = dataclasses.replace(s, hs=s.hs[:digits])
    narrow_ids = {f.measure.id for f in judge(LAW, s).findings}
    assert narrow_ids <= {f.measure.id for f in judge(LAW, wide).findings}


@settings(max_examples=150, deadline=None)
@given(shipments(), days)
def test_nothing_after_the_as_of_date_changes_an_answer(s: Shipment, as_of: date) -> None:
    asked = dataclasses.replace(s, as_of=as_of)
    later = frozenset(r.measure.id for r in LAW.rules
                      if r.measure.known_from > as_of and r.measure.effect is not Effect.EXEMPT)
    assert judge(with_measures(drop=later), asked).to_json() == judge(LAW, asked).to_json()
    future = ban(known_from=as_of + timedelta(days=1), valid_from=as_of + timedelta(days=1), id="later")
    assert judge(with_measures(future), asked).answer is judge(LAW, asked).answer


@settings(max_examples=150, deadline=None)
@given(days, st.sampled_from(CODES), st.sampled_from(["CHN", "KOR", "JPN", "VNM"]))
def test_dprk_origin_is_never_better_out_of_rajin(on: date, code: str, destination: str) -> None:
    foreign = Shipment(on, "RUS", destination, code, states=("RUS", "PRK"), exit_port="KPNJN", port_country="PRK")
    own = dataclasses.replace(foreign, origin="PRK")
    assert judge(LAW, own).answer.severity >= judge(LAW, foreign).answer.severity


@settings(max_examples=150, deadline=None)
@given(shipments())
def test_more_bound_parties_never_help(s: Shipment) -> None:
    un_only = dataclasses.replace(s, bound=frozenset({"UN"}), approvals=())
    everyone = dataclasses.replace(s, bound=None, approvals=())
    assert judge(LAW, everyone).answer.severity >= judge(LAW, un_only).answer.severity


def test_unknown_and_permitted_is_unknown() -> None:
    assert Answer.worst([Answer.UNKNOWN, Answer.PERMITTED]) is Answer.UNKNOWN
    asked = [shipment(KOREA, on="2021-06-01", hs="1006", origin=o, destination="PRK") for o in ("KOR", "RUS")]
    answer, each = book.way_verdict(KOREA, tuple(asked))
    assert [v.answer for v in each] == [Answer.UNKNOWN, Answer.PERMITTED]
    assert answer is Answer.UNKNOWN


def test_lists_all_goods_and_no_goods_are_three_things() -> None:
    s = Shipment(date(2018, 6, 1), "RUS", "PRK", "1001")
    listed = judge(with_measures(ban(hs="list:luxury", activity="trade")), s)
    assert listed.answer is Answer.PERMITTED and any("luxury" in name for name in listed.unread_lists)
    assert judge(with_measures(ban(hs="ALL", activity="trade")), s).answer is Answer.PROHIBITED
    with pytest.raises(ValueError, match="stand alone"):
        ban(hs="ALL; 27")
    with pytest.raises(ValueError):
        ban(hs="")


def test_memory_rows_stay_marked() -> None:
    found = ask("--on", "2018-06-01", "--hs", "7201", "--origin", "PRK", "--destination", "RUS")
    row = next(m for m in found["measures"] if m["id"] == "un2371-8fe")
    assert (row["evidence"], row["evidence_word"]) == ("M", "unchecked")
    assert any("unchecked" in n for n in found["notes"])


def test_every_measure_shown_has_paragraph_source_and_mark() -> None:
    for r in VERDICTS:
        for m in ask(*shlex.split(r["args"]))["measures"]:
            assert m["source"] and m["instrument"] and m["evidence"] in {"V", "D", "M", "E"}


def test_a_full_cap_is_data() -> None:
    from landbridge.schema.conditions import CapBalance

    full = CapBalance(measure="un2397-5", period_from=date(2019, 1, 1), period_to=date(2020, 1, 1), full=True,
                      known_from=date(2019, 7, 1), source="test", evidence=Evidence.ESTIMATE)
    law = compile_law(KOREA.rows(Instrument), [r.measure for r in LAW.rules], [full], LAW.groups)
    s = Shipment(date(2019, 8, 1), "RUS", "PRK", "2710")
    assert judge(law, s).answer is Answer.PROHIBITED
    assert judge(law, dataclasses.replace(s, as_of=date(2019, 6, 1))).answer is Answer.CAPPED
    assert judge(law, dataclasses.replace(s, on=date(2020, 1, 1))).answer is Answer.CAPPED


def test_ten_thousand_verdicts_a_second() -> None:
    asked = [dataclasses.replace(s, on=s.on + timedelta(days=7 * i)) for i in range(125) for s in (
        shipment(KOREA, **dict(zip(("on", "hs", "origin", "destination", "way"), case, strict=True)))
        for case in [("2016-01-01", c, o, d, w) for c in ("2701", "8602", "1001", "61", "271121")
                     for o, d, w in (("RUS", "CHN", "khasan-rajin"), ("PRK", "CHN", ""), ("RUS", "PRK", ""),
                                     ("KOR", "PRK", "munsan-panmun"))])]
    asked = (asked * 4)[:10_000]
    start = time.process_time()
    answers = {judge(LAW, s).answer for s in asked}
    seconds = time.process_time() - start
    assert len(asked) == 10_000 and len(answers) > 3
    assert seconds < 1.0, f"{seconds:.2f} s of processor time"


def test_activity_words_cover_the_issue() -> None:
    assert {"trade", "joint_venture", "vessel_call", "transit", "labour"} <= {a.value for a in Activity}
    with pytest.raises(StudyFault):
        shipment(KOREA, on="2018-06-01", origin="RUS", destination="PRK", activity="smuggling")
