"""Gas: the 1,100 km line against pandapipes after its warm-up, and the supply program against linopy, in one run.

    python bench/gas.py

Needs bench/requirements-gas.txt in an environment of its own (pandapipes wants pandas below 3). Every tool is run once
to warm up, then the least of several runs counts. The line is solved with the same pressures, diameters and cells by
both; the gases differ (pandapipes has Z linear in pressure), so end pressures are printed side by side. The supply
program is the same in both tools, from data to objective, and a solve after one closure. Writes
bench/results/gas.json and the table between the gas markers of docs/performance.md.
"""

from __future__ import annotations

import json
import os
import platform
import time
from collections.abc import Callable
from datetime import date
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from landbridge.gas import line as lines
from landbridge.gas.export import to_pandapipes
from landbridge.gas.hydraulics import solve
from landbridge.gas.network import GasNetwork, Node, Pipe
from landbridge.gas.properties import Eos, methane_like
from landbridge.gas.supply import Arc, Closure, Demand, Solver, Source, Storage, SupplyModel

HERE = Path(__file__).resolve().parent
MARKS = ("<!-- gas -->", "<!-- /gas -->")
Row = dict[str, object]


def least_s(run: Callable[[], object], times: int) -> float:
    """Least seconds of several runs after one that does not count."""
    run()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        taken.append(time.perf_counter() - started)
    return min(taken)


def line_rows() -> list[Row]:
    """The long line: three volumes and widths, ten cells a section."""
    import pandapipes

    gas = methane_like(Eos.PAPAY, 283.15, 0.5667, viscosity_pa_s=1.1e-5)
    rows = []
    for bcm, diameter, count in ((10.0, 1.18, 0), (10.0, 0.98, 2), (30.0, 1.18, 10)):
        km = np.linspace(0.0, 1100.0, 10 * (count + 1) + 1)
        line = lines.Line(gas, km, np.zeros(len(km)), diameter, 98.0, 98.0, 50.0, 30.0, 3.0, turbine_efficiency=0.0)
        stations = tuple(float(x) for x in km[10:-1:10])
        network = lines.as_network(line, stations, gas.kg_per_s(bcm))
        net = to_pandapipes(network)
        peer_s = least_s(lambda net=net: pandapipes.pipeflow(net, friction_model="colebrook", mode="hydraulics",
                                                              max_iter_hyd=100), 9)
        own_s = least_s(lambda network=network: solve(network), 21)
        state = solve(network)
        flow = gas.kg_per_s(bcm)
        march_s = least_s(lambda line=line, to=stations, flow=flow: lines.profile(line, to, flow), 21)
        rows.append({"task": f"1,100 km line, {bcm:g} bcm, {diameter} m, {count} stations, by marching the line",
                     "peer": "pandapipes " + version("pandapipes"), "landbridge_s": march_s, "peer_s": peer_s,
                     "ratio": peer_s / march_s, "landbridge": "the same pressures",
                     "other": f"{net.res_junction.p_bar.iloc[-1]:.3f} bar at the end"})
        rows.append({"task": f"1,100 km line, {bcm:g} bcm, {diameter} m, {count} stations, {len(network.edges)} edges",
                     "peer": "pandapipes " + version("pandapipes"), "landbridge_s": own_s, "peer_s": peer_s,
                     "ratio": peer_s / own_s, "landbridge": f"{state.pressure_bar[-1]:.3f} bar at the end",
                     "other": f"{net.res_junction.p_bar.iloc[-1]:.3f} bar at the end"})
    return rows


