"""What is older than it may be is forgotten, whatever it is beside goes with it, and what is held stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from kernel import clock
from kernel.contracts.ingest import CaptureMode, RetentionClass
from kernel.contracts.retention import Kept, Retention
from telemetry import schema
from telemetry.domain import SpanKind
from telemetry.store import Store
from telemetry.store.retention import due, forget, runs
from tests.telemetry.seeding import NOW, Seed, text

DAY = clock.NANOSECONDS_PER_DAY
RETENTION = Retention()
BULK = ("messages", "spans", "traces", "trace_facets", "content_keys", "rollup_hours")


def wrote(
    seed: Seed, *, days_ago: int, service: str = "radiology", kept: RetentionClass = RetentionClass.STANDARD
) -> bytes:
    """One model call with something said, so many days ago; its sender's id."""
    sender = seed.sender(service)
    span = seed.span(
        sender, trace_id=seed.id(16), kind=SpanKind.LLM, model="weights-7b", tokens=(10, 5), mode=CaptureMode.FULL,
        said=[text("user", f"question of {days_ago} days ago")], start_ns=NOW - days_ago * DAY,
    )  # fmt: skip
    span.columns["retention_class"] = kept.value
    span.messages[:] = [replace(message, retention_class=kept) for message in span.messages]
    seed.write(sender, [span])
    return sender.sender_id()


def run(store: Store, *, held: frozenset[bytes] = frozenset(), retention: Retention = RETENTION):
    return [forget(store, item, held=held) for item in due(store, retention, now_ns=NOW)]


def count(store: Store, table: str, *where) -> int:
    with store.engine.connect() as connection:
        return connection.execute(
            sa.select(sa.func.count()).select_from(schema.metadata.tables[table]).where(*where)
        ).scalar_one()


def counts(store: Store) -> dict[str, int]:
    return {table: count(store, table) for table in BULK}


@pytest.fixture
def seed(record_store: Store) -> Seed:
    return Seed(record_store)


def test_what_is_young_is_not_due(seed):
    wrote(seed, days_ago=29)
    assert due(seed.store, RETENTION, now_ns=NOW) == []


def test_content_goes_after_thirty_days_and_its_keys_with_it_while_spans_stay(seed):
    wrote(seed, days_ago=40)
    wrote(seed, days_ago=1)

    (done,) = run(seed.store)

    assert (done.due.kept, done.due.retention_class) == (Kept.CONTENT, RetentionClass.STANDARD)
    assert counts(seed.store) == {
        "messages": 1, "spans": 2, "traces": 2, "trace_facets": 2, "content_keys": 1, "rollup_hours": 2,
    }  # fmt: skip


def test_spans_go_after_half_a_year_with_all_that_stands_beside_them_while_sums_stay(seed):
    wrote(seed, days_ago=184)
    run(seed.store)

    assert counts(seed.store) == {
        "messages": 0, "spans": 0, "traces": 0, "trace_facets": 0, "content_keys": 0, "rollup_hours": 1,
    }  # fmt: skip


def test_sums_go_after_their_years(seed):
    wrote(seed, days_ago=184)
    run(seed.store, retention=replace(RETENTION, sums=184))
    assert count(seed.store, "rollup_hours") == 1
    run(seed.store, retention=replace(RETENTION, sums=183))
    assert count(seed.store, "rollup_hours") == 0


@pytest.mark.parametrize(
    ("kept", "days", "stays"),
    [
        (RetentionClass.SHORT, 8, 0),
        (RetentionClass.SHORT, 6, 1),
        (RetentionClass.STANDARD, 31, 0),
        (RetentionClass.STANDARD, 29, 1),
        (RetentionClass.LONG, 180, 1),
        (RetentionClass.LONG, 185, 0),
        (RetentionClass.HOLD, 399, 1),
    ],
)
def test_each_class_keeps_content_for_its_own_time(seed, kept, days, stays):
    wrote(seed, days_ago=days, kept=kept)
    run(seed.store)
    assert count(seed.store, "messages") == stays


def test_what_a_held_sender_said_is_moved_to_the_hold_and_never_forgotten(seed):
    held = wrote(seed, days_ago=200, service="accused")
    wrote(seed, days_ago=200, service="other")
    before = digest_of(seed.store, held)

    done = run(seed.store, held=frozenset({held}))

    assert sum(item.held for item in done) == 2
    assert count(seed.store, "spans") == 1
    assert count(seed.store, "messages", schema.messages.c.retention_class == "hold") == 1
    assert digest_of(seed.store, held) == before
    assert due(seed.store, RETENTION, now_ns=NOW) == []
    assert count(seed.store, "traces") == 1


def digest_of(store: Store, sender_id: bytes) -> bytes:
    with store.engine.connect() as connection:
        query = sa.select(schema.spans.c.digest).where(schema.spans.c.sender_id == sender_id)
        return bytes(connection.execute(query).scalar_one())


def test_days_of_two_classes_lose_only_the_one(seed):
    wrote(seed, days_ago=40, service="one")
    wrote(seed, days_ago=40, service="two", kept=RetentionClass.LONG)
    run(seed.store)

    assert count(seed.store, "messages", schema.messages.c.retention_class == "long") == 1
    assert count(seed.store, "messages") == 1


def test_a_second_run_finds_nothing_to_do(seed):
    wrote(seed, days_ago=200)
    assert run(seed.store)
    assert run(seed.store) == []


def test_a_late_span_of_a_forgotten_day_is_taken_in_and_forgotten_with_the_next_run(seed):
    wrote(seed, days_ago=200)
    run(seed.store)
    wrote(seed, days_ago=200, service="late")
    assert count(seed.store, "spans") == 1
    run(seed.store)
    assert count(seed.store, "spans") == 0


def test_the_book_says_how_much_room_it_made(seed):
    for number in range(40):
        wrote(seed, days_ago=40, service=f"service-{number}")
    run(seed.store)
    with seed.store.engine.connect() as connection:
        (entry,) = runs(connection)

    assert entry.rows >= 40
    assert entry.freed is not None
    assert entry.freed > 0
    assert entry.finished_ns is not None


def test_an_interrupted_run_goes_on_with_the_next(seed, monkeypatch):
    from telemetry.store.retention import followers

    wrote(seed, days_ago=40)
    with monkeypatch.context() as patched:
        patched.setattr(
            followers, "after_content", lambda *_: (_ for _ in ()).throw(RuntimeError("power cut"))
        )
        with pytest.raises(RuntimeError):
            run(seed.store)
    with seed.store.engine.connect() as connection:
        assert [entry.finished_ns for entry in runs(connection)] == [None]
    wrote(seed, days_ago=41)
    run(seed.store)
    assert count(seed.store, "content_keys") == 0
