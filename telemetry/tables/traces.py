"""The list of traces: its columns, and its rows out of the record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kernel import clock
from telemetry.filters import trace_filter, trace_id_of
from telemetry.queries.traces import COUNT_LIMIT, Cursor, TraceRow, TraceSort, count_traces, list_traces
from telemetry.services.estate import Estate
from telemetry.services.record import reading
from telemetry.tables.words import KIND_ICONS, KIND_WORDS, short_id
from ui import formats, parts
from ui.icons import TIERS, icon
from ui.tables import Column, ListQuery, Slice

SHOWN_PER_CELL = 2
LONGEST_NAME = 48


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the register by id and name."""

    id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A trace with what its senders are. Tuples without anything mean: nobody has said."""

    row: TraceRow
    deployments: tuple[Named, ...]
    sites: tuple[Named, ...]
    tiers: tuple[str, ...]
    senders: tuple[tuple[str, str], ...]  # (hex id, what it calls itself)
    models: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.row.trace_id.hex()

    @property
    def href(self) -> str:
        return reverse("telemetry:trace", args=[self.id])

    @property
    def tokens(self) -> int | None:
        known = [value for value in (self.row.input_tokens, self.row.output_tokens) if value is not None]
        return sum(known) if known else None

    @property
    def cost(self) -> Decimal | None:
        """US dollars of the calls whose cost is known."""
        nano_usd = self.row.cost_nano_usd
        return None if nano_usd is None else Decimal(nano_usd) / formats.NANO_PER_UNIT


def trace_line(row: TraceRow, estate: Estate) -> TraceLine:
    """A row with the names of what its senders were when they spoke."""
    found = [(facet, estate.resolution(facet.sender_id, facet.start_ns)) for facet in row.facets]
    told = [resolution for _facet, resolution in found if resolution is not None]
    return TraceLine(
        row=row,
        deployments=_distinct((item.deployment_id, item.deployment_name) for item in told),
        sites=_distinct((item.site_id, item.site_name) for item in told),
        tiers=tuple(dict.fromkeys(item.tier for item in told if item.tier)),
        senders=tuple(dict.fromkeys(_sender(facet.sender_id, estate) for facet, _resolution in found)),
        models=tuple(dict.fromkeys(facet.model for facet in row.facets if facet.model)),
    )


def _distinct(pairs: Iterable[tuple[uuid.UUID | None, str | None]]) -> tuple[Named, ...]:
    found = {id_: Named(id_, name or str(id_)) for id_, name in pairs if id_ is not None}
    return tuple(found.values())


def _sender(sender_id: bytes, estate: Estate) -> tuple[str, str]:
    known = estate.known.get(sender_id)
    name = known.sender.identity.service_name if known else ""
    return sender_id.hex(), name or short_id(sender_id.hex())


class TraceSource:
    """Rows of the trace list by key."""

    count_limit = COUNT_LIMIT

    def __init__(self, estate: Estate) -> None:
        self.estate = estate

    def count(self, query: ListQuery, *, limit: int) -> int:
        with reading() as connection:
            found = count_traces(connection, trace_filter(query, self.estate), limit=limit)
        return found.number

    def slice(self, query: ListQuery) -> Slice[TraceLine]:
        with reading() as connection:
            page = list_traces(
                connection,
                trace_filter(query, self.estate),
                sort=trace_sort(query),
                descending=query.descending,
                cursor=read_cursor(query.cursor),
                backwards=query.backwards,
                limit=query.limit,
            )
        return Slice(
            rows=[trace_line(row, self.estate) for row in page.rows],
            next=written_cursor(page.next),
            previous=written_cursor(page.previous),
        )


def trace_sort(query: ListQuery) -> TraceSort:
    """The order that the list asks for."""
    return TraceSort(query.sort or TraceSort.START)


def read_cursor(text: str | None) -> Cursor | None:
    """A cursor out of the address; one that is none leads to the first page."""
    value, _dot, id_ = (text or "").partition(".")
    trace_id = trace_id_of(id_)
    if trace_id is None or not value.lstrip("-").isdigit() or not value.isascii() or len(value) > 19:
        return None
    return Cursor(int(value), trace_id)


def written_cursor(cursor: Cursor | None) -> str | None:
    """A cursor for the address."""
    return None if cursor is None else f"{cursor.value}.{cursor.trace_id.hex()}"


def _name(line: TraceLine) -> str:
    return line.row.root_name or str(_("first step not received"))


def _name_cell(line: TraceLine) -> SafeString:
    kind = line.row.root_kind or ""
    picture = icon(KIND_ICONS.get(kind, "circle-dashed"), label=KIND_WORDS.get(kind, _("unknown kind")))
    if line.row.partial and line.row.root_name is None:
        shown: object = parts.unknown(_("begins in a unit that you may not read"))
    elif line.row.root_name is None:
        shown = parts.unknown(_("first step not received"))
    else:
        shown = short_name(line.row.root_name)
    return format_html(
        '<span class="kind-{}"><span class="kind-icon">{}</span></span> {}',
        kind or "other",
        picture,
        shown,
    )


def short_name(name: str) -> SafeString:
    """A name for one line; a long one is cut and whole in its title."""
    if len(name) <= LONGEST_NAME:
        return format_html("{}", name)
    return format_html('<span title="{}">{}…</span>', name, name[:LONGEST_NAME])


def _started(line: TraceLine) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', parts.when_ns(line.row.start_ns))


def _deployments(line: TraceLine) -> SafeString | None:
    if not line.deployments:
        return parts.badge(_("not registered"), "warn") if line.senders else None
    links = [
        format_html('<a href="{}">{}</a>', deployment_href(item.id), item.name)
        for item in line.deployments[:SHOWN_PER_CELL]
    ]
    tiers = _tiers(line)
    below = format_html('<span class="second">{}</span>', tiers) if tiers else ""
    return format_html("{}{}", _few(links, len(line.deployments)), below)


def deployment_href(deployment_id: uuid.UUID) -> str:
    """The page of a deployment in the register."""
    return reverse("inventory:deployment", args=[deployment_id])


def _few(shown: Sequence[str], total: int) -> SafeString:
    joined = format_html_join(", ", "{}", ((item,) for item in shown))
    rest = total - len(shown)
    if rest <= 0:
        return joined
    more = ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": formats.number(rest)}
    return format_html('{} <span class="muted">{}</span>', joined, more)


def _models(line: TraceLine) -> SafeString | None:
    return _few(line.models[:SHOWN_PER_CELL], len(line.models)) if line.models else None


def _status(line: TraceLine) -> SafeString | None:
    errors = line.row.error_count
    if errors is None:
        return None
    if not errors:
        return parts.badge(_("no error"), "plain")
    word = ngettext("%(count)s error", "%(count)s errors", errors) % {"count": formats.number(errors)}
    return parts.badge(word, "bad")


def _tiers(line: TraceLine) -> SafeString | None:
    return format_html_join(" ", "{}", ((parts.tier(value),) for value in line.tiers)) if line.tiers else None


def _cost(line: TraceLine) -> SafeString | None:
    """What is known of the cost; calls without a price are marked, never told as 0."""
    if line.cost is None and not line.row.unpriced_count:
        return None
    known = "" if line.row.cost_nano_usd is None else formats.money(line.row.cost_nano_usd)
    if not line.row.unpriced_count:
        return format_html("{}", known)
    word = ngettext("%(count)s unpriced", "%(count)s unpriced", line.row.unpriced_count) % {
        "count": formats.number(line.row.unpriced_count)
    }
    mark = parts.badge(word, "warn", title=_("Calls that used something, and no price is known for it"))
    return format_html("{} {}", known, mark)


def _spans(line: TraceLine) -> SafeString:
    shown = formats.number(line.row.span_count, digits=0)
    if not line.row.partial:
        return format_html("{}", shown)
    return format_html(
        '<span title="{}">{} {}</span>',
        _("Only the steps of units that you may read"),
        shown,
        icon("eye-off"),
    )


TRACE_COLUMNS: tuple[Column[TraceLine], ...] = (
    Column("name", _("Trace"), value=_name, cell=_name_cell, fixed=True),
    Column(
        "start",
        _("Started"),
        value=lambda line: clock.from_ns(line.row.start_ns),
        cell=_started,
        sort=TraceSort.START,
    ),
    Column(
        "deployment",
        _("Deployment"),
        value=lambda line: [item.name for item in line.deployments] or None,
        cell=_deployments,
    ),
    Column(
        "model",
        _("Models"),
        value=lambda line: list(line.models) or None,
        cell=_models,
        unknown=_("none named"),
    ),
    Column(
        "status", _("Status"), value=lambda line: line.row.error_count, cell=_status, unknown=_("not shown")
    ),
    Column(
        "duration",
        _("Duration"),
        value=lambda line: line.row.duration_ns,
        cell=lambda line: None if line.row.duration_ns is None else formats.duration(line.row.duration_ns),
        sort=TraceSort.DURATION,
        numeric=True,
        unknown=_("not shown"),
    ),
    Column(
        "tokens",
        _("Tokens"),
        value=lambda line: line.tokens,
        cell=lambda line: None if line.tokens is None else formats.number(line.tokens, digits=0),
        sort=TraceSort.TOKENS,
        numeric=True,
        unknown=_("not measured"),
    ),
    Column(
        "cost",
        _("Cost"),
        value=lambda line: line.cost,
        cell=_cost,
        numeric=True,
        unknown=_("not known"),
    ),
    Column(
        "spans",
        _("Steps"),
        value=lambda line: line.row.span_count,
        cell=_spans,
        sort=TraceSort.SPANS,
        numeric=True,
    ),
    Column(
        "tier",
        _("Tier"),
        value=lambda line: [str(TIERS[t][0]) for t in line.tiers if t in TIERS] or None,
        cell=_tiers,
        default=False,
    ),
    Column(
        "site",
        _("Site"),
        value=lambda line: ", ".join(item.name for item in line.sites) or None,
        default=False,
    ),
    Column(
        "sender",
        _("Sender"),
        value=lambda line: ", ".join(name for _id, name in line.senders) or None,
        default=False,
    ),
    Column("session", _("Session"), value=lambda line: line.row.session_id, default=False, unknown=_("none")),
    Column(
        "calls", _("Model calls"), value=lambda line: line.row.model_call_count, default=False, numeric=True
    ),
    Column(
        "id",
        _("Trace ID"),
        value=lambda line: line.id,
        cell=lambda line: parts.copyable(line.id),
        default=False,
    ),
)
