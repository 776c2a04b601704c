"""What every read is bounded by: a stretch of time, a set of senders, a number of rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kernel import clock

LAST_NS = 2**63 - 1
"""The end of time as a signed 64-bit integer holds it."""


@dataclass(frozen=True, slots=True)
class TimeRange:
    """A stretch of time in epoch nanoseconds, half open: `start_ns` is inside, `end_ns` is not."""

    start_ns: int
    end_ns: int

    @classmethod
    def last(cls, length_ns: int) -> TimeRange:
        """The stretch that ends now, the hour ahead that the receiver allows included."""
        now = clock.now_ns()
        return cls(now - length_ns, now + clock.NANOSECONDS_PER_HOUR)

    @property
    def hours(self) -> tuple[int, int]:
        """First and last epoch hour that the stretch touches, both inside."""
        return clock.epoch_hour(self.start_ns), clock.epoch_hour(self.end_ns - 1)

    @property
    def minutes(self) -> tuple[int, int]:
        """First and last epoch minute that the stretch touches, both inside."""
        return clock.epoch_minute(self.start_ns), clock.epoch_minute(self.end_ns - 1)

    @property
    def days(self) -> tuple[int, int]:
        """First and last epoch day that the stretch touches, both inside."""
        return clock.epoch_day(self.start_ns), clock.epoch_day(self.end_ns - 1)


@dataclass(frozen=True, slots=True)
class SenderWindow:
    """A sender during [from_ns, until_ns), because what a sender is may change. An open end is None."""

    sender_id: bytes
    from_ns: int | None = None
    until_ns: int | None = None

    def holds(self, moment_ns: int) -> bool:
        """Whether the moment lies inside the window."""
        after = self.from_ns is None or moment_ns >= self.from_ns
        return after and (self.until_ns is None or moment_ns < self.until_ns)


SenderScope = tuple[SenderWindow, ...] | None
"""Which senders a read may see; None is all of them, the empty tuple none."""


def within(scope: SenderScope, *, sender: Any, moment: Any, unit_ns: int = 1) -> sa.ColumnElement[bool]:
    """The scope as a condition on a sender column and a time column.

    `unit_ns` is what one step of the time column means (an hour for roll-ups); a window that starts within a step
    holds from the next step on. Windows with the same bounds share one IN list.
    """
    if scope is None:
        return sa.true()
    groups: dict[tuple[int | None, int | None], list[bytes]] = defaultdict(list)
    for window in scope:
        groups[window.from_ns, window.until_ns].append(window.sender_id)
    return sa.or_(
        sa.false(),
        *(_group(bounds, ids, sender, moment, unit_ns) for bounds, ids in groups.items()),
    )


def _group(
    bounds: tuple[int | None, int | None], ids: Sequence[bytes], sender: Any, moment: Any, unit_ns: int
) -> sa.ColumnElement[bool]:
    from_ns, until_ns = bounds
    parts = [sender.in_(sorted(set(ids)))]
    if from_ns is not None:
        parts.append(moment >= -(-from_ns // unit_ns))
    if until_ns is not None:
        parts.append(moment < -(-until_ns // unit_ns))
    return sa.and_(*parts)


def sender_ids(scope: SenderScope) -> list[bytes] | None:
    """The senders of a scope, whatever the time; None where the scope is everything."""
    return None if scope is None else sorted({window.sender_id for window in scope})


@dataclass(frozen=True, slots=True)
class Count:
    """A number that was not counted further than it matters: `exact` is False for “at least this many”."""

    number: int
    exact: bool


def bounded_count(connection: sa.Connection, query: sa.Select[Any], *, limit: int) -> Count:
    """How many rows a query has, counting no further than `limit`."""
    inner = query.limit(limit + 1).subquery()
    found = connection.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one()
    return Count(min(found, limit), found <= limit)
