"""How fast the live traffic goes: lively for whoever has just started it, then quiet, so that a laptop stays cool."""

from __future__ import annotations

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from demo.traffic.stop import Stop

LIVELY_S = 1800.0
QUIETER = 6.0
"""After the lively half hour, everything happens so many times less often."""
LONGEST_GAP_S = 45.0
"""Between the turns of a conversation: life's minutes are too long for somebody who watches."""
REVIEW_AFTER_S = (40.0, 240.0)
"""Reviews come hours later in life, and minutes later here."""


@dataclass(order=True, slots=True)
class _Due:
    at: float
    number: int
    act: Callable[[], None] = field(compare=False)


class Timetable:
    """Acts in order of time, carried out one after the other on the thread that runs it."""

    def __init__(self, stop: Stop, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stop = stop
        self._clock = clock
        self._began = clock()
        self._due: list[_Due] = []
        self._number = 0

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something in so many seconds."""
        self._number += 1
        heapq.heappush(self._due, _Due(self._clock() + seconds, self._number, act))

    def again(self, mean_s: float, act: Callable[[], None], *, rng: random.Random) -> None:
        """Do something over and over, at random, every `mean_s` seconds on average; soon for the first time."""

        def once() -> None:
            act()
            slower = 1.0 if self._clock() - self._began < LIVELY_S else QUIETER
            self.after(rng.expovariate(1 / (mean_s * slower)), once)

        self.after(rng.uniform(0, min(mean_s, 20.0)), once)

    def run(self) -> None:
        """Carry out what is due until somebody sets `stop`."""
        while not self._stop.is_set():
            wait = self._due[0].at - self._clock() if self._due else 1.0
            if wait > 0:
                self._stop.wait(min(wait, 1.0))
            else:
                heapq.heappop(self._due).act()


def gap(after_ms: int, *, review: bool, rng: random.Random) -> float:
    """Seconds from the start of a conversation to one of its scenes, shortened for somebody who watches."""
    if review:
        return rng.uniform(*REVIEW_AFTER_S)
    return min(after_ms / 1000, LONGEST_GAP_S)
