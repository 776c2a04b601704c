"""Every address of the register's API."""

from __future__ import annotations

import uuid
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from inventory import queries, schemas, services
from inventory.api.resources import Resource, actor_of, add, tag, version_of
from inventory.domain.words import SpecialCategory
from inventory.queries import listings, values
from inventory.queries.listing import one

router = Router()

RESOURCES = (
    Resource(
        "units",
        "unit",
        row=values.UnitRow,
        detail=queries.unit_detail,
        shape=schemas.UnitIn,
        register=services.register_unit,
        edit=services.edit_unit,
        retire=services.retire_unit,
    ),
    Resource(
        "entities",
        "legal entity",
        listings.ENTITIES,
        values.EntityRow,
        queries.entity_detail,
        values.EntityDetail,
        schemas.EntityIn,
        services.register_entity,
        services.edit_entity,
        services.retire_entity,
    ),
    Resource(
        "sites",
        "site",
        listings.SITES,
        values.SiteRow,
        queries.site_detail,
        values.SiteDetail,
        schemas.SiteIn,
        services.register_site,
        services.edit_site,
        services.retire_site,
    ),
    Resource(
        "fleets",
        "fleet",
        listings.FLEETS,
        values.FleetRow,
        queries.fleet_detail,
        values.FleetDetail,
        schemas.FleetIn,
        services.register_fleet,
        services.edit_fleet,
        services.retire_fleet,
    ),
    Resource(
        "systems",
        "system",
        listings.SYSTEMS,
        values.SystemRow,
        queries.system_detail,
        values.SystemDetail,
        schemas.SystemIn,
        services.register_system,
        services.edit_system,
        services.retire_system,
    ),
    Resource(
        "datasets",
        "dataset",
        listings.DATASETS,
        values.DatasetRow,
        queries.dataset_detail,
        values.DatasetDetail,
        schemas.DatasetIn,
        services.register_dataset,
        services.edit_dataset,
        services.retire_dataset,
    ),
    Resource(
        "dataset-versions",
        "dataset version",
        listings.DATASET_VERSIONS,
        values.DatasetVersionRow,
        queries.dataset_version_detail,
        None,
        schemas.DatasetVersionIn,
        services.register_dataset_version,
        services.edit_dataset_version,
        services.retire_dataset_version,
    ),
    Resource(
        "models",
        "model",
        listings.MODELS,
        values.ModelRow,
        queries.model_detail,
        values.ModelDetail,
        schemas.ModelIn,
        services.register_model,
        services.edit_model,
        services.retire_model,
    ),
    Resource(
        "model-versions",
        "model version",
        listings.MODEL_VERSIONS,
        values.ModelVersionRow,
        queries.model_version_detail,
        values.ModelVersionDetail,
        schemas.ModelVersionIn,
        services.register_model_version,
        services.edit_model_version,
        services.retire_model_version,
    ),
    Resource(
        "endpoints",
        "endpoint",
        listings.ENDPOINTS,
        values.EndpointRow,
        queries.endpoint_detail,
        values.EndpointDetail,
        schemas.EndpointIn,
        services.register_endpoint,
        services.edit_endpoint,
        services.retire_endpoint,
    ),
    Resource(
        "deployments",
        "deployment",
        listings.DEPLOYMENTS,
        values.DeploymentRow,
        queries.deployment_detail,
        values.DeploymentDetail,
        schemas.DeploymentIn,
        services.register_deployment,
        services.edit_deployment,
        services.retire_deployment,
    ),
    Resource(
        "sender-rules",
        "sender rule",
        listings.RULES,
        values.RuleRow,
        queries.rule_detail,
        None,
        schemas.RuleIn,
        services.register_rule,
        services.edit_rule,
        services.retire_rule,
    ),
    Resource("keys", "key", listings.KEYS, values.KeyRow, queries.key_detail),
)
for resource in RESOURCES:
    add(router, resource)


@router.get(
    "/units", response=list[values.UnitRow], operation_id="list_units", summary="List units, as a tree"
)
def list_units(request: HttpRequest, *, retired: bool = False) -> Any:
    """The units that you may see, each after the one it belongs to."""
    return queries.list_units(actor_of(request), retired=retired)


def _changed(response: HttpResponse, version: int) -> dict[str, int]:
    tag(response, version)
    return {"version": version}


@router.post("/systems/{row_id}/classify", response=schemas.Changed, operation_id="classify_system")
def classify_system(
    request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.ClassifyIn
) -> Any:
    """Give a system its risk class, and say why."""
    version = version_of(request)
    return _changed(
        response, services.classify_system(actor_of(request), row_id, version=version, **dict(payload))
    )


