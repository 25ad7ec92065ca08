"""The page of a Result: which sections it has, in which order."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping

from landbridge.report.html import render
from landbridge.report.map import map_data
from landbridge.report.page import Section
from landbridge.report.sections import appraisal, conditions, flows, gas, study, trade, ways
from landbridge.result import Result, ResultTable

Draw = Callable[[Mapping[str, ResultTable]], Section]

# a section is drawn when its first table is in the result
SECTIONS: tuple[tuple[str, Draw], ...] = (
    ("named_ways", ways.section),
    ("gate_calendar", conditions.section),
    ("modal_split", flows.section),
    ("trade_gains", trade.section),
    ("gas_routes", gas.section),
    ("appraisal_indicators", appraisal.section),
    ("power_keys", appraisal.power),
    ("claims", study.claims),
    ("known_answers", study.known_answers),
    ("findings", study.findings),
    ("assumptions", study.assumptions),
    ("sources", study.sources),
)


def page(result: Result) -> str:
    """The whole report page as HTML."""
    sections = [draw(result.tables) for needed, draw in SECTIONS if needed in result.tables]
    headline = [
        f"<b>{html.escape(bold)}</b> {html.escape(sentence)}<small>{html.escape(more)}</small>"
        for bold, sentence, more in result.headline
    ]
    subtitle = f"{result.question} {result.after} against {result.before}."
    return render(result.title, subtitle, headline, sections, map_data(result))
