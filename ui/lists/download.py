"""The view of an address as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from django.http import HttpRequest, StreamingHttpResponse
from django.utils import translation

from kernel import clock
from kernel.actor import Actor
from ui import export
from ui.lists.state import State, understand
from ui.tables import KeysetSource, ListPage, ListQuery, OffsetSource

R = TypeVar("R")

Watcher: TypeAlias = Callable[[Actor, str, str], None]

EXPORT_LIMIT = 100_000  # rows of one export
EXPORT_BATCH = 1_000  # rows read at a time while exporting


_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    """Have every export told, before its first line leaves: (actor, name of the list, address). One watcher."""
    _watchers[:] = [watcher]


def export_list(
    request: HttpRequest, definition: ListPage[R], source: OffsetSource[R] | KeysetSource[R]
) -> StreamingHttpResponse:
    """The view of this address as CSV, streamed: the shown columns, all rows up to EXPORT_LIMIT."""
    state = understand(definition, request.GET)
    actor: Actor | None = getattr(request, "actor", None)
    if actor is not None:
        for watcher in _watchers:
            watcher(actor, definition.name, request.get_full_path())
    language = translation.get_language() or "en"
    content = _export_lines(state, source, language)
    response = StreamingHttpResponse(content, content_type="text/csv; charset=utf-8")
    name = f"{definition.name.replace('.', '-')}-{clock.now():%Y%m%d-%H%M}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


def _export_lines(state: State[R], source: OffsetSource[R] | KeysetSource[R], language: str) -> Iterator[str]:
    # The middleware that chose the language is done when the stream is read.
    with translation.override(language):
        head = [str(column.label) for column in state.columns]
        rows = ([column.value(row) for column in state.columns] for row in _all_rows(state.query, source))
        yield from export.lines(head, rows)


def _all_rows(query: ListQuery, source: OffsetSource[R] | KeysetSource[R]) -> Iterator[R]:
    asked = replace(query, limit=EXPORT_BATCH, offset=0, cursor=None, backwards=False)
    given = 0
    while given < EXPORT_LIMIT:
        if isinstance(source, KeysetSource):
            part = source.slice(asked)
            rows: Sequence[R] = part.rows
            following = replace(asked, cursor=part.next)
            more = part.next is not None
        else:
            rows = source.rows(asked)
            following = replace(asked, offset=asked.offset + len(rows))
            more = len(rows) == EXPORT_BATCH
        yield from rows
        given += len(rows)
        if not more:
            return
        asked = following
