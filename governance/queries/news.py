"""Whether there is a reason to evaluate: the register changed, findings came, or a minute has passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from audit.models import Event
from governance.domain.policies import Trigger
from governance.models import PolicyWork
from kernel import clock
from telemetry.schema import scans, senders, verdicts
from telemetry.services import reading

CLOCK = timedelta(seconds=55)
"""The clock rings once a minute; a little less, so that no ring finds that it came too early."""
SHARE = 20
"""Evaluations on the clock take no more than a twentieth of one worker's time."""
RETRY = timedelta(seconds=30)
_OWN = "policies"


@dataclass(frozen=True, slots=True)
class Marks:
    """Up to where ledger and record have been seen."""

    event_at: datetime | None
    finding_ns: int | None


def marks() -> Marks:
    """The latest change of the register that was not our own doing, and the latest news of the record."""
    events = Event.objects.exclude(actor_id=_OWN, actor_kind="system").order_by("-time")
    return Marks(events.values_list("time", flat=True).first(), _latest_news())


def _latest_news() -> int | None:
    """When something was scanned or judged last, or a sender first seen. Each is the end of an index."""
    queries = (
        sa.select(sa.func.max(scans.c.scanned_ns)),
        sa.select(sa.func.max(verdicts.c.checked_ns)),
        sa.select(sa.func.max(senders.c.first_seen_ns)),
    )
    with reading() as connection:
        found = [connection.execute(query).scalar() for query in queries]
    return max((moment for moment in found if moment is not None), default=None)


def due(work: str, trigger: Trigger) -> bool:
    """Whether an evaluation that this trigger asks for would find anything new."""
    row = PolicyWork.objects.filter(name=work).first()
    if row is None or row.evaluated_at is None:
        return row is None or row.failed_at is None or clock.now() - row.failed_at >= RETRY
    now = clock.now()
    if row.failed_at is not None:
        return now - row.failed_at >= RETRY
    if trigger is Trigger.CLOCK and now - row.evaluated_at >= max(
        CLOCK, timedelta(milliseconds=SHARE * (row.took_ms or 0))
    ):
        return True
    seen = marks()
    changed = seen.event_at is not None and (row.seen_event_at is None or seen.event_at > row.seen_event_at)
    if trigger in {Trigger.REGISTER, Trigger.POLICY} or changed:
        return changed
    return seen.finding_ns is not None and (row.seen_finding_ns or 0) < seen.finding_ns
