"""Whose a new violation is: on which pages of the register it belongs, and who owns it by default."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance.domain.breaches import Breach, Key, SubjectKind
from inventory.models import Deployment, System


@dataclass(frozen=True, slots=True)
class Belonging:
    """System and deployment of a violation, and the owner that the register names. None is nobody, and is said."""

    system: uuid.UUID | None = None
    deployment: uuid.UUID | None = None
    owner: uuid.UUID | None = None


def belongings(breaches: Sequence[Breach]) -> dict[Key, Belonging]:
    """For each breach, by its key. Two queries. The deputy stands in where a system has no owner."""
    deployments = {
        breach.key: _named(breach, SubjectKind.DEPLOYMENT, breach.deployment_id) for breach in breaches
    }
    of_deployment = dict(
        Deployment.objects.filter(pk__in={pk for pk in deployments.values() if pk}).values_list(
            "pk", "system_id"
        )
    )
    systems = {
        breach.key: _named(breach, SubjectKind.SYSTEM, breach.system_id)
        or of_deployment.get(deployments[breach.key] or uuid.UUID(int=0))
        for breach in breaches
    }
    owners = _owners({pk for pk in systems.values() if pk})
    return {
        breach.key: _belonging(systems[breach.key], deployments[breach.key], of_deployment, owners)
        for breach in breaches
    }


def _owners(systems: set[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Who answers for each system: the owner, else the deputy, of those whose account is open."""
    rows = System.objects.filter(pk__in=systems).values_list(
        "pk", "owner_id", "owner__is_active", "deputy_id", "deputy__is_active"
    )
    return {
        pk: owner if owner and owner_there else deputy if deputy and deputy_there else None
        for pk, owner, owner_there, deputy, deputy_there in rows
    }


def _belonging(
    system: uuid.UUID | None,
    deployment: uuid.UUID | None,
    of_deployment: Mapping[uuid.UUID, uuid.UUID],
    owners: Mapping[uuid.UUID, uuid.UUID | None],
) -> Belonging:
    """What is not on the register is left out: a subject may be gone, or never have been there."""
    known_system = system if system in owners else None
    return Belonging(
        system=known_system,
        deployment=deployment if deployment in of_deployment else None,
        owner=owners[known_system] if known_system else None,
    )


def _named(breach: Breach, kind: SubjectKind, given: uuid.UUID | None) -> uuid.UUID | None:
    if given is not None or breach.subject_kind is not kind:
        return given
    try:
        return uuid.UUID(breach.subject_id)
    except ValueError:
        return None
