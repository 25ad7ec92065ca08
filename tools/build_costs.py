"""Build cost_parameters.csv, modes.csv and tariffs.csv from the cost facts and the two seed tables.

    python tools/build_costs.py FACTS_FOLDER src/landbridge/studies/korea

FACTS_FOLDER holds cost_parameters.csv; cost_extra.csv beside this script adds to it. A seed row takes its
figures from a parameter (divided by `per_unit`, money brought
to the year of the tariff set by deflators.csv) or states them. A tariff set other than base2017
is base2017 at its own prices, with the rows the seed gives for that set in their place.
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

Table = list[dict[str, str]]
Known = dict[str, dict[str, str]]
HERE = Path(__file__).parent
FORMS = ("container", "bulk", "general")
BOUNDS = ("low", "central", "high")
SETS = {"base2017": 2017, "y2018": 2018, "y2004": 2004, "y2004-carriers": 2004}
STRENGTH = "VDME"


def read(path: Path) -> Table:
    """The rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Table) -> None:
    """Write rows, columns in the order of the first row."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def number(value: float) -> str:
    """Four significant digits."""
    return f"{value:.4g}"


def parameters(facts: Table) -> Table:
    """The cost facts with one evidence mark (the weakest; S is V) and the middle of their price period."""
    rows = []
    for fact in facts:
        marks = ["V" if m == "S" else m for m in fact["evidence"].split("/")]
        years = [int(y) for y in re.findall(r"(?:19|20)\d\d", fact["price_year"])]
        if years and (tail := re.search(r"(?:19|20)\d\d-(\d\d)$", fact["price_year"])):
            years.append(years[0] // 100 * 100 + int(tail.group(1)))
        rows.append(
            {
                "id": fact["id"].lower(),
                "group": fact["group"],
                "unit": fact["unit"],
                "price_period": fact["price_year"].lstrip("~"),
                "price_year": str(sum(years) // len(years)) if years else "",
                "low": fact["low"],
                "central": fact["central"],
                "high": fact["high"],
                "evidence": max(marks, key=STRENGTH.index),
                "source": fact["source"],
            }
        )
    return rows


def forms(form: str) -> tuple[str, ...]:
    """The forms a seed row stands for."""
    return FORMS if form == "any" else (form,)


def figures(seed: dict[str, str], known: Known, names: tuple[str, str, str]) -> list[float]:
    """Low, central, high of a seed row: its own, or those of its parameter over `per_unit`."""
    if seed["parameter"]:
        parameter = known[seed["parameter"].lower()]
        return [float(parameter[b]) / float(seed["per_unit"]) for b in BOUNDS]
    return [float(seed[n]) for n in names]


def modes(seeds: Table, known: Known) -> Table:
    """modes.csv."""
    rows: Table = []
    for seed in seeds:
        speed = figures(seed, known, ("speed_low", "speed_central", "speed_high"))
        for country in seed["countries"].split("; "):
            rows += [
                {"mode": seed["mode"], "country": country, "form": form}
                | {f"speed_km_h_{b}": number(s) for b, s in zip(BOUNDS, speed, strict=True)}
                | {f"access_h_{b}": seed[f"access_{b}"] for b in BOUNDS}
                | {
                    "parameters": seed["parameter"].lower(),
                    "source": seed["source"],
                    "year": seed["year"],
                    "evidence": seed["evidence"],
                }
                for form in forms(seed["form"])
            ]
    return rows


def tariffs(seeds: Table, known: Known, index: dict[int, float]) -> Table:
    """tariffs.csv: every set whole."""
    rows: dict[tuple[str, str, str, str], dict[str, str]] = {}
    for name, year in SETS.items():
        for seed in [s for s in seeds if s["tariff_set"] == "base2017"] + [
            s for s in seeds if s["tariff_set"] == name != "base2017"
        ]:
            to_year = index[year] / index[int(seed["from_year"])]
            # access charges of base2017 rows are stated at 2017 prices, those of other sets at their own
            access_to_year = index[year] / index[2017] if seed["tariff_set"] == "base2017" else 1.0
            access = {b: number(float(seed[f"access_{b}"]) * access_to_year) for b in BOUNDS}
            charge = [v * to_year for v in figures(seed, known, ("low", "central", "high"))]
            moved = "" if to_year == 1 else f"; from {seed['from_year']} to {year} prices by deflators.csv"
            for country in seed["countries"].split("; "):
                for form in forms(seed["form"]):
                    rows[name, seed["mode"], country, form] = (
                        {"tariff_set": name, "mode": seed["mode"], "country": country, "form": form}
                        | {f"tariff_usd_per_t_km_{b}": number(v) for b, v in zip(BOUNDS, charge, strict=True)}
                        | {f"access_usd_per_t_{b}": access[b] for b in BOUNDS}
                        | {
                            "price_year": str(year),
                            "parameters": seed["parameter"].lower(),
                            "source": seed["source"] + moved,
                            "evidence": seed["evidence"],
                        }
                    )
    return list(rows.values())


def main(facts: Path, study: Path) -> None:
    """Write the three tables into the study folder."""
    rows = parameters([*read(facts / "cost_parameters.csv"), *read(HERE / "cost_extra.csv")])
    known = {r["id"]: r for r in rows}
    index = {int(r["year"]): float(r["usd_index"]) for r in read(study / "deflators.csv")}
    write(study / "cost_parameters.csv", rows)
    write(study / "modes.csv", modes(read(HERE / "mode_seed.csv"), known))
    write(study / "tariffs.csv", tariffs(read(HERE / "tariff_seed.csv"), known, index))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
