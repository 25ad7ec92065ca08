"""The rules of the build script: healing and named patches, on a small graph."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

TOOLS = Path(__file__).resolve().parent.parent / "tools"


@pytest.fixture(scope="module")
def heal(tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The healing module; its only outside need at import is timezonefinder, which healing does not use."""
    if "timezonefinder" not in sys.modules:
        try:
            importlib.import_module("timezonefinder")
        except ImportError:
            stand_in = ModuleType("timezonefinder")
            stand_in.TimezoneFinder = object  # type: ignore[attr-defined]
            sys.modules["timezonefinder"] = stand_in
    sys.path.insert(0, str(TOOLS))
    try:
        return importlib.import_module("extract_heal")
    finally:
        sys.path.remove(str(TOOLS))


def two_pieces(heal: ModuleType, gap_km: float) -> tuple[object, np.ndarray, np.ndarray]:
    """Two straight lines end to end with a gap; names of countries and no barred nodes."""
    step = 10 / 111.195
    lat = np.array([40, 40 + step, 40 + step + gap_km / 111.195, 40 + 2 * step + gap_km / 111.195])
    graph = heal.Graph(lat, np.full(4, 127.0), np.array([0, 2]), np.array([1, 3]), np.array([10.0, 10.0]),
                       np.array(["", ""]))
    return graph, np.full(4, "PRK"), np.zeros(4, np.bool_)


@pytest.mark.parametrize(("mode", "gap_km", "joined"), [
    ("rail", 1.4, 1), ("rail", 1.6, 0), ("rail", 2.16, 0), ("road", 0.4, 1), ("road", 0.6, 0)])
def test_a_gap_is_joined_up_to_its_width(heal: ModuleType, mode: str, gap_km: float, joined: int) -> None:
    assert len(heal.heal(two_pieces(heal, gap_km)[0], mode, *two_pieces(heal, gap_km)[1:]).u) == joined


def test_no_gap_is_joined_across_a_border_or_at_the_line(heal: ModuleType) -> None:
    graph, country, barred = two_pieces(heal, 1.0)
    assert len(heal.heal(graph, "rail", np.array(["PRK", "PRK", "KOR", "KOR"]), barred).u) == 0
    assert len(heal.heal(graph, "rail", country, np.array([False, True, False, False])).u) == 0


def test_a_gap_with_a_short_way_round_is_a_yard(heal: ModuleType) -> None:
    graph, country, barred = two_pieces(heal, 1.0)
    ring = heal.Graph(graph.lat, graph.lon, np.array([0, 2, 0]), np.array([1, 3, 3]), np.array([4.0, 4.0, 4.0]),
                      np.array(["", "", ""]))
    assert len(heal.heal(ring, "rail", country, barred).u) == 0


HEADER = "id,kind,mode,from_lat,from_lon,to_lat,to_lon,length_km,country,why,source\n"


def test_a_patch_joins_and_corrects(heal: ModuleType, tmp_path: Path) -> None:
    graph, country, _ = two_pieces(heal, 3.0)
    lat = graph.lat  # type: ignore[attr-defined]
    path = tmp_path / "patches.csv"
    path.write_text(f"{HEADER}GAP,join,rail,{lat[1]:.4f},127,{lat[2]:.4f},127,4.5,,why,who\n"
                    f"END,country,rail,{lat[3]:.4f},127,,,,KOR,why,who\n")
    joins, corrected = heal.patches(path, "rail", graph, country)
    assert (joins.u.tolist(), joins.v.tolist(), joins.km.tolist(), joins.patch) == ([1], [2], [4.5], ("GAP",))
    assert corrected.tolist() == ["PRK", "PRK", "PRK", "KOR"]


def test_a_patch_moved_by_300_m_fails_loudly(heal: ModuleType, tmp_path: Path) -> None:
    graph, country, _ = two_pieces(heal, 3.0)
    lat = graph.lat  # type: ignore[attr-defined]
    path = tmp_path / "patches.csv"
    path.write_text(f"{HEADER}GAP,join,rail,{lat[1] + 0.0027:.4f},127,{lat[2]:.4f},127,,,why,who\n")
    with pytest.raises(SystemExit, match="GAP"):
        heal.patches(path, "rail", graph, country)
