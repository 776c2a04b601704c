"""What the engine says of answers, without its model: words, numbers, names and negation."""

from __future__ import annotations

import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.domain import Context, Outcome
from guardrails.engines.groundedness import LexAlign

ENGLISH = (
    "The workshop in Brest opens at 8 a.m. and closes at 6 p.m. from Monday to Friday. On Saturdays it is closed. "
    "An hour of work costs 90 euros. The warranty lasts 24 months."
)
FRENCH = (
    "L'atelier de Brest ouvre à 8 h et ferme à 18 h du lundi au vendredi. Il est fermé le samedi. "
    "L'heure de main-d'œuvre coûte 90 €. La garantie dure 24 mois."
)
SUPPORTED, UNSUPPORTED, UNCERTAIN, NOT_EVALUABLE = (
    Outcome.SUPPORTED, Outcome.UNSUPPORTED, Outcome.UNCERTAIN, Outcome.NOT_EVALUABLE,
)  # fmt: skip

ANSWERS = [
    (ENGLISH, "The workshop closes at 18:00 from Monday to Friday.", SUPPORTED),
    (ENGLISH, "An hour of work costs €90.", SUPPORTED),
    (ENGLISH, "The workshop opens at 9 a.m. and closes at 6 p.m.", UNSUPPORTED),
    (ENGLISH, "The workshop in Quimper rents bicycles.", UNSUPPORTED),
    (ENGLISH, "The warranty lasts 24 months. It covers theft by Martians.", UNSUPPORTED),
    (FRENCH, "L'atelier de Brest ferme à 18 heures du lundi au vendredi.", SUPPORTED),
    (FRENCH, "La garantie dure 24 mois.", SUPPORTED),
    (FRENCH, "La garantie dure 36 mois.", UNSUPPORTED),
    (FRENCH, "Nous louons aussi des vélos à Quimper.", UNSUPPORTED),
]


@pytest.fixture(scope="module")
def engine():
    return LexAlign(lexical_only=True)


@pytest.fixture
def judge(engine):
    def ask(answer, *sources, question=None, **more):
        contexts = [Context(f"c{place}", text) for place, text in enumerate(sources)]
        return engine.judge(question=question, answer=answer, contexts=contexts, **more)

    return ask


@pytest.mark.parametrize(("source", "answer", "expected"), ANSWERS)
def test_an_answer_is_held_against_its_source(judge, source, answer, expected):
    assert judge(answer, source).outcome is expected


def test_the_whole_is_as_bad_as_its_worst_sentence_and_each_has_its_place(judge):
    answer = "The warranty lasts 24 months. It covers theft by Martians."

    found = judge(answer, ENGLISH)

    assert [(answer[one.start : one.end], one.outcome) for one in found.sentences] == [
        ("The warranty lasts 24 months.", SUPPORTED),
        ("It covers theft by Martians.", UNSUPPORTED),
    ]
    assert found.score == min(one.score for one in found.sentences)


def test_the_best_evidence_is_the_sentence_that_says_it(judge):
    found = judge("An hour of work costs 90 euros.", "Nothing of the kind.", ENGLISH)

    evidence = found.sentences[0].evidence
    assert evidence is not None
    assert evidence.context_id == "c1"
    assert ENGLISH[evidence.start : evidence.end] == "An hour of work costs 90 euros."


def test_a_sentence_that_only_turns_the_source_around_is_not_called_supported(judge):
    source = "The contract may be ended by the customer at any time."

    assert judge("The contract may be ended by the customer at any time.", source).outcome is SUPPORTED
    assert (
        judge("The contract may not be ended by the customer at any time.", source).outcome is not SUPPORTED
    )


@pytest.mark.parametrize(
    ("answer", "sources", "reason"),
    [
        ("It closes at six.", [], "no_context"),
        ("It closes at six.", ["   "], "no_context"),
        ("I don't know.", [ENGLISH], "no_claim"),
        ("Bonjour ! Avez-vous une autre question ?", [FRENCH], "no_claim"),
        ("The workshop closes at six in the evening.", [FRENCH], "languages_differ"),
    ],
)
def test_where_nothing_can_be_held_against_anything_that_is_said(judge, answer, sources, reason):
    found = judge(answer, *sources)

    assert (found.outcome, found.reason, found.score, found.sentences) == (NOT_EVALUABLE, reason, None, ())


