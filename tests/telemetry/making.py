"""Spans for tests, with everything unimportant filled in."""

from __future__ import annotations

import hashlib
from typing import Any

from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity
from telemetry.content import KeyPurpose
from telemetry.domain import DecodedEvent, DecodedScope, DecodedSpan, ResolvedSender, SpanStatus

START_NS = 1_795_400_000_000_000_000
DAY = START_NS // 86_400_000_000_000


def a_span(attributes: dict[str, Any] | None = None, **fields: Any) -> DecodedSpan:
    """A client span of two seconds that went well."""
    given: dict[str, Any] = {
        "trace_id": bytes(range(16)),
        "span_id": bytes(range(8)),
        "parent_span_id": None,
        "name": "chat gpt-4o",
        "otel_kind": 3,
        "start_ns": START_NS,
        "end_ns": START_NS + 2_000_000_000,
        "status": SpanStatus.UNSET,
        "status_message": "",
        "attributes": attributes or {},
        "events": [],
        "resource": {},
        "scope": DecodedScope("tests", "1"),
    }
    return DecodedSpan(**(given | fields))


def an_event(name: str, *, at: int = 0, body: Any = None, **attributes: Any) -> DecodedEvent:
    """An event `at` nanoseconds after the start; write `__` for a dot in attribute names."""
    named = {key.replace("__", "."): value for key, value in attributes.items()}
    return DecodedEvent(name, START_NS + at, named, body)


class DerivedKeys:
    """Keys that follow from their place, so that a test can name them."""

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        return hashlib.sha256(f"{day} {sender_id.hex()} {purpose}".encode()).digest()


def a_sender(mode: CaptureMode = CaptureMode.FULL, *, name: str = "helpdesk") -> ResolvedSender:
    """A sender under this capture mode."""
    identity = SenderIdentity(b"k" * 16, "shop", name, "production", "", "")
    return ResolvedSender(identity, identity.sender_id(), mode, RetentionClass.STANDARD)
