"""The queue of checks: work is leased in chunks, and done, tried again or given up. The database is the queue.

A lease counts as an attempt the moment it is taken, so that work whose process dies under it has been counted. It ends
at `due_ns`: then anybody may take the work again. What failed in a large chunk comes again in a smaller one, down to
one alone: so one poisonous row dies alone, and its neighbours are done.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.schema.checks import WORK_DEAD, WORK_OPEN
from telemetry.store.queueing import RECHECK, priority_of

MESSAGE, TRACE = "message", "trace"
KINDS = (MESSAGE, TRACE)
OPEN_STATES = ("pending", "leased", "retry")
LONGEST_REASON = 256
OUT_OF_ATTEMPTS = "its process ended, or did not come back, each time it was tried"

WorkKey = tuple[str, int, bytes, bytes]
"""Kind, day, sender, subject."""

_work = schema.check_work
_KEY = (_work.c.kind, _work.c.day, _work.c.sender_id, _work.c.subject)


@dataclass(frozen=True, slots=True)
class Terms:
    """How work is leased and how often it is tried. The sizes are those of a first, a second and any later try."""

    sizes: Mapping[str, tuple[int, ...]]
    lease_ns: int = 120 * clock.NANOSECONDS_PER_SECOND
    attempts: int = 5
    backoff_ns: int = 10 * clock.NANOSECONDS_PER_SECOND

    def size(self, kind: str, attempts: int) -> int:
        """How many rows that were tried so often may be taken together."""
        sizes = self.sizes[kind]
        return sizes[min(attempts, len(sizes) - 1)]

    def again_at(self, now_ns: int, attempts: int) -> int:
        """When work that failed so often is tried again: four times as long each time."""
        return int(now_ns + self.backoff_ns * 4 ** (max(attempts, 1) - 1))


STANDARD_TERMS = Terms(sizes={MESSAGE: (64, 8, 1), TRACE: (16, 4, 1)})


@dataclass(frozen=True, slots=True)
class Work:
    """A leased row; `attempts` counts this lease."""

    kind: str
    day: int
    sender_id: bytes
    subject: bytes
    attempts: int

    @property
    def key(self) -> WorkKey:
        return self.kind, self.day, self.sender_id, self.subject


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows leased together, sorted by key."""

    lease: bytes
    kind: str
    items: tuple[Work, ...]


def lease(
    connection: sa.Connection, kind: str, *, now_ns: int, terms: Terms = STANDARD_TERMS
) -> Chunk | None:
    """Take the next chunk of what is due: by priority, then by how long it waits. None when there is nothing.

    Two processes never take the same row: SQLite has one writer, PostgreSQL skips what another one has locked.
    """
    rows = connection.execute(_due(kind, now_ns, terms)).all()
    if not rows:
        return None
    size = terms.size(kind, rows[0].attempts)
    mine = [row for row in rows if terms.size(kind, row.attempts) == size][:size]
    items = tuple(
        sorted(
            (Work(kind, row.day, bytes(row.sender_id), bytes(row.subject), row.attempts + 1) for row in mine),
            key=lambda item: item.key,
        )
    )
    chunk = Chunk(os.urandom(16), kind, items)
    _update(
        connection,
        [item.key for item in items],
        state="leased", lease=chunk.lease, attempts=_work.c.attempts + 1, due_ns=now_ns + terms.lease_ns,
    )  # fmt: skip
    return chunk


def _due(kind: str, now_ns: int, terms: Terms) -> sa.Select[Any]:
    return (
        sa.select(_work.c.day, _work.c.sender_id, _work.c.subject, _work.c.attempts)
        .where(
            sa.text(WORK_OPEN),
            _work.c.kind == kind,
            _work.c.due_ns <= now_ns,
            _work.c.attempts < terms.attempts,
        )
        .order_by(_work.c.priority, _work.c.due_ns)
        .limit(max(terms.sizes[kind]))
        .with_for_update(skip_locked=True)
    )


def _update(connection: sa.Connection, keys: Sequence[WorkKey], **values: Any) -> None:
    """The same change in every row, in the order of the keys."""
    names = ("kind", "day", "sender_id", "subject")
    change = sa.update(_work).where(*(_work.c[name] == sa.bindparam(f"its_{name}") for name in names))
    connection.execute(
        change.values(values),
        [{f"its_{name}": part for name, part in zip(names, key, strict=True)} for key in sorted(keys)],
    )


def held(connection: sa.Connection, chunk: Chunk) -> frozenset[WorkKey]:
    """Which rows of the chunk are still ours, locked until the transaction ends.

    What is not has been taken by somebody else after the lease ended, or was opened again by what a trace said later.
    """
    ours: set[WorkKey] = set()
    for (day, sender_id), subjects in _placed(item.key for item in chunk.items).items():
        query = (
            sa.select(_work.c.subject)
            .where(
                _work.c.kind == chunk.kind,
                _work.c.day == day,
                _work.c.sender_id == sender_id,
                _work.c.subject.in_(subjects),
                _work.c.lease == chunk.lease,
            )
            .order_by(_work.c.subject)
            .with_for_update()
        )
        ours |= {(chunk.kind, day, sender_id, bytes(row[0])) for row in connection.execute(query)}
    return frozenset(ours)


def _placed(keys: Iterable[WorkKey]) -> dict[tuple[int, bytes], list[bytes]]:
    """Subjects by day and sender, all in order."""
    found: dict[tuple[int, bytes], list[bytes]] = {}
    for _, day, sender_id, subject in sorted(keys):
        found.setdefault((day, sender_id), []).append(subject)
    return found


