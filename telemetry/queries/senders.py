"""Who sends: what they call themselves, since when, how much, from how many devices, with which models."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from kernel.contracts.ingest import SenderIdentity
from telemetry.queries.bounds import TimeRange
from telemetry.schema import rollup_hours, sender_devices, senders

MAX_SENDERS = 20_000
"""A thousand per key is the receiver's own limit; twenty full keys are read at once and no more."""


class SenderSort(StrEnum):
    LAST_SEEN = "last_seen"
    FIRST_SEEN = "first_seen"
    SPANS = "spans"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class SenderRow:
    """A sender as the record knows it. Empty text where telemetry said nothing."""

    sender_id: bytes
    identity: SenderIdentity
    hints: dict[str, Any]
    first_seen_ns: int
    last_seen_ns: int
    span_count: int
    flags: tuple[str, ...]


def list_senders(connection: sa.Connection, *, limit: int = MAX_SENDERS) -> list[SenderRow]:
    """The senders, last seen first, no more than `limit`."""
    query = sa.select(senders).order_by(senders.c.last_seen_ns.desc(), senders.c.sender_id).limit(limit)
    return [_row(row) for row in connection.execute(query)]


def every_identity(
    connection: sa.Connection, *, at_once: int = 5_000
) -> Iterator[list[tuple[bytes, SenderIdentity]]]:
    """All senders there are, in parts, by id: for what must miss none."""
    last = b""
    while True:
        query = (
            sa.select(senders).where(senders.c.sender_id > last).order_by(senders.c.sender_id).limit(at_once)
        )
        part = [_row(row) for row in connection.execute(query)]
        if not part:
            return
        yield [(row.sender_id, row.identity) for row in part]
        last = part[-1].sender_id


def find_senders(connection: sa.Connection, sender_ids: Iterable[bytes]) -> dict[bytes, SenderRow]:
    """Some senders by id; the unknown ones are missing from the answer."""
    wanted = sorted(set(sender_ids))
    if not wanted:
        return {}
    query = sa.select(senders).where(senders.c.sender_id.in_(wanted))
    return {bytes(row.sender_id): _row(row) for row in connection.execute(query)}


def sorted_senders(rows: Iterable[SenderRow], *, sort: SenderSort, descending: bool) -> list[SenderRow]:
    """Senders in order; ties by id, so that pages do not shuffle."""
    keys: dict[SenderSort, Any] = {
        SenderSort.LAST_SEEN: lambda row: row.last_seen_ns,
        SenderSort.FIRST_SEEN: lambda row: row.first_seen_ns,
        SenderSort.SPANS: lambda row: row.span_count,
        SenderSort.NAME: lambda row: (row.identity.service_namespace, row.identity.service_name),
    }
    key = keys[sort]
    return sorted(rows, key=lambda row: (key(row), row.sender_id), reverse=descending)


def _row(row: Any) -> SenderRow:
    return SenderRow(
        sender_id=bytes(row.sender_id),
        identity=SenderIdentity(
            key_id=bytes(row.key_id),
            service_namespace=row.service_namespace,
            service_name=row.service_name,
            environment=row.environment,
            place=row.place,
            claimed_deployment=row.claimed_deployment,
        ),
        hints=_object(row.hints),
        first_seen_ns=row.first_seen_ns,
        last_seen_ns=row.last_seen_ns,
        span_count=row.span_count,
        flags=_words(row.flags),
    )


def device_counts(connection: sa.Connection, sender_ids: Sequence[bytes]) -> dict[bytes, int]:
    """How many devices were counted inside each sender; a sender that names none is missing from the answer."""
    if not sender_ids:
        return {}
    query = (
        sa.select(sender_devices.c.sender_id, sa.func.count())
        .where(sender_devices.c.sender_id.in_(sender_ids))
        .group_by(sender_devices.c.sender_id)
    )
    return {bytes(row[0]): row[1] for row in connection.execute(query)}


def models_by_sender(
    connection: sa.Connection, sender_ids: Sequence[bytes], *, time: TimeRange, limit: int = 5_000
) -> dict[bytes, list[str]]:
    """The models each sender named during `time`, most used first."""
    if not sender_ids:
        return {}
    first, last = time.hours
    used = sa.func.sum(rollup_hours.c.span_count)
    query = (
        sa.select(rollup_hours.c.sender_id, rollup_hours.c.model)
        .where(
            rollup_hours.c.sender_id.in_(sender_ids),
            rollup_hours.c.hour.between(first, last),
            rollup_hours.c.model != "",
        )
        .group_by(rollup_hours.c.sender_id, rollup_hours.c.model)
        .order_by(used.desc(), rollup_hours.c.model)
        .limit(limit)
    )
    found: dict[bytes, list[str]] = defaultdict(list)
    for sender_id, model in connection.execute(query):
        found[bytes(sender_id)].append(model)
    return dict(found)


def spans_by_sender(
    connection: sa.Connection, *, time: TimeRange, sender_ids: Sequence[bytes] | None = None
) -> dict[bytes, int]:
    """Spans stored per sender during `time`, by whole hours; all senders where `sender_ids` is None."""
    first, last = time.hours
    query = (
        sa.select(rollup_hours.c.sender_id, sa.func.sum(rollup_hours.c.span_count))
        .where(rollup_hours.c.hour.between(first, last))
        .group_by(rollup_hours.c.sender_id)
        .limit(MAX_SENDERS)
    )
    if sender_ids is not None:
        query = query.where(rollup_hours.c.sender_id.in_(sender_ids))
    return {bytes(row[0]): int(row[1]) for row in connection.execute(query)}


def _object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _words(text: str) -> tuple[str, ...]:
    try:
        value = json.loads(text)
    except ValueError:
        return ()
    return tuple(str(item) for item in value) if isinstance(value, list) else ()
