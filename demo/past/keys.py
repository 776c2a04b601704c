"""Content keys for a long past: made ten days at a time, because each making is a transaction of its own."""

from __future__ import annotations

import sqlalchemy as sa

from telemetry import schema
from telemetry.content import CachedKeys, KeyPurpose, new_key, unwrap, wrap
from telemetry.store.engines import writing_engine
from telemetry.store.upserts import insert_new

AT_ONCE = 10

_table = schema.content_keys


class KeysAhead:
    """`find` for `CachedKeys`. A key is committed before it is used, and the first one stored is the one that holds."""

    def __init__(self, url: str, *, content_key: bytes, last_day: int) -> None:
        self._engine = writing_engine(url)
        self._content_key = content_key
        self._last_day = last_day

    def find(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        """The key of a day; those of the days after it are made with it, up to the last day of the past."""
        wrapped = self._stored(day, sender_id, purpose)
        if wrapped is None:
            self._make(range(day, min(day + AT_ONCE, max(self._last_day, day) + 1)), sender_id, purpose)
            wrapped = self._stored(day, sender_id, purpose)
        if wrapped is None:
            raise LookupError("a content key vanished while it was made")
        return unwrap(wrapped, content_key=self._content_key, day=day, sender_id=sender_id, purpose=purpose)

    def cached(self) -> CachedKeys:
        """The keys as the pipeline wants them."""
        return CachedKeys(self.find)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def _make(self, days: range, sender_id: bytes, purpose: KeyPurpose) -> None:
        rows = [
            {
                "day": day,
                "sender_id": sender_id,
                "purpose": purpose.value,
                "wrapped": wrap(
                    new_key(), content_key=self._content_key, day=day, sender_id=sender_id, purpose=purpose
                ),
            }
            for day in days
        ]
        with self._engine.begin() as connection:
            insert_new(connection, _table, rows)

    def _stored(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes | None:
        place = (_table.c.day == day, _table.c.sender_id == sender_id, _table.c.purpose == purpose.value)
        with self._engine.begin() as connection:
            found: bytes | None = connection.execute(sa.select(_table.c.wrapped).where(*place)).scalar()
        return found
