"""Bringing tables into the register: tried first, cell by cell, and then all or nothing."""

from __future__ import annotations

from inventory.services.importing.outcomes import Outcome, Problem, Report, RowOutcome
from inventory.services.importing.tables import TABLES, Table, table_named
from inventory.services.importing.verbs import (
    apply_import,
    drop_import,
    forget_old_imports,
    keep_import,
    try_import,
)

__all__ = [
    "TABLES",
    "Outcome",
    "Problem",
    "Report",
    "RowOutcome",
    "Table",
    "apply_import",
    "drop_import",
    "forget_old_imports",
    "keep_import",
    "table_named",
    "try_import",
]
