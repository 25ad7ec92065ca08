"""The section "Routing" of docs/performance.md, made from one run's record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

OURS = "landbridge"
BEGIN, END = "<!-- routing: written by bench/routing.py -->", "<!-- end of routing -->"


def write_section(record: Mapping[str, Any], page: Path) -> str:
    """Put the section into the page, in the place of the last one; returns it."""
    text = "\n".join([BEGIN, *section(record), END])
    new_page = "# Performance\n\nMeasured by the programs in `bench/`; ratios first.\n"
    old = page.read_text() if page.exists() else new_page
    if BEGIN in old:
        before, rest = old.split(BEGIN, 1)
        new = before + text + rest.split(END, 1)[1]
    else:
        new = old.rstrip() + "\n\n" + text + "\n"
    page.write_text(new)
    return text


def section(record: Mapping[str, Any]) -> list[str]:
    """Heading, where and when, one table for each graph."""
    packages = ", ".join(f"{name} {number}" for name, number in record["packages"].items())
    lines = [
        "## Routing",
        "",
        f"{record['date'][:10]}; {record['machine']}; Python {record['python']}; {packages}.",
        "One process, one thread where nothing else is said; least of several repeats where that is cheap. \"x\" is",
        "the time of the other library divided by ours; \"~\" was measured on a part and scaled. Each matrix of",
        "another library was equal to ours (1e-9).",
    ]
    for graph in dict.fromkeys(r["graph"] for r in record["rows"]):
        rows = [r for r in record["rows"] if r["graph"] == graph]
        others = [name for name in dict.fromkeys(r["library"] for r in rows) if name != OURS]
        head = " | ".join(["| task", OURS, *others]) + " |"
        lines += ["", f"### {graph}", "", head, "|---" * (2 + len(others)) + "|"]
        for task in dict.fromkeys(r["task"] for r in rows):
            times = {r["library"]: r for r in rows if r["task"] == task}
            if OURS in times:
                own = times[OURS]["seconds"]
                cells = [cell(times.get(name), own) for name in others]
                lines.append(f"| {task} | {seconds(own)} | " + " | ".join(cells) + " |")
        memory = [f"{m['library']} {m['mb']} MB" for m in record["memory_mb"] if m["graph"] == graph]
        lines += ["", f"Memory taken from the graph to the first metric: {', '.join(memory)}."]
    return lines


def cell(row: Mapping[str, Any] | None, own: float) -> str:
    """Ratio and time of another library."""
    if row is None:
        return ""
    ratio = row["seconds"] / own
    shown = f"{ratio:.2f}" if ratio < 10 else f"{ratio:,.0f}"
    return f"{shown} x ({'~' if row['share'] < 1 else ''}{seconds(row['seconds'])})"


def seconds(value: float) -> str:
    """A time with three digits."""
    if value < 1:
        return f"{1000 * value:.3g} ms"
    return f"{value:.3g} s" if value < 600 else f"{value / 3600:.2g} h"
