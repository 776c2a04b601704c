"""A list page from its definition, its source and the address of the request.

The address is the state: `q=…&risk=high&sort=-name&page=2&columns=name,owner&density=compact&live=1`. Whatever in it
is not understood is ignored with a warning on the page. `export=csv` answers the same view as a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kernel import clock
from kernel.actor import Actor, Permission
from ui import export, formats, saved
from ui.addresses import PAGING, Address
from ui.filters import Chip, Filter
from ui.tables import COUNT_LIMIT, Column, KeysetSource, ListPage, ListQuery, OffsetSource
from ui.text import Text

R = TypeVar("R")

DENSITIES = ("comfortable", "compact")
OWN_WORDS = frozenset({"sort", "columns", "density", "live", "export", *PAGING})
EXPORT_LIMIT = 100_000  # rows of one export
EXPORT_BATCH = 1_000  # rows read at a time while exporting
LONGEST_CURSOR = 512


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column: where a click on it leads, and how it sorts now (`aria-sort`)."""

    label: Text
    numeric: bool
    href: str
    direction: str  # ascending, descending, or empty


@dataclass(frozen=True, slots=True)
class Row:
    """A row as drawn."""

    cells: tuple[tuple[str, bool, str], ...]  # (html, numeric, href of the first cell)
    href: str
    extra_class: str


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the reader is, and the neighbours."""

    text: str
    previous_href: str = ""
    next_href: str = ""


@dataclass(frozen=True, slots=True)
class State(Generic[R]):
    """The address, understood."""

    query: ListQuery
    columns: tuple[Column[R], ...]
    density: str
    page: int
    live: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing(Generic[R]):
    """What the template draws."""

    definition: ListPage[R]
    state: State[R]
    address: Address
    heads: tuple[Head, ...]
    rows: tuple[Row, ...]
    pager: Pager
    may_export: bool
    saved_views: tuple[saved.SavedView, ...]

    @property
    def id(self) -> str:
        return "list"

    @property
    def path(self) -> str:
        return self.address.path

    @property
    def warnings(self) -> tuple[str, ...]:
        return self.state.warnings

    @property
    def density(self) -> str:
        return self.state.density

    @property
    def live(self) -> bool:
        return self.state.live

    @property
    def filtered(self) -> bool:
        return bool(self.state.query.filters)

    @property
    def chips(self) -> list[Chip]:
        """The set filters, as a sentence."""
        return [
            Chip(item.label, *item.sentence(value), self._without(item))
            for item in self.definition.filters
            if (value := self.state.query.get(item.name)) is not None
        ]

    def _without(self, item: Filter) -> str:
        lifted = {item.name: "all"} if getattr(item, "default", "") else {}
        return self.address.first_page(drop=item.parameters(), **lifted)

    @property
    def clear_href(self) -> str:
        return self.address.first_page(drop=_filter_words(self.definition))

    @property
    def search(self) -> dict[str, Any] | None:
        """The search field, when the list has a filter named `q`."""
        found = next((item for item in self.definition.filters if item.name == "q"), None)
        return {"filter": found, **found.field(self.address.given)} if found else None

    @property
    def search_hidden(self) -> list[tuple[str, str]]:
        return self.address.hidden(but=["q"])

    @property
    def fields(self) -> list[dict[str, Any]]:
        """The other filters' fields, for the filter menu."""
        others = (item for item in self.definition.filters if item.name != "q")
        return [{"filter": item, **item.field(self.address.given)} for item in others]

    @property
    def fields_hidden(self) -> list[tuple[str, str]]:
        return self.address.hidden(but=[word for word in _filter_words(self.definition) if word != "q"])

    @property
    def column_choices(self) -> list[tuple[Column[R], bool]]:
        shown = {column.name for column in self.state.columns}
        return [(column, column.name in shown) for column in self.definition.columns]

    @property
    def columns_hidden(self) -> list[tuple[str, str]]:
        return self.address.hidden(but=["columns"])

    @property
    def density_href(self) -> str:
        other = None if self.density == "compact" else "compact"
        return self.address.href(density=other)

    @property
    def live_href(self) -> str:
        return self.address.first_page(live=None if self.live else "1")

    @property
    def refresh_href(self) -> str:
        return self.address.canonical()

    @property
    def export_href(self) -> str:
        return self.address.first_page(export="csv", live=None)

    @property
    def saver(self) -> saved.Keeper | None:
        return saved.keeper()


