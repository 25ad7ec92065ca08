"""What stations and valves hold: kept within their limits, and let go where a part of the network would hang free."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from landbridge.gas._system import System
from landbridge.gas.network import Compressor, Control, ControlValve, GasNetwork

Floats = NDArray[np.float64]
Controls = tuple[tuple[Control, float] | None, ...]
LOOSE = (Control.OUTLET_PRESSURE, Control.FLOW)  # these do not tie the pressures of their two ends together


def relieved(network: GasNetwork, controls: Controls, modes: list[str]) -> Controls:
    """Controls with a station passed by wherever a part of the network has neither a given nor a held pressure.

    Such a part is joined to the rest by stations that suck from it and hold pressures elsewhere; its own pressure would
    be free. One of them is set to ratio 1, which ties the part to its neighbor.
    """
    index, held = network.node_index(), list(controls)
    n = len(network.nodes)
    t, h = (np.array([index[x] for x in ends], dtype=np.int64)
            for ends in ([e.tail for e in network.edges], [e.head for e in network.edges]))
    given = np.array([i for i, node in enumerate(network.nodes) if node.pressure_bar is not None], dtype=np.int64)
    for _ in range(len(network.edges)):
        loose = np.array([c is not None and c[0] in LOOSE for c in held], dtype=bool)
        tied = np.flatnonzero(~loose)
        graph = coo_matrix((np.ones(len(tied)), (t[tied], h[tied])), (n, n))
        _, part = connected_components(graph, directed=False)
        holding = np.array([c is not None and c[0] is Control.OUTLET_PRESSURE for c in held], dtype=bool)
        pinned = set(part[given].tolist()) | set(part[h[holding]].tolist())
        free = [i for i in np.flatnonzero(holding) if int(part[t[i]]) not in pinned]
        if not free:
            return tuple(held)
        held[free[0]], modes[free[0]] = (Control.RATIO, 1.0), "bypass"
    return tuple(held)


def saturated(
    network: GasNetwork, system: System, u: Floats, controls: Controls, modes: list[str]
) -> Controls | None:
    """Controls after stations and valves beyond their limits were set to them; None where nothing changes."""
    p = np.sqrt(np.abs(u))
    changed = list(controls)
    for i, edge in enumerate(network.edges):
        held = controls[i]
        if held is None or held[0] is not Control.OUTLET_PRESSURE:
            continue
        ratio = p[system.head[i]] / max(p[system.tail[i]], 1e-9)
        if isinstance(edge, Compressor) and ratio > edge.max_ratio * (1 + 1e-9):
            changed[i], modes[i] = (Control.RATIO, edge.max_ratio), "at maximum ratio"
        elif isinstance(edge, Compressor) and ratio < 1.0 - 1e-9:
            changed[i], modes[i] = (Control.RATIO, 1.0), "bypass"
        elif isinstance(edge, ControlValve) and ratio > 1.0 + 1e-9:
            changed[i], modes[i] = (Control.RATIO, 1.0), "fully open"
    return None if tuple(changed) == controls else tuple(changed)


def islands(network: GasNetwork) -> str:
    """Why the network cannot have one solution, or an empty text."""
    index = network.node_index()
    unknown = sorted({e.tail for e in network.edges if e.tail not in index}
                     | {e.head for e in network.edges if e.head not in index})
    if unknown:
        return f"edges name nodes that do not exist: {', '.join(unknown[:5])}"
    n = len(network.nodes)
    t = [index[e.tail] for e in network.edges]
    h = [index[e.head] for e in network.edges]
    _, part = connected_components(coo_matrix((np.ones(len(t)), (t, h)), (n, n)), directed=False)
    with_pressure = {part[i] for i, node in enumerate(network.nodes) if node.pressure_bar is not None}
    for i, node in enumerate(network.nodes):
        if part[i] not in with_pressure:
            return f"the part of the network with node {node.id} has no node of given pressure"
    return ""
