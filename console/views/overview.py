"""The first page: what is new, what is broken, what waits for me, what does it cost?"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory.models import Deployment, System
from inventory.views import snippets
from ui.access import page


@page()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Filled by the panels that the apps register under `console.overview.*`."""
    context = {"empty": _nothing_registered(), "snippet": first_span(request)}
    return render(request, "console/overview.html", context)


def first_span(request: HttpRequest) -> str:
    """The lines that send a first span from anywhere, with this installation's address."""
    return snippets.with_sdk(snippets.otlp_address(request))


def _nothing_registered() -> bool:
    return not (System.objects.exists() or Deployment.objects.exists())
