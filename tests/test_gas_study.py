"""The korea study's pipeline: what it must say, and GasLib files."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner

from landbridge import study as studies
from landbridge.claims import Verdict, judge
from landbridge.cli_gas import gas, gas_solve
from landbridge.economics import gas_stage
from landbridge.errors import MissingExtra, NotConverged, StudyFault
from landbridge.gas import corridor, costs, export, gaslib, rok, supply, tables
from landbridge.gas.friction import Friction
from landbridge.gas.hydraulics import solve
from landbridge.gas.law import questions
from landbridge.gas.study import GasResult, run_gas, year_money
from landbridge.report.sections import gas as section
from landbridge.schema.demand import Claim
from landbridge.schema.gas import GasRoute
from landbridge.stages import Found


@pytest.fixture(scope="module")
def korea() -> studies.Study:
    return studies.read("korea")


@pytest.fixture(scope="module")
def result(korea: studies.Study) -> GasResult:
    return run_gas(korea)


def test_no_station_is_needed_at_ten_bcm_by_land(result: GasResult) -> None:
    land = result.routes[0]
    assert land.length_km == 1100.0
    assert land.km_by_country["PRK"] == 700.0
    assert land.siting.stations_km == ()
    assert [b.border for b in land.borders] == ["RUS-PRK", "PRK-KOR"]
    assert all(b.pressure_low_bar <= b.pressure_bar <= b.pressure_high_bar for b in land.borders)
    band = [v for v, _ in land.band_bcm.values()]
    assert min(band) < land.band_bcm[Friction.COLEBROOK][0] < max(band)


def test_stations_never_stand_at_sea_and_grow_with_volume(korea: studies.Study, result: GasResult) -> None:
    china = next(r for r in result.routes if r.route.id == "china")
    assert china.siting.stations_km
    assert max(china.siting.stations_km) < 1560
    counts = [len(s.siting.stations_km) for s in result.sitings]
    assert counts == sorted(counts)
    assert counts[-1] >= 6


def test_capacity_curve_rises(result: GasResult) -> None:
    for pipe in {c.pipe for c in result.curve}:
        values = [c.capacity_bcm for c in result.curve if c.pipe == pipe]
        assert values == sorted(values)


def test_kogas_fee_and_the_inconsistency(result: GasResult) -> None:
    fees = {f.id: f for f in result.fees}
    assert fees["kogas-2018-low"].by_rule_musd == pytest.approx(158.0, rel=0.02)
    assert "775 km" in fees["kogas-2018-low"].says
    assert fees["length-prk-2012"].by_rule_musd == pytest.approx(140.0)
    assert fees["kogas-2018-high"].implied_length_km == pytest.approx(956, abs=1)
    assert fees["ishayev-2011"].implied_length_km == pytest.approx(500.0)


def test_cost_stack_adds_up_and_is_ordered(result: GasResult) -> None:
    for s in result.stacks:
        assert s.central == pytest.approx(sum(i.central for i in s.items))
        assert s.low <= s.central <= s.high
        assert s.evidence.word == "estimate"
        even = s.break_even_lng_usd_per_mmbtu[1]
        assert (even + 0.4) * 35.3 == pytest.approx(s.central)
    land = result.stacks[0]
    assert land.central == pytest.approx(310.0, rel=0.05)  # 249 gas + 47 tariff + 14 fee
    assert next(i for i in land.items if i.item == "transit fee").central == pytest.approx(14.0)


def test_range_of_the_saving_moves_what_is_shared_together(korea: studies.Study, result: GasResult) -> None:
    cost = {s.route: s for s in result.stacks}
    saving = costs.saving_on_best_other(korea, result.routes, frozenset({"land"}))
    assert saving.central == pytest.approx(cost["sea-sokcho"].central - cost["land"].central)
    same = costs.saving_on_best_other(korea, result.routes[:1], frozenset({"land"}))
    assert same.low == pytest.approx(result.lng.low - cost["land"].high)
    assert same.high == pytest.approx(result.lng.high - cost["land"].low)
    apart = cost["sea-sokcho"].high - cost["land"].low  # as if each route had its own gas price and discount rate
    assert saving.low < 0.0 < saving.high < 0.5 * apart
    assert np.isnan(costs.saving_on_best_other(korea, result.routes, frozenset()).central)


def test_the_stage_keeps_the_range_so_that_the_claim_is_undetermined(korea: studies.Study) -> None:
    found = Found()
    session = SimpleNamespace(study=korea)
    gas_stage(session, "corridor", found)  # type: ignore[arg-type]
    low, high = found.ranges["gas_land_route_saving_usd_per_1000m3", "corridor"]
    assert low < 0.0 < high
    k7 = next(v for v in judge(korea.rows(Claim), found.values, found.ranges) if v.id == "K7")
    assert k7.verdict is Verdict.UNDETERMINED and k7.low == low


def test_law_of_the_pipeline(korea: studies.Study, result: GasResult) -> None:
    answers = {a.id: a.answer for a in result.law}
    assert answers["pipe-steel"] == answers["compressors"] == answers["joint-venture"] == "prohibited"
    assert answers["gas-transit"] == "disputed"
    assert "land" not in result.open_routes
    lifted = {a.id: a.answer for a in questions(korea, "article-2018")}
    assert lifted["pipe-steel"] == "permitted"
    opened = run_gas(korea, "article-2018")
    assert "land" not in opened.open_routes  # no agreed fee: unknown is not open
    with pytest.raises(StudyFault, match="no-such"):
        run_gas(korea, "no-such")


def test_supply_cases(result: GasResult) -> None:
    cost = {c.name: c.result.cost_musd for c in result.cases}
    assert cost["with land"] < cost["LNG alone"]
    assert cost["with land"] <= cost["land cut from January to March"] <= cost["land cut all year"]
    for c in result.cases:
        assert c.result.gap < 1e-9
        served = sum(d.volume_bcm for d in c.model.demands).sum() - c.result.unserved_bcm.sum()
        assert served == pytest.approx(64.6, rel=0.01)


def test_what_is_built_follows_the_price_of_lng(result: GasResult) -> None:
    assert result.choices[0].built == ()
    assert result.choices[-1].built
    savings = [c.saving_musd for c in result.choices]
    assert savings == sorted(savings)


def test_1024_states_of_the_supply_model(korea: studies.Study, result: GasResult) -> None:
    routes = tuple(r.route.id for r in result.routes)
    model = rok.model(korea, result.stacks, routes)
    gates = [*routes, "pyeongtaek", "incheon", "tongyeong", "samcheok", "gwangyang", "boryeong"]
    started = time.perf_counter()
    cost, unserved = supply.states(model, gates)
    assert time.perf_counter() - started < 10.0
    assert len(cost) == 1024
    for bit in range(10):
        shut = np.array([s for s in range(1024) if s >> bit & 1])
        assert (cost[shut] >= cost[shut ^ (1 << bit)] - 1e-6).all()
    assert unserved[-1] > unserved[0]


def test_security(result: GasResult) -> None:
    assert result.n_minus_one["with land"].percent > result.n_minus_one["LNG alone"].percent
    assert result.hydraulic is not None
    assert 0.5 < result.hydraulic.worst_share < 1.0
    transit = next(c for c in result.cutoffs if c.id == "transit")
    assert abs(transit.gross.mean_bcm - transit.mean_lost_bcm) < 3 * transit.gross.error_bcm
    assert transit.net.mean_bcm < transit.gross.mean_bcm
    assert transit.cost_usd_per_kcm == pytest.approx(transit.cost_musd / (30 * 10))  # life x bcm a year


def test_same_study_same_numbers(korea: studies.Study, result: GasResult) -> None:
    again = run_gas(korea)
    for a, b in zip(tables.tables(result), tables.tables(again), strict=True):
        assert a.frame.equals(b.frame), a.name


def test_report_section_draws_the_tables(result: GasResult) -> None:
    found = section.section({t.name: t for t in tables.tables(result)})
    assert found.id == "gas"
    assert "under the sea from Vladivostok to Sokcho" in found.lead  # the cheapest way, not only the first
    assert "often and long" in found.lead and "more than it saves" in found.lead
    figures = [b for b in found.blocks if hasattr(b, "option")]
    assert len(figures) >= 4
    for f in figures:
        json.loads(f.option_json())  # type: ignore[union-attr]
        assert f.source and f.unit  # type: ignore[union-attr]


def test_command_prints_json() -> None:
    done = CliRunner().invoke(gas, ["korea", "--json"])
    assert done.exit_code == 0, done.output
    data = json.loads(done.output)
    assert data["gas_routes"][0]["route"] == "land"
    assert {"gas_borders", "gas_cost_stack", "gas_supply_mix", "gas_n_minus_1", "gas_fee", "gas_law"} <= set(data)


def test_bad_names_in_the_gas_tables_are_faults(tmp_path: Path, korea: studies.Study) -> None:
    folder = studies.create(tmp_path / "mine", "korea")
    path = folder / "gas" / "routes.csv"
    path.write_text(path.read_text().replace("dn1200", "dn9999").replace("G-UNC", "G-NOPE"))
    text = (folder / "gas" / "elevation.csv").read_text()
    (folder / "gas" / "elevation.csv").write_text(text.replace("land,1100,", "land,1090,"))
    with pytest.raises(StudyFault) as caught:
        studies.read(str(folder))
    said = str(caught.value)
    assert "dn9999" in said
    assert "G-NOPE" in said
    assert "1090" in said


def test_a_study_that_leaves_gas_tables_out(tmp_path: Path) -> None:
    folder = studies.create(tmp_path / "mine", "korea")
    (folder / "gas" / "z.csv").unlink()
    text = (folder / "gas" / "parameters.csv").read_text().splitlines()
    (folder / "gas" / "parameters.csv").write_text("\n".join(x for x in text if not x.startswith("tank_use,")))
    with pytest.raises(StudyFault) as caught:
        studies.read(str(folder))
    assert {f.file for f in caught.value.faults} == {"gas/z.csv", "gas/parameters.csv"}
    for path in (folder / "gas").iterdir():
        path.unlink()
    with pytest.raises(StudyFault, match="gas tables"):
        run_gas(studies.read(str(folder)))


NET = """<?xml version="1.0"?><network xmlns="http://gaslib.zib.de/Gas" xmlns:framework="http://gaslib.zib.de/Framework">
<framework:nodes>
<source id="in"><height value="0" unit="m"/><pressureMin unit="bar" value="30"/><pressureMax unit="bar" value="70"/>
<gasTemperature unit="Celsius" value="10"/><normDensity unit="kg_per_m_cube" value="0.785"/>
<molarMass unit="kg_per_kmol" value="18.5674"/><pseudocriticalPressure unit="bar" value="45.93"/>
<pseudocriticalTemperature unit="K" value="188.55"/></source>
<innode id="a"><height value="20" unit="m"/></innode><innode id="b"/><innode id="c"/><innode id="d"/>
<sink id="out"><pressureMin unit="bar" value="40"/></sink></framework:nodes>
<framework:connections>
<pipe id="p1" from="in" to="a"><length unit="km" value="55"/><diameter unit="mm" value="500"/>
<roughness unit="mm" value="0.1"/></pipe>
<compressorStation id="cs" from="a" to="b"><pressureInMin unit="bar" value="30"/>
<pressureOutMax unit="bar" value="75"/></compressorStation>
<valve id="v" from="b" to="c"/><resistor id="r" from="c" to="d"><dragFactor value="5"/><diameter unit="mm" value="500"/>
</resistor><controlValve id="cv" from="d" to="out"><pressureOutMax unit="bar" value="50"/></controlValve>
</framework:connections></network>"""
SCN = """<?xml version="1.0"?><boundaryValue xmlns="http://gaslib.zib.de/Gas"><scenario id="s1">
<node type="entry" id="in"><flow bound="both" value="100" unit="1000m_cube_per_hour"/>
<pressure bound="both" value="60" unit="bar"/></node>
<node type="exit" id="out"><flow bound="lower" value="100" unit="1000m_cube_per_hour"/>
<flow bound="upper" value="100" unit="1000m_cube_per_hour"/></node></scenario></boundaryValue>"""
CS = """<?xml version="1.0"?><compressorStations xmlns="http://gaslib.zib.de/CompressorStations">
<compressorStation id="cs"><compressors/><drives><gasTurbine id="t"><maximalPowerMeasurements><measurement>
<maximalPower value="3000" unit="kW"/></measurement></maximalPowerMeasurements></gasTurbine></drives>
</compressorStation></compressorStations>"""


def test_gaslib_files(tmp_path: Path) -> None:
    for name, text in (("n.net", NET), ("n.scn", SCN), ("n.cs", CS)):
        (tmp_path / name).write_text(text)
    net = gaslib.read(tmp_path / "n.net", tmp_path / "n.scn", tmp_path / "n.cs")
    state = solve(net)
    assert state.converged, state.reason
    p = dict(zip([n.id for n in net.nodes], state.pressure_bar, strict=True))
    assert p["in"] == 60.0
    assert p["out"] == pytest.approx(50.0)
    assert p["b"] == pytest.approx(75.0)
    assert p["b"] == pytest.approx(p["c"])
    assert p["d"] < p["c"]
    assert state.flow_kg_per_s[0] == pytest.approx(100e3 / 3600 * 0.785, rel=1e-9)
    assert net.edges[1].max_power_mw == 3.0  # type: ignore[union-attr]
    done = CliRunner().invoke(gas_solve, [str(tmp_path), "--json"])
    assert json.loads(done.output)["converged"]
    with pytest.raises(StudyFault, match="s1"):
        gaslib.read(tmp_path / "n.net", tmp_path / "n.scn", scenario="s2")
    (tmp_path / "n.scn").write_text(SCN.replace('id="out"', 'id="nowhere"'))
    with pytest.raises(StudyFault, match="nowhere"):
        gaslib.read(tmp_path / "n.net", tmp_path / "n.scn")


def test_solve_command_says_when_it_does_not_converge(tmp_path: Path) -> None:
    (tmp_path / "network.json").write_text(json.dumps({"nodes": {"1": {"id": 1}, "2": {"id": 2}}, "pipes": {"1": {
        "fr_node": 1, "to_node": 2, "length": 1e5, "diameter": 0.3, "friction_factor": 0.01}}}))
    (tmp_path / "params.json").write_text(json.dumps({"params": {}}))
    (tmp_path / "bc.json").write_text(json.dumps({"boundary_pslack": {"1": 5e6}, "boundary_nonslack_flow": {"2": 900}}))
    done = CliRunner().invoke(gas_solve, [str(tmp_path), "--json"])
    assert isinstance(done.exception, NotConverged)
    assert not json.loads(done.output)["converged"]


@pytest.mark.parametrize("package", ["pandapipes", "pypsa"])
def test_exports_say_what_to_install(package: str, result: GasResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtra, match=rf"landbridge\[{package}\]"):
        if package == "pypsa":
            export.to_pypsa(result.cases[0].model)
        else:
            export.to_pandapipes(corridor.lines.as_network(result.routes[0].line, (), 200.0))


def test_year_of_money(korea: studies.Study, result: GasResult) -> None:
    year = year_money(korea, result, "land")
    assert (year.seller, year.transit, year.buyer) == ("RUS", "PRK", "KOR")
    assert year.fee_musd == (140.0, 140.0, 140.0)
    for triple in (year.buyer_saving_musd, year.seller_margin_musd):
        assert triple[0] <= triple[1] <= triple[2]
    gas_and_fuel = sum(i.central for i in result.stacks[0].items if i.item in ("gas at the head", "fuel gas"))
    assert year.buyer_saving_musd[1] == pytest.approx(10.0 * (result.lng.central - gas_and_fuel))


def test_pypsa_export_has_the_same_cost() -> None:
    pytest.importorskip("pypsa", reason="PyPSA is the extra 'pypsa'")
    month = np.ones(3)
    model = supply.SupplyModel(
        ("a", "b"), ("1", "2", "3"), (1, 1, 1),
        (supply.Source("s", "a", 5 * month, np.array([100.0, 200.0, 300.0])),),
        (supply.Arc("pipe", "a", "b", 3 * month, 10.0, 0.02),),
        (supply.Storage("k", "b", 2.0, 1.0, 1.0, 2.0, 0.05),), (supply.Demand("b", np.array([1.0, 2.0, 4.0]), 2000.0),))
    net = export.to_pypsa(model)
    net.optimize(solver_name="highs")
    assert float(net.objective) == pytest.approx(supply.Solver(model).cost_musd(), rel=1e-6)


def test_upstream_is_the_limit(korea: studies.Study) -> None:
    up = costs.upstream(korea)
    route = korea.rows(GasRoute)[0]
    assert up.free_now_bcm < route.volume_bcm_per_year < up.free_after_bcm
    assert up.expansion_musd == pytest.approx(1136 * 4.06, rel=1e-6)
