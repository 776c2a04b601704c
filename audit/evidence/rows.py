"""Rows of a Django table as evidence: those that were there at a moment, with their values of then."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Field, ForeignKey, Model

from audit import queries
from audit.evidence.datasets import Scope, Table
from audit.evidence.past import ERASED, as_of
from audit.services.ledger import snapshot
from kernel.actor import Actor

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """A table whose changes stand in the ledger under `kind`. `since` is the column that says when a row began.

    `sees` says whether the asker may read a row. `left_out` columns are no evidence, or change without an event.
    """

    model: type[Model]
    kind: str
    since: str
    sees: Callable[[Actor, Any], bool]
    left_out: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()

    def read(self, scope: Scope) -> Table:
        """The rows of then. Names of what they point to are those of today."""
        rows = self._rows_then(scope)
        columns = self._columns()
        notes = list(self.notes)
        if any(ERASED in row.values() for row in rows.values()):
            notes.append(f"{ERASED}: the value of that moment has been erased from the ledger since")
        return Table(
            ["id", *(head for field in columns for head in _heads(field))],
            _cells(columns, rows, self._names(rows.values())),
            filters={
                "as_of": scope.as_of.isoformat(),
                "rows": "all that existed then, retired and closed ones included",
            },
            notes=notes,
        )

    def _rows_then(self, scope: Scope) -> dict[str, dict[str, Any]]:
        now: dict[str, Mapping[str, Any]] = {}
        found = self.model._default_manager.filter(**{f"{self.since}__lte": scope.as_of})
        for row in found.order_by(self.since, "pk").iterator(chunk_size=_AT_ONCE):
            if self.sees(scope.actor, row):
                now[str(row.pk)] = snapshot(row, leave_out=self.left_out)
        return as_of(now, queries.undone_since(self.kind, scope.as_of))

    def _columns(self) -> list[Field[Any, Any]]:
        return [
            field
            for field in self.model._meta.concrete_fields
            if isinstance(field, Field) and not field.primary_key and field.name not in self.left_out
        ]

    def _names(self, rows: Iterable[Mapping[str, Any]]) -> dict[tuple[type[Model], str], str]:
        wanted: defaultdict[type[Model], set[uuid.UUID]] = defaultdict(set)
        pointers = [field for field in self._columns() if isinstance(field, ForeignKey)]
        for row in rows:
            for field in pointers:
                if _is_id(row.get(field.name)):
                    wanted[field.related_model].add(uuid.UUID(str(row[field.name])))
        return {
            (model, str(found.pk)): str(found)
            for model, keys in wanted.items()
            for found in model._default_manager.filter(pk__in=keys)
        }


def _heads(field: Field[Any, Any]) -> tuple[str, ...]:
    """A thing that is pointed to has two columns: its id, and its name of today."""
    return (field.name, f"{field.name}.name") if isinstance(field, ForeignKey) else (field.name,)


def _cells(
    columns: list[Field[Any, Any]],
    rows: Mapping[str, Mapping[str, Any]],
    names: Mapping[tuple[type[Model], str], str],
) -> Iterator[list[Any]]:
    for row_id, row in rows.items():
        cells: list[Any] = [row_id]
        for field in columns:
            value = row.get(field.name)
            cells.append(value)
            if isinstance(field, ForeignKey):
                cells.append(names.get((field.related_model, str(value))) if value is not None else None)
        yield cells


def _is_id(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
