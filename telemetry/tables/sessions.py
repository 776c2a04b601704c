"""The list of sessions: traces that belong together because their senders say so."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kernel import clock
from telemetry.filters import asked_senders, deployment_filter, time_range
from telemetry.queries.sessions import SessionRow, list_sessions
from telemetry.services.estate import Estate
from telemetry.services.record import reading
from telemetry.tables.spans import session_href
from ui import formats, parts
from ui.filters import DateRangeFilter, Filter, TextFilter
from ui.tables import Column, ListQuery, Slice

SESSION_SEPARATOR = "~"


class SessionSource:
    """Sessions by key, the latest first. They are not counted: that would read every trace of the time range."""

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    def count(self, query: ListQuery, *, limit: int) -> None:
        del query, limit

    def slice(self, query: ListQuery) -> Slice[SessionRow]:
        with reading() as connection:
            page = list_sessions(
                connection,
                time=time_range(query.get("when")),
                senders=asked_senders(query, self.estate),
                visible=self.estate.visible,
                text=query.get("q") or "",
                after=_read(query.cursor),
                limit=query.limit,
            )
        return Slice(rows=page.rows, next=_written(page.next))


def _read(cursor: str | None) -> tuple[int, str] | None:
    moment, separator, session_id = (cursor or "").partition(SESSION_SEPARATOR)
    if not separator or not moment.isascii() or not moment.isdigit() or len(moment) > 19:
        return None
    return int(moment), session_id


def _written(cursor: tuple[int, str] | None) -> str | None:
    return None if cursor is None else f"{cursor[0]}{SESSION_SEPARATOR}{cursor[1]}"


def session_filters(estate: Estate) -> list[Filter]:
    """What the list of sessions may be narrowed by."""
    return [
        TextFilter(name="q", label=_("Session ID")),
        deployment_filter(estate),
        DateRangeFilter(name="when", label=_("Started"), default="24h"),
    ]


def _tokens(row: SessionRow) -> int | None:
    known: Sequence[int] = [value for value in (row.input_tokens, row.output_tokens) if value is not None]
    return sum(known) if known else None


def _lasted(row: SessionRow) -> int | None:
    """From its first trace to its last; a single trace spans no such time."""
    return row.last_ns - row.first_ns if row.trace_count > 1 else None


def _errors(row: SessionRow) -> str:
    if not row.error_count:
        return parts.badge(_("no error"), "plain")
    word = ngettext("%(count)s error", "%(count)s errors", row.error_count)
    return parts.badge(word % {"count": formats.number(row.error_count)}, "bad")


SESSION_COLUMNS: tuple[Column[SessionRow], ...] = (
    Column("session", _("Session"), value=lambda row: row.session_id, fixed=True),
    Column(
        "last",
        _("Last trace"),
        value=lambda row: clock.from_ns(row.last_ns),
        cell=lambda row: parts.when_ns(row.last_ns),
    ),
    Column(
        "traces",
        _("Traces"),
        value=lambda row: row.trace_count,
        cell=lambda row: parts.door(formats.number(row.trace_count, digits=0), session_href(row.session_id)),
        numeric=True,
    ),
    Column(
        "lasted",
        _("From first to last"),
        value=_lasted,
        cell=lambda row: None if _lasted(row) is None else formats.duration(row.last_ns - row.first_ns),
        numeric=True,
        unknown=_("one trace"),
    ),
    Column("errors", _("Status"), value=lambda row: row.error_count, cell=_errors),
    Column(
        "tokens",
        _("Tokens"),
        value=_tokens,
        cell=lambda row: None if _tokens(row) is None else formats.number(_tokens(row) or 0, digits=0),
        numeric=True,
        unknown=_("not measured"),
    ),
    Column(
        "spans",
        _("Steps"),
        value=lambda row: row.span_count,
        cell=lambda row: formats.number(row.span_count, digits=0),
        numeric=True,
    ),
)
