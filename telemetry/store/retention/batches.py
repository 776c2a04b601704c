"""Deleting in small transactions, so that ingest never waits long. The only way on SQLite; the small tables' way everywhere."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import sqlalchemy as sa

from kernel.contracts.ingest import RetentionClass
from telemetry.store.store import Store

BATCH = 500
"""Rows of one transaction: a few milliseconds of SQLite's only write lock."""

HELD_AT_ONCE = 500


def delete(store: Store, table: sa.Table | sa.FromClause, where: sa.ColumnElement[bool]) -> int:
    """Delete every row for which this holds. Returns how many."""
    assert isinstance(table, sa.Table)  # noqa: S101  # a column's table, as SQLAlchemy types it
    total = 0
    while True:
        count = store.guarded(lambda: _delete_some(store, table, where))
        total += count
        if count < BATCH:
            return total


def _delete_some(store: Store, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    key = list(table.primary_key.columns)
    some = sa.select(*key).where(where).limit(BATCH)
    with store.writing() as connection:
        return connection.execute(sa.delete(table).where(sa.tuple_(*key).in_(some))).rowcount


def forget(
    store: Store, table: sa.Table, retention_class: RetentionClass, before_day: int
) -> tuple[int, int | None]:
    """Rows of a class from before a day; what that freed is told by the file's free pages."""
    return delete(store, table, _of_class(table, retention_class, before_day)), None


def hold(
    store: Store, table: sa.Table, retention_class: RetentionClass, before_day: int, held: Collection[bytes]
) -> int:
    """Move what held senders said to the class `hold`. Returns how many rows."""
    moved = 0
    senders = sorted(held)
    for start in range(0, len(senders), HELD_AT_ONCE):
        theirs = table.c.sender_id.in_(senders[start : start + HELD_AT_ONCE])
        moved += store.guarded(partial(_move, store, table, retention_class, before_day, theirs))
    return moved


def _move(
    store: Store,
    table: sa.Table,
    retention_class: RetentionClass,
    before_day: int,
    theirs: sa.ColumnElement[bool],
) -> int:
    """A row whose twin is under the hold already stays and is forgotten with its class."""
    twin = table.alias()
    same = [
        twin.c[column.name] == column
        for column in table.primary_key.columns
        if column.name != "retention_class"
    ]
    there = sa.exists().where(*same, twin.c.retention_class == RetentionClass.HOLD.value)
    change = (
        sa.update(table)
        .where(_of_class(table, retention_class, before_day), theirs, ~there)
        .values(retention_class=RetentionClass.HOLD.value)
    )
    with store.writing() as connection:
        return connection.execute(change).rowcount


def _of_class(table: sa.Table, retention_class: RetentionClass, before_day: int) -> sa.ColumnElement[bool]:
    return sa.and_(table.c.day < before_day, table.c.retention_class == retention_class.value)


def free_bytes(store: Store) -> int | None:
    """Room inside a SQLite file that it will use again before it grows; None on PostgreSQL."""
    if not store.embedded:
        return None
    with store.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA freelist_count").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    return int(pages) * int(size)
