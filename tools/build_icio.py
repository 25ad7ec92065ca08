"""Build src/landbridge/studies/korea/trade/icio2022.npz from the OECD Inter-Country Input-Output table of
2022.

    pip download --no-deps sanction-simulator==0.1.4
    python tools/build_icio.py sanction_simulator-0.1.4-py3-none-any.whl

The package (MIT code) carries the intermediate flows of the OECD ICIO 2025 release, 80 economies by 50
industries, and what each producer sells to final users anywhere. Who these final users are is not in it.
Their place is fitted here: starting from where each industry's intermediate goods go, rows are scaled to
the final sales of each producer (exact) and columns to the value added of each country, so that every
country's trade is balanced. Then countries and industries are summed to the economies and sectors of the
study's tables.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
STUDY = Path(__file__).resolve().parents[1] / "src" / "landbridge" / "studies" / "korea" / "trade"


def members(file: str, key: str, column: str) -> dict[str, tuple[str, ...]]:
    """Codes of the source that make up each row of a study table; rows without any are left out."""
    with (STUDY / file).open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    found = {r[key]: tuple(c.strip() for c in r[column].split(";") if c.strip()) for r in rows}
    return {k: v for k, v in found.items() if v}


def summing(groups: dict[str, tuple[str, ...]], codes: list[str]) -> F:
    """0/1 matrix [group, code]; every code stands in exactly one group."""
    matrix: F = np.array([[float(c in g) for c in codes] for g in groups.values()])
    off = [c for c, n in zip(codes, matrix.sum(axis=0), strict=True) if n != 1]
    if off:
        raise SystemExit(f"not in exactly one group: {', '.join(off)}")
    return matrix


def final_demand(sales: F, pattern: F, value_added: F) -> F:
    """Final sales [industry, importer, exporter]: rows exact, columns to value added (biproportional fit).

    `sales[industry, exporter]` to final users, `pattern[industry, importer, exporter]` where to begin.
    """
    reach = pattern.sum(axis=1, keepdims=True)
    own = np.eye(pattern.shape[1])[None]
    fit: F = np.where(reach > 0, pattern, own)
    target = value_added * sales.sum() / value_added.sum()
    for _ in range(5000):
        fit = fit * (target / fit.sum(axis=(0, 2)))[None, :, None]
        fit = fit * (sales / np.maximum(fit.sum(axis=1), 1e-300))[:, None, :]
        if np.abs(fit.sum(axis=(0, 2)) / target - 1).max() < 1e-10:
            return fit
    raise SystemExit("the fit of final demand did not converge")


def build(wheel: Path) -> dict[str, NDArray[np.generic]]:
    """Arrays of the study file: flows [sector, importer, exporter], intermediate [country, input, output],
    output."""
    with zipfile.ZipFile(wheel) as archive:
        data = np.load(io.BytesIO(archive.read("sanction_simulator/data/bench_cache.npz")), allow_pickle=True)
    countries, industries = [str(c) for c in data["countries"]], [str(s) for s in data["sectors"]]
    n, s = len(countries), len(industries)
    output = data["s"].reshape(s, n)
    # rows: supplier (industry, country); columns: user (industry, country); million USD
    use = (data["A"] * (data["omb"] * data["s"])[None, :]).reshape(s, n, s, n)
    pattern = use.sum(axis=2).transpose(0, 2, 1)
    value_added = (output - use.sum(axis=(0, 1))).sum(axis=0)
    final = final_demand(data["z"].reshape(s, n), pattern, value_added)
    economies, sectors = members("economies.csv", "code", "members"), members("sectors.csv", "id", "icio")
    by_c, by_s = summing(economies, countries), summing(sectors, industries)
    flows = np.einsum("as,bm,ci,smi->abc", by_s, by_c, by_c, pattern + final, optimize=True)
    inputs = np.einsum("ks,ju,nm,sum->nkj", by_s, by_s, by_c, use.sum(axis=1), optimize=True)
    made = np.einsum("as,bm,sm->ba", by_s, by_c, output, optimize=True)
    return {
        "countries": np.array(list(economies)),
        "sectors": np.array(list(sectors)),
        "flows_musd": flows.astype(np.float32),
        "inputs_musd": inputs.astype(np.float32),
        "output_musd": made.astype(np.float32),
    }


def main() -> None:
    """Write the file named in the head of this script."""
    arrays = build(Path(sys.argv[1]))
    target = STUDY / "icio2022.npz"
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
    flows = arrays["flows_musd"]
    print(f"{target.name}: {flows.shape[1]} economies, {flows.shape[0]} sectors, {target.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
