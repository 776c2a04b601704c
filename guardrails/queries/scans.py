"""The list of checked messages, and the step that a message belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from guardrails.queries.paging import Slice, page
from kernel import clock
from telemetry.queries.bounds import Count, SenderScope, TimeRange, bounded_count, within
from telemetry.schema import scans, span_logs, spans

PAGE_SIZE = 50


class ScanSort(StrEnum):
    SCANNED = "scanned"


@dataclass(frozen=True, slots=True)
class ScanFilter:
    """What the list is asked for. `time` is when the messages were received, by whole hours; empty means any."""

    time: TimeRange
    visible: SenderScope = None
    senders: SenderScope = None
    checks: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class ScanLine:
    """What one check of one message came to. `hour` is the epoch hour of the message's receipt."""

    day: int
    sender_id: bytes
    message_id: bytes
    check: str
    engine_version: str
    outcome: str
    reason: str | None
    language: str | None
    direction: str
    finding_count: int
    hour: int
    scanned_ns: int


_COLUMNS = (
    scans.c.day, scans.c.sender_id, scans.c.message_id, scans.c.check, scans.c.engine_version, scans.c.outcome,
    scans.c.reason, scans.c.language, scans.c.direction, scans.c.finding_count, scans.c.hour, scans.c.scanned_ns,
)  # fmt: skip
_KEY = (
    scans.c.scanned_ns, scans.c.day, scans.c.sender_id, scans.c.message_id, scans.c.check, scans.c.engine_version,
    scans.c.profile_digest,
)  # fmt: skip


def list_scans(
    connection: sa.Connection,
    wanted: ScanFilter,
    *,
    descending: bool = True,
    cursor: str | None = None,
    backwards: bool = False,
    limit: int = PAGE_SIZE,
) -> Slice[ScanLine]:
    """A page of checked messages by the time of the check. One query."""
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


def count_scans(connection: sa.Connection, wanted: ScanFilter, *, limit: int) -> Count:
    """How many checked messages match, counting no further than `limit`."""
    return bounded_count(connection, sa.select(scans.c.day).where(*_matching(wanted)), limit=limit)


def _matching(wanted: ScanFilter) -> list[sa.ColumnElement[bool]]:
    first, last = wanted.time.hours
    conditions: list[sa.ColumnElement[bool]] = [
        scans.c.day.between(first // 24, last // 24),
        scans.c.hour.between(first, last),
        *(
            within(scope, sender=scans.c.sender_id, moment=scans.c.hour, unit_ns=clock.NANOSECONDS_PER_HOUR)
            for scope in (wanted.visible, wanted.senders)
            if scope is not None
        ),
    ]
    if wanted.checks:
        conditions.append(scans.c.check.in_(wanted.checks))
    if wanted.outcomes:
        conditions.append(scans.c.outcome.in_(wanted.outcomes))
    if wanted.direction is not None:
        conditions.append(scans.c.direction == wanted.direction)
    return conditions


def _line(row: Any) -> ScanLine:
    values = list(row)[: len(_COLUMNS)]
    values[1], values[2] = bytes(values[1]), bytes(values[2])
    return ScanLine(*values)


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step that names a message: where its page is."""

    trace_id: bytes
    span_id: bytes


def step_of_message(
    connection: sa.Connection, *, day: int, sender_id: bytes, message_id: bytes, visible: SenderScope
) -> StepOf | None:
    """The first step of a day that names a message, also by a log record that came later; None where none may be seen.

    Steps hold their messages as a list of ids in text, so this reads the steps of one sender and day: for one click.
    """
    named = message_id.hex()
    for table, moment in ((spans, spans.c.start_ns), (span_logs, span_logs.c.received_ns)):
        query = (
            sa.select(table.c.trace_id, table.c.span_id)
            .where(
                table.c.day == day,
                table.c.sender_id == sender_id,
                table.c.content.contains(named, autoescape=True),
                within(visible, sender=table.c.sender_id, moment=moment),
            )
            .order_by(moment)
            .limit(1)
        )
        row = connection.execute(query).first()
        if row is not None:
            return StepOf(bytes(row.trace_id), bytes(row.span_id))
    return None
