"""The small parts of a page, as functions from values to safe HTML.

Template tags (`ui.templatetags.ui`) are these functions under the same names; Python code that renders cells and
panels calls them directly. Everything that comes in is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kernel import clock
from ui import formats
from ui.icons import TIERS, icon
from ui.text import MARKS, Text, Tone

EMPTY = SafeString("")
V = TypeVar("V")


def badge(word: Text, tone: str = Tone.PLAIN, *, mark: str = "", title: Text = "") -> SafeString:
    """A state: mark, word and colour. `mark` replaces the tone's own (for example ▲ for a high risk)."""
    kind = Tone(tone)
    return format_html(
        '<span class="badge {}"{}><span class="mark" aria-hidden="true">{}</span>{}</span>',
        kind.value,
        _attribute("title", title),
        mark or MARKS[kind],
        word,
    )


def unknown(word: Text = "", *, title: Text = "") -> SafeString:
    """What is not known, said: “not measured”, “unpriced”, “not evaluable”. Never zero, never green."""
    return format_html(
        '<span class="unknown-value"{}>{}</span>', _attribute("title", title), word or _("unknown")
    )


def or_unknown(value: V | None, render: Callable[[V], str], *, word: Text = "") -> str:
    """A known value as text, an unknown one as its mark."""
    return unknown(word) if value is None else render(value)


def tier(value: str | None) -> SafeString:
    """The mark of a tier: icon and word."""
    if value not in TIERS:
        return unknown(_("tier unknown"))
    word, picture = TIERS[value]
    return format_html('<span class="tier">{}{}</span>', icon(picture), word)


def when(value: datetime | date | None, *, absolute: bool = False, word: Text = "") -> SafeString:
    """A moment in words, with the exact one in its title and for machines. A day is shown as it is."""
    if value is None:
        return unknown(word or _("not known"))
    if not isinstance(value, datetime):
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))
    shown = formats.moment(value) if absolute else formats.relative(value)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), formats.exact_moment(value), shown
    )


def when_ns(value: int | None, *, absolute: bool = False) -> SafeString:
    """`when` for epoch nanoseconds, the record's clock."""
    return when(None if value is None else clock.from_ns(value), absolute=absolute)


def door(text: Text, href: str) -> SafeString:
    """A number or word that opens the list it counts."""
    return format_html('<a class="door" href="{}">{}</a>', href, text)


def outside_link(address: str, text: Text = "") -> SafeString:
    """An address from elsewhere as a link if it is http(s), else as plain text."""
    try:
        harmless = urlsplit(address).scheme in {"http", "https"}
    except ValueError:
        harmless = False
    if not harmless:
        return format_html("{}", text or address)
    return format_html(
        '<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{} {}</a>',
        address,
        text or address,
        icon("external-link", label=_("opens in a new tab")),
    )


def copy_button(value: str = "", *, source: str = "") -> SafeString:
    """A button that copies `value`, or the text of the element with the id `source`. Hidden without scripts."""
    return format_html(
        '<copy-button{}{} done="{}"><button type="button" aria-label="{}" title="{}">{}</button></copy-button>',
        _attribute("value", value),
        _attribute("from", source),
        _("Copied."),
        _("Copy"),
        _("Copy"),
        icon("copy"),
    )


def copyable(value: str) -> SafeString:
    """An exact value (an id, an attribute name) with its copy button."""
    return format_html('<span class="copyable"><code>{}</code>{}</span>', value, copy_button(value))


def card(content: str, *, title: Text = "", href: str = "", link: Text = "", width: str = "") -> SafeString:
    """A framed part of a page. `width` is quarter, third, half, two-thirds or three-quarters of a grid."""
    head = EMPTY
    if title or href:
        more = format_html('<a href="{}">{}</a>', href, link or pgettext("action", "Open")) if href else EMPTY
        head = format_html("<header><h2>{}</h2>{}</header>", title, more)
    return format_html(
        '<section class="card {}">{}<div class="body">{}</div></section>', width, head, content
    )


def stat(
    content: str, *, label: Text, value: Any, href: str = "", note: Any = "", width: str = "quarter"
) -> SafeString:
    """A figure that opens what it counts. `content` is a chart or nothing; None as value is said as unknown.

    The value is text already formatted, or a whole number. Without `href` it stays shut, which law 2 allows for
    unknown figures only.
    """
    shown = unknown(_("not measured")) if value is None else _figure(value)
    opened = format_html('<a href="{}" aria-label="{}: {}">{}</a>', href, label, _plain(shown), shown)
    return format_html(
        '<div class="card stat {}"><div class="label">{}</div><div class="figure">{}</div>'
        '<div class="note">{}</div>{}</div>',
        width,
        label,
        opened if href else shown,
        note,
        format_html('<div class="chart-space">{}</div>', content) if content.strip() else EMPTY,
    )


