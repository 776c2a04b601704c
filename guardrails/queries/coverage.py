"""What the pages of coverage need beside `telemetry.queries.checks`: model calls by what was kept, sums by deployment."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from guardrails.domain.checks import CHECKED, CONTENT_CHECKS, Check, Outcome
from kernel import clock
from telemetry.domain import MODEL_CALLS, ContentState
from telemetry.queries import checks
from telemetry.queries.bounds import SenderScope, SenderWindow, TimeRange, within
from telemetry.queries.checks import Per
from telemetry.schema import rollup_hours
from telemetry.services import Estate

KEPT = frozenset({ContentState.FULL, ContentState.MASKED, ContentState.WAITING})
"""Content states in which there is, or was, a text to check."""
MOST_CHANGING = 100
"""Senders that were several deployments in the time looked at, whose sums are told apart; more count for their last."""
_WAITING_KIND = {Check.PERSONAL_DATA: "message", Check.SECRETS: "message", Check.GROUNDEDNESS: "trace"}


def calls_by_content(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None
) -> dict[str, int]:
    """How many model calls there were by what became of their content, by whole hours."""
    return {
        state: count
        for _sender, state, count in _calls(connection, time=time, visible=visible, by_sender=False)
    }


def _calls(
    connection: sa.Connection, *, time: TimeRange, visible: SenderScope, by_sender: bool
) -> list[tuple[bytes | None, str, int]]:
    first, last = time.hours
    column = rollup_hours.c
    keys = [*([column.sender_id] if by_sender else []), column.content_state]
    query = (
        sa.select(*keys, sa.func.sum(column.span_count))
        .where(
            column.hour.between(first, last),
            column.kind.in_(sorted(MODEL_CALLS)),
            within(visible, sender=column.sender_id, moment=column.hour, unit_ns=clock.NANOSECONDS_PER_HOUR),
        )
        .group_by(*keys)
        .limit(checks.MOST_ROWS)
    )
    rows = connection.execute(query)
    return [(bytes(row[0]) if by_sender else None, row[-2], int(row[-1])) for row in rows]


@dataclass(frozen=True, slots=True)
class Sums:
    """What came of one check. `outcomes` counts what counts, `shadowed` what stands in shadow; `waiting` is to be done."""

    check: Check
    outcomes: Mapping[str, int] = field(default_factory=dict)
    shadowed: Mapping[str, int] = field(default_factory=dict)
    waiting: int = 0

    @property
    def checked(self) -> int:
        """Those with an answer, in shadow or not."""
        return sum(self.of(outcome) for outcome in CHECKED)

    @property
    def total(self) -> int:
        """All that is known to check: with an outcome, or waiting. Answers that wait are not counted, only their traces."""
        waiting = self.waiting if self.check in CONTENT_CHECKS else 0
        return sum(self.outcomes.values()) + sum(self.shadowed.values()) + waiting

    def of(self, outcome: Outcome) -> int:
        """How many came to an outcome, in shadow or not."""
        return self.outcomes.get(outcome, 0) + self.shadowed.get(outcome, 0)


def sums(connection: sa.Connection, *, time: TimeRange, visible: SenderScope = None) -> dict[Check, Sums]:
    """Every check's sums. Two queries."""
    covered = checks.coverage(connection, time=time, visible=visible)
    waiting = checks.waiting(connection, time=time, visible=visible).get(None, {})
    return {check: _sums(check, covered, waiting.get(_WAITING_KIND[check], 0)) for check in Check}


def _sums(check: Check, covered: Iterable[checks.Covered], waiting: int) -> Sums:
    outcomes: dict[str, int] = defaultdict(int)
    shadowed: dict[str, int] = defaultdict(int)
    for item in covered:
        if item.check == check:
            (shadowed if item.shadow else outcomes)[item.outcome] += item.subjects
    return Sums(check, dict(outcomes), dict(shadowed), waiting)


@dataclass(frozen=True, slots=True)
class DeploymentSums:
    """A deployment's sums of one check. `deployment` None: senders that nobody registered.

    `calls` counts its model calls, `unkept` those of them without a text that could be checked.
    """

    deployment: tuple[uuid.UUID, str] | None
    sums: Sums
    calls: int
    unkept: int


