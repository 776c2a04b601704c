"""The record as evidence: every row of the period that one may read, with what its sender was then."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from audit.evidence import Scope, all_datasets
from kernel import clock
from telemetry import schema
from tests.cast import AGNES, only_in
from tests.telemetry.seeding import NOW

pytestmark = pytest.mark.database
HOUR = clock.epoch_hour(NOW)
DATASETS = ("guardrails.coverage", "guardrails.findings", "guardrails.verdicts")


def read(name: str, actor=AGNES, **words) -> list[dict]:
    now = clock.from_ns(NOW) + timedelta(hours=2)
    scope = Scope(
        actor, words.get("as_of", now), words.get("start", now - timedelta(days=2)), words.get("end", now)
    )
    dataset = next(item for item in all_datasets() if item.name == name)
    table = dataset.read(scope)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.fixture
def costs(world):
    """Two hours of spending by the clinic, one by a shop."""
    zero = {column.name: 0 for column in schema.cost_hours.columns if isinstance(column.type, sa.BigInteger)}
    keys = {"provider": "openai", "model": "gpt-4o", "endpoint_address": "", "environment": "production",
            "cost_status": "priced", "cost_basis": "list"}  # fmt: skip
    rows = [
        {**zero, **keys, "hour": hour, "sender_id": sender.sender_id(), "calls": 3, "cost_nano_usd": 2**60}
        for hour, sender in ((HOUR - 1, world.clinic), (HOUR, world.clinic), (HOUR, world.shop))
    ]
    with world.seed.store.writing() as connection:
        connection.execute(sa.delete(schema.cost_hours))
        connection.execute(sa.insert(schema.cost_hours), rows)
    return world


def test_costs_say_who_spent_what_and_where(costs):
    rows = read("record.costs")

    assert len(rows) == 3
    assert {row["cost_nano_usd"] for row in rows} == {2**60}
    clinic = next(row for row in rows if row["sender"] == costs.clinic.sender_id().hex())
    assert clinic["deployment_id"] == str(costs.estate.radiology_live)
    assert clinic["tier"]


def test_an_asker_of_one_unit_gets_its_rows_alone(costs):
    rows = read("record.costs", only_in(AGNES, costs.estate.shops))
    assert {row["sender"] for row in rows} == {costs.shop.sender_id().hex()}


def test_a_period_is_half_open_and_nothing_is_later_than_its_moment(costs):
    middle = clock.from_ns(HOUR * clock.NANOSECONDS_PER_HOUR)
    assert len(read("record.costs", end=middle)) == 1
    assert len(read("record.costs", start=middle)) == 2
    assert len(read("record.costs", as_of=middle)) == 1


@pytest.mark.parametrize("name", DATASETS)
def test_every_dataset_of_the_record_can_be_read_where_nothing_is_in_it(world, name):
    assert read(name) == []
