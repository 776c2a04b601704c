"""Verbs on AI systems and on the legal entities that answer for them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.states import SYSTEM_STEPS
from inventory.domain.words import EntityRole, RiskClass, SystemState
from inventory.services.nouns import SYSTEM, SYSTEM_ROLE
from inventory.services.writing import change, end, insert, move, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class SystemFields(TypedDict, total=False):
    name: str
    slug: str
    purpose: str
    business_process: str
    owner: uuid.UUID | None
    deputy: uuid.UUID | None
    unit: uuid.UUID | None
    persons_affected: list[str]
    persons_estimate: int | None
    interacts_with_persons: bool | None
    decision_impact: str


@verb("inventory.system.register")
def register_system(actor: Actor, *, reason: str = "", **fields: Unpack[SystemFields]) -> uuid.UUID:
    """Put a use of AI on the register. It begins as proposed and not yet classified."""
    return insert(SYSTEM, actor, fields, reason=reason).pk


@verb("inventory.system.edit")
def edit_system(
    actor: Actor,
    system_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[SystemFields],
) -> int:
    """Change what is said of a system; returns the new version. Its class and state have verbs of their own."""
    return change(SYSTEM, actor, system_id, fields, version=version, reason=reason).version


@verb("inventory.system.classify")
def classify_system(
    actor: Actor,
    system_id: uuid.UUID,
    *,
    risk_class: RiskClass,
    annex_iii_points: Sequence[str] = (),
    reason: str,
    version: int | None,
) -> int:
    """Give a system its risk class and say why; returns the new version.

    `annex_iii_points` such as `5(c)` belong to high risk alone. Raises Invalid for a class without a reason.
    """
    if not reason.strip():
        problem = _("Say why the system has this class.")
        raise Invalid(problem, code="reason_missing", fields={"reason": [problem]})
    if annex_iii_points and risk_class is not RiskClass.HIGH:
        problem = _("Annex III points go with the class “high risk” alone.")
        raise Invalid(problem, fields={"annex_iii_points": [problem]})
    fields = {
        "risk_class": risk_class.value,
        "annex_iii_points": list(annex_iii_points),
        "risk_reason": reason,
    }
    return change(
        SYSTEM, actor, system_id, fields, version=version, reason=reason, allow_own_verbs=True
    ).version


@verb("inventory.system.move")
def move_system(
    actor: Actor, system_id: uuid.UUID, *, to: SystemState, version: int | None, reason: str = ""
) -> int:
    """Bring a system into another state, by the table of permitted steps; returns the new version."""
    return move(
        SYSTEM, actor, system_id, to=to.value, table=SYSTEM_STEPS, version=version, reason=reason
    ).version


@verb("inventory.system.retire")
def retire_system(actor: Actor, system_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a system out of use for good, once its deployments are retired."""
    return retire(SYSTEM, actor, system_id, version=version, reason=reason).version


@verb("inventory.system_role.assign")
def assign_role(
    actor: Actor,
    *,
    system: uuid.UUID,
    entity: uuid.UUID,
    role: EntityRole,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a legal entity is provider, deployer, controller… of a system."""
    fields = {"system": system, "entity": entity, "role": role.value, "valid_from": valid_from}
    return insert(SYSTEM_ROLE, actor, fields, reason=reason).pk


@verb("inventory.system_role.end")
def end_role(
    actor: Actor,
    role_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a legal entity had its role; returns the new version."""
    return end(SYSTEM_ROLE, actor, role_id, at=at, version=version, reason=reason).version
