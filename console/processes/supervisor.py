"""Starts the processes, keeps them alive, and ends them all.

Children are started from the main thread only: the kernel's death signal is tied to the thread that made the child.
Each child leads a process group of its own, so that a Ctrl-C reaches the supervisor alone and it decides the order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from console.processes import launch
from console.processes.home import write_private
from console.processes.table import ROOT, ProcessSpec
from console.processes.voice import Voice

TICK_S = 0.2
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_AFTER_S = 60.0  # a process that ran this long starts its pauses anew when it falls
PROBE_TIMEOUT_S = 2.0
PROBE_PAUSE_S = 0.5
LAUNCHER = str(Path(launch.__file__).resolve())


@dataclass(slots=True)
class Child:
    """A process of the table, as it is now."""

    spec: ProcessSpec
    running: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    start_at: float = 0.0
    ready: bool = False
    probe_at: float = 0.0


class Supervisor:
    """Runs a table of processes until it is told to stop."""

    def __init__(self, specs: Iterable[ProcessSpec], *, voice: Voice, status_file: Path) -> None:
        self._children = [Child(spec) for spec in specs]
        self._voice = voice
        self._status_file = status_file
        self._stopping = False
        self._hurry = False

    def run(self, *, when_ready: Callable[[], None]) -> None:
        """Start all, call `when_ready` once when all answer, return when every child has ended."""
        before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        told = False
        try:
            while not self._stopping:
                self._tend()
                if not told and all(child.ready for child in self._children):
                    told = True
                    when_ready()
                time.sleep(TICK_S)
        finally:
            self._stop_all()
            self._status_file.unlink(missing_ok=True)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._hurry = self._stopping  # a second Ctrl-C waits no longer
        self._stopping = True

    def _tend(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if self._stopping:
                return
            if child.running is None:
                if now >= child.start_at:
                    self._start(child)
            elif child.running.poll() is not None:
                self._fell(child)
            elif not child.ready and now >= child.probe_at:
                self._probe(child)

    def _start(self, child: Child) -> None:
        spec = child.spec
        child.running = subprocess.Popen(
            [sys.executable, "-I", "-S", LAUNCHER, str(os.getpid()), *spec.command],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **spec.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            process_group=0,
        )
        assert child.running.stdout is not None  # noqa: S101  # it was asked for above
        self._voice.follow(child.running.stdout, name=spec.name)
        child.started_at = time.monotonic()
        child.ready = spec.probes is None
        child.probe_at = 0.0
        self._write_status()

    def _fell(self, child: Child) -> None:
        assert child.running is not None  # noqa: S101  # only running children fall
        if time.monotonic() - child.started_at >= STEADY_AFTER_S:
            child.pause_s = FIRST_PAUSE_S
        self._voice.say(
            f"{child.spec.name} ended ({_in_words(child.running.returncode)}); starting it again in {child.pause_s:g} s"
        )
        child.running, child.ready = None, False
        child.start_at = time.monotonic() + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)
        self._write_status()

    def _probe(self, child: Child) -> None:
        child.probe_at = time.monotonic() + PROBE_PAUSE_S
        if _answers(f"{child.spec.probes}/readyz"):
            child.ready = True
            self._voice.say(f"{child.spec.name} is ready after {time.monotonic() - child.started_at:.1f} s")

    def _stop_all(self) -> None:
        alive = [child for child in self._children if child.running is not None]
        if any(child.running and child.running.poll() is None for child in alive):
            self._voice.say("stopping …")
        for child in alive:
            _signal(child, signal.SIGTERM)
        asked_at = time.monotonic()
        while alive:
            alive = [child for child in alive if child.running and child.running.poll() is None]
            for child in alive:
                if self._hurry or time.monotonic() - asked_at > child.spec.patience_s:
                    self._voice.say(f"{child.spec.name} does not stop; killing it")
                    _signal(child, signal.SIGKILL)
                    assert child.running is not None  # noqa: S101  # filtered above
                    child.running.wait()
            time.sleep(TICK_S / 4)
        self._voice.say("everything has stopped")

    def _write_status(self) -> None:
        """Say in a file which processes run and where they answer, for operators and for the health page."""
        rows = {
            child.spec.name: {
                "pid": child.running.pid if child.running else None,
                "healthz": f"{child.spec.probes}/healthz" if child.spec.probes else None,
                "readyz": f"{child.spec.probes}/readyz" if child.spec.probes else None,
            }
            for child in self._children
        }
        write_private(self._status_file, {"supervisor": os.getpid(), "processes": rows})


def _signal(child: Child, number: signal.Signals) -> None:
    """SIGTERM goes to the child, which ends its own in order; SIGKILL to its whole group."""
    if child.running is None or child.running.poll() is not None:
        return
    if number == signal.SIGKILL:
        os.killpg(child.running.pid, number)
    else:
        child.running.send_signal(number)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PROBE_TIMEOUT_S) as response:  # noqa: S310  # our own http address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False


def _in_words(code: int) -> str:
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
