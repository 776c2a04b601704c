"""What a check reads: messages with their text, traces with their spans. And how waiting text becomes masked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kernel import clock
from kernel.contracts.ingest import RetentionClass
from telemetry import schema
from telemetry.domain import MessageRow, MessageState

_messages = schema.messages
_spans = schema.spans
_logs = schema.span_logs
HOURS_A_DAY = 24
MOST_SPANS = 5_000
"""A longer trace is judged by its earliest spans."""
_IDS_PER_QUERY = 400

MessageKey = tuple[int, bytes, bytes]
"""Day, sender, message."""


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message as it is kept, with the moment it came."""

    row: MessageRow
    received_ns: int

    @property
    def key(self) -> MessageKey:
        return self.row.day, self.row.sender_id, self.row.message_id

    @property
    def hour(self) -> int:
        """Where the hourly sums count it: the hour it came in, within its own day. Late ones count in its last hour."""
        first = self.row.day * HOURS_A_DAY
        return max(first, min(clock.epoch_hour(self.received_ns), first + HOURS_A_DAY - 1))


def messages_at(connection: sa.Connection, keys: Iterable[MessageKey]) -> dict[MessageKey, StoredMessage]:
    """The messages that are still kept, by key."""
    places: dict[tuple[int, bytes], set[bytes]] = defaultdict(set)
    for day, sender_id, message_id in keys:
        places[day, sender_id].add(message_id)
    found: dict[MessageKey, StoredMessage] = {}
    for (day, sender_id), ids in places.items():
        ordered = sorted(ids)
        for start in range(0, len(ordered), _IDS_PER_QUERY):
            query = sa.select(_messages).where(
                _messages.c.day == day,
                _messages.c.sender_id == sender_id,
                _messages.c.message_id.in_(ordered[start : start + _IDS_PER_QUERY]),
            )
            for row in connection.execute(query):
                found.setdefault((day, sender_id, bytes(row.message_id)), _stored(row))
    return found


def _stored(row: Any) -> StoredMessage:
    kept = MessageRow(
        day=row.day,
        sender_id=bytes(row.sender_id),
        message_id=bytes(row.message_id),
        role=row.role,
        body=bytes(row.body),
        state=MessageState(row.state),
        retention_class=RetentionClass(row.retention_class),
    )
    return StoredMessage(kept, row.received_ns)


OUTPUT_ROLES = frozenset({"assistant", "tool_arguments"})


def direction_of(role: str) -> str:
    """Output for what a model said (answers, calls of tools), input for what it was told."""
    return "output" if role in OUTPUT_ROLES else "input"


@dataclass(frozen=True, slots=True)
class Masked:
    """A waiting message's masked text: canonical JSON of its parts."""

    key: MessageKey
    body: bytes


def write_masked(connection: sa.Connection, masked: Sequence[Masked]) -> int:
    """Put masked text in the place of sealed text. Answers how many rows waited."""
    changed = 0
    for item in sorted(masked, key=lambda one: one.key):
        day, sender_id, message_id = item.key
        changed += connection.execute(
            sa.update(_messages)
            .where(
                _messages.c.day == day,
                _messages.c.sender_id == sender_id,
                _messages.c.message_id == message_id,
                _messages.c.state == MessageState.WAITING.value,
            )
            .values(state=MessageState.MASKED.value, body=item.body)
        ).rowcount
    return changed


@dataclass(frozen=True, slots=True)
class StoredSpan:
    """A span of a trace with what it says by id; `contents` are its own `content` column and those that came late."""

    day: int
    trace_id: bytes
    span_id: bytes
    parent_span_id: bytes | None
    sender_id: bytes
    kind: str
    start_ns: int
    duration_ns: int
    content_state: str
    contents: tuple[str, ...]


def spans_of_trace(connection: sa.Connection, trace_id: bytes, *, day: int) -> list[StoredSpan]:
    """The spans of a trace of this day and its neighbours, earliest first, no more than MOST_SPANS."""
    days = (day - 1, day, day + 1)
    late = _late(connection, trace_id, days)
    query = (
        sa.select(
            _spans.c.day, _spans.c.trace_id, _spans.c.span_id, _spans.c.parent_span_id, _spans.c.sender_id, _spans.c.kind,
            _spans.c.start_ns, _spans.c.duration_ns, _spans.c.content_state, _spans.c.content,
        )
        .where(_spans.c.trace_id == trace_id, _spans.c.day.in_(days))
        .order_by(_spans.c.start_ns, _spans.c.span_id)
        .limit(MOST_SPANS)
    )  # fmt: skip
    return [_span(row, late) for row in connection.execute(query)]


def _late(
    connection: sa.Connection, trace_id: bytes, days: Sequence[int]
) -> dict[tuple[int, bytes], list[tuple[str, str | None]]]:
    query = (
        sa.select(_logs.c.day, _logs.c.span_id, _logs.c.content_state, _logs.c.content)
        .where(_logs.c.trace_id == trace_id, _logs.c.day.in_(days), _logs.c.content_state.is_not(None))
        .order_by(_logs.c.received_ns, _logs.c.log_digest)
    )
    found: dict[tuple[int, bytes], list[tuple[str, str | None]]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.day, bytes(row.span_id)].append((row.content_state, row.content))
    return found


def _span(row: Any, late: dict[tuple[int, bytes], list[tuple[str, str | None]]]) -> StoredSpan:
    span_id = bytes(row.span_id)
    came_late = late.get((row.day, span_id), [])
    texts = [row.content, *(content for _, content in came_late)]
    return StoredSpan(
        day=row.day,
        trace_id=bytes(row.trace_id),
        span_id=span_id,
        parent_span_id=bytes(row.parent_span_id) if row.parent_span_id else None,
        sender_id=bytes(row.sender_id),
        kind=row.kind,
        start_ns=row.start_ns,
        duration_ns=row.duration_ns,
        content_state=came_late[-1][0] if came_late else row.content_state,
        contents=tuple(text for text in texts if text),
    )
