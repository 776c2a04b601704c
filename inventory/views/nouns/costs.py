"""What no price list knows: the pages of cost profiles, seat prices and exchange rates."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from inventory import queries, services
from inventory.domain.costs import energy_per_hour
from inventory.forms import costs as forms
from inventory.models import labels
from inventory.queries import costs as listings
from inventory.queries import prices as own_prices
from inventory.services import nouns, prices
from inventory.tables import cells
from inventory.tables import costs as tables
from inventory.tables.costs import price
from inventory.views import connected, touches
from inventory.views.pages import NounPages, Verbs, Words
from ui import formats, parts
from ui.parts import Fact


def _profile_facts(row: Any) -> list[Fact]:
    """How the hour of a machine comes about, part by part."""
    energy = energy_per_hour(row.hardware)
    return [
        Fact(_("Endpoint"), cells.link("endpoint", row.endpoint)),
        Fact(_("Basis"), cells.said(labels.HARDWARE_BASIS, row.basis)),
        Fact(
            _("One machine, per hour"),
            price(row.rate, row.currency),
            hint=_("per hour for which it is planned"),
        ),
        Fact(_("Machines"), formats.number(row.machines)),
        Fact(_("Calls at once, per machine"), formats.number(row.slots)),
        Fact(_("Planned availability"), formats.percent(row.availability / 100, digits=2)),
        Fact(
            _("Purchase price of one machine"),
            price(row.purchase_price, row.currency),
            unknown=_("not bought"),
        ),
        Fact(
            _("Expected life"),
            None
            if row.life_years is None
            else _("%(count)s years") % {"count": formats.number(row.life_years)},
            unknown=_("not bought"),
        ),
        Fact(_("Rent per hour"), price(row.rent_per_hour, row.currency), unknown=_("not rented")),
        Fact(
            _("Energy per hour"),
            price(energy, row.currency) if row.power_watts is not None else None,
            hint=_energy_hint(row),
            unknown=_("not given"),
        ),
        Fact(_("Other fixed cost per hour"), price(row.fixed_per_hour, row.currency)),
        *_dates(row),
        Fact(_("Unit"), cells.link("unit", row.unit), unknown=_("whole organisation")),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def _energy_hint(row: Any) -> str:
    if row.power_watts is None or row.tariff is None:
        return ""
    return _("%(watts)s W × PUE %(pue)s × %(tariff)s per kWh") % {
        "watts": formats.number(row.power_watts),
        "pue": formats.number(row.pue, digits=3),
        "tariff": price(row.tariff, row.currency),
    }


def _dates(row: Any) -> list[Fact]:
    return [
        Fact(_("From"), parts.when(row.valid_from, absolute=True, word=_("as long as known"))),
        Fact(_("Until"), parts.when(row.valid_until, absolute=True, word=_("open"))),
    ]


def _seat_facts(row: Any) -> list[Fact]:
    return [
        Fact(_("AI system"), cells.link("system", row.system), unknown=_("none named")),
        Fact(_("Vendor"), cells.link("vendor", row.vendor), unknown=_("none named")),
        Fact(_("Seats"), formats.number(row.seats)),
        Fact(_("Per seat and month"), price(row.price_per_month, row.currency)),
        Fact(_("All seats, per month"), price(row.price_per_month * row.seats, row.currency)),
        *_dates(row),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def _own_price_facts(row: Any) -> list[Fact]:
    amounts = (
        (_("Input, USD per million tokens"), row.input_price),
        (_("Output, USD per million tokens"), row.output_price),
        (_("Cached input, USD per million tokens"), row.cache_read_price),
        (_("Cache writing, USD per million tokens"), row.cache_write_price),
        (_("Reasoning, USD per million tokens"), row.reasoning_price),
        (_("USD per call"), row.request_price),
        (_("USD per unit of its own"), row.unit_price),
    )
    return [
        Fact(_("Provider"), row.provider),
        Fact(_("Endpoint"), cells.link("endpoint", row.endpoint), unknown=_("any")),
        *(Fact(label, price(value, row.currency), unknown=_("not given")) for label, value in amounts),
        *_dates(row),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def _rate_facts(row: Any) -> list[Fact]:
    return [
        Fact(_("Currency"), row.currency, hint="ISO 4217"),
        Fact(_("From"), formats.day(row.day), hint=_("until the next rate of the currency")),
        Fact(_("US dollars for one unit"), formats.number(row.usd_per_unit, digits=9)),
        Fact(_("Source"), row.source, unknown=_("none named")),
    ]


COST_PROFILE = NounPages(
    name="cost_profile",
    plural="cost_profiles",
    icon="cpu",
    words=Words(
        one=_("Cost profile"),
        many=_("Cost profiles"),
        question=_("What does an hour of the machines cost on which our own models run?"),
        why=_(
            "No price list knows an edge box, a GPU or an HPC node. A profile gives it a price per hour, and each call its "
            "share; what no call takes is shown as idle."
        ),
        new=_("Add a cost profile"),
        edit=_("Edit"),
        retire=_("Take back"),
        retired=_("New calls are no longer priced by it. Calls priced before keep their price."),
    ),
    noun=nouns.COST_PROFILE,
    listing=listings.COST_PROFILES,
    columns=tables.COST_PROFILE_COLUMNS,
    filters=tables.cost_profile_filters,
    form=forms.CostProfileForm,
    verbs=Verbs(
        register=services.register_cost_profile,
        edit=services.edit_cost_profile,
        retire=services.retire_cost_profile,
    ),
    detail=queries.cost_profile_detail,
    facts=_profile_facts,
    sections=connected.nothing,
    touches=touches.nothing,
    title=lambda row: row.endpoint.name,
    sort="endpoint",
)
SEAT_PRICE = NounPages(
    name="seat_price",
    plural="seat_prices",
    icon="credit-card",
    words=Words(
        one=_("Seat price"),
        many=_("Seat prices"),
        question=_("What do the seats of bought AI cost per month?"),
        why=_(
            "AI that is bought by the seat costs the same whether it is used or not. Its seats stand on the cost pages as a "
            "line of their own."
        ),
        new=_("Add a seat price"),
        edit=_("Edit"),
        retire=_("Take back"),
        retired=_(
            "The seats disappear from all months, also past ones. If they only end, edit their end instead."
        ),
    ),
    noun=nouns.SEAT_PRICE,
    listing=listings.SEAT_PRICES,
    columns=tables.SEAT_PRICE_COLUMNS,
    filters=tables.seat_price_filters,
    form=forms.SeatPriceForm,
    verbs=Verbs(
        register=services.register_seat_price,
        edit=services.edit_seat_price,
        retire=services.retire_seat_price,
    ),
    detail=queries.seat_price_detail,
    facts=_seat_facts,
    sections=connected.nothing,
    touches=touches.nothing,
)
OWN_PRICE = NounPages(
    name="own_price",
    plural="own_prices",
    icon="tag",
    words=Words(
        one=_("Own price"),
        many=_("Own prices"),
        question=_("What do our contracts say over the list prices?"),
        why=_(
            "Calls are priced by a list that knows most providers, with its history. What a contract says goes before it, "
            "from its day on; what neither knows is shown as unpriced."
        ),
        new=_("Add an own price"),
        edit=_("Edit"),
        retire=_("Take back"),
        retired=_("New calls are priced by the list again. Calls priced before keep their price."),
    ),
    noun=nouns.OWN_PRICE,
    listing=own_prices.OWN_PRICES,
    columns=tables.OWN_PRICE_COLUMNS,
    filters=tables.own_price_filters,
    form=forms.OwnPriceForm,
    verbs=Verbs(
        register=prices.register_own_price, edit=prices.edit_own_price, retire=prices.retire_own_price
    ),
    detail=own_prices.own_price_detail,
    facts=_own_price_facts,
    sections=connected.nothing,
    touches=touches.nothing,
    title=lambda row: row.model,
    sort="model",
)
EXCHANGE_RATE = NounPages(
    name="exchange_rate",
    plural="exchange_rates",
    icon="refresh-cw",
    words=Words(
        one=_("Exchange rate"),
        many=_("Exchange rates"),
        question=_(
            "At which dated rates are US dollars shown in our currency, and other currencies counted?"
        ),
        why=_(
            "Costs are counted in US dollars. A rate holds from its day until the next one; days before the first rate "
            "are not converted."
        ),
        new=_("Add an exchange rate"),
        edit=_("Edit"),
        retire=_("Take back"),
        retired=_("The rate before it holds on instead, also for past days."),
    ),
    noun=nouns.EXCHANGE_RATE,
    listing=listings.EXCHANGE_RATES,
    columns=tables.EXCHANGE_RATE_COLUMNS,
    filters=tables.exchange_rate_filters,
    form=forms.ExchangeRateForm,
    verbs=Verbs(
        register=services.register_exchange_rate,
        edit=services.edit_exchange_rate,
        retire=services.retire_exchange_rate,
    ),
    detail=queries.exchange_rate_detail,
    facts=_rate_facts,
    sections=connected.nothing,
    touches=touches.nothing,
    title=lambda row: str(row.currency),
    summary=lambda row: _("from %(day)s") % {"day": formats.day(row.day)},
    sort="-day",
)
