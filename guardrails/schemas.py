"""Shapes of the guardrail API. What comes in is closed; what goes out are queries' values."""

from __future__ import annotations

import uuid

from pydantic import Field

from guardrails.domain.profiles import PER_MILLE
from inventory.schemas import Reasoned


class ProfileIn(Reasoned):
    """A profile. Sampling is of 1,000 (1 to 1,000), thresholds are thousandths (0 to 1,000)."""

    name: str
    slug: str = ""
    unit: uuid.UUID | None = None
    personal_data_enabled: bool = True
    personal_data_sampling: int = Field(PER_MILLE, ge=1, le=PER_MILLE)
    personal_data_threshold: int = Field(500, ge=0, le=PER_MILLE)
    secrets_enabled: bool = True
    secrets_sampling: int = Field(PER_MILLE, ge=1, le=PER_MILLE)
    secrets_threshold: int = Field(500, ge=0, le=PER_MILLE)
    groundedness_enabled: bool = True
    groundedness_sampling: int = Field(PER_MILLE, ge=1, le=PER_MILLE)
    note: str = ""


class AssignmentIn(Reasoned):
    """Which deployment goes by which profile from now on."""

    profile: uuid.UUID
    deployment: uuid.UUID
