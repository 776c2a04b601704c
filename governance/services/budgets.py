"""Verbs on budgets, and their evaluation: thresholds that are reached are violations."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from governance.domain.breaches import Breach, Kind, Severity, SubjectKind
from governance.domain.budgets import EXCEEDED
from governance.domain.policies import Mode
from governance.models import Budget, Policy
from governance.queries import budgets as queries
from governance.queries.budgets import BudgetState, unit_of
from governance.services import violations
from inventory.services.nouns import Noun
from inventory.services.writing import change, insert, retire
from kernel.actor import Actor, Channel, Permission, Source, system_actor

THRESHOLD_KEY = "budget-threshold"
KEPT_KEY = "budget-kept"
"""The policy of the starter set that speaks of exceeded budgets; while it is in force, thresholds leave that to it."""


BUDGET = Noun(Budget, "governance.budget", Permission.PRICES_MANAGE, lambda row: (unit_of(row),))


class BudgetFields(TypedDict, total=False):
    name: str
    slug: str
    scope: str
    unit: uuid.UUID | None
    system: uuid.UUID | None
    deployment: uuid.UUID | None
    entity: uuid.UUID | None
    site: uuid.UUID | None
    tier: str
    amount: Decimal
    currency: str
    thresholds: list[int]
    owner: uuid.UUID | None
    note: str


@verb("governance.budget.register")
def register_budget(actor: Actor, *, reason: str = "", **fields: Unpack[BudgetFields]) -> uuid.UUID:
    """Bound what may be spent in a month on what the scope names."""
    return insert(BUDGET, actor, fields, reason=reason).pk


@verb("governance.budget.edit")
def edit_budget(
    actor: Actor,
    budget_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[BudgetFields],
) -> int:
    """Change a budget; returns the new version. The month that runs is held against the new amount."""
    return change(BUDGET, actor, budget_id, fields, version=version, reason=reason).version


@verb("governance.budget.retire")
def retire_budget(actor: Actor, budget_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Give a budget up. Violations that it opened close with the next evaluation."""
    return retire(BUDGET, actor, budget_id, version=version, reason=reason).version


def evaluate_budgets() -> int:
    """Hold every budget against the month so far; returns how many thresholds are reached.

    The highest threshold that is reached is a violation, and closes when the month is over or the amount was raised. A
    budget whose spending is not known (no exchange rate) closes nothing.
    """
    states = queries.budget_states()
    actor = system_actor("budgets", source=Source(channel=Channel.TASK))
    found = [breach for state in states if (breach := _breach(state, leave=_left_to_policy())) is not None]
    for start in range(0, len(found), CHUNK):
        violations.see(actor, found[start : start + CHUNK])
    _settle(actor, states, found)
    return len(found)


CHUNK = 500


def _settle(actor: Actor, states: Sequence[BudgetState], found: Sequence[Breach]) -> None:
    known = {str(state.row.id) for state in states if state.spent_per_mille is not None}
    gone = {str(pk) for pk in Budget.objects.filter(retired_at__isnull=False).values_list("pk", flat=True)}
    violations.settle(
        actor,
        THRESHOLD_KEY,
        SubjectKind.BUDGET,
        still={breach.holds for breach in found},
        evaluated=known | gone,
    )


def _left_to_policy() -> bool:
    return Policy.objects.filter(slug=KEPT_KEY, mode=Mode.IN_FORCE, retired_at__isnull=True).exists()


def _breach(state: BudgetState, *, leave: bool) -> Breach | None:
    threshold = state.reached
    if threshold is None or (leave and threshold >= EXCEEDED):
        return None
    row = state.row
    return Breach(
        policy_key=THRESHOLD_KEY,
        policy_version=1,
        policy_name=_("Budget thresholds"),
        severity=_severity(threshold),
        kind=Kind.CONDITION,
        subject_kind=SubjectKind.BUDGET,
        subject_id=str(row.id),
        subject_label=row.name,
        unit_id=row.unit_id,
        reason=_("%(month)s: %(threshold)s %% of the amount are spent")
        % {"month": state.month, "threshold": threshold},
        seen_at=state.at,
        facts=state.facts,
        sentence=_("Whoever answers for a budget learns when a threshold of it is reached."),
        deployment_id=row.scope_id if row.scope == "deployment" else None,
        system_id=row.scope_id if row.scope == "system" else None,
    )


def _severity(threshold: int) -> Severity:
    if threshold >= EXCEEDED:
        return Severity.HIGH
    return Severity.MEDIUM if threshold >= 80 else Severity.LOW