def _figure(value: Any) -> str:
    if isinstance(value, int):
        return formats.number(value, digits=0)
    return format_html("{}", value)


def _plain(html: str) -> str:
    return strip_tags(html) if isinstance(html, SafeString) else html


def empty_state(
    content: str,
    *,
    title: Text,
    why: Text = "",
    picture: str = "inbox",
    snippet: str = "",
    snippet_id: str = "",
) -> SafeString:
    """An empty page that teaches: what lives here, why it matters, the first step. `content` holds the buttons."""
    return format_html(
        '<section class="card"><div class="empty"><h2>{} {}</h2>{}{}{}</div></section>',
        icon(picture),
        title,
        format_html("<p>{}</p>", why) if why else EMPTY,
        snippet_block(snippet, name=snippet_id or "first-step") if snippet else EMPTY,
        format_html('<div class="row">{}</div>', content) if content.strip() else EMPTY,
    )


def snippet_block(text: str, *, name: str, caption: Text = "") -> SafeString:
    """Lines to copy, with the button that copies them. `name` is the element's id on the page."""
    return format_html(
        '<figure class="snippet">{}<pre id="{}" tabindex="0">{}</pre>{}</figure>',
        format_html("<figcaption>{}</figcaption>", caption) if caption else EMPTY,
        name,
        text,
        copy_button(source=name),
    )


@dataclass(frozen=True, slots=True)
class Crumb:
    """A step on the way to this page."""

    label: Text
    href: str


def page_header(content: str, *, title: Text, lead: Text = "", trail: Iterable[Crumb] = ()) -> SafeString:
    """The page's noun as its only h1, what it answers below, its actions (`content`) beside."""
    crumbs = format_html_join("", '<li><a href="{}">{}</a></li>', ((step.href, step.label) for step in trail))
    return format_html(
        '<header class="page-head"><div>{}<h1 tabindex="-1">{}</h1>{}</div>{}</header>',
        format_html('<ol class="trail">{}</ol>', crumbs) if crumbs else EMPTY,
        title,
        format_html('<p class="lead">{}</p>', lead) if lead else EMPTY,
        format_html('<div class="row">{}</div>', content) if content.strip() else EMPTY,
    )


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what is known of it: text, safe HTML, or None for unknown. `hint` is the exact word below it."""

    label: Text
    value: Any
    hint: Text = ""
    unknown: Text = ""


def facts(items: Iterable[Fact], *, wide: bool = False) -> SafeString:
    """Labels and values. Values may be safe HTML made by other parts."""
    rows = format_html_join("", "<div><dt>{}</dt><dd>{}{}</dd></div>", map(_fact_row, items))
    return format_html('<dl class="{}">{}</dl>', "facts wide" if wide else "facts", rows)


def _fact_row(item: Fact) -> tuple[Text, object, str]:
    shown = unknown(item.unknown) if item.value is None or item.value == "" else item.value
    hint = format_html('<span class="hint">{}</span>', item.hint) if item.hint else EMPTY
    return item.label, shown, hint


@dataclass(frozen=True, slots=True)
class Tab:
    """One view of an object. The current one is marked; its address is in the URL."""

    label: Text
    href: str
    current: bool = False
    count: int | None = None


def tabs(items: Sequence[Tab], *, label: Text = "") -> SafeString:
    """Links among the views of one page."""
    links = format_html_join(
        "",
        '<li><a href="{}"{}>{}{}</a></li>',
        (
            (
                tab.href,
                _attribute("aria-current", "page" if tab.current else ""),
                tab.label,
                format_html(" ({})", formats.number(tab.count, digits=0)) if tab.count is not None else EMPTY,
            )
            for tab in items
        ),
    )
    return format_html('<nav aria-label="{}"><ul class="tabs">{}</ul></nav>', label or _("Views"), links)


def notice(content: str, *, tone: str = Tone.PLAIN) -> SafeString:
    """A sentence that the reader should not miss."""
    pictures = {Tone.OK: "circle-check", Tone.WARN: "triangle-alert", Tone.BAD: "circle-alert"}
    kind = Tone(tone)
    return format_html(
        '<div class="notice {}">{}<div>{}</div></div>', kind.value, icon(pictures.get(kind, "info")), content
    )


def _attribute(name: str, value: Text) -> SafeString:
    return format_html(' {}="{}"', name, value) if value else EMPTY
