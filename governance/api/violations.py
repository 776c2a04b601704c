"""Violations and approvals under `/api/v1`, read only, with the same scoping as the pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from governance.queries import approvals, violations
from governance.schemas.violations import (
    ApprovalOut,
    ApprovalQuery,
    ApprovalsOut,
    ViolationDetailOut,
    ViolationQuery,
    ViolationsOut,
)
from ui.access import actor_of
from ui.tables import COUNT_LIMIT, ListQuery

router = Router()


@router.get("/violations", response=ViolationsOut, operation_id="list_violations", summary="List violations")
def list_violations(request: HttpRequest, asked: Query[ViolationQuery]) -> dict[str, Any]:
    """Violations that you may see, the gravest or latest first."""
    filters: dict[str, Any] = {
        name: value
        for name in ("q", "state", "severity", "policy", "system", "deployment")
        if (value := getattr(asked, name))
    }
    if asked.shadow is not None:
        filters["shadow"] = asked.shadow
    query = ListQuery(filters, asked.sort, descending=True, limit=asked.limit, offset=asked.offset)
    source = violations.source(actor_of(request))
    return {"items": source.rows(query), "count": source.count(query, limit=COUNT_LIMIT)}


@router.get(
    "/violations/{violation_id}",
    response=ViolationDetailOut,
    operation_id="get_violation",
    summary="Read a violation",
)
def get_violation(request: HttpRequest, violation_id: uuid.UUID) -> violations.ViolationDetail:
    """One violation, with its facts as they were and its evidence."""
    return violations.detail(actor_of(request), violation_id)


@router.get("/approvals", response=ApprovalsOut, operation_id="list_approvals", summary="List approvals")
def list_approvals(request: HttpRequest, asked: Query[ApprovalQuery]) -> dict[str, Any]:
    """Approvals that you may see, the latest first."""
    filters = {name: value for name in ("system", "standing") if (value := getattr(asked, name))}
    query = ListQuery(filters, "asked", descending=True, limit=asked.limit, offset=asked.offset)
    source = approvals.ApprovalSource(actor_of(request))
    return {"items": source.rows(query), "count": source.count(query, limit=COUNT_LIMIT)}


@router.get(
    "/approvals/{approval_id}", response=ApprovalOut, operation_id="get_approval", summary="Read an approval"
)
def get_approval(request: HttpRequest, approval_id: uuid.UUID) -> approvals.ApprovalRow:
    """One approval, with what was frozen."""
    return approvals.approval(actor_of(request), approval_id)
