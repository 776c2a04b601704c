"""Cells that several sections share."""

from __future__ import annotations

from typing import Any

from inventory.queries import Ref
from inventory.tables import cells


def holds(row: Any) -> str:
    """What data holds: its special categories, else how confidential it is."""
    if row.special_categories:
        return cells.categories(row.special_categories)
    return cells.classification(row.classification) or ""


def as_ref(row: Any) -> Ref:
    """A row that has a name, as a reference to it."""
    return Ref(row.id, row.name)
