"""How much may be spent in a month, on what, and how far is it spent?"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from governance.forms.budgets import BudgetForm, initial_of
from governance.models import Budget
from governance.queries import budgets as queries
from governance.queries.budgets import BudgetRow, BudgetState
from governance.services import budgets as services
from governance.tables import budgets as table
from inventory.forms.relations import RetireForm
from inventory.tables import cells
from inventory.views.posted import posted
from kernel.actor import Actor, Permission
from kernel.errors import NotFound, TutelaError
from ui import lists, parts
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.objects import ObjectHead
from ui.parts import Crumb, Fact
from ui.sources import ValuesSource
from ui.tables import Action, Empty, ListPage

MANAGE = Permission.PRICES_MANAGE
READ = Permission.TELEMETRY_READ
KIND = "governance.budget"
HISTORY_SHOWN = 30
LIST = gettext_lazy("Budgets")


def states_of(actor: Actor) -> list[BudgetState]:
    """The budgets that the actor may see, in the month that runs."""
    seen = {row.id for row in queries.list_budgets(actor)}
    return queries.budget_states(seen) if seen else []


@require_safe
@page(READ)
def budgets(request: HttpRequest) -> HttpResponseBase:
    """All budgets that the reader may see."""
    actor = actor_of(request)
    may_add = actor.may_somewhere(MANAGE)
    new = reverse("governance:budget_new")
    definition: ListPage[BudgetState] = ListPage(
        name="governance.budgets",
        title=LIST,
        lead=_("How much may be spent in a month, on what, and how far is it spent?"),
        columns=table.COLUMNS,
        sort="-share",
        href=lambda state: reverse("governance:budget", args=[state.row.id]),
        actions=[Action(_("Add a budget"), new, "plus", primary=True)] if may_add else [],
        empty=Empty(
            title=_("No budget yet"),
            why=_(
                "A budget is an amount for each month. Its thresholds become violations, with somebody who has them."
            ),
            icon="credit-card",
            action=_("Add a budget") if may_add else "",
            action_href=new if may_add else "",
        ),
    )
    return lists.render_list(request, definition, ValuesSource(states_of(actor), keys=table.SORTS))


@require_safe
@page(READ)
def budget(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """One budget: its amount, how far it is spent, its history."""
    actor = actor_of(request)
    row = _row(actor, row_id)
    state = next(iter(queries.budget_states([row.id])), None)
    head = ObjectHead(
        name=row.name,
        kind=_("Budget"),
        icon="credit-card",
        state=table.badge(state) if state else cells.state({"retired": _("Retired")}, "retired"),
        owner=row.owner.name if row.owner else None,
        identity=str(row.id),
        trail=[_crumb()],
        actions=_actions(actor, row),
    )
    context = {
        "head": head,
        "facts": _facts(row),
        "spending": _spending(state) if state else [],
        "meter": table.meter(state) if state else "",
        "history": ledger.history_of(KIND, str(row.id), HISTORY_SHOWN),
    }
    return render(request, "governance/budget.html", context)


def _facts(row: BudgetRow) -> list[Fact]:
    return [
        Fact(_("Scope"), parts.door(table.scope(row), table.costs_href(row))),
        Fact(_("Amount per month"), table.amount(row)),
        Fact(_("Thresholds"), ", ".join(f"{one} %" for one in row.thresholds), unknown=_("none")),
        Fact(_("Note"), row.note, unknown=_("none")),
    ]


def _spending(state: BudgetState) -> list[Fact]:
    currency = state.row.currency
    no_rate = _("no exchange rate")
    return [
        Fact(_("Month"), state.month),
        Fact(_("Spent so far"), table.money(state.spent.nano, currency), unknown=no_rate),
        Fact(_("Of it, calls"), table.money(state.calls.nano, currency), unknown=no_rate),
        Fact(_("Of it, seats"), table.money(state.seats.nano, currency), unknown=no_rate),
        Fact(
            _("Forecast"),
            table.money(state.forecast, currency),
            hint=_("a straight line: calls as so far, seats for the whole month"),
            unknown=_("not yet"),
        ),
        Fact(
            _("Calls without a price"),
            state.unpriced_calls,
            hint=_("what they cost is not known and not counted"),
        ),
    ]


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """The form of a new budget; what stands in the address is filled in."""
    actor = actor_of(request)
    given = {name: value for name, value in request.GET.items() if name in BudgetForm.base_fields}
    form = BudgetForm(posted(request), actor=actor, initial=given)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.register_budget(actor, reason=form.cleaned_data["reason"], **form.values())
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The budget holds from now on."))
            return redirect("governance:budget", made)
    return _form(request, form, _("Add a budget"), cancel=reverse("governance:budgets"))


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """The form of a budget."""
    actor = actor_of(request)
    row = _row(actor, row_id)
    actor.require(MANAGE, unit=row.unit_id)
    form = BudgetForm(posted(request), actor=actor, initial=initial_of(row))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.edit_budget(
                actor, row_id, version=data["version"], reason=data["reason"], **form.values()
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The changes are saved."))
            return redirect("governance:budget", row_id)
    return _form(request, form, _("Edit the budget"), cancel=reverse("governance:budget", args=[row_id]))


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Give a budget up."""
    actor = actor_of(request)
    row = _row(actor, row_id)
    actor.require(MANAGE, unit=row.unit_id)
    form = RetireForm(posted(request), initial={"version": row.version})
    if request.method == "POST" and form.is_valid():
        try:
            services.retire_budget(actor, row_id, **form.cleaned_data)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The budget is given up. Its page and its history stay."))
            return redirect("governance:budget", row_id)
    context = {
        "title": _("Give up the budget: %(name)s") % {"name": row.name},
        "what": _("Spending is no longer held against it. Violations that it opened close."),
        "touches": [],
        "form": form,
        "submit": _("Give up"),
        "cancel_href": reverse("governance:budget", args=[row_id]),
        "trail": [_crumb(), Crumb(row.name, reverse("governance:budget", args=[row_id]))],
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


def _row(actor: Actor, row_id: uuid.UUID) -> BudgetRow:
    found: Budget | None = queries.rows().filter(pk=row_id).first()
    row = queries.row_of(found) if found is not None else None
    if row is None or not actor.may(READ, unit=row.unit_id):
        raise NotFound(_("There is no such budget, or you may not see it."))
    return row


def _crumb() -> Crumb:
    return Crumb(LIST, reverse("governance:budgets"))


def _actions(actor: Actor, row: BudgetRow) -> list[Action]:
    if row.retired_at is not None or not actor.may(MANAGE, unit=row.unit_id):
        return []
    return [
        Action(_("Give up"), reverse("governance:budget_retire", args=[row.id])),
        Action(_("Edit"), reverse("governance:budget_edit", args=[row.id]), "pencil", primary=True),
    ]


def _form(request: HttpRequest, form: Any, title: str, *, cancel: str) -> HttpResponseBase:
    context = {"title": title, "form": form, "trail": [_crumb()], "cancel_href": cancel, "submit": title}
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)
