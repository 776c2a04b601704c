"""What object pages are made of: sections of connected things, with the buttons that the reader may press."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from kernel.actor import Actor
from ui import formats, parts
from ui.text import Text


@dataclass(frozen=True, slots=True)
class Opened:
    """An object's page as one reader has it open. `editable`: the reader may change the thing and its relations."""

    actor: Actor
    detail: Any
    row: Any
    path: str
    editable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Things that an object is connected to, as a small table. Cells are text or safe HTML; None is unknown."""

    title: Text
    heads: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    empty: Text
    width: str = "half"
    add: Text = ""
    add_href: str = ""


def section(
    opened: Opened,
    title: Text,
    heads: Sequence[Text],
    rows: Iterable[Sequence[Any]],
    *,
    empty: Text,
    add: Text = "",
    add_href: str = "",
    width: str = "half",
) -> Section:
    """A section whose button to add is there for those who may use it."""
    cells = [[parts.unknown() if cell is None else cell for cell in row] for row in rows]
    return Section(
        title=title,
        heads=heads,
        rows=cells,
        empty=empty,
        width=width,
        add=add if opened.editable and add_href else "",
        add_href=add_href if opened.editable else "",
    )


def relate_href(opened: Opened, relation: str, **ends: uuid.UUID) -> str:
    """Where a relation of this thing begins; afterwards the reader is back here."""
    query = urlencode({**{name: str(value) for name, value in ends.items()}, "next": opened.path})
    return f"{reverse('inventory:relate', args=[relation])}?{query}"


def new_href(opened: Opened, route: str, **ends: uuid.UUID) -> str:
    """Where a new thing is made that belongs to this one."""
    query = urlencode({name: str(value) for name, value in ends.items()})
    return f"{reverse(f'inventory:{route}_new')}?{query}" if opened.editable else ""


def ender(opened: Opened, relation: str) -> Callable[[Any], str]:
    """A cell that says how long a relation holds, with the button that ends it."""

    def cell(row: Any) -> str:
        if not (opened.editable and row.current):
            return period(row)
        href = reverse("inventory:relate_end", args=[relation, row.id])
        return format_html(
            '{} <a class="button small" href="{}?{}">{}</a>',
            period(row),
            href,
            urlencode({"next": opened.path}),
            _("End"),
        )

    return cell


def period(row: Any) -> SafeString:
    """Since when and until when a relation holds."""
    start = formats.day(row.valid_from) if row.valid_from else None
    if row.valid_until is not None:
        words = _("%(start)s to %(end)s") % {"start": start or _("ever"), "end": formats.day(row.valid_until)}
        return format_html('<span class="muted nowrap">{}</span>', words)
    if start is None:
        return format_html('<span class="muted nowrap">{}</span>', _("as long as known"))
    return format_html('<span class="nowrap">{}</span>', _("since %(start)s") % {"start": start})


def in_pairs(sections: Sequence[Section]) -> list[Section]:
    """Two sections beside each other; one that is left over has the width of the page."""
    found = list(sections)
    if len(found) % 2:
        found[-1] = replace(found[-1], width="")
    return found
