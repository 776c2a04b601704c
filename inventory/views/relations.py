"""Relations between things: one page that begins one, one that ends it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inventory import services
from inventory.domain.words import Basis, BindingPurpose, Descent, EntityRole, UseRole
from inventory.forms import relations as forms
from inventory.queries import related
from inventory.views.posted import posted
from kernel.actor import Permission
from kernel.errors import NotFound, TutelaError
from ui.access import actor_of, page
from ui.forms import ReasonForm, Touched, add_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A way to tie two things: its words, its form, its verbs, and the page it belongs to."""

    kind: str
    title: str | Promise
    done: str | Promise
    end_title: str | Promise
    form: type[forms.RelationForm]
    begin: Callable[..., uuid.UUID]
    end: Callable[..., int]
    home: str  # the field of the form whose thing has the relation on its page
    route: str
    words: Mapping[str, type[StrEnum]]
    dated: bool = True


RELATIONS: dict[str, Relation] = {
    "role": Relation(
        kind="inventory.system_role",
        title=gettext_lazy("Name a legal entity"),
        done=gettext_lazy("The role is given."),
        end_title=gettext_lazy("End the role"),
        form=forms.RoleForm,
        begin=services.assign_role,
        end=services.end_role,
        home="system",
        route="system",
        words={"role": EntityRole},
    ),
    "placement": Relation(
        kind="inventory.placement",
        title=gettext_lazy("Add a place"),
        done=gettext_lazy("The deployment is placed."),
        end_title=gettext_lazy("End the placement"),
        form=forms.PlacementForm,
        begin=services.place_deployment,
        end=services.end_placement,
        home="deployment",
        route="deployment",
        words={},
    ),
    "use": Relation(
        kind="inventory.deployment_use",
        title=gettext_lazy("Connect an endpoint"),
        done=gettext_lazy("The endpoint is connected."),
        end_title=gettext_lazy("Disconnect the endpoint"),
        form=forms.UseForm,
        begin=services.use_endpoint,
        end=services.end_use,
        home="deployment",
        route="deployment",
        words={"role": UseRole},
    ),
    "binding": Relation(
        kind="inventory.binding",
        title=gettext_lazy("Bind data"),
        done=gettext_lazy("The data is bound."),
        end_title=gettext_lazy("End the data binding"),
        form=forms.BindingForm,
        begin=services.bind_dataset,
        end=services.end_binding,
        home="deployment",
        route="deployment",
        words={"purpose": BindingPurpose, "basis": Basis},
    ),
    "serves": Relation(
        kind="inventory.endpoint_serves",
        title=gettext_lazy("Add a model"),
        done=gettext_lazy("The model is added."),
        end_title=gettext_lazy("End the model"),
        form=forms.ServesForm,
        begin=services.serve_model,
        end=services.end_serving,
        home="endpoint",
        route="endpoint",
        words={},
    ),
    "route": Relation(
        kind="inventory.endpoint_route",
        title=gettext_lazy("Add a route"),
        done=gettext_lazy("The route is added."),
        end_title=gettext_lazy("End the route"),
        form=forms.RouteForm,
        begin=services.route_endpoint,
        end=services.end_route,
        home="gateway",
        route="endpoint",
        words={},
    ),
    "descent": Relation(
        kind="inventory.model_relation",
        title=gettext_lazy("Say where it comes from"),
        done=gettext_lazy("The origin is on the register."),
        end_title=gettext_lazy("Take the origin back"),
        form=forms.DescentForm,
        begin=services.relate_model_versions,
        end=services.withdraw_model_relation,
        home="child",
        route="model_version",
        words={"descent": Descent},
        dated=False,
    ),
    "training": Relation(
        kind="inventory.model_training",
        title=gettext_lazy("Name training data"),
        done=gettext_lazy("The training data is named."),
        end_title=gettext_lazy("End the training"),
        form=forms.TrainingForm,
        begin=services.add_training,
        end=services.end_training,
        home="model_version",
        route="model_version",
        words={},
    ),
}


@page(Permission.REGISTER_READ)
@require_http_methods(["GET", "POST"])
def relate(request: HttpRequest, relation: str) -> HttpResponseBase:
    """Tie two things together. What stands in the address is filled in; the service asks for the right."""
    tie = _relation(relation)
    actor = actor_of(request)
    actor.require_somewhere(related.NOUNS[tie.kind].permission)
    given = {name: value for name, value in request.GET.items() if name in tie.form.base_fields}
    form = tie.form(posted(request), actor=actor, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            tie.begin(actor, reason=form.cleaned_data["reason"], **_values(tie, form))
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, str(tie.done))
            return redirect(_next(request) or _home(tie, form.cleaned_data[tie.home]))
    context = {
        "title": tie.title,
        "form": form,
        "submit": tie.title,
        "cancel_href": _next(request) or reverse(f"inventory:{tie.route}s"),
    }
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)


@page(Permission.REGISTER_READ)
@require_http_methods(["GET", "POST"])
def end(request: HttpRequest, relation: str, row_id: uuid.UUID) -> HttpResponseBase:
    """Say until when a relation held, or take it back."""
    tie = _relation(relation)
    actor = actor_of(request)
    other, home_id = related.tie_name(actor, tie.kind, row_id)
    related.require_change(actor, tie.kind, row_id)
    form = (forms.EndForm if tie.dated else ReasonForm)(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            tie.end(actor, row_id, **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("It is ended. The history keeps it."))
            return redirect(_next(request) or _home(tie, home_id))
    context = {
        "title": tie.end_title,
        "what": _("From then on it no longer holds; that it held before stays on record."),
        "touches": [Touched(other)],
        "form": form,
        "submit": tie.end_title,
        "cancel_href": _next(request) or _home(tie, home_id),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def _relation(name: str) -> Relation:
    found = RELATIONS.get(name)
    if found is None:
        raise NotFound(_("There is no such relation."))
    return found


def _values(tie: Relation, form: forms.RelationForm) -> dict[str, Any]:
    values = form.values()
    return {name: tie.words[name](value) if name in tie.words else value for name, value in values.items()}


def _home(tie: Relation, home_id: uuid.UUID) -> str:
    return reverse(f"inventory:{tie.route}", args=[home_id])


def _next(request: HttpRequest) -> str:
    """Where the reader came from, if that is a page of ours."""
    wanted = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""
