"""What was claimed, what is known, what was assumed, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from landbridge.report.page import Section, TableBlock, Text
from landbridge.result import ResultTable

Tables = Mapping[str, ResultTable]


def claims(tables: Tables) -> Section:
    """The statements of the text the study tests, with verdict and number."""
    frame = tables["claims"].frame
    counts = frame["verdict"].value_counts()
    tested = int(sum(counts.get(v, 0) for v in ("supported", "contradicted")))
    lead = (
        f"Of {len(frame)} statements, {counts.get('supported', 0)} are supported and {counts.get('contradicted', 0)} "
        f"contradicted by computed numbers; {counts.get('undetermined', 0)} are undetermined and "
        f"{len(frame) - tested - counts.get('undetermined', 0)} are not the kind a number can test."
    )
    return Section(
        "claims",
        "Claims",
        lead,
        [
            Text(
                "A verdict holds for the scenario and the inputs named in its row; it is no judgement of the author.",
                kind="note",
            ),
            TableBlock(tables["claims"]),
        ],
    )


def known_answers(tables: Tables) -> Section:
    """Published values beside the model's."""
    frame = tables["known_answers"].frame
    met, missed = int((frame["outcome"] == "within").sum()), int((frame["outcome"] == "outside").sum())
    lead = f"{met} published values are met within their tolerance, {missed} are missed; misses are shown, not tuned."
    return Section("known-answers", "Known answers", lead, [TableBlock(tables["known_answers"])])


def findings(tables: Tables) -> Section:
    """What the network doctor found."""
    frame = tables["findings"].frame
    lead = f"The doctor looked at the assembled network and has {len(frame)} findings."
    return Section("doctor", "Network doctor", lead, [TableBlock(tables["findings"], top=120)])


def assumptions(tables: Tables) -> Section:
    """Every number of the study that is not published, and the defaults that were filled in."""
    frame = tables["assumptions"].frame
    estimates = int((frame["evidence"] == "estimate").sum())
    lead = f"{len(frame)} groups of input numbers by evidence; {estimates} of them rest on our own estimates."
    return Section("assumptions", "Assumptions", lead, [TableBlock(tables["assumptions"])])


def sources(tables: Tables) -> Section:
    """Sources and licences."""
    lead = f"{len(tables['sources'].frame)} sources are named in the tables of this study."
    return Section("sources", "Sources and licences", lead, [TableBlock(tables["sources"], top=400)])
