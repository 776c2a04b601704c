"""How a list of the register is read: scoped, filtered, ordered and paged in SQL, by allow-lists alone."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from inventory.domain import graphs
from inventory.models import Unit
from inventory.models.base import Kept
from kernel.actor import Actor, Permission
from kernel.errors import Invalid, NotFound

M = TypeVar("M", bound=Kept)
R = TypeVar("R", bound=Model)
T = TypeVar("T")

MOST_ROWS = 500
"""No list gives more rows at once."""
DEFAULT_ROWS = 50
MOST_FILTER_VALUES = 100

Filters = Mapping[str, Sequence[str]]
"""Filter name to the wanted values, as they stand in a URL. Several values of one filter are alternatives."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A thing that a value names: its id and its name."""

    id: uuid.UUID
    name: str


class By(StrEnum):
    """What kind of values a filter takes."""

    WORD = "word"
    ID = "id"
    UNIT = "unit"
    FLAG = "flag"
    LISTED = "listed"


@dataclass(frozen=True, slots=True)
class Filter:
    """One permitted filter: the column path and what kind of values it takes; `via` where a column does not do."""

    path: str
    by: By = By.WORD
    via: Callable[[Sequence[Any]], Q] | None = None


@dataclass(frozen=True, slots=True)
class Listing(Generic[M, T]):
    """What may be asked of a list: where its unit stands, filters, columns to search and to order by.

    `extras` answers, for the rows of one page and in a bounded number of queries, what `value` needs beside the row.
    """

    rows: Callable[[], QuerySet[M]]
    value: Callable[[M, Any], T]
    unit_path: str | None = None
    filters: Mapping[str, Filter] = field(default_factory=dict)
    search: tuple[str, ...] = ()
    orders: Mapping[str, str] = field(default_factory=dict)
    default_order: str = "name"
    extras: Callable[[Actor, Sequence[M]], Any] = lambda _actor, _rows: None


def page(
    listing: Listing[M, T],
    actor: Actor,
    *,
    filters: Filters | None = None,
    search: str = "",
    order: str = "",
    limit: int = DEFAULT_ROWS,
    offset: int = 0,
) -> list[T]:
    """Some rows of a list, as values.

    `order` is one of the listing's orders, with `-` before it for descending. Retired rows are left out unless the
    filter `retired` says `yes` (only these) or `any`. Raises Forbidden without any right to read, Invalid for an
    unknown filter or order.
    """
    query = _matching(listing, actor, filters or {}, search).order_by(*_order(listing, order))
    rows = list(query[max(offset, 0) : max(offset, 0) + min(max(limit, 1), MOST_ROWS)])
    extras = listing.extras(actor, rows)
    return [listing.value(row, extras) for row in rows]


def count(
    listing: Listing[M, T],
    actor: Actor,
    *,
    filters: Filters | None = None,
    search: str = "",
    limit: int | None = None,
) -> int:
    """How many rows `page` would give over all pages; counting stops at `limit`, if one is given."""
    query = _matching(listing, actor, filters or {}, search)
    return query.count() if limit is None else query.order_by().values("pk")[:limit].count()


def find(
    listing: Listing[M, T], actor: Actor, text: str, *, limit: int, name: Callable[[M], str] = str
) -> list[Ref]:
    """The first rows whose searched columns hold a text, by id and name. One query."""
    rows = _matching(listing, actor, {}, text).order_by(*_order(listing, ""))[:limit]
    return [Ref(row.pk, name(row)) for row in rows]


def one(listing: Listing[M, T], actor: Actor, row_id: uuid.UUID) -> T:
    """One row, retired or not. Raises NotFound where there is none, or the actor may not know of it."""
    row = visible(actor, listing.rows(), listing.unit_path).filter(pk=row_id).first()
    if row is None:
        raise NotFound(_("There is no such thing, or you may not see it."))
    return listing.value(row, listing.extras(actor, [row]))


def visible(actor: Actor, rows: QuerySet[R], unit_path: str | None) -> QuerySet[R]:
    """The rows that the actor may know of. What belongs to no unit is seen by every reader."""
    actor.require_somewhere(Permission.REGISTER_READ)
    units = actor.units(Permission.REGISTER_READ)
    if units is None or unit_path is None:
        return rows
    here = Q(**{f"{unit_path}__in": units}) | Q(**{f"{unit_path}__isnull": True})
    return rows.filter(here)


