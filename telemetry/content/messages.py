"""Messages: their canonical form, their ids, their rows, and the way back."""

from __future__ import annotations

import base64
import hmac
from typing import Any

import orjson

from kernel.canonical import canonical_json
from telemetry.content.keys import ContentKeys, KeyPurpose
from telemetry.content.sealing import seal, unseal
from telemetry.domain import Message, MessageRow, MessageState, ResolvedSender

MAX_DEPTH = 128
"""Deeper nesting is cut: the receiver refuses it long before, this only keeps the function total."""

_MAX_EXACT = 2**53
_FULL, _WAITING = MessageState.FULL, MessageState.WAITING


def canonical_parts(parts: list[dict[str, Any]]) -> bytes:
    """The parts as canonical JSON (RFC 8785), which is what `messages.body` holds.

    So that one content has one text: decimals and integers beyond ±2^53 are written as strings (Python's `repr`),
    bytes as base64.
    """
    if _is_plain(parts):
        return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    plain = _plain(parts, 0)
    if _ascii_keys(plain):
        return orjson.dumps(
            plain, option=orjson.OPT_SORT_KEYS
        )  # equal to RFC 8785 here, thirty times as fast
    return canonical_json(plain)


def message_id(role: str, body: bytes, *, key: bytes) -> bytes:
    """32 bytes that name a message among those of one sender and day.

    The recipe, for an auditor who was given the day's "id" key: HMAC-SHA256 under that key over the canonical JSON
    (RFC 8785, UTF-8) of `{"parts": parts, "role": role}`, where `parts` is what `body` holds.
    """
    return hmac.digest(key, b'{"parts":%b,"role":%b}' % (body, orjson.dumps(role)), "sha256")


def message_row(
    role: str, body: bytes, *, id_: bytes, day: int, sender: ResolvedSender, queue_key: bytes | None
) -> MessageRow:
    """A row to be kept: plain, or sealed under `queue_key` for the scanner."""
    state = _FULL
    if queue_key is not None:
        state = _WAITING
        body = seal(body, key=queue_key, place=_place(id_, sender.sender_id, day))
    return MessageRow(day, sender.sender_id, id_, role, body, state, sender.retention_class)


def open_message(row: MessageRow, *, keys: ContentKeys) -> Message:
    """The message a row keeps: as sent (full), as masked (masked), or unsealed (waiting).

    The right to read is asked for before this is called; waiting text is for the scanner alone.
    Raises SealBroken when waiting text does not open, which after the day's queue is drained it never does.
    """
    body = row.body
    if row.state is MessageState.WAITING:
        key = keys.key(row.day, row.sender_id, KeyPurpose.QUEUE)
        body = unseal(body, key=key, place=_place(row.message_id, row.sender_id, row.day))
    return Message(role=row.role, parts=orjson.loads(body))


def _place(id_: bytes, sender_id: bytes, day: int) -> bytes:
    return id_ + sender_id + day.to_bytes(8, "big", signed=True)


def _is_plain(parts: list[dict[str, Any]]) -> bool:
    """Whether the parts hold nothing but texts under ASCII keys, as nearly all do."""
    for part in parts:
        for key, value in part.items():
            if value.__class__ is not str or not key.isascii():
                return False
    return True


def _plain(value: Any, depth: int) -> Any:  # noqa: PLR0911  # one answer per type is the clearest shape
    if isinstance(value, str | bool) or value is None:
        return value
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, dict):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, int):
        return value if -_MAX_EXACT < value < _MAX_EXACT else str(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return repr(value)


def _ascii_keys(value: Any) -> bool:
    if isinstance(value, dict):
        return all(key.isascii() and _ascii_keys(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(_ascii_keys, value))
    return True
