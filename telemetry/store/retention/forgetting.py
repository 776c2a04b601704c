"""What is due to be forgotten, and forgetting it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from kernel import clock
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import PERISHABLE, Kept, Retention
from telemetry import schema
from telemetry.store.retention import batches, followers, partitions
from telemetry.store.retention.runs import begin, finish
from telemetry.store.store import Store

_BULK = {Kept.CONTENT: schema.messages, Kept.SPANS: schema.spans}
_SUMS = {
    schema.rollup_hours.c.hour: 24,
    schema.cost_hours.c.hour: 24,
    schema.check_hours.c.hour: 24,
    schema.finding_hours.c.hour: 24,
    schema.ingest_minutes.c.minute: 24 * 60,
    schema.ingest_rejections.c.minute: 24 * 60,
}
"""Tables of sums by their column of time, with how many of its units a day has."""


@dataclass(frozen=True, slots=True)
class Due:
    """What may be forgotten: everything of this kind and class from before an epoch day."""

    kept: Kept
    retention_class: RetentionClass | None
    before_day: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of it. `freed` is in bytes, None where the database cannot tell."""

    due: Due
    rows: int
    freed: int | None
    held: int


def due(store: Store, retention: Retention, *, now_ns: int) -> list[Due]:
    """The kinds and classes that hold something older than they may. Reads only the oldest row of each."""
    found = [item for item in _limits(retention, now_ns) if _oldest(store, item) < item.before_day]
    return sorted(found, key=lambda item: (item.kept, item.retention_class or ""))


COUNT_LIMIT = 100_000


def count_before(store: Store, kept: Kept, retention_class: RetentionClass | None, before_day: int) -> int:
    """How many messages, spans or sums of a class are from before a day; counted no further than COUNT_LIMIT."""
    if retention_class is None:
        hour = schema.rollup_hours.c.hour
        some = sa.select(sa.literal(1)).where(hour < before_day * 24).limit(COUNT_LIMIT).subquery()
    else:
        table = _BULK[kept]
        where = sa.and_(table.c.day < before_day, table.c.retention_class == retention_class.value)
        some = sa.select(sa.literal(1)).where(where).limit(COUNT_LIMIT).subquery()
    with store.engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one())


def forget(store: Store, item: Due, *, held: Collection[bytes]) -> Forgotten:
    """Forget what is due. `held` are the senders under a legal hold; what is theirs is moved to the hold instead.

    Safe to interrupt and to run twice: each step is a transaction of its own, and a second run finds less to do.
    """
    run_id = os.urandom(16)
    began = clock.now_ns()
    begin(store, run_id, item.kept, item.retention_class, item.before_day, began_ns=began)
    if item.retention_class is None:
        rows, freed, moved = *_forget_sums(store, item.before_day), 0
    else:
        rows, freed, moved = _forget_class(store, item, held)
    finish(
        store,
        run_id,
        item.kept,
        item.retention_class,
        rows=rows,
        freed=freed,
        held=moved,
        now_ns=clock.now_ns(),
    )
    return Forgotten(item, rows, freed, moved)


def _limits(retention: Retention, now_ns: int) -> Iterator[Due]:
    today = clock.epoch_day(now_ns)
    for retention_class in PERISHABLE:
        yield Due(Kept.CONTENT, retention_class, today - retention.content[retention_class])
        yield Due(Kept.SPANS, retention_class, today - retention.spans[retention_class])
    yield Due(Kept.SUMS, None, today - retention.sums)


def _oldest(store: Store, item: Due) -> int:
    """The epoch day of the oldest row of this kind and class; a day that is never due where there is none."""
    with store.engine.connect() as connection:
        if item.retention_class is None:
            found = [
                value // per_day
                for column, per_day in _SUMS.items()
                if (value := connection.execute(sa.select(sa.func.min(column))).scalar()) is not None
            ]
            return min(found, default=item.before_day)
        table = _BULK[item.kept]
        if store.embedded:
            query = (
                sa.select(table.c.day)
                .where(table.c.day < item.before_day, table.c.retention_class == item.retention_class.value)
                .order_by(table.c.day)
                .limit(1)
            )
            value = connection.execute(query).scalar()
            return item.before_day if value is None else int(value)
        days = partitions.days_of(connection, table.name, item.retention_class)
        return min(days, default=item.before_day)


def _forget_class(store: Store, item: Due, held: Collection[bytes]) -> tuple[int, int | None, int]:
    """One class of messages or spans, and then what only made sense beside it."""
    table = _BULK[item.kept]
    assert item.retention_class is not None  # noqa: S101  # sums go their own way
    way = batches if store.embedded else partitions
    before = batches.free_bytes(store)
    moved = way.hold(store, table, item.retention_class, item.before_day, held)
    rows, freed = way.forget(store, table, item.retention_class, item.before_day)
    if item.kept is Kept.CONTENT:
        rows += followers.after_content(store, item.before_day)
    else:
        rows += followers.after_spans(store, item.before_day)
    return rows, _gained(store, before) if freed is None else freed, moved


def _forget_sums(store: Store, before_day: int) -> tuple[int, int | None]:
    before = batches.free_bytes(store)
    rows = sum(
        batches.delete(store, column.table, column < before_day * per_day)
        for column, per_day in _SUMS.items()
    )
    return rows, _gained(store, before)


def _gained(store: Store, before: int | None) -> int | None:
    after = batches.free_bytes(store)
    return None if before is None or after is None else max(after - before, 0)
