"""Cells of the register's tables: from values to safe HTML. Status is mark, word and colour, never colour alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from inventory.models import labels
from inventory.queries import Place, Ref
from ui import formats, parts
from ui.icons import TIERS, icon
from ui.text import Text, Tone

MOST_SHOWN = 3
"""Of several names in one cell; the rest is counted."""

_TONES: dict[str, Tone] = {
    "proposed": Tone.PLAIN,
    "planned": Tone.PLAIN,
    "candidate": Tone.PLAIN,
    "in_assessment": Tone.ACCENT,
    "approved": Tone.OK,
    "live": Tone.OK,
    "active": Tone.OK,
    "restricted": Tone.WARN,
    "paused": Tone.WARN,
    "deprecated": Tone.WARN,
    "expired": Tone.WARN,
    "suspended": Tone.BAD,
    "blocked": Tone.BAD,
    "revoked": Tone.BAD,
    "retired": Tone.PLAIN,
}
_RISK: dict[str, tuple[Tone, str]] = {
    "prohibited": (Tone.BAD, "⊘"),
    "high": (Tone.BAD, "▲"),
    "transparency": (Tone.WARN, "◆"),
    "minimal": (Tone.PLAIN, "●"),
    "unclassified": (Tone.UNKNOWN, "?"),
}
_CLASSIFICATION: dict[str, Tone] = {
    "public": Tone.PLAIN,
    "internal": Tone.PLAIN,
    "confidential": Tone.WARN,
    "restricted": Tone.BAD,
}


def said(words: Mapping[Any, Text], value: str) -> str:
    """A word of a vocabulary as people say it; its exact word where it has none."""
    return str(words.get(value, value))


def state(words: Mapping[Any, Text], value: str) -> SafeString:
    """The state of a system, deployment, model version or key."""
    return parts.badge(said(words, value), _TONES.get(value, Tone.PLAIN))


def unapproved(row: Any) -> SafeString:
    """The mark of a system that runs although its state does not permit it; nothing for any other."""
    if not row.runs_unapproved:
        return parts.EMPTY
    why = _("A deployment is live, but the system’s own state does not permit that it runs.")
    badge = parts.badge(_("deployed though not approved"), Tone.BAD, mark="▲", title=why)
    return format_html('<span class="wraps">{}</span>', badge)


def system_state(row: Any) -> SafeString:
    """The state of a system, and beside it what contradicts it."""
    return format_html("{} {}", state(labels.SYSTEM_STATE, row.state), unapproved(row))


def system_state_text(row: Any) -> str:
    """The same for exports."""
    word = said(labels.SYSTEM_STATE, row.state)
    return f"{word} ({_('deployed though not approved')})" if row.runs_unapproved else word


def risk(value: str) -> SafeString:
    """A risk class of the AI Act; not yet classified is a state of its own."""
    tone, mark = _RISK.get(value, (Tone.UNKNOWN, "?"))
    badge = parts.badge(said(labels.RISK_CLASS, value), tone, mark=mark)
    return format_html('<span class="wraps">{}</span>', badge)


def classification(value: str | None) -> SafeString | None:
    """How confidential data is; None where no version says."""
    if value is None:
        return None
    return parts.badge(said(labels.CLASSIFICATION, value), _CLASSIFICATION.get(value, Tone.PLAIN))


def personal_data(value: str) -> SafeString:
    """Whether data is about persons; not known is said."""
    if value == "unknown":
        return parts.unknown(_("not known"))
    return parts.badge(said(labels.PERSONAL_DATA, value), Tone.WARN if value == "yes" else Tone.PLAIN)


def categories(values: Sequence[str] | None) -> SafeString:
    """Special categories of data, each with its mark; none is said as none declared, None as not asked yet."""
    if values is None:
        return parts.unknown(_("no data named"), title=_("Nobody has said yet on which data it works."))
    if not values:
        return format_html('<span class="muted">{}</span>', _("none declared"))
    return _apart(parts.badge(said(labels.SPECIAL_CATEGORY, value), Tone.WARN) for value in values)


def words(vocabulary: Mapping[Any, Text], values: Iterable[str]) -> str:
    """Words of a vocabulary, with commas."""
    return ", ".join(said(vocabulary, value) for value in values)


def link(route: str, ref: Ref | None) -> SafeString | None:
    """A named thing as a link to its page; None stays None."""
    if ref is None:
        return None
    return format_html('<a href="{}">{}</a>', reverse(f"inventory:{route}", args=[ref.id]), ref.name)


def links(route: str, refs: Sequence[Ref]) -> SafeString | None:
    """Several named things; many are counted."""
    if not refs:
        return None
    shown = _lines(link(route, ref) or "" for ref in refs[:MOST_SHOWN])
    return format_html("{}{}", shown, _and_more(len(refs) - MOST_SHOWN))


def name(ref: Ref | None) -> str | None:
    """A named thing as text, for exports."""
    return ref.name if ref else None


def place(item: Place | None) -> SafeString | None:
    """Where something is: the mark of the tier, the place, its country."""
    if item is None:
        return None
    word, picture = TIERS.get(item.tier, (item.tier, "map-pin"))
    named = link("fleet", item.fleet) if item.fleet else link("site", item.site)
    country = format_html(' <span class="muted">{}</span>', item.country) if item.country else parts.EMPTY
    return format_html('<span class="place">{} {}{}</span>', icon(picture, label=word), named, country)


def places(items: Sequence[Place]) -> SafeString | None:
    """Several places, one a line; many are counted."""
    if not items:
        return None
    shown = _lines(place(item) or "" for item in items[:MOST_SHOWN])
    return format_html("{}{}", shown, _and_more(len(items) - MOST_SHOWN))


def place_text(item: Place | None) -> str | None:
    """Where something is, for exports."""
    if item is None:
        return None
    tier = said(labels.TIER, item.tier)
    return f"{item.name} ({tier}, {item.country})" if item.country else f"{item.name} ({tier})"


def places_text(items: Sequence[Place]) -> list[str]:
    """Several places, for exports."""
    return [place_text(item) or "" for item in items]


def door(count: int, route: str, **filters: object) -> SafeString:
    """A number that opens the list which it counts."""
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return parts.door(formats.number(count), f"{reverse(f'inventory:{route}')}?{query}")


def yes_no(value: bool | None) -> str | None:  # noqa: FBT001  # the value is what is said
    """Yes, no, or not known."""
    if value is None:
        return None
    return _("Yes") if value else _("No")


def _apart(items: Iterable[str]) -> SafeString:
    return format_html('<span class="row tight">{}</span>', format_html_join("", "{}", ((i,) for i in items)))


def _lines(items: Iterable[str]) -> SafeString:
    return format_html_join("", "<div>{}</div>", ((item,) for item in items))


def _and_more(count: int) -> SafeString:
    if count <= 0:
        return parts.EMPTY
    text = ngettext("and %(count)s more", "and %(count)s more", count) % {"count": formats.number(count)}
    return format_html('<div class="muted small">{}</div>', text)


def opening(text: Text, route: str, **filters: object) -> SafeString:
    """Words that open a list with filters."""
    query = "&".join(f"{key}={value}" for key, value in filters.items())
    return parts.door(text, f"{reverse(f'inventory:{route}')}?{query}")


def pattern(row: Any) -> str:
    """Which senders a rule means, in one line."""
    parts_ = (
        row.service_namespace and f"{row.service_namespace} /",
        row.service_name,
        row.environment and f"[{row.environment}]",
        row.place and f"@ {row.place}",
        row.claimed_deployment and f"→ {row.claimed_deployment}",
    )
    return " ".join(part for part in parts_ if part) or str(_("every sender"))


def speaks_for(row: Any) -> str:
    """What a key may speak for, as a link where it is one thing."""
    for route in ("deployment", "site", "unit"):
        ref = getattr(row, route)
        if ref is not None:
            return str(link(route, ref))
    return said(labels.KEY_SCOPE, row.scope)


def owned(owner: Ref | None, unit: Ref | None) -> SafeString:
    """Who answers for a thing, and in which unit."""
    return format_html(
        '{}<span class="second">{}</span>',
        owner.name if owner else parts.unknown(_("nobody named")),
        unit.name if unit else _("whole organisation"),
    )
