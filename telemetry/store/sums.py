"""From the spans that were really inserted to what is added to traces, facets and hourly roll-ups. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from kernel import clock
from telemetry.domain import MODEL_CALLS, SpanStatus

Row = dict[str, Any]
Values = tuple[Any, ...]
"""A row as its values, in the order of the table's columns: a dictionary a row costs more than the sums do."""

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
_summed = itemgetter("kind", "usage_is_aggregate", "status", *TOKEN_COLUMNS, "inference_units", "duration_ns")
_placed = itemgetter(
    "start_ns", "sender_id", "kind", "provider", "model", "endpoint_address", "content_state"
)
_faceted = itemgetter("trace_id", "sender_id", "model", "start_ns")
_traced = itemgetter(
    "start_ns", "duration_ns", "span_id", "parent_span_id", "name", "kind", "status", "session_id"
)
_ERROR = int(SpanStatus.ERROR)


def owns_usage(columns: Row) -> bool:
    """Whether the tokens of this span may be added up: leaf model calls only, sums of children never."""
    return columns["kind"] in _MODEL_CALLS and not columns["usage_is_aggregate"]


def trace_values(spans: Iterable[Row], *, received_ns: int) -> list[Values]:
    """What these spans add to `traces`, one row a trace, sorted by trace id."""
    traces: dict[bytes, list[Row]] = {}
    for span in spans:
        trace_id = span["trace_id"]
        if trace_id in traces:
            traces[trace_id].append(span)
        else:
            traces[trace_id] = [span]
    return [_trace(trace_id, traces[trace_id], received_ns) for trace_id in sorted(traces)]


def _trace(trace_id: bytes, spans: Sequence[Row], received_ns: int) -> Values:
    """One trace in the order of the table's columns."""
    first_ns, last_ns, errors = MAX_BIGINT, 0, 0
    root: Values = (None, None, None)
    session = None
    for start_ns, duration_ns, span_id, parent_id, name, kind, status, session_id in map(_traced, spans):
        end_ns = start_ns + duration_ns
        first_ns = min(first_ns, start_ns)
        last_ns = max(last_ns, end_ns)
        if status == _ERROR:
            errors += 1
        if parent_id is None and root[0] is None:
            root = (span_id, name, kind)
        if session is None:
            session = session_id
    calls = [span for span in spans if owns_usage(span)]
    tokens = (_sum_of(calls, "input_tokens"), _sum_of(calls, "output_tokens"))
    times = (first_ns, min(last_ns, MAX_BIGINT), received_ns)
    return (trace_id, *times, len(spans), len(calls), errors, *tokens, *root, session)


def _sum_of(calls: Iterable[Row], name: str) -> int | None:
    """The tokens of these calls, None while none of them names any."""
    said = [value for span in calls if (value := span[name]) is not None]
    return sum(map(_summand, said)) if said else None


def facet_values(spans: Iterable[Row]) -> list[Values]:
    """What these spans add to `trace_facets`, sorted by key."""
    facets: dict[Values, tuple[int, int]] = {}
    for trace_id, sender_id, model, start_ns in map(_faceted, spans):
        key = (trace_id, sender_id, model or "")
        found = facets.get(key)
        facets[key] = (start_ns, 1) if found is None else (min(found[0], start_ns), found[1] + 1)
    return [key + facets[key] for key in sorted(facets)]


ROLLUP_KEY = ("hour", "sender_id", "kind", "provider", "model", "endpoint_address", "content_state")
ROLLUP_SUMS = (
    "span_count",
    "error_count",
    "unmetered_count",
    *TOKEN_COLUMNS,
    "inference_units",
    "duration_ns",
)


def rollup_values(spans: Iterable[Row]) -> list[Values]:
    """What these spans add to `rollup_hours`, sorted by key."""
    found: dict[Values, list[Values]] = {}
    for span in spans:
        key = rollup_key(span)
        if key in found:
            found[key].append(rollup_sums(span))
        else:
            found[key] = [rollup_sums(span)]
    return [(*key, *map(sum, zip(*found[key], strict=True))) for key in sorted(found)]


def rollup_key(span: Row) -> Values:
    """Where the span is added up, in the order of ROLLUP_KEY."""
    start_ns, sender_id, kind, provider, model, address, content_state = _placed(span)
    return (
        clock.epoch_hour(start_ns), sender_id, kind, provider or "", model or "", address or "", content_state
    )  # fmt: skip


def rollup_sums(span: Row) -> Values:
    """The span's own numbers in the order of ROLLUP_SUMS."""
    kind, aggregate, status, given, answered, read, written, reasoned, units, duration_ns = _summed(span)
    error = 1 if status == _ERROR else 0
    rest = (_summand(units) if units else 0, min(duration_ns, MAX_SUMMED_DURATION_NS))
    if aggregate or kind not in _MODEL_CALLS:
        return (1, error, 0, 0, 0, 0, 0, 0, *rest)
    return (
        1,
        error,
        1 if given is None and answered is None else 0,
        _summand(given) if given else 0,
        _summand(answered) if answered else 0,
        _summand(read) if read else 0,
        _summand(written) if written else 0,
        _summand(reasoned) if reasoned else 0,
        *rest,
    )


def _summand(value: int) -> int:
    return value if 0 <= value <= MAX_SUMMAND else min(max(value, 0), MAX_SUMMAND)
