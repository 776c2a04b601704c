"""Group commit: whatever waits when the last transaction is done goes into the next one, together."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from kernel import clock
from telemetry.domain import Reason, Signal
from telemetry.receiver.limits import MAX_GROUP_SPANS, MIB
from telemetry.store import Batch, Refusal, Store, StoreUnavailable, Tally, Unstorable

log = structlog.get_logger(__name__)

MAX_GROUP_BYTES = 32 * MIB
_FLUSH_EVERY_S = 1.0

Failure = StoreUnavailable | Unstorable
Done = Callable[[list[tuple["Pending", Failure | None]]], None]


@dataclass(slots=True, eq=False)
class Pending:
    """A batch that waits for its commit, and whoever waits for it."""

    batch: Batch
    waiter: asyncio.Future[Batch]


class Committer:
    """One thread that writes. `done` is told of every group, on that thread, once it is durable or has failed."""

    def __init__(self, store: Store, *, done: Done) -> None:
        self._store = store
        self._done = done
        self._queue: deque[Pending] = deque()
        self._refused = Tally()
        self._changed = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="committer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Write what waits, and stop. Answers when it is done."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def submit(self, pending: Pending) -> None:
        """Queue a batch. The caller bounds how much may wait."""
        with self._changed:
            self._queue.append(pending)
            self._changed.notify()

    def refuse(self, *, key_id: bytes, signal: Signal, reason: Reason, sample: str) -> None:
        """Count a request that was refused as a whole. It is written with the next group."""
        minute = clock.epoch_minute(clock.now_ns())
        with self._changed:
            self._refused.refuse((minute, key_id, signal, reason), Refusal(requests=1, sample=sample))

    def _run(self) -> None:
        while True:
            group, refused, closing = self._next()
            if group or refused:
                self._write(group, refused)
            if closing and not group:
                return

    def _next(self) -> tuple[list[Pending], Tally, bool]:
        """What to write now: at least one batch, or accounts that waited a second, or nothing more to come."""
        with self._changed:
            if not self._queue and not self._closing:
                self._changed.wait(_FLUSH_EVERY_S)
            group = self._take()
            refused, self._refused = self._refused, Tally()
            return group, refused, self._closing

    def _take(self) -> list[Pending]:
        group: list[Pending] = []
        spans = size = 0
        while self._queue and (not group or (spans < MAX_GROUP_SPANS and size < MAX_GROUP_BYTES)):
            pending = self._queue.popleft()
            spans += pending.batch.received
            size += pending.batch.size
            group.append(pending)
        return group

    def _write(self, group: Sequence[Pending], refused: Tally) -> None:
        try:
            self._store.write([pending.batch for pending in group], refused=refused)
        except StoreUnavailable as unavailable:
            self._put_back(refused)
            self._tell(group, unavailable)
        except Unstorable as unstorable:
            self._put_back(refused)
            self._one_by_one(group, unstorable)
        except Exception:  # whatever it was, the requests must get an answer and the thread must live on
            log.exception("commit.failed")
            self._tell(group, StoreUnavailable("Something went wrong while writing; it is in the log."))
        else:
            self._tell(group, None)

    def _one_by_one(self, group: Sequence[Pending], failure: Failure) -> None:
        """One request of the group cannot be stored; the others must not suffer for it."""
        if len(group) <= 1:
            log.error("commit.unstorable", detail=str(failure))
            self._tell(group, failure)
            return
        for pending in group:
            self._write([pending], Tally())

    def _put_back(self, refused: Tally) -> None:
        with self._changed:
            refused.merge(self._refused)
            self._refused = refused

    def _tell(self, group: Sequence[Pending], failure: Failure | None) -> None:
        if group:
            self._done([(pending, failure) for pending in group])
