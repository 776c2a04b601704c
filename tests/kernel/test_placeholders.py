from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kernel.contracts.placeholders import Numbering, Placeholder, escape, segments, well_formed

tricky = st.text(alphabet=st.sampled_from("‹›=:PERSON1a k\n"), max_size=30) | st.text(max_size=30)


@given(tricky)
def test_escaped_text_reads_as_it_was(text):
    assert "".join(map(str, segments(escape(text)))) == text
    assert not any(isinstance(part, Placeholder) for part in segments(escape(text)))


@given(tricky, tricky)
def test_a_placeholder_is_found_between_any_two_texts(before, after):
    placeholder = Placeholder("PERSON", "1")
    found = list(segments(f"{escape(before)}{placeholder}{escape(after)}"))
    assert found == [part for part in (before, placeholder, after) if part]


def test_text_without_placeholders_is_not_touched():
    assert escape("Prix ‹net› : 12 €, voir ‹PERSON›") == "Prix ‹net› : 12 €, voir ‹PERSON›"


def test_a_look_alike_stays_text_however_often_it_is_escaped():
    twice = escape(escape("‹PERSON:1›"))
    assert twice == "‹==PERSON:1›"
    assert list(segments(twice)) == ["‹=PERSON:1›"]


def test_numbers_are_given_in_the_order_shown_and_tags_hold_across_messages():
    numbering = Numbering()
    shown = [
        numbering.of(Placeholder(kind, label), message)
        for kind, label, message in [
            ("PERSON", "kab", 1),
            ("PERSON", "kcd", 1),
            ("IBAN_CODE", "1", 1),
            ("PERSON", "kab", 2),
            ("IBAN_CODE", "1", 2),
        ]
    ]
    assert shown == [1, 2, 1, 1, 2]


def test_types_that_cannot_be_written_are_told():
    assert well_formed("FR_NIR")
    assert not well_formed("person")
    assert not well_formed("A:B")