def grid_row(side: int) -> Row:
    """A meshed grid of pipes, Colebrook, one pressure, a load at every node."""
    import pandapipes

    gas = methane_like(Eos.PAPAY, 283.15, 0.5667, viscosity_pa_s=1.1e-5)
    rng = np.random.default_rng(1)
    nodes = [Node("0-0", 60.0)] + [Node(f"{i}-{j}", None, -0.02) for i in range(side) for j in range(side) if i + j]
    edges = [Pipe(f"h{i}-{j}", f"{i}-{j}", f"{i}-{j + 1}", float(rng.uniform(500, 2000)), 0.4)
             for i in range(side) for j in range(side - 1)]
    edges += [Pipe(f"v{i}-{j}", f"{i}-{j}", f"{i + 1}-{j}", float(rng.uniform(500, 2000)), 0.4)
              for i in range(side - 1) for j in range(side)]
    network = GasNetwork(tuple(nodes), tuple(edges), gas)
    net = to_pandapipes(network)
    peer_s = least_s(lambda: pandapipes.pipeflow(net, friction_model="colebrook", mode="hydraulics",
                                                  max_iter_hyd=100), 5)
    own_s = least_s(lambda: solve(network), 5)
    state = solve(network)
    return {"task": f"meshed grid, {len(edges):,} pipes", "peer": "pandapipes " + version("pandapipes"),
            "landbridge_s": own_s, "peer_s": peer_s, "ratio": peer_s / own_s,
            "landbridge": f"lowest {state.pressure_bar.min():.3f} bar",
            "other": f"lowest {net.res_junction.p_bar.min():.3f} bar"}


def supply_model(nodes: int, periods: int) -> SupplyModel:
    """A ring of nodes with chords, a source and a store at some, demand with a season at all."""
    rng = np.random.default_rng(0)
    names = tuple(f"n{i}" for i in range(nodes))
    season = 1.0 + 0.4 * np.cos(2.0 * np.pi * np.arange(periods) / 12.0)
    sources = tuple(Source(f"s{i}", names[i], np.full(periods, rng.uniform(3, 20)), rng.uniform(100, 500) * season)
                    for i in range(0, nodes, 4))
    chords = [(i, (i + 1) % nodes) for i in range(nodes)]
    chords += [tuple(rng.choice(nodes, 2, replace=False).tolist()) for _ in range(nodes)]
    arcs = tuple(Arc(f"a{k}", names[a], names[b], np.full(periods, rng.uniform(1, 8)), float(rng.uniform(1, 20)), 0.005,
                     (f"a{k}",)) for k, (a, b) in enumerate(chords))
    stores = tuple(Storage(f"k{i}", names[i], 6.0, 2.0, 3.0, 4.0, 0.01) for i in range(0, nodes, 10))
    demands = tuple(Demand(n, rng.uniform(0.2, 2.5) * season, 2000.0) for n in names)
    return SupplyModel(names, tuple(f"{t:03d}" for t in range(periods)), (2030,) * periods, sources, arcs, stores,
                       demands)


def with_linopy(model: SupplyModel) -> float:
    """The same program in linopy's array idiom, from data to objective."""
    import linopy
    import xarray as xr

    m = linopy.Model()
    periods = len(model.periods)
    at = {n: i for i, n in enumerate(model.nodes)}

    def block(name: str, upper: np.ndarray) -> linopy.Variable:
        return m.add_variables(0, xr.DataArray(upper, dims=(name, "t")), name=name)

    def into_nodes(entries: list[tuple[int, int, float]], name: str, count: int, x: linopy.Variable) -> object:
        dense = np.zeros((len(model.nodes), count))
        for node, k, v in entries:
            dense[node, k] += v
        return (xr.DataArray(dense, dims=("node", name)) * x).sum(name)

    s = block("source", np.array([x.capacity_bcm for x in model.sources]))
    a = block("arc", np.array([x.capacity_bcm for x in model.arcs]))
    u = block("unserved", np.array([d.volume_bcm for d in model.demands]))
    stores, both = model.storages, ("store", "t")
    put = block("store", np.array([np.full(periods, k.inject_bcm) for k in stores]))
    take = m.add_variables(0, xr.DataArray([[k.withdraw_bcm] * periods for k in stores], dims=both), name="take")
    held = m.add_variables(0, xr.DataArray([[k.volume_bcm] * periods for k in stores], dims=both), name="held")
    loss = xr.DataArray([1.0 - k.loss_share for k in stores], dims="store")
    m.add_constraints(held - held.roll(t=1) - loss * put + take == 0)
    ends = [(at[x.tail], i, -1.0) for i, x in enumerate(model.arcs)]
    ends += [(at[x.head], i, 1.0 - x.loss_share) for i, x in enumerate(model.arcs)]
    balance = (into_nodes([(at[x.node], i, 1.0) for i, x in enumerate(model.sources)], "source", len(model.sources), s)
               + into_nodes(ends, "arc", len(model.arcs), a)
               + into_nodes([(at[d.node], i, 1.0) for i, d in enumerate(model.demands)], "unserved",
                            len(model.demands), u)
               + into_nodes([(at[k.node], i, 1.0) for i, k in enumerate(stores)], "store", len(stores), take - put))
    wanted = np.zeros((len(model.nodes), periods))
    for d in model.demands:
        wanted[at[d.node]] += d.volume_bcm
    m.add_constraints(balance == xr.DataArray(wanted, dims=("node", "t")))
    lost = xr.DataArray([d.value_of_lost_load_usd_per_kcm for d in model.demands], dims="unserved")
    price = xr.DataArray(np.array([x.price_usd_per_kcm for x in model.sources]), dims=("source", "t"))
    m.add_objective((price * s).sum() + (xr.DataArray([x.cost_usd_per_kcm for x in model.arcs], dims="arc") * a).sum()
                    + (lost * u).sum()
                    + (xr.DataArray([k.cost_usd_per_kcm for k in stores], dims="store") * put).sum())
    m.solve(solver_name="highs", io_api="direct", output_flag=False, threads=1)
    return float(m.objective.value)


