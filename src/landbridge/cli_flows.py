"""Commands of the flows room: `landbridge assign`."""

from __future__ import annotations

import json
from pathlib import Path

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--tntp", nargs=2, type=FILE, required=True, metavar="NET TRIPS",
              help="Network and trips in TNTP format.")
@click.option("--toll-weight", type=click.FloatRange(min=0), default=None,
              help="Cost of one unit of toll in units of time [the file's TOLL FACTOR, else 0].")
@click.option("--distance-weight", type=click.FloatRange(min=0), default=None,
              help="Cost of one unit of length in units of time [the file's DISTANCE FACTOR, else 0].")
@click.option("--gap", type=click.FloatRange(min=0), default=1e-10, show_default=True,
              help="Relative gap to reach.")
@click.option("--max-seconds", type=click.FloatRange(min=0, min_open=True), default=None,
              help="Give up after so long.")
@click.option("--max-iterations", type=click.IntRange(min=1), default=1000, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="CSV for the link flows.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def assign(tntp: tuple[Path, Path], toll_weight: float | None, distance_weight: float | None, gap: float,
           max_seconds: float | None, max_iterations: int, threads: int, out: Path | None,
           as_json: bool) -> None:
    """Deterministic user equilibrium of a TNTP network: objective, relative gap, link flows.

    Exit code 2 if the gap was not reached; the flows reached so far are written all the same.
    """
    from landbridge.errors import NotConverged
    from landbridge.flows.equilibrium import Options
    from landbridge.flows.published import assign_tntp

    options = Options(gap, float("inf") if max_seconds is None else max_seconds, max_iterations, threads)
    done = assign_tntp(*tntp, toll_weight, distance_weight, options)
    if out is not None:
        done.write(out)
    click.echo(json.dumps(done.to_json(), indent=1) if as_json else done.text())
    if not done.answer.converged:
        raise NotConverged(done.answer.reason)
