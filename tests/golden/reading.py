"""Reads a case of the corpus: OTLP JSON → decoded spans, each with the log records that speak of it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from telemetry.domain import DecodedEvent, DecodedScope, DecodedSpan, NormalisedSpan, SpanStatus

SPAN_KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUS_CODES = ("UNSET", "OK", "ERROR")


def read_case(case: dict[str, Any]) -> list[tuple[DecodedSpan, list[DecodedEvent]]]:
    """Every span of a case with its log records."""
    logs = _logs(case["logs"])
    spans = [
        _span(span, scope_spans["scope"], resource_spans["resource"])
        for resource_spans in case["traces"]["resourceSpans"]
        for scope_spans in resource_spans["scopeSpans"]
        for span in scope_spans["spans"]
    ]
    spans.sort(key=lambda span: (span.start_ns, -span.end_ns))
    return [(span, logs.get((span.trace_id, span.span_id), [])) for span in spans]


def _span(span: dict[str, Any], scope: dict[str, Any], resource: dict[str, Any]) -> DecodedSpan:
    status = span.get("status", {})
    parent = span.get("parentSpanId")
    return DecodedSpan(
        trace_id=bytes.fromhex(span["traceId"]),
        span_id=bytes.fromhex(span["spanId"]),
        parent_span_id=bytes.fromhex(parent) if parent else None,
        name=span["name"],
        otel_kind=_number(span["kind"], SPAN_KINDS),
        start_ns=int(span["startTimeUnixNano"]),
        end_ns=int(span["endTimeUnixNano"]),
        status=SpanStatus(_number(status.get("code", 0), STATUS_CODES)),
        status_message=status.get("message", ""),
        attributes=_attributes(span),
        events=[_event(event, event["name"]) for event in span.get("events", [])],
        resource=_attributes(resource),
        scope=DecodedScope(scope.get("name", ""), scope.get("version", "")),
    )


def _number(enum: str | int, names: tuple[str, ...]) -> int:
    """Python's exporters write enums by name, JavaScript's by number."""
    return enum if isinstance(enum, int) else names.index(enum.rsplit("_", 1)[-1])


def _logs(logs: dict[str, Any]) -> dict[tuple[bytes, bytes], list[DecodedEvent]]:
    found: dict[tuple[bytes, bytes], list[DecodedEvent]] = {}
    for resource_logs in logs.get("resourceLogs", []):
        for scope_logs in resource_logs["scopeLogs"]:
            for record in scope_logs["logRecords"]:
                place = (bytes.fromhex(record.get("traceId", "")), bytes.fromhex(record.get("spanId", "")))
                found.setdefault(place, []).append(_event(record, record.get("eventName", "")))
    return found


def _event(event: dict[str, Any], name: str) -> DecodedEvent:
    time = event.get("timeUnixNano", event.get("observedTimeUnixNano", "0"))
    return DecodedEvent(name, int(time), _attributes(event), _value(event.get("body", {})))


def _attributes(holder: dict[str, Any]) -> dict[str, Any]:
    return {entry["key"]: _value(entry["value"]) for entry in holder.get("attributes", [])}


def _value(value: dict[str, Any]) -> Any:
    for kind, written in value.items():
        return READERS.get(kind, lambda plain: plain)(written)
    return None


READERS: dict[str, Callable[[Any], Any]] = {
    "intValue": int,
    "doubleValue": float,
    "bytesValue": base64.b64decode,
    "arrayValue": lambda written: [_value(inner) for inner in written.get("values", [])],
    "kvlistValue": lambda written: {
        inner["key"]: _value(inner["value"]) for inner in written.get("values", [])
    },
}


def projected(span: NormalisedSpan) -> dict[str, Any]:
    """What a normalised span says, without what it does not say: JSON, for `expected.json`."""
    said = asdict(span)
    del said["span"]
    said |= said.pop("usage")
    said["flags"] = sorted(span.flags)
    said["documents"] = [_told(document) for document in said["documents"]]
    return _told(said)


def _told(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if value not in (None, [], False)}
