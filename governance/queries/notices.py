"""Reading notices: one's own; those of everybody take the right to manage people."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from governance.domain.notices import MailState
from governance.models import Notice
from inventory.queries import Ref
from kernel.actor import Actor, ActorKind, Permission
from ui.sources import QuerySetSource

MINE, ALL = "mine", "all"


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """What somebody was told, and what became of the mail."""

    id: uuid.UUID
    kind: str
    about: Mapping[str, Any]
    recipient: Ref
    written_at: datetime
    mail_state: str
    attempts: int
    next_at: datetime | None
    sent_at: datetime | None
    error: str


def source(actor: Actor) -> QuerySetSource[Notice, NoticeRow]:
    """Notices to the actor; whoever manages people sees those to everybody."""
    rows = Notice.objects.select_related("recipient")
    if not sees_all(actor):
        rows = _mine(rows, actor)
    return QuerySetSource(
        rows,
        value=_value,
        filters={
            "to": lambda found, words: _mine(found, actor) if MINE in words else found,
            "mail": lambda found, words: found.filter(mail_state__in=words),
            "kind": lambda found, words: found.filter(kind__in=words),
        },
        orders={"written": ("written_at",), "to": ("recipient__name",)},
    )


def _mine(rows: QuerySet[Notice], actor: Actor) -> QuerySet[Notice]:
    return rows.filter(recipient=uuid.UUID(actor.id)) if actor.kind is ActorKind.USER else rows.none()


def sees_all(actor: Actor) -> bool:
    """Whether the actor may see what others were told."""
    return actor.may(Permission.PEOPLE_MANAGE, unit=None)


def latest_to(actor: Actor, *, limit: int) -> list[NoticeRow]:
    """What the actor was told last."""
    if actor.kind is not ActorKind.USER:
        return []
    rows = Notice.objects.filter(recipient=uuid.UUID(actor.id)).select_related("recipient")
    return [_value(row) for row in rows.order_by("-written_at", "-pk")[:limit]]


def count_unsent() -> dict[str, int]:
    """How many mails are dead, or were not sent because no mail is set up. Two small counts."""
    return {
        state.value: Notice.objects.filter(mail_state=state).count()
        for state in (MailState.DEAD, MailState.NOT_CONFIGURED)
    }


def _value(row: Notice) -> NoticeRow:
    return NoticeRow(
        id=row.pk,
        kind=row.kind,
        about=row.about,
        recipient=Ref(row.recipient_id, row.recipient.name),
        written_at=row.written_at,
        mail_state=row.mail_state,
        attempts=row.attempts,
        next_at=row.next_at,
        sent_at=row.sent_at,
        error=row.error,
    )
