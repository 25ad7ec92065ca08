"""Reader of GasLib files: the network (.net), a nomination (.scn) and the compressor stations (.cs).

GasLib: Schmidt et al., "GasLib – a library of gas network instances", Data 2(4), 40 (2017). A nomination gives flows
and pressure bounds, not a state. To make it one steady state this reader fixes the pressure where the nomination does,
or else (no node fixed) at the entry with the largest inflow to its upper bound; stations hold their highest outlet
pressure and control valves their highest outlet pressure, both kept within limits by the solver.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

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
from landbridge.gas.properties import Gas, papay_gas

# what one unit of a file is in the unit used here: m, bar, kg/s per normal density, K is handled apart
_UNITS = {
    "m": 1.0, "km": 1000.0, "mm": 1e-3, "meter": 1.0,
    "bar": 1.0, "barg": 1.0, "pa": 1e-5, "kpa": 1e-2, "mpa": 10.0,
    "1000m_cube_per_hour": 1000.0 / 3600.0, "m_cube_per_hour": 1.0 / 3600.0, "m_cube_per_s": 1.0,
    "kg_per_m_cube": 1.0, "kg_per_kmol": 1e-3, "k": 1.0, "kw": 1e-3, "mw": 1.0, "": 1.0,
}
_ATMOSPHERE_BAR = 1.01325


@dataclass(frozen=True)
class Nomination:
    """Flow (m3/s at normal conditions, entries above 0) and pressure bounds (bar) by node."""

    id: str
    flow_m3_per_s: Mapping[str, float]
    pressure_low_bar: Mapping[str, float]
    pressure_high_bar: Mapping[str, float]


def _local(element: ElementTree.Element) -> str:
    return element.tag.rsplit("}", 1)[-1]


def _root(path: Path) -> ElementTree.Element:
    try:
        return ElementTree.parse(path).getroot()
    except FileNotFoundError:
        raise StudyFault([Fault(path.name, "file", "missing", "a GasLib file", "correct the path")]) from None
    except ElementTree.ParseError as error:
        fault = Fault(path.name, f"line {error.position[0]}", "not XML", "XML", "correct the file")
        raise StudyFault([fault]) from None


def _value(element: ElementTree.Element, name: str, default: float = math.nan) -> float:
    """Value of a child element in the units of this module; the default where the file has none."""
    for child in element:
        if _local(child) == name and child.get("value") is not None:
            unit = (child.get("unit") or "").lower()
            number = float(child.get("value", "nan"))
            if unit == "celsius":
                return number + 273.15
            shift = _ATMOSPHERE_BAR if unit == "barg" else 0.0
            return number * _UNITS.get(unit, 1.0) + shift
    return default


def _section(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    for part in root.iter():
        if _local(part) == name:
            yield from part
            return


def read_nomination(path: Path, scenario: str | None = None) -> Nomination:
    """One scenario of a .scn file (the first by default); flow where both bounds agree, or their middle."""
    root = _root(path)
    found = [e for e in root.iter() if _local(e) == "scenario" and scenario in (None, e.get("id"))]
    if not found:
        known = ", ".join(e.get("id", "") for e in root.iter() if _local(e) == "scenario")
        raise StudyFault([Fault(path.name, "scenario", str(scenario), known or "a scenario", "use one of these ids")])
    flow: dict[str, float] = {}
    low: dict[str, float] = {}
    high: dict[str, float] = {}
    for node in found[0]:
        if _local(node) != "node":
            continue
        name, sign = node.get("id", ""), 1.0 if node.get("type") == "entry" else -1.0
        bounds: dict[str, list[float]] = {"flow": [], "pressure": []}
        for child in node:
            kind, unit = _local(child), (child.get("unit") or "").lower()
            number = float(child.get("value", "nan")) * _UNITS.get(unit, 1.0)
            if kind == "pressure":
                number += _ATMOSPHERE_BAR if unit == "barg" else 0.0
                if child.get("bound") in ("lower", "both"):
                    low[name] = number
                if child.get("bound") in ("upper", "both"):
                    high[name] = number
            if kind in bounds:
                bounds[kind].append(number)
        if bounds["flow"]:
            flow[name] = sign * sum(bounds["flow"]) / len(bounds["flow"])
    return Nomination(found[0].get("id", ""), flow, low, high)


def read_station_power_mw(path: Path) -> dict[str, float]:
    """Greatest shaft power (MW) of every station in a .cs file: the sum of its drives' greatest measured power."""
    power: dict[str, float] = {}
    for station in _root(path).iter():
        if _local(station) != "compressorStation":
            continue
        total = 0.0
        for drives in station:
            for drive in drives if _local(drives) == "drives" else ():
                measured = [float(e.get("value", "nan")) * _UNITS.get((e.get("unit") or "kw").lower(), 1e-3)
                            for e in drive.iter() if _local(e) == "maximalPower"]
                total += max(measured, default=0.0)
        power[station.get("id", "")] = total or math.inf
    return power


