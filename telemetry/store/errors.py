"""What the store says when it cannot do what it was asked."""

from __future__ import annotations


class StoreUnavailable(Exception):
    """The database does not answer, is locked, full or half migrated. The same request may succeed in a moment."""


class Unstorable(Exception):
    """The database refuses these values for good. Repeating the request cannot help."""


class NotMigrated(Exception):
    """The record's tables are not those of this release. Says what to run."""
