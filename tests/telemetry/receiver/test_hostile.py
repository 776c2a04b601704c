"""Bodies made to hurt: a clear 4xx or a counted rejection, memory flat, and the next request is served."""

from __future__ import annotations

import gzip
import json
import os
import time
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest

from telemetry import schema
from telemetry.domain import Reason
from telemetry.store import Store
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import JSON, PROTOBUF, Answer, Ingest, assert_balanced, rows

pytestmark = [pytest.mark.database, pytest.mark.integration]

MIB = 1024 * 1024
MAX_GROWTH = 64 * MIB


def length_delimited(number: int, body: bytes) -> bytes:
    size, value = b"", len(body)
    while value > 0x7F:
        size += bytes([value & 0x7F | 0x80])
        value >>= 7
    return bytes([number << 3 | 2]) + size + bytes([value]) + body


def framed(spans: bytes) -> bytes:
    """Encoded spans (field 2) within one scope and one resource."""
    return length_delimited(1, length_delimited(2, spans))


def four_million_empty_spans() -> bytes:
    return framed(b"\x12\x00" * 4_000_000)


def many_attributes(count: int) -> bytes:
    message = traffic.request()
    traffic.add_span(message, traffic.CHAT | {f"key.{number}": number for number in range(count)})
    body: bytes = message.SerializeToString()
    return body


def empty_attributes() -> bytes:
    """One span of 8 MB that holds four million attributes of two bytes each."""
    ids = length_delimited(1, os.urandom(16)) + length_delimited(2, os.urandom(8))
    return framed(length_delimited(2, ids + b"\x4a\x00" * 4_000_000))


def deep_value(depth: int) -> bytes:
    """A span with an array in an array in an array…, made by hand: protobuf refuses to build what it refuses to read."""
    value = length_delimited(1, b"bottom")
    for _ in range(depth):
        value = length_delimited(5, length_delimited(1, value))
    message = traffic.request()
    span = traffic.add_span(message).SerializeToString()
    return framed(
        length_delimited(
            2, span + length_delimited(9, length_delimited(1, b"k") + length_delimited(2, value))
        )
    )


def groups() -> bytes:
    return framed(length_delimited(2, b"\x0b\x0c")) + b"\x0b" * 1000


def unknown_fields() -> bytes:
    return b"\x78\x01" * 4_000_000


def json_bomb() -> bytes:
    return b'{"resourceSpans":[' + b"[]," * 15_000_000 + b"[]]}"


def deep_json() -> bytes:
    return b'{"resourceSpans":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


@cache
def gzip_bomb() -> bytes:
    machine = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\x00" * MIB
    return b"".join(machine.compress(zeros) for _ in range(1024)) + machine.flush()


def deep_json_value() -> bytes:
    value: dict[str, Any] = {"stringValue": "bottom"}
    for _ in range(45):
        value = {"arrayValue": {"values": [value]}}
    message = traffic.as_json(traffic.chat_request())
    message["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"].append(
        {"key": "deep", "value": value}
    )
    return json.dumps(message).encode()


