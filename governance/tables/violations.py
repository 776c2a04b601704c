"""Columns and filters of violations and waivers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.domain.breaches import EvidenceKind, SubjectKind
from governance.domain.states import ViolationState
from governance.models import labels
from governance.queries.violations import ME, NOBODY, ViolationRow, WaiverRow, policies_seen
from inventory import filters as register_filters
from inventory import queries as inventory
from inventory.tables import cells
from kernel.actor import Actor
from ui import formats, parts
from ui.filters import (
    BooleanFilter,
    Choice,
    ChoiceFilter,
    DateRangeFilter,
    Filter,
    RelationFilter,
    TextFilter,
)
from ui.tables import Column, two_lines
from ui.text import Text, Tone

_SEVERITY: Mapping[str, tuple[Tone, str]] = {
    "critical": (Tone.BAD, "⊘"),
    "high": (Tone.BAD, "▲"),
    "medium": (Tone.WARN, "◆"),
    "low": (Tone.PLAIN, "●"),
}
_STATE: Mapping[str, Tone] = {
    "open": Tone.BAD,
    "acknowledged": Tone.WARN,
    "in_progress": Tone.ACCENT,
    "waived": Tone.WARN,
    "resolved": Tone.ACCENT,
    "disposed": Tone.PLAIN,
    "closed_by_evaluation": Tone.OK,
}
_WAIVER: Mapping[str, Tone] = {"asked": Tone.ACCENT, "granted": Tone.WARN, "refused": Tone.PLAIN}


def severity(value: str) -> SafeString:
    """How grave: mark, word and colour."""
    tone, mark = _SEVERITY.get(value, (Tone.UNKNOWN, "?"))
    return parts.badge(cells.said(labels.SEVERITY, value), tone, mark=mark)


def state(value: str) -> SafeString:
    """The state of a violation."""
    return parts.badge(cells.said(labels.VIOLATION_STATE, value), _STATE.get(value, Tone.UNKNOWN))


def waiver_state(value: str) -> SafeString:
    """The state of a waiver."""
    return parts.badge(cells.said(labels.WAIVER_STATE, value), _WAIVER.get(value, Tone.PLAIN))


def shadow() -> SafeString:
    """The mark of what was only tried."""
    why = _("The policy is tried out: nobody is told, and nothing counts.")
    return parts.badge(_("Shadow"), Tone.UNKNOWN, title=why)


def subject_href(row: ViolationRow) -> str:
    """The page of what the violation is about; empty where it has none."""
    pages = {SubjectKind.SYSTEM: "system", SubjectKind.DEPLOYMENT: "deployment", SubjectKind.DATASET: "dataset",
             SubjectKind.ENDPOINT: "endpoint", SubjectKind.SITE: "site"}  # fmt: skip
    kind = SubjectKind(row.subject_kind)
    if kind in pages and _is_id(row.subject_id):
        return reverse(f"inventory:{pages[kind]}", args=[row.subject_id])
    if kind is SubjectKind.SENDER:
        return reverse("telemetry:sender", args=[quote(row.subject_id, safe="")])
    return ""


def evidence_href(kind: str, reference: str) -> str:
    """The page that shows a piece of evidence, with the rights that stand before it; empty where there is none."""
    first, _slash, second = reference.partition("/")
    match EvidenceKind(kind):
        case EvidenceKind.SPAN if second:
            return f"{reverse('telemetry:trace', args=[first])}?span={second}"
        case EvidenceKind.TRACE:
            return reverse("telemetry:trace", args=[first])
        case EvidenceKind.SENDER:
            return reverse("telemetry:sender", args=[first])
        case _:
            return ""


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def violations_href(**words: str) -> str:
    """The list, with filters set."""
    query = "&".join(f"{name}={quote(value)}" for name, value in words.items())
    return f"{reverse('governance:violations')}?{query}" if query else reverse("governance:violations")


def _policy(row: ViolationRow) -> SafeString:
    mark = format_html(" {}", shadow()) if row.shadow else parts.EMPTY
    return format_html("{}{}", two_lines(row.policy_name, f"{row.ref} · {row.reason}"), mark)


def _subject(row: ViolationRow) -> SafeString:
    return two_lines(row.subject_label or row.subject_id, cells.said(labels.SUBJECT_KIND, row.subject_kind))


COLUMNS: tuple[Column[ViolationRow], ...] = (
    Column("policy", gettext_lazy("Violation"), value=lambda row: row.policy_name, cell=_policy, sort="policy",
           fixed=True),
    Column("ref", gettext_lazy("Number"), value=lambda row: row.ref, sort="ref", default=False),
    Column("severity", gettext_lazy("Severity"), value=lambda row: cells.said(labels.SEVERITY, row.severity),
           cell=lambda row: severity(row.severity), sort="severity"),
    Column("state", gettext_lazy("State"), value=lambda row: cells.said(labels.VIOLATION_STATE, row.state),
           cell=lambda row: state(row.state), sort="state"),
    Column("subject", gettext_lazy("Subject"), value=lambda row: row.subject_label or row.subject_id, cell=_subject,
           sort="subject"),
    Column("reason", gettext_lazy("What does not hold"), value=lambda row: row.reason, default=False),
    Column("system", gettext_lazy("AI system"), value=lambda row: cells.name(row.system),
           cell=lambda row: cells.link("system", row.system), default=False, unknown=gettext_lazy("none named")),
    Column("owner", gettext_lazy("Owner"), value=lambda row: cells.name(row.owner), sort="owner",
           unknown=gettext_lazy("nobody named")),
    Column("unit", gettext_lazy("Unit"), value=lambda row: cells.name(row.unit), default=False,
           unknown=gettext_lazy("whole organisation")),
    Column("kind", gettext_lazy("Kind"), value=lambda row: cells.said(labels.KIND, row.kind), default=False),
    Column("count", gettext_lazy("Times"), value=lambda row: row.count, numeric=True, sort="count",
           cell=lambda row: formats.number(row.count)),
    Column("first_seen", gettext_lazy("First seen"), value=lambda row: row.first_seen_at,
           cell=lambda row: parts.when(row.first_seen_at), sort="first_seen"),
    Column("last_seen", gettext_lazy("Last seen"), value=lambda row: row.last_seen_at,
           cell=lambda row: parts.when(row.last_seen_at), sort="last_seen"),
)  # fmt: skip


def filters(actor: Actor) -> list[Filter]:
    """What violations are asked by; together they read as a sentence."""
    return [
        TextFilter(name="q", label=gettext_lazy("Policy, subject or number")),
        BooleanFilter(name="standing", label=gettext_lazy("Waits for somebody")),
        register_filters.word("state", gettext_lazy("State"), labels.VIOLATION_STATE),
        register_filters.word("severity", gettext_lazy("Severity"), labels.SEVERITY),
        RelationFilter(
            name="policy",
            label=gettext_lazy("Policy"),
            choices=lambda: [Choice(key, name) for key, name in policies_seen(actor)],
        ),
        register_filters.word("subject", gettext_lazy("Kind of subject"), labels.SUBJECT_KIND),
        RelationFilter(name="owner", label=gettext_lazy("Owner"), choices=_owners),
        register_filters.relation("unit", gettext_lazy("Unit"), actor, "unit"),
        register_filters.relation("system", gettext_lazy("AI system"), actor, "system"),
        register_filters.relation("deployment", gettext_lazy("Deployment"), actor, "deployment"),
        register_filters.word("kind", gettext_lazy("Kind"), labels.KIND),
        BooleanFilter(name="shadow", label=gettext_lazy("Shadow")),
        DateRangeFilter(name="seen", label=gettext_lazy("Last seen")),
    ]


def _owners() -> Sequence[Choice]:
    people = [Choice(str(person.id), person.name) for person in inventory.people_choices()]
    return [Choice(ME, _("me")), Choice(NOBODY, _("nobody")), *people]


WAIVER_COLUMNS: tuple[Column[WaiverRow], ...] = (
    Column("ref", gettext_lazy("Waiver"), value=lambda row: row.ref,
           cell=lambda row: two_lines(row.policy_name, f"{row.ref} · {row.violation.name} · {row.subject_label}"),
           sort="ref", fixed=True),
    Column("state", gettext_lazy("State"), value=lambda row: cells.said(labels.WAIVER_STATE, row.state),
           cell=lambda row: waiver_state(row.state)),
    Column("until", gettext_lazy("Until"), value=lambda row: row.until, cell=lambda row: parts.when(row.until),
           sort="until"),
    Column("reason", gettext_lazy("Reason"), value=lambda row: row.reason),
    Column("asked_by", gettext_lazy("Asked by"), value=lambda row: row.asked_by.name),
    Column("asked", gettext_lazy("Asked"), value=lambda row: row.asked_at, cell=lambda row: parts.when(row.asked_at),
           sort="asked"),
    Column("decided_by", gettext_lazy("Decided by"), value=lambda row: cells.name(row.decided_by),
           unknown=gettext_lazy("nobody yet")),
)  # fmt: skip


def waiver_filters() -> list[Filter]:
    """What waivers are asked by."""
    return [
        TextFilter(name="q", label=gettext_lazy("Policy or subject")),
        ChoiceFilter(
            name="state",
            label=gettext_lazy("State"),
            choices=[Choice(key.value, text) for key, text in labels.WAIVER_STATE.items()],
        ),
    ]


STEP_WORDS: Mapping[ViolationState, Text] = {
    ViolationState.ACKNOWLEDGED: gettext_lazy("Acknowledge"),
    ViolationState.IN_PROGRESS: gettext_lazy("Start work"),
    ViolationState.RESOLVED: gettext_lazy("It is put right"),
    ViolationState.DISPOSED: gettext_lazy("Close it"),
    ViolationState.OPEN: gettext_lazy("Open it again"),
}


def facts_text(facts: Mapping[str, Any]) -> list[parts.Fact]:
    """Facts as they were, in a flat list; nested ones by their path."""
    found: list[parts.Fact] = []
    for name, value in sorted(facts.items()):
        if isinstance(value, dict):
            found += [
                parts.Fact(f"{name}.{fact.label}", fact.value, unknown=fact.unknown)
                for fact in facts_text(value)
            ]
        else:
            found.append(parts.Fact(name, _fact(value), unknown=_("unknown")))
    return found


def _fact(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_fact(item) or "?" for item in value) or _("none")
    return str(value)
