"""Content keys in the record: found, or made once for all processes."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from telemetry import schema
from telemetry.content import KeyPurpose, new_key, unwrap, wrap
from telemetry.store.upserts import insert_new

_table = schema.content_keys


class StoredKeys:
    """`find` for `telemetry.content.CachedKeys`: the first process to ask makes the key, all others get that one."""

    def __init__(
        self, *, reading: sa.Engine, writing: sa.Engine, write_lock: threading.Lock, content_key: bytes
    ) -> None:
        self._reading = reading
        self._writing = writing
        self._write_lock = write_lock
        self._content_key = content_key

    def find(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        """The key, made and committed if it is not there: nothing may be written under a key that can be lost."""
        wrapped = self._stored(day, sender_id, purpose) or self._make(day, sender_id, purpose)
        return unwrap(wrapped, content_key=self._content_key, day=day, sender_id=sender_id, purpose=purpose)

    def _stored(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes | None:
        with self._reading.connect() as connection:
            return _select(connection, day, sender_id, purpose)

    def _make(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        wrapped = wrap(
            new_key(), content_key=self._content_key, day=day, sender_id=sender_id, purpose=purpose
        )
        row = {"day": day, "sender_id": sender_id, "purpose": purpose.value, "wrapped": wrapped}
        with self._write_lock, self._writing.begin() as connection:
            insert_new(connection, _table, [row])
        stored = self._stored(day, sender_id, purpose)
        if stored is None:
            raise LookupError("a content key vanished while it was made")
        return stored


def _select(connection: sa.Connection, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes | None:
    found: bytes | None = connection.execute(
        sa.select(_table.c.wrapped).where(
            _table.c.day == day, _table.c.sender_id == sender_id, _table.c.purpose == purpose.value
        )
    ).scalar()
    return found
