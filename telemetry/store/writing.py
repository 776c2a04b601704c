"""One transaction for many requests: spans and what they name, then every sum over what was really inserted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

import orjson
import sqlalchemy as sa

from telemetry import schema
from telemetry.content import distinct_messages
from telemetry.domain import RecordedSpan
from telemetry.pricing.owners import key_of
from telemetry.store import calls, sums
from telemetry.store.batch import Batch, Counts, JoinedLog, SpanKey, Tally
from telemetry.store.bulk import Bulk
from telemetry.store.logs import insert_joined, insert_waiting, with_logs
from telemetry.store.queueing import queue_traces
from telemetry.store.upserts import insert_new, upsert, upsert_values

MAX_SAMPLE_CHARACTERS = 200


@dataclass(slots=True)
class Written:
    """What a group of requests came to."""

    inserted: list[RecordedSpan] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


_key_of = itemgetter("day", "trace_id", "span_id")


def span_key(span: RecordedSpan) -> SpanKey:
    """What a span is known by."""
    key: SpanKey = _key_of(span.columns)
    return key


def prepare(bulk: Bulk, batches: Sequence[Batch]) -> None:
    """What must be done before the transaction."""
    bulk.prepare([span.columns for batch in batches for span in batch.spans])


def write(
    connection: sa.Connection, bulk: Bulk, batches: Sequence[Batch], *, refused: Tally, now_ns: int
) -> Written:
    """Write the requests and their accounts. The caller owns the transaction.

    Tables are written in one fixed order and rows in the order of their keys, in every process.
    """
    written = Written()
    written.tally.merge(refused)
    first = _first_of_each(batches)
    present = bulk.insert_spans(connection, [span.columns for _, span in first]) if first else {}
    written.inserted = [span for key, span in first if key not in present]
    _insert_messages(connection, bulk, written.inserted, now_ns=now_ns)
    _write_logs(connection, batches, written, now_ns=now_ns)
    if written.inserted:
        calls.one_at_a_time(connection)
    _write_senders(connection, batches, written.inserted)
    _write_sums(connection, written.inserted, now_ns=now_ns)
    queue_traces(connection, written.inserted, now_ns=now_ns)
    _write_aside(connection, batches)
    _count_spans(connection, batches, written, present)
    write_accounts(connection, written.tally)
    return written


def _first_of_each(batches: Sequence[Batch]) -> list[tuple[SpanKey, RecordedSpan]]:
    """Of spans with the same key within the group, the one that came first; sorted by key."""
    first: dict[SpanKey, RecordedSpan] = {}
    for batch in batches:
        for span in batch.spans:
            first.setdefault(_key_of(span.columns), span)
    return [(key, first[key]) for key in sorted(first)]


def _insert_messages(
    connection: sa.Connection, bulk: Bulk, inserted: Sequence[RecordedSpan], *, now_ns: int
) -> None:
    rows = distinct_messages(inserted)
    if rows:
        rows.sort(key=lambda row: (row.day, row.sender_id, row.message_id))
        bulk.insert_messages(connection, rows, now_ns=now_ns)


def _write_logs(
    connection: sa.Connection, batches: Sequence[Batch], written: Written, *, now_ns: int
) -> None:
    joined: list[JoinedLog] = [log for batch in batches for log in batch.joined]
    if joined:
        inserted = {span_key(span) for span in written.inserted}
        insert_joined(connection, [log for log in joined if log.span in inserted], now_ns=now_ns)
    for batch in batches:
        if batch.waiting:
            counts = written.tally.of(batch)
            stored = insert_waiting(connection, batch)
            counts.stored += stored
            counts.duplicate += len(batch.waiting) - stored


def _count_spans(
    connection: sa.Connection, batches: Sequence[Batch], written: Written, present: dict[SpanKey, bytes]
) -> None:
    """Give every span of every request its place in the accounts: stored, duplicate or (already counted) rejected."""
    if len(written.inserted) == sum(len(batch.spans) for batch in batches):  # no repeats, as nearly always
        for batch in batches:
            written.tally.open(batch).stored += len(batch.spans)
        return
    _count_repeats(connection, batches, written, present)


def _count_repeats(
    connection: sa.Connection, batches: Sequence[Batch], written: Written, present: dict[SpanKey, bytes]
) -> None:
    stored = {span_key(span): span for span in written.inserted}
    digests = present | {key: span.columns["digest"] for key, span in stored.items()}
    differing: list[tuple[Counts, SpanKey]] = []
    for batch in batches:
        counts = written.tally.open(batch)
        for span in batch.spans:
            key = span_key(span)
            if stored.get(key) is span:
                counts.stored += 1
            else:
                counts.duplicate += 1
                if digests[key] != span.columns["digest"]:
                    differing.append((counts, key))
    excused = with_logs(connection, sorted({key for _, key in differing}))
    for counts, key in differing:
        counts.differing += key not in excused


def _write_senders(
    connection: sa.Connection, batches: Sequence[Batch], inserted: Sequence[RecordedSpan]
) -> None:
    new_spans: dict[bytes, int] = {}
    for span in inserted:
        sender_id = span.columns["sender_id"]
        new_spans[sender_id] = new_spans.get(sender_id, 0) + 1
    rows: dict[bytes, dict[str, Any]] = {}
    devices: dict[tuple[bytes, bytes], int] = {}
    for batch in batches:
        for sender_id, touch in batch.senders.items():
            row = rows.setdefault(sender_id, {"first_seen_ns": batch.received_ns})
            row |= _sender_row(batch, sender_id)
            devices |= dict.fromkeys(((sender_id, device) for device in touch.devices), batch.received_ns)
    for sender_id, row in rows.items():
        row["span_count"] = new_spans.get(sender_id, 0)
    upsert(connection, schema.senders, [rows[key] for key in sorted(rows)])
    upsert(
        connection,
        schema.sender_devices,
        [{"sender_id": key[0], "device": key[1], "last_seen_ns": devices[key]} for key in sorted(devices)],
    )


def _sender_row(batch: Batch, sender_id: bytes) -> dict[str, Any]:
    touch = batch.senders[sender_id]
    identity = touch.identity
    return {
        "sender_id": sender_id,
        "key_id": identity.key_id,
        "service_namespace": identity.service_namespace,
        "service_name": identity.service_name,
        "environment": identity.environment,
        "place": identity.place,
        "claimed_deployment": identity.claimed_deployment,
        "hints": orjson.dumps(touch.hints, option=orjson.OPT_SORT_KEYS).decode(),
        "last_seen_ns": batch.received_ns,
        "flags": orjson.dumps(sorted(touch.flags)).decode(),
    }


def _write_sums(connection: sa.Connection, inserted: Sequence[RecordedSpan], *, now_ns: int) -> None:
    if not inserted:
        return
    rows = [span.columns for span in inserted]
    owned = calls.settle(connection, rows, now_ns=now_ns)
    traces = sums.trace_values(rows, received_ns=now_ns, owns=owned.owns, apart=owned.reread)
    upsert_values(connection, schema.traces, traces)
    upsert_values(connection, schema.trace_facets, sums.facet_values(rows))
    usage = [(sums.rollup_key(row), sums.rollup_sums(row, owns=owned.owns(row))) for row in rows]
    costs = [(sums.cost_key(row), sums.cost_sums(row)) for row in rows if owned.owns(row)]
    _move(connection, owned, usage, costs)
    upsert_values(connection, schema.rollup_hours, sums.added_up(usage))
    upsert(connection, schema.call_witnesses, owned.states)
    upsert_values(connection, schema.cost_hours, sums.added_up(costs))


def _move(
    connection: sa.Connection, owned: calls.Ownership, usage: list[sums.Numbers], costs: list[sums.Numbers]
) -> None:
    """What stored spans give up or take over: signed, so that the sums stay sums; totals of their traces anew."""
    if owned.flips:
        shown = calls.shown_content(connection, [row for row, _ in owned.flips])
        for row, owns in owned.flips:
            place = row | {"content_state": shown.get(key_of(row), row["content_state"])}
            usage.append((sums.rollup_key(place), sums.usage_moved(row, owns=owns)))
            costs.append((sums.cost_key(row), sums.cost_sums(row, sign=1 if owns else -1)))
    if owned.reread:
        totals = [
            {"of": trace_id, **sums.call_totals(filter(owned.owns, owned.reread[trace_id]))._asdict()}
            for trace_id in sorted(owned.reread)
        ]
        connection.execute(_TOTALS, totals)


_TOTALS = (
    sa.update(schema.traces)
    .where(schema.traces.c.trace_id == sa.bindparam("of"))
    .values({name: sa.bindparam(name) for name in sums.CallTotals._fields})
)


def _write_aside(connection: sa.Connection, batches: Sequence[Batch]) -> None:
    rows = [row for batch in batches for row in batch.aside]
    rows.sort(key=lambda row: (row["trace_id"], row["span_id"]))
    insert_new(connection, schema.spans_aside, rows)


def write_accounts(connection: sa.Connection, tally: Tally) -> None:
    """Add the tally to `ingest_minutes` and `ingest_rejections`."""
    minutes = [
        {"minute": key[0], "key_id": key[1], "signal": key[2].value}
        | {name: getattr(tally.minutes[key], name) for name in tally.minutes[key].__slots__}
        for key in sorted(tally.minutes)
    ]
    upsert(connection, schema.ingest_minutes, minutes)
    refusals = [
        {
            "minute": key[0],
            "key_id": key[1],
            "signal": key[2].value,
            "reason": key[3].value,
            "items": tally.refusals[key].items,
            "requests": tally.refusals[key].requests,
            "sample": orjson.dumps(tally.refusals[key].sample[:MAX_SAMPLE_CHARACTERS]).decode(),
        }
        for key in sorted(tally.refusals)
    ]
    upsert(connection, schema.ingest_rejections, refusals)
