"""The exporter: encodes, sends, sends again, and accounts for every span.

The stock OTLP exporter takes a redirect for a success, and gives a batch up as soon as the pause that a server asks
for is longer than the ten seconds it allows itself. Both lose spans, so Tutela sends by itself; the encoder is the stock one.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from tutela import _problems
from tutela._tally import Tally
from tutela._transport import Answer, Transport, Verdict

MAX_BODY = (
    8 * 1024 * 1024
)  # bytes before compression; a larger batch is cut in two, well below what servers refuse
FIRST_BACKOFF = 0.5  # seconds; doubles up to LONGEST_BACKOFF
LONGEST_BACKOFF = 20.0
LONGEST_WAIT = 120.0  # seconds that a Retry-After may ask for at most
LEAST_TIMEOUT = 0.1  # seconds that the last attempt gets when time is up


class Spool(Protocol):
    """Where a batch goes that could not be delivered in time. None is built in; spans then count as failed."""

    def keep(self, body: bytes, *, spans: int) -> bool:
        """Keep the serialised request for later. False when there is no room."""


class TutelaExporter(SpanExporter):
    """Delivers batches. `export` blocks while it tries, up to `retry_for` seconds: call it from a thread of its own."""

    def __init__(
        self,
        transport: Transport,
        *,
        tally: Tally,
        prepare: Callable[[ExportTraceServiceRequest], None],
        timeout: float,
        retry_for: float,
        spool: Spool | None = None,
    ) -> None:
        self._transport = transport
        self._tally = tally
        self._prepare = prepare
        self._timeout = timeout
        self._retry_for = retry_for
        self._spool = spool
        self._hurry = threading.Event()
        self._ends = float("inf")  # monotonic seconds after which nothing is tried any more
        self._grace = 0.0

    def restart(self) -> None:
        """After a fork, in the child: connections and events of the parent are not ours."""
        self._hurry = threading.Event()
        self._transport.restart()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        before = self._tally.counts.lost
        self._deliver(spans)
        return SpanExportResult.SUCCESS if self._tally.counts.lost == before else SpanExportResult.FAILURE

    def hurry(self, seconds: float, *, grace: float) -> None:
        """Give everything that still comes this many seconds in all: pauses are cut short, then nothing is tried.

        `grace` is what the host agreed to wait, for the words about what was left.
        """
        self._grace = grace
        self._ends = min(self._ends, time.monotonic() + seconds)
        self._hurry.set()

    def shutdown(self) -> None:
        self._ends = min(self._ends, time.monotonic())
        self._hurry.set()
        self._transport.close()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002  # nothing is held back here
        return True

    def _deliver(self, spans: Sequence[ReadableSpan]) -> None:
        if time.monotonic() >= self._ends:
            self._tally.count(dropped=len(spans))
            self._tally.say(_problems.ended(self._grace))
            return
        body = self._encode(spans)
        if body is None or (len(body) > MAX_BODY and len(spans) > 1):
            self._deliver_halves(spans)
            return
        answer = self._send(body)
        if answer.verdict is Verdict.SPLIT and len(spans) > 1:
            self._deliver_halves(spans)
        else:
            self._account(answer, body, len(spans))

    def _deliver_halves(self, spans: Sequence[ReadableSpan]) -> None:
        middle = len(spans) // 2
        for half in (spans[:middle], spans[middle:]):
            if half and len(half) < len(spans):
                self._deliver(half)

    def _encode(self, spans: Sequence[ReadableSpan]) -> bytes | None:
        """The request as bytes; None when a span in it cannot be written, which halving then isolates."""
        try:
            request = encode_spans(spans)
            self._prepare(request)
            return bytes(request.SerializeToString())
        except Exception as error:  # noqa: BLE001  # attributes of any host's making; one bad span must not cost a batch
            if len(spans) == 1:
                self._tally.count(failed=1)
                self._tally.say(_problems.unencodable(f"{type(error).__name__}: {error}"[:200]))
            return None

    def _send(self, body: bytes) -> Answer:
        """Send until there is a final answer or the time for this batch is up."""
        gives_up = time.monotonic() + self._retry_for
        backoffs = _backoffs()
        while True:
            answer = self._transport.send(body, timeout=self._time_for_request())
            if answer.verdict is not Verdict.AGAIN:
                return answer
            if answer.problem is not None:
                self._tally.say(answer.problem)
            left = min(gives_up, self._ends) - time.monotonic()
            if left <= 0:
                return answer
            wait = next(backoffs) if answer.wait is None else min(answer.wait, LONGEST_WAIT)
            self._pause(min(wait, left))

    def _time_for_request(self) -> float:
        """Seconds for one request. Only the end of the process makes it shorter, not the end of this batch's time."""
        return max(min(self._timeout, self._ends - time.monotonic()), LEAST_TIMEOUT)

    def _pause(self, seconds: float) -> None:
        if self._hurry.is_set():
            time.sleep(seconds)  # the event wakes nobody any more; the end is near, and `seconds` respects it
        else:
            self._hurry.wait(seconds)

    def _account(self, answer: Answer, body: bytes, spans: int) -> None:
        if answer.verdict is Verdict.TAKEN:
            rejected = min(answer.rejected, spans)
            self._tally.count(sent=spans - rejected, failed=rejected)
            if answer.message or rejected:
                self._tally.hear(answer.message, rejected=rejected)
            return
        if (
            answer.verdict is Verdict.AGAIN
            and self._spool is not None
            and self._spool.keep(body, spans=spans)
        ):
            return
        self._tally.count(failed=spans)
        if answer.problem is not None:
            self._tally.say(answer.problem)


def _backoffs() -> Iterator[float]:
    """Seconds to wait before each further attempt, with jitter so that a fleet does not come back as one."""
    step = FIRST_BACKOFF
    while True:
        yield step * random.uniform(0.8, 1.2)  # noqa: S311  # no secret, only spread
        step = min(step * 2, LONGEST_BACKOFF)
