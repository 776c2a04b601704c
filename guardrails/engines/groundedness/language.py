"""English, French, or neither: by the words that every sentence of a language needs."""

from __future__ import annotations

import re

from guardrails.engines.groundedness.words import FUNCTION_WORDS, folded

SAMPLE = 4_000  # characters
_ENOUGH = 0.15  # of the words: function words make up 30 to 50 % of English and French
_SHORT = 6
_CLEARLY = 1.5

_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str) -> str | None:
    """`en`, `fr`, or None for another language and for a text too short to tell."""
    said = _WORD.findall(folded(text[:SAMPLE]))
    counts = {language: sum(word in known for word in said) for language, known in FUNCTION_WORDS.items()}
    best = max(counts, key=lambda language: counts[language])
    other = min(counts.values())
    if not counts[best] or counts[best] < _CLEARLY * other:
        return None
    return best if len(said) < _SHORT or counts[best] >= _ENOUGH * len(said) else None
