"""Whole stretches of a table of the record, row by row: for evidence that leaves the house."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from telemetry.queries.bounds import SenderScope, within

_AT_ONCE = 1_000


def rows_between(
    connection: sa.Connection,
    table: sa.Table,
    *,
    moment: sa.Column[int],
    unit_ns: int,
    start_ns: int,
    end_ns: int,
    visible: SenderScope,
    names: Sequence[str],
) -> Iterator[tuple[Any, ...]]:
    """The named columns of the rows whose `moment`, in units of `unit_ns`, begins within [start_ns, end_ns).

    In the order of the primary key after the moment. The connection must stay open until the last row is read.
    """
    columns = [table.c[name] for name in names]
    query = (
        sa.select(*columns)
        .where(
            moment >= -(-start_ns // unit_ns),
            moment < -(-end_ns // unit_ns),
            within(visible, sender=table.c.sender_id, moment=moment, unit_ns=unit_ns),
        )
        .order_by(moment, *table.primary_key.columns)
    )
    result = connection.execution_options(stream_results=True, yield_per=_AT_ONCE).execute(query)
    for row in result:
        yield tuple(row)
