"""GenAI log records: sealed while they wait for their span, read when it comes, attached when it was there first."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Any

import orjson
import structlog

from kernel import clock
from kernel.contracts.ingest import (
    CaptureMode,
    KeyFacts,
    RetentionClass,
    SenderDirectory,
    SenderIdentity,
)
from telemetry.content import ContentKeys, SealBroken, capture, seal, unseal
from telemetry.domain import (
    ContentState,
    DecodedEvent,
    DecodedLog,
    DecodedScope,
    DecodedSpan,
    Reason,
    ResolvedSender,
    SpanStatus,
)
from telemetry.normalise import is_genai_event, normalise
from telemetry.receiver.senders import identity_of
from telemetry.receiver.values import Unfit
from telemetry.store import LateLog, Store, WaitingLog
from telemetry.store.logs import Waiting

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_NOBODY = SenderIdentity(
    key_id=b"", service_namespace="", service_name="", environment="", place="", claimed_deployment=""
)
"""A late record is captured for the sender of its span; who that calls itself plays no part in capture."""


class LogKeeper:
    """Seals and opens the records that wait. One key for all of them, derived from the installation's content key."""

    def __init__(self, store: Store, *, content_key: bytes) -> None:
        self._store = store
        self._key = hmac.digest(content_key, b"tutela waiting logs", "sha256")
        self._anything = False
        self._looked_at = -_LOOK_EVERY_S

    def seal(self, record: DecodedLog, *, key: KeyFacts, directory: SenderDirectory) -> WaitingLog:
        """The record, readable only with the content key. Raises Unfit when it is not to be kept."""
        if not is_genai_event(record.event.name):
            raise Unfit(Reason.NOT_A_GENAI_EVENT, "a log record that is no GenAI event")
        identity, _ = identity_of(record.resource, key=key)
        if directory.policy(identity).capture_mode is CaptureMode.NONE:
            raise Unfit(Reason.CONTENT_NOT_KEPT, "the sender's capture mode is none")
        plain = orjson.dumps(_packed(record.event))
        place = record.trace_id + record.span_id
        digest = hmac.digest(self._key, place + plain, "sha256")
        sealed = seal(plain, key=self._key, place=place + digest)
        return WaitingLog(trace_id=record.trace_id, span_id=record.span_id, digest=digest, sealed=sealed)

    def open(self, waiting: Waiting) -> DecodedEvent | None:
        """The record again, or None when it was sealed under another content key."""
        place = waiting.trace_id + waiting.span_id + waiting.digest
        try:
            return _unpacked(orjson.loads(unseal(waiting.sealed, key=self._key, place=place)))
        except SealBroken:
            log.exception("log.unreadable", trace_id=waiting.trace_id.hex(), span_id=waiting.span_id.hex())
            return None

    def waiting_for(
        self, spans: Sequence[DecodedSpan], *, key_id: bytes
    ) -> dict[tuple[bytes, bytes], list[tuple[bytes, DecodedEvent]]]:
        """The records that wait for these spans: digest and event. What is overlooked here is attached late."""
        found: dict[tuple[bytes, bytes], list[tuple[bytes, DecodedEvent]]] = {}
        if not spans or not self._anything_waits():
            return found
        keys = [(span.trace_id, span.span_id) for span in spans]
        for waiting in self._store.waiting_for(keys, key_id=key_id):
            event = self.open(waiting)
            if event is not None:
                place = (waiting.trace_id, waiting.span_id)
                found.setdefault(place, []).append((waiting.digest, event))
        return found

    def _anything_waits(self) -> bool:
        """Asked at most once a second: most installations send no log records at all."""
        now = time.monotonic()
        if now - self._looked_at >= _LOOK_EVERY_S:
            self._anything = self._store.anything_waits()
            self._looked_at = now
        return self._anything


def late_log(
    waiting: Waiting, event: DecodedEvent | None, span: dict[str, Any], *, keys: ContentKeys
) -> LateLog:
    """What a late record adds to its span: its content by the capture mode under which the span was stored."""
    state, content, messages = ContentState.NOT_CAPTURED, None, []
    if event is not None:
        normalised = normalise(_bare_span(span), [event])
        sender = ResolvedSender(
            identity=_NOBODY,
            sender_id=span["sender_id"],
            capture_mode=CaptureMode(span["capture_mode"]),
            retention_class=RetentionClass(span["retention_class"]),
        )
        recorded = capture(normalised, sender=sender, keys=keys, received_ns=clock.now_ns())
        state, content = ContentState(recorded.columns["content_state"]), recorded.columns["content"]
        messages = recorded.messages
    return LateLog(
        span=span,
        log_digest=waiting.digest,
        content_state=state,
        content=content,
        digest=late_digest(span, waiting.digest, state, content),
        messages=messages,
    )


def late_digest(span: dict[str, Any], log_digest: bytes, state: ContentState, content: str | None) -> bytes:
    """SHA-256 of the late row: canonical JSON (RFC 8785) of [trace id, span id, log digest, content state, content]."""
    form = [span["trace_id"].hex(), span["span_id"].hex(), log_digest.hex(), state.value, content]
    return hashlib.sha256(orjson.dumps(form)).digest()


def _bare_span(span: dict[str, Any]) -> DecodedSpan:
    return DecodedSpan(
        trace_id=span["trace_id"],
        span_id=span["span_id"],
        parent_span_id=span["parent_span_id"],
        name=span["name"],
        otel_kind=0,
        start_ns=span["start_ns"],
        end_ns=span["start_ns"] + span["duration_ns"],
        status=SpanStatus(span["status"]),
        status_message="",
        attributes={},
        events=[],
        resource={},
        scope=DecodedScope(),
    )


def _packed(event: DecodedEvent) -> list[Any]:
    return [event.name, str(event.time_ns), _plain(event.attributes), _plain(event.body)]


def _unpacked(packed: list[Any]) -> DecodedEvent:
    name, time_ns, attributes, body = packed
    return DecodedEvent(name=name, time_ns=int(time_ns), attributes=attributes, body=body)


def _plain(value: Any) -> Any:
    """The value as JSON can hold it: bytes as base64, integers beyond 64 bits as text."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return str(value)
    return value
