"""Map layers of a Result as the compact data the page draws: delta-coded thousandths of a degree."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from landbridge.result import GeoLayer, Result

TOLERANCE_DEG = {"rail": 0.01, "road": 0.02, "sea": 0.05}
SHORT_DEG = 0.08  # roads shorter than this are drawn near the corridor only
NEAR_DEG = 7.0


def map_data(result: Result) -> dict[str, Any]:
    """Everything assets/page.js needs to draw the map of a result."""
    layers = result.layers
    outline = json.loads((resources.files("landbridge") / "data" / "outline.json").read_text(encoding="utf-8"))
    views = result.manifest["views"]
    center = views[0]["center"]
    data: dict[str, Any] = {
        "center": center,
        "zoom": views[0]["zoom"] - 1,
        "before": result.before,
        "after": result.after,
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
    kept = [c for c in layer.coordinates if _shown(c, center)]
    sizes = [len(c) for c in kept]
    if not sizes:
        return []
    drawn = shapely.linestrings(np.vstack(kept), indices=np.repeat(np.arange(len(sizes)), sizes))
    thin = shapely.simplify(drawn, tolerance_deg, preserve_topology=False)
    coordinates, index = shapely.get_coordinates(thin, return_index=True)
    cuts = np.flatnonzero(np.diff(index)) + 1
    return [delta(part) for part in np.split(coordinates, cuts) if len(part) > 1]


def _shown(line: NDArray[np.float64], center: Sequence[float]) -> bool:
    first, last = line[0], line[-1]
    near = abs(first[0] - center[0]) < NEAR_DEG and abs(first[1] - center[1]) < NEAR_DEG
    return bool(near or abs(first[0] - last[0]) + abs(first[1] - last[1]) > SHORT_DEG)


def delta(coordinates: NDArray[np.float64]) -> list[int]:
    """Longitude and latitude in thousandths of a degree, each as the step from the point before.

    >>> import numpy as np
    >>> delta(np.array([[130.0, 42.0], [130.5, 41.9]]))
    [130000, 42000, 500, -100]
    """
    whole = np.round(coordinates * 1000).astype(int)
    steps = np.vstack([whole[:1], np.diff(whole, axis=0)])
    return [int(x) for x in steps.ravel()]


def _with_properties(layer: GeoLayer) -> dict[str, Any]:
    rows: Sequence[dict[str, Any]] = layer.frame.to_dict("records")
    return {"lines": [delta(c) for c in layer.coordinates], "properties": list(rows)}


def _points(layer: GeoLayer) -> list[dict[str, Any]]:
    return [
        {**row, "lon": round(float(c[0, 0]), 4), "lat": round(float(c[0, 1]), 4)}
        for row, c in zip(layer.frame.to_dict("records"), layer.coordinates, strict=True)
    ]
