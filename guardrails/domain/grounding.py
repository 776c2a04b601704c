"""Whether the sources support an answer: contexts in, a verdict per sentence out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from guardrails.domain.checks import Outcome


@dataclass(frozen=True, slots=True)
class Context:
    """A source that an answer can be held against. `id` says where it came from, to find its text again."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """The best evidence: [start, end) in characters of the context's text."""

    context_id: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class SentenceVerdict:
    """One claim of the answer, [start, end) in characters of the answer, with the best evidence there is."""

    start: int
    end: int
    outcome: Outcome  # supported, unsupported, uncertain
    score: float  # 0 (nothing supports it) to 1
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Grounding:
    """The verdict over a whole answer: as bad as its worst sentence."""

    outcome: Outcome  # supported, unsupported, uncertain, not_evaluable
    reason: (
        str | None
    )  # for not_evaluable: no_context, no_claim, languages_differ; else truncated, where text was cut
    score: float | None  # of the weakest claim
    language: str | None
    shadow: bool  # not calibrated for this language: counted and shown, held against nobody
    sentences: tuple[SentenceVerdict, ...] = ()


class GroundednessEngine(Protocol):
    """An engine that holds answers against contexts. The same protocol serves stronger engines later."""

    version: str  # changes whenever the same text may get another verdict; at most 64 characters

    def judge(
        self, *, question: str | None, answer: str, contexts: Sequence[Context], threshold: float = 0.5
    ) -> Grounding:
        """The verdict. Must not raise on any text; without contexts it is not_evaluable.

        `threshold` (0 to 1, a profile's) is where supported and unsupported part; around it an engine is uncertain.
        """
