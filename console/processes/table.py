"""Which processes an installation has, how each is started, and where it answers probes. One row per process."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.processes.pulse import NICE_VARIABLE, PORT_VARIABLE, QUEUE_VARIABLE
from kernel.config import BadConfiguration, Config

ROOT = Path(__file__).resolve().parents[2]
WORKER_PROCESSES = 2
SCANNER_KIB = 1_200_000
"""A process that holds the models of both languages takes about 540 MB; twice that is a leak."""
SCANNER_TASKS = 5_000
SCANNER_NICE = 10
"""Whoever takes telemetry in or answers a page goes first."""
PROBE_PORTS = range(20_000, 30_000)  # below what Linux lends to clients (32,768 and above)
PROBE_PORT_TRIES = 100


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process: its command, what it adds to the environment, its probes.

    `probes` is the base URL of `/healthz` and `/readyz`, None for a process that has none. `patience_s` is how long
    it may take to stop before it is killed.
    """

    name: str
    command: tuple[str, ...]
    probes: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    patience_s: float = 15.0


def processes(config: Config, *, demo: bool) -> tuple[ProcessSpec, ...]:
    """The table for this configuration. Chooses free loopback ports for the probes of worker and beat."""
    found = [_web(config), *_check(config), *_ingest(config), _worker(), _scanner(config), _beat()]
    if demo:
        found.append(ProcessSpec(name="demo", command=_manage("demo_traffic")))
    return tuple(found)


def reachable(host: str) -> str:
    """The host under which this machine reaches a server bound to `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104  # compared, not bound


def _web(config: Config) -> ProcessSpec:
    command = (
        sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws",
        "--host", config.host, "--port", str(config.port),
        "--workers", "1", "--blocking-threads", "4", "--respawn-failed-workers",
        "--workers-kill-timeout", "10", "--log-level", "warning",
        "console.wsgi:application",
    )  # fmt: skip
    return ProcessSpec(name="web", command=command, probes=f"http://{reachable(config.host)}:{config.port}")


def _check(config: Config) -> list[ProcessSpec]:
    """The check API, unless it is switched off: it holds the models of all engines in memory."""
    if not config.check_api:
        return []
    probes = f"http://{reachable(config.host)}:{config.check_port}"
    return [ProcessSpec(name="check", command=_manage("check_api"), probes=probes)]


def _ingest(config: Config) -> list[ProcessSpec]:
    """One process, or several on the same two ports; then each has a port of its own for its probes."""
    if config.ingest_processes == 1:
        shared = f"http://{reachable(config.host)}:{config.otlp_http_port}"
        return [ProcessSpec(name="ingest", command=_manage("ingest"), probes=shared, patience_s=20.0)]
    ports = [_free_port() for _ in range(config.ingest_processes)]
    return [
        ProcessSpec(
            name="ingest" if number == 1 else f"ingest-{number}",
            command=_manage("ingest"),
            probes=f"http://127.0.0.1:{port}",
            environment={PORT_VARIABLE: str(port)},
            patience_s=20.0,
        )
        for number, port in enumerate(ports, start=1)
    ]


def _worker() -> ProcessSpec:
    return _pool("worker", queue="work", processes=WORKER_PROCESSES)


def _scanner(config: Config) -> ProcessSpec:
    """The checks: models in memory, all the CPU that nobody else wants. What a process grows beyond, it is replaced for."""
    return _pool(
        "scanner",
        "--max-memory-per-child", str(SCANNER_KIB), "--max-tasks-per-child", str(SCANNER_TASKS),
        queue="checks", processes=config.check_processes, environment={NICE_VARIABLE: str(SCANNER_NICE)},
    )  # fmt: skip


def _pool(
    name: str, *options: str, queue: str, processes: int, environment: Mapping[str, str] | None = None
) -> ProcessSpec:
    """A Celery worker with its pool. It is ready when a message has gone through the broker and its pool and back."""
    port, host = _free_port(), socket.gethostname()
    own_queue = f"heartbeat.{name}.{host}"
    command = _celery(
        "worker", "--hostname", f"{name}@{host}", "--queues", f"{queue},{own_queue}",
        "--concurrency", str(processes), "--without-gossip", "--without-mingle", "--without-heartbeat",
        "--loglevel", "WARNING", *options,
    )  # fmt: skip
    return ProcessSpec(
        name=name,
        command=command,
        probes=f"http://127.0.0.1:{port}",
        environment={PORT_VARIABLE: str(port), QUEUE_VARIABLE: own_queue, **(environment or {})},
        patience_s=30.0,
    )


def _beat() -> ProcessSpec:
    """The schedule is code and short, so the clock needs no memory of when it last rang."""
    port = _free_port()
    return ProcessSpec(
        name="beat",
        command=_celery(
            "beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", "", "--loglevel", "WARNING"
        ),
        probes=f"http://127.0.0.1:{port}",
        environment={PORT_VARIABLE: str(port)},
    )


def _manage(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, str(ROOT / "manage.py"), *arguments)


def _celery(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "celery", "-q", "-A", "console.processes.clockwork", *arguments)


def _free_port() -> int:
    """A port of this machine that nobody listens on, from a range in which the kernel lends none to clients.

    One that the kernel chose itself could be lent to somebody's connection before the child binds it.
    """
    for _ in range(PROBE_PORT_TRIES):
        port = secrets.choice(PROBE_PORTS)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise BadConfiguration(f"No port from {PROBE_PORTS.start} to {PROBE_PORTS.stop - 1} is free for probes.")
