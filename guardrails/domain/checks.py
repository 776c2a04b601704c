"""What can be checked, and what can come of it. The words are those of the record's tables."""

from __future__ import annotations

from enum import StrEnum


class Check(StrEnum):
    """A question that is asked of content."""

    PERSONAL_DATA = "personal_data"
    SECRETS = "secrets"
    GROUNDEDNESS = "groundedness"


CONTENT_CHECKS = frozenset({Check.PERSONAL_DATA, Check.SECRETS})
"""Asked of each message, once per sender and day; groundedness is asked of a generation and its context."""


class Outcome(StrEnum):
    """What came of a check. What was not checked at all has no row and is counted as the rest."""

    CLEAN = "clean"
    FOUND = "found"
    SUPPORTED = "supported"
    UNSUPPORTED = "unsupported"
    UNCERTAIN = "uncertain"
    NOT_EVALUABLE = "not_evaluable"  # nothing to check, or nothing to hold it against
    SAMPLED_OUT = "sampled_out"
    FAILED = "failed"


CHECKED = frozenset({Outcome.CLEAN, Outcome.FOUND, Outcome.SUPPORTED, Outcome.UNSUPPORTED, Outcome.UNCERTAIN})
"""The outcomes that count as covered."""
