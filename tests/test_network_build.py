"""Building an extract: regions, package files, healing, named patches, and the whole way on made-up packages."""

from __future__ import annotations

import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray

from landbridge import study as studies
from landbridge.cli import cli
from landbridge.errors import LandbridgeError, MissingExtra, StudyFault
from landbridge.network import _packages, extract
from landbridge.network._heal import heal, patches
from landbridge.network._land import staying
from landbridge.network._packages import Graph, Pin, given, packages
from landbridge.network._region import EURASIA, WORLD, Region, region_of
from landbridge.network._timezones import TimeZones, time_zones
from landbridge.network.build import DATA, Sources, build
from landbridge.network.model import Mode
from landbridge.routing.world import _shipped_order

Nodes = list[tuple[float, float]]
HEADER = "id,kind,mode,from_lat,from_lon,to_lat,to_lon,length_km,country,why,source\n"


def graph_of(lat: list[float], lon: list[float], links: list[tuple[int, int, float]]) -> Graph:
    u, v, km = zip(*links, strict=True)
    return Graph(np.array(lat), np.array(lon), np.array(u), np.array(v), np.array(km), np.full(len(links), ""))


def two_pieces(gap_km: float) -> tuple[Graph, NDArray[np.str_], NDArray[np.bool_]]:
    """Two straight lines end to end with a gap; names of countries and no barred nodes."""
    step, gap = 10 / 111.195, gap_km / 111.195
    graph = graph_of([40, 40 + step, 40 + step + gap, 40 + 2 * step + gap], [127.0] * 4, [(0, 1, 10.0), (2, 3, 10.0)])
    return graph, np.full(4, "PRK"), np.zeros(4, np.bool_)


@pytest.mark.parametrize(("mode", "gap_km", "joined"), [
    ("rail", 1.4, 1), ("rail", 1.6, 0), ("rail", 2.16, 0), ("road", 0.4, 1), ("road", 0.6, 0)])
def test_a_gap_is_joined_up_to_its_width(mode: str, gap_km: float, joined: int) -> None:
    graph, country, barred = two_pieces(gap_km)
    assert len(heal(graph, mode, country, barred).u) == joined


def test_no_gap_is_joined_across_a_border_or_at_the_line() -> None:
    graph, country, barred = two_pieces(1.0)
    assert len(heal(graph, "rail", np.array(["PRK", "PRK", "KOR", "KOR"]), barred).u) == 0
    assert len(heal(graph, "rail", country, np.array([False, True, False, False])).u) == 0


def test_a_gap_with_a_short_way_round_is_a_yard() -> None:
    graph, country, barred = two_pieces(1.0)
    ring = graph_of(graph.lat.tolist(), graph.lon.tolist(), [(0, 1, 4.0), (2, 3, 4.0), (0, 3, 4.0)])
    assert len(heal(ring, "rail", country, barred).u) == 0


def test_a_ring_without_dead_ends_has_nothing_to_join() -> None:
    ring = graph_of([40, 40.1, 40.1], [127, 127, 127.1], [(0, 1, 9.0), (1, 2, 9.0), (0, 2, 9.0)])
    assert len(heal(ring, "rail", np.full(3, "PRK"), np.zeros(3, np.bool_)).u) == 0


def test_a_patch_joins_and_corrects(tmp_path: Path) -> None:
    graph, country, _ = two_pieces(3.0)
    path = tmp_path / "patches.csv"
    path.write_text(f"{HEADER}GAP,join,rail,{graph.lat[1]:.4f},127,{graph.lat[2]:.4f},127,4.5,,why,who\n"
                    f"END,country,rail,{graph.lat[3]:.4f},127,,,,KOR,why,who\n"
                    "AWAY,join,rail,10,10,11,11,,,why,who\n"
                    f"OTHER,country,road,{graph.lat[0]:.4f},127,,,,KOR,why,who\n")
    joins, corrected = patches(path, "rail", graph, country, region_of("30,120,45,130"))
    assert (joins.u.tolist(), joins.v.tolist(), joins.km.tolist(), joins.patch) == ([1], [2], [4.5], ("GAP",))
    assert corrected.tolist() == ["PRK", "PRK", "PRK", "KOR"]


def test_a_patch_moved_by_300_m_fails_loudly(tmp_path: Path) -> None:
    graph, country, _ = two_pieces(3.0)
    path = tmp_path / "patches.csv"
    path.write_text(f"{HEADER}GAP,join,rail,{graph.lat[1] + 0.0027:.4f},127,{graph.lat[2]:.4f},127,,,why,who\n")
    with pytest.raises(LandbridgeError, match="GAP"):
        patches(path, "rail", graph, country, WORLD)


