"""The record under `/api/v1`, read only, with the same scoping as the pages. Content is not handed out here."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router

from kernel import clock
from kernel.actor import Permission
from kernel.contracts.ingest import Resolution
from kernel.errors import Invalid, NotFound
from telemetry.filters import asked_senders, sender_id_of, trace_id_of
from telemetry.queries import ingest as accounts
from telemetry.queries.bounds import TimeRange
from telemetry.queries.spans import SpanBrief, trace_spans
from telemetry.queries.traces import Between, TraceFilter, count_traces, find_trace, list_traces, trace_extent
from telemetry.schemas import (
    AccountOut,
    IngestOut,
    RejectionOut,
    SenderOut,
    SendersOut,
    TimeQuery,
    TraceDetailOut,
    TraceQuery,
    TracesOut,
)
from telemetry.services import Estate, Known, load_estate, reading
from telemetry.tables import register
from telemetry.tables.traces import TraceLine, read_cursor, trace_line, written_cursor
from ui.access import actor_of
from ui.tables import ListQuery

router = Router()

DEFAULT_LENGTH = timedelta(hours=24)
LONGEST = timedelta(days=400)
MOST_SENDERS = 1_000
YEARS = range(1970, 2262)
"""Those that 64 bits of nanoseconds hold."""


@router.get("/traces", response=TracesOut, operation_id="list_traces", summary="List traces")
def get_traces(request: HttpRequest, asked: Query[TraceQuery]) -> dict[str, Any]:
    """Traces that start within the time, a page at a time."""
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        wanted = _filter(asked, estate)
        page = list_traces(
            connection,
            wanted,
            sort=asked.sort,
            descending=asked.descending,
            cursor=read_cursor(asked.cursor),
            limit=asked.limit,
        )
        count = count_traces(connection, wanted)
    return {
        "items": [_trace(trace_line(row, estate)) for row in page.rows],
        "cursor": written_cursor(page.next),
        "count": count.number,
        "count_is_exact": count.exact,
    }


def _filter(asked: TraceQuery, estate: Estate) -> TraceFilter:
    words: dict[str, Any] = {
        "deployment": tuple(map(str, asked.deployment)) or None,
        "site": tuple(map(str, asked.site)) or None,
        "tier": tuple(asked.tier) or None,
        "sender": tuple(asked.sender) or None,
    }
    if asked.known:
        words["known"] = (asked.known,)
    return TraceFilter(
        time=_time(asked),
        senders=asked_senders(ListQuery(filters=words, sort="", descending=True), estate),
        visible=estate.visible,
        models=tuple(asked.model),
        status=asked.status,
        tokens=Between(asked.min_tokens, asked.max_tokens),
        duration_ns=Between(asked.min_duration_ns, asked.max_duration_ns),
        text=asked.text.replace("\x00", ""),
        session_id=asked.session,
    )


def _time(asked: TimeQuery) -> TimeRange:
    now = clock.now()
    until = _aware(asked.until, "until") or now + timedelta(hours=1)
    since = _aware(asked.since, "since") or min(now, until) - DEFAULT_LENGTH
    if not since < until or until - since > LONGEST + timedelta(hours=1):
        problem = _("Ask for a time that ends after it begins and is no longer than 400 days.")
        raise Invalid(problem, fields={"since": [problem]})
    return TimeRange(clock.to_ns(since), clock.to_ns(until))


def _aware(moment: datetime | None, name: str) -> datetime | None:
    if moment is not None and moment.tzinfo is None:
        problem = _("Give the moment with its time zone, such as 2026-02-01T08:00:00Z.")
        raise Invalid(problem, fields={name: [problem]})
    if moment is not None and moment.year not in YEARS:
        problem = _("The record knows the years from 1970 to 2261 alone.")
        raise Invalid(problem, fields={name: [problem]})
    return moment


@router.get(
    "/traces/{trace_id}",
    response=TraceDetailOut,
    operation_id="get_trace",
    summary="One trace with its spans",
)
def get_trace(request: HttpRequest, trace_id: str) -> dict[str, Any]:
    """A trace with its spans in brief. 404 also where the reader may not know of it."""
    id_ = trace_id_of(trace_id)
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        extent = trace_extent(connection, id_) if id_ else None
        row = find_trace(connection, id_, visible=estate.visible) if id_ and extent else None
        if id_ is None or extent is None or row is None:
            raise NotFound(_("There is no such trace, or you may not read it."))
        found = trace_spans(connection, id_, time=extent, visible=estate.visible)
    return {
        "trace": _trace(trace_line(row, estate)),
        "spans": [_span(span) for span in found.spans],
        "hidden": len(found.hidden_ids),
        "truncated": found.truncated,
    }


def _trace(line: TraceLine) -> dict[str, Any]:
    row = line.row
    return {
        "trace_id": line.id,
        "start": clock.from_ns(row.start_ns),
        "duration_ns": row.duration_ns,
        "name": row.root_name,
        "kind": row.root_kind,
        "span_count": row.span_count,
        "model_call_count": row.model_call_count,
        "error_count": row.error_count,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "session_id": row.session_id,
        "models": list(line.models),
        "deployments": [{"id": item.id, "name": item.name} for item in line.deployments],
        "sites": [{"id": item.id, "name": item.name} for item in line.sites],
        "tiers": list(line.tiers),
        "senders": [sender_id for sender_id, _name in line.senders],
        "partial": row.partial,
    }


def _span(span: SpanBrief) -> dict[str, Any]:
    return {
        "span_id": span.span_id.hex(),
        "parent_span_id": span.parent_span_id.hex() if span.parent_span_id else None,
        "name": span.name,
        "kind": span.kind,
        "start": clock.from_ns(span.start_ns),
        "duration_ns": span.duration_ns,
        "status": span.status,
        "model": span.model,
        "input_tokens": span.input_tokens,
        "output_tokens": span.output_tokens,
        "usage_is_aggregate": span.usage_is_aggregate,
        "content_state": span.content_state,
        "sender": span.sender_id.hex(),
    }


@router.get("/senders", response=SendersOut, operation_id="list_senders", summary="List senders")
def get_senders(request: HttpRequest, limit: int = 100, offset: int = 0) -> dict[str, Any]:
    """Senders that the reader may see, last seen first."""
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
    first = max(offset, 0)
    shown = estate.seen[first : first + min(max(limit, 1), MOST_SENDERS)]
    return {"items": [_sender(known, estate) for known in shown], "count": len(estate.seen)}


@router.get("/senders/{sender_id}", response=SenderOut, operation_id="get_sender", summary="One sender")
def get_sender(request: HttpRequest, sender_id: str) -> dict[str, Any]:
    """A sender with what it is over time. 404 also where the reader may not know of it."""
    id_ = sender_id_of(sender_id)
    with reading() as connection:
        estate = load_estate(connection, actor_of(request), sender_ids=[id_] if id_ else [])
    known = estate.known.get(id_) if id_ else None
    if known is None or not estate.sees(known):
        raise NotFound(_("There is no such sender, or you may not read it."))
    return _sender(known, estate)


def _sender(known: Known, estate: Estate) -> dict[str, Any]:
    sender = known.sender
    said = sender.identity
    return {
        "sender_id": sender.sender_id.hex(),
        "key_id": said.key_id.hex(),
        "service_namespace": said.service_namespace,
        "service_name": said.service_name,
        "environment": said.environment,
        "place": said.place,
        "claimed_deployment": said.claimed_deployment,
        "hints": sender.hints,
        "first_seen": clock.from_ns(sender.first_seen_ns),
        "last_seen": clock.from_ns(sender.last_seen_ns),
        "span_count": sender.span_count,
        "state": known.state.value,
        "resolutions": [_resolution(item) for item in known.resolutions if estate.may_see(item)],
    }


def _resolution(item: Resolution) -> dict[str, Any]:
    return {
        "state": item.state.value,
        "deployment": _reference(item.deployment_id, item.deployment_name),
        "endpoint": _reference(item.endpoint_id, item.endpoint_name),
        "site": _reference(item.site_id, item.site_name),
        "tier": item.tier,
        "how": item.how,
        "valid_from": None if item.valid_from_ns is None else clock.from_ns(item.valid_from_ns),
        "valid_until": None if item.valid_until_ns is None else clock.from_ns(item.valid_until_ns),
    }


def _reference(id_: Any, name: str | None) -> dict[str, Any] | None:
    return None if id_ is None else {"id": id_, "name": name or str(id_)}


@router.get("/ingest", response=IngestOut, operation_id="get_ingest", summary="The accounts of ingest")
def get_ingest(request: HttpRequest, asked: Query[TimeQuery]) -> dict[str, Any]:
    """What was received, stored, known already and rejected, by key and signal, and why."""
    actor = actor_of(request)
    actor.require_somewhere(Permission.TELEMETRY_READ)
    keys = register.visible_keys(actor)
    time = _time(asked)
    with reading() as connection:
        found = accounts.accounts_by_key(connection, time=time, key_ids=keys)
        refused = accounts.rejections(connection, time=time, key_ids=keys)
    return {
        "accounts": [_account(item) for item in found],
        "rejections": [_rejection(item) for item in refused],
    }


def _account(item: accounts.KeyAccount) -> AccountOut:
    account = item.account
    return AccountOut(
        key_id=item.key_id.hex(),
        signal=item.signal,
        received=account.received,
        stored=account.stored,
        duplicate=account.duplicate,
        rejected=account.rejected,
        differing=account.differing,
        requests=account.requests,
    )


def _rejection(item: accounts.Rejection) -> RejectionOut:
    return RejectionOut(
        key_id=item.key_id.hex(),
        signal=item.signal,
        reason=item.reason,
        items=item.items,
        requests=item.requests,
        sample=item.sample,
        last=clock.from_ns(item.last_minute * clock.NANOSECONDS_PER_MINUTE),
    )
