"""Lists as definitions: columns, filters, order, and where the rows come from.

    SYSTEMS = ListPage(
        name="inventory.systems",
        title=_("Systems"),
        columns=[Column("name", _("System"), value=lambda s: s.name, sort="name", fixed=True), …],
        filters=[TextFilter(name="q", label=_("Name")), …],
        href=lambda s: reverse("inventory:system", args=[s.id]),
        sort="name",
    )

    def systems(request): return lists.render_list(request, SYSTEMS, source)

`ui.lists` draws them. A source answers two questions, how many and which rows; `ui.sources` has ready ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from ui import parts
from ui.filters import Filter
from ui.text import Text

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

PAGE_SIZE = 50
COUNT_LIMIT = 100_000  # rows that are counted at most; beyond, the list says “more than”


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """One column.

    `value` is the plain value: shown when there is no `cell`, and exported. `cell` makes safe HTML of a row;
    `template` instead names a template that gets it as `row`. None is shown as unknown, with `unknown` as its word.
    `sort` is the source's key of this order. `fixed` columns cannot be hidden, `default=False` ones are shown on wish.
    """

    name: str
    label: Text
    value: Callable[[R], Any]
    cell: Callable[[R], str | None] | None = None
    template: str = ""
    sort: str = ""
    numeric: bool = False
    default: bool = True
    fixed: bool = False
    unknown: Text = ""

    def render(self, row: R) -> str:
        """The cell of this row as safe HTML."""
        if self.template:
            return render_to_string(self.template, {"row": row})
        shown = self.cell(row) if self.cell else self.value(row)
        return parts.unknown(self.unknown) if shown is None else conditional_escape(shown)


@dataclass(frozen=True, slots=True)
class ListQuery:
    """What a source is asked. `sort` is one of the columns' sort keys; filters hold values by filter name.

    A source that pages by offset uses `offset`; one that pages by key uses `cursor` and `backwards`.
    """

    filters: Mapping[str, Any]
    sort: str
    descending: bool
    limit: int = PAGE_SIZE
    offset: int = 0
    cursor: str | None = None
    backwards: bool = False

    def get(self, name: str) -> Any:
        """A filter's value, None when it is not set."""
        return self.filters.get(name)


@dataclass(frozen=True, slots=True)
class Slice(Generic[R_co]):
    """A page by key: its rows in the order of the list, and the cursors of its neighbours (None: there is none)."""

    rows: Sequence[R_co]
    next: str | None = None
    previous: str | None = None


@runtime_checkable
class OffsetSource(Protocol[R_co]):
    """Rows by offset: fit for the register."""

    def count(self, query: ListQuery, *, limit: int) -> int | None:
        """How many rows the filters leave, at most `limit`; None when counting would cost too much."""
        ...

    def rows(self, query: ListQuery) -> Sequence[R_co]:
        """The rows from `query.offset`, at most `query.limit`."""
        ...


@runtime_checkable
class KeysetSource(Protocol[R_co]):
    """Rows by key: fit for the record, where an offset would read all that it skips."""

    def count(self, query: ListQuery, *, limit: int) -> int | None:
        """As in `OffsetSource`."""
        ...

    def slice(self, query: ListQuery) -> Slice[R_co]:
        """The rows after `query.cursor` (before it, if `query.backwards`), at most `query.limit`."""
        ...


@dataclass(frozen=True, slots=True)
class Empty:
    """What a list without any row teaches: what lives here, why, the first step."""

    title: Text
    why: Text = ""
    icon: str = "inbox"
    snippet: str = ""
    action_href: str = ""
    action: Text = ""


@dataclass(frozen=True, slots=True)
class Action:
    """A button of a page's header."""

    label: Text
    href: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[R]):
    """A list. Made once per module, or per request where choices depend on the reader."""

    name: str
    title: Text
    columns: Sequence[Column[R]]
    filters: Sequence[Filter] = ()
    lead: Text = ""
    sort: str = ""
    href: Callable[[R], str] | None = None
    empty: Empty | None = None
    actions: Sequence[Action] = ()
    page_size: int = PAGE_SIZE
    live: bool = False
    exportable: bool = True
    row_class: Callable[[R], str] | None = None
    template: str = "ui/list.html"
    extra: Mapping[str, Any] = field(default_factory=dict)

    def sort_keys(self) -> frozenset[str]:
        return frozenset(column.sort for column in self.columns if column.sort)


def two_lines(first: Text, second: Text) -> SafeString:
    """A cell with a second, quieter line."""
    return format_html('{}<span class="second">{}</span>', first, second)
