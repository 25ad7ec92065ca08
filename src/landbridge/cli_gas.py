"""`landbridge gas` and `landbridge gas-solve`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from landbridge.gas.hydraulics import HydraulicState
    from landbridge.gas.network import GasNetwork

_LAWS = ("ideal", "simple_cnga", "full_cnga")


@click.command()
@click.argument("study")
@click.option("--scenario", default="", help="Scenario whose gates hold [the world of the report's law date].")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def gas(study: str, scenario: str, as_json: bool) -> None:
    """The gas pipeline: capacity, stations, border pressures, cost against LNG, supply, N-1, cut-offs, transit fee."""
    from landbridge import study as studies
    from landbridge.gas import tables
    from landbridge.gas.study import run_gas

    result = run_gas(studies.read(study), scenario)
    if as_json:
        _emit(tables.as_json(result))
        return
    for x, s in zip(result.routes, result.stacks, strict=True):
        band = [b for b, _ in x.band_bcm.values()]
        barred = [g.id for g in (result.gates.get(i) for i in x.route.gates) if g is not None and not g.passable]
        click.echo(f"{x.route.name}: {x.length_km:.0f} km, capacity {x.capacity_bcm:.1f} bcm a year "
                   f"({min(band):.1f} to {max(band):.1f} over friction equations), "
                   f"{len(x.siting.stations_km)} stations on the way")
        for b in x.borders:
            click.echo(f"    {b.border} at km {b.km:.0f}: {b.pressure_bar:.1f} bar")
        even = s.break_even_lng_usd_per_mmbtu[1]
        click.echo(f"    delivered {s.central:.0f} USD per 1000 m3 ({s.low:.0f} to {s.high:.0f}; {s.evidence.word}), "
                   f"LNG {result.lng.central:.0f}; breaks even at LNG {even:.1f} USD per MMBtu; "
                   f"transit fee {s.fee_musd_per_year:.0f} MUSD a year")
        click.echo(f"    barred by: {', '.join(barred)}" if barred else "    no gate bars it")
    for case in result.cases:
        click.echo(f"{case.name}: {case.result.cost_musd:,.0f} MUSD, "
                   f"unserved {case.result.unserved_bcm.sum():.2f} bcm")
    for name, test in result.n_minus_one.items():
        click.echo(f"N-1 {name}: {test.percent:.0f} % ({test.largest} lost)")
    for a in result.law:
        click.echo(f"law: {a.question}: {a.answer} {'(' + a.provisions + ')' if a.provisions else ''}")


@click.command("gas-solve")
@click.argument("network_dir", type=click.Path(path_type=Path))
@click.option("--gas", "law", type=click.Choice(_LAWS), default="ideal", show_default=True, help="Equation of state.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def gas_solve(network_dir: Path, law: str, as_json: bool) -> None:
    """Solve the steady state of a network: a folder in the GasSteadySim layout, or with GasLib .net and .scn files."""
    from landbridge.errors import NotConverged
    from landbridge.gas.hydraulics import solve

    network = _read(network_dir, law)
    state = solve(network)
    if as_json:
        _emit(_document(network, state))
    else:
        click.echo(f"{network.name}: {len(network.nodes)} nodes, {len(network.edges)} edges, "
                   f"{state.iterations} iterations, residual {state.residual:.1e} at {state.worst}")
        for node, p in zip(network.nodes, state.pressure_bar, strict=True):
            click.echo(f"  {node.id:<24} {p:12.4f} bar")
        for limit in state.limits:
            click.echo(f"  limit: {limit}")
    if not state.converged:
        raise NotConverged(f"{state.reason} (residual {state.residual:.1e} at {state.worst})")


def _read(folder: Path, law: str) -> GasNetwork:
    from landbridge.gas import gaslib, gassteadysim
    from landbridge.gas.properties import Eos

    nets = sorted(folder.glob("*.net")) if folder.is_dir() else [folder] if folder.suffix == ".net" else []
    if nets:
        scn, cs = sorted(nets[0].parent.glob("*.scn")), sorted(nets[0].parent.glob("*.cs"))
        return gaslib.read(nets[0], scn[0] if scn else None, cs[0] if cs else None)
    return gassteadysim.read(folder, Eos(law))


def _document(network: GasNetwork, state: HydraulicState) -> dict[str, Any]:
    return {
        "network": network.name, "converged": state.converged, "reason": state.reason, "iterations": state.iterations,
        "residual": state.residual, "worst": state.worst,
        "pressure_pa": {n.id: p * 1e5 for n, p in zip(network.nodes, state.pressure_bar.tolist(), strict=True)},
        "density_kg_per_m3": {n.id: d for n, d in zip(network.nodes, state.density_kg_per_m3.tolist(), strict=True)},
        "flow_kg_per_s": {e.id: m for e, m in zip(network.edges, state.flow_kg_per_s.tolist(), strict=True)},
        "injection_kg_per_s": {n.id: q for n, q in
                               zip(network.nodes, state.injection_kg_per_s.tolist(), strict=True)},
        "power_mw": {e.id: w for e, w in zip(network.edges, state.power_mw.tolist(), strict=True) if w > 0.0},
        "modes": {e.id: m for e, m in zip(network.edges, state.modes, strict=True) if m},
        "limits": [str(x) for x in state.limits], "notes": list(network.notes),
    }


def _emit(data: dict[str, Any]) -> None:
    from landbridge.result import plain

    click.echo(json.dumps(plain(data), ensure_ascii=False, indent=1, default=str))
