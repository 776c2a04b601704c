"""Laws of the accounts: whatever comes, however often, in whatever grouping."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import clock
from telemetry import schema
from telemetry.receiver.intake import Intake
from telemetry.store import Batch, Store, open_store
from tests.telemetry.receiver import traffic
from tests.telemetry.receiver.conftest import accounts, assert_balanced, rows
from tests.telemetry.receiver.ingest_process import (
    CONTENT_KEY,
    GOOD,
    NARROW,
    SMALL,
    StandingKeys,
    StandingSenders,
)

pytestmark = pytest.mark.database

DAY_NS = clock.NANOSECONDS_PER_DAY
NOW = time.time_ns()
KEYS = StandingKeys()


@dataclass(frozen=True)
class Plan:
    """One span of a made-up batch: which of few ids it takes, whether it is AI, when it starts, what is wrong with it."""

    trace: int
    span: int
    parent: int | None
    speaks_of_ai: bool
    days_ago: int
    broken_id: bool
    variant: int


spans = st.builds(
    Plan,
    trace=st.integers(1, 4),
    span=st.integers(1, 6),
    parent=st.none() | st.integers(1, 6),
    speaks_of_ai=st.booleans(),
    days_ago=st.sampled_from([0, 0, 0, 1, 3, 500, -2]),
    broken_id=st.sampled_from([False, False, False, True]),
    variant=st.integers(0, 1),
)
requests = st.lists(
    st.tuples(
        st.sampled_from([GOOD, NARROW, SMALL]),
        st.sampled_from(["chat-full", "chat-hashed", "a", "b", "c"]),
        st.lists(spans, max_size=6),
    ),
    min_size=1,
    max_size=5,
)


def built(service: str, plans: list[Plan], salt: bytes) -> bytes:
    message = traffic.request(service=service)
    for plan in plans:
        traffic.add_span(
            message,
            (traffic.CHAT if plan.speaks_of_ai else traffic.HTTP_CALL) | {"tutela.variant": plan.variant}
            if plan.speaks_of_ai
            else traffic.HTTP_CALL,
            trace_id=salt + bytes([plan.trace]) * 8,
            span_id=b"bad" if plan.broken_id else bytes([plan.span]) * 8,
            parent=b"" if plan.parent is None else bytes([plan.parent]) * 8,
            start_ns=NOW - plan.days_ago * DAY_NS - 10**9,
        )
    body: bytes = message.SerializeToString()
    return body


@pytest.fixture(scope="module")
def open_record(shared_record: str) -> Iterator[Store]:
    opened = open_store(shared_record)
    yield opened
    opened.close()


def intake(store: Store) -> Intake:
    return Intake(store, senders=StandingSenders(), keys=store.keys(CONTENT_KEY), content_key=CONTENT_KEY)


@given(
    given_requests=requests, groups=st.lists(st.integers(1, 3), min_size=1, max_size=5), twice=st.booleans()
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_received_is_stored_and_duplicate_and_rejected(
    open_record: Store, given_requests: list[tuple], groups: list[int], twice: bool
) -> None:
    salt = os.urandom(8)
    before = accounts(open_record)
    taking = intake(open_record)
    sent = given_requests * (2 if twice else 1)
    batches: list[Batch] = []
    for number, (token, service, plans) in enumerate(sent):
        key = KEYS.find(token.public_id)
        assert key is not None
        body = built(service, plans, salt)
        batches.append(taking.traces(body, key=key, json=False, received_ns=clock.now_ns()))
        if len(batches) >= groups[number % len(groups)]:
            open_record.write(batches)
            batches = []
    open_record.write(batches)
    after = accounts(open_record)
    assert after["received"] - before["received"] == sum(len(plans) for _, _, plans in sent)
    assert_balanced(open_record)
    assert_sums_are_those_of_the_spans(open_record, after["stored"])


def assert_sums_are_those_of_the_spans(store: Store, stored: int) -> None:
    with store.engine.connect() as connection:
        count = connection.execute(sa.select(sa.func.count()).select_from(schema.spans)).scalar_one()
        for column in (
            schema.traces.c.span_count,
            schema.rollup_hours.c.span_count,
            schema.senders.c.span_count,
        ):
            summed = connection.execute(sa.select(sa.func.coalesce(sa.func.sum(column), 0))).scalar_one()
            assert int(summed) == count == stored, column


def test_the_first_version_wins_and_a_differing_repeat_is_counted(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(GOOD.public_id)
    assert key is not None
    ids = {"trace_id": os.urandom(16), "span_id": os.urandom(8), "start_ns": NOW}
    for tokens in (1, 1, 2):
        message = traffic.request()
        traffic.add_span(message, traffic.CHAT | {"gen_ai.usage.input_tokens": tokens}, **ids)
        body = message.SerializeToString()
        record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    (row,) = rows(record_store, schema.spans)
    assert row["input_tokens"] == 1
    counted = accounts(record_store)
    assert (counted["stored"], counted["duplicate"], counted["differing"]) == (1, 2, 1)


def test_kin_of_ai_spans_are_kept_and_strangers_counted(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(GOOD.public_id)
    assert key is not None
    trace_id = os.urandom(16)
    message = traffic.request()
    kin = {"root": b"", "chat": b"rootroot", "tool": b"chatchat", "sibling": b"rootroot"}
    for name, parent in kin.items():
        attributes = traffic.CHAT if name == "chat" else traffic.HTTP_CALL
        span_id = (name * 8)[:8].encode()
        traffic.add_span(message, attributes, trace_id=trace_id, span_id=span_id, parent=parent, name=name)
    body = message.SerializeToString()
    batch = taking.traces(body, key=key, json=False, received_ns=clock.now_ns())
    record_store.write([batch])
    assert {row["span_id"][:4] for row in rows(record_store, schema.spans)} == {b"root", b"chat", b"tool"}
    taking.committed(batch)
    record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    assert len(rows(record_store, schema.spans)) == 4  # the trace is known by now: the sibling belongs to it
    assert_balanced(record_store)


@pytest.mark.parametrize(
    ("claims", "place", "deployment", "flagged"),
    [
        ({"tutela.site": "lyon", "tutela.deployment": "triage-prod"}, "lyon", "triage-prod", False),
        ({"tutela.site": "paris", "cloud.region": "eu-west-3"}, "eu-west-3", "", True),
        ({"tutela.deployment": "payroll"}, "", "", True),
        ({"k8s.cluster.name": "edge-1", "cloud.region": "eu-west-3"}, "edge-1", "", False),
    ],
)
def test_a_key_bounds_what_its_bearer_claims(
    record_store: Store, claims: dict[str, str], place: str, deployment: str, flagged: bool
) -> None:
    taking, key = intake(record_store), KEYS.find(NARROW.public_id)
    assert key is not None
    message = traffic.request(resource=claims)
    traffic.add_span(message)
    record_store.write(
        [taking.traces(message.SerializeToString(), key=key, json=False, received_ns=clock.now_ns())]
    )
    (sender,) = rows(record_store, schema.senders)
    assert (sender["place"], sender["claimed_deployment"]) == (place, deployment)
    (span,) = rows(record_store, schema.spans)
    assert ("claim_outside_key" in span["flags"]) is flagged


def test_a_key_has_only_so_many_senders(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(SMALL.public_id)
    assert key is not None
    for number in range(5):
        message = traffic.request(service=f"service {number}")
        traffic.add_span(message)
        body = message.SerializeToString()
        record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    assert len(rows(record_store, schema.senders)) == 3
    refused = {row["reason"]: row["items"] for row in rows(record_store, schema.ingest_rejections)}
    assert refused == {"sender_limit": 2}
    assert_balanced(record_store)


def test_a_new_start_of_a_program_is_no_new_device(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(GOOD.public_id)
    assert key is not None
    for number in range(3):
        message = traffic.request(resource={"host.name": "till", "service.instance.id": f"start {number}"})
        traffic.add_span(message)
        body = message.SerializeToString()
        record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    assert len(rows(record_store, schema.sender_devices)) == 1


def test_the_name_of_a_device_is_kept_nowhere_in_clear(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(GOOD.public_id)
    assert key is not None
    message = traffic.request(resource={"host.name": "laptop-of-jeanne", "os.type": "linux"})
    traffic.add_span(message)
    body = message.SerializeToString()
    record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    (sender,) = rows(record_store, schema.senders)
    assert "linux" in sender["hints"]
    assert "jeanne" not in str(sender)


def test_devices_are_counted_inside_their_sender(record_store: Store) -> None:
    taking, key = intake(record_store), KEYS.find(GOOD.public_id)
    assert key is not None
    for number in (1, 2, 2, 3):
        message = traffic.request(resource={"device.id": f"till {number}"})
        traffic.add_span(message)
        body = message.SerializeToString()
        record_store.write([taking.traces(body, key=key, json=False, received_ns=clock.now_ns())])
    assert len(rows(record_store, schema.senders)) == 1
    assert len(rows(record_store, schema.sender_devices)) == 3
