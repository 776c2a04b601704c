"""Words for people: what the parts of the interface accept as text, and the tones of a state."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from django.utils.functional import Promise

Text: TypeAlias = str | Promise
"""A string, or a lazy translation of one."""


class Tone(StrEnum):
    """How a state is meant. Each has a colour and a mark, and always stands beside a word."""

    OK = "ok"
    WARN = "warn"
    BAD = "bad"
    PLAIN = "plain"
    ACCENT = "accent"
    UNKNOWN = "unknown"


MARKS: dict[Tone, str] = {
    Tone.OK: "✓",
    Tone.WARN: "!",
    Tone.BAD: "✕",
    Tone.PLAIN: "○",
    Tone.ACCENT: "●",
    Tone.UNKNOWN: "?",
}
