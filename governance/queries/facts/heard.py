"""What the record says of the last seven days, summed up per deployment and per sender.

Sums are read per sender. A sender that was one thing all week is attributed at once; one that changed its meaning
meanwhile is read hour by hour, so that each hour counts for what the sender was then.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from governance.domain.breaches import Evidence, EvidenceKind
from guardrails.domain.checks import CHECKED, Check, Outcome
from kernel import clock
from kernel.actor import system_actor
from telemetry.queries.bounds import TimeRange
from telemetry.schema import check_hours, finding_hours, findings, messages, rollup_hours
from telemetry.services import Estate, load_estate, reading
from telemetry.services.estate import Known

RECENT_NS = 7 * clock.NANOSECONDS_PER_DAY
"""How far back observed facts look."""
MOST_ROWS = 200_000
"""Sums read of one table: twenty thousand senders with ten models each."""
MOST_CHANGING = 500
"""Senders read hour by hour at once."""
MOST_EVIDENCE = 20
"""References to findings per deployment; the newest."""
MOST_FINDINGS = 5_000
NOBODY_BY_ITSELF = ("LOCATION", "POSTCODE", "URL")
"""Types that point to nobody alone: a town or an address of the web in an answer is no personal data yet."""
OUTPUT_ROLES = ("assistant", "tool")
"""Roles of messages that a model or its tools wrote."""


@dataclass(slots=True)
class Checks:
    """What guardrails say of one deployment's recent content."""

    messages_checked: int = 0
    outputs_found: int = 0
    judged: int = 0
    unsupported: int = 0
    answers: int = 0
    shadow: bool = False


@dataclass(slots=True)
class HeardOf:
    """What was heard of one deployment."""

    last_ns: int | None = None
    models: set[str] = field(default_factory=set)
    checks: Checks = field(default_factory=Checks)
    evidence: list[tuple[int, Evidence]] = field(default_factory=list)  # (when it was found, reference)


@dataclass(frozen=True, slots=True)
class Heard:
    """The record's part of all facts, as of one moment."""

    now_ns: int
    estate: Estate
    deployments: dict[uuid.UUID, HeardOf]
    sender_models: dict[bytes, tuple[str, ...]]

    def of(self, deployment_id: uuid.UUID) -> HeardOf:
        """What was heard of a deployment; nothing yet for one that never spoke."""
        return self.deployments.get(deployment_id) or HeardOf()


def listen() -> Heard:
    """Read the record's part of all facts: a bounded number of queries."""
    now = clock.now_ns()
    time = TimeRange(now - RECENT_NS, now + clock.NANOSECONDS_PER_HOUR)
    with reading() as connection:
        estate = load_estate(connection, system_actor("policies"))
        listener = _Listener(connection, estate, time)
        listener.last_words()
        listener.models()
        listener.checks()
        listener.personal_data()
        listener.evidence()
    models = {sender: tuple(sorted(names)) for sender, names in listener.sender_models.items()}
    return Heard(now, estate, dict(listener.found), models)


