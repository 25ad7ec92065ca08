"""One self-contained HTML page from sections and map layers; nothing is fetched when it opens."""

from __future__ import annotations

import base64
import html
import zlib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from typing import Any

import jinja2

from landbridge.report.page import Block, Figure, Raw, Section, TableBlock, Text, json_for_page, number

EVIDENCE = {"V": "published", "D": "derived", "M": "unchecked", "E": "estimate"}


@cache
def asset(name: str) -> str:
    """Text of a file in report/assets."""
    return (resources.files("landbridge") / "report" / "assets" / name).read_text(encoding="utf-8")


def packed(data: object) -> str:
    """Data as deflated JSON in base64; the page unpacks it with DecompressionStream."""
    return base64.b64encode(zlib.compress(json_for_page(data).encode(), 9)).decode()


def render(
    title: str, subtitle: str, headline: Sequence[str], sections: Sequence[Section], layers: dict[str, Any]
) -> str:
    """The whole page as one HTML text.

    `headline` are the sentences of the first screen (HTML allowed); `layers` is the packed map data that
    assets/page.js draws.
    """
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["block"] = block_html
    template = environment.from_string(asset("page.html"))
    return template.render(
        title=title,
        subtitle=subtitle,
        headline=headline,
        sections=sections,
        layers=packed(layers),
        css=asset("maplibre-gl.css") + asset("page.css"),
        maplibre=asset("maplibre-gl.js"),
        echarts=asset("echarts.min.js"),
        script=asset("page.js"),
    )


def block_html(block: Block) -> str:
    """One block of a section as HTML."""
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
        return table_html(block)
    assert isinstance(block, Raw)
    return block.body


def table_html(block: TableBlock) -> str:
    """A ResultTable as a sortable HTML table with its units, note, sources and a download of exactly its rows."""
    table = block.table
    frame = table.frame[list(block.columns)] if block.columns else table.frame
    shown = frame if block.top is None else frame.head(block.top)
    heads = "".join(
        f"<th>{html.escape(str(block.labels.get(c, c.replace('_', ' '))))}"
        + (f"<small>{html.escape(table.units[c])}</small>" if c in table.units else "")
        + "</th>"
        for c in frame.columns
    )
    rows = "".join(
        "<tr>" + "".join(_cell(c, v, block.digits) for c, v in zip(frame.columns, values, strict=True)) + "</tr>"
        for values in shown.itertuples(index=False, name=None)
    )
    cut = f" First {len(shown)} of {len(frame)} rows; all are in {table.name}.csv." if len(shown) < len(frame) else ""
    notes = " ".join(filter(None, [html.escape(table.note), cut]))
    sources = "; ".join(html.escape(s) for s in table.sources)
    return (
        f'<div class="table" id="table-{table.name}"><h4>{html.escape(table.title)}</h4><div class="scroll"><table>'
        f'<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div><p class="note">{notes}'
        + (f" Sources: {sources}." if sources else "")
        + f' <a href="tables/{table.name}.csv">{table.name}.csv</a></p></div>'
    )


def _cell(column: str, value: object, digits: int) -> str:
    if column == "evidence" or column.startswith(("evidence_", "ev_")):
        word = EVIDENCE.get(str(value), str(value))
        return f'<td><span class="ev ev-{html.escape(word)}">{html.escape(word)}</span></td>'
    numeric = not isinstance(value, str | bool) and (isinstance(value, int | float) or hasattr(value, "dtype"))
    text = number(value, digits) if numeric else html.escape("" if value is None else str(value))
    if isinstance(value, int) and column.endswith("year"):
        text = str(value)
    if isinstance(value, str) and value in {"supported", "contradicted", "undetermined", "not tested"}:
        text = f'<span class="verdict {value.split()[0]}">{value}</span>'
    sort = f' data-v="{float(value):.9g}"' if numeric else ""  # type: ignore[arg-type]
    return f'<td class="{"n" if numeric else "t"}"{sort}>{text}</td>'
