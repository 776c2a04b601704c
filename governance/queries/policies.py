"""Policies as pages and the API show them: texts in the reader's language, what came of them, whom they concern."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.domain.policies import Counts, Mode, Outcome
from governance.models import Decision, Policy, PolicyRun, PolicyVersion, PolicyWork
from governance.queries.facts import READABLE
from kernel.actor import Actor, Permission
from kernel.errors import NotFound

MOST_POLICIES = 1_000
MOST_SUBJECTS = 200
"""Subjects shown on a policy's page, per outcome."""
MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy as a reader sees it. `counts` are those of the subjects that the reader may see; None: not evaluated."""

    id: uuid.UUID
    version: int
    slug: str
    name: str
    sentence: str
    breach: str
    advice: str
    subject: str
    severity: str
    kind: str
    mode: str
    mode_since: datetime | None
    revision: int
    unit_id: uuid.UUID | None
    unit_name: str
    expression: str
    applies_when: str
    examples: tuple[Mapping[str, Any], ...]
    retired_at: datetime | None
    counts: Counts | None
    evaluated_at: datetime | None


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """What a policy says of one subject now."""

    subject_id: str
    label: str
    outcome: str
    why: str
    since: datetime
    decided_at: datetime
    facts_digest: str
    engine: str
    revision: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """Evaluations in a row that came to the same."""

    began_at: datetime
    ended_at: datetime
    evaluations: int
    mode: str
    revision: int
    counts: Counts


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version of what is demanded."""

    number: int
    written_at: datetime
    expression: str
    applies_when: str
    sentence: str
    reason: str


@dataclass(frozen=True, slots=True)
class State:
    """When evaluation ran last, and what it could not finish."""

    evaluated_at: datetime | None
    failed_at: datetime | None
    failed_because: str


def in_language(row: Any, field: str) -> str:
    """A text of a policy for this reader: the French one where it is given and French is read."""
    french = str(getattr(row, f"{field}_fr"))
    return french if french and (get_language() or "").startswith("fr") else str(getattr(row, field))


def list_policies(actor: Actor, *, retired: bool = False) -> list[PolicyRow]:
    """The policies that the actor may see, by name, with what came of them. Three queries."""
    rows = list(visible(actor).filter(retired_at__isnull=not retired).order_by("name", "pk")[:MOST_POLICIES])
    return _rows(actor, rows)


def policy(actor: Actor, policy_id: uuid.UUID) -> PolicyRow:
    """One policy. Raises NotFound for one that the actor may not see."""
    return _rows(actor, [found(actor, policy_id)])[0]


def found(actor: Actor, policy_id: uuid.UUID) -> Policy:
    """The row itself, for forms. Raises NotFound."""
    row = visible(actor).filter(pk=policy_id).first()
    if row is None:
        raise NotFound(_("There is no such policy, or you may not see it."))
    return row


def find(actor: Actor, text: str, limit: int) -> list[PolicyRow]:
    """Policies whose name, sentence or short name holds the text."""
    wanted = (
        Q(name__icontains=text) | Q(name_fr__icontains=text) | Q(slug__icontains=text) | Q(sentence__icontains=text)
        | Q(sentence_fr__icontains=text)
    )  # fmt: skip
    return _rows(actor, list(visible(actor).filter(wanted).order_by("name", "pk")[:limit]))


def count_in_force(actor: Actor) -> int:
    """How many policies are in force, of those that the actor may see."""
    return visible(actor).filter(mode=Mode.IN_FORCE).count()


def visible(actor: Actor) -> QuerySet[Policy]:
    """What concerns the whole organisation is for every reader of the register, the rest for those of its unit."""
    actor.require_somewhere(Permission.REGISTER_READ)
    units = actor.units(Permission.REGISTER_READ)
    rows = Policy.objects.select_related("unit")
    return rows if units is None else rows.filter(Q(unit__isnull=True) | Q(unit__in=units))


def decisions(actor: Actor, policy_id: uuid.UUID, outcome: Outcome) -> list[DecidedRow]:
    """The subjects that came to an outcome, by name, at most MOST_SUBJECTS."""
    rows = _seen(actor).filter(policy=policy_id, outcome=outcome).order_by("subject_label", "pk")
    return [_decided(row) for row in rows[:MOST_SUBJECTS]]


def runs(policy_id: uuid.UUID, limit: int = 10) -> list[RunRow]:
    """The latest runs, newest first."""
    rows = PolicyRun.objects.filter(policy=policy_id).order_by("-ended_at", "-pk")[:limit]
    return [
        RunRow(
            row.began_at,
            row.ended_at,
            row.evaluations,
            row.mode,
            row.revision,
            Counts(row.passed, row.failed, row.indeterminate, row.not_applicable),
        )
        for row in rows
    ]


def versions(policy_id: uuid.UUID) -> list[VersionRow]:
    """What was demanded when, newest first."""
    rows = PolicyVersion.objects.filter(policy=policy_id).order_by("-number")[:MOST_VERSIONS]
    return [
        VersionRow(
            row.number,
            row.written_at,
            row.definition["expression"],
            row.definition["applies_when"],
            row.definition["sentence"],
            row.event_reason,
        )
        for row in rows
    ]


def state() -> State:
    """How evaluation stands."""
    row = PolicyWork.objects.first()
    return State(row.evaluated_at, row.failed_at, row.failed_because) if row else State(None, None, "")


def _seen(actor: Actor) -> QuerySet[Decision]:
    units = actor.units(Permission.REGISTER_READ)
    return Decision.objects.all() if units is None else Decision.objects.filter(unit_id__in=units)


def _rows(actor: Actor, rows: list[Policy]) -> list[PolicyRow]:
    ids = [row.pk for row in rows]
    counted: defaultdict[uuid.UUID, dict[str, int]] = defaultdict(dict)
    outcomes = _seen(actor).filter(policy__in=ids).order_by().values_list("policy_id", "outcome")
    for policy_id, outcome, number in outcomes.annotate(number=Count("pk")):
        counted[policy_id][outcome] = number
    ended = PolicyRun.objects.filter(policy__in=ids).order_by().values("policy_id")
    latest = dict(ended.annotate(latest=Max("ended_at")).values_list("policy_id", "latest"))
    return [_row(row, counted[row.pk], latest.get(row.pk)) for row in rows]


def _row(row: Policy, counted: Mapping[str, int], evaluated_at: datetime | None) -> PolicyRow:
    counts = Counts(*(counted.get(outcome.value, 0) for outcome in Outcome))
    on = (
        row.mode != Mode.OFF and evaluated_at is not None and row.subject in {kind.value for kind in READABLE}
    )
    return PolicyRow(
        id=row.pk,
        version=row.version,
        slug=row.slug,
        name=in_language(row, "name"),
        sentence=in_language(row, "sentence"),
        breach=in_language(row, "breach"),
        advice=in_language(row, "advice"),
        subject=row.subject,
        severity=row.severity,
        kind=row.kind,
        mode=row.mode,
        mode_since=row.mode_since,
        revision=row.revision,
        unit_id=row.unit_id,
        unit_name=row.unit.name if row.unit else "",
        expression=row.expression,
        applies_when=row.applies_when,
        examples=tuple(row.examples),
        retired_at=row.retired_at,
        counts=counts if on else None,
        evaluated_at=evaluated_at if on else None,
    )


def _decided(row: Decision) -> DecidedRow:
    return DecidedRow(
        row.subject_id,
        row.subject_label,
        row.outcome,
        row.why,
        row.since,
        row.decided_at,
        row.facts_digest,
        row.engine,
        row.revision,
    )
