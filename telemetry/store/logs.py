"""Log records beside spans: waiting for one, joined with one, or late for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from telemetry import schema
from telemetry.store.batch import Batch, JoinedLog, SpanKey

_KEYS_PER_QUERY = 400
_waiting = schema.waiting_content
_joined = schema.span_logs
_spans = schema.spans


@dataclass(frozen=True, slots=True)
class Waiting:
    """A sealed log record that waits."""

    trace_id: bytes
    span_id: bytes
    digest: bytes
    sealed: bytes


LatePair = tuple[Waiting, dict[str, Any]]
"""A waiting record and the row of its span."""


def waiting_for(
    connection: sa.Connection, keys: Sequence[tuple[bytes, bytes]], *, key_id: bytes
) -> list[Waiting]:
    """What waits for these spans (trace id, span id), sent under the same key, oldest first."""
    found: list[Waiting] = []
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        rows = connection.execute(
            sa.select(_waiting.c.trace_id, _waiting.c.span_id, _waiting.c.digest, _waiting.c.sealed)
            .where(sa.tuple_(_waiting.c.trace_id, _waiting.c.span_id).in_(part), _waiting.c.key_id == key_id)
            .order_by(_waiting.c.received_ns)
        )
        found.extend(Waiting(*row) for row in rows)
    return found


def insert_waiting(connection: sa.Connection, batch: Batch) -> int:
    """Keep the batch's log records until their spans come. Answers how many were new."""
    fresh = {(log.trace_id, log.span_id, log.digest): log for log in batch.waiting}
    known = _known(connection, list(fresh))
    rows = [
        {
            "trace_id": log.trace_id,
            "span_id": log.span_id,
            "digest": log.digest,
            "key_id": batch.key_id,
            "sealed": log.sealed,
            "received_ns": batch.received_ns,
        }
        for key, log in sorted(fresh.items())
        if key not in known
    ]
    if rows:
        connection.execute(sa.insert(_waiting), rows)
    return len(rows)


def _known(
    connection: sa.Connection, keys: Sequence[tuple[bytes, bytes, bytes]]
) -> set[tuple[bytes, bytes, bytes]]:
    """Which of the records wait already or have found their span."""
    known: set[tuple[bytes, bytes, bytes]] = set()
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        for table, digest in ((_waiting, _waiting.c.digest), (_joined, _joined.c.log_digest)):
            place = (table.c.trace_id, table.c.span_id, digest)
            rows = connection.execute(sa.select(*place).where(sa.tuple_(*place).in_(part)))
            known.update((row[0], row[1], row[2]) for row in rows)
    return known


def insert_joined(connection: sa.Connection, joined: Sequence[JoinedLog], *, now_ns: int) -> None:
    """Note which records went into the spans just inserted, and let them wait no longer."""
    rows = [
        {
            "day": log.span[0],
            "trace_id": log.span[1],
            "span_id": log.span[2],
            "log_digest": log.digest,
            "sender_id": log.sender_id,
            "received_ns": now_ns,
            "joined": "with_span",
            "content_state": None,
            "content": None,
            "digest": None,
        }
        for log in sorted(joined, key=lambda log: (log.span, log.digest))
    ]
    if rows:
        connection.execute(sa.insert(_joined), rows)
        forget_waiting(connection, [(log.span[1], log.span[2], log.digest) for log in joined])


def with_logs(connection: sa.Connection, keys: Sequence[SpanKey]) -> set[SpanKey]:
    """Which of these spans hold what log records said: a repeat of one comes without, and differs for that alone."""
    place = (_joined.c.day, _joined.c.trace_id, _joined.c.span_id)
    found: set[SpanKey] = set()
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        rows = connection.execute(sa.select(*place).where(sa.tuple_(*place).in_(part)))
        found.update((row[0], row[1], row[2]) for row in rows)
    return found


def forget_waiting(connection: sa.Connection, keys: Sequence[tuple[bytes, bytes, bytes]]) -> int:
    """Delete waiting records by trace id, span id and digest. Answers how many were there."""
    place = sa.tuple_(_waiting.c.trace_id, _waiting.c.span_id, _waiting.c.digest)
    deleted = 0
    for start in range(0, len(keys), _KEYS_PER_QUERY):
        part = keys[start : start + _KEYS_PER_QUERY]
        deleted += connection.execute(sa.delete(_waiting).where(place.in_(part))).rowcount
    return deleted


def late_pairs(connection: sa.Connection, *, since_ns: int, limit: int) -> list[LatePair]:
    """Waiting records received since then whose span is stored, each with the span's row.

    Only spans that came under the record's key.
    """
    sender = schema.senders
    rows = connection.execute(
        sa.select(_waiting.c.trace_id, _waiting.c.span_id, _waiting.c.digest, _waiting.c.sealed, _spans)
        .join(_spans, (_spans.c.trace_id == _waiting.c.trace_id) & (_spans.c.span_id == _waiting.c.span_id))
        .join(sender, (sender.c.sender_id == _spans.c.sender_id) & (sender.c.key_id == _waiting.c.key_id))
        .where(_waiting.c.received_ns >= since_ns)
        .order_by(_waiting.c.received_ns)
        .limit(limit)
    )
    return [(Waiting(*row[:4]), dict(zip(_spans.columns.keys(), row[4:], strict=True))) for row in rows]


def expire(connection: sa.Connection, *, before_ns: int, limit: int) -> list[tuple[bytes, int]]:
    """Delete records that waited in vain. Answers the key id and the moment of receipt of each."""
    old = (
        sa.select(
            _waiting.c.trace_id,
            _waiting.c.span_id,
            _waiting.c.digest,
            _waiting.c.key_id,
            _waiting.c.received_ns,
        )
        .where(_waiting.c.received_ns < before_ns)
        .order_by(_waiting.c.trace_id, _waiting.c.span_id, _waiting.c.digest)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(old).all()
    forget_waiting(connection, [(row[0], row[1], row[2]) for row in rows])
    return [(row[3], row[4]) for row in rows]