class _Listener:
    """One reading of the record."""

    def __init__(self, connection: sa.Connection, estate: Estate, time: TimeRange) -> None:
        self._connection = connection
        self._estate = estate
        self._time = time
        self._changing = sorted(
            sender_id for sender_id, known in estate.known.items() if _changed_during(known, time)
        )
        self.found: defaultdict[uuid.UUID, HeardOf] = defaultdict(HeardOf)
        self.sender_models: defaultdict[bytes, set[str]] = defaultdict(set)

    def last_words(self) -> None:
        """When each deployment was heard last."""
        for known in self._estate.known.values():
            for item in known.resolutions:
                moment = known.sender.last_seen_ns
                if item.deployment_id is None or (item.valid_from_ns or 0) > moment:
                    continue
                if item.valid_until_ns is not None:
                    moment = min(moment, item.valid_until_ns)
                of = self.found[item.deployment_id]
                of.last_ns = max(moment, of.last_ns or 0)

    def models(self) -> None:
        """Which models each deployment and each sender named."""
        columns = (rollup_hours.c.model,)
        for row, of in self._sums(
            rollup_hours, columns, rollup_hours.c.span_count, rollup_hours.c.model != ""
        ):
            self.sender_models[bytes(row.sender_id)].add(row.model)
            if of is not None:
                of.models.add(row.model)

    def checks(self) -> None:
        """How much was checked, and how many answers their sources do not support."""
        columns = (check_hours.c.check, check_hours.c.outcome, check_hours.c.shadow)
        for row, of in self._sums(check_hours, columns, check_hours.c.subjects):
            if of is None:
                continue
            if row.check == Check.GROUNDEDNESS:
                _add_verdicts(of.checks, row)
            elif row.check == Check.PERSONAL_DATA and row.outcome in CHECKED:
                of.checks.messages_checked += row.total

    def personal_data(self) -> None:
        """In how many outputs personal data was found."""
        columns = (finding_hours.c.type,)
        wanted = sa.and_(
            finding_hours.c.check == Check.PERSONAL_DATA,
            finding_hours.c.direction == "output",
            finding_hours.c.type.not_in(NOBODY_BY_ITSELF),
        )
        by_type: defaultdict[tuple[bytes, str], int] = defaultdict(int)
        owners: dict[bytes, Checks] = {}
        for row, of in self._sums(finding_hours, columns, finding_hours.c.messages, wanted):
            if of is not None:
                sender = bytes(row.sender_id)
                by_type[sender, row.type] += row.total
                owners[sender] = of.checks
        for sender, checks in owners.items():
            # A message with two types counts under both: the commonest type is a number that is certainly reached.
            checks.outputs_found += max(total for (one, _type), total in by_type.items() if one == sender)

    def evidence(self) -> None:
        """The newest outputs with personal data, as references."""
        query = (
            sa.select(
                findings.c.sender_id,
                findings.c.message_id,
                sa.func.max(findings.c.found_ns).label("found_ns"),
            )
            .join(
                messages,
                sa.and_(
                    messages.c.day == findings.c.day,
                    messages.c.sender_id == findings.c.sender_id,
                    messages.c.message_id == findings.c.message_id,
                ),
            )
            .where(
                findings.c.check == Check.PERSONAL_DATA,
                findings.c.found_ns >= self._time.start_ns,
                findings.c.type.not_in(NOBODY_BY_ITSELF),
                messages.c.role.in_(OUTPUT_ROLES),
            )
            .group_by(findings.c.sender_id, findings.c.message_id)
            .order_by(sa.desc("found_ns"))
            .limit(MOST_FINDINGS)
        )
        for row in self._connection.execute(query):
            of = self._of(bytes(row.sender_id), row.found_ns)
            if of is not None and len(of.evidence) < MOST_EVIDENCE:
                reference = Evidence(EvidenceKind.MESSAGE, bytes(row.message_id).hex())
                of.evidence.append((row.found_ns, reference))

    def _sums(
        self, table: sa.Table, columns: Sequence[Any], value: Any, wanted: Any = None
    ) -> Iterator[tuple[Any, HeardOf | None]]:
        """Rows with their `total`, each with the deployment that it counts for."""
        first, last = self._time.hours
        base = sa.and_(table.c.hour.between(first, last), sa.true() if wanted is None else wanted)
        columns = (table.c.sender_id, *columns)
        query = (
            sa.select(*columns, sa.cast(sa.func.sum(value), sa.BigInteger).label("total"))
            .where(base)
            .group_by(*columns)
        )
        changing = frozenset(self._changing)
        for row in self._connection.execute(query.limit(MOST_ROWS)):
            if bytes(row.sender_id) not in changing:
                yield row, self._of(bytes(row.sender_id), self._time.end_ns)
        hourly = query.add_columns(table.c.hour).group_by(table.c.hour)
        for start in range(0, len(self._changing), MOST_CHANGING):
            part = table.c.sender_id.in_(self._changing[start : start + MOST_CHANGING])
            for row in self._connection.execute(hourly.where(part).limit(MOST_ROWS)):
                yield row, self._of(bytes(row.sender_id), row.hour * clock.NANOSECONDS_PER_HOUR)

    def _of(self, sender_id: bytes, moment_ns: int) -> HeardOf | None:
        resolution = self._estate.resolution(sender_id, moment_ns)
        if resolution is None or resolution.deployment_id is None:
            return None
        return self.found[resolution.deployment_id]


def _changed_during(known: Known, time: TimeRange) -> bool:
    """Whether what the sender is began or ended within the time."""
    bounds = (bound for item in known.resolutions for bound in (item.valid_from_ns, item.valid_until_ns))
    return any(bound is not None and time.start_ns < bound < time.end_ns for bound in bounds)


def _add_verdicts(checks: Checks, row: Any) -> None:
    checks.answers += row.total
    if row.outcome in CHECKED:
        checks.judged += row.total
        checks.shadow = checks.shadow or bool(row.shadow)
    if row.outcome == Outcome.UNSUPPORTED:
        checks.unsupported += row.total
