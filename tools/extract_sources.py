"""The packages of the network extract: graphs of scgraph-data and searoute as text, countries from time zones."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import iso3166
import numpy as np
from numpy.typing import NDArray
from timezonefinder import TimezoneFinder

EARTH_RADIUS_KM = 6371.0088
SOURCES = Path(__file__).with_name("sources.txt")


@dataclass(frozen=True)
class Graph:
    """An undirected graph: coordinates in degrees, links u < v with length in km and a passage name or ''."""

    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    km: NDArray[np.float64]
    passage: NDArray[np.str_]


def download(folder: Path) -> tuple[Path, Path]:
    """The files of scgraph-data and searoute, fetched into `folder` by pip (which checks their hashes) if absent."""
    wheel, sdist = folder / "scgraph_data-2.0.0-py3-none-any.whl", folder / "searoute-1.6.0.tar.gz"
    if not (wheel.exists() and sdist.exists()):
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--no-binary", "searoute",
                        "--require-hashes", "-r", str(SOURCES), "-d", str(folder)], check=True)
    return wheel, sdist


def land_graph(wheel: Path, module: str) -> Graph:
    """One graph of scgraph-data: `module` is world_railways or world_highways. The module is read, never run."""
    text = zipfile.ZipFile(wheel).read(f"scgraph_data/{module}.py").decode()
    graph_at, nodes_at = text.index("\ngraph=") + 7, text.index("\nnodes=")
    nodes_end = text.index("\nworld_", nodes_at)
    adjacency: list[dict[str, float]] = json.loads(re.sub(r"(\d+):", r'"\1":', text[graph_at:nodes_at]))
    lat, lon = np.array(json.loads(text[nodes_at + 7 : nodes_end]), np.float64).T
    degree = np.array([len(row) for row in adjacency])
    tail = np.repeat(np.arange(len(adjacency)), degree)
    head = np.array([int(j) for row in adjacency for j in row])
    km = np.array([w for row in adjacency for w in row.values()], np.float64)
    keep = tail < head  # both directions are listed with one length; loops go
    return Graph(lat, lon, tail[keep], head[keep], km[keep], np.full(int(keep.sum()), ""))


def sea_graph(sdist: Path) -> Graph:
    """The sea lanes of searoute with great-circle lengths; nodes written east of 180 degrees are brought back."""
    with tarfile.open(sdist) as archive:
        member = archive.extractfile("searoute-1.6.0/searoute/data/marnet_dict.py")
        if member is None:
            raise SystemExit("searoute: marnet_dict.py is missing")
        text = member.read().decode()
    tables = {str(target.id): ast.literal_eval(item.value) for item in ast.parse(text).body
              if isinstance(item, ast.Assign) for target in item.targets if isinstance(target, ast.Name)}
    index: dict[tuple[float, float], int] = {}
    rows: dict[tuple[int, int], str] = {}
    for a, neighbours in tables["edge_list"].items():
        for b, data in neighbours.items():
            i, j = (index.setdefault(_normal(p), len(index)) for p in (a, b))
            if i != j:
                rows[min(i, j), max(i, j)] = data.get("passage") or ""
    lon, lat = np.array(list(index)).T
    u, v = np.array(list(rows)).T
    return Graph(lat, lon, u, v, great_circle_km(lat[u], lon[u], lat[v], lon[v]), np.array(list(rows.values())))


def _normal(point: tuple[float, float]) -> tuple[float, float]:
    return round((point[0] + 180.0) % 360.0 - 180.0, 5), round(point[1], 5)


def great_circle_km(lat_a: NDArray[np.float64], lon_a: NDArray[np.float64], lat_b: NDArray[np.float64],
                    lon_b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Great-circle distance in km."""
    a, b = np.radians(lat_a), np.radians(lat_b)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(lon_b - lon_a) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(h)))


def unit_km(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points on the sphere, (n, 3) in km from the centre of the earth."""
    a, b = np.radians(lat), np.radians(lon)
    return EARTH_RADIUS_KM * np.column_stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)])


def zone_countries() -> dict[str, str]:
    """ISO-3 country of every time zone, from zone.tab of tzdata."""
    countries = {}
    for line in (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text().splitlines():
        if line and not line.startswith("#"):
            alpha2, _, zone = line.split("\t")[:3]
            countries[zone] = iso3166.countries_by_alpha2[alpha2].alpha3
    return countries


def time_zones(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> list[str]:
    """Name of the time zone of every point; 'Etc/...' on the high sea."""
    finder = TimezoneFinder(in_memory=True)
    return [finder.timezone_at(lng=x, lat=y) or "" for y, x in zip(lat.tolist(), lon.tolist(), strict=True)]


def country_polygons(zone: str) -> list[NDArray[np.float64]]:
    """Outer rings of a time zone, (k, 2) longitude and latitude."""
    finder = TimezoneFinder(in_memory=True)
    geometry = finder.get_geometry(tz_name=zone, coords_as_pairs=True)
    return [np.array(polygon[0], np.float64) for polygon in geometry]
