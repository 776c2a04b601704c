"""How long is what kept, what was forgotten, how much room did that make?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from inventory.models.labels import KEPT, RETENTION_CLASS
from inventory.queries.retention import held_deployments, retention, version_of
from inventory.services.retention import set_retention
from kernel import clock
from kernel.actor import Permission
from kernel.contracts.ingest import RetentionClass
from kernel.contracts.retention import MIN_SPAN_DAYS, PERISHABLE, Kept, Retention
from kernel.errors import TutelaError
from telemetry.forms import RetentionForm
from telemetry.services import reading
from telemetry.services.retention import would_go
from telemetry.store.retention import COUNT_LIMIT, Run, runs
from ui import formats
from ui.access import actor_of, page
from ui.forms import add_errors
from ui.parts import Crumb
from ui.text import Text


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule with its words. `href` opens its form, "" for who may not change it."""

    kept: Text
    retention_class: Text
    days: int
    house: bool
    short: bool
    href: str


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run with its words."""

    run: Run
    kept: Text
    retention_class: Text
    before: date


@require_safe
@page(Permission.TELEMETRY_READ)
def overview(request: HttpRequest) -> HttpResponseBase:
    """The rules, and the book of what was forgotten."""
    with reading() as connection:
        done = [_run_line(run) for run in runs(connection)]
    context = {
        "rules": _rules(may_change=actor_of(request).may(Permission.RETENTION_MANAGE, unit=None)),
        "runs": done,
        "held": len(held_deployments()),
        "held_href": f"{reverse('inventory:deployments')}?retention_class=hold&retired=any",
        "least": MIN_SPAN_DAYS,
    }
    return render(request, "telemetry/retention.html", context)


@require_http_methods(["GET", "POST"])
@page(Permission.RETENTION_MANAGE)
def edit(request: HttpRequest, kept: str, retention_class: str) -> HttpResponseBase:
    """Change one rule; what a shorter time will forget is said before it is saved."""
    what, which = _rule_of(kept, retention_class)
    now = _days(retention(), what, which)
    form = RetentionForm(request.POST or None, initial={"days": now, "version": version_of(what, which)})
    going: int | None = None
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        going = would_go(what, which, days) if days < now else 0
        if not going or form.cleaned_data["accepted"] == days:
            try:
                set_retention(
                    actor_of(request),
                    kept=what,
                    retention_class=which,
                    days=days,
                    version=form.cleaned_data["version"],
                    reason=form.cleaned_data["reason"],
                )
            except TutelaError as error:
                add_errors(form, error)
                going = None
            else:
                messages.success(request, _("Saved. It holds from the next run on, within the hour."))
                return HttpResponseRedirect(reverse("telemetry:retention"))
        else:
            form.accept(days)
    context = {
        "title": _("Keep %(what)s: %(which)s") % {"what": KEPT[what], "which": _class_word(which)},
        "lead": _("Now kept for %(days)s days.") % {"days": formats.number(now)},
        "trail": [Crumb(_("Retention"), reverse("telemetry:retention"))],
        "form": form,
        "going": going,
        "bounded": going is not None and going >= COUNT_LIMIT,
        "least": MIN_SPAN_DAYS if what is Kept.SPANS else None,
        "cancel_href": reverse("telemetry:retention"),
    }
    return render(request, "telemetry/retention_edit.html", context)


def _rules(*, may_change: bool) -> list[RuleLine]:
    found, house = retention(), Retention()
    places: list[tuple[Kept, RetentionClass | None]] = [
        (kept, which) for kept in (Kept.CONTENT, Kept.SPANS) for which in PERISHABLE
    ]
    return [
        RuleLine(
            kept=KEPT[kept],
            retention_class=_class_word(which),
            days=_days(found, kept, which),
            house=_days(found, kept, which) == _days(house, kept, which),
            short=kept is Kept.SPANS and _days(found, kept, which) < MIN_SPAN_DAYS,
            href=reverse("telemetry:retention_edit", args=[kept.value, which.value if which else "all"])
            if may_change
            else "",
        )
        for kept, which in [*places, (Kept.SUMS, None)]
    ]


def _days(found: Retention, kept: Kept, which: RetentionClass | None) -> int:
    if which is None:
        return found.sums
    return (found.content if kept is Kept.CONTENT else found.spans)[which]


def _class_word(which: RetentionClass | None) -> Text:
    return RETENTION_CLASS[which] if which else _("all classes")


def _run_line(run: Run) -> RunLine:
    before = clock.from_ns(run.before_day * clock.NANOSECONDS_PER_DAY).date()
    return RunLine(run, KEPT[run.kept], _class_word(run.retention_class), before)


def _rule_of(kept: str, retention_class: str) -> tuple[Kept, RetentionClass | None]:
    for what in Kept:
        for which in (None,) if what is Kept.SUMS else PERISHABLE:
            if (kept, retention_class) == (what.value, which.value if which else "all"):
                return what, which
    raise Http404
