"""A whole installation, as an operator starts it: `manage.py up` in a temporary home on free ports."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

import psutil

from tests import servers

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT_S = 300.0
STOP_TIMEOUT_S = 60.0


class Installation:
    """Started by `start`, ended by `stop`; its home stays until the test's folder goes."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        self.settings = {
            "TUTELA_HOME": str(home),
            "PORT": str(servers.free_port()),
            "OTLP_HTTP_PORT": str(servers.free_port()),
            "OTLP_GRPC_PORT": str(servers.free_port()),
            "CHECK_PORT": str(servers.free_port()),
            **settings,
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._said_before = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing is left running, whatever the test did."""
        if self.process is not None and self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                return  # it has been killed

    @property
    def environment(self) -> dict[str, str]:
        """What every command for this installation needs; nothing of the tests' own settings."""
        own = {"DATABASE_URL", "RECORD_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE", "DEMO"}
        kept = {name: value for name, value in os.environ.items() if name not in own}
        return {**kept, **self.settings}

    def start(self, *, wait: bool = True) -> Installation:
        self._said_before = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "manage.py"), "up"],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not (self.home / "first-run.json").exists() or "Tutela answers at" not in self.said_now():
            assert self.process is not None
            assert self.process.poll() is None, f"it ended: {self.said()}"
            assert time.monotonic() < deadline, f"it never became ready: {self.said()}"
            time.sleep(0.1)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it as an operator does; returns its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def manage(self, *arguments: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run another command of this installation."""
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            cwd=ROOT,
            env=self.environment,
            input=given,
            text=True,
            capture_output=True,
            timeout=120,
            check=False,
        )

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")

    def said_now(self) -> str:
        """What was said since the last start."""
        return self.log.read_bytes()[self._said_before :].decode("utf-8", "replace")

    @property
    def facts(self) -> dict[str, Any]:
        return json.loads((self.home / "first-run.json").read_text("utf-8"))

    @property
    def processes(self) -> dict[str, dict[str, Any]]:
        return json.loads((self.home / "processes.json").read_text("utf-8"))["processes"]

    def tree(self) -> list[psutil.Process]:
        """Every process of the installation but the supervisor."""
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)
