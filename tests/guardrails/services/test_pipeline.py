"""From stored text to findings, verdicts and sums."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from guardrails.domain import Check, CheckRules, Profile
from guardrails.services import looking, scanning, sweeping
from guardrails.services.runtime import Runtime
from kernel import clock
from kernel.contracts.ingest import CaptureMode
from telemetry import schema
from telemetry.content import KeyPurpose
from telemetry.domain import Document, Message, SpanKind
from telemetry.queries import checks
from telemetry.queries.bounds import TimeRange
from telemetry.queries.spans import find_span, trace_spans
from telemetry.store import Store, checking
from tests.guardrails.services.small_engines import QUICK, Assigned, PatternEngine, runtime_over
from tests.telemetry.seeding import Seed, text

pytestmark = pytest.mark.database

FULL, REDACT = CaptureMode.FULL, CaptureMode.REDACT
EVER = TimeRange(0, 2**62)
ONLY_GROUNDEDNESS = Profile((CheckRules(Check.GROUNDEDNESS),))


def rows(store: Store, table: sa.Table) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(sa.select(table)))


def outcomes(store: Store) -> Counter[tuple[str, str]]:
    return Counter((row.check, row.outcome) for row in rows(store, schema.scans))


def states(store: Store, kind: str | None = None) -> Counter[str]:
    return Counter(row.state for row in rows(store, schema.check_work) if kind in {None, row.kind})


def settle(store: Store) -> None:
    """A minute of quiet."""
    with store.engine.begin() as connection:
        connection.execute(sa.update(schema.check_work).values(due_ns=0))


def say(
    seed: Seed, *said: str, mode: CaptureMode = FULL, answer: str = "fine", **more: Any
) -> tuple[bytes, bytes]:
    """A call; answers its trace id and span id."""
    sender = seed.sender("helpdesk")
    spans = seed.trace(
        sender,
        mode=mode,
        said=[text("user", one) for one in said],
        answered=[text("assistant", answer)],
        **more,
    )
    return seed.write(sender, spans), spans[1].columns["span_id"]


def look(runtime: Runtime, times: int = 1) -> None:
    for _ in range(times):
        settle(runtime.store)
        looking.look(runtime)


def test_a_message_is_scanned_by_every_check_and_its_findings_stand_beside_it(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    trace_id, span_id = say(seed, "write to ann@example.org and bob@example.org, hunter2")
    look(runtime)
    assert outcomes(record_store) == {
        ("personal_data", "found"): 1, ("personal_data", "clean"): 1, ("secrets", "found"): 1, ("secrets", "clean"): 1,
    }  # fmt: skip
    with record_store.engine.connect() as connection:
        span = find_span(connection, trace_id, span_id, time=EVER)
        assert span is not None
        found = checks.findings_of_span(connection, span)
        asked = found[span.content.at("input")[0]]
        assert [(one.type, one.pointer, one.start, one.end) for scan in asked for one in scan.findings] == [
            ("EMAIL_ADDRESS", "/0/content", 9, 24),
            ("EMAIL_ADDRESS", "/0/content", 29, 44),
            ("PASSWORD", "/0/content", 46, 53),
        ]
        covered = checks.coverage(connection, time=EVER)
        assert {(row.check, row.outcome): row.subjects for row in covered if row.check == "secrets"} == {
            ("secrets", "clean"): 1,
            ("secrets", "found"): 1,
        }
        counted = checks.findings_by_type(connection, time=EVER)
        assert {(row.type, row.direction): (row.findings, row.messages) for row in counted} == {
            ("EMAIL_ADDRESS", "input"): (2, 1),
            ("PASSWORD", "input"): (1, 1),
        }
    assert states(record_store) == {"done": 3}


def test_a_message_that_many_spans_name_is_scanned_once(record_store: Store) -> None:
    engine = PatternEngine(Check.PERSONAL_DATA, {})
    runtime = runtime_over(record_store, personal_data=engine)
    seed = Seed(record_store)
    for turn in range(4):
        say(seed, *(f"turn {number}" for number in range(turn + 1)), answer=f"answer {turn}")
    look(runtime)
    assert len(engine.texts) == len(set(engine.texts)) == 8


def test_a_task_that_is_delivered_twice_changes_nothing(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    say(Seed(record_store), "ann@example.org")
    chunk = record_store.transact(
        lambda connection: checking.lease(connection, "message", now_ns=clock.now_ns(), terms=QUICK.terms)
    )
    assert chunk is not None
    scanning.scan_chunk(runtime, chunk)
    before = [rows(record_store, table) for table in (schema.scans, schema.findings, schema.check_hours)]
    scanning.scan_chunk(runtime, chunk)
    assert before == [
        rows(record_store, table) for table in (schema.scans, schema.findings, schema.check_hours)
    ]


@pytest.mark.parametrize("poison", ["this raises", "this hangs"])
def test_one_poisonous_message_dies_alone_and_visibly(
    record_store: Store, poison: str, caplog: pytest.LogCaptureFixture
) -> None:
    runtime = runtime_over(record_store)
    say(Seed(record_store), "one", "two", f"{poison} ann@example.org", "three")
    look(runtime, times=4)
    assert states(record_store, "message") == {"done": 4, "dead": 1}
    with record_store.engine.connect() as connection:
        (dead,) = checks.dead_work(connection)
    assert (dead.attempts, "ann@" in dead.reason) == (4, False)
    assert "ann@" not in caplog.text
    assert outcomes(record_store)["personal_data", "failed"] == 1
    assert outcomes(record_store)["personal_data", "clean"] == 4


def test_what_was_given_up_and_is_tried_again_is_counted_once(record_store: Store) -> None:
    say(Seed(record_store), "this raises")
    look(runtime_over(record_store), times=4)
    with record_store.engine.connect() as connection:
        (dead,) = checks.dead_work(connection)
    mended = {
        check.value: PatternEngine(check, {"WORD": "raises"}, weak=False)
        for check in (Check.PERSONAL_DATA, Check.SECRETS)
    }
    record_store.transact(lambda connection: checking.revive(connection, [dead.key], now_ns=0))
    look(runtime_over(record_store, **mended))
    assert outcomes(record_store)["personal_data", "failed"] == 0
    with record_store.engine.connect() as connection:
        covered = {(row.check, row.outcome): row.subjects for row in checks.coverage(connection, time=EVER)}
    assert covered["personal_data", "found"] == 1
    assert ("personal_data", "failed") not in covered


def test_when_nothing_works_nothing_is_held_against_the_messages(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    say(Seed(record_store), *(f"this raises {number}" for number in range(12)), answer="this raises too")
    for _ in range(8):
        looking.look(runtime)
    assert states(record_store, "message") == {"pending": 13}
    assert {row.attempts for row in rows(record_store, schema.check_work)} == {0}


def test_sampling_decides_the_same_every_time(record_store: Store) -> None:
    half = Profile((CheckRules(Check.PERSONAL_DATA, sampling=500), CheckRules(Check.SECRETS, sampling=0)))
    runtime = runtime_over(record_store, directory=Assigned(half))
    seed = Seed(record_store)
    say(seed, *(f"message {number}" for number in range(60)))
    look(runtime, times=10)
    first = outcomes(record_store)
    assert first["secrets", "sampled_out"] == 61
    assert 10 < first["personal_data", "clean"] < 50
    assert first["personal_data", "clean"] + first["personal_data", "sampled_out"] == 61
    requeue(record_store)
    look(runtime, times=10)
    assert outcomes(record_store) == first


def requeue(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.update(schema.check_work).values(state="pending", attempts=0))


def test_a_changed_profile_moves_the_sums_by_the_difference(record_store: Store) -> None:
    directory = Assigned()
    runtime = runtime_over(record_store, directory=directory)
    say(Seed(record_store), "ann@example.org", "nothing")
    look(runtime)
    directory.now = Profile((CheckRules(Check.PERSONAL_DATA, threshold=900),))
    requeue(record_store)
    look(runtime)
    with record_store.engine.connect() as connection:
        covered = {(row.check, row.outcome): row.subjects for row in checks.coverage(connection, time=EVER)}
        assert checks.findings_by_type(connection, time=EVER) == []
    assert covered["personal_data", "clean"] == 3
    assert ("personal_data", "found") not in covered
    assert covered["secrets", "clean"] == 3, "what a check found stays when it is switched off"


# ---- masking


def test_waiting_text_is_masked_and_nothing_of_it_is_left(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    trace_id, span_id = say(seed, "write to ann@example.org", "again ann@example.org", mode=REDACT)
    with record_store.engine.connect() as connection:
        span = find_span(connection, trace_id, span_id, time=EVER)
        assert span is not None
        assert span.content_state == "waiting"
    look(runtime)
    bodies = [bytes(row.body).decode() for row in rows(record_store, schema.messages)]
    assert {row.state for row in rows(record_store, schema.messages)} == {"masked"}
    assert not any("ann@" in body for body in bodies)
    said = [json.loads(body)[0]["content"] for body in bodies]
    assert sum("‹EMAIL_ADDRESS:" in one for one in said) == 2
    assert len({one.partition("‹")[2] for one in said if "‹" in one}) == 1, "one value has one label"
    with record_store.engine.connect() as connection:
        span = find_span(connection, trace_id, span_id, time=EVER)
        brief = trace_spans(connection, trace_id, time=EVER)
    assert span is not None
    assert span.content_state == "masked"
    assert span.columns["content_state"] == "waiting", "the row itself never changes"
    assert {one.content_state for one in brief.spans if one.kind == SpanKind.LLM} == {"masked"}


@pytest.mark.parametrize(
    "profile",
    [
        ONLY_GROUNDEDNESS,
        Profile((CheckRules(Check.PERSONAL_DATA, sampling=0),)),
        Profile((CheckRules(Check.PERSONAL_DATA, threshold=999),)),
    ],
)
def test_no_profile_keeps_waiting_text_from_being_masked(record_store: Store, profile: Profile) -> None:
    runtime = runtime_over(record_store, directory=Assigned(profile))
    say(Seed(record_store), "ann@example.org hunter2", mode=REDACT)
    look(runtime)
    bodies = b"".join(bytes(row.body) for row in rows(record_store, schema.messages))
    assert {row.state for row in rows(record_store, schema.messages)} == {"masked"}
    assert b"ann@" not in bodies
    assert b"hunter2" not in bodies


def test_what_cannot_be_scanned_stays_sealed(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    say(seed, "this raises ann@example.org", "fine", mode=REDACT)
    look(runtime, times=4)
    kept = Counter(row.state for row in rows(record_store, schema.messages))
    assert kept == {"waiting": 1, "masked": 2}
    assert not any(b"ann@" in bytes(row.body) for row in rows(record_store, schema.messages))


def test_masked_text_is_not_scanned_again(record_store: Store) -> None:
    directory = Assigned()
    runtime = runtime_over(record_store, directory=directory)
    say(Seed(record_store), "ann@example.org", mode=REDACT)
    look(runtime)
    directory.now = Profile((CheckRules(Check.PERSONAL_DATA, threshold=300),))
    requeue(record_store)
    look(runtime)
    assert outcomes(record_store)["personal_data", "found"] == 1


def queue_keys(store: Store) -> list[str]:
    return [row.purpose for row in rows(store, schema.content_keys) if row.purpose.startswith("queue")]


def at(runtime: Runtime, monkeypatch: pytest.MonkeyPatch, *, days: float) -> Runtime:
    moment = clock.now_ns() + int(days * clock.NANOSECONDS_PER_DAY)
    monkeypatch.setattr(clock, "now_ns", lambda: moment)
    return runtime


def test_the_queue_key_dies_with_the_days_queue(record_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = runtime_over(record_store)
    say(Seed(record_store), "ann@example.org", mode=REDACT)
    look(runtime)
    sweeping.sweep(runtime)
    assert queue_keys(record_store) == ["queue"], "the day is not over"
    sweeping.sweep(at(runtime, monkeypatch, days=3))
    assert len(queue_keys(record_store)) == 1
    assert queue_keys(record_store)[0].startswith("queue."), "retired: what is under way may still need it"
    sweeping.sweep(at(runtime, monkeypatch, days=0.1))
    assert queue_keys(record_store) == []


def test_text_that_waits_keeps_its_key(record_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = runtime_over(record_store)
    say(Seed(record_store), "this raises", mode=REDACT)
    look(runtime, times=4)
    assert states(record_store, "message")["dead"] == 1
    sweeping.sweep(at(runtime, monkeypatch, days=3))
    sweeping.sweep(at(runtime, monkeypatch, days=0.1))
    assert queue_keys(record_store) == ["queue"]


def test_text_under_a_key_that_was_retired_meanwhile_is_still_opened(
    record_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    say(seed, "fine", mode=REDACT)
    sender = seed.sender("helpdesk")
    late = seed.trace(sender, mode=REDACT, said=[text("user", "late ann@example.org")])
    look(runtime)
    sweeping.sweep(at(runtime, monkeypatch, days=3))
    assert queue_keys(record_store)[0].startswith("queue.")
    seed.write(sender, late)
    look(runtime)
    assert {row.state for row in rows(record_store, schema.messages)} == {"masked"}


def test_nobody_remembers_the_queue_key_of_a_closed_day(
    record_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = Seed(record_store).keys
    today = clock.epoch_day(clock.now_ns())
    first = keys.key(today, b"s" * 16, KeyPurpose.QUEUE)
    with record_store.engine.begin() as connection:
        connection.execute(sa.delete(schema.content_keys))
    assert keys.key(today, b"s" * 16, KeyPurpose.QUEUE) == first
    moment = clock.now_ns() + 3 * clock.NANOSECONDS_PER_DAY
    monkeypatch.setattr(clock, "now_ns", lambda: moment)
    assert keys.key(today, b"s" * 16, KeyPurpose.QUEUE) != first


# ---- groundedness


def grounded(
    seed: Seed,
    answer: str,
    documents: Sequence[str],
    *,
    mode: CaptureMode = FULL,
    said: Sequence[Message] = (),
) -> bytes:
    """A retrieval and an answer from it."""
    sender = seed.sender("advisor")
    trace_id, root, start = seed.id(16), seed.id(8), seed.start_ns
    agent = seed.span(sender, trace_id=trace_id, span_id=root, kind=SpanKind.AGENT)
    search = seed.span(
        sender, trace_id=trace_id, parent=root, kind=SpanKind.RETRIEVER, mode=mode, start_ns=start + 1, duration_ns=5,
        documents=[Document(content=one) for one in documents],
    )  # fmt: skip
    call = seed.span(
        sender, trace_id=trace_id, parent=root, kind=SpanKind.LLM, mode=mode, start_ns=start + 10,
        said=said or [text("user", "when?")], answered=[text("assistant", answer)],
    )  # fmt: skip
    return seed.write(sender, [agent, search, call])


@pytest.mark.parametrize(
    ("answer", "documents", "outcome", "reason"),
    [
        ("open on monday", ["we are open on monday and tuesday"], "supported", None),
        ("closed on friday", ["we are open on monday"], "unsupported", None),
        ("closed on friday", [], "not_evaluable", "no_context"),
    ],
)
def test_an_answer_is_held_against_its_sources(
    record_store: Store, answer: str, documents: list[str], outcome: str, reason: str | None
) -> None:
    runtime = runtime_over(record_store)
    trace_id = grounded(Seed(record_store), answer, documents)
    look(runtime)
    with record_store.engine.connect() as connection:
        (verdict,) = checks.verdicts_of(connection, trace_id).values()
        covered = checks.coverage(connection, time=EVER)
    assert (verdict.outcome, verdict.reason) == (outcome, reason)
    assert [row.subjects for row in covered if row.check == "groundedness"] == [1]
    if documents:
        (sentence,) = verdict.sentences
        assert sentence["evidence"]["context"].endswith("/0/content")
        assert (sentence["start"], sentence["end"]) == (0, len(answer))
        assert not any(word in json.dumps(verdict.sentences) for word in ("monday", "friday"))


def root_of(store: Store) -> bytes:
    return next(bytes(row.span_id) for row in rows(store, schema.spans) if row.kind == SpanKind.AGENT)


def test_a_source_that_comes_late_changes_the_verdict_and_the_sums(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    trace_id = grounded(seed, "open on monday", [])
    look(runtime)
    other = seed.sender("search")
    late = seed.span(
        other, trace_id=trace_id, parent=root_of(record_store), kind=SpanKind.RETRIEVER, mode=FULL, start_ns=seed.start_ns + 2, duration_ns=3,
        documents=[Document(content="open on monday")],
    )  # fmt: skip
    with record_store.engine.begin() as connection:
        connection.execute(sa.update(schema.check_work).values(due_ns=0))
    seed.write(other, [late])
    look(runtime)
    with record_store.engine.connect() as connection:
        (verdict,) = checks.verdicts_of(connection, trace_id).values()
        covered = {
            row.outcome: row.subjects
            for row in checks.coverage(connection, time=EVER)
            if row.check == "groundedness"
        }
    assert (verdict.outcome, covered) == ("supported", {"supported": 1})


def test_an_answer_that_waits_to_be_masked_is_judged_on_its_masked_text(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    trace_id = grounded(
        Seed(record_store), "ann@example.org is open", ["ann@example.org is open"], mode=REDACT
    )
    settle(record_store)
    chunk = record_store.transact(
        lambda connection: checking.lease(connection, "trace", now_ns=clock.now_ns(), terms=QUICK.terms)
    )
    assert chunk is not None
    from guardrails.services.judging import judge_chunk

    assert runtime.grounding is not None
    assert len(judge_chunk(runtime, runtime.grounding, chunk).waiting) == 1
    assert rows(record_store, schema.verdicts) == []
    assert {row.attempts for row in rows(record_store, schema.check_work)} == {0}
    look(runtime, times=2)
    with record_store.engine.connect() as connection:
        (verdict,) = checks.verdicts_of(connection, trace_id).values()
    assert verdict.outcome != "not_evaluable"


def test_an_answer_whose_text_was_not_kept_beside_one_whose_text_was_says_so(record_store: Store) -> None:
    runtime = runtime_over(record_store)
    seed = Seed(record_store)
    sender = seed.sender("advisor")
    trace_id = seed.id(16)
    kept = seed.span(
        sender, trace_id=trace_id, kind=SpanKind.LLM, mode=FULL, said=[text("user", "one")],
        answered=[text("assistant", "first")],
    )  # fmt: skip
    hashed = seed.span(
        sender, trace_id=trace_id, kind=SpanKind.LLM, said=[text("user", "two")],
        answered=[text("assistant", "second")],
    )  # fmt: skip
    seed.write(sender, [kept, hashed])
    look(runtime)
    with record_store.engine.connect() as connection:
        verdicts = checks.verdicts_of(connection, trace_id)
    assert verdicts[hashed.columns["span_id"]].reason == "content_not_kept"
    assert verdicts[kept.columns["span_id"]].reason == "no_context"


def test_a_judgement_under_another_profile_takes_the_place_of_the_first(record_store: Store) -> None:
    directory = Assigned()
    runtime = runtime_over(record_store, directory=directory)
    grounded(Seed(record_store), "open on monday", ["open on monday"])
    look(runtime)
    directory.now = Profile((replace(CheckRules(Check.GROUNDEDNESS), threshold=700),))
    requeue(record_store)
    look(runtime)
    assert len(rows(record_store, schema.verdicts)) == 1
    hours = [row for row in rows(record_store, schema.check_hours) if row.check == "groundedness"]
    assert sum(row.subjects for row in hours) == 1
