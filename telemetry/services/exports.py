"""Taking lists out of the house: bounded, and on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sqlalchemy as sa

from audit.domain import Change, Target
from audit.services import record as record_event
from audit.services import verb
from kernel.actor import Actor, Permission
from telemetry.queries.traces import Cursor, TraceFilter, TraceRow, TraceSort, list_traces
from telemetry.services.estate import load_estate
from telemetry.services.record import reading

MAX_ROWS = 10_000
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Export:
    """The rows of an export; `complete` is False where the limit cut it."""

    rows: tuple[TraceRow, ...]
    complete: bool


@verb("telemetry.traces.export")
def export_traces(
    actor: Actor, wanted: TraceFilter, *, sort: TraceSort, descending: bool, described: str, form: str
) -> Export:
    """The traces of a list that the actor may see, at most `MAX_ROWS`.

    `described` is the filter as the address has it and goes into the ledger. Raises Forbidden.
    """
    actor.require_somewhere(Permission.EXPORT)
    with reading() as connection:
        wanted = replace(wanted, visible=load_estate(connection, actor).visible)
        rows = tuple(_pages(connection, wanted, sort=sort, descending=descending))
    export = Export(rows[:MAX_ROWS], len(rows) <= MAX_ROWS)
    record_event(
        actor,
        target=Target(type="trace_list", id="traces"),
        changes=(
            Change("rows", None, len(export.rows)),
            Change("form", None, form),
            Change("filter", None, described[:2000]),
        ),
        personal=frozenset({"filter"}),
    )
    return export


def _pages(
    connection: sa.Connection, wanted: TraceFilter, *, sort: TraceSort, descending: bool
) -> Iterator[TraceRow]:
    cursor: Cursor | None = None
    for _page in range(MAX_ROWS // _PAGE + 1):
        page = list_traces(connection, wanted, sort=sort, descending=descending, cursor=cursor, limit=_PAGE)
        yield from page.rows
        if page.next is None:
            return
        cursor = page.next
