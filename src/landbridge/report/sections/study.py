"""What was claimed, what is known, what was assumed, and where it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from landbridge.report.page import Block, Section, TableBlock, Text, number
from landbridge.report.words import rule_words
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
            claims_block(tables["claims"]),
        ],
    )


def claims_block(table: ResultTable) -> TableBlock:
    """The claims as a reader wants them: statement, verdict, value with its range, and the rule in words."""
    rows = table.frame.to_dict("records")
    frame = table.frame.assign(
        rule=[rule_words(str(r["rule"])) for r in rows],
        value=pd.Series([None if r["verdict"] == "not tested" else r["value"] for r in rows], dtype=object),
        range=[_range(float(r["low"]), float(r["high"])) for r in rows],
    )
    wanted = ("id", "statement", "verdict", "value", "unit", "range", "rule", "scenario", "reason", "evidence")
    columns = tuple(c for c in wanted if c in frame.columns)
    return TableBlock(replace(table, frame=frame), columns, {"rule": "holds if"}, infinite="never")


def _range(low: float, high: float) -> str:
    """The range of a value in words, empty where none is known or it is no wider than a point."""
    return f"{number(low)} to {number(high)}".replace("no way", "never") if low < high else ""


def known_answers(tables: Tables) -> Section:
    """Published values beside the model's: what was really tested apart from what holds by construction."""
    frame = tables["known_answers"].frame
    blocks: list[Block] = [Text(t) for t in (_wrong_signs(frame), _counts_of_traffic(tables)) if t]
    return Section("known-answers", "Known answers", _uses(frame), [*blocks, TableBlock(tables["known_answers"])])


def _uses(frame: pd.DataFrame) -> str:
    """How many are met and missed, by what they are used for; misses are shown, not tuned."""
    def tally(use: str) -> tuple[int, int]:
        rows = frame.loc[frame["use"] == use, "outcome"]
        return int((rows == "within").sum()), int((rows == "outside").sum())

    met, missed = tally("check")
    text = f"Of {met + missed} published values that nothing was set by, {met} are met within their tolerance and "
    text += f"{missed} are missed; misses are shown, not tuned."
    by_construction = {"calibration": "that tariffs were set to meet", "input": "arithmetic on the model's own inputs",
                       "engine": "formulas with a known answer"}
    others = []
    for use, words in by_construction.items():
        met, missed = tally(use)
        if met + missed:
            others.append(f"{met + missed} {words}" + (f" ({missed} missed)" if missed else ""))
    if others:
        text += f" No evidence for the model are the others: {', '.join(others)}."
    silent = int((frame["outcome"] == "not computed").sum())
    return text + (f" {silent} more rows are not computed by this run." if silent else "")


def _wrong_signs(frame: pd.DataFrame) -> str:
    """The misses on the other side of zero from what was published."""
    rows = [f"{r['id']} ({r['what']}: published {r['published']}, model {number(r['model'])} {r['unit']})"
            for r in frame[frame["wrong_sign"].astype(bool)].to_dict("records")]
    return f"With the wrong sign: {'; '.join(rows)}." if rows else ""


def _counts_of_traffic(tables: Tables) -> str:
    """How the flows fit counted traffic; the table stands in the section of flows."""
    if "flow_fit" not in tables:
        return ""
    frame = tables["flow_fit"].frame
    free = frame[frame["use"] == "check"] if "use" in frame else frame
    met = int(free["within"].astype(bool).sum())
    return (f"Of {len(free)} counts of traffic that no parameter was set by, {met} are met (table flow_fit in the "
            "section on flows).")


def findings(tables: Tables) -> Section:
    """What the network doctor found, by severity."""
    frame = tables["findings"].frame
    counts = frame.groupby("severity", sort=False).size() if len(frame) else pd.Series(dtype=int)
    found = ", ".join(f"{n} {severity}{'s' if n != 1 else ''}" for severity, n in counts.items()) or "no findings"
    lead = f"The doctor looked at the assembled network and has {found}."
    return Section("doctor", "Network doctor", lead, [TableBlock(tables["findings"])])


def assumptions(tables: Tables) -> Section:
    """Every number of the study that is not published, and the defaults that were filled in."""
    frame = tables["assumptions"].frame
    rows = frame.groupby("evidence", sort=False)["rows"].sum().sort_values(ascending=False, kind="stable")
    total = int(rows.sum())
    parts = ", ".join(f"{n / total:.0%} {word} ({n:,})" for word, n in rows.items())
    lead = f"Of {total:,} rows of input tables that carry an evidence mark: {parts}."
    return Section("assumptions", "Assumptions", lead, [TableBlock(tables["assumptions"])])


def sources(tables: Tables) -> Section:
    """Sources and licences."""
    named = tables["sources"].frame["source"].astype(str)
    own = named.str.contains("estimate|from memory|own coordinate|no source|this study", case=False)
    links = named.str.contains("http", regex=False) & ~own
    lead = (
        f"The source columns of this study hold {len(named)} different texts: {int(links.sum())} give an address, "
        f"{int((~links & ~own).sum())} name a publication or say how a number was made, and {int(own.sum())} say that "
        "it is an estimate, from memory or the study's own."
    )
    return Section("sources", "Sources and licences", lead, [TableBlock(tables["sources"])])
