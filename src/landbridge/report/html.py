"""One self-contained HTML page from sections and map layers; nothing is fetched when it opens."""

from __future__ import annotations

import base64
import html
import math
import zlib
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib import resources
from typing import Any

import jinja2
import numpy as np

from landbridge.report.page import EVIDENCE, Block, Figure, Raw, Section, TableBlock, Text, json_for_page, number
from landbridge.report.words import NO_NAMES, both_units, cell_words, heading


@cache
def asset(name: str) -> str:
    """Text of a file in report/assets."""
    return (resources.files("landbridge") / "report" / "assets" / name).read_text(encoding="utf-8")


def packed(data: object) -> str:
    """Data as deflated JSON in base64; the page unpacks it with DecompressionStream."""
    return base64.b64encode(zlib.compress(json_for_page(data).encode(), 6)).decode()


def render(
    title: str, subtitle: str, headline: Sequence[str], sections: Sequence[Section], layers: dict[str, Any],
    names: Mapping[str, str] = NO_NAMES, menu: Mapping[str, str] = NO_NAMES,
) -> str:
    """The whole page as one HTML text.

    `headline` are the sentences of the first screen (HTML allowed); `layers` is the packed map data that
    assets/page.js draws; `names` are the names of ids that stand in cells of tables; `menu` holds shorter titles of
    sections by their id.
    """
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["block"] = partial(block_html, names=names)
    template = environment.from_string(asset("page.html"))
    return template.render(
        title=title,
        subtitle=subtitle,
        headline=headline,
        sections=sections,
        menu=menu,
        layers=packed(layers),
        css=asset("maplibre-gl.css") + asset("page.css"),
        maplibre=asset("maplibre-gl.js"),
        echarts=asset("echarts.min.js"),
        script=asset("page.js"),
    )


def block_html(block: Block, names: Mapping[str, str] = NO_NAMES) -> str:
    """One block of a section as HTML, ids in tables by their names."""
    if isinstance(block, Text):
        body = block.body if block.raw else html.escape(block.body)
        css = {"p": "", "lead": "lead", "note": "note", "warn": "warn"}[block.kind]
        return f'<p class="{css}">{body}</p>'
    if isinstance(block, Figure):
        return (
            f'<figure id="{block.id}"><div class="chart" style="height:{block.height_px}px" role="img" '
            f'aria-label="{html.escape(block.alt)}" data-chart="{block.id}"></div>'
            f'<script type="application/json" data-option="{block.id}">{block.option_json()}</script></figure>'
        )
    if isinstance(block, TableBlock):
        return table_html(block, names)
    assert isinstance(block, Raw)
    return block.body


def table_html(block: TableBlock, names: Mapping[str, str] = NO_NAMES) -> str:
    """A ResultTable as a sortable HTML table with its units, note, sources and a download of exactly its rows.

    An id is shown by its name, unless a column of the table holds the names. An empty table is a sentence.
    """
    table = block.table
    link = f'<a href="tables/{table.name}.csv">{table.name}.csv</a>'
    if table.frame.empty:
        note = html.escape(table.note)
        return f'<p class="note" id="table-{table.name}">{html.escape(table.title)}: nothing found. {note} {link}</p>'
    frame = table.frame[list(block.columns)] if block.columns else table.frame
    shown = frame if block.top is None else frame.head(block.top)
    heads = "".join(_head(block, str(c)) for c in frame.columns)
    known = NO_NAMES if {"name", "title"} & set(frame.columns) else names
    rows = "".join(
        "<tr>" + "".join(_cell(str(c), v, block, known) for c, v in zip(frame.columns, values, strict=True)) + "</tr>"
        for values in shown.itertuples(index=False, name=None)
    )
    cut = f"First {len(shown)} of {len(frame)} rows; all are in {table.name}.csv." if len(shown) < len(frame) else ""
    notes = " ".join(_sentence(t) for t in (table.note, cut, _sources(table.sources)) if t)
    return (
        f'<div class="table" id="table-{table.name}"><h4>{html.escape(table.title)}</h4><div class="scroll"><table>'
        f"<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
        f'<p class="note">{html.escape(notes)} {link}</p></div>'
    )


def _sources(sources: Sequence[str]) -> str:
    return "Sources: " + "; ".join(s.rstrip(".") for s in sources) if sources else ""


def _sentence(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _head(block: TableBlock, column: str) -> str:
    label, unit = heading(column)
    label = block.labels.get(column, label)
    unit = both_units(unit, block.table.units.get(column, ""))
    return f"<th>{html.escape(label)}" + (f"<small>{html.escape(unit)}</small>" if unit else "") + "</th>"


def _cell(column: str, value: object, block: TableBlock, names: Mapping[str, str]) -> str:
    if column == "evidence" or column.startswith(("evidence_", "ev_")):
        word = EVIDENCE.get(str(value), str(value))
        return f'<td><span class="ev ev-{html.escape(word)}">{html.escape(word)}</span></td>'
    if isinstance(value, bool | np.bool_):
        return f'<td class="t">{"yes" if value else "no"}</td>'
    if value is None or isinstance(value, str):
        return _text_cell(column, value or "", names)
    if not isinstance(value, int | float) and not hasattr(value, "dtype"):
        return _text_cell(column, str(value), names)
    x = float(value)  # type: ignore[arg-type]
    text = block.infinite if math.isinf(x) else number(value, block.digits)
    if column.endswith("year") and x == round(x, 0) and 1000 < x < 3000:
        text = f"{x:.0f}"
    sort = f"{x:.9g}" if math.isfinite(x) else "1e308"  # unknown and unreachable last
    return f'<td class="n" data-v="{sort}">{text}</td>'


def _text_cell(column: str, value: str, names: Mapping[str, str]) -> str:
    if value in {"supported", "contradicted", "undetermined", "not tested"}:
        return f'<td class="t"><span class="verdict {value.split()[0]}">{value}</span></td>'
    return f'<td class="t">{html.escape(cell_words(column, value, names))}</td>'
