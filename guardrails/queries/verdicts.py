"""The list of verdicts on groundedness, with the model that answered."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from guardrails.queries.paging import Slice, page
from kernel import clock
from telemetry.queries.bounds import Count, SenderScope, TimeRange, bounded_count, within
from telemetry.schema import spans, verdicts

PAGE_SIZE = 50


class VerdictSort(StrEnum):
    CHECKED = "checked"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class VerdictFilter:
    """What the list is asked for. `time` is when the answers began, by whole hours; empty means any."""

    time: TimeRange
    visible: SenderScope = None
    senders: SenderScope = None
    outcomes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shadow: bool | None = None


@dataclass(frozen=True, slots=True)
class VerdictLine:
    """One verdict. `model` and `name` are None where the span is no longer kept."""

    day: int
    trace_id: bytes
    span_id: bytes
    sender_id: bytes
    engine_version: str
    outcome: str
    reason: str | None
    score: float | None
    shadow: bool
    language: str | None
    hour: int
    checked_ns: int
    model: str | None
    name: str | None


_JOINED = verdicts.outerjoin(
    spans, sa.and_(*(verdicts.c[name] == spans.c[name] for name in ("day", "trace_id", "span_id")))
)
_COLUMNS = (
    verdicts.c.day, verdicts.c.trace_id, verdicts.c.span_id, verdicts.c.sender_id, verdicts.c.engine_version,
    verdicts.c.outcome, verdicts.c.reason, verdicts.c.score, verdicts.c.shadow, verdicts.c.language, verdicts.c.hour,
    verdicts.c.checked_ns, spans.c.model, spans.c.name,
)  # fmt: skip
_SORTS: dict[VerdictSort, Any] = {
    VerdictSort.CHECKED: verdicts.c.checked_ns,
    VerdictSort.SCORE: sa.func.coalesce(verdicts.c.score, -1.0),
}


def list_verdicts(
    connection: sa.Connection,
    wanted: VerdictFilter,
    *,
    sort: VerdictSort = VerdictSort.CHECKED,
    descending: bool = True,
    cursor: str | None = None,
    backwards: bool = False,
    limit: int = PAGE_SIZE,
) -> Slice[VerdictLine]:
    """A page of verdicts. One query."""
    return page(
        connection,
        sa.select(*_COLUMNS).select_from(_JOINED).where(*_matching(wanted)),
        key=(_SORTS[sort], verdicts.c.day, verdicts.c.trace_id, verdicts.c.span_id, verdicts.c.input_digest),
        row=_line,
        descending=descending,
        cursor=cursor,
        backwards=backwards,
        limit=limit,
    )


def count_verdicts(connection: sa.Connection, wanted: VerdictFilter, *, limit: int) -> Count:
    """How many verdicts match, counting no further than `limit`."""
    source = _JOINED if wanted.models else verdicts
    query = sa.select(verdicts.c.day).select_from(source).where(*_matching(wanted))
    return bounded_count(connection, query, limit=limit)


def _matching(wanted: VerdictFilter) -> list[sa.ColumnElement[bool]]:
    first, last = wanted.time.hours
    conditions: list[sa.ColumnElement[bool]] = [
        verdicts.c.day.between(first // 24, last // 24),
        verdicts.c.hour.between(first, last),
        *(
            within(
                scope, sender=verdicts.c.sender_id, moment=verdicts.c.hour, unit_ns=clock.NANOSECONDS_PER_HOUR
            )
            for scope in (wanted.visible, wanted.senders)
            if scope is not None
        ),
    ]
    if wanted.outcomes:
        conditions.append(verdicts.c.outcome.in_(wanted.outcomes))
    if wanted.models:
        conditions.append(spans.c.model.in_(wanted.models))
    if wanted.languages:
        conditions.append(verdicts.c.language.in_(wanted.languages))
    if wanted.shadow is not None:
        conditions.append(verdicts.c.shadow == wanted.shadow)
    return conditions


def _line(row: Any) -> VerdictLine:
    values = list(row)[: len(_COLUMNS)]
    values[1], values[2], values[3] = bytes(values[1]), bytes(values[2]), bytes(values[3])
    values[8] = bool(values[8])
    return VerdictLine(*values)
