"""Spans that say they began outside the window: kept aside without their content, never filed under a day."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

import orjson

from kernel.contracts.ingest import CaptureMode
from telemetry.content import KeyPurpose, capture
from telemetry.domain import NormalisedSpan, Reason, ResolvedSender


class PassingKeys:
    """Keys that nobody keeps: the day is a lie, and a key for each lie would fill the table of keys."""

    def key(self, day: int, sender_id: bytes, purpose: KeyPurpose) -> bytes:
        """32 random bytes."""
        del day, sender_id, purpose
        return os.urandom(32)


def aside_row(
    span: NormalisedSpan, *, sender: ResolvedSender, reason: Reason, received_ns: int
) -> dict[str, Any]:
    """The row of `spans_aside`: the span as it would have been stored under capture mode none."""
    without_content = replace(sender, capture_mode=CaptureMode.NONE)
    recorded = capture(span, sender=without_content, keys=PassingKeys(), received_ns=received_ns)
    return {
        "trace_id": span.span.trace_id,
        "span_id": span.span.span_id,
        "sender_id": sender.sender_id,
        "reason": reason.value,
        "start_ns": str(span.span.start_ns),
        "received_ns": received_ns,
        "columns": orjson.dumps({name: _json(value) for name, value in recorded.columns.items()}).decode(),
    }


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value
