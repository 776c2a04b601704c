"""Endpoint keys: made, replaced, revoked. A token's text is on the page that answers its making, and nowhere else."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inventory import queries, services
from inventory.forms.keys import KeyEditForm, KeyForm, RotateForm
from inventory.queries import listings, related
from inventory.services import NewKey, nouns
from inventory.tables import cells, where
from inventory.views import connected, facts, touches
from inventory.views.pages import NounPages, Verbs, Words
from inventory.views.parts import Opened
from inventory.views.posted import posted
from inventory.views.snippets import otlp_address, with_opentelemetry, with_sdk
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb
from ui.tables import Action

TITLE = gettext_lazy("Endpoint keys")


def _rotate(opened: Opened) -> list[Action]:
    return [Action(_("Replace"), reverse("inventory:key_rotate", args=[opened.row.id]), "refresh-cw")]


KEY = NounPages(
    name="key",
    plural="keys",
    icon="key-round",
    words=Words(
        one=gettext_lazy("Endpoint key"),
        many=TITLE,
        question=gettext_lazy("Who may send telemetry, in whose name, and when did they last?"),
        why=gettext_lazy(
            "An endpoint sends its telemetry with a key. A key bounds what its bearer may claim to be, and is shown once."
        ),
        new=gettext_lazy("Make a key"),
        edit=gettext_lazy("Edit"),
        retire=gettext_lazy("Revoke"),
        retired=gettext_lazy(
            "The key is shut for good, within a second everywhere. What it sent before stays explained."
        ),
    ),
    noun=nouns.KEY,
    listing=listings.KEYS,
    columns=where.KEY_COLUMNS,
    filters=where.key_filters,
    form=KeyEditForm,
    verbs=Verbs(register=None, edit=services.edit_key, retire=services.revoke_key),
    detail=queries.key_detail,
    facts=facts.key,
    sections=connected.nothing,
    touches=touches.nothing,
    state=lambda row: cells.state(where.KEY_STATE, row.state),
    actions=_rotate,
    sort="-created",
)


@page(Permission.KEYS_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Make a key; the answer shows its token, once."""
    actor = actor_of(request)
    given = {name: value for name, value in request.GET.items() if name in KeyForm.base_fields}
    form = KeyForm(posted(request), actor=actor, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_key(actor, reason=form.cleaned_data["reason"], **form.values())
        except TutelaError as error:
            add_errors(form, error)
        else:
            return shown_once(request, made)
    context = {
        "title": KEY.words.new,
        "lead": KEY.words.why,
        "form": form,
        "submit": KEY.words.new,
        "cancel_href": KEY.list_href(),
        "trail": [Crumb(TITLE, KEY.list_href())],
    }
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)


@page(Permission.KEYS_MANAGE)
@require_http_methods(["GET", "POST"])
def rotate(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Replace a key by a new one of the same scope."""
    actor = actor_of(request)
    row = queries.key_detail(actor, row_id)
    related.require_change(actor, KEY.kind, row_id)
    form = RotateForm(posted(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.rotate_key(actor, row_id, **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            return shown_once(request, made)
    context = {
        "title": _("Replace the key"),
        "lead": _("A new key of the same scope takes the place of “%(name)s”.") % {"name": row.name},
        "form": form,
        "submit": _("Make the new key"),
        "cancel_href": KEY.href(row),
        "trail": [Crumb(TITLE, KEY.list_href()), Crumb(row.name, KEY.href(row))],
    }
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)


def shown_once(request: HttpRequest, made: NewKey) -> HttpResponse:
    """The token and the lines to send with it. The answer to the form itself: no address leads here again."""
    row = queries.key_detail(actor_of(request), made.id)
    address = otlp_address(request)
    claim = _claim(request, row.deployment)
    context = {
        "key": row,
        "token": made.token,
        "address": address,
        "sdk": with_sdk(address, key=made.token, deployment=claim),
        "opentelemetry": with_opentelemetry(address, key=made.token, deployment=claim),
    }
    response = render(request, "inventory/key_made.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _claim(request: HttpRequest, deployment: queries.Ref | None) -> str:
    """The name in telemetry of the one deployment that the key speaks for."""
    if deployment is None:
        return ""
    return queries.deployment_detail(actor_of(request), deployment.id).row.slug
