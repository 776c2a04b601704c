"""Verbs on deployments: where they are placed, what they use, on which data they work."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypedDict, Unpack

from audit.services import verb
from inventory.domain.states import DEPLOYMENT_STEPS
from inventory.domain.words import Basis, BindingPurpose, DeploymentState, UseRole
from inventory.services.nouns import BINDING, DEPLOYMENT, PLACEMENT, USE
from inventory.services.writing import change, end, insert, move, retire
from kernel.actor import Actor


class DeploymentFields(TypedDict, total=False):
    name: str
    slug: str
    system: uuid.UUID
    environment: str
    capture_mode: str
    retention_class: str
    expected_count: int | None
    calendar: str
    note: str


@verb("inventory.deployment.register")
def register_deployment(
    actor: Actor,
    *,
    state: DeploymentState = DeploymentState.PLANNED,
    reason: str = "",
    **fields: Unpack[DeploymentFields],
) -> uuid.UUID:
    """Say that a system runs, or will run, in an environment. The slug is what its senders claim."""
    return insert(DEPLOYMENT, actor, {**fields, "state": state.value}, reason=reason).pk


@verb("inventory.deployment.edit")
def edit_deployment(
    actor: Actor,
    deployment_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[DeploymentFields],
) -> int:
    """Change a deployment; returns the new version. A new capture mode holds from the next batch on."""
    return change(DEPLOYMENT, actor, deployment_id, fields, version=version, reason=reason).version


@verb("inventory.deployment.move")
def move_deployment(
    actor: Actor, deployment_id: uuid.UUID, *, to: DeploymentState, version: int | None, reason: str = ""
) -> int:
    """Start, pause or resume a deployment, by the table of permitted steps; returns the new version."""
    return move(
        DEPLOYMENT, actor, deployment_id, to=to.value, table=DEPLOYMENT_STEPS, version=version, reason=reason
    ).version


@verb("inventory.deployment.retire")
def retire_deployment(actor: Actor, deployment_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a deployment out of use for good. Its senders stay explained; its keys must be revoked before."""
    return retire(DEPLOYMENT, actor, deployment_id, version=version, reason=reason).version


@verb("inventory.placement.begin")
def place_deployment(
    actor: Actor,
    *,
    deployment: uuid.UUID,
    site: uuid.UUID | None = None,
    fleet: uuid.UUID | None = None,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a deployment is at a site, or in a fleet."""
    fields = {"deployment": deployment, "site": site, "fleet": fleet, "valid_from": valid_from}
    return insert(PLACEMENT, actor, fields, reason=reason).pk


@verb("inventory.placement.end")
def end_placement(
    actor: Actor,
    placement_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a deployment was there."""
    return end(PLACEMENT, actor, placement_id, at=at, version=version, reason=reason).version


@verb("inventory.deployment_use.begin")
def use_endpoint(
    actor: Actor,
    *,
    deployment: uuid.UUID,
    endpoint: uuid.UUID,
    role: UseRole = UseRole.GENERATION,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a deployment uses an endpoint, in a role."""
    fields = {"deployment": deployment, "endpoint": endpoint, "role": role.value, "valid_from": valid_from}
    return insert(USE, actor, fields, reason=reason).pk


@verb("inventory.deployment_use.end")
def end_use(
    actor: Actor,
    use_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a deployment used an endpoint."""
    return end(USE, actor, use_id, at=at, version=version, reason=reason).version


@verb("inventory.binding.begin")
def bind_dataset(
    actor: Actor,
    *,
    deployment: uuid.UUID,
    dataset_version: uuid.UUID,
    purpose: BindingPurpose,
    basis: Basis = Basis.DECLARED,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a deployment works with a dataset version, for a purpose."""
    fields = {
        "deployment": deployment,
        "dataset_version": dataset_version,
        "purpose": purpose.value,
        "basis": basis.value,
        "valid_from": valid_from,
    }
    return insert(BINDING, actor, fields, reason=reason).pk


@verb("inventory.binding.end")
def end_binding(
    actor: Actor,
    binding_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a deployment worked with a dataset version."""
    return end(BINDING, actor, binding_id, at=at, version=version, reason=reason).version
