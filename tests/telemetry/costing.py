"""Hourly sums of costs as ingest leaves them, said in a few words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from telemetry.schema import cost_hours
from telemetry.store import Store


def cost_row(*, hour: int, sender_id: bytes, **said: Any) -> dict[str, Any]:
    """One row of `cost_hours`: one priced call of a list model, but for what is said."""
    plain = {
        "provider": "openai",
        "model": "gpt-x",
        "endpoint_address": "",
        "environment": "production",
        "cost_status": "priced",
        "cost_basis": "list",
        "calls": 1,
        "input_tokens": 100,
        "output_tokens": 20,
        "cost_nano_usd": 1_000_000,
    }
    zeros = {column.name: 0 for column in cost_hours.c if isinstance(column.type, sa.BigInteger)}
    return {**zeros, **plain, "hour": hour, "sender_id": sender_id, **said}


def clear_costs(store: Store) -> None:
    """Take away what the spans of the test's own world cost."""
    with store.engine.begin() as connection:
        connection.execute(sa.delete(cost_hours))


def write_costs(store: Store, rows: Sequence[dict[str, Any]]) -> None:
    """Put rows into the sums."""
    with store.engine.begin() as connection:
        connection.execute(sa.insert(cost_hours), list(rows))
