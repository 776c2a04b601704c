"""What was found in the messages of many steps of a trace at once: for the marks on its lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from telemetry.queries.spans import SpanBrief, references
from telemetry.schema import findings, spans

MOST_MESSAGES = 5_000
"""Messages of one page that are looked at; beyond them a line bears no mark, its own panel tells all the same."""

SpanRef = tuple[bytes, int]


def found_in_steps(
    connection: sa.Connection, trace_id: bytes, steps: Sequence[SpanBrief]
) -> dict[SpanRef, dict[str, int]]:
    """How many findings of each check stand in what a step says, by (span id, day). Two queries."""
    messages = _messages(connection, trace_id, steps)
    counts = _counts(connection, messages)
    found: dict[SpanRef, dict[str, int]] = {}
    for step in steps:
        mine: dict[str, int] = defaultdict(int)
        for message_id in messages.get((step.day, step.sender_id), {}).get(step.span_id, ()):
            for check, count in counts.get((step.day, step.sender_id, message_id), {}).items():
                mine[check] += count
        if mine:
            found[step.span_id, step.day] = dict(mine)
    return found


def _messages(
    connection: sa.Connection, trace_id: bytes, steps: Sequence[SpanBrief]
) -> dict[tuple[int, bytes], dict[bytes, tuple[bytes, ...]]]:
    """The messages of the steps, by day and sender, then by span."""
    wanted = {step.span_id for step in steps}
    query = sa.select(spans.c.day, spans.c.sender_id, spans.c.span_id, spans.c.content).where(
        spans.c.trace_id == trace_id,
        spans.c.day.in_({step.day for step in steps}),
        spans.c.span_id.in_(wanted),
        spans.c.content.is_not(None),
    )
    found: dict[tuple[int, bytes], dict[bytes, tuple[bytes, ...]]] = defaultdict(dict)
    for row in connection.execute(query):
        found[row.day, bytes(row.sender_id)][bytes(row.span_id)] = references(row.content).all_ids()
    return found


def _counts(
    connection: sa.Connection, messages: Mapping[tuple[int, bytes], Mapping[bytes, Sequence[bytes]]]
) -> dict[tuple[int, bytes, bytes], dict[str, int]]:
    groups = []
    left = MOST_MESSAGES
    for (day, sender_id), by_span in messages.items():
        ids = sorted({id_ for several in by_span.values() for id_ in several})[:left]
        left -= len(ids)
        if ids:
            groups.append(
                sa.and_(
                    findings.c.day == day, findings.c.sender_id == sender_id, findings.c.message_id.in_(ids)
                )
            )
    if not groups:
        return {}
    key = (findings.c.day, findings.c.sender_id, findings.c.message_id, findings.c.check)
    found: dict[tuple[int, bytes, bytes], dict[str, int]] = defaultdict(dict)
    for row in connection.execute(sa.select(*key, sa.func.count()).where(sa.or_(*groups)).group_by(*key)):
        found[row[0], bytes(row[1]), bytes(row[2])][row[3]] = row[4]
    return found
