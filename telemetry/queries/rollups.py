"""What the hourly roll-ups say: traffic over time, what was observed of a set of senders, live or dark.

Dashboards read these and never raw spans, so their cost does not grow with traffic.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry.domain import MODEL_CALLS
from telemetry.queries.bounds import SenderScope, TimeRange, within
from telemetry.schema import rollup_hours, senders

MAX_POINTS = 10_000
MAX_OBSERVED = 200
DARK_AFTER_NS = 24 * clock.NANOSECONDS_PER_HOUR
"""A sender that was silent for a whole day is dark: the platform that is online four hours a day is not."""


class Step(StrEnum):
    HOUR = "hour"
    DAY = "day"


class By(StrEnum):
    """What a series or a list of observed values is split by."""

    SENDER = "sender"
    MODEL = "model"
    KIND = "kind"
    PROVIDER = "provider"
    ENDPOINT = "endpoint"
    CONTENT = "content"


_COLUMNS: dict[By, Any] = {
    By.SENDER: rollup_hours.c.sender_id,
    By.MODEL: rollup_hours.c.model,
    By.KIND: rollup_hours.c.kind,
    By.PROVIDER: rollup_hours.c.provider,
    By.ENDPOINT: rollup_hours.c.endpoint_address,
    By.CONTENT: rollup_hours.c.content_state,
}


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of roll-ups. Tokens are those of the calls that named any; `unmetered` counts the calls that did not."""

    spans: int = 0
    errors: int = 0
    unmetered: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    duration_ns: int = 0


@dataclass(frozen=True, slots=True)
class Point:
    """The totals of one step of time; `bucket` is an epoch hour or day, `group` what it is split by ("" unknown)."""

    bucket: int
    group: str | bytes
    totals: Totals


@dataclass(frozen=True, slots=True)
class Observed:
    """A value that was observed, how often, and in which epoch hours first and last."""

    value: str
    totals: Totals
    first_hour: int
    last_hour: int


_SUMS = (
    sa.func.sum(rollup_hours.c.span_count).label("spans"),
    sa.func.sum(rollup_hours.c.error_count).label("errors"),
    sa.func.sum(rollup_hours.c.unmetered_count).label("unmetered"),
    sa.func.sum(rollup_hours.c.input_tokens).label("input_tokens"),
    sa.func.sum(rollup_hours.c.output_tokens).label("output_tokens"),
    sa.func.sum(rollup_hours.c.duration_ns).label("duration_ns"),
)


