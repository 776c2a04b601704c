"""Where systems and deployments stand with their approvals."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from governance.domain.approvals import Changed, Given, changed_since, digest_of, standing
from governance.domain.states import ApprovalState, Standing
from governance.models import Approval
from governance.queries.bound import Snapshot, bound_of_deployments, bound_of_systems
from inventory.queries.listing import Ref, named
from kernel import clock

Ids = Collection[uuid.UUID]
_SPEAKING = (ApprovalState.ASKED, ApprovalState.APPROVED)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where one thing stands, and by whose word. `changed` says what is no longer as it was approved."""

    standing: Standing
    approval_id: uuid.UUID | None = None
    approval_ref: str = ""
    approver: Ref | None = None
    decided_at: datetime | None = None
    until: date | None = None
    changed: tuple[Changed, ...] = field(default=())
    pending_id: uuid.UUID | None = None
    pending_with: Ref | None = None


def approval_state(*, systems: Ids = (), deployments: Ids = ()) -> dict[uuid.UUID, Standing]:
    """Where each of these systems and deployments stands now, by its id: approved, pending, stale, expired or none.

    Every id that is asked for is answered. About ten queries for each of the two kinds, however many there are. Asks for
    no right: facts of policies are made of it. A deployment stands on its own approvals; those of its system are the
    system's.
    """
    stands = {**stands_of_systems(systems), **stands_of_deployments(deployments)}
    return {pk: stand.standing for pk, stand in stands.items()}


def stands_of_systems(ids: Ids) -> dict[uuid.UUID, Stand]:
    """`approval_state` with names, dates and what has changed since."""
    rows = _rows(system__in=ids)
    by_subject = _by_subject((row.system_id, row) for row in rows)
    return _stands(ids, by_subject, bound_of_systems(_approved(by_subject)))


def stands_of_deployments(ids: Ids) -> dict[uuid.UUID, Stand]:
    """`approval_state` with names, dates and what has changed since."""
    rows = _rows(deployment__in=ids)
    by_subject = _by_subject((row.deployment_id, row) for row in rows)
    return _stands(ids, by_subject, bound_of_deployments(_approved(by_subject)))


def _rows(**subjects: Ids) -> list[Approval]:
    rows = Approval.objects.filter(state__in=_SPEAKING, **subjects)
    return list(rows.select_related("approver").order_by("-number"))


def _by_subject(pairs: Iterable[tuple[uuid.UUID | None, Approval]]) -> dict[uuid.UUID, list[Approval]]:
    found: defaultdict[uuid.UUID, list[Approval]] = defaultdict(list)
    for subject, row in pairs:
        if subject is not None:
            found[subject].append(row)
    return found


def _approved(by_subject: Mapping[uuid.UUID, list[Approval]]) -> list[uuid.UUID]:
    """Only what was approved is compared with what is."""
    return [pk for pk, rows in by_subject.items() if _latest(rows, ApprovalState.APPROVED)]


def _latest(rows: Iterable[Approval], state: ApprovalState) -> Approval | None:
    return next((row for row in rows if row.state == state), None)


def _stands(
    ids: Ids, by_subject: Mapping[uuid.UUID, list[Approval]], bound: Mapping[uuid.UUID, Snapshot]
) -> dict[uuid.UUID, Stand]:
    today = clock.now().date()
    return {pk: _stand(by_subject.get(pk, []), bound.get(pk), today) for pk in ids}


def _stand(rows: list[Approval], now: Snapshot | None, today: date) -> Stand:
    given, asked = _latest(rows, ApprovalState.APPROVED), _latest(rows, ApprovalState.ASKED)
    pending_id = asked.pk if asked else None
    pending_with = named(asked.approver) if asked else None
    if given is None or given.valid_until is None:
        nothing = standing(None, asked=asked is not None, today=today)
        return Stand(nothing, pending_id=pending_id, pending_with=pending_with)
    intact = now is not None and digest_of(now.bound) == given.digest
    return Stand(
        standing(Given(given.valid_until, intact), asked=asked is not None, today=today),
        approval_id=given.pk,
        approval_ref=given.ref,
        approver=named(given.approver),
        decided_at=given.decided_at,
        until=given.valid_until,
        changed=() if intact or now is None else changed_since(given.bound, now.bound),
        pending_id=pending_id,
        pending_with=pending_with,
    )
