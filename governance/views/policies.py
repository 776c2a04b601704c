"""Pages of policies: which there are, what one demands and of whom, and switching it."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import panels as ledger
from governance.domain.policies import Mode, Outcome
from governance.forms.policies import SwitchForm
from governance.models import labels, policy_labels
from governance.queries import policies as queries
from governance.queries.policies import PolicyRow
from governance.queries.rules import Tried, definition_of, rule_of, try_examples
from governance.services import policies as services
from governance.tables import policies as tables
from inventory.forms.relations import RetireForm
from inventory.views.posted import posted
from kernel.actor import Actor, Permission
from kernel.errors import TutelaError
from ui import lists, parts
from ui.access import actor_of, page
from ui.forms import Touched, add_errors
from ui.objects import ObjectHead
from ui.parts import Crumb, Fact, Tab
from ui.sources import ValuesSource
from ui.tables import Action, Empty, ListPage

HISTORY_SHOWN = 30


@page(Permission.REGISTER_READ)
@require_safe
def policies(request: HttpRequest) -> HttpResponseBase:
    """What do we demand?"""
    actor = actor_of(request)
    rows = queries.list_policies(actor)
    manages = actor.may_somewhere(Permission.POLICIES_MANAGE)
    new = reverse("governance:policy_new")
    shown: ListPage[PolicyRow] = ListPage(
        name="governance.policies",
        title=_("Policies"),
        lead=_("What do we demand of our AI, and does it hold?"),
        columns=tables.columns(),
        filters=tables.filters(),
        sort="-severity",
        href=lambda row: reverse("governance:policy", args=[row.id]),
        empty=Empty(
            title=_("No policy yet"),
            why=_("A policy is one sentence with an expression over facts of the register and of telemetry. What does not hold becomes a violation that somebody owns. The starter set has ten of them, with examples; they begin switched off, because demanding is yours to decide."),
            icon="scale",
            action_href=new if manages else "",
            action=_("Write a policy") if manages else "",
        ),
        actions=[Action(_("Write a policy"), new, "plus", primary=True)] if manages else [],
        template="governance/policies.html",
        extra={
            "nothing_in_force": not any(row.mode == Mode.IN_FORCE for row in rows),
            "state": queries.state(),
            "may_install": actor.may(Permission.POLICIES_MANAGE, unit=None) and services.starter_missing(),
        },
    )  # fmt: skip
    source = ValuesSource(rows, filters=tables.MATCHES, keys=tables.KEYS)
    return lists.render_list(request, shown, source)


@page(Permission.REGISTER_READ)
@require_safe
def policy(request: HttpRequest, row_id: uuid.UUID) -> HttpResponse:
    """What does it demand, and of whom does it hold?"""
    actor = actor_of(request)
    row = queries.policy(actor, row_id)
    outcome = _outcome(request, row)
    context = {
        "head": _head(actor, row),
        "row": row,
        "facts": _facts(row),
        "tried": [_tried(one) for one in try_examples(rule_of(definition_of(row)))],
        "tabs": _tabs(row, outcome),
        "outcome": outcome,
        "subjects": [
            (decided, tables.subject_href(row.subject, decided.subject_id), tables.why_words(decided.why))
            for decided in queries.decisions(actor, row.id, outcome)
        ],
        "most": queries.MOST_SUBJECTS,
        "runs": queries.runs(row.id),
        "versions": queries.versions(row.id),
        "population": row.counts.population if row.counts else None,
        "concerned": _concerned(row),
        "readable": row.subject in {kind.value for kind in services.readable()},
        "history": ledger.history_of(services.POLICY.kind, str(row.id), HISTORY_SHOWN),
        "history_labels": services.field_labels(),
    }
    return render(request, "governance/policy.html", context)


@page(Permission.POLICIES_MANAGE)
@require_http_methods(["GET", "POST"])
def switch(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Switch a policy off, into shadow or into force."""
    actor = actor_of(request)
    row = queries.policy(actor, row_id)
    actor.require(Permission.POLICIES_MANAGE, unit=row.unit_id)
    form = SwitchForm(posted(request), initial={"mode": row.mode, "version": row.version})
    here = reverse("governance:policy", args=[row_id])
    if request.method == "POST" and form.is_valid():
        try:
            services.switch_policy(actor, row_id, **form.values())
        except TutelaError as error:
            _add(form, error)
        else:
            messages.success(request, _("It is switched. What it finds shows within a minute."))
            return redirect(here)
    context = {
        "title": _("Switch: %(name)s") % {"name": row.name},
        "lead": row.sentence,
        "form": form,
        "submit": pgettext("a policy", "Switch"),
        "cancel_href": here,
        "trail": _trail(row),
    }
    return render(request, "ui/form.html", context, status=422 if form.errors else 200)


