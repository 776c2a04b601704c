"""The policy editor: what is wrong with an expression, what its examples come to, what it would find, while one types."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.adapters.cel import ExpressionError, Problem
from governance.domain import facts as vocabulary
from governance.domain.facts import FactType
from governance.domain.policies import MOST_EXAMPLES, Example, Outcome, Rule, SubjectKind
from governance.forms.policies import EditPolicyForm, PolicyForm
from governance.models import policy_labels
from governance.queries import policies as queries
from governance.queries.rehearsal import rehearse
from governance.queries.rules import Tried, compiled, ready, try_examples
from governance.services import policies as services
from governance.tables import policies as tables
from inventory.views.posted import posted
from kernel.actor import Permission
from kernel.errors import TutelaError
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb

_TYPES = {
    FactType.TEXT: gettext_lazy("text"),
    FactType.NUMBER: gettext_lazy("whole number"),
    FactType.YES_NO: gettext_lazy("yes or no"),
    FactType.TEXTS: gettext_lazy("list of texts"),
    FactType.RECORD: gettext_lazy("group of facts"),
    FactType.RECORDS: gettext_lazy("list of groups of facts"),
}


@page(Permission.POLICIES_MANAGE)
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponseBase:
    """Write a policy."""
    actor = actor_of(request)
    initial = {"examples": _template(SubjectKind.DEPLOYMENT)}
    form = PolicyForm(posted(request), actor=actor, initial=initial)
    if request.method == "POST" and not _only_checks(request) and form.is_valid():
        try:
            made = services.write_policy(actor, reason=form.cleaned_data["reason"], **form.values())
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("The policy is written down and switched off. Try it, then switch it on.")
            )
            return redirect("governance:policy", made)
    trail = [Crumb(_("Policies"), reverse("governance:policies"))]
    return _editor(request, form, title=_("Write a policy"), trail=trail, cancel=trail[-1].href)


@page(Permission.POLICIES_MANAGE)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, row_id: uuid.UUID) -> HttpResponseBase:
    """Change a policy, as a new version."""
    actor = actor_of(request)
    row = queries.found(actor, row_id)
    actor.require(Permission.POLICIES_MANAGE, unit=row.unit_id)
    initial = {name: getattr(row, name) for name in services.DEFINITION}
    initial |= {"unit": str(row.unit_id) if row.unit_id else "", "version": row.version}
    form = EditPolicyForm(posted(request), actor=actor, initial=initial)
    here = reverse("governance:policy", args=[row_id])
    if request.method == "POST" and not _only_checks(request) and form.is_valid():
        data = form.cleaned_data
        values = {name: value for name, value in form.values().items() if name != "subject"}
        try:
            services.edit_policy(actor, row_id, version=data["version"], reason=data["reason"], **values)
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The new version is written down."))
            return redirect(here)
    trail = [
        Crumb(_("Policies"), reverse("governance:policies")),
        Crumb(queries.in_language(row, "name"), here),
    ]
    return _editor(request, form, title=_("Edit the policy"), trail=trail, cancel=here, subject=row.subject)


@page(Permission.POLICIES_MANAGE)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """What the fields of the editor come to; nothing is kept."""
    return render(request, "governance/parts/check.html", checked(request, request.POST))


def _only_checks(request: HttpRequest) -> bool:
    """Whether a button was pressed that saves nothing: where scripts do not run, checking loads the page anew."""
    return "check" in request.POST or "rehearse" in request.POST


def _editor(
    request: HttpRequest, form: PolicyForm, *, title: str, trail: list[Crumb], cancel: str, subject: str = ""
) -> HttpResponse:
    unsaved = bool(form.errors) and not _only_checks(request)
    context = {
        "title": title,
        "form": form,
        "trail": trail,
        "cancel_href": cancel,
        "submit": _("Save"),
        "subject": subject,
        "vocabulary": _vocabulary(),
        **(checked(request, request.POST, subject=subject) if request.method == "POST" else {}),
    }
    return render(request, "governance/policy_editor.html", context, status=422 if unsaved else 200)


@dataclass(frozen=True, slots=True)
class Checked:
    """One expression: its problems, or the facts that it reads with their meaning."""

    label: str
    problems: tuple[Problem, ...]


def checked(request: HttpRequest, data: QueryDict, *, subject: str = "") -> dict[str, Any]:
    """Both expressions, the examples, and on wish the estate, for the check's template."""
    chosen = subject or data.get("subject") or data.get("fixed_subject", "")
    if chosen not in policy_labels.SUBJECT:
        return {"checked": True, "expressions": [], "unknown_subject": True}
    kind = SubjectKind(chosen)
    examples, wrong = _examples(data.get("examples", ""))
    rule = Rule(kind, data.get("expression", "").strip(), data.get("applies_when", "").strip(), examples)
    expressions = [
        _check_one(kind, _("Must be true"), rule.expression),
        *([_check_one(kind, _("Applies when"), rule.applies_when)] if rule.applies_when else []),
    ]
    sound = not any(one.problems for one in expressions)
    tried = [_tried(one) for one in try_examples(rule)] if sound else []
    return {
        "checked": True,
        "expressions": expressions,
        "sound": sound,
        "reads": _reads(rule) if sound else [],
        "tried": tried,
        "examples_wrong": wrong,
        "wrong": sum(not one["holds"] for one in tried),
        "rehearsal": _rehearsal(request, rule) if sound and "rehearse" in data else None,
    }


