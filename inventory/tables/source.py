"""The register's listings as sources of `ui.lists`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inventory.queries import MOST_ROWS, listing
from inventory.queries.listing import Listing
from kernel.actor import Actor
from ui.tables import ListQuery

T = TypeVar("T")
SEARCH = "q"


@dataclass(frozen=True, slots=True)
class ListingSource(Generic[T]):
    """Rows of a listing that the actor may see. Filters of the page bear the names of the listing's own."""

    listing: Listing[Any, T]
    actor: Actor

    def count(self, query: ListQuery, *, limit: int) -> int:
        """How many rows the filters leave, at most `limit`."""
        return listing.count(
            self.listing, self.actor, filters=_filters(query), search=_search(query), limit=limit
        )

    def rows(self, query: ListQuery) -> Sequence[T]:
        """The rows from `query.offset`; an export asks for more than one page of the register."""
        rows: list[T] = []
        while len(rows) < query.limit:
            asked = min(query.limit - len(rows), MOST_ROWS)
            part = listing.page(
                self.listing,
                self.actor,
                filters=_filters(query),
                search=_search(query),
                order=f"-{query.sort}" if query.descending else query.sort,
                limit=asked,
                offset=query.offset + len(rows),
            )
            rows += part
            if len(part) < asked:
                break
        return rows


def _search(query: ListQuery) -> str:
    return query.get(SEARCH) or ""


def _filters(query: ListQuery) -> dict[str, list[str]]:
    return {name: _words(value) for name, value in query.filters.items() if name != SEARCH}


def _words(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(item) for item in value]
