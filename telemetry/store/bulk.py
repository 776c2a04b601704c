"""The bulk tables, by each engine's fastest honest way: which spans are new, and what the others' digests are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from kernel import clock
from kernel.contracts.ingest import RetentionClass
from telemetry import schema
from telemetry.domain import MessageRow, MessageState
from telemetry.store.batch import SpanKey
from telemetry.store.partitions import Partitions
from telemetry.store.queueing import message_work, postgres_messages, queue_messages
from telemetry.store.upserts import chunks, insert_rows, stage

Row = dict[str, Any]
_IDS = postgresql.ARRAY(sa.LargeBinary)

SPAN_COLUMNS = tuple(column.name for column in schema.spans.columns)
MESSAGE_COLUMNS = tuple(column.name for column in schema.messages.columns)
_span_values = itemgetter(*SPAN_COLUMNS)
_span_key = itemgetter("day", "trace_id", "span_id")
_WORDS = {member: member.value for kind in (RetentionClass, MessageState) for member in kind}
"""An enumeration's own `value` is a call, and there are two to a message."""
_LEAVE = "ON CONFLICT DO NOTHING"
_MESSAGES = postgres_messages(",".join(MESSAGE_COLUMNS))


class Bulk(Protocol):
    """What differs between the engines."""

    def prepare(self, spans: Sequence[Row]) -> None:
        """Before the transaction: make what it will write into."""

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        """Insert the spans whose key is new; answer the digests of those that were there already.

        The keys of `spans` are distinct and sorted.
        """

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        """Insert the messages that are not there yet, and work about them. Rows are sorted by key."""


def message_values(row: MessageRow, *, now_ns: int) -> tuple[Any, ...]:
    """The row's values in the order of MESSAGE_COLUMNS."""
    return (
        row.day,
        row.sender_id,
        row.message_id,
        _WORDS[row.retention_class],
        row.role,
        _WORDS[row.state],
        row.body,
        now_ns,
    )


class SqliteBulk:
    """One writer holds the lock from BEGIN, so that looking and then inserting is exact."""

    def prepare(self, spans: Sequence[Row]) -> None:  # noqa: ARG002  # SQLite has no partitions to make
        return

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        cursor = _cursor(connection)
        found = self._existing(cursor, list(map(_span_key, spans)))
        fresh = [span for span in spans if _span_key(span) not in found] if found else spans
        insert_rows(cursor, schema.spans, list(map(_span_values, fresh)), conflict=_LEAVE)
        cursor.close()
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        cursor = _cursor(connection)
        values = [message_values(row, now_ns=now_ns) for row in rows]
        insert_rows(cursor, schema.messages, values, conflict=_LEAVE)
        queue_messages(cursor, message_work(rows, now_ns=now_ns), now_ns=now_ns)
        cursor.close()

    def _existing(self, cursor: Any, keys: Sequence[SpanKey]) -> dict[SpanKey, bytes]:
        """Digests of those that are stored, under whatever retention class: the unique key would not see all."""
        found: dict[SpanKey, bytes] = {}
        for part in chunks(keys):
            rows = cursor.execute(_looking(len(part)), list(chain.from_iterable(part)))
            found.update({(day, trace, span): digest for day, trace, span, digest in rows})
        return found


@cache
def _looking(keys: int) -> str:
    values = ",".join(["(?,?,?)"] * keys)
    return (
        f"WITH k(d,t,s) AS (VALUES {values}) SELECT day, trace_id, span_id, digest FROM k CROSS JOIN spans "  # noqa: S608  # question marks only
        "WHERE day = d AND trace_id = t AND span_id = s"
    )


class PostgresBulk:
    """COPY into a temporary table, then one INSERT … SELECT … ON CONFLICT DO NOTHING.

    The statements join nothing: a new day's partition has no statistics, and a plan made for it while it was empty
    would read all of it for every batch.
    """

    def __init__(self, partitions: Partitions) -> None:
        self._partitions = partitions

    def prepare(self, spans: Sequence[Row]) -> None:
        self._partitions.ensure({(span["day"], span["retention_class"]) for span in spans})

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        found = self._of_other_classes(connection, spans)
        fresh = [span for span in spans if _span_key(span) not in found] if found else spans
        cursor = stage(connection, schema.spans, map(_span_values, fresh))
        names = ",".join(SPAN_COLUMNS)
        inserted = cursor.execute(
            f"INSERT INTO spans ({names}) SELECT {names} FROM stage_spans "  # noqa: S608  # names of our schema
            "ON CONFLICT DO NOTHING RETURNING day, trace_id, span_id"
        ).fetchall()
        cursor.close()
        if len(inserted) < len(fresh):
            new = set(inserted)
            found |= _stored(connection, [span for span in fresh if _span_key(span) not in new])
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        values = (message_values(row, now_ns=now_ns) for row in rows)
        cursor = stage(connection, schema.messages, values)
        cursor.execute(_MESSAGES, {"today": clock.epoch_day(now_ns), "now": now_ns})
        cursor.close()

    def _of_other_classes(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        """Spans that are stored, looked for where the unique key does not look.

        The retention class is part of the partitioned key. Where a day has several classes, a sender's class may have
        changed between a span and its retry.
        """
        days = self._partitions.days_with_several(connection, {span["day"] for span in spans})
        return _stored(connection, [span for span in spans if span["day"] in days]) if days else {}


def _stored(connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
    """Digests of those of the spans that are stored."""
    table = schema.spans
    wanted = {_span_key(span) for span in spans}
    found: dict[SpanKey, bytes] = {}
    for day in sorted({span["day"] for span in spans}):
        of_day = [span for span in spans if span["day"] == day]
        rows = connection.execute(
            sa.select(table.c.trace_id, table.c.span_id, table.c.digest).where(
                table.c.day == sa.literal_column(str(day)),
                table.c.trace_id == sa.any_(sa.literal([span["trace_id"] for span in of_day], _IDS)),
                table.c.span_id == sa.any_(sa.literal([span["span_id"] for span in of_day], _IDS)),
            )
        )
        found.update({(day, trace, span): digest for trace, span, digest in rows})
    return {key: digest for key, digest in found.items() if key in wanted}


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()
