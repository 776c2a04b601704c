"""The one place that asks what time it is, so that tests can move the clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

NANOSECONDS_PER_SECOND = 1_000_000_000
NANOSECONDS_PER_MINUTE = 60 * NANOSECONDS_PER_SECOND
NANOSECONDS_PER_HOUR = 60 * NANOSECONDS_PER_MINUTE
NANOSECONDS_PER_DAY = 24 * NANOSECONDS_PER_HOUR

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return datetime.now(UTC)


def now_ns() -> int:
    """The current moment in nanoseconds since the Unix epoch."""
    return time.time_ns()


def from_ns(nanoseconds: int) -> datetime:
    """Epoch nanoseconds as an aware UTC datetime, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)


def to_ns(moment: datetime) -> int:
    """An aware datetime as epoch nanoseconds.

    Raises ValueError for a naive datetime: its time zone would be a guess.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive datetime has no place on the time line; give it a time zone")
    delta = moment - _EPOCH
    return ((delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds) * 1000


def epoch_day(nanoseconds: int) -> int:
    """Whole days since the epoch, UTC: the day a span belongs to."""
    return nanoseconds // NANOSECONDS_PER_DAY


def epoch_hour(nanoseconds: int) -> int:
    """Whole hours since the epoch, UTC: the key of hourly roll-ups."""
    return nanoseconds // NANOSECONDS_PER_HOUR


def epoch_minute(nanoseconds: int) -> int:
    """Whole minutes since the epoch, UTC: the key of ingest accounts."""
    return nanoseconds // NANOSECONDS_PER_MINUTE
