from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from guardrails.domain import Finding
from guardrails.engines.masking import Labels, disjoint, mask, same_value
from kernel.contracts.placeholders import Placeholder, segments

texts = st.text(max_size=60) | st.text(alphabet=st.sampled_from("‹›=:AB1é👩🏽‍🚀\u0301\u202e"), max_size=40)


@st.composite
def texts_with_findings(draw):
    text = draw(texts)
    at = st.integers(-2, len(text) + 3)
    spans = draw(st.lists(st.tuples(at, at), max_size=5))
    kinds = st.sampled_from(["PERSON", "IBAN_CODE", "no type"])
    return text, [Finding(draw(kinds), min(span), max(span), draw(st.floats(0, 1))) for span in spans]


@given(texts_with_findings())
def test_what_is_found_is_gone_and_the_rest_is_there(given_text):
    text, findings = given_text
    masked = list(segments(mask(text, findings)))
    hidden = {at for found in findings for at in range(max(0, found.start), min(len(text), found.end))}
    assert "".join(part for part in masked if isinstance(part, str)) == "".join(
        character for at, character in enumerate(text) if at not in hidden
    )


@given(texts_with_findings())
def test_every_stretch_that_is_found_is_one_placeholder(given_text):
    text, findings = given_text
    placeholders = [part for part in segments(mask(text, findings)) if isinstance(part, Placeholder)]
    assert len(placeholders) == len(disjoint(findings, len(text)))


@given(texts_with_findings())
def test_findings_made_disjoint_are_sorted_and_within_the_text(given_text):
    text, findings = given_text
    ends = [0]
    for found in disjoint(findings, len(text)):
        assert ends[-1] <= found.start < found.end <= len(text)
        ends.append(found.end)


@given(texts)
def test_a_text_without_findings_reads_as_it_was(text):
    assert "".join(map(str, segments(mask(text, [])))) == text


def test_one_person_is_one_placeholder_in_a_message():
    text = "Marie Curie wrote to MARIE  CURIE and to Paul Langevin."
    findings = [Finding("PERSON", 0, 11, 0.9), Finding("PERSON", 21, 33, 0.9), Finding("PERSON", 41, 54, 0.9)]
    assert mask(text, findings) == "‹PERSON:1› wrote to ‹PERSON:1› and to ‹PERSON:2›."


def test_types_are_counted_apart_and_a_message_shares_its_labels():
    labels = Labels()
    first = mask("a b", [Finding("PERSON", 0, 1, 1), Finding("URL", 2, 3, 1)], labels)
    assert first == "‹PERSON:1› ‹URL:1›"
    assert (
        mask("c a", [Finding("PERSON", 0, 1, 1), Finding("PERSON", 2, 3, 1)], labels)
        == "‹PERSON:2› ‹PERSON:1›"
    )


def test_under_a_key_the_same_value_has_the_same_tag_in_every_message():
    one, two, other = (Labels(key).of("PERSON", "Ada Lovelace") for key in (b"k", b"k", b"another"))
    assert one == two != other
    assert one.startswith("k")
    assert Placeholder("PERSON", one).spans_messages
    assert Labels(b"k").of("LOCATION", "Ada Lovelace") != one


def test_spellings_that_mean_the_same_are_the_same():
    assert same_value("IBAN_CODE", "FR76 3000 6000") == same_value("IBAN_CODE", "fr7630006000")
    assert same_value("EMAIL_ADDRESS", "A.b@x.fr") != same_value("EMAIL_ADDRESS", "ab@x.fr")
    assert same_value("PERSON", "Jean\n Dupont") == same_value("PERSON", "JEAN DUPONT")
    assert same_value("FR_PLATE", "---") == "---"


def test_overlapping_findings_are_hidden_together_under_the_surest_type():
    text = "12 rue de la Paix, 75002 Paris"
    findings = [Finding("ADDRESS", 0, 24, 0.8), Finding("LOCATION", 19, 30, 0.9)]
    assert mask(text, findings) == "‹LOCATION:1›"


def test_lone_surrogates_are_masked_too():
    assert mask("\ud800x", [Finding("PERSON", 0, 1, 1)], Labels(b"k")).endswith("›x")
