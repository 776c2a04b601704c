"""What a policy would say of the estate as it is now, without keeping anything: before it is switched on, while it is written."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from governance.domain.policies import Counts, Judgement, Outcome, Rule
from governance.queries import facts
from governance.queries.rules import ready
from inventory.queries import unit_and_below
from kernel.actor import Actor, Permission

MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A subject and what would come of it."""

    subject_id: str
    label: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """All counts, and the subjects that would not hold or cannot be told, the failing ones first."""

    counts: Counts
    shown: tuple[Rehearsed, ...]


def rehearse(actor: Actor, rule: Rule, *, unit: uuid.UUID | None = None) -> Rehearsal:
    """Hold the subjects that the actor may see against a rule. Raises ExpressionError."""
    actor.require_somewhere(Permission.REGISTER_READ)
    program = ready(rule)
    if rule.subject not in facts.READABLE:
        return Rehearsal(Counts(), ())
    units = actor.units(Permission.REGISTER_READ)
    within = unit_and_below(unit) if unit is not None else None
    judged = [
        Rehearsed(subject.id, subject.label, program.judge(subject.activation))
        for subject in facts.subjects(rule.subject, facts.listen())
        if (units is None or subject.unit_id in units) and (within is None or subject.unit_id in within)
    ]
    told = [one for one in judged if one.judgement.outcome in {Outcome.FAIL, Outcome.INDETERMINATE}]
    told.sort(key=lambda one: one.judgement.outcome is not Outcome.FAIL)
    return Rehearsal(Counts.of([one.judgement.outcome for one in judged]), tuple(told[:MOST_SHOWN]))
