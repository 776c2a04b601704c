"""Identifiers of our own making. Ids from the wire stay bytes and are never made here."""

from __future__ import annotations

import os
import threading
import uuid

from kernel import clock

_lock = threading.Lock()
_last_millisecond = 0
_sequence = 0
_SEQUENCE_BITS = 12


def uuid7() -> uuid.UUID:
    """A time-ordered UUID (RFC 9562 version 7), increasing within this process.

    The 12 bits after the version count within one millisecond (RFC 9562 section 6.2, method 1), so that rows made
    in a loop keep their order when sorted by id.
    """
    millisecond, sequence = _next_tick(clock.now_ns() // 1_000_000)
    random_bits = int.from_bytes(os.urandom(8)) & ((1 << 62) - 1)
    value = (millisecond << 80) | (0x7 << 76) | (sequence << 64) | (0b10 << 62) | random_bits
    return uuid.UUID(int=value)


def _next_tick(millisecond: int) -> tuple[int, int]:
    global _last_millisecond, _sequence  # noqa: PLW0603  # one counter per process is the point
    with _lock:
        if millisecond > _last_millisecond:
            _last_millisecond, _sequence = millisecond, 0
        else:
            _sequence += 1
            if _sequence >= 1 << _SEQUENCE_BITS:
                _last_millisecond, _sequence = _last_millisecond + 1, 0
        return _last_millisecond, _sequence
