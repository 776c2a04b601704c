"""The steps of a settled trace: who hangs under whom, and which searches and tools a generation can have drawn on."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MOST_LEVELS = 200
"""So far up a step looks for what holds it; beyond, it counts as the trace's own."""
MOST_STEPS = 400
"""Searches, or tools, of one generation: the latest."""

_RETRIEVERS = frozenset({"retriever", "reranker"})
_TOOL = "tool"
_CHAIN = "chain"
_BOUNDS = frozenset({"agent", "workflow"})


@dataclass(frozen=True, slots=True)
class TracedSpan:
    """A span of a settled trace with the hex ids of its messages by place, as the record's `content` column has them."""

    span_id: bytes
    parent_span_id: bytes | None
    kind: str  # the words of telemetry.domain.SpanKind
    start_ns: int
    end_ns: int
    input: tuple[str, ...] = ()
    output: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    tool_result: tuple[str, ...] = ()


class TraceOrder:
    """The spans by start, and under each step the searches and tools by end."""

    def __init__(self, spans: Iterable[TracedSpan]) -> None:
        self.spans = sorted(spans, key=lambda span: (span.start_ns, span.span_id))
        self._by_id = {span.span_id: span for span in reversed(self.spans)}
        by_end = sorted(self.spans, key=lambda span: (span.end_ns, span.start_ns, span.span_id))
        self._retrievers = self._under(span for span in by_end if span.kind in _RETRIEVERS and span.documents)
        self._tools = self._under(span for span in by_end if span.kind == _TOOL and span.tool_result)

    def retrievers_for(self, span: TracedSpan) -> list[TracedSpan]:
        """Retrievers and rerankers that had ended when the span began, of the nearest step that holds both."""
        return self._nearest(span, self._retrievers)

    def tools_for(self, span: TracedSpan) -> list[TracedSpan]:
        """Tool steps that had ended when the span began, of the nearest step that holds both."""
        return self._nearest(span, self._tools)

    def _under(self, spans: Iterable[TracedSpan]) -> dict[bytes | None, list[TracedSpan]]:
        under: dict[bytes | None, list[TracedSpan]] = defaultdict(list)
        for span in spans:
            under[None].append(span)
            for id_ in self._above(span):
                under[id_].append(span)
        return under

    def _nearest(self, span: TracedSpan, under: dict[bytes | None, list[TracedSpan]]) -> list[TracedSpan]:
        for holder in self._holders(span):
            inside = under.get(holder, [])
            ended = bisect_right(inside, span.start_ns, key=lambda found: found.end_ns)
            if ended:
                return inside[max(0, ended - MOST_STEPS) : ended]
        return []

    def _holders(self, span: TracedSpan) -> Iterator[bytes | None]:
        """The chains above a span up to its agent or workflow; None, the whole trace, where it has neither."""
        for id_ in self._above(span):
            above = self._by_id.get(id_)
            kind = above.kind if above is not None else ""
            if kind == _CHAIN or kind in _BOUNDS:
                yield id_
            if kind in _BOUNDS:
                return
        yield None

    def _above(self, span: TracedSpan) -> Iterator[bytes]:
        """The ids above a span, nearest first. Spans that name each other as parent end the walk."""
        seen: set[bytes] = set()
        parent = span.parent_span_id
        while parent is not None and parent not in seen and len(seen) < MOST_LEVELS:
            seen.add(parent)
            yield parent
            above = self._by_id.get(parent)
            parent = above.parent_span_id if above is not None else None
