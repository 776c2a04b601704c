"""Pages of violations and waivers: what breaks our policies, who has it, since when, with which evidence?"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit import panels as ledger
from governance.domain.states import WAITING, ViolationState, next_steps
from governance.forms import work as work_forms
from governance.models import labels
from governance.queries import violations as queries
from governance.queries.violations import ViolationDetail, ViolationRow
from governance.services import triage, waivers
from governance.tables import violations as tables
from governance.views.work import form_step
from inventory.tables import cells
from kernel.actor import Actor, Permission
from kernel.errors import NotFound
from ui import formats, lists, parts
from ui.access import actor_of, page
from ui.objects import ObjectHead
from ui.parts import Crumb, Fact
from ui.tables import Action, Empty, ListPage
from ui.text import Text

HISTORY_SHOWN = 50
EVIDENCE_SHOWN = 30


@page(Permission.REGISTER_READ)
@require_safe
def violations(request: HttpRequest) -> HttpResponseBase:
    """The inbox."""
    actor = actor_of(request)
    shown: ListPage[ViolationRow] = ListPage(
        name="governance.violations",
        title=_("Violations"),
        lead=_("What breaks our policies, who has it, since when, with which evidence?"),
        columns=tables.COLUMNS,
        filters=tables.filters(actor),
        sort="-severity",
        href=_href,
        empty=Empty(
            title=_("Nothing breaks a policy"),
            why=_(
                "When something does not hold that a policy demands, it appears here with its facts, its evidence and an owner."
            ),
            icon="shield-check",
        ),
        actions=[Action(_("Waivers"), reverse("governance:waivers"), "clock")],
        template="governance/violations.html",
        extra={"presets": _presets()},
    )
    return lists.render_list(request, shown, queries.source(actor))


def _presets() -> list[tuple[str, str]]:
    return [
        (_("Mine"), tables.violations_href(standing="yes", owner="me")),
        (_("Nobody’s"), tables.violations_href(standing="yes", owner="none", shadow="no")),
        (
            _("Grave and open"),
            f"{tables.violations_href(standing='yes', shadow='no', severity='critical')}&severity=high",
        ),
        (_("Shadow"), tables.violations_href(standing="yes", shadow="yes")),
    ]


def _href(row: ViolationRow) -> str:
    return reverse("governance:violation", args=[row.id])


@page(Permission.REGISTER_READ)
@require_safe
def violation(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    """One violation."""
    actor = actor_of(request)
    found = queries.detail(actor, row_id)
    works = actor.may(Permission.VIOLATIONS_WORK, unit=found.unit_id)
    waiver_words = {("governance.waiver", str(item.id)): item.ref for item in found.waivers}
    context = {
        "head": _head(found, works=works),
        "found": found,
        "row": found.row,
        "facts": _facts(found),
        "then": tables.facts_text(found.facts),
        "evidence": _evidence(found),
        "waivers": [_waiver(actor, found, item) for item in found.waivers],
        "comments": found.comments,
        "comment_form": work_forms.CommentForm() if works else None,
        "comment_href": reverse("governance:violation_act", args=[row_id, "comment"]),
        "history": ledger.history_of(
            "governance.violation", str(row_id), HISTORY_SHOWN, related=waiver_words
        ),
    }
    return render(request, "governance/violation.html", context)


def _head(found: ViolationDetail, *, works: bool) -> ObjectHead:
    row = found.row
    badges = [tables.severity(row.severity), *([tables.shadow()] if row.shadow else [])]
    return ObjectHead(
        name=f"{row.ref} {row.policy_name}",
        kind=cells.said(labels.KIND, row.kind),
        icon="shield-alert",
        state=tables.state(row.state),
        badges=badges,
        owner=cells.name(row.owner),
        identity=str(row.id),
        summary=row.reason,
        trail=[Crumb(_("Violations"), reverse("governance:violations"))],
        actions=_actions(found) if works else [],
    )


def _actions(found: ViolationDetail) -> list[Action]:
    row = found.row
    actions = [
        Action(tables.STEP_WORDS[step.to], _act(row.id, _WORD[step.to]))
        for step in next_steps(row.state, row.kind)
    ]
    actions.append(Action(_("Give it to somebody"), _act(row.id, "assign"), "user"))
    if row.state in WAITING | {ViolationState.WAIVED}:
        actions.append(Action(_("Ask for a waiver"), _act(row.id, "waive"), "clock"))
    return actions


def _act(row_id: uuid.UUID, word: str) -> str:
    return reverse("governance:violation_act", args=[row_id, word])


def _facts(found: ViolationDetail) -> list[Fact]:
    row = found.row
    subject, href = row.subject_label or row.subject_id, tables.subject_href(row)
    return [
        Fact(_("Subject"), parts.door(subject, href) if href else subject, hint=cells.said(labels.SUBJECT_KIND, row.subject_kind)),
        Fact(_("AI system"), cells.link("system", row.system), unknown=_("none named")),
        Fact(_("Deployment"), cells.link("deployment", row.deployment), unknown=_("none named")),
        Fact(_("What does not hold"), row.reason),
        Fact(_("What the policy demands"), found.sentence, unknown=_("not written down")),
        Fact(_("Policy"), f"{row.policy_name} · {row.policy_version}", hint=row.policy_key),
        Fact(_("First seen"), parts.when(row.first_seen_at, absolute=True)),
        Fact(_("Last seen"), parts.when(row.last_seen_at, absolute=True)),
        Fact(_("Times seen"), formats.number(row.count)),
        Fact(_("In this state since"), parts.when(row.state_at, absolute=True)),
        *([Fact(_("How it was closed"), cells.said(labels.DISPOSITION, row.disposition))] if row.disposition else []),
        Fact(_("Unit"), cells.name(row.unit), unknown=_("whole organisation")),
        *([Fact(_("Seen before as"), _door(found.former.id, found.former.name))] if found.former else []),
        *(Fact(_("Came back as"), _door(other.id, other.name)) for other in found.later),
    ]  # fmt: skip


def _door(row_id: uuid.UUID, ref: str) -> str:
    return parts.door(ref, reverse("governance:violation", args=[row_id]))


def _evidence(found: ViolationDetail) -> list[tuple[str, str, str]]:
    """Kind, reference and page of each piece, newest first."""
    words = {"trace": _("Trace"), "span": _("Span"), "message": _("Message"), "finding": _("Finding"),
             "sender": _("Sender"), "event": _("Event")}  # fmt: skip
    latest = list(reversed(found.evidence))[:EVIDENCE_SHOWN]
    return [(words[kind], reference, tables.evidence_href(kind, reference)) for kind, reference in latest]


def _waiver(actor: Actor, found: ViolationDetail, item: queries.WaiverRow) -> dict[str, Any]:
    asked = item.state == "asked"
    decides = actor.may(Permission.APPROVALS_DECIDE, unit=found.unit_id) and str(item.asked_by.id) != actor.id
    return {
        "row": item,
        "badge": tables.waiver_state(item.state),
        "decide": reverse("governance:waiver_decide", args=[item.id]) if asked and decides else "",
        "withdraw": reverse("governance:waiver_withdraw", args=[item.id])
        if asked and str(item.asked_by.id) == actor.id
        else "",
    }


@dataclass(frozen=True, slots=True)
class _Step:
    """A thing to do with a violation: its form, its verb, its words."""

    title: Text
    lead: Text
    form: type[forms.Form]
    verb: Callable[..., Any]


_WORD = {
    ViolationState.ACKNOWLEDGED: "acknowledge",
    ViolationState.IN_PROGRESS: "start",
    ViolationState.RESOLVED: "resolve",
    ViolationState.DISPOSED: "dispose",
    ViolationState.OPEN: "reopen",
}
_STEPS: dict[str, _Step] = {
    "acknowledge": _Step(
        tables.STEP_WORDS[ViolationState.ACKNOWLEDGED],
        gettext_lazy("Somebody has seen it. If nobody has it yet, it is yours."),
        work_forms.PlainForm,
        triage.acknowledge_violation,
    ),
    "start": _Step(
        tables.STEP_WORDS[ViolationState.IN_PROGRESS],
        gettext_lazy("Somebody works on it. If nobody has it yet, it is yours."),
        work_forms.PlainForm,
        triage.start_violation,
    ),
    "resolve": _Step(
        tables.STEP_WORDS[ViolationState.RESOLVED],
        gettext_lazy(
            "The next evaluation shows whether that is so: it closes the violation, or opens it again."
        ),
        work_forms.WhyForm,
        triage.resolve_violation,
    ),
    "dispose": _Step(
        tables.STEP_WORDS[ViolationState.DISPOSED],
        gettext_lazy("What has happened does not unhappen: a person closes it, and says how."),
        work_forms.DisposeForm,
        triage.dispose_violation,
    ),
    "reopen": _Step(
        tables.STEP_WORDS[ViolationState.OPEN],
        gettext_lazy("It waits for somebody again. A waiver that stands ends."),
        work_forms.WhyForm,
        triage.reopen_violation,
    ),
    "assign": _Step(
        gettext_lazy("Give it to somebody"),
        gettext_lazy("They are told by mail and on the page."),
        work_forms.AssignForm,
        triage.assign_violation,
    ),
    "comment": _Step(
        gettext_lazy("Comment"),
        gettext_lazy("It stays with the violation for ever."),
        work_forms.CommentForm,
        triage.comment_violation,
    ),
    "waive": _Step(
        gettext_lazy("Ask for a waiver"),
        gettext_lazy("It is tolerated until a day, if somebody else grants it. Then it comes back."),
        work_forms.WaiverForm,
        waivers.ask_waiver,
    ),
}


@page(Permission.VIOLATIONS_WORK)
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, row_id: uuid.UUID, word: str) -> HttpResponseBase:
    """One step of the work on a violation."""
    actor = actor_of(request)
    step = _STEPS.get(word)
    if step is None:
        raise NotFound(_("There is nothing at this address."))
    row = queries.detail(actor, row_id).row
    here = _href(row)
    owner = str(row.owner.id) if row.owner else ""

    def do(values: dict[str, Any]) -> None:
        if word == "assign":
            values = {**values, "owner": uuid.UUID(values["owner"]) if values["owner"] else None}
        step.verb(actor, row_id, **values)

    return form_step(
        request,
        form=step.form,
        initial={"version": row.version, "owner": owner},
        act=do,
        title=step.title,
        lead=format_html("{} · {}. {}", row.ref, row.policy_name, step.lead),
        submit=step.title,
        done=_("It is on record."),
        trail=[Crumb(_("Violations"), reverse("governance:violations")), Crumb(row.ref, here)],
        back=here,
    )


@page(Permission.REGISTER_READ)
@require_safe
def waiver_list(request: HttpRequest) -> HttpResponseBase:
    """What is tolerated, until when, by whose word?"""
    shown: ListPage[queries.WaiverRow] = ListPage(
        name="governance.waivers",
        title=_("Waivers"),
        lead=_("What is tolerated, until when, and by whose word?"),
        columns=tables.WAIVER_COLUMNS,
        filters=tables.waiver_filters(),
        sort="-ref",
        href=lambda row: reverse("governance:violation", args=[row.violation.id]),
        empty=Empty(
            title=_("No waiver yet"),
            why=_("A waiver tolerates a violation until a day. One person asks, another one decides."),
            icon="clock",
        ),
    )
    return lists.render_list(request, shown, queries.waiver_source(actor_of(request)))


@page(Permission.APPROVALS_DECIDE)
@require_http_methods(["GET", "POST"])
def waiver_decide(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Grant or refuse."""
    actor = actor_of(request)
    row = queries.waiver(actor, row_id)
    words = {"name": row.asked_by.name, "ref": row.violation.name, "day": formats.day(row.until)}
    return form_step(
        request,
        form=work_forms.DecideForm,
        initial={"version": row.version},
        act=lambda values: waivers.decide_waiver(
            actor,
            row_id,
            grant=values["decision"] == "yes",
            reason=values["reason"],
            version=values["version"],
        ),
        title=_("Decide on a waiver"),
        lead=format_html(
            "{} {}",
            _("%(name)s asks that %(ref)s be tolerated until %(day)s:") % words,
            f"“{row.reason}”",
        ),
        submit=_("Decide"),
        done=_("The decision is on record."),
        trail=_waiver_trail(row),
        back=reverse("governance:violation", args=[row.violation.id]),
    )


@page(Permission.VIOLATIONS_WORK)
@require_http_methods(["GET", "POST"])
def waiver_withdraw(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Take a request back."""
    actor = actor_of(request)
    row = queries.waiver(actor, row_id)
    return form_step(
        request,
        form=work_forms.WhyForm,
        initial={"version": row.version},
        act=lambda values: waivers.withdraw_waiver(actor, row_id, **values),
        title=_("Take the request back"),
        lead=row.reason,
        submit=_("Take the request back"),
        done=_("It is on record."),
        trail=_waiver_trail(row),
        back=reverse("governance:violation", args=[row.violation.id]),
    )


def _waiver_trail(row: queries.WaiverRow) -> list[Crumb]:
    return [
        Crumb(_("Waivers"), reverse("governance:waivers")),
        Crumb(row.violation.name, reverse("governance:violation", args=[row.violation.id])),
    ]