def series(
    connection: sa.Connection,
    *,
    time: TimeRange,
    step: Step = Step.HOUR,
    by: By | None = None,
    scope: SenderScope = None,
    model: str | None = None,
) -> list[Point]:
    """Traffic over time, oldest first; steps without traffic are left out."""
    hour = rollup_hours.c.hour
    bucket = hour if step is Step.HOUR else hour - hour % 24
    group = [] if by is None else [_COLUMNS[by]]
    query = (
        sa.select(bucket.label("bucket"), *(column.label("grouped") for column in group), *_SUMS)
        .where(*_during(time, scope))
        .group_by(bucket, *group)
        .order_by(bucket)
        .limit(MAX_POINTS)
    )
    if model is not None:
        query = query.where(rollup_hours.c.model == model)
    width = 24 if step is Step.DAY else 1
    return [
        Point(row.bucket // width, _plain(row.grouped) if group else "", _totals(row))
        for row in connection.execute(query)
    ]


def totals(
    connection: sa.Connection, *, time: TimeRange, scope: SenderScope = None, model: str | None = None
) -> Totals:
    """Everything during `time`, by whole hours."""
    query = sa.select(*_SUMS).where(*_during(time, scope))
    if model is not None:
        query = query.where(rollup_hours.c.model == model)
    return _totals(connection.execute(query).one())


def observed(
    connection: sa.Connection,
    by: By,
    *,
    time: TimeRange,
    scope: SenderScope = None,
    calls_only: bool = False,
    limit: int = MAX_OBSERVED,
) -> list[Observed]:
    """Which values a set of senders showed during `time`, most frequent first; the unknown ("") is left out.

    `calls_only` keeps to spans that call a model, for what only those can say.
    """
    column = _COLUMNS[by]
    query = (
        sa.select(
            column.label("grouped"),
            *_SUMS,
            sa.func.min(rollup_hours.c.hour).label("first_hour"),
            sa.func.max(rollup_hours.c.hour).label("last_hour"),
        )
        .where(*_during(time, scope), column != "")
        .group_by(column)
        .order_by(sa.desc("spans"), column)
        .limit(limit)
    )
    if calls_only:
        query = query.where(rollup_hours.c.kind.in_(sorted(MODEL_CALLS)))
    return [
        Observed(row.grouped, _totals(row), row.first_hour, row.last_hour)
        for row in connection.execute(query)
    ]


def senders_of(
    connection: sa.Connection,
    by: By,
    values: Iterable[str],
    *,
    time: TimeRange,
    scope: SenderScope = None,
    limit: int = MAX_OBSERVED,
) -> list[tuple[bytes, Totals]]:
    """Who showed any of these values (of a model, an endpoint address…) during `time`, most spans first."""
    wanted = sorted(set(values))
    if not wanted:
        return []
    query = (
        sa.select(rollup_hours.c.sender_id, *_SUMS)
        .where(*_during(time, scope), _COLUMNS[by].in_(wanted))
        .group_by(rollup_hours.c.sender_id)
        .order_by(sa.desc("spans"))
        .limit(limit)
    )
    return [(bytes(row.sender_id), _totals(row)) for row in connection.execute(query)]


class Liveness(StrEnum):
    """Whether telemetry comes. `NEVER` is a state of its own: nothing was ever received."""

    LIVE = "live"
    DARK = "dark"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Sign:
    """Liveness with the moment it rests on: the last span received, None where there never was one."""

    state: Liveness
    last_seen_ns: int | None = None


def last_seen(connection: sa.Connection, *, scope: SenderScope = None) -> dict[bytes, int]:
    """When each sender of the scope was last heard, in epoch nanoseconds; those never heard are missing.

    A sender counts for a window only if it spoke after the window opened. What a sender said before the window
    closed is not known from its last word alone, so the close of the window stands in for it.
    """
    query = sa.select(senders.c.sender_id, senders.c.last_seen_ns).limit(MAX_POINTS * 2)
    if scope is not None:
        query = query.where(senders.c.sender_id.in_(sorted({window.sender_id for window in scope})))
    heard = {bytes(row[0]): row[1] for row in connection.execute(query)}
    return heard if scope is None else _clipped(heard, scope)


def _clipped(heard: Mapping[bytes, int], scope: Iterable[Any]) -> dict[bytes, int]:
    clipped: dict[bytes, int] = {}
    for window in scope:
        moment = heard.get(window.sender_id)
        if moment is None or (window.from_ns is not None and moment < window.from_ns):
            continue
        if window.until_ns is not None:
            moment = min(moment, window.until_ns)
        clipped[window.sender_id] = max(moment, clipped.get(window.sender_id, 0))
    return clipped


def sign(moments: Iterable[int], *, now_ns: int, dark_after_ns: int = DARK_AFTER_NS) -> Sign:
    """The liveness of whoever was last heard at these moments."""
    latest = max(moments, default=None)
    if latest is None:
        return Sign(Liveness.NEVER)
    return Sign(Liveness.DARK if now_ns - latest > dark_after_ns else Liveness.LIVE, latest)


def _during(time: TimeRange, scope: SenderScope) -> list[sa.ColumnElement[bool]]:
    first, last = time.hours
    inside = within(
        scope,
        sender=rollup_hours.c.sender_id,
        moment=rollup_hours.c.hour,
        unit_ns=clock.NANOSECONDS_PER_HOUR,
    )
    return [rollup_hours.c.hour.between(first, last), inside]


def _totals(row: Any) -> Totals:
    return Totals(
        spans=int(row.spans or 0),
        errors=int(row.errors or 0),
        unmetered=int(row.unmetered or 0),
        input_tokens=int(row.input_tokens or 0),
        output_tokens=int(row.output_tokens or 0),
        duration_ns=int(row.duration_ns or 0),
    )


def _plain(value: Any) -> str | bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else value
