"""The tables of the record, once for every engine (SQLite, PostgreSQL; written so that ClickHouse can follow).

Days, hours and minutes are whole numbers since the epoch in UTC; moments are epoch nanoseconds; ids are bytes;
unknown is NULL. On PostgreSQL `spans` and `messages` are partitioned by day and retention class (see the chain).
"""

from __future__ import annotations

from telemetry.schema.base import metadata
from telemetry.schema.checks import check_hours, check_work, finding_hours, findings, scans, verdicts
from telemetry.schema.costs import call_witnesses, cost_hours
from telemetry.schema.keeping import retention_runs
from telemetry.schema.record import (
    content_keys,
    ingest_minutes,
    ingest_rejections,
    messages,
    rollup_hours,
    sender_devices,
    senders,
    span_logs,
    spans,
    spans_aside,
    trace_facets,
    traces,
    waiting_content,
)

__all__ = [
    "call_witnesses",
    "check_hours",
    "check_work",
    "content_keys",
    "cost_hours",
    "finding_hours",
    "findings",
    "ingest_minutes",
    "ingest_rejections",
    "messages",
    "metadata",
    "retention_runs",
    "rollup_hours",
    "scans",
    "sender_devices",
    "senders",
    "span_logs",
    "spans",
    "spans_aside",
    "trace_facets",
    "traces",
    "verdicts",
    "waiting_content",
]
