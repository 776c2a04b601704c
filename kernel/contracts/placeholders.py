"""How masked text says what stood there: `‹PERSON:1›`. Written by guardrails, read by every page that shows content.

A label is an ordinal within one message (`1`, `2`) or, where the masking had a key, a tag that begins with a letter and
is the same for the same value in every message masked under that key (`k7f3q2ab`). Pages number both anew when they
show them (`Numbering`), so that one person is one placeholder in a trace.

Text that happened to look like a placeholder before anything was masked is kept apart by one more `=` after the opening
mark; reading takes it off again. Nothing else of a text changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_BODY = r"[A-Z][A-Z0-9_]{0,39}:[0-9a-z]{1,16}›"
_PLACE = re.compile(r"‹(=*)([A-Z][A-Z0-9_]{0,39}):([0-9a-z]{1,16})›")
_LOOKALIKE = re.compile(rf"‹(?==*{_BODY})")
_WORD = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    """What stands in masked text for a value: its type and its label."""

    type: str
    label: str

    def __str__(self) -> str:
        return f"‹{self.type}:{self.label}›"

    @property
    def spans_messages(self) -> bool:
        """Whether the same label in another message stands for the same value."""
        return self.label[:1].isalpha()


def well_formed(kind: str) -> bool:
    """Whether a type can be written in a placeholder: upper case, digits and underscores, at most 40."""
    return _WORD.fullmatch(kind) is not None


def escape(text: str) -> str:
    """The text with whatever looks like a placeholder made recognisable as text."""
    return _LOOKALIKE.sub("‹=", text) if "‹" in text else text


def segments(masked: str) -> Iterator[str | Placeholder]:
    """Masked text taken apart: plain text (as it was before masking) and placeholders, in order."""
    end = 0
    for match in _PLACE.finditer(masked):
        if match[1]:
            yield masked[end : match.start() + 1] + masked[match.start() + 2 : match.end()]
        else:
            if match.start() > end:
                yield masked[end : match.start()]
            yield Placeholder(match[2], match[3])
        end = match.end()
    if end < len(masked):
        yield masked[end:]


@dataclass(slots=True)
class Numbering:
    """Numbers placeholders in the order in which a page shows them, per type, from 1."""

    _given: dict[tuple[str, str, object], int] = field(default_factory=dict)
    _last: dict[str, int] = field(default_factory=dict)

    def of(self, placeholder: Placeholder, message: object) -> int:
        """The number to show. `message` is anything hashable that tells messages apart."""
        key = (placeholder.type, placeholder.label, None if placeholder.spans_messages else message)
        if key not in self._given:
            self._last[placeholder.type] = self._last.get(placeholder.type, 0) + 1
            self._given[key] = self._last[placeholder.type]
        return self._given[key]
