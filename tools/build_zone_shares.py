"""Build zone_shares.csv: how an area's trade with a partner starts and ends in zones.

    python tools/build_zone_shares.py src/landbridge/studies/korea

The rule for every area, partner and cargo: the share of zone z is proportional to catchment_z times the
sum over the partner's zones p of catchment_p / max(distance_zp, 100 km), a gravity rule with the distance
elasticity -1 that trade studies find on average (Disdier and Head 2008: -0.9). Cargo with known places
(mines, refineries, steel works, fishing ports) is given by zone_share_seed.csv instead.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

from build_costs import Table, read, write
from build_zones import area_of, distance_km

HERE = Path(__file__).parent
NEAREST_KM = 100.0
RULE = "catchment of the zone times the partner's catchments over their distance (GeoNames)"


def exact(shares: dict[str, float]) -> dict[str, str]:
    """Shares rounded to six decimals that still sum to one; the largest takes the rounding."""
    millionths = {z: round(s * 1e6) for z, s in shares.items()}
    millionths[max(shares, key=lambda z: shares[z])] += 1_000_000 - sum(millionths.values())
    return {z: f"{m / 1e6:.6f}" for z, m in millionths.items()}


def main(study: Path) -> None:
    """Write zone_shares.csv into the study folder."""
    zones: dict[str, Table] = defaultdict(list)
    for zone in read(study / "zones.csv"):
        zones[area_of(zone["country"])].append(zone)
    pairs = {(r["exporter"], r["importer"]) for r in read(study / "trade.csv")}
    rows: Table = []
    for area in zones:
        partners = sorted(p for p in zones if (area, p) in pairs or (p, area) in pairs)
        for partner in partners:
            weight = {z["id"]: float(z["catchment_k"]) * potential(z, zones[partner]) for z in zones[area]}
            total = sum(weight.values())
            for place, share in exact({z: w / total for z, w in weight.items()}).items():
                rows.append(
                    {
                        "area": area,
                        "partner": partner,
                        "cargo": "*",
                        "direction": "both",
                        "zone": place,
                        "share": share,
                        "source": RULE,
                        "year": "2017",
                        "evidence": "E",
                    }
                )
    rows += [r | {"year": "2017", "evidence": "E"} for r in read(HERE / "zone_share_seed.csv")]
    write(study / "zone_shares.csv", rows)


def potential(zone: dict[str, str], partners: Table) -> float:
    """Sum of the partner's catchments over their distance, thousand people per km."""
    here = float(zone["lat_deg"]), float(zone["lon_deg"])
    return sum(
        float(p["catchment_k"])
        / max(NEAREST_KM, distance_km(*here, float(p["lat_deg"]), float(p["lon_deg"])))
        for p in partners
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
