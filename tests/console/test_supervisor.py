"""One supervisor, many processes: they live with it and die with it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = pytest.mark.integration
SCRIPT = Path(__file__).with_name("small_supervisor.py")
PATIENCE_S = 20.0


class Running:
    """The script under test, its output, and the ids its children wrote."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.folder = folder
        self.log = folder / "log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(SCRIPT), str(folder), scenario],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # as `make run` in a terminal of its own
            )

    def said(self) -> str:
        return self.log.read_text("utf-8")

    def pids(self, name: str) -> list[int]:
        path = self.folder / name
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def until(self, true: Callable[[], object], what: str) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while not true():
            assert time.monotonic() < deadline, f"{what}; it said:\n{self.said()}"
            time.sleep(0.05)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[str], Running]]:
    started: list[Running] = []

    def begin(scenario: str) -> Running:
        started.append(Running(tmp_path, scenario))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.process.kill()
        running.process.wait()


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_every_child_and_ends_well(start, number: signal.Signals) -> None:
    running = start("two")
    running.until(lambda: running.pids("first") and running.pids("second"), "children did not start")
    running.process.send_signal(number)
    assert running.process.wait(PATIENCE_S) == 0
    assert not any(alive(pid) for name in ("first", "second") for pid in running.pids(name))
    assert "everything has stopped" in running.said()
    assert not (running.folder / "processes.json").exists()


def test_ctrl_c_in_the_terminal_reaches_the_supervisor_alone(start) -> None:
    running = start("two")
    running.until(lambda: running.pids("second"), "children did not start")
    groups = {psutil.Process(pid).pid: os.getpgid(pid) for pid in running.pids("second")}
    assert all(group == pid for pid, group in groups.items())


def test_a_supervisor_that_is_killed_leaves_no_orphan(start) -> None:
    running = start("two")
    running.until(lambda: running.pids("first") and running.pids("second"), "children did not start")
    running.process.kill()
    running.process.wait()
    pids = running.pids("first") + running.pids("second")
    running.until(lambda: not any(alive(pid) for pid in pids), "a child outlived its supervisor")


def test_a_child_that_does_not_stop_is_killed(start) -> None:
    running = start("stubborn")
    running.until(lambda: running.pids("stubborn"), "children did not start")
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(PATIENCE_S) == 0
    assert "stubborn does not stop; killing it" in running.said()
    assert not alive(running.pids("stubborn")[0])


def test_a_second_ctrl_c_waits_no_longer(start) -> None:
    running = start("stubborn")
    running.until(lambda: running.pids("stubborn"), "children did not start")
    running.process.send_signal(signal.SIGINT)
    running.until(lambda: "stopping" in running.said(), "the first Ctrl-C was not heard")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(0.9) == 0


def test_a_fallen_child_is_started_again_and_that_is_said(start) -> None:
    running = start("two")
    running.until(lambda: running.pids("first"), "children did not start")
    psutil.Process(running.pids("first")[0]).kill()
    running.until(lambda: len(running.pids("first")) == 2, "the child was not started again")
    assert "first ended (killed by SIGKILL); starting it again in 0.5 s" in running.said()
    assert len(running.pids("second")) == 1


def test_pauses_grow_for_a_child_that_keeps_falling(start) -> None:
    running = start("crashing")
    running.until(lambda: "starting it again in 2 s" in running.said(), "the pauses do not grow")
    assert "first ended (exit code 3); starting it again in 0.5 s" in running.said()
    assert "starting it again in 1 s" in running.said()


def test_it_is_ready_when_every_process_answers_its_probe(start) -> None:
    running = start("answering")
    running.until(lambda: running.pids("second"), "children did not start")
    assert not (running.folder / "ready").exists()
    running.until((running.folder / "ready").exists, "it never became ready")
    assert "first is ready after" in running.said()


def test_a_file_says_which_processes_run(start) -> None:
    running = start("answering")
    running.until((running.folder / "ready").exists, "it never became ready")
    status = json.loads((running.folder / "processes.json").read_text())
    assert status["supervisor"] == running.process.pid
    assert status["processes"]["second"] == {
        "pid": running.pids("second")[0],
        "healthz": None,
        "readyz": None,
    }
    assert status["processes"]["first"]["readyz"].endswith("/readyz")


def test_each_line_bears_the_name_of_its_process(start) -> None:
    running = start("two")
    for name in ("first", "second"):
        line = f"{name:9}| hello from {name}"
        running.until(lambda line=line: line in running.said(), f"the output of {name} is missing")
    assert "\x1b[" not in running.said()
