"""The network solver against published exact solutions, laws of physics, and its own limits."""

from __future__ import annotations

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landbridge.errors import StudyFault
from landbridge.gas import _system, gassteadysim
from landbridge.gas.friction import Friction
from landbridge.gas.hydraulics import Options, solve
from landbridge.gas.network import (
    Compressor,
    Control,
    ControlValve,
    GasNetwork,
    Node,
    Pipe,
    Resistor,
    ShortPipe,
)
from landbridge.gas.properties import Eos, methane_like

LAWS = (Eos.IDEAL, Eos.SIMPLE_CNGA, Eos.FULL_CNGA)
GAS = methane_like(Eos.PAPAY, 283.15, viscosity_pa_s=1.1e-5)


@pytest.mark.shared
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("network", ["8-node", "GasLib-24"])
def test_published_pressures_from_a_cold_start(shared: Path, network: str, law: Eos) -> None:
    folder = shared / "testdata" / "gas" / network
    net = gassteadysim.read(folder, law)
    state = solve(net)
    exact = gassteadysim.solution_pressures_bar(folder / f"exact_sol_{law.value}.json")
    assert state.converged, state.reason
    assert state.residual < 1e-10
    error = max(abs(p / exact[n.id] - 1.0) for n, p in zip(net.nodes, state.pressure_bar, strict=True))
    assert error <= 1e-5


@pytest.mark.shared
def test_network_without_a_published_solution_is_solved(shared: Path) -> None:
    state = solve(gassteadysim.read(shared / "testdata" / "gas" / "GasLib-11", Eos.FULL_CNGA))
    assert state.converged
    assert state.pressure_bar.min() > 0


def _line(flow: float, **pipe: float) -> GasNetwork:
    return GasNetwork((Node("a", 80.0), Node("b", injection_kg_per_s=-flow)),
                      (Pipe("p", "a", "b", 100e3, 0.8, **pipe),), GAS)  # type: ignore[arg-type]


def test_one_pipe_by_hand() -> None:
    gas = methane_like(Eos.IDEAL, 288.15)
    net = GasNetwork((Node("a", 60.0), Node("b", injection_kg_per_s=-100.0)),
                     (Pipe("p", "a", "b", 50e3, 0.6, friction_factor=0.01),), gas)
    area = np.pi / 4 * 0.6**2
    by_hand = np.sqrt((60e5) ** 2 - 0.01 * 50e3 * gas.rt / (0.6 * area**2) * 100.0**2) / 1e5
    assert solve(net).pressure_bar[1] == pytest.approx(by_hand, rel=1e-10)


def test_static_column_of_gas() -> None:
    """No flow, 1000 m down: the barometric law p = p0 exp(g h / R T) of the ideal gas."""
    gas = methane_like(Eos.IDEAL, 283.15)
    net = GasNetwork((Node("top", 50.0, elevation_m=1000.0), Node("foot", elevation_m=0.0)),
                     (Pipe("p", "top", "foot", 10e3, 0.8),), gas)
    assert solve(net).pressure_bar[1] == pytest.approx(50.0 * np.exp(9.80665 * 1000.0 / gas.rt), rel=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 9), st.integers(0, 5), st.integers(0, 10**6))
