"""The register as evidence: every noun, as it was at a moment."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.db.models import Field, ForeignKey, Model

from audit import evidence, queries
from audit.evidence import Dataset, Scope, Table
from audit.evidence.past import ERASED, as_of
from audit.services import snapshot
from inventory.services import nouns
from inventory.services.nouns import Noun
from inventory.services.writing import sees
from kernel.actor import Permission

_LEFT_OUT = frozenset({"version", "created_at", "updated_at"})
_AT_ONCE = 500


def register_all() -> None:
    """Called once, when the app is ready."""
    for order, noun in enumerate(nouns.ALL):
        name = f"register.{noun.kind.partition('.')[2]}"
        label = noun.model._meta.verbose_name_plural or noun.kind
        evidence.register(Dataset(name, label, Permission.REGISTER_READ, reader(noun), order=order))


def reader(noun: Noun[Any]) -> Callable[[Scope], Table]:
    """What reads a noun's rows as they were."""

    def read(scope: Scope) -> Table:
        rows = _rows_then(noun, scope)
        columns = _columns(noun)
        names = _names(noun, rows.values())
        erased = any(ERASED in row.values() for row in rows.values())
        return Table(
            ["id", *(column for field in columns for column in _heads(field))],
            _cells(columns, rows, names),
            filters={"as_of": scope.as_of.isoformat(), "existing": "retired rows are included"},
            notes=[f"{ERASED}: the value of that moment has been erased from the ledger since"]
            if erased
            else [],
        )

    return read


def _rows_then(noun: Noun[Any], scope: Scope) -> dict[str, dict[str, Any]]:
    """The rows that were there, with their values of then."""
    left_out = _LEFT_OUT | noun.unrecorded
    now: dict[str, Mapping[str, Any]] = {}
    found = noun.model._default_manager.filter(created_at__lte=scope.as_of).order_by("created_at", "pk")
    for row in found.iterator(chunk_size=_AT_ONCE):
        if sees(noun, scope.actor, row):
            now[str(row.pk)] = snapshot(row, leave_out=left_out)
    return as_of(now, queries.undone_since(noun.kind, scope.as_of))


def _columns(noun: Noun[Any]) -> list[Field[Any, Any]]:
    left_out = _LEFT_OUT | noun.unrecorded
    return [
        field
        for field in noun.model._meta.concrete_fields
        if isinstance(field, Field) and not field.primary_key and field.name not in left_out
    ]


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


def _names(noun: Noun[Any], rows: Iterable[Mapping[str, Any]]) -> dict[tuple[type[Model], str], str]:
    wanted: defaultdict[type[Model], set[uuid.UUID]] = defaultdict(set)
    pointers = [field for field in _columns(noun) if isinstance(field, ForeignKey)]
    for row in rows:
        for field in pointers:
            if _is_id(row.get(field.name)):
                wanted[field.related_model].add(uuid.UUID(str(row[field.name])))
    return {
        (model, str(found.pk)): str(found)
        for model, keys in wanted.items()
        for found in model._default_manager.filter(pk__in=keys)
    }


def _is_id(value: Any) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
