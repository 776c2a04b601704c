"""The live process: it arrives under the senders of the past, outlives the ingest, and ends when it is told to."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from demo.traffic.pace import LONGEST_GAP_S, REVIEW_AFTER_S, Timetable, gap
from demo.traffic.stop import Stop
from tests.installations import Installation

PATIENCE_S = 120.0
HEARD = {"tri-sinistres", "armor-vous-repond", "vendeur-augmente"}
"""Senders that speak often: one through our SDK, one over gRPC, one over HTTP."""


def test_acts_are_carried_out_in_order_of_time() -> None:
    stop, told = Stop(), []
    timetable = Timetable(stop)
    timetable.after(0.03, stop.set)
    timetable.after(0.02, lambda: told.append("second"))
    timetable.after(0.01, lambda: told.append("first"))
    timetable.run()
    assert told == ["first", "second"]


def test_what_happens_again_and_again_becomes_rarer_after_a_while() -> None:
    now = 0.0
    happened: list[float] = []

    class Jumping(Stop):
        """Time passes at once."""

        def wait(self, seconds: float) -> bool:
            nonlocal now
            now += seconds
            if now > 7200:
                self.set()
            return self.is_set()

    timetable = Timetable(Jumping(), clock=lambda: now)
    timetable.again(10.0, lambda: happened.append(now), rng=random.Random(4))
    timetable.run()
    early = sum(moment < 1800 for moment in happened)
    late = sum(moment >= 5400 for moment in happened)
    assert early > 3 * late > 0


@pytest.mark.parametrize(
    ("after_ms", "review", "least", "most"),
    [
        (0, False, 0, 0),
        (9_000, False, 9, 9),
        (600_000, False, LONGEST_GAP_S, LONGEST_GAP_S),
        (9_000_000, True, *REVIEW_AFTER_S),
    ],
)
def test_lifes_pauses_are_shortened(after_ms: int, review: bool, least: float, most: float) -> None:
    assert least <= gap(after_ms, review=review, rng=random.Random(1)) <= most


class Record:
    """What the installation's record says, read from its file."""

    def __init__(self, home: Path) -> None:
        self._path = home / "record.sqlite3"

    def ask(self, question: str, *values: int) -> list[tuple[str, int]]:
        with closing(sqlite3.connect(f"file:{self._path}?mode=ro", uri=True)) as connection:
            return connection.execute(question, values).fetchall()

    def heard_since(self, moment_ns: int) -> set[str]:
        """Services whose spans were received after a moment."""
        question = (
            "SELECT DISTINCT service_name, 0 FROM spans JOIN senders USING (sender_id) WHERE received_ns > ?"
        )
        return {name for name, _ in self.ask(question, moment_ns)}

    def senders(self) -> set[tuple[str, int]]:
        return set(self.ask("SELECT hex(sender_id), 0 FROM senders"))

    def unaccounted(self) -> int:
        question = "SELECT '', count(*) FROM ingest_minutes WHERE received <> stored + duplicate + rejected"
        return self.ask(question)[0][1]


def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.5)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Installation]:
    with Installation(tmp_path / "home") as made:
        yield made


@pytest.mark.integration
@pytest.mark.xdist_group("installation")
def test_a_demo_installation_lives(demo: Installation) -> None:
    began_ns = time.time_ns()
    demo.start()
    record = Record(demo.home)
    of_the_past = record.senders()
    assert len(of_the_past) > 15
    assert "past:" in demo.said()

    until(lambda: record.heard_since(began_ns) >= HEARD, "live traffic never arrived")
    assert (
        record.senders() == of_the_past
    )  # live senders are those of the past, so the same rules explain them

    os.kill(demo.processes["ingest"]["pid"], signal.SIGKILL)
    fell_ns = time.time_ns()
    until(lambda: record.heard_since(fell_ns) >= HEARD, "it did not outlive the ingest")
    assert record.unaccounted() == 0

    everybody = demo.tree()
    assert demo.stop(signal.SIGTERM) == 0
    assert not any(process.is_running() for process in everybody)


@pytest.mark.integration
def test_without_an_estate_it_has_nothing_to_send_and_waits(tmp_path: Path) -> None:
    empty = Installation(tmp_path / "home")
    empty.home.mkdir()

    with subprocess.Popen(
        [sys.executable, "manage.py", "demo_traffic"],
        env=empty.environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert "nothing to send" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
