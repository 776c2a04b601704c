"""An empty record that a module shares."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests import servers
from tests.plugin import BACKEND


@contextmanager
def own_record(migrated: str, folders: pytest.TempPathFactory) -> Iterator[str]:
    """A copy of the migrated template (see tests/conftest.py), removed afterwards."""
    if BACKEND == "sqlite":
        path = folders.mktemp("record") / "record.sqlite3"
        shutil.copy(migrated, path)
        yield f"sqlite:///{path}"
        return
    server, name = os.environ["TEST_DATABASE_URL"], f"tutela_module_{uuid.uuid4().hex}"
    yield servers.create_database(server, name, template=migrated)
    servers.drop_database(server, name)
