"""Verbs on prices: importing a list of them, and saying what the organisation really pays."""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime
from decimal import Decimal
from typing import TypedDict, Unpack

from audit.domain import Change, Target
from audit.services import record, unchanged, verb
from inventory.adapters import genai_prices
from inventory.domain.prices import rates_to_json
from inventory.models import PriceBook, PriceEntry
from inventory.services.nouns import OWN_PRICE
from inventory.services.writing import change, end, insert, retire
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.canonical import canonical_json

_AT_ONCE = 500


class OwnPriceFields(TypedDict, total=False):
    provider: str
    model: str
    endpoint: uuid.UUID | None
    input_price: Decimal | None
    output_price: Decimal | None
    cache_read_price: Decimal | None
    cache_write_price: Decimal | None
    reasoning_price: Decimal | None
    request_price: Decimal | None
    unit_price: Decimal | None
    valid_from: datetime | None
    valid_until: datetime | None
    note: str


@verb("inventory.price_book.import")
def import_price_book(actor: Actor) -> uuid.UUID:
    """Take the prices of the installed package into the register, as an edition of their own; returns its id.

    An edition that is there already is left alone. Earlier editions stay; what they priced stays priced by them.
    """
    actor.require(Permission.PRICES_MANAGE, unit=None)
    edition = genai_prices.read()
    rows = [_row(item) for item in edition.entries]
    digest = hashlib.sha256(canonical_json([rows, edition.fallbacks])).hexdigest()
    known = PriceBook.objects.filter(digest=digest).first()
    if known is not None:
        unchanged()
        return known.pk
    book = PriceBook.objects.create(
        source=genai_prices.SOURCE,
        edition=edition.edition,
        digest=digest,
        fallbacks=edition.fallbacks,
        left_out=[f"{count} × {what}" for what, count in sorted(edition.left_out.items())],
        entry_count=len(rows),
        imported_at=clock.now(),
    )
    PriceEntry.objects.bulk_create(
        (PriceEntry(book=book, position=at, **row) for at, row in enumerate(rows)), batch_size=_AT_ONCE
    )
    record(
        actor,
        target=Target(type="inventory.price_book", id=str(book.pk), label=str(book)),
        changes=(
            Change("edition", None, f"{book.source} {book.edition}"),
            Change("entries", None, len(rows)),
            Change("sha256", None, digest),
        ),
    )
    return book.pk


@verb("inventory.own_price.register")
def register_own_price(actor: Actor, *, reason: str = "", **fields: Unpack[OwnPriceFields]) -> uuid.UUID:
    """Say what the organisation pays for a model, over whatever the list says, from a moment on."""
    return insert(OWN_PRICE, actor, fields, reason=reason).pk


@verb("inventory.own_price.edit")
def edit_own_price(
    actor: Actor,
    price_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[OwnPriceFields],
) -> int:
    """Correct an own price; returns the new version. Calls priced before keep their price."""
    return change(OWN_PRICE, actor, price_id, fields, version=version, reason=reason).version


@verb("inventory.own_price.end")
def end_own_price(
    actor: Actor, price_id: uuid.UUID, *, at: datetime | None = None, version: int | None, reason: str
) -> int:
    """End an own price at a moment (now); the list holds from then on."""
    return end(OWN_PRICE, actor, price_id, at=at, version=version, reason=reason).version


@verb("inventory.own_price.retire")
def retire_own_price(actor: Actor, price_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take an own price back, as if it had never been said; calls priced before keep their price."""
    return retire(OWN_PRICE, actor, price_id, version=version, reason=reason).version


def _row(item: genai_prices.Listed) -> dict[str, object]:
    return {
        "provider": item.provider,
        "model": item.model,
        "match": item.match,
        "context": item.context,
        "rates": rates_to_json(item.rates),
        "valid_from": item.valid_from.isoformat() if item.valid_from else None,
        "valid_until": item.valid_until.isoformat() if item.valid_until else None,
    }
