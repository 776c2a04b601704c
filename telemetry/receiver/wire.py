"""Protobuf bytes looked at without parsing them: how many of what, how deep, where each span begins and ends.

8 KB of gzip can hold four million empty spans, and parsing them takes 700 MB. So the frames of a request (resources,
scopes, spans) are walked first, with a budget. Spans then are parsed one by one: a small span cannot hold enough to hurt,
a large one is walked to the bottom before it is parsed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from telemetry.domain import Reason
from telemetry.receiver.inflate import Body
from telemetry.receiver.limits import (
    MAX_DEEP_ELEMENTS,
    MAX_FRAMES,
    MAX_SPAN_ELEMENTS,
    MAX_SPANS,
    MAX_VALUE_DEPTH,
    SPAN_BYTES_SAFE_UNCOUNTED,
)
from telemetry.receiver.refused import Refused, undecodable

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_VARINT_MAX_BYTES = 10
_FIELDS_TO_KNOW_A_MESSAGE = 400
_METRIC_DATA = frozenset({5, 7, 9, 10, 11})  # gauge, sum, histogram, exponential histogram, summary

Extent = tuple[int, int]
"""Where a message begins and ends in the body."""


class _Budget:
    """How many more fields may be looked at."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0:
            raise Refused(
                Reason.TOO_MANY_ITEMS,
                "The request holds too many elements for its size. Send smaller batches.",
            )


@dataclass(slots=True)
class ScopeFrame:
    """One scope and the extents of its spans (or log records)."""

    scope: Extent | None = None
    items: list[Extent] = field(default_factory=list)


@dataclass(slots=True)
class ResourceFrame:
    """One resource and its scopes."""

    resource: Extent | None = None
    scopes: list[ScopeFrame] = field(default_factory=list)


def frames(body: Body) -> list[ResourceFrame]:
    """The frames of an OTLP export request; traces, logs and metrics are framed alike (fields 1, 2 and 2).

    Raises Refused when the bytes are no protobuf, use groups, or hold more spans or fields than allowed.
    """
    budget = _Budget(MAX_FRAMES)
    found: list[ResourceFrame] = []
    try:
        for number, start, end in _fields(body, 0, len(body), budget):
            if number == 1:
                found.append(_resource_frame(body, start, end, budget))
    except IndexError as error:
        raise undecodable("The body is no protobuf: it ends within a field.") from error
    if sum(len(scope.items) for frame in found for scope in frame.scopes) > MAX_SPANS:
        raise Refused(
            Reason.TOO_MANY_ITEMS,
            f"A request may hold {MAX_SPANS:,} spans or log records. Send smaller batches.",
        )
    return found


def _resource_frame(body: Body, start: int, end: int, budget: _Budget) -> ResourceFrame:
    frame = ResourceFrame()
    for number, inner_start, inner_end in _fields(body, start, end, budget):
        if number == 1:
            frame.resource = (inner_start, inner_end)
        elif number == 2:
            frame.scopes.append(_scope_frame(body, inner_start, inner_end, budget))
    return frame


def _scope_frame(body: Body, start: int, end: int, budget: _Budget) -> ScopeFrame:
    frame = ScopeFrame()
    for number, inner_start, inner_end in _fields(body, start, end, budget):
        if number == 1:
            frame.scope = (inner_start, inner_end)
        elif number == 2:
            frame.items.append((inner_start, inner_end))
    return frame


class _TooMany(Exception):
    """One message has more fields than any one may have."""


def _fields(
    body: Body, position: int, end: int, budget: _Budget, *, most: int = MAX_FRAMES
) -> list[tuple[int, int, int]]:
    """The length-delimited fields between two places: number, start, end. All others are stepped over, and counted.

    Raises _TooMany when there are more than `most`, and Refused when the request's budget is spent.
    """
    found: list[tuple[int, int, int]] = []
    left = before = min(budget.left, most)
    while position < end:
        left -= 1
        if left < 0:
            budget.spend(before + 1)
            raise _TooMany
        tag = body[position]
        position += 1
        if tag > 0x7F:
            tag, position = _varint(body, position - 1)
        kind = tag & 7
        if kind == BYTES:
            length = body[position]
            position += 1
            if length > 0x7F:
                length, position = _varint(body, position - 1)
            start = position
            position += length
            found.append((tag >> 3, start, position))
        else:
            position = _step_over(body, position, kind)
        if position > end:
            raise undecodable("The body is no protobuf: a field is longer than what holds it.")
    budget.spend(before - left)
    return found


def _step_over(body: Body, position: int, kind: int) -> int:
    if kind == VARINT:
        return _varint(body, position)[1]
    if kind == FIXED64:
        return position + 8
    if kind == FIXED32:
        return position + 4
    raise undecodable("The body is no OTLP protobuf: it uses groups or an unknown wire type.")


