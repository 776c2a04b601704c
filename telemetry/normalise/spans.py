"""A decoded span → a normalised one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

from telemetry.domain import (
    DecodedEvent,
    DecodedSpan,
    Flag,
    Message,
    NormalisedSpan,
    ObservationPoint,
    SpanKind,
)
from telemetry.normalise.found import Found, collect
from telemetry.normalise.table import load
from telemetry.normalise.usage import CacheMode, RawUsage, account

TABLE: Final = load()

MAPPING_VERSION: Final = TABLE.version
"""The version of `mapping.toml`, stored with every span."""

_PLAIN_FIELDS: Final = frozenset((
    "operation", "request_model", "response_model", "response_id", "service_tier", "session_id", "conversation_id",
    "user_id", "agent_name", "tool_name", "tool_call_id", "data_source_id", "environment", "error_type",
    "inference_units", "inference_unit", "decision_id", "review_outcome", "query_text", "tool_arguments", "tool_result",
    "content_reference",
))  # fmt: skip
"""Fields of a normalised span that are one field of the mapping, under the same name."""

_TOKEN_FIELDS: Final = frozenset(RawUsage._fields)


def normalise(span: DecodedSpan, logs: Sequence[DecodedEvent] = ()) -> NormalisedSpan:
    """The span in our one dialect, content still inside.

    `logs` are GenAI log records with this span's trace and span id. Pure, and total: whatever the attributes hold,
    it answers; what cannot be read is None, with a flag where that is odd.
    """
    found = collect(TABLE, span, logs)
    kind = _kind(found)
    found.settle(kind)
    dialect = TABLE.dialect(found.marks)
    normalised = NormalisedSpan(
        span=span,
        kind=kind,
        dialect=dialect,
        observation_point=_observation_point(span, found),
        cost_reported_nano_usd=found.first("cost_reported"),
        ttft_ns=_ttft(span, found),
        finish_reasons=found.first("finish_reasons") or [],
        input_messages=_input(found),
        output_messages=_output(found),
        documents=found.first("documents") or [],
        mapping_version=MAPPING_VERSION,
    )
    for field in found.candidates:
        if field in _PLAIN_FIELDS:
            setattr(normalised, field, found.first(field))
    if normalised.environment is None and span.resource:
        normalised.environment = found.of_resource("environment")
    _place(normalised, found)
    _count(normalised, found)
    if dialect == "none" and found.marks & TABLE.ai_marks:
        found.flags.add(Flag.UNKNOWN_DIALECT)
    normalised.flags = span.flags | found.flags
    return normalised


def is_ai(span: DecodedSpan) -> bool:
    """Whether anything in the span says AI: an attribute or the instrumentation scope known to the mapping."""
    entry_of, ai_marks = TABLE.entry, TABLE.ai_marks
    if TABLE.scope_marks(span.scope.name) & ai_marks:
        return True
    return any(entry_of(key).marks & ai_marks for key in span.attributes)


def is_genai_event(name: str) -> bool:
    """Whether a log record or span event of this name speaks of a model call, so that it belongs to a span."""
    return name.startswith(TABLE.event_prefixes)


def _kind(found: Found) -> SpanKind:
    said = found.first("kind")
    if isinstance(said, SpanKind):
        return said
    candidates = found.candidates
    return next((kind for field, kind in TABLE.kind_by_field.items() if field in candidates), SpanKind.OTHER)


def _observation_point(span: DecodedSpan, found: Found) -> ObservationPoint:
    if found.marks & TABLE.gateway_mark:
        return ObservationPoint.GATEWAY
    return TABLE.observation.get(span.otel_kind, ObservationPoint.UNKNOWN)


def _ttft(span: DecodedSpan, found: Found) -> int | None:
    """The sender's own measure, else from the start to the moment of the first token."""
    said: int | None = found.first("ttft")
    if said is not None or "first_token_at" not in found.candidates:
        return said
    at: int | None = found.first("first_token_at")
    return at - span.start_ns if at is not None and span.start_ns <= at <= span.end_ns else None


def _input(found: Found) -> list[Message]:
    messages: list[Message] = found.first("input_messages") or []
    instructions: list[Message] = found.first("instructions") or []
    if messages and messages[0].role == "system":
        return messages
    return instructions + messages


def _output(found: Found) -> list[Message]:
    messages: list[Message] = found.first("output_messages") or []
    calls = found.first("output_tool_calls")
    if calls:
        said = messages[-1].parts if messages else []
        return [*messages[:-1], Message("assistant", said + calls)]
    return messages


def _place(normalised: NormalisedSpan, found: Found) -> None:
    """Who answered, and where."""
    address, port = found.first("server_address"), found.first("server_port")
    if address is None:
        address, port = _authority(found.first("endpoint_url"))
    if address is not None:
        normalised.endpoint_address = address if port is None else f"{address}:{port}"
    normalised.provider = TABLE.providers.decide(
        found.first("provider"), host=address, model=normalised.model
    )


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


def _count(normalised: NormalisedSpan, found: Found) -> None:
    """Tokens, and whether they only repeat what other spans say."""
    if not _TOKEN_FIELDS.isdisjoint(found.candidates):
        raw = RawUsage(*map(found.first, RawUsage._fields))
        mode = CacheMode.UNKNOWN
        if raw.cache_read_tokens or raw.cache_write_tokens:
            mode = TABLE.cache_modes.mode(
                dialect=normalised.dialect, scope=normalised.span.scope.name, provider=normalised.provider
            )
        normalised.usage, odd = account(raw, mode)
        if odd:
            found.flags.add(Flag.TOKENS_INCONSISTENT)
    normalised.usage_is_aggregate = (
        normalised.kind in TABLE.aggregate_kinds or normalised.operation in TABLE.aggregate_operations
    )
