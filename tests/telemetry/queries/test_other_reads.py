from __future__ import annotations

import pytest

from kernel import clock
from kernel.contracts.ingest import CaptureMode
from telemetry.domain import Document, Reason, Signal, SpanKind, SpanStatus
from telemetry.queries import ingest, rollups, senders, sessions
from telemetry.queries.bounds import SenderWindow, TimeRange
from telemetry.queries.ingest import Width
from telemetry.queries.rollups import By, Liveness, Step
from telemetry.queries.spans import data_source_uses, find_span, messages_of, references, trace_spans
from telemetry.store import Batch
from tests.telemetry.seeding import KEY_ID, NOW, SECOND, text

DAY = TimeRange.last(clock.NANOSECONDS_PER_DAY)
WEEK = TimeRange.last(7 * clock.NANOSECONDS_PER_DAY)
HOUR = clock.NANOSECONDS_PER_HOUR


def scope(*found, from_ns=None, until_ns=None):
    return tuple(SenderWindow(sender.sender_id(), from_ns, until_ns) for sender in found)


# ---- one span


@pytest.fixture
def call(seed):
    clinic = seed.sender("clinic")
    trace_id, span_id = seed.id(16), seed.id(8)
    span = seed.span(
        clinic, trace_id=trace_id, span_id=span_id, name="chat", kind=SpanKind.LLM, mode=CaptureMode.FULL,
        said=[text("user", "hello"), text("user", "hello")], answered=[text("assistant", "hi")],
        documents=[Document(id="d1", score=0.25, content="source")], query_text="greeting",
        attributes={"server.address": "gpu-1"}, data_source_id="guides",
    )  # fmt: skip
    seed.write(clinic, [span])
    return clinic, trace_id, span_id


def test_a_span_names_its_messages_in_the_order_in_which_they_were_said(record, call):
    _clinic, trace_id, span_id = call
    span = find_span(record, trace_id, span_id, time=DAY)

    assert [place for place, _ids in span.content.places] == ["input", "output", "query"]
    assert len(span.content.at("input")) == 2
    assert [(item.score, item.name) for item in span.content.documents] == [("0.25", "d1")]
    assert span.content_state == "full"
    assert span.attributes["server.address"] == "gpu-1"


def test_each_message_is_kept_once_and_found_by_its_id(record, call):
    _clinic, trace_id, span_id = call
    span = find_span(record, trace_id, span_id, time=DAY)

    found = messages_of(record, span)

    assert set(found) == {id_.hex() for id_ in span.content.all_ids()}
    assert found[span.content.at("output")[0]].role == "assistant"


def test_a_span_outside_the_scope_is_not_found(record, call, seed):
    _clinic, trace_id, span_id = call

    assert find_span(record, trace_id, span_id, time=DAY, visible=scope(seed.sender("shop"))) is None
    assert find_span(record, trace_id, span_id, time=TimeRange(0, 10)) is None


def test_spans_of_others_are_counted_as_hidden(record, call, seed):
    _clinic, trace_id, span_id = call
    found = trace_spans(record, trace_id, time=DAY, visible=scope(seed.sender("shop")))

    assert found.spans == ()
    assert found.hidden_ids == {span_id}


def test_too_many_spans_are_cut_and_said(record, call, seed):
    clinic, trace_id, span_id = call
    seed.write(clinic, [seed.span(clinic, trace_id=trace_id, parent=span_id) for _ in range(5)])

    found = trace_spans(record, trace_id, time=DAY, limit=3)

    assert (len(found.spans), found.truncated) == (3, True)


def test_a_data_source_knows_its_readers(record, call):
    clinic, _trace_id, _span_id = call
    ((name, sender_id, count, _last),) = data_source_uses(record, ["guides", "other"], time=DAY)

    assert (name, sender_id, count) == ("guides", clinic.sender_id(), 1)
    assert data_source_uses(record, [], time=DAY) == []


