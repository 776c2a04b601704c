"""A bound on the time that one message may take, and what may be said of a failure."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType


class TookTooLong(Exception):
    """The time for one message was up."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TookTooLong inside the block when it takes longer. Works in the main thread, where pool processes run tasks.

    What does not come back to the interpreter at all is ended by Celery's hard limit, and its lease by the clock.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def reason_of(error: BaseException, doing: str) -> str:
    """Why something failed, for people, without anything of what was said: an error's own text may quote it."""
    if isinstance(error, TookTooLong):
        return f"{doing} took too long"
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__} in {doing}{where}"
