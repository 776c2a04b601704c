"""What a change of a profile would have checked again, counted before it is made."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from guardrails.domain.checks import CONTENT_CHECKS, Check
from kernel import clock
from kernel.actor import system_actor
from telemetry.domain import MessageState
from telemetry.queries.bounds import Count, SenderWindow, TimeRange, bounded_count, within
from telemetry.schema import messages, trace_facets
from telemetry.services import load_estate, reading

LOOK_BACK_DAYS = 31
"""Texts older than this are forgotten, by default: see the retention of content."""
MOST_COUNTED = 100_000
READABLE = (MessageState.FULL.value, MessageState.WAITING.value)
"""Texts that an engine can still read as they were said; masked ones hide what it would look for."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is checked again: by which checks, how many messages and how many traces of how many deployments.

    None where no check asks for that kind of thing.
    """

    checks: frozenset[Check]
    deployments: int
    messages: Count | None = None
    traces: Count | None = None


def reach(checks: frozenset[Check], deployments: Collection[uuid.UUID]) -> Reach:
    """Count what these checks would go through again. At most two bounded queries on the record."""
    if not checks or not deployments:
        return Reach(checks, len(deployments))
    time = TimeRange.last(LOOK_BACK_DAYS * clock.NANOSECONDS_PER_DAY)
    wanted = frozenset(deployments)
    with reading() as connection:
        estate = load_estate(connection, system_actor("guardrails.reach"))
        windows = estate.where(lambda item: item.deployment_id in wanted)
        of_messages = _messages(connection, windows, time) if checks & CONTENT_CHECKS else None
        of_traces = _traces(connection, windows, time) if Check.GROUNDEDNESS in checks else None
    return Reach(checks, len(deployments), of_messages, of_traces)


def _messages(connection: sa.Connection, windows: tuple[SenderWindow, ...], time: TimeRange) -> Count:
    first, last = time.days
    column = messages.c
    query = sa.select(sa.literal(1)).where(
        column.day.in_(range(first, last + 1)),
        column.state.in_(READABLE),
        within(windows, sender=column.sender_id, moment=column.received_ns),
    )
    return bounded_count(connection, query, limit=MOST_COUNTED)


def _traces(connection: sa.Connection, windows: tuple[SenderWindow, ...], time: TimeRange) -> Count:
    column = trace_facets.c
    query = (
        sa.select(column.trace_id)
        .where(
            within(windows, sender=column.sender_id, moment=column.start_ns),
            column.start_ns >= time.start_ns,
            column.start_ns < time.end_ns,
            column.model != "",
        )
        .distinct()
    )
    return bounded_count(connection, query, limit=MOST_COUNTED)
