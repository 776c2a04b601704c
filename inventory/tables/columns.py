"""Columns that many lists of the register share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from inventory.queries import Ref
from inventory.tables import cells
from ui import formats, parts
from ui.tables import Column
from ui.text import Text


def name(label: Text) -> Column[Any]:
    """The thing itself; it opens its page and cannot be hidden."""
    return Column("name", label, value=lambda row: row.name, cell=_named, sort="name", fixed=True)


def _named(row: Any) -> str:
    if row.retired_at is None:
        return str(row.name)
    return format_html("{} {}", row.name, parts.badge(_("Retired"), "plain"))


def words(
    column: str, label: Text, vocabulary: Mapping[Any, Text], *, sort: str = "", default: bool = True
) -> Column[Any]:
    """One word of a vocabulary."""
    return Column(
        column,
        label,
        value=lambda row: cells.said(vocabulary, getattr(row, column)),
        sort=sort,
        default=default,
    )


def several(
    column: str, label: Text, vocabulary: Mapping[Any, Text], *, default: bool = False
) -> Column[Any]:
    """Several words of a vocabulary."""
    return Column(
        column,
        label,
        value=lambda row: cells.words(vocabulary, getattr(row, column)) or None,
        default=default,
        unknown=_("none named"),
    )


def marked(
    column: str, label: Text, cell: Callable[[Any], str | None], *, text: Callable[[Any], Any], sort: str = ""
) -> Column[Any]:
    """A state with its mark; `text` is what an export says."""
    return Column(column, label, value=text, cell=cell, sort=sort)


def refers(
    column: str, label: Text, route: str, *, sort: str = "", default: bool = True, unknown: Text = ""
) -> Column[Any]:
    """A link to another thing of the register."""
    return Column(
        column,
        label,
        value=lambda row: cells.name(_ref(row, column)),
        cell=lambda row: cells.link(route, _ref(row, column)),
        sort=sort,
        default=default,
        unknown=unknown,
    )


def _ref(row: Any, column: str) -> Ref | None:
    found: Ref | None = getattr(row, column)
    return found


def person(column: str, label: Text, *, sort: str = "", default: bool = True) -> Column[Any]:
    """Somebody who answers for a thing; nobody is said."""
    return Column(
        column,
        label,
        value=lambda row: cells.name(_ref(row, column)),
        sort=sort,
        default=default,
        unknown=_("nobody named"),
    )


def unit(*, sort: str = "", default: bool = True) -> Column[Any]:
    """The unit that a thing belongs to; without one it belongs to the whole organisation."""
    return refers("unit", _("Unit"), "unit", sort=sort, default=default, unknown=_("whole organisation"))


def plain(
    column: str, label: Text, *, sort: str = "", default: bool = True, unknown: Text = ""
) -> Column[Any]:
    """A short text or a list of them; empty is not known."""

    def value(row: Any) -> Any:
        found = getattr(row, column)
        return ", ".join(found) or None if isinstance(found, tuple) else (found or None)

    return Column(column, label, value=value, sort=sort, default=default, unknown=unknown)


def number(
    column: str, label: Text, *, sort: str = "", default: bool = True, unknown: Text = ""
) -> Column[Any]:
    """A number that counts nothing of the register."""
    return Column(
        column,
        label,
        value=lambda row: getattr(row, column),
        cell=lambda row: _number(getattr(row, column)),
        numeric=True,
        sort=sort,
        default=default,
        unknown=unknown,
    )


def _number(value: int | None) -> str | None:
    return None if value is None else formats.number(value)


def counted(column: str, label: Text, route: str, by: str, *, default: bool = True) -> Column[Any]:
    """A number that opens the list it counts."""
    return Column(
        column,
        label,
        value=lambda row: getattr(row, column),
        cell=lambda row: cells.door(getattr(row, column), route, **{by: row.id}),
        numeric=True,
        default=default,
    )


def changed(*, sort: str = "updated") -> Column[Any]:
    """When the thing was last changed."""
    return Column(
        "updated",
        _("Changed"),
        value=lambda row: row.updated_at,
        cell=lambda row: parts.when(row.updated_at),
        sort=sort,
        default=False,
    )
