"""A decoded span → a normalised one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import urlsplit

from telemetry.domain import (
    Attributes,
    DecodedEvent,
    DecodedSpan,
    Flag,
    Message,
    NormalisedSpan,
    ObservationPoint,
    Usage,
)
from telemetry.normalise.found import Found, collect
from telemetry.normalise.plan import Plans
from telemetry.normalise.table import load
from telemetry.normalise.usage import CacheMode, RawUsage, account

TABLE: Final = load()
PLANS: Final = Plans(TABLE)

MAPPING_VERSION: Final = TABLE.version
"""The version of `mapping.toml`, stored with every span."""

_UNKNOWN_POINT: Final = ObservationPoint.UNKNOWN
_UNKNOWN_MODE: Final = CacheMode.UNKNOWN
"""By names of their own: to reach a member through its class takes as long as to read an attribute's text."""

_TOKEN_FIELDS: Final = frozenset(RawUsage._fields)


def normalise(span: DecodedSpan, logs: Sequence[DecodedEvent] = ()) -> NormalisedSpan:
    """The span in our one dialect, content still inside.

    `logs` are GenAI log records with this span's trace and span id. Pure, and total: whatever the attributes hold,
    it answers; what cannot be read is None, with a flag where that is odd.
    """
    found = collect(TABLE, PLANS, span, logs)
    plan = found.plan
    kind = found.kind()
    said = found.said(kind)
    get = said.get
    request_model, response_model = get("request_model"), get("response_model")
    address, port = _place(said)
    provider = TABLE.providers.decide(get("provider"), host=address, model=response_model or request_model)
    usage = _usage(said, found, scope=span.scope.name, provider=provider)
    operation = get("operation")
    environment = get("environment")
    if environment is None and span.resource:
        environment = _of_resource("environment", span.resource)
    if plan.dialect == "none" and plan.marks & TABLE.ai_marks:
        found.flags.add(Flag.UNKNOWN_DIALECT)
    return NormalisedSpan(
        span=span,
        kind=kind,
        dialect=plan.dialect,
        operation=operation,
        observation_point=_observation_point(span, plan.marks),
        provider=provider,
        request_model=request_model,
        response_model=response_model,
        response_id=get("response_id"),
        endpoint_address=address if address is None or port is None else f"{address}:{port}",
        usage=usage,
        usage_is_aggregate=kind in TABLE.aggregate_kinds or operation in TABLE.aggregate_operations,
        cost_reported_nano_usd=get("cost_reported"),
        cache_hit=get("cache_hit") is True,
        service_tier=get("service_tier"),
        ttft_ns=_ttft(span, said),
        finish_reasons=get("finish_reasons") or [],
        session_id=get("session_id"),
        conversation_id=get("conversation_id"),
        user_id=get("user_id"),
        agent_name=get("agent_name"),
        tool_name=get("tool_name"),
        tool_call_id=get("tool_call_id"),
        data_source_id=get("data_source_id"),
        environment=environment,
        error_type=get("error_type"),
        inference_units=get("inference_units"),
        inference_unit=get("inference_unit"),
        decision_id=get("decision_id"),
        review_outcome=get("review_outcome"),
        input_messages=_input(said),
        output_messages=_output(said),
        documents=get("documents") or [],
        query_text=get("query_text"),
        tool_arguments=get("tool_arguments"),
        tool_result=get("tool_result"),
        content_reference=get("content_reference"),
        flags=span.flags | found.flags,
        mapping_version=MAPPING_VERSION,
    )


def is_ai(span: DecodedSpan) -> bool:
    """Whether anything in the span says AI: an attribute or the instrumentation scope known to the mapping."""
    entry_of, ai_marks = TABLE.entry, TABLE.ai_marks
    if TABLE.scope_marks(span.scope.name) & ai_marks:
        return True
    return any(entry_of(key).marks & ai_marks for key in span.attributes)


def is_genai_event(name: str) -> bool:
    """Whether a log record or span event of this name speaks of a model call, so that it belongs to a span."""
    return name.startswith(TABLE.event_prefixes)


def _observation_point(span: DecodedSpan, marks: int) -> ObservationPoint:
    if marks & TABLE.gateway_mark:
        return ObservationPoint.GATEWAY
    return TABLE.observation.get(span.otel_kind, _UNKNOWN_POINT)


def _ttft(span: DecodedSpan, said: dict[str, Any]) -> int | None:
    """The sender's own measure, else from the start to the moment of the first token."""
    measured: int | None = said.get("ttft")
    at: int | None = said.get("first_token_at")
    if measured is not None or at is None:
        return measured
    return at - span.start_ns if span.start_ns <= at <= span.end_ns else None


def _input(said: dict[str, Any]) -> list[Message]:
    messages: list[Message] = said.get("input_messages") or []
    instructions: list[Message] = said.get("instructions") or []
    if not instructions or (messages and messages[0].role == "system"):
        return messages
    return instructions + messages


def _output(said: dict[str, Any]) -> list[Message]:
    messages: list[Message] = said.get("output_messages") or []
    calls = said.get("output_tool_calls")
    if calls:
        parts = messages[-1].parts if messages else []
        return [*messages[:-1], Message("assistant", parts + calls)]
    return messages


def _of_resource(field: str, resource: Attributes) -> Any:
    """The best value of a field among the resource attributes."""
    for key, rule in TABLE.resource[field]:
        value = resource.get(key)
        read = None if value is None else rule.read(value)
        if read is not None:
            return read
    return None


def _place(said: dict[str, Any]) -> tuple[str | None, int | None]:
    """Host and port of who answered."""
    address: str | None = said.get("server_address")
    return _authority(said.get("endpoint_url")) if address is None else (address, said.get("server_port"))


@lru_cache(maxsize=1024)  # a sender calls few endpoints, again and again
def _authority(url: str | None) -> tuple[str | None, int | None]:
    if url is None:
        return None, None
    try:
        parts = urlsplit(url)
        where = parts.hostname, parts.port
    except ValueError:
        return None, None
    return where


def _usage(said: dict[str, Any], found: Found, *, scope: str, provider: str | None) -> Usage:
    """The tokens, counted our way."""
    if _TOKEN_FIELDS.isdisjoint(said):
        return Usage()
    raw = RawUsage(*map(said.get, RawUsage._fields))
    mode = _UNKNOWN_MODE
    if raw.cache_read_tokens or raw.cache_write_tokens:
        mode = TABLE.cache_modes.mode(dialect=found.plan.dialect, scope=scope, provider=provider)
    usage, odd = account(raw, mode)
    if odd:
        found.flags.add(Flag.TOKENS_INCONSISTENT)
    return usage
