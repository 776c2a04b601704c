"""Numbers are compared by what they mean, not by how they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.engines.groundedness.numbers import NumberSet, numbers

SAME = [
    ("1,000", "1 000"),
    ("1000", "1\u202f000"),
    ("1.000 clients", "1000 customers"),
    ("12,500.75", "12 500,75"),
    ("3,5", "3.5"),
    ("3.50", "3.5"),
    ("6 pm", "18:00"),
    ("6 p.m.", "18 h"),
    ("18h30", "6:30 pm"),
    ("at 6 pm", "at six in the evening"),
    ("2.5 million euros", "2,500,000 €"),
    ("2 milliards", "2bn"),
    ("90 euros", "€90"),
    ("5 %", "5 percent"),
    ("24 months", "24 mois"),
    ("twelve days", "12 days"),
    ("1er étage", "floor 1"),
    ("12 March 2024", "2024-03-12"),
    ("2024-03-12", "12 mars 2024"),
    ("25/12/2023", "25 December 2023"),
    ("version 3.11.2", "Python 3.11.2"),
]

OTHER = [
    ("1,001", "1 000"),
    ("6 pm", "6 am"),
    ("6 pm", "19:00"),
    ("5 %", "5 euros"),
    ("24 months", "24 days"),
    ("2.5 million", "2.5 billion"),
    ("version 3.11.2", "version 3.11"),
    ("2024-03-12", "12 April 2024"),
    ("12", "the year 1912"),
    ("7", "Boeing 747"),
]


@pytest.mark.parametrize(("claim", "source"), SAME)
def test_a_source_knows_the_number_of_a_claim(claim, source):
    assert numbers(claim)
    assert all(NumberSet(source).knows(number) for number in numbers(claim))


@pytest.mark.parametrize(("claim", "source"), OTHER)
def test_a_source_does_not_know_another_number(claim, source):
    assert not all(NumberSet(source).knows(number) for number in numbers(claim))


@pytest.mark.parametrize("text", ["[3]", "[doc-12]", "(source: page 4)", "‹PHONE_NUMBER 2›", "AB-123", "x86"])
def test_citations_masked_text_and_codes_hold_no_number(text):
    assert numbers(text) == []


@given(st.integers(min_value=1_000, max_value=10**12), st.sampled_from([",", " ", "\u202f", "\u00a0", "'"]))
def test_a_whole_number_is_known_however_its_thousands_are_set_apart(value, mark):
    written = f"{value:,}".replace(",", mark)

    assert all(NumberSet(f"It is {value}.").knows(number) for number in numbers(f"It is {written}."))
    assert not any(NumberSet(f"It is {value + 1}.").knows(number) for number in numbers(f"It is {written}."))


@given(st.text(alphabet="0123456789.,:' \u202fhapm%€kmn-/eu", max_size=60))
def test_any_text_of_digits_is_known_to_itself(text):
    assert all(NumberSet(text).knows(number) for number in numbers(text))
