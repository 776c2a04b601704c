"""Asking for checks to be done again: after a profile changed, and by hand for what was given up."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import record as record_event
from audit.services import verb
from guardrails.domain import Check
from guardrails.domain.checks import CONTENT_CHECKS
from guardrails.services.runtime import record
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Invalid
from telemetry.store import Store, checking
from telemetry.store.checking import MESSAGE, TRACE, WorkKey
from telemetry.store.queueing import QUEUED_DAYS

CHUNK = 1_000
MOST_AT_ONCE = 10_000


def requeue(
    sender_ids: Iterable[bytes],
    checks: Collection[Check],
    *,
    days: int = QUEUED_DAYS,
    store: Store | None = None,
) -> int:
    """Have what these senders said within so many days checked again: call it after the change has been committed.

    Only what was done before now, in small transactions, the newest days first, behind everything that was never looked
    at. Messages are queued when a check of messages is among `checks`, traces when groundedness is. Answers how many.
    """
    store = store or record()
    now_ns = clock.now_ns()
    kinds = [MESSAGE] if CONTENT_CHECKS & set(checks) else []
    kinds += [TRACE] if Check.GROUNDEDNESS in checks else []
    first_day = clock.epoch_day(now_ns) - days
    return sum(
        _requeue_sender(store, kind, sender_id, first_day=first_day, before_ns=now_ns)
        for kind in kinds
        for sender_id in sorted(set(sender_ids))
    )


def _requeue_sender(store: Store, kind: str, sender_id: bytes, *, first_day: int, before_ns: int) -> int:
    days = store.read(lambda connection: checking.days_of(connection, kind, sender_id, first_day=first_day))
    return sum(_requeue_day(store, (kind, day, sender_id), before_ns) for day in days)


def _requeue_day(store: Store, place: tuple[str, int, bytes], before_ns: int) -> int:
    total = 0
    while True:
        opened = store.transact(
            lambda connection: checking.reopen_done(
                connection, place, before_ns=before_ns, now_ns=clock.now_ns(), limit=CHUNK
            )
        )
        total += opened
        if opened < CHUNK:
            return total


@verb("guardrails.checks.retry_dead")
def retry_dead(actor: Actor, keys: Collection[WorkKey], *, reason: str = "") -> int:
    """Let work that was given up be tried again, from its first attempt. Answers how many rows were really dead.

    Raises Forbidden, and Invalid without any key or with too many.
    """
    actor.require(Permission.GUARDRAILS_MANAGE, unit=None)
    if not keys or len(keys) > MOST_AT_ONCE:
        raise Invalid(_("Choose what is to be tried again, at most 10,000 at once."))
    record_event(
        actor,
        target=Target(type="check_work", id="dead", unit_id=None),
        changes=(Change("rows", None, len(keys)),),
        reason=reason,
    )
    revived = record().transact(lambda connection: checking.revive(connection, keys, now_ns=clock.now_ns()))
    return len(revived)
