"""Columns, filters and words of approvals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.domain.approvals import Changed
from governance.domain.states import ApprovalState, Standing
from governance.models import labels
from governance.queries.approvals import ApprovalRow, Stand
from inventory import filters as register_filters
from inventory import queries as inventory
from inventory.models import labels as register_labels
from inventory.tables import cells
from kernel.actor import Actor
from ui import formats, parts
from ui.filters import Choice, ChoiceFilter, Filter, RelationFilter, TextFilter
from ui.tables import Column, two_lines
from ui.text import Text, Tone

_STANDING: Mapping[str, Tone] = {
    "approved": Tone.OK,
    "pending": Tone.ACCENT,
    "asked": Tone.ACCENT,
    "stale": Tone.WARN,
    "expired": Tone.WARN,
    "rejected": Tone.BAD,
    "none": Tone.UNKNOWN,
    "withdrawn": Tone.PLAIN,
}
_STATES: Mapping[Any, Any] = dict([*labels.APPROVAL_STATE.items(), *labels.STANDING.items()])
FIELDS: Mapping[str, Text] = {
    "purpose": gettext_lazy("Purpose"),
    "risk_class": gettext_lazy("Risk class"),
    "annex_iii_points": gettext_lazy("Annex III points"),
    "decision_impact": gettext_lazy("Decision impact"),
    "persons_affected": gettext_lazy("Persons affected"),
    "interacts_with_persons": gettext_lazy("Interacts with persons"),
    "roles": gettext_lazy("Roles of legal entities"),
    "environments": gettext_lazy("Environments"),
    "capture_modes": gettext_lazy("Capture modes"),
    "models": gettext_lazy("Models"),
    "datasets": gettext_lazy("Data"),
    "placements": gettext_lazy("Places"),
}
_WORDS: Mapping[str, Mapping[Any, Any]] = {
    "risk_class": register_labels.RISK_CLASS,
    "decision_impact": register_labels.DECISION_IMPACT,
    "persons_affected": register_labels.PERSONS,
    "environments": register_labels.ENVIRONMENT,
    "capture_modes": register_labels.CAPTURE_MODE,
}
_PARTS: tuple[Mapping[Any, Any], ...] = (
    register_labels.CLASSIFICATION,
    register_labels.BINDING_PURPOSE,
    register_labels.SPECIAL_CATEGORY,
    register_labels.ENTITY_ROLE,
)


def standing(value: str) -> SafeString:
    """Where something stands with its approvals: mark, word and colour."""
    return parts.badge(cells.said(_STATES, value), _STANDING.get(value, Tone.UNKNOWN))


def state_of(row: ApprovalRow) -> str:
    """The state of a request; of one that was given, how it stands now."""
    return row.standing.value if row.standing else row.state


def given_by(stand: Stand) -> SafeString:
    """A cell: how it stands, by whose word and until when."""
    if stand.standing is Standing.PENDING and stand.pending_with:
        return format_html(
            "{}{}", standing(stand.standing), _second(_("with %(name)s") % {"name": stand.pending_with.name})
        )
    if stand.approver is None or stand.until is None:
        return standing(stand.standing)
    words = {"name": stand.approver.name, "day": formats.day(stand.until)}
    return format_html("{}{}", standing(stand.standing), _second(_("%(name)s, until %(day)s") % words))


def given_by_text(stand: Stand) -> str:
    """The same for exports."""
    said = [cells.said(labels.STANDING, stand.standing.value)]
    if stand.approver and stand.until:
        said += [stand.approver.name, stand.until.isoformat()]
    return ", ".join(said)


def _second(text: str) -> SafeString:
    return format_html('<span class="second">{}</span>', text)


def value_text(field: str, value: Any, names: Mapping[str, str]) -> str:
    """A bound value as a person reads it: ids by the names that they had, words in the reader's language."""
    if value is None or (not value and not isinstance(value, bool)):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(value_text(field, item, names) for item in value)
    words = _WORDS.get(field, {})
    if value in words:
        return str(words[value])
    if field in {"models", "datasets", "placements", "roles"}:
        first, *more = str(value).split(" ")
        shown = [names.get(first, first), *(text for word in more if (text := _part(word)))]
        return " · ".join(shown)
    return str(value)


