"""Accepted-and-queryable spans per second, acknowledgement times, CPU and memory of the ingest processes.

python -m bench.ingest [--seconds 8] [--rounds 3] [--batches 1,64,512] [--engines sqlite,postgresql] [--repeat-texts]
On a SQLite file and on a PostgreSQL of its own, fsync on in both; on PostgreSQL with as many ingest processes as an
installation starts. Every acknowledged span is counted in the record afterwards; a difference is an error. Rounds are
interleaved and each figure is the median of its rounds. "spans per CPU second" counts the CPU time of the ingest
processes and of the database server: it holds on a machine that others load as well.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from kernel.config import from_env
from telemetry import schema
from telemetry.store import migrate, open_store
from tests import servers
from tests.telemetry.receiver.ingest_process import GOOD

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "tests" / "telemetry" / "receiver" / "ingest_process.py"
LOAD = Path(__file__).with_name("ingest_load.py")
CONNECTIONS = {1: 64, 64: 16, 512: 8}
HEAD = """
| engine | processes | batch | spans/s | p50 ms | p99 ms | spans per CPU second | µs CPU per span: ingest | database | RSS MiB a process | generator's cores | refused |
|---|---|---|---|---|---|---|---|---|---|---|---|"""


def count_spans(url: str) -> int:
    """How many spans the record holds, asked as anybody would ask."""
    store = open_store(url)
    with store.engine.connect() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(schema.spans)).scalar_one()
    store.close()
    return int(found)


def start(url: str, ports: tuple[int, int]) -> subprocess.Popen[bytes]:
    """One ingest process, once it listens."""
    command = [sys.executable, str(SERVER), url, *map(str, ports)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b'{"http"'):
            return process
    raise RuntimeError("the ingest process did not start")


def cpu_s(processes: list[subprocess.Popen[bytes]]) -> float:
    return sum(sum(psutil.Process(process.pid).cpu_times()[:2]) for process in processes)


def server_cpu_s(postmaster: int | None) -> float:
    """CPU seconds of a PostgreSQL server and all its processes so far, 0 without one."""
    if postmaster is None:
        return 0.0
    parent = psutil.Process(postmaster)
    found = sum(parent.cpu_times()[:4])  # its own, and of the children that have ended
    for process in parent.children(recursive=True):
        try:
            found += sum(process.cpu_times()[:2])
        except psutil.NoSuchProcess:  # it ended meanwhile; the postmaster has its time by the next look
            continue
    return found


def measure(url: str, batch: int, given: argparse.Namespace, postmaster: int | None) -> dict[str, Any]:
    """One run: the processes started, loaded, watched and ended; what was acknowledged is counted."""
    ports = (servers.free_port(), servers.free_port())
    processes = [start(url, ports) for _ in range(from_env({"RECORD_URL": url}).ingest_processes)]
    try:
        load(ports[0], batch, 1.0, given)  # caches fill, statements are prepared
        before = count_spans(url)
        begun = cpu_s(processes), server_cpu_s(postmaster)
        found = load(ports[0], batch, given.seconds, given)
        found["server_cpu_s"] = cpu_s(processes) - begun[0]
        found["database_cpu_s"] = server_cpu_s(postmaster) - begun[1]
        found["rss_mib"] = max(psutil.Process(one.pid).memory_info().rss for one in processes) / 2**20
        found["processes"] = len(processes)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)
    stored = count_spans(url) - before
    if stored != found["spans"]:
        raise RuntimeError(f"{found['spans']} spans were acknowledged, {stored} are stored")
    return found


def load(port: int, batch: int, seconds: float, given: argparse.Namespace) -> dict[str, Any]:
    """What the generator saw."""
    connections = str(CONNECTIONS.get(batch, 8))
    command = [sys.executable, str(LOAD), str(port), str(batch), connections, str(seconds), GOOD.text()]
    command.append("1" if given.repeat_texts else "0")
    found: dict[str, Any] = json.loads(
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout
    )
    return found


@contextmanager
def records() -> Iterator[tuple[dict[str, str], int]]:
    """A SQLite file and a PostgreSQL database on this machine's disk, fsync on in both; and the postmaster's id."""
    with tempfile.TemporaryDirectory(prefix="tutela-bench-") as folder:
        servers.POSTGRES_OPTIONS.update(
            fsync="on", synchronous_commit="on", full_page_writes="on", shared_buffers="512MB"
        )
        server = servers.start_postgres()
        try:
            urls = {
                "sqlite": f"sqlite:///{folder}/record.sqlite3",
                "postgresql": servers.create_database(server.url, "bench"),
            }
            yield urls, server.process.pid
        finally:
            server.stop()


def row(engine: str, batch: int, runs: list[dict[str, Any]]) -> str:
    """The medians of the runs as a row of the table."""

    def median(of: str, per: str) -> float:
        return float(statistics.median(run[of] / run[per] for run in runs))

    rate = median("spans", "seconds")
    p50, p99, rss = (statistics.median(run[name] for run in runs) for name in ("p50_ms", "p99_ms", "rss_mib"))
    per_cpu = statistics.median(run["spans"] / (run["server_cpu_s"] + run["database_cpu_s"]) for run in runs)
    refused = sum(count for run in runs for status, count in run["statuses"].items() if status != "200")
    return (
        f"| {engine} | {runs[0]['processes']} | {batch} | {rate:,.0f} | {p50:.0f} | {p99:.0f} | {per_cpu:,.0f} "
        f"| {1e6 * median('server_cpu_s', 'spans'):.0f} | {1e6 * median('database_cpu_s', 'spans'):.0f} "
        f"| {rss:.0f} | {median('cpu_s', 'seconds'):.2f} | {refused} |"
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--batches", default="1,64,512")
    arguments.add_argument("--engines", default="sqlite,postgresql")
    arguments.add_argument(
        "--repeat-texts", action="store_true", help="every sending says the same texts again"
    )
    given = arguments.parse_args()
    cells = [
        (engine, int(batch)) for batch in given.batches.split(",") for engine in given.engines.split(",")
    ]
    runs: dict[tuple[str, int], list[dict[str, Any]]] = {cell: [] for cell in cells}
    loads = [os.getloadavg()[0]]
    with records() as (urls, postmaster):
        for engine in given.engines.split(","):
            migrate(urls[engine])
        for _ in range(given.rounds):
            for engine, batch in cells:
                server = postmaster if engine == "postgresql" else None
                runs[engine, batch].append(measure(urls[engine], batch, given, server))
                print(row(engine, batch, runs[engine, batch][-1:]), file=sys.stderr, flush=True)
            loads.append(os.getloadavg()[0])
    print(HEAD)
    for engine, batch in sorted(cells, key=lambda cell: (cell[0] != "sqlite", cell[1])):
        print(row(engine, batch, runs[engine, batch]))
    said = ", ".join(f"{load:.1f}" for load in loads)
    print(
        f"\n{os.cpu_count()} cores, shared with the generator; load average before and after each round: {said}"
    )


if __name__ == "__main__":
    main()
