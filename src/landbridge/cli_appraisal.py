"""Commands of the appraisal room: `landbridge appraise` and `landbridge power`."""

from __future__ import annotations

from pathlib import Path

import click

json_flag = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


@click.command()
@click.argument("study")
@click.argument("scenario", required=False)
@click.option("--before", default=None, help="Scenario to compare with [the study's 'before'].")
@click.option("--xlsx", type=click.Path(path_type=Path), default=None, help="Write the workbook with live formulas.")
@click.option("--hazard", "hazards", multiple=True, type=click.FloatRange(0, 1),
              help="Yearly probability of opening of your own; may be given again. None is assumed.")
@json_flag
def appraise(
    study: str, scenario: str | None, before: str | None, xlsx: Path | None, hazards: tuple[float, ...], as_json: bool
) -> None:
    """Who gains how much: net present values, rates of return and ratios, in total and by party.

    SCENARIO is compared with the study's 'before'; without it the study's 'after' is taken.
    """
    from landbridge import study as studies
    from landbridge.run import appraisal_tables
    from landbridge.terminal import emit, say, show

    tables = appraisal_tables(studies.read(study), before, scenario, {f"{h:g}": h for h in hazards}, say=say)
    if xlsx is not None:
        from landbridge.report.workbook import write_appraisal

        write_appraisal(xlsx, tables)
        click.echo(f"wrote {xlsx}", err=True)
    if as_json:
        emit({name.removeprefix("appraisal_"): {"title": t.title, "note": t.note, "units": t.units,
                                                "rows": t.frame.to_dict("records")}
              for name, t in tables.items() if name != "appraisal_ledger"})
        return
    for name in (
        "appraisal_indicators",
        "appraisal_payments",
        "appraisal_fees",
        "appraisal_timing",
        "appraisal_hazards",
    ):
        frame = tables[name].frame
        show(frame.drop(columns=[c for c in frame.columns if c.endswith(("_note", "_roots"))]), tables[name].title, 40)
        click.echo(tables[name].note)


@click.command()
@click.argument("study")
@json_flag
def power(study: str, as_json: bool) -> None:
    """Who holds the key: what each gate holder and each party can block or unlock, and how the gain would be
    shared."""
    from landbridge import study as studies
    from landbridge.run import power_tables
    from landbridge.terminal import emit, say, show

    tables = power_tables(studies.read(study), say=say)
    if as_json:
        emit({name: {"title": t.title, "note": t.note, "units": t.units, "rows": t.frame.to_dict("records")}
              for name, t in tables.items()})
        return
    for t in tables.values():
        show(t.frame, t.title, 40)
        click.echo(t.note)
