"""A thread that marries log records to spans that were there before them, and forgets those that waited in vain."""

from __future__ import annotations

import threading

import structlog

from kernel import clock
from telemetry.content import ContentKeys
from telemetry.receiver.limits import LATE_AT_ONCE, LATE_EVERY_S, WAITING_HOURS
from telemetry.receiver.logs import LogKeeper, late_log
from telemetry.store import Store, StoreUnavailable, Unstorable

log = structlog.get_logger(__name__)

_EXPIRE_EVERY_ROUNDS = 30


def attach_late(store: Store, keeper: LogKeeper, *, keys: ContentKeys) -> int:
    """Attach one round of waiting records whose spans are stored. Answers how many were attached."""
    pairs = store.late_pairs(limit=LATE_AT_ONCE)
    if not pairs:
        return 0
    late = [late_log(waiting, keeper.open(waiting), span, keys=keys) for waiting, span in pairs]
    return store.attach(late)


def expire(store: Store) -> int:
    """Forget records older than the wait that we promise. Answers how many."""
    before_ns = clock.now_ns() - WAITING_HOURS * clock.NANOSECONDS_PER_HOUR
    return store.expire_waiting(before_ns=before_ns)


class LateThread:
    """Does both, again and again, until closed."""

    def __init__(self, store: Store, *, keys: ContentKeys, content_key: bytes) -> None:
        self._store = store
        self._keys = keys
        self._keeper = LogKeeper(store, content_key=content_key)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="late-logs", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        rounds = 0
        while not self._stop.wait(LATE_EVERY_S):
            rounds += 1
            try:
                self._round(expiring=rounds % _EXPIRE_EVERY_ROUNDS == 0)
            except StoreUnavailable:
                continue  # said by the store already; the next round tries again
            except Unstorable:
                log.exception("late.unstorable")
            except Exception:  # the thread must outlive one bad record; what it was is in the log
                log.exception("late.failed")

    def _round(self, *, expiring: bool) -> None:
        if not self._store.anything_waits():
            return
        while attach_late(self._store, self._keeper, keys=self._keys) == LATE_AT_ONCE:
            continue
        if expiring:
            expire(self._store)
