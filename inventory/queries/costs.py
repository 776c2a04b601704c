"""Reads of cost profiles, seat prices, exchange rates and cost settings."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q

from inventory import models
from inventory.domain.costs import Hardware, Rate, Rates, hourly_rate
from inventory.domain.words import EntityRole
from inventory.queries.columns import base, columns, open_now, relation
from inventory.queries.listing import By, Filter, Listing, Ref, named, one, ref, visible
from inventory.queries.values import Relation, Row
from kernel.actor import Actor

MOST_PROFILES = 5_000
MOST_SEATS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CostProfileRow(Relation):
    """What an hour of a machine behind an endpoint costs; `rate` is that hour in units of the currency, exactly."""

    endpoint: Ref
    unit: Ref | None
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
    note: str

    @property
    def hardware(self) -> Hardware:
        """The profile as the rules take it."""
        return Hardware(
            purchase_price=self.purchase_price,
            life_years=self.life_years,
            rent_per_hour=self.rent_per_hour,
            availability=self.availability,
            power_watts=self.power_watts,
            tariff=self.tariff,
            pue=self.pue,
            fixed_per_hour=self.fixed_per_hour,
        )

    @property
    def rate(self) -> Fraction:
        """A planned hour of one machine, in units of the currency."""
        return hourly_rate(self.hardware)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPriceRow(Relation):
    name: str
    system: Ref | None
    unit: Ref | None
    vendor: Ref | None
    currency: str
    price_per_month: Decimal
    seats: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeRateRow(Row):
    currency: str
    day: date
    usd_per_unit: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class CostSettingsRow:
    """The reporting currency, and the zone in which months begin. `id` and `version` are None while nobody chose."""

    currency: str = "USD"
    zone: str = "UTC"
    id: uuid.UUID | None = None
    version: int | None = None

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone as the clock takes it."""
        return _zone(self.zone)


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _profile(row: models.CostProfile, _extras: object = None) -> CostProfileRow:
    fields = columns(
        row, "basis", "currency", "machines", "slots", "availability", "purchase_price", "life_years",
        "rent_per_hour", "power_watts", "tariff", "pue", "fixed_per_hour", "note",
    )  # fmt: skip
    return CostProfileRow(
        **relation(row), **fields, endpoint=named(row.endpoint), unit=ref(row.endpoint.unit)
    )


def _seats(row: models.SeatPrice, _extras: object = None) -> SeatPriceRow:
    fields = columns(row, "name", "currency", "price_per_month", "seats", "note")
    unit = row.system.unit if row.system is not None else None
    return SeatPriceRow(
        **relation(row), **fields, system=ref(row.system), vendor=ref(row.vendor), unit=ref(unit)
    )


def _rate(row: models.ExchangeRate, _extras: object = None) -> ExchangeRateRow:
    return ExchangeRateRow(**base(row), **columns(row, "currency", "day", "usd_per_unit", "source"))


_DATES = {"since": "valid_from", "until": "valid_until", "updated": "updated_at", "created": "created_at"}
COST_PROFILES = Listing(
    lambda: models.CostProfile.objects.select_related("endpoint__unit"),
    _profile,
    unit_path="endpoint__unit_id",
    filters={
        "endpoint": Filter("endpoint_id", By.ID),
        "basis": Filter("basis"),
        "currency": Filter("currency"),
        "unit": Filter("endpoint__unit_id", By.UNIT),
    },
    search=("endpoint__name", "note"),
    orders={**_DATES, "endpoint": "endpoint__name", "machines": "machines"},
    default_order="endpoint",
)
SEAT_PRICES = Listing(
    lambda: models.SeatPrice.objects.select_related("system__unit", "vendor"),
    _seats,
    unit_path="system__unit_id",
    filters={
        "system": Filter("system_id", By.ID),
        "vendor": Filter("vendor_id", By.ID),
        "currency": Filter("currency"),
        "unit": Filter("system__unit_id", By.UNIT),
    },
    search=("name", "system__name", "vendor__name", "note"),
    orders={**_DATES, "name": "name", "system": "system__name", "vendor": "vendor__name", "seats": "seats"},
)
EXCHANGE_RATES = Listing(
    models.ExchangeRate.objects.all,
    _rate,
    filters={"currency": Filter("currency")},
    search=("currency", "source"),
    orders={"day": "day", "currency": "currency", "updated": "updated_at", "created": "created_at"},
    default_order="-day",
)


def cost_profile_detail(actor: Actor, profile_id: uuid.UUID) -> CostProfileRow:
    """A cost profile. Raises NotFound."""
    return one(COST_PROFILES, actor, profile_id)


def seat_price_detail(actor: Actor, seat_price_id: uuid.UUID) -> SeatPriceRow:
    """A seat price. Raises NotFound."""
    return one(SEAT_PRICES, actor, seat_price_id)


def exchange_rate_detail(actor: Actor, rate_id: uuid.UUID) -> ExchangeRateRow:
    """An exchange rate. Raises NotFound."""
    return one(EXCHANGE_RATES, actor, rate_id)


