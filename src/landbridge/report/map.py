"""Map layers of a Result as the compact data the page draws: delta-coded thousandths of a degree."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landbridge.network.chains import end_to_end, thinned
from landbridge.report.page import STATE_COLOR
from landbridge.report.words import NO_NAMES
from landbridge.result import GeoLayer, Result

TOLERANCE_DEG = {"rail": 0.01, "road": 0.02, "sea": 0.05}
SHORT_DEG = 0.08  # roads shorter than this are drawn near the corridor only
NEAR_DEG = 7.0


def map_data(result: Result, names: Mapping[str, str] = NO_NAMES) -> dict[str, Any]:
    """Everything assets/page.js needs to draw the map of a result; scenarios are called by their `names`."""
    layers = result.layers
    outline = json.loads((resources.files("landbridge") / "data" / "outline.json").read_text(encoding="utf-8"))
    views = result.manifest["views"]
    center = views[0]["center"]
    data: dict[str, Any] = {
        "center": center,
        "zoom": views[0]["zoom"] - 1,
        "before": names.get(result.before, result.before),
        "after": names.get(result.after, result.after),
        "states": STATE_COLOR,
        "outline": outline,
        "network": {m: lines(layers[f"network_{m}"], TOLERANCE_DEG[m], center) for m in ("rail", "road", "sea")},
        "ways": {side: _with_properties(layers[f"ways_{side}"]) for side in ("before", "after")},
        "crossings": _points(layers["crossings"]),
        "zones": _points(layers["zones"]),
        "views": views,
    }
    if "flows_before" in layers:
        data["flows"] = {side: _with_properties(layers[f"flows_{side}"]) for side in ("before", "after", "difference")}
    return data


def lines(layer: GeoLayer, tolerance_deg: float, center: Sequence[float]) -> list[list[int]]:
    """The lines of a layer, thinned to a tolerance (Douglas and Peucker 1973) and delta-coded.

    Far from the center short pieces are left out: they would not be seen.
    """
    points, sizes = end_to_end(layer.coordinates)
    first, last = points[np.cumsum(sizes) - sizes], points[np.cumsum(sizes) - 1]
    near = (np.abs(first - np.asarray(center)) < NEAR_DEG).all(axis=1)
    shown = near | (np.abs(first - last).sum(axis=1) > SHORT_DEG)
    thin, left = thinned(points[np.repeat(shown, sizes)], sizes[shown], tolerance_deg, preserve_topology=False)
    return deltas(thin, left)


def deltas(points: NDArray[np.float64], sizes: NDArray[np.int64]) -> list[list[int]]:
    """Longitude and latitude of each line in thousandths of a degree, each as the step from the point before.

    `points` are those of all lines end to end, `sizes` how many each line has.

    >>> deltas(np.array([[130.0, 42.0], [130.5, 41.9], [1.0, 2.0]]), np.array([2, 1]))
    [[130000, 42000, 500, -100], [1000, 2000]]
    """
    whole = np.round(points * 1000).astype(int)
    steps = np.diff(whole, axis=0, prepend=0)
    ends = np.cumsum(sizes)
    first = ends - sizes
    steps[first] = whole[first]
    flat = steps.ravel().tolist()
    return [flat[a:b] for a, b in zip((2 * first).tolist(), (2 * ends).tolist(), strict=True)]


def _with_properties(layer: GeoLayer) -> dict[str, Any]:
    rows: Sequence[dict[str, Any]] = layer.frame.to_dict("records")
    return {"lines": deltas(*end_to_end(layer.coordinates)), "properties": list(rows)}


def _points(layer: GeoLayer) -> list[dict[str, Any]]:
    return [
        {**row, "lon": round(float(c[0, 0]), 4), "lat": round(float(c[0, 1]), 4)}
        for row, c in zip(layer.frame.to_dict("records"), layer.coordinates, strict=True)
    ]
