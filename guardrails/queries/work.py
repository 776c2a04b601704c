"""The list of checks that wait and of those that were given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from guardrails.queries.paging import Slice, page
from kernel import clock
from telemetry.queries.bounds import Count, SenderScope, bounded_count, within
from telemetry.schema import check_work
from telemetry.schema.checks import WORK_DEAD, WORK_OPEN

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class WorkFilter:
    """What the list is asked for. `state` is `waiting` or `dead`; empty kinds mean any."""

    visible: SenderScope = None
    senders: SenderScope = None
    state: str = "dead"
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One piece of work. `subject` is a message id or a trace id; `hour` stands in for its day."""

    kind: str
    day: int
    sender_id: bytes
    subject: bytes
    state: str
    due_ns: int
    attempts: int
    reason: str | None
    queued_ns: int

    @property
    def hour(self) -> int:
        return self.day * 24


_COLUMNS = (
    check_work.c.kind, check_work.c.day, check_work.c.sender_id, check_work.c.subject, check_work.c.state,
    check_work.c.due_ns, check_work.c.attempts, check_work.c.reason, check_work.c.queued_ns,
)  # fmt: skip
_KEY = (
    check_work.c.queued_ns,
    check_work.c.kind,
    check_work.c.day,
    check_work.c.sender_id,
    check_work.c.subject,
)


def list_work(
    connection: sa.Connection,
    wanted: WorkFilter,
    *,
    descending: bool = False,
    cursor: str | None = None,
    backwards: bool = False,
    limit: int = PAGE_SIZE,
) -> Slice[WorkLine]:
    """A page of work by when it was queued. One query."""
    return page(
        connection,
        sa.select(*_COLUMNS).where(*_matching(wanted)),
        key=_KEY,
        row=_line,
        descending=descending,
        cursor=cursor,
        backwards=backwards,
        limit=limit,
    )


def count_work(connection: sa.Connection, wanted: WorkFilter, *, limit: int) -> Count:
    """How much work matches, counting no further than `limit`."""
    return bounded_count(connection, sa.select(check_work.c.day).where(*_matching(wanted)), limit=limit)


def _matching(wanted: WorkFilter) -> list[sa.ColumnElement[bool]]:
    """The state is spelt as the index spells it, so that the engine sees that the index holds all of it."""
    conditions: list[Any] = [
        sa.text(WORK_DEAD if wanted.state == "dead" else WORK_OPEN),
        *(
            within(
                scope,
                sender=check_work.c.sender_id,
                moment=check_work.c.day,
                unit_ns=clock.NANOSECONDS_PER_DAY,
            )
            for scope in (wanted.visible, wanted.senders)
            if scope is not None
        ),
    ]
    if wanted.kinds:
        conditions.append(check_work.c.kind.in_(wanted.kinds))
    return conditions


def _line(row: Any) -> WorkLine:
    values = list(row)[: len(_COLUMNS)]
    values[2], values[3] = bytes(values[2]), bytes(values[3])
    return WorkLine(*values)
