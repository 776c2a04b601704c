"""Pages of approvals: who approved what, when, until when, and what has changed since?"""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from governance.forms import work as work_forms
from governance.queries import approvals as queries
from governance.queries.approvals import ApprovalRow
from governance.services import approvals as services
from governance.tables import approvals as tables
from governance.views.work import form_step
from inventory import queries as inventory
from inventory.queries import Ref
from inventory.tables import cells
from kernel.actor import Actor, Permission
from kernel.errors import NotFound
from ui import lists, parts
from ui.access import actor_of, page
from ui.objects import ObjectHead
from ui.parts import Crumb, Fact
from ui.tables import Action, Empty, ListPage

HISTORY_SHOWN = 30


@page(Permission.REGISTER_READ)
@require_safe
def approvals(request: HttpRequest) -> HttpResponseBase:
    """All requests and what became of them."""
    actor = actor_of(request)
    shown: ListPage[ApprovalRow] = ListPage(
        name="governance.approvals",
        title=_("Approvals"),
        lead=_("What must be decided, by whom; what is approved, until when, and does it still fit?"),
        columns=tables.COLUMNS,
        filters=tables.filters(actor),
        sort="-asked",
        href=_href,
        empty=Empty(
            title=_("Nobody has asked for an approval yet"),
            why=_(
                "An approval names a person and a last day, and binds what was approved. Ask for one on the page of a system or deployment."
            ),
            icon="badge-check",
            action=_("Systems"),
            action_href=reverse("inventory:systems"),
        ),
    )
    return lists.render_list(request, shown, queries.ApprovalSource(actor))


def _href(row: ApprovalRow) -> str:
    return reverse("governance:approval", args=[row.id])


@page(Permission.REGISTER_READ)
@require_safe
def approval(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    """One approval: what was frozen, the decision, what has changed since."""
    actor = actor_of(request)
    row = queries.approval(actor, row_id)
    context = {
        "head": ObjectHead(
            name=f"{row.ref} {row.subject.name}",
            kind=_("Approval"),
            icon="badge-check",
            state=tables.standing(tables.state_of(row)),
            owned=False,
            identity=str(row.id),
            trail=[Crumb(_("Approvals"), reverse("governance:approvals"))],
            actions=_actions(actor, row),
        ),
        "row": row,
        "facts": _facts(row),
        "bound": tables.bound_facts(row),
        "changes": tables.changes(row.changed, row.names),
        "history": ledger.history_of("governance.approval", str(row_id), HISTORY_SHOWN),
    }
    return render(request, "governance/approval.html", context)


def _actions(actor: Actor, row: ApprovalRow) -> list[Action]:
    unit = row.unit.id if row.unit else None
    asked, own = row.state == "asked", str(row.asked_by.id) == actor.id
    decides = actor.may(Permission.APPROVALS_DECIDE, unit=unit)
    actions = []
    if (asked and own) or (decides and row.state in {"asked", "approved"}):
        actions.append(Action(_("Withdraw"), reverse("governance:approval_withdraw", args=[row.id])))
    if asked and decides and str(row.approver.id) == actor.id:
        actions.append(
            Action(_("Decide"), reverse("governance:approval_decide", args=[row.id]), "check", primary=True)
        )
    return actions


def _facts(row: ApprovalRow) -> list[Fact]:
    return [
        Fact(_("AI system"), cells.link("system", row.system)) if row.system else
        Fact(_("Deployment"), cells.link("deployment", row.deployment)),
        Fact(_("Asked by"), row.asked_by.name),
        Fact(_("Asked"), parts.when(row.asked_at, absolute=True)),
        Fact(_("Reason"), row.reason),
        Fact(_("Approver"), row.approver.name),
        Fact(_("Decided"), parts.when(row.decided_at, absolute=True) if row.decided_at else None, unknown=_("not yet")),
        Fact(_("Reason of the decision"), row.decision_reason, unknown=_("not yet")),
        Fact(_("Valid until"), parts.when(row.valid_until) if row.valid_until else None, unknown=_("no day")),
        Fact(_("Digest"), parts.copyable(row.digest), hint="SHA-256, RFC 8785"),
    ]  # fmt: skip


@page(Permission.REGISTER_EDIT)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponseBase:
    """Ask a named person to approve a system or deployment, named in the address."""
    actor = actor_of(request)
    kind, subject = _subject(actor, request)
    back = reverse(f"inventory:{kind}", args=[subject.id])
    return form_step(
        request,
        form=work_forms.AskApprovalForm,
        initial={},
        act=lambda values: services.ask_approval(
            actor,
            **{kind: subject.id},
            approver=uuid.UUID(values["approver"]),
            reason=values["reason"],
        ),
        title=_("Ask for an approval"),
        lead=subject.name,
        submit=_("Ask"),
        done=_("The request is on record, and the approver is told."),
        trail=[Crumb(_("Approvals"), reverse("governance:approvals")), Crumb(subject.name, back)],
        back=back,
    )


def _subject(actor: Actor, request: HttpRequest) -> tuple[str, Ref]:
    for kind in ("system", "deployment"):
        given = request.GET.get(kind, "")
        try:
            wanted = uuid.UUID(given)
        except ValueError:
            continue
        found = inventory.choices(actor, kind, only=[wanted])
        if found:
            return kind, found[0]
    raise NotFound(_("There is no such system or deployment in use, or you may not see it."))


@page(Permission.APPROVALS_DECIDE)
@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Approve until a day, or reject."""
    actor = actor_of(request)
    row = queries.approval(actor, row_id)

    def do(values: dict[str, Any]) -> None:
        approve = values["decision"] == "yes"
        services.decide_approval(
            actor,
            row_id,
            approve=approve,
            reason=values["reason"],
            valid_until=values["valid_until"] if approve else None,
            version=values["version"],
        )

    return form_step(
        request,
        form=work_forms.ApproveForm,
        initial={"version": row.version},
        act=do,
        title=_("Decide on an approval"),
        lead=_("%(name)s asks: %(reason)s") % {"name": row.asked_by.name, "reason": row.reason},
        submit=_("Decide"),
        done=_("The decision is on record."),
        trail=_trail(row),
        back=_href(row),
        template="governance/approval_decide.html",
        context={"bound": tables.bound_facts(row), "subject": row.subject.name},
    )


@page(Permission.REGISTER_EDIT)
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Take back a request, or an approval that was given."""
    actor = actor_of(request)
    row = queries.approval(actor, row_id)
    return form_step(
        request,
        form=work_forms.WhyForm,
        initial={"version": row.version},
        act=lambda values: services.withdraw_approval(actor, row_id, **values),
        title=_("Withdraw"),
        lead=f"{row.ref} · {row.subject.name}",
        submit=_("Withdraw"),
        done=_("It is on record."),
        trail=_trail(row),
        back=_href(row),
    )


def _trail(row: ApprovalRow) -> list[Crumb]:
    return [Crumb(_("Approvals"), reverse("governance:approvals")), Crumb(row.ref, _href(row))]
