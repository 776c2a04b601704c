"""One page of a list, by offset or by key, and where its neighbours are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ui import formats
from ui.addresses import Address
from ui.lists.state import State
from ui.tables import COUNT_LIMIT, KeysetSource, OffsetSource

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the reader is, and the neighbours."""

    text: str
    previous_href: str = ""
    next_href: str = ""


def page(state: State[R], source: OffsetSource[R], address: Address) -> tuple[Sequence[R], Pager, State[R]]:
    """A page by offset. One beyond the end becomes the last one."""
    total = source.count(state.query, limit=COUNT_LIMIT + 1)
    size = state.query.limit
    if total is not None and state.query.offset >= total and state.page > 1:
        last = max((total - 1) // size, 0)
        state = replace(state, page=last + 1, query=replace(state.query, offset=last * size))
    rows = source.rows(state.query)
    first, last_row = state.query.offset + 1, state.query.offset + len(rows)
    more = len(rows) == size and (total is None or last_row < total)
    pager = Pager(
        text=_range_text(first, last_row, total) if rows else _("No rows."),
        previous_href=address.href(page=str(state.page - 1) if state.page > 2 else None)
        if state.page > 1
        else "",
        next_href=address.href(page=str(state.page + 1)) if more else "",
    )
    return rows, pager, state


def slice_(state: State[R], source: KeysetSource[R], address: Address) -> tuple[Sequence[R], Pager]:
    """A page by key. A source may name its own `count_limit`, where counting further would cost too much."""
    most: int = getattr(source, "count_limit", COUNT_LIMIT)
    total = source.count(state.query, limit=most + 1)
    part = source.slice(state.query)
    pager = Pager(
        text=_count_text(len(part.rows), total, most=most) if part.rows else _("No rows."),
        previous_href=address.first_page(before=part.previous) if part.previous else "",
        next_href=address.first_page(after=part.next) if part.next else "",
    )
    return part.rows, pager


def _range_text(first: int, last: int, total: int | None) -> str:
    bounds = {"first": formats.number(first), "last": formats.number(last), "total": _total(total)}
    if total is None:
        return _("%(first)s–%(last)s") % bounds
    return _("%(first)s–%(last)s of %(total)s") % bounds


def _count_text(shown: int, total: int | None, *, most: int = COUNT_LIMIT) -> str:
    if total is None:
        return ngettext("%(count)s row", "%(count)s rows", shown) % {"count": formats.number(shown)}
    return _("%(shown)s of %(total)s") % {"shown": formats.number(shown), "total": _total(total, most=most)}


def _total(total: int | None, *, most: int = COUNT_LIMIT) -> str:
    if total is not None and total > most:
        return _("more than %(count)s") % {"count": formats.number(most)}
    return formats.number(total or 0)
