"""Day partitions of the bulk tables on PostgreSQL, made when a span of that day first comes.

A day is a RANGE partition, split by LIST of retention class, so that forgetting a class of a day is dropping one table.
"""

from __future__ import annotations

import threading
from collections.abc import Collection

import sqlalchemy as sa

from kernel.contracts.ingest import RetentionClass

PARTITIONED = ("spans", "messages")
ADVISORY_LOCK = 0x7475_7465_6C61_0001
"""Held while partitions are made: two processes that see the first span of a day must not both make its table."""

Place = tuple[int, str]
"""Epoch day, retention class."""


class Partitions:
    """Knows which partitions are there, and makes the others."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._known: set[Place] = set()
        self._lock = threading.Lock()

    def ensure(self, places: Collection[Place]) -> None:
        """Make what is missing, in a transaction of its own: DDL must not wait inside a bulk transaction."""
        missing = set(places) - self._known
        if not missing:
            return
        with self._lock, self._engine.begin() as connection:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(ADVISORY_LOCK)))
            for day, retention_class in sorted(missing):
                for table in PARTITIONED:
                    _make(connection, table, day=day, retention_class=RetentionClass(retention_class))
        self._known |= missing

    def days_with_several(self, connection: sa.Connection, days: Collection[int]) -> set[int]:
        """Those of the days whose spans lie in more than one retention class, as the database has it now."""
        rows = connection.execute(
            sa.text(
                "SELECT p.relname FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent "
                "WHERE p.relname = ANY(:names) GROUP BY p.relname HAVING count(*) > 1"
            ),
            {"names": [f"spans_d{day}" for day in days]},
        )
        return {int(name.removeprefix("spans_d")) for (name,) in rows}

    def forget(self) -> None:
        """Look again: retention may have dropped a partition that was known."""
        self._known.clear()


def _make(connection: sa.Connection, table: str, *, day: int, retention_class: RetentionClass) -> None:
    """The table is made alone and attached afterwards: ATTACH lets readers and writers of the parent go on."""
    day_table = f"{table}_d{day}"
    class_table = f"{day_table}_{retention_class.value}"
    if not _exists(connection, day_table):
        connection.exec_driver_sql(
            f"CREATE TABLE {day_table} (LIKE {table} INCLUDING DEFAULTS) PARTITION BY LIST (retention_class)"
        )
        connection.exec_driver_sql(
            f"ALTER TABLE {table} ATTACH PARTITION {day_table} FOR VALUES FROM ({day}) TO ({day + 1})"
        )
    if not _exists(connection, class_table):
        connection.exec_driver_sql(f"CREATE TABLE {class_table} (LIKE {day_table} INCLUDING ALL)")
        connection.exec_driver_sql(
            f"ALTER TABLE {day_table} ATTACH PARTITION {class_table} FOR VALUES IN ('{retention_class.value}')"
        )


def _exists(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.select(sa.func.to_regclass(name))).scalar() is not None
