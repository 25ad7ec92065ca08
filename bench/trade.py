"""Trade: landbridge against gegravity 0.3 in one run, and its own timings.

    python bench/trade.py [--countries 200] [--icio FILE]

One sector: the same synthetic world (costs from distance and a border, output, expenditure) for both; each goes
from these to the counterfactual (new agreements on a tenth of the pairs). landbridge fits flows to the margins
and solves in changes; gegravity solves multilateral resistances and then the full equilibrium. Closed country:
one country with a border coefficient of -8 is opened; balanced, and with its own surplus of 10 % left in. Many
sectors: synthetic 80x50 and 200x50, five closed countries with 60 % zeros, seconds, sweeps and peak memory of a
fresh process. --icio FILE adds the OECD table of 80 economies by 50 sectors. Needs bench/requirements.txt.
Writes bench/results/trade.json.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import time
import warnings
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from trade_worlds import random_world

from landbridge.trade import hat, onesector
from landbridge.trade.baseline import Baseline

SIGMA, BORDER, DISTANCE, AGREEMENT, CLOSURE = 5.0, -2.0, -0.8, 0.4, -8.0
HERE = Path(__file__).parent


def draw(n: int, surplus: float = 0.0) -> dict[str, np.ndarray]:
    """Output, expenditure, log distance and new agreements of n countries; country 0 may have a surplus."""
    rng = np.random.default_rng(n)
    place = rng.random((n, 2)) * 100
    km = np.linalg.norm(place[:, None] - place[None], axis=2) + 5
    output = np.exp(rng.normal(8, 1, n))
    spending = output.copy()
    spending[0] *= 1 - surplus
    spending[1:] *= 1 + surplus * output[0] / output[1:].sum()
    agreement = np.triu(rng.random((n, n)) < 0.1, 1)
    return {
        "output": output,
        "spending": spending,
        "log_km": np.log(km),
        "abroad": 1.0 - np.eye(n),
        "agreement": (agreement | agreement.T).astype(float),
    }


def root_solve(w: dict[str, np.ndarray], effect: np.ndarray) -> np.ndarray:
    """The same equilibrium by scipy's general root finder on producer prices, real output in %."""
    from scipy.optimize import root

    flows = onesector.structural_flows(costs(w, False), w["output"], w["spending"])
    pull = flows / flows.sum(axis=1, keepdims=True) * np.exp(effect)

    def shares(log_p: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        price = np.exp(np.r_[0.0, log_p])
        weight = pull * price ** (1 - SIGMA)
        return price, weight / weight.sum(axis=1, keepdims=True), weight.sum(axis=1) ** (1 / (1 - SIGMA))

    def gap(log_p: np.ndarray) -> np.ndarray:
        price, share, _ = shares(log_p)
        made = price * w["output"]
        return (share.T @ made / made - 1)[1:]

    price, _, index = shares(root(gap, np.zeros(len(effect) - 1), tol=1e-13).x)
    return 100 * (price / index - 1)


def costs(w: dict[str, np.ndarray], closed: bool) -> np.ndarray:
    log = BORDER * w["abroad"] + DISTANCE * w["log_km"]
    if closed:
        log = log + CLOSURE * closing(len(log))
    return np.exp(log)


def closing(n: int) -> np.ndarray:
    out = np.zeros((n, n))
    out[0, 1:] = out[1:, 0] = 1.0
    return out


def ours(w: dict[str, np.ndarray], effect: np.ndarray, closed: bool) -> np.ndarray:
    """Change of real output, %; a closed country is balanced first, as docs/trade.md says."""
    output, spending = w["output"], w["spending"]
    if closed:
        spending = output
    flows = onesector.structural_flows(costs(w, closed), output, spending)
    return 100 * (onesector.solve(flows, SIGMA - 1, effect=effect).require().real_output_hat - 1)


def theirs(
    w: dict[str, np.ndarray], variable: str, before: np.ndarray, after: np.ndarray, value: float
) -> tuple[np.ndarray, str]:
    """gegravity: change of real GDP in %, and what it said (first of five rescale factors with which all its
    parts are solved, else the first that ends)."""
    import gegravity as ge
    import pandas as pd

    n = len(before)
    names = [f"c{i:03d}" for i in range(n)]
    i, j = np.meshgrid(range(n), range(n), indexing="ij")
    frame = pd.DataFrame(
        {
            "importer": np.array(names)[i.ravel()],
            "exporter": np.array(names)[j.ravel()],
            "year": "1",
            "trade": 1.0,
            "Y": w["output"][j.ravel()],
            "E": w["spending"][i.ravel()],
            "log_km": w["log_km"].ravel(),
            "abroad": w["abroad"].ravel(),
            variable: before.ravel(),
        }
    )
    base = ge.BaselineData(frame, "importer", "exporter", "year", "trade", "E", "Y")
    values = pd.DataFrame(
        [
            {"v": "log_km", "c": DISTANCE, "s": 0.1},
            {"v": "abroad", "c": BORDER, "s": 0.1},
            {"v": variable, "c": value, "s": 0.1},
        ]
    )
    coefficients = ge.CostCoeffs(values, "v", "c", "s")
    said, kept = [], None
    for scale in (1, 10, 100, 1000, 0.1) if n < 100 else (1,):  # each try is minutes at 200 countries
        model = ge.OneSectorGE(
            base,
            year="1",
            reference_importer=names[1],
            expend_var_name="E",
            output_var_name="Y",
            sigma=SIGMA,
            cost_variables=["log_km", "abroad", variable],
            cost_coeff_values=coefficients,
            quiet=True,
        )
        try:
            with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("always")
                model.build_baseline(omr_rescale=scale)
                shock = frame.copy()
                shock[variable] = after.ravel()
                model.define_experiment(shock)
                model.simulate()
            table = model.country_results
            column = "GDP change (percent)"  # real: output over the consumer price index
            home = 1 + table["intranational trade change (percent)"] / 100
            lost = (home / (1 + table["expenditure change (percent)"] / 100)) ** (-1 / (SIGMA - 1)) - 1
            broken = float((100 * lost - table[column]).abs().max())
            said += sorted(
                {
                    str(x.message)[:90]
                    for x in caught
                    if "converg" in str(x.message).lower() or "not" in str(x.message).lower()
                }
            )
            solved = [k for k, v in model.solver_diagnostics.items() if not v.get("success", True)]
            if solved and scale != 0.1:
                kept = kept or (
                    table.loc[names, column].to_numpy(float),
                    f"rescale {scale}; home-share identity off by {broken:.2g} % points; not solved: "
                    + ", ".join(solved),
                )
                continue
            if solved and kept:
                return kept
            text = f"rescale {scale}; home-share identity off by {broken:.2g} % points; " + (
                "; ".join(said) or "no warning"
            )
            return table.loc[names, column].to_numpy(float), text + (
                f"; not solved: {', '.join(solved)}" if solved else ""
            )
        except (ValueError, RuntimeError) as error:
            said.append(f"rescale {scale}: {str(error)[:60]}")
    return kept or (np.full(n, np.nan), "; ".join(said))


def one_sector(n: int) -> dict[str, object]:
    w = draw(n)
    effect = AGREEMENT * w["agreement"]
    ours(w, effect, closed=False)
    start = time.perf_counter()
    mine = ours(w, effect, closed=False)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    peer, text = theirs(w, "agreement", np.zeros((n, n)), w["agreement"], AGREEMENT)
    peer_seconds = time.perf_counter() - start
    gap = float(np.nanmax(np.abs(peer - mine))) if np.isfinite(peer).any() else None
    return {
        "countries": n,
        "landbridge_s": seconds,
        "gegravity_s": peer_seconds,
        "times_faster": peer_seconds / seconds,
        "largest_gap_pct_points": gap,
        "landbridge_against_root_pct_points": float(np.abs(mine - root_solve(w, effect)).max()),
        "sample": [float(mine[0]), float(peer[0])],
        "gegravity_said": text,
    }


def closed_country(n: int, surplus: float) -> dict[str, object]:
    w = draw(n, surplus)
    mine = ours(w, -CLOSURE * closing(n), closed=True)
    peer, text = theirs(w, "closed", closing(n), np.zeros((n, n)), CLOSURE)
    return {
        "countries": n,
        "surplus_pct": 100 * surplus,
        "landbridge_gain_pct": float(mine[0]),
        "gegravity_gain_pct": float(peer[0]),
        "gegravity_said": text,
    }


def many_sectors(case: str) -> dict[str, object]:
    """One case of the multi-sector model, in this process."""
    n, s, zeros, closed = {
        "80x50": (80, 50, 0.0, 0),
        "200x50": (200, 50, 0.0, 0),
        "200x50 near autarky": (200, 50, 0.6, 5),
        "80x40 near autarky": (80, 40, 0.6, 5),
    }[case]
    world = random_world(n, s, 0, zeros, closed)
    return {"case": case} | timed(world, closed)


def timed(world: Baseline, closed: int) -> dict[str, object]:
    n = len(world.countries)
    rng = np.random.default_rng(0)
    cost = np.where(rng.random((n, n)) < 0.2, 0.97, 1.0)
    if closed:
        cost[:closed, :] = cost[:, :closed] = 1 / 20
        cost[:closed, :closed] = 1 / 400
    cost[np.arange(n), np.arange(n)] = 1.0
    shock = hat.Shock(cost_hat=np.where(world.share > 0, cost, 1.0))
    best, result = np.inf, None
    for _ in range(3):
        start = time.perf_counter()
        result = hat.solve(world, shock)
        best = min(best, time.perf_counter() - start)
    assert result is not None
    return {
        "seconds": best,
        "sweeps": result.sweeps,
        "converged": result.converged,
        "residual": result.residual,
        "home_share_identity": result.identities.home_share,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def icio(path: Path) -> dict[str, object]:
    """The OECD table as trade shares."""
    with np.load(path, allow_pickle=True) as d:
        share, labor, io_, final = (d[k].astype(float) for k in ("pi", "gL", "gamma", "alpha"))
        values, spending, names = d["wL"], d["X"], tuple(str(c) for c in d["countries"])
    s, n = np.nonzero(share.sum(axis=2) < 0.5)
    share[s, n, :] = 0.0
    share[s, n, n] = 1.0
    labor[io_.sum(axis=1) + labor <= 0] = 1.0
    total = labor + io_.sum(axis=1)
    base = Baseline(
        names,
        tuple(f"s{k}" for k in range(share.shape[0])),
        share / share.sum(axis=2, keepdims=True),
        io_ / total[:, None, :],
        labor / total,
        final / final.sum(axis=1, keepdims=True),
        values,
        np.zeros(len(names)),
        np.zeros_like(share),
        spending,
        np.full(share.shape[0], 5.03),
    )
    return {"case": "OECD ICIO 80x50"} | timed(hat.solve(base).rebased(), 0)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--countries", type=int, default=200)
    parser.add_argument("--icio", type=Path)
    parser.add_argument("--case")
    options = parser.parse_args()
    if options.case:
        print(json.dumps(icio(options.icio) if options.case == "icio" else many_sectors(options.case)))
        return
    cases = ["80x50", "80x40 near autarky", "200x50", "200x50 near autarky", *(["icio"] if options.icio else [])]
    extra = ["--icio", str(options.icio)] if options.icio else []
    many = [
        json.loads(
            subprocess.run(
                [sys.executable, __file__, "--case", c, *extra], check=True, capture_output=True, text=True
            ).stdout
        )
        for c in cases
    ]
    found = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "python": platform.python_version(),
            "numpy": np.__version__,
            "cores": 1,
            "load": os.getloadavg()[0],
        },
        "many_sectors": many,
        "closed_country": [closed_country(n, surplus) for n in (20, 30) for surplus in (0.0, 0.1)],
        "one_sector": [one_sector(n) for n in sorted({30, options.countries})],
    }
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "trade.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
