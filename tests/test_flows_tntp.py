"""TNTP files in and out, and `landbridge assign` from outside the process."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from landbridge.errors import StudyFault
from landbridge.flows import tntp

NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 3
<TOLL FACTOR> 0.5
<END OF METADATA>

~ \tinit\tterm\tcapacity\tlength\tfftime\tb\tpower\tspeed\ttoll\ttype\t;
\t1\t2\t10\t4\t10\t0.15\t4\t0\t2\t1\t;
\t1\t3\t10\t1\t5\t0.15\t4\t0\t0\t1\t; ~ by the hill

\t3\t2\t1e1\t1\t5\t0.15\t4\t0\t0\t1
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 12.5
<END OF METADATA>

Origin  1
    1 :   0.5;    2 :  10.0;
origin 2
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    net, trips = tmp_path / "a_net.tntp", tmp_path / "a_trips.tntp"
    net.write_text(NET)
    trips.write_text(TRIPS)
    return net, trips


def test_reads_the_variants(files: tuple[Path, Path]) -> None:
    network = tntp.read_network(files[0])
    assert (network.zones, network.nodes, network.first_thru_node) == (2, 3, 3)
    assert network.tail.tolist() == [1, 1, 3] and network.head.tolist() == [2, 3, 2]
    assert network.toll.tolist() == [2.0, 0.0, 0.0] and network.capacity[2] == 10.0
    assert network.links().base.tolist() == [11.0, 5.0, 5.0]  # the file's own toll factor
    assert network.links(toll_weight=0.0, distance_weight=1.0).base.tolist() == [14.0, 6.0, 6.0]
    trips = tntp.read_trips(files[1], network.zones)
    assert trips.demand.volume.tolist() == [0.5, 10.0] and trips.stated_total == 12.5


@pytest.mark.parametrize("old, new, words", [
    ("\t1\t2\t10\t4", "\t1\t9\t10\t4", ["line 9", "a node outside the network", "1 to 3"]),
    ("10\t4\t10\t0.15", "0\t4\t10\t0.15", ["line 9", "no capacity"]),
    ("10\t4\t10\t0.15", "10\t4\t-10\t0.15", ["line 9", "negative"]),
    ("\t1\t3\t10\t1\t5\t0.15\t4", "\t1\t3\t10", ["line 10", "complete the row"]),
    ("\t3\t2\t1e1\t1\t5\t0.15\t4\t0\t0\t1\n", "", ["2 link rows", "cut off"]),
    ("<NUMBER OF NODES> 3\n", "", ["no <NUMBER OF NODES>"]),
    ("<NUMBER OF NODES> 3", "<NUMBER OF NODES> three", ["line 2", "'three'"]),
])
def test_network_faults(files: tuple[Path, Path], old: str, new: str, words: list[str]) -> None:
    files[0].write_text(NET.replace(old, new))
    with pytest.raises(StudyFault) as caught:
        tntp.read_network(files[0])
    assert all(w in str(caught.value) for w in words), str(caught.value)


@pytest.mark.parametrize("old, new, words", [
    ("2 :  10.0;", "7 :  10.0;", ["Origin 1", "7 : 10", "no such zone"]),
    ("2 :  10.0;", "2 : -1;", ["not a volume"]),
    ("2 :  10.0;", "2 : ten;", ["'ten'"]),
    ("2 :  10.0;", "2 :", ["an entry without its volume"]),
    ("origin 2", "origin 3", ["Origin 3", "no such zone"]),
    ("Origin  1", "", ["'Origin i' before the first entry"]),
])
def test_trips_faults(files: tuple[Path, Path], old: str, new: str, words: list[str]) -> None:
    files[1].write_text(TRIPS.replace(old, new))
    with pytest.raises(StudyFault) as caught:
        tntp.read_trips(files[1], 2)
    assert all(w in str(caught.value) for w in words), str(caught.value)


def test_all_faults_at_once(files: tuple[Path, Path]) -> None:
    files[0].write_text(NET.replace("\t1\t2\t10\t4", "\t1\t9\t10\t4").replace("\t3\t2\t1e1", "\t3\t2\t0"))
    with pytest.raises(StudyFault) as caught:
        tntp.read_network(files[0])
    assert len(caught.value.faults) == 2


def assign(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "landbridge.cli", "assign", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_assign_from_outside(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "flows.csv"
    done = assign("--tntp", *files, "--gap", "1e-12", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["converged"] and answer["relative_gap"] <= 1e-12
    assert {"objective", "relative_gap", "iterations", "seconds"} <= set(answer)
    assert answer["intrazonal"] == 0.5 and any("12.5" in note for note in answer["notes"])
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [(r["init_node"], r["term_node"]) for r in rows] == [("1", "2"), ("1", "3"), ("3", "2")]
    volume = [float(r["volume"]) for r in rows]
    assert volume[0] + volume[1] == pytest.approx(10) and volume[1] == pytest.approx(volume[2])
    cost = [float(r["cost"]) for r in rows]
    assert cost[0] == pytest.approx(cost[1] + cost[2])


def test_assign_says_when_it_did_not_converge(files: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "flows.csv"
    done = assign("--tntp", *files, "--gap", "0", "--max-iterations", "1", "--out", out, "--json")
    assert done.returncode == 2 and "did not converge" in done.stderr
    assert json.loads(done.stdout)["converged"] is False and out.exists()


def test_assign_faults_exit_1(files: tuple[Path, Path], tmp_path: Path) -> None:
    files[0].write_text(NET.replace("\t1\t2\t10\t4", "\t1\t9\t10\t4"))
    done = assign("--tntp", *files)
    assert done.returncode == 1 and "a node outside the network" in done.stderr
    assert assign("--tntp", tmp_path / "no.tntp", files[1]).returncode == 1
    files[0].write_text(NET)
    blocked = assign("--tntp", *files, "--out", tmp_path / "no" / "flows.csv")
    assert blocked.returncode == 1 and "--out" in blocked.stderr
