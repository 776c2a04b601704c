"""Budgets on the cost page, on the overview, and in the words of the ledger."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import panels as ledger
from governance.models import Budget
from governance.queries.budgets import BudgetState
from governance.tables import budgets as table
from governance.views.budgets import states_of
from inventory.panels.said import said
from kernel.actor import Permission
from telemetry.panels.costs import month_figure
from ui import formats, history, navigation, panels, parts
from ui.access import actor_of
from ui.navigation import Group, Item

SHOWN = 5
WORDS = {
    "governance.budget.register": gettext_lazy("set the budget"),
    "governance.budget.edit": gettext_lazy("changed it"),
    "governance.budget.retire": gettext_lazy("gave it up"),
}


def register() -> None:
    """Called once, when the app is ready."""
    read = Permission.TELEMETRY_READ
    history.describe(WORDS)
    ledger.explain("governance.budget", partial(said, Budget))
    navigation.register(
        Item(Group.RUNTIME, gettext_lazy("Budgets"), "governance:budgets", "credit-card", 45, read)
    )
    panels.register(
        "telemetry.costs", key="governance.budgets", title=gettext_lazy("Against budget, month so far"), render=panel,
        order=10, permission=read,
    )  # fmt: skip
    panels.register(
        "console.overview.figures", key="telemetry.figure.cost", title="", render=figure, order=20, permission=read,
        bare=True,
    )  # fmt: skip


def _states(request: HttpRequest) -> list[BudgetState]:
    """Read once per page."""
    found: list[BudgetState] | None = getattr(request, "budget_states", None)
    if found is None:
        found = states_of(actor_of(request))
        request.budget_states = found  # type: ignore[attr-defined]  # one reading per request
    return found


def panel(request: HttpRequest, _report: object) -> str | None:
    """The budgets that are spent furthest."""
    states = sorted(_states(request), key=lambda state: table.share(state) or 0, reverse=True)
    if not states:
        return None
    context = {
        "lines": [_line(state) for state in states[:SHOWN]],
        "rest": max(len(states) - SHOWN, 0),
        "href": reverse("governance:budgets"),
    }
    return render_to_string("governance/budget_panel.html", context, request)


def _line(state: BudgetState) -> dict[str, Any]:
    return {
        "name": state.row.name,
        "href": reverse("governance:budget", args=[state.row.id]),
        "scope": table.scope(state.row),
        "spent": table.money(state.spent.nano, state.row.currency) or parts.unknown(_("no exchange rate")),
        "amount": table.amount(state.row),
        "meter": table.meter(state),
        "badge": table.badge(state),
    }


def figure(request: HttpRequest, subject: object) -> SafeString | None:
    """On the overview: the budget of the whole organisation and how far it is spent; without one, the month so far."""
    whole = next((state for state in _states(request) if state.row.scope == "organisation"), None)
    if whole is None:
        return month_figure(request, subject)
    spent = table.money(whole.spent.nano, whole.row.currency)
    share = table.share(whole)
    note = _("of %(amount)s, %(share)s") % {
        "amount": table.amount(whole.row),
        "share": formats.percent(float(share)) if share is not None else _("not known"),
    }
    return parts.stat(
        table.meter(whole) if share is not None else parts.EMPTY,
        label=_("Month to date against budget"),
        value=spent,
        href=reverse("telemetry:costs"),
        note=note,
    )
