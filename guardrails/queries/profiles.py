"""Reads of profiles: the list, one with who goes by it, and which one is in force where."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from guardrails.domain.profiles import Profile
from guardrails.domain.rules import rules_of
from guardrails.models import GuardrailProfile, ProfileAssignment
from inventory.models import Deployment
from inventory.queries import values
from inventory.queries.columns import base, columns, open_now, relation
from inventory.queries.listing import By, Filter, Listing, Ref, named, one, ref, visible
from kernel.actor import Actor

MOST_SHOWN = 200
"""Deployments on the page of a profile; their list has them all."""
_OF_DEPLOYMENT = "deployment__system__unit_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileRow(values.Named):
    """A profile. Sampling is of 1,000, thresholds are thousandths. Counted are deployments that the reader may see."""

    unit: Ref | None
    is_default: bool
    personal_data_enabled: bool
    personal_data_sampling: int
    personal_data_threshold: int
    secrets_enabled: bool
    secrets_sampling: int
    secrets_threshold: int
    groundedness_enabled: bool
    groundedness_sampling: int
    note: str
    deployment_count: int

    def rules(self) -> Profile:
        """What the engines go by."""
        return rules_of(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentRow(values.Relation):
    """A deployment that goes, or went, by a profile."""

    profile: Ref
    deployment: Ref
    system: Ref


@dataclass(frozen=True, slots=True)
class ProfileDetail:
    """A profile with its assignments, those that hold first."""

    row: ProfileRow
    assignments: tuple[AssignmentRow, ...]


@dataclass(frozen=True, slots=True)
class InForce:
    """The profile that a deployment goes by. `assignment` None: it has none of its own and goes by the default.

    `profile` None: there is no default on the register yet, and the built-in rules hold.
    """

    profile: ProfileRow | None
    assignment: AssignmentRow | None


_RULES = (
    "personal_data_enabled", "personal_data_sampling", "personal_data_threshold", "secrets_enabled",
    "secrets_sampling", "secrets_threshold", "groundedness_enabled", "groundedness_sampling",
)  # fmt: skip


def _profile(row: GuardrailProfile, counts: dict[uuid.UUID, int]) -> ProfileRow:
    return ProfileRow(
        **base(row),
        **columns(row, "name", "slug", "is_default", "note", *_RULES),
        unit=ref(row.unit),
        deployment_count=counts.get(row.pk, 0),
    )


def _counts(actor: Actor, rows: Sequence[GuardrailProfile]) -> dict[uuid.UUID, int]:
    """Deployments in use by profile; those without one of their own count for the default. At most two queries."""
    held = ProfileAssignment.objects.filter(open_now(), deployment__retired_at__isnull=True)
    mine = visible(actor, held.filter(profile__in=[row.pk for row in rows]), _OF_DEPLOYMENT)
    counts = dict(mine.order_by().values_list("profile_id").annotate(Count("id")))
    default = next((row for row in rows if row.is_default), None)
    if default is not None:
        rest = Deployment.objects.filter(retired_at__isnull=True).exclude(pk__in=held.values("deployment_id"))
        counts[default.pk] = counts.get(default.pk, 0) + visible(actor, rest, "system__unit_id").count()
    return counts


PROFILES: Listing[GuardrailProfile, ProfileRow] = Listing(
    lambda: GuardrailProfile.objects.select_related("unit"),
    _profile,
    unit_path="unit_id",
    filters={"default": Filter("is_default", By.FLAG), "unit": Filter("unit_id", By.UNIT)},
    search=("name", "slug"),
    orders={"name": "name", "updated": "updated_at", "created": "created_at"},
    extras=_counts,
)


def profile_row(actor: Actor, profile_id: uuid.UUID) -> ProfileRow:
    """One profile. Raises NotFound."""
    return one(PROFILES, actor, profile_id)


def profile_detail(actor: Actor, profile_id: uuid.UUID) -> ProfileDetail:
    """One profile with the deployments that go or went by it, as far as the actor may see them. Raises NotFound."""
    row = profile_row(actor, profile_id)
    found = _assignments(actor).filter(profile=profile_id).order_by("-id")[:MOST_SHOWN]
    rows = [_assignment(item) for item in found]
    return ProfileDetail(row, tuple(sorted(rows, key=lambda item: not item.current)))


def in_force(actor: Actor, deployment_id: uuid.UUID) -> InForce:
    """The profile by which a deployment goes now."""
    held = _assignments(actor).filter(open_now(), deployment=deployment_id).first()
    if held is not None:
        return InForce(_profile(held.profile, {}), _assignment(held))
    default = GuardrailProfile.objects.filter(is_default=True).first()
    return InForce(_profile(default, {}) if default else None, None)


def assignment_row(actor: Actor, assignment_id: uuid.UUID) -> AssignmentRow | None:
    """One assignment that holds; None where there is none that the actor may see."""
    held = _assignments(actor).filter(open_now(), pk=assignment_id).first()
    return _assignment(held) if held else None


def deployments_of(profile_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Every deployment that goes by a profile now, whoever may see it; for the default those without their own too."""
    held = ProfileAssignment.objects.filter(open_now())
    found = set(held.filter(profile=profile_id).values_list("deployment_id", flat=True))
    if GuardrailProfile.objects.filter(pk=profile_id, is_default=True).exists():
        rest = Deployment.objects.exclude(pk__in=held.values("deployment_id"))
        found |= set(rest.values_list("pk", flat=True))
    return frozenset(found)


def assigned() -> dict[uuid.UUID, Profile]:
    """The rules of every deployment that has a profile of its own. One query."""
    held = ProfileAssignment.objects.filter(open_now()).select_related("profile")
    return {item.deployment_id: item.profile.rules for item in held}


def default_rules() -> Profile | None:
    """The rules of the default profile; None where nobody has made it yet."""
    row = GuardrailProfile.objects.filter(is_default=True).first()
    return row.rules if row else None


def profile_choices(actor: Actor, *, but: Iterable[uuid.UUID] = ()) -> list[Ref]:
    """The profiles that the actor may assign, by name."""
    rows = visible(actor, GuardrailProfile.objects.filter(retired_at__isnull=True), "unit_id")
    return [named(row) for row in rows.exclude(pk__in=list(but)).order_by("name")[:MOST_SHOWN]]


def _assignments(actor: Actor) -> QuerySet[ProfileAssignment]:
    rows = ProfileAssignment.objects.filter(retired_at__isnull=True)
    return visible(actor, rows.select_related("profile__unit", "deployment__system"), _OF_DEPLOYMENT)


def _assignment(row: ProfileAssignment) -> AssignmentRow:
    return AssignmentRow(
        **relation(row),
        profile=named(row.profile),
        deployment=named(row.deployment),
        system=named(row.deployment.system),
    )
