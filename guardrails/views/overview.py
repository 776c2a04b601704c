"""The Guardrails page: coverage first, findings second, and how far the checks are behind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from guardrails.queries import coverage as queries
from guardrails.tables.coverage import blocks, content_bar, content_said, type_lines
from guardrails.tables.lists import list_href
from kernel import clock
from kernel.actor import Actor, Permission
from telemetry.queries import checks
from telemetry.queries.bounds import Count, TimeRange
from telemetry.queries.checks import Lag, Per
from telemetry.services import load_estate, reading
from ui import formats
from ui.access import actor_of, page
from ui.parts import Tab
from ui.text import Text

PERIODS: dict[str, tuple[Text, int, Per]] = {
    "24h": (_("24 hours"), clock.NANOSECONDS_PER_DAY, Per.HOUR),
    "7d": (_("7 days"), 7 * clock.NANOSECONDS_PER_DAY, Per.DAY),
    "30d": (_("30 days"), 30 * clock.NANOSECONDS_PER_DAY, Per.DAY),
    "90d": (_("90 days"), 90 * clock.NANOSECONDS_PER_DAY, Per.DAY),
}
DEFAULT_PERIOD = "7d"
LATE_NS = 5 * clock.NANOSECONDS_PER_MINUTE
"""Work that has been due for longer than this is behind; the page says so."""


@require_safe
@page(Permission.TELEMETRY_READ)
def guardrails(request: HttpRequest) -> HttpResponseBase:
    """Coverage, findings and lag of a period (`when`). Nine queries on the record."""
    period = request.GET.get("when", "")
    period = period if period in PERIODS else DEFAULT_PERIOD
    _label, length, per = PERIODS[period]
    actor, time, words = actor_of(request), TimeRange.last(length), {"when": period}
    with reading() as connection:
        estate = load_estate(connection, actor)
        visible = estate.visible
        found = checks.findings_by_type(connection, time=time, visible=visible)
        context: dict[str, Any] = {
            "blocks": blocks(queries.sums(connection, time=time, visible=visible), words),
            "types": type_lines(
                found,
                checks.findings_by_type(connection, time=time, visible=visible, per=per),
                time,
                hourly=per is Per.HOUR,
                words=words,
            ),
            "lag": lag_said(checks.lag(connection, now_ns=clock.now_ns(), visible=visible)),
            **_content(queries.calls_by_content(connection, time=time, visible=visible), words),
        }
    context |= {
        "tabs": [
            Tab(label, _href(name), current=name == period) for name, (label, _n, _p) in PERIODS.items()
        ],
        "coverage_href": list_href("coverage", **words),
        "findings_href": list_href("findings", **words),
        "verdicts_href": list_href("verdicts", **words, outcome="unsupported"),
        "scoped": not estate.everything,
        "may_retry": may_retry(actor),
    }
    return render(request, "guardrails/guardrails.html", context)


def _href(period: str) -> str:
    return f"{reverse('guardrails:guardrails')}?{urlencode({'when': period})}"


def _content(calls: Mapping[str, int], words: Mapping[str, str]) -> dict[str, Any]:
    if not calls:
        return {"content_bar": None, "content_said": ""}
    return {"content_bar": content_bar(calls, words), "content_said": content_said(calls)}


def may_retry(actor: Actor) -> bool:
    """Whether the actor may let what was given up be tried again: that concerns the whole organisation."""
    return actor.may(Permission.GUARDRAILS_MANAGE, unit=None)


def lag_said(lag: Lag) -> dict[str, Any]:
    """How far the checks are behind, with the doors to what waits and to what was given up."""
    now = clock.now_ns()
    waited = None if lag.oldest_due_ns is None else max(0, now - lag.oldest_due_ns)
    return {
        "late": waited is not None and waited > LATE_NS,
        "waited": None if waited is None else formats.duration(waited),
        "due": said(lag.due),
        "later": said(lag.later),
        "dead": lag.dead.number,
        "dead_said": said(lag.dead),
        "waiting_href": list_href("work", state="waiting"),
        "dead_href": list_href("work", state="dead"),
    }


def said(count: Count) -> str:
    """A number that was not counted further than it matters."""
    shown = formats.number(count.number, digits=0)
    return shown if count.exact else f"> {shown}"