def test_regions_hold_what_they_say() -> None:
    lat, lon = np.array([0.0, 60.0, 60.0, 60.0]), np.array([10.0, 10.0, -170.0, -100.0])
    assert WORLD.contains(lat, lon).all()
    assert EURASIA.contains(lat, lon).tolist() == [False, True, True, False]
    pacific = region_of("50,170,70,-160")
    assert pacific.contains(lat, lon).tolist() == [False, False, True, False]
    box = Region("box", 59.0, 11.0, 61.0, 12.0)
    assert box.contains(lat, lon, 40.0).tolist() == [False, False, False, False]
    assert box.contains(lat, lon, 70.0).tolist() == [False, True, False, False]  # one degree is 56 km there


@pytest.mark.parametrize("text", ["asia", "1,2,3", "43,124,33,132", "33,124,43,124", "33,124,95,132", "1,2,3,nan", ""])
def test_a_bad_region_says_what_is_allowed(text: str) -> None:
    with pytest.raises(LandbridgeError, match="LAT,LON,LAT,LON"):
        region_of(text)


def test_a_piece_that_leads_over_the_edge_stays_and_an_islet_goes() -> None:
    lat = [40.0, 40.1, 40.2, 40.3, 40.4, 40.5, 41.2]
    graph = graph_of(lat, [127.0] * 7, [(0, 1, 1.0), (1, 2, 1.0), (3, 4, 1.0), (5, 6, 1.0)])
    country, inside = np.full(7, "PRK"), np.array(lat) < 41
    assert staying(graph, country, inside).tolist() == [True, True, True, False, False, True, False]


def land_text(name: str, nodes: Nodes, links: list[tuple[int, int, float]]) -> str:
    rows = [{b: km for a, b, km in [*links, *((b, a, km) for a, b, km in links)] if a == k} for k in range(len(nodes))]
    return f"x\ngraph={rows}\nnodes={[list(node) for node in nodes]}\nworld_{name} = 0\n"


def line(lat: float, hole_deg: float) -> tuple[Nodes, list[tuple[int, int, float]]]:
    """Ten nodes in a row, 0.1 degrees apart from 120 E, with a hole after the fifth."""
    nodes = [(lat, 120 + 0.1 * k) for k in range(5)] + [(lat, 120.4 + hole_deg + 0.1 * k) for k in range(5)]
    return nodes, [(k, k + 1, 8.5) for k in range(9) if k != 4]