def render_list(
    request: HttpRequest,
    definition: ListPage[R],
    source: OffsetSource[R] | KeysetSource[R],
    *,
    context: dict[str, Any] | None = None,
) -> HttpResponseBase:
    """The list as a page, or as a file when the address asks for one and the actor may export."""
    actor: Actor | None = getattr(request, "actor", None)
    if request.GET.get("export") == "csv" and definition.exportable:
        if actor is not None:
            actor.require_somewhere(Permission.EXPORT)
        return export_list(request, definition, source)
    listing = build(request, definition, source)
    response = render(request, definition.template, {"list": listing, **definition.extra, **(context or {})})
    return _with_clean_address(request, response, listing)


def _with_clean_address(request: HttpRequest, response: HttpResponse, listing: Listing[R]) -> HttpResponse:
    """Forms send empty fields; what htmx puts into the address bar should not have them."""
    if request.headers.get("HX-Request") and request.headers.get("HX-Target") == listing.id:
        response["HX-Push-Url"] = listing.address.canonical()
    response["Vary"] = "HX-Request, Cookie"
    return response


def build(
    request: HttpRequest, definition: ListPage[R], source: OffsetSource[R] | KeysetSource[R]
) -> Listing[R]:
    """Understand the address, ask the source, draw the cells."""
    actor: Actor | None = getattr(request, "actor", None)
    address = Address(request.path, request.GET)
    state = understand(definition, request.GET)
    if isinstance(source, KeysetSource):
        rows, pager = _slice(state, source, address)
    else:
        rows, pager, state = _page(state, source, address)
    keeper = saved.keeper()
    return Listing(
        definition=definition,
        state=state,
        address=address,
        heads=tuple(_head(column, state.query, address) for column in state.columns),
        rows=tuple(_row(row, definition, state.columns) for row in rows),
        pager=pager,
        may_export=definition.exportable and actor is not None and actor.may_somewhere(Permission.EXPORT),
        saved_views=tuple(keeper.find(actor, request.path)) if keeper and actor else (),
    )


def understand(definition: ListPage[R], given: QueryDict) -> State[R]:
    """The address as a state. Pure: the source is not asked."""
    warnings: list[str] = []
    values = {}
    for item in definition.filters:
        parsed = item.parse(given)
        warnings += parsed.warnings
        if parsed.value is not None:
            values[item.name] = parsed.value
    sort, descending = _sort(definition, given.get("sort", ""), warnings)
    page = _page_number(given.get("page", ""), warnings)
    columns = _columns(definition, given.getlist("columns"), warnings)
    _warn_of_strangers(definition, given, warnings)
    query = ListQuery(
        filters=values,
        sort=sort,
        descending=descending,
        limit=definition.page_size,
        offset=(page - 1) * definition.page_size,
        cursor=(given.get("after") or given.get("before") or "")[:LONGEST_CURSOR] or None,
        backwards=bool(given.get("before")) and not given.get("after"),
    )
    density = given.get("density", "")
    return State(
        query=query,
        columns=columns,
        density=density if density in DENSITIES else DENSITIES[0],
        page=page,
        live=definition.live and given.get("live") == "1",
        warnings=tuple(warnings),
    )


def _sort(definition: ListPage[R], text: str, warnings: list[str]) -> tuple[str, bool]:
    wanted = text or definition.sort
    if text and text.removeprefix("-") not in definition.sort_keys():
        warnings.append(_("This list cannot be sorted by “%(key)s”.") % {"key": text[:60]})
        wanted = definition.sort
    return wanted.removeprefix("-"), wanted.startswith("-")


def _page_number(text: str, warnings: list[str]) -> int:
    if not text:
        return 1
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0:
        return int(text)
    warnings.append(_("“%(page)s” is no page number; this is the first page.") % {"page": text[:60]})
    return 1


