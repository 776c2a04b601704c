"""From breaches to violations: what evaluations (and budgets) call. People's verbs stand in `triage` and `waivers`.

    see(actor, breaches)        opens what is new, refreshes what is known
    settle(actor, key, …)       closes the conditions that hold no more, of subjects that were really evaluated
    withdraw_policy(actor, key) closes the conditions of a policy that is switched off

All three are bulk (a thousand breaches in a few dozen statements), safe to repeat and safe for several workers at once:
whoever opens violations holds their series of numbers, and the database refuses a second one that stands.
Sightings that open nothing are no decision: they refresh counts and write no event (decision 0018).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from audit.domain import Change, Target
from audit.services import Entry, plain, record_many, unchanged, verb
from governance.domain.breaches import (
    LONGEST_NAME,
    MOST_BREACHES,
    SEVERITY_ORDER,
    Breach,
    Evidence,
    EvidenceKind,
    Key,
    Kind,
    SubjectKind,
    Tally,
    by_violation,
    problem_of,
    tallied,
)
from governance.domain.notices import NoticeKind
from governance.domain.states import STANDING, ViolationState, WaiverState
from governance.models import Violation, Waiver
from governance.services.belonging import Belonging, belongings
from governance.services.numbering import hold_series, take_numbers
from governance.services.telling import tell_owners
from kernel import clock
from kernel.actor import Actor, Permission
from kernel.canonical import canonical_json, sha256
from kernel.errors import Invalid

SERIES = "V"
TARGET = "governance.violation"
PERSONAL = frozenset({"reason", "subject_label"})
"""Fields whose values may name a person: the ledger keeps them apart."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a call of `see` made of its breaches: ids of violations opened, those that came back, and how many were known."""

    opened: tuple[uuid.UUID, ...]
    returned: tuple[uuid.UUID, ...]
    refreshed: int


@verb("governance.violation.see")
def see(actor: Actor, breaches: Sequence[Breach]) -> Seen:
    """Open or refresh the violations that these breaches are. At most MOST_BREACHES at once.

    Takes the right to work on violations in every unit concerned. Raises Invalid for a breach that cannot be kept; then
    nothing of the call is kept.
    """
    _require(actor, breaches)
    found = by_violation(breaches)
    if not found:
        unchanged()
        return Seen((), (), 0)
    if len(_standing_keys(found)) < len(found):
        hold_series(SERIES)  # before any row is locked: the same order for everybody
    known = _standing(found)
    returned = _refresh(actor, [(row, found[key]) for key, row in known.items()])
    opened = _open(actor, [several for key, several in found.items() if key not in known])
    if not opened and not returned:
        unchanged()
    tell_owners(NoticeKind.OPENED, opened)
    tell_owners(NoticeKind.RETURNED, returned)
    return Seen(
        tuple(row.pk for row in opened), tuple(row.pk for row in returned), len(known) - len(returned)
    )


@verb("governance.violation.settle")
def settle(
    actor: Actor,
    policy_key: str,
    subject_kind: SubjectKind | str,
    *,
    still: Collection[tuple[str, str]],
    evaluated: Collection[str],
    at: datetime | None = None,
) -> int:
    """Close the conditions of a policy that hold no more; returns how many.

    `evaluated` are the ids of subjects whose evaluation gave pass, fail or not applicable; leave out what was
    indeterminate. `still` are those that fail, as `Breach.holds` says it. `at` is the moment whose facts were evaluated
    (now): what has been seen later than that stays. Others stay as they are. Occurrences never close here.
    """
    subjects, holding = set(evaluated), set(still)
    rows = Violation.objects.filter(
        policy_key=policy_key,
        subject_kind=str(subject_kind),
        kind=Kind.CONDITION,
        state__in=STANDING,
        last_seen_at__lte=at or clock.now(),
    )
    over = [
        pk
        for pk, subject_id, reason in rows.values_list("pk", "subject_id", "reason")
        if subject_id in subjects and (subject_id, reason) not in holding
    ]
    return _close(actor, over, reason="")


@verb("governance.violation.withdraw_policy")
def withdraw_policy(actor: Actor, policy_key: str, *, reason: str) -> int:
    """Close the conditions of a policy that is switched off; returns how many. Occurrences stay: they have happened."""
    rows = Violation.objects.filter(policy_key=policy_key, kind=Kind.CONDITION, state__in=STANDING)
    return _close(actor, list(rows.values_list("pk", flat=True)), reason=reason)


