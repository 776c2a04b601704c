"""From the spans that were really inserted to what is added to traces, facets and hourly roll-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import Any

from kernel import clock
from telemetry.domain import MODEL_CALLS, SpanStatus

Row = dict[str, Any]

TOKEN_COLUMNS = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)
MAX_SUMMAND = 10**12
"""No call has a million million tokens: what claims to is a lie that must not overflow everyone's sums."""

MAX_SUMMED_DURATION_NS = 86_400 * 10**9
MAX_BIGINT = 2**63 - 1

_MODEL_CALLS = frozenset(kind.value for kind in MODEL_CALLS)
_tokens = itemgetter(*TOKEN_COLUMNS)
_ERROR = int(SpanStatus.ERROR)


def owns_usage(columns: Row) -> bool:
    """Whether the tokens of this span may be added up: leaf model calls only, sums of children never."""
    return columns["kind"] in _MODEL_CALLS and not columns["usage_is_aggregate"]


def trace_rows(spans: Iterable[Row], *, received_ns: int) -> list[Row]:
    """What these spans add to `traces`, one row a trace, sorted by trace id."""
    traces: dict[bytes, Row] = {}
    for span in spans:
        trace = traces.get(span["trace_id"])
        if trace is None:
            trace = traces[span["trace_id"]] = _empty_trace(span, received_ns=received_ns)
        _add_to_trace(trace, span)
    return [traces[trace_id] for trace_id in sorted(traces)]


def _empty_trace(span: Row, *, received_ns: int) -> Row:
    return {
        "trace_id": span["trace_id"],
        "start_ns": span["start_ns"],
        "end_ns": _end_ns(span),
        "last_received_ns": received_ns,
        "span_count": 0,
        "model_call_count": 0,
        "error_count": 0,
        "input_tokens": None,
        "output_tokens": None,
        "root_span_id": None,
        "root_name": None,
        "root_kind": None,
        "session_id": None,
    }


def _add_to_trace(trace: Row, span: Row) -> None:
    trace["start_ns"] = min(trace["start_ns"], span["start_ns"])
    trace["end_ns"] = max(trace["end_ns"], _end_ns(span))
    trace["span_count"] += 1
    trace["error_count"] += span["status"] == _ERROR
    if owns_usage(span):
        trace["model_call_count"] += 1
        for name in ("input_tokens", "output_tokens"):
            if span[name] is not None:
                trace[name] = (trace[name] or 0) + _summand(span[name])
    if span["parent_span_id"] is None and trace["root_span_id"] is None:
        trace.update(root_span_id=span["span_id"], root_name=span["name"], root_kind=span["kind"])
    if trace["session_id"] is None:
        trace["session_id"] = span["session_id"]


def facet_rows(spans: Iterable[Row]) -> list[Row]:
    """What these spans add to `trace_facets`, sorted by key."""
    facets: dict[tuple[bytes, bytes, str], Row] = {}
    for span in spans:
        key = (span["trace_id"], span["sender_id"], span["model"] or "")
        facet = facets.get(key)
        if facet is None:
            names = dict(zip(("trace_id", "sender_id", "model"), key, strict=True))
            facets[key] = names | {"start_ns": span["start_ns"], "span_count": 1}
        else:
            facet["span_count"] += 1
            facet["start_ns"] = min(facet["start_ns"], span["start_ns"])
    return [facets[key] for key in sorted(facets)]


ROLLUP_KEY = ("hour", "sender_id", "kind", "provider", "model", "endpoint_address", "content_state")
ROLLUP_SUMS = (
    "span_count",
    "error_count",
    "unmetered_count",
    *TOKEN_COLUMNS,
    "inference_units",
    "duration_ns",
)


def rollup_rows(spans: Iterable[Row]) -> list[Row]:
    """What these spans add to `rollup_hours`, sorted by key."""
    sums: dict[tuple[Any, ...], list[int]] = {}
    for span in spans:
        key = rollup_key(span)
        adds = rollup_sums(span)
        found = sums.get(key)
        sums[key] = adds if found is None else [a + b for a, b in zip(found, adds, strict=True)]
    return [rollup_row(key, sums[key]) for key in sorted(sums)]


def rollup_row(key: tuple[Any, ...], sums: Iterable[int]) -> Row:
    """Key and numbers as a row of `rollup_hours`."""
    return dict(zip(ROLLUP_KEY, key, strict=True)) | dict(zip(ROLLUP_SUMS, sums, strict=True))


def rollup_key(span: Row) -> tuple[Any, ...]:
    """Where the span is added up, in the order of ROLLUP_KEY."""
    return (
        clock.epoch_hour(span["start_ns"]),
        span["sender_id"],
        span["kind"],
        span["provider"] or "",
        span["model"] or "",
        span["endpoint_address"] or "",
        span["content_state"],
    )


def rollup_sums(span: Row) -> list[int]:
    """The span's own numbers in the order of ROLLUP_SUMS."""
    owned = owns_usage(span)
    tokens = [0, 0, 0, 0, 0]
    if owned:
        tokens = [value if value and 0 < value <= MAX_SUMMAND else _summand(value) for value in _tokens(span)]
    unmetered = owned and span["input_tokens"] is None and span["output_tokens"] is None
    return [
        1,
        int(span["status"] == _ERROR),
        int(unmetered),
        *tokens,
        _summand(span["inference_units"]),
        min(span["duration_ns"], MAX_SUMMED_DURATION_NS),
    ]


def _summand(value: int | None) -> int:
    return min(max(value, 0), MAX_SUMMAND) if value else 0


def _end_ns(span: Row) -> int:
    end: int = span["start_ns"] + span["duration_ns"]
    return min(end, MAX_BIGINT)
