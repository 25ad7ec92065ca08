"""The command line: `landbridge COMMAND STUDY …`.

Tables go to stdout, progress to stderr, `--json` to stdout as one document. Exit codes: 0 ok, 1 a fault in the study
or in the call, 2 did not converge, 3 a bug. Heavy imports stand inside the commands so that help is instant.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import click

from landbridge import __version__, cli_appraisal, cli_conditions, cli_flows, cli_gas, cli_network
from landbridge.errors import LandbridgeError, NotConverged
from landbridge.terminal import emit, say, show

json_flag = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="landbridge")
def cli() -> None:
    """What changes, and for whom, when a border opens on the map?

    A study is a folder with a study.toml and tables; `korea` is bundled. Start with: landbridge run korea
    """


@cli.command()
@click.argument("study")
@click.argument("scenarios", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), default=None, help="Folder for the results [runs/STUDY].")
@json_flag
def run(study: str, scenarios: tuple[str, ...], out: Path | None, as_json: bool) -> None:
    """Run a study (all its scenarios, or those named) and write report, tables, workbook and GeoPackage."""
    from landbridge import study as studies
    from landbridge.report.write import write
    from landbridge.run import run as run_study

    result = run_study(studies.read(study), scenarios, say=say)
    folder = write(result, out or Path("runs") / Path(study).name, say=say)
    if as_json:
        emit(
            {"report": str(folder / "report.html"), "headline": list(result.headline_text), "seconds": result.seconds}
        )
        return
    for line in result.headline_text[:5]:
        click.echo(f"- {line}")
    click.echo(f"\nreport: {(folder / 'report.html').resolve()}")


@cli.command()
@click.argument("study")
@click.argument("before")
@click.argument("after")
@click.option("--cargo", default=None, help="Id of cargo.csv [that of the study's corridor, else the first].")
@json_flag
def compare(study: str, before: str, after: str, cargo: str | None, as_json: bool) -> None:
    """What changes door to door from one scenario to another, for one cargo, pair by pair."""
    from landbridge import study as studies
    from landbridge.run import compare as compare_scenarios
    from landbridge.session import main_cargo

    read = studies.read(study)
    cargo = cargo or main_cargo(read)
    frame = compare_scenarios(read, before, after, cargo, say=say)
    if as_json:
        emit({"before": before, "after": after, "cargo": cargo, "pairs": frame.to_dict("records")})
    else:
        show(frame, f"{after} against {before}, {cargo}: pairs that change", 40)


@cli.command()
@click.argument("study")
@click.option("--from", "origin", required=True, help="Zone, by id or name.")
@click.option("--to", "destination", required=True, help="Zone, by id or name.")
@click.option("--cargo", default=None, help="Id of cargo.csv [that of the study's corridor, else the first].")
@click.option("--scenario", default=None, help="Scenario [the study's 'before'].")
@click.option("--options", "count", default=4, show_default=True, help="How many ways at most.")
@json_flag
def route(
    study: str, origin: str, destination: str, cargo: str | None, scenario: str | None, count: int, as_json: bool
) -> None:
    """The ranked ways from door to door: legs, km, hours, USD per tonne and per TEU, crossings."""
    from landbridge import study as studies
    from landbridge.run import ranked_ways
    from landbridge.session import main_cargo

    read = studies.read(study)
    found = ranked_ways(read, origin, destination, cargo or main_cargo(read), scenario, count, say=say)
    if as_json:
        emit(found.to_json())
        return
    click.echo(found.text())


@cli.command()
@click.argument("study")
@json_flag
def claims(study: str, as_json: bool) -> None:
    """The study's statements, each with its number and verdict."""
    from landbridge import study as studies
    from landbridge.run import judged_claims

    verdicts = judged_claims(studies.read(study), say=say)
    if as_json:
        emit([v.to_json() for v in verdicts])
        return
    for v in verdicts:
        click.echo(v.text())


@cli.command()
@click.argument("study")
@json_flag
def doctor(study: str, as_json: bool) -> None:
    """Check the assembled network: loose zones, islands, odd speeds, detours, crossings that snapped far away."""
    from landbridge import study as studies
    from landbridge.run import diagnose

    frame = diagnose(studies.read(study), say=say)
    if as_json:
        emit(frame.to_dict("records"))
    else:
        show(frame, f"{len(frame)} findings", 200)


@cli.command()
@click.argument("name")
@click.option("--from", "template", default="korea", show_default=True, help="Study to start from.")
@json_flag
def new(name: str, template: str, as_json: bool) -> None:
    """Make the folder NAME with a study to edit: tables only, no Python."""
    from landbridge.study import create

    folder = create(Path(name), template)
    if as_json:
        emit({"study": str(folder), "next": f"landbridge run {name}"})
    else:
        click.echo(f"wrote {folder}: edit study.toml and the tables, then: landbridge run {name}")


for module in (cli_conditions, cli_flows, cli_gas, cli_appraisal, cli_network):
    for command in vars(module).values():
        if isinstance(command, click.Command):
            cli.add_command(command)


def main() -> None:
    """Run the command line and turn every way of failing into its exit code."""
    # the big arrays are touched here and there: whole huge pages would be zeroed for a few numbers
    os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except NotConverged as error:
        click.echo(f"did not converge: {error}", err=True)
        sys.exit(2)
    except LandbridgeError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:  # noqa: BLE001 - the last resort: say it is ours and how to report it
        traceback.print_exc()
        click.echo(
            "this is a bug of landbridge: please report it with the lines above and `landbridge --version`", err=True
        )
        sys.exit(3)


if __name__ == "__main__":
    main()
