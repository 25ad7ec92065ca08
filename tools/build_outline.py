"""Build the outline that is drawn under the maps: land of Natural Earth 1:10m by country, clipped and quantised.

    npm pack world-atlas@2.0.2
    build/bin/python tools/build_outline.py --package world-atlas-2.0.2.tgz

Writes src/landbridge/data/outline.json (GeoJSON). Natural Earth is wrong within
some km of borders: draw with it, never decide with it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import iso3166
import numpy as np
import shapely
from numpy.typing import NDArray

DATA = Path(__file__).resolve().parent.parent / "src" / "landbridge" / "data"
SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
BOX = (-12.0, 0.0, 180.0, 78.0)
GRID_DEG = 0.01
MIN_AREA_DEG2 = 0.004  # islands below some 50 km² are dropped


def main() -> None:
    """Read the package, write the outline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--package", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=DATA / "outline.json")
    options = parser.parse_args()
    if hashlib.sha256(options.package.read_bytes()).hexdigest() != SHA256:
        raise SystemExit(f"{options.package.name} is not world-atlas 2.0.2")
    with tarfile.open(options.package) as archive:
        member = archive.extractfile("package/countries-10m.json")
        if member is None:
            raise SystemExit("countries-10m.json is missing in the package")
        topology = json.load(member)
    arcs = decoded(topology)
    features = [f for g in topology["objects"]["countries"]["geometries"] if (f := feature(g, arcs))]
    features.sort(key=lambda f: (f["properties"]["iso3"], f["properties"]["name"]))
    collection = {"type": "FeatureCollection", "source": "Natural Earth 1:10m, public domain, by world-atlas 2.0.2",
                  "features": features}
    text = json.dumps(collection, separators=(",", ":"), ensure_ascii=False)
    options.out.write_text(text + "\n", encoding="utf-8")
    print(len(features), "countries,", len(text) / 1e6, "MB")


def decoded(topology: dict[str, Any]) -> list[NDArray[np.float64]]:
    """Arcs of a quantised TopoJSON in degrees."""
    scale, shift = np.array(topology["transform"]["scale"]), np.array(topology["transform"]["translate"])
    return [np.cumsum(np.array(arc), axis=0) * scale + shift for arc in topology["arcs"]]


def ring(indices: list[int], arcs: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """A ring of arc indices; ~i is arc i backwards."""
    parts = [arcs[i] if i >= 0 else arcs[~i][::-1] for i in indices]
    return np.concatenate([parts[0], *(p[1:] for p in parts[1:])])


def feature(geometry: dict[str, Any], arcs: list[NDArray[np.float64]]) -> dict[str, Any] | None:
    """One country clipped to the box on the grid, or None if nothing of it is left."""
    polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
    shapes = []
    for polygon in polygons:
        rings = [r for r in (ring(indices, arcs) for indices in polygon) if len(r) >= 4]
        if rings:
            shapes.append(shapely.make_valid(shapely.Polygon(rings[0], rings[1:])))
    land = shapely.intersection(shapely.union_all(shapes), shapely.box(*BOX))
    land = shapely.set_precision(shapely.simplify(land, GRID_DEG), GRID_DEG)
    pieces = shapely.get_parts(shapely.get_parts(land))  # a repaired polygon may be a collection of several
    parts = [p for p in pieces if p.geom_type == "Polygon" and p.area >= MIN_AREA_DEG2]
    if not parts:
        return None
    numeric = iso3166.countries_by_numeric.get(str(geometry.get("id", "")).zfill(3))
    coordinates = [[[[round(x, 2), round(y, 2)] for x, y in r.coords] for r in (p.exterior, *p.interiors)]
                   for p in parts]
    about = {"iso3": numeric.alpha3 if numeric else "", "name": geometry["properties"]["name"]}
    return {"type": "Feature", "properties": about,
            "geometry": {"type": "MultiPolygon", "coordinates": coordinates}}


if __name__ == "__main__":
    main()
