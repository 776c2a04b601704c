"""Global search: the palette's fragment, and a page that works without scripts."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ui import search as registry
from ui.access import actor_of, page

PALETTE_HITS, PAGE_HITS = 6, 50  # of each source


@page()
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """What carries this name, everywhere."""
    text = request.GET.get("q", "")
    results = registry.search(actor_of(request), text, limit=PAGE_HITS) if text.strip() else []
    return render(request, "console/search.html", {"text": text, "results": results})


@page()
@require_safe
def palette(request: HttpRequest) -> HttpResponse:
    """The first hits, as the palette shows them."""
    results = registry.search(actor_of(request), request.GET.get("q", ""), limit=PALETTE_HITS)
    return render(request, "ui/parts/palette_results.html", {"results": results})
