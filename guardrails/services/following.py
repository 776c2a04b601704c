"""What was received already follows a changed profile: notes of changes become work in the record's queue."""

from __future__ import annotations

import uuid

from guardrails.domain.checks import Check
from guardrails.models import Recheck
from guardrails.queries.profiles import deployments_of
from guardrails.services.rechecking import requeue
from kernel.actor import system_actor
from telemetry.services import load_estate, reading
from telemetry.store import Store

AT_ONCE = 20
"""Changes followed in one go; the rest is next when the clock rings again."""


def follow_changes(*, store: Store | None = None) -> int:
    """Queue again what the oldest noted changes touch; answers how many messages and traces that were.

    A note goes only after its work is queued: dying in between queues it once more, which changes nothing.
    """
    total = 0
    for note in Recheck.objects.order_by("id")[:AT_ONCE]:
        checks = [Check(word) for word in note.checks]
        total += requeue(_senders(note), checks, store=store)
        note.delete()
    return total


def _senders(note: Recheck) -> set[bytes]:
    wanted: frozenset[uuid.UUID] = (
        deployments_of(note.profile_id) if note.deployment_id is None else frozenset({note.deployment_id})
    )
    with reading() as connection:
        estate = load_estate(connection, system_actor("guardrails.follow"))
    return {window.sender_id for window in estate.where(lambda item: item.deployment_id in wanted)}
