"""What the OTLP standard asks of a receiver, over HTTP and gRPC, in protobuf and JSON."""

from __future__ import annotations

import gzip
import http.client
import json
from typing import Any

import grpc
import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from telemetry import schema
from telemetry.domain import Signal
from telemetry.receiver.rpc import SERVICES, STATUS_DETAILS
from telemetry.store import Store
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import JSON, PROTOBUF, Ingest, rows
from tests.telemetry.receiver.ingest_process import EXPIRED, GOOD, REVOKED, STRANGE

pytestmark = [pytest.mark.database, pytest.mark.integration]

ENCODINGS = pytest.mark.parametrize("media_type", [PROTOBUF, JSON])
RESPONSES = {
    Signal.TRACES: ExportTraceServiceResponse,
    Signal.LOGS: ExportLogsServiceResponse,
    Signal.METRICS: ExportMetricsServiceResponse,
}


def encoded(message: Any, media_type: str) -> bytes:
    if media_type == JSON:
        return json.dumps(traffic.as_json(message)).encode()
    body: bytes = message.SerializeToString()
    return body


def stored(store: Store, message: Any) -> list[dict[str, Any]]:
    trace_id = message.resource_spans[0].scope_spans[0].spans[0].trace_id
    return rows(store, schema.spans, schema.spans.c.trace_id == trace_id)


@ENCODINGS
def test_an_acknowledged_span_is_in_the_record(standing: Ingest, store: Store, media_type: str) -> None:
    message = traffic.chat_request(3)
    answer = standing.post("/v1/traces", encoded(message, media_type), media_type=media_type)
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    assert answer.body == (b"{}" if media_type == JSON else b"")
    assert {row["model"] for row in stored(store, message)} == {"gpt-4o"}
    assert len(stored(store, message)) == 3


@ENCODINGS
def test_both_encodings_say_the_same(standing: Ingest, store: Store, media_type: str) -> None:
    message = traffic.request(service="chat-hashed")
    attributes = traffic.CHAT | {
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.request.temperature": 0.5,
    }
    traffic.add_span(
        message,
        attributes,
        trace_id=bytes([7]) * 16,
        span_id=bytes([9]) * 8,
        start_ns=1_794_000_000_000_000_000,
    )
    assert standing.post("/v1/traces", encoded(message, media_type), media_type=media_type).status == 200
    (row,) = stored(store, message)
    differing = rows(store, schema.ingest_minutes, schema.ingest_minutes.c.differing > 0)
    assert row["input_tokens"] == 100
    assert differing == []


@ENCODINGS
def test_gzip_is_taken(standing: Ingest, store: Store, media_type: str) -> None:
    message = traffic.chat_request(2)
    body = gzip.compress(encoded(message, media_type))
    answer = standing.post("/v1/traces", body, media_type=media_type, headers={"content-encoding": "gzip"})
    assert answer.status == 200
    assert len(stored(store, message)) == 2


def test_a_body_in_chunks_is_taken(standing: Ingest, store: Store) -> None:
    message = traffic.chat_request(2)
    body = message.SerializeToString()
    answer = standing.post("/v1/traces", iter([body[:50], body[50:]]))  # type: ignore[arg-type]
    assert answer.status == 200
    assert len(stored(store, message)) == 2


@ENCODINGS
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/logs", "/v1/metrics"])
def test_an_empty_request_succeeds(standing: Ingest, path: str, media_type: str) -> None:
    body = b"{}" if media_type == JSON else b""
    answer = standing.post(path, body, media_type=media_type)
    assert (answer.status, answer.headers["content-type"]) == (200, media_type)


@ENCODINGS
def test_metrics_are_answered_truthfully(standing: Ingest, media_type: str) -> None:
    answer = standing.post(
        "/v1/metrics", encoded(traffic.metrics_request(3), media_type), media_type=media_type
    )
    assert answer.status == 200
    if media_type == JSON:
        assert answer.json()["partialSuccess"]["rejectedDataPoints"] == "3"
    else:
        response = ExportMetricsServiceResponse.FromString(answer.body)
        assert response.partial_success.rejected_data_points == 3
        assert "not stored" in response.partial_success.error_message


@ENCODINGS
def test_a_mixed_batch_is_a_partial_success(standing: Ingest, store: Store, media_type: str) -> None:
    message = traffic.chat_request(1)
    traffic.add_span(message, span_id=b"short")
    traffic.add_span(message, trace_id=bytes(16))
    traffic.add_span(message, start_ns=0, duration_ns=0)
    answer = standing.post("/v1/traces", encoded(message, media_type), media_type=media_type)
    assert answer.status == 200
    assert len(stored(store, message)) == 1
    if media_type == JSON:
        assert answer.json()["partialSuccess"]["rejectedSpans"] == "3"
    else:
        said = ExportTraceServiceResponse.FromString(answer.body).partial_success
        assert said.rejected_spans == 3
        assert "bad_id" in said.error_message
        assert "bad_time" in said.error_message


