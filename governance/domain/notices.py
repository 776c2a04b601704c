"""What people are told, and how often a mail is tried."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class NoticeKind(StrEnum):
    OPENED = "violations_opened"
    RETURNED = "violations_returned"
    ASSIGNED = "violation_assigned"
    WAIVER_DECIDED = "waiver_decided"
    WAIVER_ENDED = "waiver_ended"
    APPROVAL_ASKED = "approval_asked"
    APPROVAL_DECIDED = "approval_decided"
    APPROVAL_STALE = "approval_stale"


class MailState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    SENT = "sent"
    DEAD = "dead"
    NOT_CONFIGURED = "not_configured"  # this installation sends no mail; the page tells it


MOST_NAMED = 20
"""Violations that one mail names; it says how many there are."""
MOST_ATTEMPTS = 8
LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=6)


def wait_after(attempts: int) -> timedelta:
    """How long the next attempt waits after so many: 1, 4, 16, 64 minutes … up to six hours."""
    factor: int = 4 ** min(max(attempts - 1, 0), 10)
    return min(_FIRST_WAIT * factor, _LONGEST_WAIT)
