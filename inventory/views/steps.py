"""Steps from one state to another: which buttons there are, and the page that asks for the reason."""

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
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from inventory import services
from inventory.domain.words import DeploymentState, ModelState, SystemState
from inventory.forms.relations import MoveForm
from inventory.models import labels
from inventory.queries import related
from inventory.tables import cells
from inventory.views.pages import NounPages, row_of
from inventory.views.parts import Opened
from inventory.views.posted import posted
from kernel.errors import NotFound, TutelaError
from ui.access import View, actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb
from ui.tables import Action
from ui.text import Text

RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Moves:
    """The states of a noun, their words, and the verb that moves between them."""

    states: type[StrEnum]
    words: Mapping[Any, Text]
    verb: Callable[..., int]


MOVES: dict[str, Moves] = {
    "system": Moves(SystemState, labels.SYSTEM_STATE, services.move_system),
    "deployment": Moves(DeploymentState, labels.DEPLOYMENT_STATE, services.move_deployment),
    "model_version": Moves(ModelState, labels.MODEL_STATE, services.move_model_version),
}
_BUTTONS: dict[str, Text] = {
    "proposed": gettext_lazy("Back to proposed"),
    "in_assessment": gettext_lazy("Assess"),
    "approved": gettext_lazy("Approve"),
    "live": gettext_lazy("Go live"),
    "restricted": gettext_lazy("Restrict"),
    "suspended": gettext_lazy("Suspend"),
    "paused": gettext_lazy("Pause"),
    "blocked": gettext_lazy("Block"),
    "deprecated": gettext_lazy("Deprecate"),
    "candidate": gettext_lazy("Back to candidate"),
}


def steps_of(pages: NounPages, opened: Opened) -> list[Action]:
    """The steps that may follow now, for those who may take them. Retiring has its own button."""
    if pages.name not in MOVES or not opened.editable:
        return []
    return [
        Action(_BUTTONS[state], reverse(f"inventory:{pages.name}_move", args=[opened.row.id, state]))
        for state in opened.detail.next_states
        if state != RETIRED
    ]


def move_view(pages: NounPages) -> View:
    """One step, with the reason that some steps ask for."""
    moves = MOVES[pages.name]

    @page(pages.permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, row_id: uuid.UUID, state: str) -> HttpResponseBase:
        actor = actor_of(request)
        row = row_of(pages.detail(actor, row_id))
        related.require_change(actor, pages.kind, row_id)
        if state not in {member.value for member in moves.states}:
            raise NotFound(_("There is no such state."))
        form = MoveForm(posted(request), initial={"version": row.version})
        if request.method == "POST" and form.is_valid():
            try:
                moves.verb(actor, row_id, to=moves.states(state), **form.cleaned_data)
            except TutelaError as error:
                add_errors(form, error)
            else:
                messages.success(
                    request, _("The state is now “%(state)s”.") % {"state": cells.said(moves.words, state)}
                )
                return redirect(pages.href(row))
        context = {
            "title": _BUTTONS.get(state, pages.words.retire),
            "lead": _("“%(name)s” goes from “%(before)s” to “%(after)s”.")
            % {
                "name": pages.title(row),
                "before": cells.said(moves.words, row.state),
                "after": cells.said(moves.words, state),
            },
            "form": form,
            "submit": _BUTTONS.get(state, pages.words.retire),
            "cancel_href": pages.href(row),
            "trail": [Crumb(pages.words.many, pages.list_href()), Crumb(pages.title(row), pages.href(row))],
        }
        return render(request, "ui/form.html", context, status=422 if form.errors else 200)

    return view