def supply_rows() -> list[Row]:
    """From data to objective, and again after closing one arc."""
    rows = []
    for nodes, periods in ((10, 12), (60, 24)):
        model = supply_model(nodes, periods)
        objective = with_linopy(model)
        own = Solver(model).cost_musd()
        peer_s = least_s(lambda model=model: with_linopy(model), 3)
        own_s = least_s(lambda model=model: Solver(model).cost_musd(), 3)
        shared = {"peer": "linopy " + version("linopy"), "landbridge": f"{own:.6f}", "other": f"{objective:.6f}"}
        rows.append({"task": f"supply, {nodes} nodes x {periods} months, from data to objective", **shared,
                     "landbridge_s": own_s, "peer_s": peer_s, "ratio": peer_s / own_s})
        solver, turn = Solver(model), iter(range(10**6))
        solver.cost_musd()
        ids = [a.id for a in model.arcs]
        warm_s = least_s(lambda s=solver, t=turn, ids=ids: s.cost_musd([Closure(ids[next(t) % len(ids)])]), 15)
        rows.append({"task": f"supply, {nodes} nodes x {periods} months, one more closure", **shared,
                     "landbridge_s": warm_s, "peer_s": peer_s, "ratio": peer_s / warm_s})
    return rows


def write(rows: list[Row]) -> None:
    """JSON of the run and the table in the documentation."""
    info = {"date": date.today().isoformat(), "machine": platform.machine(), "cores": os.cpu_count(),
            "python": platform.python_version(), "load": os.getloadavg()[0], "rows": rows}
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "gas.json").write_text(json.dumps(info, indent=1))
    text = [MARKS[0], f"Gas, {info['date']}, {info['cores']} cores, load {info['load']:.1f} while measuring; least of "
            "several runs after warm-up.", "",
            "| task | landbridge, ms | peer | peer, ms | times faster | landbridge | peer's answer |",
            "|---|---:|---|---:|---:|---|---|"]
    text += [f"| {r['task']} | {1e3 * float(str(r['landbridge_s'])):.1f} | {r['peer']} | "
             f"{1e3 * float(str(r['peer_s'])):.1f} | {float(str(r['ratio'])):.1f} | {r['landbridge']} | {r['other']} |"
             for r in rows]
    page = HERE.parent / "docs" / "performance.md"
    old = page.read_text() if page.exists() else "# Performance\n"
    table = "\n".join([*text, MARKS[1]])
    if MARKS[0] in old:
        before, after = old.split(MARKS[0])[0], old.split(MARKS[1])[1]
        page.write_text(before + table + after)
    else:
        page.write_text(old.rstrip() + "\n\n## Gas\n\n" + table + "\n")


if __name__ == "__main__":
    found = [*line_rows(), grid_row(23), *supply_rows()]
    for row in found:
        print(f"{row['task']}: {float(str(row['ratio'])):.1f} times faster than {row['peer']} "
              f"({row['landbridge']}; {row['other']})")
    write(found)
