"""How much a piece of code reads from the register's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.models.sql.compiler import SQLCompiler


@contextmanager
def rows_read() -> Iterator[list[int]]:
    """The number of rows that each query of the ORM gave, in order, while the block ran."""
    read: list[int] = []
    given = SQLCompiler.results_iter

    def counted(self: SQLCompiler, *args: Any, **options: Any) -> Iterator[Any]:
        number = 0
        try:
            for row in given(self, *args, **options):
                number += 1
                yield row
        finally:
            read.append(number)

    with mock.patch.object(SQLCompiler, "results_iter", counted):
        yield read
