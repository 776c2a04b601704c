"""What lacks a price, and what own machines cost, busy and idle."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from inventory.tables.costs import price
from kernel.actor import Permission
from telemetry.queries.spending import SpendBy, Spent
from telemetry.services import load_estate, reading
from telemetry.services.spending import Telling, by_record
from telemetry.services.standing import Machines, machines
from telemetry.services.whose import Belongings, Whose
from telemetry.tables.cost_filters import cost_filters
from telemetry.tables.costs import STATUS_WORDS, decimal, money
from telemetry.tables.spans import traces_href
from telemetry.views.costs import ask
from ui import formats, lists, parts
from ui.access import actor_of, page
from ui.filters import Filter
from ui.sources import ValuesSource
from ui.tables import Column, Empty, ListPage, two_lines

LACKING = ("unpriced", "unmetered")


@dataclass(frozen=True, slots=True)
class Lacking:
    """A model without a price: what it was called for, and why it has none."""

    provider: str
    model: str
    status: str
    spent: Spent
    traces: str


UNPRICED_COLUMNS: tuple[Column[Lacking], ...] = (
    Column("model", _("Model"), value=lambda row: row.model or None, sort="model", fixed=True, unknown=_("not named")),
    Column("provider", _("Provider"), value=lambda row: row.provider or None, sort="provider", unknown=_("not named")),
    Column(
        "why", _("Why it has no price"), value=lambda row: str(STATUS_WORDS[row.status]),
        cell=lambda row: parts.unknown(STATUS_WORDS[row.status]), sort="why",
    ),
    Column(
        "calls", _("Calls"), value=lambda row: row.spent.calls,
        cell=lambda row: parts.door(formats.number(row.spent.calls, digits=0), row.traces), numeric=True, sort="calls",
    ),
    Column(
        "tokens", _("Tokens"), value=lambda row: row.spent.input_tokens + row.spent.output_tokens,
        cell=lambda row: formats.number(row.spent.input_tokens + row.spent.output_tokens, digits=0), numeric=True,
        sort="tokens",
    ),
    Column(
        "reported", _("Reported by endpoints, USD"),
        value=lambda row: Decimal(row.spent.reported_nano_usd) / formats.NANO_PER_UNIT if row.spent.reported_calls else None,
        cell=lambda row: formats.money(row.spent.reported_nano_usd) if row.spent.reported_calls else None,
        numeric=True, default=False, unknown=_("nothing reported"),
    ),
    Column(
        "next", _("What to do"), value=lambda row: str(_next(row)), cell=lambda row: parts.door(_next(row), _next_href(row)),
    ),
)  # fmt: skip


def _next(row: Lacking) -> Any:
    return _("See what it sends") if row.status == "unmetered" else _("Give its machine a cost profile")


def _next_href(row: Lacking) -> str:
    return row.traces if row.status == "unmetered" else reverse("inventory:cost_profile_new")


@require_safe
@page(Permission.TELEMETRY_READ)
def unpriced(request: HttpRequest) -> HttpResponseBase:
    """Calls without a price, by provider and model; the filters are those of the cost page."""
    telling = Telling.of_installation()
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        filters = [
            item for item in cost_filters(connection, estate, telling) if item.name not in {"by", "basis"}
        ]
        definition = _unpriced_page(filters)
        state = lists.understand(definition, request.GET)
        asked = ask(state.query.filters, Whose.SYSTEM, Belongings(estate), telling)
        by = (SpendBy.PROVIDER, SpendBy.MODEL, SpendBy.STATUS)
        found = by_record(connection, asked.wanted, telling, by)
    days = {
        "when_from": telling.day_of(asked.hours.first).isoformat(),
        "when_to": telling.day_of(asked.hours.end - 1).isoformat(),
    }
    rows = [
        Lacking(str(provider), str(model), str(status), value.spent, traces_href(**days, model=str(model)))
        for (provider, model, status), value in found.items()
        if status in LACKING
    ]
    keys = {
        "model": lambda row: row.model,
        "provider": lambda row: row.provider,
        "why": lambda row: row.status,
        "calls": lambda row: row.spent.calls,
        "tokens": lambda row: row.spent.input_tokens + row.spent.output_tokens,
    }
    source = ValuesSource(rows, filters={item.name: lambda _row, _value: True for item in filters}, keys=keys)
    return lists.render_list(request, definition, source)


def _unpriced_page(filters: list[Filter]) -> ListPage[Lacking]:
    return ListPage(
        name="telemetry.costs.unpriced",
        title=_("Calls without a price"),
        lead=_("What was called, how often, and why do we not know what it costs?"),
        columns=UNPRICED_COLUMNS,
        filters=filters,
        sort="-calls",
        empty=Empty(
            title=_("Every call in this time has a price"),
            why=_(
                "A call without a price is no free call. It is listed here until a price or a cost profile is given."
            ),
            icon="circle-check",
        ),
    )


@require_safe
@page(Permission.TELEMETRY_READ)
def hardware(request: HttpRequest) -> HttpResponseBase:
    """Own machines: what they cost, what calls took of it, what was idle."""
    telling = Telling.of_installation()
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        filters = [
            item for item in cost_filters(connection, estate, telling) if item.name in {"month", "when"}
        ]
        definition = _hardware_page(filters, telling)
        state = lists.understand(definition, request.GET)
        asked = ask(state.query.filters, Whose.SYSTEM, Belongings(estate), telling)
        rows = machines(connection, estate, asked.hours, telling)
    keys = {
        "endpoint": lambda row: row.profile.endpoint.name.casefold(),
        "period": lambda row: row.period.nano,
        "allocated": lambda row: row.allocated.nano,
        "idle": lambda row: row.idle.nano,
        "used": lambda row: row.used_share,
        "calls": lambda row: row.calls,
    }
    source = ValuesSource(rows, filters={item.name: lambda _row, _value: True for item in filters}, keys=keys)
    return lists.render_list(request, definition, source)


def _hardware_page(filters: list[Filter], telling: Telling) -> ListPage[Machines]:
    return ListPage(
        name="telemetry.costs.hardware",
        title=_("Own machines"),
        lead=_("What do our own machines cost, what did calls take of it, and what was idle?"),
        columns=_hardware_columns(telling),
        filters=filters,
        sort="-period",
        href=lambda row: reverse("inventory:cost_profile", args=[row.profile.id]),
        empty=Empty(
            title=_("No own machine has a cost profile in this time"),
            why=_(
                "A cost profile says what an hour of a machine costs. Then calls on it have a price, and idle time is seen."
            ),
            icon="cpu",
            action=_("Add a cost profile"),
            action_href=reverse("inventory:cost_profile_new"),
        ),
    )


def _hardware_columns(telling: Telling) -> tuple[Column[Machines], ...]:
    def amount(name: str, label: Any, value: Any) -> Column[Machines]:
        def cell(row: Machines) -> str | None:
            return money(value(row), telling)

        return Column(
            name, label, value=lambda row: decimal(value(row)), cell=cell, numeric=True, sort=name,
            unknown=_("no exchange rate"),
        )  # fmt: skip

    def idle(row: Machines) -> str | None:
        shown = money(row.idle, telling)
        if shown is None or row.idle.nano_usd >= 0:
            return shown
        return two_lines(shown, _("more calls at once than declared"))

    return (
        Column("endpoint", _("Endpoint"), value=lambda row: row.profile.endpoint.name, sort="endpoint", fixed=True),
        Column("machines", _("Machines"), value=lambda row: row.profile.machines, numeric=True),
        Column(
            "rate", _("One machine, per hour"), value=lambda row: price(row.profile.rate, row.profile.currency),
            numeric=True,
        ),
        amount("period", _("Cost so far"), lambda row: row.period),
        amount("allocated", _("Taken by calls"), lambda row: row.allocated),
        Column(
            "idle", _("Idle"), value=lambda row: decimal(row.idle), cell=idle, numeric=True, sort="idle",
            unknown=_("no exchange rate"),
        ),
        Column(
            "used", _("Used"), value=lambda row: None if row.used_share is None else float(row.used_share),
            cell=lambda row: None if row.used_share is None else formats.percent(float(row.used_share), digits=2),
            numeric=True, sort="used", unknown=_("not planned"),
        ),
        Column(
            "calls", _("Calls"), value=lambda row: row.calls,
            cell=lambda row: parts.door(formats.number(row.calls, digits=0), _costs_of(row)), numeric=True, sort="calls",
        ),
    )  # fmt: skip


def _costs_of(row: Machines) -> str:
    words = {"endpoint": str(row.profile.endpoint.id), "by": "deployment"}
    return f"{reverse('telemetry:costs')}?{urlencode(words)}"
