"""Fixtures of every test: real databases, real servers, the cast as accounts."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import translation
from playwright.sync_api import Browser

from telemetry.store import Store, migrate, open_store
from tests import servers
from tests.installations import Installation
from tests.plugin import BACKEND, HOME, WORKER


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


@pytest.fixture(autouse=True)
def no_language_left_behind() -> Iterator[None]:
    """A request in French leaves French active in its thread; the next test begins in none."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def plain_static_files(settings: Any) -> None:
    """Pages name their static files as they lie in the tree: no manifest has to be collected before a test."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.WHITENOISE_USE_FINDERS = True
    settings.WHITENOISE_AUTOREFRESH = True


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


@pytest.fixture(scope="session")
def migrated_record() -> str:
    """An empty record made by the real migration chain, once; each test gets a copy. A path or a database's name."""
    if BACKEND == "sqlite":
        path = HOME / "record-template.sqlite3"
        migrate(f"sqlite:///{path}")
        return str(path)
    name = f"tutela_template_{WORKER}_{os.getpid()}"
    migrate(servers.create_database(os.environ["TEST_DATABASE_URL"], name))
    return name


@pytest.fixture
def record_url(migrated_record: str) -> Iterator[str]:
    """The URL of an empty record of this test's own."""
    if BACKEND == "sqlite":
        path = HOME / f"record-{uuid.uuid4().hex}.sqlite3"
        shutil.copy(migrated_record, path)
        yield f"sqlite:///{path}"
        for part in path.parent.glob(f"{path.name}*"):
            part.unlink()
        return
    server, name = os.environ["TEST_DATABASE_URL"], f"tutela_{WORKER}_{uuid.uuid4().hex}"
    yield servers.create_database(server, name, template=migrated_record)
    servers.drop_database(server, name)


@pytest.fixture
def record_store(record_url: str) -> Iterator[Store]:
    """An open, empty record of this test's own."""
    store = open_store(record_url)
    yield store
    store.close()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A whole, empty installation that runs as long as the tests of this worker do. Do not stop it in a test."""
    with Installation(tmp_path_factory.mktemp("installation") / "home", DEMO="0") as running:
        yield running.start()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real Chromium, or a plain failure. Per module: its event loop must not run where others use Django's ORM."""
    from playwright.sync_api import sync_playwright

    from tests.browser import chromium

    found = chromium.find()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=found.executable,
            args=[
                "--no-sandbox",
                "--no-zygote",
                "--disable-gpu",
            ],  # tests may run as root, on machines without a display
            env={**os.environ, **found.environment},
        )
        yield running
        running.close()
