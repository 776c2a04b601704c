"""Fixtures of every test: real databases, real servers, the cast as accounts."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection, connections

from tests import servers
from tests.plugin import BACKEND, HOME


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """On SQLite the tests use a file, as an installation does, and not a database in memory."""
    if BACKEND == "sqlite":
        connections["default"].settings_dict["TEST"]["NAME"] = str(HOME / "register-test.sqlite3")


@pytest.fixture
def _django_db_helper(_django_db_helper: None) -> Iterator[None]:
    """Let the clearing of a transactional test through: the ledger's triggers refuse it, rightly.

    The clearing sends `post_migrate`, which puts the triggers back.
    """
    yield
    if not connection.in_atomic_block:
        _drop_ledger_triggers()


def _drop_ledger_triggers() -> None:
    on_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if on_postgres:
            cursor.execute(
                "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON tgrelid = pg_class.oid "
                "WHERE NOT tgisinternal AND relname LIKE 'audit_%%'"
            )
        else:
            cursor.execute(
                "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit_%%'"
            )
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if on_postgres else ""))


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A real Redis: `TEST_REDIS_URL`, or one of our own."""
    given = os.environ.get("TEST_REDIS_URL")
    if given:
        yield given
        return
    server = servers.start_redis()
    yield server.url
    server.stop()
