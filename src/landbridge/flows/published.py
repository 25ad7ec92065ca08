"""A published network from its files to its equilibrium: what `landbridge assign` does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from landbridge.errors import Fault, StudyFault
from landbridge.flows import tntp
from landbridge.flows.delay import Links
from landbridge.flows.equilibrium import Demand, Equilibrium, Options, solve


@dataclass(frozen=True)
class Assignment:
    """An equilibrium of a TNTP network, with what it was made from."""

    network: tntp.TntpNetwork
    answer: Equilibrium
    notes: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Link flows as CSV; StudyFault where the file cannot be written."""
        try:
            tntp.write_flows(path, self.network, self.answer)
        except OSError as error:
            raise StudyFault([Fault(str(path), "file", error.strerror or str(error),
                                    "a file that can be written",
                                    "choose another --out")]) from None

    def to_json(self) -> dict[str, Any]:
        """The answer as one JSON document; times in seconds, the rest in the file's units."""
        a = self.answer
        return {
            "objective": a.objective, "relative_gap": a.relative_gap, "iterations": a.iterations,
            "seconds": a.seconds,
            "converged": a.converged, "reason": a.reason, "total_cost": a.total_cost, "links": len(a.volume),
            "paths": len(a.paths.flow), "intrazonal": a.intrazonal, "unreachable": a.unreachable,
            "gap_history": a.gap_history.tolist(), "seconds_history": a.seconds_history.tolist(),
            "notes": list(self.notes),
        }

    def text(self) -> str:
        """The answer in a few lines."""
        a = self.answer
        state = "converged" if a.converged else f"not converged: {a.reason}"
        return "\n".join([f"objective     {a.objective:.10g}",
                          f"relative gap  {a.relative_gap:.3g} ({state})",
                          f"iterations    {a.iterations}", f"seconds       {a.seconds:.3f}", *self.notes])


def assign_tntp(net: Path, trips: Path, toll_weight: float | None, distance_weight: float | None,
                options: Options) -> Assignment:
    """Read a TNTP network and its trips and solve for user equilibrium; StudyFault on files that say
    something wrong.

    The seconds of the answer are those of solving: reading the files and loading compiled code come before.
    """
    network = tntp.read_network(net)
    given = tntp.read_trips(trips, network.zones)
    _warm_up(options.threads)
    answer = solve(network.links(toll_weight, distance_weight), given.demand, options)
    notes = []
    total = float(given.demand.volume.sum())
    if math.isfinite(given.stated_total) and not math.isclose(total, given.stated_total, rel_tol=0.01):
        notes.append(f"the trips sum to {total:g}, their metadata says {given.stated_total:g}")
    if answer.unreachable:
        notes.append(f"{answer.unreachable:g} trips have no way to their destination and are left out")
    if answer.intrazonal:
        notes.append(f"{answer.intrazonal:g} trips stay within their zone and use no link")
    return Assignment(network, answer, tuple(notes))


@cache
def _warm_up(threads: int) -> None:
    """Compile, or load from the cache, everything the solver uses, on a network of two parallel links."""
    links = Links.of(2, [0, 0], [1, 1], [1.0, 1.0], [1.0, 1.0], [1.0, 1.0], [4.0, 4.0])
    demand = Demand(np.array([0], np.int32), np.array([1], np.int32), np.array([1.0]))
    solve(links, demand, Options(threads=threads))
