"""People and their roles: who may do what, where."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from audit import queries as ledger
from audit.panels import in_words
from console import people, services
from console.forms import GrantForm, PersonForm
from console.models import ROLE_LABELS
from console.people import HeldRole, Person
from kernel.actor import Actor, Permission, Role
from kernel.errors import TutelaError
from ui import lists, parts
from ui.access import actor_of, page
from ui.filters import BooleanFilter, Choice, ChoiceFilter, TextFilter
from ui.forms import ReasonForm, Touched, add_errors
from ui.history import Entry
from ui.objects import ObjectHead
from ui.parts import Crumb
from ui.tables import Action, Column, ListPage

TITLE = gettext_lazy("People and roles")


def _roles_cell(person: Person) -> str | None:
    badges = [(parts.badge(role.label, "accent" if role.unit is None else "plain"),) for role in person.roles]
    return format_html_join(" ", "{}", badges) if badges else None


def _state(person: Person) -> str:
    return parts.badge(_("Active"), "ok") if person.active else parts.badge(_("Closed"), "plain")


def _list() -> ListPage[Person]:
    return ListPage(
        name="console.people",
        title=TITLE,
        lead=_("Who signs in here, and what may they do where?"),
        columns=(
            Column("name", _("Name"), value=lambda person: person.name, sort="name", fixed=True),
            Column("email", _("E-mail address"), value=lambda person: person.email, sort="email"),
            Column(
                "roles",
                _("Roles"),
                value=lambda person: [str(role.label) for role in person.roles],
                cell=_roles_cell,
                unknown=_("no role"),
            ),
            Column("state", _("State"), value=lambda person: person.active, cell=_state),
            Column(
                "last",
                _("Last sign-in"),
                value=lambda person: person.last_sign_in,
                cell=lambda person: parts.when(person.last_sign_in, word=_("never")),
                sort="last",
            ),
        ),
        filters=(
            TextFilter(name="q", label=_("Name or address")),
            ChoiceFilter(
                name="role",
                label=_("Role"),
                choices=[Choice(role.value, label) for role, label in ROLE_LABELS.items()],
            ),
            BooleanFilter(name="active", label=_("State"), yes=_("active"), no=_("closed")),
        ),
        href=lambda person: reverse("console:person", args=[person.id]),
        sort="name",
        actions=(Action(_("Add a person"), reverse("console:add_person"), "plus", primary=True),),
    )


@page(Permission.PEOPLE_MANAGE)
@require_safe
def people_list(request: HttpRequest) -> HttpResponseBase:
    """Everybody with an account."""
    return lists.render_list(request, _list(), people.source(actor_of(request)))


@page(Permission.PEOPLE_MANAGE)
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def add_person(request: HttpRequest) -> HttpResponseBase:
    """A new account, without any role yet."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person_id = services.create_person(actor_of(request), **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The account is made. Give it a role, or it can do nothing."))
            return redirect("console:person", person_id)
    return _form(request, form, title=_("Add a person"), cancel=reverse("console:people"), submit=_("Add"))


@page(Permission.PEOPLE_MANAGE)
@require_safe
def person(request: HttpRequest, person_id: uuid.UUID) -> HttpResponse:
    """One person: their roles, and what was done to the account."""
    found = people.person(actor_of(request), person_id)
    context = {
        "head": _head(found),
        "person": found,
        "history": _history(actor_of(request), found),
    }
    return render(request, "console/person.html", context)


@page(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "POST"])
def grant_role(request: HttpRequest, person_id: uuid.UUID) -> HttpResponseBase:
    """Give a role."""
    actor = actor_of(request)
    found = people.person(actor, person_id)
    roles = [(role.value, label) for role, label in ROLE_LABELS.items()]
    form = GrantForm(request.POST or None, roles=roles, units=people.grantable_units(actor))
    if request.method == "POST" and form.is_valid():
        try:
            services.grant_role(actor, person_id, **_granted(form.cleaned_data))
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The role is given."))
            return redirect("console:person", person_id)
    title = _("Give %(name)s a role") % {"name": found.name}
    return _form(
        request,
        form,
        title=title,
        cancel=reverse("console:person", args=[person_id]),
        submit=_("Give the role"),
    )


@page(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "POST"])
def revoke_role(request: HttpRequest, person_id: uuid.UUID, grant_id: uuid.UUID) -> HttpResponseBase:
    """Take a role away, after saying what that touches."""
    found = people.person(actor_of(request), person_id)
    held = next((role for role in found.roles if role.id == grant_id), None)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.revoke_role(actor_of(request), grant_id, reason=form.cleaned_data["reason"])
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The role is taken away, from the next click on."))
            return redirect("console:person", person_id)
    what = _("%(name)s loses the role %(role)s.") % {"name": found.name, "role": held.label if held else ""}
    touches = [Touched(_where(held))] if held else []
    return _confirm(request, form, found, title=_("Take a role away"), what=what, touches=touches)


@page(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "POST"])
def close_account(request: HttpRequest, person_id: uuid.UUID) -> HttpResponseBase:
    """Close an account, or open it again."""
    found = people.person(actor_of(request), person_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = services.deactivate if found.active else services.reactivate
        try:
            act(actor_of(request), person_id, reason=form.cleaned_data["reason"])
        except TutelaError as error:
            add_errors(form, error)
        else:
            return redirect("console:person", person_id)
    if found.active:
        title, what = _("Close the account"), _("Every session of %(name)s ends now. The history stays.")
    else:
        title, what = (
            _("Open the account again"),
            _("%(name)s can sign in again, with the roles that are still given."),
        )
    touches = [Touched(_("roles held"), len(found.roles))]
    return _confirm(request, form, found, title=title, what=what % {"name": found.name}, touches=touches)


def _granted(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "role": Role(data["role"]),
        "unit_id": uuid.UUID(data["unit"]) if data["unit"] else None,
        "read_content": data["read_content"],
        "reason": data["reason"],
    }


def _head(found: Person) -> ObjectHead:
    account = _("Close the account") if found.active else _("Open the account again")
    return ObjectHead(
        name=found.name,
        kind=_("Person"),
        icon="user",
        state=_state(found),
        identity=str(found.id),
        owned=False,
        trail=[Crumb(TITLE, reverse("console:people"))],
        actions=[
            Action(account, reverse("console:close_account", args=[found.id])),
            Action(_("Give a role"), reverse("console:grant_role", args=[found.id]), "plus", primary=True),
        ],
    )


def _where(held: HeldRole) -> str:
    return held.unit or _("The whole organisation")


def _history(actor: Actor, found: Person) -> list[Entry] | None:
    if not actor.may_somewhere(Permission.AUDIT_READ):
        return None
    return in_words(ledger.history("console.person", str(found.id)))


def _form(request: HttpRequest, form: Form, *, title: str, cancel: str, submit: str) -> HttpResponse:
    context = {"title": title, "form": form, "cancel_href": cancel, "submit": submit}
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)


def _confirm(
    request: HttpRequest, form: Form, found: Person, *, title: str, what: str, touches: list[Touched]
) -> HttpResponse:
    context = {
        "title": title,
        "what": what,
        "touches": touches,
        "form": form,
        "submit": title,
        "cancel_href": reverse("console:person", args=[found.id]),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)