@router.post("/systems/{row_id}/state", response=schemas.Changed, operation_id="move_system")
def move_system(
    request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.SystemStateIn
) -> Any:
    """Bring a system into another state."""
    version = version_of(request)
    return _changed(
        response, services.move_system(actor_of(request), row_id, version=version, **dict(payload))
    )


@router.post("/model-versions/{row_id}/state", response=schemas.Changed, operation_id="move_model_version")
def move_model_version(
    request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.ModelStateIn
) -> Any:
    """Approve, restrict, block or deprecate a model version."""
    version = version_of(request)
    return _changed(
        response, services.move_model_version(actor_of(request), row_id, version=version, **dict(payload))
    )


@router.post("/deployments/{row_id}/state", response=schemas.Changed, operation_id="move_deployment")
def move_deployment(
    request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.DeploymentStateIn
) -> Any:
    """Start, pause or resume a deployment."""
    version = version_of(request)
    return _changed(
        response, services.move_deployment(actor_of(request), row_id, version=version, **dict(payload))
    )


RELATIONS: tuple[tuple[str, str, type[schemas.Reasoned], Any, Any], ...] = (
    ("system-roles", "role", schemas.RoleIn, services.assign_role, services.end_role),
    ("model-trainings", "training", schemas.TrainingIn, services.add_training, services.end_training),
    ("endpoint-models", "served model", schemas.ServesIn, services.serve_model, services.end_serving),
    ("endpoint-routes", "route", schemas.RouteIn, services.route_endpoint, services.end_route),
    ("placements", "placement", schemas.PlacementIn, services.place_deployment, services.end_placement),
    ("uses", "use", schemas.UseIn, services.use_endpoint, services.end_use),
    ("bindings", "binding", schemas.BindingIn, services.bind_dataset, services.end_binding),
)


def _add_relation(path: str, name: str, shape: type[schemas.Reasoned], begin: Any, end: Any) -> None:
    add(router, Resource(path, name, shape=shape, register=begin))

    def finish(
        request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.EndIn
    ) -> Any:
        version = end(actor_of(request), row_id, at=payload.at, reason=payload.reason)
        return _changed(response, version)

    router.add_api_operation(
        f"/{path}/{{row_id}}/end",
        ["POST"],
        finish,
        response=schemas.Changed,
        operation_id=f"end_{name.replace(' ', '_')}",
        summary=f"Say until when a {name} held",
    )


for relation in RELATIONS:
    _add_relation(*relation)


@router.post("/model-relations", response={201: schemas.Made}, operation_id="relate_model_versions")
def relate_model_versions(request: HttpRequest, payload: schemas.ModelRelationIn) -> Any:
    """Say how a model version came from another one."""
    made = services.relate_model_versions(actor_of(request), **dict(payload))
    return Status(HTTPStatus.CREATED, {"id": made})


@router.post(
    "/model-relations/{row_id}/withdraw", response=schemas.Changed, operation_id="withdraw_model_relation"
)
def withdraw_model_relation(request: HttpRequest, row_id: uuid.UUID, payload: schemas.Reasoned) -> Any:
    """Take back a descent that was said in error."""
    return {"version": services.withdraw_model_relation(actor_of(request), row_id, reason=payload.reason)}


@router.post("/keys", response={201: schemas.MadeKey}, operation_id="make_key")
def make_key(request: HttpRequest, payload: schemas.KeyIn) -> Any:
    """Make an endpoint key. The token is shown this once."""
    return Status(HTTPStatus.CREATED, services.make_key(actor_of(request), **dict(payload)))


@router.put("/keys/{row_id}", response=schemas.Changed, operation_id="edit_key")
def edit_key(
    request: HttpRequest, response: HttpResponse, row_id: uuid.UUID, payload: schemas.KeyEdit
) -> Any:
    """Rename a key, move its end or its bound of senders."""
    version = version_of(request)
    return _changed(response, services.edit_key(actor_of(request), row_id, version=version, **dict(payload)))


@router.post("/keys/{row_id}/rotate", response={201: schemas.MadeKey}, operation_id="rotate_key")
def rotate_key(request: HttpRequest, row_id: uuid.UUID, payload: schemas.RotateIn) -> Any:
    """Replace a key. The old one works until the overlap is over; the new token is shown this once."""
    overlap = timedelta(hours=payload.overlap_hours)
    made = services.rotate_key(actor_of(request), row_id, overlap=overlap, reason=payload.reason)
    return Status(HTTPStatus.CREATED, made)


