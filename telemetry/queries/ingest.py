"""The accounts of ingest: received = stored + duplicate + rejected, per minute and key, and why."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from telemetry.queries.bounds import SenderScope, TimeRange, within
from telemetry.schema import ingest_minutes, ingest_rejections, spans_aside

UNKNOWN_KEY = bytes(16)
"""The key id of requests whose key is unknown."""

MAX_ACCOUNTS = 2_000
MAX_POINTS = 5_000
MAX_REJECTIONS = 500


class Width(StrEnum):
    """The width of a step in a series of accounts."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


_MINUTES = {Width.MINUTE: 1, Width.HOUR: 60, Width.DAY: 1440}


@dataclass(frozen=True, slots=True)
class Account:
    """What became of what was received: spans or log records, and in how many requests."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    differing: int = 0
    requests: int = 0

    @property
    def missing(self) -> int:
        """What the account does not explain. Anything but zero is a defect, and is shown as one."""
        return self.received - self.stored - self.duplicate - self.rejected


@dataclass(frozen=True, slots=True)
class KeyAccount:
    key_id: bytes
    signal: str
    account: Account
    last_minute: int


@dataclass(frozen=True, slots=True)
class AccountPoint:
    """The account of one step; `bucket` counts steps since the epoch."""

    bucket: int
    account: Account


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why something was not stored: how much of it, when last, and one example in words, without content."""

    key_id: bytes
    signal: str
    reason: str
    items: int
    requests: int
    first_minute: int
    last_minute: int
    sample: str


@dataclass(frozen=True, slots=True)
class AsideRow:
    """A span that lies outside the time window: kept, counted, never filed under today. Its start is decimal text."""

    trace_id: bytes
    span_id: bytes
    sender_id: bytes
    reason: str
    start_ns: str
    received_ns: int


_SUMS = tuple(
    sa.func.sum(ingest_minutes.c[name]).label(name)
    for name in ("received", "stored", "duplicate", "rejected", "differing", "requests")
)


def accounts_by_key(
    connection: sa.Connection, *, time: TimeRange, key_ids: Sequence[bytes] | None = None
) -> list[KeyAccount]:
    """The account of each key and signal during `time`, busiest first. `key_ids` None means every key."""
    query = (
        sa.select(
            ingest_minutes.c.key_id,
            ingest_minutes.c.signal,
            *_SUMS,
            sa.func.max(ingest_minutes.c.minute).label("last_minute"),
        )
        .where(*_during(ingest_minutes, time, key_ids))
        .group_by(ingest_minutes.c.key_id, ingest_minutes.c.signal)
        .order_by(sa.desc("received"), ingest_minutes.c.key_id)
        .limit(MAX_ACCOUNTS)
    )
    return [
        KeyAccount(bytes(row.key_id), row.signal, _account(row), row.last_minute)
        for row in connection.execute(query)
    ]


def account(connection: sa.Connection, *, time: TimeRange, key_ids: Sequence[bytes] | None = None) -> Account:
    """One account over everything during `time`."""
    query = sa.select(*_SUMS).where(*_during(ingest_minutes, time, key_ids))
    return _account(connection.execute(query).one())


def account_series(
    connection: sa.Connection,
    *,
    time: TimeRange,
    width: Width,
    key_ids: Sequence[bytes] | None = None,
) -> list[AccountPoint]:
    """Accounts over time, oldest first; steps in which nothing came are left out."""
    minutes = _MINUTES[width]
    start = ingest_minutes.c.minute - ingest_minutes.c.minute % minutes
    query = (
        sa.select(start.label("start"), *_SUMS)
        .where(*_during(ingest_minutes, time, key_ids))
        .group_by(start)
        .order_by(start)
        .limit(MAX_POINTS)
    )
    return [AccountPoint(row.start // minutes, _account(row)) for row in connection.execute(query)]


def rejections(
    connection: sa.Connection, *, time: TimeRange, key_ids: Sequence[bytes] | None = None
) -> list[Rejection]:
    """Why things were not stored, by key, signal and reason, most first, each with its latest sample. Two queries."""
    grouped = (ingest_rejections.c.key_id, ingest_rejections.c.signal, ingest_rejections.c.reason)
    query = (
        sa.select(
            *grouped,
            sa.func.sum(ingest_rejections.c["items"]).label("total_items"),
            sa.func.sum(ingest_rejections.c.requests).label("total_requests"),
            sa.func.min(ingest_rejections.c.minute).label("first_minute"),
            sa.func.max(ingest_rejections.c.minute).label("last_minute"),
        )
        .where(*_during(ingest_rejections, time, key_ids))
        .group_by(*grouped)
        .order_by(sa.desc("total_items"), sa.desc("total_requests"), *grouped)
        .limit(MAX_REJECTIONS)
    )
    rows = connection.execute(query).all()
    samples = _samples(connection, rows)
    return [
        Rejection(
            key_id=bytes(row.key_id),
            signal=row.signal,
            reason=row.reason,
            items=int(row.total_items),
            requests=int(row.total_requests),
            first_minute=row.first_minute,
            last_minute=row.last_minute,
            sample=samples.get((row.last_minute, bytes(row.key_id), row.signal, row.reason), ""),
        )
        for row in rows
    ]


def _samples(connection: sa.Connection, rows: Sequence[Any]) -> dict[tuple[int, bytes, str, str], str]:
    if not rows:
        return {}
    table = ingest_rejections.c
    query = sa.select(table.minute, table.key_id, table.signal, table.reason, table.sample).where(
        table.minute.in_({row.last_minute for row in rows}), table.key_id.in_({row.key_id for row in rows})
    )
    return {
        (row.minute, bytes(row.key_id), row.signal, row.reason): sample_text(row.sample)
        for row in connection.execute(query)
    }


def sample_text(text: str) -> str:
    """A stored sample as one line of words: JSON text, or the values of a JSON object by name."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if isinstance(value, dict):
        return ", ".join(f"{name}: {inner}" for name, inner in value.items())
    return "" if value is None else str(value)


def aside(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None, limit: int = 100
) -> list[AsideRow]:
    """Spans put aside that were received during `time`, latest first."""
    query = (
        sa.select(
            spans_aside.c.trace_id,
            spans_aside.c.span_id,
            spans_aside.c.sender_id,
            spans_aside.c.reason,
            spans_aside.c.start_ns,
            spans_aside.c.received_ns,
        )
        .where(
            spans_aside.c.received_ns >= time.start_ns,
            spans_aside.c.received_ns < time.end_ns,
            within(visible, sender=spans_aside.c.sender_id, moment=spans_aside.c.received_ns),
        )
        .order_by(spans_aside.c.received_ns.desc(), spans_aside.c.span_id)
        .limit(limit)
    )
    return [
        AsideRow(
            bytes(row.trace_id),
            bytes(row.span_id),
            bytes(row.sender_id),
            row.reason,
            row.start_ns,
            row.received_ns,
        )
        for row in connection.execute(query)
    ]


def _during(
    table: sa.Table, time: TimeRange, key_ids: Sequence[bytes] | None
) -> list[sa.ColumnElement[bool]]:
    first, last = time.minutes
    conditions: list[sa.ColumnElement[bool]] = [table.c.minute.between(first, last)]
    if key_ids is not None:
        conditions.append(table.c.key_id.in_(sorted(key_ids)))
    return conditions


def _account(row: Any) -> Account:
    return Account(
        received=int(row.received or 0),
        stored=int(row.stored or 0),
        duplicate=int(row.duplicate or 0),
        rejected=int(row.rejected or 0),
        differing=int(row.differing or 0),
        requests=int(row.requests or 0),
    )
