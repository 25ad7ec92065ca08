"""Reader of the JSON layout of GasSteadySim (network.json, params.json, bc.json) and its published solutions.

The layout: Srinivasan, Sundar, Gyrya and Zlotnik 2023, doi 10.1109/TCNS.2022.3232524. Boundary flows are withdrawals.
Resistors, loss resistors and open valves pass pressure on unchanged, as they do in that solver's published solutions;
their drag is kept for a user who asks for it with `lossy_resistors`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landbridge.errors import Fault, StudyFault
from landbridge.gas.network import (
    Compressor,
    Control,
    ControlValve,
    Edge,
    GasNetwork,
    Node,
    Pipe,
    Resistor,
    ShortPipe,
)
from landbridge.gas.properties import Eos, Gas, cnga

_GAS_CONSTANT = 8.314  # as that solver has it
_MOLAR_MASS_AIR = 0.02896
_PSI_PA = 6894.75729
_ATMOSPHERE_PA = 101350.0


def gas_of(params: Mapping[str, Any], eos: Eos) -> Gas:
    """The gas of a params.json, with that solver's constants; StudyFault for a law it does not have."""
    inner = _inner(params)
    temperature = float(inner.get("Temperature (K):", 288.706))
    gravity = float(inner.get("Gas specific gravity (G):", 0.6))
    if eos is Eos.IDEAL:
        coefficients: tuple[float, ...] = (1.0,)
    elif eos is Eos.SIMPLE_CNGA:
        coefficients = (1.00300865, 2.96848838e-8)
    elif eos is Eos.FULL_CNGA:
        coefficients = cnga(temperature, gravity, -_ATMOSPHERE_PA, _PSI_PA)
    else:
        raise StudyFault([Fault("params.json", "gas", eos.value, "ideal, simple_cnga, full_cnga", "choose one")])
    return Gas(eos, temperature, _GAS_CONSTANT / (gravity * _MOLAR_MASS_AIR), coefficients, 1.1e-5,
               float(inner.get("Specific heat capacity ratio", 1.4)))


def _inner(params: Mapping[str, Any]) -> Mapping[str, Any]:
    """The parameters themselves, under whichever head the file puts them."""
    for head in ("params", "simulation_params"):
        if head in params:
            found: Mapping[str, Any] = params[head]
            return found
    return params


def read(folder: Path, eos: Eos, lossy_resistors: bool = False) -> GasNetwork:
    """The network of a folder with network.json, params.json and bc.json; StudyFault lists what is wrong.

    Edge ids are `pipe 4`, `compressor 1`, …: the kind and the number in the file. Units 0 (SI) and 1 (psi, inch, mile,
    MMSCFD) are understood.
    """
    network, params, bc = (_load(folder / name) for name in ("network.json", "params.json", "bc.json"))
    inner = _inner(params)
    gas = gas_of(params, eos)
    units = float(inner.get("units (SI = 0, standard = 1)", 0.0))
    pressure, length, diameter = (1.0, 1.0, 1.0) if units == 0 else (_PSI_PA, 1609.64, 0.0254)
    flow = 1.0 if units == 0 else 0.02832e6 / 86400.0 * 101325.0 / gas.rt
    slack = {k: v * pressure / 1e5 for k, v in bc.get("boundary_pslack", {}).items()}
    taken = {k: v * flow for k, v in bc.get("boundary_nonslack_flow", {}).items()}
    nodes = tuple(
        Node(k, slack.get(k), 0.0 if k in slack else -taken.get(k, 0.0), float(v.get("elevation", 0.0) or 0.0),
             float(v.get("min_pressure", 0.0)) * pressure / 1e5,
             float(v.get("max_pressure", float("inf"))) * pressure / 1e5)
        for k, v in network.get("nodes", {}).items()
    )
    edges = _edges(network, bc, length, diameter, pressure, lossy_resistors)
    known = {n.id for n in nodes}
    faults = [Fault("network.json", e.id, f"node {end}", "a node of the file", "correct the node number")
              for e in edges for end in (e.tail, e.head) if end not in known]
    if not slack:
        faults.append(Fault("bc.json", "boundary_pslack", "nothing", "one node of given pressure at least", "add it"))
    if faults:
        raise StudyFault(faults)
    return GasNetwork(nodes, edges, gas, folder.name)


