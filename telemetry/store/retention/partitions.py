"""Forgetting on PostgreSQL: a class of a day is one table, and forgetting is dropping it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

import sqlalchemy as sa

from kernel.contracts.ingest import RetentionClass
from telemetry.store.partitions import ADVISORY_LOCK
from telemetry.store.retention import batches
from telemetry.store.store import Store

LOCK_TIMEOUT = "2s"
"""Dropping wants the parent for a moment. Whoever would wait behind us longer than this is let through, and we try again."""


def days_of(connection: sa.Connection, table: str, retention_class: RetentionClass) -> list[int]:
    """The epoch days that have a partition of this class, oldest first."""
    rows = connection.execute(
        sa.text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ :pattern"),
        {"pattern": f"^{table}_d[0-9]+_{retention_class.value}$"},
    )
    return sorted(int(name.removeprefix(f"{table}_d").partition("_")[0]) for (name,) in rows)


def hold(
    store: Store, table: sa.Table, retention_class: RetentionClass, before_day: int, held: Collection[bytes]
) -> int:
    """Move what held senders said to the class `hold`, whose partitions are made first. Returns how many rows."""
    if not held:
        return 0
    with store.engine.connect() as connection:
        days = [day for day in days_of(connection, table.name, retention_class) if day < before_day]
    store.ensure_partitions({(day, RetentionClass.HOLD.value) for day in days})
    return batches.hold(store, table, retention_class, before_day, held)


def forget(
    store: Store, table: sa.Table, retention_class: RetentionClass, before_day: int
) -> tuple[int, int | None]:
    """Drop the partitions of a class from before a day. Returns their rows and their bytes, indexes included."""
    with store.engine.connect() as connection:
        days = [day for day in days_of(connection, table.name, retention_class) if day < before_day]
    rows = freed = 0
    for day in days:
        count, size = store.guarded(partial(_drop, store, table.name, retention_class, day))
        rows, freed = rows + count, freed + size
    return rows, freed


def _drop(store: Store, table: str, retention_class: RetentionClass, day: int) -> tuple[int, int]:
    """One partition; and its day, when it was the last of it."""
    day_table = f"{table}_d{day}"
    name = f"{day_table}_{retention_class.value}"
    with store.writing() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
        rows = connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608  # made of our own words
        size = connection.execute(sa.select(sa.func.pg_total_relation_size(name))).scalar_one()
        connection.exec_driver_sql(f"DROP TABLE {name}")
        left = connection.execute(
            sa.text("SELECT count(*) FROM pg_inherits WHERE inhparent = to_regclass(:name)"),
            {"name": day_table},
        ).scalar_one()
        if not left:
            connection.exec_driver_sql(f"DROP TABLE {day_table}")
    return int(rows), int(size)
