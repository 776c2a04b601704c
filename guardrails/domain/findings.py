"""What an engine finds in a text: a type, where, how sure. Never the value itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from guardrails.domain.checks import Check


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found at [start, end), in characters (code points) of the scanned text; score from 0 to 1."""

    type: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Scan:
    """What a scan of one text came to; findings sorted by start, none overlapping another."""

    findings: tuple[Finding, ...]
    language: str | None = None  # ISO 639-1, None where it could not be told


class ContentEngine(Protocol):
    """An engine that looks for things in a text. Made once per process; safe to call from one thread at a time."""

    check: Check
    version: str  # changes whenever the same text may give other findings; at most 64 characters

    def load(self) -> None:
        """Make ready to scan: read models, compile rules. Idempotent; the first scan does it otherwise."""

    def scan(self, text: str, *, threshold: float) -> Scan:
        """Everything found with at least this score. Must not raise on any text."""
