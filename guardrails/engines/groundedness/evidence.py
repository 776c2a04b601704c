"""Contexts cut into overlapping windows, and the windows that say most of what a claim says."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from guardrails.domain.grounding import Context
from guardrails.engines.groundedness.claims import Sentence, sentences
from guardrails.engines.groundedness.numbers import NumberSet
from guardrails.engines.groundedness.words import Word, words

WINDOW_SENTENCES = 3
WINDOW_CHARACTERS = 600
MOST_CHARACTERS = 200_000
"""Of all contexts together, in their order; what lies beyond is not looked at, and the verdict says so."""
MOST_WINDOWS = 20_000


@dataclass(frozen=True)
class Window:
    """Up to three sentences of one context, [start, end) in characters of its text."""

    context_id: str
    start: int
    end: int
    text: str
    words: tuple[Word, ...]  # places are those of the context
    sentences: tuple[Sentence, ...]

    @cached_property
    def stems(self) -> frozenset[str]:
        return frozenset(word.stem for word in self.words)

    @cached_property
    def bigrams(self) -> frozenset[tuple[str, str]]:
        return bigrams(self.words)

    @cached_property
    def numbers(self) -> NumberSet:
        return NumberSet(self.text)


def bigrams(said: Sequence[Word]) -> frozenset[tuple[str, str]]:
    """Neighbouring stems."""
    return frozenset((one.stem, two.stem) for one, two in pairwise(said))


class Index:
    """The windows of all contexts, by the stems that carry meaning."""

    def __init__(self, contexts: Iterable[Context]) -> None:
        self.windows: list[Window] = []
        self.truncated = False
        self.stems: set[str] = set()
        self._postings: dict[str, list[int]] = defaultdict(list)
        left = MOST_CHARACTERS
        for context in contexts:
            if left <= 0:
                self.truncated = True
                break
            self.truncated = self.truncated or len(context.text) > left
            self._take(context.id, context.text[:left])
            left -= len(context.text)

    def weight(self, stem: str) -> float:
        """How much a stem says: more, the fewer windows hold it; most where none does."""
        held = len(self._postings.get(stem, ()))
        return math.log(1 + (len(self.windows) + 1) / (held + 0.5))

    def best(self, stems: Iterable[str], most: int) -> list[Window]:
        """The windows that hold most of the weight of these stems, best first; none that holds nothing of it."""
        scores: dict[int, float] = defaultdict(float)
        for one in stems:
            weight = self.weight(one)
            for place in self._postings.get(one, ()):
                scores[place] += weight
        ranked = sorted(scores, key=lambda place: (-scores[place], self._length(place), place))
        return self._apart(ranked, most)

    def _length(self, place: int) -> int:
        window = self.windows[place]
        return window.end - window.start

    def _apart(self, ranked: Iterable[int], most: int) -> list[Window]:
        """The first of them that do not mostly repeat one before."""
        chosen: list[Window] = []
        for place in ranked:
            window = self.windows[place]
            if not any(_repeats(window, other) for other in chosen):
                chosen.append(window)
                if len(chosen) == most:
                    break
        return chosen

    def _take(self, context_id: str, text: str) -> None:
        said = sentences(text)
        room = MOST_WINDOWS - len(self.windows)
        self.truncated = self.truncated or len(said) > room
        said = said[:room]
        spoken = [tuple(_placed(words(text[one.start : one.end]), one.start)) for one in said]
        for first in range(len(said)):
            last = first
            while (
                last + 1 < min(len(said), first + WINDOW_SENTENCES)
                and said[last + 1].end - said[first].start <= WINDOW_CHARACTERS
            ):
                last += 1
            if first and said[last].end == self.windows[-1].end and self.windows[-1].context_id == context_id:
                continue  # a tail of the window before: it says nothing that that one does not
            self._add(
                Window(
                    context_id,
                    said[first].start,
                    said[last].end,
                    text[said[first].start : said[last].end],
                    tuple(word for one in spoken[first : last + 1] for word in one),
                    tuple(said[first : last + 1]),
                )
            )

    def _add(self, window: Window) -> None:
        place = len(self.windows)
        self.windows.append(window)
        for one in window.stems:
            self._postings[one].append(place)
        self.stems |= window.stems


def _placed(said: Iterable[Word], offset: int) -> Iterable[Word]:
    return (Word(one.start + offset, one.end + offset, one.folded, one.stem, one.capital) for one in said)


def _repeats(one: Window, other: Window) -> bool:
    if one.context_id != other.context_id:
        return False
    shared = min(one.end, other.end) - max(one.start, other.start)
    return shared * 2 > one.end - one.start