@pytest.mark.parametrize(
    "text_",
    [
        None,
        "",
        "[]",
        "nonsense",
        '{"input": "zz"}',
        '{"input": [1, null, "abc"]}',
        '{"documents": ["x", {"id": 5}]}',
        '"x"',
    ],
)
def test_content_that_is_no_list_of_ids_is_empty_and_no_error(text_):
    assert not references(text_)


# ---- senders


@pytest.fixture
def two(seed):
    shop, clinic = seed.sender("shop"), seed.sender("clinic")
    seed.write(shop, seed.trace(shop, model="small"), devices=[b"a" * 16, b"b" * 16])
    seed.write(shop, seed.trace(shop, model="large", start_ns=NOW - 50 * HOUR))
    seed.write(clinic, seed.trace(clinic, model="large", tokens=(None, None), status=SpanStatus.ERROR))
    return shop, clinic


def test_senders_are_listed_with_what_they_call_themselves(record, two):
    found = {row.identity.service_name: row for row in senders.list_senders(record)}

    assert set(found) == {"shop", "clinic"}
    assert found["shop"].span_count == 4
    assert found["shop"].hints == {"os.type": "linux"}


def test_devices_models_and_latest_spans_of_each_sender(record, two):
    shop, clinic = (sender.sender_id() for sender in two)

    assert senders.device_counts(record, [shop, clinic]) == {shop: 2}
    assert set(senders.models_by_sender(record, [shop], time=WEEK)[shop]) == {"small", "large"}
    assert senders.spans_by_sender(record, time=DAY) == {shop: 2, clinic: 2}
    assert senders.spans_by_sender(record, time=DAY, sender_ids=[clinic]) == {clinic: 2}
    assert senders.device_counts(record, []) == senders.models_by_sender(record, [], time=DAY) == {}


# ---- roll-ups


