from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.utils.html import format_html
from hypothesis import given
from hypothesis import strategies as st

from ui import export


@pytest.mark.parametrize(
    "text",
    [
        "=1+1", "+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＋1", "－1", "＠1", "|cmd", "%0A",
        '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0", "\ufeff=1", "\u00a0=1", "\u200b=1", "\t", "\x00=1", "\rfine",
    ],
)  # fmt: skip
def test_a_cell_that_begins_like_a_formula_is_made_text(text):
    assert export.neutralise(text).startswith("'")
    assert "\x00" not in export.neutralise(text)


@pytest.mark.parametrize(
    "text", ["", "claims triage", "a=1", "1+1", "x" * 40_000, "line\nbreak", 'say "yes"']
)
def test_other_cells_stay_as_they_are(text):
    assert export.neutralise(text) == text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (-3, -3),
        (Decimal("1.50"), Decimal("1.50")),
        ("-3", "'-3"),
        (datetime(2026, 3, 2, 12, tzinfo=UTC), "2026-03-02T12:00:00+00:00"),
        (date(2026, 3, 2), "2026-03-02"),
        (["a", "=b"], "a, =b"),
        (format_html("<b>{}</b>", "=1"), "'=1"),
    ],
)
def test_numbers_are_numbers_only_when_they_come_as_numbers(value, cell):
    assert export.cell(value) == cell


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2)))
def test_what_is_written_can_be_read_again_cell_by_cell(rows):
    text = "".join(export.lines(["one", "two"], rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["one", "two"]
    assert read[1:] == [[export.neutralise(cell) for cell in row] for row in rows]