def _part(word: str) -> str:
    if word.startswith("personal_data="):
        return _("personal data: %(word)s") % {
            "word": cells.said(register_labels.PERSONAL_DATA, word.partition("=")[2])
        }
    return next((str(words[word]) for words in _PARTS if word in words), word)


def bound_facts(row: ApprovalRow) -> list[parts.Fact]:
    """What was frozen, by field."""
    return [
        parts.Fact(label, value_text(name, row.bound.get(name), row.names))
        for name, label in FIELDS.items()
        if name in row.bound
    ]


def changes(changed: Sequence[Changed], names: Mapping[str, str]) -> SafeString:
    """What is no longer as it was approved: what went, what came."""
    rows = format_html_join(
        "",
        '<tr><th scope="row">{}</th><td><del>{}</del></td><td><ins>{}</ins></td></tr>',
        (
            (
                FIELDS.get(item.field, item.field),
                value_text(item.field, item.before, names),
                value_text(item.field, item.after, names),
            )
            for item in changed
        ),
    )
    return format_html('<table class="diff"><tbody>{}</tbody></table>', rows) if rows else parts.EMPTY


def _subject(row: ApprovalRow) -> SafeString:
    kind = _("AI system") if row.system else _("Deployment")
    return two_lines(row.subject.name, f"{row.ref} · {kind}")


COLUMNS: tuple[Column[ApprovalRow], ...] = (
    Column("subject", gettext_lazy("Approval"), value=lambda row: row.subject.name, cell=_subject, fixed=True),
    Column("ref", gettext_lazy("Number"), value=lambda row: row.ref, sort="ref", default=False),
    Column("standing", gettext_lazy("State"),
           value=lambda row: cells.said(_STATES, state_of(row)),
           cell=lambda row: standing(state_of(row))),
    Column("approver", gettext_lazy("Approver"), value=lambda row: row.approver.name),
    Column("decided", gettext_lazy("Decided"), value=lambda row: row.decided_at,
           cell=lambda row: parts.when(row.decided_at) if row.decided_at else None,
           unknown=gettext_lazy("not yet")),
    Column("until", gettext_lazy("Valid until"), value=lambda row: row.valid_until,
           cell=lambda row: parts.when(row.valid_until) if row.valid_until else None, sort="until",
           unknown=gettext_lazy("no day")),
    Column("asked_by", gettext_lazy("Asked by"), value=lambda row: row.asked_by.name),
    Column("asked", gettext_lazy("Asked"), value=lambda row: row.asked_at, cell=lambda row: parts.when(row.asked_at),
           sort="asked"),
    Column("unit", gettext_lazy("Unit"), value=lambda row: cells.name(row.unit), default=False,
           unknown=gettext_lazy("whole organisation")),
    Column("digest", gettext_lazy("Digest"), value=lambda row: row.digest, default=False),
)  # fmt: skip


def filters(actor: Actor) -> list[Filter]:
    """What approvals are asked by."""
    stands = (Standing.APPROVED, Standing.STALE, Standing.EXPIRED)
    states = (ApprovalState.ASKED, ApprovalState.REJECTED, ApprovalState.WITHDRAWN)
    choices = [
        *(Choice(key.value, labels.APPROVAL_STATE[key]) for key in states[:1]),
        *(Choice(key.value, labels.STANDING[key]) for key in stands),
        *(Choice(key.value, labels.APPROVAL_STATE[key]) for key in states[1:]),
    ]
    return [
        TextFilter(name="q", label=gettext_lazy("System or deployment")),
        ChoiceFilter(name="standing", label=gettext_lazy("State"), choices=choices),
        register_filters.word("category", gettext_lazy("Sensitive data"), register_labels.SPECIAL_CATEGORY),
        RelationFilter(name="approver", label=gettext_lazy("Approver"), choices=_people),
        register_filters.relation("system", gettext_lazy("AI system"), actor, "system"),
    ]


def _people() -> Sequence[Choice]:
    return [
        Choice("me", _("me")),
        *(Choice(str(person.id), person.name) for person in inventory.people_choices()),
    ]
