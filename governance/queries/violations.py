"""Reading violations and waivers, as values, as far as the reader may see them.

Who reads the register of a unit sees its violations; those of the whole organisation take the right over all of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count, Model, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.domain.states import WAITING, WaiverState
from governance.models import Policy, Violation, Waiver
from inventory.queries import Ref, unit_and_below
from inventory.queries.listing import ref
from kernel.actor import Actor, ActorKind, Permission
from kernel.errors import NotFound
from ui.sources import QuerySetSource

M = TypeVar("M", bound=Model)
ME, NOBODY = "me", "none"


@dataclass(frozen=True, slots=True)
class ViolationRow:
    """A violation in a list."""

    id: uuid.UUID
    ref: str
    version: int
    policy_key: str
    policy_name: str
    policy_version: int
    severity: str
    kind: str
    shadow: bool
    state: str
    disposition: str
    subject_kind: str
    subject_id: str
    subject_label: str
    reason: str
    system: Ref | None
    deployment: Ref | None
    unit: Ref | None
    owner: Ref | None
    first_seen_at: datetime
    last_seen_at: datetime
    state_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Said:
    """A comment."""

    who: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class WaiverRow:
    """A waiver, with the violation that it is about."""

    id: uuid.UUID
    ref: str
    version: int
    violation: Ref
    policy_name: str
    subject_label: str
    reason: str
    until: date
    state: str
    asked_by: Ref
    asked_at: datetime
    decided_by: Ref | None
    decided_at: datetime | None
    decision_reason: str


@dataclass(frozen=True, slots=True)
class ViolationDetail:
    """A violation with all that belongs to it."""

    row: ViolationRow
    unit_id: uuid.UUID | None
    sentence: str
    facts: Mapping[str, Any]
    evidence: Sequence[tuple[str, str]]
    comments: Sequence[Said]
    waivers: Sequence[WaiverRow]
    former: Ref | None
    later: Sequence[Ref]


def visible(actor: Actor, rows: QuerySet[M], unit_path: str) -> QuerySet[M]:
    """The rows of units whose register the actor reads. Raises Forbidden for whoever reads none."""
    actor.require_somewhere(Permission.REGISTER_READ)
    units = actor.units(Permission.REGISTER_READ)
    return rows if units is None else rows.filter(**{f"{unit_path}__in": units})


def source(actor: Actor) -> QuerySetSource[Violation, ViolationRow]:
    """All violations that the actor may see, for a list: one query for a page, one for its count."""
    return QuerySetSource(
        visible(actor, _rows(), "unit"),
        value=_value,
        filters=_filters(actor),
        orders={
            "severity": ("gravity", "last_seen_at"),
            "last_seen": ("last_seen_at",),
            "first_seen": ("first_seen_at",),
            "ref": ("number",),
            "policy": ("policy_name",),
            "subject": ("subject_label",),
            "owner": ("owner__name",),
            "count": ("count",),
            "state": ("state",),
        },
    )


def detail(actor: Actor, violation_id: uuid.UUID) -> ViolationDetail:
    """One violation. Six queries. Raises NotFound."""
    rows = in_both_languages(
        Violation.objects.select_related("system", "deployment", "unit", "owner", "former")
    )
    row = visible(actor, rows, "unit").filter(pk=violation_id).first()
    if row is None:
        raise NotFound(_("There is no such violation, or you may not see it."))
    waivers = row.waivers.select_related("violation", "asked_by", "decided_by").order_by("-number")
    return ViolationDetail(
        row=_value(row),
        unit_id=row.unit_id,
        sentence=read_as(row, "sentence"),
        facts=row.facts,
        evidence=tuple((kind, reference) for kind, reference in row.evidence),
        comments=tuple(
            Said(comment.author.name, comment.at, comment.text)
            for comment in row.comments.select_related("author").order_by("at")[:200]
        ),
        waivers=tuple(_waiver(waiver) for waiver in waivers[:50]),
        former=Ref(row.former.pk, row.former.ref) if row.former else None,
        later=tuple(Ref(other.pk, other.ref) for other in row.later.order_by("number")[:20]),
    )


def waiver_source(actor: Actor) -> QuerySetSource[Waiver, WaiverRow]:
    """All waivers of violations that the actor may see."""
    rows = Waiver.objects.select_related("violation", "asked_by", "decided_by")
    return QuerySetSource(
        visible(actor, rows, "violation__unit"),
        value=_waiver,
        filters={
            "q": lambda found, text: found.filter(
                Q(violation__policy_name__icontains=text) | Q(violation__subject_label__icontains=text)
            ),
            "state": lambda found, words: found.filter(state__in=words),
        },
        orders={"ref": ("number",), "until": ("until",), "asked": ("asked_at",)},
    )


def waiver(actor: Actor, waiver_id: uuid.UUID) -> WaiverRow:
    """One waiver. Raises NotFound."""
    rows = Waiver.objects.select_related("violation", "asked_by", "decided_by")
    row = visible(actor, rows, "violation__unit").filter(pk=waiver_id).first()
    if row is None:
        raise NotFound(_("There is no such waiver, or you may not see it."))
    return _waiver(row)


def count_open(actor: Actor, **only: Any) -> int:
    """How many violations wait for somebody, shadow left out; counting stops at ten thousand."""
    rows = visible(actor, Violation.objects.filter(state__in=WAITING, shadow=False, **only), "unit")
    return rows.order_by().values("pk")[:10_000].count()


def open_by_severity(actor: Actor) -> dict[str, int]:
    """Violations that wait for somebody, by severity, shadow left out. One query."""
    rows = visible(actor, Violation.objects.filter(state__in=WAITING, shadow=False), "unit")
    return dict(rows.order_by().values_list("severity").annotate(Count("id")))


def latest(actor: Actor, *, limit: int, **only: Any) -> list[ViolationRow]:
    """The gravest violations that wait for somebody, newest first among equals."""
    rows = visible(actor, _rows().filter(state__in=WAITING, shadow=False, **only), "unit")
    return [_value(row) for row in rows.order_by("-gravity", "-last_seen_at")[:limit]]


def newest(actor: Actor, *, limit: int) -> list[ViolationRow]:
    """The violations that were opened last, shadow left out."""
    rows = visible(actor, _rows().filter(shadow=False), "unit")
    return [_value(row) for row in rows.order_by("-number")[:limit]]


def waivers_to_decide(actor: Actor) -> int:
    """Requests that this actor may decide: in their units, and not their own."""
    if actor.kind is not ActorKind.USER or not actor.may_somewhere(Permission.APPROVALS_DECIDE):
        return 0
    units = actor.units(Permission.APPROVALS_DECIDE)
    rows = Waiver.objects.filter(state=WaiverState.ASKED).exclude(asked_by=uuid.UUID(actor.id))
    return (rows if units is None else rows.filter(violation__unit__in=units)).count()


def policies_seen(actor: Actor) -> list[tuple[str, str]]:
    """The policies that have violations, as choices of a filter: key and name."""
    rows = visible(actor, Violation.objects.all(), "unit").order_by("policy_key", "policy_name")
    return list(dict(rows.values_list("policy_key", "policy_name").distinct()[:200]).items())


def _rows() -> QuerySet[Violation]:
    rows = in_both_languages(Violation.objects.select_related("system", "deployment", "unit", "owner"))
    return rows.defer("facts", "evidence", "sentence")


def in_both_languages(rows: QuerySet[Violation]) -> QuerySet[Violation]:
    """With the French of the policy that opened them, as far as its texts are still those that were frozen."""
    policy = Policy.objects.filter(slug=OuterRef("policy_key"))
    named, said = policy.filter(name=OuterRef("policy_name")), policy.filter(breach=OuterRef("reason"))
    asked = policy.filter(sentence=OuterRef("sentence"))
    return rows.annotate(
        policy_name_fr=Subquery(named.values("name_fr")[:1]),
        reason_fr=Subquery(said.values("breach_fr")[:1]),
        sentence_fr=Subquery(asked.values("sentence_fr")[:1]),
    )


def read_as(row: Violation, field: str) -> str:
    """A frozen text for this reader: in French where that is read and known."""
    french = getattr(row, f"{field}_fr", None)
    return str(french if french and (get_language() or "").startswith("fr") else getattr(row, field))


def _filters(actor: Actor) -> dict[str, Callable[[Any, Any], Any]]:
    return {
        "q": _named,
        "state": lambda rows, words: rows.filter(state__in=words),
        "standing": lambda rows, wanted: (
            rows.filter(state__in=WAITING) if wanted else rows.exclude(state__in=WAITING)
        ),
        "severity": lambda rows, words: rows.filter(severity__in=words),
        "kind": lambda rows, words: rows.filter(kind__in=words),
        "policy": lambda rows, words: rows.filter(policy_key__in=words),
        "subject": lambda rows, words: rows.filter(subject_kind__in=words),
        "system": lambda rows, words: rows.filter(system__in=words),
        "deployment": lambda rows, words: rows.filter(deployment__in=words),
        "owner": lambda rows, words: rows.filter(_owned(actor, words)),
        "unit": lambda rows, words: rows.filter(
            unit__in=frozenset[uuid.UUID]().union(*(unit_and_below(uuid.UUID(word)) for word in words))
        ),
        "shadow": lambda rows, wanted: rows.filter(shadow=wanted),
        "seen": lambda rows, period: rows.filter(
            **({"last_seen_at__gte": period.start} if period.start else {}),
            **({"last_seen_at__lt": period.end} if period.end else {}),
        ),
    }


def _named(rows: QuerySet[Violation], text: str) -> QuerySet[Violation]:
    wanted = Q(policy_name__icontains=text) | Q(subject_label__icontains=text) | Q(reason__icontains=text)
    number = text.strip().upper().removeprefix("V-")
    if number.isascii() and number.isdigit() and len(number) < 19:
        wanted |= Q(number=int(number))
    return rows.filter(wanted)


def _owned(actor: Actor, words: Sequence[str]) -> Q:
    wanted = Q(owner__isnull=True) if NOBODY in words else Q(pk__in=[])
    people = [actor.id if word == ME else word for word in words if word != NOBODY]
    return wanted | Q(owner__in=[person for person in people if _is_id(person)])


def _is_id(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _value(row: Violation) -> ViolationRow:
    return ViolationRow(
        id=row.pk,
        ref=row.ref,
        version=row.version,
        policy_key=row.policy_key,
        policy_name=read_as(row, "policy_name"),
        policy_version=row.policy_version,
        severity=row.severity,
        kind=row.kind,
        shadow=row.shadow,
        state=row.state,
        disposition=row.disposition,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        subject_label=row.subject_label,
        reason=read_as(row, "reason"),
        system=ref(row.system),
        deployment=ref(row.deployment),
        unit=ref(row.unit),
        owner=ref(row.owner),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        state_at=row.state_at,
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        count=row.count,
    )


def _waiver(row: Waiver) -> WaiverRow:
    return WaiverRow(
        id=row.pk,
        ref=row.ref,
        version=row.version,
        violation=Ref(row.violation_id, row.violation.ref),
        policy_name=row.violation.policy_name,
        subject_label=row.violation.subject_label,
        reason=row.reason,
        until=row.until,
        state=row.state,
        asked_by=Ref(row.asked_by_id, row.asked_by.name),
        asked_at=row.asked_at,
        decided_by=ref(row.decided_by),
        decided_at=row.decided_at,
        decision_reason=row.decision_reason,
    )
