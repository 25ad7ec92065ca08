"""The trade stage on the bundled study: scenarios, draws, tables, report."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from landbridge import study
from landbridge.errors import StudyFault
from landbridge.report.sections import trade as section
from landbridge.result import ResultTable
from landbridge.trade import uncertainty
from landbridge.trade.model import Problem, TradeOptions, TradeResult, TradeScenario, at_law, run_trade
from landbridge.trade.read import TradeModel, read
from landbridge.trade.sanctions import Prohibition
from landbridge.trade.tables import indicator_values, layer, tables
from landbridge.trade.ways import COLUMNS, prohibitions_of_cargo, ways_of_areas, ways_of_skims

AREAS = [("KOR", "RUS"), ("RUS", "KOR"), ("KOR", "ROE"), ("ROE", "KOR"), ("PRK", "RUS"), ("RUS", "PRK")]
PAIRS = (("PRK", "KOR"), ("PRK", "RUS"), ("PRK", "CHN"))
BAN = (
    Prohibition("PRK", "*", "coal", 1.0),
    Prohibition("PRK", "*", "textiles", 1.0),
    Prohibition("*", "PRK", "*", 0.3),
)
FEW = TradeOptions(draws=6, grid=(0.5, 1.0), parties=("RUS", "PRK", "KOR", "CHN"), closed="PRK")


@pytest.fixture(scope="module")
def model() -> TradeModel:
    return read(study.read("korea"))


def columns(n: int, days: float, usd: float) -> dict[str, np.ndarray]:
    values = (days, usd, 2000.0, 1.0, 30.0, 120.0)
    return {name: np.full(n, value) for name, value in zip(COLUMNS, values, strict=True)}


def scenario(
    model: TradeModel, road: bool = True, before: tuple[Prohibition, ...] = BAN, after: tuple[Prohibition, ...] = ()
) -> TradeScenario:
    pairs = AREAS if road else []
    names = [(e, i, c) for e, i in pairs for c in model.cargoes]
    cols = list(zip(*names, strict=True)) if names else [(), (), ()]
    ways, lost = ways_of_areas(model, *cols, columns(len(names), -3.0, -20.0))
    assert not lost
    fees = {"PRK": 50.0, "KOR": -30.0, "RUS": -20.0} if road else {}
    return TradeScenario(ways, PAIRS if road else (), "reference", before, after, fees, {"RUS": 300.0} if road else {})


@pytest.fixture(scope="module")
def result(model: TradeModel) -> TradeResult:
    return run_trade(model, scenario(model), FEW)


@pytest.fixture(scope="module")
def found(result: TradeResult) -> dict[str, ResultTable]:
    return {t.name: t for t in tables(result)}


def test_the_baseline_is_large_enough_balanced_and_has_the_added_economies(model: TradeModel) -> None:
    base = model.levels.baseline
    assert len(base.countries) >= 22
    assert len(base.sectors) >= 15
    assert {"KOR", "RUS", "CHN", "JPN", "KAZ", "PRK", "MNG"} <= set(base.countries)
    assert base.gap() < 1e-8
    assert (base.deficit == 0).all()
    prk, kor = base.index("PRK"), base.index("KOR")
    assert base.value_added[prk] / base.value_added[kor] == pytest.approx(32174 / 1623074, rel=0.05)
    flows = base.flows()
    exports = flows[:, :, prk].sum() - flows[:, prk, prk].sum()
    assert exports / model.money_scale == pytest.approx(np.sqrt(1770 * 3780), rel=0.05)
    assert model.theta.central.max() <= 20


def test_everyone_of_the_three_gains_and_the_parts_add_up(result: TradeResult, found: dict[str, ResultTable]) -> None:
    parties = found["trade_parties"].frame.set_index("party")
    assert parties.loc[["RUS", "PRK", "KOR"], "better_off"].all()
    assert (parties["gain_p5_pct"] <= parties["gain_p95_pct"]).all()
    split = found["trade_split"].frame.set_index("economy")
    parts = split[["transit_pct", "opening_pct", "fees_pct", "tax_pct"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(split["total_pct"].to_numpy(), abs=1e-9)
    assert split.loc["RUS", "tax_pct"] < 0 < split.loc["PRK", "fees_pct"]
    gains = found["trade_gains"].frame.set_index("economy")["gain_pct"]
    assert gains[split.index].to_numpy() == pytest.approx(split["total_pct"].to_numpy(), abs=1e-6)


def test_pairs_of_parties(found: dict[str, ResultTable]) -> None:
    pairs = found["trade_party_pairs"].frame.set_index(["party_a", "party_b"])["cheaper"]
    assert len(pairs) == 6
    assert pairs[("RUS", "PRK")] and pairs[("PRK", "KOR")] and pairs[("RUS", "KOR")]
    assert not pairs[("RUS", "CHN")]


def test_values_for_the_claims(result: TradeResult, found: dict[str, ResultTable]) -> None:
    values = indicator_values(result, ("RUS", "PRK", "KOR"))
    assert values["parties_with_gain_count"] == 3
    assert values["party_pairs_with_lower_cost_pct"] == pytest.approx(100 * 4 / 6)
    assert values["real_income_gain_prk_pct_p5"] <= values["real_income_gain_prk_pct_p95"]
    points = layer(result)
    assert len(points.coordinates) == len(points.frame) == len(found["trade_gains"].frame)
    at = points.coordinates[list(points.frame["economy"]).index("KOR")]
    assert at[0] == pytest.approx([126.978, 37.566])


def test_every_check_holds_and_no_table_has_nan_where_it_may_not(found: dict[str, ResultTable]) -> None:
    checks = found["trade_checks"].frame
    judged = checks[checks["allowed"].notna()]
    assert judged["holds"].all(), judged[~judged["holds"].astype(bool)]
    for name in ("trade_gains", "trade_split", "trade_parties", "trade_pairs", "trade_sensitivity", "trade_closure"):
        frame = found[name].frame.drop(columns=["time_cut_pct", "trade_cost_cut_pct"], errors="ignore")  # unknown
        assert not frame.isna().any().any(), name


def test_regimes_are_ordered_and_do_not_hang_on_the_floor(found: dict[str, ResultTable]) -> None:
    frame = found["trade_regimes"].frame
    by = frame.groupby("regime")["gain_PRK_pct"]
    assert (by.max() - by.min()).max() < 0.01
    means = by.mean()
    assert means["closed"] < means["restricted"] < means["reference"]
    assert (frame["gain_PRK_pct"] < frame["autarky_bound_pct"]).all()
    assert found["trade_closure"].frame.set_index("partner").loc["KOR", "only_at_least"]


def test_law_without_road_and_road_without_law(model: TradeModel, result: TradeResult) -> None:
    def prk(s: TradeScenario) -> float:
        problem = Problem.of(model, s)
        r = problem.solve(model.theta.central, model.time_value.central)
        return float(r.real_income_hat[model.countries.index("PRK")] - 1)

    law, road = prk(scenario(model, road=False)), prk(scenario(model, after=BAN))
    both = float(result.hat.real_income_hat[model.countries.index("PRK")] - 1)
    nothing = prk(scenario(model, road=False, after=BAN))
    assert nothing == pytest.approx(0, abs=1e-8)
    assert 0 < law < road < both


def test_a_law_made_after_the_base_year_is_a_step_of_its_own(model: TradeModel) -> None:
    now = at_law(model, (), BAN)
    prk, chn = model.countries.index("PRK"), model.countries.index("CHN")
    coal = model.sectors.index("coal")
    assert now.levels.baseline.flows()[coal, chn, prk] < 1e-3 * model.levels.baseline.flows()[coal, chn, prk]
    lifted = Problem.of(now, TradeScenario(scenario(model, road=False).ways, prohibited_before=BAN))
    r = lifted.solve(model.theta.central, model.time_value.central)
    assert r.real_income_hat[prk] > 1.001


def test_draws_do_not_depend_on_workers_or_number(model: TradeModel) -> None:
    problem = Problem.of(model, scenario(model))
    one, two = (uncertainty.draw_gains(problem, 5, 7, w, 0.25) for w in (1, 3))
    assert (one.gains == two.gains).all()
    assert (uncertainty.draw_gains(problem, 3, 7, 2, 0.25).gains == one.gains[:3]).all()
    assert (uncertainty.draw_gains(problem, 3, 8, 2, 0.25).gains != one.gains[:3]).any()
    low, high = one.band()
    assert (low <= high).all()


def test_skims_give_the_ways_and_unchanged_ones_are_put_together(model: TradeModel) -> None:
    inf = np.inf
    area = ["KOR", "KOR", "RUS", "PRK", "XXX"]
    hours = np.full((5, 5), 240.0)
    hours[3, :] = hours[:, 3] = inf
    later = hours.copy()
    later[0, 2], later[0, 3] = 120.0, 50.0
    money = np.where(np.isinf(hours), inf, 100.0)
    paid = np.where(np.isinf(later), inf, 100.0)
    weight = np.ones((5, 5))
    weight[1, 2] = 3.0
    ways, lost = ways_of_skims(
        model, area, {"coal": (hours, money)}, {"coal": (later, paid)}, {"coal": 85.0}, {"coal": weight}
    )
    assert lost == ("XXX",)
    kor, rus, prk = (model.countries.index(c) for c in ("KOR", "RUS", "PRK"))
    mine = (ways.exporter == kor) & (ways.importer == rus)
    assert sorted(ways.days[mine]) == [-5.0, 0.0]
    assert sorted(ways.weight[mine]) == [1.0, 3.0]
    assert list(ways.days[(ways.exporter == kor) & (ways.importer == prk)]) == [-inf]


def test_bans_by_cargo_become_bans_by_sector(model: TradeModel) -> None:
    bans = prohibitions_of_cargo(model, [("PRK", "*", "coal", 1.0), ("PRK", "ROE", "seafood", 1.0)])
    assert Prohibition("PRK", "*", "coal", 1.0) in bans
    food = {b.importer: b.share for b in bans if b.sector == "food"}
    assert food["POL"] == pytest.approx(0.5)  # ships food and seafood
    assert "KOR" not in food


def test_unknown_names_are_faults(model: TradeModel) -> None:
    with pytest.raises(StudyFault, match="regime"):
        Problem.of(model, replace(scenario(model), regime="dream"))
    with pytest.raises(StudyFault, match="no economy"):
        Problem.of(model, replace(scenario(model), opened=(("PRK", "ATL"),)))
    base = study.read("korea")
    with pytest.raises(StudyFault, match="missing"):
        read(replace(base, folder=base.folder / "nowhere"))


def test_section_draws_every_figure_from_the_tables(found: dict[str, ResultTable]) -> None:
    made = section.section(found)
    assert "PRK" not in made.lead
    assert "North Korea" in made.lead
    figures = [b for b in made.blocks if hasattr(b, "option_json")]
    assert len(figures) >= 5
    for figure in figures:
        option = json.loads(figure.option_json())
        assert option["series"]
        assert figure.unit and figure.source
        assert "NaN" not in figure.option_json()


def test_section_says_what_is_left_out_and_draws_no_step_that_is_zero(model: TradeModel) -> None:
    plain = replace(scenario(model), opened=(), prohibited_before=(), fees_musd={}, tax_musd={})
    made = {t.name: t for t in tables(run_trade(model, plain, replace(FEW, draws=2, grid=(1.0,))))}
    shown = section.section(made)
    assert shown.lead.startswith("Before the works are paid for and transit fees are paid, ")
    assert "Not in these gains: transit fees and the cost of the works." in made["trade_parties"].note
    assert section.shown_causes(made) == {"transit_pct": "cheaper ways"}
    waterfall = section.waterfall(made)
    assert all(len(one["data"]) == 1 for one in waterfall.option["series"])
    assert "zero for all: opened borders, transit fees, cost of works" in waterfall.unit
    assert not section.opens(made)
    drawn = [getattr(b, "id", "") or getattr(getattr(b, "table", None), "name", "") for b in shown.blocks]
    assert "trade-regimes" not in drawn and "trade_regimes" not in drawn


def test_a_whole_scenario_draws_every_step_and_the_regimes(found: dict[str, ResultTable]) -> None:
    assert len(section.shown_causes(found)) == 4
    assert section.opens(found)
    assert section.lead(found).startswith("Every party is better off.")
    units = found["trade_published"].frame.set_index("quantity")["unit"]
    assert units["trade_factor"] == "times" and units["time_cut"].iloc[0] == "%"


def test_triangular_quantiles() -> None:
    low, mode, high = np.array([1.0, 2.0]), np.array([2.0, 2.0]), np.array([4.0, 2.0])
    assert uncertainty.triangular(low, mode, high, 0.0) == pytest.approx([1, 2])
    assert uncertainty.triangular(low, mode, high, 1.0) == pytest.approx([4, 2])
    assert uncertainty.triangular(low, mode, high, 1 / 3) == pytest.approx([2, 2])
