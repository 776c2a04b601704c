"""The bulk path: repeats across retention classes and days, partitions made when needed, values no database holds."""

from __future__ import annotations

import os
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.contracts.ingest import KeyFacts, RetentionClass, SenderIdentity, SenderPolicy
from telemetry import schema
from telemetry.content import KeyPurpose
from telemetry.receiver.intake import Intake
from telemetry.store import Batch, Store, StoreUnavailable, Unstorable, open_store
from tests.plugin import BACKEND
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import accounts, assert_balanced, rows
from tests.telemetry.receiver.ingest_process import CONTENT_KEY, GOOD, StandingKeys, StandingSenders

pytestmark = pytest.mark.database


class ChangingSenders(StandingSenders):
    """Senders whose retention class an officer changes in between."""

    def __init__(self) -> None:
        self.retention = RetentionClass.STANDARD

    def policy(self, sender: SenderIdentity) -> SenderPolicy:
        return replace(super().policy(sender), retention_class=self.retention)


def key() -> KeyFacts:
    found = StandingKeys().find(GOOD.public_id)
    assert found is not None
    return found


def batch(store: Store, body: bytes, senders: StandingSenders | None = None) -> Batch:
    taking = Intake(
        store, senders=senders or StandingSenders(), keys=store.keys(CONTENT_KEY), content_key=CONTENT_KEY
    )
    return taking.traces(body, key=key(), json=False, received_ns=clock.now_ns())


def test_a_retry_after_a_change_of_retention_class_is_still_a_repeat(record_store: Store) -> None:
    senders = ChangingSenders()
    body = traffic.chat_request(3).SerializeToString()
    record_store.write([batch(record_store, body, senders)])
    senders.retention = RetentionClass.LONG
    other = traffic.chat_request(2).SerializeToString()
    record_store.write([batch(record_store, other, senders)])
    record_store.write([batch(record_store, body, senders)])
    counted = accounts(record_store)
    assert (counted["stored"], counted["duplicate"], counted["differing"]) == (5, 3, 0)
    assert len(rows(record_store, schema.spans)) == 5


def test_spans_of_many_days_find_their_partitions(record_store: Store) -> None:
    message = traffic.request()
    now = clock.now_ns()
    for days in range(0, 390, 30):
        traffic.add_span(message, start_ns=now - days * clock.NANOSECONDS_PER_DAY - 10**9)
    record_store.write([batch(record_store, message.SerializeToString())])
    assert len({row["day"] for row in rows(record_store, schema.spans)}) == 13


@pytest.mark.skipif(BACKEND == "sqlite", reason="SQLite has no partitions")
def test_a_partition_that_was_dropped_is_made_again(record_store: Store) -> None:
    body = traffic.chat_request().SerializeToString()
    made = batch(record_store, body)
    record_store.write([made])
    day = made.spans[0].columns["day"]
    with record_store.engine.begin() as connection:
        connection.execute(sa.text(f"DROP TABLE spans_d{day}, messages_d{day}"))
    record_store.write([batch(record_store, traffic.chat_request().SerializeToString())])
    assert len(rows(record_store, schema.spans)) == 1


def test_concurrent_writers_of_the_same_traces_do_not_lock_each_other(record_url: str) -> None:
    stores = [open_store(record_url) for _ in range(3)]
    trace_ids = [os.urandom(16) for _ in range(6)]
    errors: list[BaseException] = []

    def write(store: Store, order: int) -> None:
        try:
            for _ in range(8):
                message = traffic.request(service=f"service {order}")
                for trace_id in trace_ids[::order]:
                    traffic.add_span(message, trace_id=trace_id, span_id=os.urandom(8))
                record_write(store, message.SerializeToString())
        except BaseException as error:  # noqa: BLE001  # shown by the assertion
            errors.append(error)

    def record_write(store: Store, body: bytes) -> None:
        store.write([batch(store, body)])

    threads = [
        threading.Thread(target=write, args=(store, order))
        for store, order in zip(stores, (1, -1, 1), strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert accounts(stores[0])["stored"] == 3 * 8 * 6
    assert sum(row["span_count"] for row in rows(stores[0], schema.traces)) == 3 * 8 * 6
    assert_balanced(stores[0])
    for store in stores:
        store.close()


def test_values_that_no_database_holds_are_refused_for_good(record_store: Store) -> None:
    made = batch(record_store, traffic.chat_request().SerializeToString())
    made.spans[0].columns["input_tokens"] = 2**70
    with pytest.raises(Unstorable):
        record_store.write([made])
    record_store.write([batch(record_store, traffic.chat_request().SerializeToString())])
    assert accounts(record_store)["received"] == 1


def test_a_store_that_is_not_there_says_so() -> None:
    store = open_store("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(StoreUnavailable):
        store.known_traces([b"x" * 16])
    store.close()


def test_content_keys_are_made_once_for_all_processes(record_url: str) -> None:

    stores = [open_store(record_url) for _ in range(4)]
    found: set[bytes] = set()
    threads = [
        threading.Thread(
            target=lambda store=store: found.add(
                store.keys(CONTENT_KEY).key(20_000, b"s" * 16, KeyPurpose.ID)
            )
        )
        for store in stores
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    for store in stores:
        store.close()
