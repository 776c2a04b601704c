"""Engines: one for reading, one for writing. On SQLite they differ in how a transaction begins."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from psycopg.types.string import BytesBinaryDumper
from sqlalchemy import event

SQLITE_BUSY_MS = 10_000
SQLITE_CACHE_KIB = 64 * 1024
POSTGRES_CONNECT_S = 3
POSTGRES_POOL = 8
POSTGRES_OPTIONS = "-c jit=off -c client_min_messages=warning"
"""Our statements are many and short: compiling one takes longer than running it."""


def normalised_url(url: str) -> sa.URL:
    """The record's URL with the driver that this house uses. Accepts `postgres://` as people write it."""
    parsed = sa.make_url(url.replace("postgres://", "postgresql://", 1))
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    return parsed


def reading_engine(url: str) -> sa.Engine:
    """For queries: plain transactions, many connections."""
    return _engine(url, begin="BEGIN")


def writing_engine(url: str) -> sa.Engine:
    """For the writer. On SQLite a transaction takes the write lock when it begins, so that it can never fail half-way."""
    return _engine(url, begin="BEGIN IMMEDIATE")


def _engine(url: str, *, begin: str) -> sa.Engine:
    parsed = normalised_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed, begin=begin)
    return _postgres(parsed)


def _postgres(parsed: sa.URL) -> sa.Engine:
    engine = sa.create_engine(
        parsed,
        hide_parameters=True,  # an error's text goes into a log, what was said must not
        pool_size=POSTGRES_POOL,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": POSTGRES_CONNECT_S,
            "application_name": "tutela",
            "options": f"{parsed.query.get('options', '')} {POSTGRES_OPTIONS}",
        },
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # Of the driver's ways to write bytes it would take the DB-API's own, which is not compiled and 20 times as dear.
        connection.adapters.register_dumper(bytes, BytesBinaryDumper)

    return engine


def _sqlite(url: sa.URL, *, begin: str) -> sa.Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": SQLITE_BUSY_MS / 1000, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        # The driver's own transaction handling commits behind our back; SQLAlchemy says BEGIN below instead.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={SQLITE_BUSY_MS}",
            f"cache_size=-{SQLITE_CACHE_KIB}",
            "temp_store=MEMORY",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine
