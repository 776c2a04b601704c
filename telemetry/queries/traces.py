"""The list of traces: filtered, sorted, paged by key, never counted further than it matters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from telemetry.domain import SpanKind
from telemetry.queries.bounds import Count, SenderScope, SenderWindow, TimeRange, bounded_count, within
from telemetry.schema import spans, trace_facets, traces

PAGE_SIZE = 50
COUNT_LIMIT = 10_000
FACETS_PER_TRACE = 12
FEW_FACETS = 4_000
"""Up to this many matching facets, a search starts from them; beyond, it walks the traces and asks each one."""
FEW_FACETS_TO_COUNT = 30_000
"""The same for counting, which cannot stop after a page."""


class TraceSort(StrEnum):
    START = "start"
    DURATION = "duration"
    TOKENS = "tokens"
    SPANS = "spans"


class TraceStatus(StrEnum):
    OK = "ok"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Between:
    """A closed range; an open end is None."""

    low: int | None = None
    high: int | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True, slots=True)
class TraceFilter:
    """Which traces. `senders` is what was asked for, `visible` what the reader may see at all.

    Of a trace that also holds spans outside `visible`, only what is inside is told: see `TraceRow.partial`.
    """

    time: TimeRange
    senders: SenderScope = None
    visible: SenderScope = None
    models: tuple[str, ...] = ()
    status: TraceStatus | None = None
    kind: SpanKind | None = None
    tokens: Between = Between()
    duration_ns: Between = Between()
    text: str = ""
    session_id: str | None = None

    @property
    def asks_totals(self) -> bool:
        """Whether the filter asks about what a partly visible trace keeps to itself."""
        return bool(
            self.tokens or self.duration_ns or self.text or self.status or self.kind or self.session_id
        )


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: what comes after it is the next one."""

    value: int
    trace_id: bytes


@dataclass(frozen=True, slots=True)
class Facet:
    """What one sender did in a trace with one model; the model is None where none was named."""

    sender_id: bytes
    model: str | None
    start_ns: int
    span_count: int


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One trace of a list. Unknown is None; of a `partial` trace, whatever covers foreign spans is None too."""

    trace_id: bytes
    start_ns: int
    duration_ns: int | None
    last_received_ns: int
    span_count: int
    model_call_count: int | None
    error_count: int | None
    input_tokens: int | None
    output_tokens: int | None
    cost_nano_usd: int | None  # of the calls whose cost is known
    unpriced_count: int | None  # calls that used something and have no price
    root_name: str | None
    root_kind: str | None
    session_id: str | None
    facets: tuple[Facet, ...] = ()
    partial: bool = False


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of traces and the way to its neighbours (None: there is none)."""

    rows: tuple[TraceRow, ...]
    next: Cursor | None = None
    previous: Cursor | None = None


_tokens = sa.func.coalesce(traces.c.input_tokens, 0) + sa.func.coalesce(traces.c.output_tokens, 0)
_known_tokens = sa.case(
    (sa.and_(traces.c.input_tokens.is_(None), traces.c.output_tokens.is_(None)), -1), else_=_tokens
)
_duration = traces.c.end_ns - traces.c.start_ns
_sort_columns: dict[TraceSort, Any] = {
    TraceSort.START: traces.c.start_ns,
    TraceSort.DURATION: _duration,
    TraceSort.TOKENS: _known_tokens,
    TraceSort.SPANS: traces.c.span_count,
}


probed_sender = sa.func.coalesce(trace_facets.c.sender_id, sa.literal(b""))
"""The sender of a facet found by its trace: written so that SQLite asks the trace's few facets one by one.

With the bare column it would search the index once per trace and per sender of the scope: nine times slower.
"""


