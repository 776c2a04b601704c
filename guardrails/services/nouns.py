"""The nouns of this app, described as those of the register are."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from guardrails.models import GuardrailProfile, ProfileAssignment
from inventory.models.base import Kept
from inventory.services import nouns
from inventory.services.nouns import Blocker, Noun, UnitId
from kernel.actor import Permission


def open_assignments(profile_id: uuid.UUID) -> QuerySet[ProfileAssignment]:
    """Who goes by a profile now: assignments that hold, of deployments in use."""
    return ProfileAssignment.objects.filter(
        profile=profile_id,
        retired_at__isnull=True,
        valid_until__isnull=True,
        deployment__retired_at__isnull=True,
    )


def _units_of(row: GuardrailProfile) -> tuple[UnitId, ...]:
    """Who keeps the profile, and whose deployments go by it: changing it changes what is checked there."""
    if row._state.adding:
        return (row.unit_id,)
    units = open_assignments(row.pk).order_by().values_list("deployment__system__unit_id", flat=True)
    return (row.unit_id, *sorted(set(units), key=str))


def _blocking(profile_id: uuid.UUID) -> QuerySet[Kept]:
    return open_assignments(profile_id)


PROFILE = Noun(
    GuardrailProfile,
    "guardrails.profile",
    Permission.GUARDRAILS_MANAGE,
    _units_of,
    own_verbs=frozenset({"is_default"}),
    blockers=(Blocker(_("deployments"), _blocking),),
)
ASSIGNMENT = Noun(
    ProfileAssignment,
    "guardrails.profile_assignment",
    Permission.GUARDRAILS_MANAGE,
    lambda row: (row.deployment.system.unit_id,),
)
ALL: tuple[Noun[Any], ...] = (PROFILE, ASSIGNMENT)

for _noun in ALL:
    nouns.join(_noun)
