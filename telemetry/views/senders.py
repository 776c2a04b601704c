"""Who is sending? The senders that nobody knows, all of them, and one of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from inventory import services as inventory
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.contracts.ingest import ResolutionState
from kernel.errors import NotFound, TutelaError
from telemetry.filters import sender_id_of
from telemetry.forms import MergeForm, PromoteForm
from telemetry.queries import rollups
from telemetry.queries.bounds import SenderWindow, TimeRange
from telemetry.queries.traces import TraceFilter, list_traces
from telemetry.services import Estate, Known, load_estate, reading
from telemetry.tables import register
from telemetry.tables.pictures import traffic_chart
from telemetry.tables.senders import (
    DISCOVERED_COLUMNS,
    SENDER_COLUMNS,
    SENDER_KEYS,
    SENDER_MATCHES,
    SenderLine,
    sender_filters,
    sender_lines,
)
from telemetry.tables.spans import sender_href, traces_href
from telemetry.tables.traces import trace_line
from telemetry.tables.words import RESOLUTION_WORDS, live_badge, said_badge
from ui import lists
from ui.access import actor_of, page
from ui.forms import ReasonForm, add_errors
from ui.parts import Crumb
from ui.sources import ValuesSource
from ui.tables import Action, Empty, ListPage

WEEK_NS = 7 * clock.NANOSECONDS_PER_DAY
RECENT_TRACES = 8
MOST_MERGED = 200


@require_safe
@page(Permission.TELEMETRY_READ)
def discovered(request: HttpRequest) -> HttpResponseBase:
    """Who is sending that we do not know?"""
    actor = actor_of(request)
    with reading() as connection:
        estate = load_estate(connection, actor)
        unknown = [known for known in estate.seen if known.state is ResolutionState.UNKNOWN]
        lines = sender_lines(connection, estate, unknown if estate.everything else [])
    definition = ListPage(
        name="telemetry.discovered",
        title=gettext_lazy("Discovered senders"),
        lead=gettext_lazy(
            "Who is sending that we do not know? What is decided here explains the past as well."
        ),
        columns=DISCOVERED_COLUMNS,
        filters=[item for item in sender_filters(actor) if item.name == "q"],
        sort="-last",
        href=lambda line: sender_href(line.known.sender.sender_id),
        actions=_list_actions(actor, unknown=len(lines)),
        empty=_nothing_unknown(estate),
    )
    return lists.render_list(request, definition, _source(lines))


def _list_actions(actor: Actor, *, unknown: int) -> list[Action]:
    actions = [Action(gettext_lazy("All senders"), reverse("telemetry:senders"), icon="radio")]
    if unknown > 1 and actor.may_somewhere(Permission.ESTATE_EDIT):
        actions.append(
            Action(
                gettext_lazy("Assign several"),
                reverse("telemetry:senders_merge"),
                icon="layers",
                primary=True,
            )
        )
    return actions


def _nothing_unknown(estate: Estate) -> Empty:
    if not estate.everything:
        return Empty(
            title=gettext_lazy("Unknown senders are shown to those who read the whole organisation"),
            why=gettext_lazy(
                "What nobody has claimed belongs to no unit yet. Your role holds in some units only; "
                "ask somebody whose role holds everywhere to look here."
            ),
            icon="lock",
        )
    return Empty(
        title=gettext_lazy("Every sender is known"),
        why=gettext_lazy(
            "A sender appears here as soon as a span arrives that no rule, claim or key explains. "
            "Its content is kept as IDs only until somebody says what it is."
        ),
        icon="radar",
        snippet=register.first_span_snippet(),
    )


@require_safe
@page(Permission.TELEMETRY_READ)
def senders(request: HttpRequest) -> HttpResponseBase:
    """All senders, and how each one was resolved."""
    actor = actor_of(request)
    with reading() as connection:
        estate = load_estate(connection, actor)
        lines = sender_lines(connection, estate, estate.seen)
    definition = ListPage(
        name="telemetry.senders",
        title=gettext_lazy("Senders"),
        lead=gettext_lazy("Everything that sends, what it is, and which rule, claim or key says so."),
        columns=SENDER_COLUMNS,
        filters=sender_filters(actor),
        sort="-last",
        href=lambda line: sender_href(line.known.sender.sender_id),
        actions=[Action(gettext_lazy("Only the unknown"), reverse("telemetry:discovered"), icon="radar")],
        empty=_nothing_sent(),
    )
    return lists.render_list(request, definition, _source(lines))


def _nothing_sent() -> Empty:
    return Empty(
        title=gettext_lazy("Nothing has been sent yet"),
        why=gettext_lazy(
            "A sender is a program that sends telemetry. It appears here with its first span, whether or not "
            "anybody has registered it. These lines send one."
        ),
        icon="radio",
        snippet=register.first_span_snippet(),
    )


def _source(lines: list[SenderLine]) -> ValuesSource[SenderLine]:
    return ValuesSource(lines, filters=SENDER_MATCHES, keys=SENDER_KEYS)


@require_safe
@page(Permission.TELEMETRY_READ)
def sender(request: HttpRequest, sender_id: str) -> HttpResponseBase:
    """One sender: what it says of itself, what it is and was, what it did lately."""
    actor = actor_of(request)
    known, estate = _find(actor, sender_id)
    return render(request, "telemetry/sender.html", _sender_context(known, estate))


def _find(actor: Actor, sender_id: str) -> tuple[Known, Estate]:
    id_ = sender_id_of(sender_id)
    with reading() as connection:
        estate = load_estate(connection, actor, sender_ids=[id_] if id_ else [])
    known = estate.known.get(id_) if id_ else None
    if known is None or not estate.sees(known):
        raise NotFound(
            _("There is no such sender, or it belongs to a unit whose telemetry you may not read.")
        )
    return known, estate


def _sender_context(known: Known, estate: Estate) -> dict[str, Any]:
    id_ = known.sender.sender_id
    scope = (SenderWindow(id_),) if estate.everything else estate.visible
    week = TimeRange.last(WEEK_NS)
    with reading() as connection:
        (line,) = sender_lines(connection, estate, [known])
        points = rollups.series(connection, time=week, scope=scope)
        recent = list_traces(
            connection,
            TraceFilter(time=week, senders=(SenderWindow(id_),), visible=estate.visible),
            limit=RECENT_TRACES,
        )
    sign = rollups.sign([known.sender.last_seen_ns], now_ns=clock.now_ns())
    return {
        "trail": [Crumb(gettext_lazy("Senders"), reverse("telemetry:senders"))],
        "state": said_badge(RESOLUTION_WORDS[line.state]),
        "live": live_badge(sign),
        "actions": _sender_actions(line) if estate.actor.may_somewhere(Permission.ESTATE_EDIT) else [],
        "line": line,
        "said": known.sender.identity,
        "hints": sorted(known.sender.hints.items()),
        "resolutions": [item for item in known.resolutions if estate.may_see(item)],
        "chart": traffic_chart(points, week, sender=id_.hex()),
        "recent": [trace_line(row, estate) for row in recent.rows],
        "traces_href": traces_href(sender=id_.hex(), when="7d"),
        "models": [(name, traces_href(sender=id_.hex(), model=name, when="30d")) for name in line.models],
    }


def _sender_actions(line: SenderLine) -> list[Action]:
    args = [line.id]
    promote = Action(
        gettext_lazy("Assign to a deployment"),
        reverse("telemetry:sender_promote", args=args),
        icon="link",
        primary=line.state is ResolutionState.UNKNOWN,
    )
    new = Action(
        gettext_lazy("Register as new"),
        register.simple_form_href(line.known.sender, model=line.models[0] if line.models else ""),
        icon="plus",
    )
    if line.state is ResolutionState.DISMISSED:
        undo = Action(
            gettext_lazy("Call back"), reverse("telemetry:sender_undismiss", args=args), icon="refresh-cw"
        )
        return [promote, undo]
    if line.state is ResolutionState.RESOLVED:
        return [promote]
    return [
        promote,
        new,
        Action(gettext_lazy("Dismiss"), reverse("telemetry:sender_dismiss", args=args), icon="x"),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ESTATE_EDIT)
def promote(request: HttpRequest, sender_id: str) -> HttpResponseBase:
    """Say which deployment a sender is."""
    actor = actor_of(request)
    known, _estate = _find(actor, sender_id)
    form = PromoteForm(request.POST or None, deployments=register.deployment_choices(actor))
    if request.method == "POST" and form.is_valid():
        try:
            inventory.promote_sender(
                actor,
                identity=known.sender.identity,
                deployment=uuid.UUID(form.cleaned_data["deployment"]),
                reason=form.cleaned_data["reason"],
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The sender is registered. Its past is explained as well."))
            return HttpResponseRedirect(sender_href(known.sender.sender_id))
    return _form_page(
        request, known, form, title=_("Assign to a deployment"), submit=_("Assign"), lead=_PROMOTE_LEAD
    )


_PROMOTE_LEAD = gettext_lazy(
    "A rule that fits this sender to the letter says from now on which deployment it is, also for what it already sent. "
    "Nothing in the record is rewritten; the rule can be ended or taken back."
)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ESTATE_EDIT)
def dismiss(request: HttpRequest, sender_id: str) -> HttpResponseBase:
    """Say that a sender is no AI of ours, and why."""
    actor = actor_of(request)
    known, _estate = _find(actor, sender_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            inventory.dismiss_sender(
                actor, identity=known.sender.identity, reason=form.cleaned_data["reason"]
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(
                request, _("The sender is dismissed. It stays on record and can be called back.")
            )
            return HttpResponseRedirect(reverse("telemetry:discovered"))
    return _form_page(
        request,
        known,
        form,
        title=_("Dismiss this sender"),
        submit=_("Dismiss"),
        lead=_(
            "It leaves the list of unknown senders. Its spans stay, as IDs only, and so does this decision."
        ),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ESTATE_EDIT)
def undismiss(request: HttpRequest, sender_id: str) -> HttpResponseBase:
    """Call a dismissed sender back."""
    actor = actor_of(request)
    known, _estate = _find(actor, sender_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            inventory.undismiss_sender(
                actor, sender_id=known.sender.sender_id, reason=form.cleaned_data["reason"]
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The sender is among the unknown ones again."))
            return HttpResponseRedirect(sender_href(known.sender.sender_id))
    return _form_page(request, known, form, title=_("Call this sender back"), submit=_("Call back"), lead="")


def _form_page(
    request: HttpRequest, known: Known, form: Any, *, title: str, submit: str, lead: object
) -> HttpResponseBase:
    href = sender_href(known.sender.sender_id)
    name = known.sender.identity.service_name or known.sender.sender_id.hex()[:8]
    context = {
        "title": title,
        "form": form,
        "submit": submit,
        "lead": lead,
        "cancel_href": href,
        "trail": [Crumb(gettext_lazy("Senders"), reverse("telemetry:senders")), Crumb(name, href)],
    }
    return render(request, "ui/form.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@page(Permission.ESTATE_EDIT)
def merge(request: HttpRequest) -> HttpResponseBase:
    """Say that several unknown senders are one and the same deployment."""
    actor = actor_of(request)
    with reading() as connection:
        estate = load_estate(connection, actor)
    unknown = [known for known in estate.seen if known.state is ResolutionState.UNKNOWN][:MOST_MERGED]
    by_id = {known.sender.sender_id.hex(): known for known in unknown} if estate.everything else {}
    form = MergeForm(
        request.POST or None,
        senders=[(id_, _merge_word(known)) for id_, known in by_id.items()],
        deployments=register.deployment_choices(actor),
    )
    if request.method == "POST" and form.is_valid():
        try:
            inventory.merge_senders(
                actor,
                identities=[by_id[id_].sender.identity for id_ in form.cleaned_data["senders"]],
                deployment=uuid.UUID(form.cleaned_data["deployment"]),
                reason=form.cleaned_data["reason"],
            )
        except TutelaError as error:
            add_errors(form, error)
        else:
            messages.success(request, _("The senders are registered as one deployment."))
            return HttpResponseRedirect(reverse("telemetry:discovered"))
    context = {
        "title": _("Assign several senders"),
        "form": form,
        "submit": _("Assign"),
        "lead": _PROMOTE_LEAD,
        "cancel_href": reverse("telemetry:discovered"),
        "trail": [Crumb(gettext_lazy("Discovered senders"), reverse("telemetry:discovered"))],
    }
    return render(request, "ui/form.html", context)


def _merge_word(known: Known) -> str:
    said = known.sender.identity
    words = (said.service_namespace, said.service_name, said.environment, said.place)
    return " · ".join(word for word in words if word) or known.sender.sender_id.hex()[:8]
