"""Workers that are killed, a broker that forgets everything, bells that ring twice: real processes, a real Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from celery import Celery

from console.celery import CHECKS_QUEUE, settings_for
from kernel.config import from_env
from telemetry import schema
from telemetry.queries import checks
from telemetry.queries.bounds import TimeRange
from telemetry.store import Store
from tests import servers
from tests.console.test_clockwork import ROOT
from tests.guardrails.services.small_engines import QUICK
from tests.guardrails.services.test_pipeline import say
from tests.telemetry.seeding import Seed

pytestmark = [pytest.mark.database, pytest.mark.integration]

PATIENCE_S = 60.0
EVER = TimeRange(0, 2**62)


class Workers:
    """Celery workers over a record and a Redis of their own, and a hand on the bell."""

    def __init__(self, store: Store, home: Path) -> None:
        self.store = store
        self.home = home
        self.redis = servers.start_redis()
        self.running: list[subprocess.Popen[bytes]] = []
        config = from_env({"TUTELA_HOME": str(home), "REDIS_URL": self.redis.url})
        self.bell = Celery("bell", config_source=settings_for(config) | {"beat_schedule": {}})

    def start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable, "-m", "celery", "-q", "-A", "tests.guardrails.services.worker_app", "worker", "--queues",
            CHECKS_QUEUE, "--concurrency", "1", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "--loglevel", "WARNING",
        ]  # fmt: skip
        own = {
            "TUTELA_HOME": str(self.home), "REDIS_URL": self.redis.url, "RECORD_URL": self.store.url,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "sdk" / "src")]),
        }  # fmt: skip
        with (self.home / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **own}, stdout=log, stderr=log, start_new_session=True
            )
        self.running.append(process)
        return process

    def ring(self, times: int = 1) -> None:
        """A broker that is away hears nothing: that is no harm."""
        for _ in range(times):
            try:
                self.bell.send_task("guardrails.tasks.look", queue=CHECKS_QUEUE, expires=30, retry=False)
            except self.bell.connection_for_write().transport.connection_errors:
                return

    def sweep(self) -> None:
        self.bell.send_task("guardrails.tasks.sweep", queue=CHECKS_QUEUE, expires=30)

    def until(self, true: Callable[[], object], *, ringing: bool = True) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, (self.states(), self.log()[-3000:])
            if ringing:
                self.ring()
            time.sleep(0.2)

    def log(self) -> str:
        return (self.home / "worker.log").read_text(errors="replace")

    def states(self) -> Counter[str]:
        with self.store.engine.connect() as connection:
            rows = connection.execute(
                sa.select(schema.check_work.c.state).where(schema.check_work.c.kind == "message")
            )
            return Counter(row[0] for row in rows)

    def stop(self) -> None:
        for process in self.running:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.bell.close()
        self.redis.stop()


@pytest.fixture
def workers(record_store: Store, tmp_path: Path) -> Iterator[Workers]:
    made = Workers(record_store, tmp_path)
    yield made
    made.stop()


def scan_counts(store: Store) -> Counter[bytes]:
    """How many scans of personal data each message has."""
    with store.engine.connect() as connection:
        rows = connection.execute(
            sa.select(schema.scans.c.message_id).where(schema.scans.c.check == "personal_data")
        )
        return Counter(bytes(row[0]) for row in rows)


def covered(store: Store) -> Counter[str]:
    with store.engine.connect() as connection:
        return Counter(
            {
                row.outcome: row.subjects
                for row in checks.coverage(connection, time=EVER)
                if row.check == "personal_data"
            }
        )


def test_a_bell_that_rings_again_and_again_has_everything_done_once(workers: Workers) -> None:
    say(Seed(workers.store), *(f"message {number} of ann@example.org" for number in range(40)))
    workers.ring(10)
    workers.start()
    workers.start()
    workers.until(lambda: workers.states()["done"] == 41)
    assert set(scan_counts(workers.store).values()) == {1}
    assert covered(workers.store) == {"found": 40, "clean": 1}


def test_a_worker_that_is_killed_half_way_loses_nothing(workers: Workers) -> None:
    say(Seed(workers.store), "this hangs", *(f"message {number}" for number in range(30)))
    process = workers.start()
    workers.until(lambda: workers.states()["leased"])
    os.killpg(process.pid, signal.SIGKILL)  # the whole worker, its pool as well
    process.wait()
    left = workers.states()
    assert left["leased"] > 0
    assert left.total() == 32
    workers.start()
    workers.until(lambda: workers.states()["done"] == 31)
    workers.until(lambda: workers.states() == {"done": 31, "dead": 1})
    assert set(scan_counts(workers.store).values()) == {1}
    assert covered(workers.store) == {"clean": 31, "failed": 1}


def test_a_message_that_kills_its_worker_dies_alone(workers: Workers) -> None:
    say(Seed(workers.store), "this kills", *(f"message {number}" for number in range(20)))
    workers.start()
    workers.until(lambda: workers.states()["done"] == 21)

    def buried() -> bool:
        workers.sweep()
        return workers.states() == {"done": 21, "dead": 1}

    workers.until(buried)
    with workers.store.engine.connect() as connection:
        (dead,) = checks.dead_work(connection)
    assert dead.attempts == QUICK.terms.attempts
    assert "its process ended" in dead.reason
    assert covered(workers.store) == {"clean": 21, "failed": 1}


def test_a_broker_that_is_killed_and_comes_back_empty_loses_nothing(workers: Workers) -> None:
    seed = Seed(workers.store)
    say(seed, *(f"before {number}" for number in range(10)))
    workers.ring(5)
    workers.redis.process.kill()
    workers.redis.process.wait()
    say(seed, *(f"meanwhile {number}" for number in range(10)))
    assert workers.states() == {"pending": 21}
    again = servers.start_redis()  # another, with nothing in it
    workers.redis = again
    config = from_env({"TUTELA_HOME": str(workers.home), "REDIS_URL": again.url})
    workers.bell.close()
    workers.bell = Celery("bell", config_source=settings_for(config) | {"beat_schedule": {}})
    workers.start()
    workers.until(lambda: workers.states()["done"] == 21)
    assert set(scan_counts(workers.store).values()) == {1}


def test_the_pool_of_a_worker_is_replaced_when_its_process_dies(workers: Workers) -> None:
    say(Seed(workers.store), "message")
    process = workers.start()
    workers.until(lambda: workers.states()["done"] == 2)
    (child,) = psutil.Process(process.pid).children()
    child.kill()
    say(Seed(workers.store, start_ns=1_795_400_000_000_000_000), "another")
    workers.until(lambda: workers.states()["done"] == workers.states().total())
