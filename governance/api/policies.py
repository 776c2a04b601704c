"""Policies under `/api/v1`: what is demanded, what came of it, and the verbs of people who manage policies."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Status

from governance.domain.policies import Outcome
from governance.queries import policies as queries
from governance.schemas.policies import (
    DecisionQuery,
    DecisionsOut,
    PolicyEdit,
    PolicyIn,
    PolicyMade,
    PolicyOut,
    PolicyQuery,
    PolicySwitch,
    Reasoned,
    RunOut,
)
from governance.services import policies as services
from inventory.api.resources import actor_of, tag, version_of

router = Router()


@router.get("/policies", response=list[PolicyOut], operation_id="list_policies", summary="Policies")
def list_policies(request: HttpRequest, asked: Query[PolicyQuery]) -> Any:
    """What is demanded, in which mode, and how many subjects it holds for. By name."""
    return queries.list_policies(actor_of(request), retired=asked.retired)


@router.get("/policies/{policy_id}", response=PolicyOut, operation_id="get_policy", summary="One policy")
def get_policy(request: HttpRequest, response: HttpResponse, policy_id: uuid.UUID) -> Any:
    """A policy with its expressions and examples. The ETag names its version."""
    row = queries.policy(actor_of(request), policy_id)
    tag(response, row.version)
    return row


@router.get(
    "/policies/{policy_id}/decisions",
    response=DecisionsOut,
    operation_id="list_policy_decisions",
    summary="What a policy says of its subjects now",
)
def list_decisions(request: HttpRequest, policy_id: uuid.UUID, asked: Query[DecisionQuery]) -> Any:
    """The subjects that came to an outcome, at most 200, with why, since when, and the digest of the facts."""
    actor = actor_of(request)
    row = queries.policy(actor, policy_id)
    return {"counts": row.counts, "items": queries.decisions(actor, policy_id, Outcome(asked.outcome))}


@router.get(
    "/policies/{policy_id}/runs",
    response=list[RunOut],
    operation_id="list_policy_runs",
    summary="Evaluations of a policy",
)
def list_runs(request: HttpRequest, policy_id: uuid.UUID) -> Any:
    """The latest evaluations; those in a row that came to the same are one."""
    queries.policy(actor_of(request), policy_id)
    return queries.runs(policy_id, limit=100)


@router.post(
    "/policies",
    response={HTTPStatus.CREATED: PolicyMade},
    operation_id="write_policy",
    summary="Write a policy",
)
def write_policy(request: HttpRequest, response: HttpResponse, payload: PolicyIn) -> Any:
    """Write a policy down. It begins switched off. Expressions are checked with their types."""
    fields = payload.dict(exclude_unset=True)
    made = services.write_policy(actor_of(request), **fields)
    tag(response, 1)
    return Status(HTTPStatus.CREATED, {"id": made, "version": 1})


@router.patch(
    "/policies/{policy_id}", response=PolicyMade, operation_id="edit_policy", summary="Edit a policy"
)
def edit_policy(
    request: HttpRequest, response: HttpResponse, policy_id: uuid.UUID, payload: PolicyEdit
) -> Any:
    """Change what a policy demands, as a new version. If-Match names the version that was read."""
    fields = payload.dict(exclude_unset=True)
    version = services.edit_policy(actor_of(request), policy_id, version=version_of(request), **fields)
    tag(response, version)
    return {"id": policy_id, "version": version}


@router.post(
    "/policies/{policy_id}/switch",
    response=PolicyMade,
    operation_id="switch_policy",
    summary="Switch a policy",
)
def switch_policy(
    request: HttpRequest, response: HttpResponse, policy_id: uuid.UUID, payload: PolicySwitch
) -> Any:
    """Switch a policy off, into shadow or into force. Its examples must hold before it is switched on."""
    version = services.switch_policy(
        actor_of(request), policy_id, mode=payload.mode, version=version_of(request), reason=payload.reason
    )
    tag(response, version)
    return {"id": policy_id, "version": version}


@router.post(
    "/policies/{policy_id}/retire",
    response=PolicyMade,
    operation_id="retire_policy",
    summary="Retire a policy",
)
def retire_policy(
    request: HttpRequest, response: HttpResponse, policy_id: uuid.UUID, payload: Reasoned
) -> Any:
    """Take a policy out of use for good. It must be switched off."""
    version = services.retire_policy(
        actor_of(request), policy_id, version=version_of(request), reason=payload.reason
    )
    tag(response, version)
    return {"id": policy_id, "version": version}