def end_waivers(who: Actor, rows: Sequence[Violation]) -> None:
    """End what was asked or granted for violations that are closed or opened again. Called inside verbs."""
    waivers = list(
        Waiver.objects.select_for_update()
        .filter(violation__in=[row.pk for row in rows], state__in=[WaiverState.ASKED, WaiverState.GRANTED])
        .order_by("pk")
    )
    if not waivers:
        return
    units = {row.pk: row.unit_id for row in rows}
    entries = []
    for waiver in waivers:
        change = Change("state", str(waiver.state), WaiverState.ENDED.value)
        target = Target(
            "governance.waiver", str(waiver.pk), label=waiver.ref, unit_id=units[waiver.violation_id]
        )
        entries.append(Entry(target, (change,), action="governance.waiver.end"))
        waiver.state, waiver.ended_at = WaiverState.ENDED, clock.now()
        waiver.version += 1
    Waiver.objects.bulk_update(waivers, ["state", "ended_at", "version"], batch_size=250)
    record_many(who, entries)


def target_of(row: Violation) -> Target:
    """A violation as the ledger names it."""
    return Target(TARGET, str(row.pk), label=f"{row.ref} {row.subject_label}".strip(), unit_id=row.unit_id)


def _require(actor: Actor, breaches: Sequence[Breach]) -> None:
    if len(breaches) > MOST_BREACHES:
        raise Invalid(f"at most {MOST_BREACHES} breaches at once", code="too_many")
    for unit in {breach.unit_id for breach in breaches}:
        actor.require(Permission.VIOLATIONS_WORK, unit=unit)
    for breach in breaches:
        problem = problem_of(breach)
        if problem:
            raise Invalid(f"a breach of {breach.policy_key!r} cannot be kept: {problem}", code="bad_breach")


# ---- what is known


def _rows_of(found: Mapping[Key, Sequence[Breach]]) -> Any:
    keys = list(found)
    return Violation.objects.filter(
        state__in=STANDING,
        policy_key__in={key[0] for key in keys},
        subject_id__in={key[2] for key in keys},
    )


def _standing_keys(found: Mapping[Key, Sequence[Breach]]) -> set[Key]:
    rows = _rows_of(found).values_list("policy_key", "subject_kind", "subject_id", "reason")
    return {key for key in rows if key in found}


def _standing(found: Mapping[Key, Sequence[Breach]]) -> dict[Key, Violation]:
    """The violations that stand already, locked in the order of their ids."""
    rows = _rows_of(found).select_for_update().defer("facts", "sentence").order_by("pk")
    return {key: row for row in rows if (key := _key(row)) in found}


def _key(row: Violation) -> Key:
    return (row.policy_key, row.subject_kind, row.subject_id, row.reason)


# ---- refreshing


def _refresh(actor: Actor, pairs: Sequence[tuple[Violation, Sequence[Breach]]]) -> list[Violation]:
    """Bring counts and moments up to date; returns those that a person has to look at again."""
    entries, returned, moved = [], [], []
    for row, breaches in pairs:
        before = _state(row)
        if not _refreshed(row, breaches):
            continue
        moved.append(row)
        changes = _changes(before, _state(row))
        if changes:
            row.version += 1
            returned.append(row)
            entries.append(Entry(target_of(row), changes, action="governance.violation.return"))
    Violation.objects.bulk_update(
        moved,
        ["first_seen_at", "last_seen_at", "count", "evidence", "state", "state_at", "shadow", "version"],
        batch_size=250,
    )
    record_many(actor, entries)
    return returned


def _refreshed(row: Violation, breaches: Sequence[Breach]) -> bool:
    """Take over what was seen. False where it tells nothing new."""
    before = Tally(row.count, row.first_seen_at, row.last_seen_at, read_evidence(row.evidence))
    tally, latest = tallied(breaches, before), breaches[-1]
    if tally == before and row.shadow == latest.shadow:
        return False
    _take(row, tally)
    row.shadow = latest.shadow
    if row.state == ViolationState.RESOLVED and latest.seen_at > row.state_at:
        row.state, row.state_at = ViolationState.OPEN, clock.now()
    return True


def _take(row: Violation, tally: Tally) -> None:
    row.count, row.evidence = tally.count, _written(tally.evidence)
    row.first_seen_at = tally.first_at or row.first_seen_at
    row.last_seen_at = tally.last_at or row.last_seen_at


def _state(row: Violation) -> dict[str, Any]:
    return {"state": str(row.state), "shadow": row.shadow}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    return tuple(
        Change(path, before[path], after[path]) for path in sorted(after) if before[path] != after[path]
    )


# ---- opening