def list_traces(
    connection: sa.Connection,
    wanted: TraceFilter,
    *,
    sort: TraceSort = TraceSort.START,
    descending: bool = True,
    cursor: Cursor | None = None,
    backwards: bool = False,
    limit: int = PAGE_SIZE,
) -> TracePage:
    """The page of traces behind the cursor (before it, if `backwards`). At most five queries, however large the record.

    Sorting or filtering by what a partly visible trace keeps to itself leaves such traces out.
    """
    column = _sort_columns[sort]
    down = descending is not backwards
    query = _matching(connection, wanted, traces.c.trace_id, *_ROW_COLUMNS, column.label("sort_value"))
    if sort is not TraceSort.START:
        query = query.where(_whole(wanted.visible))
    if cursor is not None:
        key, given = sa.tuple_(column, traces.c.trace_id), (cursor.value, cursor.trace_id)
        query = query.where(key < given if down else key > given)
    order = [part.desc() if down else part.asc() for part in (column, traces.c.trace_id)]
    found = connection.execute(query.order_by(*order).limit(limit + 1)).all()
    page = found[:limit][::-1] if backwards else found[:limit]
    rows = complete(connection, [_row(row) for row in page], visible=wanted.visible)
    before, behind = _neighbours(page, more=len(found) > limit, cursor=cursor, backwards=backwards)
    return TracePage(tuple(rows), next=behind, previous=before)


def _neighbours(
    page: Sequence[Any], *, more: bool, cursor: Cursor | None, backwards: bool
) -> tuple[Cursor | None, Cursor | None]:
    """The cursors before and behind a page. Where the reader came from there is always something."""
    if not page:
        return None, None
    came = cursor is not None
    first, last = (Cursor(row.sort_value, bytes(row.trace_id)) for row in (page[0], page[-1]))
    return (first if (more if backwards else came) else None), (
        last if (came if backwards else more) else None
    )


def count_traces(connection: sa.Connection, wanted: TraceFilter, *, limit: int = COUNT_LIMIT) -> Count:
    """How many traces match, counting no further than `limit`."""
    query = _matching(connection, wanted, traces.c.trace_id, few=FEW_FACETS_TO_COUNT)
    return bounded_count(connection, query, limit=limit)


def find_trace(connection: sa.Connection, trace_id: bytes, *, visible: SenderScope = None) -> TraceRow | None:
    """One trace by its id, or None when there is none or none of its spans may be seen."""
    query = sa.select(traces.c.trace_id, *_ROW_COLUMNS).where(traces.c.trace_id == trace_id)
    row = connection.execute(query.where(_seen(visible))).first()
    return complete(connection, [_row(row)], visible=visible)[0] if row else None


_ROW_COLUMNS = (
    traces.c.start_ns,
    _duration.label("duration_ns"),
    traces.c.last_received_ns,
    traces.c.span_count,
    traces.c.model_call_count,
    traces.c.error_count,
    traces.c.input_tokens,
    traces.c.output_tokens,
    traces.c.cost_nano_usd,
    traces.c.unpriced_count,
    traces.c.root_name,
    traces.c.root_kind,
    traces.c.session_id,
)


def _row(row: Any) -> TraceRow:
    return TraceRow(
        trace_id=bytes(row.trace_id),
        start_ns=row.start_ns,
        duration_ns=row.duration_ns,
        last_received_ns=row.last_received_ns,
        span_count=row.span_count,
        model_call_count=row.model_call_count,
        error_count=row.error_count,
        input_tokens=row.input_tokens,
        output_tokens=row.output_tokens,
        cost_nano_usd=row.cost_nano_usd,
        unpriced_count=row.unpriced_count,
        root_name=row.root_name,
        root_kind=row.root_kind,
        session_id=row.session_id,
    )


def _matching(
    connection: sa.Connection, wanted: TraceFilter, *columns: Any, few: int = FEW_FACETS
) -> sa.Select[Any]:
    conditions = [
        traces.c.start_ns >= wanted.time.start_ns,
        traces.c.start_ns < wanted.time.end_ns,
        *_own_conditions(wanted),
    ]
    if wanted.asks_totals:
        conditions.append(_whole(wanted.visible))
    if wanted.senders is not None or wanted.models:
        conditions.append(_by_facets(connection, wanted, few))
    elif wanted.visible is not None and not wanted.asks_totals:
        conditions.append(_seen(wanted.visible))
    return sa.select(*columns).where(*conditions)


