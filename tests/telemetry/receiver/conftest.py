"""An ingest process for tests, and what to ask of it and of the record behind it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import sqlalchemy as sa

from telemetry import schema
from telemetry.store import Store, open_store
from tests.telemetry.receiver.ingest_process import GOOD
from tests.telemetry.receiver.records import own_record

PROGRAM = Path(__file__).with_name("ingest_process.py")
PROTOBUF = "application/x-protobuf"
JSON = "application/json"


@dataclass(slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(slots=True)
class Ingest:
    """A running ingest process."""

    url: str
    process: subprocess.Popen[bytes]
    http: int
    grpc: int

    @classmethod
    def start(cls, url: str, *, http_port: int = 0, grpc_port: int = 0) -> Ingest:
        process = subprocess.Popen(
            [sys.executable, str(PROGRAM), url, str(http_port), str(grpc_port)],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )
        assert process.stdout is not None
        while True:
            line = process.stdout.readline()
            if not line:
                process.stdout.close()
                raise RuntimeError(f"ingest ended with {process.wait()}")
            if line.startswith(b'{"http"'):
                ports = json.loads(line)
                return cls(url=url, process=process, http=ports["http"], grpc=ports["grpc"])

    def post(
        self,
        path: str,
        body: bytes,
        *,
        media_type: str | None = PROTOBUF,
        token: str | None = None,
        method: str = "POST",
        headers: dict[str, str] | None = None,
    ) -> Answer:
        """One request on a connection of its own."""
        given = {"authorization": f"Bearer {GOOD.text() if token is None else token}"} | (headers or {})
        if media_type is not None:
            given["content-type"] = media_type
        if token == "":
            del given["authorization"]
        connection = http.client.HTTPConnection("127.0.0.1", self.http, timeout=60)
        try:
            connection.request(method, path, body=body, headers=given)
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(status=answer.status, headers=found, body=answer.read())
        finally:
            connection.close()

    def rss(self) -> int:
        """Resident memory, bytes."""
        return int(psutil.Process(self.process.pid).memory_info().rss)

    def stop(self, *, how: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@pytest.fixture
def ingest(record_url: str) -> Iterator[Ingest]:
    started = Ingest.start(record_url)
    yield started
    started.stop()


@pytest.fixture(scope="module")
def shared_record(migrated_record: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One empty record for the tests of a module that do not count what others left behind."""
    with own_record(migrated_record, tmp_path_factory) as url:
        yield url


@pytest.fixture(scope="module")
def standing(shared_record: str) -> Iterator[Ingest]:
    """One ingest process for a whole module."""
    started = Ingest.start(shared_record)
    yield started
    started.stop()


@pytest.fixture
def store(standing: Ingest) -> Iterator[Store]:
    """The record behind `standing`."""
    opened = open_store(standing.url)
    yield opened
    opened.close()


def rows(store: Store, table: sa.Table, *where: Any) -> list[dict[str, Any]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table).where(*where)).mappings()]


def accounts(store: Store) -> dict[str, int]:
    """All of `ingest_minutes` added up."""
    names = ("received", "stored", "duplicate", "rejected", "differing", "requests")
    with store.engine.connect() as connection:
        sums = [sa.func.coalesce(sa.func.sum(schema.ingest_minutes.c[name]), 0) for name in names]
        row = connection.execute(sa.select(*sums)).one()
    return {name: int(value) for name, value in zip(names, row, strict=True)}


def assert_balanced(store: Store) -> None:
    """For every minute, key and signal: received = stored + duplicate + rejected, and rejected is told by reason."""
    reasons: dict[tuple[Any, ...], int] = {}
    for row in rows(store, schema.ingest_rejections):
        place = (row["minute"], row["key_id"], row["signal"])
        reasons[place] = reasons.get(place, 0) + row["items"]
    for row in rows(store, schema.ingest_minutes):
        assert row["received"] == row["stored"] + row["duplicate"] + row["rejected"], row
        assert row["rejected"] == reasons.get((row["minute"], row["key_id"], row["signal"]), 0), row
