"""The list of policies, and the words of what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from governance.domain.breaches import Severity, SubjectKind
from governance.domain.policies import Counts, Mode, Outcome
from governance.models import labels, policy_labels
from governance.queries.policies import PolicyRow
from ui import formats, parts
from ui.filters import Choice, ChoiceFilter, TextFilter
from ui.tables import Column
from ui.text import Text, Tone

_MODE: dict[str, tuple[Tone, str]] = {
    Mode.OFF: (Tone.PLAIN, "○"),
    Mode.SHADOW: (Tone.ACCENT, "◐"),
    Mode.IN_FORCE: (Tone.OK, "●"),
}
_SEVERITY: dict[str, tuple[Tone, str]] = {
    Severity.CRITICAL: (Tone.BAD, "▲"),
    Severity.HIGH: (Tone.BAD, "▲"),
    Severity.MEDIUM: (Tone.WARN, "◆"),
    Severity.LOW: (Tone.PLAIN, "●"),
}
_OUTCOME: dict[str, tuple[Tone, str]] = {
    Outcome.PASS: (Tone.OK, "✓"),
    Outcome.FAIL: (Tone.BAD, "✕"),
    Outcome.INDETERMINATE: (Tone.UNKNOWN, "?"),
    Outcome.NOT_APPLICABLE: (Tone.PLAIN, "–"),
}
_ORDER = {severity.value: order for order, severity in enumerate(Severity)}
_SUBJECT_PAGES = {
    SubjectKind.DEPLOYMENT: "inventory:deployment",
    SubjectKind.SYSTEM: "inventory:system",
    SubjectKind.DATASET: "inventory:dataset_version",
    SubjectKind.SENDER: "telemetry:sender",
    SubjectKind.BUDGET: "governance:budget",
}


def said(words: Mapping[Any, Text], value: str) -> str:
    """A word of a vocabulary as people say it."""
    return str(words.get(value, value))


def mode_badge(value: str) -> SafeString:
    """Off, in shadow or in force."""
    tone, mark = _MODE.get(value, (Tone.PLAIN, ""))
    return parts.badge(said(policy_labels.MODE, value), tone, mark=mark)


def severity_badge(value: str) -> SafeString:
    """How grave it is when it does not hold."""
    tone, mark = _SEVERITY.get(value, (Tone.PLAIN, ""))
    return parts.badge(said(labels.SEVERITY, value), tone, mark=mark)


def outcome_badge(value: str) -> SafeString:
    """What came of a subject."""
    tone, mark = _OUTCOME.get(value, (Tone.UNKNOWN, "?"))
    return parts.badge(said(policy_labels.OUTCOME, value), tone, mark=mark)


def why_words(why: str) -> str:
    """Why it cannot be told, in words."""
    kind, _colon, rest = why.partition(": ")
    if kind == "missing":
        return _("nothing is known at all") if rest == "all" else _("not known: %(fact)s") % {"fact": rest}
    known = {
        "budget": _("it takes too many steps"),
        "type": _("a fact is not of the expected kind"),
        "overflow": _("a number is too large"),
        "zero": _("it divides by zero"),
        "expression": _("the engine refuses the expression"),
    }
    return known.get(kind, why)


@dataclass(frozen=True, slots=True)
class Share:
    """How many subjects came to an outcome, with the page that lists them."""

    outcome: str
    count: int
    badge: SafeString
    href: str


def shares(row: PolicyRow) -> list[Share]:
    """The counts of a policy as doors."""
    counts = row.counts or Counts()
    numbers = {
        Outcome.FAIL: counts.failed,
        Outcome.INDETERMINATE: counts.indeterminate,
        Outcome.PASS: counts.passed,
        Outcome.NOT_APPLICABLE: counts.not_applicable,
    }
    here = reverse("governance:policy", args=[row.id])
    return [
        Share(outcome.value, number, outcome_badge(outcome), f"{here}?outcome={outcome.value}#subjects")
        for outcome, number in numbers.items()
    ]


def subject_href(kind: str, subject_id: str) -> str:
    """The page of a subject; "" where there is none."""
    route = _SUBJECT_PAGES.get(SubjectKind(kind))
    try:
        return reverse(route, args=[subject_id]) if route else ""
    except NoReverseMatch:
        return ""


def _share_column(outcome: Outcome, label: Text, pick: Any, *, default: bool = True) -> Column[PolicyRow]:
    def cell(row: PolicyRow) -> str | None:
        if row.counts is None:
            return None
        href = f"{reverse('governance:policy', args=[row.id])}?outcome={outcome.value}#subjects"
        return parts.door(formats.number(pick(row.counts)), href)

    return Column(
        outcome.value,
        label,
        value=lambda row: None if row.counts is None else pick(row.counts),
        cell=cell,
        sort=outcome.value,
        numeric=True,
        default=default,
        unknown=pgettext_lazy("policy", "not evaluated"),
    )


def _name(row: PolicyRow) -> SafeString:
    return format_html('{}<span class="second">{}</span>', row.name, row.sentence)


def columns() -> tuple[Column[PolicyRow], ...]:
    """The columns of the list."""
    return (
        Column("name", _("Policy"), value=lambda row: row.name, cell=_name, sort="name", fixed=True),
        Column(
            "mode",
            pgettext_lazy("of a policy", "Mode"),
            value=lambda row: said(policy_labels.MODE, row.mode),
            cell=lambda row: mode_badge(row.mode),
            sort="mode",
        ),
        Column(
            "severity",
            _("Severity"),
            value=lambda row: said(labels.SEVERITY, row.severity),
            cell=lambda row: severity_badge(row.severity),
            sort="severity",
        ),
        Column("subject", _("Speaks of"), value=lambda row: said(policy_labels.SUBJECT, row.subject), sort="subject"),
        _share_column(Outcome.FAIL, policy_labels.OUTCOME[Outcome.FAIL], lambda counts: counts.failed),
        _share_column(Outcome.INDETERMINATE, policy_labels.OUTCOME[Outcome.INDETERMINATE], lambda counts: counts.indeterminate),
        _share_column(Outcome.PASS, policy_labels.OUTCOME[Outcome.PASS], lambda counts: counts.passed),
        _share_column(Outcome.NOT_APPLICABLE, policy_labels.OUTCOME[Outcome.NOT_APPLICABLE], lambda counts: counts.not_applicable, default=False),
        Column("kind", _("Kind"), value=lambda row: said(labels.KIND, row.kind), default=False),
        Column("unit", _("Unit"), value=lambda row: row.unit_name or _("Whole organisation"), default=False),
        Column("revision", _("Version"), value=lambda row: row.revision, numeric=True, default=False),
        Column(
            "evaluated",
            _("Evaluated"),
            value=lambda row: row.evaluated_at,
            cell=lambda row: parts.when(row.evaluated_at) if row.evaluated_at else None,
            unknown=pgettext_lazy("policy", "not evaluated"),
            default=False,
        ),
    )  # fmt: skip


def filters() -> tuple[Any, ...]:
    """The filters of the list."""
    return (
        TextFilter(name="q", label=_("Name")),
        ChoiceFilter(
            name="mode", label=pgettext_lazy("of a policy", "Mode"), choices=_choices(policy_labels.MODE)
        ),
        ChoiceFilter(name="severity", label=_("Severity"), choices=_choices(labels.SEVERITY)),
        ChoiceFilter(name="subject", label=_("Speaks of"), choices=_choices(policy_labels.SUBJECT)),
    )


def _choices(words: Mapping[Any, Text]) -> list[Choice]:
    return [Choice(key.value, text) for key, text in words.items()]


MATCHES = {
    "q": lambda row, text: text.casefold() in f"{row.name} {row.sentence} {row.slug}".casefold(),
    "mode": lambda row, chosen: row.mode in chosen,
    "severity": lambda row, chosen: row.severity in chosen,
    "subject": lambda row, chosen: row.subject in chosen,
}
KEYS = {
    "name": lambda row: row.name.casefold(),
    "mode": lambda row: (list(_MODE).index(row.mode), row.name.casefold()),
    "severity": lambda row: (_ORDER[row.severity], row.name.casefold()),
    "subject": lambda row: (row.subject, row.name.casefold()),
    "fail": lambda row: row.counts.failed if row.counts else None,
    "indeterminate": lambda row: row.counts.indeterminate if row.counts else None,
    "pass": lambda row: row.counts.passed if row.counts else None,
    "not_applicable": lambda row: row.counts.not_applicable if row.counts else None,
}
