"""Holding the estate against the policies that are switched on.

One worker at a time (a lease on one row), everything read at once, one transaction per policy: its decisions, its run and
its violations say the same. A run that dies changes nothing that it did not finish, and the next one starts anew; running
twice changes nothing at all. No person decides here, so decisions are no events; violations that open or close are.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from governance.adapters.cel import ENGINE, ExpressionError
from governance.domain.breaches import LONGEST_NAME, Breach, Kind, Severity
from governance.domain.picking import pick
from governance.domain.policies import Counts, Judgement, Mode, Outcome, Subject, SubjectKind, Trigger
from governance.models import Decision, Policy, PolicyRun, PolicyWork
from governance.models.policies import LONGEST_WHY
from governance.queries import facts, news
from governance.queries.rules import Ready, definition_of, ready, rule_of
from governance.services import violations
from inventory.queries import unit_and_below
from kernel import clock
from kernel.actor import Actor, Channel, Source, system_actor
from kernel.canonical import canonical_json, sha256

log = logging.getLogger("governance.evaluation")

WORK = "policies"
LEASE = timedelta(minutes=6)
"""Longer than any task may run, so that a lease that has run out belongs to somebody who is gone."""
MOST_ROUNDS = 3
"""Rounds in one go while news keeps coming; then the clock asks again."""
MOST_RUNS = 2_000
"""Rows of runs kept per policy; each stands for all evaluations in a row that came to the same."""
CHUNK = 500


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one evaluation did: policies, subjects judged, and policies that could not be finished."""

    policies: int
    judged: int
    failed: tuple[str, ...] = ()


def evaluate_due(trigger: Trigger) -> list[Evaluated]:
    """Evaluate if there is anything to do and nobody is at it; again while the register changes meanwhile.

    The clock evaluates once a minute, less often where an evaluation takes longer than three seconds.
    """
    done: list[Evaluated] = []
    while len(done) < MOST_ROUNDS and news.due(WORK, trigger if not done else Trigger.REGISTER):
        outcome = evaluate(trigger)
        if outcome is None:
            break
        done.append(outcome)
    return done


def evaluate(trigger: Trigger) -> Evaluated | None:
    """Evaluate every policy that is switched on; None while another worker does."""
    lease = _take_lease()
    if lease is None:
        return None
    started, marks = time.monotonic(), news.marks()
    failed: tuple[str, ...] = ("evaluation",)
    try:
        outcome = _evaluate_all(trigger)
        failed = outcome.failed
        return outcome
    finally:
        _give_back(lease, marks, failed=failed, took_ms=int((time.monotonic() - started) * 1000))


def _take_lease() -> uuid.UUID | None:
    PolicyWork.objects.get_or_create(name=WORK)
    lease, now = uuid.uuid4(), clock.now()
    free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    taken = PolicyWork.objects.filter(free, name=WORK).update(lease=lease, leased_until=now + LEASE)
    return lease if taken else None


def _give_back(lease: uuid.UUID, marks: news.Marks, *, failed: Sequence[str], took_ms: int) -> None:
    """Free the row and say up to where everything was seen; after a failure nothing was."""
    fields: dict[str, object] = {"lease": None, "leased_until": None, "took_ms": took_ms}
    if failed:
        fields |= {"failed_because": ", ".join(failed)[:200], "failed_at": clock.now()}
    else:
        fields |= {
            "failed_because": "",
            "failed_at": None,
            "evaluated_at": clock.now(),
            "seen_event_at": marks.event_at,
            "seen_finding_ns": marks.finding_ns,
        }
    PolicyWork.objects.filter(name=WORK, lease=lease).update(**fields)


def _evaluate_all(trigger: Trigger) -> Evaluated:
    policies = list(Policy.objects.exclude(mode=Mode.OFF).filter(retired_at__isnull=True).order_by("slug"))
    if not policies:
        return Evaluated(0, 0)
    at, heard = clock.now(), facts.listen()
    subjects = {
        kind: facts.subjects(kind, heard)
        for kind in facts.READABLE & {SubjectKind(p.subject) for p in policies}
    }
    judged, failed = 0, []
    for policy in policies:
        try:
            judged += _evaluate(
                policy, _concerned(policy, subjects.get(SubjectKind(policy.subject), [])), trigger, at
            )
        except Exception:
            # One policy must not keep the others from being evaluated; it is named on the page until it succeeds.
            log.exception("evaluation.failed", extra={"policy": policy.slug})
            failed.append(policy.slug)
    return Evaluated(len(policies), judged, tuple(failed))


