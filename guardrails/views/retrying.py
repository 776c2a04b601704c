"""Let what was given up be tried again, after saying how much that is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from guardrails.services.rechecking import MOST_AT_ONCE, retry_dead
from guardrails.tables.lists import list_href
from inventory.views.posted import posted
from kernel.actor import Permission
from kernel.errors import TutelaError
from telemetry.queries import checks
from telemetry.services import reading
from ui import formats
from ui.access import actor_of, page
from ui.forms import ReasonForm, Touched, add_errors
from ui.parts import Crumb


@require_http_methods(["GET", "POST"])
@page(Permission.GUARDRAILS_MANAGE)
def work_retry(request: HttpRequest) -> HttpResponseBase:
    """The reasons stand in the list; here it is decided to try all of it again, at most ten thousand at once."""
    actor = actor_of(request)
    actor.require(Permission.GUARDRAILS_MANAGE, unit=None)
    with reading() as connection:
        dead = checks.dead_work(connection, limit=MOST_AT_ONCE)
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            count = retry_dead(actor, [item.key for item in dead], reason=form.cleaned_data["reason"])
        except TutelaError as error:
            add_errors(form, error)
        else:
            said = ngettext("%(count)s check is tried again.", "%(count)s checks are tried again.", count)
            messages.success(request, said % {"count": formats.number(count)})
            return redirect("guardrails:work")
    href = list_href("work", state="dead")
    context = {
        "title": _("Try what was given up again"),
        "what": _("Whatever made them fail may do so again: look at the reasons first."),
        "touches": [Touched(_("checks that were given up"), len(dead), href)],
        "form": form,
        "submit": _("Try again"),
        "cancel_href": href,
        "trail": [Crumb(_("Guardrails"), reverse("guardrails:guardrails"))],
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
