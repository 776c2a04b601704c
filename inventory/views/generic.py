"""The pages that every noun has: list, object page, new, edit, retire. Views are thin: a service decides."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from inventory import queries
from inventory.forms.nouns import NounForm, initial_of
from inventory.forms.relations import RetireForm
from inventory.queries import related
from inventory.tables import cells
from inventory.tables.source import ListingSource
from inventory.views.pages import NounPages, row_of
from inventory.views.parts import Opened, in_pairs
from inventory.views.posted import posted
from inventory.views.steps import steps_of
from kernel.actor import Actor
from kernel.errors import Conflict, TutelaError
from ui import lists
from ui.access import View, actor_of, page
from ui.forms import add_errors
from ui.history import Entry
from ui.objects import ObjectHead
from ui.parts import Crumb
from ui.sources import ValuesSource
from ui.tables import Action, Empty, ListPage, OffsetSource

HISTORY_SHOWN = 30
"""Events on an object's page; the audit trail has them all."""


def list_view(pages: NounPages) -> View:
    """All rows that the reader may see, filtered by the address."""

    @page(pages.read)
    @require_safe
    def view(request: HttpRequest) -> HttpResponseBase:
        actor = actor_of(request)
        return lists.render_list(request, list_page(pages, actor), _source(pages, actor))

    return view


def list_page(pages: NounPages, actor: Actor) -> ListPage[Any]:
    """The list's definition for this reader."""
    may_add = actor.may_somewhere(pages.permission)
    return ListPage(
        name=f"inventory.{pages.plural}",
        title=pages.words.many,
        lead=pages.words.question,
        columns=pages.columns,
        filters=pages.filters(actor),
        sort=pages.sort,
        href=pages.href,
        empty=Empty(
            title=_("Nothing here yet"),
            why=pages.words.why,
            icon=pages.icon,
            action_href=pages.new_href() if may_add else "",
            action=pages.words.new if may_add else "",
        ),
        actions=_list_actions(pages, actor, may_add=may_add),
        template=pages.list_template,
    )


def _list_actions(pages: NounPages, actor: Actor, *, may_add: bool) -> list[Action]:
    if pages.list_actions is not None:
        return list(pages.list_actions(actor))
    return [Action(pages.words.new, pages.new_href(), "plus", primary=True)] if may_add else []


def _source(pages: NounPages, actor: Actor) -> OffsetSource[Any]:
    if pages.listing is not None:
        return ListingSource(pages.listing, actor)
    return ValuesSource(
        queries.list_units(actor, retired=True),
        filters={
            "q": lambda row, text: text.casefold() in row.name.casefold(),
            "retired": lambda _row, _wanted: True,
        },
        keys={"name": lambda row: row.name.casefold()},
    )


def detail_view(pages: NounPages) -> View:
    """One thing: its facts, what is observed of it, what it is connected to, its history."""

    @page(pages.read)
    @require_safe
    def view(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
        opened = open_page(pages, request, row_id)
        context = {
            "head": head(pages, opened),
            "pages": pages,
            "subject": opened.row,
            "facts": pages.facts(opened.row),
            "steps": steps_of(pages, opened),
            "sections": in_pairs(pages.sections(opened)),
            "history": history_of(opened.actor, pages, row_id),
        }
        return render(request, "inventory/object.html", context)

    return view


def open_page(pages: NounPages, request: HttpRequest, row_id: uuid.UUID) -> Opened:
    """Read one thing for this reader. Raises NotFound."""
    actor = actor_of(request)
    detail = pages.detail(actor, row_id)
    editable = related.may_change(actor, pages.kind, row_id)
    return Opened(actor=actor, detail=detail, row=row_of(detail), path=request.path, editable=editable)


def head(pages: NounPages, opened: Opened) -> ObjectHead:
    """What stands on top of the page."""
    row = opened.row
    return ObjectHead(
        name=pages.title(row),
        kind=pages.words.one,
        icon=pages.icon,
        state=pages.state(row) or _retired(row),
        badges=pages.badges(row),
        owner=pages.owner(row) if pages.owner else None,
        owned=pages.owner is not None,
        tier=pages.tier(row),
        identity=str(row.id),
        summary=pages.summary(row),
        trail=[Crumb(pages.words.many, pages.list_href())],
        actions=_actions(pages, opened),
    )


def _retired(row: Any) -> str:
    return cells.state({"retired": _("Retired")}, "retired") if row.retired_at else ""


def _actions(pages: NounPages, opened: Opened) -> list[Action]:
    if not opened.editable:
        return []
    args = [opened.row.id]
    return [
        *pages.actions(opened),
        Action(pages.words.retire, reverse(f"inventory:{pages.name}_retire", args=args)),
        Action(pages.words.edit, reverse(f"inventory:{pages.name}_edit", args=args), "pencil", primary=True),
    ]


def history_of(actor: Actor, pages: NounPages, row_id: uuid.UUID) -> list[Entry]:
    """What happened to a thing and to the relations that belong to it."""
    ties = related.ties_of(actor, pages.kind, row_id)
    return ledger.history_of(pages.kind, str(row_id), HISTORY_SHOWN, related=ties)


def new_view(pages: NounPages) -> View:
    """The form of a new thing; what stands in the address is filled in."""

    @page(pages.permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest) -> HttpResponseBase:
        actor = actor_of(request)
        given = {name: value for name, value in request.GET.items() if name in pages.form.base_fields}
        form = pages.form(posted(request), actor=actor, initial=given)
        if request.method == "POST" and form.is_valid() and pages.verbs.register is not None:
            try:
                made = pages.verbs.register(actor, reason=form.cleaned_data["reason"], **form.values())
            except TutelaError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("It is on the register."))
                return redirect(f"inventory:{pages.name}", made)
        return form_page(
            request,
            form,
            title=pages.words.new,
            trail=_trail(pages),
            cancel=pages.list_href(),
            submit=pages.words.new,
        )

    return view


