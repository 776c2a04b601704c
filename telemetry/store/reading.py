"""The few look-ups that ingest itself makes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from kernel.contracts.ingest import SenderIdentity
from telemetry import schema

_KEYS_PER_QUERY = 1000
_senders = schema.senders
_spans = schema.spans


@dataclass(frozen=True, slots=True)
class FoundSpan:
    """What a bearer of the span's own key may know of it."""

    received_ns: int
    sender_id: bytes
    sender: SenderIdentity
    content_state: str
    capture_mode: str
    kind: str
    flags: str
    start_ns: int


def known_traces(connection: sa.Connection, trace_ids: Collection[bytes]) -> set[bytes]:
    """Which of these traces have a stored span."""
    ids = list(trace_ids)
    found: set[bytes] = set()
    for start in range(0, len(ids), _KEYS_PER_QUERY):
        part = ids[start : start + _KEYS_PER_QUERY]
        column = schema.traces.c.trace_id
        found.update(connection.execute(sa.select(column).where(column.in_(part))).scalars())
    return found


def senders_of(connection: sa.Connection, key_id: bytes) -> set[bytes]:
    """Ids of the senders that a key has shown."""
    return set(
        connection.execute(sa.select(_senders.c.sender_id).where(_senders.c.key_id == key_id)).scalars()
    )


def device_count(connection: sa.Connection, sender_id: bytes) -> int:
    """How many devices were seen in a sender."""
    devices = schema.sender_devices
    count = sa.select(sa.func.count()).select_from(devices).where(devices.c.sender_id == sender_id)
    return int(connection.execute(count).scalar_one())


def anything_waits(connection: sa.Connection) -> bool:
    """Whether any log record waits for its span."""
    return connection.execute(sa.select(schema.waiting_content.c.span_id).limit(1)).first() is not None


def find_span(
    connection: sa.Connection, trace_id: bytes, span_id: bytes, *, key_id: bytes
) -> FoundSpan | None:
    """A stored span that came under this key; the first, should two days hold one of that id."""
    row = connection.execute(
        sa.select(
            _spans.c.received_ns,
            _spans.c.content_state,
            _spans.c.capture_mode,
            _spans.c.kind,
            _spans.c.flags,
            _spans.c.start_ns,
            _senders,
        )
        .join(_senders, _senders.c.sender_id == _spans.c.sender_id)
        .where(_spans.c.trace_id == trace_id, _spans.c.span_id == span_id, _senders.c.key_id == key_id)
        .order_by(_spans.c.received_ns)
        .limit(1)
    ).first()
    if row is None:
        return None
    sender = row._mapping  # noqa: SLF001  # SQLAlchemy's documented name
    names = ("key_id", "service_namespace", "service_name", "environment", "place", "claimed_deployment")
    return FoundSpan(
        received_ns=row.received_ns,
        sender_id=sender["sender_id"],
        sender=SenderIdentity(**{name: sender[name] for name in names}),
        content_state=row.content_state,
        capture_mode=row.capture_mode,
        kind=row.kind,
        flags=sender[_spans.c.flags],
        start_ns=row.start_ns,
    )
