"""Guardrail profiles of the group, and who goes by which."""

from __future__ import annotations

from demo.estate.known import Known, absent
from demo.estate.reading import Row, rows, some
from guardrails import services
from guardrails.models import GuardrailProfile, ProfileAssignment
from kernel.actor import Actor

_RULES = (
    "personal_data_enabled", "personal_data_sampling", "personal_data_threshold", "secrets_enabled",
    "secrets_sampling", "secrets_threshold", "groundedness_enabled", "groundedness_sampling",
)  # fmt: skip


def build(actor: Actor, known: Known) -> None:
    """The default profile, and those that say something else. What a person has assigned since stays."""
    services.ensure_default_profile(actor)
    for row in rows("guardrails", "profiles"):
        if absent(GuardrailProfile, slug=row["slug"]):
            _profile(actor, known, row)


def _profile(actor: Actor, known: Known, row: Row) -> None:
    fields = some(row, "name", "slug", "note", *_RULES)
    unit = known.units[row["unit"]] if "unit" in row else None
    made = services.make_profile(actor, unit=unit, **fields)
    for deployment in row["deployments"]:
        if absent(ProfileAssignment, deployment=known.deployments[deployment], valid_until=None):
            services.assign_profile(actor, profile=made, deployment=known.deployments[deployment])
