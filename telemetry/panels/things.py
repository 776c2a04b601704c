"""On the pages of deployments, endpoints, sites, systems, models and datasets: traffic and what was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from inventory import queries as inventory
from inventory.queries import values
from kernel import clock
from kernel.actor import Actor
from telemetry.panels.loading import OBSERVED_NS, WEEK_NS, Windows, estate_of, of_deployments, row_of, week_of
from telemetry.queries import rollups
from telemetry.queries.bounds import TimeRange
from telemetry.queries.rollups import By
from telemetry.queries.spans import data_source_uses
from telemetry.queries.traces import TraceFilter, list_traces
from telemetry.services import Estate, reading
from telemetry.tables.compare import compare
from telemetry.tables.pictures import spark
from telemetry.tables.spans import traces_href
from telemetry.tables.traces import trace_line
from telemetry.tables.words import live_badge

RECENT = 6
MOST_NAMED = 20
"""Senders that an address names one by one; more would make it too long to copy."""

Words = dict[str, str | list[str]]
Find = Callable[[Estate, Any], tuple[Windows, Words]]
"""From a subject to the windows of its senders, and the filter words of the trace list that shows the same."""


def deployment(estate: Estate, subject: Any) -> tuple[Windows, Words]:
    """Its own senders."""
    row = row_of(subject)
    return of_deployments(estate, {row.id}), {"deployment": str(row.id)}


def endpoint(estate: Estate, subject: Any) -> tuple[Windows, Words]:
    """The senders that are resolved to it; the trace list knows no endpoints, so it is asked for these senders."""
    id_ = row_of(subject).id
    windows = estate.where(lambda item: item.endpoint_id == id_)
    ids = sorted({window.sender_id.hex() for window in windows})
    return windows, {"sender": ids} if 0 < len(ids) <= MOST_NAMED else {}


def site(estate: Estate, subject: Any) -> tuple[Windows, Words]:
    """The senders that are there."""
    id_ = row_of(subject).id
    return estate.where(lambda item: item.site_id == id_), {"site": str(id_)}


def system(estate: Estate, subject: Any) -> tuple[Windows, Words]:
    """The senders of its deployments."""
    id_ = row_of(subject).id
    ids = set(inventory.deployments_index(estate.actor, system=id_))
    return of_deployments(estate, ids), {"deployment": sorted(str(one) for one in ids)} if ids else {}


def traffic(find: Find) -> Callable[[HttpRequest, object], str]:
    """A panel: live or dark, last heard, steps of a day and of a week as a line."""

    def render(request: HttpRequest, subject: object) -> str:
        windows, words = find(estate_of(request), subject)
        points, sign, time = week_of(windows)
        since = clock.epoch_hour(clock.now_ns() - clock.NANOSECONDS_PER_DAY)
        context = {
            "live": live_badge(sign),
            "last_seen_ns": sign.last_seen_ns,
            "spark": spark(points, time, label=_("Steps per hour over 7 days")) if windows else "",
            "day": sum(point.totals.spans for point in points if point.bucket >= since) if windows else None,
            "errors": sum(point.totals.errors for point in points if point.bucket >= since),
            "senders": len({window.sender_id for window in windows}),
            "senders_href": senders_href(words) if windows and words else "",
            "href": traces_href(**words, when="24h") if words else "",
            "errors_href": traces_href(**words, when="24h", status="error") if words else "",
        }
        return render_to_string("telemetry/panels/traffic.html", context, request)

    return render


def senders_href(words: Words) -> str:
    """The list of the senders that a panel counts."""
    return f"{reverse('telemetry:senders')}?{urlencode(words, doseq=True)}"


def recent(find: Find) -> Callable[[HttpRequest, object], str | None]:
    """A panel: the latest traces of a week; None where nothing ever came."""

    def render(request: HttpRequest, subject: object) -> str | None:
        estate = estate_of(request)
        windows, words = find(estate, subject)
        if not windows:
            return None
        wanted = TraceFilter(time=TimeRange.last(WEEK_NS), senders=windows, visible=estate.visible)
        with reading() as connection:
            rows = list_traces(connection, wanted, limit=RECENT).rows
        context = {
            "recent": [trace_line(row, estate) for row in rows],
            "href": traces_href(**words, when="7d") if words else "",
        }
        return render_to_string("telemetry/panels/recent.html", context, request)

    return render


def endpoint_models(request: HttpRequest, subject: object) -> str:
    """Models declared to be served, beside those observed from the senders of the endpoint and at its address."""
    estate = estate_of(request)
    row = row_of(subject)
    windows, _words = endpoint(estate, subject)
    served = [item for item in inventory.endpoint_detail(estate.actor, row.id).serves if item.current]
    declared = {
        name: item.model_version.name
        for item in served
        for name in (item.alias, item.model.name, item.model_version.name)
        if name
    }
    with reading() as connection:
        found = rollups.observed(connection, By.MODEL, time=TimeRange.last(OBSERVED_NS), scope=windows)
        callers = rollups.senders_of(
            connection,
            By.ENDPOINT,
            [row.host] if row.host else [],
            time=TimeRange.last(OBSERVED_NS),
            scope=estate.visible,
        )
    context = {
        "comparisons": [
            compare(
                _("Models"), declared=declared, observed={item.value: item.totals.spans for item in found}
            )
        ],
        "callers": _users(estate, callers),
        "silent": not windows and not callers,
    }
    return render_to_string("telemetry/panels/observed.html", context, request)


def model_use(request: HttpRequest, subject: object) -> str:
    """Who used a model during 30 days, by the names under which telemetry speaks of it."""
    estate = estate_of(request)
    names = _names_of_model(estate.actor, row_of(subject))
    with reading() as connection:
        known = rollups.observed(connection, By.MODEL, time=TimeRange.last(OBSERVED_NS), scope=estate.visible)
        wanted = {name.casefold() for name in names}
        spoken = [item.value for item in known if item.value.casefold() in wanted]
        users = rollups.senders_of(
            connection, By.MODEL, spoken, time=TimeRange.last(OBSERVED_NS), scope=estate.visible
        )
    context = {
        "names": spoken,
        "users": _users(estate, users, model=spoken, when="30d"),
        "href": traces_href(model=spoken[0], when="30d") if spoken else "",
    }
    return render_to_string("telemetry/panels/users.html", context, request)


def _names_of_model(actor: Actor, row: Any) -> set[str]:
    """The names under which telemetry may speak of a model (all its versions) or of one version."""
    detail: Any
    if isinstance(row, values.ModelVersionRow):
        detail = inventory.model_version_detail(actor, row.id)
        versions = [detail.row]
    else:
        detail = inventory.model_detail(actor, row.id)
        versions = list(detail.versions)
    names = {row.name, *(item.alias for item in detail.served_by)}
    for version in versions:
        names |= {version.name, *version.aliases}
    return {name for name in names if name}


def dataset_use(request: HttpRequest, subject: object) -> str:
    """Who read from a data source of this name during 7 days."""
    estate = estate_of(request)
    row = row_of(subject)
    with reading() as connection:
        found = data_source_uses(
            connection, [row.slug, row.name], time=TimeRange.last(WEEK_NS), visible=estate.visible
        )
    users = [(sender_id, rollups.Totals(spans=count)) for _name, sender_id, count, _last in found]
    context = {"names": sorted({name for name, *_rest in found}), "users": _users(estate, users), "href": ""}
    return render_to_string("telemetry/panels/users.html", context, request)


def _users(
    estate: Estate, found: Iterable[tuple[bytes, rollups.Totals]], **words: str | list[str]
) -> list[dict[str, Any]]:
    """Who used a thing. `words` are the filters of the trace list that shows the same steps, where it knows any."""
    users = []
    for sender_id, totals in found:
        known = estate.known.get(sender_id)
        if known is None or not estate.sees(known):
            continue
        mine: Words = {"sender": sender_id.hex(), **words}
        users.append(
            {
                "href": traces_href(**mine) if words else "",
                "errors_href": traces_href(**mine, status="error") if words else "",
                "id": sender_id.hex(),
                "name": known.sender.identity.service_name or sender_id.hex()[:8],
                "resolution": estate.resolution(sender_id, known.sender.last_seen_ns),
                "spans": totals.spans,
                "errors": totals.errors,
            }
        )
    return users
