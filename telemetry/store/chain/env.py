"""Runs the chain on the connection that it is given (see `telemetry.store.migrations`)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import context

from telemetry import schema

VERSION_TABLE = "record_version"
MIGRATION_LOCK = 0x7475_7465_6C61_0002
LOCK_TIMEOUT = "10s"


def ours(_item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:  # noqa: FBT001  # Alembic's signature
    """Leave alone what is not the record's: another's tables, and the partitions of our own."""
    return kind != "table" or name in schema.metadata.tables


def run() -> None:
    connection: sa.Connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=schema.metadata,
        version_table=VERSION_TABLE,
        include_object=ours,
        render_as_batch=connection.dialect.name == "sqlite",
        transactional_ddl=True,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
        context.run_migrations()


run()
