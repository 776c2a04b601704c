"""The lists of findings, verdicts and checked messages: their rows with names, their columns, their doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from guardrails.filters import WORK_KINDS, finding_filter, scan_filter, verdict_filter, work_filter
from guardrails.queries import findings, scans, verdicts, work
from guardrails.queries.findings import FindingLine, FindingSort
from guardrails.queries.scans import ScanLine
from guardrails.queries.verdicts import VerdictLine, VerdictSort
from guardrails.queries.work import WorkLine
from guardrails.tables.words import (
    CHECK_WORDS,
    DIRECTION_WORDS,
    OUTCOMES,
    reason_word,
    type_word,
)
from kernel import clock
from telemetry.queries.bounds import Count
from telemetry.services import Estate, reading
from telemetry.tables.spans import sender_href
from telemetry.tables.traces import deployment_href
from telemetry.tables.words import short_id
from ui import formats, parts
from ui.tables import Column, ListQuery, Slice

L = TypeVar("L", FindingLine, VerdictLine, ScanLine, WorkLine)
L_any = TypeVar("L_any")


@dataclass(frozen=True, slots=True)
class Row(Generic[L_any]):
    """A line of the record with what its sender was then. `deployment` is (id, name), None where nobody said."""

    line: L_any
    deployment: tuple[Any, str] | None
    sender: str


def row(line: L, estate: Estate) -> Row[L]:
    """The line with names."""
    resolution = estate.resolution(line.sender_id, line.hour * clock.NANOSECONDS_PER_HOUR)
    if resolution is None:  # a rule that begins within the hour
        resolution = estate.resolution(line.sender_id, (line.hour + 1) * clock.NANOSECONDS_PER_HOUR - 1)
    found = resolution and resolution.deployment_id
    known = estate.known.get(line.sender_id)
    name = known.sender.identity.service_name if known else ""
    return Row(
        line,
        (found, resolution.deployment_name or "") if resolution is not None and found else None,
        name or short_id(line.sender_id.hex()),
    )


class _Source(Generic[L]):
    """Rows of one of the lists by key, within what the reader may see."""

    def __init__(
        self,
        estate: Estate,
        *,
        count: Callable[[sa.Connection, ListQuery, int], Count],
        page: Callable[[sa.Connection, ListQuery], Any],
    ) -> None:
        self.estate = estate
        self._count = count
        self._page = page

    def count(self, query: ListQuery, *, limit: int) -> int:
        with reading() as connection:
            return self._count(connection, query, limit).number

    def slice(self, query: ListQuery) -> Slice[Row[L]]:
        with reading() as connection:
            page = self._page(connection, query)
        return Slice([row(line, self.estate) for line in page.rows], next=page.next, previous=page.previous)


def _paged(query: ListQuery) -> dict[str, Any]:
    return {
        "descending": query.descending,
        "cursor": query.cursor,
        "backwards": query.backwards,
        "limit": query.limit,
    }


def finding_source(estate: Estate) -> _Source[FindingLine]:
    """The findings that the reader may see."""
    return _Source(
        estate,
        count=lambda connection, query, limit: findings.count_findings(
            connection, finding_filter(query, estate), limit=limit
        ),
        page=lambda connection, query: findings.list_findings(
            connection,
            finding_filter(query, estate),
            sort=FindingSort(query.sort or "found"),
            **_paged(query),
        ),
    )


def verdict_source(estate: Estate) -> _Source[VerdictLine]:
    """The verdicts that the reader may see."""
    return _Source(
        estate,
        count=lambda connection, query, limit: verdicts.count_verdicts(
            connection, verdict_filter(query, estate), limit=limit
        ),
        page=lambda connection, query: verdicts.list_verdicts(
            connection,
            verdict_filter(query, estate),
            sort=VerdictSort(query.sort or "checked"),
            **_paged(query),
        ),
    )


def scan_source(estate: Estate) -> _Source[ScanLine]:
    """The checked messages that the reader may see."""
    return _Source(
        estate,
        count=lambda connection, query, limit: scans.count_scans(
            connection, scan_filter(query, estate), limit=limit
        ),
        page=lambda connection, query: scans.list_scans(
            connection, scan_filter(query, estate), **_paged(query)
        ),
    )


def work_source(estate: Estate) -> _Source[WorkLine]:
    """What waits or was given up, as far as the reader may see it."""
    return _Source(
        estate,
        count=lambda connection, query, limit: work.count_work(
            connection, work_filter(query, estate), limit=limit
        ),
        page=lambda connection, query: work.list_work(
            connection, work_filter(query, estate), **_paged(query)
        ),
    )


def work_href(line: WorkLine) -> str:
    """The trace, or the step of the message, that the work is about."""
    if line.kind == "trace":
        return reverse("telemetry:trace", args=[line.subject.hex()])
    return reverse("guardrails:message", args=[line.day, line.sender_id.hex(), line.subject.hex()])


def message_href(line: FindingLine | ScanLine) -> str:
    """Where the step is found that a message belongs to."""
    return reverse("guardrails:message", args=[line.day, line.sender_id.hex(), line.message_id.hex()])


def verdict_href(line: VerdictLine) -> str:
    """The step that was judged, on its trace's page."""
    address = reverse("telemetry:trace", args=[line.trace_id.hex()])
    return f"{address}?{urlencode({'span': line.span_id.hex()})}"


