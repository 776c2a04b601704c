"""What the pages of profiles share."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy

from guardrails.queries.profiles import ProfileRow
from guardrails.queries.reach import Reach
from guardrails.tables.profiles import href
from guardrails.tables.reach import told
from guardrails.tables.words import CHECK_WORDS
from ui.parts import Crumb

LIST_NAME = gettext_lazy("Guardrail profiles")


def trail(row: ProfileRow | None = None) -> list[Crumb]:
    """The way to a profile's page."""
    steps = [Crumb(LIST_NAME, reverse("guardrails:profiles"))]
    return steps if row is None else [*steps, Crumb(row.name, href(row))]


def form_page(
    request: HttpRequest,
    form: Any,
    *,
    title: str,
    trail: list[Crumb],
    cancel: str,
    submit: str,
    touched: Reach | None = None,
) -> HttpResponse:
    """A form alone on its page, with what saving it touches."""
    context = {
        "title": title,
        "form": form,
        "trail": trail,
        "cancel_href": cancel,
        "submit": submit,
        "touched": touched,
        "told": told(touched) if touched else [],
        "again": [CHECK_WORDS[check] for check in sorted(touched.checks)] if touched else [],
    }
    return render(request, "guardrails/profile_form.html", context, status=422 if form.errors else 200)
