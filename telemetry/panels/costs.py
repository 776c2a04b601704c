"""What things cost, on their pages and on the overview: the month so far, in the reporting currency."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kernel.actor import Permission
from telemetry.panels.loading import estate_of, row_of
from telemetry.queries.spending import SpendBy, Wanted
from telemetry.services import Estate, reading
from telemetry.services.spending import Sum, Telling, Told, by_record, grouped, portions, total
from telemetry.services.standing import Machines, machines, seats
from telemetry.services.whose import Belongings, Whose
from telemetry.tables.costs import BASIS_WORDS, costs_href, dollars, money
from ui import formats, parts

_BY: dict[str, Whose] = {
    one.value: one for one in (Whose.SYSTEM, Whose.DEPLOYMENT, Whose.ENDPOINT, Whose.SITE)
}


def cost(noun: str) -> Callable[[HttpRequest, object], str | None]:
    """A panel: what calls of a thing cost this month, by model, what has no price, its machines and seats."""
    by = _BY[noun]

    def render(request: HttpRequest, subject: object) -> str | None:
        row = row_of(subject)
        estate = estate_of(request)
        telling = Telling.of_installation()
        hours = telling.hours_of(telling.month())
        wanted = Wanted(hours, Belongings(estate).scope({by: {str(row.id)}}))
        with reading() as connection:
            found = by_record(connection, wanted, telling, (SpendBy.MODEL, SpendBy.BASIS))
            owned = (
                machines(connection, estate, hours, telling, endpoints=[row.id])
                if by is Whose.ENDPOINT
                else []
            )
        paid = (
            seats(hours, telling, reader=estate.actor, systems=[row.id], whole=True)
            if by is Whose.SYSTEM
            else []
        )
        whole = sum(found.values(), Sum())
        context = {
            "href": costs_href(**{noun: row.id, "by": "model"}),
            "cost": money(whole.cost, telling),
            "usd": dollars(whole.cost.nano_usd),
            "spent": whole.spent,
            "unpriced_href": f"{reverse('telemetry:costs_unpriced')}?{noun}={row.id}",
            "models": _models(found, telling),
            "machines": [_machine(one, telling) for one in owned],
            "seats": money(sum((one.so_far for one in paid), Told()), telling) if paid else None,
            "seats_href": f"{reverse('inventory:seat_prices')}?system={row.id}",
            "profile_new": _profile_new(estate, row.id) if by is Whose.ENDPOINT and not owned else "",
        }
        return render_to_string("telemetry/panels/cost.html", context, request)

    return render


MOST_MODELS = 6


def _models(found: dict[tuple[str | bytes, ...], Sum], telling: Telling) -> list[dict[str, Any]]:
    ordered = sorted(found.items(), key=lambda pair: pair[1].cost.nano_usd, reverse=True)
    return [
        {
            "name": str(model) or _("not named"),
            "basis": BASIS_WORDS.get(str(basis), ""),
            "cost": money(value.cost, telling) if value.spent.priced_calls else parts.unknown(_("unpriced")),
            "calls": value.spent.calls,
        }
        for (model, basis), value in ordered[:MOST_MODELS]
    ]


def _machine(one: Machines, telling: Telling) -> dict[str, Any]:
    used = one.used_share
    return {
        "href": reverse("inventory:cost_profile", args=[one.profile.id]),
        "count": one.profile.machines,
        "period": money(one.period, telling),
        "allocated": money(one.allocated, telling),
        "idle": money(one.idle, telling),
        "used": None if used is None else formats.percent(float(used), digits=2),
    }


def _profile_new(estate: Estate, endpoint: uuid.UUID) -> str:
    if not estate.actor.may_somewhere(Permission.PRICES_MANAGE):
        return ""
    return f"{reverse('inventory:cost_profile_new')}?endpoint={endpoint}"


def month_figure(request: HttpRequest, _subject: object) -> SafeString | None:
    """On the overview, while there is no budget of the whole organisation: what calls cost this month."""
    estate = estate_of(request)
    telling = Telling.of_installation()
    with reading() as connection:
        whole = total(connection, Wanted(telling.hours_of(telling.month()), estate.visible), telling)
    note = _("%(count)s calls without a price") % {
        "count": formats.number(whole.spent.unpriced_calls, digits=0)
    }
    return parts.stat(
        parts.EMPTY,
        label=_("Month to date"),
        value=money(whole.cost, telling),
        href=reverse("telemetry:costs"),
        note=note,
    )


def spend_by_tier(estate: Estate) -> dict[str, str]:
    """What each tier cost this month, told; tiers without any priced call are left out."""
    telling = Telling.of_installation()
    hours = telling.hours_of(telling.month())
    belongings = Belongings(estate)
    with reading() as connection:
        found = portions(connection, estate, Wanted(hours), cuts=telling.cuts(hours))
    sums = grouped(found, telling, lambda portion: belongings.key(Whose.TIER, portion.resolution))
    told = {tier: money(value.cost, telling) for tier, value in sums.items() if value.spent.priced_calls}
    return {tier: text for tier, text in told.items() if text is not None}
