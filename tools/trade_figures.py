"""How a figure is chosen among overlapping and contradicting rows of the trade facts."""

from __future__ import annotations

from dataclasses import dataclass

Row = dict[str, str]
GROUPS = (
    "food_agri",
    "ores_minerals",
    "fuels_hs27",
    "chemicals_plastics",
    "wood_paper",
    "textiles_footwear",
    "metals",
    "machinery_electronics",
    "vehicles",
    "other",
)
EXTRACT = "UN Comtrade HS2 (via ohmychart)"
# among rows of equal mark and side: detailed customs data, then monthly sums, then press conferences
COMPILERS = ("FCS / Kremlin briefing", "KITA (Chinese customs)", "IMF DOTS", "GACC", "Eurostat", "FCS")
NOT_REPORTING = ("PRK",)  # publishes no trade statistics: its rows are compiled from mirrors


@dataclass(frozen=True)
class Figure:
    """A value in million USD, its evidence mark, where it comes from and how it was found."""

    value: float
    evidence: str
    source: str
    method: str


def rank(row: Row, exporter: str) -> tuple[int, int, int, int]:
    """Order of choice: seen or derived before memory, exporter's figure before importer's, compiler."""
    compiler = row["compiled_by"]
    return (
        0 if row["evidence"] in "VD" else 1,
        0 if row["reporter"] == exporter and exporter not in NOT_REPORTING else 1,
        COMPILERS.index(compiler) if compiler in COMPILERS else len(COMPILERS),
        "VDME".index(row["evidence"]),
    )


def total_rows(facts: list[Row], exporter: str, importer: str) -> list[Row]:
    """The 2017 totals of a pair, best first; rows the facts call suspect only where there is no other."""
    rows = [
        r
        for r in facts
        if r["year"] == "2017"
        and r["cargo"] == "total"
        and r["value_musd"]
        and (r["exporter_iso3"], r["importer_iso3"]) == (exporter, importer)
    ]
    sound = [r for r in rows if "SUSPECT" not in r["note"]]
    return sorted(sound or [r | {"evidence": "M"} for r in rows], key=lambda r: rank(r, exporter))


def source_of(row: Row) -> str:
    """Compiler and address of a row; a figure without an address is one from memory."""
    if row["source_url"]:
        return f"{row['compiled_by']}: {row['source_url']}"
    return f"{row['compiled_by']} {row['year']}, no address, from memory"


def chosen_total(facts: list[Row], exporter: str, importer: str) -> Figure | None:
    """The total of a pair of countries, None where no row has one."""
    rows = total_rows(facts, exporter, importer)
    if not rows or float(rows[0]["value_musd"]) == 0:
        return None
    row = rows[0]
    doubt = ", which the facts call over-counted by some 5-10 %" if "SUSPECT" in row["note"] else ""
    return Figure(
        float(row["value_musd"]),
        row["evidence"],
        source_of(row),
        f"total reported by {row['reporter']} ({row['compiled_by']}){doubt}",
    )


def europe_rest(facts: list[Row], exporter: str, importer: str) -> Figure | None:
    """The total with the rest of Europe: the EU of 28 less Germany, both from the same side of the border."""
    other = importer if exporter == "ROE" else exporter
    if other == "DEU":
        return None
    whole = total_rows(facts, *("EU28" if c == "ROE" else c for c in (exporter, importer)))
    if not whole:
        return None
    side = {"EU28": "DEU"}.get(whole[0]["reporter"], whole[0]["reporter"])
    part = total_rows(facts, *("DEU" if c == "ROE" else c for c in (exporter, importer)))
    part.sort(key=lambda r: r["reporter"] != side)
    value = float(whole[0]["value_musd"]) - (float(part[0]["value_musd"]) if part else 0.0)
    marks = [r["evidence"] for r in (whole[:1] + part[:1])]
    less = "no row for Germany"
    if part:
        less = f"less Germany by {part[0]['reporter']} ({part[0]['compiled_by']})"
    return Figure(
        value,
        max(["D", *marks], key="VDME".index),
        source_of(whole[0]),
        f"EU28 total reported by {whole[0]['reporter']} ({whole[0]['compiled_by']}), {less}",
    )