def test_english_counts_and_french_and_others_are_in_shadow_until_calibrated(judge):
    assert judge("The warranty lasts 24 months.", ENGLISH).shadow is False
    assert judge("La garantie dure 24 mois.", FRENCH).shadow is True
    assert judge("Die Garantie gilt 24 Monate.", "Die Garantie gilt 24 Monate ab Kauf.").shadow is True


def test_a_short_answer_is_in_the_language_of_its_sources(judge):
    assert judge("Brest", FRENCH).language == "fr"


def test_a_strict_threshold_turns_supported_into_uncertain_and_then_into_unsupported(judge):
    answer = "The workshop closes at 18:00."
    score = judge(answer, ENGLISH).score
    assert score is not None

    outcomes = [judge(answer, ENGLISH, threshold=score + step).outcome for step in (-0.1, 0, 0.15)]

    assert outcomes == [SUPPORTED, UNCERTAIN, UNSUPPORTED]


def test_names_of_the_question_are_no_news(judge):
    source = "The head office is in Delhi."
    question = "Where does the Oberoi Group have its head office?"

    plain = judge("The head office of the Oberoi Group is in Delhi.", source)
    asked = judge("The head office of the Oberoi Group is in Delhi.", source, question=question)

    assert plain.score is not None
    assert asked.score is not None
    assert asked.score > plain.score


def test_what_lies_beyond_the_limits_is_not_judged_and_that_is_said(judge):
    assert judge("The warranty lasts 24 months.", "x" * 250_000, ENGLISH).reason == "truncated"
    many = judge(" ".join(f"The warranty number {n} lasts 24 months." for n in range(100)), ENGLISH)
    assert (many.reason, len(many.sentences)) == ("truncated", 60)


@pytest.mark.parametrize(
    "piece",
    [
        "a. ",
        "a",
        "1,",
        "1 000 ",
        "«",
        "| a |\n",
        "- ",
        "don't ",
        "a-1-",
        "…",
        "‹",
        "[",
        "(source: ",
        "A ",
        "\n",
        "h:",
    ],
)
def test_hostile_texts_of_a_million_characters_take_seconds_at_most(judge, piece):
    text = piece * (1_000_000 // len(piece))
    begun = time.process_time()

    judge(text, text, question=text)

    assert time.process_time() - begun < 20


@given(
    st.text(st.characters() | st.sampled_from("\ud800\x00\u202e‹›"), max_size=200),
    st.lists(st.text(st.characters(), max_size=200), max_size=3),
    st.none() | st.text(max_size=50),
)
@settings(deadline=None)
def test_no_text_makes_it_raise_and_every_place_lies_within_its_text(answer, sources, question):
    contexts = [Context(str(place), text) for place, text in enumerate(sources)]

    found = LexAlign(lexical_only=True).judge(question=question, answer=answer, contexts=contexts)

    for one in found.sentences:
        assert 0 <= one.start < one.end <= len(answer)
        assert 0 <= one.score <= 1
        if one.evidence is not None:
            assert 0 <= one.evidence.start < one.evidence.end <= len(sources[int(one.evidence.context_id)])


@given(st.sampled_from([ENGLISH, FRENCH]))
def test_a_source_supports_itself(source):
    found = LexAlign(lexical_only=True).judge(question=None, answer=source, contexts=[Context("c", source)])

    assert found.outcome is SUPPORTED


def test_it_needs_no_network(judge, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_: pytest.fail("a socket was opened"))

    assert judge("The warranty lasts 24 months.", ENGLISH).outcome is SUPPORTED


def test_its_version_says_that_it_judges_by_words_alone(engine):
    assert engine.version == "lexalign-v1+lexical"
