"""Writing to the ledger, and taking evidence away."""

from __future__ import annotations

from audit.services.ledger import (
    Entry,
    VerbWithoutEventError,
    changes_between,
    plain,
    record,
    record_many,
    snapshot,
    unchanged,
    verb,
)

__all__ = [
    "Entry",
    "VerbWithoutEventError",
    "changes_between",
    "plain",
    "record",
    "record_many",
    "snapshot",
    "unchanged",
    "verb",
]
