"""Verbs on endpoints, their routes, and the model versions they serve."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypedDict, Unpack

from django.utils.translation import gettext as _

from audit.services import verb
from inventory.domain.graphs import closes_circle
from inventory.models import EndpointRoute
from inventory.services.nouns import ENDPOINT, ENDPOINT_ROUTE, ENDPOINT_SERVES
from inventory.services.writing import change, end, insert, retire
from kernel.actor import Actor
from kernel.errors import Invalid


class EndpointFields(TypedDict, total=False):
    name: str
    slug: str
    kind: str
    site: uuid.UUID | None
    fleet: uuid.UUID | None
    operator: uuid.UUID | None
    unit: uuid.UUID | None
    processing_regions: list[str]
    host: str
    observable: list[str] | None
    model_disclosure: str
    note: str


@verb("inventory.endpoint.register")
def register_endpoint(actor: Actor, *, reason: str = "", **fields: Unpack[EndpointFields]) -> uuid.UUID:
    """Put a place where a model answers on the register."""
    return insert(ENDPOINT, actor, fields, reason=reason).pk


@verb("inventory.endpoint.edit")
def edit_endpoint(
    actor: Actor,
    endpoint_id: uuid.UUID,
    *,
    version: int | None,
    reason: str = "",
    **fields: Unpack[EndpointFields],
) -> int:
    """Change an endpoint; returns the new version."""
    return change(ENDPOINT, actor, endpoint_id, fields, version=version, reason=reason).version


@verb("inventory.endpoint.retire")
def retire_endpoint(actor: Actor, endpoint_id: uuid.UUID, *, version: int | None, reason: str) -> int:
    """Take an endpoint out of use that no deployment uses and no gateway routes to any more."""
    return retire(ENDPOINT, actor, endpoint_id, version=version, reason=reason).version


@verb("inventory.endpoint_serves.begin")
def serve_model(
    actor: Actor,
    *,
    endpoint: uuid.UUID,
    model_version: uuid.UUID,
    alias: str = "",
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that an endpoint answers with a model version, under an alias."""
    fields = {
        "endpoint": endpoint,
        "model_version": model_version,
        "alias": alias,
        "valid_from": valid_from,
    }
    return insert(ENDPOINT_SERVES, actor, fields, reason=reason).pk


@verb("inventory.endpoint_serves.end")
def end_serving(
    actor: Actor,
    serves_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when an endpoint answered with a model version."""
    return end(ENDPOINT_SERVES, actor, serves_id, at=at, version=version, reason=reason).version


@verb("inventory.endpoint_route.begin")
def route_endpoint(
    actor: Actor,
    *,
    gateway: uuid.UUID,
    upstream: uuid.UUID,
    alias: str = "",
    priority: int = 0,
    valid_from: datetime | None = None,
    reason: str = "",
) -> uuid.UUID:
    """Say that a gateway passes calls on to another endpoint. Raises Invalid where calls would go in a circle."""
    edges = EndpointRoute.objects.filter(retired_at__isnull=True, valid_until__isnull=True)
    if closes_circle(edges.values_list("gateway_id", "upstream_id"), (gateway, upstream)):
        problem = _("Calls would go round in a circle.")
        raise Invalid(problem, code="circle", fields={"upstream": [problem]})
    fields = {
        "gateway": gateway,
        "upstream": upstream,
        "alias": alias,
        "priority": priority,
        "valid_from": valid_from,
    }
    return insert(ENDPOINT_ROUTE, actor, fields, reason=reason).pk


@verb("inventory.endpoint_route.end")
def end_route(
    actor: Actor,
    route_id: uuid.UUID,
    *,
    at: datetime | None = None,
    version: int | None = None,
    reason: str = "",
) -> int:
    """Say until when a gateway passed calls on."""
    return end(ENDPOINT_ROUTE, actor, route_id, at=at, version=version, reason=reason).version
