"""Register a system: one form, one transaction, and the lines that send its first span."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory import queries
from inventory.forms.simple import EXISTING, NEW, UNDISCLOSED, SimpleForm
from inventory.views.posted import posted
from inventory.views.registering import register
from inventory.views.snippets import otlp_address, with_opentelemetry, with_sdk
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import add_errors


@page(Permission.ESTATE_EDIT)
@require_http_methods(["GET", "POST"])
def simple(request: HttpRequest) -> HttpResponseBase:
    """Say what runs: this system, this model, this place, and on which data if that is known."""
    actor = actor_of(request)
    form = SimpleForm(posted(request), actor=actor, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = register(actor, data=form.data_given(), **form.values())
        except TutelaError as error:
            add_errors(form, error)
        else:
            return redirect("inventory:registered", made.deployment)
    parts = [
        {"question": form[question], "fields": [form[name] for name in names], "name": question}
        for question, names in (
            ("system_is", form.SYSTEM),
            ("model_is", form.MODEL),
            ("place_is", form.PLACE),
            ("data_is", form.DATA),
        )
    ]
    parts[-1]["always"] = [form["data_purpose"]]
    context = {
        "form": form,
        "parts": parts,
        "runs": [form[name] for name in form.RUNS],
        "sender": form["sender_name"].value() if form["sender_key"].value() else "",
    }
    return render(request, "inventory/simple.html", context, status=422 if form.errors else 200)


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A thing named in the address is on the register already; the others are taken to be new."""
    given = {name: value for name, value in request.GET.items() if name in SimpleForm.base_fields}
    for name in ("system", "model", "place"):
        given.setdefault(f"{name}_is", EXISTING if name in given else NEW)
    given.setdefault("data_is", EXISTING if "data_version" in given else UNDISCLOSED)
    return given


@page(Permission.REGISTER_READ)
@require_safe
def registered(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    """What the simple form made, and the lines that send a first span under it."""
    detail = queries.deployment_detail(actor_of(request), row_id)
    address = otlp_address(request)
    system = queries.system_detail(actor_of(request), detail.row.system.id).row
    context = {
        "unapproved": system.runs_unapproved,
        "title": _("%(name)s is on the register") % {"name": detail.row.system.name},
        "detail": detail,
        "sdk": with_sdk(address, deployment=detail.row.slug),
        "opentelemetry": with_opentelemetry(address, deployment=detail.row.slug),
    }
    return render(request, "inventory/registered.html", context)
