"""Celery entry points. A message only says "look": what there is to do stands in rows of the record."""

from __future__ import annotations

from celery import shared_task

from guardrails.services import following, looking, sweeping
from guardrails.services.runtime import runtime

QUEUE = "checks"
RING_AGAIN_S = 10.0


# Taken off the broker before it runs: a bell that killed its process must not ring for ever, and the clock rings soon.
@shared_task(name="guardrails.tasks.look", acks_late=False, reject_on_worker_lost=False)  # type: ignore[untyped-decorator]  # Celery ships no types
def look() -> None:
    """Check what is due, and ring again when time was up before the work was done."""
    if looking.look(runtime()).more:
        look.apply_async(queue=QUEUE, expires=RING_AGAIN_S)


@shared_task(name="guardrails.tasks.sweep")  # type: ignore[untyped-decorator]  # Celery ships no types
def sweep() -> None:
    """Give up what kills its workers; destroy the keys of what is drained; let what is kept follow changed profiles."""
    sweeping.sweep(runtime())
    following.follow_changes()
