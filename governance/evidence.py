"""What was demanded, broken, tolerated and approved, as evidence: each row as it stood at a moment."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _

from audit import evidence
from audit.evidence import Dataset
from audit.evidence.rows import Kept
from governance.models import Approval, Budget, Policy, Violation, Waiver
from governance.queries.budgets import unit_of
from governance.services.approvals import TARGET as APPROVAL
from governance.services.violations import TARGET as VIOLATION
from governance.services.waivers import TARGET as WAIVER
from kernel.actor import Actor, Permission

_COUNTED = "last_seen_at and count are those of today: evaluations refresh them without an event"


def register_all() -> None:
    """Called once, when the app is ready."""
    version = frozenset({"version"})
    made = frozenset({"version", "created_at", "updated_at"})
    for order, (name, title, kept) in enumerate(
        (
            (
                "governance.policies",
                _("Policies"),
                Kept(Policy, "governance.policy", "created_at", _sees_policy, made),
            ),
            (
                "governance.violations",
                _("Violations"),
                Kept(Violation, VIOLATION, "opened_at", _sees_violation, version | {"gravity"}, (_COUNTED,)),
            ),
            (
                "governance.waivers",
                _("Waivers"),
                Kept(Waiver, WAIVER, "asked_at", _sees_waiver, version),
            ),
            (
                "governance.approvals",
                _("Approvals"),
                Kept(Approval, APPROVAL, "asked_at", _sees_approval, version),
            ),
            (
                "governance.budgets",
                _("Budgets"),
                Kept(Budget, "governance.budget", "created_at", _sees_budget, made),
            ),
        ),
        start=70,
    ):
        evidence.register(Dataset(name, title, Permission.REGISTER_READ, kept.read, order=order))


def _reads(actor: Actor, unit: uuid.UUID | None) -> bool:
    return actor.may(Permission.REGISTER_READ, unit=unit)


def _sees_policy(actor: Actor, row: Any) -> bool:
    return row.unit_id is None or _reads(actor, row.unit_id)


def _sees_violation(actor: Actor, row: Any) -> bool:
    return _reads(actor, row.unit_id)


def _sees_waiver(actor: Actor, row: Any) -> bool:
    return _reads(actor, row.violation.unit_id)


def _sees_approval(actor: Actor, row: Any) -> bool:
    system = row.system or row.deployment.system
    return _reads(actor, system.unit_id)


def _sees_budget(actor: Actor, row: Any) -> bool:
    return _reads(actor, unit_of(row))
