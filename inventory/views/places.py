"""Sites as a tree."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from inventory import queries
from kernel.actor import Permission
from ui.access import actor_of, page


@page(Permission.REGISTER_READ)
@require_safe
def tree(request: HttpRequest) -> HttpResponse:
    """Every site under the one it lies in."""
    branches, whole = queries.site_tree(actor_of(request))
    return render(request, "inventory/site_tree.html", {"branches": branches, "whole": whole})
