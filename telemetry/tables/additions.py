"""What higher apps add to the page of a trace, by registration: marks on its lines, and what is opened along with a step.

A provider of marks is asked once per page for the spans of the window, with a connection to the record:

    additions.mark("guardrails.findings", marks_of)

where `marks_of(connection, trace_id, spans)` answers, for those spans that have any, with marks. Whole panels about the
chosen step go into the slot `telemetry.span` (`ui.panels`); its subject is a `Step`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import sqlalchemy as sa

from kernel.contracts.placeholders import Numbering
from telemetry.queries.spans import SpanBrief, SpanWhole
from telemetry.services import Opened
from ui.text import Text

MOST_MARKED = 1_000
"""Spans of one page that are asked about; what a fold hides beyond them bears no mark."""
SLOT = "telemetry.span"

SpanRef: TypeAlias = tuple[bytes, int]
"""A span's id and day: ids alone may be doubled."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is known of a step: an icon of a tone on its line, with its word for who cannot see it.

    Marks of the same `key` are one on a fold's line.
    """

    key: str
    word: Text
    tone: str
    picture: str
    title: Text = ""


@dataclass(frozen=True, slots=True)
class Step:
    """The chosen step. `opened` holds its messages by hex id once they were read, None before."""

    trace_id: bytes
    span: SpanWhole
    opened: Mapping[str, Opened] | None
    numbering: Numbering = field(default_factory=Numbering)


Marks: TypeAlias = Callable[[sa.Connection, bytes, Sequence[SpanBrief]], Mapping[SpanRef, Sequence[Mark]]]
Companions: TypeAlias = Callable[[sa.Connection, SpanWhole], Sequence[str]]

_marks: dict[str, Marks] = {}
_companions: dict[str, Companions] = {}


def mark(key: str, provider: Marks) -> None:
    """Add a provider of marks; the same key again replaces it."""
    _marks[key] = provider


def accompany(key: str, provider: Companions) -> None:
    """Add a provider of further messages (hex ids, of the step's own sender and day) that are read with a step."""
    _companions[key] = provider


def marks_of(
    connection: sa.Connection, trace_id: bytes, spans: Sequence[SpanBrief]
) -> dict[SpanRef, tuple[Mark, ...]]:
    """Everything that is known of these spans, by span."""
    asked = list(spans[:MOST_MARKED])
    found: dict[SpanRef, tuple[Mark, ...]] = {}
    if asked:
        for _key, provider in sorted(_marks.items()):
            for ref, several in provider(connection, trace_id, asked).items():
                found[ref] = (*found.get(ref, ()), *several)
    return found


def companions_of(connection: sa.Connection, span: SpanWhole) -> list[str]:
    """The hex ids of what should be opened along with a step."""
    return list(
        dict.fromkeys(id_ for _key, ask in sorted(_companions.items()) for id_ in ask(connection, span))
    )