def cost_settings() -> CostSettingsRow:
    """The settings in force; US dollars and UTC while nobody chose others. One query."""
    row = models.CostSettings.objects.first()
    return CostSettingsRow() if row is None else CostSettingsRow(row.currency, row.zone, row.pk, row.version)


def exchange_rates() -> Rates:
    """All exchange rates in force. One query."""
    rows = models.ExchangeRate.objects.filter(retired_at__isnull=True)
    return Rates(Rate(*row) for row in rows.values_list("currency", "day", "usd_per_unit"))


def profiles_during(
    actor: Actor, start: datetime, end: datetime, *, endpoints: Collection[uuid.UUID] | None = None
) -> list[CostProfileRow]:
    """The cost profiles that held at some time from `start` to `end`, of endpoints that the actor may see.

    A profile ends with its endpoint. One query, at most MOST_PROFILES rows.
    """
    rows = visible(actor, _during(COST_PROFILES.rows(), start, end), "endpoint__unit_id")
    if endpoints is not None:
        rows = rows.filter(endpoint__in=endpoints)
    kept = rows.exclude(endpoint__retired_at__lte=start).order_by("endpoint__name", "valid_from", "pk")
    return [_ended(row) for row in kept[:MOST_PROFILES]]


def profiles_in_force() -> list[CostProfileRow]:
    """Every cost profile that was not taken back, of all times: what prices calls. One query, for the installation."""
    return [_ended(row) for row in COST_PROFILES.rows().filter(retired_at__isnull=True).order_by("pk")]


def _ended(row: models.CostProfile) -> CostProfileRow:
    ends = [moment for moment in (row.valid_until, row.endpoint.retired_at) if moment is not None]
    row.valid_until = min(ends, default=None)
    return _profile(row)


def seats_during(
    actor: Actor,
    start: datetime,
    end: datetime,
    *,
    systems: Collection[uuid.UUID] | None = None,
    whole: bool = False,
) -> list[SeatPriceRow]:
    """The seat prices that held at some time from `start` to `end`: those that the actor may see, or of some systems.

    `whole` leaves nothing out of the organisation's own and is for those who may see all of it; others get what belongs
    to a system of their units alone. One query.
    """
    rows = visible(actor, _during(SEAT_PRICES.rows(), start, end), "system__unit_id")
    if not whole:
        rows = rows.filter(system__unit__isnull=False)
    if systems is not None:
        rows = rows.filter(system__in=systems)
    return [_seats(row) for row in rows.order_by("name", "pk")[:MOST_SEATS]]


def _during(rows: Any, start: datetime, end: datetime) -> Any:
    begun = Q(valid_from__isnull=True) | Q(valid_from__lt=end)
    going = Q(valid_until__isnull=True) | Q(valid_until__gt=start)
    return rows.filter(begun, going, retired_at__isnull=True)


def deployers_of(actor: Actor, systems: Collection[uuid.UUID]) -> dict[uuid.UUID, tuple[Ref, ...]]:
    """The legal entities that deploy each of these systems now, those of our own first; a system without is missing.

    One query. The deployer uses the system under its authority (AI Act, Article 3(4)): it is who pays for its use.
    """
    roles = models.SystemRole.objects.filter(
        open_now(), system__in=systems, role=EntityRole.DEPLOYER
    ).select_related("entity")
    found: defaultdict[uuid.UUID, list[Ref]] = defaultdict(list)
    for role in visible(actor, roles, "system__unit_id").order_by("-entity__is_own", "entity__name"):
        found[role.system_id].append(named(role.entity))
    return {system: tuple(dict.fromkeys(entities)) for system, entities in found.items()}


_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1", "[::1]", "0.0.0.0"})  # noqa: S104  # compared, never bound


def endpoints_by_address() -> Callable[[str | None], uuid.UUID | None]:
    """Finds the one endpoint of the register at an address. One query.

    The answer is None for the machine itself (localhost is another one everywhere) and for what several share. The port
    may be left out where that is unambiguous.
    """
    rows = models.Endpoint.objects.filter(retired_at__isnull=True).exclude(host="")
    hosts = _by_address(rows.values_list("host", "pk"))

    def find(address: str | None) -> uuid.UUID | None:
        host = (address or "").strip().lower()
        if not host or host in _LOOPBACK or host.rpartition(":")[0] in _LOOPBACK:
            return None
        return hosts.get(host)

    return find


def _by_address(hosts: Iterable[tuple[str, uuid.UUID]]) -> dict[str, uuid.UUID]:
    found: dict[str, set[uuid.UUID]] = {}
    for host, endpoint in hosts:
        whole = host.lower()
        name, _colon, port = whole.rpartition(":")
        for address in {whole, name if name and port.isdigit() else whole}:
            found.setdefault(address, set()).add(endpoint)
    return {address: next(iter(ids)) for address, ids in found.items() if len(ids) == 1}
