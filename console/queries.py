"""People and their rights, as values."""

from __future__ import annotations

import uuid

from console.models import RoleGrant, User
from inventory import queries as inventory_queries
from kernel.actor import Actor, ActorKind, Grant, Role, Source


def actor_for(user: User, *, source: Source) -> Actor:
    """The actor a person is, with each grant spread over the units below it. Two queries."""
    rows = RoleGrant.objects.filter(user=user).order_by("id")
    grants = tuple(_grant(row) for row in rows) if user.is_active else ()
    return Actor(
        kind=ActorKind.USER, id=str(user.pk), label=user.name, email=user.email, grants=grants, source=source
    )


def _grant(row: RoleGrant) -> Grant:
    units: frozenset[uuid.UUID] | None = None
    if row.unit_id is not None:
        units = inventory_queries.unit_and_below(row.unit_id)
    return Grant(role=Role(row.role), units=units, read_content=row.read_content)
