"""The address of a list, understood. What is not understood is ignored with a word. Pure: no source is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.http import QueryDict
from django.utils.translation import gettext as _

from ui.addresses import PAGING
from ui.tables import Column, ListPage, ListQuery

R = TypeVar("R")

DENSITIES = ("comfortable", "compact")
OWN_WORDS = frozenset({"sort", "columns", "density", "live", "export", *PAGING})
LONGEST_CURSOR = 512


@dataclass(frozen=True, slots=True)
class State(Generic[R]):
    """The address, understood."""

    query: ListQuery
    columns: tuple[Column[R], ...]
    density: str
    page: int
    live: bool
    warnings: tuple[str, ...]


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
    known = OWN_WORDS | set(filter_words(definition))
    strangers = [name for name in given if name not in known and given.get(name)]
    if strangers:
        names = ", ".join(name[:40] for name in strangers[:5])
        warnings.append(_("Filters that this list does not have were ignored: %(names)s.") % {"names": names})


def filter_words(definition: ListPage[R]) -> list[str]:
    """Every word in the address that belongs to a filter."""
    return [word for item in definition.filters for word in item.parameters()]
