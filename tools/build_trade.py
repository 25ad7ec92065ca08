"""Build trade.csv from the trade facts, the 2009 trade matrix and the seed tables beside this script.

    python tools/build_trade.py FACTS_FOLDER WITS_FLOWS_CSV src/landbridge/studies/korea

1. Total of a pair: the best 2017 row (`chosen_total`), else trade_extra.csv, else the 2009 matrix brought to
   2017. EU28 rows give ROE when Germany's row of the same reporter side is taken off.
2. Groups of a pair: the Russian customs extract (2017, or 2018 where that of 2017 over-counts), else the rows
   named in trade_groups.csv; what they leave by the shares of the pair named in trade_templates.csv.
3. Groups to cargo by trade_splits.csv, tonnes by trade_masses.csv, else by the value density of cargo.csv.

No row is made where no figure and no 2009 trade exists. docs/data.md gives the reasons.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from build_costs import STRENGTH, Table, number, read, write
from build_zones import ROE
from trade_figures import GROUPS, Figure, chosen_total, europe_rest, group_figures, groups_of

HERE = Path(__file__).parent
AREAS = ("RUS", "PRK", "KOR", "CHN", "JPN", "MNG", "KAZ", "UZB", "KGZ", "DEU", "ROE")
CARGO_OF = {
    "machinery_electronics": "machinery",
    "chemicals_plastics": "chemicals",
    "textiles_footwear": "textiles",
    "ores_minerals": "ores",
    "wood_paper": "wood",
    "food_agri": "food",
    "fuels_hs27": "oil",
    "oil_products": "oil",
}


def weakest(*marks: str) -> str:
    """The weakest evidence mark."""
    return max(marks, key=STRENGTH.index)


def best(rows: Table, exporter: str, importer: str, **equal: str) -> dict[str, str] | None:
    """The row for the pair, else for the exporter and any importer, else for any pair."""
    for e, i in ((exporter, importer), (exporter, "*"), ("*", "*")):
        for row in rows:
            if row["exporter"] == e and row["importer"] == i and all(row[k] == v for k, v in equal.items()):
                return row
    return None


def totals(facts: Table, wits: Table, extra: Table) -> dict[tuple[str, str], Figure]:
    """Total of every pair in million USD; sourced ones first, then the 2009 matrix scaled to them."""
    known: dict[tuple[str, str], Figure] = {}
    for e in AREAS:
        for i in AREAS:
            if e == i:
                continue
            figure = europe_rest(facts, e, i) if "ROE" in (e, i) else chosen_total(facts, e, i)
            if figure is not None:
                known[e, i] = figure
    for row in extra:
        known[row["exporter"], row["importer"]] = Figure(
            float(row["value_musd"]), row["evidence"], row["source"], row["method"]
        )
    matrix: dict[tuple[str, str], float] = {}
    for row in wits:
        pair = tuple("ROE" if c in ROE else c for c in (row["i"], row["j"]))
        if pair[0] != pair[1] and set(pair) <= set(AREAS):
            matrix[pair[0], pair[1]] = matrix.get((pair[0], pair[1]), 0.0) + float(row["Fij"]) / 1000
    growth_out = {a: growth(known, matrix, 0, a) for a in AREAS}
    growth_in = {a: growth(known, matrix, 1, a) for a in AREAS}
    for (e, i), value in sorted(matrix.items()):
        if (e, i) not in known and value > 0 and "PRK" not in (e, i):
            factor = (growth_out[e] * growth_in[i]) ** 0.5
            known[e, i] = Figure(
                value * factor,
                "E",
                "WITS harmonized flows 2009 (C. Grasland)",
                f"2009 flow times {factor:.2f}, the mean growth of the two areas' sourced pairs",
            )
    return known


def growth(
    known: dict[tuple[str, str], Figure], matrix: dict[tuple[str, str], float], side: int, area: str
) -> float:
    """2017 over 2009 of the pairs with a sourced total; of all sourced pairs where the area has none."""
    both = [p for p in known if matrix.get(p, 0) > 0 and "PRK" not in p]
    pairs = [p for p in both if p[side] == area] or both
    return sum(known[p].value for p in pairs) / sum(matrix[p] for p in pairs)


def to_cargo(groups: dict[str, Figure], splits: Table, exporter: str, importer: str) -> dict[str, Figure]:
    """Reference groups to the cargoes of cargo.csv."""
    cargo: dict[str, Figure] = {}
    for group, figure in groups.items():
        parts = {CARGO_OF.get(group, group): figure}
        split = best(splits, exporter, importer, group=group)
        if split is not None:
            share, mark = float(split["share"]), weakest(figure.evidence, split["evidence"])
            how = f"{figure.method}; {split['cargo']} {share:.3g} of {group}: {split['source']}"
            parts = {
                split["cargo"]: Figure(figure.value * share, mark, figure.source, how),
                CARGO_OF.get(group, group): Figure(figure.value * (1 - share), mark, figure.source, how),
            }
        for name, part in parts.items():
            old = cargo.get(name)
            cargo[name] = (
                part
                if old is None
                else Figure(
                    old.value + part.value,
                    weakest(old.evidence, part.evidence),
                    old.source,
                    f"{old.method}; and {part.method}",
                )
            )
    return cargo


def rows_of(
    pair: tuple[str, str],
    total: Figure,
    cargo: dict[str, Figure],
    density: dict[str, float],
    masses: Table,
    network: Table,
) -> Table:
    """The rows of trade.csv of one pair; a mass reported on a way becomes a row of its own."""
    rows: Table = []
    for name in sorted(cargo):
        figure = cargo[name]
        named = [m for m in masses if (m["exporter"], m["importer"], m["cargo"]) == (*pair, name)]
        whole = [m for m in named if not m["via"]]
        mass = float(whole[0]["mass_kt"]) if whole else figure.value / density[name] * 1000
        mark = whole[0]["evidence"] if whole else "E"
        how = whole[0]["source"] if whole else f"value over {density[name]:g} USD/t (cargo.csv)"
        share = best(network, *pair, cargo=name)
        parts = [("", mass - sum(float(m["mass_kt"]) for m in named if m["via"]), mark, how)]
        parts += [(m["via"], float(m["mass_kt"]), m["evidence"], m["source"]) for m in named if m["via"]]
        for via, part, mass_mark, mass_how in parts:
            value = figure.value * part / mass if mass > 0 else 0.0
            if value < 0.0005:
                continue
            value_mark = weakest(figure.evidence, mass_mark) if len(parts) > 1 else figure.evidence
            rows.append(
                {
                    "exporter": pair[0],
                    "importer": pair[1],
                    "cargo": name,
                    "via": via,
                    "value_musd": number6(value),
                    "mass_kt": number6(part),
                    "network_share": share["network_share"] if share else "1",
                    "source": figure.source,
                    "year": "2017",
                    "evidence": weakest(value_mark, mass_mark),
                    "value_evidence": value_mark,
                    "mass_evidence": mass_mark,
                    "method": f"value: {total.method}; {figure.method}. mass: {mass_how}"
                    + (f". by pipe: {share['source']}" if share else ""),
                }
            )
    return rows


def number6(value: float) -> str:
    """Six significant digits, no exponent."""
    return f"{float(f'{value:.6g}'):f}".rstrip("0").rstrip(".")


def main(facts_folder: Path, wits_csv: Path, study: Path) -> None:
    """Write trade.csv into the study folder."""
    facts = read(facts_folder / "trade_reference.csv")
    with wits_csv.open(encoding="utf-8") as file:
        wits = [dict(zip(("i", "j", "Fij"), line.strip().split(";"), strict=True)) for line in list(file)[1:]]
    seed = {
        n: read(HERE / f"trade_{n}.csv")
        for n in ("groups", "templates", "splits", "masses", "network", "extra")
    }
    density = {r["id"]: float(r["value_usd_per_t_central"]) for r in read(study / "cargo.csv")}
    known = totals(facts, wits, seed["extra"])
    bases = {
        (r["exporter"], r["importer"]): float(r["basis_musd"]) for r in seed["groups"] if r["basis_musd"]
    }
    bases |= {("KOR", "ROE"): bases["KOR", "EU28"]}

    @cache
    def groups(pair: tuple[str, str]) -> dict[str, Figure]:
        own, template = group_figures(facts, seed["groups"], *pair), best(seed["templates"], *pair)
        if set(GROUPS) <= set(own) or template is None:
            return groups_of(known[pair], own, None, {}, "")
        like = f"{template['template_exporter']} to {template['template_importer']} ({template['reason']})"
        pattern = groups((template["template_exporter"], template["template_importer"]))
        return groups_of(known[pair], own, bases.get(pair), pattern, like)

    rows: Table = []
    for pair in sorted(known, key=lambda p: (AREAS.index(p[0]), AREAS.index(p[1]))):
        cargo = to_cargo(groups(pair), seed["splits"], *pair)
        rows += rows_of(pair, known[pair], cargo, density, seed["masses"], seed["network"])
    write(study / "trade.csv", rows)
    for pair in sorted(known):
        print(*pair, number(known[pair].value), known[pair].evidence, known[pair].source, sep="  ")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]))
