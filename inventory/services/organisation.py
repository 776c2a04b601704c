"""Verbs on units and legal entities."""

from __future__ import annotations

import uuid
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.graphs import closes_circle
from inventory.models import Unit
from inventory.services.nouns import ENTITY, UNIT
from inventory.services.writing import change, insert, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class UnitFields(TypedDict, total=False):
    name: str
    slug: str
    parent: uuid.UUID | None


class EntityFields(TypedDict, total=False):
    name: str
    slug: str
    country: str
    registration: str
    is_own: bool
    website: str
    contact: str
    note: str


@verb("inventory.unit.register")
def register_unit(actor: Actor, *, reason: str = "", **fields: Unpack[UnitFields]) -> uuid.UUID:
    """Add a part of the organisation. Under a parent it takes the right there, at the top the right over all."""
    return insert(UNIT, actor, fields, reason=reason).pk


@verb("inventory.unit.edit")
def edit_unit(
    actor: Actor, unit_id: uuid.UUID, *, version: int | None, reason: str = "", **fields: Unpack[UnitFields]
) -> int:
    """Rename or move a unit; returns the new version. Roles given above and below follow the tree."""
    _refuse_circle(unit_id, fields.get("parent"))
    if "parent" in fields:
        _require_new_parent(actor, unit_id, fields["parent"])
    return change(UNIT, actor, unit_id, fields, version=version, reason=reason).version


@verb("inventory.unit.retire")
def retire_unit(actor: Actor, unit_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Close a unit that nothing belongs to any more."""
    return retire(UNIT, actor, unit_id, version=version, reason=reason).version


@verb("inventory.entity.register")
def register_entity(actor: Actor, *, reason: str = "", **fields: Unpack[EntityFields]) -> uuid.UUID:
    """Add a legal entity: one of our own companies, a vendor, an operator."""
    return insert(ENTITY, actor, fields, reason=reason).pk


@verb("inventory.entity.edit")
def edit_entity(
    actor: Actor,
    entity_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[EntityFields],
) -> int:
    """Change a legal entity; returns the new version."""
    return change(ENTITY, actor, entity_id, fields, version=version, reason=reason).version


@verb("inventory.entity.retire")
def retire_entity(actor: Actor, entity_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a legal entity out of use that has no duties, models, sites or endpoints any more."""
    return retire(ENTITY, actor, entity_id, version=version, reason=reason).version


def _refuse_circle(unit_id: uuid.UUID, parent_id: uuid.UUID | None) -> None:
    if parent_id is None:
        return
    edges = Unit.objects.filter(parent__isnull=False).values_list("id", "parent_id")
    if closes_circle(((child, parent) for child, parent in edges if parent), (unit_id, parent_id)):
        problem = _("A unit cannot lie below itself.")
        raise Invalid(problem, code="circle", fields={"parent": [problem]})


def _require_new_parent(actor: Actor, unit_id: uuid.UUID, parent_id: uuid.UUID | None) -> None:
    """Moving a unit moves the reach of roles: it takes the right at the new place as well as in the unit."""
    if Unit.objects.filter(pk=unit_id).exclude(parent=parent_id).exists():
        actor.require(UNIT.permission, unit=parent_id)
