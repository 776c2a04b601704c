"""A rule finds one type of personal data: how to find it, when to bother, what makes it surer. Pure.

A rule costs nothing where its gate says that it cannot match; a check digit decides; words nearby raise the score.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntFlag, auto

from guardrails.domain import Finding

BEFORE = 60
AFTER = 25
"""How many characters around a match are searched for context words."""


class Need(IntFlag):
    """What a text must hold for a rule to have a chance."""

    NOTHING = 0
    DIGITS_2 = auto()
    DIGITS_5 = auto()
    DIGITS_9 = auto()
    AT = auto()
    COLONS = auto()
    DOTS = auto()
    LINK = auto()
    CAPITAL = auto()


_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-Þ]")


def offers(text: str) -> Need:
    """What this text holds."""
    found = Need.NOTHING
    digits = len(_DIGIT.findall(text))
    for least, need in ((2, Need.DIGITS_2), (5, Need.DIGITS_5), (9, Need.DIGITS_9)):
        if digits >= least:
            found |= need
    if "@" in text:
        found |= Need.AT
    if text.count(":") > 1:
        found |= Need.COLONS
    if text.count(".") > 2:
        found |= Need.DOTS
    if "://" in text:
        found |= Need.LINK
    if _CAPITAL.search(text):
        found |= Need.CAPITAL
    return found


@dataclass(frozen=True, slots=True)
class Match:
    """A stretch that looks right; `valid` says what its check digits say, None where there are none."""

    start: int
    end: int
    valid: bool | None = None
    score: float | None = None  # the finder's own, instead of the rule's


Finder = Callable[[str], Iterable[Match]]


@dataclass(frozen=True, slots=True)
class Rule:
    """How one type is found. `alone` is the score without context, `near` with it, `unchecked` with it and a wrong check.

    A score of 0 is no finding.
    """

    type: str
    find: Finder
    needs: Need
    alone: float
    near: float = 0.0
    unchecked: float = 0.0
    context: re.Pattern[str] | None = None

    def findings(self, text: str) -> Iterator[Finding]:
        """What this rule finds, scored."""
        for match in self.find(text):
            score = self._score(text, match)
            if score > 0:
                yield Finding(self.type, match.start, match.end, score)

    def _score(self, text: str, match: Match) -> float:
        alone = self.alone if match.score is None else match.score
        if match.valid is False:
            return self.unchecked if self.unchecked and self._has_context(text, match) else 0.0
        if self.near > alone and self._has_context(text, match):
            return self.near
        return alone

    def _has_context(self, text: str, match: Match) -> bool:
        if self.context is None:
            return False
        before = text[max(0, match.start - BEFORE) : match.start]
        return bool(self.context.search(before) or self.context.search(text[match.end : match.end + AFTER]))


def pattern(
    expression: str, check: Callable[[str], bool | None] | None = None, *, flags: re.RegexFlag = re.NOFLAG
) -> Finder:
    """A finder of a regular expression; its group `v`, where it has one, is what is found. `check` sees the bare text."""
    compiled = re.compile(expression, flags)
    group = "v" if "v" in compiled.groupindex else 0

    def find(text: str) -> Iterator[Match]:
        for match in compiled.finditer(text):
            start, end = match.span(group)
            yield Match(start, end, None if check is None else check(match[group]))

    return find


def words(*stems: str) -> re.Pattern[str]:
    """Context words: each a piece of a regular expression that begins and ends a word."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(stems)})(?!\w)", re.IGNORECASE)
