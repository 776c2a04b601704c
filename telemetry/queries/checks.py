"""What was checked and what came of it: coverage, findings and verdicts, and how far the checks lag behind."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry.queries.bounds import Count, SenderScope, TimeRange, bounded_count, within
from telemetry.queries.spans import SpanWhole
from telemetry.schema import check_hours, check_work, finding_hours, findings, rollup_hours, scans, verdicts
from telemetry.schema.checks import WORK_DEAD, WORK_OPEN

NS_PER_HOUR = clock.NANOSECONDS_PER_HOUR
NS_PER_DAY = clock.NANOSECONDS_PER_DAY
MOST_ROWS = 20_000
MOST_FINDINGS = 5_000
MOST_COUNTED = 100_000
OPEN = ("pending", "leased", "retry")
"""States of work that is still to be done."""
UNKEPT = ("dropped", "hashed", "not_captured", "reference")
"""Content states of spans in which there is nothing to check."""


class Per(StrEnum):
    """What sums are told apart by."""

    ALL = "all"
    SENDER = "sender"
    HOUR = "hour"
    DAY = "day"


Group = bytes | int | None
"""A sender id, an epoch hour, an epoch day, or None for everything together."""


@dataclass(frozen=True, slots=True)
class Covered:
    """How many messages (for groundedness: answers) a check came to this outcome for."""

    group: Group
    check: str
    outcome: str
    shadow: bool
    subjects: int


@dataclass(frozen=True, slots=True)
class Found:
    """How often something was found; `messages` counts each message once per type."""

    group: Group
    check: str
    type: str
    direction: str
    findings: int
    messages: int


def coverage(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None, per: Per = Per.ALL
) -> list[Covered]:
    """The outcomes of checks whose subjects fall into `time` (whole hours).

    What has no row here was not checked: `waiting` tells what will be, `unkept` what cannot be.
    """
    kept = (check_hours.c.check, check_hours.c.outcome, check_hours.c.shadow)
    rows = _summed(
        connection, check_hours, kept, (check_hours.c.subjects,), per, _hours(check_hours, time, visible)
    )
    return [Covered(group, row[0], row[1], bool(row[2]), int(row[3])) for group, row in rows]


def findings_by_type(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None, per: Per = Per.ALL
) -> list[Found]:
    """What was found in messages of `time` (whole hours), by check, type and direction."""
    kept = (finding_hours.c.check, finding_hours.c.type, finding_hours.c.direction)
    sums = (finding_hours.c.findings, finding_hours.c.messages)
    rows = _summed(connection, finding_hours, kept, sums, per, _hours(finding_hours, time, visible))
    return [Found(group, row[0], row[1], row[2], int(row[3]), int(row[4])) for group, row in rows]


def _summed(
    connection: sa.Connection,
    table: sa.Table,
    kept: Sequence[sa.Column[Any]],
    sums: Sequence[sa.Column[Any]],
    per: Per,
    where: sa.ColumnElement[bool],
) -> list[tuple[Group, tuple[Any, ...]]]:
    """The sums of a table by group and the kept columns, in their order; what comes to nothing is left out."""
    columns = [*_grouping(table, per), *kept]
    summed = [sa.func.sum(column) for column in sums]
    query = (
        sa.select(*columns, *summed)
        .where(where)
        .group_by(*columns)
        .having(summed[0] != 0)
        .order_by(*columns)
        .limit(MOST_ROWS)
    )
    return [_split(row, per) for row in connection.execute(query)]


def _split(row: Sequence[Any], per: Per) -> tuple[Group, tuple[Any, ...]]:
    if per is Per.ALL:
        return None, tuple(row)
    return bytes(row[0]) if per is Per.SENDER else int(row[0]), tuple(row[1:])


def _grouping(table: sa.Table, per: Per) -> list[sa.ColumnElement[Any]]:
    """What to group by: nothing for everything together. `day` is asked of tables that have hours."""
    match per:
        case Per.ALL:
            return []
        case Per.SENDER:
            return [table.c.sender_id]
        case Per.HOUR:
            return [table.c.hour]
        case Per.DAY if "day" in table.c:
            return [table.c.day]
        case Per.DAY:  # whole numbers divide into whole numbers on both engines; SQLAlchemy's `/` would not
            return [table.c.hour.op("/")(sa.literal_column("24"))]


def _hours(table: sa.Table, time: TimeRange, visible: SenderScope) -> sa.ColumnElement[bool]:
    first, last = time.hours
    return sa.and_(
        table.c.hour.between(first, last),
        within(visible, sender=table.c.sender_id, moment=table.c.hour, unit_ns=NS_PER_HOUR),
    )


def unkept(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None, per: Per = Per.ALL
) -> dict[Group, dict[str, int]]:
    """Spans whose text was not kept, by group and content state (dropped, hashed, not_captured, reference).

    Nothing in them can be checked, and no check has a row for them.
    """
    where = sa.and_(_hours(rollup_hours, time, visible), rollup_hours.c.content_state.in_(UNKEPT))
    kept = (rollup_hours.c.content_state,)
    return _folded(_summed(connection, rollup_hours, kept, (rollup_hours.c.span_count,), per, where))


def _folded(rows: Sequence[tuple[Group, tuple[Any, ...]]]) -> dict[Group, dict[str, int]]:
    found: dict[Group, dict[str, int]] = defaultdict(dict)
    for group, row in rows:
        found[group][row[0]] = int(row[1])
    return dict(found)


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the checks are behind. `oldest_due_ns` is when the oldest work that is due fell due, None without any.

    `open` counts work that is still to be done by (kind, state), no further than `MOST_COUNTED` each; `later` is
    work that is not due yet: traces that have not settled, tries that wait.
    """

    oldest_due_ns: int | None
    due: Count
    later: Count
    dead: Count
    open: dict[tuple[str, str], Count]

    def seconds(self, now_ns: int) -> float | None:
        """For how long the oldest due work has waited."""
        return None if self.oldest_due_ns is None else max(0, now_ns - self.oldest_due_ns) / 1e9


