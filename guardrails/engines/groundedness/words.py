"""Words of English and French text with their places: stems, what carries no meaning of its own, what negates."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_WORD = re.compile(
    r"(?=[\w‑-]{0,40}\d)(?=[\w‑-]{0,40}[^\W\d_])[^\W_]+(?:[‑-][^\W_]+)*|[^\W_]+(?:['’][^\W_]+)*"
)
"""Words, split at hyphens unless they mix letters and digits: `CL-2024-001` is one."""

_MASKED = re.compile(r"‹[^‹›\n]{1,60}›")
"""Placeholders of masked text: they say nothing that could be held against a source."""
_CITED = re.compile(r"\[[\w.,:#/ -]{1,40}\]|\(\s*(?:source|sources|réf|ref)\b[^()]{0,120}\)", re.IGNORECASE)

_ELIDED = re.compile(r"^(?:l|d|j|n|s|c|m|t|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=.)", re.IGNORECASE)
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)

NEGATIONS = frozenset({
    "not", "no", "never", "without", "cannot", "none", "neither", "nor", "nothing", "nobody", "nowhere",
    "ne", "pas", "jamais", "aucun", "aucune", "sans", "ni", "rien", "personne", "non",
})  # fmt: skip
_CONTRACTED = frozenset({
    "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "hasnt", "havent", "hadnt", "wont", "wouldnt",
    "cant", "couldnt", "shouldnt", "mustnt",
})  # fmt: skip

_LISTS = tomllib.loads(Path(__file__).with_name("function_words.toml").read_text("utf-8"))
STOP_WORDS = frozenset(_LISTS["carry_nothing"].split())
FUNCTION_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(said.split()) for language, said in _LISTS["languages"].items()
}

_SUFFIXES = (
    "ations", "ation", "ements", "ement", "ements", "ingly", "iques", "ique", "ings", "ing", "edly", "ees", "ies", "ied",
    "aient", "erait", "eront", "ment", "ants", "ante", "ant", "ents", "ait", "ees", "ee", "er", "ez", "es", "ed", "ly",
    "ent", "s", "e", "x", "y",
)  # fmt: skip
_SHORTEST_STEM = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A word at [start, end): folded (no case, no accents) and its stem. `capital`: it is written like a name."""

    start: int
    end: int
    folded: str
    stem: str
    capital: bool

    @property
    def carries(self) -> bool:
        """Whether the word says something by itself."""
        return (
            self.folded not in STOP_WORDS and self.folded not in NEGATIONS and self.folded not in _CONTRACTED
        )

    @property
    def negates(self) -> bool:
        return self.folded in NEGATIONS or self.folded in _CONTRACTED


def words(text: str) -> list[Word]:
    """The words of a text in order, numbers among them; masked text and citations (`[3]`) are passed over."""
    return [word for match in _WORD.finditer(blanked(text)) if (word := _word(match)) is not None]


def blanked(text: str) -> str:
    """The text with masked text and citations made blank, every other character in its place."""
    if "‹" in text:
        text = _MASKED.sub(_blanks, text)
    if "[" in text or "(" in text:
        text = _CITED.sub(_blanks, text)
    return text


def folded(text: str) -> str:
    """Without case and accents, so that « Été » and « ete » are one."""
    if text.isascii():
        return text.lower()
    return "".join(
        letter
        for letter in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(letter)
    )


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A folded word without its ending, crudely: `closes`, `closing` and `closed` are `clos`."""
    if any(letter.isdigit() for letter in word):
        return word
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM:
            return word[: -len(suffix)]
    return word


def _blanks(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _word(match: re.Match[str]) -> Word | None:
    said, start = match[0], match.start()
    elided = _ELIDED.match(said)
    if elided is not None:
        said, start = said[elided.end() :], start + elided.end()
    plain = _POSSESSIVE.sub("", said)
    bare = folded(plain).replace("'", "").replace("’", "").replace("‑", "-")
    if not bare:
        return None
    return Word(start, match.end(), bare, stem(bare), said[0].isupper())
