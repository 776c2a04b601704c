"""Pages that only systems have: their risk class; and the questions that officers ask of the list."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inventory import queries, services
from inventory.domain.words import RiskClass
from inventory.forms.relations import ClassifyForm
from inventory.queries import related
from inventory.views.posted import posted
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Preset:
    """A question as a list with its filters set; `filters` are those of the listing."""

    question: Text
    filters: tuple[tuple[str, str], ...]

    @property
    def href(self) -> str:
        """The list that answers it."""
        query = "&".join(f"{name}={value}" for name, value in self.filters)
        return f"{reverse('inventory:systems')}?{query}"

    def asked(self) -> dict[str, list[str]]:
        """The filters as the listing takes them."""
        found: dict[str, list[str]] = {}
        for name, value in self.filters:
            found.setdefault(name, []).append(value)
        return found


_LIVE = (("running", "yes"),)
"""Not the state of the system alone: what runs without approval belongs in the answer most of all."""
PRESETS = (
    Preset(gettext_lazy("Live systems that touch health data"), (*_LIVE, ("special_category", "health"))),
    Preset(gettext_lazy("Live systems at high risk"), (*_LIVE, ("risk_class", "high"))),
    Preset(gettext_lazy("Systems not yet classified"), (("risk_class", "unclassified"),)),
    Preset(gettext_lazy("Systems without an owner"), (("has_owner", "no"),)),
)


NO_POINT = gettext_lazy(
    "No point of Annex III is named. Name it, or say in the reason which product law of Annex I applies."
)


@page(Permission.REGISTER_EDIT)
@require_http_methods(["GET", "POST"])
def classify(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Give a system its risk class, and say why."""
    actor = actor_of(request)
    row = queries.system_detail(actor, row_id).row
    related.require_change(actor, "inventory.system", row_id)
    initial = {
        "risk_class": row.risk_class,
        "annex_iii_points": list(row.annex_iii_points),
        "reason": row.risk_reason,
        "version": row.version,
    }
    form = ClassifyForm(posted(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        values = {**form.cleaned_data, "risk_class": RiskClass(form.cleaned_data["risk_class"])}
        try:
            services.classify_system(actor, row_id, **values)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The risk class is on the register."))
            if values["risk_class"] is RiskClass.HIGH and not values["annex_iii_points"]:
                messages.warning(request, NO_POINT)
            return redirect("inventory:system", row_id)
    here = reverse("inventory:system", args=[row_id])
    context = {
        "title": _("Classify"),
        "lead": _("Which class of the AI Act does “%(name)s” fall into, and why?") % {"name": row.name},
        "form": form,
        "submit": _("Classify"),
        "cancel_href": here,
        "trail": [Crumb(_("Systems"), reverse("inventory:systems")), Crumb(row.name, here)],
    }
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)
