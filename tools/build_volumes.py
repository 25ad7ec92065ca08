"""Build observed_volumes.csv: counted traffic by crossing and port, for comparison and calibration.

    python tools/build_volumes.py FACTS_FOLDER src/landbridge/studies/korea

volume_seed.csv names the rows of freight_volumes.csv and the study objects they speak of.
"""

from __future__ import annotations

import sys
from pathlib import Path

from build_costs import Table, read, write

HERE = Path(__file__).parent


def main(facts: Path, study: Path) -> None:
    """Write the table; fails loudly where the facts lack a row that the seed names."""
    figures = {(r["what"], r["year"], r["unit"]): r for r in read(facts / "freight_volumes.csv")}
    rows: Table = []
    for seed in read(HERE / "volume_seed.csv"):
        fact = figures[seed["what"], seed["year"], seed["unit"]]
        unit = "%" if seed["unit"].startswith("%") else seed["unit"]
        rows.append({
            "what": seed["what"], "targets": seed["targets"], "cargo": seed["cargo"], "year": seed["year"],
            "value": fact["value"], "unit": unit, "scope": seed["scope"],
            "source": fact["source_url"] or "no address, from memory", "evidence": fact["evidence"],
            "note": fact["note"],
        })
    write(study / "observed_volumes.csv", rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
