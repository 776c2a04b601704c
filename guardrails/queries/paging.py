"""Pages of rows of the record by key: what lists of findings, verdicts and scans have in common."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

T = TypeVar("T")
LONGEST_KEY = 12
"""Parts of a cursor; more is no cursor of ours."""


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A page: its rows in the order of the list, and the cursors of its neighbours (None: there is none)."""

    rows: tuple[T, ...]
    next: str | None = None
    previous: str | None = None


def page(
    connection: sa.Connection,
    query: sa.Select[Any],
    *,
    key: Sequence[Any],
    row: Callable[[Any], T],
    descending: bool,
    cursor: str | None,
    backwards: bool,
    limit: int,
) -> Slice[T]:
    """The rows behind the cursor (before it, if `backwards`) in the order of `key`, whose columns name a row together.

    A cursor that is none leads to the first page. One query.
    """
    down = descending is not backwards
    given = read_cursor(cursor, length=len(key))
    labelled = query.add_columns(*(column.label(f"key_{at}") for at, column in enumerate(key)))
    if given is not None:
        labelled = labelled.where(_beyond(key, given, down=down))
    order = [column.desc() if down else column.asc() for column in key]
    found = connection.execute(labelled.order_by(*order).limit(limit + 1)).all()
    kept = found[:limit][::-1] if backwards else found[:limit]
    if not kept:
        return Slice(())
    more, came = len(found) > limit, given is not None
    first, last = (_cursor(kept[at], len(key)) for at in (0, -1))
    before, behind = (more, came) if backwards else (came, more)
    return Slice(tuple(map(row, kept)), next=last if behind else None, previous=first if before else None)


def _beyond(key: Sequence[Any], given: Sequence[Any], *, down: bool) -> sa.ColumnElement[bool]:
    mine, theirs = sa.tuple_(*key), sa.tuple_(*(sa.literal(value) for value in given))
    return mine < theirs if down else mine > theirs


def _cursor(row: Any, length: int) -> str:
    return written_cursor([getattr(row, f"key_{at}") for at in range(length)])


def written_cursor(values: Sequence[Any]) -> str:
    """A key for the address."""
    plain = [{"b": bytes(v).hex()} if isinstance(v, bytes | memoryview) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_cursor(text: str | None, *, length: int) -> list[Any] | None:
    """A key out of the address; None for what is none."""
    if not text:
        return None
    try:
        found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = [bytes.fromhex(v["b"]) if isinstance(v, dict) else v for v in found]
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError):
        return None
    whole = len(values) == length <= LONGEST_KEY and all(
        isinstance(v, str | bytes | int | float) for v in values
    )
    return values if whole and all(_fits(v) for v in values) else None


def _fits(value: Any) -> bool:
    return not isinstance(value, int) or abs(value) < 2**63
