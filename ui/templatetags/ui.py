"""The template tags and filters of the console; builtin in every template (no `load` needed).

{% card title=_("Placement") width="half" %}…{% endcard %}
{% stat label=_("Systems") value=systems href=url %}{% sparkline values label=… %}{% endstat %}
{{ span.duration_ns|duration }}  {{ cost|money }}  {{ seen|when }}  {% badge _("Live") "ok" %}
"""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ui import charts, formats, history, panels, parts
from ui.icons import icon
from ui.text import Text

register = template.Library()

register.simple_tag(icon)
register.simple_tag(parts.badge)
register.simple_tag(parts.unknown)
register.simple_tag(parts.door)
register.simple_tag(parts.outside_link)
register.simple_tag(parts.copy_button)
register.simple_tag(parts.copyable)
register.simple_tag(parts.snippet_block)
register.simple_tag(parts.facts)
register.simple_tag(parts.tabs)
register.simple_tag(parts.tier)
register.simple_tag(history.history)
register.simple_tag(history.diff)
register.simple_block_tag(parts.card)
register.simple_block_tag(parts.stat)
register.simple_block_tag(parts.empty_state)
register.simple_block_tag(parts.page_header)
register.simple_block_tag(parts.notice)
register.simple_tag(charts.sparkline)
register.simple_tag(charts.bars)
register.simple_tag(charts.stacked_bar)
register.simple_tag(charts.meter)
register.simple_tag(charts.span_bar)
register.simple_tag(charts.histogram)
register.simple_tag(charts.lanes)


@register.filter
def number(value: float | None, word: Text = "") -> str:
    """`{{ 1284.5|number }}`: 1,284.5; None is “not measured” or the given word."""
    return parts.or_unknown(value, formats.number, word=word or _("not measured"))


@register.filter
def compact(value: float | None, word: Text = "") -> str:
    """`{{ 1300000|compact }}`: 1.3M."""
    return parts.or_unknown(value, formats.compact, word=word or _("not measured"))


@register.filter
def percent(value: float | None, word: Text = "") -> str:
    """`{{ 0.0042|percent }}`: 0.4%."""
    return parts.or_unknown(value, formats.percent, word=word or _("not measured"))


@register.filter
def money(value: int | None, currency: str = "USD") -> str:
    """`{{ nano_usd|money }}`: $1.25; None is “unpriced”."""
    return parts.or_unknown(value, lambda known: formats.money(known, currency=currency), word=_("unpriced"))


@register.filter
def tokens(value: int | None, word: Text = "") -> str:
    """`{{ count|tokens }}`: 1,912 tokens."""
    return parts.or_unknown(value, formats.tokens, word=word or _("not measured"))


@register.filter
def duration(value: int | None, word: Text = "") -> str:
    """`{{ nanoseconds|duration }}`: 3.42 s."""
    return parts.or_unknown(value, formats.duration, word=word or _("not measured"))


@register.filter
def size(value: int | None, word: Text = "") -> str:
    """`{{ bytes|size }}`: 16.8 MB."""
    return parts.or_unknown(value, formats.size, word=word or _("not measured"))


@register.filter
def when(value: Any, word: Text = "") -> SafeString:
    """`{{ moment|when }}`: 2 hours ago, with the exact moment in its title. Epoch nanoseconds are understood."""
    return parts.when_ns(value) if isinstance(value, int) else parts.when(value, word=word)


@register.filter
def moment(value: Any) -> SafeString:
    """`{{ moment|moment }}`: 2 Feb 2025, 14:05."""
    return parts.when_ns(value, absolute=True) if isinstance(value, int) else parts.when(value, absolute=True)


@register.simple_tag(takes_context=True, name="panels")
def panels_tag(context: Context, slot: str, subject: object = None) -> SafeString:
    """`{% panels "inventory.deployment" deployment %}`: what other apps have to say about this thing."""
    return panels.render(slot, request=context["request"], subject=subject)


@register.simple_tag
def form_fields(form: BaseForm) -> SafeString:
    """A form's errors in summary, then its fields, each with label, help and its own errors."""
    return render_to_string("ui/form_fields.html", {"form": form})
