"""The pages of profiles: list, one, new, edit with what it touches, assign, unassign, retire."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from guardrails import services
from guardrails.domain.rules import BUILT_IN, rechecks
from guardrails.forms import AssignForm, ProfileForm, initial_of
from guardrails.models import GuardrailProfile
from guardrails.queries import profiles as queries
from guardrails.queries.profiles import PROFILES, ProfileDetail, ProfileRow
from guardrails.queries.reach import Reach, reach
from guardrails.tables.profiles import PROFILE_COLUMNS, facts, href, sentences
from guardrails.tables.words import CHECK_WORDS
from inventory import filters
from inventory.forms.relations import RetireForm
from inventory.tables.source import ListingSource
from inventory.views.posted import posted
from kernel.actor import Actor, Permission
from kernel.errors import NotFound, TutelaError
from ui import formats, lists, parts
from ui.access import actor_of, page
from ui.forms import ReasonForm, Touched, add_errors
from ui.objects import ObjectHead
from ui.parts import Crumb
from ui.tables import Action, Empty, ListPage

MANAGE = Permission.GUARDRAILS_MANAGE
HISTORY_SHOWN = 30
_LIST = gettext_lazy("Guardrail profiles")


@require_safe
@page(Permission.REGISTER_READ)
def profiles(request: HttpRequest) -> HttpResponseBase:
    """Every profile that the reader may see."""
    actor = actor_of(request)
    may_add = actor.may_somewhere(MANAGE)
    new = reverse("guardrails:profile_new") if may_add else ""
    definition: ListPage[ProfileRow] = ListPage(
        name="guardrails.profiles",
        title=_LIST,
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
        trail=_trail(),
        actions=actions if may else [],
    )


def _trail(row: ProfileRow | None = None) -> list[Crumb]:
    steps = [Crumb(_LIST, reverse("guardrails:profiles"))]
    return steps if row is None else [*steps, Crumb(row.name, href(row))]


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
    return _form_page(
        request, form, title=title, trail=_trail(), cancel=reverse("guardrails:profiles"), submit=submit
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
    return _form_page(
        request,
        form,
        title=_("Edit the profile"),
        trail=_trail(row),
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
    return _form_page(
        request,
        form,
        title=_("Assign a profile"),
        trail=_trail(),
        cancel=reverse("guardrails:profiles"),
        submit=_("Assign, and check again") if touched else _("Assign"),
        touched=touched,
    )


def _reach_of_assignment(actor: Actor, deployment_id: uuid.UUID, profile_id: uuid.UUID) -> Reach:
    before = queries.in_force(actor, deployment_id).profile
    after = queries.profile_row(actor, profile_id)
    checks = rechecks(before.rules() if before else BUILT_IN, after.rules())
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
    checks = rechecks(before, queries.default_rules() or BUILT_IN)
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
        "trail": _trail(),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def touches(found: Reach) -> list[Touched]:
    """What is checked again, as a page that confirms lists it."""
    return [Touched(line) for line in told(found)]


def told(found: Reach) -> list[str]:
    """What is checked again, in sentences; empty where nothing is."""
    lines = []
    if found.messages is not None:
        lines.append(
            _number_of(
                found.messages,
                ngettext(
                    "%(number)s message is checked again.",
                    "%(number)s messages are checked again.",
                    found.messages.number,
                ),
            )
        )
    if found.traces is not None:
        lines.append(
            _number_of(
                found.traces,
                ngettext(
                    "The answers of %(number)s trace are held against their sources again.",
                    "The answers of %(number)s traces are held against their sources again.",
                    found.traces.number,
                ),
            )
        )
    return lines


def _number_of(count: Any, sentence: str) -> str:
    shown = formats.number(count.number, digits=0)
    return sentence % {"number": shown if count.exact else _("more than %(number)s") % {"number": shown}}


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
        "trail": _trail(row),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def _using(detail: ProfileDetail) -> list[Touched]:
    count = detail.row.deployment_count
    what = _("deployments, which must have another profile before")
    return [Touched(what, count, f"{href(detail.row)}#deployments")] if count else []


def _form_page(
    request: HttpRequest,
    form: Any,
    *,
    title: str,
    trail: list[Crumb],
    cancel: str,
    submit: str,
    touched: Reach | None = None,
) -> HttpResponse:
    context = {
        "title": title,
        "form": form,
        "trail": trail,
        "cancel_href": cancel,
        "submit": submit,
        "touched": touched,
        "told": told(touched) if touched else [],
        "again": [CHECK_WORDS[check] for check in sorted(touched.checks)] if touched else [],
    }
    return render(request, "guardrails/profile_form.html", context, status=422 if form.errors else 200)
