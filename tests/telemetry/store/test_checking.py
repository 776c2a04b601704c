"""The queue of checks: nothing is lost, nothing is done twice, whatever happens in between."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import clock
from kernel.contracts.ingest import CaptureMode
from telemetry import schema
from telemetry.domain import Document, SpanKind
from telemetry.store import Store, checking
from telemetry.store.checking import MESSAGE, TRACE, Chunk, Terms
from telemetry.store.queueing import QUEUED_DAYS, RECHECK, SETTLED_AFTER_NS
from telemetry.store.results import FoundHere, ScanResult, write_scans
from tests.telemetry.seeding import NOW, Seed, text

pytestmark = pytest.mark.database

SECOND = 10**9
DAY_NS = clock.NANOSECONDS_PER_DAY
SENDER = b"s" * 16
TERMS = Terms(sizes={MESSAGE: (4, 2, 1), TRACE: (2, 1)}, lease_ns=10 * SECOND, attempts=4, backoff_ns=SECOND)
_work = schema.check_work


def rows(store: Store, table: sa.Table = _work) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(table)))


def states(store: Store) -> Counter[str]:
    return Counter(row.state for row in rows(store))


def put_work(store: Store, count: int, *, kind: str = MESSAGE, **more: Any) -> None:
    made = [
        {
            "kind": kind, "day": 20_000, "sender_id": SENDER, "subject": bytes([number]) * 32, "state": "pending",
            "priority": 0, "due_ns": 0, "attempts": 0, "lease": None, "reason": None, "queued_ns": 0,
            "finished_ns": None,
        } | more
        for number in range(count)
    ]  # fmt: skip
    with store.engine.begin() as connection:
        connection.execute(sa.insert(_work), made)


def take(store: Store, now: int, kind: str = MESSAGE, terms: Terms = TERMS) -> Chunk | None:
    return store.transact(lambda connection: checking.lease(connection, kind, now_ns=now, terms=terms))


def finish(store: Store, chunk: Chunk, now: int) -> None:
    def done(connection: sa.Connection) -> None:
        checking.finish(connection, checking.held(connection, chunk), now_ns=now)

    store.transact(done)


# ---- what is queued


def chat(
    seed: Seed, mode: CaptureMode, *, said: str = "hello", start_ns: int | None = None, **more: Any
) -> bytes:
    sender = seed.sender(f"a {mode}")
    spans = seed.trace(
        sender,
        mode=mode,
        said=[text("user", said)],
        answered=[text("assistant", "hi")],
        start_ns=start_ns,
        **more,
    )
    return seed.write(sender, spans)


@pytest.mark.parametrize(
    ("mode", "kinds"),
    [
        (CaptureMode.NONE, {}),
        (CaptureMode.HASHED, {}),
        (CaptureMode.REDACT, {MESSAGE: 2, TRACE: 1}),
        (CaptureMode.FULL, {MESSAGE: 2, TRACE: 1}),
    ],
)
def test_what_holds_text_is_queued_with_it(
    record_store: Store, mode: CaptureMode, kinds: dict[str, int]
) -> None:
    chat(Seed(record_store), mode)
    assert Counter(row.kind for row in rows(record_store)) == kinds
    assert {row.state for row in rows(record_store)} <= {"pending"}


def test_a_message_that_many_spans_name_is_one_row_of_work(record_store: Store) -> None:
    seed = Seed(record_store)
    for _ in range(3):
        chat(seed, CaptureMode.FULL)
    assert Counter(row.kind for row in rows(record_store)) == {MESSAGE: 2, TRACE: 3}


def test_many_messages_at_once_are_queued_once_each(record_store: Store) -> None:
    seed = Seed(record_store)
    sender = seed.sender("crowd")
    spans = [
        span
        for number in range(300)
        for span in seed.trace(
            sender, mode=CaptureMode.FULL, said=[text("user", f"number {number % 200}")],
            answered=[text("assistant", f"answer {number}")],
        )
    ]  # fmt: skip
    seed.write(sender, spans)
    seed.write(sender, spans)
    assert Counter(row.kind for row in rows(record_store)) == {MESSAGE: 500, TRACE: 300}


@pytest.mark.parametrize(
    ("days", "priority"), [(0, 0), (1, 0), (5, 5), (QUEUED_DAYS, QUEUED_DAYS), (45, None)]
)
def test_the_past_waits_behind_the_present_and_what_is_about_to_be_forgotten_is_left_alone(
    record_store: Store, days: int, priority: int | None
) -> None:
    chat(Seed(record_store), CaptureMode.FULL, start_ns=clock.now_ns() - days * DAY_NS)
    assert {row.priority for row in rows(record_store)} == (set() if priority is None else {priority})


def test_what_waits_to_be_masked_is_queued_however_old_it_is(record_store: Store) -> None:
    chat(Seed(record_store), CaptureMode.REDACT, start_ns=clock.now_ns() - 45 * DAY_NS)
    assert Counter(row.kind for row in rows(record_store)) == {MESSAGE: 2}


def test_a_trace_is_due_when_it_has_settled(record_store: Store) -> None:
    chat(Seed(record_store), CaptureMode.FULL)
    due = {row.kind: row.due_ns - row.queued_ns for row in rows(record_store)}
    assert due == {MESSAGE: 0, TRACE: SETTLED_AFTER_NS}


@pytest.mark.parametrize("late", ["a generation", "a retriever of another sender"])
def test_what_a_trace_says_late_opens_its_work_again(record_store: Store, late: str) -> None:
    seed = Seed(record_store)
    trace_id = chat(seed, CaptureMode.FULL)
    later = clock.now_ns() + 2 * SETTLED_AFTER_NS
    chunk = take(record_store, later, TRACE)
    assert chunk is not None
    finish(record_store, chunk, later)
    assert {row.state for row in rows(record_store) if row.kind == TRACE} == {"done"}
    with record_store.engine.begin() as connection:  # so long ago that what comes now is later
        connection.execute(sa.update(_work).values(due_ns=0))
    if late == "a generation":
        chat(seed, CaptureMode.FULL, trace_id=trace_id)
    else:
        other = seed.sender("search")
        span = seed.span(
            other, trace_id=trace_id, kind=SpanKind.RETRIEVER, mode=CaptureMode.FULL,
            documents=[Document(content="a source")],
        )  # fmt: skip
        seed.write(other, [span])
    (work,) = (row for row in rows(record_store) if row.kind == TRACE)
    assert (work.state, work.attempts, work.lease, work.finished_ns) == ("pending", 0, None, None)
    assert work.due_ns > NOW


def test_a_lease_on_a_trace_that_says_more_is_lost_and_nothing_of_it_counts_as_done(
    record_store: Store,
) -> None:
    seed = Seed(record_store)
    trace_id = chat(seed, CaptureMode.FULL)
    later = clock.now_ns() + 2 * SETTLED_AFTER_NS
    chunk = take(record_store, later, TRACE)
    assert chunk is not None
    chat(seed, CaptureMode.FULL, trace_id=trace_id)
    finish(record_store, chunk, later)
    assert {row.state for row in rows(record_store) if row.kind == TRACE} == {"pending"}


# ---- leases


def test_chunks_become_smaller_with_each_attempt_until_a_row_is_alone(record_store: Store) -> None:
    put_work(record_store, 6)
    sizes = []
    now = 0
    for _ in range(12):
        chunk = take(record_store, now)
        if chunk is None:
            break
        sizes.append((chunk.items[0].attempts, len(chunk.items)))
        now += 11 * SECOND  # the process died: the lease ends
    assert Counter(sizes) == Counter({(1, 4): 1, (1, 2): 1, (2, 2): 3, (3, 1): 6, (4, 1): 1})


def test_priority_decides_then_how_long_it_waits(record_store: Store) -> None:
    put_work(record_store, 1, subject=b"r" * 32, priority=RECHECK)
    put_work(record_store, 1, subject=b"o" * 32, priority=3)
    put_work(record_store, 1, subject=b"b" * 32, due_ns=2)
    put_work(record_store, 1, subject=b"a" * 32, due_ns=1)
    alone = replace(TERMS, sizes={MESSAGE: (1,)})
    taken = [take(record_store, 10, terms=alone) for _ in range(4)]
    assert [chunk.items[0].subject[:1] for chunk in taken if chunk] == [b"a", b"b", b"o", b"r"]


def test_what_is_not_due_is_not_taken(record_store: Store) -> None:
    put_work(record_store, 1, due_ns=50)
    assert take(record_store, 49) is None
    assert take(record_store, 50) is not None
    assert take(record_store, 51) is None


def test_a_lease_that_ended_can_finish_nothing(record_store: Store) -> None:
    put_work(record_store, 1)
    first = take(record_store, 0)
    second = take(record_store, 11 * SECOND)
    assert first is not None
    assert second is not None
    finish(record_store, first, 12 * SECOND)
    assert states(record_store) == {"leased": 1}
    finish(record_store, second, 12 * SECOND)
    assert states(record_store) == {"done": 1}


def test_failures_are_tried_again_later_and_later_and_then_given_up_with_their_reason(
    record_store: Store,
) -> None:
    put_work(record_store, 1)
    now, waits = 0, []
    while (chunk := take(record_store, now)) is not None:
        failed = {item.key: (item.attempts, "it broke") for item in chunk.items}
        record_store.transact(
            lambda connection, failed=failed, now=now: checking.fail(
                connection, failed, now_ns=now, terms=TERMS
            )
        )
        (row,) = rows(record_store)
        if row.state == "dead":
            break
        waits.append((row.due_ns - now) // SECOND)
        assert take(record_store, row.due_ns - 1) is None
        now = row.due_ns
    (row,) = rows(record_store)
    assert (row.state, row.attempts, row.reason, waits) == ("dead", 4, "it broke", [1, 4, 16])


def test_what_was_given_back_has_cost_no_attempt(record_store: Store) -> None:
    put_work(record_store, 3)
    chunk = take(record_store, 0)
    assert chunk is not None
    keys = [item.key for item in chunk.items]
    record_store.transact(lambda connection: checking.release(connection, chunk, keys, now_ns=5))
    assert {(row.state, row.attempts, row.lease) for row in rows(record_store)} == {("pending", 0, None)}


def test_the_dead_rise_when_a_person_says_so(record_store: Store) -> None:
    put_work(record_store, 2, state="dead", attempts=4, finished_ns=3, reason="it broke")
    keys = [(MESSAGE, 20_000, SENDER, bytes([number]) * 32) for number in (0, 7)]
    assert record_store.transact(lambda connection: checking.revive(connection, keys, now_ns=9)) == keys[:1]
    assert states(record_store) == {"pending": 1, "dead": 1}
    assert take(record_store, 9) is not None


def test_done_work_is_opened_again_in_bounded_steps(record_store: Store) -> None:
    put_work(record_store, 5, state="done", finished_ns=3, attempts=2)
    place = (MESSAGE, 20_000, SENDER)
    opened = [
        record_store.transact(
            lambda connection: checking.reopen_done(connection, place, before_ns=4, now_ns=9, limit=3)
        )
        for _ in range(3)
    ]
    assert opened == [3, 2, 0]
    assert {(row.state, row.attempts) for row in rows(record_store)} == {("pending", 0)}
    assert all(row.priority >= RECHECK for row in rows(record_store))


# ---- the law

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("lease"), st.just(0)),
        st.tuples(st.sampled_from(["finish", "fail", "give back", "deliver again"]), st.integers(0, 5)),
        st.tuples(st.just("wait"), st.sampled_from([1, 5, 11, 60])),
        st.tuples(st.just("sweep"), st.just(0)),
        st.tuples(st.just("revive"), st.just(0)),
        st.tuples(st.just("check again"), st.just(0)),
    ),
    max_size=40,
)
KINDS_FOUND = ("PERSON", "EMAIL_ADDRESS")


def result(key: checking.WorkKey, version: int) -> ScanResult:
    """What an engine of this version finds in a message: fixed by both."""
    _, day, sender_id, subject = key
    kinds = KINDS_FOUND[: (subject[0] + version) % 3]
    found = tuple(FoundHere(kind, "/0/content", at, at + 1, 0.9) for at, kind in enumerate(kinds))
    return ScanResult(
        day=day, sender_id=sender_id, message_id=subject, check="personal_data", engine_version=f"v{version}",
        profile_digest=b"p" * 16, hour=day * 24 + subject[0] % 24, direction="input",
        outcome="found" if found else "clean", findings=found,
    )  # fmt: skip


class World:
    """The queue, and workers that die, hang, come back and are told twice."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = 0
        self.version = 1
        self.chunks: list[tuple[Chunk, int]] = []

    def lease(self, _: int) -> None:
        chunk = take(self.store, self.now)
        if chunk is not None:
            self.chunks.append((chunk, self.version))

    def finish(self, which: int) -> None:
        self._end(which, keep=False)

    def deliver_again(self, which: int) -> None:
        self._end(which, keep=True)

    def _end(self, which: int, *, keep: bool) -> None:
        if not self.chunks:
            return
        chunk, version = self.chunks[which % len(self.chunks)]
        if not keep:
            self.chunks.remove((chunk, version))

        def write(connection: sa.Connection) -> None:
            ours = checking.held(connection, chunk)
            write_scans(connection, [result(key, version) for key in sorted(ours)], now_ns=self.now)
            checking.finish(connection, ours, now_ns=self.now)

        self.store.transact(write)

    def fail(self, which: int) -> None:
        if not self.chunks:
            return
        chunk, _ = self.chunks.pop(which % len(self.chunks))

        def write(connection: sa.Connection) -> None:
            ours = checking.held(connection, chunk)
            failed = {item.key: (item.attempts, "no") for item in chunk.items if item.key in ours}
            checking.fail(connection, failed, now_ns=self.now, terms=TERMS)

        self.store.transact(write)

    def give_back(self, which: int) -> None:
        if self.chunks:
            chunk, _ = self.chunks.pop(which % len(self.chunks))
            keys = [item.key for item in chunk.items]
            self.store.transact(lambda connection: checking.release(connection, chunk, keys, now_ns=self.now))

    def wait(self, seconds: int) -> None:
        self.now += seconds * SECOND

    def sweep(self, _: int) -> None:
        def write(connection: sa.Connection) -> None:
            spent = checking.spent(connection, now_ns=self.now, terms=TERMS)
            checking.bury(connection, [item.key for item in spent], reason="spent", now_ns=self.now)

        self.store.transact(write)

    def revive(self, _: int) -> None:
        keys = [
            (row.kind, row.day, bytes(row.sender_id), bytes(row.subject))
            for row in rows(self.store)
            if row.state == "dead"
        ]
        self.store.transact(lambda connection: checking.revive(connection, keys, now_ns=self.now))

    def check_again(self, _: int) -> None:
        """A new engine version."""
        self.version += 1
        place = (MESSAGE, 20_000, SENDER)
        self.store.transact(
            lambda connection: checking.reopen_done(
                connection, place, before_ns=self.now + 1, now_ns=self.now, limit=10
            )
        )

    def drain(self) -> None:
        """Healthy workers do what is left."""
        for _ in range(80):
            self.lease(0)
            while self.chunks:
                self.finish(0)
            self.sweep(0)
            if not {"pending", "leased", "retry"} & set(states(self.store)):
                return
            self.wait(70)


