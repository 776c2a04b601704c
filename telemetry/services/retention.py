"""Forgetting on the clock: the intent goes on record before, the outcome after."""

from __future__ import annotations

from collections.abc import Sequence

from audit.domain import Change, Outcome, Target
from audit.services import record, unchanged, verb
from inventory import queries as inventory
from inventory.queries.retention import held_deployments, retention
from kernel import clock
from kernel.actor import Actor, Channel, Permission, Source, system_actor
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import Kept
from telemetry.queries.senders import every_identity
from telemetry.services.record import reading, store
from telemetry.store.retention import Due, Forgotten, count_before, due, forget

_THE_RECORD = Target(type="telemetry.record", id="retention")


def run_retention() -> list[Forgotten]:
    """Forget everything that is older than it may be. Two events where something is due, none where nothing is.

    What fails half-way is on record as such, and goes on with the next run. Raises what the record raised.
    """
    actor = system_actor("retention", source=Source(channel=Channel.TASK))
    found = begin_forgetting(actor)
    done: list[Forgotten] = []
    if found:
        held = held_senders()
        try:
            done += (forget(store(), item, held=held) for item in found)
        finally:
            finish_forgetting(actor, done, complete=len(done) == len(found))
    return done


@verb("telemetry.retention.begin")
def begin_forgetting(actor: Actor) -> list[Due]:
    """Say what is about to be forgotten. Raises Forbidden."""
    actor.require(Permission.RETENTION_MANAGE, unit=None)
    found = due(store(), retention(), now_ns=clock.now_ns())
    if not found:
        unchanged()
        return []
    record(actor, target=_THE_RECORD, changes=[_intent(item) for item in found])
    return found


@verb("telemetry.retention.finish")
def finish_forgetting(actor: Actor, done: Sequence[Forgotten], *, complete: bool) -> None:
    """Say what was forgotten, and whether that was all that was due."""
    actor.require(Permission.RETENTION_MANAGE, unit=None)
    record(
        actor,
        target=_THE_RECORD,
        changes=[
            Change(f"{_name(item.due)}.{what}", None, value)
            for item in done
            for what, value in (("rows", item.rows), ("bytes", item.freed), ("held", item.held))
        ],
        outcome=Outcome.SUCCESS if complete else Outcome.FAILURE,
    )


def would_go(kept: Kept, retention_class: RetentionClass | None, days: int) -> int:
    """How many rows would be forgotten with the next run if this were kept for so many days; counted to a bound."""
    return count_before(store(), kept, retention_class, clock.epoch_day(clock.now_ns()) - days)


def held_senders() -> frozenset[bytes]:
    """Every sender that is, or was at any time, a deployment under a legal hold."""
    held = held_deployments()
    if not held:
        return frozenset()
    found: set[bytes] = set()
    with reading() as connection:
        for part in every_identity(connection):
            resolve = inventory.sender_resolver(about=[identity for _id, identity in part])
            found |= {
                sender_id
                for sender_id, identity in part
                if any(item.deployment_id in held for item in resolve(identity))
            }
    return frozenset(found)


def _intent(item: Due) -> Change:
    return Change(f"{_name(item)}.before_day", None, item.before_day)


def _name(item: Due) -> str:
    return f"{item.kept.value}.{item.retention_class.value}" if item.retention_class else item.kept.value