def unit_and_below(unit_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """A unit and all units below it, by id. One query."""
    edges = Unit.objects.filter(parent__isnull=False).values_list("id", "parent_id")
    return graphs.below([(child, parent) for child, parent in edges if parent is not None], unit_id)


def holding(rows: QuerySet[R], path: str, words: Sequence[str]) -> QuerySet[R]:
    """Rows whose JSON list at `path` holds one of the words. The words must be free of quotes."""
    wanted = Q()
    for word in words:
        wanted |= Q(_listed__contains=f'"{word}"')
    return rows.annotate(_listed=Cast(path, TextField())).filter(wanted)  # type: ignore[return-value]  # annotated rows are rows


def ref(row: Any) -> Ref | None:
    """A named row as a reference; None stays None."""
    return None if row is None else Ref(row.pk, row.name)


def named(row: Any) -> Ref:
    """A named row as a reference."""
    return Ref(row.pk, row.name)


def _matching(listing: Listing[M, T], actor: Actor, filters: Filters, search: str) -> QuerySet[M]:
    query = visible(actor, listing.rows(), listing.unit_path)
    query = _by_retirement(query, filters.get("retired", ["no"]))
    for name, values in filters.items():
        if name != "retired" and values:
            query = _filtered(listing, query, name, values)
    return _found(listing, query, search)


def _by_retirement(query: QuerySet[M], values: Sequence[str]) -> QuerySet[M]:
    wanted = values[0] if values else "no"
    if wanted == "any":
        return query
    if wanted not in {"yes", "no"}:
        raise _unknown("retired", wanted)
    return query.filter(retired_at__isnull=wanted == "no")


def _filtered(listing: Listing[M, T], query: QuerySet[M], name: str, values: Sequence[str]) -> QuerySet[M]:
    found = listing.filters.get(name)
    if found is None or len(values) > MOST_FILTER_VALUES:
        raise _unknown(name, "")
    if found.via is not None:
        return query.filter(found.via([_converted(found.by, name, value) for value in values]))
    match found.by:
        case By.WORD | By.ID:
            return query.filter(
                **{f"{found.path}__in": [_converted(found.by, name, value) for value in values]}
            )
        case By.UNIT:
            units = frozenset[uuid.UUID]().union(*(unit_and_below(_id(name, value)) for value in values))
            return query.filter(**{f"{found.path}__in": units})
        case By.FLAG:
            return query.filter(_flag(found.path, name, values))
        case By.LISTED:
            return holding(query, found.path, [_listed(name, value) for value in values])


def _converted(by: By, name: str, value: str) -> Any:
    match by:
        case By.ID:
            return _id(name, value)
        case By.LISTED:
            return _listed(name, value)
        case _:
            return str(value).replace("\x00", "")


def _flag(path: str, name: str, values: Sequence[str]) -> Q:
    meanings: dict[str, dict[str, bool]] = {
        "yes": {path: True},
        "no": {path: False},
        "unknown": {f"{path}__isnull": True},
    }
    wanted = Q()
    for value in values:
        if value not in meanings:
            raise _unknown(name, value)
        wanted |= Q(**meanings[value])
    return wanted


def _found(listing: Listing[M, T], query: QuerySet[M], search: str) -> QuerySet[M]:
    text = search.strip()[:200].replace("\x00", "")
    if not text:
        return query
    wanted = Q()
    for column in listing.search:
        wanted |= Q(**{f"{column}__icontains": text})
    return query.filter(wanted)


def _order(listing: Listing[M, T], order: str) -> tuple[str, str]:
    wanted = order or listing.default_order
    descending = wanted.startswith("-")
    column = listing.orders.get(wanted.removeprefix("-"))
    if column is None:
        raise _unknown("order", wanted)
    sign = "-" if descending else ""
    return (f"{sign}{column}", f"{sign}pk")


def _id(name: str, value: str) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError as error:
        raise _unknown(name, value) from error


def _listed(name: str, value: str) -> str:
    if not value.replace("_", "").replace("-", "").isalnum():
        raise _unknown(name, value)
    return value


def _unknown(name: str, value: str) -> Invalid:
    problem = _("This list knows no such filter, order or value: %(name)s %(value)s") % {
        "name": str(name)[:60],
        "value": str(value)[:60],
    }
    return Invalid(problem, code="unknown_filter", fields={str(name)[:60]: [problem]})
