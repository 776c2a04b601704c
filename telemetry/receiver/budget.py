"""How many bytes this process holds on behalf of senders. What does not fit is told to come back, before it is read."""

from __future__ import annotations

import threading
from typing import Self

from telemetry.domain import Reason
from telemetry.receiver.limits import MAX_IN_FLIGHT_BYTES
from telemetry.receiver.refused import Refused


class Budget:
    """Bytes in flight of the whole process. Safe between threads."""

    def __init__(self, limit: int = MAX_IN_FLIGHT_BYTES) -> None:
        self._limit = limit
        self._used = 0
        self._lock = threading.Lock()

    def lease(self) -> Lease:
        """A request's share, empty at first."""
        return Lease(self)

    def take(self, size: int) -> None:
        """Raises Refused when there is no room; a single request always fits into an idle process."""
        with self._lock:
            if self._used and self._used + size > self._limit:
                raise Refused(
                    Reason.BUSY, "More is arriving than can be written at the moment. Try again shortly."
                )
            self._used += size

    def give(self, size: int) -> None:
        with self._lock:
            self._used -= size


class Lease:
    """What one request holds. Used as a context manager, so that nothing stays taken."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._size = 0
        self._kept = False

    def grow(self, size: int) -> None:
        """Raises Refused when the process has no room for so many more bytes."""
        self._budget.take(size)
        self._size += size

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if not self._kept:
            self.end()

    def keep(self) -> None:
        """Outlive the `with` block, because the bytes do. Whoever asks for this calls `end`."""
        self._kept = True

    def end(self) -> None:
        """Give everything back."""
        self._budget.give(self._size)
        self._size = 0
