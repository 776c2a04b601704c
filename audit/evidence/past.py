"""The register as it was: today's rows, walked back through the ledger. Pure, and as exact as the ledger is.

Every change is in an event with the values before and after, written in the same transaction. So undoing the events
after a moment, newest first, gives the rows of that moment. A value that was erased from the ledger since (a name, a
note) cannot be given back: it is unknown, and said so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from audit.domain import Change

ERASED = "‹erased›"


@dataclass(frozen=True, slots=True)
class Undo:
    """The changes of one event on one row, and which of their values were erased."""

    row_id: str
    changes: tuple[Change, ...]
    erased: frozenset[str] = frozenset()


def as_of(rows: Mapping[str, Mapping[str, Any]], later: Iterable[Undo]) -> dict[str, dict[str, Any]]:
    """The rows by id as they were before the `later` events (newest first). Rows without events are as they are."""
    past = {row_id: dict(row) for row_id, row in rows.items()}
    for undo in later:
        row = past.get(undo.row_id)
        if row is None:
            continue
        for change in undo.changes:
            if change.path in row:
                row[change.path] = ERASED if change.path in undo.erased else change.before
    return past