def assert_sums_are_those_of_the_rows(store: Store) -> None:
    subjects: Counter[Any] = Counter()
    for row in rows(store, schema.scans):
        subjects[row.hour, row.check, row.outcome] += 1
    counted = {(row.hour, row.check, row.outcome): row.subjects for row in rows(store, schema.check_hours)}
    assert {key: number for key, number in counted.items() if number} == dict(subjects)
    found: Counter[Any] = Counter()
    messages: dict[Any, set[bytes]] = {}
    hours = {(bytes(row.message_id), row.check): row.hour for row in rows(store, schema.scans)}
    for row in rows(store, schema.findings):
        key = (hours[bytes(row.message_id), row.check], row.type)
        found[key] += 1
        messages.setdefault(key, set()).add(bytes(row.message_id))
    summed = {(row.hour, row.type): (row.findings, row.messages) for row in rows(store, schema.finding_hours)}
    assert {key: sums for key, sums in summed.items() if any(sums)} == {
        key: (number, len(messages[key])) for key, number in found.items()
    }


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_work_is_conserved_and_sums_are_those_of_the_rows(
    record_store: Store, steps: list[tuple[str, int]]
) -> None:
    with record_store.engine.begin() as connection:
        for table in (
            _work, schema.scans, schema.findings, schema.check_hours, schema.finding_hours,
        ):  # fmt: skip
            connection.execute(sa.delete(table))
    put_work(record_store, 7)
    world = World(record_store)
    for name, argument in steps:
        getattr(world, name.replace(" ", "_"))(argument)
        counted = states(record_store)
        assert counted.total() == 7
        assert set(counted) <= {"pending", "leased", "retry", "done", "dead"}
        assert_sums_are_those_of_the_rows(record_store)
        done = {bytes(row.subject) for row in rows(record_store) if row.state == "done"}
        assert done <= {bytes(row.message_id) for row in rows(record_store, schema.scans)}
    world.drain()
    assert set(states(record_store)) <= {"done", "dead"}
    assert_sums_are_those_of_the_rows(record_store)
