"""The page as a browser shows it: drawn, offline, without script errors."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from browser import opened

from landbridge.report.html import block_html, render
from landbridge.report.page import STATE_COLOR, Figure, Section, TableBlock, Text, number
from landbridge.report.pages import finished
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
        "states": STATE_COLOR,
    }


def bar(id: str = "f", title: str = "Hours by zone", source: str = "source: test, 2017", evidence: str = "") -> Figure:
    option = {
        "legend": {"top": 8, "right": 10},
        "xAxis": {"type": "value"},
        "yAxis": {"type": "category", "data": ["a long name of a place that needs rows"]},
        "series": [{"type": "bar", "name": "hours", "data": [1]}],
    }
    return Figure(id, title, "h", source, option, alt="one bar", evidence=evidence)


def test_page_draws_offline(tmp_path: Path) -> None:
    table = ResultTable(
        "t", "Hours", pd.DataFrame({"zone": ["a<b>", "c"], "time_h": [1.5, float("inf")]}), {"time_h": "h"}
    )
    section = Section("s", "Section", "A lead.", [Text("x"), bar(), TableBlock(table)])
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


def test_titles_and_sources_stay_inside_a_narrow_page(tmp_path: Path) -> None:
    long = "A title that is much too long for one row on a telephone and says a good deal about hours"
    section = Section("s", "Section", "A lead.", [bar(title=long, source=long + ", 2017")])
    page = tmp_path / "page.html"
    page.write_text(render("Title", "sub", [], [section], layers(), menu={"s": "Short"}), encoding="utf-8")
    with opened(page) as shown:
        shown.call("Emulation.setDeviceMetricsOverride", width=400, height=800, deviceScaleFactor=1, mobile=True)
        shown.wait("document.body.dataset.ready === 'yes'")
        inside = "[...document.querySelectorAll('figure text')].every(t => t.getBoundingClientRect().right <= 400)"
        shown.wait(inside)
        assert shown.js("document.documentElement.scrollWidth") <= 400
        assert shown.js("document.querySelector('nav').offsetHeight") < 50
        assert "Short" in shown.js("document.querySelector('nav').innerText")
        assert shown.errors == []


def test_figures_say_how_well_their_numbers_are_known() -> None:
    marked = ResultTable("a_b", "Marked", pd.DataFrame({"evidence": ["published", "unchecked"]}))
    about = "open against closed; base year 2017, prices of 2017"
    own = finished(bar("a-b", source="table"), {"a_b": marked}, "estimate", about)
    other = finished(bar("c", evidence=""), {"a_b": marked}, "estimate", about)
    assert isinstance(own, Figure) and isinstance(other, Figure)
    assert "table; open against closed; base year 2017" in own.option_json()
    assert "weakest evidence: unchecked" in own.option_json()
    assert "source: test, 2017; weakest evidence: estimate" in other.option_json()  # it names a year itself


def test_ids_are_shown_by_name_unless_the_names_stand_beside_them() -> None:
    names = {"khasan": "Khasan", "X": "Bridge <X>"}
    pairs = ResultTable("t", "T", pd.DataFrame({"from": ["khasan"], "crossings": ["X; X"]}))
    assert "Khasan" in block_html(TableBlock(pairs), names)
    assert "Bridge &lt;X&gt;; Bridge &lt;X&gt;" in block_html(TableBlock(pairs), names)
    beside = ResultTable("t", "T", pd.DataFrame({"crossing": ["X"], "name": ["Bridge"]}))
    assert "<X>" not in block_html(TableBlock(beside), names) and ">X<" in block_html(TableBlock(beside), names)
