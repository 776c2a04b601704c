"""One trace: the tree on one time axis, and the chosen step beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.actor import Permission
from kernel.errors import Invalid, NotFound
from telemetry.domain import ContentState
from telemetry.filters import trace_id_of
from telemetry.forms import RevealForm
from telemetry.queries.bounds import TimeRange
from telemetry.queries.spans import SpanWhole, TraceSpans, find_span, trace_spans
from telemetry.queries.traces import TraceRow, find_trace, sender_ids_of, trace_extent
from telemetry.queries.tree import WINDOW, Tree, build_tree
from telemetry.services import Estate, ReadContent, load_estate, may_read_content, read_content, reading
from telemetry.tables import additions
from telemetry.tables.additions import Mark, SpanRef, Step
from telemetry.tables.conversation import conversation, documents
from telemetry.tables.spans import TreeDrawing, attribute_rows, session_href, span_facts
from telemetry.tables.traces import trace_line
from telemetry.tables.words import KIND_ICONS, KIND_WORDS, STATUS_WORDS, content_said
from ui.access import actor_of, page
from ui.forms import add_errors

MAX_OPEN_FOLDS = 50
READABLE = frozenset({ContentState.MASKED, ContentState.FULL})


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a page of one trace needs from the record."""

    row: TraceRow
    extent: TimeRange
    estate: Estate
    spans: TraceSpans
    tree: Tree
    chosen: str | None
    span: SpanWhole | None
    marks: Mapping[SpanRef, Sequence[Mark]]


@require_safe
@page(Permission.TELEMETRY_READ)
def trace(request: HttpRequest, trace_id: str) -> HttpResponseBase:
    """The page of a trace. `span` chooses the step, `open` unfolds repeats, `from` moves the window of lines."""
    return _page(request, _load(request, trace_id))


@require_POST
@page(Permission.TELEMETRY_READ)
def reveal(request: HttpRequest, trace_id: str) -> HttpResponseBase:
    """The same page with what was said in the chosen step. Answers the POST itself: content is at no address.

    Raises NotFound unless the address names a step that the reader may see: another one must not be opened for it.
    """
    loaded = _load(request, trace_id)
    if loaded.span is None or loaded.chosen != request.GET.get("span"):
        raise _no_step()
    form = RevealForm(request.POST)
    read: ReadContent | None = None
    if form.is_valid():
        try:
            read = read_content(
                actor_of(request),
                trace_id=loaded.row.trace_id,
                span_id=loaded.span.span_id,
                time=loaded.extent,
                day=loaded.span.day,
                also=_companions(loaded.span),
                reason=form.cleaned_data["reason"],
            )
        except Invalid as error:
            add_errors(form, error)
    return _page(request, loaded, form=form, read=read)


def _load(request: HttpRequest, trace_id: str) -> Loaded:
    """Six queries, and those of whoever marks steps, whatever the size of the trace. Raises NotFound for what the reader may not see, too."""
    id_ = trace_id_of(trace_id)
    with reading() as connection:
        extent = trace_extent(connection, id_) if id_ else None
        if id_ is None or extent is None:
            raise _no_trace()
        estate = load_estate(connection, actor_of(request), sender_ids=sender_ids_of(connection, id_))
        row = find_trace(connection, id_, visible=estate.visible)
        if row is None:
            raise _no_trace()
        found = trace_spans(connection, id_, time=extent, visible=estate.visible)
        tree, chosen = _tree(request, found)
        span = _chosen_span(connection, id_, chosen, extent, estate)
        marks = additions.marks_of(connection, id_, tree.spans)
    return Loaded(row, extent, estate, found, tree, chosen, span, marks)


def _companions(span: SpanWhole) -> list[str]:
    with reading() as connection:
        return additions.companions_of(connection, span)


def _no_trace() -> NotFound:
    return NotFound(
        _(
            "There is no such trace, or it belongs to a unit whose telemetry you may not read. "
            "A trace that was just sent appears as soon as its first step is stored."
        )
    )


def _no_step() -> NotFound:
    return NotFound(
        _(
            "There is no such step in this trace, or it belongs to a unit whose telemetry you may not read. "
            "Open the trace again and choose a step."
        )
    )