def _varint(body: Body, position: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 7 * _VARINT_MAX_BYTES, 7):
        byte = body[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise undecodable("The body is no protobuf: a number has more than ten bytes.")


class Shape(Enum):
    """Messages whose insides are worth counting."""

    SPAN = "span"
    LOG = "log"
    RESOURCE = "resource"
    SCOPE = "scope"
    EVENT = "event"
    LINK = "link"
    PAIR = "pair"
    VALUE = "value"
    ARRAY = "array"
    PAIRS = "pairs"


_INSIDE: dict[Shape, dict[int, Shape]] = {
    Shape.SPAN: {9: Shape.PAIR, 11: Shape.EVENT, 13: Shape.LINK},
    Shape.LOG: {5: Shape.VALUE, 6: Shape.PAIR},
    Shape.RESOURCE: {1: Shape.PAIR},
    Shape.SCOPE: {3: Shape.PAIR},
    Shape.EVENT: {3: Shape.PAIR},
    Shape.LINK: {4: Shape.PAIR},
    Shape.PAIR: {2: Shape.VALUE},
    Shape.VALUE: {5: Shape.ARRAY, 6: Shape.PAIRS},
    Shape.ARRAY: {1: Shape.VALUE},
    Shape.PAIRS: {1: Shape.PAIR},
}


class DeepLook:
    """Counts the insides of the large messages of one request, before they are parsed."""

    def __init__(self) -> None:
        self._budget = _Budget(MAX_DEEP_ELEMENTS)

    def objection(self, body: Body, extent: Extent, shape: Shape, *, always: bool = False) -> Reason | None:
        """Why this message must not be parsed, or None. Small ones are let through uncounted unless `always`."""
        start, end = extent
        if end - start <= SPAN_BYTES_SAFE_UNCOUNTED and not always:
            return None
        try:
            return self._count(body, start, end, shape)
        except IndexError as error:
            raise undecodable("The body is no protobuf: it ends within a field.") from error

    def _count(self, body: Body, start: int, end: int, shape: Shape) -> Reason | None:
        left = MAX_SPAN_ELEMENTS
        stack = [(start, end, shape, 0)]
        while stack:
            start, end, shape, depth = stack.pop()
            if depth > MAX_VALUE_DEPTH:
                return Reason.TOO_DEEP
            before = self._budget.left
            insides = _INSIDE[shape]
            try:
                fields = _fields(body, start, end, self._budget, most=left)
            except _TooMany:
                return Reason.TOO_MANY_ATTRIBUTES
            for number, inner_start, inner_end in fields:
                inner = insides.get(number)
                if inner is not None:
                    deeper = depth + (inner in {Shape.ARRAY, Shape.PAIRS})
                    stack.append((inner_start, inner_end, inner, deeper))
            left -= before - self._budget.left
        return None


def count_data_points(body: Body) -> int:
    """How many data points a metrics request holds. Raises Refused as `frames` does."""
    budget = _Budget(MAX_DEEP_ELEMENTS)
    points = 0
    try:
        for frame in frames(body):
            for start, end in (item for scope in frame.scopes for item in scope.items):
                for number, inner_start, inner_end in _fields(body, start, end, budget, most=budget.left):
                    if number in _METRIC_DATA:
                        inner = _fields(body, inner_start, inner_end, budget, most=budget.left)
                        points += sum(number == 1 for number, _, _ in inner)
    except IndexError as error:
        raise undecodable("The body is no protobuf: it ends within a field.") from error
    return points


def looks_like_log_record(body: Body, extent: Extent) -> bool:
    """Whether the bytes at a span's place begin as a log record does: field 1 is a fixed64 time, not an id."""
    start, end = extent
    return end > start and body[start] == (1 << 3 | FIXED64)


def looks_like_metric(body: Body, extent: Extent) -> bool:
    """Whether the bytes at a span's place are a metric: data points, and neither of a span's two times."""
    if looks_like_span(body, extent):
        return False
    try:
        tags = _tags(body, *extent)
    except (IndexError, Refused):
        return False
    times = {(7, FIXED64), (8, FIXED64)}
    points = {(number, BYTES) for number in _METRIC_DATA}
    return bool(tags & points) and not tags & times


def _tags(body: Body, position: int, end: int) -> set[tuple[int, int]]:
    """Field numbers and wire types of the first fields of a message."""
    found: set[tuple[int, int]] = set()
    for _ in range(_FIELDS_TO_KNOW_A_MESSAGE):
        if position >= end:
            break
        tag, position = _varint(body, position)
        found.add((tag >> 3, tag & 7))
        if tag & 7 == BYTES:
            length, position = _varint(body, position)
            position += length
        else:
            position = _step_over(body, position, tag & 7)
    return found


def looks_like_span(body: Body, extent: Extent) -> bool:
    """Whether field 1 is a trace id of sixteen bytes."""
    start, end = extent
    return end - start > 18 and body[start] == (1 << 3 | BYTES) and body[start + 1] == 16
