"""Reading the ledger, as values."""

from __future__ import annotations

from audit.queries.trail import (
    Place,
    RecordedEvent,
    Wanted,
    WholeEvent,
    bodies_of,
    count_history,
    count_trail,
    find_event,
    histories,
    history,
    trail,
    undone_since,
)

__all__ = [
    "Place",
    "RecordedEvent",
    "Wanted",
    "WholeEvent",
    "bodies_of",
    "count_history",
    "count_trail",
    "find_event",
    "histories",
    "history",
    "trail",
    "undone_since",
]