def finish(connection: sa.Connection, keys: Collection[WorkKey], *, now_ns: int) -> None:
    """Rows that we hold are done."""
    if keys:
        _update(connection, sorted(keys), state="done", lease=None, reason=None, finished_ns=now_ns)


def fail(
    connection: sa.Connection,
    failures: Mapping[WorkKey, tuple[int, str]],
    *,
    now_ns: int,
    terms: Terms = STANDARD_TERMS,
) -> frozenset[WorkKey]:
    """Rows that we hold could not be done: attempts so far, and why, without content. Answers those given up."""
    dead = {key for key, (attempts, _) in failures.items() if attempts >= terms.attempts}
    for key, (attempts, reason) in sorted(failures.items()):
        ended = {"lease": None, "reason": reason[:LONGEST_REASON]}
        if key in dead:
            _update(connection, [key], state="dead", finished_ns=now_ns, **ended)
        else:
            _update(connection, [key], state="retry", due_ns=terms.again_at(now_ns, attempts), **ended)
    return frozenset(dead)


def still_open(connection: sa.Connection, keys: Collection[WorkKey]) -> frozenset[WorkKey]:
    """Which of these rows are still to be done."""
    found: set[WorkKey] = set()
    for kind in KINDS:
        for (day, sender_id), subjects in _placed(key for key in keys if key[0] == kind).items():
            query = sa.select(_work.c.subject).where(
                _work.c.kind == kind,
                _work.c.day == day,
                _work.c.sender_id == sender_id,
                _work.c.subject.in_(subjects),
                _work.c.state.in_(OPEN_STATES),
            )
            found |= {(kind, day, sender_id, bytes(row[0])) for row in connection.execute(query)}
    return frozenset(found)


def release(
    connection: sa.Connection,
    chunk: Chunk,
    keys: Collection[WorkKey],
    *,
    now_ns: int,
    later_ns: int = 0,
) -> None:
    """Give rows of the chunk back that were not begun: as if they had not been leased, attempt and all.

    `later_ns` is how long nobody shall take them.
    """
    ours = sorted(held(connection, chunk) & set(keys))
    if ours:
        values = {"lease": None, "due_ns": now_ns + later_ns, "attempts": _work.c.attempts - 1}
        _update(connection, ours, state="pending", **values)


def spent(
    connection: sa.Connection, *, now_ns: int, terms: Terms = STANDARD_TERMS, limit: int = 100
) -> list[Work]:
    """Work whose last lease ended without a word: nobody takes it any more. Locked until the transaction ends."""
    query = (
        sa.select(*_KEY, _work.c.attempts)
        .where(sa.text(WORK_OPEN), _work.c.due_ns <= now_ns, _work.c.attempts >= terms.attempts)
        .order_by(*_KEY)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [
        Work(row.kind, row.day, bytes(row.sender_id), bytes(row.subject), row.attempts)
        for row in connection.execute(query)
    ]


def bury(connection: sa.Connection, keys: Collection[WorkKey], *, reason: str, now_ns: int) -> None:
    """Give work up."""
    if keys:
        _update(
            connection,
            sorted(keys),
            state="dead",
            lease=None,
            reason=reason[:LONGEST_REASON],
            finished_ns=now_ns,
        )


def revive(connection: sa.Connection, keys: Collection[WorkKey], *, now_ns: int) -> list[WorkKey]:
    """Let dead work be tried again, from the first attempt. Answers what was really dead."""
    found: list[WorkKey] = []
    for kind in KINDS:
        for (day, sender_id), subjects in _placed(key for key in keys if key[0] == kind).items():
            query = (
                sa.select(_work.c.subject)
                .where(
                    sa.text(WORK_DEAD),
                    _work.c.kind == kind,
                    _work.c.day == day,
                    _work.c.sender_id == sender_id,
                    _work.c.subject.in_(subjects),
                )
                .order_by(_work.c.subject)
                .with_for_update()
            )
            found += [(kind, day, sender_id, bytes(row[0])) for row in connection.execute(query)]
    if found:
        _update(connection, found, state="pending", attempts=0, due_ns=now_ns, priority=0, finished_ns=None)
    return found


def reopen_done(
    connection: sa.Connection,
    place: tuple[str, int, bytes],
    *,
    before_ns: int,
    now_ns: int,
    limit: int,
) -> int:
    """Have done work of one kind, day and sender done again, if it was finished before a moment; at most `limit` rows.

    Its priority puts it behind everything that was never looked at. Answers how many rows.
    """
    kind, day, sender_id = place
    query = (
        sa.select(_work.c.subject)
        .where(
            _work.c.kind == kind,
            _work.c.day == day,
            _work.c.sender_id == sender_id,
            _work.c.state == "done",
            _work.c.finished_ns < before_ns,
        )
        .order_by(_work.c.subject)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = [(kind, day, sender_id, bytes(row[0])) for row in connection.execute(query)]
    if keys:
        _update(
            connection, keys,
            state="pending", attempts=0, due_ns=now_ns, finished_ns=None,
            priority=RECHECK + priority_of(day, clock.epoch_day(now_ns)),
        )  # fmt: skip
    return len(keys)


def days_of(connection: sa.Connection, kind: str, sender_id: bytes, *, first_day: int) -> list[int]:
    """The days, newest first, of which work of this kind and sender is known."""
    last = sa.select(sa.func.max(_work.c.day)).where(_work.c.kind == kind)
    until: int | None = connection.execute(last).scalar()
    if until is None or until < first_day:
        return []
    there = [
        day
        for day in range(first_day, until + 1)
        if connection.execute(
            sa.select(_work.c.day)
            .where(_work.c.kind == kind, _work.c.day == day, _work.c.sender_id == sender_id)
            .limit(1)
        ).first()
    ]
    return there[::-1]
