"""Columns that higher apps add to a lower app's list, by registration, as panels are added to its pages.

    add_column("inventory.systems", Added("approval", _("Approval"), load=stands, cell=badge, value=text, after="risk"))

`load(actor, rows)` answers for the rows of one page at once, by their `id`, in a bounded number of queries.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernel.actor import Actor, Permission
from ui.tables import Column, ListPage, ListQuery, OffsetSource
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Added:
    """A column of another app: how its values are loaded, drawn and exported, and behind which column it stands."""

    name: str
    label: Text
    load: Callable[[Actor, Sequence[Any]], Mapping[uuid.UUID, Any]]
    cell: Callable[[Any], str]
    value: Callable[[Any], Any]
    permission: Permission | None = None
    after: str = ""
    unknown: Text = ""


_added: dict[str, dict[str, Added]] = {}


def add_column(list_name: str, column: Added) -> None:
    """Add a column to a list; the same name again replaces it."""
    _added.setdefault(list_name, {})[column.name] = column


def extended(actor: Actor | None, definition: ListPage[Any], source: Any) -> tuple[ListPage[Any], Any]:
    """A list and its source with the columns that were added for this reader."""
    found = [item for item in _added.get(definition.name, {}).values() if _may_see(item, actor)]
    if not found or actor is None or not isinstance(source, OffsetSource):
        return definition, source
    loading = _Loading(source, actor, found)
    columns = list(definition.columns)
    for item in found:
        at = next((at + 1 for at, column in enumerate(columns) if column.name == item.after), len(columns))
        columns.insert(at, loading.column(item))
    return replace(definition, columns=tuple(columns)), loading


def _may_see(item: Added, actor: Actor | None) -> bool:
    return item.permission is None or (actor is not None and actor.may_somewhere(item.permission))


class _Loading:
    """A source that loads the added values with each page of rows."""

    def __init__(self, source: OffsetSource[Any], actor: Actor, added: Sequence[Added]) -> None:
        self.source = source
        self.actor = actor
        self.added = added
        self.values: dict[str, Mapping[uuid.UUID, Any]] = {}

    def count(self, query: ListQuery, *, limit: int) -> int | None:
        return self.source.count(query, limit=limit)

    def rows(self, query: ListQuery) -> Sequence[Any]:
        rows = self.source.rows(query)
        self.values = {item.name: item.load(self.actor, rows) for item in self.added}
        return rows

    def column(self, item: Added) -> Column[Any]:
        def of(row: Any) -> Any:
            return self.values[item.name].get(row.id)

        return Column(
            item.name,
            item.label,
            value=lambda row: None if of(row) is None else item.value(of(row)),
            cell=lambda row: None if of(row) is None else item.cell(of(row)),
            unknown=item.unknown,
        )
