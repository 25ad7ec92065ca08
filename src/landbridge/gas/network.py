"""A gas network as it stands: nodes, pipes, stations, valves, resistors; what is fixed and what is to be found."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum

from landbridge.gas.properties import Gas


class Control(StrEnum):
    """What a station or a control valve holds."""

    RATIO = "ratio"  # outlet over inlet pressure
    OUTLET_PRESSURE = "outlet_pressure"  # bar
    FLOW = "flow"  # kg/s
    PRESSURE_DROP = "pressure_drop"  # bar


@dataclass(frozen=True)
class Node:
    """A place in the network: pressure given, or injection given (supply above 0, delivery below)."""

    id: str
    pressure_bar: float | None = None
    injection_kg_per_s: float = 0.0
    elevation_m: float = 0.0
    min_pressure_bar: float = 0.0
    max_pressure_bar: float = math.inf


@dataclass(frozen=True)
class Pipe:
    """A pipe; `friction_factor` (Darcy) replaces the friction equation where it is given."""

    id: str
    tail: str
    head: str
    length_m: float
    diameter_m: float
    roughness_m: float = 1.5e-5
    friction_factor: float | None = None
    efficiency: float = 1.0
    max_velocity_m_per_s: float = math.inf


@dataclass(frozen=True)
class Compressor:
    """A station from tail to head; adiabatic `efficiency`; fuel is burnt where `turbine_efficiency` is above 0."""

    id: str
    tail: str
    head: str
    control: Control
    value: float
    max_ratio: float = math.inf
    max_power_mw: float = math.inf
    max_flow_kg_per_s: float = math.inf
    efficiency: float = 0.8
    turbine_efficiency: float = 0.0


@dataclass(frozen=True)
class ControlValve:
    """A valve that lowers pressure: by a ratio, to an outlet pressure, by a drop, or to a flow."""

    id: str
    tail: str
    head: str
    control: Control
    value: float


@dataclass(frozen=True)
class Resistor:
    """A loss by drag factor (as λL/D of a pipe of `diameter_m`), or a constant `pressure_drop_bar` along the flow."""

    id: str
    tail: str
    head: str
    drag: float = 0.0
    diameter_m: float = 1.0
    pressure_drop_bar: float = 0.0


@dataclass(frozen=True)
class ShortPipe:
    """A connection without loss: short pipe or open valve. A closed valve is left out of the network."""

    id: str
    tail: str
    head: str


Edge = Pipe | Compressor | ControlValve | Resistor | ShortPipe


@dataclass(frozen=True)
class GasNetwork:
    """Nodes and edges in a fixed order, and the gas in them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    gas: Gas
    name: str = "network"
    notes: tuple[str, ...] = field(default=())

    def node_index(self) -> dict[str, int]:
        """Position of every node by its id."""
        return {node.id: i for i, node in enumerate(self.nodes)}
