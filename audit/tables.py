"""The audit trail as a list: who did what, on which thing, when, why."""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from audit import panels, queries
from audit.domain import Outcome
from audit.queries import Place, RecordedEvent, Wanted
from kernel.actor import Actor, Permission
from ui import history, parts
from ui.filters import Choice, ChoiceFilter, DateRangeFilter, Filter, Period, RelationFilter, TextFilter
from ui.history import Entry
from ui.tables import Column, Empty, ListPage, ListQuery, Slice, two_lines
from ui.text import Text

SHOWN_CHANGES = 3
SHOWN_TIES = 2
_AN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
MOST_PEOPLE = 100

OUTCOME_WORDS: dict[str, Text] = {
    Outcome.SUCCESS: pgettext_lazy("outcome of an action", "Done"),
    Outcome.FAILURE: pgettext_lazy("outcome of an action", "Failed"),
    Outcome.DENIED: pgettext_lazy("outcome of an action", "Refused"),
}
_TONES = {Outcome.SUCCESS.value: "ok", Outcome.FAILURE.value: "bad", Outcome.DENIED.value: "bad"}


def outcome_badge(event: RecordedEvent) -> str:
    """The outcome as mark, word and colour."""
    return parts.badge(OUTCOME_WORDS.get(event.outcome, event.outcome), _TONES.get(event.outcome, "unknown"))


@dataclass(frozen=True, slots=True)
class TrailRow:
    """An event with its changes in words; explained together, because names must be looked up."""

    event: RecordedEvent
    entry: Entry


def who(event: RecordedEvent) -> str:
    """The name of who acted; the id where the name was erased."""
    return event.actor_label or event.actor_id


def about(row: TrailRow) -> str:
    """The thing's name where it has one. A relation has none: it is called by what it ties together."""
    label = row.event.target_label or row.event.target_id
    if not _AN_ID.search(label):
        return label
    ties = [change.after or change.before for change in row.entry.changes]
    names = [value for value in ties if isinstance(value, str) and value and not _AN_ID.search(value)]
    return " · ".join(names[:SHOWN_TIES]) or str(panels.kind_word(row.event.target_type))


def event_href(event: RecordedEvent) -> str:
    """The event's own page."""
    return reverse("audit:event", args=[event.id])


def _thing(row: TrailRow) -> str:
    href = panels.href_of(row.event)
    name = parts.door(about(row), href) if href else about(row)
    return two_lines(name, panels.kind_word(row.event.target_type))


def _did(row: TrailRow) -> str:
    return format_html('<span title="{}">{}</span>', row.event.action, row.entry.what)


def _changed(row: TrailRow) -> str:
    """The names of the first changed fields; the values stand on the event's page."""
    names = [change.path for change in row.entry.changes]
    rest = len(names) - SHOWN_CHANGES
    more = _(" and %(count)s more") % {"count": rest} if rest > 0 else ""
    return ", ".join(names[:SHOWN_CHANGES]) + more


COLUMNS: tuple[Column[TrailRow], ...] = (
    Column(
        "time",
        pgettext_lazy("audit trail", "When"),
        value=lambda row: row.event.time,
        cell=lambda row: parts.when(row.event.time, absolute=True),
        fixed=True,
    ),
    Column("who", pgettext_lazy("audit trail", "Who"), value=lambda row: who(row.event)),
    Column("action", pgettext_lazy("audit trail", "Did"), value=lambda row: row.event.action, cell=_did),
    Column("thing", pgettext_lazy("audit trail", "On"), value=about, cell=_thing),
    Column("kind", gettext_lazy("Kind"), value=lambda row: row.event.target_type, default=False),
    Column("changed", pgettext_lazy("audit trail", "Changed"), value=_changed),
    Column("why", gettext_lazy("Reason"), value=lambda row: row.event.reason or ""),
    Column(
        "outcome",
        gettext_lazy("Outcome"),
        value=lambda row: row.event.outcome,
        cell=lambda row: outcome_badge(row.event),
    ),
    Column(
        "channel", pgettext_lazy("audit trail", "From"), value=lambda row: row.event.channel, default=False
    ),
    Column(
        "request",
        pgettext_lazy("audit trail", "Request"),
        value=lambda row: row.event.request_id or "",
        default=False,
    ),
    Column("id", gettext_lazy("Event ID"), value=lambda row: str(row.event.id), default=False),
)


def trail_page() -> ListPage[TrailRow]:
    """The definition of the list; its choices depend on who has an account."""
    return ListPage(
        name="audit.trail",
        title=gettext_lazy("Audit trail"),
        lead=gettext_lazy("Who did what, when, why?"),
        columns=COLUMNS,
        filters=_filters(),
        href=lambda row: event_href(row.event),
        empty=Empty(
            gettext_lazy("Nothing has been recorded in this time"),
            gettext_lazy(
                "Every change of the register, every reading of content and every export writes an event here, in the "
                "same transaction as the change. Nothing can be changed or deleted afterwards."
            ),
            icon="scroll-text",
        ),
    )


