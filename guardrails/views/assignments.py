"""The pages that give a deployment a profile, and that take it away."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from guardrails import services
from guardrails.domain.profiles import DEFAULT_PROFILE
from guardrails.domain.rules import rechecks
from guardrails.forms import AssignForm
from guardrails.queries import profiles as queries
from guardrails.queries.reach import Reach, reach
from guardrails.tables.reach import touches
from guardrails.views.parts import form_page, trail
from inventory.views.posted import posted
from kernel.actor import Actor, Permission
from kernel.errors import NotFound, TutelaError
from ui.access import actor_of, page
from ui.forms import ReasonForm, Touched, add_errors

MANAGE = Permission.GUARDRAILS_MANAGE


@require_http_methods(["GET", "POST"])
@page(MANAGE)
def profile_assign(request: HttpRequest) -> HttpResponseBase:
    """Let a deployment go by another profile, after saying what that has checked again."""
    actor = actor_of(request)
    given = {name: request.GET[name] for name in ("deployment", "profile") if name in request.GET}
    form = AssignForm(posted(request), actor=actor, initial=given)
    touched: Reach | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        touched = _reach_of_assignment(actor, data["deployment"], uuid.UUID(data["profile"]))
        if not touched.checks or data["seen"] == form.fingerprint():
            try:
                services.assign_profile(
                    actor,
                    profile=uuid.UUID(data["profile"]),
                    deployment=data["deployment"],
                    reason=data["reason"],
                )
            except TutelaError as error:
                add_errors(form, error)
                touched = None
            else:
                messages.success(request, _("The deployment goes by this profile from now on."))
                return redirect("guardrails:profile", data["profile"])
        else:
            form = form.as_seen()
    return form_page(
        request,
        form,
        title=_("Assign a profile"),
        trail=trail(),
        cancel=reverse("guardrails:profiles"),
        submit=_("Assign, and check again") if touched else _("Assign"),
        touched=touched,
    )


def _reach_of_assignment(actor: Actor, deployment_id: uuid.UUID, profile_id: uuid.UUID) -> Reach:
    before = queries.in_force(actor, deployment_id).profile
    after = queries.profile_row(actor, profile_id)
    checks = rechecks(before.rules() if before else DEFAULT_PROFILE, after.rules())
    return reach(checks, {deployment_id})


@require_http_methods(["GET", "POST"])
@page(MANAGE)
def profile_unassign(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Let a deployment go by the default again."""
    actor = actor_of(request)
    held = queries.assignment_row(actor, row_id)
    if held is None:
        raise NotFound(_("There is no such assignment, or you may not see it."))
    form = ReasonForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.unassign_profile(actor, row_id, reason=form.cleaned_data["reason"])
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The deployment goes by the default profile from now on."))
            return redirect("guardrails:profile", held.profile.id)
    before = queries.profile_row(actor, held.profile.id).rules()
    checks = rechecks(before, queries.default_rules() or DEFAULT_PROFILE)
    context = {
        "title": _("Take the profile from %(deployment)s") % {"deployment": held.deployment.name},
        "what": _("The deployment then goes by the default profile. What was found stays."),
        "touches": [
            Touched(held.deployment.name, href=reverse("inventory:deployment", args=[held.deployment.id])),
            *touches(reach(checks, {held.deployment.id})),
        ],
        "form": form,
        "submit": _("Take the profile away"),
        "cancel_href": reverse("guardrails:profile", args=[held.profile.id]),
        "trail": trail(),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
