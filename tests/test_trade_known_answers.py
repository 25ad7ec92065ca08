"""Published tables, from the reference data beside the repository."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from landbridge.trade import onesector
from landbridge.trade.baseline import Baseline, calibrate
from landbridge.trade.hat import Shock, solve
from landbridge.trade.onesector import Deficits
from landbridge.trade.welfare import first_order

CAN, MEX, USA = 4, 19, 29


def caliendo_parro(folder: Path, deficits: bool) -> tuple[Baseline, np.ndarray]:
    """The inputs of Caliendo and Parro (2015), 31 regions by 40 sectors, and the tariffs of 2005 within
    NAFTA."""
    n, s, goods = 31, 40, 20

    def text(name: str) -> np.ndarray:
        return np.loadtxt(folder / f"{name}.txt", delimiter="\t")

    flows, tariff, later = np.zeros((3, s, n, n))
    flows[:goods] = 1000 * text("xbilat1993").reshape(goods, n, n)
    tariff[:goods] = text("tariffs1993").reshape(goods, n, n) / 100
    later[:goods] = text("tariffs2005").reshape(goods, n, n) / 100
    exports = flows.sum(axis=1)
    flows[:, np.arange(n), np.arange(n)] = np.maximum(text("GO").reshape(s, n), exports) - exports
    va_share = text("B").reshape(s, n).T
    io = text("IO").reshape(n, s, s) * (1 - va_share[:, None, :])
    theta = np.r_[text("T"), np.full(20, 8.22)]
    base = calibrate(flows, io, va_share, theta, tariff=tariff, deficits=deficits)
    start = solve(base).rebased()
    nafta = start.tariff.copy()
    for a in (CAN, MEX, USA):
        for b in (CAN, MEX, USA):
            nafta[:, a, b] = later[:, a, b]
    return start, nafta


@pytest.mark.parametrize(
    ("deficits", "welfare", "terms", "volume", "wage"),
    [
        (False, (1.31, -0.06, 0.08), (-0.41, -0.11, 0.04), (1.72, 0.04, 0.04), (1.72, 0.32, 0.11)),
        (True, (1.17, -0.04, 0.08), (-0.41, -0.08, 0.05), (1.59, 0.04, 0.04), (1.64, 0.33, 0.12)),
    ],
)
def test_nafta_table_of_caliendo_and_parro(
    shared: Path,
    deficits: bool,
    welfare: tuple[float, ...],
    terms: tuple[float, ...],
    volume: tuple[float, ...],
    wage: tuple[float, ...],
) -> None:
    start, nafta = caliendo_parro(shared / "testdata/trade/cp2015", deficits)
    r = solve(start, Shock(tariff=nafta)).require()
    formula, who = first_order(r), [MEX, CAN, USA]
    assert 100 * formula.total[who] == pytest.approx(welfare, abs=0.0051)
    assert 100 * formula.terms_of_trade[who] == pytest.approx(terms, abs=0.0051)
    assert 100 * formula.volume_of_trade[who] == pytest.approx(volume, abs=0.0051)
    assert 100 * (r.real_wage_hat[who] - 1) == pytest.approx(wage, abs=0.0051)
    assert r.identities.home_share < 1e-8


def test_the_formula_summed_over_small_steps_tends_to_the_exact_real_income(shared: Path) -> None:
    start, nafta = caliendo_parro(shared / "testdata/trade/cp2015", deficits=False)
    exact = solve(start, Shock(tariff=nafta)).require().real_income_hat - 1
    who = [MEX, CAN, USA]
    assert 100 * exact[who] == pytest.approx([0.0073, -0.1101, 0.0741], abs=5e-5)
    sums = {}
    for steps in (1, 5, 20):
        world, total = start, np.zeros(31)
        for k in range(1, steps + 1):
            r = solve(world, Shock(tariff=start.tariff + (nafta - start.tariff) * k / steps))
            total += first_order(r).total
            world = r.rebased()
        sums[steps] = 100 * total[MEX]
    assert sums[1] == pytest.approx(1.3121, abs=5e-5)
    assert sums[5] == pytest.approx(0.2548, abs=5e-4)
    assert sums[20] == pytest.approx(0.0687, abs=5e-4)


@pytest.mark.parametrize(
    ("deficits", "welfare", "trade"),
    [(Deficits.ADDITIVE, "w_eu", "X_eu"), (Deficits.MULTIPLICATIVE, "w_mult", "X_mult")],
)
def test_stata_ge_gravity_eu_enlargement(shared: Path, deficits: Deficits, welfare: str, trade: str) -> None:
    data = pd.read_csv(shared / "testdata/trade/ge_gravity/wiod2000_eu_enlargement.csv")

    def table(column: str) -> np.ndarray:
        return data.pivot(index="importer", columns="exporter", values=column).to_numpy()

    r = onesector.solve(table("trade"), 4.0, effect=table("eu_effect"), deficits=deficits).require()
    published = data.groupby("exporter")[welfare].first().to_numpy()
    assert np.abs(r.real_income_hat - published).max() < 1e-6
    assert np.abs(r.flows / table(trade) - 1).max() < 1e-6


def test_eighty_economies_by_fifty_sectors(shared: Path) -> None:
    with np.load(shared / "testdata/trade/icio2022/icio2022_cp_ready.npz", allow_pickle=True) as data:
        share = data["pi"].astype(float)
        empty = share.sum(axis=2) < 0.5
        s, n = np.nonzero(empty)
        share[s, n, :] = 0.0
        share[s, n, n] = 1.0
        labor, io, final = (data[k].astype(float) for k in ("gL", "gamma", "alpha"))
        values, spending = data["wL"], data["X"]
        countries = tuple(str(c) for c in data["countries"])
    labor[io.sum(axis=1) + labor <= 0] = 1.0
    total = labor + io.sum(axis=1)
    base = Baseline(
        countries,
        tuple(f"s{k}" for k in range(50)),
        share / share.sum(axis=2, keepdims=True),
        io / total[:, None, :],
        labor / total,
        final / final.sum(axis=1, keepdims=True),
        values,
        np.zeros(80),
        np.zeros_like(share),
        spending,
        np.full(50, 5.03),
    )
    start = solve(base).rebased()
    cost = np.ones_like(share)
    kor, rus = countries.index("KOR"), countries.index("RUS")
    cost[:27, kor, rus] = cost[:27, rus, kor] = 0.97
    r = solve(start, Shock(cost_hat=np.where(start.share > 0, cost, 1.0))).require()
    assert r.sweeps < 60
    assert r.identities.home_share < 1e-8
    assert r.real_income_hat[kor] > 1
    assert r.real_income_hat[rus] > 1
    assert r.identities.world_gain / r.identities.envelope_mean == pytest.approx(1.0, abs=2e-3)
