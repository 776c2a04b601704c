"""The migration chain makes what `telemetry.schema` says, on both engines."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from telemetry import schema
from telemetry.store import NotMigrated, check, migrate, open_store
from telemetry.store.engines import writing_engine
from telemetry.store.migrations import VERSION_TABLE
from tests.plugin import BACKEND

pytestmark = pytest.mark.database


def ours(_item: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
    return kind != "table" or name in schema.metadata.tables


def test_after_the_upgrade_the_database_is_the_schema(record_url: str) -> None:
    engine = writing_engine(record_url)
    with engine.connect() as connection:
        options = {"version_table": VERSION_TABLE, "include_object": ours, "compare_type": True}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, schema.metadata) == []
        connection.rollback()
    engine.dispose()


def test_migrating_again_and_at_once_changes_nothing(record_url: str) -> None:
    errors: list[BaseException] = []

    def again() -> None:
        try:
            migrate(record_url)
        except BaseException as error:  # noqa: BLE001  # shown by the assertion
            errors.append(error)

    threads = [threading.Thread(target=again) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    check(record_url)


def test_an_empty_database_migrated_by_many_at_once(record_url: str, tmp_path: object) -> None:
    engine = writing_engine(record_url)
    with engine.begin() as connection:
        for name in [*reversed([table.name for table in schema.metadata.sorted_tables]), VERSION_TABLE]:
            connection.execute(sa.text(f"DROP TABLE {name}"))
    engine.dispose()
    with pytest.raises(NotMigrated, match="nothing yet"):
        check(record_url)
    test_migrating_again_and_at_once_changes_nothing(record_url)


@pytest.mark.skipif(BACKEND == "sqlite", reason="a SQLite record is a file of its own")
def test_other_tables_in_the_same_database_are_left_alone(record_url: str) -> None:
    engine = writing_engine(record_url)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE TABLE alembic_version (version_num text)"))
        connection.execute(sa.text("CREATE TABLE django_session (session_key text)"))
    engine.dispose()
    migrate(record_url)
    store = open_store(record_url)
    store.check_ready()
    store.close()


def test_readiness_needs_the_migration(record_url: str) -> None:
    store = open_store(record_url)
    store.check_ready()
    with store.engine.begin() as connection:
        connection.execute(sa.delete(sa.table(VERSION_TABLE)))
    with pytest.raises(NotMigrated):
        store.check_ready()
    store.close()
