"""Where systems and deployments stand with their approvals."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from governance.domain.approvals import Bound, Changed, Given, changed_since, digest_of, standing
from governance.domain.states import ApprovalState, Standing
from governance.models import Approval
from governance.queries.bound import Snapshot, bound_of_deployments, bound_of_systems
from inventory.models import Binding
from inventory.queries.columns import open_now
from inventory.queries.listing import Ref, holding, named, ref, visible
from kernel import clock
from kernel.actor import Actor, ActorKind
from kernel.errors import NotFound
from ui.sources import QuerySetSource
from ui.tables import ListQuery

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


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A request and what became of it, with where it stands now."""

    id: uuid.UUID
    ref: str
    version: int
    system: Ref | None
    deployment: Ref | None
    unit: Ref | None
    state: str
    standing: Standing | None
    asked_by: Ref
    asked_at: datetime
    reason: str
    approver: Ref
    decided_at: datetime | None
    decision_reason: str
    valid_until: date | None
    digest: str
    bound: Bound
    names: Mapping[str, str]
    changed: tuple[Changed, ...] = ()

    @property
    def subject(self) -> Ref:
        """The system or the deployment."""
        return self.system or self.deployment or Ref(self.id, self.ref)


def _approvals() -> QuerySet[Approval]:
    return Approval.objects.select_related(
        "system__unit", "deployment__system__unit", "asked_by", "approver"
    ).annotate(subject_unit=Coalesce("system__unit_id", "deployment__system__unit_id"))


def _narrowed(rows: QuerySet[Approval], words: Collection[str]) -> QuerySet[Approval]:
    """By where it stands. Stale is what the watch has found so, at most a minute ago."""
    today = clock.now().date()
    approved = Q(state=ApprovalState.APPROVED)
    meanings = {
        Standing.APPROVED.value: approved & Q(valid_until__gte=today, changed_at__isnull=True),
        Standing.STALE.value: approved & Q(valid_until__gte=today, changed_at__isnull=False),
        Standing.EXPIRED.value: approved & Q(valid_until__lt=today),
    }
    wanted = Q(state__in=[word for word in words if word not in meanings])
    for word in words:
        wanted |= meanings.get(word, Q(pk__in=[]))
    return rows.filter(wanted)


class ApprovalSource:
    """Approvals that the actor may see. A page asks about ten queries, however many rows it has."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.rows_: QuerySetSource[Approval, Approval] = QuerySetSource(
            visible(actor, _approvals(), "subject_unit"),
            value=lambda row: row,
            filters={
                "q": lambda rows, text: rows.filter(
                    Q(system__name__icontains=text) | Q(deployment__name__icontains=text)
                ),
                "standing": _narrowed,
                "approver": lambda rows, words: rows.filter(approver__in=_people(actor, words)),
                "category": _touching,
                "system": lambda rows, words: rows.filter(
                    Q(system__in=words) | Q(deployment__system__in=words)
                ),
            },
            orders={"ref": ("number",), "asked": ("asked_at",), "until": ("valid_until",)},
        )

    def count(self, query: ListQuery, *, limit: int) -> int:
        """How many, at most `limit`."""
        return self.rows_.count(query, limit=limit)

    def rows(self, query: ListQuery) -> list[ApprovalRow]:
        """A page of them, compared with what is now."""
        return _values(self.rows_.rows(query))


def approval(actor: Actor, approval_id: uuid.UUID) -> ApprovalRow:
    """One approval. Raises NotFound."""
    row = visible(actor, _approvals(), "subject_unit").filter(pk=approval_id).first()
    if row is None:
        raise NotFound(_("There is no such approval, or you may not see it."))
    return _values([row])[0]


def approvals_to_decide(actor: Actor) -> int:
    """Requests that name this actor."""
    if actor.kind is not ActorKind.USER:
        return 0
    return Approval.objects.filter(state=ApprovalState.ASKED, approver=uuid.UUID(actor.id)).count()


def _people(actor: Actor, words: Iterable[str]) -> list[uuid.UUID]:
    return [uuid.UUID(actor.id if word == "me" else word) for word in words]


def _touching(rows: QuerySet[Approval], words: Collection[str]) -> QuerySet[Approval]:
    """Of systems that are bound now to data of one of these special categories."""
    bindings = holding(
        Binding.objects.filter(open_now(), deployment__retired_at__isnull=True),
        "dataset_version__special_categories",
        list(words),
    )
    systems = bindings.values("deployment__system_id")
    return rows.filter(Q(system__in=systems) | Q(deployment__system__in=systems))


def _values(rows: list[Approval]) -> list[ApprovalRow]:
    given = [row for row in rows if row.state == ApprovalState.APPROVED]
    bound = {
        **bound_of_systems([row.system_id for row in given if row.system_id]),
        **bound_of_deployments([row.deployment_id for row in given if row.deployment_id]),
    }
    return [_row(row, bound.get(row.system_id or row.deployment_id or row.pk)) for row in rows]


def _row(row: Approval, now: Snapshot | None) -> ApprovalRow:
    today = clock.now().date()
    stands, changed = None, tuple[Changed, ...]()
    names = dict(row.names)
    if row.state == ApprovalState.APPROVED and row.valid_until is not None:
        intact = now is not None and digest_of(now.bound) == row.digest
        stands = standing(Given(row.valid_until, intact), asked=False, today=today)
        changed = changed_since(row.bound, now.bound) if now is not None and not intact else ()
        names |= now.names if now is not None else {}
    system = row.system or (row.deployment.system if row.deployment else None)
    return ApprovalRow(
        id=row.pk,
        ref=row.ref,
        version=row.version,
        system=ref(row.system),
        deployment=ref(row.deployment),
        unit=ref(system.unit) if system else None,
        state=row.state,
        standing=stands,
        asked_by=named(row.asked_by),
        asked_at=row.asked_at,
        reason=row.reason,
        approver=named(row.approver),
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
        valid_until=row.valid_until,
        digest=row.digest,
        bound=row.bound,
        names=names,
        changed=changed,
    )