def _edges(network: Mapping[str, Any], bc: Mapping[str, Any], length: float, diameter: float, pressure: float,
           lossy: bool) -> tuple[Edge, ...]:
    found: list[Edge] = []
    for k, v in network.get("pipes", {}).items():
        found.append(Pipe(f"pipe {k}", *_ends(v), float(v["length"]) * length, float(v["diameter"]) * diameter,
                          friction_factor=float(v["friction_factor"])))
    settings = bc.get("boundary_compressor", {})
    for k, v in network.get("compressors", {}).items():
        control, value = _control(settings.get(k), pressure, f"compressor {k}")
        found.append(Compressor(f"compressor {k}", *_ends(v), control, value,
                                float(v.get("c_max", float("inf"))), float(v.get("max_power", float("inf"))) / 1e6,
                                float(v.get("max_flow", float("inf")))))
    settings = bc.get("boundary_control_valve", {})
    off = {str(i) for i in settings.get("off", [])}
    for k, v in network.get("control_valves", {}).items():
        if k not in off:
            control, value = _control(settings.get(k), pressure, f"control valve {k}")
            found.append(ControlValve(f"control_valve {k}", *_ends(v), control, value))
    off = {str(i) for i in bc.get("boundary_valve", {}).get("off", [])}
    found.extend(ShortPipe(f"valve {k}", *_ends(v)) for k, v in network.get("valves", {}).items() if k not in off)
    found.extend(ShortPipe(f"short_pipe {k}", *_ends(v)) for k, v in network.get("short_pipes", {}).items())
    for k, v in network.get("resistors", {}).items():
        drag = float(v.get("drag", 0.0)) if lossy else 0.0
        found.append(Resistor(f"resistor {k}", *_ends(v), drag, float(v.get("diameter", 1.0))))
    for k, v in network.get("loss_resistors", {}).items():
        drop = float(v.get("p_loss", 0.0)) * pressure / 1e5 if lossy else 0.0
        found.append(Resistor(f"loss_resistor {k}", *_ends(v), pressure_drop_bar=drop))
    return tuple(found)


def _ends(item: Mapping[str, Any]) -> tuple[str, str]:
    tail = item["fr_node"] if "fr_node" in item else item["from_node"]
    return str(tail), str(item["to_node"])


def _control(setting: Mapping[str, Any] | None, pressure: float, where: str) -> tuple[Control, float]:
    if setting is None:
        return Control.RATIO, 1.0
    kinds = {0: Control.RATIO, 1: Control.OUTLET_PRESSURE, 2: Control.FLOW}
    kind = int(setting.get("control_type", 0))
    if kind not in kinds:
        raise StudyFault([Fault("bc.json", where, f"control_type {kind}", "0 ratio, 1 outlet pressure, 2 flow",
                                "use one of these")])
    value = float(setting["value"])
    return kinds[kind], value * pressure / 1e5 if kind == 1 else value


def solution_pressures_bar(path: Path) -> dict[str, float]:
    """Node pressures of a published solution file (exact_sol_*.json), bar."""
    return {k: float(v) / 1e5 for k, v in _load(path)["nodal_pressure"].items()}


def _load(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudyFault([Fault(path.name, "file", "missing", "a JSON file", f"put it into {path.parent}")]) from None
    except json.JSONDecodeError as error:
        raise StudyFault([Fault(path.name, f"line {error.lineno}", error.msg, "JSON", "correct the file")]) from None
    return data
