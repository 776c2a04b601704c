"""GenAI log records and their spans, whichever comes first."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from telemetry import schema
from telemetry.store import Store
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import Ingest, assert_balanced, rows
from tests.telemetry.receiver.ingest_process import NARROW

pytestmark = [pytest.mark.database, pytest.mark.integration]


def eventually(found: Callable[[], Any], *, seconds: float = 15) -> Any:
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return value


def bare_span(service: str = "chat-full") -> tuple[bytes, bytes, bytes]:
    message = traffic.request(service=service)
    span = traffic.add_span(message)
    return span.trace_id, span.span_id, message.SerializeToString()


def log(trace_id: bytes, span_id: bytes, **more: str) -> bytes:
    body: bytes = traffic.log_request(trace_id=trace_id, span_id=span_id, **more).SerializeToString()
    return body


def stored(store: Store, trace_id: bytes) -> dict[str, Any]:
    (row,) = rows(store, schema.spans, schema.spans.c.trace_id == trace_id)
    return row


def waiting(store: Store, trace_id: bytes) -> list[dict[str, Any]]:
    return rows(store, schema.waiting_content, schema.waiting_content.c.trace_id == trace_id)


def joined(store: Store, trace_id: bytes) -> list[dict[str, Any]]:
    return rows(store, schema.span_logs, schema.span_logs.c.trace_id == trace_id)


def test_a_record_that_comes_first_waits_sealed_and_goes_into_its_span(
    standing: Ingest, store: Store
) -> None:
    trace_id, span_id, span = bare_span()
    assert standing.post("/v1/logs", log(trace_id, span_id, text="SECRET WORDS")).status == 200
    (sealed,) = waiting(store, trace_id)
    assert b"SECRET" not in sealed["sealed"]
    time.sleep(1.1)  # how long "nothing waits" is believed
    assert standing.post("/v1/traces", span).status == 200
    row = stored(store, trace_id)
    assert row["content_state"] == "full"
    assert "content_by_log" in row["flags"]
    assert len(json.loads(row["content"])["input"]) == 1
    assert waiting(store, trace_id) == []
    (record,) = joined(store, trace_id)
    assert record["joined"] == "with_span"
    assert standing.post("/v1/traces", span).status == 200
    assert rows(store, schema.ingest_minutes, schema.ingest_minutes.c.differing > 0) == []


def test_a_record_that_comes_after_its_span_is_attached_beside_it(standing: Ingest, store: Store) -> None:
    trace_id, span_id, span = bare_span()
    assert standing.post("/v1/traces", span).status == 200
    before = stored(store, trace_id)
    assert before["content_state"] == "not_captured"
    assert standing.post("/v1/logs", log(trace_id, span_id)).status == 200
    (record,) = eventually(lambda: joined(store, trace_id))
    assert (record["joined"], record["content_state"]) == ("late", "full")
    assert len(record["digest"]) == 32
    (message_id,) = json.loads(record["content"])["input"]
    assert rows(store, schema.messages, schema.messages.c.message_id == bytes.fromhex(message_id))
    assert stored(store, trace_id) == before  # the first version stands, and its digest stays true
    assert waiting(store, trace_id) == []


def test_late_content_moves_in_the_roll_ups(standing: Ingest, store: Store) -> None:
    trace_id, span_id, span = bare_span(service="mover-full")
    standing.post("/v1/traces", span)
    standing.post("/v1/logs", log(trace_id, span_id, service="mover-full"))
    eventually(lambda: joined(store, trace_id))
    sender_id = stored(store, trace_id)["sender_id"]
    counts = {
        row["content_state"]: (row["span_count"], row["input_tokens"])
        for row in rows(store, schema.rollup_hours, schema.rollup_hours.c.sender_id == sender_id)
    }
    assert counts == {"not_captured": (0, 0), "full": (1, 100)}


def test_a_repeated_record_is_a_duplicate_before_and_after_its_span(standing: Ingest, store: Store) -> None:
    trace_id, span_id, span = bare_span()
    body = log(trace_id, span_id)
    for _ in range(2):
        assert standing.post("/v1/logs", body).status == 200
    assert len(waiting(store, trace_id)) == 1
    standing.post("/v1/traces", span)
    eventually(lambda: joined(store, trace_id))
    assert standing.post("/v1/logs", body).status == 200
    assert waiting(store, trace_id) == []
    assert len(joined(store, trace_id)) == 1
    assert_balanced(store)


@pytest.mark.parametrize(
    ("service", "state"), [("chat-hashed", "hashed"), ("chat-redact", "waiting"), ("chat-full", "full")]
)
def test_the_spans_capture_mode_rules_over_late_content(
    standing: Ingest, store: Store, service: str, state: str
) -> None:
    trace_id, span_id, span = bare_span(service)
    standing.post("/v1/traces", span)
    standing.post("/v1/logs", log(trace_id, span_id, service=service))
    (record,) = eventually(lambda: joined(store, trace_id))
    assert record["content_state"] == state


def test_content_of_a_sender_that_keeps_nothing_is_not_even_sealed(standing: Ingest, store: Store) -> None:
    trace_id = os.urandom(16)
    answer = standing.post("/v1/logs", log(trace_id, os.urandom(8), service="chat-none"))
    assert answer.status == 200
    assert b"content_not_kept" in answer.body
    assert waiting(store, trace_id) == []


def test_other_log_records_are_counted_and_no_error(standing: Ingest, store: Store) -> None:
    message = traffic.log_request(trace_id=os.urandom(16), span_id=os.urandom(8))
    message.resource_logs[0].scope_logs[0].log_records[0].event_name = "user.clicked"
    answer = standing.post("/v1/logs", message.SerializeToString())
    assert (answer.status, answer.body) == (200, b"")
    with store.engine.connect() as connection:
        counted = connection.execute(
            sa.select(sa.func.sum(schema.ingest_rejections.c["items"])).where(
                schema.ingest_rejections.c.reason == "not_a_genai_event"
            )
        ).scalar_one()
    assert counted == 1


def test_a_record_of_another_key_does_not_reach_the_span(standing: Ingest, store: Store) -> None:
    trace_id, span_id, span = bare_span()
    standing.post("/v1/traces", span)
    standing.post("/v1/logs", log(trace_id, span_id), token=NARROW.text())
    time.sleep(3)
    assert joined(store, trace_id) == []
    assert len(waiting(store, trace_id)) == 1
