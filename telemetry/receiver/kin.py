"""Which spans of a batch are kept: those that speak of AI, what led to them and what they led to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from telemetry.domain import DecodedSpan
from telemetry.normalise import is_ai

_Place = tuple[bytes, bytes]


def kin_of(spans: Sequence[DecodedSpan]) -> list[bool]:
    """For each span, whether it is an AI span, or an ancestor or descendant of one within the batch."""
    spoken = [is_ai(span) for span in spans]
    if all(spoken) or not any(spoken):
        return spoken
    kept = _ancestors(spans, spoken) | _descendants(spans, spoken)
    return [said or (span.trace_id, span.span_id) in kept for said, span in zip(spoken, spans, strict=True)]


def _ancestors(spans: Sequence[DecodedSpan], spoken: Sequence[bool]) -> set[_Place]:
    parents = {(span.trace_id, span.span_id): span.parent_span_id for span in spans}
    kept: set[_Place] = set()
    for said, span in zip(spoken, spans, strict=True):
        parent = span.parent_span_id if said else None
        while parent is not None and (place := (span.trace_id, parent)) not in kept and place in parents:
            kept.add(place)  # remembered before going on: spans may name each other in a circle
            parent = parents[place]
    return kept


def _descendants(spans: Sequence[DecodedSpan], spoken: Sequence[bool]) -> set[_Place]:
    children: dict[_Place, list[_Place]] = defaultdict(list)
    for span in spans:
        if span.parent_span_id is not None:
            children[span.trace_id, span.parent_span_id].append((span.trace_id, span.span_id))
    stack = [(span.trace_id, span.span_id) for said, span in zip(spoken, spans, strict=True) if said]
    kept: set[_Place] = set()
    while stack:
        for child in children.get(stack.pop(), ()):
            if child not in kept:
                kept.add(child)
                stack.append(child)
    return kept
