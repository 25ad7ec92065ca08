"""What a stage hands to the report: named tables with units and sources.

Every room turns its own result into `ResultTable`s; the run collects them, writes them as CSV, XLSX and JSON,
and the report draws from them. A number that is not in a ResultTable cannot be in the report.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd


@dataclass(frozen=True)
class ResultTable:
    """One table of results.

    `name` is a short snake_case file name; `units` maps columns to units where the column name does not say it;
    `sources` are printed below the table; columns named `evidence` hold the words published, derived, unchecked,
    estimate.
    """

    name: str
    title: str
    frame: pd.DataFrame
    units: dict[str, str] = field(default_factory=dict)
    note: str = ""
    sources: tuple[str, ...] = ()
