"""The receiver: what HTTP and gRPC share. An answer is given only once the request's spans are committed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import structlog

from kernel import clock
from kernel.config import Config
from kernel.contracts.ingest import KeyDirectory, KeyFacts, SenderDirectory
from kernel.tokens import Token
from telemetry.domain import Reason, Signal
from telemetry.pricing import Pricer
from telemetry.receiver import auth
from telemetry.receiver.budget import Budget, Lease
from telemetry.receiver.committer import Committer, Failure, Pending
from telemetry.receiver.inflate import Body, announced_size, inflate
from telemetry.receiver.intake import Intake, reported
from telemetry.receiver.late import LateThread
from telemetry.receiver.limits import COMMIT_TIMEOUT_S, MAX_BODY_BYTES, MIB
from telemetry.receiver.metrics import metrics_batch
from telemetry.receiver.refused import Refused
from telemetry.receiver.replies import Accepted
from telemetry.store import NO_KEY, Batch, Store, StoreUnavailable, Unstorable

log = structlog.get_logger(__name__)

T = TypeVar("T")
Waiter = asyncio.Future[Batch]
Answers = Sequence[tuple[Waiter, Batch | None, Refused | None]]

WORKERS = 1
"""Threads that decode. A second one takes a tenth of the throughput away: the work is Python's own, and they wait for each other."""

STORE_AWAY = "The database does not answer at the moment; nothing was stored. Try again shortly."
STORE_SLOW = f"This was not written within {COMMIT_TIMEOUT_S:.0f} seconds, and may yet be. Send it again: nothing counts twice."


@dataclass(frozen=True, slots=True)
class Export:
    """One export request as it came, its body read."""

    signal: Signal
    token: Token
    body: bytes
    gzip: bool
    json: bool


