"""A small study cut from korea: the same network with a quarter of the zones and cargoes, for quick runs."""

from __future__ import annotations

import csv
import shutil
from collections import defaultdict
from pathlib import Path

from landbridge.study import find

ZONES = ("rajin", "chongjin", "pyongyang", "busan", "gwangyang", "seoul", "pohang", "vladivostok", "khasan", "kemerovo",
         "moscow", "hunchun", "shenyang", "shanghai", "warsaw", "duisburg", "urumqi", "almaty", "saint-petersburg",
         "hamburg", "ulaanbaatar", "tokyo")

CARGOES = ("coal", "food", "machinery")


def make(folder: Path) -> Path:
    """Write the small study to a folder and return it."""
    shutil.copytree(find("korea"), folder)
    shutil.rmtree(folder / "trade")  # its sectors speak of all cargoes
    (folder / "hs_shares.csv").unlink()  # of a cargo that is left out
    edit(folder / "study.toml", '"chemicals"', '"food"')
    cut(folder / "zones.csv", lambda r: r["id"] in ZONES)
    cut(folder / "cargo.csv", lambda r: r["id"] in CARGOES)
    cut(folder / "observed_flows.csv", lambda r: set(r["cargoes"].replace(" ", "").split(";")) <= {*CARGOES, ""})
    known = {*CARGOES, "*"}
    held = {r["area"] for r in cut(folder / "zone_shares.csv", lambda r: r["zone"] in ZONES and r["cargo"] in known)}
    shares = cut(folder / "zone_shares.csv", lambda r: r["partner"] in {*held, "*"})
    normalise(folder / "zone_shares.csv", shares)
    cut(folder / "trade.csv", lambda r: {r["exporter"], r["importer"]} <= held and r["cargo"] in CARGOES)
    cut(folder / "parties.csv", lambda r: r["id"] not in {"UZB", "KGZ"})
    cut(folder / "party_rates.csv", lambda r: r["party"] not in {"UZB", "KGZ"})
    return folder


def cut(path: Path, keep) -> list[dict[str, str]]:  # type: ignore[no-untyped-def]
    """Keep some rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if keep(r)]
    write(path, rows)
    return rows


def normalise(path: Path, rows: list[dict[str, str]]) -> None:
    """Make the shares of each group sum to one again."""
    def key(r: dict[str, str]) -> tuple[str, ...]:
        return r["area"], r["partner"], r["cargo"], r["direction"]

    total: dict[tuple[str, ...], float] = defaultdict(float)
    for r in rows:
        total[key(r)] += float(r["share"])
    for r in rows:
        r["share"] = repr(float(r["share"]) / total[key(r)])
    write(path, rows)


def write(path: Path, rows: list[dict[str, str]]) -> None:
    """Write a table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that must be there once at least."""
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
