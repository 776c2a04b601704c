"""The store: engines, the write side, and the few reads that ingest itself needs."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
import structlog

from kernel import clock
from telemetry.content import CachedKeys
from telemetry.store import late, logs, reading, writing
from telemetry.store.batch import Batch, LateLog, Tally
from telemetry.store.bulk import Bulk, PostgresBulk, SqliteBulk
from telemetry.store.engines import normalised_url, reading_engine, writing_engine
from telemetry.store.errors import StoreUnavailable, Unstorable
from telemetry.store.faults import DATABASE_ERRORS, Fault, fault_of
from telemetry.store.keys import StoredKeys
from telemetry.store.migrations import check_connection
from telemetry.store.partitions import Partitions, Place
from telemetry.store.writing import Written

log = structlog.get_logger(__name__)

T = TypeVar("T")

ATTEMPTS = 4
"""Deadlocks and lost partitions are rare and pass; what fails four times is not passing."""

MIN_FREE_DISK_BYTES = 256 * 1024 * 1024
"""Below this a SQLite record takes nothing more: a full disk could not even be cleaned up."""


class Store:
    """The record's database. Safe between threads: one write at a time, reads at will."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = reading_engine(url)
        self.embedded = self.engine.dialect.name == "sqlite"
        self._writing = writing_engine(url) if self.embedded else self.engine
        self._partitions = None if self.embedded else Partitions(self._writing)
        self._bulk: Bulk = SqliteBulk() if self._partitions is None else PostgresBulk(self._partitions)
        self._write_lock = threading.Lock()

    def close(self) -> None:
        """Give every connection back."""
        self._writing.dispose()
        self.engine.dispose()

    def keys(self, content_key: bytes) -> CachedKeys:
        """The content keys of this record, unwrapped by the installation's content key (32 bytes)."""
        stored = StoredKeys(
            reading=self.engine,
            writing=self._writing,
            write_lock=self._write_lock,
            content_key=content_key,
        )
        return CachedKeys(
            lambda day, sender, purpose: self.guarded(lambda: stored.find(day, sender, purpose))
        )

    # ---- writing

    def write(self, batches: Sequence[Batch], *, refused: Tally | None = None) -> Written:
        """Commit the batches and the accounts of refused requests, all or nothing.

        Raises StoreUnavailable when a later attempt may succeed, Unstorable when these values never will.
        """

        def attempt() -> Written:
            writing.prepare(self._bulk, batches)
            with self._write_lock, self._writing.begin() as connection:
                return writing.write(
                    connection, self._bulk, batches, refused=refused or Tally(), now_ns=clock.now_ns()
                )

        return self.guarded(attempt)

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Run work in one transaction that writes, again where that helps: it must do the same when run again."""

        def attempt() -> T:
            with self._write_lock, self._writing.begin() as connection:
                return work(connection)

        return self.guarded(attempt)

    def read(self, ask: Callable[[sa.Connection], T]) -> T:
        """Run a read, again where that helps."""
        return self._read(ask)

    def attach(self, late_logs: Sequence[LateLog]) -> int:
        """Write content that came after its span. Answers how many records were attached."""

        def attempt() -> int:
            with self._write_lock, self._writing.begin() as connection:
                return late.attach(connection, self._bulk, late_logs, now_ns=clock.now_ns())

        return self.guarded(attempt)

    def expire_waiting(self, *, before_ns: int, limit: int = 1000) -> int:
        """Forget log records that waited since before this moment, and correct their accounts."""

        def attempt() -> int:
            with self._write_lock, self._writing.begin() as connection:
                expired = logs.expire(connection, before_ns=before_ns, limit=limit)
                writing.write_accounts(connection, late.expired_tally(expired))
                return len(expired)

        return self.guarded(attempt)

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction of one's own, one at a time; wrap in `guarded` what may be tried again."""
        with self._write_lock, self._writing.begin() as connection:
            yield connection

    def ensure_partitions(self, places: Collection[Place]) -> None:
        """Make the partitions of these days and classes, where the engine has any."""
        if self._partitions is not None:
            self._partitions.ensure(places)

    def guarded(self, attempt: Callable[[], T]) -> T:
        """Run database work, trying again where that helps, and say in our own words what failed."""
        for number in range(1, ATTEMPTS + 1):
            try:
                return attempt()
            except DATABASE_ERRORS as error:
                self._judge(error, last=number == ATTEMPTS)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _judge(self, error: Exception, *, last: bool) -> None:
        fault = fault_of(error)
        if fault is Fault.UNSTORABLE:
            raise Unstorable(str(error).splitlines()[0]) from error
        if fault is Fault.NO_PARTITION and self._partitions is not None:
            self._partitions.forget()
        if fault is Fault.UNAVAILABLE or last:
            log.warning("store.unavailable", error=type(error).__name__, detail=str(error).splitlines()[0])
            raise StoreUnavailable("The record's database does not take writes at the moment.") from error

    # ---- what ingest must look up

    def known_traces(self, trace_ids: Collection[bytes]) -> set[bytes]:
        """Which of these traces have a stored span."""
        return self._read(lambda connection: reading.known_traces(connection, trace_ids))

    def senders_of(self, key_id: bytes) -> set[bytes]:
        """Ids of the senders that a key has shown."""
        return self._read(lambda connection: reading.senders_of(connection, key_id))

    def device_count(self, sender_id: bytes) -> int:
        return self._read(lambda connection: reading.device_count(connection, sender_id))

    def find_span(self, trace_id: bytes, span_id: bytes, *, key_id: bytes) -> reading.FoundSpan | None:
        """A stored span that came under this key."""
        return self._read(lambda connection: reading.find_span(connection, trace_id, span_id, key_id=key_id))

    def anything_waits(self) -> bool:
        """Whether any log record waits for its span."""
        return self._read(reading.anything_waits)

    def waiting_for(self, keys: Sequence[tuple[bytes, bytes]], *, key_id: bytes) -> list[logs.Waiting]:
        """Log records that wait for these spans (trace id, span id)."""
        return self._read(lambda connection: logs.waiting_for(connection, keys, key_id=key_id))

    def late_pairs(self, *, since_ns: int, limit: int) -> list[logs.LatePair]:
        """Waiting log records, received since then, whose span is stored by now; with the span's row."""
        return self._read(lambda connection: logs.late_pairs(connection, since_ns=since_ns, limit=limit))

    def _read(self, ask: Callable[[sa.Connection], T]) -> T:
        def attempt() -> T:
            with self.engine.connect() as connection:
                return ask(connection)

        return self.guarded(attempt)

    # ---- health

    def check_ready(self) -> None:
        """Raises NotMigrated or StoreUnavailable unless a span could be written now."""
        self.check_disk()

        def attempt() -> None:
            with self._write_lock, self._writing.begin() as connection:
                check_connection(connection)

        self.guarded(attempt)

    def check_disk(self) -> None:
        """Raises StoreUnavailable when the disk under a SQLite record is nearly full."""
        database = normalised_url(self.url).database
        if self.embedded and database and database != ":memory:":
            free = shutil.disk_usage(Path(database).parent).free
            if free < MIN_FREE_DISK_BYTES:
                raise StoreUnavailable(
                    f"Only {free // 2**20} MiB are free on the disk of the record; nothing more is taken in."
                )


def open_store(record_url: str) -> Store:
    """The record at `record_url` (`sqlite:///…` or `postgresql://…`), which must be migrated before it is written."""
    return Store(record_url)
