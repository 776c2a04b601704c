"""Shapes of policies."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from governance.domain.breaches import Kind, Severity
from governance.domain.policies import Mode, Outcome


class PolicyQuery(Schema):
    """`retired` asks for the policies out of use instead."""

    retired: bool = False


class DecisionQuery(Schema):
    """Which outcome."""

    outcome: Outcome = Outcome.FAIL


class CountsOut(Schema):
    """How many subjects came to what."""

    population: int
    passed: int
    failed: int
    indeterminate: int
    not_applicable: int


class PolicyOut(Schema):
    """A policy. Texts are in the caller's language; `counts` are null where it was not evaluated."""

    id: uuid.UUID
    version: int
    slug: str
    name: str
    sentence: str
    breach: str
    advice: str
    subject: str
    severity: str
    kind: str
    mode: str
    mode_since: datetime | None
    revision: int
    unit_id: uuid.UUID | None
    expression: str
    applies_when: str
    examples: list[dict[str, Any]]
    retired_at: datetime | None
    counts: CountsOut | None
    evaluated_at: datetime | None


class DecidedOut(Schema):
    """What a policy says of one subject. `why` says what was missing for an indeterminate one."""

    subject_id: str
    label: str
    outcome: str
    why: str
    since: datetime
    decided_at: datetime
    facts_digest: str
    engine: str
    revision: int


class DecisionsOut(Schema):
    """All counts, and the subjects of one outcome."""

    counts: CountsOut | None
    items: list[DecidedOut]


class RunOut(Schema):
    """Evaluations in a row that came to the same."""

    began_at: datetime
    ended_at: datetime
    evaluations: int
    mode: str
    revision: int
    counts: CountsOut


class ExampleIn(Schema):
    """Facts that must come to an outcome."""

    name: str = Field(min_length=1, max_length=200)
    facts: dict[str, Any]
    expect: Outcome


class Reasoned(Schema):
    """Why; it goes into the history."""

    reason: str = Field("", max_length=500)


class PolicyEdit(Reasoned):
    """What may be changed; what is left out stays."""

    name: str = Field(None, max_length=200)  # type: ignore[assignment]  # absent is not null
    name_fr: str = Field(None, max_length=200)  # type: ignore[assignment]
    sentence: str = Field(None, max_length=2000)  # type: ignore[assignment]
    sentence_fr: str = Field(None, max_length=2000)  # type: ignore[assignment]
    breach: str = Field(None, max_length=300)  # type: ignore[assignment]
    breach_fr: str = Field(None, max_length=300)  # type: ignore[assignment]
    advice: str = Field(None, max_length=2000)  # type: ignore[assignment]
    advice_fr: str = Field(None, max_length=2000)  # type: ignore[assignment]
    unit: uuid.UUID | None = None
    expression: str = Field(None, max_length=8000)  # type: ignore[assignment]
    applies_when: str = Field(None, max_length=8000)  # type: ignore[assignment]
    severity: Severity = Field(None)  # type: ignore[assignment]
    kind: Kind = Field(None)  # type: ignore[assignment]
    examples: list[ExampleIn] = Field(None, max_length=20)  # type: ignore[arg-type]


class PolicyIn(PolicyEdit):
    """A new policy."""

    name: str = Field(max_length=200)
    slug: str = Field("", max_length=80)
    subject: str = Field(max_length=32)
    sentence: str = Field(max_length=2000)
    breach: str = Field(max_length=300)
    expression: str = Field(max_length=8000)


class PolicySwitch(Reasoned):
    """The mode, and why."""

    mode: Mode


class PolicyMade(Schema):
    """A policy's id and the version that the next edit must name."""

    id: uuid.UUID
    version: int
