"""The simple form with its data: the register's own verbs, one after another, in one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from audit.domain import Outcome, Target
from audit.services import record
from inventory import queries, services
from inventory.forms.simple import DataGiven, NewData
from kernel.actor import Actor
from kernel.errors import Forbidden

FIRST_VERSION = "1"
ACTION = "inventory.simple.register"


def register(actor: Actor, *, data: DataGiven | None, **fields: Any) -> services.Registered:
    """Register a system, and bind the data that was named to its deployment: all of it, or nothing.

    Raises Invalid, Forbidden or Conflict. A refusal is on record after the rollback, as with a single verb.
    """
    if data is None:
        return services.register_simple(actor, **fields)
    try:
        with transaction.atomic():
            made = services.register_simple(actor, **fields)
            _bind(actor, data, made)
    except Forbidden as refusal:
        _refused(actor, refusal)
        raise
    return made


def _bind(actor: Actor, data: DataGiven, made: services.Registered) -> None:
    named = data.version
    services.bind_dataset(
        actor,
        deployment=made.deployment,
        dataset_version=_new(actor, named, made) if isinstance(named, NewData) else named,
        purpose=data.purpose,
    )


def _new(actor: Actor, data: NewData, made: services.Registered) -> Any:
    unit = queries.system_detail(actor, made.system).row.unit
    dataset = services.register_dataset(actor, name=data.name, unit=unit.id if unit else None)
    return services.register_dataset_version(
        actor,
        dataset=dataset,
        label=FIRST_VERSION,
        classification=data.classification,
        personal_data=data.personal_data,
        special_categories=list(data.special_categories),
    )


def _refused(actor: Actor, refusal: Forbidden) -> None:
    """What the verbs wrote of their refusal went with the rollback; the attempt itself must not."""
    with transaction.atomic():
        record(
            actor,
            target=Target(type="permission", id=refusal.code),
            reason=str(refusal),
            action=ACTION,
            outcome=Outcome.DENIED,
        )