def _concerned(policy: Policy, subjects: Sequence[Subject]) -> list[Subject]:
    """The subjects of the policy's unit and those below; all of them for one without a unit."""
    if policy.unit_id is None:
        return list(subjects)
    within = unit_and_below(policy.unit_id)
    return [subject for subject in subjects if subject.unit_id in within]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A subject with what came of it and the facts that it rests on."""

    subject: Subject
    judgement: Judgement
    facts: Mapping[str, object]
    digest: str


def _evaluate(policy: Policy, subjects: Sequence[Subject], trigger: Trigger, at: datetime) -> int:
    found = _judge(policy, subjects)
    with transaction.atomic():
        current = Policy.objects.select_for_update().get(pk=policy.pk)
        if (current.version, current.mode) != (policy.version, policy.mode):
            return 0  # changed since it was read; its change rings again
        gone, handed = _keep_decisions(policy, found, at)
        _keep_run(policy, [one.judgement.outcome for one in found], trigger, at)
        _hand_over(policy, found, gone, handed, at)
    return len(found)


def _judge(policy: Policy, subjects: Sequence[Subject]) -> list[_Judged]:
    judge, reads = _judge_of(policy)
    found = []
    for subject in subjects:
        rests_on = pick(subject.facts, reads)
        digest = sha256(canonical_json(rests_on)).hex()
        found.append(_Judged(subject, judge(subject), rests_on, digest))
    return found


def _judge_of(policy: Policy) -> tuple[Callable[[Subject], Judgement], tuple[str, ...]]:
    """How subjects are judged. An expression that a newer engine refuses makes everything indeterminate, and says so."""
    try:
        program: Ready = ready(rule_of(definition_of(policy)))
    except ExpressionError:
        log.exception("evaluation.expression_refused", extra={"policy": policy.slug, "engine": ENGINE})
        return lambda _subject: Judgement(Outcome.INDETERMINATE, "expression"), ()
    return lambda subject: program.judge(subject.activation), program.reads


# ---- decisions


def _keep_decisions(
    policy: Policy, found: Sequence[_Judged], at: datetime
) -> tuple[list[str], dict[str, int | None]]:
    """Write what changed. Returns the subjects that are none any more, and up to when occurrences were handed over."""
    known = {row.subject_id: row for row in Decision.objects.filter(policy=policy)}
    handed = {subject_id: row.handed_ns for subject_id, row in known.items()}
    new, changed = [], []
    for one in found:
        row = known.pop(one.subject.id, None)
        if row is None:
            new.append(
                _decided(Decision(policy=policy, subject_id=one.subject.id, since=at), policy, one, at)
            )
        elif _differs(row, policy, one):
            changed.append(_decided(row, policy, one, at))
        elif _news(policy, one, row.handed_ns):
            row.handed_ns = one.subject.moment_ns
            changed.append(row)
    Decision.objects.bulk_create(new, batch_size=CHUNK)
    Decision.objects.bulk_update(changed, _WRITTEN, batch_size=CHUNK)
    gone = list(known)
    Decision.objects.filter(policy=policy, pk__in=[row.pk for row in known.values()]).delete()
    return gone, handed


_WRITTEN = [
    "subject_label", "unit_id", "outcome", "why", "facts_digest", "revision", "engine", "since", "decided_at", "handed_ns",
]  # fmt: skip


def _differs(row: Decision, policy: Policy, one: _Judged) -> bool:
    before = (
        row.outcome,
        row.why,
        row.facts_digest,
        row.revision,
        row.engine,
        row.subject_label,
        row.unit_id,
    )
    judgement, subject = one.judgement, one.subject
    after = (
        judgement.outcome.value,
        judgement.why[:LONGEST_WHY],
        one.digest,
        policy.revision,
        ENGINE,
        subject.label[:LONGEST_NAME],
        subject.unit_id,
    )
    return before != after


def _decided(row: Decision, policy: Policy, one: _Judged, at: datetime) -> Decision:
    if row.outcome != one.judgement.outcome.value:
        row.since = at
    if _news(policy, one, row.handed_ns):
        row.handed_ns = one.subject.moment_ns
    row.outcome, row.why = one.judgement.outcome.value, one.judgement.why[:LONGEST_WHY]
    row.subject_label, row.unit_id = one.subject.label[:LONGEST_NAME], one.subject.unit_id
    row.facts_digest, row.revision, row.engine, row.decided_at = one.digest, policy.revision, ENGINE, at
    return row


def _news(policy: Policy, one: _Judged, handed_ns: int | None) -> bool:
    """Whether something has happened that was not handed over yet: evidence that is newer than the last."""
    if policy.kind != Kind.OCCURRENCE or one.judgement.outcome is not Outcome.FAIL:
        return False
    moment = one.subject.moment_ns
    return moment is not None and (handed_ns is None or moment > handed_ns)


# ---- runs


def _keep_run(policy: Policy, outcomes: Sequence[Outcome], trigger: Trigger, at: datetime) -> None:
    counts = Counts.of(outcomes)
    numbers = {
        "population": counts.population,
        "passed": counts.passed,
        "failed": counts.failed,
        "indeterminate": counts.indeterminate,
        "not_applicable": counts.not_applicable,
    }
    same = {**numbers, "revision": policy.revision, "mode": policy.mode, "engine": ENGINE}
    latest = PolicyRun.objects.filter(policy=policy).order_by("-ended_at", "-pk").first()
    if latest is not None and all(getattr(latest, name) == value for name, value in same.items()):
        latest.ended_at, latest.trigger = at, trigger.value
        latest.evaluations += 1
        latest.save(update_fields=["ended_at", "trigger", "evaluations"])
        return
    PolicyRun.objects.create(policy=policy, trigger=trigger.value, began_at=at, ended_at=at, **same)
    kept = PolicyRun.objects.filter(policy=policy).order_by("-ended_at", "-pk")
    last = kept.values_list("ended_at", flat=True)[MOST_RUNS : MOST_RUNS + 1].first()
    if last is not None:
        PolicyRun.objects.filter(policy=policy, ended_at__lte=last).delete()


# ---- violations


def _hand_over(
    policy: Policy,
    found: Sequence[_Judged],
    gone: Sequence[str],
    handed: Mapping[str, int | None],
    at: datetime,
) -> None:
    """What does not hold becomes or stays a violation; conditions that hold again are settled."""
    actor = evaluator()
    failing = [one for one in found if one.judgement.outcome is Outcome.FAIL]
    if policy.kind == Kind.OCCURRENCE:
        failing = [one for one in failing if _news(policy, one, handed.get(one.subject.id))]
    breaches = [_breach(policy, one, at) for one in failing]
    for start in range(0, len(breaches), CHUNK):
        violations.see(actor, breaches[start : start + CHUNK])
    if policy.kind == Kind.CONDITION:
        evaluated = [one.subject.id for one in found if one.judgement.outcome is not Outcome.INDETERMINATE]
        violations.settle(
            actor,
            policy.slug,
            SubjectKind(policy.subject),
            still={breach.holds for breach in breaches},
            evaluated={*evaluated, *gone},
            at=at,
        )


def _breach(policy: Policy, one: _Judged, at: datetime) -> Breach:
    subject = one.subject
    happened = policy.kind == Kind.OCCURRENCE and subject.moment_ns is not None
    return Breach(
        policy_key=policy.slug,
        policy_version=policy.revision,
        policy_name=policy.name,
        severity=Severity(policy.severity),
        kind=Kind(policy.kind),
        subject_kind=subject.kind,
        subject_id=subject.id,
        subject_label=subject.label,
        unit_id=subject.unit_id,
        reason=policy.breach,
        seen_at=clock.from_ns(subject.moment_ns) if happened and subject.moment_ns is not None else at,
        facts=dict(one.facts),
        evidence=subject.evidence,
        shadow=policy.mode == Mode.SHADOW,
        sentence=policy.sentence,
        deployment_id=subject.deployment_id,
        system_id=subject.system_id,
    )


def evaluator() -> Actor:
    """Who opens and closes violations when policies are evaluated: the installation itself."""
    return system_actor(WORK, source=Source(channel=Channel.TASK))