def group_figures(facts: list[Row], chosen: list[Row], exporter: str, importer: str) -> dict[str, Figure]:
    """Values by reference group that the facts give for the pair; empty where they give none."""
    extract = extract_groups(facts, exporter, importer)
    if extract:
        return extract
    wanted = {(exporter, importer), (exporter, importer.replace("ROE", "EU28"))}
    if (exporter, importer) == ("PRK", "CHN"):
        wanted.add(("PRK", "WLD"))  # all but a trace of what the North sells goes to China
    figures: dict[str, Figure] = {}
    for row in chosen:
        if (row["exporter"], row["importer"]) not in wanted:
            continue
        fact = [
            f
            for f in facts
            if f["year"] == "2017"
            and f["cargo"] == row["group"]
            and (f["exporter_iso3"], f["importer_iso3"]) == (row["exporter"], row["importer"])
            and f["value_musd"]
            and float(f["value_musd"]) == float(row["value_musd"])
        ]
        if not fact:
            raise SystemExit(f"trade_groups.csv: no fact {row}")
        old = figures.get(row["group"])
        value = float(row["value_musd"]) + (old.value if old else 0.0)
        figures[row["group"]] = Figure(
            value, fact[0]["evidence"], source_of(fact[0]), f"{row['group']} {fact[0]['compiled_by']}"
        )
    return figures


def extract_groups(facts: list[Row], exporter: str, importer: str) -> dict[str, Figure]:
    """Groups of the Russian customs extract.

    The extract of 2017 over-counts imports of machinery: where the facts hold an adjusted machinery row it is
    used, else the import groups of 2018. ROE is EU28 less Germany.
    """
    if "ROE" in (exporter, importer):
        whole = extract_groups(facts, exporter.replace("ROE", "EU28"), importer.replace("ROE", "EU28"))
        year = "2018" if exporter == "ROE" else "2017"
        part = extract_year(facts, exporter.replace("ROE", "DEU"), importer.replace("ROE", "DEU"), year)
        return {
            g: Figure(f.value - part[g].value, f.evidence, f.source, f"{f.method}, EU28 less Germany")
            for g, f in whole.items()
        }
    adjusted = [
        r
        for r in facts
        if r["compiled_by"] == "adjusted"
        and r["year"] == "2017"
        and (r["exporter_iso3"], r["importer_iso3"]) == (exporter, importer)
    ]
    if importer == "RUS" and not adjusted:
        return extract_year(facts, exporter, importer, "2018")
    groups = extract_year(facts, exporter, importer, "2017")
    for row in adjusted:
        groups[row["cargo"]] = Figure(
            float(row["value_musd"]), "D", source_of(row), "machinery as adjusted in the facts"
        )
    return groups


def extract_year(facts: list[Row], exporter: str, importer: str, year: str) -> dict[str, Figure]:
    """Groups of the extract in one year."""
    how = f"shares of the Russian customs extract {year}"
    return {
        r["cargo"]: Figure(float(r["value_musd"]), "D", source_of(r), how)
        for r in facts
        if r["compiled_by"] == EXTRACT
        and r["year"] == year
        and (r["exporter_iso3"], r["importer_iso3"]) == (exporter, importer)
    }


def groups_of(
    total: Figure, own: dict[str, Figure], basis: float | None, pattern: dict[str, Figure], like: str
) -> dict[str, Figure]:
    """Groups of a pair that sum to its total: own figures, and the rest by the shares of a template pair.

    `basis` is the total the own figures were part of, where it is another than the chosen one.
    """
    factor = total.value / basis if basis else 1.0
    own = {g: replaced(f, f.value * factor, total, scaled_by(factor)) for g, f in own.items()}
    seen = sum(f.value for f in own.values())
    missing = [g for g in pattern if not covered(g, own)]
    rest = total.value - seen
    if own and (not missing or rest <= 0):
        factor = total.value / seen
        return {g: replaced(f, f.value * factor, total, scaled_by(factor)) for g, f in own.items()}
    if not missing:
        raise SystemExit(f"no groups and no template for {total}")
    scale = rest / sum(pattern[g].value for g in missing)
    word = f"{'what the named groups leave, by ' if own else ''}shares of {like}"
    return own | {g: Figure(pattern[g].value * scale, "E", total.source, word) for g in missing}


def replaced(figure: Figure, value: float, total: Figure, word: str) -> Figure:
    """A group figure brought to the pair's total."""
    mark = max(figure.evidence, total.evidence, key="VDME".index)
    return Figure(value, mark, total.source, figure.method + word)


def scaled_by(factor: float) -> str:
    """The remark of a scaling, nothing where there is none."""
    return f", times {factor:.3f} to meet the total" if abs(factor - 1) > 5e-4 else ""


def covered(group: str, own: dict[str, Figure]) -> bool:
    """Whether own figures say something of the group; coal or oil alone stand for the fuels."""
    return group in own or (group == "fuels_hs27" and bool({"coal", "oil_products"} & set(own)))
