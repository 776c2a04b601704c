"""Content that came after its span: written beside the span, whose own row and digest never change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.domain import ContentState, MessageRow, Reason, Signal
from telemetry.pricing.owners import Key, Verdict, key_of, owns_by_default
from telemetry.store import calls, sums
from telemetry.store.batch import Counts, LateLog, Refusal, Tally
from telemetry.store.bulk import Bulk
from telemetry.store.logs import forget_waiting
from telemetry.store.queueing import queue_generations, reopen
from telemetry.store.upserts import upsert_values

_logs = schema.span_logs


def attach(connection: sa.Connection, bulk: Bulk, late: Sequence[LateLog], *, now_ns: int) -> int:
    """Write late content and let its records wait no longer. Answers how many this process attached.

    Deleting the waiting row decides: of two processes that attach the same record, one finds it gone.
    """
    mine = [log for log in sorted(late, key=_place) if _claim(connection, log)]
    shown_before = _spans_with_content(connection, mine)
    _insert_messages(connection, bulk, mine, now_ns=now_ns)
    if mine:
        connection.execute(sa.insert(_logs), [_row(log, now_ns=now_ns) for log in mine])
        calls.one_at_a_time(connection)
        _reopen_traces(connection, mine, now_ns=now_ns)
        _queue(connection, mine, now_ns=now_ns)
        states = calls.states_of(connection, {log.span["trace_id"] for log in mine})
        upsert_values(connection, schema.rollup_hours, _moves(mine, shown_before, states))
    return len(mine)


def _place(log: LateLog) -> tuple[bytes, bytes, bytes]:
    return log.span["trace_id"], log.span["span_id"], log.log_digest


def _claim(connection: sa.Connection, log: LateLog) -> bool:
    return forget_waiting(connection, [_place(log)]) == 1


def _row(log: LateLog, *, now_ns: int) -> dict[str, Any]:
    names = ("day", "trace_id", "span_id", "sender_id")
    return {name: log.span[name] for name in names} | {
        "log_digest": log.log_digest,
        "received_ns": now_ns,
        "joined": "late",
        "content_state": log.content_state.value,
        "content": log.content,
        "digest": log.digest,
    }


def _insert_messages(connection: sa.Connection, bulk: Bulk, late: Sequence[LateLog], *, now_ns: int) -> None:
    rows: dict[tuple[int, bytes, bytes], MessageRow] = {}
    for log in late:
        for row in log.messages:
            rows.setdefault((row.day, row.sender_id, row.message_id), row)
    if rows:
        bulk.insert_messages(connection, [rows[key] for key in sorted(rows)], now_ns=now_ns)


def _reopen_traces(connection: sa.Connection, late: Sequence[LateLog], *, now_ns: int) -> None:
    for trace_id in sorted({log.span["trace_id"] for log in late}):
        connection.execute(
            sa.update(schema.traces)
            .where(schema.traces.c.trace_id == trace_id)
            .values(last_received_ns=now_ns)
        )


def _queue(connection: sa.Connection, late: Sequence[LateLog], *, now_ns: int) -> None:
    """As if the spans had come with what their records said."""
    spans = [log.span | {"content": log.content, "content_state": log.content_state.value} for log in late]
    queue_generations(connection, spans, now_ns=now_ns)
    reopen(connection, spans, now_ns=now_ns)


def _spans_with_content(connection: sa.Connection, late: Sequence[LateLog]) -> set[tuple[bytes, bytes]]:
    """Spans that an earlier late record has moved already."""
    keys = sorted({(log.span["trace_id"], log.span["span_id"]) for log in late})
    place = (_logs.c.trace_id, _logs.c.span_id)
    rows = connection.execute(
        sa.select(*place).where(sa.tuple_(*place).in_(keys), _logs.c.content_state.is_not(None))
    )
    return {(row[0], row[1]) for row in rows}


def _moves(
    late: Sequence[LateLog], shown_before: set[tuple[bytes, bytes]], states: Mapping[Key, Verdict]
) -> list[sums.Values]:
    """Signed roll-up rows that take a span out of “not captured” and put it where its late content belongs."""
    moved = set(shown_before)
    added: list[sums.Numbers] = []
    for log in late:
        key = (log.span["trace_id"], log.span["span_id"])
        unmoved = log.span["content_state"] == ContentState.NOT_CAPTURED and key not in moved
        if unmoved and log.content_state is not ContentState.NOT_CAPTURED:
            moved.add(key)
            state = states.get(key_of(log.span))
            numbers = sums.rollup_sums(
                log.span, owns=owns_by_default(log.span) if state is None else state.owns
            )
            there = sums.rollup_key(log.span | {"content_state": log.content_state.value})
            added.append((sums.rollup_key(log.span), tuple(-number for number in numbers)))
            added.append((there, numbers))
    return sums.added_up(added)


def expired_tally(expired: Sequence[tuple[bytes, int]]) -> Tally:
    """The accounts of records that waited in vain: what was counted stored becomes rejected, in the same minute."""
    tally = Tally()
    for key_id, received_ns in expired:
        minute = clock.epoch_minute(received_ns)
        counts = tally.minutes.setdefault((minute, key_id, Signal.LOGS), Counts())
        counts.stored -= 1
        counts.rejected += 1
        refusal = Refusal(items=1, sample="no span came for this log record within a day")
        tally.refuse((minute, key_id, Signal.LOGS, Reason.SPAN_NEVER_CAME), refusal)
    return tally
