"""Commands of the conditions room: verdict, gates, calendar, unlock."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from landbridge.conditions.unlock import Unlock

DAY = click.DateTime(["%Y-%m-%d"])
json_flag = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")


def _emit(data: Any) -> None:
    click.echo(json.dumps(data, ensure_ascii=False, indent=1, default=str))


def _day(value: datetime | None) -> date | None:
    return value.date() if value is not None else None


@click.command()
@click.argument("study")
@click.option("--on", required=True, metavar="DATE", help="Day the question is about.")
@click.option("--hs", default="", metavar="CODE", help="HS code of 2 to 10 digits [goods not named].")
@click.option("--origin", required=True, metavar="ISO3", help="Where the goods originate.")
@click.option("--destination", required=True, metavar="ISO3")
@click.option("--way", default="", help="Name of ways.csv, or ids of crossings, links, terminals in order.")
@click.option("--exit-port", default="", metavar="LOCODE", help="UN/LOCODE the goods leave by, such as KPNJN.")
@click.option("--activity", default="trade", show_default=True,
              help="trade, transit, joint_venture, vessel_call, labour…")
@click.option("--bound", default="", metavar="LIST",
              help="Parties whose law counts: UN, or ISO-3 codes [all concerned].")
@click.option("--contract", default="", metavar="DATE", help="Day of the written contract.")
@click.option("--used", is_flag=True, help="The goods (ships, helicopters) are used, not new.")
@click.option("--approval", "approvals", multiple=True, metavar="ID", help="A Committee decision that covers it.")
@click.option("--flag", default="", metavar="ISO3", help="Flag of the ship.")
@click.option("--ship", multiple=True, help="What is known against the ship: dprk_flag, designated, suspect…")
@click.option("--last-call", default="", metavar="DATE", help="Last call of the ship at a port of the territory.")
@click.option("--as-of", default="", metavar="DATE", help="Nothing known later counts.")
@click.option("--scenario", default="", help="Ask under a scenario of the study.")
@json_flag
def verdict(study: str, on: str, hs: str, origin: str, destination: str, way: str, exit_port: str, activity: str,
            bound: str, contract: str, used: bool, approvals: tuple[str, ...], flag: str, ship: tuple[str, ...],
            last_call: str, as_of: str, scenario: str, as_json: bool) -> None:
    """Whether a shipment is lawful on a date: the word, every measure with its paragraph, and why. Not legal advice."""
    from landbridge import study as studies
    from landbridge.conditions import book
    from landbridge.conditions.ask import known_scenario, shipment

    read = studies.read(study)
    asked = shipment(
        read, on=on, hs=hs, origin=origin, destination=destination, way=way, exit_port=exit_port, activity=activity,
        bound=bound, contract=contract, used=used, approvals=approvals, flag=flag, ship=ship, last_call=last_call,
        as_of=as_of)
    found = book.verdict(read, asked, known_scenario(read, scenario)).to_json()
    if as_json:
        _emit(found)
        return
    click.echo(found["verdict"].replace("_", " "))
    for m in found["measures"]:
        lifted = f", lifted by {', '.join(m['lifted_by'])}" if m["lifted_by"] else ""
        click.echo(f"  {m['id']}: {m['instrument']} {m['provision']}, {m['effect']} [{m['evidence_word']}]{lifted}")
    for note in found["notes"]:
        click.echo(f"- {note}")


@click.command()
@click.argument("study")
@click.option("--on", required=True, type=DAY, help="Day the question is about.")
@click.option("--as-of", type=DAY, default=None, help="Nothing known later counts.")
@json_flag
def gates(study: str, on: datetime, as_of: datetime | None, as_json: bool) -> None:
    """The state of every gate on a date, who holds it, since when, and how well it is known."""
    from landbridge import study as studies
    from landbridge.conditions import book
    from landbridge.conditions.verdict import NOT_ADVICE

    found = [s.to_json() for s in book.gates(studies.read(study), on.date(), _day(as_of))]
    if as_json:
        _emit({"on": on.date().isoformat(), "as_of": as_of.date().isoformat() if as_of else None, "gates": found,
               "notes": [NOT_ADVICE]})
        return
    for g in found:
        click.echo(f"{g['id']:14} {g['state'].replace('_', ' '):15} {', '.join(g['holders']):14} {g['title']}: "
                   f"{g['detail']} [{g['evidence_word']}]")
    click.echo(NOT_ADVICE)


@click.command()
@click.argument("study")
@click.option("--from", "start", type=DAY, default="2000-01-01", show_default=True)
@click.option("--to", "end", type=DAY, default=None, help="Last day [the end of the year in which the record ends].")
@click.option("--as-of", type=DAY, default=None, help="Nothing known later counts.")
@json_flag
def calendar(study: str, start: datetime, end: datetime | None, as_of: datetime | None, as_json: bool) -> None:
    """The events of the study and the states of its gates between two days."""
    from landbridge import study as studies
    from landbridge.conditions import book

    read = studies.read(study)
    events, spans = book.calendar(read, start.date(), _day(end) or book.last_day(read), _day(as_of))
    if as_json:
        _emit({"events": [e.model_dump(mode="json") for e in events],
               "gates": [{"gate": i.gate, "state": i.state.value, "from": i.start, "to": i.end, "detail": i.detail,
                          "evidence": i.evidence.value} for i in spans]})
        return
    for e in events:
        sets = f" -> {', '.join(e.sets)}" if e.sets else ""
        click.echo(f"{e.date} {', '.join(e.actors):22} {e.text} [{e.evidence.word}]{sets}")


@click.command()
@click.argument("study")
@click.option("--by", type=click.Choice(["routing", "ways"]), default="routing", show_default=True,
              help="Count pairs, tonnes and money by least-cost ways, or only the ways of ways.csv (instant).")
@click.option("--scenario", default="", help="With --by ways: the world opened [the study's 'before'].")
@click.option("--pairs/--no-pairs", default=False, show_default=True, help="With --by ways: also every pair of gates.")
@json_flag
def unlock(study: str, by: str, scenario: str, pairs: bool, as_json: bool) -> None:
    """What each gate, pair of gates and holder's keys unlock: connected pairs, tonnes that gain, money, mean cost."""
    from landbridge import study as studies
    from landbridge.conditions.ask import known_scenario
    from landbridge.conditions.tables import unlock_by_ways
    from landbridge.conditions.verdict import NOT_ADVICE

    read = studies.read(study)
    scenario = known_scenario(read, scenario) or read.config.report.before
    if by == "routing":
        from landbridge.run import unlock_table
        from landbridge.terminal import say

        table, scenario = unlock_table(read, say), read.config.report.before
    else:
        table = unlock_by_ways(read, scenario, pairs)
    if as_json:
        rows = [{"group": r.group.value, "label": r.label, "gates": sorted(r.gates), "gain": dict(r.gain),
                 "loss": dict(r.loss)} for r in table.rows]
        _emit({"scenario": scenario, "closed": dict(table.closed), "opened": dict(table.opened), "rows": rows,
               "findings": _findings(table), "notes": [NOT_ADVICE]})
        return
    for row in table.rows:
        gain, loss = (", ".join(f"{k.replace('_', ' ')} {v:+g}" for k, v in side.items())
                      for side in (row.gain, row.loss))
        click.echo(f"{row.group.value}: {row.label}: opened alone {gain}; left as it was {loss}")
    for line in _findings(table):
        click.echo(f"- {line}")
    click.echo(NOT_ADVICE)


def _findings(table: Unlock) -> list[str]:
    from landbridge.conditions.tables import unlock_findings

    return unlock_findings(table)


if __name__ == "__main__":
    from landbridge.errors import LandbridgeError

    room = click.Group(commands=[verdict, gates, calendar, unlock])
    try:
        room.main(prog_name="landbridge")
    except LandbridgeError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
