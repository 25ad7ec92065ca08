"""Every command from outside the process: what it prints, what it writes, how it fails."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import mini
import pytest

TRIANGLE_NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 3
<END OF METADATA>
~ init term capacity length time b power speed toll type ;
1 2 100 1 10 0.15 4 0 0 1 ;
1 3 100 1 4 0.15 4 0 0 1 ;
3 2 100 1 4 0.15 4 0 0 1 ;
"""
TRIANGLE_TRIPS = "<NUMBER OF ZONES> 2\n<TOTAL OD FLOW> 250\n<END OF METADATA>\nOrigin 1\n 2 : 250.0;\n"


def landbridge(*words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command and check its exit code."""
    command = [sys.executable, "-m", "landbridge.cli", *(str(w) for w in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == code, f"{words}: exit {done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-3000:]}"
    return done


def answer(*words: object) -> Any:
    """The JSON a command prints."""
    return json.loads(landbridge(*words, "--json").stdout)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return mini.make(tmp_path_factory.mktemp("study") / "mini")


@pytest.fixture(scope="module")
def result(small: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """One whole run of the small study: its folder and what was printed."""
    folder = tmp_path_factory.mktemp("runs") / "mini"
    return folder, landbridge("run", small, "--out", folder).stdout


def test_run_writes_everything_and_prints_five_lines(result: tuple[Path, str]) -> None:
    folder, printed = result
    names = {p.name for p in folder.iterdir()}
    assert names == {"report.html", "tables", "tables.xlsx", "appraisal.xlsx", "corridor.gpkg", "manifest.json"}
    lines = [line for line in printed.splitlines() if line.startswith("- ")]
    assert len(lines) == 5
    assert str(folder / "report.html") in printed
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["seed"] == 20180601 and "zones.csv" in manifest["inputs_sha256"]
    tables = {p.stem for p in (folder / "tables").iterdir()}
    assert {"claims", "known_answers", "named_ways", "modal_split", "gas_routes", "appraisal_indicators", "power_keys",
            "gate_calendar", "unlock", "findings", "assumptions", "sources"} <= tables
    assert not list(folder.parent.glob(".mini-*"))  # no temporary folder is left


def test_the_report_opens_without_a_network(result: tuple[Path, str]) -> None:
    from browser import opened

    with opened(result[0] / "report.html") as page:
        page.wait("document.body.dataset.ready === 'yes'", 90)
        assert page.errors == []
        assert page.outside == []
        charts = page.js("document.querySelectorAll('.chart').length")
        assert charts == page.js("document.querySelectorAll('.chart svg').length")
        assert not page.js("/\\bNaN\\b|\\bnan\\b|undefined/.test(document.querySelector('main').innerText)")


def test_run_never_overwrites_what_is_not_its_own(small: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep me")
    from landbridge.errors import StudyFault
    from landbridge.report.write import write

    with pytest.raises(StudyFault, match="other files"):
        write(None, tmp_path)  # type: ignore[arg-type]  # refused before the result is looked at
    assert (tmp_path / "mine.txt").read_text() == "keep me"


def test_route_has_legs_that_add_up() -> None:
    words = ("--from", "Busan", "--to", "Moscow", "--cargo", "machinery", "--scenario", "corridor")
    options = answer("route", "korea", *words)["options"]
    assert len(options) > 1
    ranks = [o["generalised_usd_per_t"] for o in options]
    assert ranks == sorted(ranks)
    for o in options:
        for key in ("distance_km", "time_h", "cost_usd_per_t"):
            assert sum(leg[key] for leg in o["legs"]) == pytest.approx(o[key], rel=1e-3, abs=0.1)
        assert set(o["legs"][0]) == {"mode", "from", "to", "distance_km", "time_h", "cost_usd_per_t"}
    assert any("KP-KR-R1" in o["crossings"] or "KP-KR-D1" in o["crossings"] for o in options)
    text = landbridge("route", "korea", *words, "--options", 1).stdout
    assert "USD/TEU" in text and "days" in text


def test_compare_tells_what_changes(small: Path) -> None:
    found = answer("compare", small, "observed-2018-06-01", "corridor")
    assert found["pairs"] and {"from", "to", "what", "time_h_after"} <= set(found["pairs"][0])
    assert answer("compare", small, "observed-2017", "observed-2017")["pairs"] == []


def test_claims_are_the_same_in_another_process(small: Path, result: tuple[Path, str]) -> None:
    claims = answer("claims", small)
    with (result[0] / "tables" / "claims.csv").open(encoding="utf-8", newline="") as file:
        written = {row["id"]: row for row in csv.DictReader(file)}
    for claim in claims:
        row = written[claim["id"]]
        assert row["verdict"] == claim["verdict"]
        if claim["value"] is not None:
            assert row["value"] == f"{claim['value']:.9g}"
    assert {"id", "statement", "indicator", "value", "unit", "scenario", "verdict"} <= set(claims[0])
    assert {c["verdict"] for c in claims} & {"supported", "contradicted"}


def test_appraise_and_power(small: Path) -> None:
    tables = answer("appraise", small)
    assert tables["indicators"]["rows"][0]["enpv_musd"] is not None
    power = answer("power", small)
    assert {"power_keys", "power_gas"} <= set(power)


def test_doctor_and_new(small: Path, tmp_path: Path) -> None:
    findings = answer("doctor", small)
    assert findings and {"severity", "what"} <= set(findings[0])
    made = answer("new", tmp_path / "mycorridor")
    assert Path(made["study"]).joinpath("study.toml").exists()
    landbridge("new", tmp_path / "mycorridor", code=1)


def test_law_and_politics() -> None:
    coal = ("--on", "2018-06-01", "--hs", "2701", "--origin", "RUS", "--destination", "CHN", "--way", "khasan-rajin")
    found = answer("verdict", "korea", *coal, "--exit-port", "KPNJN")
    assert found["verdict"] == "permitted_with_conditions"
    assert {"id", "instrument", "provision", "effect", "source", "evidence"} <= set(found["measures"][0])
    assert answer("gates", "korea", "--on", "2018-06-01")
    assert answer("calendar", "korea", "--from", "2018-01-01", "--to", "2018-12-31")["events"]
    assert answer("unlock", "korea", "--by", "ways")["rows"]


def test_gas() -> None:
    found = answer("gas", "korea")
    assert found and "NaN" not in json.dumps(found)


def test_assign_and_its_exit_codes(tmp_path: Path) -> None:
    net, trips = tmp_path / "net.tntp", tmp_path / "trips.tntp"
    net.write_text(TRIANGLE_NET)
    trips.write_text(TRIANGLE_TRIPS)
    found = answer("assign", "--tntp", net, trips, "--gap", "1e-10")
    assert found["converged"] and found["relative_gap"] <= 1e-10
    landbridge("assign", "--tntp", net, trips, "--gap", "0", "--max-iterations", "1", code=2)


def test_wrong_names_and_words_end_with_1() -> None:
    assert "observed-2017" in landbridge("compare", "korea", "observed-2017", "tomorrow", code=1).stderr
    wrong = landbridge("route", "korea", "--from", "Bussan", "--to", "Moscow", code=1).stderr
    assert "busan" in wrong
    words = ("--from", "Busan", "--to", "Moskow", "--cargo", "x", "--scenario", "tomorrow")
    found = landbridge("route", "korea", *words, code=1).stderr  # all at once
    assert "machinery" in found and "moscow" in found and "observed-2017" in found
    landbridge("route", "korea", "--no-such-option", code=1)
    landbridge("run", "no-such-study", code=1)


def test_all_faults_at_once_and_nothing_written(tmp_path: Path) -> None:
    study = mini.make(tmp_path / "broken")
    mini.edit(study / "study.toml", "[cost]", "[cost]\npayload_tt = 3")
    mini.edit(study / "cargo.csv", "value_usd_per_t_low", "value_eur_per_t_low")  # another unit
    mini.edit(study / "crossings.csv", ",RUS,", ",RUX,")
    mini.edit(study / "parties.csv", "id,name,role", "id,name,rolle")
    (study / "modes.csv").write_text((study / "modes.csv").read_text(encoding="utf-8").split("\n")[0] + "\n")
    whole = (study / "tariffs.csv").read_text(encoding="utf-8")
    (study / "tariffs.csv").write_text(whole[: len(whole) // 2], encoding="utf-8")  # cut off in the middle of a row
    terminals = (study / "terminals.csv").read_text(encoding="utf-8")
    (study / "terminals.csv").write_text(terminals.replace(",24,72,168,", ",-24,72,168,", 1), encoding="utf-8")
    wrong = landbridge("run", study, "--out", tmp_path / "out", code=1).stderr
    for text in ("payload_tt", "line ", "value_eur_per_t_low", "RUX", "rolle", "no rows", "cut off", "-24"):
        assert text in wrong, text
    assert "allowed:" in wrong and "cure:" in wrong
    assert not (tmp_path / "out").exists()


def test_a_crossing_far_from_any_link_is_a_fault(tmp_path: Path) -> None:
    study = mini.make(tmp_path / "far")
    mini.edit(study / "crossings.csv", "42.416,130.6405", "60.0,100.0")
    wrong = landbridge("doctor", study, code=1).stderr
    assert "KP-RU-R1" in wrong and "km" in wrong


def test_flows_tell_who_uses_a_crossing_and_where_they_turn(small: Path, tmp_path: Path) -> None:
    found = answer("flows", small, "corridor", "--close", "KP-KR-D1", "--close", "KP-KR-R1", "--gmns", tmp_path / "net")
    gates = {r["id"]: r for r in found["gate_flows"]["rows"]}
    assert gates["KP-KR-D1"]["after_kt"] == 0.0 < gates["KP-KR-D1"]["before_kt"]
    users = {(r["from"], r["to"]): r for r in found["closing"]["rows"]}
    assert sum(r["kt"] for r in users.values()) > 0
    for r in users.values():  # every tonne goes another way or stays
        assert r["rail_change_kt"] + r["road_change_kt"] + r["sea_change_kt"] == pytest.approx(-r["lost_kt"], abs=1e-6)
    with (tmp_path / "net" / "link.csv").open(encoding="utf-8") as file:
        assert any(float(r["volume"]) > 0 for r in csv.DictReader(file))
    assert "no such id" in landbridge("flows", small, "--close", "nowhere", code=1).stderr


def test_samples_become_dwell_times(tmp_path: Path) -> None:
    file = tmp_path / "samples.csv"
    file.write_text("crossing,hours,cost_usd\n" + "".join(f"A,{h},100\n" for h in range(11)), encoding="utf-8")
    (row,) = answer("samples", file)
    assert (row["dwell_h_low"], row["dwell_h_central"], row["dwell_h_high"]) == (1.0, 5.0, 9.0)
    assert (row["tfi1_h"], row["tfi2_usd"], row["samples"]) == (5.0, 100.0, 11)
    file.write_text("crossing,hours\nA,-1\n", encoding="utf-8")
    assert "cost_usd" in landbridge("samples", file, code=1).stderr