class Receiver:
    """Takes telemetry in: authenticates, bounds, decodes, commits. One per process; `start` on the loop that serves."""

    def __init__(
        self,
        config: Config,
        keys: KeyDirectory,
        senders: SenderDirectory,
        store: Store,
        *,
        pepper: bytes,
        content_key: bytes,
        pricer: Pricer | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.senders = senders
        self.budget = Budget()
        self._keys = keys
        self._pepper = pepper
        content_keys = store.keys(content_key)
        self._intake = Intake(
            store, senders=senders, keys=content_keys, content_key=content_key, pricer=pricer
        )
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="intake")
        self._committer = Committer(store, done=self._committed)
        self._late = LateThread(store, keys=content_keys, content_key=content_key)
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Begin to work, on the running loop."""
        self._loop = asyncio.get_running_loop()
        self._committer.start()
        self._late.start()

    async def close(self) -> None:
        """Write everything that was taken in, then stop."""
        await asyncio.to_thread(self._pool.shutdown)
        await asyncio.to_thread(self._committer.close)
        await asyncio.to_thread(self._late.close)

    async def export(self, request: Export, lease: Lease) -> Accepted:
        """Take a request in. Returns when its spans are durable and queryable; raises Refused when they are not."""
        loop = asyncio.get_running_loop()
        waiter: Waiter = loop.create_future()
        self._pool.submit(self._work, request, lease, clock.now_ns(), waiter)
        try:
            batch = await asyncio.wait_for(asyncio.shield(waiter), COMMIT_TIMEOUT_S)
        except TimeoutError:
            raise Refused(Reason.STORE_UNAVAILABLE, STORE_SLOW) from None
        finally:
            if not waiter.done():  # too late, or the client left: the work goes on, and so do its bytes
                lease.keep()
                waiter.add_done_callback(lambda done: _let_go(done, lease))
        rejected, words = reported(batch)
        return Accepted(rejected=rejected, message=words)

    async def authenticate(self, token: Token) -> KeyFacts:
        """The key behind a well-formed token. Raises Refused."""
        return await self.blocking(lambda: self.key_of(token))

    def key_of(self, token: Token) -> KeyFacts:
        """As `authenticate`, for worker threads."""
        return auth.authenticate(token, keys=self._keys, pepper=self._pepper)

    async def blocking(self, work: Callable[[], T]) -> T:
        """Run what may block on a worker thread."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def count_refusal(self, refused: Refused, *, signal: Signal, key_id: bytes = NO_KEY) -> None:
        """Put a request that was refused as a whole into the accounts."""
        self._committer.refuse(key_id=key_id, signal=signal, reason=refused.reason, sample=refused.message)

    # ---- worker threads

    def _work(self, request: Export, lease: Lease, received_ns: int, waiter: Waiter) -> None:
        """Prepare one request and queue it; whatever goes wrong becomes the waiter's answer."""
        key_id = NO_KEY
        try:
            key = self.key_of(request.token)
            key_id = key.key_id
            batch = self._prepare(request, lease, key, received_ns)
        except Refused as refused:
            self.count_refusal(refused, signal=request.signal, key_id=key_id)
            self._fail(waiter, refused.bare())
        except Exception as error:  # the client must get an answer that makes it try again
            if not isinstance(error, StoreUnavailable):
                log.exception("intake.failed", signal=request.signal.value)
            away = Refused(Reason.STORE_UNAVAILABLE, STORE_AWAY)
            self.count_refusal(away, signal=request.signal, key_id=key_id)
            self._fail(waiter, away)
        else:
            self._queue(batch, waiter)

    def _prepare(self, request: Export, lease: Lease, key: KeyFacts, received_ns: int) -> Batch:
        body: Body = request.body
        if request.gzip:
            lease.grow(announced_size(request.body))
            body = inflate(request.body)
        if request.signal is Signal.TRACES:
            return self._intake.traces(body, key=key, json=request.json, received_ns=received_ns)
        if request.signal is Signal.LOGS:
            return self._intake.logs(body, key=key, json=request.json, received_ns=received_ns)
        return metrics_batch(body, key_id=key.key_id, json=request.json, received_ns=received_ns)

    def _queue(self, batch: Batch, waiter: Waiter) -> None:
        if batch.received:
            self._committer.submit(Pending(batch, waiter))
        else:
            self._later([(waiter, batch, None)])

    def _fail(self, waiter: Waiter, refused: Refused) -> None:
        self._later([(waiter, None, refused)])

    # ---- the committer's thread

    def _committed(self, group: list[tuple[Pending, Failure | None]]) -> None:
        answers: list[tuple[Waiter, Batch | None, Refused | None]] = []
        for pending, failure in group:
            refused = None
            if failure is None:
                self._intake.committed(pending.batch)
            else:
                refused = _refusal_of(failure)
                self.count_refusal(refused, signal=pending.batch.signal, key_id=pending.batch.key_id)
            answers.append((pending.waiter, pending.batch, refused))
        self._later(answers)

    def _later(self, answers: Answers) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(_answer, answers)


def _refusal_of(failure: Failure) -> Refused:
    if isinstance(failure, Unstorable):
        return Refused(Reason.UNDECODABLE, f"The database cannot hold these values: {failure}")
    return Refused(Reason.STORE_UNAVAILABLE, STORE_AWAY)


def _let_go(waiter: Waiter, lease: Lease) -> None:
    """End the lease of a request that nobody waits for any more."""
    lease.end()
    if not waiter.cancelled():
        waiter.exception()  # looked at, so that the loop does not complain of an answer that nobody took


def _answer(answers: Answers) -> None:
    """On the loop: wake those who wait. One wake-up for a whole group."""
    for waiter, batch, refused in answers:
        if waiter.done():  # the client went away, or waited too long
            continue
        if refused is not None:
            waiter.set_exception(refused)
        elif batch is not None:
            waiter.set_result(batch)


def too_large() -> Refused:
    """The refusal of a body that is longer on the wire than one may be."""
    return Refused(
        Reason.TOO_LARGE,
        f"A body may have {MAX_BODY_BYTES // MIB} MiB on the wire. Send smaller batches, or compress them with gzip.",
    )
