"""What a change has checked again, in sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guardrails.queries.reach import Reach
from telemetry.queries.bounds import Count
from ui import formats
from ui.forms import Touched


def touches(found: Reach) -> list[Touched]:
    """What is checked again, as a page that confirms lists it."""
    return [Touched(line) for line in told(found)]


def told(found: Reach) -> list[str]:
    """What is checked again, in sentences; empty where nothing is."""
    lines = []
    if found.messages is not None:
        lines.append(
            _number_of(
                found.messages,
                ngettext(
                    "%(number)s message is checked again.",
                    "%(number)s messages are checked again.",
                    found.messages.number,
                ),
            )
        )
    if found.traces is not None:
        lines.append(
            _number_of(
                found.traces,
                ngettext(
                    "The answers of %(number)s trace are held against their sources again.",
                    "The answers of %(number)s traces are held against their sources again.",
                    found.traces.number,
                ),
            )
        )
    return lines


def _number_of(count: Count, sentence: str) -> str:
    shown = formats.number(count.number, digits=0)
    return sentence % {"number": shown if count.exact else _("more than %(number)s") % {"number": shown}}
