"""Sessions: traces that belong together because their senders say so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from telemetry.queries.bounds import SenderScope, TimeRange, within
from telemetry.queries.traces import probed_sender
from telemetry.schema import trace_facets, traces

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session during the time asked for. Tokens are None while no call named any."""

    session_id: str
    first_ns: int
    last_ns: int
    trace_count: int
    span_count: int
    error_count: int
    input_tokens: int | None
    output_tokens: int | None


@dataclass(frozen=True, slots=True)
class SessionPage:
    """A page of sessions; `next` is (last_ns, session id) of its last row, None on the last page."""

    rows: tuple[SessionRow, ...]
    next: tuple[int, str] | None


def list_sessions(
    connection: sa.Connection,
    *,
    time: TimeRange,
    senders: SenderScope = None,
    visible: SenderScope = None,
    text: str = "",
    after: tuple[int, str] | None = None,
    limit: int = PAGE_SIZE,
) -> SessionPage:
    """Sessions with a trace that starts in `time`, latest first. One query.

    A trace with spans outside `visible` is left out: its sums would tell of them.
    """
    last = sa.func.max(traces.c.start_ns)
    query = (
        sa.select(traces.c.session_id, *_SUMS, last.label("last_ns"))
        .where(
            traces.c.session_id.is_not(None),
            traces.c.start_ns >= time.start_ns,
            traces.c.start_ns < time.end_ns,
            *_conditions(senders, visible, text),
        )
        .group_by(traces.c.session_id)
        .order_by(last.desc(), traces.c.session_id.desc())
        .limit(limit + 1)
    )
    if after is not None:
        moment, session_id = after
        query = query.having(sa.or_(last < moment, sa.and_(last == moment, traces.c.session_id < session_id)))
    found = [_row(row) for row in connection.execute(query)]
    rows = found[:limit]
    following = (rows[-1].last_ns, rows[-1].session_id) if len(found) > limit else None
    return SessionPage(tuple(rows), following)


_SUMS = (
    sa.func.min(traces.c.start_ns).label("first_ns"),
    sa.func.count().label("trace_count"),
    sa.func.sum(traces.c.span_count).label("span_count"),
    sa.func.sum(traces.c.error_count).label("error_count"),
    sa.func.sum(traces.c.input_tokens).label("input_tokens"),
    sa.func.sum(traces.c.output_tokens).label("output_tokens"),
)


def _conditions(senders: SenderScope, visible: SenderScope, text: str) -> list[sa.ColumnElement[bool]]:
    same = trace_facets.c.trace_id == traces.c.trace_id
    conditions: list[sa.ColumnElement[bool]] = [
        sa.exists().where(same, _inside(scope)) for scope in (senders, visible) if scope is not None
    ]
    if visible is not None:
        conditions.append(~sa.exists().where(same, sa.not_(_inside(visible))))
    if text:
        conditions.append(traces.c.session_id.icontains(text, autoescape=True))
    return conditions


def _inside(scope: SenderScope) -> sa.ColumnElement[bool]:
    return within(scope, sender=probed_sender, moment=trace_facets.c.start_ns)


def _row(row: Any) -> SessionRow:
    return SessionRow(
        session_id=row.session_id,
        first_ns=row.first_ns,
        last_ns=row.last_ns,
        trace_count=row.trace_count,
        span_count=int(row.span_count),
        error_count=int(row.error_count),
        input_tokens=_known(row.input_tokens),
        output_tokens=_known(row.output_tokens),
    )


def _known(value: Any) -> int | None:
    return None if value is None else int(value)