def test_random_meshes_conserve_mass(n: int, extra: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pairs = [(int(rng.integers(0, i)), i) for i in range(1, n)]
    pairs += [tuple(sorted(rng.choice(n, 2, replace=False).tolist())) for _ in range(extra)]
    nodes = [Node("0", 70.0), *(Node(str(i), injection_kg_per_s=float(rng.uniform(-20, 5)),
                                     elevation_m=float(rng.uniform(0, 300))) for i in range(1, n))]
    edges = [Pipe(f"e{k}", str(a), str(b), float(rng.uniform(5e3, 40e3)), float(rng.uniform(0.4, 1.0)))
             for k, (a, b) in enumerate(pairs)]
    state = solve(GasNetwork(tuple(nodes), tuple(edges), GAS))
    assert state.converged, state.reason
    balance = state.injection_kg_per_s.copy()
    for e, m in zip(edges, state.flow_kg_per_s, strict=True):
        balance[int(e.tail)] -= m
        balance[int(e.head)] += m
    assert np.abs(balance).max() <= 1e-8
    assert state.injection_kg_per_s.sum() == pytest.approx(0.0, abs=1e-8)


def test_reversal_is_symmetric() -> None:
    forward = solve(_line(120.0))
    turned = GasNetwork((Node("a", 80.0), Node("b", injection_kg_per_s=-120.0)),
                        (Pipe("p", "b", "a", 100e3, 0.8),), GAS)
    backward = solve(turned)
    assert backward.flow_kg_per_s[0] == pytest.approx(-forward.flow_kg_per_s[0], rel=1e-10)
    assert backward.pressure_bar[1] == pytest.approx(forward.pressure_bar[1], rel=1e-10)


def test_parallel_pipes_add() -> None:
    ends = (Node("a", 80.0), Node("b", 60.0))
    one = [Pipe(f"p{d}", "a", "b", 100e3, d) for d in (0.5, 0.8, 1.1)]
    alone = sum(float(solve(GasNetwork(ends, (p,), GAS)).flow_kg_per_s[0]) for p in one)
    together = solve(GasNetwork(ends, tuple(one), GAS))
    assert together.flow_kg_per_s.sum() == pytest.approx(alone, rel=1e-9)


def test_refinement_converges_on_a_slope() -> None:
    def end(cells: int) -> float:
        x = np.linspace(0.0, 1.0, cells + 1)
        nodes = [Node("0", 80.0), *(Node(str(i), elevation_m=800.0 * float(x[i])) for i in range(1, cells)),
                 Node("end", injection_kg_per_s=-150.0, elevation_m=800.0)]
        edges = [Pipe(f"p{i}", nodes[i].id, nodes[i + 1].id, 100e3 / cells, 0.8) for i in range(cells)]
        return float(solve(GasNetwork(tuple(nodes), tuple(edges), GAS)).pressure_bar[-1])

    fine = end(256)
    errors = [abs(end(k) - fine) for k in (2, 4, 8, 16)]
    assert all(b < 0.35 * a for a, b in itertools.pairwise(errors))  # second order
    assert errors[-1] < 1e-3


def test_elements_hold_what_they_say() -> None:
    nodes = (Node("a", 50.0), Node("b"), Node("c"), Node("d"), Node("e"), Node("f", injection_kg_per_s=-60.0))
    edges = (Compressor("k", "a", "b", Control.RATIO, 1.4), ControlValve("v", "b", "c", Control.OUTLET_PRESSURE, 55.0),
             ShortPipe("s", "c", "d"), Resistor("r", "d", "e", pressure_drop_bar=2.0),
             ControlValve("w", "e", "f", Control.PRESSURE_DROP, 3.0))
    p = solve(GasNetwork(nodes, edges, GAS)).pressure_bar
    assert p == pytest.approx([50.0, 70.0, 55.0, 55.0, 53.0, 50.0], rel=1e-6)


def test_a_resistor_is_a_short_pipe_of_its_drag() -> None:
    ends = (Node("a", 50.0), Node("b", injection_kg_per_s=-100.0))
    drag = solve(GasNetwork(ends, (Resistor("r", "a", "b", 4.0, 0.5),), GAS)).pressure_bar[1]
    pipe = solve(GasNetwork(ends, (Pipe("p", "a", "b", 200.0, 0.5, friction_factor=0.01),), GAS)).pressure_bar[1]
    assert drag == pytest.approx(pipe, rel=1e-9)


def test_station_limits_and_fuel() -> None:
    nodes = (Node("a", 50.0), Node("b"), Node("c", injection_kg_per_s=-200.0))
    pipe = Pipe("p", "b", "c", 80e3, 0.9)
    station = Compressor("k", "a", "b", Control.OUTLET_PRESSURE, 90.0, max_ratio=1.5, turbine_efficiency=0.33,
                         max_power_mw=5.0)
    state = solve(GasNetwork(nodes, (station, pipe), GAS))
    assert state.modes[0] == "at maximum ratio"
    assert state.pressure_bar[1] == pytest.approx(75.0)
    assert state.fuel_kg_per_s[0] > 0
    assert state.injection_kg_per_s[0] == pytest.approx(200.0 + state.fuel_kg_per_s[0], abs=1e-8)
    assert [x.what for x in state.limits] == ["power, MW"]
    lower = dataclasses.replace(station, value=40.0)
    assert solve(GasNetwork(nodes, (lower, pipe), GAS)).modes[0] == "bypass"


def test_limits_of_pressure_and_velocity_are_listed() -> None:
    nodes = (Node("a", 80.0, max_pressure_bar=70.0), Node("b", injection_kg_per_s=-250.0, min_pressure_bar=60.0))
    net = GasNetwork(nodes, (Pipe("p", "a", "b", 100e3, 0.7, max_velocity_m_per_s=10.0),), GAS)
    assert {x.what for x in solve(net).limits} == {"pressure, bar", "pressure below its minimum, bar", "velocity, m/s"}


def test_too_much_flow_is_a_result_with_its_place() -> None:
    state = solve(_line(2000.0))
    assert not state.converged
    assert "node b" in state.reason
    assert np.isfinite(state.residual)


def test_a_part_without_pressure_is_tied_by_bypass() -> None:
    """Two fields press into one line through stations that hold pressure; only one field's pressure is given."""
    nodes = (Node("x", 50.0), Node("y", injection_kg_per_s=30.0), Node("m"), Node("end", injection_kg_per_s=-80.0))
    edges = (Compressor("kx", "x", "m", Control.OUTLET_PRESSURE, 70.0, max_ratio=2.0),
             Compressor("ky", "y", "m", Control.OUTLET_PRESSURE, 70.0, max_ratio=2.0),
             Pipe("p", "m", "end", 50e3, 0.7))
    state = solve(GasNetwork(nodes, edges, GAS))
    assert state.converged, state.reason
    assert state.modes[:2] == ("outlet_pressure", "bypass")
    assert state.pressure_bar[1:3] == pytest.approx([70.0, 70.0])
    assert state.flow_kg_per_s == pytest.approx([50.0, 30.0, 80.0])


def test_stations_side_by_side_share_the_flow() -> None:
    edges = (Compressor("k", "x", "m", Control.OUTLET_PRESSURE, 70.0),
             Compressor("l", "x", "m", Control.OUTLET_PRESSURE, 70.0), Pipe("p", "m", "end", 50e3, 0.7))
    state = solve(GasNetwork((Node("x", 50.0), Node("m"), Node("end", injection_kg_per_s=-80.0)), edges, GAS))
    assert state.converged, state.reason
    assert state.flow_kg_per_s[:2].sum() == pytest.approx(80.0)


def test_island_and_strange_node_are_reasons() -> None:
    net = GasNetwork((Node("a", 50.0), Node("b"), Node("c"), Node("d")), (ShortPipe("s", "a", "b"),
                                                                       ShortPipe("t", "c", "d")), GAS)
    assert "node c" in solve(net).reason
    assert "zz" in solve(GasNetwork((Node("a", 50.0),), (ShortPipe("s", "a", "zz"),), GAS)).reason


def test_loops_of_short_pipes_are_not_singular() -> None:
    net = GasNetwork((Node("a", 50.0), Node("b", injection_kg_per_s=-10.0)),
                     (ShortPipe("s", "a", "b"), ShortPipe("t", "a", "b")), GAS)
    state = solve(net)
    assert state.converged
    assert state.flow_kg_per_s.sum() == pytest.approx(10.0)


def test_jacobian_is_the_derivative() -> None:
    nodes = (Node("a", 60.0), Node("b", elevation_m=200.0), Node("c", elevation_m=-50.0),
             Node("d", injection_kg_per_s=-80.0))
    edges = (Pipe("p", "a", "b", 40e3, 0.7), Compressor("k", "b", "c", Control.RATIO, 1.3),
             Pipe("q", "c", "d", 60e3, 0.8), Pipe("r", "a", "d", 90e3, 0.6))
    net = GasNetwork(nodes, edges, GAS)
    system = _system.build(net, Friction.COLEBROOK, _system.controls_of(net))
    u, m = np.array([1.0, 0.8, 1.2, 0.7]), np.array([50.0, 50.0, 55.0, 30.0])
    exact = _system.jacobian(system, u, m, secant=False).toarray()
    x = np.r_[u, m / system.flow_scale]
    for j in range(len(x)):
        step = np.zeros(len(x))
        step[j] = 1e-6
        hi, lo = (_system.residual(system, (x + s)[:4], (x + s)[4:] * system.flow_scale) for s in (step, -step))
        assert exact[:, j] == pytest.approx((hi - lo) / 2e-6, abs=2e-5)


def test_cold_start_needs_the_picard_steps() -> None:
    """Stations in a mesh, much flow against small start values: the default start converges at once."""
    rng = np.random.default_rng(5)
    nodes = [Node("0", 50.0), *(Node(str(i), injection_kg_per_s=-float(rng.uniform(1, 10))) for i in range(1, 40))]
    edges: list[Pipe | Compressor] = []
    for i in range(1, 40):
        tail = str(int(rng.integers(max(0, i - 4), i)))
        if i % 6 == 0:
            edges.append(Compressor(f"k{i}", tail, str(i), Control.RATIO, 1.5))
        else:
            edges.append(Pipe(f"p{i}", tail, str(i), float(rng.uniform(1e4, 8e4)), float(rng.choice([0.6, 0.8, 1.0]))))
    edges += [Pipe(f"x{k}", str(a), str(a + 7), 6e4, 0.6) for k, a in enumerate(range(1, 32, 5))]
    state = solve(GasNetwork(tuple(nodes), tuple(edges), GAS), Options(max_iterations=120))
    assert state.converged, state.reason


def test_reader_lists_faults(tmp_path: Path) -> None:
    (tmp_path / "network.json").write_text(json.dumps({"nodes": {"1": {"id": 1}}, "pipes": {"1": {
        "fr_node": 1, "to_node": 9, "length": 1.0, "diameter": 1.0, "friction_factor": 0.01}}}))
    (tmp_path / "params.json").write_text(json.dumps({"simulation_params": {}}))
    (tmp_path / "bc.json").write_text("{}")
    with pytest.raises(StudyFault) as caught:
        gassteadysim.read(tmp_path, Eos.IDEAL)
    assert len(caught.value.faults) == 2
    (tmp_path / "bc.json").write_text("{,}")
    with pytest.raises(StudyFault, match="line 1"):
        gassteadysim.read(tmp_path, Eos.IDEAL)
