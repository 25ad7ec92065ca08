"""The same network in pandapipes, the same supply model in PyPSA; both packages are extras."""

from __future__ import annotations

from typing import Any

import numpy as np

from landbridge.errors import MissingExtra
from landbridge.gas.network import Compressor, Control, ControlValve, GasNetwork, Pipe, Resistor, ShortPipe
from landbridge.gas.supply import SupplyModel


def to_pandapipes(network: GasNetwork, fluid: str = "hgas") -> Any:
    """The network as a pandapipes net; MissingExtra without pandapipes (extra `pandapipes`).

    pandapipes has its own gases (Z linear in pressure) and no fuel or station limits, so pressures differ. Ratio
    stations become compressors, outlet pressures pressure controls; resistors and short pipes lossless valves.
    """
    try:
        import pandapipes
    except ImportError as error:
        raise MissingExtra("pandapipes", "pandapipes") from error
    net = pandapipes.create_empty_network(network.name, fluid=fluid)
    start = max(n.pressure_bar or 0.0 for n in network.nodes) or 50.0
    at = {n.id: pandapipes.create_junction(net, start, network.gas.temperature_k, n.elevation_m, name=n.id)
          for n in network.nodes}
    for n in network.nodes:
        if n.pressure_bar is not None:
            pandapipes.create_ext_grid(net, at[n.id], p_bar=n.pressure_bar, t_k=network.gas.temperature_k, type="pt")
        elif n.injection_kg_per_s < 0:
            pandapipes.create_sink(net, at[n.id], mdot_kg_per_s=-n.injection_kg_per_s)
        elif n.injection_kg_per_s > 0:
            pandapipes.create_source(net, at[n.id], mdot_kg_per_s=n.injection_kg_per_s)
    for e in network.edges:
        ends = at[e.tail], at[e.head]
        if isinstance(e, Pipe):
            pandapipes.create_pipe_from_parameters(net, *ends, length_km=e.length_m / 1e3,
                                                   inner_diameter_mm=e.diameter_m * 1e3,
                                                   k_mm=e.roughness_m * 1e3, name=e.id)
        elif isinstance(e, Compressor | ControlValve) and e.control is Control.RATIO:
            pandapipes.create_compressor(net, *ends, pressure_ratio=e.value, name=e.id)
        elif isinstance(e, Compressor | ControlValve) and e.control is Control.OUTLET_PRESSURE:
            pandapipes.create_pressure_control(net, *ends, controlled_junction=at[e.head], controlled_p_bar=e.value,
                                               name=e.id)
        elif isinstance(e, ShortPipe | Resistor):
            pandapipes.create_valve(net, *ends, et="ju", inner_diameter_mm=1000.0, loss_coefficient=0.0, name=e.id)
    return net


def to_pypsa(model: SupplyModel) -> Any:
    """The supply model as a PyPSA network of bcm and USD per 1000 m3; MissingExtra without pypsa (extra `pypsa`).

    Sources and unserved gas become generators, pipelines links, stores storage units. Take-or-pay has no counterpart in
    PyPSA and is left out; `network.meta` says so.
    """
    try:
        import pypsa
    except ImportError as error:
        raise MissingExtra("pypsa", "pypsa") from error
    n = pypsa.Network()
    n.set_snapshots(list(model.periods))
    n.add("Carrier", "gas")
    for name in model.nodes:
        n.add("Bus", name, carrier="gas")
    for s in model.sources:
        n.add("Generator", s.id, bus=s.node, carrier="gas", p_nom=1.0, p_max_pu=s.capacity_bcm,
              marginal_cost=s.price_usd_per_kcm)
    for a in model.arcs:
        top = float(np.max(a.capacity_bcm)) or 1.0
        n.add("Link", a.id, bus0=a.tail, bus1=a.head, carrier="gas", p_nom=top, p_max_pu=a.capacity_bcm / top,
              efficiency=1.0 - a.loss_share, marginal_cost=a.cost_usd_per_kcm)
    for d in model.demands:
        n.add("Load", f"demand {d.node}", bus=d.node, carrier="gas", p_set=d.volume_bcm)
        top = float(np.max(d.volume_bcm)) or 1.0
        n.add("Generator", f"unserved {d.node}", bus=d.node, carrier="gas", p_nom=top, p_max_pu=d.volume_bcm / top,
              marginal_cost=d.value_of_lost_load_usd_per_kcm)
    _stores(n, model)
    n.meta = {"left_out": [s.id for s in model.sources if s.min_take_share > 0.0]}
    return n


def _stores(n: Any, model: SupplyModel) -> None:
    """Stores on buses of their own with links in and out, so that rates, cost and loss are kept."""
    for s in model.storages:
        n.add("Bus", f"{s.id} store", carrier="gas")
        n.add("Store", s.id, bus=f"{s.id} store", carrier="gas", e_nom=s.volume_bcm, e_cyclic=True)
        n.add("Link", f"{s.id} in", bus0=s.node, bus1=f"{s.id} store", p_nom=s.inject_bcm,
              efficiency=1.0 - s.loss_share, marginal_cost=s.cost_usd_per_kcm)
        n.add("Link", f"{s.id} out", bus0=f"{s.id} store", bus1=s.node, p_nom=s.withdraw_bcm)