Make = Callable[[], bytes]
HOSTILE: dict[str, tuple[Make, str, bool, int, Reason | None]] = {
    # what: body, media type, compressed by us, status, why a span was rejected
    "a bomb of four million spans": (four_million_empty_spans, PROTOBUF, True, 413, None),
    "a gzip bomb": (gzip_bomb, PROTOBUF, False, 413, None),
    "100,000 attributes": (lambda: many_attributes(100_000), PROTOBUF, True, 200, Reason.TOO_MANY_ATTRIBUTES),
    "300 attributes": (lambda: many_attributes(300), PROTOBUF, False, 200, Reason.TOO_MANY_ATTRIBUTES),
    "four million empty attributes": (empty_attributes, PROTOBUF, True, 200, Reason.TOO_MANY_ATTRIBUTES),
    "a value 21 deep": (lambda: deep_value(21), PROTOBUF, False, 200, Reason.TOO_DEEP),
    "a value 45 deep": (lambda: deep_value(45), PROTOBUF, False, 200, Reason.TOO_DEEP),
    "a value 200 deep": (lambda: deep_value(200), PROTOBUF, False, 200, Reason.TOO_DEEP),
    "a JSON value 45 deep": (deep_json_value, JSON, False, 200, Reason.TOO_DEEP),
    "groups": (groups, PROTOBUF, False, 400, None),
    "four million unknown fields": (unknown_fields, PROTOBUF, True, 413, None),
    "fifteen million JSON arrays": (json_bomb, JSON, True, 413, None),
    "JSON nested 100,000 deep": (deep_json, JSON, False, 400, None),
    "text that is not UTF-8": (
        lambda: traffic.chat_request(text="héllo").SerializeToString().replace("é".encode(), b"\xff\xff"), PROTOBUF, False, 400, None,
    ),
    "NaN in JSON": (lambda: b'{"resourceSpans": NaN}', JSON, False, 400, None),
    "no object": (lambda: b"[1]", JSON, False, 400, None),
    "20,001 spans": (lambda: framed(b"\x12\x00" * 20_001), PROTOBUF, False, 413, None),
}  # fmt: skip


def send(ingest: Ingest, what: str) -> Answer:
    make, media_type, compress, _, _ = HOSTILE[what]
    body = make()
    gzipped = compress or what == "a gzip bomb"
    if compress:
        body = gzip.compress(body)
    headers = {"content-encoding": "gzip"} if gzipped else {}
    return ingest.post("/v1/traces", body, media_type=media_type, headers=headers)


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_body_is_refused_or_counted(standing: Ingest, store: Store, what: str) -> None:
    *_, status, reason = HOSTILE[what]
    before = {row["reason"]: row["items"] for row in rows(store, schema.ingest_rejections)}
    answer = send(standing, what)
    assert answer.status == status, answer.body
    if reason is not None:
        after = {row["reason"]: row["items"] for row in rows(store, schema.ingest_rejections)}
        assert after[reason.value] >= before.get(reason.value, 0)
    assert standing.post("/v1/traces", traffic.chat_request().SerializeToString()).status == 200


def test_hostile_bodies_leave_memory_flat(standing: Ingest, store: Store) -> None:
    for _ in range(20):
        standing.post("/v1/traces", traffic.chat_request(64).SerializeToString())
    before = standing.rss()
    peak = before
    for what in HOSTILE:
        for _ in range(3):
            send(standing, what)
            peak = max(peak, standing.rss())
    assert peak - before < MAX_GROWTH
    assert_balanced(store)


def test_the_bomb_is_stopped_at_once(standing: Ingest) -> None:
    body = gzip.compress(four_million_empty_spans())
    assert len(body) < 16 * 1024
    took = []
    for _ in range(3):
        begun = time.monotonic()
        standing.post("/v1/traces", body, headers={"content-encoding": "gzip"})
        took.append(time.monotonic() - begun)
    assert min(took) < 0.25


def test_nul_and_lone_surrogates_are_replaced_and_said(standing: Ingest, store: Store) -> None:
    message = traffic.chat_request()
    span = message.resource_spans[0].scope_spans[0].spans[0]
    span.name = "na\x00me"
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200
    (row,) = rows(store, schema.spans, schema.spans.c.trace_id == span.trace_id)
    assert row["name"] == "na\ufffdme"
    assert "text_sanitised" in row["flags"]

    message = traffic.chat_request(text="half SURROGATE")
    span = message.resource_spans[0].scope_spans[0].spans[0]
    body = json.dumps(traffic.as_json(message)).replace("SURROGATE", "\\ud83d").encode()
    assert standing.post("/v1/traces", body, media_type=JSON).status == 200
    (row,) = rows(store, schema.spans, schema.spans.c.trace_id == span.trace_id)
    assert "text_sanitised" in row["flags"]