def _tree(request: HttpRequest, found: TraceSpans) -> tuple[Tree, str | None]:
    wanted = request.GET.get("span", "")[:40] or None
    tree = build_tree(
        found.spans,
        hidden_ids=found.hidden_ids,
        opened=request.GET.getlist("open")[:MAX_OPEN_FOLDS],
        chosen=wanted,
        first=_number(request.GET.get("from")),
    )
    if tree.position is None:
        first_span = next((line for line in tree.lines if line.span is not None), None)
        return tree, first_span.key if first_span else None
    return tree, wanted


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 8 else None


def _chosen_span(
    connection: sa.Connection, trace_id: bytes, chosen: str | None, extent: TimeRange, estate: Estate
) -> SpanWhole | None:
    span_id, _dash, day = (chosen or "").partition("-")
    if not span_id:
        return None
    return find_span(
        connection,
        trace_id,
        bytes.fromhex(span_id),
        time=extent,
        day=_number(day),
        visible=estate.visible,
    )


def _page(
    request: HttpRequest, loaded: Loaded, *, form: RevealForm | None = None, read: ReadContent | None = None
) -> HttpResponseBase:
    path = reverse("telemetry:trace", args=[loaded.row.trace_id.hex()])
    opened = tuple(request.GET.getlist("open")[:MAX_OPEN_FOLDS])
    drawing = TreeDrawing(loaded.tree, path=path, chosen=loaded.chosen, opened=opened, marks=loaded.marks)
    context = {
        "row": loaded.row,
        "line": trace_line(loaded.row, loaded.estate),
        "trace_id": loaded.row.trace_id.hex(),
        "kind_word": KIND_WORDS.get(loaded.row.root_kind or "", ""),
        "session_href": session_href(loaded.row.session_id) if loaded.row.session_id else "",
        "tree": loaded.tree,
        "lines": drawing.lines(),
        "truncated": loaded.spans.truncated,
        "hidden": len(loaded.spans.hidden_ids),
        "before_href": drawing.address(first=max(loaded.tree.first - WINDOW, 0))
        if loaded.tree.before
        else "",
        "behind_href": drawing.address(first=loaded.tree.first + WINDOW) if loaded.tree.behind else "",
        "span": _span_context(request, loaded, form=form, read=read) if loaded.span else None,
    }
    return render(request, "telemetry/trace.html", context)


def _span_context(
    request: HttpRequest, loaded: Loaded, *, form: RevealForm | None, read: ReadContent | None
) -> dict[str, Any]:
    span = loaded.span
    if span is None:
        return {}
    opened = read.messages if read else {}
    step = Step(loaded.row.trace_id, span, read.messages if read else None)
    wanted = request.GET.get("attribute", "")[:200]
    kind = span.columns["kind"]
    return {
        "key": loaded.chosen,
        "name": span.columns["name"],
        "kind": kind,
        "kind_word": KIND_WORDS.get(kind, kind),
        "kind_icon": KIND_ICONS.get(kind, "box"),
        "status": STATUS_WORDS.get(span.columns["status"]),
        "facts": span_facts(span, estate=loaded.estate),
        "content_said": content_said(span.content_state),
        "content": span.content,
        "readable": span.content_state in READABLE and bool(span.content),
        "may_read": may_read_content(actor_of(request), loaded.estate, span),
        "reading": read is not None,
        "form": form or RevealForm(),
        "reveal_href": _reveal_href(request, loaded),
        "step": step,
        "conversation": conversation(span.content, opened, numbering=step.numbering),
        "documents": documents(span.content, opened, numbering=step.numbering),
        "attributes": attribute_rows(span.attributes, containing=wanted),
        "attribute_count": len(span.attributes),
        "attribute_wanted": wanted,
    }


def _reveal_href(request: HttpRequest, loaded: Loaded) -> str:
    """Where the chosen step is opened. The address names it, also where the page chose the first one by itself."""
    asked = request.GET.copy()
    asked["span"] = loaded.chosen or ""
    return f"{reverse('telemetry:trace_reveal', args=[loaded.row.trace_id.hex()])}?{asked.urlencode()}"
