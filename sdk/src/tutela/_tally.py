"""The account of spans: sent, failed, dropped, and the last error in words."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from tutela import _problems
from tutela._problems import Problem

log = logging.getLogger("tutela")

REPEAT_AFTER = 60.0  # seconds before the same problem is logged again
_REMEMBERED = 100  # distinct messages of the server; more would be a stream, not messages


@dataclass(frozen=True, slots=True)
class Status:
    """What became of the spans so far. sent + failed + dropped + pending = all spans that ended and were sampled.

    `sent` were acknowledged by the server, `failed` were refused or given up, `dropped` never left for lack of room
    or time, `pending` wait. `last_error` is None as long as nothing went wrong.
    """

    state: str  # sending | disabled | closed
    endpoint: str
    sent: int = 0
    failed: int = 0
    dropped: int = 0
    pending: int = 0
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Counts:
    """Every span that was offered is pending until it is sent, failed or dropped."""

    offered: int = 0
    sent: int = 0
    failed: int = 0
    dropped: int = 0

    @property
    def answered(self) -> int:
        return self.sent + self.failed

    @property
    def lost(self) -> int:
        return self.failed + self.dropped

    @property
    def pending(self) -> int:
        return self.offered - self.sent - self.lost


class Tally:
    """Counts from several threads, and says each problem at most once a minute."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin at zero with a lock of its own: a forked child inherits neither counts nor a held lock."""
        self._lock = threading.RLock()  # re-entrant: a signal handler may end a span while this thread counts
        self._counts = Counts()
        self._closed = False
        self.last: Problem | None = None
        self._said: dict[str, float] = {}
        self._heard: set[str] = set()

    @property
    def counts(self) -> Counts:
        """All counts of one moment."""
        with self._lock:
            return self._counts

    def count(self, *, offered: int = 0, sent: int = 0, failed: int = 0, dropped: int = 0) -> None:
        """Add to the counts. After `close` only spans that are new can change them."""
        with self._lock:
            if self._closed and not offered:
                return
            now = self._counts
            self._counts = Counts(
                now.offered + offered, now.sent + sent, now.failed + failed, now.dropped + dropped
            )

    def close(self) -> int:
        """Count everything that still waits as dropped, and return how many these were.

        A request may be under way at that moment; what comes of it must not count a second time.
        """
        with self._lock:
            left = self._counts.pending
            self.count(dropped=left)
            self._closed = True
            return left

    def say(self, problem: Problem) -> None:
        """Keep a problem as the last one, and log it unless the same one was logged a moment ago."""
        with self._lock:
            self.last = problem
            now = time.monotonic()
            if now - self._said.get(problem.code, -REPEAT_AFTER) < REPEAT_AFTER:
                return
            self._said[problem.code] = now
        log.warning("%s", problem)

    def hear(self, message: str, *, rejected: int) -> None:
        """Log what the server said beside its answer, once per distinct message. Rejected spans are an error."""
        problem = _problems.rejected(rejected, message)
        with self._lock:
            if rejected:
                self.last = problem
            if message in self._heard or len(self._heard) >= _REMEMBERED:
                return
            self._heard.add(message)
        if rejected:
            log.warning("%s", problem)
        else:
            log.warning("The server took the spans and says: %s", message)
