"""Who did what, when, why? The trail, and one event whole."""

from __future__ import annotations

import hashlib
import uuid

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit import panels, queries, tables
from kernel.actor import Permission
from kernel.errors import NotFound
from ui import history, lists
from ui.access import actor_of, page
from ui.objects import ObjectHead
from ui.parts import Crumb


@require_safe
@page(Permission.AUDIT_READ)
def trail(request: HttpRequest) -> HttpResponseBase:
    """The audit trail as a list."""
    return lists.render_list(request, tables.trail_page(), tables.TrailSource.of(actor_of(request)))


@require_safe
@page(Permission.AUDIT_READ)
def event(request: HttpRequest, event_id: uuid.UUID) -> HttpResponseBase:
    """One event with its exact bytes, so that it can be checked outside."""
    found = queries.find_event(event_id, units=actor_of(request).units(Permission.AUDIT_READ))
    if found is None:
        raise NotFound(_("There is no such event, or it belongs to a unit that you may not audit."))
    entry = panels.in_words([found.event])[0]
    word = history.word(found.event.action)
    context = {
        "head": ObjectHead(
            name=str(word),
            kind=_("Event of the ledger"),
            icon="scroll-text",
            state=tables.outcome_badge(found.event),
            owned=False,
            identity=str(found.event.id),
            trail=[Crumb(_("Audit trail"), reverse("audit:trail"))],
        ),
        "facts": tables.facts(found),
        "changes": entry.changes,
        "apart": found.apart,
        "erased": found.erased,
        "body": found.body.decode("utf-8"),
        "digest": hashlib.sha256(found.body).hexdigest(),
        "history": None,
    }
    return render(request, "audit/event.html", context)
