"""What the installation does for itself on the clock."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from kernel import clock
from telemetry.receiver.limits import WAITING_HOURS
from telemetry.store import Store, open_store

CHUNK = 1000
MOST_CHUNKS = (
    200  # what is left then waits for the next ring, so that one sweep stays far below a task's time limit
)


def forget_expired_content() -> int:
    """Forget content that waited a day for a span that never came. Returns how many records."""
    return forget_waiting_before(_store(), clock.now_ns() - WAITING_HOURS * clock.NANOSECONDS_PER_HOUR)


def forget_waiting_before(store: Store, before_ns: int) -> int:
    """Forget, in small transactions, what has waited since before this moment."""
    total = 0
    for _chunk in range(MOST_CHUNKS):
        forgotten = store.expire_waiting(before_ns=before_ns, limit=CHUNK)
        total += forgotten
        if forgotten < CHUNK:
            break
    return total


@lru_cache(maxsize=1)
def _store() -> Store:
    """Opened on first use, after the pool process has been forked."""
    return open_store(settings.TUTELA.record_url)