def test_a_series_counts_by_hour_and_by_day(record, two):
    hours = rollups.series(record, time=WEEK)
    days = rollups.series(record, time=WEEK, step=Step.DAY)

    assert sum(point.totals.spans for point in hours) == sum(point.totals.spans for point in days) == 6
    assert {point.bucket // 24 for point in hours} == {point.bucket for point in days}


def test_a_series_can_be_split_and_narrowed(record, two):
    shop, _clinic = two
    by_model = rollups.series(record, time=DAY, by=By.MODEL, scope=scope(shop))

    assert {(point.group, point.totals.input_tokens) for point in by_model} == {("", 0), ("small", 100)}
    assert sum(p.totals.spans for p in rollups.series(record, time=WEEK, model="large")) == 2


def test_calls_that_named_no_tokens_are_counted_apart(record, two):
    _shop, clinic = two
    totals = rollups.totals(record, time=DAY, scope=scope(clinic))

    assert (totals.spans, totals.errors, totals.unmetered, totals.input_tokens) == (2, 1, 1, 0)


def test_what_was_observed_leaves_the_unknown_out(record, two):
    found = rollups.observed(record, By.MODEL, time=WEEK)

    assert {(item.value, item.totals.spans) for item in found} == {("small", 1), ("large", 2)}


def test_who_used_a_model(record, two):
    shop, clinic = two
    found = rollups.senders_of(record, By.MODEL, ["large"], time=WEEK)

    assert {sender_id for sender_id, _totals in found} == {shop.sender_id(), clinic.sender_id()}
    assert rollups.senders_of(record, By.MODEL, [], time=WEEK) == []


def test_nothing_in_the_scope_is_nothing_at_all(record, two):
    assert rollups.totals(record, time=WEEK, scope=()).spans == 0
    assert rollups.last_seen(record, scope=()) == {}


def test_live_dark_and_never_are_three_states():
    assert rollups.sign([], now_ns=NOW).state is Liveness.NEVER
    assert rollups.sign([NOW - HOUR, NOW - 90 * HOUR], now_ns=NOW).state is Liveness.LIVE
    assert rollups.sign([NOW - 25 * HOUR], now_ns=NOW).state is Liveness.DARK


def test_a_sender_was_last_heard_within_its_window(record, two):
    shop, _clinic = two
    heard = rollups.last_seen(record)[shop.sender_id()]

    assert rollups.last_seen(record, scope=scope(shop, until_ns=heard - 5)) == {shop.sender_id(): heard - 5}
    assert rollups.last_seen(record, scope=scope(shop, from_ns=heard + 5)) == {}


# ---- sessions


def test_sessions_sum_up_their_traces_and_page_by_key(record, seed):
    shop = seed.sender("shop")
    for number in range(6):
        seed.write(
            shop,
            seed.trace(shop, session_id=f"visit-{number // 2}", start_ns=seed.start_ns + number * SECOND),
        )
    first = sessions.list_sessions(record, time=DAY, limit=2)
    second = sessions.list_sessions(record, time=DAY, limit=2, after=first.next)

    assert [row.session_id for row in first.rows + second.rows] == ["visit-2", "visit-1", "visit-0"]
    assert (first.rows[0].trace_count, first.rows[0].span_count, first.rows[0].input_tokens) == (2, 4, 200)
    assert second.next is None
    assert [row.session_id for row in sessions.list_sessions(record, time=DAY, text="T-1").rows] == [
        "visit-1"
    ]
    assert sessions.list_sessions(record, time=DAY, visible=scope(seed.sender("clinic"))).rows == ()
    assert len(sessions.list_sessions(record, time=DAY, senders=scope(shop), visible=scope(shop)).rows) == 3


# ---- accounts


@pytest.fixture
def accounts(seed):
    shop = seed.sender("shop")
    trace = seed.trace(shop)
    seed.write(shop, trace)
    seed.write(shop, trace)
    batch = Batch(key_id=KEY_ID, signal=Signal.TRACES, received_ns=NOW, received=7)
    batch.rejections.add(Reason.NOT_AI, "GET /health", count=5)
    batch.rejections.add(Reason.TOO_DEEP, "span “chat”: 60 levels", count=2)
    seed.store.write([batch])


def test_the_account_balances(record, accounts):
    total = ingest.account(record, time=DAY)

    assert (total.received, total.stored, total.duplicate, total.rejected) == (11, 2, 2, 7)
    assert total.missing == 0
    assert ingest.account(record, time=DAY, key_ids=[]).received == 0


def test_accounts_by_key_and_over_time(record, accounts):
    (line,) = ingest.accounts_by_key(record, time=DAY)
    points = ingest.account_series(record, time=DAY, width=Width.HOUR)

    assert (line.key_id, line.signal, line.account.received) == (KEY_ID, "traces", 11)
    assert [(point.bucket, point.account.received) for point in points] == [(clock.epoch_hour(NOW), 11)]
    assert len(ingest.account_series(record, time=DAY, width=Width.MINUTE)) == 1


def test_rejections_say_why_with_an_example(record, accounts):
    found = {item.reason: item for item in ingest.rejections(record, time=DAY)}

    assert found["not_ai"].items == 5
    assert found["too_deep"].sample == "span “chat”: 60 levels"
    assert ingest.rejections(record, time=DAY, key_ids=[b"x" * 16]) == []


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ('"plain"', "plain"),
        ('{"a": 1, "b": "x"}', "a: 1, b: x"),
        ("not json", "not json"),
        ("null", ""),
        ("[1]", "[1]"),
    ],
)
def test_a_sample_is_one_line_of_words(stored, shown):
    assert ingest.sample_text(stored) == shown


def test_spans_kept_aside_are_shown_with_the_start_they_named(record, seed):
    row = {
        "trace_id": b"t" * 16, "span_id": b"s" * 8, "sender_id": seed.sender("shop").sender_id(), "reason": "too_old",
        "start_ns": "18446744073709551615", "received_ns": NOW, "columns": "{}",
    }  # fmt: skip
    batch = Batch(key_id=KEY_ID, signal=Signal.TRACES, received_ns=NOW, received=1, aside=[row])
    batch.rejections.add(Reason.TOO_OLD, "x")
    seed.store.write([batch])

    (found,) = ingest.aside(record, time=DAY)

    assert (found.reason, found.start_ns) == ("too_old", "18446744073709551615")
    assert ingest.aside(record, time=DAY, visible=()) == []
