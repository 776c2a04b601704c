"""OTLP protobuf → decoded spans and log records. Bytes are walked first (`wire`), then parsed one message at a time."""

from __future__ import annotations

from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

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
from telemetry.receiver import wire
from telemetry.receiver.inflate import Body
from telemetry.receiver.limits import (
    MAX_ATTRIBUTES,
    MAX_EVENTS,
    MAX_KEY_CHARACTERS,
    MAX_VALUE_CHARACTERS,
    MAX_VALUE_DEPTH,
)
from telemetry.receiver.refused import Refused, undecodable
from telemetry.receiver.values import Decoded, Unfit, check_ids, checked_times, clean, parent_of, put

_STATUS = {0: SpanStatus.UNSET, 1: SpanStatus.OK, 2: SpanStatus.ERROR}
_LAST_OTEL_KIND = 5


def decode_traces(body: Body) -> Decoded:
    """An ExportTraceServiceRequest. Raises Refused when it is none; counts spans that cannot be kept."""
    reader = _Reader(body, Span, wire.Shape.SPAN)
    _refuse_other_signal(body, reader.frames)
    for message, resource, scope in reader.items():
        try:
            reader.decoded.spans.append(_span(message, resource, scope))
        except Unfit as unfit:
            reader.decoded.reject(unfit)
    return reader.decoded


def decode_logs(body: Body) -> Decoded:
    """An ExportLogsServiceRequest, its records with a span context; the others are counted."""
    reader = _Reader(body, LogRecord, wire.Shape.LOG)
    _refuse_spans(body, reader.frames)
    for message, resource, scope in reader.items():
        try:
            reader.decoded.logs.append(_log(message, resource, scope))
        except Unfit as unfit:
            reader.decoded.reject(unfit)
    return reader.decoded


class _Reader:
    """Goes through a request's frames and parses item after item, so that memory holds one parsed message at a time."""

    def __init__(self, body: Body, message: Any, shape: wire.Shape) -> None:
        self.body = body
        self.frames = wire.frames(body)
        self.decoded = Decoded()
        self._message = message
        self._shape = shape
        self._look = wire.DeepLook()

    def items(self) -> Any:
        for frame in self.frames:
            resource = self._attributes_of(Resource, wire.Shape.RESOURCE, frame.resource)
            for scope_frame in frame.scopes:
                scope = self._scope(scope_frame.scope)
                for extent in scope_frame.items:
                    self.decoded.received += 1
                    message = self._parse(extent)
                    if message is not None:
                        yield message, resource, scope

    def _parse(self, extent: wire.Extent) -> Any:
        """The parsed item, or None when it was rejected. A broken item breaks the request, as the standard asks."""
        objection = self._look.objection(self.body, extent, self._shape)
        if objection is None:
            try:
                return self._message.FromString(self.body[extent[0] : extent[1]])
            except DecodeError as error:
                objection = self._look.objection(self.body, extent, self._shape, always=True)
                if objection is None:
                    raise undecodable(
                        "A span or log record is no valid protobuf, or its text is not UTF-8."
                    ) from error
        self.decoded.reject(Unfit(objection, "a span with too many elements or values nested too deep"))
        return None

    def _attributes_of(self, message: Any, shape: wire.Shape, extent: wire.Extent | None) -> Attributes:
        return _safe_attributes(self._side(message, shape, extent).attributes)

    def _side(self, message: Any, shape: wire.Shape, extent: wire.Extent | None) -> Any:
        """A resource or a scope. It stands for many spans, so that an unfit one refuses the request."""
        if extent is None:
            return message()
        if self._look.objection(self.body, extent, shape) is not None:
            raise Refused(
                Reason.TOO_MANY_ITEMS, "A resource or scope holds too many attributes or nests too deep."
            )
        try:
            return message.FromString(self.body[extent[0] : extent[1]])
        except DecodeError as error:
            raise undecodable(
                "A resource or scope is no valid protobuf, or its text is not UTF-8."
            ) from error

    def _scope(self, extent: wire.Extent | None) -> DecodedScope:
        scope = self._side(InstrumentationScope, wire.Shape.SCOPE, extent)
        flags: set[Flag] = set()
        return DecodedScope(name=clean(scope.name, flags), version=clean(scope.version, flags))


def _safe_attributes(pairs: Any) -> Attributes:
    if len(pairs) > MAX_ATTRIBUTES:
        raise Refused(Reason.TOO_MANY_ITEMS, f"A resource may have {MAX_ATTRIBUTES} attributes.")
    try:
        return _attributes(pairs, set())
    except Unfit as unfit:
        raise Refused(Reason.TOO_MANY_ITEMS, f"A resource has {unfit.sample}.") from unfit


