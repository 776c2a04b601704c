"""The word that ends a process, said by a signal."""

from __future__ import annotations

import time

SLICE_S = 0.2


class Stop:
    """Like an event, but safe to set in a signal handler: an event's lock may be held by the very thread that was interrupted."""

    def __init__(self) -> None:
        self._set = False

    def set(self, *_: object) -> None:
        """Also a signal handler."""
        self._set = True

    def is_set(self) -> bool:
        return self._set

    def wait(self, seconds: float) -> bool:
        """Sleep for so long, or until it is set. Says whether it is."""
        until = time.monotonic() + seconds
        while not self._set and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, SLICE_S))
        return self._set
