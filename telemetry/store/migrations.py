"""The record's one migration chain, for every engine, without a configuration file."""

from __future__ import annotations

import threading
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from telemetry.store.engines import writing_engine
from telemetry.store.errors import NotMigrated

CHAIN = Path(__file__).parent / "chain"
_one_at_a_time = threading.Lock()
"""Alembic keeps its context in one place per process; between processes the database's own lock stands."""

VERSION_TABLE = "record_version"
"""Not Alembic's default name: on PostgreSQL the record may share a database with other tables."""


def migrate(url: str) -> None:
    """Bring the record at `url` to this release. Safe to run from several processes at once, and again."""
    engine = writing_engine(url)
    try:
        with _one_at_a_time, engine.connect() as connection:
            command.upgrade(config(connection), "head")
            connection.commit()
    finally:
        engine.dispose()


def check(url: str) -> None:
    """Raises NotMigrated unless the record at `url` is exactly at this release."""
    engine = writing_engine(url)
    try:
        with engine.connect() as connection:
            check_connection(connection)
    finally:
        engine.dispose()


def check_connection(connection: sa.Connection) -> None:
    """As `check`, on a connection that is there."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    found = context.get_current_revision()
    wanted = ScriptDirectory(str(CHAIN)).get_current_head()
    if found != wanted:
        raise NotMigrated(
            f"The record's tables are at {found or 'nothing yet'}, this release needs {wanted}. "
            "Run the migration (`manage.py migrate_record`) and start again."
        )


def config(connection: sa.Connection | None = None) -> Config:
    """Alembic's configuration, handed the connection to use."""
    made = Config()
    made.set_main_option("script_location", str(CHAIN))
    made.attributes["connection"] = connection
    return made
