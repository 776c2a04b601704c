"""Shapes of the record's API. Ids are hexadecimal, moments RFC 3339 in UTC, durations nanoseconds; unknown is null."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from telemetry.queries.traces import TraceSort, TraceStatus

LARGEST = 2**62


class TimeQuery(Schema):
    """A stretch of time: the last 24 hours unless said otherwise; `until` is not inside."""

    since: datetime | None = None
    until: datetime | None = None


class TraceQuery(TimeQuery):
    """Filters of traces. Several values of one filter are alternatives."""

    deployment: list[uuid.UUID] = []
    site: list[uuid.UUID] = []
    tier: list[str] = []
    model: list[str] = []
    sender: list[str] = []
    session: str | None = None
    known: Literal["resolved", "unknown", "dismissed"] | None = None
    status: TraceStatus | None = None
    text: str = Field("", max_length=200)
    min_tokens: int | None = Field(None, ge=0, le=LARGEST)
    max_tokens: int | None = Field(None, ge=0, le=LARGEST)
    min_duration_ns: int | None = Field(None, ge=0, le=LARGEST)
    max_duration_ns: int | None = Field(None, ge=0, le=LARGEST)
    sort: TraceSort = TraceSort.START
    descending: bool = True
    cursor: str | None = None
    limit: int = Field(50, ge=1, le=500)


class Reference(Schema):
    """Something of the register."""

    id: uuid.UUID
    name: str


class TraceOut(Schema):
    """A trace. Of a `partial` one, whatever covers units that the reader may not read is null."""

    trace_id: str
    start: datetime
    duration_ns: int | None
    name: str | None
    kind: str | None
    span_count: int
    model_call_count: int | None
    error_count: int | None
    input_tokens: int | None
    output_tokens: int | None
    session_id: str | None
    models: list[str]
    deployments: list[Reference]
    sites: list[Reference]
    tiers: list[str]
    senders: list[str]
    partial: bool


class TracesOut(Schema):
    """A page of traces. `cursor` asks for the next one; `count` is exact if `count_is_exact`, else a lower bound."""

    items: list[TraceOut]
    cursor: str | None
    count: int
    count_is_exact: bool


class SpanOut(Schema):
    """A step of a trace, without what was said in it."""

    span_id: str
    parent_span_id: str | None
    name: str
    kind: str
    start: datetime
    duration_ns: int
    status: int
    model: str | None
    input_tokens: int | None
    output_tokens: int | None
    usage_is_aggregate: bool
    content_state: str
    sender: str


class TraceDetailOut(Schema):
    """A trace with its spans, earliest first. `hidden` counts those that the reader may not see."""

    trace: TraceOut
    spans: list[SpanOut]
    hidden: int
    truncated: bool


class ResolutionOut(Schema):
    """What a sender is during [valid_from, valid_until); an open end is null."""

    state: str
    deployment: Reference | None
    endpoint: Reference | None
    site: Reference | None
    tier: str | None
    how: str
    valid_from: datetime | None
    valid_until: datetime | None


class SenderOut(Schema):
    """A sender: what it calls itself, and what it is. Empty text where telemetry said nothing."""

    sender_id: str
    key_id: str
    service_namespace: str
    service_name: str
    environment: str
    place: str
    claimed_deployment: str
    hints: dict[str, Any]
    first_seen: datetime
    last_seen: datetime
    span_count: int
    state: str
    resolutions: list[ResolutionOut]


class SendersOut(Schema):
    items: list[SenderOut]
    count: int


class AccountOut(Schema):
    """received = stored + duplicate + rejected, for one key and signal. The key id is all zero where no key is known."""

    key_id: str
    signal: str
    received: int
    stored: int
    duplicate: int
    rejected: int
    differing: int
    requests: int


class RejectionOut(Schema):
    """Why something was not stored, with one example in words."""

    key_id: str
    signal: str
    reason: str
    items: int
    requests: int
    sample: str
    last: datetime


class IngestOut(Schema):
    accounts: list[AccountOut]
    rejections: list[RejectionOut]
