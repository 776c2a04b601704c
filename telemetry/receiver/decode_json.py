"""OTLP/JSON → decoded spans and log records: lowerCamelCase, hex ids, int64 as string or number, enums as integers."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from telemetry.domain import (
    Attributes,
    DecodedEvent,
    DecodedLog,
    DecodedScope,
    DecodedSpan,
    Flag,
    Reason,
    SpanStatus,
)
from telemetry.receiver.inflate import Body
from telemetry.receiver.limits import (
    JSON_BYTES_SAFE_UNCOUNTED,
    MAX_ATTRIBUTES,
    MAX_EVENTS,
    MAX_JSON_ELEMENTS,
    MAX_SPANS,
    MAX_VALUE_DEPTH,
)
from telemetry.receiver.refused import Refused, undecodable
from telemetry.receiver.values import (
    Decoded,
    Unfit,
    check_ids,
    checked_times,
    clean,
    parent_of,
    put,
    without_surrogates,
)

Json = dict[str, Any]

_STRINGS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MAYBE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_HEX = re.compile(r"[0-9a-fA-F]*", re.ASCII)
_OTHER_SIGNALS = {
    "resourceSpans": "These are spans. Send them to /v1/traces.",
    "resourceLogs": "These are log records. Send them to /v1/logs.",
    "resourceMetrics": "These are metrics. Send them to /v1/metrics.",
}
_UINT64_DIGITS = 20


def decode_traces(body: Body) -> Decoded:
    """An ExportTraceServiceRequest in JSON. Raises Refused when it is none; counts spans that cannot be kept."""
    decoded = Decoded()
    for item, resource, scope in _items(body, "resourceSpans", "scopeSpans", "spans", decoded):
        try:
            decoded.spans.append(_span(item, resource, scope))
        except Unfit as unfit:
            decoded.reject(unfit)
    return decoded


def decode_logs(body: Body) -> Decoded:
    """An ExportLogsServiceRequest in JSON, its records with a span context; the others are counted."""
    decoded = Decoded()
    for item, resource, scope in _items(body, "resourceLogs", "scopeLogs", "logRecords", decoded):
        try:
            decoded.logs.append(_log(item, resource, scope))
        except Unfit as unfit:
            decoded.reject(unfit)
    return decoded


def metrics(body: Body) -> Iterator[Json]:
    """The metrics of an ExportMetricsServiceRequest in JSON, as they are."""
    for metric, _, _ in _items(body, "resourceMetrics", "scopeMetrics", "metrics", Decoded()):
        yield metric


def _items(
    body: Body, resources: str, scopes: str, items: str, decoded: Decoded
) -> Iterator[tuple[Json, Attributes, DecodedScope]]:
    root = _load(body)
    for other, advice in _OTHER_SIGNALS.items():
        if other != resources and other in root and resources not in root:
            raise Refused(Reason.WRONG_SIGNAL, advice)
    for block in _objects(root, resources):
        resource = _resource(_object(block, "resource"))
        for scope_block in _objects(block, scopes):
            scope = _scope(_object(scope_block, "scope"))
            for item in _objects(scope_block, items):
                decoded.received += 1
                if decoded.received > MAX_SPANS:
                    raise Refused(
                        Reason.TOO_MANY_ITEMS, f"A request may hold {MAX_SPANS:,} spans or log records."
                    )
                yield item, resource, scope


def _load(body: Body) -> Json:
    _count_elements(body)
    try:
        root = orjson.loads(body or b"{}")
    except orjson.JSONDecodeError as error:
        root = _load_with_surrogates(body, error)
    if not isinstance(root, dict):
        raise undecodable("The body is JSON but no object; an OTLP request is one.")
    return root


def _load_with_surrogates(body: Body, error: orjson.JSONDecodeError) -> Any:
    """Some SDKs send half of a character cut in two. The fast parser refuses it; the slow one lets it be repaired."""
    if _MAYBE_SURROGATE.search(body):
        try:
            return json.loads(body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            pass  # the fast parser's message below says where
    raise undecodable(f"The body is no valid JSON: {error.msg} at position {error.pos}.") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _count_elements(body: Body) -> None:
    """Refuse a text whose objects would fill the memory, before any of them is made."""
    if len(body) <= JSON_BYTES_SAFE_UNCOUNTED or _marks(body, 0, len(body)) <= MAX_JSON_ELEMENTS:
        return
    marks = begin = 0
    for string in _STRINGS.finditer(body):  # what looks like structure within a text is none
        marks += _marks(body, begin, string.start())
        begin = string.end()
        if marks > MAX_JSON_ELEMENTS:
            break
    if marks + _marks(body, begin, len(body)) > MAX_JSON_ELEMENTS:
        raise Refused(Reason.TOO_MANY_ITEMS, "The request holds too many elements. Send smaller batches.")


def _marks(text: Body, begin: int, end: int) -> int:
    return text.count(b"{", begin, end) + text.count(b"[", begin, end) + text.count(b",", begin, end)


def _span(item: Json, resource: Attributes, scope: DecodedScope) -> DecodedSpan:
    trace_id, span_id = _id(item, "traceId"), _id(item, "spanId")
    check_ids(trace_id, span_id)
    flags: set[Flag] = set()
    start_ns, end_ns = checked_times(
        _integer(item, "startTimeUnixNano"), _integer(item, "endTimeUnixNano"), flags
    )
    status = _object(item, "status")
    return DecodedSpan(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_of(_id(item, "parentSpanId")),
        name=_text(item, "name", flags),
        otel_kind=_enum(item, "kind", last=5),
        start_ns=start_ns,
        end_ns=end_ns,
        status=SpanStatus(_enum(status, "code", last=2)),
        status_message=_text(status, "message", flags),
        attributes=_attributes(item, flags),
        events=_events(item, flags),
        resource=resource,
        scope=scope,
        flags=flags,
    )


def _events(item: Json, flags: set[Flag]) -> list[DecodedEvent]:
    events = _objects(item, "events")
    if len(events) > MAX_EVENTS:
        raise Unfit(Reason.TOO_MANY_ATTRIBUTES, f"{len(events)} events; a span may have {MAX_EVENTS}")
    return [
        DecodedEvent(
            name=_text(event, "name", flags),
            time_ns=_integer(event, "timeUnixNano"),
            attributes=_attributes(event, flags),
        )
        for event in events
    ]


def _log(item: Json, resource: Attributes, scope: DecodedScope) -> DecodedLog:
    trace_id, span_id = _id(item, "traceId"), _id(item, "spanId")
    if not trace_id and not span_id:
        raise Unfit(Reason.NO_SPAN_CONTEXT, "a log record that names no trace and span")
    check_ids(trace_id, span_id)
    flags: set[Flag] = set()
    attributes = _attributes(item, flags)
    event = DecodedEvent(
        name=_text(item, "eventName", flags) or str(attributes.get("event.name") or ""),
        time_ns=_integer(item, "timeUnixNano") or _integer(item, "observedTimeUnixNano"),
        attributes=attributes,
        body=_value(item.get("body"), flags, 0),
    )
    return DecodedLog(trace_id=trace_id, span_id=span_id, event=event, resource=resource, scope=scope)


def _resource(resource: Json) -> Attributes:
    try:
        return _attributes(resource, set())
    except Unfit as unfit:
        raise Refused(Reason.TOO_MANY_ITEMS, f"A resource has {unfit.sample}.") from unfit


def _scope(scope: Json) -> DecodedScope:
    flags: set[Flag] = set()
    return DecodedScope(name=_text(scope, "name", flags), version=_text(scope, "version", flags))


def _attributes(holder: Json, flags: set[Flag]) -> Attributes:
    pairs = _objects(holder, "attributes")
    if len(pairs) > MAX_ATTRIBUTES:
        raise Unfit(
            Reason.TOO_MANY_ATTRIBUTES, f"{len(pairs)} attributes; a span or event may have {MAX_ATTRIBUTES}"
        )
    attributes: Attributes = {}
    for pair in pairs:
        put(attributes, _text(pair, "key", flags), _value(pair.get("value"), flags, 0), flags)
    return attributes


def _value(value: Any, flags: set[Flag], depth: int) -> Any:
    """An AnyValue. What has no known field is None: newer senders may know more kinds of value than we do."""
    if value is None:
        return None
    if not isinstance(value, dict):
        raise undecodable('An attribute\'s value is no object such as {"stringValue": …}.')
    if depth > MAX_VALUE_DEPTH:
        raise Unfit(Reason.TOO_DEEP, f"a value nested deeper than {MAX_VALUE_DEPTH}")
    for name, read in _READERS.items():
        if name in value:
            return read(value, flags, depth)
    return None


def _list(value: Json, flags: set[Flag], depth: int) -> Any:
    items = _object(value, "arrayValue").get("values") or []
    if not isinstance(items, list):
        raise undecodable("An arrayValue's “values” is no list.")
    return [_value(item, flags, depth + 1) for item in items]


def _map(value: Json, flags: set[Flag], depth: int) -> Any:
    pairs = _objects(_object(value, "kvlistValue"), "values")
    return {_text(pair, "key", flags): _value(pair.get("value"), flags, depth + 1) for pair in pairs}


def _double(value: Json, _flags: set[Flag], _depth: int) -> Any:
    try:
        return float(value["doubleValue"])
    except (TypeError, ValueError) as error:
        raise undecodable("A doubleValue is no number.") from error


def _bytes(value: Json, _flags: set[Flag], _depth: int) -> Any:
    try:
        return base64.b64decode(value["bytesValue"], validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise undecodable("A bytesValue is no base64.") from error


_READERS = {
    "stringValue": lambda value, flags, _depth: _text(value, "stringValue", flags),
    "intValue": lambda value, _flags, _depth: _integer(value, "intValue"),
    "boolValue": lambda value, _flags, _depth: value["boolValue"] is True,
    "doubleValue": _double,
    "arrayValue": _list,
    "kvlistValue": _map,
    "bytesValue": _bytes,
}


def _id(holder: Json, name: str) -> bytes:
    text = holder.get(name) or ""
    if not isinstance(text, str):
        raise undecodable(f"“{name}” is no string of hexadecimal digits.")
    if len(text) % 2 or not _HEX.fullmatch(text):
        raise Unfit(Reason.BAD_ID, f"a {name} that is not hexadecimal")
    return bytes.fromhex(text)


def _integer(holder: Json, name: str) -> int:
    """A whole number written as number or string; 0 where it is absent."""
    value = holder.get(name)
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and len(value) <= _UINT64_DIGITS and value.lstrip("-").isdecimal():
        return int(value)
    raise undecodable(f"“{name}” is no whole number.")


def _enum(holder: Json, name: str, *, last: int) -> int:
    value = holder.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise undecodable(f"“{name}” must be an integer; OTLP/JSON does not know enum names.")
    return value if 0 <= value <= last else 0


def _text(holder: Json, name: str, flags: set[Flag]) -> str:
    value = holder.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise undecodable(f"“{name}” is no string.")
    return clean(without_surrogates(value, flags), flags)


def _object(holder: Json, name: str) -> Json:
    value = holder.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise undecodable(f"“{name}” is no object.")
    return value


def _objects(holder: Json, name: str) -> list[Json]:
    value = holder.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise undecodable(f"“{name}” is no list of objects.")
    return value
