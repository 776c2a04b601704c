"""On the overview: how much was checked, what is new, and what is broken."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guardrails.domain.checks import Check, Outcome
from guardrails.queries import coverage as queries
from guardrails.queries.coverage import KEPT
from guardrails.tables.coverage import checked_share, type_lines
from guardrails.tables.lists import list_href
from guardrails.views.overview import lag_said
from kernel import clock
from telemetry.panels.loading import estate_of
from telemetry.queries import checks
from telemetry.queries.bounds import TimeRange
from telemetry.queries.checks import Per
from telemetry.services import reading
from ui import formats, parts

DAY_NS = clock.NANOSECONDS_PER_DAY
WHEN = "24h"
SHOWN = 5


def coverage_figure(request: HttpRequest, _subject: object) -> SafeString:
    """How many messages were checked of how many, with what could not be checked beside it."""
    estate, time = estate_of(request), TimeRange.last(DAY_NS)
    with reading() as connection:
        sums = queries.sums(connection, time=time, visible=estate.visible)[Check.PERSONAL_DATA]
        calls = queries.calls_by_content(connection, time=time, visible=estate.visible)
    unkept = sum(count for state, count in calls.items() if state not in KEPT)
    note = ngettext(
        "messages checked for personal data in 24 hours; %(count)s model call left no text",
        "messages checked for personal data in 24 hours; %(count)s model calls left no text",
        unkept,
    ) % {"count": formats.number(unkept)}
    return parts.stat(
        SafeString(""),
        label=_("Guardrail coverage"),
        value=checked_share(sums) if sums.total else None,
        href=f"{reverse('guardrails:guardrails')}?when={WHEN}",
        note=note,
    )


def new_findings(request: HttpRequest, _subject: object) -> str:
    """What was found within a day, most frequent first, and the answers that their sources do not support."""
    estate, time = estate_of(request), TimeRange.last(DAY_NS)
    words = {"when": WHEN}
    with reading() as connection:
        found = checks.findings_by_type(connection, time=time, visible=estate.visible)
        series = checks.findings_by_type(connection, time=time, visible=estate.visible, per=Per.HOUR)
        answers = queries.sums(connection, time=time, visible=estate.visible)[Check.GROUNDEDNESS]
    lines = type_lines(found, series, time, hourly=True, words=words)
    context = {
        "types": lines[:SHOWN],
        "more": max(len(lines) - SHOWN, 0),
        "findings_href": list_href("findings", **words),
        "unsupported": answers.outcomes.get(Outcome.UNSUPPORTED, 0),
        "unsupported_href": list_href("verdicts", outcome=Outcome.UNSUPPORTED.value, shadow="no", **words),
        "shadowed": answers.shadowed.get(Outcome.UNSUPPORTED, 0),
        "shadowed_href": list_href("verdicts", outcome=Outcome.UNSUPPORTED.value, shadow="yes", **words),
    }
    return render_to_string("guardrails/panels/new.html", context, request)


def broken(request: HttpRequest, _subject: object) -> str | None:
    """Checks that were given up or are late; None where all is well."""
    estate = estate_of(request)
    with reading() as connection:
        lag = lag_said(checks.lag(connection, now_ns=clock.now_ns(), visible=estate.visible))
    if not lag["dead"] and not lag["late"]:
        return None
    return render_to_string("guardrails/panels/broken.html", {"lag": lag}, request)
