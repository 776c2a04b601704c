"""Lists of cost profiles, seat prices and exchange rates."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory import filters
from inventory.models import labels
from inventory.tables import cells, columns
from kernel.actor import Actor
from ui import formats, parts
from ui.filters import Filter
from ui.tables import Column
from ui.text import Text


def price(amount: Decimal | Fraction | None, currency: str) -> str | None:
    """An amount of a currency as money, rounded once, here; below a cent with the digits that matter."""
    if amount is None:
        return None
    return formats.money(round(Fraction(amount) * formats.NANO_PER_UNIT), currency=currency)


def _money(
    name: str, label: Text, value: Callable[[Any], Decimal | Fraction | None], *, default: bool = True
) -> Column[Any]:
    def exported(row: Any) -> Decimal | None:
        found = value(row)
        if not isinstance(found, Fraction):
            return found
        return Decimal(round(found * formats.NANO_PER_UNIT)) / formats.NANO_PER_UNIT

    return Column(
        name,
        label,
        value=exported,
        cell=lambda row: price(value(row), row.currency),
        numeric=True,
        default=default,
    )


def _dated(*, word: Text) -> tuple[Column[Any], Column[Any]]:
    return (
        Column(
            "since",
            _("From"),
            value=lambda row: row.valid_from,
            cell=lambda row: formats.day(row.valid_from) if row.valid_from else None,
            sort="since",
            unknown=word,
        ),
        Column(
            "until",
            _("Until"),
            value=lambda row: row.valid_until,
            cell=lambda row: formats.day(row.valid_until) if row.valid_until else None,
            sort="until",
            unknown=_("open"),
        ),
    )


COST_PROFILE_COLUMNS: tuple[Column[Any], ...] = (
    Column("endpoint", _("Endpoint"), value=lambda row: row.endpoint.name, sort="endpoint", fixed=True),
    columns.words("basis", _("Basis"), labels.HARDWARE_BASIS),
    _money("rate", _("One machine, per hour"), lambda row: row.rate),
    columns.number("machines", _("Machines"), sort="machines"),
    columns.number("slots", _("Calls at once"), default=False),
    Column(
        "availability",
        _("Planned"),
        value=lambda row: row.availability,
        cell=lambda row: formats.percent(row.availability / 100),
        numeric=True,
    ),
    _money("purchase_price", _("Purchase price"), lambda row: row.purchase_price, default=False),
    _money("rent_per_hour", _("Rent per hour"), lambda row: row.rent_per_hour, default=False),
    columns.plain("currency", _("Currency")),
    *_dated(word=_("as long as known")),
    columns.unit(default=False),
    columns.changed(),
)
SEAT_PRICE_COLUMNS: tuple[Column[Any], ...] = (
    Column("name", _("Plan"), value=lambda row: row.name, sort="name", fixed=True),
    columns.refers("system", _("AI system"), "system", sort="system", unknown=_("none named")),
    columns.refers("vendor", _("Vendor"), "vendor", sort="vendor", unknown=_("none named")),
    columns.number("seats", _("Seats"), sort="seats"),
    _money("price_per_month", _("Per seat and month"), lambda row: row.price_per_month),
    _money("month", _("All seats, per month"), lambda row: row.price_per_month * row.seats),
    columns.plain("currency", _("Currency"), default=False),
    *_dated(word=_("as long as known")),
    columns.changed(),
)
OWN_PRICE_COLUMNS: tuple[Column[Any], ...] = (
    Column("model", _("Model"), value=lambda row: row.model, sort="model", fixed=True),
    Column("provider", _("Provider"), value=lambda row: row.provider, sort="provider"),
    columns.refers("endpoint", _("Endpoint"), "endpoint", unknown=_("any")),
    _money("input_price", _("Input, per million"), lambda row: row.input_price),
    _money("output_price", _("Output, per million"), lambda row: row.output_price),
    _money(
        "cache_read_price", _("Cached input, per million"), lambda row: row.cache_read_price, default=False
    ),
    _money("request_price", _("Per call"), lambda row: row.request_price, default=False),
    *_dated(word=_("as long as known")),
    columns.changed(),
)
EXCHANGE_RATE_COLUMNS: tuple[Column[Any], ...] = (
    Column("currency", _("Currency"), value=lambda row: row.currency, sort="currency", fixed=True),
    Column("day", _("From"), value=lambda row: row.day, cell=lambda row: formats.day(row.day), sort="day"),
    Column(
        "usd_per_unit",
        _("US dollars for one unit"),
        value=lambda row: row.usd_per_unit,
        cell=lambda row: formats.number(row.usd_per_unit, digits=9),
        numeric=True,
    ),
    columns.plain("source", _("Source"), unknown=_("none named")),
    Column(
        "state",
        _("State"),
        value=lambda row: cells.said(
            {"retired": _("Retired"), "": _("In force")}, "retired" if row.retired_at else ""
        ),
        cell=lambda row: (
            parts.badge(_("Retired"), "plain") if row.retired_at else parts.badge(_("In force"), "ok")
        ),
        default=False,
    ),
    columns.changed(),
)


def cost_profile_filters(actor: Actor) -> list[Filter]:
    """What cost profiles are asked by."""
    return [
        filters.search(_("Endpoint or note")),
        filters.word("basis", _("Basis"), labels.HARDWARE_BASIS),
        filters.relation("endpoint", _("Endpoint"), actor, "endpoint"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def seat_price_filters(actor: Actor) -> list[Filter]:
    """What seat prices are asked by."""
    return [
        filters.search(_("Plan, system or vendor")),
        filters.relation("system", _("System"), actor, "system"),
        filters.relation("vendor", _("Vendor"), actor, "entity"),
        filters.relation("unit", _("Unit"), actor, "unit"),
        filters.retired(),
    ]


def own_price_filters(actor: Actor) -> list[Filter]:
    """What own prices are asked by."""
    return [
        filters.search(_("Provider, model or note")),
        filters.relation("endpoint", _("Endpoint"), actor, "endpoint"),
        filters.retired(),
    ]


def exchange_rate_filters(_actor: Actor) -> list[Filter]:
    """What exchange rates are asked by."""
    return [filters.search(_("Currency or source")), filters.retired()]
