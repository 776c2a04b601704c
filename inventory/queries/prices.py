"""Reading the price book."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from django.db.models import Max

from inventory.domain.prices import Book, Entry, rate, rates_from_json
from inventory.models import OwnPrice, PriceBook, PriceEntry
from inventory.models.prices import AMOUNTS
from inventory.queries.columns import columns, relation
from inventory.queries.listing import By, Filter, Listing, Ref, one, ref
from inventory.queries.values import Relation
from kernel.actor import Actor
from kernel.contracts.pricing import PriceBasis, PricedUnit, Rate

_UNITS = {
    "input_price": (PricedUnit.INPUT, 1_000_000),
    "output_price": (PricedUnit.OUTPUT, 1_000_000),
    "cache_read_price": (PricedUnit.CACHE_READ, 1_000_000),
    "cache_write_price": (PricedUnit.CACHE_WRITE, 1_000_000),
    "reasoning_price": (PricedUnit.REASONING, 1_000_000),
    "request_price": (PricedUnit.REQUEST, 1),
    "unit_price": (PricedUnit.INFERENCE_UNIT, 1),
}


def newest_book() -> PriceBook | None:
    """The edition in force: the one imported last."""
    return PriceBook.objects.order_by("-imported_at").first()


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPriceRow(Relation):
    """What the organisation pays for a model; amounts in US dollars, None where nothing is said."""

    provider: str
    model: str
    endpoint: Ref | None
    input_price: Decimal | None
    output_price: Decimal | None
    cache_read_price: Decimal | None
    cache_write_price: Decimal | None
    reasoning_price: Decimal | None
    request_price: Decimal | None
    unit_price: Decimal | None
    note: str
    currency: str = "USD"


def _own_row(row: OwnPrice, _extras: object = None) -> OwnPriceRow:
    return OwnPriceRow(
        **relation(row), **columns(row, "provider", "model", *AMOUNTS, "note"), endpoint=ref(row.endpoint)
    )


OWN_PRICES = Listing(
    lambda: OwnPrice.objects.select_related("endpoint"),
    _own_row,
    filters={"provider": Filter("provider"), "endpoint": Filter("endpoint_id", By.ID)},
    search=("provider", "model", "note"),
    orders={"model": "model", "provider": "provider", "since": "valid_from", "until": "valid_until",
            "updated": "updated_at", "created": "created_at"},
    default_order="model",
)  # fmt: skip


def own_price_detail(actor: Actor, price_id: uuid.UUID) -> OwnPriceRow:
    """An own price. Raises NotFound."""
    return one(OWN_PRICES, actor, price_id)


def load_book() -> Book:
    """The edition in force with the organisation's own prices over it. Three queries."""
    edition = newest_book()
    entries = [_own(row) for row in _own_rows()]
    if edition is not None:
        entries += [_listed(row) for row in PriceEntry.objects.filter(book=edition).order_by("position")]
    return Book(entries, edition.fallbacks if edition else None)


def prices_changed() -> object:
    """A stamp that is another one after every change of a price. Two queries."""
    own = OwnPrice.objects.aggregate(at=Max("updated_at"))["at"]
    books = PriceBook.objects.aggregate(at=Max("imported_at"))["at"]
    return own, books


def own_rates(row: OwnPrice) -> tuple[Rate, ...]:
    """An own price as rates."""
    return tuple(
        rate(unit, value, per=per)
        for name, (unit, per) in _UNITS.items()
        if (value := getattr(row, name)) is not None
    )


def _own_rows() -> list[OwnPrice]:
    return list(
        OwnPrice.objects.filter(retired_at__isnull=True).select_related("endpoint").order_by("created_at")
    )


def _own(row: OwnPrice) -> Entry:
    name = row.model
    return Entry(
        id=row.pk.bytes,
        provider=row.provider.lower(),
        model=name,
        match={"starts_with": name[:-1]} if name.endswith("*") else {"equals": name},
        context="",
        rates=own_rates(row),
        valid_from=_day(row.valid_from),
        valid_until=_day(row.valid_until),
        basis=PriceBasis.OWN,
        host=row.endpoint.host if row.endpoint is not None else "",
    )


def _listed(row: PriceEntry) -> Entry:
    return Entry(
        id=row.pk.bytes,
        provider=row.provider,
        model=row.model,
        match=row.match,
        context=row.context,
        rates=rates_from_json(row.rates),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.astimezone(UTC).date()
