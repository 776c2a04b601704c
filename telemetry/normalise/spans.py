"""A decoded span → a normalised one."""

from __future__ import annotations

from collections.abc import Sequence
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
from telemetry.normalise.usage import RawUsage, account

TABLE: Final = load()

MAPPING_VERSION: Final = TABLE.version
"""The version of `mapping.toml`, stored with every span."""

_TEXT_FIELDS: Final = (
    "operation", "request_model", "response_model", "response_id", "service_tier", "session_id", "conversation_id",
    "user_id", "agent_name", "tool_name", "tool_call_id", "data_source_id", "environment", "error_type",
    "inference_units", "inference_unit", "decision_id", "review_outcome", "query_text", "tool_arguments", "tool_result",
    "content_reference",
)  # fmt: skip
"""Fields of a normalised span that are one field of the mapping, under the same name."""


def normalise(span: DecodedSpan, logs: Sequence[DecodedEvent] = ()) -> NormalisedSpan:
    """The span in our one dialect, content still inside.

    `logs` are GenAI log records with this span's trace and span id. Pure, and total: whatever the attributes hold,
    it answers; what cannot be read is None, with a flag where that is odd.
    """
    found = collect(TABLE, span, logs)
    found.kind = _kind(found)
    dialect = TABLE.dialect(found.marks)
    normalised = NormalisedSpan(
        span=span,
        kind=found.kind,
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
    for field in _TEXT_FIELDS:
        if field in found.candidates or field in TABLE.resource:
            setattr(normalised, field, found.first(field))
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
    return next((kind for field, kind in TABLE.kind_by_field.items() if found.has(field)), SpanKind.OTHER)


def _observation_point(span: DecodedSpan, found: Found) -> ObservationPoint:
    if found.marks & TABLE.gateway_mark:
        return ObservationPoint.GATEWAY
    return TABLE.observation.get(span.otel_kind, ObservationPoint.UNKNOWN)


def _ttft(span: DecodedSpan, found: Found) -> int | None:
    """The sender's own measure, else from the start to the moment of the first token."""
    said: int | None = found.first("ttft")
    if said is not None:
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
    raw = RawUsage(
        found.first("input_tokens"),
        found.first("output_tokens"),
        found.first("cache_read_tokens"),
        found.first("cache_write_tokens"),
        found.first("reasoning_tokens"),
        found.first("total_tokens"),
    )
    mode = TABLE.cache_modes.mode(
        dialect=normalised.dialect, scope=normalised.span.scope.name, provider=normalised.provider
    )
    normalised.usage, odd = account(raw, mode)
    if odd:
        found.flags.add(Flag.TOKENS_INCONSISTENT)
    normalised.usage_is_aggregate = (
        normalised.kind in TABLE.aggregate_kinds or normalised.operation in TABLE.aggregate_operations
    )
