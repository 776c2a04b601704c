"""Verbs on what no price list knows: cost profiles of machines, seats, exchange rates, and how months are told."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.models import CostProfile, CostSettings
from inventory.services.nouns import COST_PROFILE, COST_SETTINGS, EXCHANGE_RATE, SEAT_PRICE
from inventory.services.writing import change, insert, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class CostProfileFields(TypedDict, total=False):
    endpoint: uuid.UUID
    basis: str
    currency: str
    machines: int
    slots: int
    availability: Decimal
    purchase_price: Decimal | None
    life_years: Decimal | None
    rent_per_hour: Decimal | None
    power_watts: int | None
    tariff: Decimal | None
    pue: Decimal
    fixed_per_hour: Decimal
    valid_from: datetime | None
    valid_until: datetime | None
    note: str


class SeatPriceFields(TypedDict, total=False):
    name: str
    system: uuid.UUID | None
    vendor: uuid.UUID | None
    currency: str
    price_per_month: Decimal
    seats: int
    valid_from: datetime | None
    valid_until: datetime | None
    note: str


class ExchangeRateFields(TypedDict, total=False):
    currency: str
    day: date
    usd_per_unit: Decimal
    source: str


class CostSettingsFields(TypedDict, total=False):
    currency: str
    zone: str


@verb("inventory.cost_profile.register")
def register_cost_profile(
    actor: Actor, *, reason: str = "", **fields: Unpack[CostProfileFields]
) -> uuid.UUID:
    """Say what an hour of a machine behind an endpoint costs. Raises Invalid where another profile holds then."""
    row = insert(COST_PROFILE, actor, fields, reason=reason)
    _refuse_overlap(row)
    return row.pk


@verb("inventory.cost_profile.edit")
def edit_cost_profile(
    actor: Actor,
    profile_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[CostProfileFields],
) -> int:
    """Change a cost profile; returns the new version. Calls priced before keep their price."""
    row = change(COST_PROFILE, actor, profile_id, fields, version=version, reason=reason)
    _refuse_overlap(row)
    return row.version


@verb("inventory.cost_profile.retire")
def retire_cost_profile(actor: Actor, profile_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a cost profile back. To say that it held until a day, edit its end instead."""
    return retire(COST_PROFILE, actor, profile_id, version=version, reason=reason).version


@verb("inventory.seat_price.register")
def register_seat_price(actor: Actor, *, reason: str = "", **fields: Unpack[SeatPriceFields]) -> uuid.UUID:
    """Say what seats of bought AI cost per month."""
    return insert(SEAT_PRICE, actor, fields, reason=reason).pk


@verb("inventory.seat_price.edit")
def edit_seat_price(
    actor: Actor,
    seat_price_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[SeatPriceFields],
) -> int:
    """Change a seat price; returns the new version."""
    return change(SEAT_PRICE, actor, seat_price_id, fields, version=version, reason=reason).version


@verb("inventory.seat_price.retire")
def retire_seat_price(actor: Actor, seat_price_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a seat price back. To say that it held until a day, edit its end instead."""
    return retire(SEAT_PRICE, actor, seat_price_id, version=version, reason=reason).version


@verb("inventory.exchange_rate.register")
def register_exchange_rate(
    actor: Actor, *, reason: str = "", **fields: Unpack[ExchangeRateFields]
) -> uuid.UUID:
    """Say how many US dollars one unit of a currency is, from a day on."""
    return insert(EXCHANGE_RATE, actor, fields, reason=reason).pk


@verb("inventory.exchange_rate.edit")
def edit_exchange_rate(
    actor: Actor,
    rate_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[ExchangeRateFields],
) -> int:
    """Correct an exchange rate; returns the new version."""
    return change(EXCHANGE_RATE, actor, rate_id, fields, version=version, reason=reason).version


@verb("inventory.exchange_rate.retire")
def retire_exchange_rate(actor: Actor, rate_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take an exchange rate back: the one before it holds on."""
    return retire(EXCHANGE_RATE, actor, rate_id, version=version, reason=reason).version


@verb("inventory.cost_settings.choose")
def choose_cost_settings(
    actor: Actor, *, version: int | None = None, reason: str = "", **fields: Unpack[CostSettingsFields]
) -> int:
    """Choose the currency in which costs are shown, and the zone in which months begin; returns the new version."""
    row = CostSettings.objects.first()
    if row is None:
        return insert(COST_SETTINGS, actor, fields, reason=reason).version
    return change(COST_SETTINGS, actor, row.pk, fields, version=version, reason=reason).version


def _refuse_overlap(row: CostProfile) -> None:
    """At any moment one profile says what an endpoint's machine costs; the verb's transaction takes the row back."""
    others = CostProfile.objects.filter(endpoint=row.endpoint_id, retired_at__isnull=True).exclude(pk=row.pk)
    if any(_overlap(row, other) for other in others):
        problem = _("Another cost profile of this endpoint holds at that time. End it first.")
        raise Invalid(problem, code="overlap", fields={"valid_from": [problem]})


def _overlap(one: CostProfile, other: CostProfile) -> bool:
    return _before(one.valid_from, other.valid_until) and _before(other.valid_from, one.valid_until)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end
