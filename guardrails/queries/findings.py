"""The list of findings: types, places and scores, never what was said."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from guardrails.queries.paging import Slice, page
from kernel import clock
from telemetry.queries.bounds import Count, SenderScope, TimeRange, bounded_count, within
from telemetry.schema import findings, scans

PAGE_SIZE = 50


class FindingSort(StrEnum):
    FOUND = "found"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What the list is asked for. `time` is when the messages were received, by whole hours; empty means any."""

    time: TimeRange
    visible: SenderScope = None
    senders: SenderScope = None
    checks: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    direction: str | None = None
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True, slots=True)
class FindingLine:
    """One finding. `hour` is the epoch hour of its message's receipt; `start` and `end` are characters at `pointer`."""

    day: int
    sender_id: bytes
    message_id: bytes
    check: str
    engine_version: str
    position: int
    type: str
    pointer: str
    start: int
    end: int
    score: float
    direction: str
    language: str | None
    hour: int
    found_ns: int


_JOINED = findings.join(
    scans,
    sa.and_(
        *(
            findings.c[name] == scans.c[name]
            for name in ("day", "sender_id", "message_id", "check", "engine_version", "profile_digest")
        )
    ),
)
_COLUMNS = (
    findings.c.day, findings.c.sender_id, findings.c.message_id, findings.c.check, findings.c.engine_version,
    findings.c.position, findings.c.type, findings.c.pointer, findings.c.start, findings.c.end, findings.c.score,
    scans.c.direction, scans.c.language, scans.c.hour, findings.c.found_ns,
)  # fmt: skip
_TIE = (
    findings.c.day, findings.c.sender_id, findings.c.message_id, findings.c.check, findings.c.engine_version,
    findings.c.profile_digest, findings.c.position,
)  # fmt: skip
_SORTS: dict[FindingSort, Any] = {FindingSort.FOUND: findings.c.found_ns, FindingSort.SCORE: findings.c.score}


def list_findings(
    connection: sa.Connection,
    wanted: FindingFilter,
    *,
    sort: FindingSort = FindingSort.FOUND,
    descending: bool = True,
    cursor: str | None = None,
    backwards: bool = False,
    limit: int = PAGE_SIZE,
) -> Slice[FindingLine]:
    """A page of findings. One query."""
    return page(
        connection,
        sa.select(*_COLUMNS).select_from(_JOINED).where(*_matching(wanted)),
        key=(_SORTS[sort], *_TIE),
        row=_line,
        descending=descending,
        cursor=cursor,
        backwards=backwards,
        limit=limit,
    )


def count_findings(connection: sa.Connection, wanted: FindingFilter, *, limit: int) -> Count:
    """How many findings match, counting no further than `limit`."""
    query = sa.select(findings.c.day).select_from(_JOINED).where(*_matching(wanted))
    return bounded_count(connection, query, limit=limit)


def _matching(wanted: FindingFilter) -> list[sa.ColumnElement[bool]]:
    first, last = wanted.time.hours
    conditions: list[sa.ColumnElement[bool]] = [
        findings.c.day.between(first // 24, last // 24),
        scans.c.hour.between(first, last),
        *(
            within(
                scope, sender=findings.c.sender_id, moment=scans.c.hour, unit_ns=clock.NANOSECONDS_PER_HOUR
            )
            for scope in (wanted.visible, wanted.senders)
            if scope is not None
        ),
    ]
    if wanted.checks:
        conditions.append(findings.c.check.in_(wanted.checks))
    if wanted.types:
        conditions.append(findings.c.type.in_(wanted.types))
    if wanted.direction is not None:
        conditions.append(scans.c.direction == wanted.direction)
    if wanted.least is not None:
        conditions.append(findings.c.score >= wanted.least)
    if wanted.most is not None:
        conditions.append(findings.c.score <= wanted.most)
    return conditions


def _line(row: Any) -> FindingLine:
    values = list(row)[: len(_COLUMNS)]
    values[1], values[2] = bytes(values[1]), bytes(values[2])
    return FindingLine(*values)