def list_href(which: str, **words: str | list[str]) -> str:
    """One of the lists (`findings`, `verdicts`, `scans`, `coverage`, `work`) with some filters set."""
    address = reverse(f"guardrails:{which}")
    given = {name: value for name, value in words.items() if value}
    return f"{address}?{urlencode(given, doseq=True)}" if given else address


def outcome_badge(outcome: str, *, shadow: bool = False) -> SafeString:
    """An outcome with its mark; what is in shadow says so and counts against nobody."""
    said = OUTCOMES.get(outcome)
    badge = (
        parts.badge(said.word, said.tone, title=said.sentence) if said else parts.badge(outcome, "unknown")
    )
    return format_html("{} {}", badge, shadow_badge()) if shadow else badge


def shadow_badge() -> SafeString:
    """Not calibrated: counted and shown, and held against nobody."""
    why = _("This language is not calibrated yet: the verdict is shown and counted, and held against nobody.")
    return parts.badge(_("in shadow"), "plain", mark="◌", title=why)


def _deployment() -> Column[Any]:
    def cell(item: Row[Any]) -> SafeString:
        if item.deployment is None:
            return parts.badge(_("not registered"), "warn")
        return format_html('<a href="{}">{}</a>', deployment_href(item.deployment[0]), item.deployment[1])

    return Column(
        "deployment",
        _("Deployment"),
        value=lambda item: item.deployment[1] if item.deployment else None,
        cell=cell,
        unknown=_("not registered"),
    )


def _sender() -> Column[Any]:
    return Column(
        "sender",
        _("Sender"),
        value=lambda item: item.sender,
        cell=lambda item: format_html('<a href="{}">{}</a>', sender_href(item.line.sender_id), item.sender),
        default=False,
    )


def _moment(
    name: str, label: Any, of: Callable[[Any], int], *, sort: str = "", default: bool = True
) -> Column[Any]:
    def cell(item: Row[Any]) -> SafeString:
        return format_html('<span class="nowrap">{}</span>', parts.when_ns(of(item.line)))

    return Column(
        name, label, value=lambda item: clock.from_ns(of(item.line)), cell=cell, sort=sort, default=default
    )


def _received() -> Column[Any]:
    return _moment("received", _("Received"), lambda line: line.hour * clock.NANOSECONDS_PER_HOUR)


def _score(*, sort: str = "", unknown: Any = "") -> Column[Any]:
    return Column(
        "score",
        _("Score"),
        value=lambda item: item.line.score,
        cell=lambda item: None if item.line.score is None else formats.number(item.line.score, digits=2),
        numeric=True,
        sort=sort,
        unknown=unknown,
    )


def _word(
    name: str, label: Any, said: Callable[[Any], Any], *, default: bool = True, unknown: Any = ""
) -> Column[Any]:
    return Column(name, label, value=lambda item: said(item.line), default=default, unknown=unknown)


def _language(*, default: bool = True) -> Column[Any]:
    return _word(
        "language", _("Language"), lambda line: line.language, default=default, unknown=_("not told")
    )


def _check() -> Column[Any]:
    return _word("check", _("Check"), lambda line: str(CHECK_WORDS.get(line.check, line.check)))


def _direction() -> Column[Any]:
    return _word(
        "direction", _("Direction"), lambda line: str(DIRECTION_WORDS.get(line.direction, line.direction))
    )


def _outcome() -> Column[Any]:
    return Column(
        "outcome",
        _("Outcome"),
        value=lambda item: str(
            OUTCOMES[item.line.outcome].word if item.line.outcome in OUTCOMES else item.line.outcome
        ),
        cell=lambda item: outcome_badge(item.line.outcome, shadow=getattr(item.line, "shadow", False)),
    )


