"""Sources that are written out in a prompt."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.domain.prompts import taken_apart

SHAPES = [
    ("no sources: what is it?", [], "no sources: what is it?"),
    ("Context:\nA b.\n\nQuestion: c?", ["A b."], "c?"),
    ("Contexte :\nA b.\n\nQuestion : c ?", ["A b."], "c ?"),
    ("Extraits :\n[x] A.\n[y] B.\n\nQuestion : c ?", ["[x] A.\n[y] B."], "c ?"),
    ("Question: c?\nContext: A b.", ["A b."], "c?"),
    ("Answer from this.\n## Context\nA b.\n## Question\nc?", ["A b."], "c?"),
    ("**Sources:**\nA b.\n**Question:**\nc?", ["A b."], "c?"),
    ("<context>A b.</context>\nc?", ["A b."], "c?"),
    ('<document id="1">A.</document><document id="2">B.</document> c?', ["A.", "B."], "c?"),
    ("<documents>\nA.\n</documents>\nQuestion: c?", ["A."], "Question: c?"),
    ("Sources\nare rivers' beginnings", [], "Sources\nare rivers' beginnings"),
    ("<context>never closed", [], "<context>never closed"),
]


@pytest.mark.parametrize(("text", "sources", "question"), SHAPES)
def test_a_prompt_is_taken_apart(text, sources, question):
    prompt = taken_apart(text)

    assert ([text[start:end] for start, end in prompt.sources], prompt.question) == (sources, question)


@pytest.mark.parametrize(
    "piece", ["<context>", "</context>", "Context:\n", "<document ", "**Context", "Question:\n", "İ<context>"]
)
def test_a_hostile_prompt_of_a_million_letters_takes_moments(piece):
    begun = time.perf_counter()
    taken_apart(piece * (1_000_000 // len(piece)))

    assert time.perf_counter() - begun < 5


@given(st.text(alphabet="<>/context: \n#*Questionİ", max_size=80))
def test_sources_lie_within_the_text_in_order(text):
    behind = 0
    for start, end in taken_apart(text).sources:
        assert behind <= start < end <= len(text)
        behind = end
