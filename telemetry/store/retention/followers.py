"""What only makes sense beside messages or spans, and goes after them."""

from __future__ import annotations

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.store.retention.batches import delete
from telemetry.store.store import Store

_spans, _messages = schema.spans, schema.messages


def after_content(store: Store, before_day: int) -> int:
    """The keys of days whose messages are all gone: ids can no longer be recomputed, waiting text no longer be read.

    And the work that waited for them.
    """
    keys, work = schema.content_keys, schema.check_work
    return delete(
        store, keys, sa.and_(keys.c.day < before_day, ~_message_of(keys.c.day, keys.c.sender_id))
    ) + delete(
        store,
        work,
        sa.and_(
            work.c.day < before_day, work.c.kind == "message", ~_message_of(work.c.day, work.c.sender_id)
        ),
    )


def after_spans(store: Store, before_day: int) -> int:
    """Log entries, verdicts, witnesses of spans that are gone; findings of senders' days; traces without a span."""
    beside = (schema.span_logs, schema.verdicts, schema.call_witnesses)
    rows = sum(delete(store, table, sa.and_(table.c.day < before_day, ~_span_of(table))) for table in beside)
    rows += sum(
        delete(store, table, sa.and_(table.c.day < before_day, ~_spoke(table.c.day, table.c.sender_id)))
        for table in (schema.findings, schema.scans)
    )
    work = schema.check_work
    rows += delete(
        store, work, sa.and_(work.c.kind == "trace", work.c.day < before_day, ~_any_span(work.c.subject))
    )
    before_ns = before_day * clock.NANOSECONDS_PER_DAY
    facets, traces = schema.trace_facets, schema.traces
    rows += delete(store, facets, sa.and_(facets.c.start_ns < before_ns, ~_any_span(facets.c.trace_id)))
    return rows + delete(store, traces, sa.and_(traces.c.end_ns < before_ns, ~_any_span(traces.c.trace_id)))


def _message_of(day: sa.Column[int], sender_id: sa.Column[bytes]) -> sa.Exists:
    return sa.exists().where(_messages.c.day == day, _messages.c.sender_id == sender_id)


def _span_of(table: sa.Table) -> sa.Exists:
    return sa.exists().where(
        _spans.c.day == table.c.day,
        _spans.c.trace_id == table.c.trace_id,
        _spans.c.span_id == table.c.span_id,
    )


def _spoke(day: sa.Column[int], sender_id: sa.Column[bytes]) -> sa.Exists:
    """Whether any span of this sender and day is left; asked by the index on sender and start."""
    start = sa.cast(day, sa.BigInteger) * clock.NANOSECONDS_PER_DAY
    return sa.exists().where(
        _spans.c.sender_id == sender_id,
        _spans.c.start_ns >= start,
        _spans.c.start_ns < start + clock.NANOSECONDS_PER_DAY,
    )


def _any_span(trace_id: sa.Column[bytes]) -> sa.Exists:
    return sa.exists().where(_spans.c.trace_id == trace_id)
