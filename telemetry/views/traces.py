"""What happened? The list of traces, as a page and as a file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel import clock
from kernel.actor import Permission
from telemetry.filters import trace_filter, trace_filters
from telemetry.queries import rollups
from telemetry.queries.bounds import TimeRange
from telemetry.services import Estate, export_traces, load_estate, reading
from telemetry.tables import register
from telemetry.tables.traces import TRACE_COLUMNS, TraceLine, TraceSource, trace_line, trace_sort
from ui import export, lists
from ui.access import actor_of, page
from ui.tables import Empty, ListPage

MODELS_LOOK_BACK_NS = 7 * clock.NANOSECONDS_PER_DAY
OFFERED_MODELS = 200


@require_safe
@page(Permission.TELEMETRY_READ)
def traces(request: HttpRequest) -> HttpResponseBase:
    """The list of traces; `export=csv` or `export=json` answers the same view as a file."""
    definition, estate = _definition(request)
    form = request.GET.get("export")
    if form in {"csv", "json"}:
        return _exported(request, definition, estate, form)
    return lists.render_list(request, definition, TraceSource(estate))


def _definition(request: HttpRequest) -> tuple[ListPage[TraceLine], Estate]:
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        models = rollups.observed(
            connection,
            rollups.By.MODEL,
            time=TimeRange.last(MODELS_LOOK_BACK_NS),
            scope=estate.visible,
            limit=OFFERED_MODELS,
        )
    definition = ListPage(
        name="telemetry.traces",
        title=_("Traces"),
        lead=_("What happened: each trace is one request, with every step that was reported of it."),
        columns=TRACE_COLUMNS,
        filters=trace_filters(estate, models=sorted(item.value for item in models)),
        sort="-start",
        href=lambda line: line.href,
        live=True,
        empty=_empty(),
        row_class=lambda line: "failed" if line.row.error_count else "",
    )
    return definition, estate


def _empty() -> Empty:
    return Empty(
        title=_("No trace here yet"),
        why=_(
            "Traces arrive from your applications through OpenTelemetry. Widen the time range, or connect the first one: "
            "make a key, then set these three lines where the application runs."
        ),
        icon="chart-no-axes-gantt",
        snippet=register.first_span_snippet(),
        action=_("Make a key"),
        action_href=reverse("inventory:key_new"),
    )


def _exported(
    request: HttpRequest, definition: ListPage[TraceLine], estate: Estate, form: str
) -> HttpResponseBase:
    state = lists.understand(definition, request.GET)
    found = export_traces(
        actor_of(request),
        trace_filter(state.query, estate),
        sort=trace_sort(state.query),
        descending=state.query.descending,
        described=request.GET.urlencode(),
        form=form,
    )
    lines = [trace_line(row, estate) for row in found.rows]
    name = f"traces-{clock.now():%Y%m%d-%H%M}.{form}"
    response: HttpResponseBase
    if form == "json":
        response = JsonResponse({"traces": [_as_json(line) for line in lines], "complete": found.complete})
    else:
        head = [str(column.label) for column in state.columns]
        cells: Iterator[Sequence[Any]] = ([column.value(line) for column in state.columns] for line in lines)
        # Read out now: the labels depend on the language of this request.
        response = StreamingHttpResponse(
            list(export.lines(head, cells)), content_type="text/csv; charset=utf-8"
        )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox"
    return response


def _as_json(line: TraceLine) -> dict[str, Any]:
    row = line.row
    return {
        "trace_id": line.id,
        "start": clock.from_ns(row.start_ns).isoformat(),
        "duration_ns": row.duration_ns,
        "name": row.root_name,
        "kind": row.root_kind,
        "span_count": row.span_count,
        "error_count": row.error_count,
        "input_tokens": row.input_tokens,
        "output_tokens": row.output_tokens,
        "session_id": row.session_id,
        "models": list(line.models),
        "deployments": [{"id": str(item.id), "name": item.name} for item in line.deployments],
        "senders": [sender_id for sender_id, _name in line.senders],
        "partial": row.partial,
    }
