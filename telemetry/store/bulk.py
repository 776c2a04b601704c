"""The bulk tables, by each engine's fastest honest way: which spans are new, and what the others' digests are."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Protocol

import sqlalchemy as sa

from telemetry import schema
from telemetry.domain import MessageRow
from telemetry.store.batch import SpanKey
from telemetry.store.partitions import Partitions

Row = dict[str, Any]

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


def _insert_text(table: str, names: Sequence[str]) -> str:
    marks = ",".join("?" * len(names))
    return f"INSERT OR IGNORE INTO {table} ({','.join(names)}) VALUES ({marks})"  # noqa: S608  # names of our schema


class SqliteBulk:
    """One writer holds the lock from BEGIN, so that looking and then inserting is exact."""

    _spans = _insert_text("spans", SPAN_COLUMNS)
    _messages = _insert_text("messages", MESSAGE_COLUMNS)

    def prepare(self, spans: Sequence[Row]) -> None:  # noqa: ARG002  # SQLite has no partitions to make
        return

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        cursor = _cursor(connection)
        found = self._existing(cursor, spans)
        fresh = [span for span in spans if (span["day"], span["trace_id"], span["span_id"]) not in found]
        cursor.executemany(self._spans, map(_span_values, fresh))
        cursor.close()
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        cursor = _cursor(connection)
        cursor.executemany(self._messages, (message_values(row, now_ns=now_ns) for row in rows))
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
    """COPY into a temporary table, then one INSERT … SELECT … ON CONFLICT DO NOTHING."""

    def __init__(self, partitions: Partitions) -> None:
        self._partitions = partitions

    def prepare(self, spans: Sequence[Row]) -> None:
        self._partitions.ensure({(span["day"], span["retention_class"]) for span in spans})

    def insert_spans(self, connection: sa.Connection, spans: Sequence[Row]) -> dict[SpanKey, bytes]:
        cursor = _cursor(connection)
        _stage(cursor, "spans", SPAN_COLUMNS, map(_span_values, spans))
        days = ",".join(str(day) for day in sorted({span["day"] for span in spans}))
        names = ",".join(SPAN_COLUMNS)
        # NOT EXISTS looks past the retention class, which is part of the partitioned key and may have changed since.
        inserted = cursor.execute(
            f"INSERT INTO spans ({names}) SELECT {names} FROM stage_spans s WHERE NOT EXISTS (SELECT 1 FROM spans x "  # noqa: S608  # our names, whole numbers
            f"WHERE x.day IN ({days}) AND x.day = s.day AND x.trace_id = s.trace_id AND x.span_id = s.span_id) "
            "ORDER BY day, trace_id, span_id ON CONFLICT DO NOTHING RETURNING day, trace_id, span_id"
        ).fetchall()
        found = {} if len(inserted) == len(spans) else _others(cursor, set(inserted), days=days)
        cursor.close()
        return found

    def insert_messages(self, connection: sa.Connection, rows: Sequence[MessageRow], *, now_ns: int) -> None:
        cursor = _cursor(connection)
        _stage(cursor, "messages", MESSAGE_COLUMNS, (message_values(row, now_ns=now_ns) for row in rows))
        names = ",".join(MESSAGE_COLUMNS)
        cursor.execute(
            f"INSERT INTO messages ({names}) SELECT {names} FROM stage_messages "  # noqa: S608  # names of our schema
            "ORDER BY day, sender_id, message_id ON CONFLICT DO NOTHING"
        )
        cursor.close()


def _others(cursor: Any, inserted: set[SpanKey], *, days: str) -> dict[SpanKey, bytes]:
    """Digests of the staged spans that were there already."""
    rows = cursor.execute(
        "SELECT x.day, x.trace_id, x.span_id, x.digest FROM stage_spans s JOIN spans x ON x.day = s.day "  # noqa: S608  # whole numbers
        f"AND x.trace_id = s.trace_id AND x.span_id = s.span_id WHERE x.day IN ({days})"
    )
    found = {(day, trace, span): digest for day, trace, span, digest in rows}
    return {key: digest for key, digest in found.items() if key not in inserted}


def _stage(cursor: Any, table: str, names: Sequence[str], rows: Any) -> None:
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS stage_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
    cursor.execute(f"DELETE FROM stage_{table}")  # noqa: S608  # a repeat within one transaction
    with cursor.copy(f"COPY stage_{table} ({','.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _cursor(connection: sa.Connection) -> Any:
    return connection.connection.cursor()
