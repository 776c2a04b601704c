"""What no price list knows, and how much may be spent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from demo.estate.known import Known, absent
from demo.estate.reading import Row, rows, some
from governance.models import Budget
from governance.services import budgets
from inventory import models, services
from inventory.services.prices import register_own_price
from kernel import clock
from kernel.actor import Actor

_DECIMALS = (
    "availability", "purchase_price", "life_years", "rent_per_hour", "tariff", "pue", "fixed_per_hour",
    "price_per_month", "amount", "input_price", "output_price", "cache_read_price",
)  # fmt: skip


def build(actor: Actor, known: Known) -> None:
    """Currency and month, rates, machines, seats, budgets."""
    for row in rows("costs", "settings"):
        if absent(models.CostSettings):
            services.choose_cost_settings(actor, **row)
    for row in rows("costs", "rates"):
        _rates(actor, row)
    for row in rows("costs", "profiles"):
        _profile(actor, known, row)
    for row in rows("costs", "seats"):
        _seats(actor, known, row)
    for row in rows("costs", "own_prices"):
        if absent(models.OwnPrice, note=row["note"]):
            register_own_price(actor, **_exact(row))
    for row in rows("costs", "budgets"):
        _budget(actor, known, row)


def _exact(row: Row) -> Row:
    return {name: Decimal(value) if name in _DECIMALS else value for name, value in row.items()}


def _rates(actor: Actor, row: Row) -> None:
    if not absent(models.ExchangeRate, currency=row["currency"]):
        return  # their days count from the day of the first run
    today = clock.now().date()
    for one in row["days"]:
        services.register_exchange_rate(
            actor,
            currency=row["currency"],
            day=today - timedelta(days=one["days_ago"]),
            usd_per_unit=Decimal(one["usd_per_unit"]),
            source=row["source"],
        )


def _profile(actor: Actor, known: Known, row: Row) -> None:
    endpoint = known.endpoints[row["endpoint"]]
    if absent(models.CostProfile, endpoint=endpoint):
        services.register_cost_profile(actor, **(_exact(row) | {"endpoint": endpoint}))


def _seats(actor: Actor, known: Known, row: Row) -> None:
    fields = _exact(row) | {"system": known.systems[row["system"]], "vendor": known.entities[row["vendor"]]}
    if absent(models.SeatPrice, name=row["name"]):
        services.register_seat_price(actor, **fields)


def _budget(actor: Actor, known: Known, row: Row) -> None:
    fields = some(_exact(row), "name", "slug", "scope", "tier", "amount", "currency", "thresholds", "note")
    for name, ids in (("system", known.systems), ("unit", known.units), ("owner", known.people)):
        if name in row:
            fields[name] = ids[row[name]]
    if absent(Budget, slug=row["slug"]):
        budgets.register_budget(actor, **fields)
