"""Profiles in plain words, and the columns of their list."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from guardrails.domain.checks import Check
from guardrails.domain.profiles import PER_MILLE, CheckRules, Profile
from guardrails.domain.rules import THRESHOLDED
from guardrails.queries.profiles import ProfileRow
from guardrails.tables.words import CHECK_WORDS
from ui import formats, parts
from ui.icons import icon
from ui.parts import Fact
from ui.tables import Column


def sentences(profile: Profile) -> list[str]:
    """What a profile does, check by check, in plain words."""
    return [sentence(profile, check) for check in Check]


def sentence(profile: Profile, check: Check) -> str:
    """What a profile has done by one check."""
    rules = profile.of(check)
    if rules is None:
        return str(_OFF[check])
    said = (
        str(_ALL[check]) if rules.sampling == PER_MILLE else _SOME[check] % {"share": share(rules.sampling)}
    )
    if check not in THRESHOLDED:
        return said
    return _("%(what)s A finding counts from a score of %(score)s on.") % {
        "what": said,
        "score": score(rules),
    }


_ALL = {
    Check.PERSONAL_DATA: gettext_lazy("Looks for personal data in every message."),
    Check.SECRETS: gettext_lazy("Looks for secrets in every message."),
    Check.GROUNDEDNESS: gettext_lazy("Holds every answer against its sources."),
}
_SOME = {
    Check.PERSONAL_DATA: gettext_lazy("Looks for personal data in %(share)s of the messages."),
    Check.SECRETS: gettext_lazy("Looks for secrets in %(share)s of the messages."),
    Check.GROUNDEDNESS: gettext_lazy("Holds %(share)s of the answers against their sources."),
}
_OFF = {
    Check.PERSONAL_DATA: gettext_lazy("Does not look for personal data."),
    Check.SECRETS: gettext_lazy("Does not look for secrets."),
    Check.GROUNDEDNESS: gettext_lazy("Does not hold answers against their sources."),
}


def share(sampling: int) -> str:
    """So many of 1,000, as a percentage."""
    return formats.percent(sampling / PER_MILLE)


def score(rules: CheckRules) -> str:
    """A threshold as engines count it, from 0 to 1."""
    return formats.number(rules.threshold / PER_MILLE, digits=2)


def facts(row: ProfileRow) -> list[Fact]:
    """A profile's facts, one line for each check."""
    return [
        *(Fact(CHECK_WORDS[check], _fact(row.rules(), check), hint=check.value) for check in Check),
        Fact(_("Kept by"), row.unit.name if row.unit else _("the whole organisation")),
        Fact(_("Note"), row.note or None, unknown=_("none")),
    ]


def _fact(profile: Profile, check: Check) -> SafeString:
    return format_html("{} {}", _mark(profile.of(check)), sentence(profile, check))


def _mark(rules: CheckRules | None) -> SafeString:
    if rules is None:
        return parts.badge(_("off"), "unknown")
    if rules.sampling < PER_MILLE:
        return parts.badge(_("in part"), "warn", mark="◐")
    return parts.badge(_("on"), "ok")


def _cell(check: Check) -> Column[ProfileRow]:
    def text(row: ProfileRow) -> str:
        rules = row.rules().of(check)
        return _("off") if rules is None else share(rules.sampling)

    def cell(row: ProfileRow) -> SafeString:
        rules = row.rules().of(check)
        if rules is None:
            return parts.badge(_("off"), "unknown")
        return format_html('<span title="{}">{}</span>', sentence(row.rules(), check), share(rules.sampling))

    return Column(check.value, CHECK_WORDS[check], value=text, cell=cell, numeric=True)


def _name(row: ProfileRow) -> SafeString:
    badges: Iterable[SafeString] = (
        *((parts.badge(_("default"), "accent"),) if row.is_default else ()),
        *((parts.badge(_("Retired"), "plain"),) if row.retired_at else ()),
    )
    return format_html(
        "{} {} {}", icon("shield"), row.name, format_html_join(" ", "{}", ((badge,) for badge in badges))
    )


def href(row: ProfileRow) -> str:
    """A profile's page."""
    return reverse("guardrails:profile", args=[row.id])


PROFILE_COLUMNS: tuple[Column[ProfileRow], ...] = (
    Column("name", gettext_lazy("Profile"), value=lambda row: row.name, cell=_name, sort="name", fixed=True),
    *(_cell(check) for check in Check),
    Column(
        "deployments",
        gettext_lazy("Deployments"),
        value=lambda row: row.deployment_count,
        cell=lambda row: parts.door(formats.number(row.deployment_count), f"{href(row)}#deployments"),
        numeric=True,
    ),
    Column(
        "unit",
        gettext_lazy("Kept by"),
        value=lambda row: row.unit.name if row.unit else None,
        unknown=gettext_lazy("the whole organisation"),
    ),
    Column(
        "updated",
        gettext_lazy("Changed"),
        value=lambda row: row.updated_at,
        cell=lambda row: parts.when(row.updated_at),
        sort="updated",
        default=False,
    ),
)
