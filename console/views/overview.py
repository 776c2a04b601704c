"""The first page: what is new, what is broken, what waits for me, what does it cost?"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory.models import Deployment, System
from ui.access import page


@page()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Filled by the panels that the apps register under `console.overview.*`."""
    context = {"empty": _nothing_registered(), "snippet": first_span(request)}
    return render(request, "console/overview.html", context)


def first_span(request: HttpRequest) -> str:
    """The lines that send a first span from anywhere, with this installation's address."""
    return "\n".join(
        (
            f"export TUTELA_ENDPOINT={otlp_address(request)}",
            "export TUTELA_KEY=ttl_ep_…",
            "pip install tutela && tutela check",
        )
    )


def otlp_address(request: HttpRequest) -> str:
    """Where endpoints send their telemetry, as seen from the reader's browser."""
    host = request.get_host().rsplit(":", 1)[0]
    return f"http://{host}:{settings.TUTELA.otlp_http_port}"


def _nothing_registered() -> bool:
    return not (System.objects.exists() or Deployment.objects.exists())
