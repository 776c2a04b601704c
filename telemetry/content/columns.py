"""The columns of a recorded span, bounded to their widths and shown as the capture mode allows."""

from __future__ import annotations

import hmac
from typing import Any

import orjson

from telemetry.content import plainness
from telemetry.content.attributes import attributes_column
from telemetry.content.keys import ContentKeys, KeyPurpose
from telemetry.domain import DecodedScope, Flag, NormalisedSpan

HASH_BYTES = 16
MAX_BIGINT = 2**63 - 1
OTHER_ERROR = "_OTHER"
"""OpenTelemetry's word for an error type that is none of the known ones."""


class Shown:
    """How text of one span may be shown, and whether any of it had to be cut."""

    def __init__(self, *, full: bool, keys: ContentKeys, day: int, sender_id: bytes) -> None:
        self.full = full
        self.cut = False
        self._keys = keys
        self._day = day
        self._sender_id = sender_id

    def word(self, text: str | None) -> str | None:
        if text is None or (len(text) <= plainness.WORD_CHARACTERS and text.isprintable()):
            return text
        return self._bounded(text, plainness.WORD_CHARACTERS)

    def vocabulary(self, text: str | None) -> str | None:
        """A word of some vocabulary; outside mode full nothing else, for a sentence in its place is content."""
        if text is None:
            return None
        return self.word(text) if self.full or plainness.is_word(text) else None

    def name(self, text: str | None) -> str | None:
        if text is None or (len(text) <= plainness.NAME_CHARACTERS and text.isprintable()):
            return text
        return self._bounded(text, plainness.NAME_CHARACTERS)

    def identifier(self, text: str | None) -> str | None:
        """An id made by a machine as it is; any other, outside mode full, as `hash:` and its keyed hash."""
        if text is None or self.full or plainness.is_identifier(text):
            return self.name(text)
        return f"hash:{self.hashed(text).hex()}"

    def hashed(self, text: str) -> bytes:
        """16 bytes: HMAC-SHA256 of the UTF-8 text under the "user" key of the sender and day, cut in half."""
        key = self._keys.key(self._day, self._sender_id, KeyPurpose.USER)
        return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")[:HASH_BYTES]

    def _bounded(self, text: str, limit: int) -> str | None:
        self.cut = self.cut or len(text) > limit
        return plainness.bounded(text, limit)


def of_the_wire(span: NormalisedSpan, *, shown: Shown) -> dict[str, Any]:
    """What the span protocol itself says: ids, times, name, status, scope, attributes."""
    wire = span.span
    return {
        "trace_id": wire.trace_id,
        "span_id": wire.span_id,
        "parent_span_id": wire.parent_span_id,
        "start_ns": wire.start_ns,
        "duration_ns": min(max(0, wire.end_ns - wire.start_ns), MAX_BIGINT),
        "name": shown.name(wire.name if shown.full else shown_name(span)) or "",
        "status": int(wire.status),
        "scope": _scope(wire.scope, shown=shown),
        "attributes": attributes_column(span, full=shown.full),
    }


def of_the_call(span: NormalisedSpan, *, shown: Shown) -> dict[str, Any]:
    """What kind of step it was, by whom, and what it used."""
    usage = span.usage
    return {
        "kind": str(span.kind),  # four times as fast as `.value`
        "operation": shown.vocabulary(span.operation),
        "dialect": shown.word(span.dialect) or "none",
        "error_type": _error_type(span.error_type),
        "observation_point": str(span.observation_point),
        "provider": shown.word(span.provider),
        "request_model": shown.name(span.request_model),
        "response_model": shown.name(span.response_model),
        "model": shown.name(span.model),
        "endpoint_address": shown.name(_endpoint(span.endpoint_address)),
        "service_tier": shown.vocabulary(span.service_tier),
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "reasoning_tokens": usage.reasoning_tokens,
        "usage_is_aggregate": span.usage_is_aggregate,
        "cost_reported_nano_usd": span.cost_reported_nano_usd,
        "ttft_ns": span.ttft_ns,
        "inference_units": span.inference_units,
        "inference_unit": shown.vocabulary(span.inference_unit),
        "review_outcome": shown.vocabulary(span.review_outcome),
        "agent_name": shown.name(span.agent_name),
        "tool_name": shown.name(span.tool_name),
        "data_source_id": shown.name(span.data_source_id),
        "environment": shown.word(span.environment),
        "mapping_version": span.mapping_version,
    }


def of_the_ids(span: NormalisedSpan, *, shown: Shown) -> dict[str, Any]:
    """Ids that tie spans to other things; a person's id only as a keyed hash."""
    return {
        "response_id": shown.identifier(span.response_id),
        "decision_id": shown.identifier(span.decision_id),
        "session_id": shown.identifier(span.session_id),
        "conversation_id": shown.identifier(span.conversation_id),
        "tool_call_id": shown.identifier(span.tool_call_id),
        "user_hash": shown.hashed(span.user_id) if span.user_id is not None else None,
    }


def flags_column(span: NormalisedSpan, *, shown: Shown) -> str:
    """Everything odd about the span, sorted, as JSON text."""
    flags = span.flags | span.span.flags
    if shown.cut:
        flags.add(Flag.VALUE_TRUNCATED)
    if span.span.end_ns < span.span.start_ns:
        flags.add(Flag.END_BEFORE_START)
    return orjson.dumps(sorted(flags)).decode() if flags else "[]"


def shown_name(span: NormalisedSpan) -> str:
    """The span's name where it may not be shown as sent.

    Names made like code (at most three words without quotes, commas or @) stay, cut before a query string. Others are
    somebody's sentence: what is left is the operation, or the kind, and the model, tool, agent or data source it was on.
    """
    name = span.span.name.split("?", 1)[0]
    if plainness.is_code_like(name):
        return name
    target = span.tool_name or span.agent_name or span.model or span.data_source_id
    done = span.operation if span.operation and plainness.is_word(span.operation) else span.kind.value
    return f"{done} {target}" if target else done


def _scope(scope: DecodedScope, *, shown: Shown) -> str:
    """The instrumentation that spoke: a package and its version, which are made like code."""
    text = f"{scope.name} {scope.version}".strip()
    return shown.name(text) or "" if shown.full or plainness.is_code_like(text) else ""


def _endpoint(text: str | None) -> str | None:
    """Host and port. Some senders give a URL instead: its user, path and query are left behind."""
    if text is None or plainness.plain_address(text, full=False) is not None:
        return text
    url = plainness.plain_url(text, with_path=False)
    return None if url is None else url.partition("://")[2]


def _error_type(text: str | None) -> str | None:
    if text is None:
        return None
    return text if plainness.is_identifier(text) else OTHER_ERROR
