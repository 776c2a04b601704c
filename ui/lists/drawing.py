"""What the template of a list draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ui import saved
from ui.addresses import Address
from ui.filters import Chip, Filter
from ui.lists.paging import Pager
from ui.lists.state import State, filter_words
from ui.tables import Column, ListPage, ListQuery
from ui.text import Text

R = TypeVar("R")


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
        return self.address.first_page(drop=filter_words(self.definition))

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
        return self.address.hidden(but=[word for word in filter_words(self.definition) if word != "q"])

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


def head(column: Column[R], query: ListQuery, address: Address) -> Head:
    """The head of a column: a click sorts by it, a second one the other way."""
    if not column.sort:
        return Head(column.label, column.numeric, "", "")
    sorted_now = query.sort == column.sort
    descends = not query.descending if sorted_now else column.numeric
    direction = ("descending" if query.descending else "ascending") if sorted_now else ""
    href = address.first_page(sort=f"-{column.sort}" if descends else column.sort)
    return Head(column.label, column.numeric, href, direction)


def row(value: R, definition: ListPage[R], columns: Sequence[Column[R]]) -> Row:
    """A row, its first cell a link to the thing."""
    href = definition.href(value) if definition.href else ""
    cells = tuple(
        (column.render(value), column.numeric, href if at == 0 else "") for at, column in enumerate(columns)
    )
    return Row(cells, href, definition.row_class(value) if definition.row_class else "")
