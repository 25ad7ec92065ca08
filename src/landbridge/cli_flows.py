"""Commands of the flows room: `landbridge flows`, `samples` and `assign`."""

from __future__ import annotations

import json
from pathlib import Path

import click

# columns too many for a terminal
FOR_JSON = {"id", "kind", "countries", "base_dwell_h", "utilisation", "before_utilisation", "after_utilisation",
            "evidence", "scenario"}
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


@click.command()
@click.argument("study")
@click.argument("scenario", required=False)
@click.option("--close", "shut", multiple=True, metavar="ID",
              help="Crossing, terminal or link to close: who uses it, where they turn. May be given again.")
@click.option("--gmns", type=click.Path(file_okay=False, path_type=Path), default=None,
              help="Folder for the network with its tonnes a year, as GMNS tables.")
@click.option("--omx", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="OMX file for hours, money and tonnes from zone to zone by cargo.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def flows(study: str, scenario: str | None, shut: tuple[str, ...], gmns: Path | None, omx: Path | None,
          as_json: bool) -> None:
    """How cargo goes under a scenario: modal split, crossings with their queues, what stays behind.

    SCENARIO is the study's 'before' if none is named. With --close the tables hold the scenario as before, and the
    same with the objects shut as after.
    """
    from landbridge import study as studies
    from landbridge.run import flow_tables, write_flows
    from landbridge.terminal import emit, say, show

    session, done = flow_tables(studies.read(study), scenario, shut, say=say)
    for path in write_flows(session, done, gmns, omx):
        say(f"wrote {path}")
    tables = done.shown(bool(shut))
    if as_json:
        emit({t.name: {"title": t.title, "note": t.note, "units": t.units, "rows": t.frame.to_dict("records")}
              for t in tables})
    else:
        for t in tables:
            show(t.frame.drop(columns=[c for c in t.frame.columns if c in FOR_JSON or c.endswith(("_kteu", "_mt_km"))]),
                 t.title, 24)
            click.echo(t.note)
    if not done.result.equilibrium.converged:
        from landbridge.errors import NotConverged

        raise NotConverged(done.result.equilibrium.reason)


@click.command()
@click.argument("file", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
def samples(file: Path, as_json: bool) -> None:
    """Samples of border crossings made into dwell times for crossings.csv, with TFI1 and TFI2.

    FILE has the columns crossing, hours, cost_usd and may have load_t, date, direction: one row for each truck or
    train, as CAREC's corridor monitoring collects them.
    """
    from landbridge.flows.exchange import read_crossing_samples
    from landbridge.terminal import emit, show

    frame = read_crossing_samples(file)
    if as_json:
        emit(frame.to_dict("records"))
    else:
        show(frame, "Hours at the border (P10, P50, P90), TFI1 in hours, TFI2 in USD per 20 t", 200)
