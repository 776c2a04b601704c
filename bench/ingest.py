"""Accepted-and-queryable spans per second, acknowledgement times, CPU and memory of the ingest process.

python -m bench.ingest [--seconds 8] [--batches 1,64,512] [--profile FILE] [--engines sqlite,postgresql]
On a SQLite file and on a PostgreSQL of its own with fsync on. Every acknowledged span is counted in the record
afterwards; a difference is an error.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import sqlalchemy as sa

from telemetry import schema
from telemetry.store import migrate, open_store
from tests import servers
from tests.telemetry.receiver.ingest_process import GOOD

ROOT = Path(__file__).resolve().parent.parent
SERVER = ROOT / "tests" / "telemetry" / "receiver" / "ingest_process.py"
LOAD = Path(__file__).with_name("ingest_load.py")
CONNECTIONS = {1: 64, 64: 16, 512: 4}


def count_spans(url: str) -> int:
    store = open_store(url)
    with store.engine.connect() as connection:
        found = connection.execute(sa.select(sa.func.count()).select_from(schema.spans)).scalar_one()
    store.close()
    return int(found)


def start(url: str, profile: str | None) -> tuple[subprocess.Popen[bytes], int]:
    command = [
        sys.executable,
        *(["-m", "cProfile", "-o", profile] if profile else []),
        str(SERVER),
        url,
        "0",
        "0",
    ]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(b'{"http"'):
            return process, json.loads(line)["http"]
    raise RuntimeError("the ingest process did not start")


def measure(url: str, batch: int, seconds: float, profile: str | None) -> dict[str, Any]:
    before = count_spans(url)
    process, port = start(url, profile)
    try:
        watched = psutil.Process(process.pid)
        rss_before, cpu_before = watched.memory_info().rss, sum(watched.cpu_times()[:2])
        command = [
            sys.executable,
            str(LOAD),
            str(port),
            str(batch),
            str(CONNECTIONS.get(batch, 8)),
            str(seconds),
            GOOD.text(),
        ]
        result = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
        result["server_cpu_s"] = sum(watched.cpu_times()[:2]) - cpu_before
        result["rss_mib"] = watched.memory_info().rss / 2**20
        result["rss_growth_mib"] = (watched.memory_info().rss - rss_before) / 2**20
    finally:
        process.terminate()
        process.wait(30)
    stored = count_spans(url) - before
    if stored != result["spans"]:
        raise RuntimeError(f"{result['spans']} spans were acknowledged, {stored} are stored")
    return result


@contextmanager
def records() -> Iterator[tuple[dict[str, str], int]]:
    """A SQLite file and a PostgreSQL database on this machine's disk, fsync on in both."""
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


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=8)
    arguments.add_argument("--batches", default="1,64,512")
    arguments.add_argument("--engines", default="sqlite,postgresql")
    arguments.add_argument("--profile")
    given = arguments.parse_args()
    print(
        "| engine | batch | spans/s | p50 ms | p99 ms | server CPU | generator CPU | RSS MiB (growth) | statuses |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    with records() as (urls, _):
        for engine in given.engines.split(","):
            migrate(urls[engine])
            for batch in (int(one) for one in given.batches.split(",")):
                found = measure(urls[engine], batch, given.seconds, given.profile)
                seconds = found["seconds"]
                print(
                    f"| {engine} | {batch} | {found['spans'] / seconds:,.0f} | {found['p50_ms']:.1f} | {found['p99_ms']:.1f} "
                    f"| {found['server_cpu_s'] / seconds:.2f} | {found['cpu_s'] / seconds:.2f} "
                    f"| {found['rss_mib']:.0f} ({found['rss_growth_mib']:+.0f}) | {found['statuses']} |",
                    flush=True,
                )
    print(f"\n{os.cpu_count()} cores, shared with the generator; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
