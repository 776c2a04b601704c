"""The bulk tables, by each engine's fastest honest way: which spans are new, and what the others' digests are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from telemetry import schema
from telemetry.domain import MessageRow
from telemetry.store.batch import SpanKey
from telemetry.store.partitions import Partitions

Row = dict[str, Any]
_IDS = postgresql.ARRAY(sa.LargeBinary)

SPAN_COLUMNS = tuple(column.name for column in schema.spans.columns)
MESSAGE_COLUMNS = tuple(column.name for column in schema.messages.columns)
_span_values = itemgetter(*SPAN_COLUMNS)
_KEYS_PER_QUERY = 5_000
"""Three parameters each; SQLite takes 32,766."""


class Bulk(Protocol):
    """What differs between the engines."""

    def prepare(self, spans: Sequence[Row]) -> None:
        """Before the transaction: make what it will write into."""

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        """Insert the spans whose key is new; answer the digests of those that were there already.

        The keys of `spans` are distinct and sorted.
        """

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        """Insert the messages that are not there yet. Rows are sorted by key."""


def message_values(row: MessageRow, *, now_ns: int) -> tuple[Any, ...]:
    """The row's values in the order of MESSAGE_COLUMNS."""
    return (
        row.day,
        row.sender_id,
        row.message_id,
        row.retention_class.value,
        row.role,
        row.state.value,
        row.body,
        now_ns,
    )


_ROWS_AT_ONCE = (256, 32, 4, 1)
"""Rows of one INSERT on SQLite. The driver gives up the interpreter for every statement it runs and must then wait for
it: hundreds of rows to a statement let SQLite work on its own core. Few sizes, so that the statements stay compiled."""


def _insert_rows(cursor: Any, table: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    begin = 0
    for size in _ROWS_AT_ONCE:
        if begin + size > len(rows):
            continue
        text = _insert_text(table, tuple(names), size)
        while begin + size <= len(rows):
            cursor.execute(text, list(chain.from_iterable(rows[begin : begin + size])))
            begin += size


@cache
def _insert_text(table: str, names: tuple[str, ...], rows: int) -> str:
    marks = ",".join([f"({','.join('?' * len(names))})"] * rows)
    return f"INSERT OR IGNORE INTO {table} ({','.join(names)}) VALUES {marks}"  # noqa: S608  # names of our schema


class SqliteBulk:
    """One writer holds the lock from BEGIN, so that looking and then inserting is exact."""

    def prepare(self, spans: Sequence[Row]) -> None:  # noqa: ARG002  # SQLite has no partitions to make
        return

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        cursor = _cursor(connection)
        found = self._existing(cursor, spans)
        fresh = [_span_values(span) for span in spans if _key(span) not in found]
        _insert_rows(cursor, "spans", SPAN_COLUMNS, fresh)
        cursor.close()
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        cursor = _cursor(connection)
        _insert_rows(
            cursor, "messages", MESSAGE_COLUMNS, [message_values(row, now_ns=now_ns) for row in rows]
        )
        cursor.close()

    def _existing(self, cursor: Any, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        found: dict[SpanKey, bytes] = {}
        for start in range(0, len(spans), _KEYS_PER_QUERY):
            part = spans[start : start + _KEYS_PER_QUERY]
            values = ",".join(["(?,?,?)"] * len(part))
            keys = [value for span in part for value in (span["day"], span["trace_id"], span["span_id"])]
            rows = cursor.execute(
                f"WITH k(d,t,s) AS (VALUES {values}) SELECT day, trace_id, span_id, digest FROM k CROSS JOIN spans "  # noqa: S608  # question marks only
                "WHERE day = d AND trace_id = t AND span_id = s",
                keys,
            )
            found.update({(day, trace, span): digest for day, trace, span, digest in rows})
        return found


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
        fresh = [span for span in spans if _key(span) not in found]
        cursor = _stage(connection, "spans", SPAN_COLUMNS, map(_span_values, fresh))
        names = ",".join(SPAN_COLUMNS)
        inserted = cursor.execute(
            f"INSERT INTO spans ({names}) SELECT {names} FROM stage_spans ORDER BY day, trace_id, span_id "  # noqa: S608  # names of our schema
            "ON CONFLICT DO NOTHING RETURNING day, trace_id, span_id"
        ).fetchall()
        cursor.close()
        if len(inserted) < len(fresh):
            new = set(inserted)
            found |= _stored(connection, [span for span in fresh if _key(span) not in new])
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        values = (message_values(row, now_ns=now_ns) for row in rows)
        cursor = _stage(connection, "messages", MESSAGE_COLUMNS, values)
        names = ",".join(MESSAGE_COLUMNS)
        cursor.execute(
            f"INSERT INTO messages ({names}) SELECT {names} FROM stage_messages "  # noqa: S608  # names of our schema
            "ORDER BY day, sender_id, message_id ON CONFLICT DO NOTHING"
        )
        cursor.close()

    def _of_other_classes(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        """Spans that are stored, looked for where the unique key does not look.

        The retention class is part of the partitioned key. Where a day has several classes, a sender's class may have
        changed between a span and its retry.
        """
        days = self._partitions.days_with_several(connection, {span["day"] for span in spans})
        return _stored(connection, [span for span in spans if span["day"] in days]) if days else {}


def _key(span: Row) -> SpanKey:
    return span["day"], span["trace_id"], span["span_id"]


def _stored(connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
    """Digests of those of the spans that are stored."""
    table = schema.spans
    wanted = {_key(span) for span in spans}
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


def _stage(connection: sa.Connection, table: str, names: Sequence[str], rows: Any) -> Any:
    """COPY the rows into a temporary table that empties itself when the transaction ends. Answers the cursor used."""
    cursor = _cursor(connection)
    staged = f"stage_{table}"
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} (LIKE {table}) ON COMMIT DELETE ROWS")
    with cursor.copy(f"COPY {staged} ({','.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    return cursor


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()
