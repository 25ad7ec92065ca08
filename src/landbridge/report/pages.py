"""The page of a Result: which sections it has, in which order, and what every figure of them says of itself."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from landbridge.report.html import render
from landbridge.report.map import map_data
from landbridge.report.page import Block, Figure, Section, weakest
from landbridge.report.sections import appraisal, conditions, flows, gas, study, trade, ways
from landbridge.report.words import rule_words
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
    "Known answers": "known-answers",
}
# tables whose ids are called by name: the id, the name
NAMED = {"gas_routes": ("route", "name"), "appraisal_projects": ("project", "name"), "scenarios": ("scenario", "title")}
YEAR = re.compile(r"\b(19|20)\d\d\b")


def page(result: Result) -> str:
    """The whole report page as HTML."""
    names = names_of(result)
    inputs = result.tables.get("assumptions")
    mark = weakest(inputs.frame["evidence"]) if inputs is not None and len(inputs.frame) else ""
    config = result.manifest["config"]["study"]
    before, after = (names.get(s, s) for s in (result.before, result.after))
    about = f"{after} against {before}; base year {config['base_year']}, prices of {config['price_year']}"
    drawn = (draw(result.tables) for needed, draw in SECTIONS if needed in result.tables)
    sections = [
        replace(s, blocks=[finished(b, result.tables, mark, about) for b in s.blocks]) for s in drawn
    ]
    subtitle = f"{result.question} {after} against {before}."
    menu = {anchor: label for label, anchor in ANCHORS.items()}
    headline = cards(result.headline, mark)
    return render(result.title, subtitle, headline, sections, map_data(result, names), names, menu)


def names_of(result: Result) -> dict[str, str]:
    """Names of the ids of zones, crossings, gas routes, projects and scenarios, as far as the result has them."""
    frames = [(layer.frame, "id", "name") for key, layer in result.layers.items() if key in {"zones", "crossings"}]
    frames += [(result.tables[t].frame, *columns) for t, columns in NAMED.items() if t in result.tables]
    return {str(i): str(n) for frame, id, name in frames for i, n in zip(frame[id], frame[name], strict=True)}


def finished(block: Block, tables: Mapping[str, ResultTable], mark: str, about: str) -> Block:
    """A figure with its evidence mark and, where it names no year, what was compared in which years.

    A figure without a mark of its own takes the weakest of the table of its name, or else that of all inputs.
    """
    if not isinstance(block, Figure):
        return block
    own = tables.get(block.id.replace("-", "_"))
    marks = own.frame["evidence"] if own is not None and "evidence" in own.frame else []
    dated = YEAR.search(block.title + " " + block.source)
    source = block.source if dated else "; ".join(t for t in (block.source.rstrip("."), about) if t)
    return replace(block, source=source, evidence=block.evidence or weakest(marks) or mark)


def cards(headline: Sequence[tuple[str, str, str]], mark: str = "") -> list[str]:
    """The headline as cards of HTML, each with the evidence mark; sentences that follow each other about the claims
    share one card.

    >>> cards([("A.", "a", "Trade"), ("Two hold.", "b", "Claims"), ("K1 holds.", "wanted > 2", "Claims")])[1]
    '<b>Two hold.</b> b<p><b>K1 holds.</b> wanted more than 2</p><small><a href="#claims">Claims</a></small>'
    """
    found: list[str] = []
    ev = f' <span class="ev ev-{mark}">{mark}</span>' if mark else ""
    for more, group in groupby(headline, key=lambda entry: entry[2]):
        texts = [f"<b>{html.escape(bold)}</b> {html.escape(rule_words(words))}" for bold, words, _ in group]
        link = f'<a href="#{ANCHORS[more]}">{html.escape(more)}</a>' if more in ANCHORS else html.escape(more)
        bundles = [texts] if more == "Claims" else [[text] for text in texts]
        found += [f"{b[0]}{''.join(f'<p>{t}</p>' for t in b[1:])}<small>{link}{ev}</small>" for b in bundles]
    return found
