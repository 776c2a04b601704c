"""Saving and deleting one's views of a list."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from console import saved_views
from console.views.ways import safe_next
from ui.access import actor_of, page


@page()
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the list's present address under a name, and stay on it."""
    address = saved_views.save(
        actor_of(request), name=request.POST.get("name", ""), address=request.POST.get("address", "")
    )
    messages.success(request, _("The view is kept. Only you see it."))
    return redirect(address)


@page()
@require_POST
def delete(request: HttpRequest, view_id: uuid.UUID) -> HttpResponse:
    """Forget a view; the list stays as it is."""
    saved_views.delete(actor_of(request), view_id)
    return redirect(safe_next(request, fallback=reverse("console:overview")))
