"""The shipped extract and the assembled corridor: known lengths, borders, loading, the doctor."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import dijkstra

from landbridge import study as studies
from landbridge.network import extract as extracts
from landbridge.network.assemble import network_of
from landbridge.network.doctor import Limits, Severity, doctor, tables
from landbridge.network.geometry import great_circle_km
from landbridge.network.model import Kind, Mode, Network
from landbridge.schema.network import Crossing, DatedState, PhysicalState

DATA = Path(str(resources.files("landbridge") / "data"))


@cache
def korea() -> Network:
    return network_of(studies.read("korea"))


def graph(mask: NDArray[np.bool_]) -> csr_array:
    network, k = korea(), np.flatnonzero(mask)
    return coo_array((network.length_km[k] + 1e-6, (network.u[k], network.v[k])), shape=(network.n, network.n)).tocsr()


def inside(mode: Mode, *countries: str) -> NDArray[np.bool_]:
    network = korea()
    allowed = np.isin(network.country, [network.countries.index(c) for c in countries])
    return (network.carrier == mode) & (network.mode != Mode.CONNECTOR) & allowed[network.u] & allowed[network.v]


def node(lat: float, lon: float, mode: Mode, country: str) -> int:
    network = korea()
    own = np.zeros(network.n, np.bool_)
    links = network.mode == mode
    own[network.u[links]] = own[network.v[links]] = True
    nodes = np.flatnonzero(own & (network.country == network.countries.index(country)))
    return int(nodes[great_circle_km(lat, lon, network.lat_deg[nodes], network.lon_deg[nodes]).argmin()])


def way_km(mask: NDArray[np.bool_], *nodes: int) -> float:
    matrix = graph(mask)
    return float(sum(dijkstra(matrix, directed=False, indices=a)[b] for a, b in pairwise(nodes)))


def pier(terminal: str) -> int:
    network = korea()
    k = network.links_of(terminal)
    return int(network.v[k[network.carrier[k] == Mode.SEA]][0])


def open_at(date: str) -> NDArray[np.bool_]:
    """Links that are not shut on a date by the dated states."""
    network, state = korea(), {}
    for row in sorted(studies.read("korea").rows(DatedState), key=lambda r: r.from_date):
        if row.from_date.isoformat() <= date:
            state[row.object] = row.state
    shut = [network.object_index(o) for o, s in state.items() if not s.passable]
    return ~np.isin(network.object, shut)


MOSCOW, VOSTOCHNY = (55.776, 37.657), (42.75, 133.05)
KHASAN, RAJIN, CHONGJIN = (42.4286, 130.6453), (42.238, 130.287), (41.781, 129.784)


def test_the_extract_is_small_and_loads_fast() -> None:
    assert sum(p.stat().st_size for p in DATA.glob("eurasia*")) < 15e6
    code = "import time; import landbridge.network.extract as e; t = time.process_time(); e.load(); " \
           "print(time.process_time() - t)"
    seconds = float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
    assert seconds < 2.0


def test_the_extract_is_read_only_and_known_by_its_digest() -> None:
    extract = extracts.load()
    with pytest.raises(ValueError, match="read-only"):
        extract.length_km[0] = 1.0
    manifest = extracts.manifest()
    assert extract.digest == manifest["arrays_sha256"]
    assert sum(manifest["counts"][f"{mode}_nodes"] for mode in ("rail", "road", "sea")) == extract.n


def test_links_are_no_shorter_than_the_great_circle() -> None:
    extract = extracts.load()
    straight = great_circle_km(extract.lat_deg[extract.u], extract.lon_deg[extract.u], extract.lat_deg[extract.v],
                               extract.lon_deg[extract.v])
    land = extract.mode != Mode.SEA
    assert np.mean(extract.length_km[land] < straight[land] * 0.98 - 0.25) < 0.001  # coordinates are round to 0.1 km
    np.testing.assert_allclose(extract.length_km[~land], straight[~land], atol=0.02)


def test_assembly_is_quick() -> None:
    study = studies.read("korea")
    korea()
    start = time.process_time()
    network = network_of(study)
    assert network is korea(), "assembled once in a process"
    assert time.process_time() - start < 0.1


def test_trans_siberian_from_vostochny_to_moscow() -> None:
    """9,314 km by the Trans-Siberian; the least way over the BAM or through Kazakhstan is shorter, as on the map."""
    russia = inside(Mode.RAIL, "RUS")
    stations = [(48.497, 135.072), (52.031, 113.495), (52.283, 104.259), (54.940, 73.386), (56.858, 60.605)]
    nodes = [node(*p, Mode.RAIL, "RUS") for p in (VOSTOCHNY, *stations, MOSCOW)]
    assert way_km(russia, *nodes) == pytest.approx(9314, rel=0.02)
    least_russian = way_km(russia, nodes[0], nodes[-1])
    least = way_km(korea().carrier == Mode.RAIL, nodes[0], nodes[-1])
    assert least < least_russian < 9314


def test_khasan_rajin_chongjin() -> None:
    tracks = inside(Mode.RAIL, "RUS", "PRK")
    khasan, rajin, chongjin = (node(*KHASAN, Mode.RAIL, "RUS"), node(*RAJIN, Mode.RAIL, "PRK"),
                               node(*CHONGJIN, Mode.RAIL, "PRK"))
    assert 52 <= way_km(tracks, khasan, rajin) <= 54.1
    assert 80 <= way_km(tracks, rajin, chongjin) <= 84


def test_khasan_rajin_runs_through_on_broad_gauge() -> None:
    network = korea()
    broad = inside(Mode.RAIL, "RUS", "PRK") & np.isin(network.gauge_mm, [1520]) & (network.mode != Mode.TRANSFER)
    k = network.links_of("RAJIN")
    rajin = network.v[k[network.gauge_mm[k] == 1520]][0]
    assert 52 <= way_km(broad, node(*KHASAN, Mode.RAIL, "RUS"), int(rajin)) <= 54.1
    assert sorted(network.gauge_mm[network.links_of("KP-RU-R1")].tolist()) == [0, 1520]


def test_busan_rotterdam_by_sea() -> None:
    network = korea()
    sea = (network.mode == Mode.SEA) & open_at("2017-06-01")
    assert way_km(sea, pier("BUSAN"), pier("ROTTERDAM")) == pytest.approx(20200, rel=0.03)
    suez, north = network.object_index("suez"), network.object_index("northwest")
    assert way_km(sea & (network.object != suez), pier("BUSAN"), pier("ROTTERDAM")) > 23000
    assert way_km((network.mode == Mode.SEA) | (network.object == north), pier("BUSAN"), pier("ROTTERDAM")) < 15500


def test_short_sea_ways_are_straight_over_open_water() -> None:
    sea = korea().mode == Mode.SEA
    for a, b, known in (("BUSAN", "VLADIVOSTOK", 930), ("VLADIVOSTOK", "NIIGATA", 820), ("RAJIN", "BUSAN", 830)):
        assert way_km(sea, pier(a), pier(b)) == pytest.approx(known, rel=0.06)


@pytest.mark.parametrize("mode", [Mode.RAIL, Mode.ROAD])
def test_no_way_from_seoul_to_pyongyang_unless_a_crossing_of_the_line_is_open(mode: Mode) -> None:
    network = korea()
    centroid = {z: int(c) for z, c in zip(network.zones, network.centroid, strict=True)}
    land = network.carrier == mode
    line = [network.object_index(i) for i in ("KP-KR-R1", "KP-KR-R2", "KP-KR-D1", "KP-KR-D2")]
    ends = centroid["seoul"], centroid["pyongyang"]
    assert np.isinf(way_km(land & ~np.isin(network.object, line), *ends))
    assert np.isinf(way_km(land & open_at("2017-06-01"), *ends))
    assert np.isinf(way_km(land & open_at("2026-11-01"), *ends))
    assert way_km(land, *ends) < 300


def test_no_link_but_a_crossing_joins_two_countries() -> None:
    network = korea()
    a, b = network.country[network.u], network.country[network.v]
    high_sea = network.countries.index("")
    joins = (a != b) & (a != high_sea) & (b != high_sea)
    assert set(network.mode[joins].tolist()) == {Mode.CROSSING}
    k = network.mode == Mode.CROSSING
    kinds = {network.objects[i].kind for i in np.unique(network.object[k]).tolist()}
    assert kinds == {Kind.CROSSING, Kind.BORDER}
    assert not network.length_km[k].any()


def test_every_crossing_of_the_study_stands_between_its_countries() -> None:
    network = korea()
    for row in studies.read("korea").rows(Crossing):
        k = network.links_of(row.id)
        assert len(k) >= 1
        for link in k.tolist():
            ends = {network.countries[network.country[n]] for n in (network.u[link], network.v[link])}
            assert ends == {row.country_a, row.country_b}
            assert network.dwell_h[link].tolist() == [row.dwell_h_low, row.dwell_h_central, row.dwell_h_high]


def test_every_object_has_a_dated_state_and_unknown_is_not_open() -> None:
    study = studies.read("korea")
    dated = {row.object for row in study.rows(DatedState)}
    assert {o.id for o in korea().objects} <= dated
    assert PhysicalState.UNKNOWN.passable is None
    assert not PhysicalState.PLANNED.passable
    assert not PhysicalState.DESTROYED.passable


def test_the_doctor_finds_no_fault_and_its_table_is_whole() -> None:
    network, study = korea(), studies.read("korea")
    findings = doctor(network, study)
    assert not [f for f in findings if f.severity is Severity.FAULT]
    assert {"far crossing", "detour", "cut at border", "line length", "left out"} <= {f.check for f in findings}
    table = tables(findings)
    assert len(table.frame) == len(findings)
    assert table.frame["cure"].str.len().min() > 0
    far = {f.object for f in findings if f.check == "far crossing"}
    assert far == {o.id for o in network.objects if o.kind is Kind.CROSSING and o.snap_km > Limits().crossing_snap_km}


def test_the_outline_covers_the_corridor() -> None:
    features = json.loads((DATA / "outline.json").read_text(encoding="utf-8"))["features"]
    assert {"RUS", "PRK", "KOR", "CHN", "JPN", "DEU", "EGY"} <= {f["properties"]["iso3"] for f in features}
    assert (DATA / "outline.json").stat().st_size < 2.5e6
