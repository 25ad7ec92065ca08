"""What the commands print: progress on stderr, tables and JSON on stdout."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import click

_START = time.perf_counter()


def say(text: str) -> None:
    """Progress on stderr, with the seconds since the program started."""
    click.echo(f"{time.perf_counter() - _START:7.1f} s  {text}", err=True)


def emit(data: Any) -> None:
    """One JSON document on stdout; unreachable and unknown become null."""
    from landbridge.result import plain

    click.echo(json.dumps(plain(data), ensure_ascii=False, indent=1, default=str))


def show(frame: Any, title: str, top: int) -> None:
    """A table on stdout: as wide as the terminal where a person reads, 160 columns where it is piped."""
    from rich.console import Console
    from rich.table import Table

    from landbridge.report.page import number

    table = Table(title=title, title_justify="left")
    for column in frame.columns:
        numeric = frame[column].dtype.kind in "if"
        table.add_column(str(column).replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for values in frame.head(top).itertuples(index=False, name=None):
        table.add_row(*(number(v) for v in values))
    Console(width=None if sys.stdout.isatty() else 160).print(table)
    if len(frame) > top:
        click.echo(f"… {len(frame) - top} more rows; --json gives all")