def _filters() -> list[Filter]:
    kinds = sorted(panels.kinds().items(), key=lambda item: str(item[1].label))
    return [
        TextFilter(name="q", label=gettext_lazy("Action, ID of the thing, or request ID")),
        DateRangeFilter(name="when", label=pgettext_lazy("audit trail", "When"), default="30d"),
        RelationFilter(name="who", label=pgettext_lazy("audit trail", "Who"), choices=_people, lookup=_named),
        ChoiceFilter(
            name="kind",
            label=gettext_lazy("Kind"),
            choices=[Choice(name, kind.label) for name, kind in kinds],
        ),
        ChoiceFilter(
            name="outcome",
            label=gettext_lazy("Outcome"),
            choices=[Choice(value, label) for value, label in OUTCOME_WORDS.items()],
        ),
        TextFilter(name="thing", label=gettext_lazy("ID of the thing")),
    ]


def _people() -> Sequence[Choice]:
    rows = get_user_model()._default_manager.order_by("name")[:MOST_PEOPLE]
    return [Choice(str(row.pk), str(row)) for row in rows]


def _named(ids: Sequence[str]) -> Sequence[Choice]:
    """People by id; other actors (the installation itself, a task) are named by what they call themselves."""
    known = [value for value in ids if _is_uuid(value)]
    found = {str(row.pk): str(row) for row in get_user_model()._default_manager.filter(pk__in=known)}
    return [Choice(value, found.get(value, value)) for value in ids]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class TrailSource:
    """The events that an actor may see, by key: newest first, whatever the trail's length."""

    units: frozenset[uuid.UUID] | None

    @classmethod
    def of(cls, actor: Actor) -> TrailSource:
        """What the actor may see; events without a unit only for who audits the whole organisation."""
        return cls(actor.units(Permission.AUDIT_READ))

    def count(self, query: ListQuery, *, limit: int) -> int:
        return queries.count_trail(self.wanted(query), limit=limit)

    def slice(self, query: ListQuery) -> Slice[TrailRow]:
        place = read_place(query.cursor)
        rows = queries.trail(
            self.wanted(query), after=place, backwards=query.backwards, limit=query.limit + 1
        )
        more = len(rows) > query.limit
        if query.backwards:
            kept = rows[-query.limit :]
            return Slice(trail_rows(kept), next=_at(kept, -1), previous=_at(kept, 0) if more else None)
        kept = rows[: query.limit]
        return Slice(
            trail_rows(kept),
            next=_at(kept, -1) if more else None,
            previous=_at(kept, 0) if place is not None else None,
        )

    def wanted(self, query: ListQuery) -> Wanted:
        """The filters of the address as what the ledger is asked."""
        period: Period = query.get("when") or Period()
        return Wanted(
            units=self.units,
            actor_ids=query.get("who"),
            target_types=query.get("kind"),
            target_id=query.get("thing"),
            outcomes=query.get("outcome"),
            start=period.start,
            end=period.end,
            words=query.get("q"),
        )


def trail_rows(events: Sequence[RecordedEvent]) -> list[TrailRow]:
    """Events with their changes in words: one look-up of names for each kind of thing."""
    return [TrailRow(*pair) for pair in zip(events, panels.in_words(events), strict=True)]


def _at(rows: Sequence[RecordedEvent], index: int) -> str | None:
    if not rows:
        return None
    event = rows[index]
    return base64.urlsafe_b64encode(f"{event.time.isoformat()} {event.id}".encode()).decode()


def read_place(cursor: str | None) -> Place | None:
    """The place that a cursor names; None for none, and for one that is none of ours."""
    if not cursor:
        return None
    try:
        time, _blank, event_id = base64.urlsafe_b64decode(cursor).decode("ascii").partition(" ")
        moment = datetime.fromisoformat(time)
        return Place(moment, uuid.UUID(event_id)) if moment.tzinfo else None
    except ValueError:
        return None


def facts(found: queries.WholeEvent) -> list[parts.Fact]:
    """What the event's page says beside the changes."""
    event = found.event
    (row,) = trail_rows([event])
    values: list[tuple[Text, Any, Text]] = [
        (pgettext("audit trail", "When"), parts.when(event.time, absolute=True), event.time.isoformat()),
        (pgettext("audit trail", "Who"), who(event), f"{event.actor_kind} {event.actor_id}"),
        (pgettext("audit trail", "Did"), history.word(event.action), event.action),
        (pgettext("audit trail", "On"), _thing(row), event.target_id),
        (_("Outcome"), outcome_badge(event), ""),
        (_("Reason"), event.reason or _("none given"), ""),
        (pgettext("audit trail", "From"), event.channel, event.ip_prefix or ""),
        (pgettext("audit trail", "Request"), event.request_id or _("none"), ""),
    ]
    return [parts.Fact(label, value, hint=str(hint)) for label, value, hint in values]
