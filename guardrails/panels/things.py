"""On the pages of deployments, systems, endpoints and sites: what is covered, what was found, and by which profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from guardrails.queries import coverage as queries
from guardrails.queries import profiles
from guardrails.tables.coverage import blocks, content_bar, content_said, type_lines
from guardrails.tables.lists import list_href
from guardrails.tables.profiles import sentences
from kernel.actor import Permission
from telemetry.panels.loading import OBSERVED_NS, estate_of, row_of
from telemetry.panels.things import Find
from telemetry.queries import checks
from telemetry.queries.bounds import TimeRange
from telemetry.queries.checks import Per
from telemetry.services import reading
from ui.access import actor_of

WHEN = "30d"
SHOWN_TYPES = 6


def covered(find: Find) -> Callable[[HttpRequest, object], str | None]:
    """A panel: coverage and findings of 30 days; None where nothing was ever received."""

    def render(request: HttpRequest, subject: object) -> str | None:
        estate = estate_of(request)
        windows, filters = find(estate, subject)
        if not windows:
            return None
        time = TimeRange.last(OBSERVED_NS)
        words: dict[str, Any] = {
            **{name: value for name, value in filters.items() if name != "site"},
            "when": WHEN,
        }
        with reading() as connection:
            found = checks.findings_by_type(connection, time=time, visible=windows)
            series = checks.findings_by_type(connection, time=time, visible=windows, per=Per.DAY)
            calls = queries.calls_by_content(connection, time=time, visible=windows)
            summed = queries.sums(connection, time=time, visible=windows)
        lines = type_lines(found, series, time, hourly=False, words=words)
        context = {
            "blocks": blocks(summed, words),
            "content_bar": content_bar(calls, {"when": WHEN}) if calls else None,
            "content_said": content_said(calls),
            "types": lines[:SHOWN_TYPES],
            "more": max(len(lines) - SHOWN_TYPES, 0),
            "findings_href": list_href("findings", **words),
        }
        return render_to_string("guardrails/panels/covered.html", context, request)

    return render


def in_force(request: HttpRequest, subject: object) -> str:
    """A panel: the profile that a deployment goes by, in plain words."""
    actor, row = actor_of(request), row_of(subject)
    found = profiles.in_force(actor, row.id)
    rules = found.profile.rules() if found.profile else profiles.default_rules()
    may = actor.may_somewhere(Permission.GUARDRAILS_MANAGE) and row.retired_at is None
    context = {
        "profile": found.profile,
        "own": found.assignment is not None,
        "sentences": sentences(rules) if rules else [],
        "assign_href": f"{reverse('guardrails:profile_assign')}?deployment={row.id}" if may else "",
    }
    return render_to_string("guardrails/panels/in_force.html", context, request)
