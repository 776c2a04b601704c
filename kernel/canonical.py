"""Canonical JSON (RFC 8785): one byte string per value, so that a digest means the value."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785


def canonical_json(value: Any) -> bytes:
    """RFC 8785 bytes of a JSON value.

    Integers must lie within ±2^53; floats are refused because their text is a matter of taste (write decimals as
    strings). Raises ValueError for what JSON cannot hold.
    """
    _refuse_floats(value)
    return rfc8785.dumps(value)


def sha256(data: bytes) -> bytes:
    """SHA-256, 32 bytes."""
    return hashlib.sha256(data).digest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("canonical JSON of this ledger holds no floats; write the decimal as a string")
    if isinstance(value, dict):
        for inner in value.values():
            _refuse_floats(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            _refuse_floats(inner)