def _span(message: Any, resource: Attributes, scope: DecodedScope) -> DecodedSpan:
    trace_id, span_id = message.trace_id, message.span_id
    check_ids(trace_id, span_id)
    flags: set[Flag] = set()
    start_ns, end_ns = checked_times(message.start_time_unix_nano, message.end_time_unix_nano, flags)
    status, said = SpanStatus.UNSET, ""
    if message.HasField("status"):
        status = _STATUS.get(message.status.code, SpanStatus.UNSET)
        said = clean(message.status.message, flags)
    events = message.events
    return DecodedSpan(
        trace_id=trace_id,
        span_id=span_id,
        parent_span_id=parent_of(message.parent_span_id),
        name=clean(message.name, flags),
        otel_kind=message.kind if 0 <= message.kind <= _LAST_OTEL_KIND else 0,
        start_ns=start_ns,
        end_ns=end_ns,
        status=status,
        status_message=said,
        attributes=_attributes(message.attributes, flags),
        events=_events(events, flags) if events else [],
        resource=resource,
        scope=scope,
        flags=flags,
    )


def _events(messages: Any, flags: set[Flag]) -> list[DecodedEvent]:
    if len(messages) > MAX_EVENTS:
        raise Unfit(Reason.TOO_MANY_ATTRIBUTES, f"{len(messages)} events; a span may have {MAX_EVENTS}")
    return [
        DecodedEvent(
            name=clean(event.name, flags),
            time_ns=event.time_unix_nano,
            attributes=_attributes(event.attributes, flags),
        )
        for event in messages
    ]


def _log(message: Any, resource: Attributes, scope: DecodedScope) -> DecodedLog:
    if not message.trace_id and not message.span_id:
        raise Unfit(Reason.NO_SPAN_CONTEXT, "a log record that names no trace and span")
    check_ids(message.trace_id, message.span_id)
    flags: set[Flag] = set()
    attributes = _attributes(message.attributes, flags)
    name = message.event_name or attributes.get("event.name") or ""
    event = DecodedEvent(
        name=clean(str(name), flags),
        time_ns=message.time_unix_nano or message.observed_time_unix_nano,
        attributes=attributes,
        body=_value(message.body, flags, 0) if message.HasField("body") else None,
    )
    return DecodedLog(
        trace_id=message.trace_id, span_id=message.span_id, event=event, resource=resource, scope=scope
    )


def _attributes(pairs: Any, flags: set[Flag]) -> Attributes:
    if len(pairs) > MAX_ATTRIBUTES:
        raise Unfit(
            Reason.TOO_MANY_ATTRIBUTES, f"{len(pairs)} attributes; a span or event may have {MAX_ATTRIBUTES}"
        )
    attributes: Attributes = {}
    for pair in pairs:
        key, value = pair.key, pair.value
        text = value.string_value
        # most are short plain texts under short plain keys: asked here, because a call for each costs more than the look
        if text and len(text) <= MAX_VALUE_CHARACTERS and "\x00" not in text:
            found: Any = text
        else:
            found = _value(value, flags, 0)
        if len(key) <= MAX_KEY_CHARACTERS and "\x00" not in key:
            attributes[key] = found
        else:
            put(attributes, clean(key, flags), found, flags)
    return attributes


def _value(value: Any, flags: set[Flag], depth: int) -> Any:
    text = value.string_value
    if text:  # most values are text, and this is half the price of asking which they are
        return clean(text, flags)
    kind = value.WhichOneof("value")
    if kind == "array_value" or kind == "kvlist_value":  # noqa: PLR1714  # a set costs twice as much here
        return _container(value, kind, flags, depth + 1)
    return None if kind is None else getattr(value, kind)


def _container(value: Any, kind: str, flags: set[Flag], depth: int) -> Any:
    if depth > MAX_VALUE_DEPTH:
        raise Unfit(Reason.TOO_DEEP, f"a value nested deeper than {MAX_VALUE_DEPTH}")
    if kind == "array_value":
        return [_value(item, flags, depth) for item in value.array_value.values]
    return {clean(pair.key, flags): _value(pair.value, flags, depth) for pair in value.kvlist_value.values}


def _refuse_other_signal(body: Body, frames: list[wire.ResourceFrame]) -> None:
    """Logs and metrics are framed as traces are, and parse as spans without ids: say so instead of counting bad ids."""
    first = _first_item(frames)
    if first is None:
        return
    if wire.looks_like_log_record(body, first):
        raise Refused(Reason.WRONG_SIGNAL, "These are log records. Send them to /v1/logs, not to /v1/traces.")
    if wire.looks_like_metric(body, first):
        raise Refused(Reason.WRONG_SIGNAL, "These are metrics. Send them to /v1/metrics, not to /v1/traces.")


def _refuse_spans(body: Body, frames: list[wire.ResourceFrame]) -> None:
    first = _first_item(frames)
    if first is not None and wire.looks_like_span(body, first):
        raise Refused(Reason.WRONG_SIGNAL, "These are spans. Send them to /v1/traces, not to /v1/logs.")


def _first_item(frames: list[wire.ResourceFrame]) -> wire.Extent | None:
    return next((item for frame in frames for scope in frame.scopes for item in scope.items), None)