def _own_conditions(wanted: TraceFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.status is not None:
        failed = traces.c.error_count > 0
        conditions.append(failed if wanted.status is TraceStatus.ERROR else sa.not_(failed))
    if wanted.kind is not None:
        conditions.append(traces.c.root_kind == wanted.kind.value)
    if wanted.session_id is not None:
        conditions.append(traces.c.session_id == wanted.session_id)
    if wanted.text:
        conditions.append(traces.c.root_name.icontains(wanted.text, autoescape=True))
    return conditions + _between(_known_tokens, wanted.tokens) + _between(_duration, wanted.duration_ns)


def _between(column: Any, bounds: Between) -> list[sa.ColumnElement[bool]]:
    conditions = [column >= max(bounds.low or 0, 0)] if bounds else []
    if bounds.high is not None:
        conditions.append(column <= bounds.high)
    return conditions


def _by_facets(connection: sa.Connection, wanted: TraceFilter, few: int) -> sa.ColumnElement[bool]:
    """Few matching facets: start from them. Many: walk the traces and ask each one.

    The planner of neither engine sees which of the two is cheap under a LIMIT; counting up to a few thousand index
    entries does.
    """
    facets = _facet_conditions(wanted, trace_facets.c.sender_id)
    # A sender speaks at the start of its trace or after it, so the lower bound holds for facets as well.
    candidates = sa.select(trace_facets.c.trace_id).where(
        *facets, trace_facets.c.start_ns >= wanted.time.start_ns
    )
    if bounded_count(connection, candidates, limit=few).exact:
        return traces.c.trace_id.in_(candidates)
    probes = _facet_conditions(wanted, probed_sender)
    return sa.exists().where(trace_facets.c.trace_id == traces.c.trace_id, *probes)


def _facet_conditions(wanted: TraceFilter, sender: Any) -> list[sa.ColumnElement[bool]]:
    conditions = [
        within(scope, sender=sender, moment=trace_facets.c.start_ns)
        for scope in (wanted.senders, wanted.visible)
        if scope is not None
    ]
    if wanted.models:
        conditions.append(trace_facets.c.model.in_(wanted.models))
    return conditions


def _seen(visible: SenderScope) -> sa.ColumnElement[bool]:
    if visible is None:
        return sa.true()
    inside = within(visible, sender=probed_sender, moment=trace_facets.c.start_ns)
    return sa.exists().where(trace_facets.c.trace_id == traces.c.trace_id, inside)


def _whole(visible: SenderScope) -> sa.ColumnElement[bool]:
    """True for traces without any span outside the scope."""
    if visible is None:
        return sa.true()
    inside = within(visible, sender=probed_sender, moment=trace_facets.c.start_ns)
    return ~sa.exists().where(trace_facets.c.trace_id == traces.c.trace_id, sa.not_(inside))


def complete(connection: sa.Connection, rows: Sequence[TraceRow], *, visible: SenderScope) -> list[TraceRow]:
    """The rows with their facets, and with what the reader may not see taken out. Two or three queries."""
    if not rows:
        return []
    facets = _facets_of(connection, [row.trace_id for row in rows], visible)
    rows = [replace(row, facets=tuple(facets.get(row.trace_id, ()))) for row in rows]
    return rows if visible is None else _without_foreign(connection, rows, visible)


def _facets_of(
    connection: sa.Connection, trace_ids: Sequence[bytes], visible: SenderScope
) -> dict[bytes, list[Facet]]:
    rank = sa.func.row_number().over(
        partition_by=trace_facets.c.trace_id, order_by=[trace_facets.c.start_ns, trace_facets.c.model]
    )
    ranked = (
        sa.select(trace_facets, rank.label("rank"))
        .where(
            trace_facets.c.trace_id.in_(trace_ids),
            within(visible, sender=probed_sender, moment=trace_facets.c.start_ns),
        )
        .subquery()
    )
    query = (
        sa.select(ranked).where(ranked.c.rank <= FACETS_PER_TRACE).order_by(ranked.c.trace_id, ranked.c.rank)
    )
    found: dict[bytes, list[Facet]] = {}
    for row in connection.execute(query):
        facet = Facet(bytes(row.sender_id), row.model or None, row.start_ns, row.span_count)
        found.setdefault(bytes(row.trace_id), []).append(facet)
    return found


def _without_foreign(
    connection: sa.Connection, rows: Sequence[TraceRow], visible: tuple[SenderWindow, ...]
) -> list[TraceRow]:
    inside = within(visible, sender=probed_sender, moment=trace_facets.c.start_ns)
    own = sa.func.sum(sa.case((inside, trace_facets.c.span_count), else_=0))
    query = (
        sa.select(
            trace_facets.c.trace_id, own.label("own"), sa.func.sum(trace_facets.c.span_count).label("all")
        )
        .where(trace_facets.c.trace_id.in_([row.trace_id for row in rows]))
        .group_by(trace_facets.c.trace_id)
    )
    counts = {bytes(row.trace_id): (int(row.own), int(row.all)) for row in connection.execute(query)}
    partial = {trace_id for trace_id, (own_count, all_count) in counts.items() if own_count < all_count}
    roots = _visible_roots(connection, partial, visible)
    return [
        _masked(row, counts[row.trace_id][0], root=roots.get(row.trace_id))
        if row.trace_id in partial
        else row
        for row in rows
    ]


def _visible_roots(
    connection: sa.Connection, trace_ids: set[bytes], visible: tuple[SenderWindow, ...]
) -> dict[bytes, Any]:
    """The first steps themselves: the trace's own row also holds what foreign spans said, its session for one."""
    if not trace_ids:
        return {}
    query = (
        sa.select(traces.c.trace_id, spans.c.duration_ns, spans.c.name, spans.c.kind, spans.c.session_id)
        .join(spans, sa.and_(spans.c.trace_id == traces.c.trace_id, spans.c.span_id == traces.c.root_span_id))
        .where(
            traces.c.trace_id.in_(trace_ids),
            within(visible, sender=spans.c.sender_id, moment=spans.c.start_ns),
        )
    )
    return {bytes(row.trace_id): row for row in connection.execute(query)}


def _masked(row: TraceRow, own_spans: int, *, root: Any) -> TraceRow:
    return replace(
        row,
        partial=True,
        span_count=own_spans,
        duration_ns=root.duration_ns if root else None,
        model_call_count=None,
        error_count=None,
        input_tokens=None,
        output_tokens=None,
        cost_nano_usd=None,
        unpriced_count=None,
        root_name=root.name if root else None,
        root_kind=root.kind if root else None,
        session_id=root.session_id if root else None,
    )


def sender_ids_of(connection: sa.Connection, trace_id: bytes, *, limit: int = 1_000) -> list[bytes]:
    """The senders that have a span in a trace."""
    query = (
        sa.select(trace_facets.c.sender_id).where(trace_facets.c.trace_id == trace_id).distinct().limit(limit)
    )
    return [bytes(sender_id) for sender_id in connection.execute(query).scalars()]


def trace_extent(connection: sa.Connection, trace_id: bytes) -> TimeRange | None:
    """The time from a trace's first start to its last end, whoever may see it; None when there is no such trace."""
    query = sa.select(traces.c.start_ns, traces.c.end_ns).where(traces.c.trace_id == trace_id)
    row = connection.execute(query).first()
    return TimeRange(row.start_ns, max(row.end_ns, row.start_ns) + 1) if row else None


def traces_beginning_with(
    connection: sa.Connection, prefix: bytes, *, visible: SenderScope = None, limit: int = 6
) -> list[TraceRow]:
    """Traces whose id begins with some bytes, by id: for people who type an id by hand."""
    query = (
        sa.select(traces.c.trace_id, *_ROW_COLUMNS)
        .where(
            traces.c.trace_id >= prefix.ljust(16, b"\x00"),
            traces.c.trace_id <= prefix.ljust(16, b"\xff"),
            _seen(visible),
        )
        .order_by(traces.c.trace_id)
        .limit(limit)
    )
    return complete(connection, [_row(row) for row in connection.execute(query)], visible=visible)