def by_deployment(connection: sa.Connection, estate: Estate, *, time: TimeRange) -> list[DeploymentSums]:
    """The sums of each check by deployment. Three queries, and three more for each sender that changed in this time."""
    parts: dict[tuple[uuid.UUID, str] | None, _Parts] = defaultdict(_Parts)
    changing = _changing(estate, time)
    settled = _read(connection, time=time, visible=estate.visible)
    for sender_id, part in settled.items():
        if sender_id not in changing:
            parts[_deployment(estate, sender_id, time)].add(part)
    for window in _windows(estate, changing):
        for part in _read(connection, time=time, visible=(window,)).values():
            parts[_deployment_at(estate, window)].add(part)
    return [line for key, part in parts.items() for line in part.lines(key)]


@dataclass(slots=True)
class _Parts:
    covered: list[checks.Covered] = field(default_factory=list)
    waiting: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calls: int = 0
    unkept: int = 0

    def add(self, other: _Parts) -> None:
        self.covered += other.covered
        for kind, count in other.waiting.items():
            self.waiting[kind] += count
        self.calls += other.calls
        self.unkept += other.unkept

    def lines(self, deployment: tuple[uuid.UUID, str] | None) -> list[DeploymentSums]:
        return [
            DeploymentSums(
                deployment,
                _sums(check, self.covered, self.waiting.get(_WAITING_KIND[check], 0)),
                self.calls,
                self.unkept,
            )
            for check in Check
        ]


def _read(connection: sa.Connection, *, time: TimeRange, visible: SenderScope) -> dict[bytes, _Parts]:
    found: dict[bytes, _Parts] = defaultdict(_Parts)
    for item in checks.coverage(connection, time=time, visible=visible, per=Per.SENDER):
        if isinstance(item.group, bytes):
            found[item.group].covered.append(item)
    for group, kinds in checks.waiting(connection, time=time, visible=visible, per=Per.SENDER).items():
        if isinstance(group, bytes):
            found[group].waiting.update(kinds)
    for sender_id, state, count in _calls(connection, time=time, visible=visible, by_sender=True):
        if sender_id is not None:
            found[sender_id].calls += count
            found[sender_id].unkept += 0 if state in KEPT else count
    return found


def _changing(estate: Estate, time: TimeRange) -> set[bytes]:
    """Senders that were more than one thing in this time."""
    found = [
        sender_id
        for sender_id, known in estate.known.items()
        if len({item.deployment_id for item in known.resolutions if _touches(item, time)}) > 1
    ]
    return set(found[:MOST_CHANGING])


def _touches(item: object, time: TimeRange) -> bool:
    start, end = getattr(item, "valid_from_ns", None), getattr(item, "valid_until_ns", None)
    return (start is None or start < time.end_ns) and (end is None or end > time.start_ns)


def _windows(estate: Estate, senders: set[bytes]) -> list[SenderWindow]:
    return [
        SenderWindow(sender_id, item.valid_from_ns, item.valid_until_ns)
        for sender_id in sorted(senders)
        for item in estate.known[sender_id].resolutions
        if estate.may_see(item)
    ]


def _deployment(estate: Estate, sender_id: bytes, time: TimeRange) -> tuple[uuid.UUID, str] | None:
    known = estate.known.get(sender_id)
    moment = min(known.sender.last_seen_ns, time.end_ns - 1) if known else time.end_ns - 1
    return _named(estate, sender_id, moment)


def _deployment_at(estate: Estate, window: SenderWindow) -> tuple[uuid.UUID, str] | None:
    moment = window.from_ns if window.from_ns is not None else (window.until_ns or 1) - 1
    return _named(estate, window.sender_id, moment)


def _named(estate: Estate, sender_id: bytes, moment_ns: int) -> tuple[uuid.UUID, str] | None:
    found = estate.resolution(sender_id, moment_ns)
    if found is None or found.deployment_id is None:
        return None
    return found.deployment_id, found.deployment_name or str(found.deployment_id)