def _columns(definition: ListPage[R], several: list[str], warnings: list[str]) -> tuple[Column[R], ...]:
    names = [name for part in several for name in part.split(",") if name]
    if not names:
        return tuple(column for column in definition.columns if column.default or column.fixed)
    known = {column.name for column in definition.columns}
    unknown = [name for name in names if name not in known]
    if unknown:
        warnings.append(
            _("Columns that this list does not have: %(names)s.") % {"names": ", ".join(unknown)[:120]}
        )
    return tuple(column for column in definition.columns if column.fixed or column.name in names)


def _warn_of_strangers(definition: ListPage[R], given: QueryDict, warnings: list[str]) -> None:
    known = OWN_WORDS | set(_filter_words(definition))
    strangers = [name for name in given if name not in known and given.get(name)]
    if strangers:
        names = ", ".join(name[:40] for name in strangers[:5])
        warnings.append(_("Filters that this list does not have were ignored: %(names)s.") % {"names": names})


def _filter_words(definition: ListPage[R]) -> list[str]:
    return [word for item in definition.filters for word in item.parameters()]


def _page(state: State[R], source: OffsetSource[R], address: Address) -> tuple[Sequence[R], Pager, State[R]]:
    total = source.count(state.query, limit=COUNT_LIMIT + 1)
    size = state.query.limit
    if total is not None and state.query.offset >= total and state.page > 1:
        last = max((total - 1) // size, 0)
        state = replace(state, page=last + 1, query=replace(state.query, offset=last * size))
    rows = source.rows(state.query)
    first, last_row = state.query.offset + 1, state.query.offset + len(rows)
    more = len(rows) == size and (total is None or last_row < total)
    pager = Pager(
        text=_range_text(first, last_row, total) if rows else _("No rows."),
        previous_href=address.href(page=str(state.page - 1) if state.page > 2 else None)
        if state.page > 1
        else "",
        next_href=address.href(page=str(state.page + 1)) if more else "",
    )
    return rows, pager, state


def _slice(state: State[R], source: KeysetSource[R], address: Address) -> tuple[Sequence[R], Pager]:
    total = source.count(state.query, limit=COUNT_LIMIT + 1)
    part = source.slice(state.query)
    pager = Pager(
        text=_count_text(len(part.rows), total) if part.rows else _("No rows."),
        previous_href=address.first_page(before=part.previous) if part.previous else "",
        next_href=address.first_page(after=part.next) if part.next else "",
    )
    return part.rows, pager


def _range_text(first: int, last: int, total: int | None) -> str:
    bounds = {"first": formats.number(first), "last": formats.number(last), "total": _total(total)}
    if total is None:
        return _("%(first)s–%(last)s") % bounds
    return _("%(first)s–%(last)s of %(total)s") % bounds


def _count_text(shown: int, total: int | None) -> str:
    if total is None:
        return ngettext("%(count)s row", "%(count)s rows", shown) % {"count": formats.number(shown)}
    return _("%(shown)s of %(total)s") % {"shown": formats.number(shown), "total": _total(total)}


def _total(total: int | None) -> str:
    if total is not None and total > COUNT_LIMIT:
        return _("more than %(count)s") % {"count": formats.number(COUNT_LIMIT)}
    return formats.number(total or 0)


def _head(column: Column[R], query: ListQuery, address: Address) -> Head:
    if not column.sort:
        return Head(column.label, column.numeric, "", "")
    sorted_now = query.sort == column.sort
    descends = not query.descending if sorted_now else column.numeric
    direction = ("descending" if query.descending else "ascending") if sorted_now else ""
    href = address.first_page(sort=f"-{column.sort}" if descends else column.sort)
    return Head(column.label, column.numeric, href, direction)


def _row(row: R, definition: ListPage[R], columns: Sequence[Column[R]]) -> Row:
    href = definition.href(row) if definition.href else ""
    cells = tuple(
        (column.render(row), column.numeric, href if at == 0 else "") for at, column in enumerate(columns)
    )
    return Row(cells, href, definition.row_class(row) if definition.row_class else "")


def export_list(
    request: HttpRequest, definition: ListPage[R], source: OffsetSource[R] | KeysetSource[R]
) -> StreamingHttpResponse:
    """The view of this address as CSV, streamed: the shown columns, all rows up to EXPORT_LIMIT."""
    state = understand(definition, request.GET)
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