def polygon_names(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> list[str]:
    return ["Etc/GMT-8" if x > 120.75 else "Asia/Seoul" if x > 120.55 else "Asia/Tokyo" for x in lon.tolist()]


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Sources:
    """Package files of a toy world: one railway, one road with a hole too wide for the rule, three sea nodes."""
    folder = tmp_path_factory.mktemp("packages")
    with zipfile.ZipFile(folder / _packages.LAND.file, "w") as wheel:
        wheel.writestr("scgraph_data/world_railways.py", land_text("railways", *line(40.0, 0.004)))
        wheel.writestr("scgraph_data/world_highways.py", land_text("highways", *line(40.5, 0.008)))
    text = (b"edge_list = {(119.0, 39.0): {(181.0, 39.0): {'weight': 1, 'passage': 'suez'}}, "
            b"(181.0, 39.0): {(-178.0, 39.0): {'weight': 1, 'passage': None}}}")
    with tarfile.open(folder / _packages.SEA.file, "w:gz") as sdist:
        member = tarfile.TarInfo("searoute-1.6.0/searoute/data/marnet_dict.py")
        member.size = len(text)
        sdist.addfile(member, io.BytesIO(text))
    (folder / "patches.csv").write_text(f"{HEADER}HOLE,join,road,40.5,120.4,40.5,120.408,0.7,,why,who\n")
    zones = TimeZones(polygon_names, lambda zone: [], {"Asia/Seoul": "KOR", "Asia/Tokyo": "JPN"})
    return Sources(folder / _packages.LAND.file, folder / _packages.SEA.file, folder / "patches.csv", zones)


def test_a_network_is_built_and_loaded(made_up: Sources, tmp_path: Path) -> None:
    told: list[str] = []
    built = build(WORLD, tmp_path, made_up, told.append)
    made = extract.load("world.npz", tmp_path)
    assert made.digest == built.manifest["arrays_sha256"]
    assert np.bincount(made.node_mode).tolist() == [10, 10, 3]
    assert np.bincount(made.mode).tolist() == [9, 9, 2]
    assert made.origin[made.mode == Mode.RAIL].tolist() == [0] * 8 + [1]  # the hole, by the rule
    assert made.origin[made.mode == Mode.ROAD].tolist() == [0] * 8 + [2]  # the hole, by the patch
    assert [made.countries[k] for k in made.country[:10]] == ["JPN"] * 7 + ["KOR"] * 3  # at sea: the nearest
    assert made.lon_deg[made.node_mode == Mode.SEA].tolist() == [119.0, -179.0, -178.0]
    assert [made.passages[k] for k in made.passage[made.mode == Mode.SEA]] == ["suez", ""]
    assert built.manifest["rail_joined"] == {"by_rule": 1, "by_country": {"JPN": 1}, "by_patch": []}
    assert built.manifest["road_joined"]["by_patch"] == ["HOLE"]
    assert (tmp_path / "LICENSE-ODbL.txt").exists() and any("rail" in text for text in told)
    assert build(WORLD, tmp_path / "again", made_up).path.read_bytes() == built.path.read_bytes()


def test_a_box_is_cut_without_false_ends(made_up: Sources, tmp_path: Path) -> None:
    built = build(region_of("39,120.05,41,120.402"), tmp_path, made_up)  # the edge runs through the hole
    made = extract.load(str(built.path))
    assert np.bincount(made.node_mode).tolist() == [4, 4, 3]
    assert (made.origin == 0).all() and built.manifest["counts"]["rail_links"] == 3
    assert made.country[made.node_mode != Mode.SEA].tolist() == [made.countries.index("JPN")] * 8


def test_a_region_at_sea_is_refused(made_up: Sources, tmp_path: Path) -> None:
    with pytest.raises(LandbridgeError, match="neither rail nor road"):
        build(region_of("-50,-140,-45,-130"), tmp_path, made_up)


@pytest.fixture
def pinned(made_up: Sources, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of the made-up packages, whose digests are the ones expected."""
    for name, path in (("LAND", made_up.wheel), ("SEA", made_up.sdist)):
        pin: Pin = getattr(_packages, name)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        monkeypatch.setattr(_packages, name, Pin(pin.package, pin.version, pin.file, digest))
    yield made_up.wheel.parent


def test_package_files_are_checked(pinned: Path, tmp_path: Path) -> None:
    assert packages(pinned) == (pinned / _packages.LAND.file, pinned / _packages.SEA.file)
    with pytest.raises(LandbridgeError, match="--packages"):
        packages(tmp_path)
    (tmp_path / _packages.LAND.file).write_bytes(b"another file")
    with pytest.raises(LandbridgeError, match="expected"):
        given(tmp_path, _packages.LAND)


def test_offline_is_said_with_the_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "WARNING: retrying\nERROR: No matching distribution found\n")

    monkeypatch.setattr(subprocess, "run", no_network)
    with pytest.raises(LandbridgeError, match=r"No matching distribution found\n.*--packages"):
        _packages.fetched(tmp_path, _packages.LAND, lambda text: None)


def test_without_timezonefinder_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timezonefinder", None)
    with pytest.raises(MissingExtra, match=r"landbridge\[build\]"):
        time_zones()


def test_the_command_reads_its_region_first() -> None:
    result = CliRunner().invoke(cli, ["network", "build", "--region", "nowhere"])
    assert result.exit_code == 1 and "nowhere" in str(result.exception)


def test_a_study_takes_its_own_extract(made_up: Sources, tmp_path: Path) -> None:
    folder = studies.create(tmp_path / "mine", "korea")
    text = (folder / "study.toml").read_text()
    assert 'extract = "eurasia"' in text
    (folder / "study.toml").write_text(text.replace('extract = "eurasia"', 'extract = "networks/world.npz"'))
    with pytest.raises(StudyFault, match="no file"):
        extract.load(studies.read(str(folder)).config.network.extract, folder)
    built = build(WORLD, folder / "networks", made_up)
    study = studies.read(str(folder))
    assert extract.load(study.config.network.extract, study.folder).digest == built.manifest["arrays_sha256"]
    built.path.write_bytes(b"no longer an extract")
    with pytest.raises(StudyFault, match="is no network extract"):
        extract.load(study.config.network.extract, study.folder)


def test_the_digest_of_the_shipped_extract_is_that_of_its_arrays() -> None:
    with np.load(DATA / "eurasia.npz") as file:
        assert extract.digest_of({key: file[key] for key in extract.ARRAYS}) == extract.load().digest


def test_the_shipped_order_goes_with_the_arrays_not_with_the_name() -> None:
    shipped = _shipped_order(extract.load().digest)
    assert shipped is not None and len(shipped) == extract.load().n
    assert _shipped_order("of another extract") is None
