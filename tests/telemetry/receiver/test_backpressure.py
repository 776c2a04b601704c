"""More than can be written: told to come back, in a code that makes clients do so, before memory grows."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from typing import Any

import grpc
import psycopg
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from kernel.config import from_env
from telemetry.domain import Reason, Signal
from telemetry.receiver import app
from telemetry.receiver.budget import Budget
from telemetry.receiver.refused import CODES, Refused
from telemetry.receiver.replies import RETRY_INFO_TYPE, status
from telemetry.receiver.rpc import SERVICES, STATUS_DETAILS
from telemetry.store import migrate, open_store
from tests.plugin import BACKEND
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import Ingest, accounts, assert_balanced
from tests.telemetry.receiver.ingest_process import CONTENT_KEY, GOOD, PEPPER, StandingKeys, StandingSenders

MIB = 1024 * 1024


def test_bytes_in_flight_are_bounded_and_given_back() -> None:
    budget = Budget(limit=100)
    with budget.lease() as first:
        first.grow(60)
        with budget.lease() as second, pytest.raises(Refused) as caught:
            second.grow(60)
        assert caught.value.reason is Reason.BUSY
    with budget.lease() as third:
        third.grow(100)


def test_one_request_always_fits_into_an_idle_process() -> None:
    with Budget(limit=10).lease() as lease:
        lease.grow(1000)


def test_bytes_that_outlive_their_request_stay_counted_until_they_are_written() -> None:
    budget = Budget(limit=100)
    with budget.lease() as late:
        late.grow(60)
        late.keep()
    late.grow(10)
    with budget.lease() as second, pytest.raises(Refused):
        second.grow(60)
    late.end()
    with budget.lease() as third:
        third.grow(100)


@pytest.mark.database
def test_who_waited_too_long_is_told_that_it_may_yet_be_stored_and_keeps_its_bytes(
    record_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(app, "COMMIT_TIMEOUT_S", 0.2)
    migrate(record_url)
    store = open_store(record_url)
    write, go_on = store.write, threading.Event()

    def slow(*args: Any, **more: Any) -> Any:
        assert go_on.wait(20)
        return write(*args, **more)

    monkeypatch.setattr(store, "write", slow)
    receiver = app.Receiver(
        from_env({}), StandingKeys(), StandingSenders(), store, pepper=PEPPER, content_key=CONTENT_KEY
    )
    receiver.budget = Budget(limit=100)
    body = traffic.chat_request().SerializeToString()

    async def give_up() -> Refused:
        receiver.start()
        with receiver.budget.lease() as lease:
            lease.grow(60)
            with pytest.raises(Refused) as caught:
                await receiver.export(app.Export(Signal.TRACES, GOOD, body, gzip=False, json=False), lease)
        with receiver.budget.lease() as other, pytest.raises(Refused):
            other.grow(60)
        go_on.set()
        await receiver.close()
        await asyncio.sleep(0)
        with receiver.budget.lease() as other:
            other.grow(100)
        return caught.value

    refused = asyncio.run(give_up())
    assert refused.reason is Reason.STORE_UNAVAILABLE
    assert "may yet be" in refused.message
    assert accounts(store)["stored"] == 1
    store.close()


@pytest.mark.parametrize("reason", CODES)
def test_only_what_may_succeed_later_asks_to_be_repeated(reason: Reason) -> None:
    codes = CODES[reason]
    passing = reason in {Reason.BUSY, Reason.STORE_UNAVAILABLE}
    assert (codes.http in {429, 503}) is passing
    assert (codes.grpc == 14) is passing
    assert (codes.retry_after_s is not None) is passing
    if codes.retry_after_s is not None:
        assert 0 < codes.retry_after_s <= 5


def test_a_status_is_what_google_says() -> None:
    found = Status.FromString(status(14, "later, please", json=False, retry_after_s=2))
    assert (found.code, found.message) == (14, "later, please")
    info = RetryInfo()
    assert found.details[0].type_url == RETRY_INFO_TYPE
    assert found.details[0].Unpack(info)
    assert info.retry_delay.seconds == 2


def fresh(message: ExportTraceServiceRequest) -> bytes:
    """The batch under another trace id: a new batch at little cost to the sender."""
    mine = ExportTraceServiceRequest()
    mine.CopyFrom(message)
    trace_id = os.urandom(16)
    for span in mine.resource_spans[0].scope_spans[0].spans:
        span.trace_id = trace_id
    body: bytes = mine.SerializeToString()
    return body


@pytest.mark.database
@pytest.mark.integration
def test_overload_means_503_not_memory(record_url: str) -> None:
    ingest = Ingest.start(record_url)
    body = traffic.chat_request(512, text="long " * 2000)
    statuses: list[int] = []
    stop = time.monotonic() + 6
    before = ingest.rss()

    def send() -> None:
        while time.monotonic() < stop:
            answer = ingest.post("/v1/traces", fresh(body))
            statuses.append(answer.status)
            if answer.status == 503:
                assert int(answer.headers["retry-after"]) <= 5
                time.sleep(0.3)

    try:
        threads = [threading.Thread(target=send) for _ in range(40)]
        for thread in threads:
            thread.start()
        peak = before
        while any(thread.is_alive() for thread in threads):
            peak = max(peak, ingest.rss())
            time.sleep(0.05)
        assert len(body.SerializeToString()) > 4 * MIB
        assert set(statuses) <= {200, 503}
        assert 503 in statuses
        assert peak - before < 400 * MIB
        store = open_store(record_url)
        assert accounts(store)["stored"] == 512 * statuses.count(200)
        assert_balanced(store)
        store.close()
    finally:
        ingest.stop()


@pytest.mark.database
@pytest.mark.integration
@pytest.mark.skipif(BACKEND == "sqlite", reason="SQLite does not go away")
def test_grpc_says_unavailable_with_retry_info_while_the_database_is_away(record_url: str) -> None:
    ingest = Ingest.start(record_url)
    try:
        with psycopg.connect(record_url, autocommit=True) as connection:
            connection.execute("ALTER TABLE spans RENAME TO spans_away")
        with grpc.insecure_channel(f"127.0.0.1:{ingest.grpc}") as channel:
            export = channel.unary_unary(f"/{SERVICES[Signal.TRACES]}/Export")
            metadata = (("authorization", f"Bearer {GOOD.text()}"),)
            with pytest.raises(grpc.RpcError) as caught:
                export(traffic.chat_request().SerializeToString(), metadata=metadata, timeout=30)
        error: Any = caught.value
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert RETRY_INFO_TYPE.encode() in dict(error.trailing_metadata())[STATUS_DETAILS]
    finally:
        ingest.stop()