def _open(actor: Actor, found: Sequence[Sequence[Breach]]) -> list[Violation]:
    if not found:
        return []
    firsts = [breaches[0] for breaches in found]
    belongs, formers = belongings(firsts), _formers([breach.key for breach in firsts])
    rows = []
    for number, breaches in zip(take_numbers(SERIES, len(found)), found, strict=True):
        row = _new(breaches[-1], number, belongs[breaches[0].key], formers.get(breaches[0].key))
        _take(row, tallied(breaches))
        rows.append(row)
    Violation.objects.bulk_create(rows)
    record_many(
        actor,
        [Entry(target_of(row), _opening(row), PERSONAL, action="governance.violation.open") for row in rows],
    )
    return rows


def _new(breach: Breach, number: int, belongs: Belonging, former: uuid.UUID | None) -> Violation:
    now = clock.now()
    return Violation(
        number=number,
        policy_key=breach.policy_key,
        policy_version=breach.policy_version,
        policy_name=breach.policy_name,
        sentence=breach.sentence,
        severity=breach.severity.value,
        gravity=SEVERITY_ORDER[breach.severity],
        kind=breach.kind.value,
        shadow=breach.shadow,
        subject_kind=breach.subject_kind.value,
        subject_id=breach.subject_id,
        subject_label=breach.subject_label[:LONGEST_NAME],
        reason=breach.reason,
        system_id=belongs.system,
        deployment_id=belongs.deployment,
        unit_id=breach.unit_id,
        owner_id=belongs.owner,
        state=ViolationState.OPEN,
        state_at=now,
        opened_at=now,
        first_seen_at=breach.seen_at,
        last_seen_at=breach.seen_at,
        facts=plain(dict(breach.facts)),
        former_id=former,
    )


def _formers(keys: Sequence[Key]) -> dict[Key, uuid.UUID]:
    """The latest closed violation of each key. Two queries."""
    closed = (
        Violation.objects.exclude(state__in=STANDING)
        .filter(policy_key__in={key[0] for key in keys}, subject_id__in={key[2] for key in keys})
        .values_list("policy_key", "subject_kind", "subject_id", "reason")
        .annotate(latest=Max("number"))
        .order_by()
    )
    wanted = set(keys)
    latest = {number: tuple(key) for *key, number in closed if tuple(key) in wanted}
    if not latest:
        return {}
    ids = Violation.objects.filter(number__in=latest).values_list("number", "pk")
    return {latest[number]: pk for number, pk in ids}


def _opening(row: Violation) -> tuple[Change, ...]:
    """What the ledger keeps of a new violation; of its facts the digest, so that they can be proved unaltered."""
    told = {
        "ref": row.ref,
        "policy_key": row.policy_key,
        "policy_version": row.policy_version,
        "severity": row.severity,
        "kind": row.kind,
        "shadow": row.shadow,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "subject_label": row.subject_label,
        "reason": row.reason,
        "state": str(row.state),
        "owner": plain(row.owner_id),
        "former": plain(row.former_id),
        "facts_sha256": sha256(canonical_json(row.facts)).hex(),
    }
    return tuple(Change(path, None, value) for path, value in sorted(told.items()) if value not in (None, ""))


def read_evidence(stored: Sequence[Sequence[str]]) -> tuple[Evidence, ...]:
    """References as values."""
    return tuple(Evidence(EvidenceKind(kind), ref) for kind, ref in stored)


def _written(evidence: Sequence[Evidence]) -> list[list[str]]:
    return [[item.kind.value, item.ref] for item in evidence]


# ---- closing


def _close(actor: Actor, ids: Sequence[uuid.UUID], *, reason: str) -> int:
    rows = list(
        Violation.objects.select_for_update()
        .defer("facts", "sentence", "evidence")
        .filter(pk__in=ids, state__in=STANDING)
        .order_by("pk")
    )
    if not rows:
        unchanged()
        return 0
    for unit in {row.unit_id for row in rows}:
        actor.require(Permission.VIOLATIONS_WORK, unit=unit)
    now = clock.now()
    entries = []
    for row in rows:
        change = Change("state", str(row.state), ViolationState.CLOSED_BY_EVALUATION.value)
        entries.append(Entry(target_of(row), (change,), reason=reason, action="governance.violation.close"))
        row.state, row.state_at, row.closed_at = ViolationState.CLOSED_BY_EVALUATION, now, now
        row.version += 1
    Violation.objects.bulk_update(rows, ["state", "state_at", "closed_at", "version"], batch_size=250)
    record_many(actor, entries)
    end_waivers(actor, rows)
    return len(rows)
