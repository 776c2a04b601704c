"""One thing and what it is connected to: a bounded number of queries each, scoped like the lists."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from inventory import models
from inventory.domain.states import DEPLOYMENT_STEPS, MODEL_STEPS, SYSTEM_STEPS, Table, next_steps
from inventory.models.base import Kept
from inventory.queries import estate_rows, listings, register_rows, values
from inventory.queries.listing import MOST_ROWS, Listing, one, page, visible
from inventory.queries.lists import list_units
from kernel.actor import Actor
from kernel.errors import NotFound

M = TypeVar("M", bound=Kept)
T = TypeVar("T")
MOST_RELATED = 200
"""No page shows more of one relation; the list behind the number has them all."""

_BY_SYSTEM = "deployment__system__unit_id"


def unit_detail(actor: Actor, unit_id: uuid.UUID) -> values.UnitRow:
    """A unit. Raises NotFound."""
    for row in list_units(actor, retired=True):
        if row.id == unit_id:
            return row
    raise NotFound(_("There is no such thing, or you may not see it."))


def entity_detail(actor: Actor, entity_id: uuid.UUID) -> values.EntityDetail:
    """A legal entity with its roles, models, sites and endpoints. Raises NotFound."""
    return values.EntityDetail(
        row=one(listings.ENTITIES, actor, entity_id),
        roles=_related(actor, _roles().filter(entity=entity_id), "system__unit_id", register_rows.role),
        models=_listed(listings.MODELS, actor, provider=entity_id),
        sites=_listed(listings.SITES, actor, operator=entity_id),
        endpoints=_listed(listings.ENDPOINTS, actor, operator=entity_id),
    )


def site_detail(actor: Actor, site_id: uuid.UUID) -> values.SiteDetail:
    """A site with what lies in it and what is placed there. Raises NotFound."""
    here = Q(site=site_id) | Q(fleet__site=site_id)
    return values.SiteDetail(
        row=one(listings.SITES, actor, site_id),
        children=_listed(listings.SITES, actor, parent=site_id),
        fleets=_listed(listings.FLEETS, actor, site=site_id),
        endpoints=_listed(listings.ENDPOINTS, actor, site=site_id),
        placements=_related(actor, _placements().filter(here), _BY_SYSTEM, estate_rows.placement),
    )


def fleet_detail(actor: Actor, fleet_id: uuid.UUID) -> values.FleetDetail:
    """A fleet with what answers and what is placed on it. Raises NotFound."""
    return values.FleetDetail(
        row=one(listings.FLEETS, actor, fleet_id),
        endpoints=_listed(listings.ENDPOINTS, actor, fleet=fleet_id),
        placements=_related(actor, _placements().filter(fleet=fleet_id), _BY_SYSTEM, estate_rows.placement),
    )


def system_detail(actor: Actor, system_id: uuid.UUID) -> values.SystemDetail:
    """A system with its roles, deployments, endpoints and data. Raises NotFound."""
    row = one(listings.SYSTEMS, actor, system_id)
    return values.SystemDetail(
        row=row,
        roles=_related(actor, _roles().filter(system=system_id), "system__unit_id", register_rows.role),
        deployments=_listed(listings.DEPLOYMENTS, actor, system=system_id),
        uses=_related(actor, _uses().filter(deployment__system=system_id), _BY_SYSTEM, estate_rows.use),
        bindings=_related(
            actor, _bindings().filter(deployment__system=system_id), _BY_SYSTEM, estate_rows.binding
        ),
        next_states=_next(SYSTEM_STEPS, row.state),
    )


def dataset_detail(actor: Actor, dataset_id: uuid.UUID) -> values.DatasetDetail:
    """A dataset with its versions, what works on them and what was trained on them. Raises NotFound."""
    of_this = {"dataset_version__dataset": dataset_id}
    return values.DatasetDetail(
        row=one(listings.DATASETS, actor, dataset_id),
        versions=_listed(listings.DATASET_VERSIONS, actor, order="-created", dataset=dataset_id),
        bindings=_related(actor, _bindings().filter(**of_this), _BY_SYSTEM, estate_rows.binding),
        trainings=_related(
            actor,
            _trainings().filter(**of_this),
            "dataset_version__dataset__unit_id",
            register_rows.training,
        ),
    )


def dataset_version_detail(actor: Actor, dataset_version_id: uuid.UUID) -> values.DatasetVersionRow:
    """A dataset version. Raises NotFound."""
    return one(listings.DATASET_VERSIONS, actor, dataset_version_id)


def model_detail(actor: Actor, model_id: uuid.UUID) -> values.ModelDetail:
    """A model with its versions and the endpoints that serve them. Raises NotFound."""
    return values.ModelDetail(
        row=one(listings.MODELS, actor, model_id),
        versions=_listed(listings.MODEL_VERSIONS, actor, order="-updated", model=model_id),
        served_by=_related(
            actor, _serves().filter(model_version__model=model_id), "endpoint__unit_id", estate_rows.serves
        ),
    )


def model_version_detail(actor: Actor, model_version_id: uuid.UUID) -> values.ModelVersionDetail:
    """A model version with its descent both ways, its training data and where it answers. Raises NotFound."""
    row = one(listings.MODEL_VERSIONS, actor, model_version_id)
    descents = models.ModelRelation.objects.select_related("child__model", "parent__model")
    return values.ModelVersionDetail(
        row=row,
        origins=_related(actor, descents.filter(child=row.id), None, register_rows.descent),
        descendants=_related(actor, descents.filter(parent=row.id), None, register_rows.descent),
        trainings=_related(
            actor,
            _trainings().filter(model_version=row.id),
            "dataset_version__dataset__unit_id",
            register_rows.training,
        ),
        served_by=_related(
            actor, _serves().filter(model_version=row.id), "endpoint__unit_id", estate_rows.serves
        ),
        next_states=_next(MODEL_STEPS, row.state),
    )


def endpoint_detail(actor: Actor, endpoint_id: uuid.UUID) -> values.EndpointDetail:
    """An endpoint with its models, routes, users and sender rules. Raises NotFound."""
    routes = models.EndpointRoute.objects.select_related("gateway", "upstream")
    return values.EndpointDetail(
        row=one(listings.ENDPOINTS, actor, endpoint_id),
        serves=_related(
            actor, _serves().filter(endpoint=endpoint_id), "endpoint__unit_id", estate_rows.serves
        ),
        routes=_related(actor, routes.filter(gateway=endpoint_id), "upstream__unit_id", estate_rows.route),
        routed_from=_related(
            actor, routes.filter(upstream=endpoint_id), "gateway__unit_id", estate_rows.route
        ),
        used_by=_related(actor, _uses().filter(endpoint=endpoint_id), _BY_SYSTEM, estate_rows.use),
        rules=_listed(listings.RULES, actor, order="-created", endpoint=endpoint_id),
    )


def deployment_detail(actor: Actor, deployment_id: uuid.UUID) -> values.DeploymentDetail:
    """A deployment with its places, endpoints, models, data, sender rules and keys. Raises NotFound."""
    row = one(listings.DEPLOYMENTS, actor, deployment_id)
    uses = _related(actor, _uses().filter(deployment=row.id), _BY_SYSTEM, estate_rows.use)
    served = _serves().filter(endpoint__in={use.endpoint.id for use in uses if use.current})
    return values.DeploymentDetail(
        row=row,
        placements=_related(
            actor, _placements().filter(deployment=row.id), _BY_SYSTEM, estate_rows.placement
        ),
        uses=uses,
        serves=_related(actor, served, "endpoint__unit_id", estate_rows.serves),
        bindings=_related(actor, _bindings().filter(deployment=row.id), _BY_SYSTEM, estate_rows.binding),
        rules=_listed(listings.RULES, actor, order="-created", deployment=row.id),
        keys=_listed(listings.KEYS, actor, order="-created", deployment=row.id),
        next_states=_next(DEPLOYMENT_STEPS, row.state),
    )


def key_detail(actor: Actor, key_id: uuid.UUID) -> values.KeyRow:
    """An endpoint key, without anything secret. Raises NotFound."""
    return one(listings.KEYS, actor, key_id)


def rule_detail(actor: Actor, rule_id: uuid.UUID) -> values.RuleRow:
    """A sender rule. Raises NotFound."""
    return one(listings.RULES, actor, rule_id)


def _related(
    actor: Actor, rows: QuerySet[M, M], unit_path: str | None, value: Callable[[M], T]
) -> tuple[T, ...]:
    """Relations not taken back, the newest first."""
    query = visible(actor, rows.filter(retired_at__isnull=True), unit_path)
    return tuple(value(row) for row in query.order_by("-id")[:MOST_RELATED])


def _listed(listing: Listing[Any, T], actor: Actor, *, order: str = "", **wanted: uuid.UUID) -> tuple[T, ...]:
    filters = {name: [str(value)] for name, value in wanted.items()}
    filters["retired"] = ["any"]
    return tuple(page(listing, actor, filters=filters, order=order, limit=min(MOST_RELATED, MOST_ROWS)))


def _next(table: Table, state: str) -> tuple[str, ...]:
    return tuple(step.to.value for step in next_steps(table, state))


def _roles() -> QuerySet[models.SystemRole, models.SystemRole]:
    return models.SystemRole.objects.select_related("system", "entity")


def _placements() -> QuerySet[models.Placement, models.Placement]:
    return models.Placement.objects.select_related("deployment", "site", "fleet__site")


def _uses() -> QuerySet[models.DeploymentUse, models.DeploymentUse]:
    return models.DeploymentUse.objects.select_related("deployment", "endpoint")


def _bindings() -> QuerySet[models.Binding, models.Binding]:
    return models.Binding.objects.select_related("deployment__system", "dataset_version__dataset")


def _trainings() -> QuerySet[models.ModelTraining, models.ModelTraining]:
    return models.ModelTraining.objects.select_related("model_version__model", "dataset_version__dataset")


def _serves() -> QuerySet[models.EndpointServes, models.EndpointServes]:
    return models.EndpointServes.objects.select_related("endpoint", "model_version__model")
