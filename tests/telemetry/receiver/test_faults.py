"""What an acknowledgement is worth: processes killed, databases stopped, retries doubled."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException

import psycopg
import pytest
import sqlalchemy as sa

from telemetry import schema
from telemetry.store import Store, migrate, open_store
from tests import servers
from tests.plugin import BACKEND
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import Ingest, accounts, assert_balanced

pytestmark = [pytest.mark.database, pytest.mark.integration]

SPANS = 16


@dataclass
class Client(threading.Thread):
    """Sends batches one after the other, as an exporter does: what got no answer is sent again, unchanged."""

    port: int
    url: str
    until: float
    acknowledged: set[bytes] = field(default_factory=set)
    statuses: dict[int, int] = field(default_factory=dict)
    broken: int = 0
    unanswered: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        while time.monotonic() < self.until:
            message = traffic.chat_request(SPANS)
            self.send(message.SerializeToString(), message.resource_spans[0].scope_spans[0].spans[0].trace_id)

    def send(self, body: bytes, trace_id: bytes) -> None:
        try:
            status = Ingest.post(_At(self.port), "/v1/traces", body).status  # type: ignore[arg-type]
        except (OSError, HTTPException):
            self.broken += 1
            self.unanswered.append(body)
            time.sleep(0.05)
            return
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if status == 200:
            self.acknowledged.add(trace_id)
        else:
            self.unanswered.append(body)


@dataclass
class _At:
    http: int


def load(ingest: Ingest, *, seconds: float, clients: int = 6) -> list[Client]:
    until = time.monotonic() + seconds
    started = [Client(port=ingest.http, url=ingest.url, until=until) for _ in range(clients)]
    for client in started:
        client.start()
    return started


def spans_per_trace(store: Store) -> dict[bytes, int]:
    spans = schema.spans
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(spans.c.trace_id, sa.func.count()).group_by(spans.c.trace_id))
        return {row[0]: row[1] for row in rows}


def assert_all_there(store: Store, clients: list[Client]) -> None:
    stored = spans_per_trace(store)
    acknowledged = set().union(*(client.acknowledged for client in clients))
    assert acknowledged
    assert {trace_id: stored.get(trace_id) for trace_id in acknowledged} == dict.fromkeys(acknowledged, SPANS)
    assert set(stored.values()) == {SPANS}


def test_killed_in_the_middle_of_load_nothing_acknowledged_is_lost(record_url: str) -> None:
    clients: list[Client] = []
    for _ in range(3):
        ingest = Ingest.start(record_url)
        started = load(ingest, seconds=3)
        time.sleep(0.8)
        ingest.stop(how=signal.SIGKILL)
        for client in started:
            client.until = 0
            client.join()
        clients += started
    ingest = Ingest.start(record_url)
    store = open_store(record_url)
    try:
        for client in clients:
            for body in client.unanswered:  # the exporters' retries
                assert ingest.post("/v1/traces", body).status == 200
        assert_all_there(store, clients)
        assert_balanced(store)
        stored = sum(spans_per_trace(store).values())
        assert accounts(store)["stored"] == stored
        assert accounts(store)["differing"] == 0
        with store.engine.connect() as connection:
            summed = connection.execute(sa.select(sa.func.sum(schema.rollup_hours.c.span_count))).scalar_one()
            traced = connection.execute(sa.select(sa.func.sum(schema.traces.c.span_count))).scalar_one()
        assert (int(summed), int(traced)) == (stored, stored)
    finally:
        store.close()
        ingest.stop()


def test_the_same_batch_sent_by_many_at_once_is_stored_once(ingest: Ingest, record_store: Store) -> None:
    body = traffic.chat_request(SPANS).SerializeToString()
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(ingest.post("/v1/traces", body).status))
        for _ in range(24)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 24
    assert list(spans_per_trace(record_store).values()) == [SPANS]
    counted = accounts(record_store)
    assert (counted["stored"], counted["duplicate"], counted["differing"]) == (SPANS, 23 * SPANS, 0)


@pytest.mark.skipif(BACKEND == "sqlite", reason="a SQLite record has exactly one ingest process")
def test_several_processes_share_the_ports_and_the_record(record_url: str) -> None:
    port = servers.free_port()
    first = Ingest.start(record_url, http_port=port)
    second = Ingest.start(record_url, http_port=port)
    store = open_store(record_url)
    try:
        clients = load(first, seconds=3)
        body = traffic.chat_request(SPANS).SerializeToString()
        while any(client.is_alive() for client in clients):
            assert first.post("/v1/traces", body).status == 200
        assert all(client.broken == 0 for client in clients)
        assert_all_there(store, clients)
        assert_balanced(store)
    finally:
        store.close()
        first.stop()
        second.stop()


@pytest.mark.skipif(BACKEND != "sqlite", reason="PostgreSQL takes several processes")
def test_a_second_process_on_a_sqlite_record_is_refused_plainly(ingest: Ingest) -> None:
    with pytest.raises(RuntimeError, match="ended with"):
        Ingest.start(ingest.url)


def test_sigterm_under_load_fails_no_request(record_url: str) -> None:
    ingest = Ingest.start(record_url)
    clients = load(ingest, seconds=20)
    time.sleep(1)
    ingest.process.send_signal(signal.SIGTERM)
    time.sleep(0.25)  # within the lame-duck time: new connections are still served
    for client in clients:
        client.until = 0
    for client in clients:
        client.join()
    assert ingest.stop() == 0
    assert [client.broken for client in clients] == [0] * len(clients)
    assert {status for client in clients for status in client.statuses} == {200}
    store = open_store(record_url)
    assert_all_there(store, clients)
    assert_balanced(store)
    store.close()


def test_a_taken_port_is_said_plainly(record_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(RuntimeError, match="ended with"):
            Ingest.start(record_url, http_port=other.getsockname()[1])


@pytest.fixture
def own_postgres() -> Iterator[servers.Server]:
    server = servers.start_postgres()
    yield server
    server.stop()


@pytest.mark.skipif(BACKEND == "sqlite", reason="SQLite does not stop")
def test_a_database_that_is_away_means_503_and_is_found_again(own_postgres: servers.Server) -> None:
    url = servers.create_database(own_postgres.url, "away")
    migrate(url)
    ingest = Ingest.start(url)
    try:
        good = traffic.chat_request(SPANS).SerializeToString()
        assert ingest.post("/v1/traces", good).status == 200
        cut_connections(own_postgres)
        answer = ingest.post("/v1/traces", traffic.chat_request(SPANS).SerializeToString())
        assert answer.status in {200, 503}
        own_postgres.process.send_signal(signal.SIGINT)
        own_postgres.process.wait(15)
        late = traffic.chat_request(SPANS).SerializeToString()
        answer = ingest.post("/v1/traces", late)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) <= 5
        assert ingest.post("/readyz", b"", method="GET").status == 503
        restart(own_postgres)
        assert ingest.post("/v1/traces", late).status == 200
        store = open_store(url)
        assert_balanced(store)
        store.close()
    finally:
        ingest.stop()


def cut_connections(server: servers.Server) -> None:
    """Cut every connection, as a failover does."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tutela'"
        )


def restart(server: servers.Server) -> None:
    """The same data, the same port."""
    command = server.process.args
    user = None
    if os.geteuid() == 0:
        user = pwd.getpwuid((server.folder / "data").stat().st_uid).pw_name
    with (server.folder / "log").open("ab") as log:
        server.process = subprocess.Popen(command, cwd=server.folder, stdout=log, stderr=log, user=user)
    deadline = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(server.url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
