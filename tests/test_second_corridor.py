"""Another corridor needs tables only: every command on the study of `second.py`, from outside the process.

The commands on a study share a process, one after another, as each would build the same network again.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import second

# each command line with its exit code and what it printed
MANY = """
import contextlib, io, json, sys
from landbridge.cli import main
for words in json.load(sys.stdin):
    sys.argv, out, err, code = ["landbridge", *words], io.StringIO(), io.StringIO(), None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)
"""
FROM_TO = ("--from", "Kashgar", "--to", "Andijan", "--options", "9", "--json")


@dataclass(frozen=True)
class Said:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def answer(self) -> Any:
        """The JSON of a command that ended well."""
        assert self.code == 0, self.err[-3000:]
        return json.loads(self.out)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the study, and the same without conditions."""
    made = tmp_path_factory.mktemp("second")
    second.make(made / "cku")
    second.make(made / "plain", conditions=False)
    return made


@pytest.fixture(scope="module")
def said(folder: Path) -> dict[str, Said]:
    """What every command says of the two studies, by name."""
    cku, plain = str(folder / "cku"), str(folder / "plain")
    asked = {
        "run": ["run", cku, "--out", str(folder / "out")],
        "doctor": ["doctor", cku, "--json"],
        "today": ["route", cku, *FROM_TO],
        "railway": ["route", cku, *FROM_TO, "--scenario", "railway"],
        "compare": ["compare", cku, "today", "railway", "--json"],
        "unlock": ["unlock", cku],
        "by ways": ["unlock", cku, "--by", "ways"],
        "power": ["power", cku, "--json"],
        "flows": ["flows", cku, "railway", "--json"],
        "gates": ["gates", cku, "--on", "2024-06-07", "--json"],
        "calendar": ["calendar", cku, "--json"],
        "verdict": ["verdict", cku, "--on", "2024-06-07", "--hs", "8703", "--origin", "CHN", "--destination", "UZB"],
        "claims": ["claims", cku],
        "appraise": ["appraise", plain],
        "gas": ["gas", cku],
        "plain run": ["run", plain, "--out", str(folder / "plain-out")],
        "plain unlock": ["unlock", plain],
        "plain power": ["power", plain],
    }
    halves = [[n for n in asked if (plain in asked[n]) is half] for half in (False, True)]  # one process for each study
    with ThreadPoolExecutor(2) as pool:
        lines = pool.map(lambda names: printed([asked[n] for n in names]), halves)
        return {n: s for names, half in zip(halves, lines, strict=True) for n, s in zip(names, half, strict=True)}


def printed(commands: list[list[str]]) -> list[Said]:
    """What some commands say, one after another in one process."""
    done = subprocess.run([sys.executable, "-c", MANY], input=json.dumps(commands), capture_output=True, text=True,
                          check=True, timeout=400)
    return [Said(*json.loads(line)) for line in done.stdout.splitlines()]


LACKS = {"by ways": "ways.csv", "claims": "claims.csv", "appraise": "appraisal_parameters.csv", "gas": "gas/routes.csv",
         "plain unlock": "[corridor]", "plain power": "gates.csv"}


def test_every_command_ends_well_or_says_what_the_study_lacks(said: dict[str, Said]) -> None:
    for name, s in said.items():
        assert s.code == (1 if name in LACKS else 0), f"{name}: exit {s.code}\n{s.err[-3000:]}"
        assert "Traceback" not in s.err and LACKS.get(name, "") in s.err


def test_the_railway_opens_and_shortens_the_way(said: dict[str, Said]) -> None:
    before, after = (next(o for o in said[s].answer["options"] if o["modes"] == "rail") for s in ("today", "railway"))
    assert said["today"].answer["cargo"] == "vehicles"  # that of the corridor, as none was named
    assert after["distance_km"] < 600 < 2000 < before["distance_km"]
    assert after["time_h"] < before["time_h"] and after["cost_usd_per_t"] < before["cost_usd_per_t"]
    assert {"CN-KG-R1", "KG-UZ-R1"} <= set(after["crossings"]) and "CN-KG-R1" not in before["crossings"]
    assert any("Makmal" in leg["from"] for leg in after["legs"] if leg["mode"] == "terminal")  # 1435 mm ends there
    assert said["compare"].answer["pairs"]
    gates = {r["id"]: r for r in said["flows"].answer["gate_flows"]["rows"]}
    assert gates["CN-KG-R1"]["kt"] > 0


def test_both_keys_are_needed(said: dict[str, Said]) -> None:
    lines = said["unlock"].out.splitlines()
    saved = {line.split(": opened alone")[0]: line for line in lines if "opened alone" in line}
    assert "gain musd per year +0," in saved["gate: G-LINE"] and "left as it was" in saved["gate: G-LINE"]
    assert "gain musd per year -" in saved["gate: G-LINE"].split("left as it was")[1]
    assert {r["player"] for r in said["power"].answer["power_keys"]["rows"] if r["veto"]} == {"CHN", "KGZ", "UZB"}
    assert {g["id"]: g["state"] for g in said["gates"].answer["gates"]}["G-TRANSIT"] == "restricted"
    assert said["verdict"].out.startswith("permitted")


def test_the_works_are_appraised(said: dict[str, Said], folder: Path) -> None:
    assert said["run"].code == 0
    with (folder / "out" / "tables" / "appraisal_indicators.csv").open(encoding="utf-8", newline="") as file:
        rows = {r["party"]: r for r in csv.DictReader(file)}
    assert all(float(rows[p]["enpv_musd"]) < 0 for p in ("CHN", "KGZ", "UZB"))  # they pay more than this traffic saves
    assert not list((folder / "plain-out" / "tables").glob("appraisal*"))


@pytest.mark.parametrize("run", ["out", "plain-out"])
def test_the_results_hold_no_word_of_korea(said: dict[str, Said], folder: Path, run: str) -> None:
    assert said["run"].code == said["plain run"].code == 0
    tables = {p.name: p.read_text(encoding="utf-8") for p in (folder / run / "tables").iterdir()}
    del tables["findings.csv"]  # of the network, which is that of all Eurasia
    for name, text in {**tables, **{n: s.out for n, s in said.items() if n != "doctor"}}.items():
        assert not [w for w in second.WORDS if w in text], name


def test_the_page_is_drawn_and_speaks_of_its_own_corridor(said: dict[str, Said], folder: Path) -> None:
    from browser import opened

    assert said["run"].code == said["plain run"].code == 0
    with opened(folder / "out" / "report.html") as page:
        page.wait("document.body.dataset.ready === 'yes'", 90)
        assert page.errors == []
        charts = page.js("document.querySelectorAll('.chart').length")
        assert charts == page.js("document.querySelectorAll('.chart svg').length") > 0
        text = page.js("document.querySelector('#doctor').remove(), document.body.innerText")
    assert "Kashgar" in text and not [w for w in second.WORDS if w in text]
    assert not re.search(r"\b(NaN|nan|undefined)\b", text)
    source = (folder / "plain-out" / "report.html").read_text(encoding="utf-8")
    plain = re.findall(r'<section id="(?!doctor).*?</section>', source, flags=re.DOTALL)
    assert len(plain) > 3 and not [w for w in second.WORDS if w in "".join(plain)]
