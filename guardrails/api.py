"""Guardrail profiles under `/api/v1`: list, read, make, change, retire, assign; the same verbs as the pages'."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from guardrails import services
from guardrails.queries import profiles as queries
from guardrails.queries.profiles import PROFILES, ProfileDetail, ProfileRow
from guardrails.schemas import AssignmentIn, ProfileIn
from inventory.api.resources import Resource, actor_of, add
from inventory.schemas import Made, Reasoned

router = Router()

add(
    router,
    Resource(
        "guardrail-profiles",
        "guardrail profile",
        PROFILES,
        ProfileRow,
        queries.profile_detail,
        ProfileDetail,
        ProfileIn,
        services.make_profile,
        services.edit_profile,
        services.retire_profile,
    ),
)


@router.post(
    "/guardrail-assignments",
    response={HTTPStatus.CREATED: Made},
    operation_id="assign_guardrail_profile",
    summary="Assign a guardrail profile",
)
def assign(request: HttpRequest, payload: AssignmentIn) -> Any:
    """Let a deployment go by a profile from now on, in the place of the one it had."""
    return Status(HTTPStatus.CREATED, {"id": services.assign_profile(actor_of(request), **dict(payload))})


@router.post(
    "/guardrail-assignments/{row_id}/end",
    response={HTTPStatus.NO_CONTENT: None},
    operation_id="end_guardrail_assignment",
    summary="Take a guardrail profile from a deployment",
)
def end(request: HttpRequest, row_id: uuid.UUID, payload: Reasoned) -> Any:
    """Let a deployment go by the default profile again."""
    services.unassign_profile(actor_of(request), row_id, reason=payload.reason)
    return Status(HTTPStatus.NO_CONTENT, None)
