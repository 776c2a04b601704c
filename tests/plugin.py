"""Settings that must stand before Django is set up: a home of its own and databases of the chosen backend.

`TUTELA_TEST_BACKEND=sqlite` (default) or `postgres`. For PostgreSQL the server is `TEST_DATABASE_URL`, or one that is
started here, once for all workers of a run.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "sdk" / "src")]

from tests import servers  # the path must stand first

BACKEND = os.environ.get("TUTELA_TEST_BACKEND", "sqlite")
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
HOME = Path(tempfile.mkdtemp(prefix="tutela-tests-"))
SETTINGS = (
    "DATABASE_URL", "RECORD_URL", "REDIS_URL", "PORT", "OTLP_HTTP_PORT", "OTLP_GRPC_PORT", "CHECK_PORT", "CHECK_API", "HOST",
    "ALLOWED_HOSTS", "SECURE_COOKIES", "DEMO", "EMAIL_URL", "EMAIL_FROM", "PUBLIC_URL",
)  # fmt: skip
TOUCHING_A_DATABASE = {"db", "transactional_db", "live_server", "record_url", "record_store"}


def prepare() -> None:
    """Put the environment in order. Raises UsageError for an unknown backend."""
    atexit.register(shutil.rmtree, HOME, ignore_errors=True)
    for name in SETTINGS:
        os.environ.pop(name, None)
    os.environ["TUTELA_HOME"] = str(HOME)
    if BACKEND == "postgres":
        _use_postgres()
    elif BACKEND != "sqlite":
        raise pytest.UsageError(f"TUTELA_TEST_BACKEND={BACKEND!r} is neither sqlite nor postgres")


def _use_postgres() -> None:
    if "TEST_DATABASE_URL" not in os.environ:
        server = servers.start_postgres()
        atexit.register(server.stop)
        os.environ["TEST_DATABASE_URL"] = server.url  # workers inherit it
    url = os.environ["TEST_DATABASE_URL"]
    name = f"tutela_record_{WORKER}_{os.getpid()}"
    os.environ["RECORD_URL"] = servers.create_database(url, name)
    atexit.register(servers.drop_database, url, name)
    os.environ["DATABASE_URL"] = servers.database_url(url, "tutela")  # the test runner puts test_ before it


prepare()


def pytest_configure() -> None:
    """As in an installation: the record has its tables, texts are compiled, static files are named by content."""
    from django.conf import settings

    from console import preparation

    # A password is hashed a million times over to cost a thief dearly; tests sign in hundreds of times.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    preparation.migrate_record()
    preparation.compile_texts()
    preparation.collect_static()


def pytest_report_header() -> str:
    return f"tutela: record and register on {BACKEND}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What asks for a database is a database test, marked by hand or not."""
    for item in items:
        names = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or names & TOUCHING_A_DATABASE:
            item.add_marker(pytest.mark.database)
