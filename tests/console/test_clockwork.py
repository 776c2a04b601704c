"""Celery's worker and clock as real processes, over folders and over a real Redis."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from console.celery import SOFT_TASK_LIMIT_S, TASK_LIMIT_S, VISIBILITY_S, schedule, settings_for
from console.processes.table import ROOT, ProcessSpec, processes
from kernel.config import Config, from_env

PATIENCE_S = 40.0


def config_in(home: Path, redis_url: str | None = None) -> Config:
    return from_env({"TUTELA_HOME": str(home), "REDIS_URL": redis_url or ""})


def probe(url: str) -> tuple[int, dict[str, str]]:
    """Status and body; 0 when nobody answers."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310  # our own http address
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
    except (urllib.error.URLError, ConnectionError):
        return 0, {}


def until(true: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


class Clockwork:
    """Worker and beat of one installation, started by hand."""

    def __init__(self, home: Path, redis_url: str | None) -> None:
        self.home, self.redis_url = home, redis_url or ""
        self.specs = {spec.name: spec for spec in processes(config_in(home, redis_url), demo=False)}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> ProcessSpec:
        spec = self.specs[name]
        own = {"TUTELA_HOME": str(self.home), "REDIS_URL": self.redis_url}
        with (self.home / f"{name}.log").open("ab") as log:
            self.running.append(
                subprocess.Popen(
                    spec.command,
                    cwd=ROOT,
                    env={**os.environ, **own, **spec.environment},
                    stdout=log,
                    stderr=log,
                )
            )
        return spec

    def stop(self) -> None:
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text("utf-8")


@pytest.fixture(params=["folders", "redis"])
def clockwork(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clockwork]:
    url = request.getfixturevalue("redis_url") if request.param == "redis" else None
    found = Clockwork(tmp_path, url)
    yield found
    found.stop()


@pytest.mark.integration
def test_a_worker_is_ready_once_its_own_heartbeat_came_through_the_broker(clockwork: Clockwork) -> None:
    worker = clockwork.start("worker")
    until(lambda: probe(f"{worker.probes}/healthz")[0] == 200, "the worker does not answer")
    until(lambda: probe(f"{worker.probes}/readyz")[0] == 200, f"not ready: {clockwork.log('worker')}")
    assert list((clockwork.home / "run").glob("heartbeat.heartbeat.*"))
    assert probe(f"{worker.probes}/nothing")[0] == 404


@pytest.mark.integration
def test_what_the_clock_rings_for_reaches_a_worker(clockwork: Clockwork) -> None:
    clockwork.start("worker")
    beat = clockwork.start("beat")
    until(lambda: probe(f"{beat.probes}/healthz")[0] == 200, "the clock does not answer")
    until((clockwork.home / "run" / "heartbeat.beat").exists, f"no beat: {clockwork.log('worker')}")
    assert probe(f"{beat.probes}/readyz") == (200, {"status": "ok"})


@pytest.mark.integration
def test_a_worker_without_its_pool_says_that_it_is_not_ready(tmp_path: Path) -> None:
    clockwork = Clockwork(tmp_path, None)
    try:
        worker = clockwork.start("worker")
        until(lambda: probe(f"{worker.probes}/healthz")[0] == 200, "the worker does not answer")
        pool = psutil.Process(clockwork.running[0].pid).children()
        assert pool
        for child in pool:
            child.suspend()
        heartbeat = tmp_path / "run"
        until(heartbeat.parent.exists, "the home is gone")
        status, body = probe(f"{worker.probes}/readyz")
        if status == 503:  # no heartbeat came through before the pool stood still
            assert "heartbeat" in body["reason"]
        else:
            until(
                lambda: probe(f"{worker.probes}/readyz")[0] == 503,
                "a worker that works nothing says it is ready",
            )
        for child in pool:
            child.resume()
        until(lambda: probe(f"{worker.probes}/readyz")[0] == 200, "the worker did not come back")
    finally:
        clockwork.stop()


@pytest.mark.integration
def test_the_pool_dies_with_its_worker(tmp_path: Path) -> None:
    clockwork = Clockwork(tmp_path, None)
    worker = clockwork.start("worker")
    until(lambda: probe(f"{worker.probes}/readyz")[0] == 200, "the worker is not ready")
    pool = psutil.Process(clockwork.running[0].pid).children(recursive=True)
    clockwork.running[0].kill()
    clockwork.running[0].wait()
    _, still_there = psutil.wait_procs(pool, timeout=15)
    assert still_there == []


def test_a_task_may_never_run_longer_than_its_message_is_hidden(tmp_path: Path) -> None:
    assert SOFT_TASK_LIMIT_S < TASK_LIMIT_S < VISIBILITY_S
    settings = settings_for(config_in(tmp_path, "redis://127.0.0.1:1/0"))
    assert settings["visibility_timeout"] == VISIBILITY_S
    assert settings["broker_transport_options"]["visibility_timeout"] == VISIBILITY_S
    assert settings["result_backend_transport_options"]["visibility_timeout"] == VISIBILITY_S


def test_only_json_is_accepted_from_the_broker(tmp_path: Path) -> None:
    settings = settings_for(config_in(tmp_path))
    assert settings["accept_content"] == ["json"]
    assert settings["task_serializer"] == "json"


def test_only_the_owner_may_look_into_the_folders_of_the_broker(tmp_path: Path) -> None:
    settings_for(config_in(tmp_path))
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "broker").iterdir()}
    assert modes == {"messages": 0o700, "control": 0o700}


def test_every_ring_of_the_clock_expires_before_a_backlog_of_them_could_grow() -> None:
    assert all(entry["options"]["expires"] for entry in schedule().values())


def test_every_task_the_clock_rings_for_exists() -> None:
    from console.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in schedule().values()} <= set(app.tasks)
