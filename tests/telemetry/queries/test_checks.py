"""Coverage, findings, lag: asked of rows that are written here as they stand."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from telemetry import schema
from telemetry.queries import checks
from telemetry.queries.bounds import SenderWindow, TimeRange
from telemetry.queries.checks import Covered, Found, Per
from telemetry.store import Store

pytestmark = pytest.mark.database

HOUR_NS = 3600 * 10**9
ADA, BOB = b"a" * 16, b"b" * 16
DAY = 20_000
FIRST = DAY * 24
WHEN = TimeRange(FIRST * HOUR_NS, (FIRST + 48) * HOUR_NS)


def put(store: Store, table: sa.Table, *rows: dict[str, Any]) -> None:
    with store.engine.begin() as connection:
        connection.execute(sa.insert(table), list(rows))


def hour(at: int, sender: bytes, outcome: str, subjects: int, check: str = "personal_data") -> dict[str, Any]:
    return {
        "hour": FIRST + at, "sender_id": sender, "check": check, "outcome": outcome, "shadow": False,
        "subjects": subjects,
    }  # fmt: skip


def found(at: int, sender: bytes, kind: str, findings: int, messages: int) -> dict[str, Any]:
    return {
        "hour": FIRST + at, "sender_id": sender, "check": "personal_data", "type": kind, "direction": "input",
        "findings": findings, "messages": messages,
    }  # fmt: skip


def work(subject: bytes, state: str, *, due: int = 0, sender: bytes = ADA, **more: Any) -> dict[str, Any]:
    return {
        "kind": "message", "day": DAY, "sender_id": sender, "subject": subject, "state": state, "priority": 0,
        "due_ns": due, "attempts": 1, "lease": None, "reason": None, "queued_ns": 5, "finished_ns": None,
    } | more  # fmt: skip


@pytest.fixture
def told(record_store: Store) -> Store:
    put(
        record_store,
        schema.check_hours,
        hour(0, ADA, "clean", 3),
        hour(0, ADA, "found", 2),
        hour(25, ADA, "clean", 4),
        hour(1, BOB, "clean", 5),
        hour(2, BOB, "failed", 0),
        hour(60, BOB, "clean", 100),
    )
    put(record_store, schema.finding_hours, found(0, ADA, "PERSON", 4, 2), found(30, BOB, "PERSON", 1, 1))
    return record_store


@pytest.mark.parametrize(
    ("per", "expected"),
    [
        (Per.ALL, {(None, "clean"): 12, (None, "found"): 2}),
        (Per.SENDER, {(ADA, "clean"): 7, (ADA, "found"): 2, (BOB, "clean"): 5}),
        (Per.DAY, {(DAY, "clean"): 8, (DAY, "found"): 2, (DAY + 1, "clean"): 4}),
        (
            Per.HOUR,
            {
                (FIRST, "clean"): 3,
                (FIRST, "found"): 2,
                (FIRST + 1, "clean"): 5,
                (FIRST + 25, "clean"): 4,
            },
        ),
    ],
)
def test_coverage_is_summed_by_what_was_asked(
    told: Store, per: Per, expected: dict[tuple[Any, str], int]
) -> None:
    with told.engine.connect() as connection:
        rows = checks.coverage(connection, time=WHEN, per=per)
    assert {(row.group, row.outcome): row.subjects for row in rows} == expected


def test_a_reader_sees_the_coverage_of_what_a_sender_was_then(told: Store) -> None:
    scope = (SenderWindow(ADA, until_ns=(FIRST + 24) * HOUR_NS),)
    with told.engine.connect() as connection:
        rows = checks.coverage(connection, time=WHEN, visible=scope)
        assert checks.coverage(connection, time=WHEN, visible=()) == []
    assert rows == [
        Covered(None, "personal_data", "clean", False, 3),
        Covered(None, "personal_data", "found", False, 2),
    ]


def test_findings_are_summed_by_type(told: Store) -> None:
    with told.engine.connect() as connection:
        assert checks.findings_by_type(connection, time=WHEN) == [
            Found(None, "personal_data", "PERSON", "input", 5, 3)
        ]
        per_day = checks.findings_by_type(connection, time=WHEN, per=Per.DAY)
    assert [(row.group, row.findings) for row in per_day] == [(DAY, 4), (DAY + 1, 1)]


def test_lag_counts_what_is_due_what_is_later_and_what_was_given_up(record_store: Store) -> None:
    put(
        record_store,
        schema.check_work,
        work(b"1" * 32, "pending", due=100),
        work(b"2" * 32, "retry", due=200),
        work(b"3" * 32, "pending", due=5000),
        work(b"4" * 32, "leased", due=300),
        work(b"5" * 32, "done", finished_ns=7),
        work(b"6" * 32, "dead", finished_ns=8, reason="the process died", sender=BOB),
    )
    with record_store.engine.connect() as connection:
        lag = checks.lag(connection, now_ns=1000)
        mine = checks.lag(connection, now_ns=1000, visible=(SenderWindow(BOB),))
        dead = checks.dead_work(connection)
        assert checks.dead_work(connection, visible=(SenderWindow(ADA),)) == []
        assert checks.waiting(connection, time=WHEN) == {None: {"message": 4}}
        assert checks.waiting(connection, time=WHEN, per=Per.SENDER) == {ADA: {"message": 4}}
    assert (lag.oldest_due_ns, lag.due.number, lag.later.number, lag.dead.number) == (100, 2, 1, 1)
    assert {key: count.number for key, count in lag.open.items() if count.number} == {
        ("message", "pending"): 2,
        ("message", "retry"): 1,
        ("message", "leased"): 1,
    }
    assert (mine.oldest_due_ns, mine.due.number, mine.dead.number) == (None, 0, 1)
    assert [(item.subject, item.reason, item.sender_id) for item in dead] == [
        (b"6" * 32, "the process died", BOB)
    ]
