"""A notice in words: the line of a page, and the mail with its subject, body and links. In the language that is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.domain.notices import NoticeKind


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `href` is the page that it is about, without the host."""

    subject: str
    lines: tuple[str, ...]
    href: str


def letter(kind: str, about: Mapping[str, Any]) -> Letter:
    """The words of a notice. `about` is what `telling` wrote."""
    return Letter(line(kind, about), tuple(about.get("refs", ())), href(kind, about))


def line(kind: str, about: Mapping[str, Any]) -> str:
    """One sentence: what happened."""
    count = int(about.get("count", 1))
    words = {"count": count, "ref": about.get("ref", ""), "name": about.get("name", "")}
    granted = bool(about.get("granted"))
    sentences = {
        NoticeKind.OPENED: ngettext(
            "A new violation of “%(name)s”", "%(count)s new violations of “%(name)s”", count
        ),
        NoticeKind.RETURNED: ngettext(
            "A violation of “%(name)s” is back", "%(count)s violations of “%(name)s” are back", count
        ),
        NoticeKind.ASSIGNED: _("%(ref)s was given to you: %(name)s"),
        NoticeKind.WAIVER_DECIDED: _("A waiver was granted for %(ref)s: %(name)s")
        if granted
        else _("A waiver was refused for %(ref)s: %(name)s"),
        NoticeKind.WAIVER_ENDED: _("The waiver of %(ref)s has ended: %(name)s"),
        NoticeKind.APPROVAL_ASKED: _("Your approval is asked for: %(name)s (%(ref)s)"),
        NoticeKind.APPROVAL_DECIDED: _("It is approved: %(name)s (%(ref)s)")
        if granted
        else _("It was rejected: %(name)s (%(ref)s)"),
        NoticeKind.APPROVAL_STALE: _("What was approved has changed: %(name)s (%(ref)s)"),
    }
    return sentences[NoticeKind(kind)] % words


def href(kind: str, about: Mapping[str, Any]) -> str:
    """The page that a notice is about: one thing, or the list of them."""
    if kind.startswith("approval"):
        return reverse("governance:approval", args=[about["id"]])
    if "id" in about:
        return reverse("governance:violation", args=[about["id"]])
    return f"{reverse('governance:violations')}?policy={about.get('policy', '')}&owner=me"