@page(Permission.POLICIES_MANAGE)
@require_http_methods(["GET", "POST"])
def retire(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Take a policy out of use for good."""
    actor = actor_of(request)
    row = queries.policy(actor, row_id)
    actor.require(Permission.POLICIES_MANAGE, unit=row.unit_id)
    form = RetireForm(posted(request), initial={"version": row.version})
    here = reverse("governance:policy", args=[row_id])
    if request.method == "POST" and form.is_valid():
        try:
            services.retire_policy(actor, row_id, **form.cleaned_data)
        except TutelaError as error:
            _add(form, error)
        else:
            messages.success(request, _("It is retired. Its page and its history stay."))
            return redirect("governance:policies")
    context = {
        "title": _("Retire: %(name)s") % {"name": row.name},
        "what": _("The policy is evaluated no more and cannot be switched on again. Its versions and what it found stay."),
        "touches": [Touched(_("versions of it stay"), row.revision, here)],
        "form": form,
        "submit": pgettext("a policy", "Retire"),
        "cancel_href": here,
        "trail": _trail(row),
    }  # fmt: skip
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@page(Permission.POLICIES_MANAGE)
@require_POST
def install(request: HttpRequest) -> HttpResponseBase:
    """Write down the policies of the starter set that are not there."""
    written = services.install_starter(actor_of(request))
    said = ngettext(
        "%(count)s policy is written down, switched off. Read it, then decide.",
        "%(count)s policies are written down, switched off. Read them, then decide.",
        written,
    )
    messages.success(request, said % {"count": written})
    return redirect("governance:policies")


def _add(form: Any, error: TutelaError) -> None:
    """A refusal about what this form does not ask for stands on top of it, with its reasons."""
    for name, texts in error.fields.items():
        if name not in form.fields:
            for text in texts:
                form.add_error(None, str(text))
    add_errors(form, error)


def _outcome(request: HttpRequest, row: PolicyRow) -> Outcome:
    wanted = request.GET.get("outcome", "")
    if wanted in list(Outcome):
        return Outcome(wanted)
    counts = row.counts
    if counts is not None and not counts.failed:
        return Outcome.INDETERMINATE if counts.indeterminate else Outcome.PASS
    return Outcome.FAIL


def _tabs(row: PolicyRow, outcome: Outcome) -> list[Tab]:
    return [
        Tab(
            policy_labels.OUTCOME[Outcome(share.outcome)],
            share.href,
            current=share.outcome == outcome.value,
            count=share.count,
        )
        for share in tables.shares(row)
    ]


def _tried(one: Tried) -> dict[str, Any]:
    return {
        "name": one.example.name,
        "facts": json.dumps(one.example.facts, ensure_ascii=False),
        "expect": tables.outcome_badge(one.example.expect.value),
        "got": tables.outcome_badge(one.judgement.outcome.value),
        "why": tables.why_words(one.judgement.why),
        "holds": one.holds,
        "unknown": one.unknown,
    }


def _concerned(row: PolicyRow) -> str:
    """The population in one sentence: 35 of 41 hold, 2 do not, 3 cannot be told, 1 is not concerned."""
    if row.counts is None:
        return ""
    counts = row.counts
    return _(
        "Of %(all)s: %(passed)s hold, %(failed)s do not, %(unknown)s cannot be told, %(other)s are not concerned."
    ) % {
        "all": counts.population,
        "passed": counts.passed,
        "failed": counts.failed,
        "unknown": counts.indeterminate,
        "other": counts.not_applicable,
    }


def _facts(row: PolicyRow) -> list[Fact]:
    return [
        Fact(pgettext("of a policy", "Mode"), tables.mode_badge(row.mode)),
        Fact(_("Since"), parts.when(row.mode_since) if row.mode_since else None, unknown=pgettext("policy", "never switched on")),
        Fact(_("Severity"), tables.severity_badge(row.severity)),
        Fact(_("Kind"), tables.said(labels.KIND, row.kind)),
        Fact(_("Speaks of"), tables.said(policy_labels.SUBJECT, row.subject), hint=row.subject),
        Fact(_("Unit"), row.unit_name or _("Whole organisation")),
        Fact(_("Version"), row.revision),
        Fact(_("Evaluated"), parts.when(row.evaluated_at) if row.evaluated_at else None, unknown=pgettext("policy", "not evaluated")),
    ]  # fmt: skip


def _head(actor: Actor, row: PolicyRow) -> ObjectHead:
    retired = parts.badge(pgettext("policy", "Retired")) if row.retired_at else ""
    return ObjectHead(
        name=row.name,
        kind=_("Policy"),
        icon="scale",
        state=retired or tables.mode_badge(row.mode),
        badges=[tables.severity_badge(row.severity)],
        owned=False,
        identity=row.slug,
        summary=row.sentence,
        trail=[Crumb(_("Policies"), reverse("governance:policies"))],
        actions=_actions(actor, row),
    )


def _actions(actor: Actor, row: PolicyRow) -> list[Action]:
    if row.retired_at or not actor.may(Permission.POLICIES_MANAGE, unit=row.unit_id):
        return []
    off = (
        []
        if row.mode != Mode.OFF
        else [Action(pgettext("a policy", "Retire"), reverse("governance:policy_retire", args=[row.id]))]
    )
    return [
        *off,
        Action(_("Edit"), reverse("governance:policy_edit", args=[row.id]), "pencil"),
        Action(pgettext("a policy", "Switch"), reverse("governance:policy_switch", args=[row.id]), "sliders-horizontal", primary=True),
    ]  # fmt: skip


def _trail(row: PolicyRow) -> list[Crumb]:
    return [
        Crumb(_("Policies"), reverse("governance:policies")),
        Crumb(row.name, reverse("governance:policy", args=[row.id])),
    ]
