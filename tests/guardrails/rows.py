"""Rows of the record about checks, written as they stand: scans, findings, verdicts, work, and their hourly sums."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa

from kernel import clock
from telemetry import schema
from telemetry.store import Store

NOW_NS = clock.now_ns()
HOUR = clock.epoch_hour(NOW_NS)
DAY = HOUR // 24
DIGEST = b"p" * 16
ENGINE = "test-1"


def put(store: Store, table: sa.Table, *rows: dict[str, Any]) -> None:
    """Insert rows."""
    with store.engine.begin() as connection:
        connection.execute(sa.insert(table), list(rows))


def nothing_waits(store: Store) -> None:
    """Take away what storing a message queued by itself."""
    with store.engine.begin() as connection:
        connection.execute(sa.delete(schema.check_work))


def scan(sender: bytes, message: bytes, outcome: str = "clean", **more: Any) -> dict[str, Any]:
    """A check of a message."""
    return {
        "day": DAY, "sender_id": sender, "message_id": message, "check": "personal_data", "engine_version": ENGINE,
        "profile_digest": DIGEST, "hour": HOUR, "direction": "input", "outcome": outcome, "reason": None,
        "language": "en", "finding_count": 0, "scanned_ns": NOW_NS,
    } | more  # fmt: skip


def finding(sender: bytes, message: bytes, kind: str = "PERSON", **more: Any) -> dict[str, Any]:
    """Something found."""
    return {
        "day": DAY, "sender_id": sender, "message_id": message, "check": "personal_data", "engine_version": ENGINE,
        "profile_digest": DIGEST, "position": 0, "type": kind, "pointer": "/0/content", "start": 0, "end": 4,
        "score": 0.85, "found_ns": NOW_NS,
    } | more  # fmt: skip


def verdict(
    sender: bytes, trace: bytes, span: bytes, outcome: str, sentences: list[Any] | None = None, **more: Any
) -> dict[str, Any]:
    """A verdict on an answer."""
    return {
        "day": DAY, "trace_id": trace, "span_id": span, "check": "groundedness", "engine_version": ENGINE,
        "profile_digest": DIGEST, "input_digest": b"i" * 32, "sender_id": sender, "hour": HOUR, "outcome": outcome,
        "reason": None, "score": 0.2, "shadow": False, "language": "en", "sentences": json.dumps(sentences or []),
        "checked_ns": NOW_NS,
    } | more  # fmt: skip


def covered(
    sender: bytes, check: str, outcome: str, subjects: int, *, shadow: bool = False
) -> dict[str, Any]:
    """An hour's sum of outcomes."""
    return {
        "hour": HOUR, "sender_id": sender, "check": check, "outcome": outcome, "shadow": shadow, "subjects": subjects,
    }  # fmt: skip


def found(sender: bytes, kind: str, findings: int, direction: str = "input") -> dict[str, Any]:
    """An hour's sum of findings."""
    return {
        "hour": HOUR, "sender_id": sender, "check": "personal_data", "type": kind, "direction": direction,
        "findings": findings, "messages": findings,
    }  # fmt: skip


def work(sender: bytes, subject: bytes, state: str, **more: Any) -> dict[str, Any]:
    """A piece of work."""
    return {
        "kind": "message", "day": DAY, "sender_id": sender, "subject": subject, "state": state, "priority": 0,
        "due_ns": NOW_NS - 10**9, "attempts": 1, "lease": None, "reason": None, "queued_ns": NOW_NS - 10**9,
        "finished_ns": NOW_NS if state == "dead" else None,
    } | more  # fmt: skip


__all__ = ["DAY", "HOUR", "NOW_NS", "schema"]
