"""The batching processor: spans wait in a bounded queue, one daemon thread sends them.

OpenTelemetry's own batch processor waits without limit in `force_flush`, up to 30 s at exit, and does not count what it
drops. A host must never wait longer than it agreed to, and every span must be accounted for; hence this one.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from collections import deque
from multiprocessing import parent_process
from multiprocessing import util as multiprocessing_util

from opentelemetry import context
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context  # the key that all exporters use
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

from tutela import _problems
from tutela._exporter import TutelaExporter
from tutela._tally import Tally

_FLUSH_MILLIS = 10_000
_TRYING = 0.8  # of the time to shut down; the rest lets the last attempt end and be counted


class BatchingProcessor(SpanProcessor):
    """Takes ended spans from any thread without blocking, and hands them on in batches."""

    def __init__(
        self,
        exporter: TutelaExporter,
        *,
        tally: Tally,
        queue_size: int,
        batch_size: int,
        delay: float,
        shutdown_timeout: float,
    ) -> None:
        self._exporter = exporter
        self._tally = tally
        self._queue_size = queue_size
        self._batch_size = min(batch_size, queue_size)
        self._delay = delay
        self._shutdown_timeout = shutdown_timeout
        self.closed = False
        self._begin()
        _after_fork_restart(self)

    def _begin(self) -> None:
        # Re-entrant: a signal handler or a finaliser may end a span while its thread holds the lock.
        self._changed = threading.Condition(threading.RLock())
        self._queue: deque[ReadableSpan] = deque()
        self._taken = 0  # spans ever queued
        self._settled = 0  # of these, those that left the queue for good
        self._urgent = 0  # send without delay until this many are settled
        self._worker: threading.Thread | None = None

    def restart(self) -> None:
        """After a fork, in the child: waiting spans are the parent's, and so is its thread."""
        self._begin()
        self._tally.restart()
        self._exporter.restart()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span. When the queue is full the oldest goes: the newest may be the root of its trace."""
        if span.context is None or not span.context.trace_flags.sampled:
            return
        with self._changed:
            full = len(self._queue) >= self._queue_size
            self._tally.count(offered=1, dropped=int(full or self.closed))
            if self.closed:
                return
            if full:
                self._queue.popleft()
                self._settled += 1
            self._queue.append(span)
            self._taken += 1
            self._start_worker()
            if len(self._queue) == 1 or len(self._queue) >= self._batch_size:
                self._changed.notify_all()  # the first wakes a worker that had nothing to do
        if full:
            self._tally.say(_problems.queue_full(self._queue_size))

    def force_flush(self, timeout_millis: int = _FLUSH_MILLIS) -> bool:
        """Send what waits now. True when all of it was taken by the server within the time."""
        lost = self._tally.counts.lost
        with self._changed:
            target = self._taken
            self._urgent = max(self._urgent, target)
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._settled >= target, timeout_millis / 1000)
        return done and self._tally.counts.lost == lost

    def shutdown(self) -> None:
        self.close(self._shutdown_timeout)

    def close(self, timeout: float) -> bool:
        """Send what waits, for at most `timeout` seconds, and stop. True when nothing was left behind."""
        ends, lost = time.monotonic() + timeout, self._tally.counts.lost
        with self._changed:
            if self.closed:
                return self._tally.counts.pending == 0
            self.closed = True
            self._exporter.hurry(timeout * _TRYING, grace=timeout)
            self._changed.notify_all()
            worker = self._worker
        if worker is not None and worker is not threading.current_thread():
            worker.join(max(ends - time.monotonic(), 0.0))
        self._exporter.shutdown()
        self._abandon(timeout)
        return self._tally.counts.lost == lost

    def _abandon(self, timeout: float) -> None:
        """Count what is still here as dropped. A request that hangs keeps its daemon thread, which nobody waits for."""
        with self._changed:
            self._queue.clear()
            left = self._tally.close()
        if left:
            self._tally.say(_problems.ended(timeout))

    def _start_worker(self) -> None:
        """Begin to send with the first span, so that a child that forks and never traces gets no thread."""
        if self._worker is not None:
            return
        worker = threading.Thread(target=self._work, name="tutela-export", daemon=True)
        try:
            worker.start()
        except RuntimeError as error:  # no thread can begin any more: the interpreter is going down
            self._tally.say(_problems.no_thread(str(error)))
        else:
            self._worker = worker

    def _work(self) -> None:
        # The SDK's own requests must not become spans of the host's HTTP instrumentation.
        context.attach(context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, value=True))
        while batch := self._next_batch():
            self._export(batch)
            with self._changed:
                self._settled += len(batch)
                self._changed.notify_all()

    def _export(self, batch: list[ReadableSpan]) -> None:
        before = self._tally.counts.answered
        try:
            self._exporter.export(batch)
        except Exception as error:  # noqa: BLE001  # whatever it is, the thread must live to send the next batch
            answered = self._tally.counts.answered - before
            self._tally.count(failed=max(len(batch) - answered, 0))
            self._tally.say(_problems.broken(error))

    def _next_batch(self) -> list[ReadableSpan]:
        """Wait for a full batch, the end of the delay, a flush or the end; empty at the end only."""
        with self._changed:
            self._changed.wait_for(lambda: self.closed or bool(self._queue))
            self._changed.wait_for(self._is_due, self._delay)
            return [self._queue.popleft() for _ in range(min(self._batch_size, len(self._queue)))]

    def _is_due(self) -> bool:
        return self.closed or self._settled < self._urgent or len(self._queue) >= self._batch_size


def _after_fork_restart(processor: BatchingProcessor) -> None:
    """Make forked children begin afresh, and children of multiprocessing send before they end.

    The latter leave by `os._exit`, past every atexit handler; the finalisers of multiprocessing are what they run.
    """
    restart = weakref.WeakMethod(processor.restart)

    def in_child() -> None:
        if (method := restart()) is not None:
            method()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=in_child)
        multiprocessing_util.register_after_fork(processor, _finish_with_child)
    if parent_process() is not None:
        _finish_with_child(processor)


def _finish_with_child(processor: BatchingProcessor) -> None:
    multiprocessing_util.Finalize(processor, processor.shutdown, exitpriority=10)
