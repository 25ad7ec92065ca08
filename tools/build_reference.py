"""Write docs/reference.md: every table with its columns, and every command, from the code itself.

python tools/build_reference.py
"""

from __future__ import annotations

from pathlib import Path

import click

from landbridge.cli import cli
from landbridge.study import TABLES
from landbridge.tables import Table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reference.md"


def reference() -> str:
    """The whole page."""
    parts = [
        "# Reference",
        "",
        "Made by `tools/build_reference.py` from the row models and the commands.",
        "",
        "## Commands",
        "",
    ]
    parts += [command_text(name, command) for name, command in sorted(cli.commands.items())]
    parts += ["## Tables of a study", "", "A column without a default is wanted. Units stand in the names.", ""]
    parts += [table_text(t) for t in TABLES]
    return "\n".join(parts).rstrip() + "\n"


def command_text(name: str, command: click.Command) -> str:
    """Help of one command (of each of its commands, if it is a group)."""
    if isinstance(command, click.Group):
        return "\n".join(command_text(f"{name} {n}", c) for n, c in sorted(command.commands.items()))
    context = click.Context(command, info_name=f"landbridge {name}", max_content_width=100, terminal_width=100)
    return f"### landbridge {name}\n\n```\n{command.get_help(context)}\n```\n"


def table_text(table: Table) -> str:
    """One table: its file, whether it may be left out, its columns."""
    lines = [
        f"### {table.file}",
        "",
        f"{table.what[0].upper()}{table.what[1:]}; {'required' if table.required else 'optional'}.",
    ]
    lines += ["", "| column | default | what |", "|---|---|---|"]
    for name, field in table.model.model_fields.items():
        default = (
            "" if field.is_required() else f"`{field.default}`" if field.default not in ("", None, ()) else "blank"
        )
        lines.append(f"| `{name}` | {default} | {(field.description or '').replace('|', '/')} |")
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    PAGE.write_text(reference(), encoding="utf-8")