@router.post("/keys/{row_id}/revoke", response=schemas.Changed, operation_id="revoke_key")
def revoke_key(request: HttpRequest, row_id: uuid.UUID, payload: schemas.Reasoned) -> Any:
    """Shut a key for good, within a second everywhere."""
    return {"version": services.revoke_key(actor_of(request), row_id, reason=payload.reason)}


@router.post("/senders/promote", response={201: schemas.Made}, operation_id="promote_sender")
def promote_sender(request: HttpRequest, payload: schemas.PromoteIn) -> Any:
    """Say that a discovered sender is a deployment, for its whole past unless dates say otherwise."""
    fields = dict(payload)
    identity = fields.pop("sender").identity()
    return Status(
        HTTPStatus.CREATED, {"id": services.promote_sender(actor_of(request), identity=identity, **fields)}
    )


@router.post("/senders/merge", response={201: schemas.MadeMany}, operation_id="merge_senders")
def merge_senders(request: HttpRequest, payload: schemas.MergeIn) -> Any:
    """Say that several senders are one deployment."""
    identities = [sender.identity() for sender in payload.senders]
    made = services.merge_senders(
        actor_of(request), identities=identities, deployment=payload.deployment, reason=payload.reason
    )
    return Status(HTTPStatus.CREATED, {"ids": made})


@router.post("/senders/dismiss", response={201: schemas.Made}, operation_id="dismiss_sender")
def dismiss_sender(request: HttpRequest, payload: schemas.DismissIn) -> Any:
    """Say that a sender is no AI of ours, and why."""
    made = services.dismiss_sender(
        actor_of(request), identity=payload.sender.identity(), reason=payload.reason
    )
    return Status(HTTPStatus.CREATED, {"id": made})


@router.get("/sender-dismissals", response=schemas.Rows[schemas.Dismissal], operation_id="list_dismissals")
def list_dismissals(request: HttpRequest, limit: int = 50, offset: int = 0) -> Any:
    """Dismissed senders, newest first."""
    actor = actor_of(request)
    found = queries.list_dismissals(actor, limit=limit, offset=offset)
    items = [_dismissal(row) for row in found]
    return {"items": items, "total": queries.count_dismissals(actor), "limit": limit, "offset": offset}


@router.post("/sender-dismissals/{row_id}/end", response={204: None}, operation_id="undismiss_sender")
def undismiss_sender(request: HttpRequest, row_id: uuid.UUID, payload: schemas.Reasoned) -> Any:
    """Call a dismissed sender back to the discovered ones."""
    actor = actor_of(request)
    found = one(listings.DISMISSALS, actor, row_id)
    services.undismiss_sender(actor, sender_id=found.sender_id, reason=payload.reason)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/register-simple", response={201: services.Registered}, operation_id="register_simple")
def register_simple(request: HttpRequest, payload: schemas.SimpleIn) -> Any:
    """Name a system, a model and a place: makes everything in between, or nothing."""
    fields = dict(payload)
    fields["system"] = _new(payload.system, services.NewSystem)
    fields["model"] = _new(payload.model, services.NewModel)
    fields["place"] = _new(payload.place, services.NewSite)
    fields["sender"] = _new(payload.sender, services.ServicePattern)
    return Status(HTTPStatus.CREATED, services.register_simple(actor_of(request), **fields))


@router.get(
    "/questions/systems-touching", response=list[queries.TouchingSystem], operation_id="systems_touching"
)
def systems_touching(
    request: HttpRequest, *, special_category: SpecialCategory, only_live: bool = True
) -> Any:
    """Which (live) systems touch data of a special category, where, and who owns them."""
    return queries.systems_touching(actor_of(request), special_category=special_category, only_live=only_live)


@router.get("/questions/estate-by-tier", response=list[queries.TierCount], operation_id="estate_by_tier")
def estate_by_tier(request: HttpRequest) -> Any:
    """The nine tiers with their sites and deployments."""
    return queries.estate_by_tier(actor_of(request))


def _new(given: Any, shape: Any) -> Any:
    return shape(**dict(given)) if isinstance(given, schemas.Input) else given


def _dismissal(row: values.DismissalRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "version": row.version,
        "created_at": row.created_at,
        "retired_at": row.retired_at,
        "sender_id": row.sender_id.hex(),
        "key": row.key.id,
        "service_namespace": row.service_namespace,
        "service_name": row.service_name,
        "environment": row.environment,
        "place": row.place,
        "claimed_deployment": row.claimed_deployment,
        "reason": row.reason,
    }
