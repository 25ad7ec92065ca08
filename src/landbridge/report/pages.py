"""The page of a Result: which sections it has, in which order."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

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
# where a card of the headline leads
ANCHORS = {
    "Door to door": "ways",
    "Law and gates": "conditions",
    "Flows": "flows",
    "Trade": "trade",
    "Gas": "gas",
    "Appraisal": "appraisal",
    "Power": "power",
    "Claims": "claims",
}


def page(result: Result) -> str:
    """The whole report page as HTML."""
    sections = [draw(result.tables) for needed, draw in SECTIONS if needed in result.tables]
    subtitle = f"{result.question} Scenario {result.after} against {result.before}."
    return render(result.title, subtitle, cards(result.headline), sections, map_data(result))


def cards(headline: Sequence[tuple[str, str, str]]) -> list[str]:
    """The headline as cards of HTML; sentences that follow each other about the claims share one card.

    >>> cards([("A.", "a", "Trade"), ("Two hold.", "b", "Claims"), ("K1 holds.", "c", "Claims")])[1]
    '<b>Two hold.</b> b<p><b>K1 holds.</b> c</p><small><a href="#claims">Claims</a></small>'
    """
    found: list[str] = []
    for more, group in groupby(headline, key=lambda entry: entry[2]):
        texts = [f"<b>{html.escape(bold)}</b> {html.escape(sentence)}" for bold, sentence, _ in group]
        link = f'<a href="#{ANCHORS[more]}">{html.escape(more)}</a>' if more in ANCHORS else html.escape(more)
        bundles = [texts] if more == "Claims" else [[text] for text in texts]
        found += [f"{b[0]}{''.join(f'<p>{t}</p>' for t in b[1:])}<small>{link}</small>" for b in bundles]
    return found
