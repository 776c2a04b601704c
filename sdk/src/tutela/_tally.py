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


class Tally:
    """Counts from several threads, and says each problem at most once a minute."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        """Begin at zero with a lock of its own: a forked child inherits neither counts nor a held lock."""
        self._lock = threading.RLock()  # re-entrant: a signal handler may end a span while this thread counts
        self.sent = self.failed = self.dropped = 0
        self.last: Problem | None = None
        self._said: dict[str, float] = {}
        self._heard: set[str] = set()

    def count(self, *, sent: int = 0, failed: int = 0, dropped: int = 0) -> None:
        with self._lock:
            self.sent += sent
            self.failed += failed
            self.dropped += dropped

    @property
    def lost(self) -> int:
        with self._lock:
            return self.failed + self.dropped

    @property
    def answered(self) -> int:
        with self._lock:
            return self.sent + self.failed

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