def lag(connection: sa.Connection, *, now_ns: int, visible: SenderScope = None) -> Lag:
    """What waits, and for how long. Cheap: an index holds only what is open."""
    open_ = _open(visible)
    due = sa.and_(open_, check_work.c.due_ns <= now_ns, check_work.c.state != "leased")
    later = sa.and_(open_, check_work.c.due_ns > now_ns, check_work.c.state != "leased")
    oldest = sa.select(sa.func.min(check_work.c.due_ns)).where(due)
    return Lag(
        oldest_due_ns=connection.execute(oldest).scalar(),
        due=_count(connection, due),
        later=_count(connection, later),
        dead=_count(connection, sa.and_(_dead(), _visible(visible))),
        open={
            (kind, state): _count(
                connection, sa.and_(open_, check_work.c.kind == kind, check_work.c.state == state)
            )
            for kind in ("message", "trace")
            for state in OPEN
        },
    )


def waiting(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None, per: Per = Per.ALL
) -> dict[Group, dict[str, int]]:
    """Work still to be done about messages and traces of the days of `time`, by group (not by hour) and kind."""
    first, last = time.days
    columns = [*_grouping(check_work, per), check_work.c.kind]
    query = (
        sa.select(*columns, sa.func.count())
        .where(_open(visible), check_work.c.day.between(first, last))
        .group_by(*columns)
        .limit(MOST_ROWS)
    )
    return _folded([_split(row, per) for row in connection.execute(query)])


