"""The building blocks of a report page: text, figures, tables, cards.

A section of the report is a function `section(tables) -> Section` in `report/sections/`; it reads ResultTables by
name and draws them with these blocks. A Figure holds an ECharts option (https://echarts.apache.org/en/option.html)
as plain data; title, unit, source and year are drawn inside the picture by `Figure.option_json`. Nothing here
computes an indicator.
"""

from __future__ import annotations

import html
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from landbridge.result import ResultTable, plain
from landbridge.tables import Evidence

# Okabe and Ito (2008): distinguishable by colour-blind readers
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#F0E442", "#000000")
BETTER, WORSE, SAME = "#0072B2", "#D55E00", "#999999"
# one colour for a state, on the map and in every figure
STATE_COLOR = {
    "open": PALETTE[0], "restricted": PALETTE[5], "closed": PALETTE[3], "destroyed": PALETTE[7], "removed": PALETTE[7],
    "planned": PALETTE[2], "does_not_exist": "#bbbbbb", "unknown": PALETTE[6],
}
# one colour for a party, by the name it is shown with
PARTY_COLOR = {
    "Russia": PALETTE[0], "North Korea": PALETTE[3], "South Korea": PALETTE[2], "China": PALETTE[1],
    "Japan": PALETTE[4], "Mongolia": PALETTE[5],
}
EVIDENCE = {e.value: e.word for e in Evidence}
TINY = 1e-4  # smaller numbers are written as powers of ten
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Text:
    """A paragraph of plain text (escaped), or of prepared HTML where `raw`."""

    body: str
    raw: bool = False
    kind: str = "p"  # p, lead, note, warn


@dataclass(frozen=True)
class Figure:
    """One picture: an ECharts option with title, unit, source and year inside it, and alt text.

    `evidence` is the weakest mark of the numbers in it, in words; the page fills it in where it is empty.
    """

    id: str
    title: str
    unit: str
    source: str
    option: Mapping[str, Any]
    alt: str
    height_px: int = 380
    evidence: str = ""

    def option_json(self) -> str:
        """The option as JSON, with title, source line and evidence mark drawn inside the picture."""
        option = dict(self.option)
        mark = f"weakest evidence: {self.evidence}" if self.evidence else ""
        option["title"] = [
            {
                "text": self.title,
                "subtext": self.unit,
                "left": 0,
                "top": 0,
                "textStyle": {"fontSize": 15},
                "subtextStyle": {"fontSize": 12},
            },
            {
                "text": "; ".join(t.rstrip(".") for t in (self.source, mark) if t),
                "left": 0,
                "bottom": 0,
                "textStyle": {"fontSize": 10, "fontWeight": "normal", "color": "#666"},
            },
        ]
        option.setdefault("grid", {"left": 70, "right": 30, "top": 70, "bottom": 52, "containLabel": True})
        option.setdefault("color", list(PALETTE))
        option.setdefault("animation", False)
        return json_for_page(option)


@dataclass(frozen=True)
class TableBlock:
    """A ResultTable shown on the page; `columns` picks and orders, `labels` renames, `top` cuts with a note,
    `infinite` is the word for an infinite number."""

    table: ResultTable
    columns: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    top: int | None = None
    digits: int = 3
    infinite: str = "no way"


@dataclass(frozen=True)
class Raw:
    """Prepared HTML with its own script data, for the map and other special blocks."""

    body: str


Block = Text | Figure | TableBlock | Raw


@dataclass(frozen=True)
class Section:
    """One section of the page, with an anchor id and a one-sentence lead made from the numbers."""

    id: str
    title: str
    lead: str
    blocks: Sequence[Block]


def weakest(marks: Iterable[str]) -> str:
    """The weakest of some evidence marks (letters or words), as a word; empty where there is none.

    >>> weakest(["V", "E"]), weakest(["published", "unchecked"]), weakest([])
    ('estimate', 'unchecked', '')
    """
    words = [e.word for e in Evidence]
    found = [EVIDENCE.get(m, m) for m in marks]
    return max((m for m in found if m in words), key=words.index, default="")


def json_for_page(data: object) -> str:
    """JSON safe inside a script element; non-finite numbers become null."""
    return json.dumps(plain(data), ensure_ascii=False, separators=(",", ":"), default=str).replace("</", "<\\/")


def number(value: object, digits: int = 3) -> str:
    """A number for reading: `digits` significant, thousands apart; unreachable and unknown in words.

    >>> number(12345.678), number(0.012345), number(float("inf")), number(float("nan")), number(8.4321e-13)
    ('12,346', '0.0123', 'no way', 'unknown', '8.4·10⁻¹³')
    """
    if isinstance(value, bool) or (not isinstance(value, int | float) and not hasattr(value, "dtype")):
        return html.escape("" if value is None else str(value))
    x = float(value)  # type: ignore[arg-type]
    if math.isnan(x):
        return "unknown"
    if math.isinf(x):
        return "no way"
    if x == 0:
        return "0"
    if abs(x) < TINY:
        mantissa, power = f"{x:.1e}".split("e")
        return f"{mantissa}·10{str(int(power)).translate(RAISED)}"
    if isinstance(value, int) or abs(x) >= 10 ** (digits - 1):
        return f"{x:,.0f}"
    return f"{x:.{max(0, digits - 1 - math.floor(math.log10(abs(x))))}f}"
