"""When the key under which text waited is destroyed.

The queue key of a day and sender is retired when (1) the day has been over for a day, (2) nothing of that day and
sender waits or is to be checked, and (3) no text of it has come in for an hour. Text that comes later still gets a new
key, which goes the same way. A retired key is destroyed an hour after: by then no batch can be under way that read it
before it was retired, and what such a batch stored meanwhile has been opened with it. Ingest asks the record for the
queue key of such a day every time and remembers none (`telemetry.content.keys`).

What was given up stays sealed, and its key stays with it, until somebody has it tried again or retention forgets it.
"""

from __future__ import annotations

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.content import KeyPurpose, unwrap
from telemetry.content.keys import is_closed
from telemetry.domain import MessageState
from telemetry.store.checking import MESSAGE, OPEN_STATES

QUIET_NS = clock.NANOSECONDS_PER_HOUR
RETIRED = "queue."
"""The purpose of a retired key: this, and the epoch hour in which it was retired."""

Place = tuple[int, bytes]
"""Day and sender."""

_keys = schema.content_keys
_messages = schema.messages
_work = schema.check_work


def retire_drained(connection: sa.Connection, *, now_ns: int) -> list[Place]:
    """Retire the queue keys of days and senders that are drained. Answers which."""
    today = clock.epoch_day(now_ns)
    drained = []
    for day, sender_id, _ in _of_purpose(connection, _keys.c.purpose == KeyPurpose.QUEUE.value):
        if is_closed(day, today) and not _is_needed(connection, day, sender_id, now_ns=now_ns):
            drained.append((day, sender_id))
    for day, sender_id in drained:
        connection.execute(
            sa.update(_keys)
            .where(*_at(day, sender_id), _keys.c.purpose == KeyPurpose.QUEUE.value)
            .values(purpose=f"{RETIRED}{clock.epoch_hour(now_ns)}")
        )
    return drained


def destroy_retired(connection: sa.Connection, *, now_ns: int) -> list[Place]:
    """Destroy the keys that were retired more than an hour ago and that nothing needs any more. Answers whose."""
    destroyed = []
    for day, sender_id, purpose in _of_purpose(connection, _keys.c.purpose.startswith(RETIRED)):
        ripe = int(purpose.removeprefix(RETIRED)) < clock.epoch_hour(now_ns - QUIET_NS)
        if ripe and not _is_needed(connection, day, sender_id, now_ns=now_ns):
            connection.execute(sa.delete(_keys).where(*_at(day, sender_id), _keys.c.purpose == purpose))
            destroyed.append((day, sender_id))
    return destroyed


def retired_keys(connection: sa.Connection, day: int, sender_id: bytes, *, content_key: bytes) -> list[bytes]:
    """The retired queue keys of a day and sender that are not destroyed yet."""
    rows = connection.execute(
        sa.select(_keys.c.wrapped).where(*_at(day, sender_id), _keys.c.purpose.startswith(RETIRED))
    )
    return [
        unwrap(bytes(row[0]), content_key=content_key, day=day, sender_id=sender_id, purpose=KeyPurpose.QUEUE)
        for row in rows
    ]


def _of_purpose(connection: sa.Connection, purpose: sa.ColumnElement[bool]) -> list[tuple[int, bytes, str]]:
    query = (
        sa.select(_keys.c.day, _keys.c.sender_id, _keys.c.purpose)
        .where(purpose)
        .order_by(_keys.c.day, _keys.c.sender_id, _keys.c.purpose)
        .with_for_update(skip_locked=True)
    )
    return [(row[0], bytes(row[1]), row[2]) for row in connection.execute(query)]


def _at(day: int, sender_id: bytes) -> tuple[sa.ColumnElement[bool], ...]:
    return _keys.c.day == day, _keys.c.sender_id == sender_id


def _is_needed(connection: sa.Connection, day: int, sender_id: bytes, *, now_ns: int) -> bool:
    """Whether text of the day and sender waits, came lately, or is to be checked."""
    text = sa.select(_messages.c.day).where(
        _messages.c.day == day,
        _messages.c.sender_id == sender_id,
        sa.or_(_messages.c.state == MessageState.WAITING.value, _messages.c.received_ns > now_ns - QUIET_NS),
    )
    work = sa.select(_work.c.day).where(
        _work.c.kind == MESSAGE,
        _work.c.day == day,
        _work.c.sender_id == sender_id,
        _work.c.state.in_(OPEN_STATES),
    )
    return any(connection.execute(query.limit(1)).first() is not None for query in (text, work))
