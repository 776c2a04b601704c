"""Carrying notices to their people by mail: leased, sent, tried again, or dead with a reason.

Attempts are counted when a mail is leased, so that one that kills its worker is not tried for ever. Sending writes no
event of its own: the decision that it tells of has one, and the notice says when it left (decision 0018).
"""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from governance.adapters import mail
from governance.domain.notices import LEASE, MOST_ATTEMPTS, MailState, wait_after
from governance.models import Notice
from kernel import clock

BATCH = 20
MOST_BATCHES = 25
"""Mails of one run are bounded, so that it stays below a task's time limit; the next ring goes on."""


def deliver_due() -> int:
    """Send what is due; returns how many mails left. Safe for several workers at once."""
    sent = 0
    for _batch in range(MOST_BATCHES):
        leased = _lease(clock.now())
        if not leased:
            break
        sent += sum(_carry(notice) for notice in leased)
    return sent


def _lease(now: datetime) -> list[Notice]:
    """Take the next mails for a while. What was taken too often is dead."""
    lease = uuid.uuid4()
    with transaction.atomic():
        due = _due(now).select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        ids = list(due.order_by("next_at", "pk").values_list("pk", flat=True)[:BATCH])
        taken = Notice.objects.filter(pk__in=ids)
        taken.filter(attempts__gte=MOST_ATTEMPTS).update(
            mail_state=MailState.DEAD, error="its worker ended each time it was tried", lease=None
        )
        taken.filter(attempts__lt=MOST_ATTEMPTS).update(
            mail_state=MailState.LEASED, attempts=F("attempts") + 1, lease=lease, leased_until=now + LEASE,
            next_at=now + LEASE,
        )  # fmt: skip
    return list(Notice.objects.filter(lease=lease).select_related("recipient").order_by("pk"))


def _due(now: datetime) -> QuerySet[Notice]:
    waiting = Q(mail_state=MailState.WAITING, next_at__lte=now)
    return Notice.objects.filter(waiting | Q(mail_state=MailState.LEASED, leased_until__lte=now))


def _carry(notice: Notice) -> bool:
    if not mail.is_set_up():
        return _end(notice, MailState.NOT_CONFIGURED)
    if not notice.recipient.is_active:
        return _end(notice, MailState.DEAD, error="the account of this person is closed")
    try:
        mail.send(notice)
    except mail.Undeliverable as error:
        return _end(notice, MailState.DEAD, error=str(error))
    except (
        OSError,
        ValueError,
    ) as error:  # smtplib's errors are OSErrors; a header that no mail has is a ValueError
        return _failed(notice, f"{type(error).__name__}: {error}")
    _end(notice, MailState.SENT, sent_at=clock.now())
    return True


def _failed(notice: Notice, error: str) -> bool:
    if notice.attempts >= MOST_ATTEMPTS:
        return _end(notice, MailState.DEAD, error=error)
    return _end(notice, MailState.WAITING, error=error, next_at=clock.now() + wait_after(notice.attempts))


def _end(
    notice: Notice,
    state: MailState,
    *,
    error: str = "",
    sent_at: datetime | None = None,
    next_at: datetime | None = None,
) -> bool:
    """Write down what became of a mail, if it is still ours. False, for whoever counts mails that left."""
    Notice.objects.filter(pk=notice.pk, lease=notice.lease).update(
        mail_state=state, error=error[:300], sent_at=sent_at, next_at=next_at, lease=None, leased_until=None
    )
    return False
