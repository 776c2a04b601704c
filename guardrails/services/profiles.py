"""Verbs on guardrail profiles: what is checked, how often, from which score on, and where."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import unchanged, verb
from guardrails.domain.checks import Check
from guardrails.domain.profiles import DEFAULT_PROFILE, Profile
from guardrails.domain.rules import rechecks
from guardrails.models import GuardrailProfile, ProfileAssignment, Recheck
from guardrails.services.nouns import ASSIGNMENT, PROFILE
from inventory.services import writing
from kernel import clock
from kernel.actor import Actor
from kernel.errors import Conflict

DEFAULT_NAME = "Standard"
"""A name in English and in French; the organisation may give it another one."""


class ProfileFields(TypedDict, total=False):
    name: str
    slug: str
    unit: uuid.UUID | None
    personal_data_enabled: bool
    personal_data_sampling: int
    personal_data_threshold: int
    secrets_enabled: bool
    secrets_sampling: int
    secrets_threshold: int
    groundedness_enabled: bool
    groundedness_sampling: int
    note: str


@verb("guardrails.profile.ensure_default")
def ensure_default_profile(actor: Actor) -> uuid.UUID:
    """The profile of whoever has none of their own; made on first use, with every check on everything."""
    found = GuardrailProfile.objects.filter(is_default=True).first()
    if found is not None:
        unchanged()
        return found.pk
    return writing.insert(PROFILE, actor, {"name": DEFAULT_NAME, "is_default": True}).pk


@verb("guardrails.profile.make")
def make_profile(actor: Actor, *, reason: str = "", **fields: Unpack[ProfileFields]) -> uuid.UUID:
    """Make a profile. Sampling is of 1,000, thresholds are thousandths. It changes nothing until it is assigned."""
    return writing.insert(PROFILE, actor, fields, reason=reason).pk


@verb("guardrails.profile.edit")
def edit_profile(
    actor: Actor,
    profile_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[ProfileFields],
) -> int:
    """Change a profile for everybody who goes by it; returns the new version.

    The actor needs the right in the unit of the profile and of each of these deployments. What may now come out
    otherwise is checked again.
    """
    before = GuardrailProfile.objects.filter(pk=profile_id).first()
    row = writing.change(PROFILE, actor, profile_id, fields, version=version, reason=reason)
    if before is not None:
        ask_again(row, rechecks(before.rules, row.rules))
    return row.version


@verb("guardrails.profile.retire")
def retire_profile(actor: Actor, profile_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take a profile out of use. Raises Conflict for the default one, and while a deployment goes by it."""
    row = writing.locked(PROFILE, actor, profile_id, version=version)
    if row.is_default:
        raise Conflict(
            _(
                "The default profile stays: whoever has no profile of their own goes by it. Change it instead."
            ),
            code="default_profile",
        )
    return writing.retire(PROFILE, actor, profile_id, version=version, reason=reason).version


@verb("guardrails.profile.assign")
def assign_profile(actor: Actor, *, profile: uuid.UUID, deployment: uuid.UUID, reason: str = "") -> uuid.UUID:
    """Let a deployment go by a profile from now on, in the place of the one it had. Returns the assignment.

    Raises Conflict where it goes by this very profile already.
    """
    before = current_assignment(deployment)
    rules = before.profile.rules if before is not None else default_rules()
    if before is not None:
        if before.profile_id == profile:
            raise Conflict(_("The deployment goes by this profile already."), code="already_so")
        writing.end(ASSIGNMENT, actor, before.pk, at=None, version=None, reason=reason)
    fields = {"profile": profile, "deployment": deployment, "valid_from": clock.now()}
    row = writing.insert(ASSIGNMENT, actor, fields, reason=reason)
    ask_again(row.profile, rechecks(rules, row.profile.rules), deployment=deployment)
    return row.pk


@verb("guardrails.profile.unassign")
def unassign_profile(actor: Actor, assignment_id: uuid.UUID, *, reason: str = "") -> uuid.UUID:
    """Let a deployment go by the default profile again. Returns the deployment."""
    row = writing.end(ASSIGNMENT, actor, assignment_id, at=None, version=None, reason=reason)
    default = default_rules()
    ask_again(row.profile, rechecks(row.profile.rules, default), deployment=row.deployment_id)
    return row.deployment_id


def ask_again(
    profile: GuardrailProfile, checks: Collection[Check], *, deployment: uuid.UUID | None = None
) -> None:
    """Note, with the change, what has to be checked again; the workers' clock takes it from there within seconds."""
    if checks:
        words = sorted(check.value for check in checks)
        Recheck.objects.create(profile=profile, deployment_id=deployment, checks=words)


def default_rules() -> Profile:
    """What holds where a deployment has no profile of its own."""
    row = GuardrailProfile.objects.filter(is_default=True).first()
    return row.rules if row is not None else DEFAULT_PROFILE


def current_assignment(deployment_id: uuid.UUID) -> ProfileAssignment | None:
    """The assignment that holds for a deployment; None where it goes by the default."""
    return ProfileAssignment.objects.filter(
        deployment=deployment_id, retired_at__isnull=True, valid_until__isnull=True
    ).first()
