"""Ready sources of lists: rows of a Django query, or values that are already in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import F, Model, QuerySet

from ui.tables import ListQuery

M = TypeVar("M", bound=Model)
R = TypeVar("R")

Narrow = Callable[[QuerySet[M], Any], QuerySet[M]]


class QuerySetSource(Generic[M, R]):
    """Rows of a Django query, as values.

    `filters` says for each filter's name how it narrows the query; `orders` which fields stand behind each sort key
    (an allow-list: nothing from the address reaches the ORM by name); `value` makes the value of a row.
    """

    def __init__(
        self,
        queryset: QuerySet[M],
        *,
        value: Callable[[M], R],
        filters: Mapping[str, Narrow[M]] | None = None,
        orders: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.queryset = queryset
        self.value = value
        self.filters = filters or {}
        self.orders = orders or {}

    def count(self, query: ListQuery, *, limit: int) -> int:
        return self._narrowed(query).order_by()[:limit].count()

    def rows(self, query: ListQuery) -> list[R]:
        ordered = self._ordered(self._narrowed(query), query)
        return [self.value(row) for row in ordered[query.offset : query.offset + query.limit]]

    def _narrowed(self, query: ListQuery) -> QuerySet[M]:
        found = self.queryset
        for name, value in query.filters.items():
            found = self.filters[name](found, value)
        return found

    def _ordered(self, found: QuerySet[M], query: ListQuery) -> QuerySet[M]:
        fields = (*self.orders.get(query.sort, ()), "pk")
        if query.descending:
            return found.order_by(*(F(name).desc(nulls_last=True) for name in fields))
        return found.order_by(*(F(name).asc(nulls_last=True) for name in fields))


class ValuesSource(Generic[R]):
    """Values in memory: for short lists. `keys` gives the order of each sort key; unknown values come last."""

    def __init__(
        self,
        values: Sequence[R],
        *,
        filters: Mapping[str, Callable[[R, Any], bool]] | None = None,
        keys: Mapping[str, Callable[[R], Any]] | None = None,
    ) -> None:
        self.values = values
        self.filters = filters or {}
        self.keys = keys or {}

    def count(self, query: ListQuery, *, limit: int) -> int:
        return min(len(self._narrowed(query)), limit)

    def rows(self, query: ListQuery) -> list[R]:
        found = self._narrowed(query)
        key = self.keys.get(query.sort)
        if key:
            known = [row for row in found if key(row) is not None]
            unknown = [row for row in found if key(row) is None]
            found = sorted(known, key=key, reverse=query.descending) + unknown
        return found[query.offset : query.offset + query.limit]

    def _narrowed(self, query: ListQuery) -> list[R]:
        return [
            row
            for row in self.values
            if all(self.filters[name](row, value) for name, value in query.filters.items())
        ]
