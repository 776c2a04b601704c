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
_ALL_EVERY_ROUNDS = 150
_RECENT_NS = 2 * clock.NANOSECONDS_PER_MINUTE
"""A record whose span is not stored within this time will be read when the span comes; looking for all of them every
round would cost more the more of them wait in vain. What a stopped process left behind is found when all are looked at.
"""


def attach_late(store: Store, keeper: LogKeeper, *, keys: ContentKeys, since_ns: int = 0) -> int:
    """Attach one round of waiting records, received since then, whose spans are stored. Answers how many."""
    pairs = store.late_pairs(since_ns=since_ns, limit=LATE_AT_ONCE)
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
                self._round(rounds)
            except StoreUnavailable:
                continue  # said by the store already; the next round tries again
            except Unstorable:
                log.exception("late.unstorable")
            except Exception:  # the thread must outlive one bad record; what it was is in the log
                log.exception("late.failed")

    def _round(self, number: int) -> None:
        if not self._store.anything_waits():
            return
        since_ns = 0 if number % _ALL_EVERY_ROUNDS == 1 else clock.now_ns() - _RECENT_NS
        while attach_late(self._store, self._keeper, keys=self._keys, since_ns=since_ns) == LATE_AT_ONCE:
            continue
        if number % _EXPIRE_EVERY_ROUNDS == 0:
            expire(self._store)
