from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui import charts
from ui.charts import Datum, Lane
from ui.icons import TIERS

DATA = [Datum("Mon", 4, href="/?day=1"), Datum("Tue", None), Datum("Wed", 8, tone="bad")]
LANES = [
    Lane(tier, total=number, live=number // 2, href=f"/?tier={tier}") for number, tier in enumerate(TIERS)
]
ALL = {
    "sparkline": charts.sparkline([1, None, 3], label="Trend"),
    "bars": charts.bars(DATA, label="Days"),
    "histogram": charts.histogram(DATA, label="Latency"),
    "stacked": charts.stacked_bar(charts.coloured(DATA), label="Shares"),
    "meter": charts.meter(0.5, label="Budget"),
    "span": charts.span_bar(20, 50, total=100, label="retrieve"),
    "lanes": charts.lanes(LANES),
}


def tree(html: str) -> ET.Element:
    return ET.fromstring(f"<div>{html}</div>")  # noqa: S314  # our own drawing


@pytest.mark.parametrize("name", ALL)
def test_every_chart_is_well_formed_and_free_of_style_attributes(name):
    for element in tree(ALL[name]).iter():
        assert not {"style", "onclick", "onload"} & set(element.attrib)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"lanes"}))
def test_every_drawing_has_a_role_and_a_name(name):
    svg = tree(ALL[name]).find("svg")
    assert svg is not None
    assert svg.get("role") in {"img", "group"}
    assert svg.get("aria-label")


@pytest.mark.parametrize("name", ["bars", "histogram"])
def test_bars_have_a_table_behind_them(name):
    rows = tree(ALL[name]).findall(".//details/table/tbody/tr")
    assert ["".join(row.itertext()) for row in rows] == ["Mon4", "Tuenot measured", "Wed8"]


def test_a_gap_in_the_values_is_a_gap_in_the_line():
    lines = tree(charts.sparkline([1, 2, None, 3, 4], label="Trend")).findall(".//polyline")
    assert [line.get("points") for line in lines] == ["0.0,31.0 25.0,21.67", "75.0,12.33 100.0,3.0"]


def test_a_line_without_any_value_is_unknown():
    assert "not measured" in charts.sparkline([None, None], label="Trend")
    assert "not measured" in charts.meter(None, label="Budget")


def test_an_unknown_bar_is_drawn_as_unknown_and_not_as_zero():
    rects = tree(ALL["bars"]).findall(".//rect")
    assert [rect.get("class") for rect in rects] == ["s0", "unknown", "bad"]


def test_bars_with_an_address_are_doors():
    links = tree(ALL["bars"]).findall("./svg/a")
    assert [(link.get("href"), link.get("aria-label")) for link in links] == [("/?day=1", "Mon: 4")]


def test_nothing_is_drawn_for_a_whole_of_zero():
    assert "nothing to show" in charts.stacked_bar([Datum("chat", 0)], label="Shares")


def test_a_lane_counts_what_is_live_and_what_is_dark():
    html = charts.lanes([Lane("hpc", total=5, live=3, href="/?tier=hpc", spend_nano_usd=None)])
    assert '<a class="door" href="/?tier=hpc">5</a>' in html
    assert "3 live" in html
    assert "2 dark" in html
    assert "unpriced" in html


def test_an_empty_lane_says_so():
    assert "nothing registered here" in charts.lanes([Lane("hpc", total=0, live=0, href="/")])


numbers = st.floats(min_value=-1e12, max_value=1e12, allow_nan=False)


@given(st.lists(st.none() | numbers, min_size=1, max_size=40))
def test_every_point_of_a_line_lies_inside_the_drawing(values):
    for x, y in re.findall(r"([\d.e+-]+),([\d.e+-]+)", charts.sparkline(values, label="Trend")):
        assert 0 <= float(x) <= charts.SPARK_WIDTH
        assert 0 <= float(y) <= charts.SPARK_HEIGHT


@given(st.integers(-(10**12), 10**12), st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_every_step_lies_on_the_axis_and_is_visible(start, length, total):
    rect = tree(charts.span_bar(start, length, total=total, label="step")).find(".//rect")
    assert rect is not None
    x, width = (float((rect.get(name) or "").rstrip("%")) for name in ("x", "width"))
    assert 0 <= x <= 100
    assert charts.SHORTEST_SPAN - 0.01 <= width <= 100.01 - x
