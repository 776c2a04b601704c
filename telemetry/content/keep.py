"""What is kept of the content: ids for the `content` column, rows for the `messages` table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from kernel.contracts.ingest import CaptureMode
from telemetry.content import plainness, turns
from telemetry.content.keys import ContentKeys, KeyPurpose
from telemetry.content.messages import canonical_parts, message_id, message_row
from telemetry.domain import ContentState, Document, MessageRow, NormalisedSpan, ResolvedSender

_NONE, _REDACT, _FULL = CaptureMode.NONE, CaptureMode.REDACT, CaptureMode.FULL
_ID = KeyPurpose.ID
"""Members by names of their own: to reach one through its class takes as long as to hash a short text."""

STATES = {
    CaptureMode.NONE: ContentState.DROPPED,
    CaptureMode.HASHED: ContentState.HASHED,
    CaptureMode.REDACT: ContentState.WAITING,
    CaptureMode.FULL: ContentState.FULL,
}


@dataclass(slots=True)
class Kept:
    """The `content` column (JSON text, None when it would be empty), its state and the rows to write."""

    state: ContentState
    column: str | None = None
    messages: list[MessageRow] = field(default_factory=list)


def keep(span: NormalisedSpan, *, sender: ResolvedSender, keys: ContentKeys, day: int) -> Kept:
    """Apply the sender's capture mode to everything said in the span."""
    said = turns.spoken(span)
    state = _state(span, said, sender.capture_mode)
    if sender.capture_mode is _NONE:
        return Kept(state)
    complaint = turns.complaint(span)
    if complaint is not None:
        said.append(complaint)
    if not said and span.content_reference is None:
        return Kept(state)
    ledger = _Ledger(sender=sender, keys=keys, day=day)
    column: dict[str, Any] = {}
    for turn in said:
        id_ = ledger.add(turn.role, turn.parts)
        if turn.document is not None:
            column.setdefault("documents", []).append(_document_entry(turn.document, id_, full=ledger.full))
        elif turn.place.many:
            column.setdefault(turn.place.key, []).append(id_)
        else:
            column[turn.place.key] = id_
    if span.content_reference is not None and ledger.full:
        column["reference"] = plainness.plain_url(span.content_reference, with_path=True)
    text = orjson.dumps(column, option=orjson.OPT_SORT_KEYS).decode() if column else None
    return Kept(state, text, list(ledger.rows.values()))


def _state(span: NormalisedSpan, said: list[turns.Turn], mode: CaptureMode) -> ContentState:
    if said:
        return STATES[mode]
    return ContentState.NOT_CAPTURED if span.content_reference is None else ContentState.REFERENCE


def _document_entry(document: Document, id_: str, *, full: bool) -> dict[str, str]:
    """The sender's own id of the document is a file name often enough to be content: only mode full shows it."""
    entry = {"id": id_}
    if document.score is not None:
        entry["score"] = repr(float(document.score))
    reference = document.id or document.uri
    if full and reference:
        entry["ref"] = plainness.bounded(reference, plainness.NAME_CHARACTERS) or ""
    return entry


class _Ledger:
    """The messages of one span, each once."""

    def __init__(self, *, sender: ResolvedSender, keys: ContentKeys, day: int) -> None:
        self.full = sender.capture_mode is _FULL
        self.rows: dict[bytes, MessageRow] = {}
        self._sender = sender
        self._day = day
        seals = sender.capture_mode is _REDACT
        self._writes = self.full or seals
        self._id_key = keys.key(day, sender.sender_id, _ID)
        self._queue_key = keys.key(day, sender.sender_id, KeyPurpose.QUEUE) if seals else None

    def add(self, role: str, parts: list[dict[str, Any]]) -> str:
        """The message's id in hex; its row is kept where the mode keeps text."""
        body = canonical_parts(parts)
        id_ = message_id(role, body, key=self._id_key)
        if self._writes and id_ not in self.rows:
            self.rows[id_] = message_row(
                role, body, id_=id_, day=self._day, sender=self._sender, queue_key=self._queue_key
            )
        return id_.hex()
