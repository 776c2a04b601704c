"""Decoding: both encodings mean the same, limits hold before parsing, and no bytes at all bring it down."""

from __future__ import annotations

import gzip
import json
import os
import random
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemetry.domain import Reason
from telemetry.receiver import decode, decode_json, metrics, wire
from telemetry.receiver.inflate import inflate
from telemetry.receiver.kin import kin_of
from telemetry.receiver.limits import MAX_INFLATED_BYTES, MAX_SPANS
from telemetry.receiver.refused import Refused
from tests.telemetry.receiver import traffic

values = st.one_of(
    st.text(max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.binary(max_size=8),
    st.lists(st.text(max_size=5), max_size=3),
)
attributes = st.dictionaries(st.text(min_size=1, max_size=12), values, max_size=6)


@given(
    found=attributes,
    name=st.text(max_size=30),
    start=st.integers(1, 2**64 - 1),
    span_id=st.binary(min_size=0, max_size=9),
)
def test_protobuf_and_json_mean_the_same(found: dict, name: str, start: int, span_id: bytes) -> None:
    message = traffic.request(resource={"cloud.region": "eu-west-3"})
    traffic.add_span(
        message, found, trace_id=b"t" * 16, span_id=span_id, name=name, start_ns=start, duration_ns=0
    )
    from_protobuf = decode.decode_traces(message.SerializeToString())
    from_json = decode_json.decode_traces(json.dumps(traffic.as_json(message)).encode())
    assert from_protobuf == from_json
    assert from_protobuf.received == len(from_protobuf.spans) + from_protobuf.rejections.total == 1


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    for read in (
        decode.decode_traces,
        decode.decode_logs,
        decode_json.decode_traces,
        decode_json.decode_logs,
    ):
        with suppress(Refused):
            read(body)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["resourceSpans", "scopeSpans", "spans", "attributes", "key", "value", "traceId", "resource", "arrayValue", "values", "status", "events"]), inner, max_size=4), max_leaves=20))  # fmt: skip
def test_any_json_is_decoded_or_refused(value: object) -> None:
    with suppress(Refused):
        decode_json.decode_traces(
            json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": value}]}]}).encode()
        )


@given(st.binary(max_size=5000))
def test_inflating_undoes_gzip(body: bytes) -> None:
    assert inflate(gzip.compress(body)) == body


@given(st.binary(min_size=1, max_size=300))
def test_no_bytes_inflate_to_more_than_they_announce(body: bytes) -> None:
    try:
        inflated = inflate(body)
    except Refused:
        return
    assert len(inflated) <= MAX_INFLATED_BYTES


def test_a_gzip_that_announces_less_than_it_holds_is_refused() -> None:
    lying = gzip.compress(b"x" * 1_000_000)[:-4] + (10).to_bytes(4, "little")
    with pytest.raises(Refused, match="announces"):
        inflate(lying)
    deflated = zlib.compress(b"x")
    with pytest.raises(Refused, match="not gzip"):
        inflate(deflated)


@given(st.integers(min_value=20, max_value=3000))
def test_a_gzip_that_was_cut_short_is_damaged_and_not_too_large(kept: int) -> None:
    """Its last four bytes are then no length; a small body's cannot be taken for one of gigabytes."""
    whole = gzip.compress(random.Random(7).randbytes(4000))
    with pytest.raises(Refused) as refused:
        inflate(whole[:kept])
    assert refused.value.reason is Reason.UNDECODABLE


def test_a_gzip_that_holds_too_much_is_too_large() -> None:
    with pytest.raises(Refused) as refused:
        inflate(gzip.compress(bytes(MAX_INFLATED_BYTES + 1)))
    assert refused.value.reason is Reason.TOO_LARGE


def test_frames_find_what_parsing_finds() -> None:
    message = traffic.chat_request(5)
    body = message.SerializeToString()
    (frame,) = wire.frames(body)
    (scope,) = frame.scopes
    spans = message.resource_spans[0].scope_spans[0].spans
    assert [body[start:end] for start, end in scope.items] == [span.SerializeToString() for span in spans]


def test_as_many_spans_as_allowed_and_not_one_more() -> None:
    def body(count: int) -> bytes:
        made = traffic.request()
        for _ in range(count):
            made.resource_spans[0].scope_spans[0].spans.add()
        encoded: bytes = made.SerializeToString()
        return encoded

    assert decode.decode_traces(body(MAX_SPANS)).received == MAX_SPANS
    with pytest.raises(Refused) as caught:
        decode.decode_traces(body(MAX_SPANS + 1))
    assert caught.value.reason is Reason.TOO_MANY_ITEMS


@pytest.mark.parametrize("shape", ["gauge", "sum", "histogram", "exponential_histogram", "summary"])
def test_data_points_of_every_kind_are_counted(shape: str) -> None:
    message = traffic.metrics_request(0)
    metric = message.resource_metrics[0].scope_metrics[0].metrics[0]
    for _ in range(4):
        getattr(metric, shape).data_points.add(time_unix_nano=1)
    for body, is_json in (
        (message.SerializeToString(), False),
        (json.dumps(traffic.as_json(message)).encode(), True),
    ):
        batch = metrics.metrics_batch(body, key_id=bytes(16), json=is_json, received_ns=1)
        assert (batch.received, batch.rejections.total) == (4, 4)


@given(
    st.lists(
        st.tuples(st.integers(1, 6), st.none() | st.integers(1, 6), st.booleans()),
        max_size=7,
        unique_by=lambda one: one[0],
    )
)
def test_kin_are_those_reached_by_going_up_or_going_down(plans: list[tuple[int, int | None, bool]]) -> None:
    message = traffic.request()
    for number, parent, speaks in plans:
        parent_id = b"" if parent is None else bytes([parent]) * 8
        chosen = traffic.CHAT if speaks else traffic.HTTP_CALL
        traffic.add_span(message, chosen, trace_id=b"t" * 16, span_id=bytes([number]) * 8, parent=parent_id)
    kept = kin_of(decode.decode_traces(message.SerializeToString()).spans)
    parents = {number: parent for number, parent, _ in plans}

    def above(number: int) -> set[int]:
        found: set[int] = set()
        at = parents.get(number)
        while at in parents and at not in found:
            found.add(at)
            at = parents[at]
        return found

    speaking = {number for number, _, speaks in plans if speaks}
    expected = [
        number in speaking or any(number in above(one) for one in speaking) or bool(above(number) & speaking)
        for number, _, _ in plans
    ]
    assert kept == expected


def test_ids_are_checked_by_length() -> None:
    for trace_id, span_id in ((b"short", b"s" * 8), (b"t" * 16, b"toolong__"), (bytes(16), b"s" * 8)):
        message = traffic.request()
        traffic.add_span(message, trace_id=trace_id, span_id=span_id)
        traffic.add_span(message, trace_id=os.urandom(16))
        decoded = decode.decode_traces(message.SerializeToString())
        assert decoded.rejections.items == {Reason.BAD_ID: 1}
        assert len(decoded.spans) == 1
