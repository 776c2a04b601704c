"""Which sentences of an answer claim something."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.engines.groundedness.claims import claims, sentences

ANSWERS = [
    ("It closes at six. It opens at eight!", ["It closes at six.", "It opens at eight!"]),
    ("Il ferme à 18 h. Il ouvre à 8 h.", ["Il ferme à 18 h. Il ouvre à 8 h."]),
    ("Dr. Martin signs it, e.g. on Mondays. Then it is sent.", ["Dr. Martin signs it, e.g. on Mondays.", "Then it is sent."]),
    ("Cela coûte 3,5 M. L'offre de Mme. Le Goff expire en mai.", ["Cela coûte 3,5 M. L'offre de Mme. Le Goff expire en mai."]),
    ("the dog is brown . it likes bones .", ["the dog is brown .", "it likes bones ."]),
    ("Opening hours:\n- Monday: 8 to 18\n* Sunday: closed", ["Monday: 8 to 18", "Sunday: closed"]),
    ("Voici les horaires :\n1. Lundi : 8 h\n2) Mardi : 9 h", ["Lundi : 8 h", "Mardi : 9 h"]),
    ("| Day | Opens |\n|---|---|\n| Monday | 8 am |\n| Tuesday | 9 am |", ["| Monday | 8 am |", "| Tuesday | 9 am |"]),
    ("## Hours\nIt closes at six.", ["It closes at six."]),
    ("Run this:\n```\nrm -r build is a claim\n```\nThen it builds.", ["Then it builds."]),
    ("Does it close at six?", []),
    ("Est-ce ouvert ?", []),
    ("Hello! Thank you for asking.", []),
    ("Bonjour, je vous en prie.", []),
    ("I don't know.", []),
    ("I'm sorry, the documents do not mention the opening hours.", []),
    ("Je ne sais pas.", []),
    ("Les documents ne précisent pas les horaires.", []),
    ("Je n'ai trouvé aucune information à ce sujet.", []),
    ("I don't know the phone number, but the workshop closes at six.", ["I don't know the phone number, but the workshop closes at six."]),
    ("Bonjour, votre contrat 4711 prend fin le 3 mai.", ["Bonjour, votre contrat 4711 prend fin le 3 mai."]),
    ("Yes.", []),
    ("Delhi", ["Delhi"]),
    ("", []),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_an_answer_claims(answer, expected):
    assert [answer[one.start : one.end] for one in claims(answer)] == expected


@given(st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from(".!?|-#*`\n:« »'’"), max_size=300))
def test_sentences_of_any_text_lie_in_order_within_it_and_say_something(text):
    behind = 0
    for one in sentences(text):
        assert behind <= one.start < one.end <= len(text)
        assert any(map(str.isalnum, text[one.start : one.end]))
        behind = one.end


def test_a_text_without_any_full_stop_is_cut_where_words_end():
    text = ("word " * 2_000).strip()

    assert all(
        one.end - one.start <= 600 and text[one.start : one.end] == text[one.start : one.end].strip()
        for one in sentences(text)
    )
    assert "".join(text[one.start : one.end] for one in sentences(text)).replace(" ", "") == text.replace(
        " ", ""
    )
