"""GMNS in and out, OMX out, crossing samples in."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from landbridge.errors import MissingExtra, StudyFault
from landbridge.flows.equilibrium import Demand, solve
from landbridge.flows.exchange import read_crossing_samples, read_gmns, write_gmns, write_omx

NODES = "node_id,x_coord,y_coord,zone_id\n1,130.3,42.2,rajin\n2,130.6,42.4,\n3,131.9,43.1,vladivostok\n"
LINKS = ("link_id,from_node_id,to_node_id,directed,length,free_speed,capacity\n"
         "a,1,2,1,54,30,\nb,2,3,false,250,50,1000\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "node.csv").write_text(NODES)
    (tmp_path / "link.csv").write_text(LINKS)
    return tmp_path


def test_gmns_round_trip_and_solve(folder: Path) -> None:
    network = read_gmns(folder)
    assert network.link_id == ("a", "b", "b_back") and network.tail.tolist() == [0, 1, 2]
    answer = solve(network.links(), Demand(np.array([0], np.int32), np.array([2], np.int32), np.array([10.0])))
    assert answer.volume.tolist() == [10.0, 10.0, 0.0]
    assert answer.cost[0] == pytest.approx(54 / 30)
    write_gmns(folder / "out", network, answer.volume)
    again = read_gmns(folder / "out")
    assert again.link_id == network.link_id and again.zone == network.zone
    assert np.array_equal(again.capacity, network.capacity, equal_nan=True)
    assert again.length_km == pytest.approx(network.length_km)
    assert read_gmns(folder, miles=True).length_km[0] == pytest.approx(54 * 1.609344)


def test_gmns_faults_all_at_once(folder: Path) -> None:
    (folder / "link.csv").write_text(LINKS.replace("a,1,2", "a,1,9").replace("250", "far").replace("b,2", "a,2"))
    with pytest.raises(StudyFault) as caught:
        read_gmns(folder)
    text = str(caught.value)
    assert "'9' is not declared" in text and "'far'" in text and "'a' twice" in text
    (folder / "link.csv").write_text("link_id,from_node_id\n")
    with pytest.raises(StudyFault, match="column 'to_node_id' is missing"):
        read_gmns(folder)


def test_omx(tmp_path: Path) -> None:
    openmatrix = pytest.importorskip("openmatrix")
    path, values = tmp_path / "skim.omx", np.array([[0.0, np.inf], [2.5, 0.0]])
    write_omx(path, {"time_h": values}, ["busan", "moscow"])
    with openmatrix.open_file(str(path)) as file:
        assert np.array(file["time_h"]).tolist() == values.tolist()
        assert file.mapping("zone") == {b"busan": 0, b"moscow": 1}
    with pytest.raises(ValueError, match="2 zones"):
        write_omx(path, {"x": np.zeros((1, 2))}, ["busan", "moscow"])


def test_omx_without_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name == "openmatrix":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtra, match=r"landbridge\[omx\]"):
        write_omx(tmp_path / "x.omx", {}, [])


def test_crossing_samples(tmp_path: Path) -> None:
    path = tmp_path / "samples.csv"
    lines = [f"KP-CN-D1,{h},{100 + h},10" for h in range(1, 12)] + ["KP-RU-R1,24,150,20"]
    path.write_text("crossing,hours,cost_usd,load_t\n" + "\n".join(lines) + "\n")
    found = read_crossing_samples(path).set_index("crossing")
    row = found.loc["KP-CN-D1"]
    assert (row["dwell_h_low"], row["dwell_h_central"], row["dwell_h_high"]) == (2.0, 6.0, 10.0)
    assert row["tfi1_h"] == 6.0 and row["tfi2_usd"] == pytest.approx(2 * 106)
    assert row["evidence"] == "published" and found.loc["KP-RU-R1", "evidence"] == "estimate"
    path.write_text("crossing,hours,cost_usd\nKP-CN-D1,-3,5\n")
    with pytest.raises(StudyFault, match="row 2, column hours"):
        read_crossing_samples(path)
