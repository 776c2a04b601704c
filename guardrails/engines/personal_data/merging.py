"""From everything that was found to findings apart from each other. Pure.

What a check digit confirms comes first, then what is longer: an address beats the town in it. What a weaker finding
covers beyond a stronger one stays found, for a rest may be as personal as the whole.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from guardrails.domain import Finding

CERTAIN = 0.95
_POSTAL = frozenset({"ADDRESS", "POSTCODE", "LOCATION"})
_NAMES = frozenset({"PERSON", "LOCATION"})
"""Of two that cover the same, a rule knows better than a model."""
_GLUE = re.compile(r"[\s,;.\-–()>?]{0,6}")
_FEWEST_LEFT = 2


def merged(text: str, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings sorted by start, none overlapping another; the parts of one address are one."""
    kept: list[Finding] = []
    starts: list[int] = []
    for finding in sorted(found, key=_strength):
        for free in _uncovered(finding, kept, starts):
            piece = _tight(text, free, cut=(free.start, free.end) != (finding.start, finding.end))
            if piece is not None:
                at = bisect_left(starts, piece.start)
                starts.insert(at, piece.start)
                kept.insert(at, piece)
    return tuple(_glued(text, kept))


def _strength(finding: Finding) -> tuple[bool, int, bool, float, int, str]:
    named = finding.type in _NAMES
    return (
        finding.score < CERTAIN,
        finding.start - finding.end,
        named,
        -finding.score,
        finding.start,
        finding.type,
    )


def _uncovered(finding: Finding, kept: Sequence[Finding], starts: Sequence[int]) -> Iterator[Finding]:
    """What of a finding no stronger one covers. `kept` is sorted and apart."""
    at = bisect_left(starts, finding.start)
    if at and kept[at - 1].end > finding.start:
        at -= 1
    start = finding.start
    while at < len(kept) and kept[at].start < finding.end:
        if kept[at].start > start:
            yield Finding(finding.type, start, kept[at].start, finding.score)
        start = max(start, kept[at].end)
        at += 1
    if start < finding.end:
        yield Finding(finding.type, start, finding.end, finding.score)


def _tight(text: str, finding: Finding, *, cut: bool) -> Finding | None:
    """A finding without blanks at its ends; a rest must still say something."""
    said = text[finding.start : finding.end]
    start = finding.start + len(said) - len(said.lstrip())
    end = finding.end - (len(said) - len(said.rstrip()))
    if start >= end or (cut and sum(map(str.isalnum, said)) < _FEWEST_LEFT):
        return None
    return Finding(finding.type, start, end, finding.score)


def _glued(text: str, kept: Sequence[Finding]) -> Iterator[Finding]:
    waiting: Finding | None = None
    for finding in kept:
        if waiting is not None and _one_address(text, waiting, finding):
            waiting = Finding("ADDRESS", waiting.start, finding.end, max(waiting.score, finding.score))
            continue
        if waiting is not None:
            yield waiting
        waiting = finding
    if waiting is not None:
        yield waiting


def _one_address(text: str, first: Finding, second: Finding) -> bool:
    kinds = {first.type, second.type}
    between = text[first.end : second.start]
    return (
        "ADDRESS" in kinds
        and kinds <= _POSTAL
        and _GLUE.fullmatch(between) is not None
        and between.count("\n") < 3
    )
