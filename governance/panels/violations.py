"""Violations and approvals on other pages: the sidebar, the overview, systems and deployments; and their words in histories."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import panels as ledger
from governance.adapters import letters, mail
from governance.domain.breaches import Severity
from governance.domain.states import Standing
from governance.models import Approval, Violation, Waiver
from governance.queries import approvals, notices, violations
from governance.queries.approvals import Stand
from governance.queries.violations import ViolationRow
from governance.tables import approvals as approval_tables
from governance.tables import violations as tables
from inventory.panels.said import said
from kernel.actor import Actor, ActorKind, Permission
from kernel.errors import Forbidden
from ui import formats, history, navigation, panels, parts, search
from ui.access import actor_of
from ui.lists.added import Added, add_column
from ui.navigation import Group, Item
from ui.search import Hit
from ui.tables import ListQuery
from ui.text import Text

READ = Permission.REGISTER_READ
SHOWN = 5

WORDS: dict[str, Text] = {
    "governance.violation.see": gettext_lazy("saw violations"),
    "governance.violation.open": gettext_lazy("found it"),
    "governance.violation.return": gettext_lazy("brought it back"),
    "governance.violation.settle": gettext_lazy("settled violations"),
    "governance.violation.withdraw_policy": gettext_lazy("closed the violations of a policy"),
    "governance.violation.close": gettext_lazy("found that it holds no more"),
    "governance.violation.assign": gettext_lazy("gave it to somebody"),
    "governance.violation.acknowledge": gettext_lazy("acknowledged it"),
    "governance.violation.start": gettext_lazy("started work"),
    "governance.violation.resolve": gettext_lazy("said that it is put right"),
    "governance.violation.dispose": gettext_lazy("closed it"),
    "governance.violation.reopen": gettext_lazy("opened it again"),
    "governance.violation.comment": gettext_lazy("commented"),
    "governance.violation.waive": gettext_lazy("waived it"),
    "governance.waiver.ask": gettext_lazy("asked for a waiver"),
    "governance.waiver.decide": gettext_lazy("decided on a waiver"),
    "governance.waiver.withdraw": gettext_lazy("took back a request for a waiver"),
    "governance.waiver.end": gettext_lazy("ended a waiver"),
    "governance.waiver.return_expired": gettext_lazy("ended waivers whose last day is over"),
    "governance.approval.ask": gettext_lazy("asked for an approval"),
    "governance.approval.decide": gettext_lazy("decided on an approval"),
    "governance.approval.withdraw": gettext_lazy("withdrew it"),
    "governance.approval.watch": gettext_lazy("compared approvals with what is"),
    "governance.approval.go_stale": gettext_lazy("found that it no longer fits"),
    "governance.approval.restore": gettext_lazy("found that it fits again"),
}


def register() -> None:
    """Called once, when the app is ready."""
    history.describe(WORDS)
    for target, model in (
        ("governance.violation", Violation),
        ("governance.waiver", Waiver),
        ("governance.approval", Approval),
    ):
        ledger.explain(target, partial(said, model))
    _register_pages()
    _register_panels()
    search.register(
        "governance.violations", title=gettext_lazy("Violations"), find=_find, order=50, permission=READ
    )
    add_column(
        "inventory.systems",
        Added(
            "approval",
            gettext_lazy("Approval"),
            load=_stands,
            cell=approval_tables.given_by,
            value=approval_tables.given_by_text,
            permission=READ,
            after="risk_class",
        ),
    )


def _register_pages() -> None:
    pages: tuple[
        tuple[Group, Text, str, str, int, Permission | None, Callable[[Actor], int | None] | None], ...
    ] = (
        (Group.RULES, gettext_lazy("Violations"), "violations", "shield-alert", 20, READ, _mine),
        (Group.RULES, gettext_lazy("Approvals"), "approvals", "badge-check", 30, READ, _to_decide),
        (Group.RULES, gettext_lazy("Waivers"), "waivers", "clock", 40, READ, _waivers),
        (Group.SETTINGS, gettext_lazy("Outbox"), "notices", "send", 60, None, None),
    )
    for group, label, route, icon, order, permission, count in pages:
        navigation.register(
            Item(group, label, f"governance:{route}", icon, order=order, permission=permission, count=count)
        )


def _register_panels() -> None:
    panels.register(
        "console.overview.broken", key="governance.open", title=gettext_lazy("Open violations"), render=broken,
        order=10, permission=READ,
    )  # fmt: skip
    panels.register(
        "console.overview.waiting", key="governance.waiting", title=gettext_lazy("What waits for me"), render=waiting,
        order=10, permission=READ,
    )  # fmt: skip
    panels.register(
        "console.overview.new", key="governance.new", title=gettext_lazy("New violations"), render=new, order=10,
        permission=READ,
    )  # fmt: skip
    for noun in ("system", "deployment"):
        panels.register(
            f"inventory.{noun}", key=f"governance.{noun}.approval", title=gettext_lazy("Approval"),
            render=partial(approval, noun), order=5, width="half", permission=READ,
        )  # fmt: skip
        panels.register(
            f"inventory.{noun}", key=f"governance.{noun}.violations", title=gettext_lazy("Violations"),
            render=partial(violations_of, noun), order=6, width="half", permission=READ,
        )  # fmt: skip


# ---- counts of the sidebar


def _mine(actor: Actor) -> int | None:
    """Violations that wait for this person."""
    if actor.kind is not ActorKind.USER:
        return None
    return violations.count_open(actor, owner=actor.id) or None


def _to_decide(actor: Actor) -> int | None:
    return approvals.approvals_to_decide(actor) or None


def _waivers(actor: Actor) -> int | None:
    return violations.waivers_to_decide(actor) or None


# ---- overview


def broken(request: HttpRequest, _subject: object) -> SafeString:
    """Open violations by severity, each number a door, and the gravest of them."""
    actor = actor_of(request)
    counts = violations.open_by_severity(actor)
    if not counts:
        return format_html('<p class="muted">{}</p>', _("Nothing that is open breaks a policy in force."))
    doors = format_html_join(
        "",
        '<li class="chip">{} {}</li>',
        (
            (
                tables.severity(word.value),
                _door(counts[word.value], standing="yes", shadow="no", severity=word.value),
            )
            for word in reversed(Severity)
            if word.value in counts
        ),
    )
    return format_html('<ul class="chips">{}</ul>{}', doors, _list(violations.latest(actor, limit=SHOWN)))


def waiting(request: HttpRequest, _subject: object) -> SafeString:
    """What this person has to decide or to work on, and what they were told last."""
    actor = actor_of(request)
    rows = [
        (_("Approvals that name you"), approvals.approvals_to_decide(actor), f"{reverse('governance:approvals')}?standing=asked&approver=me"),
        (_("Waivers to decide"), violations.waivers_to_decide(actor), f"{reverse('governance:waivers')}?state=asked"),
        (_("Your violations"), violations.count_open(actor, owner=actor.id), tables.violations_href(standing="yes", owner="me", shadow="no")),
    ]  # fmt: skip
    if actor.may_somewhere(Permission.VIOLATIONS_WORK):
        nobodys = tables.violations_href(standing="yes", owner="none", shadow="no")
        rows.append((_("Violations that nobody has"), violations.count_open(actor, owner=None), nobodys))
    work = format_html_join(
        "",
        '<li><a class="what" href="{}">{}</a>{}</li>',
        ((href, label, parts.door(formats.number(count), href)) for label, count, href in rows if count),
    )
    told = _told(actor)
    if not work and not told:
        return format_html('<p class="muted">{}</p>', _("Nothing waits for you."))
    return format_html('<ul class="work">{}{}</ul>{}', work, told, _unsent(actor))


def _told(actor: Actor) -> SafeString:
    return format_html_join(
        "",
        '<li><span class="what"><a href="{}">{}</a><small>{}</small></span></li>',
        (
            (letters.href(row.kind, row.about), letters.line(row.kind, row.about), parts.when(row.written_at))
            for row in notices.latest_to(actor, limit=3)
        ),
    )


def _unsent(actor: Actor) -> SafeString:
    """For whoever manages people: mails that nobody got."""
    if not notices.sees_all(actor):
        return parts.EMPTY
    counts = notices.count_unsent()
    lines = []
    if counts["dead"]:
        href = f"{reverse('governance:notices')}?mail=dead"
        lines.append((_("Mails that could not be sent"), parts.door(formats.number(counts["dead"]), href)))
    if counts["not_configured"] and not mail.is_set_up():
        href = f"{reverse('governance:notices')}?mail=not_configured"
        lines.append(
            (
                _("Mails not sent: no mail is set up"),
                parts.door(formats.number(counts["not_configured"]), href),
            )
        )
    return format_html_join("", '<p class="small">{} {}</p>', lines)


def new(request: HttpRequest, _subject: object) -> SafeString | None:
    """The violations that were opened last."""
    rows = violations.newest(actor_of(request), limit=SHOWN)
    return _list(rows) if rows else None


# ---- systems and deployments


def violations_of(noun: str, request: HttpRequest, subject: Any) -> SafeString | None:
    """What is open here."""
    actor = actor_of(request)
    href = tables.violations_href(**{noun: str(subject.id)})
    count = violations.count_open(actor, **{noun: subject.id})
    if not count:
        return format_html(
            '<p class="muted">{} {}</p>', _("Nothing is open."), parts.door(_("Earlier ones"), href)
        )
    rows = violations.latest(actor, limit=SHOWN, **{noun: subject.id})
    return format_html(
        "{}<p>{}</p>",
        _list(rows),
        parts.door(_("All of them: %(count)s open") % {"count": formats.number(count)}, href),
    )


def approval(noun: str, request: HttpRequest, subject: Any) -> SafeString:
    """Who approved this, when, until when, and what has changed since?"""
    find = approvals.stands_of_systems if noun == "system" else approvals.stands_of_deployments
    stand = find([subject.id])[subject.id]
    return format_html(
        "<p>{}</p>{}{}",
        approval_tables.standing(stand.standing),
        _said(stand),
        _ask(noun, request, subject, stand),
    )


def _said(stand: Stand) -> SafeString:
    lines: list[SafeString] = []
    if stand.approval_id and stand.approver and stand.decided_at and stand.until:
        href = reverse("governance:approval", args=[stand.approval_id])
        words = {
            "name": stand.approver.name,
            "day": formats.day(stand.decided_at.date()),
            "until": formats.day(stand.until),
        }
        lines.append(
            format_html(
                "{} {}",
                _("%(name)s approved it on %(day)s, until %(until)s.") % words,
                parts.door(stand.approval_ref, href),
            )
        )
    if stand.changed:
        names = ", ".join(str(approval_tables.FIELDS.get(item.field, item.field)) for item in stand.changed)
        lines.append(format_html("{}", _("Changed since: %(names)s.") % {"names": names}))
    if stand.pending_id and stand.pending_with:
        href = reverse("governance:approval", args=[stand.pending_id])
        lines.append(
            format_html(
                "{} {}",
                _("%(name)s has been asked.") % {"name": stand.pending_with.name},
                parts.door(_("Request"), href),
            )
        )
    return format_html_join("", "<p>{}</p>", ((line,) for line in lines))


def _ask(noun: str, request: HttpRequest, subject: Any, stand: Stand) -> SafeString:
    asks = stand.standing is not Standing.PENDING and stand.pending_id is None and subject.retired_at is None
    if not asks or not _may_ask(actor_of(request), subject):
        return parts.EMPTY
    href = f"{reverse('governance:approval_ask')}?{noun}={subject.id}"
    return format_html(
        '<div class="row"><a class="button small" href="{}">{}</a></div>', href, _("Ask for an approval")
    )


def _may_ask(actor: Actor, subject: Any) -> bool:
    """The page’s subject says its unit where it is a system; for a deployment the form asks again."""
    unit = getattr(subject, "unit", None)
    try:
        if unit is not None:
            actor.require(Permission.REGISTER_EDIT, unit=unit.id)
        else:
            actor.require_somewhere(Permission.REGISTER_EDIT)
    except Forbidden:
        return False
    return True


def _stands(_actor: Actor, rows: Iterable[Any]) -> dict[uuid.UUID, Stand]:
    """For the list of systems: how each stands, in a dozen queries for a whole page."""
    return approvals.stands_of_systems([row.id for row in rows])


def _door(count: int, **words: str) -> SafeString:
    return parts.door(formats.number(count), tables.violations_href(**words))


def _list(rows: Iterable[ViolationRow]) -> SafeString:
    items = format_html_join(
        "",
        '<li><span class="what"><a href="{}">{}</a><small>{} · {}</small></span>{}</li>',
        (
            (
                reverse("governance:violation", args=[row.id]),
                row.policy_name,
                row.subject_label or row.subject_id,
                parts.when(row.last_seen_at),
                tables.severity(row.severity),
            )
            for row in rows
        ),
    )
    return format_html('<ul class="work">{}</ul>', items)


def _find(actor: Actor, text: str, limit: int) -> list[Hit]:
    """By number, policy or subject."""
    asked = ListQuery(filters={"q": text}, sort="ref", descending=True, limit=limit)
    return [
        Hit(
            f"{row.ref} {row.policy_name}",
            reverse("governance:violation", args=[row.id]),
            row.subject_label,
            "shield-alert",
        )
        for row in violations.source(actor).rows(asked)
    ]
