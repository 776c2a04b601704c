"""Scenes as OTLP requests. Ids come from what a scene is, so that the same past has the same ids every time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1 import trace_pb2

from demo import dialects
from demo.conversations.steps import Scene
from demo.dialects import Span
from demo.dialects.shape import Attributes, Value
from demo.flows import Flow, by_name

NS_PER_MS = 1_000_000
_TRACE_ID_BYTES, _SPAN_ID_BYTES = 16, 8


@dataclass(frozen=True, slots=True)
class Parcel:
    """Spans of one sender that get out at one moment. `resource` is JSON: parcels of a sender travel under one."""

    out_ns: int
    key: str
    resource: str
    scope: tuple[str, str]
    spans: tuple[trace_pb2.Span, ...]


def parcels(
    flow: Flow, scene: Scene, *, name: str, start_ns: int, out_ns: int, resource: Mapping[str, str]
) -> list[Parcel]:
    """A scene on its way: one parcel, and one more of the gateway that saw it. `name` makes the ids."""
    trace_id = _id(name, _TRACE_ID_BYTES)
    spans = dialects.encode(scene, flow.dialect)
    ids = [_id(f"{name}/{place}", _SPAN_ID_BYTES) for place in range(len(spans))]
    made = [_span(span, trace_id, ids, ids[place], start_ns) for place, span in enumerate(spans)]
    if flow.silent:
        made = [_silenced(span) for span in made]
    found = [_parcel(flow, dialects.SCOPES[flow.dialect], made, out_ns, resource)]
    if flow.witness:
        gateway = by_name(flow.witness)
        seen = [
            _span(span, trace_id, ids, _id(f"{name}/w{span.parent}", _SPAN_ID_BYTES), start_ns)
            for span in dialects.witness(spans)
        ]
        found.append(_parcel(gateway, dialects.SCOPES["gateway"], seen, out_ns, gateway.resource_at("")))
    return found


def noise(flow: Flow, *, name: str, start_ns: int, out_ns: int) -> Parcel:
    """What a Collector carries beside AI: a health check, and now and then a span whose id is all zeros."""
    broken = int.from_bytes(_id(name, 2)) % 40 == 0
    span = trace_pb2.Span(
        trace_id=_id(name, _TRACE_ID_BYTES),
        span_id=bytes(_SPAN_ID_BYTES) if broken else _id(f"{name}/0", _SPAN_ID_BYTES),
        name="GET /healthz",
        kind=trace_pb2.Span.SPAN_KIND_SERVER,
        start_time_unix_nano=start_ns,
        end_time_unix_nano=start_ns + 2 * NS_PER_MS,
    )
    _put(span, {"http.request.method": "GET", "url.path": "/healthz"})
    return _parcel(
        flow, ("opentelemetry.instrumentation.asgi", "0.66b2"), [span], out_ns, flow.resource_at("")
    )


def request(parcels_: Iterable[Parcel]) -> bytes:
    """One export request that carries these parcels, as protobuf."""
    message = ExportTraceServiceRequest()
    grouped: dict[tuple[str, tuple[str, str]], list[trace_pb2.Span]] = {}
    for parcel in parcels_:
        grouped.setdefault((parcel.resource, parcel.scope), []).extend(parcel.spans)
    for (resource, scope), spans in grouped.items():
        under = message.resource_spans.add()
        _put(under.resource, json.loads(resource))
        scoped = under.scope_spans.add()
        scoped.scope.name, scoped.scope.version = scope
        scoped.spans.extend(spans)
    body: bytes = message.SerializeToString()
    return body


def _parcel(
    flow: Flow,
    scope: tuple[str, str],
    spans: list[trace_pb2.Span],
    out_ns: int,
    resource: Mapping[str, str],
) -> Parcel:
    return Parcel(out_ns, flow.key, json.dumps(resource, sort_keys=True), scope, tuple(spans))


def _span(span: Span, trace_id: bytes, ids: list[bytes], span_id: bytes, start_ns: int) -> trace_pb2.Span:
    made = trace_pb2.Span(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=b"" if span.parent is None else ids[span.parent],
        name=span.encoded.name,
        kind=int(span.encoded.kind),  # type: ignore[arg-type]  # protobuf's stubs want their own enum
        start_time_unix_nano=start_ns + span.start * NS_PER_MS,
        end_time_unix_nano=start_ns + span.end * NS_PER_MS,
    )
    _put(made, span.encoded.attributes)
    for name, after, attributes in span.encoded.events:
        _add_event(made, name, made.start_time_unix_nano + after * NS_PER_MS, attributes)
    if span.step.failure is not None:
        made.status.code = trace_pb2.Status.STATUS_CODE_ERROR
        made.status.message = span.step.failure.text
        said: Attributes = {
            "exception.type": span.step.failure.type,
            "exception.message": span.step.failure.text,
        }
        _add_event(made, "exception", made.end_time_unix_nano, said)
    return made


def _add_event(span: trace_pb2.Span, name: str, time_ns: int, attributes: Attributes) -> None:
    event = span.events.add(name=name, time_unix_nano=time_ns)
    _put(event, attributes)


def _silenced(span: trace_pb2.Span) -> trace_pb2.Span:
    """The span as an endpoint sends it whose capture is off: numbers and names, no content."""
    kept = [item for item in span.attributes if item.key not in _CONTENT]
    del span.attributes[:]
    span.attributes.extend(kept)
    return span


_CONTENT = frozenset({"gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"})


def _put(holder: trace_pb2.Span | trace_pb2.Span.Event | object, attributes: Mapping[str, Value]) -> None:
    """Write attributes onto a span, an event or a resource."""
    items = holder.attributes  # type: ignore[union-attr]  # all three have them; protobuf gives them no common type
    for name, value in attributes.items():
        item = items.add(key=name).value
        match value:
            case bool():
                item.bool_value = value
            case int():
                item.int_value = value
            case float():
                item.double_value = value
            case str():
                item.string_value = value
            case list():
                for inner in value:
                    item.array_value.values.add(string_value=inner)


def _id(name: str, size: int) -> bytes:
    return hashlib.sha256(f"armor/{name}".encode()).digest()[:size]