def _check_one(kind: SubjectKind, label: str, text: str) -> Checked:
    try:
        compiled(kind, text)
    except ExpressionError as error:
        return Checked(label, error.problems)
    return Checked(label, ())


def _examples(text: str) -> tuple[tuple[Example, ...], str]:
    """The examples that can be read, and what is wrong with the text."""
    try:
        items = json.loads(text) if text.strip() else []
    except (ValueError, RecursionError) as error:
        return (), _("This is no JSON: %(why)s") % {"why": error}
    try:
        return tuple(_example(item) for item in items[:MOST_EXAMPLES]), ""
    except (TypeError, KeyError, ValueError):
        return (), _("An example has a name, facts and an expected outcome.")


def _example(item: Any) -> Example:
    return Example(str(item["name"]), dict(item["facts"]), Outcome(item["expect"]))


def _tried(one: Tried) -> dict[str, Any]:
    return {
        "name": one.example.name,
        "expect": tables.outcome_badge(one.example.expect.value),
        "got": tables.outcome_badge(one.judgement.outcome.value),
        "why": tables.why_words(one.judgement.why),
        "holds": one.holds,
        "unknown": ", ".join(one.unknown),
    }


def _reads(rule: Rule) -> list[tuple[str, str]]:
    """The facts that it reads, each with its meaning."""
    language = get_language() or ""
    found = []
    for path in ready(rule).reads:
        fact = vocabulary.find(rule.subject, tuple(path.split(".")))
        found.append((f"{rule.subject.value}.{path}", fact.means.in_language(language) if fact else ""))
    return found


def _rehearsal(request: HttpRequest, rule: Rule) -> dict[str, Any]:
    outcome = rehearse(actor_of(request), rule)
    return {
        "counts": outcome.counts,
        "shown": [
            {
                "label": one.label,
                "href": tables.subject_href(rule.subject.value, one.subject_id),
                "badge": tables.outcome_badge(one.judgement.outcome.value),
                "why": tables.why_words(one.judgement.why),
            }
            for one in outcome.shown
        ],
    }


def _vocabulary() -> list[dict[str, Any]]:
    """Every fact with its type, meaning and words, by subject."""
    language = get_language() or ""
    return [
        {"kind": kind.value, "label": policy_labels.SUBJECT[kind], "facts": list(_facts(kind, language))}
        for kind in vocabulary.VOCABULARY
    ]


def _facts(kind: SubjectKind, language: str) -> Iterator[dict[str, str]]:
    for path, fact in vocabulary.walk(vocabulary.VOCABULARY[kind], kind.value):
        yield {
            "path": path,
            "type": str(_TYPES[fact.type]),
            "means": fact.means.in_language(language),
            "words": ", ".join(fact.allowed),
        }


def _template(kind: SubjectKind) -> list[dict[str, Any]]:
    """What the examples of a new policy look like."""
    facts = {"state": "live"} if kind is SubjectKind.DEPLOYMENT else {}
    return [
        {"name": _("What is right"), "facts": facts, "expect": Outcome.PASS.value},
        {"name": _("What is wrong"), "facts": facts, "expect": Outcome.FAIL.value},
    ]
