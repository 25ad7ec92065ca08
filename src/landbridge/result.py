"""What a stage hands to the report: named tables with units and sources.

Every room turns its own result into `ResultTable`s; the run collects them, writes them as CSV, XLSX and JSON,
and the report draws from them. A number that is not in a ResultTable cannot be in the report.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray


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


@dataclass(frozen=True)
class GeoLayer:
    """A map layer: one geometry per row of `frame`, as arrays of (k, 2) longitude and latitude in degrees."""

    name: str
    kind: Literal["line", "point"]
    frame: pd.DataFrame
    coordinates: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Result:
    """Everything one run found: tables and map layers by name, headline sentences, and where it all came from.

    `headline` is (claim in bold, the sentence with its numbers, where to read on); `manifest` holds versions, input
    digests, the seed, filled-in defaults and the stages with their seconds.
    """

    study: str
    title: str
    question: str
    before: str
    after: str
    tables: Mapping[str, ResultTable]
    layers: Mapping[str, GeoLayer]
    headline: tuple[tuple[str, str, str], ...]
    manifest: Mapping[str, Any]
    seconds: float

    @property
    def headline_text(self) -> tuple[str, ...]:
        """The headline sentences as plain text."""
        return tuple(f"{bold} {sentence}" for bold, sentence, _ in self.headline)


PLAIN = {int, str, bool, type(None)}  # a list of these is copied whole


def plain(data: object) -> object:
    """Data as JSON can hold it: numpy scalars as numbers, what is not finite (unknown, unreachable) as None.

    >>> plain({"time_h": float("inf"), "km": [1.0, float("nan")]})
    {'time_h': None, 'km': [1.0, None]}
    """
    if isinstance(data, list | tuple):
        kinds = set(map(type, data))
        as_it_is = kinds <= PLAIN or (kinds == {float} and all(map(math.isfinite, data)))
        return list(data) if as_it_is else [plain(v) for v in data]
    if isinstance(data, Mapping):
        return {str(k): plain(v) for k, v in data.items()}
    if hasattr(data, "item") and not isinstance(data, str):
        data = data.item()
    if isinstance(data, float) and not math.isfinite(data):
        return None
    return data