def _reason() -> Column[Any]:
    return _word("reason", _("Why"), lambda line: str(reason_word(line.reason)))


FINDING_COLUMNS: tuple[Column[Row[FindingLine]], ...] = (
    Column("type", _("Type"), value=lambda item: str(type_word(item.line.type)), fixed=True),
    _check(),
    _deployment(),
    _direction(),
    _score(sort=FindingSort.SCORE),
    _received(),
    _moment("found", _("Found"), lambda line: line.found_ns, sort=FindingSort.FOUND),
    _language(default=False),
    Column(
        "place",
        _("Place"),
        value=lambda item: f"{item.line.pointer} {item.line.start}–{item.line.end}",
        cell=lambda item: format_html(
            "<code>{}</code> {}–{}", item.line.pointer, item.line.start, item.line.end
        ),
        default=False,
    ),
    _word("engine", _("Engine"), lambda line: line.engine_version, default=False),
    Column("code", _("Code"), value=lambda item: item.line.type, default=False),
    _sender(),
    Column(
        "message",
        _("Message ID"),
        value=lambda item: item.line.message_id.hex(),
        cell=lambda item: parts.copyable(item.line.message_id.hex()),
        default=False,
    ),
)

SCAN_COLUMNS: tuple[Column[Row[ScanLine]], ...] = (
    Column(
        "check",
        _("Check"),
        value=lambda item: str(CHECK_WORDS.get(item.line.check, item.line.check)),
        fixed=True,
    ),
    _outcome(),
    _reason(),
    _deployment(),
    _direction(),
    Column("findings", _("Findings"), value=lambda item: item.line.finding_count, numeric=True),
    _language(),
    _received(),
    _moment("scanned", _("Checked"), lambda line: line.scanned_ns, sort="scanned"),
    _word("engine", _("Engine"), lambda line: line.engine_version, default=False),
    _sender(),
    Column(
        "message",
        _("Message ID"),
        value=lambda item: item.line.message_id.hex(),
        cell=lambda item: parts.copyable(item.line.message_id.hex()),
        default=False,
    ),
)

VERDICT_COLUMNS: tuple[Column[Row[VerdictLine]], ...] = (
    Column(
        "step",
        _("Answer"),
        value=lambda item: item.line.name,
        fixed=True,
        unknown=_("step no longer kept"),
    ),
    _outcome(),
    _reason(),
    _deployment(),
    _word("model", _("Model"), lambda line: line.model, unknown=_("none named")),
    _score(sort=VerdictSort.SCORE, unknown=_("not scored")),
    _language(),
    _moment("received", _("Answered"), lambda line: line.hour * clock.NANOSECONDS_PER_HOUR),
    _moment("checked", _("Checked"), lambda line: line.checked_ns, sort=VerdictSort.CHECKED),
    _word("engine", _("Engine"), lambda line: line.engine_version, default=False),
    _sender(),
    Column(
        "trace",
        _("Trace ID"),
        value=lambda item: item.line.trace_id.hex(),
        cell=lambda item: parts.copyable(item.line.trace_id.hex()),
        default=False,
    ),
)

WORK_STATES: dict[str, tuple[Any, str]] = {
    "pending": (_("waiting"), "plain"),
    "leased": (_("being checked"), "accent"),
    "retry": (_("to be tried again"), "warn"),
    "dead": (_("given up"), "bad"),
}


def _work_state(item: Row[WorkLine]) -> SafeString:
    word, tone = WORK_STATES.get(item.line.state, (item.line.state, "unknown"))
    return parts.badge(word, tone)


WORK_COLUMNS: tuple[Column[Row[WorkLine]], ...] = (
    Column(
        "what",
        _("What"),
        value=lambda item: str(WORK_KINDS.get(item.line.kind, item.line.kind)),
        fixed=True,
    ),
    Column("state", _("State"), value=lambda item: item.line.state, cell=_work_state),
    _word(
        "reason", _("Why it failed last"), lambda line: line.reason or None, unknown=_("it has not failed")
    ),
    _word("attempts", _("Attempts"), lambda line: line.attempts),
    _deployment(),
    _moment("queued", _("Waiting since"), lambda line: line.queued_ns, sort="queued"),
    _moment("due", _("Due"), lambda line: line.due_ns),
    _sender(),
    Column(
        "subject",
        _("ID"),
        value=lambda item: item.line.subject.hex(),
        cell=lambda item: parts.copyable(item.line.subject.hex()),
        default=False,
    ),
)
