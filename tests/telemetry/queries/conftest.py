from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from telemetry.store import Store
from tests.telemetry.seeding import Seed


@pytest.fixture
def seed(record_store: Store) -> Seed:
    return Seed(record_store)


@pytest.fixture
def record(record_store: Store) -> Iterator[sa.Connection]:
    with record_store.engine.connect() as connection:
        yield connection


@pytest.fixture
def statements(record: sa.Connection) -> Iterator[list[str]]:
    """Every statement that reached the database."""
    seen: list[str] = []

    def see(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    sa.event.listen(record.engine, "before_cursor_execute", see)
    yield seen
    sa.event.remove(record.engine, "before_cursor_execute", see)
