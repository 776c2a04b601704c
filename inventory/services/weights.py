"""Verbs on models, their versions, and how one came from another."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.graphs import closes_circle
from inventory.domain.states import MODEL_STEPS
from inventory.domain.words import Descent, ModelState
from inventory.models import ModelRelation
from inventory.services.nouns import MODEL, MODEL_RELATION, MODEL_TRAINING, MODEL_VERSION
from inventory.services.writing import change, end, insert, move, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class ModelFields(TypedDict, total=False):
    name: str
    slug: str
    provider: uuid.UUID | None
    provider_name: str
    family: str
    kind: str
    note: str


class ModelVersionFields(TypedDict, total=False):
    model: uuid.UUID
    label: str
    modalities_in: list[str]
    modalities_out: list[str]
    parameters: int | None
    licence: str
    quantisation: str
    digest: str
    aliases: list[str]
    note: str


@verb("inventory.model.register")
def register_model(actor: Actor, *, reason: str = "", **fields: Unpack[ModelFields]) -> uuid.UUID:
    """Put a model on the register, under the name its provider gives it."""
    return insert(MODEL, actor, fields, reason=reason).pk


@verb("inventory.model.edit")
def edit_model(
    actor: Actor, model_id: uuid.UUID, *, version: int | None, reason: str = "", **fields: Unpack[ModelFields]
) -> int:
    """Change a model; returns the new version of the row."""
    return change(MODEL, actor, model_id, fields, version=version, reason=reason).version


@verb("inventory.model.retire")
def retire_model(actor: Actor, model_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a model out of use whose versions are retired."""
    return retire(MODEL, actor, model_id, version=version, reason=reason).version


@verb("inventory.model_version.register")
def register_model_version(
    actor: Actor, *, reason: str = "", **fields: Unpack[ModelVersionFields]
) -> uuid.UUID:
    """Add a release of a model, with the names under which telemetry speaks of it."""
    return insert(MODEL_VERSION, actor, fields, reason=reason).pk


@verb("inventory.model_version.edit")
def edit_model_version(
    actor: Actor,
    model_version_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[ModelVersionFields],
) -> int:
    """Change a model version; returns the new version of the row."""
    return change(MODEL_VERSION, actor, model_version_id, fields, version=version, reason=reason).version


@verb("inventory.model_version.move")
def move_model_version(
    actor: Actor, model_version_id: uuid.UUID, *, to: ModelState, version: int | None, reason: str = ""
) -> int:
    """Approve, restrict, block or deprecate a model version, by the table of permitted steps."""
    return move(
        MODEL_VERSION, actor, model_version_id, to=to.value, table=MODEL_STEPS, version=version, reason=reason
    ).version


@verb("inventory.model_version.retire")
def retire_model_version(
    actor: Actor, model_version_id: uuid.UUID, *, version: int | None, reason: str
) -> int:
    """Take a model version out of use that no endpoint serves any more."""
    return retire(MODEL_VERSION, actor, model_version_id, version=version, reason=reason).version


@verb("inventory.model_relation.relate")
def relate_model_versions(
    actor: Actor, *, child: uuid.UUID, parent: uuid.UUID, descent: Descent, reason: str = ""
) -> uuid.UUID:
    """Say how a model version came from another one. Raises Invalid where it would descend from itself."""
    edges = ModelRelation.objects.filter(retired_at__isnull=True).values_list("child_id", "parent_id")
    if closes_circle(edges, (child, parent)):
        problem = _("A model version cannot come from itself, not even through others.")
        raise Invalid(problem, code="circle", fields={"parent": [problem]})
    fields = {"child": child, "parent": parent, "descent": descent.value}
    return insert(MODEL_RELATION, actor, fields, reason=reason).pk


@verb("inventory.model_relation.withdraw")
def withdraw_model_relation(
    actor: Actor, relation_id: uuid.UUID, *, version: int | None = None, reason: str
) -> int:
    """Take back a descent that was said in error."""
    return retire(MODEL_RELATION, actor, relation_id, version=version, reason=reason).version


@verb("inventory.model_training.add")
def add_training(
    actor: Actor,
    *,
    model_version: uuid.UUID,
    dataset_version: uuid.UUID,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a model version was trained on a dataset version."""
    fields = {"model_version": model_version, "dataset_version": dataset_version, "valid_from": valid_from}
    return insert(MODEL_TRAINING, actor, fields, reason=reason).pk


@verb("inventory.model_training.end")
def end_training(
    actor: Actor,
    training_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a model version was trained on a dataset version."""
    return end(MODEL_TRAINING, actor, training_id, at=at, version=version, reason=reason).version