def edit_view(pages: NounPages) -> View:
    """The form of a thing. If somebody else was faster, the page says what they changed, and nothing is lost."""

    @page(pages.permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
        actor = actor_of(request)
        row = row_of(pages.detail(actor, row_id))
        related.require_change(actor, pages.kind, row_id)
        initial = {**initial_of(row, pages.form), "version": row.version}
        form = pages.form(posted(request), actor=actor, initial=initial)
        if request.method == "POST" and form.is_valid():
            try:
                save(pages, actor, row_id, form)
            except Conflict as conflict:
                if conflict.code == "stale":
                    return conflict_page(request, pages, row, form)
                add_errors(form, conflict)
            except TutelaError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("The changes are saved."))
                return redirect(pages.href(row))
        return form_page(
            request,
            form,
            title=pages.words.edit,
            trail=_trail(pages, row),
            cancel=pages.href(row),
            submit=_("Save"),
        )

    return view


def save(pages: NounPages, actor: Actor, row_id: uuid.UUID, form: NounForm) -> None:
    """Hand the form's values to the verb, with the version that the reader had before them."""
    data = form.cleaned_data
    pages.verbs.edit(actor, row_id, version=data["version"], reason=data["reason"], **form.values())


def conflict_page(request: HttpRequest, pages: NounPages, row: Any, form: NounForm) -> HttpResponse:
    """What changed meanwhile, above the reader's own input; saving again is then a decision."""
    opened_at = form.cleaned_data["version"] or 0
    events = ledger.history_of(pages.kind, str(row.id), max(row.version - opened_at, 1))
    again = form.with_version(row.version)
    context = {
        "title": pages.words.edit,
        "form": again,
        "trail": _trail(pages, row),
        "cancel_href": pages.href(row),
        "submit": _("Save mine over it"),
        "events": events,
    }
    return render(request, "inventory/conflict.html", context, status=409)


def retire_view(pages: NounPages) -> View:
    """Take a thing out of use, after saying what that touches."""

    @page(pages.permission)
    @require_http_methods(["GET", "POST"])
    def view(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
        actor = actor_of(request)
        detail = pages.detail(actor, row_id)
        row = row_of(detail)
        related.require_change(actor, pages.kind, row_id)
        form = RetireForm(posted(request), initial={"version": row.version})
        if request.method == "POST" and form.is_valid():
            try:
                pages.verbs.retire(actor, row_id, **form.cleaned_data)
            except TutelaError as error:
                add_errors(form, error)
            else:
                messages.success(request, _("It is retired. Its page and its history stay."))
                return redirect(pages.href(row))
        context = {
            "title": _("%(what)s: %(name)s") % {"what": pages.words.retire, "name": pages.title(row)},
            "what": pages.words.retired,
            "touches": pages.touches(detail),
            "form": form,
            "submit": pages.words.retire,
            "cancel_href": pages.href(row),
            "trail": _trail(pages, row),
        }
        return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)

    return view


def _trail(pages: NounPages, row: Any = None) -> list[Crumb]:
    steps = [Crumb(pages.words.many, pages.list_href())]
    return steps if row is None else [*steps, Crumb(pages.title(row), pages.href(row))]


def form_page(
    request: HttpRequest, form: Any, *, title: Any, trail: list[Crumb], cancel: str, submit: Any
) -> HttpResponse:
    """A form alone on its page."""
    context = {"title": title, "form": form, "trail": trail, "cancel_href": cancel, "submit": submit}
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)