def _count(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Count:
    return bounded_count(connection, sa.select(check_work.c.kind).where(where), limit=MOST_COUNTED)


def _open(visible: SenderScope) -> sa.ColumnElement[bool]:
    """Spelt as the index spells it, so that the engine sees that the index holds all of it."""
    return sa.and_(sa.text(WORK_OPEN), _visible(visible))


def _dead() -> sa.TextClause:
    return sa.text(WORK_DEAD)


def _visible(visible: SenderScope) -> sa.ColumnElement[bool]:
    return within(visible, sender=check_work.c.sender_id, moment=check_work.c.day, unit_ns=NS_PER_DAY)


@dataclass(frozen=True, slots=True)
class DeadWork:
    """Work that was given up, with its reason in words without content. `subject` is a message id or a trace id."""

    kind: str
    day: int
    sender_id: bytes
    subject: bytes
    reason: str
    attempts: int
    queued_ns: int
    finished_ns: int

    @property
    def key(self) -> tuple[str, int, bytes, bytes]:
        return self.kind, self.day, self.sender_id, self.subject


def dead_work(connection: sa.Connection, *, visible: SenderScope = None, limit: int = 500) -> list[DeadWork]:
    """What was given up, last first."""
    table = check_work
    query = (
        sa.select(
            table.c.kind, table.c.day, table.c.sender_id, table.c.subject, table.c.reason, table.c.attempts,
            table.c.queued_ns, table.c.finished_ns,
        )
        .where(_dead(), _visible(visible))
        .order_by(table.c.finished_ns.desc())
        .limit(limit)
    )  # fmt: skip
    return [
        DeadWork(row[0], row[1], bytes(row[2]), bytes(row[3]), row[4] or "", row[5], row[6], row[7] or 0)
        for row in connection.execute(query)
    ]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something found: `pointer` (JSON pointer into the message's parts) and [start, end) in characters there.

    Offsets are of the text that is kept: of a masked message, of its masked text.
    """

    check: str
    type: str
    pointer: str
    start: int
    end: int
    score: float
    found_ns: int


@dataclass(frozen=True, slots=True)
class ScanRow:
    """What a check of a message came to."""

    check: str
    engine_version: str
    profile_digest: bytes
    outcome: str
    reason: str | None
    language: str | None
    scanned_ns: int
    findings: tuple[FindingRow, ...]


def findings_of(
    connection: sa.Connection, *, day: int, sender_id: bytes, message_ids: Sequence[bytes]
) -> dict[str, tuple[ScanRow, ...]]:
    """The scans of messages with their findings, by hex message id. A message that was not scanned is missing."""
    if not message_ids:
        return {}
    found = _findings(connection, day, sender_id, message_ids)
    query = (
        sa.select(scans)
        .where(
            scans.c.day == day,
            scans.c.sender_id == sender_id,
            scans.c.message_id.in_(sorted(set(message_ids))),
        )
        .order_by(scans.c.message_id, scans.c.check, scans.c.scanned_ns)
    )
    done: dict[str, list[ScanRow]] = defaultdict(list)
    for row in connection.execute(query):
        id_ = bytes(row.message_id)
        done[id_.hex()].append(
            ScanRow(
                check=row.check,
                engine_version=row.engine_version,
                profile_digest=bytes(row.profile_digest),
                outcome=row.outcome,
                reason=row.reason,
                language=row.language,
                scanned_ns=row.scanned_ns,
                findings=tuple(found.get((id_, row.check), ())),
            )
        )
    return {id_: tuple(rows) for id_, rows in done.items()}


def findings_of_span(connection: sa.Connection, span: SpanWhole) -> dict[str, tuple[ScanRow, ...]]:
    """The scans of every message that a span names, by hex message id."""
    return findings_of(
        connection, day=span.day, sender_id=span.sender_id, message_ids=span.content.all_ids()[:500]
    )


def _findings(
    connection: sa.Connection, day: int, sender_id: bytes, message_ids: Sequence[bytes]
) -> dict[tuple[bytes, str], list[FindingRow]]:
    query = (
        sa.select(findings)
        .where(
            findings.c.day == day,
            findings.c.sender_id == sender_id,
            findings.c.message_id.in_(sorted(set(message_ids))),
        )
        .order_by(findings.c.message_id, findings.c.check, findings.c.position)
        .limit(MOST_FINDINGS)
    )
    found: dict[tuple[bytes, str], list[FindingRow]] = defaultdict(list)
    for row in connection.execute(query):
        found[bytes(row.message_id), row.check].append(
            FindingRow(row.check, row.type, row.pointer, row.start, row.end, row.score, row.found_ns)
        )
    return found


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """Whether the sources support what one span answered. `sentences` as the record keeps them: offsets only.

    Each: `{"start", "end", "outcome", "score", "evidence": {"context", "start", "end", "score"} | None}`.
    """

    span_id: bytes
    day: int
    sender_id: bytes
    check: str
    engine_version: str
    outcome: str
    reason: str | None
    score: float | None
    shadow: bool
    language: str | None
    sentences: tuple[dict[str, Any], ...]
    checked_ns: int


def verdicts_of(connection: sa.Connection, trace_id: bytes) -> dict[bytes, VerdictRow]:
    """The verdicts on the spans of a trace, by span id. Which spans the reader may see is the caller's to know."""
    query = (
        sa.select(verdicts)
        .where(verdicts.c.trace_id == trace_id)
        .order_by(verdicts.c.checked_ns)
        .limit(MOST_FINDINGS)
    )
    return {bytes(row.span_id): _verdict(row) for row in connection.execute(query)}


def _verdict(row: Any) -> VerdictRow:
    return VerdictRow(
        span_id=bytes(row.span_id),
        day=row.day,
        sender_id=bytes(row.sender_id),
        check=row.check,
        engine_version=row.engine_version,
        outcome=row.outcome,
        reason=row.reason,
        score=row.score,
        shadow=bool(row.shadow),
        language=row.language,
        sentences=tuple(json.loads(row.sentences)),
        checked_ns=row.checked_ns,
    )
