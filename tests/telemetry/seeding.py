"""Spans through the real capture and the real store, said in a few words.

seed = Seed(store)
radiology = seed.sender("radiology")
seed.write(*seed.trace(radiology, spans=3, model="mistral-large"))
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from kernel import clock
from kernel.contracts.ingest import CaptureMode, RetentionClass, SenderIdentity
from telemetry.content import capture
from telemetry.domain import (
    DecodedScope,
    DecodedSpan,
    Document,
    Message,
    NormalisedSpan,
    ObservationPoint,
    RecordedSpan,
    ResolvedSender,
    Signal,
    SpanKind,
    SpanStatus,
    Usage,
)
from telemetry.store import Batch, SenderTouch, Store

CONTENT_KEY = b"k" * 32
KEY_ID = bytes(range(16))
SECOND = 1_000_000_000
NOW = clock.now_ns()


def text(role: str, content: str) -> Message:
    return Message(role=role, parts=[{"type": "text", "content": content}])


class Seed:
    """Writes spans as an endpoint's telemetry would be written."""

    def __init__(self, store: Store, *, key_id: bytes = KEY_ID, start_ns: int | None = None) -> None:
        self.store = store
        self.keys = store.keys(CONTENT_KEY)
        self.key_id = key_id
        self.start_ns = start_ns or NOW - 3600 * SECOND
        self.random = random.Random(7)

    def id(self, length: int) -> bytes:
        return self.random.randbytes(length)

    def sender(self, service_name: str, **said: str) -> SenderIdentity:
        parts = {"service_namespace": "", "environment": "production", "place": "", "claimed_deployment": ""}
        return SenderIdentity(key_id=self.key_id, service_name=service_name, **{**parts, **said})

    def span(
        self,
        sender: SenderIdentity,
        *,
        trace_id: bytes,
        span_id: bytes | None = None,
        parent: bytes | None = None,
        name: str = "step",
        kind: SpanKind = SpanKind.CHAIN,
        start_ns: int | None = None,
        duration_ns: int = SECOND,
        status: SpanStatus = SpanStatus.OK,
        model: str | None = None,
        tokens: tuple[int | None, int | None] = (None, None),
        mode: CaptureMode = CaptureMode.HASHED,
        said: Sequence[Message] = (),
        answered: Sequence[Message] = (),
        documents: Sequence[Document] = (),
        attributes: dict[str, Any] | None = None,
        **more: Any,
    ) -> RecordedSpan:
        start = self.start_ns if start_ns is None else start_ns
        decoded = DecodedSpan(
            trace_id=trace_id,
            span_id=span_id or self.id(8),
            parent_span_id=parent,
            name=name,
            otel_kind=3,
            start_ns=start,
            end_ns=start + duration_ns,
            status=status,
            status_message="",
            attributes=attributes or {},
            events=[],
            resource={},
            scope=DecodedScope("tests", "1"),
        )
        normalised = NormalisedSpan(
            span=decoded,
            kind=kind,
            dialect="gen_ai",
            observation_point=ObservationPoint.CLIENT,
            request_model=model,
            usage=Usage(input_tokens=tokens[0], output_tokens=tokens[1]),
            input_messages=list(said),
            output_messages=list(answered),
            documents=list(documents),
            mapping_version=1,
            **more,
        )
        resolved = ResolvedSender(sender, sender.sender_id(), mode, RetentionClass.STANDARD)
        return capture(normalised, sender=resolved, keys=self.keys, received_ns=start)

    def trace(
        self,
        sender: SenderIdentity,
        *,
        model: str = "mistral-large",
        name: str = "answer question",
        start_ns: int | None = None,
        duration_ns: int = 2 * SECOND,
        tokens: tuple[int | None, int | None] = (100, 20),
        status: SpanStatus = SpanStatus.OK,
        **more: Any,
    ) -> list[RecordedSpan]:
        """An agent with one model call under it."""
        trace_id, root = more.pop("trace_id", None) or self.id(16), self.id(8)
        session = {"session_id": more.pop("session_id", None)}
        agent = self.span(
            sender, trace_id=trace_id, span_id=root, name=name, kind=SpanKind.AGENT, start_ns=start_ns,
            duration_ns=duration_ns, **session,
        )  # fmt: skip
        call = self.span(
            sender, trace_id=trace_id, parent=root, name=f"chat {model}", kind=SpanKind.LLM, start_ns=start_ns,
            duration_ns=duration_ns // 2, model=model, tokens=tokens, status=status, **session, **more,
        )  # fmt: skip
        return [agent, call]

    def write(
        self, sender: SenderIdentity, spans: Sequence[RecordedSpan], *, devices: Sequence[bytes] = ()
    ) -> bytes:
        """Store spans of one sender; answers the trace id of the first one."""
        touch = SenderTouch(sender, hints={"os.type": "linux"}, devices=set(devices))
        batch = Batch(
            key_id=sender.key_id,
            signal=Signal.TRACES,
            received_ns=NOW,
            received=len(spans),
            spans=list(spans),
            senders={sender.sender_id(): touch},
        )
        self.store.write([batch])
        trace_id: bytes = spans[0].columns["trace_id"]
        return trace_id
