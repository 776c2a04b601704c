"""From the spans that were really inserted to what is added to traces, facets and hourly roll-ups. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from kernel import clock
from kernel.contracts.pricing import CostStatus
from telemetry.domain import SpanStatus

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

MAX_SUMMED_COST = 10**13
"""Nano-USD of one call, ten thousand dollars: as with tokens, whoever claims more lies."""

Numbers = tuple[Values, Values]
"""A key of a table of sums, and what is added there."""

Owns = Callable[[Row], bool]
"""Whether a span owns its call, so that its tokens and cost are added up."""

_used = itemgetter(*TOKEN_COLUMNS, "inference_units")
_placed = itemgetter(
    "start_ns", "sender_id", "kind", "provider", "model", "endpoint_address", "content_state"
)
_faceted = itemgetter("trace_id", "sender_id", "model", "start_ns")
_traced = itemgetter(
    "start_ns", "duration_ns", "span_id", "parent_span_id", "name", "kind", "status", "session_id"
)
_ERROR = int(SpanStatus.ERROR)
_UNPRICED = CostStatus.UNPRICED.value


def trace_values(
    spans: Iterable[Row], *, received_ns: int, owns: Owns, apart: Collection[bytes] = ()
) -> list[Values]:
    """What these spans add to `traces`, one row a trace, sorted by trace id.

    Of the traces in `apart` calls, tokens and cost are left out: they are made anew (`call_totals`).
    """
    traces: dict[bytes, list[Row]] = {}
    for span in spans:
        trace_id = span["trace_id"]
        if trace_id in traces:
            traces[trace_id].append(span)
        else:
            traces[trace_id] = [span]
    return [
        _trace(
            trace_id,
            traces[trace_id],
            received_ns,
            call_totals(() if trace_id in apart else filter(owns, traces[trace_id])),
        )
        for trace_id in sorted(traces)
    ]


def _trace(trace_id: bytes, spans: Sequence[Row], received_ns: int, totals: CallTotals) -> Values:
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
    calls, given, answered, cost, unpriced = totals
    times = (first_ns, min(last_ns, MAX_BIGINT), received_ns)
    return (
        trace_id, *times, len(spans), calls, errors, given, answered, *root, session, cost, unpriced
    )  # fmt: skip


class CallTotals(NamedTuple):
    """What the calls of a trace come to. Tokens and cost are None while no call says any."""

    model_call_count: int
    input_tokens: int | None
    output_tokens: int | None
    cost_nano_usd: int | None
    unpriced_count: int


def call_totals(owners: Iterable[Row]) -> CallTotals:
    """The totals of the spans that own their calls."""
    calls = list(owners)
    if not calls:
        return CallTotals(0, None, None, None, 0)
    return CallTotals(
        len(calls),
        _sum_of(calls, "input_tokens", _summand),
        _sum_of(calls, "output_tokens", _summand),
        _sum_of(calls, "cost_nano_usd", _cost_summand),
        sum(1 for span in calls if span["cost_status"] == _UNPRICED),
    )


def _sum_of(calls: Iterable[Row], name: str, summand: Callable[[int], int]) -> int | None:
    """The numbers of these calls, None while none of them names any."""
    said = [value for span in calls if (value := span[name]) is not None]
    return sum(map(summand, said)) if said else None


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


def added_up(numbers: Iterable[tuple[Values, Values]]) -> list[Values]:
    """Rows of (key, numbers) with the same key added up, sorted by key."""
    found: dict[Values, list[Values]] = {}
    for key, values in numbers:
        if key in found:
            found[key].append(values)
        else:
            found[key] = [values]
    return [(*key, *map(sum, zip(*found[key], strict=True))) for key in sorted(found)]


def rollup_key(span: Row) -> Values:
    """Where the span is added up, in the order of ROLLUP_KEY."""
    start_ns, sender_id, kind, provider, model, address, content_state = _placed(span)
    return (
        clock.epoch_hour(start_ns), sender_id, kind, provider or "", model or "", address or "", content_state
    )  # fmt: skip


def rollup_sums(span: Row, *, owns: bool) -> Values:
    """The span's own numbers in the order of ROLLUP_SUMS."""
    error = 1 if span["status"] == _ERROR else 0
    return (
        1,
        error,
        *(_usage(span) if owns else _NO_USAGE),
        min(span["duration_ns"], MAX_SUMMED_DURATION_NS),
    )


def usage_moved(span: Row, *, owns: bool) -> Values:
    """What a stored span adds to its roll-up when it becomes the owner of its call, or takes away when it no longer is."""
    sign = 1 if owns else -1
    return (0, 0, *(sign * number for number in _usage(span)), 0)


_NO_USAGE = (0,) * 7


def _usage(span: Row) -> Values:
    """Whether it named no tokens; tokens, units."""
    given, answered, read, written, reasoned, units = _used(span)
    return (
        1 if given is None and answered is None else 0,
        _summand(given) if given else 0,
        _summand(answered) if answered else 0,
        _summand(read) if read else 0,
        _summand(written) if written else 0,
        _summand(reasoned) if reasoned else 0,
        _summand(units) if units else 0,
    )


COST_KEY = (
    "hour",
    "sender_id",
    "provider",
    "model",
    "endpoint_address",
    "environment",
    "cost_status",
    "cost_basis",
)
COST_SUMS = (
    "calls",
    *TOKEN_COLUMNS,
    "inference_units",
    "busy_ns",
    "cost_nano_usd",
    "reported_calls",
    "reported_nano_usd",
)
_costed = itemgetter(
    "start_ns", "sender_id", "provider", "model", "endpoint_address", "environment", "cost_status", "cost_basis"
)  # fmt: skip


def cost_key(span: Row) -> Values:
    """Where a call's cost is added up, in the order of COST_KEY. What nobody tried to price is unpriced."""
    start_ns, sender_id, provider, model, address, environment, status, basis = _costed(span)
    return (
        clock.epoch_hour(start_ns), sender_id, provider or "", model or "", address or "", environment or "",
        status or _UNPRICED, basis or "",
    )  # fmt: skip


def cost_sums(span: Row, *, sign: int = 1) -> Values:
    """A call's numbers in the order of COST_SUMS; `sign` -1 takes them away."""
    cost, reported = span["cost_nano_usd"], span["cost_reported_nano_usd"]
    numbers = (
        1,
        *_usage(span)[1:],
        min(span["duration_ns"], MAX_SUMMED_DURATION_NS),
        _cost_summand(cost) if cost else 0,
        0 if reported is None else 1,
        _cost_summand(reported) if reported else 0,
    )
    return numbers if sign == 1 else tuple(-number for number in numbers)


def _summand(value: int) -> int:
    return value if 0 <= value <= MAX_SUMMAND else min(max(value, 0), MAX_SUMMAND)


def _cost_summand(value: int) -> int:
    return min(max(value, 0), MAX_SUMMED_COST)
