"""Asking for an approval, deciding it, taking it back. The named approver decides, and is never the one who asked."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.domain import Change, Target
from audit.services import Entry, plain, record, record_many, unchanged, verb
from governance.domain.approvals import digest_of
from governance.domain.notices import NoticeKind
from governance.domain.states import ApprovalState
from governance.models import Approval
from governance.queries.bound import Snapshot, bound_of_deployments, bound_of_systems
from governance.services.acting import person_of, said
from governance.services.numbering import take_numbers
from governance.services.telling import about_approval, tell
from inventory.models import Deployment, System
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Thing

SERIES = "A"
TARGET = "governance.approval"
PERSONAL = frozenset({"reason", "decision_reason"})
LONGEST_VALIDITY = timedelta(days=366 * 3)


@verb("governance.approval.ask")
def ask_approval(
    actor: Actor,
    *,
    system: uuid.UUID | None = None,
    deployment: uuid.UUID | None = None,
    approver: uuid.UUID,
    reason: str,
) -> uuid.UUID:
    """Ask a named person to approve a system, or a deployment, as it is now. What it is now is frozen with the request.

    Raises NotFound, Forbidden, Invalid (nobody approves what they asked for), Conflict while another request waits.
    """
    asker = person_of(actor)
    unit = _unit_of(actor, system=system, deployment=deployment)
    actor.require(Permission.REGISTER_EDIT, unit=unit)
    why = said(reason, "reason", _("Say why it should be approved."))
    _refuse_approver(asker, approver)
    now = _now(system=system, deployment=deployment)
    row = Approval(
        number=take_numbers(SERIES, 1)[0],
        system_id=system,
        deployment_id=deployment,
        asked_by_id=asker,
        asked_at=clock.now(),
        reason=why,
        approver_id=approver,
        bound=dict(now.bound),
        names=now.names,
        digest=digest_of(now.bound),
    )
    _insert(row)
    told = {
        "ref": row.ref, "system": plain(system), "deployment": plain(deployment), "approver": str(approver),
        "reason": why, "digest": row.digest, "state": ApprovalState.ASKED.value,
    }  # fmt: skip
    _record(actor, row, unit, [Change(path, None, value) for path, value in told.items() if value])
    tell(NoticeKind.APPROVAL_ASKED, [approver], about_approval(row))
    return row.pk


@verb("governance.approval.decide")
def decide_approval(
    actor: Actor,
    approval_id: uuid.UUID,
    *,
    approve: bool,
    reason: str,
    valid_until: date | None = None,
    version: int | None = None,
) -> int:
    """Approve or reject what one was asked for; returns the new version. An approval names its last day.

    Raises Forbidden for anybody but the named approver; Conflict where it was decided already, or where what was frozen
    is no longer so: then it has to be asked for again.
    """
    row, unit = _locked(actor, approval_id, version)
    actor.require(Permission.APPROVALS_DECIDE, unit=unit)
    if person_of(actor) != row.approver_id:
        raise Forbidden(
            _("Somebody else was named to decide this. Only they can."),
            code="not_the_approver",
            thing=Thing(TARGET, str(row.pk), unit),
        )
    if row.state != ApprovalState.ASKED:
        raise Conflict(_("This has been decided already."), code="decided")
    why = said(reason, "reason", _("Say why: this decision is on record."))
    if approve:
        _refuse_changed(row)
        row.valid_until = _last_day(valid_until)
    tell(NoticeKind.APPROVAL_DECIDED, [row.asked_by_id], {**about_approval(row), "granted": approve})
    return _move(
        actor,
        row,
        unit,
        ApprovalState.APPROVED if approve else ApprovalState.REJECTED,
        decided_by_id=row.approver_id,
        decided_at=clock.now(),
        decision_reason=why,
    )


@verb("governance.approval.withdraw")
def withdraw_approval(
    actor: Actor, approval_id: uuid.UUID, *, reason: str, version: int | None = None
) -> int:
    """Take back a request, or an approval that was given; returns the new version.

    A request is taken back by whoever asked; an approval, by whoever may decide approvals in the unit.
    """
    row, unit = _locked(actor, approval_id, version)
    own_request = row.state == ApprovalState.ASKED and person_of(actor) == row.asked_by_id
    if not own_request:
        actor.require(Permission.APPROVALS_DECIDE, unit=unit, thing=Thing(TARGET, str(row.pk), unit))
    if row.state not in {ApprovalState.ASKED, ApprovalState.APPROVED}:
        raise Conflict(_("There is nothing left to take back."), code="no_such_step")
    why = said(reason, "reason", _("Say why: this step is on record."))
    return _move(actor, row, unit, ApprovalState.WITHDRAWN, reason=why, withdrawn_at=clock.now())


@verb("governance.approval.watch")
def watch_approvals(actor: Actor) -> int:
    """Compare every approval in force with what is; note those that went stale, or are as approved again. Returns how many.

    Called on the clock and after changes of the register. Pages compare for themselves: this is for lists, notices, and
    the ledger.
    """
    actor.require(Permission.APPROVALS_DECIDE, unit=None)
    rows = list(
        Approval.objects.select_for_update()
        .filter(state=ApprovalState.APPROVED, valid_until__gte=clock.now().date())
        .order_by("pk")
    )
    systems = bound_of_systems([row.system_id for row in rows if row.system_id])
    deployments = bound_of_deployments([row.deployment_id for row in rows if row.deployment_id])
    units = _units(rows)
    moved, entries = [], []
    for row in rows:
        now = systems.get(row.system_id) if row.system_id else deployments.get(row.deployment_id)  # type: ignore[arg-type]  # one of both is there
        intact = now is not None and digest_of(now.bound) == row.digest
        if intact == (row.changed_at is None):
            continue
        before, row.changed_at = row.changed_at, None if intact else clock.now()
        change = Change("changed_at", plain(before), plain(row.changed_at))
        action = "governance.approval.restore" if intact else "governance.approval.go_stale"
        entries.append(Entry(target_of(row, units[row.pk]), (change,), action=action))
        moved.append(row)
        if not intact:
            tell(NoticeKind.APPROVAL_STALE, _answering(row), about_approval(row))
    if not moved:
        unchanged()
    Approval.objects.bulk_update(moved, ["changed_at"], batch_size=250)
    record_many(actor, entries)
    return len(moved)


def _answering(row: Approval) -> list[uuid.UUID | None]:
    """Whom it concerns that an approval no longer fits: who gave it, and the owner of the system."""
    system = row.system or (row.deployment.system if row.deployment else None)
    return [row.approver_id, system.owner_id if system else None]


def target_of(row: Approval, unit: uuid.UUID | None) -> Target:
    """An approval as the ledger names it."""
    return Target(TARGET, str(row.pk), label=row.ref, unit_id=unit)


def _units(rows: list[Approval]) -> dict[uuid.UUID, uuid.UUID | None]:
    found = Approval.objects.filter(pk__in=[row.pk for row in rows]).values_list(
        "pk", "system__unit_id", "deployment__system__unit_id"
    )
    return {pk: unit or other for pk, unit, other in found}


def _unit_of(actor: Actor, *, system: uuid.UUID | None, deployment: uuid.UUID | None) -> uuid.UUID | None:
    """The unit of the subject, which the actor must be able to see."""
    if (system is None) == (deployment is None):
        raise Invalid(_("Name a system or a deployment, not both."), code="one_subject")
    found = (
        System.objects.filter(pk=system, retired_at__isnull=True).values_list("unit_id")
        if system is not None
        else Deployment.objects.filter(
            pk=deployment or uuid.UUID(int=0), retired_at__isnull=True
        ).values_list("system__unit_id")
    ).first()
    if found is None or not _sees(actor, found[0]):
        raise NotFound(_("There is no such system or deployment in use, or you may not see it."))
    unit: uuid.UUID | None = found[0]
    return unit


def _sees(actor: Actor, unit: uuid.UUID | None) -> bool:
    if unit is None:
        return actor.may_somewhere(Permission.REGISTER_READ)
    return actor.may(Permission.REGISTER_READ, unit=unit)


def _refuse_approver(asker: uuid.UUID, approver: uuid.UUID) -> None:
    problem = ""
    if asker == approver:
        problem = _("Whoever asks for an approval does not give it. Name somebody else.")
    elif not get_user_model()._default_manager.filter(pk=approver, is_active=True).exists():
        problem = _("There is no such person with an open account.")
    if problem:
        raise Invalid(problem, code="approver", fields={"approver": [problem]})


def _now(*, system: uuid.UUID | None, deployment: uuid.UUID | None) -> Snapshot:
    if system is not None:
        return bound_of_systems([system])[system]
    if deployment is not None:
        return bound_of_deployments([deployment])[deployment]
    raise Invalid(_("Name a system or a deployment, not both."), code="one_subject")


def _refuse_changed(row: Approval) -> None:
    if digest_of(_now(system=row.system_id, deployment=row.deployment_id).bound) != row.digest:
        raise Conflict(
            _("What you were asked to approve has changed since. Reject it, or have it asked for again."),
            code="changed",
        )


def _last_day(given: date | None) -> date:
    today = clock.now().date()
    problem = ""
    if given is None:
        problem = _("Say until when it is approved.")
    elif given < today:
        problem = _("This day is over.")
    elif given > today + LONGEST_VALIDITY:
        problem = _("At most three years: then somebody looks at it again.")
    if problem or given is None:
        raise Invalid(problem, code="valid_until", fields={"valid_until": [problem]})
    return given


def _locked(actor: Actor, approval_id: uuid.UUID, version: int | None) -> tuple[Approval, uuid.UUID | None]:
    row = Approval.objects.select_for_update().filter(pk=approval_id).first()
    unit = _units([row])[row.pk] if row else None
    if row is None or not _sees(actor, unit):
        raise NotFound(_("There is no such approval, or you may not see it."))
    if version is not None and row.version != version:
        raise Conflict(
            _("Somebody else has changed this since you opened it. Load it again and repeat your change."),
            code="stale",
        )
    return row, unit


def _insert(row: Approval) -> None:
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(
            _("An approval has been asked for already and waits for a decision."), code="already_asked"
        ) from error


def _move(
    actor: Actor, row: Approval, unit: uuid.UUID | None, to: ApprovalState, *, reason: str = "", **fields: Any
) -> int:
    changes = [Change("state", str(row.state), to.value)]
    changes += [Change(name.removesuffix("_id"), None, plain(value)) for name, value in fields.items()]
    if row.valid_until is not None and to is ApprovalState.APPROVED:
        changes.append(Change("valid_until", None, row.valid_until.isoformat()))
    for name, value in fields.items():
        setattr(row, name, value)
    row.state, row.version = to, row.version + 1
    row.save()
    _record(actor, row, unit, changes, reason=reason)
    return row.version


def _record(
    actor: Actor, row: Approval, unit: uuid.UUID | None, changes: list[Change], *, reason: str = ""
) -> None:
    record(actor, target=target_of(row, unit), changes=changes, personal=PERSONAL, reason=reason)