def read(net: Path, scn: Path | None = None, cs: Path | None = None, scenario: str | None = None,
         reference: Mapping[str, float] | None = None, max_ratio: float = 2.0) -> GasNetwork:
    """A GasLib network with a nomination, ready for `hydraulics.solve`; StudyFault for files that do not fit together.

    `reference` fixes pressures (bar) by node id and goes before the rule in the head of this module. Flows of the
    nomination that do not balance are left to the reference node.
    """
    root = _root(net)
    nomination = read_nomination(scn, scenario) if scn else Nomination("", {}, {}, {})
    power = read_station_power_mw(cs) if cs else {}
    raw = list(_section(root, "nodes"))
    gas, density = _gas(raw)
    names = {e.get("id", "") for e in raw}
    strangers = sorted(set(nomination.flow_m3_per_s) - names)
    if strangers and scn:
        raise StudyFault([Fault(scn.name, f"node {n}", "not in the network", "nodes of the .net file",
                                "use files of one network") for n in strangers])
    fixed = dict(reference or {}) or _fixed(raw, nomination)
    nodes = tuple(
        Node(name, fixed.get(name),
             0.0 if name in fixed else nomination.flow_m3_per_s.get(name, 0.0) * density, _value(e, "height", 0.0),
             max(_value(e, "pressureMin", 0.0), nomination.pressure_low_bar.get(name, 0.0)),
             min(_value(e, "pressureMax", math.inf), nomination.pressure_high_bar.get(name, math.inf)))
        for e in raw for name in [e.get("id", "")]
    )
    edges = tuple(edge for e in _section(root, "connections") if (edge := _edge(e, power, max_ratio)) is not None)
    dangling = [Fault(net.name, e.id, f"node {x}", "a node of the file", "correct the connection")
                for e in edges for x in (e.tail, e.head) if x not in names]
    if dangling:
        raise StudyFault(dangling)
    notes = tuple(f"pressure fixed at {k}: {v:.2f} bar" for k, v in fixed.items())
    return GasNetwork(nodes, edges, gas, net.stem, notes)


def _fixed(raw: list[ElementTree.Element], nomination: Nomination) -> dict[str, float]:
    low, high = nomination.pressure_low_bar, nomination.pressure_high_bar
    given = {n: low[n] for n in low if n in high and abs(low[n] - high[n]) < 1e-9}
    if given:
        return given
    entries = [e for e in raw if _local(e) == "source"] or raw
    first = max(entries, key=lambda e: nomination.flow_m3_per_s.get(e.get("id", ""), 0.0))
    name = first.get("id", "")
    top = min(_value(first, "pressureMax", 70.0), high.get(name, math.inf))
    return {name: top}


def _gas(raw: list[ElementTree.Element]) -> tuple[Gas, float]:
    """Mean gas of the entries and its normal density in kg/m3."""
    rows = [(_value(e, "molarMass"), _value(e, "pseudocriticalTemperature"), _value(e, "pseudocriticalPressure"),
             _value(e, "gasTemperature", 283.15), _value(e, "normDensity")) for e in raw if _local(e) == "source"]
    rows = [r for r in rows if not any(math.isnan(x) for x in r)] or [(0.0185674, 188.55, 45.93, 283.15, 0.785)]
    mass, t_c, p_c, t, density = (sum(x) / len(rows) for x in zip(*rows, strict=True))
    return papay_gas(t, mass, (t_c, p_c * 1e5)), density


def _edge(e: ElementTree.Element, power: Mapping[str, float], max_ratio: float) -> Edge | None:
    kind, name, ends = _local(e), e.get("id", ""), (e.get("from", ""), e.get("to", ""))
    if kind == "pipe":
        return Pipe(name, *ends, _value(e, "length"), _value(e, "diameter"), _value(e, "roughness", 5e-5))
    if kind in ("shortPipe", "valve"):
        return ShortPipe(name, *ends)
    if kind == "resistor":
        loss = _value(e, "pressureLoss", 0.0)
        return Resistor(name, *ends, _value(e, "dragFactor", 0.0), _value(e, "diameter", 1.0), loss)
    if kind == "controlValve":
        return ControlValve(name, *ends, Control.OUTLET_PRESSURE, _value(e, "pressureOutMax", 70.0))
    if kind == "compressorStation":
        top = _value(e, "pressureOutMax", 70.0)
        return Compressor(name, *ends, Control.OUTLET_PRESSURE, top, max_ratio, power.get(name, math.inf))
    return None
