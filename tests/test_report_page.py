"""The page as a browser shows it: drawn, offline, without script errors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from browser import opened

from landbridge.report.html import render
from landbridge.report.page import Figure, Section, TableBlock, Text, number
from landbridge.result import ResultTable


def layers() -> dict[str, object]:
    ways = {"lines": [[130000, 43000, 1000, 500]], "properties": [{"way": "a", "label": "a to b", "text": "10 h"}]}
    return {
        "center": [130, 42],
        "zoom": 4,
        "before": "closed",
        "after": "open",
        "ways": {"before": ways, "after": ways},
        "outline": {"type": "FeatureCollection", "features": []},
        "network": {"rail": [], "road": [], "sea": []},
        "crossings": [{"id": "X", "name": "X", "lon": 130.6, "lat": 42.4, "state": "open"}],
        "zones": [{"name": "Rajin", "lon": 130.3, "lat": 42.2, "population_k": 66}],
        "views": [],
    }


def test_page_draws_offline(tmp_path: Path) -> None:
    table = ResultTable(
        "t", "Hours", pd.DataFrame({"zone": ["a<b>", "c"], "time_h": [1.5, float("inf")]}), {"time_h": "h"}
    )
    figure = Figure(
        "f",
        "Hours by zone",
        "h",
        "source: test, 2017",
        {
            "xAxis": {"type": "category", "data": ["a"]},
            "yAxis": {"type": "value"},
            "series": [{"type": "bar", "data": [1]}],
        },
        alt="one bar",
    )
    section = Section("s", "Section", "A lead.", [Text("x"), figure, TableBlock(table)])
    page = tmp_path / "page.html"
    page.write_text(render("Title", "sub", ["<b>1</b> h"], [section], layers()), encoding="utf-8")
    with opened(page) as shown:
        shown.wait("document.body.dataset.ready === 'yes'")  # the map came to rest
        text = shown.js("document.body.innerText + document.querySelector('svg').textContent")
        assert "Hours by zone" in text and "source: test, 2017" in text
        assert "no way" in text and "a<b>" in text
        assert shown.errors == []
        assert shown.outside == []  # nothing was asked of any host


def test_numbers_read_well() -> None:
    assert [number(x) for x in (0.0, 3, 1234567.0, 0.5, -12.34)] == ["0", "3", "1,234,567", "0.500", "-12.3"]
