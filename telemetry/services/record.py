"""The record as the console's processes open it, once per process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy as sa
from django.conf import settings

from telemetry.store import Store, open_store
from telemetry.store.engines import reading_engine


@lru_cache(maxsize=1)
def engine() -> sa.Engine:
    """The engine over the installation's record. Made on first use, after a worker has forked."""
    return reading_engine(settings.TUTELA.record_url)


@lru_cache(maxsize=1)
def store() -> Store:
    """The record for writing, for what a console's process or a worker does to it (never spans: those are ingest's)."""
    return open_store(settings.TUTELA.record_url)


def close() -> None:
    """Give the connections back, if any were made; whoever comes next opens the record anew."""
    if engine.cache_info().currsize:
        engine().dispose()
    if store.cache_info().currsize:
        store().close()
    engine.cache_clear()
    store.cache_clear()


@contextmanager
def reading() -> Iterator[sa.Connection]:
    """A connection for the queries of one page; nothing is written through it."""
    with engine().connect() as connection:
        yield connection
