"""Additive upserts of the small tables, written once for SQLite and PostgreSQL.

Rows come sorted by key and tables are always written in the same order, so that two processes cannot lock each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from telemetry import schema
from telemetry.store.sums import COST_SUMS, ROLLUP_SUMS

T = TypeVar("T")
Insert = sqlite.Insert | postgresql.Insert
Changes = Callable[[sa.Table, Any, "Extremes"], dict[str, Any]]


class Extremes:
    """`least` and `greatest` as the engine calls them."""

    def __init__(self, dialect: str) -> None:
        self._names = ("min", "max") if dialect == "sqlite" else ("least", "greatest")

    def least(self, *values: Any) -> Any:
        return getattr(sa.func, self._names[0])(*values)

    def greatest(self, *values: Any) -> Any:
        return getattr(sa.func, self._names[1])(*values)


def upsert(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows to what is there, or insert them. Rows must be sorted by key."""
    upsert_values(connection, table, list(map(itemgetter(*table.columns.keys()), rows)))


def upsert_values(connection: sa.Connection, table: sa.Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """As `upsert`, the rows as values in the order of the table's columns.

    One statement takes many rows: a statement a row would wait for the interpreter, or for the server, every time.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        cursor = connection.connection.cursor()
        insert_rows(cursor, table, rows, conflict=_conflict(table.name, "sqlite"))
    elif len(rows) < _WORTH_STAGING:
        cursor = connection.connection.cursor()
        cursor.execute(_from_arrays(table.name), [list(column) for column in zip(*rows, strict=True)])
    else:
        cursor = stage(connection, table, rows)
        cursor.execute(_from_stage(table.name))
    cursor.close()


_WORTH_STAGING = 64
"""Rows from which on COPY's three more messages to PostgreSQL cost less than writing arrays."""


def stage(connection: sa.Connection, table: sa.Table, rows: Iterable[tuple[Any, ...]]) -> Any:
    """COPY rows into a temporary table of PostgreSQL that empties itself when the transaction ends.

    Answers the cursor used. The staged rows are read in the order in which they came.
    """
    cursor: Any = connection.connection.cursor(binary=True)
    staged = f"stage_{table.name}"
    cursor.execute(f"CREATE TEMPORARY TABLE IF NOT EXISTS {staged} (LIKE {table.name}) ON COMMIT DELETE ROWS")
    names = _columns(table.name)
    with cursor.copy(f"COPY {staged} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(_types(table.name))
        for row in rows:
            copy.write_row(row)
    return cursor


@cache
def _types(name: str) -> list[str]:
    """Types of the table's columns as PostgreSQL names them: binary COPY converts nothing."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
    return [_type_name(column.type, dialect) for column in schema.metadata.tables[name].columns]


_ROWS_AT_ONCE = (256, 32, 4, 1)
"""Rows of one INSERT on SQLite. The driver gives up the interpreter for every statement it runs and must then wait for
it: hundreds of rows to a statement let SQLite work on its own core. Few sizes, so that the statements stay compiled."""


def chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    """The rows in as few parts as the sizes allow."""
    begin = 0
    for size in _ROWS_AT_ONCE:
        while begin + size <= len(rows):
            yield rows[begin : begin + size]
            begin += size


def insert_rows(cursor: Any, table: sa.Table, rows: Sequence[tuple[Any, ...]], *, conflict: str) -> None:
    """INSERT on SQLite, values in the order of the table's columns."""
    for part in chunks(rows):
        cursor.execute(_insert_text(table.name, conflict, len(part)), list(chain.from_iterable(part)))


@cache
def _insert_text(name: str, conflict: str, rows: int) -> str:
    width = len(schema.metadata.tables[name].columns)
    marks = ",".join([f"({','.join('?' * width)})"] * rows)
    return f"INSERT INTO {name} ({_columns(name)}) VALUES {marks} {conflict}"  # noqa: S608  # names of our schema


@cache
def _from_arrays(name: str) -> str:
    """One statement for any number of rows on PostgreSQL: every column is an array."""
    arrays = ",".join(f"%b::{kind}[]" for kind in _types(name))
    return f"{_insert_into(name)} SELECT * FROM unnest({arrays}) {_conflict(name, 'postgresql')}"  # noqa: S608  # names of our schema


@cache
def _from_stage(name: str) -> str:
    return f"{_insert_into(name)} SELECT {_columns(name)} FROM stage_{name} {_conflict(name, 'postgresql')}"  # noqa: S608  # names of our schema


def _insert_into(name: str) -> str:
    return f"INSERT INTO {name} ({_columns(name)})"


@cache
def _columns(name: str) -> str:
    """The table's columns, quoted: some are words of SQL."""
    return ",".join(f'"{column}"' for column in schema.metadata.tables[name].columns.keys())  # noqa: SIM118  # names, not columns


def _type_name(kind: Any, dialect: Any) -> str:
    """The column's type as PostgreSQL names it. Texts come as text: a varchar's own length is checked where the row is inserted, not cut by a cast."""
    return "text" if isinstance(kind, sa.String) else str(kind.compile(dialect=dialect)).lower()


@cache
def _conflict(name: str, dialect: str) -> str:
    """The ON CONFLICT clause of the table, as the engine spells it."""
    table = schema.metadata.tables[name]
    statement = _insert(table, dialect)
    changes = CHANGES[name](table, statement.excluded, Extremes(dialect))
    whole = statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=changes)
    spelt = sqlite.dialect() if dialect == "sqlite" else postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves both untyped
    text = str(
        whole.compile(dialect=spelt, compile_kwargs={"literal_binds": True, "render_postcompile": True})
    )
    return text[text.index("ON CONFLICT") :]


def insert_new(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows whose key is not there yet; leave the others alone."""
    if rows:
        connection.execute(_insert(table, connection.dialect.name).on_conflict_do_nothing(), rows)


def _insert(table: sa.Table, dialect: str) -> Any:
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def _sums(table: sa.Table, new: Any, names: Sequence[str]) -> dict[str, Any]:
    return {name: table.c[name] + new[name] for name in names}


def _senders(table: sa.Table, new: Any, extremes: Extremes) -> dict[str, Any]:
    return {
        "span_count": table.c.span_count + new.span_count,
        "first_seen_ns": extremes.least(table.c.first_seen_ns, new.first_seen_ns),
        "last_seen_ns": extremes.greatest(table.c.last_seen_ns, new.last_seen_ns),
        "hints": new.hints,
        "flags": new.flags,
    }


def _devices(table: sa.Table, new: Any, extremes: Extremes) -> dict[str, Any]:
    return {"last_seen_ns": extremes.greatest(table.c.last_seen_ns, new.last_seen_ns)}


def _traces(table: sa.Table, new: Any, extremes: Extremes) -> dict[str, Any]:
    has_root = table.c.root_span_id.is_not(None)
    roots = {
        name: sa.case((has_root, table.c[name]), else_=new[name])
        for name in ("root_span_id", "root_name", "root_kind")
    }
    tokens = {
        name: sa.case(
            (new[name].is_(None), table.c[name]), else_=sa.func.coalesce(table.c[name], 0) + new[name]
        )
        for name in ("input_tokens", "output_tokens", "cost_nano_usd")
    }
    return {
        "start_ns": extremes.least(table.c.start_ns, new.start_ns),
        "end_ns": extremes.greatest(table.c.end_ns, new.end_ns),
        "last_received_ns": extremes.greatest(table.c.last_received_ns, new.last_received_ns),
        "session_id": sa.func.coalesce(table.c.session_id, new.session_id),
        **_sums(table, new, ("span_count", "model_call_count", "error_count", "unpriced_count")),
        **tokens,
        **roots,
    }


def _facets(table: sa.Table, new: Any, extremes: Extremes) -> dict[str, Any]:
    return {
        "span_count": table.c.span_count + new.span_count,
        "start_ns": extremes.least(table.c.start_ns, new.start_ns),
    }


def _rollups(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, ROLLUP_SUMS)


def _witnesses(_table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return {name: new[name] for name in ("owns", "owner_trace_id", "owner_span_id", "received_ns")}


def _costs(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, COST_SUMS)


def _minutes(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, ("received", "stored", "duplicate", "rejected", "differing", "requests"))


def _rejections(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, ("items", "requests"))


def _check_work(table: sa.Table, new: Any, extremes: Extremes) -> dict[str, Any]:
    """A trace that says more is opened again; what was given up stays given up until a person asks for it."""
    dead = table.c.state == "dead"
    done = table.c.state == "done"
    return {
        "state": sa.case((dead, table.c.state), else_=new.state),
        "due_ns": extremes.greatest(table.c.due_ns, new.due_ns),
        "attempts": sa.case((done, new.attempts), else_=table.c.attempts),
        "queued_ns": sa.case((done, new.queued_ns), else_=table.c.queued_ns),
        "lease": sa.null(),
        "finished_ns": sa.case((dead, table.c.finished_ns), else_=sa.null()),
    }


def _check_hours(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, ("subjects",))


def _finding_hours(table: sa.Table, new: Any, _extremes: Extremes) -> dict[str, Any]:
    return _sums(table, new, ("findings", "messages"))


CHANGES: dict[str, Changes] = {
    "check_hours": _check_hours,
    "finding_hours": _finding_hours,
    "check_work": _check_work,
    "senders": _senders,
    "sender_devices": _devices,
    "traces": _traces,
    "trace_facets": _facets,
    "rollup_hours": _rollups,
    "call_witnesses": _witnesses,
    "cost_hours": _costs,
    "ingest_minutes": _minutes,
    "ingest_rejections": _rejections,
}
