"""The pages of profiles: list, one, new, edit with what it touches, assign, unassign, retire."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from guardrails import services
from guardrails.domain.rules import rechecks
from guardrails.forms import ProfileForm, initial_of
from guardrails.models import GuardrailProfile
from guardrails.queries import profiles as queries
from guardrails.queries.profiles import PROFILES, ProfileDetail, ProfileRow
from guardrails.queries.reach import Reach, reach
from guardrails.tables.profiles import PROFILE_COLUMNS, facts, href, sentences
from guardrails.views.parts import LIST_NAME, form_page, trail
from inventory import filters
from inventory.forms.relations import RetireForm
from inventory.tables.source import ListingSource
from inventory.views.posted import posted
from kernel.actor import Actor, Permission
from kernel.errors import TutelaError
from ui import lists, parts
from ui.access import actor_of, page
from ui.forms import Touched, add_errors
from ui.objects import ObjectHead
from ui.tables import Action, Empty, ListPage

MANAGE = Permission.GUARDRAILS_MANAGE
HISTORY_SHOWN = 30


@require_safe
@page(Permission.REGISTER_READ)
def profiles(request: HttpRequest) -> HttpResponseBase:
    """Every profile that the reader may see."""
    actor = actor_of(request)
    may_add = actor.may_somewhere(MANAGE)
    new = reverse("guardrails:profile_new") if may_add else ""
    definition: ListPage[ProfileRow] = ListPage(
        name="guardrails.profiles",
        title=LIST_NAME,
        lead=_("What is checked, in how much of what is said, from which score on?"),
        columns=PROFILE_COLUMNS,
        filters=[
            filters.search(_("Name")),
            filters.relation("unit", _("Kept by"), actor, "unit"),
            filters.retired(),
        ],
        sort="name",
        href=href,
        empty=Empty(
            _("No profile here"),
            _(
                "A profile says which checks run on a deployment, on how much of its traffic and how strictly. "
                "Deployments without one of their own go by the default."
            ),
            icon="shield",
            action=_("Make a profile") if may_add else "",
            action_href=new,
        ),
        actions=[Action(_("Make a profile"), new, "plus", primary=True)] if may_add else [],
    )
    return lists.render_list(request, definition, ListingSource(PROFILES, actor))


@require_safe
@page(Permission.REGISTER_READ)
def profile(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    """One profile: what it does, who goes by it, what became of it."""
    actor = actor_of(request)
    detail = queries.profile_detail(actor, row_id)
    context = {
        "head": _head(actor, detail.row),
        "row": detail.row,
        "sentences": sentences(detail.row.rules()),
        "facts": facts(detail.row),
        "assignments": detail.assignments,
        "may_assign": actor.may_somewhere(MANAGE) and detail.row.retired_at is None,
        "assign_href": f"{reverse('guardrails:profile_assign')}?profile={row_id}",
        "history": ledger.history_of(
            "guardrails.profile",
            str(row_id),
            HISTORY_SHOWN,
            related={
                ("guardrails.profile_assignment", str(item.id)): item.deployment.name
                for item in detail.assignments
            },
        ),
    }
    return render(request, "guardrails/profile.html", context)


def _head(actor: Actor, row: ProfileRow) -> ObjectHead:
    unit = row.unit.id if row.unit else None
    may = actor.may(MANAGE, unit=unit) and row.retired_at is None
    actions = [Action(_("Edit"), reverse("guardrails:profile_edit", args=[row.id]), "pencil", primary=True)]
    if not row.is_default:
        actions.insert(0, Action(_("Retire"), reverse("guardrails:profile_retire", args=[row.id])))
    return ObjectHead(
        name=row.name,
        kind=_("Guardrail profile"),
        icon="shield",
        state=parts.badge(_("Retired"), "plain") if row.retired_at else "",
        badges=[parts.badge(_("default"), "accent")] if row.is_default else [],
        owned=False,
        identity=str(row.id),
        summary=_("Whatever has no profile of its own goes by this one.") if row.is_default else "",
        trail=trail(),
        actions=actions if may else [],
    )


@require_http_methods(["GET", "POST"])
@page(MANAGE)
def profile_new(request: HttpRequest) -> HttpResponseBase:
    """The form of a new profile. It touches nothing: nobody goes by it yet."""
    form = ProfileForm(posted(request), actor=actor_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_profile(
                actor_of(request), reason=form.cleaned_data["reason"], **form.values()
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The profile is there. Assign it to deployments to put it to use."))
            return redirect("guardrails:profile", made)
    title, submit = _("Make a profile"), _("Make a profile")
    return form_page(
        request, form, title=title, trail=trail(), cancel=reverse("guardrails:profiles"), submit=submit
    )


@require_http_methods(["GET", "POST"])
@page(MANAGE)
def profile_edit(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """The form of a profile. What its change has checked again is said before anything is saved."""
    actor = actor_of(request)
    row = queries.profile_row(actor, row_id)
    form = ProfileForm(posted(request), actor=actor, initial={**initial_of(row), "version": row.version})
    touched: Reach | None = None
    if request.method == "POST" and form.is_valid():
        touched = _reach_of_edit(row, form)
        if not touched.checks or form.cleaned_data["seen"] == form.fingerprint():
            try:
                services.edit_profile(
                    actor,
                    row_id,
                    version=form.cleaned_data["version"],
                    reason=form.cleaned_data["reason"],
                    **form.values(),
                )
            except TutelaError as error:
                add_errors(form, error)
                touched = None
            else:
                messages.success(request, _("The profile is saved, and holds from the next check on."))
                return redirect(href(row))
        else:
            form = form.as_seen()
    return form_page(
        request,
        form,
        title=_("Edit the profile"),
        trail=trail(row),
        cancel=href(row),
        submit=_("Save, and check again") if touched else _("Save"),
        touched=touched,
    )


def _reach_of_edit(row: ProfileRow, form: ProfileForm) -> Reach:
    after = GuardrailProfile(
        **{k: v for k, v in form.values().items() if k.partition("_")[0] in _CHECKS}
    ).rules
    return reach(rechecks(row.rules(), after), queries.deployments_of(row.id))


_CHECKS = frozenset({"personal", "secrets", "groundedness"})


@require_http_methods(["GET", "POST"])
@page(MANAGE)
def profile_retire(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Take a profile out of use, after saying who still goes by it."""
    actor = actor_of(request)
    detail = queries.profile_detail(actor, row_id)
    row = detail.row
    form = RetireForm(posted(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            services.retire_profile(actor, row_id, **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is retired. Its page and its history stay."))
            return redirect(href(row))
    context = {
        "title": _("Retire the profile: %(name)s") % {"name": row.name},
        "what": _("Nobody can go by it any more. What was found under it stays."),
        "touches": _using(detail),
        "form": form,
        "submit": _("Retire"),
        "cancel_href": href(row),
        "trail": trail(row),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def _using(detail: ProfileDetail) -> list[Touched]:
    count = detail.row.deployment_count
    what = _("deployments, which must have another profile before")
    return [Touched(what, count, f"{href(detail.row)}#deployments")] if count else []
