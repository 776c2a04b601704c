"""What people do with a violation: take it, work on it, talk about it, close it. Waivers stand in `waivers`."""

from __future__ import annotations

import uuid

from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.domain import Change
from audit.services import plain, record, unchanged, verb
from governance.domain.notices import NoticeKind
from governance.domain.states import STANDING, Disposition, ViolationState, step
from governance.models import Comment, Violation, labels
from governance.services.acting import person_of, said
from governance.services.telling import about_violation, tell
from governance.services.violations import TARGET, end_waivers, target_of
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.errors import Conflict, Invalid, NotFound, Thing

_TEXT = frozenset({"text", "reason"})


@verb("governance.violation.assign")
def assign_violation(
    actor: Actor,
    violation_id: uuid.UUID,
    *,
    owner: uuid.UUID | None,
    reason: str = "",
    version: int | None = None,
) -> int:
    """Give a violation to somebody, or to nobody; returns the new version. They are told."""
    row = locked(actor, violation_id, version)
    if owner == row.owner_id:
        unchanged()
        return row.version
    if owner is not None and not get_user_model()._default_manager.filter(pk=owner, is_active=True).exists():
        problem = _("There is no such person with an open account.")
        raise Invalid(problem, fields={"owner": [problem]})
    change = Change("owner", plain(row.owner_id), plain(owner))
    row.owner_id = owner
    _save(actor, row, [change], reason=reason)
    if str(owner) != actor.id:
        tell(NoticeKind.ASSIGNED, [owner], about_violation(row))
    return row.version


@verb("governance.violation.acknowledge")
def acknowledge_violation(actor: Actor, violation_id: uuid.UUID, *, version: int | None = None) -> int:
    """Say that somebody has seen it; returns the new version. What nobody owns is then theirs."""
    return _move(actor, violation_id, ViolationState.ACKNOWLEDGED, version=version)


@verb("governance.violation.start")
def start_violation(actor: Actor, violation_id: uuid.UUID, *, version: int | None = None) -> int:
    """Say that somebody works on it; returns the new version. What nobody owns is then theirs."""
    return _move(actor, violation_id, ViolationState.IN_PROGRESS, version=version)


@verb("governance.violation.resolve")
def resolve_violation(
    actor: Actor, violation_id: uuid.UUID, *, reason: str, version: int | None = None
) -> int:
    """Say that a condition is put right. The next evaluation closes it, or opens it again."""
    return _move(actor, violation_id, ViolationState.RESOLVED, version=version, reason=reason)


@verb("governance.violation.dispose")
def dispose_violation(
    actor: Actor,
    violation_id: uuid.UUID,
    *,
    disposition: Disposition,
    reason: str,
    version: int | None = None,
) -> int:
    """Close an occurrence and say how; returns the new version. Only a person does this."""
    person_of(actor)
    return _move(
        actor, violation_id, ViolationState.DISPOSED, version=version, reason=reason, disposition=disposition
    )


@verb("governance.violation.reopen")
def reopen_violation(
    actor: Actor, violation_id: uuid.UUID, *, reason: str, version: int | None = None
) -> int:
    """Open again what was said to be put right, what was waived, or an occurrence that a person closed."""
    return _move(actor, violation_id, ViolationState.OPEN, version=version, reason=reason)


@verb("governance.violation.comment")
def comment_violation(actor: Actor, violation_id: uuid.UUID, *, text: str) -> uuid.UUID:
    """Say something about a violation, closed or not. Stays for ever."""
    row = locked(actor, violation_id, None)
    words = said(text, "text", _("Write something."))
    comment = Comment.objects.create(violation=row, author_id=person_of(actor), text=words, at=clock.now())
    record(actor, target=target_of(row), changes=[Change("text", None, words)], personal=_TEXT)
    return comment.pk


def locked(who: Actor, violation_id: uuid.UUID, version: int | None) -> Violation:
    """A violation held until the transaction ends, which the actor may see and work on. Raises NotFound, Forbidden, Conflict."""
    row = Violation.objects.select_for_update().filter(pk=violation_id).first()
    if row is None or not who.may(Permission.REGISTER_READ, unit=row.unit_id):
        raise NotFound(_("There is no such violation, or you may not see it."))
    who.require(Permission.VIOLATIONS_WORK, unit=row.unit_id, thing=Thing(TARGET, str(row.pk), row.unit_id))
    if version is not None and row.version != version:
        raise Conflict(
            _("Somebody else has changed this since you opened it. Load it again and repeat your change."),
            code="stale",
        )
    return row


def _move(
    actor: Actor,
    violation_id: uuid.UUID,
    to: ViolationState,
    *,
    version: int | None,
    reason: str = "",
    disposition: Disposition | None = None,
) -> int:
    row = locked(actor, violation_id, version)
    _require_step(row, to, reason)
    changes = [Change("state", str(row.state), to.value)]
    if row.owner_id is None and to in {ViolationState.ACKNOWLEDGED, ViolationState.IN_PROGRESS}:
        row.owner_id = person_of(actor)
        changes.append(Change("owner", None, plain(row.owner_id)))
    if (disposition.value if disposition else "") != row.disposition:
        changes.append(Change("disposition", row.disposition, disposition.value if disposition else ""))
    if row.state == ViolationState.WAIVED:
        end_waivers(actor, [row])
    row.state, row.state_at = to, clock.now()
    row.disposition = disposition.value if disposition else ""
    row.closed_at = None if to in STANDING else clock.now()
    _save(actor, row, changes, reason=reason)
    return row.version


def _require_step(row: Violation, to: ViolationState, reason: str) -> None:
    found = step(row.state, to, row.kind)
    if found is None or not found.by_person:
        words = labels.VIOLATION_STATE
        raise Conflict(
            _("From “%(before)s” there is no way to “%(after)s”.")
            % {"before": words[ViolationState(row.state)], "after": words[to]},
            code="no_such_step",
        )
    if found.needs_reason:
        said(reason, "reason", _("Say why: this step is on record."))


def _save(actor: Actor, row: Violation, changes: list[Change], *, reason: str) -> None:
    row.version += 1
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(
            _("The same violation has been opened anew meanwhile. Work on that one."), code="stands_already"
        ) from error
    record(actor, target=target_of(row), changes=changes, reason=reason)
