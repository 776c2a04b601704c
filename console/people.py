"""Reading people and their roles, as values for the pages that administer them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from console.models import ROLE_LABELS, RoleGrant, User
from inventory.models import Unit
from kernel.actor import Actor, Permission, Role
from kernel.errors import NotFound
from ui.sources import QuerySetSource
from ui.text import Text


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody holds, and where. No unit means the whole organisation."""

    id: uuid.UUID
    role: Role
    unit: str | None
    read_content: bool

    @property
    def label(self) -> Text:
        return ROLE_LABELS[self.role]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account."""

    id: uuid.UUID
    name: str
    email: str
    active: bool
    created_at: datetime
    last_sign_in: datetime | None
    roles: tuple[HeldRole, ...]


def person(actor: Actor, person_id: uuid.UUID) -> Person:
    """One person. Raises Forbidden without the right to manage people, NotFound when there is none."""
    actor.require_somewhere(Permission.PEOPLE_MANAGE)
    row = _people().filter(pk=person_id).first()
    if row is None:
        raise NotFound(_("There is no such person."))
    return _value(row)


def source(actor: Actor) -> QuerySetSource[User, Person]:
    """Everybody, for the list. Raises Forbidden without the right to manage people."""
    actor.require_somewhere(Permission.PEOPLE_MANAGE)
    return QuerySetSource(
        _people(),
        value=_value,
        filters={"q": _named, "role": _holding, "active": lambda rows, wanted: rows.filter(is_active=wanted)},
        orders={"name": ("name",), "email": ("email",), "last": ("last_login",)},
    )


def grantable_units(actor: Actor) -> list[tuple[str, str]]:
    """The units for which the actor may give roles, as choices."""
    units = actor.units(Permission.PEOPLE_MANAGE)
    rows = Unit.objects.order_by("name")
    if units is not None:
        rows = rows.filter(pk__in=units)
    return [(str(row.pk), row.name) for row in rows]


def _people() -> QuerySet[User]:
    grants = RoleGrant.objects.select_related("unit").order_by("role", "granted_at")
    return User.objects.prefetch_related(Prefetch("grants", queryset=grants))


def _named(rows: QuerySet[User], text: str) -> QuerySet[User]:
    return rows.filter(Q(name__icontains=text) | Q(email__icontains=text))


def _holding(rows: QuerySet[User], roles: Any) -> QuerySet[User]:
    return rows.filter(pk__in=RoleGrant.objects.filter(role__in=roles).values("user_id"))


def _value(row: User) -> Person:
    return Person(
        id=row.pk,
        name=row.name,
        email=row.email,
        active=row.is_active,
        created_at=row.created_at,
        last_sign_in=row.last_login,
        roles=tuple(
            HeldRole(grant.pk, Role(grant.role), grant.unit.name if grant.unit else None, grant.read_content)
            for grant in row.grants.all()
        ),
    )
