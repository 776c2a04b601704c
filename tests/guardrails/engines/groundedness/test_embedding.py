"""The engine with its sentence model: the only tests here that load it."""

from __future__ import annotations

import random
import socket

import numpy as np
import pytest

from guardrails.domain import Context, Outcome
from guardrails.engines.groundedness import LexAlign, embedding
from guardrails.engines.groundedness.embedding import Embedding, ModelAltered

pytestmark = pytest.mark.models

SOURCE = "The workshop in Brest opens at 8 a.m. and closes at 6 p.m. from Monday to Friday. An hour of work costs 90 euros."


@pytest.fixture(scope="module")
def model():
    return Embedding()


@pytest.fixture(scope="module")
def engine(model):
    engine = LexAlign()
    engine.warm()
    return engine


def similarity(one, two):
    return float((one.vectors @ two.vectors.T).max(axis=1).mean())


def test_texts_that_mean_the_same_align_better_than_texts_that_do_not(model):
    claim, same, other = model.pieces(
        ["The garage shuts at six.", "The workshop closes at 6 p.m.", "Penguins live on ice."]
    )

    assert similarity(claim, same) > similarity(claim, other) + 0.2
    assert np.allclose(np.linalg.norm(claim.vectors, axis=1), 1, atol=1e-5)


def test_pieces_know_their_places_and_do_not_depend_on_their_company(model):
    text = "Élise opened the café."
    alone = model.pieces([text])[0]
    (_, among, _) = model.pieces(["x", text, "A much longer sentence than the other ones, to be padded to."])

    assert [text[start:end] for start, end in alone.places] == ["Élise", "opened", "the", "café", "."]
    assert np.allclose(alone.vectors, among.vectors, atol=0.15)  # int8 scales with what is computed together


def test_a_paraphrase_is_not_called_unsupported_for_its_other_words(engine):
    lexical = LexAlign(lexical_only=True)
    ask = {
        "question": None,
        "answer": "Labour is billed at 90 euros per hour.",
        "contexts": [Context("c", SOURCE)],
    }

    assert engine.judge(**ask).score > lexical.judge(**ask).score


def test_what_no_source_says_stays_unsupported(engine):
    found = engine.judge(
        question="What do you sell?",
        answer="The workshop sells bicycles in Quimper.",
        contexts=[Context("c", SOURCE)],
    )

    assert (found.outcome, found.shadow, found.language) == (Outcome.UNSUPPORTED, False, "en")


def test_the_same_question_gets_the_same_verdict(engine):
    ask = {
        "question": None,
        "answer": "It closes at 6 p.m. Work costs 90 euros.",
        "contexts": [Context("c", SOURCE)],
    }

    assert engine.judge(**ask) == engine.judge(**ask)


def test_no_text_makes_it_raise(engine):
    rng = random.Random(7)
    letters = "the a.b 1,0é«\ud800\x00\u202e‹›漢字🙂\n|-#"
    for _ in range(60):
        text = "the workshop is " + "".join(rng.choice(letters) for _ in range(rng.randrange(200)))
        engine.judge(question=text[::-1], answer=text, contexts=[Context("c", text[5:] or "the")])


def test_it_loads_and_judges_with_sockets_closed(monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_args, **_more: pytest.fail("a socket was opened"))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_args, **_more: pytest.fail("a name was looked up"))
    engine = LexAlign()

    found = engine.judge(
        question=None, answer="The workshop closes at 6 p.m.", contexts=[Context("c", SOURCE)]
    )

    assert (found.outcome, engine.version) == (Outcome.SUPPORTED, "lexalign-v1+minilm-int8")


@pytest.mark.parametrize("pin", ["MODEL_SHA256", "VOCABULARY_SHA256"])
def test_another_model_or_vocabulary_is_refused(monkeypatch, pin):
    monkeypatch.setattr(embedding, pin, "0" * 64)

    with pytest.raises(ModelAltered, match="Install the packages of the lock file again"):
        LexAlign().warm()


def test_without_the_package_it_judges_by_words_and_says_so(monkeypatch):
    monkeypatch.setattr(embedding, "PACKAGE", "no_such_package_here")
    engine = LexAlign()

    assert engine.version == "lexalign-v1+lexical"
    assert (
        engine.judge(question=None, answer="Work costs 90 euros.", contexts=[Context("c", SOURCE)]).score
        is not None
    )
