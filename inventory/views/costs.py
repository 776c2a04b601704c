"""In which currency costs are shown, and where a month begins."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit import panels as ledger
from inventory import queries, services
from inventory.forms.costs import CostSettingsForm
from inventory.queries import CostSettingsRow
from inventory.views.posted import posted
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.history import Entry

KIND = "inventory.cost_settings"
HISTORY_SHOWN = 10


@page(Permission.REGISTER_READ)
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponseBase:
    """Read by everybody who reads the register; changed by those who manage prices over the whole organisation."""
    actor = actor_of(request)
    current = queries.cost_settings()
    initial = {"currency": current.currency, "zone": current.zone, "version": current.version}
    form = CostSettingsForm(posted(request), actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.choose_cost_settings(
                actor, version=data["version"], reason=data["reason"], **form.values()
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("inventory:cost_settings")
    context = {
        "form": form,
        "current": current,
        "editable": actor.may(Permission.PRICES_MANAGE, unit=None),
        "history": _history(current),
    }
    return render(request, "inventory/cost_settings.html", context, status=422 if form.errors else 200)


def _history(current: CostSettingsRow) -> list[Entry]:
    return [] if current.id is None else ledger.history_of(KIND, str(current.id), HISTORY_SHOWN)
