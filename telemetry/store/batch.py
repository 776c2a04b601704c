"""What a request wants written, and the accounts that are kept of it. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from kernel import clock
from kernel.contracts.ingest import SenderIdentity
from telemetry.domain import ContentState, MessageRow, Reason, RecordedSpan, Signal

NO_KEY = bytes(16)
"""The account of requests that came without a known key."""

SpanKey = tuple[int, bytes, bytes]
"""Day, trace id, span id."""


@dataclass(slots=True)
class SenderTouch:
    """A sender as a batch showed it."""

    identity: SenderIdentity
    hints: dict[str, Any] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    devices: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class WaitingLog:
    """A GenAI log record, sealed, that waits for its span."""

    trace_id: bytes
    span_id: bytes
    digest: bytes
    sealed: bytes


@dataclass(slots=True)
class JoinedLog:
    """A log record whose content went into the span with which it is written."""

    span: SpanKey
    sender_id: bytes
    digest: bytes


@dataclass(slots=True)
class LateLog:
    """A log record that came after its span: the span's row as it is stored, and what the record adds to it."""

    span: dict[str, Any]
    log_digest: bytes
    content_state: ContentState
    content: str | None
    digest: bytes
    messages: list[MessageRow]


@dataclass(slots=True)
class Rejections:
    """Items of a request that are not stored, by reason, with one example in words."""

    items: dict[Reason, int] = field(default_factory=dict)
    samples: dict[Reason, str] = field(default_factory=dict)

    def add(self, reason: Reason, sample: str = "", *, count: int = 1) -> None:
        self.items[reason] = self.items.get(reason, 0) + count
        self.samples.setdefault(reason, sample)

    @property
    def total(self) -> int:
        return sum(self.items.values())


@dataclass(slots=True)
class Batch:
    """One request, ready to be written. `received` = what becomes stored + duplicate + rejected."""

    key_id: bytes
    signal: Signal
    received_ns: int
    received: int
    spans: list[RecordedSpan] = field(default_factory=list)
    aside: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[WaitingLog] = field(default_factory=list)
    joined: list[JoinedLog] = field(default_factory=list)
    senders: dict[bytes, SenderTouch] = field(default_factory=dict)
    rejections: Rejections = field(default_factory=Rejections)
    size: int = 0  # bytes on the wire, inflated: what the queue is bounded by

    @property
    def minute(self) -> int:
        return clock.epoch_minute(self.received_ns)


@dataclass(slots=True)
class Counts:
    """One row of `ingest_minutes`."""

    received: int = 0
    stored: int = 0
    duplicate: int = 0
    rejected: int = 0
    differing: int = 0
    requests: int = 0


@dataclass(slots=True)
class Refusal:
    """One row of `ingest_rejections`."""

    items: int = 0
    requests: int = 0
    sample: str = ""


@dataclass(slots=True)
class Tally:
    """Accounts of a group of requests, added up before they are written."""

    minutes: dict[tuple[int, bytes, Signal], Counts] = field(default_factory=dict)
    refusals: dict[tuple[int, bytes, Signal, Reason], Refusal] = field(default_factory=dict)

    def of(self, batch: Batch) -> Counts:
        return self.minutes.setdefault((batch.minute, batch.key_id, batch.signal), Counts())

    def open(self, batch: Batch) -> Counts:
        """Count what is known before the batch is written: how much came, and what was rejected unwritten."""
        counts = self.of(batch)
        counts.received += batch.received
        counts.requests += 1
        counts.rejected += batch.rejections.total
        for reason, items in batch.rejections.items.items():
            self.refuse(
                (batch.minute, batch.key_id, batch.signal, reason),
                Refusal(items=items, requests=1, sample=batch.rejections.samples[reason]),
            )
        return counts

    def refuse(self, place: tuple[int, bytes, Signal, Reason], refusal: Refusal) -> None:
        found = self.refusals.setdefault(place, Refusal(sample=refusal.sample))
        found.items += refusal.items
        found.requests += refusal.requests

    def merge(self, other: Tally) -> None:
        """Add what another tally counted."""
        for place, counts in other.minutes.items():
            mine = self.minutes.setdefault(place, Counts())
            for name in Counts.__slots__:
                setattr(mine, name, getattr(mine, name) + getattr(counts, name))
        for refused, refusal in other.refusals.items():
            self.refuse(refused, refusal)

    def __bool__(self) -> bool:
        return bool(self.minutes or self.refusals)
