"""What both encodings share: clean text, bounded values, checked ids and times."""

from __future__ import annotations

from dataclasses import dataclass, field

from kernel import clock
from telemetry.domain import (
    SPAN_ID_BYTES,
    TRACE_ID_BYTES,
    Attributes,
    DecodedLog,
    DecodedSpan,
    Flag,
    Reason,
)
from telemetry.receiver.limits import MAX_KEY_CHARACTERS, MAX_VALUE_CHARACTERS
from telemetry.store.batch import Rejections

REPLACEMENT = "\ufffd"
_NO_TRACE = bytes(TRACE_ID_BYTES)
_NO_SPAN = bytes(SPAN_ID_BYTES)


class Unfit(Exception):
    """One span or log record cannot be kept; the rest of its request can."""

    def __init__(self, reason: Reason, sample: str) -> None:
        super().__init__(sample)
        self.reason = reason
        self.sample = sample


@dataclass(slots=True)
class Decoded:
    """A request's items, and what of it could not become one."""

    received: int = 0
    spans: list[DecodedSpan] = field(default_factory=list)
    logs: list[DecodedLog] = field(default_factory=list)
    rejections: Rejections = field(default_factory=Rejections)

    def reject(self, unfit: Unfit) -> None:
        self.rejections.add(unfit.reason, unfit.sample)


def clean(text: str, flags: set[Flag]) -> str:
    """The text without NUL (PostgreSQL refuses it) and lone surrogates, bounded; says so in `flags`."""
    if "\x00" in text:
        text = text.replace("\x00", REPLACEMENT)
        flags.add(Flag.TEXT_SANITISED)
    if len(text) > MAX_VALUE_CHARACTERS:
        text = text[:MAX_VALUE_CHARACTERS]
        flags.add(Flag.VALUE_TRUNCATED)
    return text


def without_surrogates(text: str, flags: set[Flag]) -> str:
    """The text with each lone surrogate replaced. Only JSON can spell one."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        flags.add(Flag.TEXT_SANITISED)
        return "".join(REPLACEMENT if 0xD800 <= ord(letter) <= 0xDFFF else letter for letter in text)
    return text


def put(attributes: Attributes, key: str, value: object, flags: set[Flag]) -> None:
    """Set one attribute, unless its key is longer than any honest one."""
    if len(key) > MAX_KEY_CHARACTERS:
        flags.add(Flag.VALUE_TRUNCATED)
    else:
        attributes[key] = value


def check_ids(trace_id: bytes, span_id: bytes) -> None:
    """Raises Unfit unless both ids have their length and are not all zero."""
    if len(trace_id) != TRACE_ID_BYTES or trace_id == _NO_TRACE:
        raise Unfit(
            Reason.BAD_ID,
            f"a trace id of {_size(trace_id)}; it must have {TRACE_ID_BYTES} bytes, not all zero",
        )
    if len(span_id) != SPAN_ID_BYTES or span_id == _NO_SPAN:
        raise Unfit(
            Reason.BAD_ID, f"a span id of {_size(span_id)}; it must have {SPAN_ID_BYTES} bytes, not all zero"
        )


def _size(identifier: bytes) -> str:
    return (
        f"{len(identifier)} zero bytes" if identifier and not any(identifier) else f"{len(identifier)} bytes"
    )


def parent_of(raw: bytes) -> bytes | None:
    """The parent's id, or None for a root. Raises Unfit for a wrong length."""
    if not raw or raw == _NO_SPAN:
        return None
    if len(raw) != SPAN_ID_BYTES:
        raise Unfit(Reason.BAD_ID, f"a parent span id of {len(raw)} bytes; it must have {SPAN_ID_BYTES}")
    return raw


def checked_times(start_ns: int, end_ns: int, flags: set[Flag]) -> tuple[int, int]:
    """Start and end, the end never before the start. Raises Unfit when there is no start."""
    if start_ns <= 0:
        raise Unfit(Reason.BAD_TIME, "a span without a start time")
    if end_ns < start_ns:
        flags.add(Flag.END_BEFORE_START)
        return start_ns, start_ns
    return start_ns, end_ns


def window(received_ns: int, *, past_days: int, ahead_s: int) -> tuple[int, int]:
    """The first and last start that are filed, in epoch nanoseconds."""
    return (
        received_ns - past_days * clock.NANOSECONDS_PER_DAY,
        received_ns + ahead_s * clock.NANOSECONDS_PER_SECOND,
    )
