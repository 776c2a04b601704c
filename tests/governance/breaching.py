"""Breaches for tests: of the small estate, with the parts that a test names."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from console.models import User
from governance.domain.breaches import Breach, Kind, Severity, SubjectKind
from inventory import services as register
from kernel.actor import Actor, system_actor
from tests.cast import EVERYONE

MACHINE = system_actor("evaluation")
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def breach(subject: uuid.UUID | str = "somewhere", **parts: Any) -> Breach:
    """Confidential data on a public cloud, seen at noon, unless the test says otherwise."""
    plain = Breach(
        policy_key="confidential-not-on-public-cloud",
        policy_version=1,
        policy_name="Confidential data never on public cloud",
        severity=Severity.HIGH,
        kind=Kind.CONDITION,
        subject_kind=SubjectKind.DEPLOYMENT,
        subject_id=str(subject),
        subject_label="Radiology drafts",
        unit_id=None,
        reason="restricted data at a public cloud",
        seen_at=NOON,
        facts={"tier": "public_cloud", "classification": "restricted"},
    )
    return replace(plain, **parts)


def later(minutes: int) -> datetime:
    """So many minutes past noon."""
    return NOON + timedelta(minutes=minutes)


def accounts() -> dict[str, uuid.UUID]:
    """An account for everybody of the cast, under the id that their actor has; by address."""
    for person in EVERYONE:
        User.objects.create(pk=person.id, email=person.email, name=person.label)
    return {person.email: uuid.UUID(person.id) for person in EVERYONE}


def owned_by(system: uuid.UUID, owner: Actor) -> None:
    """Give a system its owner."""
    register.edit_system(MACHINE, system, version=None, owner=uuid.UUID(owner.id))
