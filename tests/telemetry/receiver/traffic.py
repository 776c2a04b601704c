"""Requests as OpenTelemetry SDKs make them, and the odd ones."""

from __future__ import annotations

import base64
import os
import time
from typing import Any

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
}
HTTP_CALL = {"http.request.method": "GET", "url.full": "https://shop.example/basket"}


def put(attributes: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        attributes.add(key=key, value=any_value(value))


def any_value(value: Any) -> AnyValue:
    if isinstance(value, bool):
        return AnyValue(bool_value=value)
    if isinstance(value, int):
        return AnyValue(int_value=value)
    if isinstance(value, float):
        return AnyValue(double_value=value)
    if isinstance(value, bytes):
        return AnyValue(bytes_value=value)
    if isinstance(value, list):
        made = AnyValue()
        made.array_value.values.extend(any_value(item) for item in value)
        return made
    return AnyValue(string_value=value)


def request(
    *, service: str = "chat-full", resource: dict[str, Any] | None = None
) -> ExportTraceServiceRequest:
    made = ExportTraceServiceRequest()
    block = made.resource_spans.add()
    put(block.resource.attributes, {"service.name": service} | (resource or {}))
    block.scope_spans.add().scope.name = "tests"
    return made


def add_span(
    made: ExportTraceServiceRequest,
    attributes: dict[str, Any] | None = None,
    *,
    trace_id: bytes | None = None,
    span_id: bytes | None = None,
    parent: bytes = b"",
    name: str = "chat gpt-4o",
    start_ns: int | None = None,
    duration_ns: int = 1_000_000_000,
) -> Span:
    start = time.time_ns() - 2 * 10**9 if start_ns is None else start_ns
    span = (
        made.resource_spans[0]
        .scope_spans[0]
        .spans.add(
            trace_id=os.urandom(16) if trace_id is None else trace_id,
            span_id=os.urandom(8) if span_id is None else span_id,
            parent_span_id=parent,
            name=name,
            kind=Span.SPAN_KIND_CLIENT,
            start_time_unix_nano=start,
            end_time_unix_nano=max(0, start + duration_ns),
        )
    )
    put(span.attributes, CHAT if attributes is None else attributes)
    return span


def chat_request(
    spans: int = 1, *, service: str = "chat-full", text: str = "hello"
) -> ExportTraceServiceRequest:
    made = request(service=service)
    trace_id = os.urandom(16)
    for number in range(spans):
        said = f'[{{"role":"user","parts":[{{"type":"text","content":"{text} {number}"}}]}}]'
        add_span(made, CHAT | {"gen_ai.input.messages": said}, trace_id=trace_id)
    return made


def log_request(
    *, trace_id: bytes, span_id: bytes, service: str = "chat-full", text: str = "what is it?"
) -> ExportLogsServiceRequest:
    made = ExportLogsServiceRequest()
    block = made.resource_logs.add()
    put(block.resource.attributes, {"service.name": service})
    record = block.scope_logs.add().log_records.add(
        trace_id=trace_id,
        span_id=span_id,
        event_name="gen_ai.client.inference.operation.details",
        time_unix_nano=1_700_000_000_000_000_000,
    )
    said = f'[{{"role":"user","parts":[{{"type":"text","content":"{text}"}}]}}]'
    put(record.attributes, {"gen_ai.operation.name": "chat", "gen_ai.input.messages": said})
    return made


def metrics_request(points: int = 3) -> ExportMetricsServiceRequest:
    made = ExportMetricsServiceRequest()
    metric = (
        made.resource_metrics.add()
        .scope_metrics.add()
        .metrics.add(name="gen_ai.client.token.usage", unit="1")
    )
    for number in range(points):
        metric.gauge.data_points.add(as_int=number)
    return made


def as_json(message: Any) -> dict[str, Any]:
    """OTLP/JSON: as protobuf's JSON, but ids in hex and enums as integers."""
    found: dict[str, Any] = _hex_ids(MessageToDict(message, use_integers_for_enums=True))
    return found


def _hex_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: base64.b64decode(inner).hex()
            if key in {"traceId", "spanId", "parentSpanId"}
            else _hex_ids(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_hex_ids(inner) for inner in value]
    return value
