"""Sums of what calls cost: the database adds what the page shows, in pieces, split, filtered and scoped."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa

from kernel import clock
from telemetry.queries.bounds import SenderWindow
from telemetry.queries.spending import Hours, SpendBy, Spent, Wanted, spending, values_seen
from telemetry.schema import cost_hours
from telemetry.store import Store
from tests.telemetry.costing import cost_row, write_costs

A, B = b"a" * 16, b"b" * 16
FIRST = 500_000
ALL = Wanted(Hours(FIRST, FIRST + 100))


@pytest.fixture
def rows(record_store: Store) -> list[dict[str, Any]]:
    chance = random.Random(3)
    made = {}
    for _number in range(300):
        row = cost_row(
            hour=FIRST + chance.randrange(100),
            sender_id=chance.choice((A, B)),
            provider=chance.choice(("openai", "mistral_ai", "")),
            model=chance.choice(("small", "large")),
            environment=chance.choice(("production", "test")),
            cost_status=chance.choice(("priced", "unpriced", "unmetered", "cached")),
            cost_basis=chance.choice(("list", "hardware", "")),
            calls=chance.randrange(1, 9),
            cost_nano_usd=chance.randrange(10**12),
            input_tokens=chance.randrange(10**6),
            reported_calls=chance.randrange(2),
            reported_nano_usd=chance.randrange(10**9),
        )
        made[tuple(row[column.name] for column in cost_hours.primary_key)] = row
    write_costs(record_store, list(made.values()))
    return list(made.values())


def total(rows: list[dict[str, Any]], column: str, **where: Any) -> int:
    return sum(row[column] for row in rows if all(row[name] == value for name, value in where.items()))


def read(store: Store, wanted: Wanted, **how: Any) -> list[Any]:
    with store.engine.connect() as connection:
        return spending(connection, wanted, **how)


def test_the_whole_is_the_sum_of_its_rows(record_store: Store, rows: list[dict[str, Any]]) -> None:
    (cell,) = read(record_store, ALL)
    spent = cell.spent
    assert cell.hour == FIRST
    assert spent.calls == total(rows, "calls")
    assert spent.nano_usd == total(rows, "cost_nano_usd")
    assert spent.hardware_nano_usd == total(rows, "cost_nano_usd", cost_basis="hardware")
    assert spent.unpriced_calls == total(rows, "calls", cost_status="unpriced")
    assert spent.unpriced_tokens == total(rows, "input_tokens", cost_status="unpriced") + total(
        rows, "output_tokens", cost_status="unpriced"
    )
    assert spent.priced_calls == total(rows, "calls", cost_status="priced") + spent.cached_calls


@pytest.mark.parametrize(
    "by", [(SpendBy.SENDER,), (SpendBy.PROVIDER, SpendBy.MODEL), (SpendBy.ENVIRONMENT,), tuple(SpendBy)]
)
@pytest.mark.parametrize("cuts", [(), (FIRST + 30,), (FIRST + 10, FIRST + 11, FIRST + 90, FIRST + 400)])
def test_however_it_is_cut_the_parts_make_the_whole(
    record_store: Store, rows: list[dict[str, Any]], by: tuple[SpendBy, ...], cuts: tuple[int, ...]
) -> None:
    (whole,) = read(record_store, ALL)
    parts = read(record_store, ALL, by=by, cuts=cuts)
    assert sum((cell.spent for cell in parts), Spent()) == whole.spent
    assert {cell.hour for cell in parts} <= {FIRST, *cuts}
    hourly = read(record_store, ALL, by=by, hourly=True)
    assert sum((cell.spent for cell in hourly), Spent()) == whole.spent


def test_a_piece_holds_its_own_hours(record_store: Store, rows: list[dict[str, Any]]) -> None:
    first, second = read(record_store, ALL, cuts=(FIRST + 50,))
    assert first.spent.calls == sum(row["calls"] for row in rows if row["hour"] < FIRST + 50)
    assert second.spent.calls == sum(row["calls"] for row in rows if row["hour"] >= FIRST + 50)


def test_only_what_is_wanted_counts(record_store: Store, rows: list[dict[str, Any]]) -> None:
    wanted = Wanted(
        ALL.hours, providers=("openai",), models=("small",), environments=("test",), statuses=("priced",)
    )
    (cell,) = read(record_store, wanted)
    assert cell.spent.calls == total(
        rows, "calls", provider="openai", model="small", environment="test", cost_status="priced"
    )
    (unknown,) = read(record_store, Wanted(ALL.hours, providers=("",)))
    assert unknown.spent.calls == total(rows, "calls", provider="")
    (one,) = read(record_store, Wanted(ALL.hours, senders=(A,)))
    (other,) = read(record_store, Wanted(ALL.hours, without=(A,)))
    assert (one.spent.calls, other.spent.calls) == (
        total(rows, "calls", sender_id=A),
        total(rows, "calls", sender_id=B),
    )


def test_a_scope_is_never_left(record_store: Store, rows: list[dict[str, Any]]) -> None:
    half = (FIRST + 50) * clock.NANOSECONDS_PER_HOUR
    (cell,) = read(record_store, Wanted(ALL.hours, scope=(SenderWindow(A, half, None),)))
    assert cell.spent.calls == sum(
        row["calls"] for row in rows if row["sender_id"] == A and row["hour"] >= FIRST + 50
    )
    assert read(record_store, Wanted(ALL.hours, scope=())) == []


def test_reported_and_computed_are_compared_where_every_call_reported(record_store: Store) -> None:
    write_costs(
        record_store,
        [
            cost_row(hour=FIRST, sender_id=A, model="x", calls=2, cost_nano_usd=10, reported_calls=2, reported_nano_usd=12),
            cost_row(hour=FIRST, sender_id=A, model="y", calls=2, cost_nano_usd=10, reported_calls=1, reported_nano_usd=99),
            cost_row(
                hour=FIRST, sender_id=A, model="z", calls=1, cost_nano_usd=0, reported_calls=1, reported_nano_usd=5,
                cost_status="unpriced",
            ),
        ],
    )  # fmt: skip
    (cell,) = read(record_store, ALL)
    assert (cell.spent.compared_calls, cell.spent.compared_nano_usd) == (2, 10)
    assert cell.spent.reported_compared_nano_usd == 12
    assert cell.spent.reported_nano_usd == 116


def test_what_adjustments_brought_to_nothing_is_not_shown(record_store: Store) -> None:
    write_costs(
        record_store,
        [cost_row(hour=FIRST, sender_id=A, calls=0, input_tokens=0, output_tokens=0, cost_nano_usd=0)],
    )
    assert read(record_store, ALL, by=(SpendBy.SENDER,)) == []


def test_the_values_that_were_seen_include_the_unknown(
    record_store: Store, rows: list[dict[str, Any]]
) -> None:
    with record_store.engine.connect() as connection:
        assert values_seen(connection, SpendBy.PROVIDER, hours=ALL.hours, scope=None) == [
            "",
            "mistral_ai",
            "openai",
        ]
        assert values_seen(connection, SpendBy.MODEL, hours=ALL.hours, scope=()) == []
        assert connection.execute(sa.select(sa.func.count()).select_from(cost_hours)).scalar_one() == len(
            rows
        )
