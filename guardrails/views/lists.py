"""The lists behind every number of the guardrail pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from guardrails import filters
from guardrails.domain.checks import Check
from guardrails.queries.coverage import DeploymentSums, by_deployment
from guardrails.queries.scans import step_of_message
from guardrails.tables import lists as tables
from guardrails.tables.coverage import coverage_columns, found_count
from guardrails.tables.words import CHECK_WORDS
from guardrails.views.overview import may_retry
from kernel.actor import Permission
from kernel.errors import NotFound
from telemetry.filters import sender_id_of, time_range
from telemetry.queries import rollups
from telemetry.queries.bounds import TimeRange
from telemetry.services import Estate, load_estate, reading
from ui import lists
from ui.access import actor_of, page
from ui.filters import Choice, ChoiceFilter, DateRangeFilter, Filter, TextFilter
from ui.sources import ValuesSource
from ui.tables import Action, Empty, ListPage

READ = Permission.TELEMETRY_READ
OFFERED_MODELS = 100
LAST_DAY = 10**6
"""Further than any day of the record; a larger number is no day."""
_MODELS_LOOK_BACK_NS = 30 * 24 * 3600 * 10**9


def _estate(request: HttpRequest) -> Estate:
    with reading() as connection:
        return load_estate(connection, actor_of(request))


def _nothing(title: str) -> Empty:
    return Empty(
        title,
        _(
            "Checks run where the text of messages is kept, masked or whole: that is the capture mode of a deployment. "
            "Widen the time range, or look at the coverage to see what was not checked and why."
        ),
        icon="shield",
        action=_("Coverage by deployment"),
        action_href=reverse("guardrails:coverage"),
    )


@require_safe
@page(READ)
def findings(request: HttpRequest) -> HttpResponseBase:
    """What was found: types, places and scores; each row opens the step."""
    estate = _estate(request)
    definition: ListPage[Any] = ListPage(
        name="guardrails.findings",
        title=_("Findings"),
        lead=_("What was found in messages, where, and how sure. The value itself is never kept with it."),
        columns=tables.FINDING_COLUMNS,
        filters=filters.finding_filters(estate),
        sort="-found",
        href=lambda item: tables.message_href(item.line),
        empty=_nothing(_("No finding here")),
    )
    return lists.render_list(request, definition, tables.finding_source(estate))


@require_safe
@page(READ)
def scans(request: HttpRequest) -> HttpResponseBase:
    """Every checked message with what the check came to."""
    estate = _estate(request)
    definition: ListPage[Any] = ListPage(
        name="guardrails.scans",
        title=_("Checked messages"),
        lead=_("What each check of each message came to, also where it could not be done."),
        columns=tables.SCAN_COLUMNS,
        filters=filters.scan_filters(estate),
        sort="-scanned",
        href=lambda item: tables.message_href(item.line),
        empty=_nothing(_("No checked message here")),
    )
    return lists.render_list(request, definition, tables.scan_source(estate))


@require_safe
@page(READ)
def verdicts(request: HttpRequest) -> HttpResponseBase:
    """Every answer that was held against its sources."""
    with reading() as connection:
        estate = load_estate(connection, actor_of(request))
        models = rollups.observed(
            connection,
            rollups.By.MODEL,
            time=TimeRange.last(_MODELS_LOOK_BACK_NS),
            scope=estate.visible,
            calls_only=True,
            limit=OFFERED_MODELS,
        )
    definition: ListPage[Any] = ListPage(
        name="guardrails.verdicts",
        title=_("Verdicts on answers"),
        lead=_("Which answers do their sources support, which not, which could not be held against any?"),
        columns=tables.VERDICT_COLUMNS,
        filters=filters.verdict_filters(estate, models=sorted(item.value for item in models)),
        sort="-checked",
        href=lambda item: tables.verdict_href(item.line),
        empty=_nothing(_("No verdict here")),
    )
    return lists.render_list(request, definition, tables.verdict_source(estate))


@require_safe
@page(READ)
def work(request: HttpRequest) -> HttpResponseBase:
    """What waits to be checked, and what was given up."""
    estate = _estate(request)
    definition: ListPage[Any] = ListPage(
        name="guardrails.work",
        title=_("Checks that wait or were given up"),
        lead=_(
            "What is still to be checked, and what failed so often that it was given up, with the reason?"
        ),
        columns=tables.WORK_COLUMNS,
        filters=filters.work_filters(estate),
        sort="queued",
        href=lambda item: tables.work_href(item.line),
        empty=Empty(
            _("Nothing here"),
            _(
                "Nothing was given up, or nothing waits: choose the state above. Work that waits is done within seconds."
            ),
            icon="circle-check",
        ),
        actions=_work_actions(request),
    )
    return lists.render_list(request, definition, tables.work_source(estate))


def _work_actions(request: HttpRequest) -> Sequence[Action]:
    if not may_retry(actor_of(request)):
        return ()
    return [Action(_("Try what was given up again"), reverse("guardrails:work_retry"), "refresh-cw")]


@require_safe
@page(READ)
def coverage(request: HttpRequest) -> HttpResponseBase:
    """What was checked and what not, by deployment."""
    estate = _estate(request)
    when = DateRangeFilter(name="when", label=_("Received"), default=filters.DEFAULT_WHEN)
    chosen = when.parse(request.GET).value
    time = time_range(chosen)
    with reading() as connection:
        rows = by_deployment(connection, estate, time=time)
    words = {name: request.GET[name] for name in when.parameters() if request.GET.get(name)}
    definition: ListPage[DeploymentSums] = ListPage(
        name="guardrails.coverage",
        title=_("Coverage by deployment"),
        lead=_("What was checked of what each deployment said, and what was not, and why?"),
        columns=coverage_columns(words),
        filters=[TextFilter(name="q", label=_("Deployment")), *_coverage_filters(), when],
        sort="-found",
        empty=_nothing(_("Nothing was said in this time")),
    )
    return lists.render_list(request, definition, _coverage_source(rows))


def _coverage_filters() -> list[Filter]:
    return [
        ChoiceFilter(
            name="check",
            label=_("Check"),
            choices=[Choice(check.value, CHECK_WORDS[check]) for check in Check],
        ),
    ]


def _coverage_source(rows: Sequence[DeploymentSums]) -> ValuesSource[DeploymentSums]:
    counted = {
        name: (lambda row, name=name: row.sums.of(name))
        for name in ("sampled_out", "not_evaluable", "failed")
    }
    return ValuesSource(
        rows,
        filters={
            "q": lambda row, text: (
                text.casefold() in (row.deployment[1].casefold() if row.deployment else "")
            ),
            "check": lambda row, wanted: row.sums.check.value in wanted,
            "when": lambda _row, _wanted: True,
        },
        keys={
            "deployment": lambda row: row.deployment[1].casefold() if row.deployment else None,
            "check": lambda row: row.sums.check.value,
            "checked": lambda row: row.sums.checked,
            "found": found_count,
            "waiting": lambda row: row.sums.waiting,
            "unkept": lambda row: row.unkept,
            **counted,
        },
    )


@require_safe
@page(READ)
def message(request: HttpRequest, day: int, sender: str, message_id: str) -> HttpResponseBase:
    """Leads to the step that a message belongs to. Raises NotFound for what the reader may not see, too."""
    sender_id, id_ = sender_id_of(sender), _message_id(message_id)
    if sender_id is None or id_ is None or day > LAST_DAY:
        raise _no_message()
    with reading() as connection:
        estate = load_estate(connection, actor_of(request), sender_ids=[sender_id])
        step = step_of_message(
            connection, day=day, sender_id=sender_id, message_id=id_, visible=estate.visible
        )
    if step is None:
        raise _no_message()
    return redirect(f"{reverse('telemetry:trace', args=[step.trace_id.hex()])}?span={step.span_id.hex()}")


def _message_id(text: str) -> bytes | None:
    try:
        return bytes.fromhex(text) if len(text) == 64 else None
    except ValueError:
        return None


def _no_message() -> NotFound:
    return NotFound(
        _(
            "There is no step with this message: it is no longer kept, or it belongs to a unit whose telemetry you may "
            "not read."
        )
    )
