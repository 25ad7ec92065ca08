"""Lines handled all at once are the lines handled one by one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely
from numpy.typing import NDArray

from landbridge.network.chains import apart, end_to_end, thinned
from landbridge.report.map import deltas
from landbridge.report.write import line_wkb, write_geopackage
from landbridge.result import GeoLayer, plain


def some_lines() -> list[NDArray[np.float64]]:
    """Walks of 2 to 40 points, with a ring, a point twice, and a way there and back."""
    random = np.random.default_rng(5)
    walks = [np.cumsum(random.normal(0, 0.01, (n, 2)), axis=0) + 100 for n in random.integers(2, 40, 200)]
    ring = np.array([[0.0, 0], [0.1, 0], [0.1, 0.1], [0, 0]])
    return [*walks, ring, np.ones((2, 2)), np.array([[0.0, 0], [1, 0], [0, 0]]), *walks[:3]]


@pytest.mark.parametrize("keep", [True, False])
def test_thinned_as_each_line_alone(keep: bool) -> None:
    found = apart(*thinned(*end_to_end(some_lines()), 0.02, preserve_topology=keep))
    alone = [shapely.simplify(shapely.linestrings(c), 0.02, preserve_topology=keep) for c in some_lines()]
    assert [c.tolist() for c in found] == [shapely.get_coordinates(g).tolist() for g in alone]


def test_lines_of_two_points_only_and_none() -> None:
    two = [np.array([[0.0, 0], [1, 1]])] * 2
    assert [c.tolist() for c in apart(*thinned(*end_to_end(two), 0.1))] == [c.tolist() for c in two]
    assert apart(*thinned(*end_to_end([]), 0.1)) == ()
    assert deltas(*end_to_end([])) == []


def test_deltas_add_up_to_the_points() -> None:
    for line, steps in zip(some_lines(), deltas(*end_to_end(some_lines())), strict=True):
        assert (np.cumsum(np.reshape(steps, (-1, 2)), axis=0) == np.round(line * 1000)).all()


def test_wkb_as_shapely_writes_it() -> None:
    assert line_wkb(*end_to_end(some_lines())).to_pylist() == [
        shapely.to_wkb(shapely.linestrings(c), byte_order=1) for c in some_lines()
    ]


def test_geopackage_gives_back_what_was_written(tmp_path: Path) -> None:
    lines = tuple(some_lines()[:3])
    frame = pd.DataFrame(
        {"name": ["Хасан", None, "c"], "kt": [1.5, float("nan"), 3.0], "n": [1, 2, 3], "yes": [True] * 3}
    )
    points = tuple(c[:1] for c in lines)
    layers = {"a": GeoLayer("a", "line", frame, lines), "b": GeoLayer("b", "point", frame, points)}
    write_geopackage({**layers, "none": GeoLayer("none", "line", frame[:0], ())}, tmp_path / "x.gpkg")
    assert [name for name, _ in pyogrio.list_layers(tmp_path / "x.gpkg")] == ["a", "b"]
    for layer in layers.values():
        meta, _, wkb, columns = pyogrio.raw.read(tmp_path / "x.gpkg", layer=layer.name)
        assert meta["crs"] == "EPSG:4326" and list(meta["fields"]) == ["name", "kt", "n", "yes"]
        assert [shapely.get_coordinates(shapely.from_wkb(g)).tolist() for g in wkb] == [
            c.tolist() for c in layer.coordinates
        ]
        assert columns[0].tolist() == ["Хасан", None, "c"]
        assert np.array_equal(columns[1], [1.5, np.nan, 3.0], equal_nan=True)
        assert columns[2].tolist() == [1, 2, 3] and columns[3].tolist() == ["True"] * 3


def test_plain_lists_of_every_kind() -> None:
    data = ([1, "a", None, True], (0.5, float("inf")), [np.int64(2), np.float64("nan")], [[1.5, 2.5]], [])
    assert plain(data) == [[1, "a", None, True], [0.5, None], [2, None], [[1.5, 2.5]], []]
