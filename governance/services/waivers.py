"""Tolerating a violation until a day: one person asks, another one decides, and on the clock it comes back."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import plain, record, unchanged, verb
from governance.domain.notices import NoticeKind
from governance.domain.states import WAITING, ViolationState, WaiverState
from governance.models import Violation, Waiver
from governance.services.acting import person_of, said
from governance.services.numbering import take_numbers
from governance.services.telling import about_violation, tell
from governance.services.triage import locked
from governance.services.violations import end_waivers, target_of
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Thing

SERIES = "W"
TARGET = "governance.waiver"
LONGEST = timedelta(days=366)
_PERSONAL = frozenset({"reason", "decision_reason"})


@verb("governance.waiver.ask")
def ask_waiver(
    actor: Actor, violation_id: uuid.UUID, *, reason: str, until: date | None, version: int | None = None
) -> uuid.UUID:
    """Ask that a violation be tolerated until a day. Somebody else decides."""
    row = locked(actor, violation_id, version)
    why = said(reason, "reason", _("Say why it should be tolerated."))
    last = _last_day(until)
    if row.state not in WAITING | {ViolationState.WAIVED}:
        raise Conflict(_("Only what stands open can be waived."), code="no_such_step")
    waiver = Waiver(
        number=take_numbers(SERIES, 1)[0],
        violation=row,
        reason=why,
        until=last,
        asked_by_id=person_of(actor),
        asked_at=clock.now(),
    )
    try:
        with transaction.atomic():
            waiver.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            _("A waiver has been asked for already and waits for a decision."), code="already_asked"
        ) from error
    told = {
        "ref": waiver.ref,
        "violation": str(row.pk),
        "reason": why,
        "until": last.isoformat(),
        "state": "asked",
    }
    record(
        actor,
        target=_target(waiver, row),
        changes=[Change(path, None, value) for path, value in told.items()],
        personal=_PERSONAL,
    )
    return waiver.pk


@verb("governance.waiver.decide")
def decide_waiver(
    actor: Actor, waiver_id: uuid.UUID, *, grant: bool, reason: str, version: int | None = None
) -> int:
    """Grant or refuse a waiver that somebody else asked for; returns the new version."""
    waiver, row = _locked(actor, waiver_id, version)
    thing = Thing(TARGET, str(waiver.pk), row.unit_id)
    actor.require(Permission.APPROVALS_DECIDE, unit=row.unit_id, thing=thing)
    if person_of(actor) == waiver.asked_by_id:
        raise Forbidden(_("Whoever asked for a waiver does not decide it."), code="four_eyes", thing=thing)
    if waiver.state != WaiverState.ASKED:
        raise Conflict(_("This has been decided already."), code="decided")
    why = said(reason, "reason", _("Say why: this decision is on record."))
    if grant:
        _grant(actor, waiver, row)
    tell(
        NoticeKind.WAIVER_DECIDED,
        [waiver.asked_by_id, row.owner_id],
        {**about_violation(row), "granted": grant},
    )
    return _move(
        actor,
        waiver,
        row,
        WaiverState.GRANTED if grant else WaiverState.REFUSED,
        decided_by_id=person_of(actor),
        decided_at=clock.now(),
        decision_reason=why,
    )


@verb("governance.waiver.withdraw")
def withdraw_waiver(
    actor: Actor, waiver_id: uuid.UUID, *, reason: str = "", version: int | None = None
) -> int:
    """Take back a request that waits; returns the new version. Only whoever asked can."""
    waiver, row = _locked(actor, waiver_id, version)
    if person_of(actor) != waiver.asked_by_id:
        raise Forbidden(
            _("Only whoever asked takes a request back."),
            code="not_the_asker",
            thing=Thing(TARGET, str(waiver.pk), row.unit_id),
        )
    if waiver.state != WaiverState.ASKED:
        raise Conflict(_("This has been decided already."), code="decided")
    return _move(actor, waiver, row, WaiverState.WITHDRAWN, reason=reason)


@verb("governance.waiver.return_expired")
def return_expired_waivers(actor: Actor) -> int:
    """Open again what was tolerated until a day that is over; returns how many. Called on the clock."""
    today = clock.now().date()
    due = Violation.objects.filter(waivers__state=WaiverState.GRANTED, waivers__until__lt=today)
    rows = list(
        Violation.objects.select_for_update()
        .filter(pk__in=list(due.values_list("pk", flat=True)))
        .order_by("pk")
    )
    if not rows:
        unchanged()
        return 0
    end_waivers(actor, rows)
    for row in rows:
        actor.require(Permission.VIOLATIONS_WORK, unit=row.unit_id)
        if row.state != ViolationState.WAIVED:
            continue
        row.state, row.state_at, row.version = ViolationState.OPEN, clock.now(), row.version + 1
        row.save(update_fields=["state", "state_at", "version"])
        change = Change("state", ViolationState.WAIVED.value, ViolationState.OPEN.value)
        record(actor, target=target_of(row), changes=[change], action="governance.violation.return")
        tell(NoticeKind.WAIVER_ENDED, [row.owner_id], about_violation(row))
    return len(rows)


def _grant(actor: Actor, waiver: Waiver, row: Violation) -> None:
    """The violation is waived; an earlier waiver ends, this one stands."""
    if row.state not in WAITING | {ViolationState.WAIVED}:
        raise Conflict(_("Only what stands open can be waived."), code="no_such_step")
    _last_day(waiver.until)
    if row.state == ViolationState.WAIVED:
        earlier = Waiver.objects.filter(violation=row, state=WaiverState.GRANTED)
        earlier.update(state=WaiverState.ENDED, ended_at=clock.now())
    change = Change("state", str(row.state), ViolationState.WAIVED.value)
    if row.state != ViolationState.WAIVED:
        row.state, row.state_at, row.version = ViolationState.WAIVED, clock.now(), row.version + 1
        row.save(update_fields=["state", "state_at", "version"])
        record(actor, target=target_of(row), changes=[change], action="governance.violation.waive")


def _locked(actor: Actor, waiver_id: uuid.UUID, version: int | None) -> tuple[Waiver, Violation]:
    """The violation is locked before its waiver: the same order everywhere."""
    of = Waiver.objects.filter(pk=waiver_id).values_list("violation", flat=True).first()
    row = Violation.objects.select_for_update().filter(pk=of).first() if of else None
    waiver = Waiver.objects.select_for_update().filter(pk=waiver_id).first()
    if row is None or waiver is None or not actor.may(Permission.REGISTER_READ, unit=row.unit_id):
        raise NotFound(_("There is no such waiver, or you may not see it."))
    if version is not None and waiver.version != version:
        raise Conflict(
            _("Somebody else has changed this since you opened it. Load it again and repeat your change."),
            code="stale",
        )
    return waiver, row


def _last_day(given: date | None) -> date:
    today = clock.now().date()
    problem = ""
    if given is None:
        problem = _("Say until when it is to be tolerated.")
    elif given < today:
        problem = _("This day is over.")
    elif given > today + LONGEST:
        problem = _("At most one year: then somebody looks at it again.")
    if problem or given is None:
        raise Invalid(problem, code="until", fields={"until": [problem]})
    return given


def _move(
    actor: Actor, waiver: Waiver, row: Violation, to: WaiverState, *, reason: str = "", **fields: Any
) -> int:
    changes = [Change("state", str(waiver.state), to.value)]
    changes += [Change(name.removesuffix("_id"), None, plain(value)) for name, value in fields.items()]
    for name, value in fields.items():
        setattr(waiver, name, value)
    waiver.state, waiver.version = to, waiver.version + 1
    waiver.save()
    record(actor, target=_target(waiver, row), changes=changes, personal=_PERSONAL, reason=reason)
    return waiver.version


def _target(waiver: Waiver, row: Violation) -> Target:
    return Target(TARGET, str(waiver.pk), label=f"{waiver.ref} {row.ref}", unit_id=row.unit_id)
