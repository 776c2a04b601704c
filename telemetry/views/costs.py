"""Who spends what, where, on which tier? Costs of a month or of some days, split by one thing and opened step by step."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from inventory.domain.months import Month, straight_line
from kernel import clock
from kernel.actor import Permission
from telemetry.queries.spending import Hours, SpendBy, Wanted
from telemetry.services import load_estate, reading
from telemetry.services.estate import Estate
from telemetry.services.spending import HOUR_NS, Sum, Telling, Told, by_day, by_record, grouped, portions
from telemetry.services.standing import Machines, Seats, machines, seats
from telemetry.services.whose import Belongings, Whose, with_units_below
from telemetry.tables import costs as table
from telemetry.tables.cost_filters import cost_filters
from telemetry.tables.costs import BY_WORDS, By, Line, costs_href, money
from ui import charts, formats, lists
from ui.access import actor_of, page
from ui.charts import Datum
from ui.filters import Period
from ui.parts import Tab
from ui.sources import ValuesSource
from ui.tables import Empty, ListPage

RECORD_WORDS = {SpendBy.PROVIDER: "provider", SpendBy.MODEL: "model", SpendBy.ENVIRONMENT: "environment"}
LONGEST_DAYS = 400


@dataclass(frozen=True)
class Asked:
    """What the address asks for. `narrowed` by something that seats and machines do not know."""

    by: By
    hours: Hours
    month: Month | None
    whose: dict[Whose, Collection[str]]
    wanted: Wanted
    narrowed: bool
    words: dict[str, list[str]]


@require_safe
@page(Permission.TELEMETRY_READ)
def costs(request: HttpRequest) -> HttpResponseBase:
    """Costs as a list of lines and as bars over time; `by` says by what, `month` or `when` over which time."""
    telling = Telling.of_installation()
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        belongings = Belongings(estate)
        by = _by(request.GET.get("by", ""))
        definition = _definition(by, telling, connection, estate)
        state = lists.understand(definition, request.GET)
        asked = ask(state.query.filters, by, belongings, telling)
        report = reported(connection, belongings, asked, telling)
    if report.whole.cost.nano is None or any(one.so_far.nano is None for one in report.seats):
        with reading() as connection:
            report = reported(connection, belongings, asked, telling.within("USD"))
    shown = _definition(by, report.telling, None, estate)
    source = ValuesSource(lines(report, belongings), filters=_everything(definition), keys=table.SORTS)
    context = page_context(report, telling) | {"tabs": _by_tabs(request, by)}
    filled: ListPage[Line] = ListPage(
        name="telemetry.costs", title=shown.title, lead=shown.lead, columns=shown.columns,
        filters=definition.filters, sort="-cost", href=lambda line: line.href, empty=shown.empty,
        template="telemetry/costs.html",
    )  # fmt: skip
    return lists.render_list(request, filled, source, context=context)


def _by(text: str) -> By:
    return next((by for by in BY_WORDS if by == text), Whose.SYSTEM)  # type: ignore[return-value]  # its keys are


def _definition(by: By, telling: Telling, connection: sa.Connection | None, estate: Estate) -> ListPage[Line]:
    return ListPage(
        name="telemetry.costs",
        title=_("Costs"),
        lead=_("Who spends what, where, on which tier, and what has no price?"),
        columns=table.columns(by, telling),
        filters=cost_filters(connection, estate, telling) if connection is not None else (),
        sort="-cost",
        empty=Empty(
            title=_("No call in this time"),
            why=_("Costs appear when model calls arrive. Their tokens are priced from the price book, calls on own machines "
                  "from the cost profile of their endpoint."),
            icon="euro",
        ),
    )  # fmt: skip


def _everything(definition: ListPage[Any]) -> dict[str, Callable[[Any, Any], bool]]:
    """The lines are filtered already: by the database."""
    return {item.name: lambda _row, _value: True for item in definition.filters}


def ask(filters: Any, by: By, belongings: Belongings, telling: Telling) -> Asked:
    """The filters of an address as a question to the sums."""
    month, hours = _time(filters, telling)
    whose: dict[Whose, Collection[str]] = {one: filters[one.value] for one in Whose if filters.get(one.value)}
    if Whose.UNIT in whose:
        whose[Whose.UNIT] = with_units_below(whose[Whose.UNIT])
    record = {by: filters[word] for by, word in RECORD_WORDS.items() if filters.get(word)}
    wanted = Wanted(
        hours,
        belongings.scope(whose),
        providers=_unknown(record.get(SpendBy.PROVIDER, ())),
        models=_unknown(record.get(SpendBy.MODEL, ())),
        environments=_unknown(record.get(SpendBy.ENVIRONMENT, ())),
        statuses=filters.get("status") or (),
        bases=filters.get("basis") or (),
    )
    narrowed = bool(record or filters.get("status") or filters.get("basis") or set(whose) - {Whose.SYSTEM})
    words = {
        name: list(value) for name, value in filters.items() if isinstance(value, tuple) and name != "by"
    }
    if isinstance(filters.get("when"), Period):
        first, last = telling.day_of(hours.first), telling.day_of(hours.end - 1)
        words |= {"when_from": [first.isoformat()], "when_to": [last.isoformat()]}
    return Asked(by, hours, month, whose, wanted, narrowed, words)


UNKNOWN = "?"
"""How an address asks for what a call did not name."""


def _unknown(values: Sequence[str]) -> tuple[str, ...]:
    return tuple("" if value == UNKNOWN else value for value in values)


def _time(filters: Any, telling: Telling) -> tuple[Month | None, Hours]:
    """The month of the address, else its days, else the month that it is."""
    period = filters.get("when")
    if isinstance(period, Period):
        now = clock.now()
        end = min(period.end or now, now)
        start = max(period.start or end - timedelta(days=30), end - timedelta(days=LONGEST_DAYS))
        first = clock.to_ns(start) // HOUR_NS
        return None, Hours(first, max(first + 1, -(-clock.to_ns(end) // HOUR_NS)))
    month = telling.month((filters.get("month") or ("",))[0])
    return month, telling.hours_of(month)


@dataclass(frozen=True)
class Report:
    """What a cost page knows before it is drawn."""

    asked: Asked
    telling: Telling
    groups: dict[str, Sum]
    days: dict[date, Sum]
    whole: Sum
    seats: list[Seats]
    machines: list[Machines]
    everything: bool


def reported(connection: sa.Connection, belongings: Belongings, asked: Asked, telling: Telling) -> Report:
    """The sums behind a page: at most six queries on the record."""
    estate = belongings.estate
    groups = _groups(connection, belongings, asked, telling)
    whole = sum(groups.values(), Sum())
    systems = [*map(uuid.UUID, asked.whose[Whose.SYSTEM])] if Whose.SYSTEM in asked.whose else None
    paid = [] if asked.narrowed else seats(
        asked.hours, telling, reader=estate.actor, systems=systems, whole=estate.everything
    )  # fmt: skip
    owned = [] if asked.narrowed or asked.whose else machines(connection, estate, asked.hours, telling)
    return Report(
        asked,
        telling,
        groups,
        by_day(connection, asked.wanted, telling),
        whole,
        paid,
        owned,
        estate.everything,
    )


def _groups(
    connection: sa.Connection, belongings: Belongings, asked: Asked, telling: Telling
) -> dict[str, Sum]:
    if isinstance(asked.by, SpendBy):
        found = by_record(connection, asked.wanted, telling, (asked.by,))
        return {str(keys[0]): value for keys, value in found.items()}
    whose = asked.by
    parts = portions(connection, belongings.estate, asked.wanted, cuts=telling.cuts(asked.hours))
    return grouped(parts, telling, lambda portion: belongings.key(whose, portion.resolution))


def lines(report: Report, belongings: Belongings) -> list[Line]:
    """A line for each group, one for what nobody claims, one for all seats, one for idle machines."""
    names = belongings.names(report.asked.by) if isinstance(report.asked.by, Whose) else {}
    base = sum((found.cost.nano_usd for found in report.groups.values()), Fraction(0))
    found = [_line(report, key, value, names, base) for key, value in report.groups.items()]
    return [*found, *standing_lines(report)]


def _line(report: Report, key: str, value: Sum, names: dict[str, str], base: Fraction | int) -> Line:
    asked = report.asked
    unknown = isinstance(asked.by, SpendBy) and not key
    label = names.get(key, "") or key or (_("not named") if unknown else table.unattributed())
    drill = {**asked.words, asked.by.value: key or UNKNOWN, "by": table.NEXT[asked.by].value}
    closed = (not key and isinstance(asked.by, Whose)) or "," in key
    return Line(
        label=label,
        href=_nobody_href(asked) if closed and not key else costs_href(**(drill if not closed else {**asked.words, "by": "system"})),
        sum=value,
        cost=value.cost,
        share=float(value.cost.nano_usd / base) if base else None,
        tier=key if asked.by is Whose.TIER else "",
        traces=table.trace_words(asked.by, key, {**_when_words(report), **_plain_words(asked)}),
        unpriced_href=f"{reverse('telemetry:costs_unpriced')}?{urlencode(drill | {'by': ''}, doseq=True)}",
    )  # fmt: skip


def _nobody_href(_asked: Asked) -> str:
    """Where senders that nobody claims are told apart."""
    return reverse("telemetry:discovered")


def _plain_words(asked: Asked) -> dict[str, list[str]]:
    return {
        name: values for name, values in asked.words.items() if name not in {"month", "when_from", "when_to"}
    }


def _when_words(report: Report) -> dict[str, list[str]]:
    hours, telling = report.asked.hours, report.telling
    return {
        "when_from": [telling.day_of(hours.first).isoformat()],
        "when_to": [telling.day_of(hours.end - 1).isoformat()],
    }


def standing_lines(report: Report) -> list[Line]:
    """What costs although nobody calls."""
    found = []
    if report.seats:
        cost = sum((one.so_far for one in report.seats), Told())
        found.append(_own(_("Seats, so far"), reverse("inventory:seat_prices"), cost))
    if report.machines:
        cost = sum((one.idle for one in report.machines), Told())
        found.append(_own(_("Own machines, idle"), hardware_href(report.asked), cost))
    return found


def _own(label: str, href: str, cost: Told) -> Line:
    return Line(label=label, href=href, sum=Sum(), cost=cost, share=None, own=True)


def hardware_href(asked: Asked) -> str:
    """The machines over the same time."""
    words: dict[str, object] = {
        name: asked.words[name] for name in ("month", "when_from", "when_to") if name in asked.words
    }
    return f"{reverse('telemetry:costs_hardware')}?{urlencode(words, doseq=True)}"


def page_context(report: Report, chosen: Telling) -> dict[str, Any]:
    """Figures above the list, bars, and how the figures came about."""
    telling, whole = report.telling, report.whole
    seats_so_far = sum((one.so_far for one in report.seats), Told())
    return {
        "report": report,
        "calls_cost": money(whole.cost, telling),
        "calls_usd": table.dollars(whole.cost.nano_usd),
        "seats_cost": money(seats_so_far, telling) if report.seats else None,
        "idle": money(sum((one.idle for one in report.machines), Told()), telling) if report.machines else None,
        "hardware_href": hardware_href(report.asked),
        "unpriced_href": f"{reverse('telemetry:costs_unpriced')}?{urlencode(report.asked.words, doseq=True)}",
        "forecast": forecast(report),
        "chart": _chart(report),
        "rates": [(rate, formats.number(rate.usd_per_unit, digits=9)) for rate in telling.used(report.asked.hours)],
        "currency": telling.currency,
        "unconverted": chosen.currency if telling.currency != chosen.currency else "",
        "zone": telling.zone.key,
        "days": (telling.day_of(report.asked.hours.first), telling.day_of(report.asked.hours.end - 1)),
        "compared": money(whole.compared, telling) if whole.spent.compared_calls else None,
        "reported": money(whole.reported_compared, telling) if whole.spent.compared_calls else None,
        "difference": money(whole.reported_compared - whole.compared, telling) if whole.spent.compared_calls else None,
        "difference_href": costs_href(**{**report.asked.words, "by": "model", "columns": "name,cost,calls,reported,difference"}),
        "months": _months(report),
    }  # fmt: skip


def forecast(report: Report) -> str | None:
    """What the month comes to if calls go on as they have so far, seats for the whole of it; None for any other time."""
    hours, now = report.asked.hours, clock.now_ns()
    start, end = hours.first * HOUR_NS, hours.end * HOUR_NS
    if report.asked.month is None or not start < now < end or report.whole.cost.nano is None:
        return None
    line = straight_line(report.whole.cost.nano, elapsed_ns=now - start, length_ns=end - start)
    paid = sum((one.whole for one in report.seats), Told())
    if line is None or paid.nano is None:
        return None
    return formats.money(round(line + paid.nano), currency=report.telling.currency)


def _chart(report: Report) -> str:
    telling, hours = report.telling, report.asked.hours
    first = telling.day_of(hours.first)
    last = min(telling.day_of(hours.end - 1), telling.day_of(clock.now_ns() // HOUR_NS))
    days = [first + timedelta(days=number) for number in range(max((last - first).days + 1, 1))]
    words = _plain_words(report.asked) | {"by": [report.asked.by.value]}
    data = [
        Datum(
            formats.day(day),
            _height(report.days.get(day, Sum()).cost),
            href=costs_href(**words, when_from=day.isoformat(), when_to=day.isoformat()),
        )
        for day in days
    ]
    return charts.bars(
        data,
        label=_("Cost of calls per day"),
        show=lambda value: formats.money(round(value), currency=telling.currency),
    )


def _height(cost: Told) -> float | None:
    return None if cost.nano is None else float(cost.nano)


def _by_tabs(request: HttpRequest, by: By) -> list[Tab]:
    kept = [
        (name, value)
        for name, values in request.GET.lists()
        for value in values
        if name not in {"by", "sort", "page", "columns"} and value
    ]
    return [
        Tab(label, f"?{urlencode([('by', str(one)), *kept])}", current=one == by) for one, label in BY_WORDS.items()
    ]  # fmt: skip


def _months(report: Report) -> list[Tab]:
    """The current month and those before it."""
    telling = report.telling
    now = telling.month()
    words = _plain_words(report.asked) | {"by": [report.asked.by.value]}
    return [
        Tab(
            formats.month(month.first),
            costs_href(**words, month=str(month)),
            current=month == report.asked.month,
        )
        for month in (now.plus(-step) for step in range(3))
    ]