def test_keys_that_name_python_or_javascript_machinery_are_only_keys(standing: Ingest, store: Store) -> None:
    message = traffic.request()
    keys = ("__proto__.polluted", "constructor.prototype.x", "__class__.__init__.__globals__", "a" * 5000, "")
    span = traffic.add_span(message, traffic.CHAT | dict.fromkeys(keys, "x"))
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200
    (row,) = rows(store, schema.spans, schema.spans.c.trace_id == span.trace_id)
    assert "value_truncated" in row["flags"]


@pytest.mark.parametrize(
    ("start_ns", "reason"),
    [
        (1, "too_old"),
        (2**64 - 1, "in_future"),
        (2**63, "in_future"),
        (time.time_ns() + 2 * 3600 * 10**9, "in_future"),
    ],
    ids=["at the epoch", "beyond 64 bits signed", "at the sign bit", "two hours ahead"],
)
def test_spans_outside_the_window_are_kept_aside(
    standing: Ingest, store: Store, start_ns: int, reason: str
) -> None:
    message = traffic.request()
    span = traffic.add_span(message, start_ns=start_ns, duration_ns=0)
    answer = standing.post("/v1/traces", message.SerializeToString())
    assert answer.status == 200
    assert reason.encode() in answer.body
    (row,) = rows(store, schema.spans_aside, schema.spans_aside.c.trace_id == span.trace_id)
    assert (row["reason"], row["start_ns"]) == (reason, str(start_ns))
    assert rows(store, schema.spans, schema.spans.c.trace_id == span.trace_id) == []


def test_an_end_before_the_start_is_clamped_and_said(standing: Ingest, store: Store) -> None:
    message = traffic.request()
    span = traffic.add_span(message, duration_ns=-5_000_000_000)
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200
    (row,) = rows(store, schema.spans, schema.spans.c.trace_id == span.trace_id)
    assert row["duration_ns"] == 0
    assert "end_before_start" in row["flags"]


def test_numbers_beyond_64_bits_poison_nothing(standing: Ingest, store: Store) -> None:
    message = traffic.as_json(traffic.chat_request())
    span = message["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    span["attributes"].append({"key": "gen_ai.usage.input_tokens", "value": {"intValue": str(2**63)}})
    span["attributes"].append({"key": "big", "value": {"intValue": 10**19}})
    answer = standing.post("/v1/traces", json.dumps(message).encode(), media_type=JSON)
    assert answer.status in {200, 400}
    assert standing.post("/v1/traces", traffic.chat_request().SerializeToString()).status == 200
    assert_balanced(store)


def test_a_million_tokens_a_thousand_times_do_not_overflow(standing: Ingest) -> None:
    message = traffic.request()
    trace_id = os.urandom(16)
    for _ in range(50):
        traffic.add_span(
            message,
            traffic.CHAT | {"gen_ai.usage.input_tokens": 2**63 - 1},
            trace_id=trace_id,
            duration_ns=2**62,
        )
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200


def test_spans_that_name_each_other_as_parents_end(standing: Ingest) -> None:
    message = traffic.request()
    trace_id, first, second = os.urandom(16), os.urandom(8), os.urandom(8)
    traffic.add_span(message, trace_id=trace_id, span_id=first, parent=second)
    traffic.add_span(message, traffic.HTTP_CALL, trace_id=trace_id, span_id=second, parent=first)
    traffic.add_span(message, traffic.HTTP_CALL, trace_id=trace_id, parent=b"parentid")
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200


def test_random_damage_never_ends_in_a_500(standing: Ingest) -> None:
    good = traffic.chat_request(3).SerializeToString()
    for number in range(300):
        body = bytearray(good)
        for _ in range(3):
            body[int.from_bytes(os.urandom(4)) % len(body)] = os.urandom(1)[0]
        status = standing.post("/v1/traces", bytes(body)).status
        assert status in {200, 400, 413}, (number, status, bytes(body).hex())