REFUSALS = {
    "nonsense": (b"\xff\xfe nonsense", {}, 400),
    "cut short": (traffic.chat_request().SerializeToString()[:-3], {}, 400),
    "no key": (b"", {"token": ""}, 401),
    "a mistyped key": (b"", {"token": GOOD.text()[:-1] + "x"}, 401),
    "an unknown key": (b"", {"token": STRANGE.text()}, 401),
    "a revoked key": (b"", {"token": REVOKED.text()}, 401),
    "an expired key": (b"", {"token": EXPIRED.text()}, 401),
    "an API token": (b"", {"token": type(GOOD)("ap", GOOD.public_id, GOOD.secret).text()}, 403),
    "an absurd key": (b"", {"token": "x" * 5000}, 401),
    "basic authentication": (b"", {"headers": {"authorization": "Basic YTpi"}}, 401),
    "another type": (b"", {"media_type": "text/plain"}, 415),
    "no type": (b"", {"media_type": None}, 415),
    "another encoding": (b"", {"headers": {"content-encoding": "br"}}, 415),
    "no gzip after all": (b"abc", {"headers": {"content-encoding": "gzip"}}, 400),
    "two gzip members": (gzip.compress(b"") * 2, {"headers": {"content-encoding": "gzip"}}, 400),
    "half a gzip": (gzip.compress(b"x" * 99)[:-4] + bytes(4), {"headers": {"content-encoding": "gzip"}}, 400),
    "another path": (b"", {"path": "/v1/trace"}, 404),
    "a slash too many": (b"", {"path": "/v1/traces/"}, 404),
    "another method": (b"", {"method": "PUT"}, 405),
    "reading": (b"", {"method": "GET"}, 405),
    "too large": (b"\x00" * (17 * 1024 * 1024), {}, 413),
    "logs among the traces": (
        traffic.log_request(trace_id=b"t" * 16, span_id=b"s" * 8).SerializeToString(), {}, 400,
    ),
    "metrics among the traces": (traffic.metrics_request().SerializeToString(), {}, 400),
    "traces among the logs": (traffic.chat_request().SerializeToString(), {"path": "/v1/logs"}, 400),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_what_cannot_be_taken_is_refused_clearly(standing: Ingest, what: str) -> None:
    body, more, status = REFUSALS[what]
    more = dict(more)
    path = str(more.pop("path", "/v1/traces"))
    answer = standing.post(path, body, **more)  # type: ignore[arg-type]
    assert answer.status == status
    assert answer.body
    assert standing.post("/v1/traces", traffic.chat_request().SerializeToString()).status == 200


@ENCODINGS
def test_an_error_is_a_status_in_the_requests_type(standing: Ingest, media_type: str) -> None:
    answer = standing.post("/v1/traces", b"\xff", media_type=media_type)
    assert (answer.status, answer.headers["content-type"]) == (400, media_type)
    if media_type == JSON:
        assert answer.json()["code"] == 3
    else:
        assert answer.body[:2] == b"\x08\x03"  # google.rpc.Status: field 1, INVALID_ARGUMENT


def test_two_authorization_headers_are_one_too_many(standing: Ingest) -> None:

    connection = http.client.HTTPConnection("127.0.0.1", standing.http)
    connection.putrequest("POST", "/v1/traces")
    for token in (GOOD, STRANGE):
        connection.putheader("authorization", f"Bearer {token.text()}")
    connection.putheader("content-type", PROTOBUF)
    connection.putheader("content-length", "0")
    connection.endheaders()
    assert connection.getresponse().status == 401
    connection.close()


JSON_RULES = {
    "int64 as a number": ('"startTimeUnixNano": 1794000000000000000', 200),
    "int64 as a string": ('"startTimeUnixNano": "1794000000000000000"', 200),
    "unknown fields": ('"startTimeUnixNano": "1794000000000000000", "future": {"a": [1]}', 200),
    "an enum by name": ('"startTimeUnixNano": "1794000000000000000", "kind": "SPAN_KIND_CLIENT"', 400),
    "text where a number belongs": ('"startTimeUnixNano": "soon"', 400),
    "a list where an object belongs": ('"startTimeUnixNano": 1794000000000000000, "status": []', 400),
}


@pytest.mark.parametrize("rule", JSON_RULES)
def test_json_rules(standing: Ingest, rule: str) -> None:
    fields, status = JSON_RULES[rule]
    attribute = '{"key": "gen_ai.operation.name", "value": {"stringValue": "chat"}}'
    span = f'{{"traceId": "{"Ab" * 16}", "spanId": "{"cd" * 8}", "attributes": [{attribute}], {fields}}}'
    body = f'{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{span}]}}]}}]}}'
    answer = standing.post("/v1/traces", body.encode(), media_type=JSON)
    assert (answer.status, answer.body if status == 200 else b"") == (status, b"{}" if status == 200 else b"")


def test_whoami_and_span_look_up(standing: Ingest) -> None:
    message = traffic.chat_request()
    span = message.resource_spans[0].scope_spans[0].spans[0]
    assert standing.post("/v1/traces", message.SerializeToString()).status == 200
    who = standing.post("/v1/whoami", b"", method="GET").json()
    assert who["key"] == {"public_id": GOOD.public_id, "name": "key 1", "scope": "everything"}
    path = f"/v1/spans/{span.trace_id.hex()}/{span.span_id.hex()}"
    found = standing.post(path, b"", method="GET").json()
    assert found["found"] is True
    assert found["sender"]["service_name"] == "chat-full"
    assert found["content_mode"] == "full"
    assert found["resolution"]["deployment"] == "Triage"
    assert (
        standing.post(path, b"", method="GET", token=type(GOOD)("ep", "small000", "e" * 43).text()).status
        == 404
    )
    assert standing.post(path, b"", method="GET", token="").status == 401


def test_healthz_and_readyz_ask_for_no_key(standing: Ingest) -> None:
    for path in ("/healthz", "/readyz"):
        assert standing.post(path, b"", method="GET", token="").status == 200


# ---- gRPC


def call(
    ingest: Ingest,
    message: bytes,
    *,
    signal: Signal = Signal.TRACES,
    token: str | None = None,
    compression: grpc.Compression = grpc.Compression.NoCompression,
) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{ingest.grpc}") as channel:
        export = channel.unary_unary(f"/{SERVICES[signal]}/Export")
        metadata = (("authorization", f"Bearer {GOOD.text() if token is None else token}"),)
        answer: bytes = export(message, metadata=metadata, compression=compression, timeout=30)
        return answer


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_grpc_takes_spans(standing: Ingest, store: Store, compression: grpc.Compression) -> None:
    message = traffic.chat_request(3)
    assert call(standing, message.SerializeToString(), compression=compression) == b""
    assert len(stored(store, message)) == 3


@pytest.mark.parametrize("signal", list(Signal))
def test_grpc_takes_an_empty_request(standing: Ingest, signal: Signal) -> None:
    assert RESPONSES[signal].FromString(call(standing, b"", signal=signal)) == RESPONSES[signal]()


GRPC_REFUSALS = {
    "nonsense": (b"\xff\xfe", {}, grpc.StatusCode.INVALID_ARGUMENT),
    "no token": (b"", {"token": ""}, grpc.StatusCode.UNAUTHENTICATED),
    "an unknown key": (b"", {"token": STRANGE.text()}, grpc.StatusCode.UNAUTHENTICATED),
    "an API token": (
        b"", {"token": type(GOOD)("ap", GOOD.public_id, GOOD.secret).text()}, grpc.StatusCode.PERMISSION_DENIED,
    ),
    "too large": (b"\x00" * (17 * 1024 * 1024), {}, grpc.StatusCode.RESOURCE_EXHAUSTED),
    "a bomb": (
        b"\x0a\x00" * (40 * 1024 * 1024), {"compression": grpc.Compression.Gzip}, grpc.StatusCode.RESOURCE_EXHAUSTED,
    ),
    "logs among the traces": (
        traffic.log_request(trace_id=b"t" * 16, span_id=b"s" * 8).SerializeToString(),
        {},
        grpc.StatusCode.INVALID_ARGUMENT,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", GRPC_REFUSALS)
def test_grpc_refuses_with_the_matching_code(standing: Ingest, what: str) -> None:
    message, more, code = GRPC_REFUSALS[what]
    with pytest.raises(grpc.RpcError) as caught:
        call(standing, message, **more)  # type: ignore[arg-type]
    error: Any = caught.value
    assert error.code() is code
    if what != "too large":  # that one gRPC refuses by itself
        details = dict(error.trailing_metadata())[STATUS_DETAILS]
        assert details[:1] == b"\x08"
        assert b"RetryInfo" not in details
