"""Shapes of violations and approvals under `/api/v1`."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any, Literal

from ninja import Field, Schema


class NamedOut(Schema):
    """A thing by id and name."""

    id: uuid.UUID
    name: str


class ViolationOut(Schema):
    """A violation in a list."""

    id: uuid.UUID
    ref: str
    version: int
    policy_key: str
    policy_name: str
    policy_version: int
    severity: str
    kind: str
    shadow: bool
    state: str
    disposition: str
    subject_kind: str
    subject_id: str
    subject_label: str
    reason: str
    system: NamedOut | None
    deployment: NamedOut | None
    unit: NamedOut | None
    owner: NamedOut | None
    first_seen_at: datetime
    last_seen_at: datetime
    opened_at: datetime
    closed_at: datetime | None
    count: int


class ViolationsOut(Schema):
    """A page of them, and how many there are (at most 100,000 are counted)."""

    items: list[ViolationOut]
    count: int


class ViolationDetailOut(Schema):
    """A violation with its facts as they were and the references of its evidence."""

    row: ViolationOut
    sentence: str
    facts: dict[str, Any]
    evidence: list[tuple[str, str]]


class ApprovalOut(Schema):
    """An approval. `standing` says how one that was given stands now: approved, stale or expired."""

    id: uuid.UUID
    ref: str
    version: int
    system: NamedOut | None
    deployment: NamedOut | None
    state: str
    standing: str | None
    asked_by: NamedOut
    asked_at: datetime
    approver: NamedOut
    decided_at: datetime | None
    valid_until: date | None
    digest: str
    bound: dict[str, Any]


class ApprovalsOut(Schema):
    """A page of them."""

    items: list[ApprovalOut]
    count: int


class PageQuery(Schema):
    """Which page."""

    limit: int = Field(50, ge=1, le=500)
    offset: int = Field(0, ge=0, le=100_000)


class ViolationQuery(PageQuery):
    """What violations are asked by; several values of one filter are alternatives."""

    q: str = Field("", max_length=200)
    state: list[str] = Field(default_factory=list, max_length=20)
    severity: list[str] = Field(default_factory=list, max_length=20)
    policy: list[str] = Field(default_factory=list, max_length=20)
    system: list[uuid.UUID] = Field(default_factory=list, max_length=50)
    deployment: list[uuid.UUID] = Field(default_factory=list, max_length=50)
    shadow: bool | None = None
    sort: Literal["severity", "last_seen", "first_seen", "ref"] = "severity"


class ApprovalQuery(PageQuery):
    """What approvals are asked by."""

    system: list[uuid.UUID] = Field(default_factory=list, max_length=50)
    standing: list[str] = Field(default_factory=list, max_length=20)
