"""The book of what was forgotten."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import Kept
from telemetry import schema
from telemetry.store.store import Store

_runs = schema.retention_runs


@dataclass(frozen=True, slots=True)
class Run:
    """One entry of the book. `finished_ns` None: it runs, or was interrupted and goes on with the next."""

    kept: Kept
    retention_class: RetentionClass | None
    before_day: int
    began_ns: int
    finished_ns: int | None
    rows: int
    freed: int | None
    held: int


def begin(
    store: Store,
    run_id: bytes,
    kept: Kept,
    retention_class: RetentionClass | None,
    before_day: int,
    *,
    began_ns: int,
) -> None:
    """Say that forgetting begins."""
    row = {
        "run_id": run_id,
        "kept": kept.value,
        "retention_class": _word(retention_class),
        "before_day": before_day,
        "began_ns": began_ns,
        "rows": 0,
        "held_rows": 0,
    }
    with store.writing() as connection:
        connection.execute(sa.insert(_runs).values(row))


def finish(
    store: Store,
    run_id: bytes,
    kept: Kept,
    retention_class: RetentionClass | None,
    *,
    rows: int,
    freed: int | None,
    held: int,
    now_ns: int,
) -> None:
    """Say what came of it."""
    mine = (
        _runs.c.run_id == run_id,
        _runs.c.kept == kept.value,
        _runs.c.retention_class == _word(retention_class),
    )
    with store.writing() as connection:
        connection.execute(
            sa.update(_runs).where(*mine).values(rows=rows, bytes=freed, held_rows=held, finished_ns=now_ns)
        )


def runs(connection: sa.Connection, *, limit: int = 50) -> list[Run]:
    """What was forgotten last, newest first."""
    rows = connection.execute(sa.select(_runs).order_by(_runs.c.began_ns.desc()).limit(limit))
    return [
        Run(
            Kept(row.kept),
            RetentionClass(row.retention_class) if row.retention_class else None,
            row.before_day,
            row.began_ns,
            row.finished_ns,
            row.rows,
            row.bytes,
            row.held_rows,
        )
        for row in rows
    ]


def _word(retention_class: RetentionClass | None) -> str:
    return retention_class.value if retention_class else ""
