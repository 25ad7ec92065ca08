"""User equilibrium: landbridge against AequilibraE bfw, on published networks, in one run.

    python bench/assignment.py FOLDER [--seconds 120]

FOLDER holds Anaheim/ and Chicago-Sketch/ of the TNTP collection (networks and trips). Needs
bench/requirements.txt. Both solvers get one core and the same arrays; the clock covers everything from
arrays to flows, and both stop at the same relative gap, (total cost - cost at least-cost ways) / total cost.
Each pair is run on a warm process. The objective is computed by one function from the link flows of each.
Writes bench/results/assignment.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from landbridge.flows import tntp
from landbridge.flows.delay import Links
from landbridge.flows.equilibrium import Demand, Options, solve

CASES = {"Anaheim": (0.0, 0.0, 1286032.1710960), "Chicago-Sketch": (0.02, 0.04, 17313018.7387477)}
GAPS = (1e-6, 1e-10)


@dataclass(frozen=True)
class Row:
    network: str
    solver: str
    target: float
    gap: float
    reached: bool
    iterations: int
    seconds: float
    cpu_s: float
    objective_error: float


def ours(links: Links, demand: Demand, gap: float) -> tuple[np.ndarray, float, int]:
    answer = solve(links, demand, Options(gap=gap))
    return answer.volume, answer.relative_gap, answer.iterations


def theirs(network: tntp.TntpNetwork, links: Links, demand: Demand, gap: float,
           most: int) -> tuple[np.ndarray, float, int]:
    """AequilibraE bfw on one core, at most `most` iterations; it refuses a free time of 0, so those are 1e-9."""
    from aequilibrae.matrix import AequilibraeMatrix
    from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass

    zones = int(max(demand.origin.max(), demand.destination.max())) + 1
    graph = Graph()
    graph.network = pd.DataFrame({
        "link_id": np.arange(1, links.m + 1), "a_node": links.tail + 1, "b_node": links.head + 1,
        "direction": 1,
        "capacity": links.capacity, "time": np.maximum(network.free_flow_time, 1e-9), "alpha": network.b,
        "beta": network.power,
        "fixed": links.base - network.free_flow_time,
    })
    graph.prepare_graph(np.arange(1, zones + 1))
    graph.set_graph("time")
    graph.set_blocked_centroid_flows(links.first_thru > 0)
    trips = AequilibraeMatrix()
    trips.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    trips.index[:] = np.arange(1, zones + 1)
    table = np.zeros((zones, zones))
    np.add.at(table, (demand.origin, demand.destination), demand.volume)
    np.fill_diagonal(table, 0.0)
    trips.matrix["trips"][:, :] = table
    trips.computational_view(["trips"])
    kind = TrafficClass("trips", graph, trips)
    if (graph.network["fixed"] > 0).any():
        kind.set_fixed_cost("fixed")
    run = TrafficAssignment()
    run.set_classes([kind])
    run.set_vdf("BPR")
    run.set_vdf_parameters({"alpha": "alpha", "beta": "beta"})
    run.set_capacity_field("capacity")
    run.set_time_field("time")
    run.set_algorithm("bfw")
    run.set_cores(1)
    run.max_iter = most
    run.rgap_target = gap
    run.execute()
    report = run.report()
    return run.results()["trips_ab"].to_numpy(), float(report["rgap"].iloc[-1]), len(report)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=120.0, help="about the longest run of the peer")
    options = parser.parse_args()
    rows: list[Row] = []
    for name, (toll, distance, published) in CASES.items():
        stem = name.replace("-", "")
        network = tntp.read_network(options.folder / name / f"{stem}_net.tntp")
        demand = tntp.read_trips(options.folder / name / f"{stem}_trips.tntp", network.zones).demand
        links = network.links(toll, distance)
        ours(links, demand, 1e-3)  # load compiled code
        theirs(network, links, demand, 1e-1, 2)
        start = time.perf_counter()
        theirs(network, links, demand, 0.0, 20)
        most = max(20, int(options.seconds * 20 / (time.perf_counter() - start)))
        for target in GAPS:
            for solver, call in (("landbridge", partial(ours, links, demand)),
                                 ("AequilibraE bfw", partial(theirs, network, links, demand, most=most))):
                wall = cpu = np.inf
                start = time.perf_counter()
                for _ in range(5):  # the least of up to five runs, as many as fit in ten seconds
                    w, c = time.perf_counter(), time.process_time()
                    volume, gap, iterations = call(target)
                    wall, cpu = min(wall, time.perf_counter() - w), min(cpu, time.process_time() - c)
                    if time.perf_counter() - start > 10:
                        break
                error = links.objective(np.nan_to_num(np.asarray(volume, float))) / published - 1
                rows.append(Row(name, solver, target, gap, gap <= target, iterations, wall, cpu, error))
                print(rows[-1], flush=True)
    report = {
        "what": "user equilibrium on one core, seconds from arrays to flows",
        "python": platform.python_version(),
        "machine": platform.machine(), "cores": os.cpu_count(),
        "load_average": os.getloadavg(), "aequilibrae": version("aequilibrae"), "numba": version("numba"),
        "numpy": version("numpy"), "rows": [asdict(r) for r in rows],
    }
    out = Path(__file__).parent / "results" / "assignment.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
